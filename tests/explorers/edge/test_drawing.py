"""The panel on which the reader draws: what is stored, and what it says of the test digits."""

import io
import json
from importlib.resources import files

import numpy as np
import pytest
from PIL import Image
from scipy.special import softmax

from deeplearn_utils import explorers
from deeplearn_utils.datasets import digits
from deeplearn_utils.edge import integer
from deeplearn_utils.explorers import DrawingExplorer
from deeplearn_utils.explorers.edge import drawing, making
from deeplearn_utils.explorers.edge.drawing import EXAMPLES, MANY
from deeplearn_utils.explorers.edge.reader import ROUNDINGS, reader
from tests.edge.test_integer import by_micro, need_micro
from tests.explorers.frames import every_frame, reached

STORED = files(explorers) / "edge"
CONTENT = (STORED / "reader.tflite").read_bytes()


@pytest.fixture(scope="module")
def data():
    return digits(scale=False)


@pytest.fixture(scope="module")
def images(data):
    """Give the test digits as the network takes them, by hand."""
    return np.float32(data.X_test.reshape(-1, 8, 8, 1) / 16)


def test_what_is_stored_is_made_from_the_8_bit_file(data):
    assert (STORED / "reader.json").read_text("utf-8") == making.told(CONTENT, data)


def test_the_stored_pictures_are_the_test_digits(data):
    found = np.stack([reader().pixels(row) for row in range(len(data.X_test))])
    np.testing.assert_array_equal(found.reshape(len(found), 64), data.X_test)
    np.testing.assert_array_equal(reader().digits, data.y_test)


def test_the_stored_integers_are_litert_on_every_test_digit(images, run_litert):
    found = run_litert(CONTENT, images)
    np.testing.assert_array_equal(reader().real(reader().outputs["float"]), found, strict=True)


@need_micro
def test_in_fixed_point_they_are_those_of_tflite_micro(images):
    found = by_micro(CONTENT, images)
    np.testing.assert_array_equal(reader().real(reader().outputs["double"]), found, strict=True)


def test_the_network_reads_most_of_the_validation_digits(data):
    assert making.read_right(CONTENT, data) > 0.98


def test_the_targets_numbers(data):
    plain, fixed = reader().outputs.values()
    changed = np.sum(plain != fixed, axis=1)
    assert DrawingExplorer.target.explanation == (
        "Of the 359 test digits, 130 have an output that changes, and 19 have 3 or more. No "
        "output changes by more than one unit, and no answer changes."
    )
    counts = len(data.y_test), np.count_nonzero(changed), np.count_nonzero(changed >= MANY)
    assert counts == (359, 130, 19)
    assert np.abs(plain - fixed).max() == 1
    np.testing.assert_array_equal(plain.argmax(axis=1), fixed.argmax(axis=1))


def test_the_target_is_reached_where_three_outputs_change():
    changed = (reader().outputs["float"] != reader().outputs["double"]).sum(axis=1)
    expected = [row + 1 for row in range(EXAMPLES) if changed[row] >= 3]
    assert expected
    for rounding in ROUNDINGS:
        assert {"example": expected[0], "rounding": rounding} in reached("drawing")
    assert len(reached("drawing")) == 2 * len(expected)


def test_every_line_of_text_says_what_numpy_computes(images):
    model = integer.read(CONTENT)
    outputs = {name: model.core().predict(images, rounding=name) for name in ROUNDINGS}
    for values, frame in every_frame("drawing"):
        row, rounding = values["example"] - 1, values["rounding"]
        integers = outputs[rounding][row]
        (other,) = (outputs[name][row] for name in ROUNDINGS if name != rounding)
        best = integers.argmax()
        real = model.core().real(integers)
        changed = ", ".join(map(str, np.flatnonzero(integers != other)))
        rest = f"other integers for {changed}" if changed else "the same ten integers"
        assert frame.text == (
            f"Read as {best}. Its output is {integers[best]}, which stands for {real[best]:.2f}; "
            f"softmax makes {100 * softmax(np.float64(real))[best]:.1f} % of it. "
            f"The other rounding gives {rest}."
        )
        np.testing.assert_array_equal(frame.arrays["integers"], integers)
        np.testing.assert_array_equal(frame.arrays[rounding], integers)


def test_the_first_picture_is_as_its_summary_says_and_small():
    panel = DrawingExplorer()
    start = panel.start["example"] - 1
    assert reader().digits[start] == 4
    frame = panel.frame()
    assert frame.arrays["integers"].argmax() == 4
    change = frame.arrays["change"]
    np.testing.assert_array_equal(np.abs(change[np.isfinite(change)]), [1, 1])
    png = panel._picture()["image/png"]
    assert len(png) < 150_000
    size = Image.open(io.BytesIO(png)).size
    assert size[0] <= 1300
    assert size[1] <= 720


def test_the_browser_is_given_the_network_and_the_pictures():
    panel = DrawingExplorer()
    told = json.loads(json.dumps(panel.declaration))
    (example, rounding) = told["controls"]
    given = told["drawing"]
    assert [example["name"], rounding["name"]] == [given["control"], given["rounding"]]
    assert len(given["pictures"]) == len(example["readouts"])
    assert [ROUNDINGS[name] for name in given["roundings"]] == rounding["readouts"]
    assert given["many"] == MANY
    assert given["model"] == reader().model
    assert panel.panes[given["pane"]] is drawing.DRAWING
    assert "drawing" not in explorers.NeuronExplorer().declaration
