"""The numbers on the edges against plain formulas and finite differences."""

import numpy as np
import pytest

from deeplearn_utils.explorers.backpropagation.computation_graph import (
    DECIMALS,
    EDGES,
    NAMES,
    NODES,
    ComputationGraphExplorer,
    backward,
    forward,
)
from deeplearn_utils.explorers.page.packing import decode
from deeplearn_utils.explorers.parts.marks import Number
from deeplearn_utils.gradcheck import numerical_gradient
from deeplearn_utils.kernels import ACTIVATIONS
from tests.explorers.frames import every_frame, packed, reached
from tests.explorers.test_every_stop import places

PANEL = ComputationGraphExplorer()
SETTINGS = list(PANEL.settings())
SAMPLE = SETTINGS[:: len(SETTINGS) // 150]
F = {
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "tanh": np.tanh,
    "relu": lambda z: np.maximum(z, 0),
    "identity": lambda z: z,
    "leaky_relu": lambda z: np.where(z > 0, z, 0.01 * z),
}


@pytest.mark.parametrize("values", SAMPLE[::5], ids=str)
def test_values_are_those_of_the_formula(values):
    x, w, b, y = (values[name] for name in "xwby")
    a = F[values["activation"]](w * x + b)
    expected = {"x": x, "w": w, "b": b, "y": y, "u": w * x, "z": w * x + b}
    expected |= {"a": a, "e": a - y, "L": (a - y) ** 2}
    found = forward(**values)
    assert set(found) == set(expected) == set(EDGES)
    for name in EDGES:
        assert found[name] == pytest.approx(expected[name], abs=1e-12)


def from_edge(name, value, values):
    """Return L when the value on one edge is another one."""
    found = forward(**values) | {name: value}
    if name in "xw":
        found["u"] = found["w"] * found["x"]
    if name in "xwub":
        found["z"] = found["u"] + found["b"]
    if name in "xwubz":
        found["a"] = F[values["activation"]](found["z"])
    if name in "xwubzay":
        found["e"] = found["a"] - found["y"]
    return found["L"] if name == "L" else found["e"] ** 2


@pytest.mark.parametrize("name", EDGES)
def test_slopes_are_those_of_differences(name):
    for values in SAMPLE:
        found = forward(**values)
        if "relu" in values["activation"] and found["z"] == 0:
            continue  # at the kink a difference sees both slopes
        slopes = backward(found, values["activation"])

        def loss(value, values=values):
            return from_edge(name, float(value[0]), values)

        (expected,) = numerical_gradient(loss, np.array([float(found[name])]))
        assert float(slopes[name]) == pytest.approx(expected, abs=2e-7), values


def test_the_picture_shows_rounded_values_and_slopes():
    for values in SAMPLE:
        arrays = PANEL.frame(**values).arrays
        found = forward(**values)
        slopes = backward(found, values["activation"])
        for name in EDGES:
            assert arrays[f"{name}_value"] == pytest.approx(float(found[name]), abs=0.0005001)
            assert arrays[f"{name}_slope"] == pytest.approx(float(slopes[name]), abs=0.0005001)


def test_the_page_writes_the_same_digits_as_the_kernel():
    arrays = packed("computation_graph")["arrays"]
    frames = [frame for _, frame in every_frame("computation_graph")]
    for name in EDGES:
        for array in (f"{name}_value", f"{name}_slope"):
            unpacked = decode(arrays[array])[places(PANEL, arrays[array]["controls"], SETTINGS)]
            computed = np.array([frame.arrays[array] for frame in frames])
            np.testing.assert_array_equal(np.round(unpacked, DECIMALS) + 0.0, computed + 0.0)


def test_every_edge_has_its_two_numbers_and_they_keep_apart():
    numbers = [mark for mark in PANEL.panes[0].marks if isinstance(mark, Number)]
    assert {mark.value for mark in numbers} == {
        f"{name}_{kind}" for name in EDGES for kind in ("value", "slope")
    }
    for i, one in enumerate(numbers):
        for other in numbers[i + 1 :]:
            assert abs(one.x - other.x) > 1.5 or abs(one.y - other.y) > 0.4
    for mark in numbers:
        assert min(np.hypot(mark.x - x, mark.y - y) for x, y in NODES.values()) > 0.9


def test_the_point_lies_on_the_curve_and_the_tangent_touches_it():
    for values in SAMPLE:
        arrays = PANEL.frame(**values).arrays
        f = ACTIVATIONS[values["activation"]].forward
        np.testing.assert_allclose(arrays["a_now"], f(arrays["z_now"]))
        z, a = arrays["tangent_z"], arrays["tangent_a"]
        assert np.mean(a) == pytest.approx(arrays["a_now"][0])
        if arrays["z_now"][0] != 0 or "relu" not in values["activation"]:
            slope = (f(arrays["z_now"] + 1e-6) - f(arrays["z_now"] - 1e-6)) / 2e-6
            assert (a[1] - a[0]) / (z[1] - z[0]) == pytest.approx(slope[0], abs=1e-8)


def test_the_loss_over_w_is_that_of_the_graph_and_its_tangent_has_the_slope_of_w():
    for values in SAMPLE:
        arrays = PANEL.frame(**values).arrays
        losses = [forward(**(values | {"w": w}))["L"] for w in arrays["w"]]
        np.testing.assert_allclose(arrays["L"], losses, atol=1e-12)
        low, high = arrays["L_domain"]
        assert low < arrays["L"].min()
        assert arrays["L"].max() < high
        found = forward(**values)
        slopes = backward(found, values["activation"])
        (w_left, w_right), (L_left, L_right) = arrays["tangent_w"], arrays["tangent_L"]
        assert (L_right - L_left) / (w_right - w_left) == pytest.approx(float(slopes["w"]))
        assert (L_left + L_right) / 2 == pytest.approx(float(found["L"]))


def test_only_flat_activations_reach_the_target():
    settings = reached("computation_graph")
    assert {values["activation"] for values in settings} == {"sigmoid", "tanh", "relu"}
    for values in settings:
        found = forward(**values)
        assert abs(found["e"]) >= 0.9
        assert abs(backward(found, values["activation"])["w"]) < 0.01
        assert values["x"] != 0


def test_the_answer_to_the_question():
    w = PANEL.controls[1].stops
    found = [forward(2.0, value, 1.0, 0.0, "sigmoid") for value in w]
    slopes = [abs(backward(values, "sigmoid")["w"]) for values in found]
    top = int(np.argmax(slopes))
    assert 0 < top < len(w) - 1
    assert (np.diff(slopes[: top + 1]) > 0).all()
    assert (np.diff(slopes[top:]) < 0).all()
    assert slopes[-1] < slopes[top] / 10
    assert (np.diff([values["e"] for values in found]) > 0).all()


def test_the_text_and_the_summary_tell_the_numbers():
    assert PANEL.frame().text == (
        "Forward: z = 0.00, a = 0.50, error e = \N{MINUS SIGN}0.50, ℒ = 0.25. Backward: "
        "2e = \N{MINUS SIGN}1.00, times f′(z) = 0.25, times x = 2.0, gives ∂ℒ/∂w = "
        "\N{MINUS SIGN}0.50."
    )
    text = PANEL.frame(w=2.0, b=3.0, y=0.0).text
    assert "times f′(z) = 9.1 × 10⁻⁴, times x = 2.0, gives ∂ℒ/∂w = 0.0036." in text
    assert set(NAMES) == set(F)
