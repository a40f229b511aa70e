"""Every setting of every panel: whole, finite, said in words, and packed without loss."""

import json
import math

import numpy as np
import pytest

from deeplearn_utils.explorers.optimizers import trajectory_panes
from deeplearn_utils.explorers.page.packing import decode, inflate
from tests.explorers.frames import PANELS, every_frame, packed
from tests.explorers.unpacked import assert_unpacked

# Arrays with gaps: a line that may miss the plane, zones and units that may be absent.
GAPS = {
    "neuron": {
        *("line_x1", "line_x2", "foot_x1", "foot_x2", "tip_x1", "tip_x2"),
        *("slow_x1", "slow_x2", "dead_x1", "dead_x2"),
        *("slow_low", "slow_high", "dead_low", "dead_high"),
    },
    "creases": {"cut_x1", "cut_x2"},
    "decision_boundary": {"unit_x1", "unit_x2"},
    "computation_graph": {"slow_low", "slow_high", "dead_low", "dead_high"},
    "step_size": {"secant_y", "error", "error_now", "truncation", "rounding"},
    "gradient_norms": {
        *("weights", "delta", "weights_theory", "delta_theory", "delta_spread"),
        *("size", "spread", "size_theory", "spread_theory"),
        *("least_wanted", "largest_weights"),
    },
    "trajectories": {
        *(f"{name}_{axis}" for name in trajectory_panes.NAMES for axis in "xy"),
        *("level_x", "level_y"),
    },
    "learning_rate": {"loss", "validation_loss", "stop"},
    "batch_size": {"measured", "noise"},
    **{name: set() for name in ("penalty", "constraint", "label_noise", "robustness")},
    **{name: set() for name in ("skew", "batching", "compression")},
    "calibration": {"item_low", "item_high", "low", "high"},
    "drawing": {"change"},
    "folds": {"test", "fold_errors"},
    "gallery": {"lower", "low", "high", "corner_x", "corner_y", "numbers"},
}


@pytest.fixture(scope="module", params=list(PANELS))
def name(request):
    return request.param


@pytest.fixture(scope="module")
def panel(name):
    return PANELS[name]()


@pytest.fixture(scope="module")
def settings(name):
    return [values for values, _ in every_frame(name)]


@pytest.fixture(scope="module")
def frames(name):
    return [frame for _, frame in every_frame(name)]


@pytest.fixture(scope="module")
def stacks(frames):
    """Each array over all settings; that they can be stacked shows that shapes don't change."""
    return {name: np.stack([frame.arrays[name] for frame in frames]) for name in frames[0].arrays}


def test_a_panel_stands_under_its_name(name, panel):
    assert panel.name == name
    assert panel.question or panel.target


def test_arrays_are_finite_but_for_the_gaps(name, stacks):
    for array_name, stack in stacks.items():
        assert not np.isinf(stack).any(), array_name
        assert array_name in GAPS[name] or not np.isnan(stack).any(), array_name


def test_every_frame_has_the_same_arrays(frames):
    assert {tuple(frame.arrays) for frame in frames} == {tuple(frames[0].arrays)}


def test_what_is_computed_is_drawn_and_no_more(panel, stacks):
    drawn = set().union(*(pane.arrays() for pane in panel.panes))
    assert drawn == set(stacks)
    assert set(panel.depends) <= set(stacks)


def test_arrays_depend_on_the_declared_controls_only(panel, settings, stacks):
    for name, stack in stacks.items():
        stops = places(panel, panel.dependence(name), settings)
        _, first, back = np.unique(stops, return_index=True, return_inverse=True)
        np.testing.assert_array_equal(stack, stack[first][back], err_msg=name)


def test_the_same_setting_gives_the_same_frame(panel, settings, frames):
    for values, frame in list(zip(settings, frames, strict=True))[:: max(1, len(frames) // 20)]:
        again = panel.frame(**values)
        assert again.text == frame.text
        for name, array in frame.arrays.items():
            np.testing.assert_array_equal(again.arrays[name], array)


def test_a_line_of_text_says_what_is_seen(frames):
    for text in {frame.text for frame in frames}:
        assert 20 <= len(text) <= 220, text
        assert text.endswith(".")
        assert "nan" not in text


def test_a_target_can_be_reached_and_missed(panel, frames):
    reached = {frame.reached for frame in frames}
    assert reached == ({True, False} if panel.target else {False})
    assert not panel.frame().reached


def test_packed_panels_hold_what_was_computed_and_are_small(name, panel, settings, frames, stacks):
    data = packed(name)
    texts = decode(data["states"]["text"]).round().astype(int)
    reached = decode(data["states"]["reached"]) > 0.5
    written = json.loads(inflate(data["texts"]))
    assert [written[text] for text in texts] == [frame.text for frame in frames]
    assert reached.tolist() == [frame.reached for frame in frames]
    for array_name, stack in stacks.items():
        array = data["arrays"][array_name]
        unpacked = decode(array)[places(panel, array["controls"], settings)]
        assert_unpacked(unpacked, stack, array)
    assert len(json.dumps(data)) < 600_000
    assert len(settings) == math.prod(len(control.stops) for control in panel.controls) <= 20_000


def places(panel, controls, settings):
    """Return the number of each setting among those of some controls, the last moving fastest."""
    numbers = np.zeros(len(settings), dtype=int)
    for control in panel.controls:
        if control.name in controls:
            stops = [control.stops.index(values[control.name]) for values in settings]
            numbers = numbers * len(control.stops) + stops
    return numbers
