"""Tables that a spreadsheet opens: any text comes back as it was, and none is a formula."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deeplearn_utils.grading.cells import inert, original, points, read_table, written

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
EVIL = st.builds("".join, st.tuples(st.sampled_from("=+-@＝\t\r\n' "), TEXT))


@given(TEXT | EVIL)
def test_no_text_stays_a_formula_and_all_text_comes_back(text):
    (cell,) = next(csv.reader(io.StringIO(written([[text]]), newline="")), [""])
    try:
        float(cell)
    except ValueError:
        assert cell == "-" or cell.strip(" ")[:1] not in tuple("=+-@\t\r\n＝＋－＠")
    assert original(cell) == text


MARKS = st.text("=+-@;\t\r\n'\" \u200b\u00a0a1", max_size=12)


@given(MARKS)
def test_marks_come_back_however_they_stand(text):
    assert original(inert(text)) == text


@given(MARKS | TEXT | EVIL, st.sampled_from(";\t"))
def test_no_formula_begins_where_another_spreadsheet_ends_cells(text, delimiter):
    """As in Excel where semicolons separate: opened so, a text is cut at each of them."""
    table = io.StringIO(written([["name", "answer", "more"], ["Ann", text, "x"]]), newline="")
    cells = [cell for row in csv.reader(table, delimiter=delimiter) for cell in row]
    begun = [cell.lstrip(' "\u200b\u00a0')[:1] for cell in cells]
    assert not set(begun) & set("=+-@＝＋－＠")


@given(st.floats(allow_nan=False, allow_infinity=False) | st.integers())
def test_numbers_stay_as_they_are(number):
    assert inert(number) == number
    assert inert(str(number)) == str(number)


@given(st.lists(st.lists(TEXT | EVIL, min_size=2, max_size=2), max_size=4))
def test_a_table_is_read_as_it_was_written(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("table") / "x.csv"
    path.write_text(written([["a", "b"], *rows]), encoding="utf-8", newline="")
    kept = [row for row in rows if any(str(inert(cell)).strip() for cell in row)]
    assert read_table(path) == (["a", "b"], kept)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_what_excel_saves_is_read(tmp_path, separator):
    path = tmp_path / "x.csv"
    rows = [["Name", "Points"], ['"Doe, Jane"', "3"], ["Roe", ""], [], ["short"]]
    path.write_bytes("\r\n".join(separator.join(row) for row in rows).encode("utf-8-sig"))
    expected = [["Doe, Jane", "3"], ["Roe", ""], ["short", ""]]
    assert read_table(path) == (["Name", "Points"], expected)


def test_what_one_student_wrote_into_moodle_does_not_stop_a_class(tmp_path):
    rows = [["1", "x" * 200_000], ["2", "short"]]
    path = tmp_path / "x.csv"
    path.write_text(written([["Identifier", "Online text"], *rows]), encoding="utf-8")
    assert read_table(path)[1] == rows


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "x.csv is empty"),
        ("Müller".encode("utf-16"), "x.csv is no text in UTF-8; save it as CSV, UTF-8"),
        (b'a,b\n"1,2', "x.csv is no CSV: unexpected end of data"),
        (
            b'a,b,c\n"Ann,1,""one"\nAnn,2,3\ntwo""""',
            "row 2 of x.csv stands in one cell: it was saved by a program that took another "
            "delimiter than ','; open the file with that one, and save it anew",
        ),
    ],
)
def test_what_is_no_table_is_refused(tmp_path, content, reason):
    path = tmp_path / "x.csv"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=f"^{reason}$"):
        read_table(path)


def test_points_have_two_decimals_at_most():
    told = [points(value) for value in (0, -0.0, 100000.0, 1 / 3, 2.5, None)]
    assert told == ["0", "0", "100000", "0.33", "2.5", ""]
