"""A student's page: safe to open, whatever stands in it; and never a hidden input."""

import json
import re
from html.parser import HTMLParser
from unicodedata import normalize

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from deeplearn_utils.grading.assignments import SOLUTIONS, WRITE, read
from deeplearn_utils.grading.reporting.feedback import feedback, feedback_page
from deeplearn_utils.grading.reporting.manual import merged
from deeplearn_utils.grading.reporting.marks import as_json, load, marks_of
from deeplearn_utils.grading.reporting.outlines import faults, outline
from deeplearn_utils.grading.shown import plain
from tests.grading.reporting.results import TASKS, WORDS, record, results

ASSIGNMENTS = sorted(path.stem for path in SOLUTIONS.glob("*.ipynb"))
FIRST, *_, LAST = TASKS
EVIL = (
    "</title><script>alert(1)</script>",
    "\"><img src=x onerror='alert(1)'>",
    "{{ 7 * 7 }}{% raw %}",
    "<!-- --!><style>*{display:none}</style>",
    "\u202egnp.exe\u2066",
    "javascript:alert(1)",
    "&lt;b&gt; & 'x'",
)


class Outline(HTMLParser):
    """The elements of a page with their attributes, and its text."""

    def __init__(self, page):
        super().__init__(convert_charrefs=True)
        self.elements, self.text = [], []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        kept = [(k, v) for k, v in attrs if (tag, k) != ("meta", "content")]
        self.elements.append((tag, tuple(kept)))

    def handle_data(self, data):
        self.text.append(data)


def marks(tmp_path, text="", reason="", name="ann", comment="", **how):
    told = record(name, [FIRST], text=text)
    told["tasks"][0]["reason"] = reason or told["tasks"][0]["reason"]
    told["notes"] = [text] if text else []
    made = marks_of([load(results(tmp_path / "r", told))], **how)
    if comment:
        (tmp_path / "m.csv").write_text(f"student,task,points,comment\nann,{FIRST},0,{comment}\n")
        made = merged(made, tmp_path / "m.csv")
    return made


SAID = st.sampled_from(EVIL) | st.text(st.characters(exclude_categories=["Cs"]), min_size=1)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(SAID, SAID)
def test_nothing_that_people_wrote_becomes_part_of_the_page(tmp_path, text, name):
    said = text.replace("\r", " ").replace("\x00", " ") + "."
    plainly = Outline(feedback_page(marks(tmp_path, "text", "reason", "name")))
    page = Outline(feedback_page(marks(tmp_path, said, said, name)))
    assert page.elements == plainly.elements
    assert said in "".join(page.text)
    assert plain(name) in "".join(page.text)


def test_a_page_loads_nothing_and_runs_nothing(tmp_path):
    text = feedback_page(marks(tmp_path, *EVIL[:2]), book="https://book.example/")
    page = Outline(text)
    assert {tag for tag, _ in page.elements} <= {
        *("html", "head", "meta", "title", "style", "body", "main", "footer", "section"),
        *("h1", "h2", "h3", "p", "article", "strong", "bdi", "a", "details", "summary"),
        "blockquote",
    }
    assert not any(key.startswith("on") or key == "style" for _, a in page.elements for key, _ in a)
    assert "default-src 'none'; style-src 'sha256-" in text
    assert "unsafe" not in text
    links = [dict(attrs)["href"] for tag, attrs in page.elements if tag == "a"]
    assert links
    assert all(link.startswith("https://book.example/chapters/") for link in links)


def test_points_misconception_section_and_comment_are_told(tmp_path):
    told = outline("01_networks")[0]
    reason = f"For a batch of one: {told.mistakes[0]}."
    page = "".join(Outline(feedback_page(marks(tmp_path, "", reason, comment="see me"))).text)
    assert "0 of 2 points" in page
    assert "It fails for: a batch of one." in page
    assert f"Likely misconception: {told.mistakes[0]}." in page
    assert f"Treated in section {told.section.number}, {told.section.title}." in page
    assert "Comment: see me" in page
    unknown = Outline(feedback_page(marks(tmp_path, "", "For x: it stops with ValueError.")))
    assert "What is wrong: it stops with ValueError." in "".join(unknown.text)


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_every_task_names_a_section_that_the_book_has(name):
    assert [task.id for task in outline(name) if task.section is None] == []


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_what_is_known_of_an_assignment_is_what_its_checks_know(name):
    told = {task.id: task for task in outline(name)}
    assert sum(task.of for task in told.values()) == read(name).points
    for check in read(name).checks:
        known = {"np": __import__("numpy")}
        exec(check.hidden, known)
        assert told[check.id].mistakes == tuple(known.get("mistakes", ()))


def test_no_hidden_part_of_a_check_gets_into_a_page(tmp_path):
    page = feedback_page(marks(tmp_path))
    for check in read("01_networks").checks:
        lines = [line.strip() for line in check.hidden.splitlines() if len(line.strip()) > 20]
        assert [line for line in lines if line in page] == []


def test_names_of_pages_lead_back_to_their_students(tmp_path):
    folder = results(
        tmp_path / "r",
        record("doejane", number="11", system="canvas", reply="doejane_LATE_11_901_"),
        record(
            "Ann O'Neil", number="5", system="moodle", reply="Ann O'Neil_5_assignsubmission_file_"
        ),
        record("../../etc/passwd", name="evil"),
        record("same", name="one", system="folder"),
        record("same", name="two", system="nbgrader"),
    )
    pages = feedback(folder, tmp_path / "pages")
    names = sorted(path.name for path in pages)
    assert [n for n in names if not n.startswith("same")] == [
        "Ann O'Neil_5_assignsubmission_file_feedback.html",
        "doejane_LATE_11_901_feedback.html",
        "etc passwd feedback.html",
    ]
    assert sorted((tmp_path / "pages").iterdir()) == sorted(pages)


@pytest.mark.parametrize("name", ["x" * 300, "學" * 200, "\U00020000" * 63, "a\u0301" * 120])
def test_a_long_name_keeps_no_page_from_anybody(tmp_path, name):
    moodle = {"number": "7", "reply": f"{name}_7_assignsubmission_file_", "system": "moodle"}
    folder = results(tmp_path / "r", record("ann"), record(name), record(name, name="b", **moodle))
    for _ in range(2):  # the second time, what was there is kept beside
        pages = feedback(folder, tmp_path / "pages")
        for page in pages:
            page.write_text("another")
    assert len(pages) == 3
    assert sum(page.name.endswith("_7_assignsubmission_file_feedback.html") for page in pages) == 1


def test_two_assignments_of_one_student_stand_on_one_page(tmp_path):
    first = results(tmp_path / "one", record("ann"))
    second = results(tmp_path / "two", record("ann"), assignment="02_mine")
    (page,) = feedback([first, second], tmp_path / "pages")
    text = page.read_text(encoding="utf-8")
    assert text.count("<h2") == 2
    assert "02_mine" in text


def test_a_gradebook_tells_more_than_results(tmp_path):
    made = marks(tmp_path, comment="see me")
    (tmp_path / "g").mkdir()
    (tmp_path / "g" / "gradebook.json").write_text(as_json(made, {}), encoding="utf-8")
    (page,) = feedback(tmp_path / "g", tmp_path / "pages")
    assert "see me" in page.read_text(encoding="utf-8")


def test_a_page_that_said_something_else_is_kept(tmp_path):
    folder = results(tmp_path / "r", record("ann", [FIRST]))
    (page,) = feedback(folder, tmp_path / "pages")
    old = page.read_bytes()
    assert feedback(folder, tmp_path / "pages") == [page]
    assert len(list(page.parent.iterdir())) == 1
    feedback(results(tmp_path / "r", record("ann", [LAST])), tmp_path / "pages")
    feedback(results(tmp_path / "r", record("ann", [FIRST, LAST])), tmp_path / "pages")
    kept = (
        page.with_name(f"{page.stem}.before-1.html"),
        page.with_name(f"{page.stem}.before-2.html"),
    )
    assert kept[0].read_bytes() == old
    assert sorted(page.parent.iterdir()) == sorted((page, *kept))


def test_an_address_that_would_run_something_is_refused(tmp_path):
    folder = results(tmp_path / "r", record("ann"))
    whole = "`book` must be an http(s) address or a relative one, got ' JavaScript:alert(1)//'"
    with pytest.raises(ValueError, match=f"^{re.escape(whole)}$"):
        feedback(folder, tmp_path / "pages", book=" JavaScript:alert(1)//")


def test_a_reason_is_split_into_kinds_and_what_is_wrong_with_them():
    kinds = "x, y and 2 other kinds of input, in value 1 of 2 (the bias)"
    reason = f"the cell a does not run. For {kinds}: a: b. For c: d."
    assert faults(reason) == [("", "the cell a does not run"), (kinds, "a: b"), ("c", "d")]
    assert faults("") == []


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_no_misconception_looks_like_two_sentences(name):
    assert [w for t in outline(name) for w in t.mistakes if len(faults(f"For x: {w}.")) > 1] == []


def test_each_sentence_of_a_reason_is_told_in_a_line_of_its_own(tmp_path):
    known = outline("01_networks")[0].mistakes[0]
    reason = f"For small numbers: {known}. For large numbers: nan or inf comes out."
    text = "".join(Outline(feedback_page(marks(tmp_path, "", reason))).text)
    assert f"Likely misconception: {known}." in text
    assert "It fails for: large numbers." in text
    assert "What is wrong: nan or inf comes out." in text


def test_what_was_not_answered_in_words_has_no_points_and_waits_for_nobody(tmp_path):
    told = record("ann")
    for answer in told["to_read"]:
        answer |= {"text": WRITE, "answered": False}
    (mark,) = marks_of([load(results(tmp_path / "r", told))])
    assert mark.waiting == ()
    assert mark.points == sum(TASKS.values())
    text = "".join(Outline(feedback_page([mark])).text)
    assert text.count("What is wrong: not answered yet.") == len(WORDS)
    assert WRITE not in text


def test_what_could_not_be_graded_is_said_once_and_not_for_each_task(tmp_path):
    broken = record("ann", status="unreadable", reason="it is no JSON, so it is no notebook")
    made = marks_of([load(results(tmp_path / "r", broken))])
    text = "".join(Outline(feedback_page(made)).text)
    assert text.count("it is no JSON, so it is no notebook.") == 1
    assert "0 of 32 points" in text
    assert "No task could be graded" in text
    assert "Task" not in text
    (tmp_path / "m.csv").write_text(f"student,task,points,comment\nann,{FIRST},2,from paper\n")
    text = "".join(Outline(feedback_page(merged(made, tmp_path / "m.csv"))).text)
    assert "No task could be graded" not in text
    assert "from paper" in text


def test_a_task_that_was_stopped_is_called_as_students_know_it(tmp_path):
    told = record("ann", [FIRST], status="partly graded", reason=f"stopped: {FIRST}, other-check")
    title = outline("01_networks")[0].title.partition(" (")[0]
    text = "".join(Outline(feedback_page(marks_of([load(results(tmp_path / "r", told))]))).text)
    assert f"Partly graded: stopped: {title}, other-check." in text


def test_what_waits_for_a_reader_is_said(tmp_path):
    (mark,) = marks(tmp_path)
    text = "".join(Outline(feedback_page([mark])).text)
    assert (
        f"{len(WORDS)} answers in words: not read yet, so 4 of these points are still open." in text
    )
    assert json.loads(as_json([mark], {}))["marks"][0]["tasks"][-1]["points"] is None


@pytest.mark.parametrize("other", ["Ann Lee", "ann lee", "Ann  Lee*", "\u1112\u1161\u11ab"])
def test_of_two_students_who_share_a_name_none_reads_the_others_page(tmp_path, other):
    name = "Ann Lee" if other.isascii() else "\ud55c"  # one file on a Mac
    ann = record(name, system="moodle", number="1", name="1", text="mine")
    mallory = record(other, [FIRST], system="moodle", number="2", name="2", text="theirs")
    pages = feedback(results(tmp_path / "r", ann, mallory), tmp_path / "pages")
    assert len({normalize("NFC", str(path)).casefold() for path in pages}) == 2
    told = ["".join(Outline(path.read_text(encoding="utf-8")).text) for path in pages]
    assert sum("the sign of z is wrong" in text for text in told) == 1
