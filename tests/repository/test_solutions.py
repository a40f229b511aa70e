"""The code in the chapters' solutions runs, after what the chapter has imported and defined."""

import ast
import re
from functools import cache
from pathlib import Path

import jupytext
import pytest

CHAPTERS = sorted((Path(__file__).parents[2] / "chapters").glob("*.md"))
SOLUTION = re.compile(
    r"^(:{3,})\{solution\} (?P<name>\S+)\n(?P<body>.*?)^\1$", re.MULTILINE | re.DOTALL
)
EXERCISE = re.compile(r"\{exercise\}[^\n]*\n:label: (\S+)")
CODE = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
KEPT = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.ClassDef)


def solutions():
    for chapter in CHAPTERS:
        for match in SOLUTION.finditer(chapter.read_text(encoding="utf-8")):
            code = "\n".join(CODE.findall(match["body"]))
            if code:
                yield pytest.param(chapter, code, id=f"{chapter.stem}:{match['name']}")


@cache
def definitions(chapter):
    """Return the chapter's imports, functions and classes, compiled, without its other cells."""
    cells = jupytext.read(chapter, fmt="md:myst").cells
    source = "\n".join(cell.source for cell in cells if cell.cell_type == "code")
    kept = [node for node in ast.parse(source).body if isinstance(node, KEPT)]
    return compile(ast.Module(kept, type_ignores=[]), chapter.name, "exec")


@pytest.mark.parametrize(("chapter", "code"), list(solutions()))
def test_solution_runs(chapter, code):
    names = {}
    exec(definitions(chapter), names)
    exec(code, names)


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.stem)
def test_every_exercise_has_a_solution_and_a_hint(chapter):
    text = chapter.read_text(encoding="utf-8")
    exercises = EXERCISE.findall(text)
    assert sorted(exercises) == sorted(match["name"] for match in SOLUTION.finditer(text))
    assert text.count(":::{admonition} Hint\n:class: dropdown") == len(exercises)
