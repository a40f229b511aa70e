"""A small package of its own name, for programs that read packages without importing them."""

import itertools
from pathlib import Path

import pytest

import imported

counter = itertools.count()


def write_package(
    root: Path, files: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> imported.Package:
    """Write files; in their paths and texts `{0}` stands for the package's name, never used yet."""
    name = f"small_{next(counter)}"
    for file, text in files.items():
        path = root / file.replace("{0}", name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace("{0}", name))
    monkeypatch.syspath_prepend(str(root))
    return imported.Package(name, root)
