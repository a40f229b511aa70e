"""A panel's file that is missing or damaged says so, by its name."""

import re

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
