"""Where an activation hardly learns: one answer for figures and panels."""

import numpy as np
import pytest

from deeplearn_utils import figures
from deeplearn_utils.analysis.saturation import FLAT, is_dead, is_slow, largest_slope, slope, zones
from deeplearn_utils.kernels import ACTIVATIONS
from tests.wrong_inputs import whole


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_zones_are_where_the_slope_is_small(activation):
    found = zones(activation)
    inside = np.zeros(4001, dtype=bool)
    z = np.linspace(-20.0, 20.0, 4001)
    for low, high in np.vstack([found["slow"], found["dead"]]):
        inside |= (z >= low) & (z <= high)
    edge = np.abs(np.abs(slope(activation, z)) - FLAT * largest_slope(activation)) < 0.01
    np.testing.assert_array_equal(inside[~edge], is_slow(activation, z)[~edge])


def test_the_edges_of_the_zones_are_the_known_ones():
    sigmoid, tanh, relu = (zones(name) for name in ("sigmoid", "tanh", "relu"))
    # s (1 - s) = 0.05 / 4 and 1 - t^2 = 0.05, solved by hand
    s = (1 + np.sqrt(1 - 0.05)) / 2
    np.testing.assert_allclose(sigmoid["slow"][1, 0], np.log(s / (1 - s)), atol=0.02)
    np.testing.assert_allclose(tanh["slow"][1, 0], np.arctanh(np.sqrt(0.95)), atol=0.02)
    assert np.isnan(relu["slow"]).all()
    assert relu["dead"][0, 1] == 0.0
    assert np.isnan(zones("identity")["slow"]).all()


def test_only_relu_dies():
    z = np.array([-30.0, -1.0, 0.5])
    dead = {name for name in ACTIVATIONS if is_dead(name, z).any()}
    assert dead == {"relu"}


def test_a_dead_unit_stays_dead_where_other_slopes_are_only_rounded_to_0():
    z = np.array([-40.0, 40.0])
    assert (slope("tanh", z) == 0).all()
    assert not is_dead("tanh", z).any()
    np.testing.assert_array_equal(is_dead("relu", np.array([-40.0, 0.0, 40.0])), [1, 1, 0])


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_the_figure_shades_the_zones(activation):
    ((left, _),) = figures.activation_curves([activation], reach=40.0)
    found = np.vstack([zones(activation)["dead"], zones(activation)["slow"]])
    drawn = [(patch.get_x(), patch.get_x() + patch.get_width()) for patch in left.patches]
    np.testing.assert_allclose(np.reshape(drawn, (-1, 2)), found[np.isfinite(found[:, 0])])


def test_a_wrong_argument_is_named():
    names = ", ".join(map(repr, ACTIVATIONS))
    message = f"`activation` must be one of {names}, got 'nope'"
    for ask in (zones, lambda name: is_slow(name, np.ones(2)), lambda n: is_dead(n, np.ones(2))):
        with pytest.raises(ValueError, match=whole(message)):
            ask("nope")
    message = (
        "`z` must hold floating-point numbers (float32 or float64), got int64; try z.astype(float)"
    )
    with pytest.raises(TypeError, match=whole(message)):
        is_slow("relu", np.array([1, -1]))
