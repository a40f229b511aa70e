"""The neuron's picture against the book's kernels and plain geometry."""

import numpy as np
import pytest

from deeplearn_utils.analysis.saturation import FLAT, is_slow, largest_slope, slope
from deeplearn_utils.explorers.networks.neuron import NAMES, ONES, POINTS, REACH, NeuronExplorer
from deeplearn_utils.explorers.parts.activation_curve import curve
from deeplearn_utils.kernels import ACTIVATIONS
from deeplearn_utils.metrics import accuracy
from tests.explorers.frames import every_frame, reached

PANEL = NeuronExplorer()


@pytest.fixture(scope="module")
def settings():
    """Every setting of the weights under one activation, with its frame."""
    return [pair for pair in every_frame("neuron") if pair[0]["activation"] == "tanh"]


@pytest.fixture(scope="module")
def weights(settings):
    """The weights of every setting, and its bias: shapes (settings, 2) and (settings, 1)."""
    w = np.array([[values["w1"], values["w2"]] for values, _ in settings])
    return w, np.array([[values["b"]] for values, _ in settings])


def drawn(settings, *names):
    """Return arrays of all frames, one above the other: shape (settings, names, points)."""
    return np.array([[frame.arrays[name] for name in names] for _, frame in settings])


def test_on_the_decision_line_z_is_zero(settings, weights):
    w, b = weights
    line = drawn(settings, "line_x1", "line_x2")
    z = np.einsum("si,sip->sp", w, line) + b
    there = np.isfinite(line).all(axis=(1, 2))
    assert there.any()
    np.testing.assert_allclose(z[there], 0, atol=1e-12)
    assert np.abs(line[there]).max() <= REACH + 1e-12


def test_there_is_a_line_exactly_where_it_crosses_the_square(settings, weights):
    w, b = weights
    corners = REACH * np.array([[-1, -1], [-1, 1], [1, -1], [1, 1]])
    z = w @ corners.T + b
    crosses = w.any(axis=1) & (z.min(axis=1) <= 0) & (z.max(axis=1) >= 0)
    there = np.isfinite(drawn(settings, "line_x1")).all(axis=(1, 2))
    np.testing.assert_array_equal(there, crosses)


def test_the_arrow_starts_on_the_line_and_points_along_the_weights(settings, weights):
    w, b = weights
    foot = drawn(settings, "foot_x1", "foot_x2").reshape(-1, 2)
    tip = drawn(settings, "tip_x1", "tip_x2").reshape(-1, 2)
    some = w.any(axis=1)
    np.testing.assert_allclose((foot * w + b / 2).sum(axis=1)[some], 0, atol=1e-12)
    np.testing.assert_allclose((tip - foot)[some], w[some] / 2, atol=1e-12)


def test_wrong_points_are_those_that_accuracy_counts(settings, weights):
    answers = [(POINTS @ w + b > 0).astype(int) for w, b in zip(*weights, strict=True)]
    right = [accuracy(answer, ONES.astype(int)) for answer in answers]
    wrong = drawn(settings, "wrong").mean(axis=(1, 2))
    np.testing.assert_allclose(1 - wrong, right, rtol=1e-12)


@pytest.mark.parametrize("activation", NAMES)
def test_the_curve_is_the_kernel_and_its_slope_the_derivative(activation):
    drawn = curve(activation)
    z, f = drawn["z"], ACTIVATIONS[activation].forward
    np.testing.assert_array_equal(drawn["a"], f(z))
    smooth = z != 0  # ReLU and leaky ReLU have a kink there
    difference = (f(z + 1e-6) - f(z - 1e-6)) / 2e-6
    np.testing.assert_allclose(drawn["slope"][smooth], difference[smooth], atol=1e-8)
    low, high = drawn["a_domain"]
    assert low < min(drawn["a"].min(), drawn["slope"].min())
    assert high > max(drawn["a"].max(), drawn["slope"].max())


@pytest.mark.parametrize("activation", NAMES)
def test_points_lie_on_the_curve(activation):
    frame = PANEL.frame(w1=1.5, w2=0.5, b=-1.0, activation=activation)
    f = ACTIVATIONS[activation].forward
    for group in ("zeros", "ones"):
        z = frame.arrays[f"{group}_z"]
        np.testing.assert_array_equal(frame.arrays[f"{group}_a"], f(z))


@pytest.mark.parametrize("activation", NAMES)
def test_the_zones_in_the_plane_hold_exactly_the_slow_points(activation):
    rng = np.random.default_rng(0)
    x = rng.uniform(-REACH, REACH, size=(400, 2))
    for w1, w2, b in [(1.0, -1.0, 1.0), (3.0, 2.5, -4.0), (-2.0, 0.0, 0.5), (0.0, 0.0, 3.0)]:
        frame = PANEL.frame(w1=w1, w2=w2, b=b, activation=activation)
        z = x @ [w1, w2] + b
        inside = np.zeros(len(x), dtype=bool)
        for zone in ("slow", "dead"):
            for polygon in zip(frame.arrays[f"{zone}_x1"], frame.arrays[f"{zone}_x2"], strict=True):
                inside |= holds(np.column_stack(polygon), x)
        size, largest = np.abs(slope(activation, z)), largest_slope(activation)
        edge = np.abs(size - FLAT * largest) < 0.02 * largest
        assert (inside == is_slow(activation, z))[~edge].all()


def holds(polygon, x):
    """Return which points a convex polygon, corners counterclockwise, then NaN, contains."""
    corners = polygon[np.isfinite(polygon).all(axis=1)]
    if len(corners) < 3:
        return np.zeros(len(x), dtype=bool)
    edges = np.roll(corners, -1, axis=0) - corners
    offsets = x[:, None, :] - corners
    return (edges[:, 0] * offsets[..., 1] - edges[:, 1] * offsets[..., 0] >= 0).all(axis=1)


def test_the_target_is_reachable_with_sigmoid_and_with_tanh_only():
    assert {values["activation"] for values in reached("neuron")} == {"sigmoid", "tanh"}


def test_the_text_counts():
    text = PANEL.frame(w1=1.0, w2=1.0, b=0.0, activation="relu").text
    assert text == (
        "24 of 24 points are on their side of the line. "
        "12 points lie in the dead zone, where the slope is exactly 0."
    )
    assert "there is no line" in PANEL.frame(w1=0.0, w2=0.0).text
