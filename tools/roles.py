"""What the notebooks of each folder are for: one table, read by sync, checks, site and tests."""

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Role:
    """What the notebooks below a folder are, and what is done with them."""

    name: str
    folder: str
    paired: bool = True
    """Whether the .md is the source, and sync runs it; a generated notebook is left alone."""
    checked: bool = True
    """Whether nbval runs it and compares its outputs."""
    shown: bool = False
    """Whether it may be a page of the site."""


ROLES = (
    Role("chapter", "chapters", shown=True),
    Role("student notebook", "chapters/assignments", paired=False, checked=False),
    Role("solution", "chapters/assignments/solutions"),
    Role("kernel notebook", "tests/notebooks"),
    Role("page", "book", shown=True),
)


@dataclass(frozen=True)
class Pair:
    """A notebook's two files and its role; a new one has only one of the files."""

    text: Path
    notebook: Path
    role: Role


def role_of(path: Path, root: Path = ROOT) -> Role | None:
    """Return the role of the innermost folder of the table that holds this file."""
    holding = [role for role in ROLES if path.is_relative_to(root / role.folder)]
    return max(holding, key=lambda role: len(role.folder), default=None)


def find_notebooks(root: Path = ROOT) -> list[Pair]:
    """Return the notebooks of all roles, those that exist only as a generated .ipynb included."""
    found = {path for role in ROLES for path in (root / role.folder).rglob("*.*")}
    files = {path for path in found if path.is_file()}
    notebooks = set()
    for file in files:
        hidden = any(part.startswith((".", "_")) for part in file.relative_to(root).parts)
        role = role_of(file, root)
        if not hidden and (
            file.suffix == ".ipynb" or (file.suffix == ".md" and role.paired and has_code(file))
        ):
            notebooks.add(Pair(file.with_suffix(".md"), file.with_suffix(".ipynb"), role))
    return sorted(notebooks, key=lambda pair: pair.text)


def find_pairs(root: Path = ROOT) -> list[Pair]:
    """Return the notebooks whose .md is their source."""
    return [pair for pair in find_notebooks(root) if pair.role.paired]


def has_code(text: Path) -> bool:
    """Tell whether a Markdown file means to be a notebook, however it was saved."""
    try:
        data = text.read_bytes()
    except OSError:
        return True  # whoever reads it says why that can't be done
    lines = data.replace(b"\0", b"").replace(b"\r", b"\n").split(b"\n")
    return any(
        line.startswith((b"jupytext:", b"kernelspec:")) or b"{code-cell}" in line for line in lines
    )
