"""A panel's file that is missing or damaged says so, by its name."""

import re
from pathlib import Path

import pytest

from deeplearn_utils.explorers.deployment import measured
from deeplearn_utils.explorers.edge import compressed, reader
from deeplearn_utils.explorers.parts import stored

DATA = [
    (measured, "latencies.json", measured.measured),
    (compressed, "compressed.json", compressed.compressed),
    (reader, "reader.json", reader.reader),
]


@pytest.mark.parametrize(("module", "name", "ask"), DATA)
@pytest.mark.parametrize("text", ["", "{", "{}", "[]", "null", "\udcff"])
def test_a_damaged_file_is_named(module, name, ask, text, tmp_path, monkeypatch):
    monkeypatch.setattr(stored, "files", lambda package: tmp_path)
    ask.cache_clear()
    (tmp_path / name).write_bytes(text.encode(errors="surrogateescape"))
    file = re.escape(str(tmp_path / name))
    with pytest.raises(ValueError, match=rf"^{file} is damaged \([^\n]+\); fetch the book anew$"):
        ask()
    (tmp_path / name).unlink()
    with pytest.raises(ValueError, match=rf"^{file} is missing \([^\n]+\); fetch the book anew$"):
        ask()
    monkeypatch.undo()
    ask()


@pytest.mark.parametrize(("module", "name", "ask"), DATA)
def test_another_number_is_no_less_a_damage(module, name, ask, tmp_path, monkeypatch):
    whole = Path(module.__file__).with_name(name).read_text("utf-8")
    monkeypatch.setattr(stored, "files", lambda package: tmp_path)
    ask.cache_clear()
    reason = "ValueError: its text does not fit its SHA-256"
    message = f"{tmp_path / name} is damaged ({reason}); fetch the book anew"
    for at in range(0, len(whole), len(whole) // 40):
        (tmp_path / name).write_text(f"{whole[:at]}9{whole[at + (whole[at] != '9') :]}", "utf-8")
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            ask()
