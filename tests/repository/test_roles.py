"""Each folder has a role, and sync, nbval and the site treat its notebooks as it says."""

import json
import re
import runpy

import nbformat
import pytest

import check
import roles
import running
import sync
from roles import ROOT

HEADER = "---\nkernelspec:\n  display_name: Python 3\n  language: python\n  name: python3\n---\n"
SMALL = HEADER + "\n# Small\n\n```{code-cell} ipython3\nx = 1\n```\n"
PLACES = {
    "chapters/01_small": "chapter",
    "chapters/deeper/02_small": "chapter",
    "chapters/assignments/01_small": "student notebook",
    "chapters/assignments/deeper/01_small": "student notebook",
    "chapters/assignments/solutions/01_small": "solution",
    "tests/notebooks/small": "kernel notebook",
    "book/small": "page",
}


@pytest.fixture
def project(tmp_path):
    """A project with a notebook in each folder: generated where the role says so, else new."""
    for place, name in PLACES.items():
        path = tmp_path / place
        path.parent.mkdir(parents=True, exist_ok=True)
        if name == "student notebook":
            cell = nbformat.v4.new_code_cell("x = ...", id="a", metadata={"nbgrader": {}})
            nbformat.write(nbformat.v4.new_notebook(cells=[cell]), path.with_suffix(".ipynb"))
        else:
            path.with_suffix(".md").write_text(SMALL)
    for page in ("book/faq.md", "chapters/README.md", "chapters/assignments/README.md"):
        (tmp_path / page).write_text("# No notebook\n")
    (tmp_path / "chapters" / ".ipynb_checkpoints").mkdir()
    (tmp_path / "chapters" / ".ipynb_checkpoints" / "01_small.ipynb").write_text("{}")
    return tmp_path


def names(root, pairs):
    return {str(p.text.relative_to(root).with_suffix("")): p.role.name for p in pairs}


def test_each_notebook_has_the_role_of_its_innermost_folder(project):
    assert names(project, roles.find_notebooks(project)) == PLACES


def test_generated_notebooks_are_no_pairs(project):
    paired = {place: name for place, name in PLACES.items() if name != "student notebook"}
    assert names(project, roles.find_pairs(project)) == paired
    assert {place for place, role in PLACES.items() if role == "solution"} <= set(paired)


def test_sync_leaves_generated_notebooks_alone(project, monkeypatch):
    monkeypatch.setattr(running, "run_cells", lambda notebook, *_: None)
    generated = [project / f"{p}.ipynb" for p in PLACES if PLACES[p] == "student notebook"]
    before = [file.read_bytes() for file in generated]
    assert sync.sync_all(roles.find_pairs(project)) == 0
    assert [file.read_bytes() for file in generated] == before
    assert not any(file.with_suffix(".md").exists() for file in generated)
    written = {file.with_suffix("") for file in project.rglob("*.ipynb")}
    assert {project / place for place in PLACES} <= written


def test_sync_says_that_a_named_notebook_is_generated(monkeypatch):
    whole = "chapters/assignments/01_x.ipynb: a student notebook is generated"
    monkeypatch.chdir(ROOT)
    with pytest.raises(SystemExit, match=f"^{re.escape(whole)}$"):
        sync.find_named([roles.Path("chapters/assignments/01_x.ipynb")])
    with pytest.raises(SystemExit, match=r"^README\.md: no notebook$"):
        sync.find_named([roles.Path("README.md")])


def test_nbval_runs_solutions_and_no_students_notebook(project, monkeypatch):
    commands = []
    found = roles.find_notebooks(project)
    monkeypatch.setattr(check, "find_notebooks", lambda: found)
    monkeypatch.setattr(check, "pytest", lambda *command, **_: commands.append(command))
    check.notebooks()
    run = {word.removesuffix(".ipynb") for word in commands[0] if word.endswith(".ipynb")}
    expected = {place for place, role in PLACES.items() if role != "student notebook"}
    assert run == {str(project / place) for place in expected}


def test_the_site_shows_neither_solutions_nor_students_notebooks(project, monkeypatch):
    found = [
        roles.Pair(
            ROOT / p.text.relative_to(project), ROOT / p.notebook.relative_to(project), p.role
        )
        for p in roles.find_notebooks(project)
    ]
    monkeypatch.setattr(roles, "find_notebooks", lambda: found)
    excluded = set(runpy.run_path(str(ROOT / "book" / "conf.py"))["exclude_patterns"])
    for place, role in PLACES.items():
        assert f"{place}.md" in excluded
        assert (f"{place}.ipynb" in excluded) == (role not in ("chapter", "page"))


def test_students_notebooks_hold_no_outputs_and_have_no_text_beside_them():
    for pair in roles.find_notebooks():
        if not pair.role.paired:
            notebook = json.loads(pair.notebook.read_text(encoding="utf-8"))
            assert not [cell for cell in notebook["cells"] if cell.get("outputs")], pair.notebook
            assert not pair.text.exists(), pair.text
