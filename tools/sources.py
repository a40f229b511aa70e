"""Read a notebook's Markdown source, and refuse what is not understood: it would be lost.

Understood: UTF-8 with or without a byte-order mark, lines that end as on Linux or Windows.
"""

import json
import re
import unicodedata
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

import jupytext
import yaml
from jupytext.config import load_jupytext_configuration_file
from nbformat import NotebookNode

from roles import ROOT

FORMAT = "md:myst"
SETTINGS = load_jupytext_configuration_file(str(ROOT / "pyproject.toml"))
WIDE = {
    b"\xff\xfe\0\0": "UTF-32",
    b"\0\0\xfe\xff": "UTF-32",
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
}
UNSEEN = re.compile("[\0-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]")
CONFLICT = re.compile(r"(<{7}|\|{7}|>{7})( |$)")
FENCE = re.compile(r"(?:[\s>]|[-*+] |\d+[.)] )*(?P<ticks>`{3,}|~{3,})(?P<info>.*)")
CELL = re.compile(r"\s*\{(code|raw)-cell\}")
LANGUAGES = {"", "ipython3", "ipython", "python3", "python"}
METADATA = re.compile(r'\+\+\+\s*\{\s*"')
KNOWN = {
    "": {"jupytext", "kernelspec", "language_info"},
    "jupytext": {"formats", "text_representation"},
}
FORMATS = "ipynb,md:myst"


class SyncError(Exception):
    """A notebook that cannot be brought in step; its files are untouched."""


class Strict(yaml.SafeLoader):
    """YAML in which no key comes twice: the first one would be lost."""

    def construct_mapping(self, node, deep=False):
        """Return a mapping, as the class above does."""
        seen = set()
        for key, _ in node.value:
            if key.value in seen:
                problem = f"the key `{key.value}` comes twice"
                raise yaml.constructor.ConstructorError(None, None, problem, key.start_mark)
            seen |= {key.value} if isinstance(key.value, str) else set()
        return super().construct_mapping(node, deep)


@dataclass(frozen=True)
class Cell:
    """A code or raw cell as it stands in the Markdown file."""

    line: int
    """Line of its opening fence, from 1."""
    end: int
    """Line of its closing fence."""
    code: str
    first: int
    """Line of the first line of ``code``."""
    options: str
    """What stands above the code, as YAML."""


def refuse(path: Path, line: int | None, what: str) -> SyncError:
    """Return the error that names file and line, says what is wrong there and what to do."""
    return SyncError(f"{path.name}{f', line {line}' if line else ''}: {what}")


def read_text(path: Path) -> NotebookNode:
    """Return the notebook that a MyST Markdown file describes, or refuse the file."""
    text = decode(path)
    lines = text.split("\n")
    header_end = end_of_header(path, lines)
    cells = find_cells(path, lines)
    try:
        notebook = jupytext.reads(text, fmt=FORMAT, config=SETTINGS)
    except Exception as error:  # whatever jupytext stumbles over is no notebook to us
        raise refuse(path, None, f"is no notebook in MyST Markdown: {error}") from None
    hold_cells(path, cells, notebook)
    for cell in cells:
        hold_options(path, cell)
    inside = {i for cell in cells for i in range(cell.line - 1, cell.end)}
    prose = [line for i, line in enumerate(lines) if i >= header_end and i not in inside]
    hold_prose(path, prose, notebook)
    return notebook


def decode(path: Path) -> str:
    """Return the text of a file with LF line ends, or say which byte or character is odd."""
    data = path.read_bytes()
    for mark, name in WIDE.items():
        if data.startswith(mark):
            raise refuse(path, None, f"is written in {name}; save it as UTF-8")
    if b"\0" in data:
        line = data.count(b"\n", 0, data.index(b"\0")) + 1
        what = "holds a NUL byte (UTF-16 without a mark?); save the file as UTF-8"
        raise refuse(path, line, what)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        odd = f"the byte 0x{data[error.start]:02x} is not UTF-8"
        raise refuse(path, line, f"{odd} (it may be Latin-1); save the file as UTF-8") from None
    text = text.replace("\r\n", "\n")
    for number, line in enumerate(text.split("\n"), 1):
        if found := UNSEEN.search(line):
            raise refuse(path, number, unseen(found[0]))
        if CONFLICT.match(line):
            raise refuse(path, number, "a merge conflict is left; choose what stays, delete marks")
    return text


def unseen(character: str) -> str:
    """Say what an invisible character is and what to do about it."""
    if character == "\r":
        return "ends as on old Macs (CR alone); save the file with line ends LF"
    name = unicodedata.name(character, "a control character")
    return f"holds the invisible U+{ord(character):04X} ({name}); delete it"


def end_of_header(path: Path, lines: list[str]) -> int:
    """Return how many lines the header has; it must be YAML that says what jupytext needs."""
    if lines[0].rstrip() != "---":
        raise refuse(
            path, 1, f"a notebook begins with the header's `---`, not with {lines[0][:40]!r}"
        )
    ends = [i for i, line in enumerate(lines) if i and line.rstrip() == "---"]
    fence = next((i for i, line in enumerate(lines) if FENCE.match(line)), len(lines))
    if not ends or ends[0] > fence:
        raise refuse(path, 1, "the header has no end; close it with a line `---`")
    try:
        header = load(lines[1 : ends[0]])
    except RecursionError:
        raise refuse(path, 1, "the header is nested too deep") from None
    except (yaml.YAMLError, ValueError) as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or error
        line = mark.line + 2 if mark else None
        raise refuse(path, line, f"the header is no valid YAML: {reason}") from None
    if not isinstance(header, dict) or not {"jupytext", "kernelspec"} & set(header):
        raise refuse(path, 1, "the header names neither `jupytext` nor `kernelspec`")
    if (other := format_name(header)) != "myst":
        raise refuse(path, 1, f"the header names the format `{other}`; only `myst` is read here")
    hold_header(path, header)
    return ends[0] + 1


def load(lines: list[str]) -> object:
    """Return what lines of YAML say; refuse a comment, which would be lost."""
    text = "\n".join(lines)
    found = yaml.load(text, Strict)
    try:  # other letters in the place of a comment's mark change what is read
        other = yaml.load(text.replace("#", "X"), Strict)
    except yaml.YAMLError:
        other = None
    if json.dumps(other, default=str) != json.dumps(found, default=str).replace("#", "X"):
        raise ValueError("` #` begins a comment, which is not kept; delete it or use quotes")
    return found


def hold_header(path: Path, header: dict) -> None:
    """Refuse a header that says more than a notebook here keeps."""
    for above, known in KNOWN.items():
        inside = header.get(above) if above else header
        if others := set(inside if isinstance(inside, dict) else ()) - known:
            names = ", ".join(f"`{name}`" for name in sorted(map(str, others)))
            what = f"the header holds {names}, which no notebook here keeps; delete it"
            raise refuse(path, 1, what)
    formats = header.get("jupytext") or {}
    if isinstance(formats, dict) and formats.get("formats", FORMATS) != FORMATS:
        raise refuse(path, 1, f"`formats` is not {FORMATS}, the two files that a notebook has here")
    kernel = header.get("kernelspec") or {}
    if isinstance(kernel, dict) and kernel.get("language", "python") != "python":
        raise refuse(path, 1, f"the kernel is for {kernel['language']}; notebooks here are Python")


def format_name(header: dict) -> object:
    """Return the name of the format in which jupytext wrote a file."""
    found: object = header
    for key in ("jupytext", "text_representation", "format_name"):
        found = found.get(key) if isinstance(found, dict) else None
    return found or "myst"


def find_cells(path: Path, lines: list[str]) -> list[Cell]:
    """Find the cells by their fences alone, without jupytext's parser."""
    cells, fence, opened, is_cell = [], "", 0, False
    for number, line in enumerate(lines, 1):
        match = FENCE.fullmatch(line)
        if match is None:
            continue
        if match["ticks"][0] == "`" and "`" in match["info"]:  # code in a line of prose
            if not fence and CELL.match(match["info"]):
                raise refuse(path, number, "no backtick may follow `{code-cell}` in its line")
            continue
        same = fence and match["ticks"].startswith(fence)
        if not fence:
            fence, opened, is_cell = match["ticks"], number, bool(CELL.match(match["info"]))
            language = CELL.sub("", match["info"]).strip()
            if is_cell and language not in LANGUAGES:
                raise refuse(path, number, f"`{language}` follows the cell's name, not `ipython3`")
        elif same and not match["info"].strip():
            if is_cell:
                cells.append(without_options(path, lines, opened, number))
            fence = ""
        elif same and (is_cell or CELL.match(match["info"])):
            what = f"a block opens inside the one that opened in line {opened}"
            raise refuse(path, number, f"{what}; close that one before, with a line {fence}")
    if fence:
        raise refuse(path, opened, f"this block is never closed; close it with a line {fence}")
    return cells


def without_options(path: Path, lines: list[str], opened: int, closed: int) -> Cell:
    """Return the cell between two fences, without the options (tags, captions) above its code."""
    first, end, options = opened, closed - 1, []
    if lines[first].startswith("---"):
        closing = [i for i in range(first + 1, end) if lines[i].startswith("---")]
        if not closing:
            raise refuse(path, first + 1, "the cell's options have no end; add a line `---`")
        options = lines[first + 1 : closing[0]]
        first = closing[0] + 1
    else:
        while first < end and (lines[first].lstrip().startswith(":")):
            options.append(lines[first].lstrip().removeprefix(":"))
            first += 1
    while first < end and not lines[first].strip():
        first += 1
    return Cell(opened, closed, trimmed("\n".join(lines[first:end])), first + 1, "\n".join(options))


def hold_options(path: Path, cell: Cell) -> None:
    """Refuse options that are read, but of which something would be lost."""
    try:
        json.dumps(load(cell.options.split("\n")))
    except (yaml.YAMLError, ValueError, TypeError) as error:
        reason = getattr(error, "problem", None) or error
        raise refuse(path, cell.line + 1, f"the cell's options: {reason}") from None


def hold_cells(path: Path, cells: list[Cell], notebook: NotebookNode) -> None:
    """Refuse a file of whose cells one is lost, merged with another, or cut."""
    read = [trimmed(cell.source) for cell in notebook.cells if not is_prose(cell)]
    for cell, code in zip_longest(cells, read):
        if cell is None:
            raise refuse(path, None, f"{len(read)} cells are read where {len(cells)} are written")
        if cell.code != code:
            what = "this cell is not read as it is written"
            hint = "a cell stands at the left margin, outside lists, quotes and HTML comments"
            raise refuse(path, cell.line, f"{what}; {hint}")


def trimmed(code: str) -> str:
    """Return code without blank lines around it."""
    return re.sub(r"\A(?:[ \t]*\n)+", "", code.rstrip())


def is_prose(cell: NotebookNode) -> bool:
    """Tell a Markdown cell from one with a fence."""
    return cell.cell_type == "markdown"


def hold_prose(path: Path, written: list[str], notebook: NotebookNode) -> None:
    """Refuse a file of whose prose a line is lost or comes twice."""
    read = [line for cell in notebook.cells if is_prose(cell) for line in cell.source.split("\n")]
    pairs = zip_longest(content(written), content(read))
    odd = next((line or other for line, other in pairs if line != other), None)
    if odd is not None:
        raise refuse(path, None, f"its text is not read as it is written, first at {odd!r}")
    kept = [cell.metadata for cell in notebook.cells if is_prose(cell) and cell.metadata]
    kept += filter(METADATA.match, read)
    if len(kept) != sum(bool(METADATA.match(line)) for line in written):
        raise refuse(path, None, "a `+++` with metadata has no text below it, and would be lost")


def content(lines: list[str]) -> list[str]:
    """Return the lines that say something: no blank ones, no breaks between cells."""
    return [line.rstrip() for line in lines if line.strip() and not line.startswith("+++")]
