"""The course plan says in which week a task can be solved: that of the section that treats it."""

import re

import pytest

from deeplearn_utils.grading.assignments import SOLUTIONS
from deeplearn_utils.grading.reporting.outlines import outline
from roles import ROOT

ASSIGNMENTS = sorted(path.stem for path in SOLUTIONS.glob("*.ipynb"))
TEACHING = (ROOT / "book" / "teaching.md").read_text(encoding="utf-8")
WEEK = re.compile(r"^\| (\d+) \| \{ref\}`([\w-]+)` to ", re.MULTILINE)
LABEL = re.compile(r"^\((sec-[\w-]+)\)=$", re.MULTILINE)


def row(name):
    """Return an assignment's row of the plan, from its tasks' sections and the weeks' sections."""
    chapters = sorted((ROOT / "chapters").glob("[0-9]*.md"))
    labels = [found for c in chapters for found in LABEL.findall(c.read_text(encoding="utf-8"))]
    begins = {int(week): labels.index(label) for week, label in WEEK.findall(TEACHING)}
    (chapter,) = (LABEL.findall(c.read_text(encoding="utf-8")) for c in chapters if c.stem == name)
    handed_out = min(week for week, start in begins.items() if labels[start] in chapter)
    weeks: dict[int, list[str]] = {}
    for number, task in enumerate(outline(name), 1):
        place = labels.index(task.section.label)
        week = max(week for week, start in begins.items() if start <= place)
        week = max(week, handed_out)
        weeks.setdefault(week, []).append(str(number))
    told = (f"week {week}: {', '.join(tasks)}" for week, tasks in sorted(weeks.items()))
    return f"| `{name}` | {'; '.join(told)} |"


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_every_task_stands_in_its_week(name):
    assert row(name) in TEACHING.splitlines(), f"book/teaching.md lacks the row: {row(name)}"
