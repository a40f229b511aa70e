"""Tell whether a notebook's outputs are older than the code that made them.

`sync` records in the .ipynb, when it runs a notebook, a digest of each thing that its cells take
from this project: modules of the package with all that they import, data and style files beside
them, programs and results that the cells read. Comments, docstrings and formatting don't count.
A picture is not compared by nbval, so its digest is recorded as well. Of the libraries, the
version of matplotlib counts as the lock file has it: it alone draws, and the rest is compared.
"""

import ast
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from nbformat import NotebookNode

from imported import IN_BROWSER, Package, digest, is_string, said, telling

PLACE = "sync"
DRAWS = "matplotlib"


@cache
def package() -> Package:
    """Return the package that the notebooks import, read once."""
    return Package()


def record(notebook: NotebookNode, folder: Path) -> dict[str, object]:
    """Return what a notebook is made from, and what pictures it holds, as digests."""
    return {"made_from": made_from(notebook, folder), "pictures": pictures(notebook)}


def changes(notebook: NotebookNode, folder: Path) -> list[str]:
    """Name what differs from the record: modules and files, or a picture of other origin."""
    recorded = notebook.metadata.get(PLACE)
    if recorded is None:
        return ["nothing is recorded"]
    old, new = recorded["made_from"], made_from(notebook, folder)
    changed = [name for name in sorted({*old, *new}) if old.get(name) != new.get(name)]
    return changed + ["a picture"] * (recorded["pictures"] != pictures(notebook))


def pictures(notebook: NotebookNode) -> str:
    """Return a digest of all pictures that a notebook holds."""
    found = [
        data
        for cell in notebook.cells
        for output in cell.get("outputs", ())
        for kind, data in sorted(output.get("data", {}).items())
        if kind.startswith("image/")
    ]
    return digest("\n".join(map(str, found)))


def made_from(
    notebook: NotebookNode, folder: Path, project: Package | None = None
) -> dict[str, str]:
    """Return a digest of each module and file that a notebook's code depends on."""
    project = project or package()
    trees = [parse(cell.source) for cell in notebook.cells if cell.cell_type == "code"]
    helpers = find_helpers(trees, folder)
    trees += helpers.values()
    modules = project.closure(project.used_by(trees))
    found = {m: project.digest(m) for m in modules & project.modules}
    for file in {f for m in found for f in project.file(m).parent.iterdir()}:
        if file.is_file() and file.suffix not in IN_BROWSER | {".py", ".pyc", ".typed"}:
            found[file.relative_to(project.root).as_posix()] = digest(file.read_bytes())
    found |= {name: digest(repr(said(tree))) for name, tree in helpers.items()}
    found |= {name: digest((folder / name).read_bytes()) for name in files_read(trees, folder)}
    if DRAWS in modules or any(DRAWS in imports(tree) for tree in trees):
        found[DRAWS] = locked(project.root / "requirements.lock")
    return dict(sorted(found.items()))


def parse(code: str) -> ast.Module:
    """Return the syntax of a cell, its magics included."""
    try:
        return ast.parse(code)
    except SyntaxError:
        from IPython.core.inputtransformer2 import TransformerManager  # slow to load

        return ast.parse(TransformerManager().transform_cell(code))


def imports(tree: ast.AST) -> set[str]:
    """Return the first names of all modules that a program imports."""
    found = set()
    for node in telling(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return found


def find_helpers(trees: Iterable[ast.AST], folder: Path) -> dict[str, ast.Module]:
    """Return the programs beside a notebook that it imports, and those that they import."""
    found: dict[str, ast.Module] = {}
    todo = set().union(*map(imports, trees))
    while todo:
        name = f"{todo.pop()}.py"
        if name not in found and (folder / name).is_file():
            found[name] = ast.parse((folder / name).read_bytes())
            todo |= imports(found[name])
    return found


def files_read(trees: Iterable[ast.AST], folder: Path) -> set[str]:
    """Return the files that strings in the code name, as seen from the notebook's folder."""
    strings = {n.value for tree in trees for n in telling(tree) if is_string(n)}
    likely = {text for text in strings if re.fullmatch(r"[\w./ -]{1,200}\.\w{1,10}", text)}
    return {text for text in likely if (folder / text).is_file()}


def locked(lock: Path) -> str:
    """Return the versions of matplotlib that the lock file names."""
    lines = lock.read_text(encoding="utf-8") if lock.exists() else ""
    return " ".join(re.findall(rf"^{DRAWS}==([^\s;\\]+)", lines, re.MULTILINE))
