"""The panel's rules against LiteRT's quantizer and NumPy, and the claims of its texts."""

import numpy as np
import pytest
from litert_quantizer.utils import qsv_utils

from deeplearn_utils.explorers.edge import calibration, whole_network
from deeplearn_utils.explorers.edge.calibration import NUMBERS, CalibrationExplorer
from deeplearn_utils.explorers.edge.calibration_panes import ACCURACY, CLIPPED, SIZES
from deeplearn_utils.explorers.edge.whole_network import NETWORK, SEEDS, Range
from tests.explorers.frames import every_frame, reached

PANEL = CalibrationExplorer()


def error(values):
    return np.std(values, ddof=1) / np.sqrt(len(values))


@pytest.mark.parametrize(
    ("rule", "update"),
    [("average", qsv_utils.moving_average_update), ("extremes", qsv_utils.min_max_update)],
)
@pytest.mark.parametrize("size", [1, 10, 400])
def test_both_rules_are_those_of_litert_quantizer(rule, update, size):
    values = whole_network.calibrating(0)[1]
    kept, after = {}, []
    for start in range(0, 400, size):
        item = values[start : start + size]
        kept = update(kept, {"min": item.min(), "max": item.max()})
        after.append((kept["min"], kept["max"]))
    ours = np.transpose(whole_network.found(rule, values, size))
    np.testing.assert_allclose(ours, after, rtol=1e-12)
    np.testing.assert_array_equal(whole_network.last(rule, values, size), ours[-1])


def test_percentiles_leave_a_thousandth_out_at_each_end():
    values = whole_network.calibrating(0)[0]
    low, high = whole_network.last("percentile", values, 1)
    for outside in (values < low, values > high):
        assert outside.mean() == pytest.approx(0.001, abs=1 / values.size)
    after = whole_network.found("percentile", values, 100)
    np.testing.assert_allclose([after.low[-1], after.high[-1]], [low, high])
    assert len(after.low) == 4


def by_hand(theta, X, ranges):
    """Return outputs in real numbers that are rounded to 8 bits where whole numbers would be."""

    def ends(within):
        low, high = min(float(within.low), 0.0), max(float(within.high), 0.0)
        scale = (high - low) / 255
        return scale, round(-128 - low / scale)

    def rounded(x, within):
        scale, zero = ends(within)
        return (np.clip(np.round(x / scale) + zero, -128, 127) - zero) * scale

    W, b = NETWORK.layout.unpack(theta)
    x = rounded(X, ranges[0])
    for l, (layer, bias) in enumerate(zip(W, b, strict=True)):
        steps = np.abs(layer).max(axis=0) / 127
        x = x @ (np.round(layer / steps) * steps) + bias
        x = rounded(np.maximum(x, 0) if l < len(W) - 1 else x, ranges[l + 1])
    scale, zero = ends(ranges[-1])
    return x / scale + zero


@pytest.mark.parametrize("rule", ["extremes", "average"])
def test_whole_numbers_are_those_of_rounded_real_ones(rule):
    theta, X = whole_network.trained(0), whole_network.data().X_validation[:200]
    ranges = calibration.ranges(rule, 1, 400)[0]
    ours = whole_network.answers(theta, X, ranges)
    assert ours.dtype == np.int8
    apart = np.abs(ours - by_hand(theta, X, ranges))
    assert apart.max() < 2.5  # a half that goes the other way in each layer
    assert (apart > 0.5).mean() < 0.02


def test_clipped_counts_what_lies_outside():
    values = np.array([-3.0, -1.0, 0.5, 2.0])
    assert whole_network.clipped(values, Range(-1.0, 1.0)) == 50
    assert whole_network.clipped(values, Range(0.25, 1.0)) == 75  # a range always holds 0


def test_curves_go_through_the_current_place_and_stay_on_their_axes():
    for values, frame in every_frame("calibration"):
        arrays = frame.arrays
        at = SIZES.index(values["size"])
        assert arrays["read"][at] == arrays["read_now"]
        last = values["number"] - 1
        assert arrays["low"][last] == pytest.approx(arrays["low_now"])
        assert arrays["high"][last] == pytest.approx(arrays["high_now"])
        assert np.isnan(arrays["low"][last + 1 :]).all()
        n_items = np.isfinite(arrays["item_high"]).sum()
        assert n_items == max(1, values["number"] // values["size"])
        assert ACCURACY.y.domain[0] < arrays["lower"].min()
        assert arrays["upper"].max() < ACCURACY.y.domain[1]
        assert arrays["clipped"].max() < CLIPPED.y.domain[1]


def test_grouping_makes_no_difference_to_extremes_and_percentiles():
    for rule in ("extremes", "percentile"):
        every = [calibration.read(rule, size, 400) for size in SIZES]
        np.testing.assert_array_equal(every, [every[0]] * len(SIZES))
        singles = whole_network.last(rule, whole_network.calibrating(0)[0], 1)
        np.testing.assert_array_equal(
            singles, whole_network.last(rule, whole_network.calibrating(0)[0], 400)
        )


def test_the_question_is_answered_by_five_networks_and_its_cause_has_its_controls():
    real = calibration.real()
    singles, together = (calibration.read("average", size, 400) for size in (1, 400))
    assert singles.mean() == pytest.approx(44, abs=3)
    assert [real.mean(), together.mean()] == pytest.approx([56, 56], abs=2)
    gap = together - singles
    assert gap.mean() > 3 * error(gap)
    X, theta = whole_network.data().X_validation, whole_network.trained
    average, extremes = (calibration.ranges(rule, 1, 400) for rule in ("average", "extremes"))
    mixed = [
        [[one[0], *other[1:]] for one, other in zip(*pair, strict=True)]
        for pair in ((average, extremes), (extremes, average))
    ]
    inputs_alone, all_others = (
        np.array(
            [
                calibration.right(whole_network.answers(theta(seed), X, ranges))
                for seed, ranges in enumerate(of)
            ]
        )
        for of in mixed
    )
    assert [inputs_alone.mean(), all_others.mean()] == pytest.approx([45, 54], abs=3)
    gap = all_others - inputs_alone
    assert gap.mean() > 3 * error(gap)
    assert calibration.outside("average", 1, 400)[:, 0].mean() == pytest.approx(7, abs=1)


def test_most_single_signals_stay_far_inside_the_range_of_all():
    values = whole_network.data().X_train
    assert np.median(np.abs(values).max(axis=1)) < 0.6 * np.abs(values).max()


def test_the_target_is_reached_by_larger_items_and_not_by_more_signals():
    settings = reached("calibration")
    assert {"rule": "average", "size": 10, "number": 50} in settings
    for values in settings:
        assert (values["rule"], values["number"]) == ("average", 50)
        lost = calibration.real() - calibration.read("average", values["size"], 50)
        assert lost.mean() <= 1
    few, many = (calibration.read("average", 1, number) for number in (NUMBERS[0], NUMBERS[-1]))
    gain = many - few
    assert gain.mean() < 3 * error(gain), "more signals one at a time don't help"
    assert few.mean() < calibration.real().mean() - 5
    left = whole_network.KEPT**60
    assert left == pytest.approx(0.05, abs=0.005)


def test_the_first_picture_is_as_its_summary_says():
    arrays = PANEL.frame().arrays
    assert arrays["clipped"].max() < 0.5
    assert arrays["read"] == pytest.approx(56, abs=2)
    width = arrays["high_now"] - arrays["low_now"]
    assert width > 0.8 * np.ptp(arrays["true"])
    assert SEEDS == 5
