"""The pages beside the chapters say what the chapters say, and lead to where it is shown."""

import json
import re
from pathlib import Path

import pytest

from roles import ROOT

CHAPTERS = sorted((ROOT / "chapters").glob("[0-9]*.md"))
TABLE = re.compile(r"^\| symbol \|.*\n\|[-|]+\n((?:\|.*\n)+)", re.MULTILINE)
ROLE = re.compile(r"\{\w+\}`([^`<]*?)(?:\s*<[^`>]*>)?`")
LINK = re.compile(r"\{(?:ref|numref)\}`(?:[^`<]*<)?((?:sec|fig)-[\w-]+)>?`")
LABEL = re.compile(r"^\((sec-[\w-]+)\)=$|^ +name: (fig-[\w-]+)$", re.MULTILINE)
SECTION = re.compile(r"^\((sec-[\w-]+)\)=\n## ", re.MULTILINE)
EXERCISE = re.compile(r"^:+\{exercise\} (.+)\n:label: (ex-[\w-]+)$", re.MULTILINE)
TIME = re.compile(r"\*\*Time\*\*: about (.+) to read and run, (.+) for the exercises")
TO_COME = "*Still to come:*"
WRONG_PLACES = [
    "Algorithms article, section 3.1.1",
    "Algorithms article, section 3.1.2",
    "Algorithms article, section 3.1.2",
    "Algorithms article, section 3.2 (3.2.1 and 3.2.2) and question 1",
    "Algorithms article, section 3.2.3",
    "Algorithms article, section 3.3",
    "Algorithms article, section 4.3",
    "Algorithms article, sections 3.2.2 and 4.2",
    "Algorithms article, sections 4.1 and 4.2",
    "Algorithms article, question 9",
    "Algorithms article, questions 11 and 12",
    "Deployment article, section 3.2.2",
    "Deployment article, section 4.1",
    "Deployment article, section 4.4",
]


def page(name: str) -> str:
    """Return the text of a page."""
    return (ROOT / "book" / f"{name}.md").read_text(encoding="utf-8")


def source(chapter: Path) -> str:
    """Return the text of a chapter."""
    return chapter.read_text(encoding="utf-8")


def leaves(name: str) -> dict[str, dict[str, str]]:
    """Return what stands under each heading of level 3, by the heading of level 2 above it."""
    found = {}
    for part in re.split(r"^## ", page(name), flags=re.MULTILINE)[1:]:
        heading, *below = re.split(r"^### ", part, flags=re.MULTILINE)
        found[heading.splitlines()[0]] = dict(leaf.strip().split("\n\n", 1) for leaf in below)
    return found


def symbols(text: str) -> list[list[str]]:
    """Return the rows of the one table of symbols in a text, without links."""
    (table,) = TABLE.findall(text)
    rows = (ROLE.sub(r"\1", line).strip("| ").split(" | ") for line in table.splitlines())
    return [[cell.strip() for cell in row] for row in rows]


NOTATION = symbols(page("notation"))
LABELS = {a or b for chapter in CHAPTERS for a, b in LABEL.findall(source(chapter))}
ANSWERS = {q: a for part in leaves("faq").values() for q, a in part.items()}
ERRATA = {e: text for part in leaves("errata").values() for e, text in part.items()}


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda chapter: chapter.stem)
def test_the_notation_page_explains_a_symbol_as_its_chapter_does(chapter):
    number = str(int(chapter.stem[:2]))
    on_page = {(s, m, shape): code for s, m, code, shape, n in NOTATION if number in n.split(", ")}
    here = {(s, meaning, shape): code for s, meaning, code, shape in symbols(source(chapter))}
    assert sorted(on_page) == sorted(here)
    for row, code in here.items():
        assert set(code.split(", ")) <= set(on_page[row].split(", ")), row


def test_a_symbol_with_one_meaning_has_one_row():
    meanings = [(symbol, meaning) for symbol, meaning, *_ in NOTATION]
    assert len(meanings) == len(set(meanings))


def test_all_questions_of_both_articles_are_answered():
    assert [len(questions) for questions in leaves("faq").values()] == [15, 4]


@pytest.mark.parametrize("question", ANSWERS)
def test_an_answer_is_one_paragraph_and_leads_to_its_proof(question):
    answer, *more = ANSWERS[question].split("\n\n")
    assert len(more) <= 1
    assert all(line.startswith(TO_COME) for line in more)
    assert LABELS.intersection(LINK.findall(answer))


def test_every_mistake_of_the_articles_is_listed():
    places = [re.search(r"^Where\n: (.+)$", text, re.MULTILINE)[1] for text in ERRATA.values()]
    assert sorted(places) == sorted(WRONG_PLACES)


@pytest.mark.parametrize("mistake", ERRATA)
def test_a_mistake_leads_to_where_it_fails(mistake):
    seen = ERRATA[mistake].partition("See it fail\n: ")[2]
    assert LABELS.intersection(LINK.findall(seen)) or seen.startswith(TO_COME)


def test_every_failing_check_of_the_chapters_is_in_the_errata():
    linked = LINK.findall(page("errata"))
    assert {label for label in LABELS if label.startswith("sec-errata-")} - set(linked) == set()


def test_the_course_goes_through_all_sections_in_their_order():
    weeks = re.findall(
        r"^\| \d+ \| \{ref\}`(.+?)` to \{ref\}`(.+?)`", page("teaching"), re.MULTILINE
    )
    sections = [label for c in CHAPTERS for label in SECTION.findall(source(c))]
    first, last = (
        [sections.index(label) for label in column] for column in zip(*weeks, strict=True)
    )
    assert first == [0, *(place + 1 for place in last[:-1])]
    assert last[-1] == len(sections) - 1


def test_the_course_names_exercises_as_the_chapters_do():
    named = re.findall(r"\{ref\}`([^`<]+) <(ex-[\w-]+)>`", page("teaching"))
    texts = map(source, (ROOT / "chapters").glob("*.md"))
    titles = {label: title for text in texts for title, label in EXERCISE.findall(text)}
    assert {label: title for title, label in named}.items() <= titles.items()


def test_the_time_of_each_chapter_is_what_the_chapter_says():
    row = r"^\| \{ref\}`([\w-]+)` \| (.*hour.*?) \| (.*hour.*?) \|$"
    listed = {label: times for label, *times in re.findall(row, page("reading"), re.MULTILINE)}
    assert listed == {
        re.search(r"^\(([\w-]+)\)=$", text, re.MULTILINE)[1]: list(TIME.search(text).groups())
        for text in map(source, (ROOT / "chapters").glob("*.md"))
    }


def test_every_source_is_cited():
    sources = re.findall(
        r"^@\w+\{(\w+),$", (ROOT / "book/references.bib").read_text(), re.MULTILINE
    )
    texts = [*(ROOT / "book").rglob("*.md"), *(ROOT / "chapters").glob("*.md")]
    cited = set(
        re.findall(r"\w+", " ".join(re.findall(r"\{cite:.\}`(.+?)`", "".join(map(source, texts)))))
    )
    assert [name for name in sources if name not in cited] == []


@pytest.mark.parametrize("name", ["faq", "errata"])
def test_what_is_said_to_come_is_not_there_yet(name):
    said = re.findall(rf"{re.escape(TO_COME)}.*(?:\n.+)*", page(name))
    numbers = {int(number) for text in said for number in re.findall(r"chapter (\d)", text)}
    assert numbers.isdisjoint(int(chapter.stem[:2]) for chapter in CHAPTERS), "link to it now"


def test_the_goals_of_speed_stand_on_the_page_as_they_were_measured():
    cards, processors = measured("*_nvidia_*.json"), measured("*_amd_epyc_*.json")
    assert (len(cards), len(processors)) == (1, 2)
    for tables in (cards, processors):
        for name, row in tables[0].items():
            found = [table[name] for table in tables]
            if row["measured"] is not None:
                outcomes = [f"{r['measured']:.2f}{'' if r['met'] else ' (missed)'}" for r in found]
                assert f"| {name} | {row['goal']} | {' | '.join(outcomes)} |" in page("code")


def measured(files: str) -> list[dict[str, dict]]:
    """Read the kept tables of some machines, each row under its name."""
    found = sorted((ROOT / "book" / "results").glob(files))
    return [{row["name"]: row for row in json.loads(file.read_text())} for file in found]
