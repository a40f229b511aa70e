"""The rooms of a package, their imports and circles, as `tools/rooms.py` prints them."""

import sys

import rooms


def test_a_circle_is_found(tmp_path, monkeypatch, capsys):
    house = tmp_path / "house"
    (house / "attic").mkdir(parents=True)
    (house / "__init__.py").touch()
    (house / "attic" / "__init__.py").touch()
    (house / "attic" / "box.py").write_text("from ..cellar import wine\n")
    (house / "cellar.py").write_text("def wine():\n    from .attic import box\n")
    (house / "hall.py").write_text("from . import cellar\n")
    monkeypatch.syspath_prepend(tmp_path)
    rooms.main("house")
    monkeypatch.delitem(sys.modules, "house", raising=False)
    assert capsys.readouterr().out.splitlines() == [
        "__init__: ",
        "attic: cellar",
        "cellar: attic",
        "hall: cellar",
        "4 rooms, 3 imports between them",
        "circles: attic, cellar",
    ]


def test_the_house_has_no_circles():
    for floor in ("", ".edge", ".explorers", ".figures"):
        assert rooms.circles(rooms.arrows(f"deeplearn_utils{floor}")) == []
