"""Controls: stops, what is read out, and what is refused."""

import pytest

from deeplearn_utils.explorers import NeuronExplorer
from deeplearn_utils.explorers.parts.controls import Choice, Slider, even_stops
from tests.explorers.gallery import GalleryExplorer
from tests.wrong_inputs import whole


def test_even_stops_hit_round_numbers_and_never_minus_zero():
    stops = even_stops(-3, 3, 0.1)
    assert len(stops) == 61
    assert stops[31] == 0.1
    assert str(stops[30]) == "0.0"


def test_readouts_have_a_true_minus_sign_and_the_unit():
    slider = Slider("t", "time", (-0.5, 0.0, 2.0), 0.0, "{:.1f}", "s")
    assert slider.readouts == ["\N{MINUS SIGN}0.5 s", "0.0 s", "2.0 s"]


def test_a_function_may_write_the_stops():
    slider = Slider("h", "step", (-1.0, 2.0), 2.0, lambda stop: f"{stop:.0f}!")
    assert slider.readouts == ["\N{MINUS SIGN}1!", "2!"]


def test_a_stop_that_has_a_name_is_read_out_with_it():
    slider = Slider("t", "time", (1.0, 2.0), 1.0, unit="s", names={2.0: "late"})
    assert slider.readouts == ["1 s", "2 s (late)"]


@pytest.mark.parametrize(
    ("control", "message"),
    [
        (
            lambda: Slider("w", "weight", (0.0, 1.0), 0.5),
            "`start` must be one of 0.0, 1.0, got 0.5",
        ),
        (
            lambda: Choice("f", "activation", {"relu": "ReLU"}, "tanh"),
            "`start` must be one of 'relu', got 'tanh'",
        ),
    ],
)
def test_a_start_that_is_no_stop_is_refused(control, message):
    with pytest.raises(ValueError, match=whole(message)):
        control()


def test_a_value_that_is_no_stop_is_refused():
    listed = ", ".join(map(repr, NeuronExplorer.controls[0].stops))
    with pytest.raises(ValueError, match=whole(f"`w1` must be one of {listed}, got 0.3")):
        NeuronExplorer().frame(w1=0.3)


def test_settings_walk_every_combination_the_last_control_fastest():
    settings = list(GalleryExplorer().settings())
    assert len(settings) == 6
    assert settings[0] == {"size": 0.0, "kind": "plain"}
    assert settings[1] == {"size": 0.0, "kind": "gap"}
    assert list(GalleryExplorer().settings(())) == [{}]
