"""Each chapter says how long it takes, can be installed in Colab, and leads to the next one."""

import re
from itertools import pairwise
from pathlib import Path

import jupytext
import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^(`{3,}).*?^\1", re.MULTILINE | re.DOTALL)
WORDS, LINES, EXERCISE = 150, 10, 10  # words and lines of code a minute, minutes an exercise


def chapters() -> list[str]:
    """Return the chapters and appendices in the order of the book."""
    parts = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))["parts"]
    files = [entry["file"] for part in parts for entry in part["chapters"]]
    return [file for file in files if file.startswith("chapters/")]


def source(chapter: str) -> str:
    """Return a chapter's text without its header."""
    return (ROOT / f"{chapter}.md").read_text(encoding="utf-8").split("\n---\n", 1)[1]


def minutes(told: str) -> float:
    """Return the minutes of "half an hour", "1 hour" or "2½ hours"."""
    if told == "half an hour":
        return 30
    whole, half = re.fullmatch(r"(\d+)(½?) hours?", told).groups()
    return 60 * int(whole) + 30 * bool(half)


@pytest.mark.parametrize("chapter", chapters())
def test_a_chapter_says_how_long_it_takes(chapter):
    text = source(chapter)
    body = text.partition("\n## Exercises\n")[0]
    code = sum(block[0].count("\n") - 1 for block in BLOCK.finditer(body))
    reading = len(BLOCK.sub("", body).split()) / WORDS + code / LINES
    exercises = len(re.findall(r"^:+\{exercise\}", text, re.MULTILINE)) * EXERCISE
    top = text[: text.index("```{code-cell}")]
    told = r"^\*\*Time\*\*: about (.+) to read and run, (.+) for the exercises\.$"
    ((to_read, to_solve),) = re.findall(told, top, re.MULTILINE)
    assert abs(minutes(to_read) - reading) <= 30, f"by its words and lines: {reading:.0f} minutes"
    assert abs(minutes(to_solve) - exercises) <= 30, f"by its exercises: {exercises} minutes"


@pytest.mark.parametrize("chapter", chapters())
def test_the_first_cell_is_for_colab_and_a_comment_elsewhere(chapter):
    notebook = jupytext.read(ROOT / f"{chapter}.md")
    first = next(cell for cell in notebook.cells if cell.cell_type == "code")
    assert first.metadata == {"tags": ["remove-cell"]}  # not on the page
    front_ends = (ROOT / "book" / "front_ends.md").read_text(encoding="utf-8")
    (line,) = re.findall(r"^# In Colab: %pip install .+$", front_ends, re.MULTILINE)
    assert first.source == line


@pytest.mark.parametrize("chapter", chapters())
def test_a_reader_can_add_a_cell_below_each_exercise(chapter):
    cells = [cell.source for cell in jupytext.read(ROOT / f"{chapter}.md").cells]
    begins = re.compile(r"^:+\{(?:exercise|solution)\}", re.MULTILINE)
    assert [cell for cell in cells if len(begins.findall(cell)) > 1] == []


@pytest.mark.parametrize(("chapter", "following"), list(pairwise([*chapters(), "book/index"])))
def test_a_chapter_leads_to_the_next(chapter, following):
    *_, last = source(chapter).strip().split("\n\n")
    (address,) = re.findall(r"^\*\*Next\*\*: \[.+\]\((.+)\)$", last)
    assert (ROOT / "chapters" / address).resolve() == ROOT / f"{following}.ipynb"
