"""Pair .md and .ipynb and run what changed: ``python tools/sync.py [--all] [notebook ...]``.

The .md is what people edit. The .ipynb beside it has the same cells and their outputs. A notebook
is run when one of its code cells changed, or anything of this project that it is made from: what
that was, sync records in the .ipynb (`freshness`). A file that is not understood, or a cell that
fails, is named with its line; both files of its notebook stay as they were, and the others go on.
A second call changes nothing. After all notebooks of the book, its index is renewed from the site;
after named ones it is not, and sync says so.
"""

import argparse
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path

import jupytext
import nbformat
from jupytext.combine import combine_inputs_with_outputs
from nbformat import NotebookNode

import freshness
from roles import ROOT, Pair, find_pairs, role_of
from running import execute
from sources import FORMAT, SETTINGS, UNSEEN, SyncError, decode, find_cells, read_text, unseen

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


class ToolDied(SyncError):
    """A tool that a signal ended: over one of the notebooks, which it doesn't name."""


@dataclass
class Draft:
    """A notebook on its way: its files, the cells to go on with, and what is stored."""

    pair: Pair
    notebook: NotebookNode
    old: NotebookNode | None
    reasons: list[str] = field(default_factory=list)
    """What changed, if it is run."""

    def place(self, index: int) -> str:
        """Name a code cell by its number, the heading above it and its line in the .md."""
        above = self.notebook.cells[: index + 1]
        number = sum(cell.cell_type == "code" for cell in above)
        prose = "\n".join(cell.source for cell in above if cell.cell_type == "markdown")
        headings = re.findall(r"^#+ +(.+)$", prose, re.MULTILINE)
        hints = [f'under "{headings[-1]}"'] if headings else []
        if line := self.line(index):
            hints.append(f"line {line} of {self.pair.text.name}")
        return f"code cell {number}" + (f" ({', '.join(hints)})" if hints else "")

    def line(self, index: int) -> int | None:
        """Return the line of a cell's code in the .md, unless the cells are not from there."""
        if not self.pair.text.exists():
            return None
        fenced = [i for i, c in enumerate(self.notebook.cells) if c.cell_type != "markdown"]
        written = find_cells(self.pair.text, decode(self.pair.text).split("\n"))
        return written[fenced.index(index)].first if len(written) == len(fenced) else None


def read(pair: Pair, take: str | None = None) -> Draft:
    """Read a pair's files and choose the cells to go on with."""
    old = read_notebook(pair.notebook) if pair.notebook.exists() else None
    notebook = newest(pair, old, take)
    notebook.metadata = nbformat.from_dict(HEADER)
    return Draft(pair, notebook, old)


def read_notebook(path: Path) -> NotebookNode:
    """Return what an .ipynb holds, or say why it cannot be read."""
    renew = f"if {path.with_suffix('.md').name} is whole, delete it and `make sync` makes it anew"
    try:
        notebook = nbformat.reads(path.read_bytes().decode("utf-8-sig"), as_version=4)
        nbformat.validate(notebook)
        nbformat.writes(notebook).encode()
    except nbformat.reader.NotJSONError:
        reason = find_fault(path)
    except OSError:
        raise
    except RecursionError:
        reason = "it is nested too deep"
    except UnicodeEncodeError:
        reason = "it holds half a character (a lone surrogate)"
    except Exception as error:  # whatever nbformat stumbles over is no notebook to us
        reason = str(error).split("\n")[0] or "it is no notebook"
    else:
        return notebook
    raise SyncError(f"{path.name} cannot be read: {reason}; {renew}")


def find_fault(path: Path) -> str:
    """Say where a file stops being JSON."""
    text = path.read_bytes().decode("utf-8-sig", errors="replace")
    if conflict := re.search(r"^<{7} ", text, re.MULTILINE):
        return f"line {text.count(chr(10), 0, conflict.start()) + 1}: a merge conflict is left"
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        return f"line {error.lineno}: {error.msg}"
    except ValueError as error:  # a number of thousands of digits
        return str(error)
    return "it is no notebook"


def to_text(notebook: NotebookNode) -> str:
    """Return a notebook as MyST Markdown."""
    notebook = deepcopy(notebook)
    notebook.metadata = nbformat.from_dict(HEADER)
    return jupytext.writes(notebook, fmt=FORMAT, config=SETTINGS)


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
    draft = read(pair, take)
    (error,) = format_code([draft])
    if error is not None:
        raise error
    return finish(draft, run=run)


def finish(draft: Draft, *, run: bool = False) -> str:
    """Run a formatted notebook if it has to be, and write both files."""
    notebook, old, pair = draft.notebook, draft.old, draft.pair
    draft.reasons = ["asked to"] if run else reasons_to_run(draft)
    if old is not None:
        notebook = combine_inputs_with_outputs(notebook, old, FORMAT)
        notebook.metadata = old.metadata
    if draft.reasons:
        execute(notebook, pair.text.parent, draft.place)
    clean(notebook)
    if draft.reasons:
        notebook.metadata[freshness.PLACE] = freshness.record(notebook, pair.text.parent)
    refuse_unstable(notebook, draft)
    nbformat.validate(notebook)
    text = to_text(notebook)
    if cells(jupytext.reads(text, fmt=FORMAT)) != cells(notebook):
        raise SyncError(f"{pair.text.name} would not be read back with the same cells")
    wrote = [write(pair.text, text), write(pair.notebook, to_json(notebook))]
    return "run" if draft.reasons else "paired" if any(wrote) else "unchanged"


def reasons_to_run(draft: Draft) -> list[str]:
    """Say what changed since a notebook was run."""
    if draft.old is None:
        return ["it is new"]
    if code(draft.notebook) != code(draft.old):
        return ["its cells"]
    if has_stale_outputs(draft.old):
        return ["the order of its runs"]
    return freshness.changes(draft.old, draft.pair.text.parent)


def newest(pair: Pair, old: NotebookNode | None, take: str | None) -> NotebookNode:
    """Return the cells to go on with: the text's, unless the notebook alone was edited."""
    if not pair.text.exists() or take == "ipynb":
        return as_text_would_have_it(old, pair)
    text = read_text(pair.text)
    edited = old is not None and cells(text) != cells(old)
    if edited and take is None and pair.notebook.stat().st_mtime > pair.text.stat().st_mtime:
        raise SyncError(
            f"{pair.notebook.name} was edited after {pair.text.name} and their cells differ; "
            "say which one counts with --take md or --take ipynb"
        )
    return text


def as_text_would_have_it(old: NotebookNode, pair: Pair) -> NotebookNode:
    """Return an .ipynb's cells as they come back from Markdown; refuse if one does not."""
    for number, cell in enumerate(old.cells, 1):
        if found := UNSEEN.search(cell.source):
            raise SyncError(f"cell {number} of {pair.notebook.name} {unseen(found[0])}")
    notebook = jupytext.reads(to_text(old), fmt=FORMAT)
    before, after = (
        [(c.cell_type, c.source.strip()) for c in n.cells if c.source.strip()]
        for n in (old, notebook)
    )
    for number, (cell, other) in enumerate(zip_longest(before, after), 1):
        if cell != other:
            text = (cell or other)[1].split("\n")[0]
            name = pair.notebook.name
            raise SyncError(f"cell {number} of {name} cannot be written as Markdown: {text}")
    return notebook


def format_code(drafts: Sequence[Draft]) -> list[SyncError | None]:
    """Format the code cells as ruff formats the rest; say of each notebook why it could not."""
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder).resolve() / f"{number}.ipynb" for number in range(len(drafts))]
        for file, draft in zip(files, drafts, strict=True):
            notebook = nbformat.from_dict({**draft.notebook, "nbformat_minor": 5})
            file.write_text(nbformat.writes(notebook), encoding="utf-8")
        faults: dict[Path, list[dict]] = {file: [] for file in files}
        for fault in json.loads(ruff(["check", "--fix", "--output-format=json"], files) or "[]"):
            if fault["code"] in (None, "invalid-syntax"):
                faults[Path(fault["filename"])].append(fault)
        readable = [file for file in files if not faults[file]]
        ruff(["format"], readable)
        for file, draft in zip(files, drafts, strict=True):
            formatted = nbformat.read(file, as_version=4)
            for cell, other in zip(draft.notebook.cells, formatted.cells, strict=True):
                cell.source = other.source if file in readable else cell.source
    return [unreadable(d, faults[f]) for d, f in zip(drafts, files, strict=True)]


def ruff(command: list[str], files: list[Path]) -> str:
    """Run ruff with the project's settings; return what it prints."""
    if not files:
        return ""
    settings = ["--quiet", "--no-cache", "--config", str(ROOT / "pyproject.toml")]
    if command[0] == "check":
        settings.append("--exit-zero")
    command = [sys.executable, "-m", "ruff", *command, *settings, *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", cwd=ROOT)
    if done.returncode != 0:
        error = ToolDied if done.returncode < 0 else SyncError
        raise error(f"ruff cannot format the code cells:\n{done.stderr or done.stdout}")
    return done.stdout


def format_alone(draft: Draft) -> SyncError | None:
    """Format one notebook's cells; return why it could not be done, or None."""
    try:
        return format_code([draft])[0]
    except SyncError as error:
        return error


def unreadable(draft: Draft, faults: list[dict]) -> SyncError | None:
    """Return the error that names each line which is not Python, or None."""
    lines = []
    for fault in faults:
        index, row = fault["cell"] - 1, fault["location"]["row"]
        shown = [*draft.notebook.cells[index].source.split("\n"), ""][row - 1].strip()
        lines.append(f"{draft.place(index)}, its line {row}: {fault['message']}: {shown}")
    return SyncError("\n".join(lines)) if lines else None


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


def clean(notebook: NotebookNode) -> None:
    """Keep only what is the same on any machine and any day."""
    recorded = {k: v for k, v in notebook.metadata.items() if k == freshness.PLACE}
    notebook.metadata = nbformat.from_dict(HEADER | recorded)
    notebook.nbformat_minor = 5
    for cell, cell_id in zip(notebook.cells, stable_ids(notebook), strict=True):
        cell.id = cell_id
        for output in cell.get("outputs", ()):
            output.get("data", {}).pop(RANDOM_IDS, None)
        if "nbval-ignore-output" in cell.metadata.get("tags", ()):
            cell.outputs = [o for o in cell.outputs if o.get("name") != "stderr"]


def refuse_unstable(notebook: NotebookNode, draft: Draft) -> None:
    """Refuse outputs that would differ at the next run, before nbval finds them."""
    for index, cell in enumerate(notebook.cells):
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
            raise SyncError(f"{draft.place(index)} {reason}:\n{printed}")


def to_json(notebook: NotebookNode) -> str:
    """Return a notebook as JupyterLab writes it."""
    return nbformat.writes(notebook).rstrip("\n") + "\n"


def write(path: Path, text: str) -> bool:
    """Write through a temporary file, so that an interrupted run leaves the old file whole."""
    data = text.encode()
    if path.exists() and path.read_bytes() == data:
        return False
    draft = path.with_name(f".{path.name}.draft")
    draft.write_bytes(data)
    os.replace(draft, path)
    return True


def main() -> None:
    """Bring the named notebooks in step, or all that the book has."""
    parser = argparse.ArgumentParser(description="Pair .md and .ipynb and run what changed.")
    parser.add_argument("notebooks", nargs="*", type=Path, help="files (default: the whole book)")
    parser.add_argument("--all", action="store_true", help="run also those that did not change")
    parser.add_argument("--take", choices=("md", "ipynb"), help="which file counts if both differ")
    options = parser.parse_args()
    pairs = find_named(options.notebooks) if options.notebooks else find_pairs()
    failed = sync_all(pairs, run=options.all, take=options.take)
    if not options.notebooks:
        index = [sys.executable, str(ROOT / "tools" / "book_index.py")]
        failed |= subprocess.run(index, cwd=ROOT).returncode != 0
    elif any(pair.role.shown for pair in pairs):  # the index needs the whole site
        print("chapters/book_index.json: left as it was; `make sync` renews it", flush=True)
    sys.exit(failed)


def find_named(paths: list[Path]) -> list[Pair]:
    """Return the named notebooks, or stop at a name that sync has nothing to do with."""
    known = {pair.text: pair for pair in find_pairs()}
    texts = [path.resolve().with_suffix(".md") for path in paths]
    for path, text in zip(paths, texts, strict=True):
        if text not in known:
            role = role_of(text)
            generated = role and not role.paired
            sys.exit(f"{path}: " + (f"a {role.name} is generated" if generated else "no notebook"))
    return [known[text] for text in texts]


def sync_all(pairs: Sequence[Pair], *, run: bool = False, take: str | None = None) -> int:
    """Bring the notebooks in step, each on its own; return the exit status."""
    drafts, failed = [], 0
    for pair in pairs:
        try:
            drafts.append(read(pair, take))
        except Exception as error:  # of any tool: this notebook is named, the others go on
            failed += report(pair, error)
    try:
        errors = format_code(drafts)
    except ToolDied:
        errors = [format_alone(draft) for draft in drafts]
    except SyncError as error:
        sys.exit(str(error))
    for draft, error in zip(drafts, errors, strict=True):
        started = time.monotonic()
        try:
            if error is not None:
                raise error
            done = finish(draft, run=run)
            why = f": {shortened(draft.reasons)}" if draft.reasons else ""
            seconds = time.monotonic() - started
            print(f"{name(draft.pair)}: {done} ({seconds:.0f} s){why}", flush=True)
        except Exception as reason:
            failed += report(draft.pair, reason)
    return 1 if failed else 0


def shortened(reasons: list[str]) -> str:
    """Return the first few of many names."""
    more = f" and {len(reasons) - 4} more" if len(reasons) > 4 else ""
    return ", ".join(reasons[:4]) + more


def report(pair: Pair, error: Exception) -> int:
    """Say why a notebook was left as it was; return 1, to be counted."""
    foreseen = isinstance(error, SyncError | OSError)
    reason = error if foreseen else f"{type(error).__name__}: {error}"
    print(f"{name(pair)}: left as it was: {reason}", file=sys.stderr, flush=True)
    return 1


def name(pair: Pair) -> Path:
    """Return how a notebook is called in messages."""
    return Path(os.path.relpath(pair.text.with_suffix(""), ROOT))


if __name__ == "__main__":
    main()
