"""Pair .md and .ipynb and run what changed: ``python tools/sync.py [--all] [notebook ...]``.

The .md is what people edit. The .ipynb beside it has the same cells and their outputs. A notebook
is run when one of its code cells changed. A cell that fails shows its traceback, and both files
stay as they were. A second call changes nothing.
"""

import argparse
import hashlib
import json
import os
import re
import subprocess
import sys
import time
from collections import Counter
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

import jupytext
import nbformat
from jupytext.combine import combine_inputs_with_outputs
from jupytext.config import load_jupytext_configuration_file
from jupytext.myst import MystMetadataParsingError
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError
from nbformat import NotebookNode

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("book", "chapters", "tests/notebooks")
FORMAT = "md:myst"
SETTINGS = load_jupytext_configuration_file(str(ROOT / "pyproject.toml"))
HEADER = {
    "jupytext": {"formats": "ipynb,md:myst"},
    "kernelspec": {
        "display_name": "Python 3 (ipykernel)",  # JupyterLab rewrites any other name
        "language": "python",
        "name": "python3",
    },
    "language_info": {  # as the kernel tells it, without Python's version
        "codemirror_mode": {"name": "ipython", "version": 3},
        "file_extension": ".py",
        "mimetype": "text/x-python",
        "name": "python",
        "nbconvert_exporter": "python",
        "pygments_lexer": "ipython3",
    },
}
RANDOM_IDS = "application/vnd.jupyter.widget-view+json"  # nbval leaves it out as well
ADDRESS = re.compile(r"\bat 0x[0-9a-f]{6,}")


class SyncError(Exception):
    """A notebook that cannot be brought in step; its files are untouched."""


@dataclass(frozen=True)
class Pair:
    """A notebook's two files."""

    text: Path
    notebook: Path


def find_pairs(root: Path = ROOT) -> list[Pair]:
    """Return the book's notebooks; of a new one, one of the two files does not exist yet."""
    files = [file for folder in FOLDERS for file in sorted((root / folder).rglob("*.*"))]
    stems = {
        file.with_suffix("")
        for file in files
        if not any(part.startswith((".", "_")) for part in file.relative_to(root).parts)
        and (file.suffix == ".ipynb" or (file.suffix == ".md" and has_header(file)))
    }
    return [Pair(s.with_suffix(".md"), s.with_suffix(".ipynb")) for s in sorted(stems)]


def has_header(text: Path) -> bool:
    """Tell whether a Markdown file says in its header that it is a notebook."""
    header = re.match(r"---\n(.*?\n)---\n", text.read_text(encoding="utf-8"), re.DOTALL)
    return bool(header and re.search(r"^(jupytext|kernelspec):", header[1], re.MULTILINE))


def read_text(path: Path) -> NotebookNode:
    """Return the notebook that a MyST Markdown file describes."""
    try:
        return jupytext.read(path, fmt=FORMAT, config=SETTINGS)
    except (nbformat.ValidationError, MystMetadataParsingError) as error:
        raise SyncError(f"{path.name} is no notebook in MyST Markdown: {error}") from None


def to_text(notebook: NotebookNode) -> str:
    """Return a notebook as MyST Markdown."""
    return jupytext.writes(deepcopy(notebook), fmt=FORMAT, config=SETTINGS)


def cells(notebook: NotebookNode) -> list[tuple[str, str, tuple[str, ...]]]:
    """Return what both files of a pair have to agree on: type, source and tags of each cell."""
    return [
        (cell.cell_type, cell.source, tuple(cell.metadata.get("tags", ())))
        for cell in notebook.cells
    ]


def code(notebook: NotebookNode) -> list[tuple[str, str, tuple[str, ...]]]:
    """Return the code cells among ``cells``."""
    return [cell for cell in cells(notebook) if cell[0] == "code"]


def sync(pair: Pair, *, run: bool = False, take: str | None = None) -> str:
    """Bring one pair in step; return what was done ("unchanged", "paired" or "run")."""
    old = nbformat.read(pair.notebook, as_version=4) if pair.notebook.exists() else None
    notebook = newest(pair, old, take)
    notebook.metadata = nbformat.from_dict(HEADER)
    format_code(notebook)
    run = run or old is None or code(notebook) != code(old) or has_stale_outputs(old)
    if old is not None:
        notebook = combine_inputs_with_outputs(notebook, old, FORMAT)
    if run:
        execute(notebook, pair.text.parent)
    clean(notebook)
    refuse_unstable(notebook, pair)
    nbformat.validate(notebook)
    wrote = [
        write(pair.text, to_text(notebook)),
        write(pair.notebook, to_json(notebook)),
    ]
    return "run" if run else "paired" if any(wrote) else "unchanged"


def newest(pair: Pair, old: NotebookNode | None, take: str | None) -> NotebookNode:
    """Return the cells to go on with: the text's, unless the notebook alone was edited."""
    if not pair.text.exists() or take == "ipynb":
        return jupytext.reads(to_text(old), fmt=FORMAT)
    text = read_text(pair.text)
    edited = old is not None and cells(text) != cells(old)
    if edited and take is None and pair.notebook.stat().st_mtime > pair.text.stat().st_mtime:
        raise SyncError(
            f"{pair.notebook.name} was edited after {pair.text.name} and their cells differ; "
            "say which one counts with --take md or --take ipynb"
        )
    return text


def format_code(notebook: NotebookNode) -> None:
    """Format the code cells as ruff formats the rest of the code."""
    draft = nbformat.writes(nbformat.from_dict({**notebook, "nbformat_minor": 5}))
    for command in (["check", "--fix", "--quiet", "--exit-zero"], ["format", "--quiet"]):
        command = [sys.executable, "-m", "ruff", *command, "--stdin-filename", "cells.ipynb", "-"]
        done = subprocess.run(command, input=draft, capture_output=True, text=True, cwd=ROOT)
        if done.returncode != 0:
            raise SyncError(f"ruff cannot read the code cells:\n{done.stderr}")
        draft = done.stdout
    for cell, formatted in zip(notebook.cells, json.loads(draft)["cells"], strict=True):
        cell.source = "".join(formatted["source"])


def has_stale_outputs(notebook: NotebookNode) -> bool:
    """Tell whether a code cell was edited, or run out of order, since the last call."""
    ids = stable_ids(notebook)
    code = [(c, i) for c, i in zip(notebook.cells, ids, strict=True) if c.cell_type == "code"]
    counts = [cell.execution_count for cell, _ in code if cell.source.strip()]
    return counts != list(range(1, len(counts) + 1)) or any(c.id != i for c, i in code)


def stable_ids(notebook: NotebookNode) -> list[str]:
    """Return for each cell an id that depends on its text alone."""
    ids, seen = [], Counter()
    for cell in notebook.cells:
        text = f"{cell.cell_type}\n{cell.source}"
        seen[text] += 1
        ids.append(hashlib.sha256(f"{text}\n{seen[text]}".encode()).hexdigest()[:8])
    return ids


def kernel_environment() -> dict[str, str]:
    """Return the environment without what would keep figures from showing in the notebook."""
    return {name: value for name, value in os.environ.items() if name != "MPLBACKEND"}


def execute(notebook: NotebookNode, folder: Path) -> None:
    """Run all cells in ``folder``, as JupyterLab and nbval do."""
    try:
        try:
            run_cells(notebook, folder)
        except DeadKernelError:
            raise
        except RuntimeError:  # another program took a port of the kernel before it started
            run_cells(notebook, folder)
    except CellExecutionError as error:
        raise SyncError(f"a cell failed:\n{error}") from None
    except RuntimeError as error:
        raise SyncError(f"its kernel died: {error}") from None


def run_cells(notebook: NotebookNode, folder: Path) -> None:
    """Run all cells in a new kernel and put their outputs into the notebook."""
    client = NotebookClient(
        notebook,
        timeout=600,
        kernel_name="python3",
        record_timing=False,
        store_widget_state=False,
        coalesce_streams=True,
        resources={"metadata": {"path": str(folder)}},
    )
    # stderr is the kernel's own log here, not what cells print
    client.execute(env=kernel_environment(), stderr=subprocess.DEVNULL)


def clean(notebook: NotebookNode) -> None:
    """Keep only what is the same on any machine and any day."""
    notebook.metadata = nbformat.from_dict(HEADER)
    notebook.nbformat_minor = 5
    for cell, cell_id in zip(notebook.cells, stable_ids(notebook), strict=True):
        cell.id = cell_id
        for output in cell.get("outputs", ()):
            output.get("data", {}).pop(RANDOM_IDS, None)
        if "nbval-ignore-output" in cell.metadata.get("tags", ()):
            cell.outputs = [o for o in cell.outputs if o.get("name") != "stderr"]


def refuse_unstable(notebook: NotebookNode, pair: Pair) -> None:
    """Refuse outputs that would differ at the next run, before nbval finds them."""
    for number, cell in enumerate(notebook.cells):
        if "nbval-ignore-output" in cell.metadata.get("tags", ()):
            continue
        for output in cell.get("outputs", ()):
            printed = output.get("text", "") or output.get("data", {}).get("text/plain", "")
            if output.get("name") == "stderr":
                reason = "writes to stderr"
            elif ADDRESS.search(printed):
                reason = "shows a memory address"
            else:
                continue
            raise SyncError(f"cell {number} of {pair.text.name} {reason}:\n{printed}")


def to_json(notebook: NotebookNode) -> str:
    """Return a notebook as JupyterLab writes it."""
    return nbformat.writes(notebook).rstrip("\n") + "\n"


def write(path: Path, text: str) -> bool:
    """Write through a temporary file, so that an interrupted run leaves the old file whole."""
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return False
    draft = path.with_name(f".{path.name}.draft")
    draft.write_text(text, encoding="utf-8")
    os.replace(draft, path)
    return True


def main() -> None:
    """Bring the named notebooks in step, or all that the book has."""
    parser = argparse.ArgumentParser(description="Pair .md and .ipynb and run what changed.")
    parser.add_argument("notebooks", nargs="*", type=Path, help="files (default: the whole book)")
    parser.add_argument("--all", action="store_true", help="run also those that did not change")
    parser.add_argument("--take", choices=("md", "ipynb"), help="which file counts if both differ")
    options = parser.parse_args()
    named = {path.resolve().with_suffix(".md") for path in options.notebooks}
    pairs = [pair for pair in find_pairs() if not named or pair.text in named]
    if len(pairs) < len(named):
        sys.exit(f"no notebook of the book: {', '.join(map(str, options.notebooks))}")
    failed = 0
    for pair in pairs:
        started = time.monotonic()
        name = pair.text.relative_to(ROOT).with_suffix("")
        try:
            done = sync(pair, run=options.all, take=options.take)
            print(f"{name}: {done} ({time.monotonic() - started:.0f} s)", flush=True)
        except SyncError as error:
            failed += 1
            print(f"{name}: left as it was: {error}", file=sys.stderr, flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
