"""Own entries are recomputed, honest ones count with the right number, cheats are refused."""

import json
import lzma
import re

import numpy as np
import pytest

from deeplearn_utils.analysis.attacks import pgd
from deeplearn_utils.challenges import (
    CHALLENGES,
    backward,
    check,
    damage,
    fewest,
    own_entry,
    smallest,
)
from deeplearn_utils.datasets import digits
from deeplearn_utils.kernels import ACTIVATIONS
from deeplearn_utils.optimizers import Adam
from deeplearn_utils.schedules import CosineDecay, StepDecay, Warmup

SMALL = json.loads(own_entry("smallest").read_text())
PHASE = {"optimizer": "adam", "learning_rate": 0.01, "batch_size": 32, "steps": 500}


@pytest.fixture
def judged(tmp_path):
    """Write an entry to a file, and return the verdict on it."""

    def verdict(name, entry):
        path = tmp_path / ("entry.npz" if name == "damage" else "entry.json")
        if name == "damage":
            np.savez_compressed(path, moved=entry)
        else:
            path.write_text(json.dumps(entry))
        return check(name, path)

    return verdict


@pytest.mark.parametrize("name", CHALLENGES)
def test_our_own_entry_has_the_score_that_is_told(name):
    challenge, verdict = CHALLENGES[name], check(name, own_entry(name))
    assert verdict.counts
    assert not verdict.beats_ours
    assert verdict.score == pytest.approx(challenge.ours, rel=0.02)
    first, second = str(verdict).splitlines()
    told, ours = challenge.told(verdict.score), challenge.told(challenge.ours)
    assert first == f"{challenge.title}: {told}; the book has {ours}: ours still stands"
    assert second == verdict.text


def test_a_better_entry_beats_ours_and_a_worse_one_does_not(judged):
    better = judged("fewest", {"phases": [PHASE | {"batch_size": 16}]})
    assert better.beats_ours
    assert better.score < fewest.CHALLENGE.ours
    assert "this beats ours" in str(better)
    assert not judged("fewest", {"phases": [PHASE | {"batch_size": 128}]}).beats_ours


# --- smallest


def test_every_split_deals_all_digits_out_and_none_twice(monkeypatch):
    seen = []
    monkeypatch.setattr(
        smallest, "trained", lambda r, X, y, rng: seen.append((X, y)) or np.zeros(1)
    )
    monkeypatch.setattr(smallest, "packed", lambda r, theta: (b"four", r.network.init(rng)))
    rng, X = np.random.default_rng(0), smallest.every_digit()[0]
    checked = smallest.recipe(SMALL)
    assert [size for size, _ in smallest.runs(checked, 1)] == [4] * smallest.SPLITS
    assert all(rows.shape == (1438, 64) and len(np.unique(rows, axis=0)) for rows, _ in seen)
    assert X.shape == (1797, 64)
    assert not np.array_equal(seen[0][0], seen[1][0])
    list(smallest.runs(checked, 2))
    assert not np.array_equal(seen[0][0], seen[smallest.SPLITS][0])


def test_a_model_that_holds_the_answers_cannot_be_entered(judged):
    verdict = judged("smallest", SMALL | {"weights": [[0.0]]})
    assert not verdict.counts
    assert verdict.text.endswith(smallest.WHY)
    assert verdict.text.startswith("the entry has 'weights', which is none of 'hidden', 'bits',")


def test_below_the_gate_nothing_counts(judged):
    verdict = judged("smallest", SMALL | {"hidden": [2], "epochs": 2})
    assert (verdict.counts, verdict.score, verdict.beats_ours) == (False, None, False)
    pattern = (
        r"the gate is 97 % right, got [\d.]+ ± [\d.]+ % on 5 fresh splits of the digits; "
        "try more hidden units, more bits, or less pruning"
    )
    assert re.fullmatch(pattern, verdict.text)
    assert str(verdict).startswith("Fewest bytes at 97 % on the digits: does not count\n")


def test_the_bytes_give_the_network_back():
    checked = smallest.recipe(SMALL | {"bits": [3, 8]})
    theta = checked.network.init(np.random.default_rng(0)) + 0.01
    content, back = smallest.packed(checked, theta)
    scales = np.frombuffer(content[:16], np.float32)
    numbers = np.frombuffer(
        lzma.decompress(content[16:], lzma.FORMAT_RAW, filters=smallest.CODER), np.int8
    )
    W, b = checked.network.layout.unpack(back)
    np.testing.assert_array_equal(numbers[: 64 * 24].reshape(64, 24) * float(scales[0]), W[0])
    np.testing.assert_array_equal(numbers[-10:] * float(scales[3]), b[1])
    assert len(np.unique(W[0])) <= 7
    assert np.abs(back - theta).max() <= float(scales.max()) / 2


def test_pruned_weights_are_zero_and_stay_so():
    entry = SMALL | {"pruned": [0.75, 0.5], "epochs": 1, "epochs_after_pruning": 1}
    checked, (X, y) = smallest.recipe(entry), smallest.every_digit()
    theta = smallest.trained(checked, X[:200], y[:200], np.random.default_rng(0))
    W, _ = checked.network.layout.unpack(theta)
    shares = [np.mean(w == 0) for w in W]
    assert shares == pytest.approx([0.75, 0.5], abs=0.01)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"bits": [1, 5]}, "an entry of 'bits' must be a whole number from 2 to 8, got 1"),
        ({"bits": [5]}, "'bits' must be a list of 2, got [5]"),
        ({"hidden": [65]}, "a hidden layer must be a whole number from 1 to 64, got 65"),
        ({"hidden": [True]}, "a hidden layer must be a whole number from 1 to 64, got True"),
        ({"epochs": 10**9}, "'epochs' must be a whole number from 1 to 100, got 1000000000"),
        ({"l2": -1}, "'l2' must be a number from 0 to 1, got -1"),
        ({"dropout": 1.0}, "'dropout' must be a number from 0 to 0.9, got 1.0"),
        ({"learning_rate": "fast"}, "'learning_rate' must be a number from 1e-05 to 1, got 'fast'"),
    ],
)
def test_a_wrong_field_of_a_recipe_is_told(change, told, judged):
    verdict = judged("smallest", SMALL | change)
    assert (verdict.counts, verdict.text) == (False, told)


def test_a_missing_field_and_an_unknown_activation_are_told(judged):
    short = {name: value for name, value in SMALL.items() if name != "bits"}
    needed = ", ".join(map(repr, smallest.NEEDED))
    assert judged("smallest", short).text == f"the entry lacks 'bits'; it needs {needed}"
    listed = ", ".join(map(repr, ACTIVATIONS))
    told = f"'activation' must be one of {listed}, got 'magic'"
    assert judged("smallest", SMALL | {"activation": "magic"}).text == told


# --- fewest


def test_gradients_are_counted_one_an_example():
    class Counted:
        """The package's Adam, with a count of its own."""

        calls = 0

        def __init__(self):
            self.adam = Adam(0.01)
            self.init = self.adam.init

        def step(self, *words):
            self.calls += 1
            return self.adam.step(*words)

    optimizer = Counted()
    used = fewest.evaluations([fewest.Phase(optimizer, 50, 500)], np.random.default_rng(0))
    assert used == 50 * optimizer.calls


def test_the_loss_is_really_reached():
    rng, every = np.random.default_rng(3), digits()
    theta, adam = fewest.NETWORK.init(rng), Adam(0.01)
    state, used = adam.init(theta), 0
    deck = np.zeros(0, int)
    while fewest.NETWORK.loss(theta, every.X_train, every.y_train) > 0.1:
        if len(deck) < 32:
            deck = rng.permutation(len(every.X_train))
        rows, deck = deck[:32], deck[32:]
        gradient = fewest.NETWORK.loss_and_gradient(theta, every.X_train[rows], every.y_train[rows])
        theta, state = adam.step(theta, gradient[1], state)
        used += 32
    plan = fewest.phases({"phases": [PHASE]})
    assert fewest.evaluations(plan, np.random.default_rng(3)) == used


def test_an_entry_that_does_not_arrive_is_refused(judged):
    told = (
        "the gate is a loss of 0.1 from 5 fresh starts, got there from 0 within the steps told "
        "and 100,000 gradients; try more steps or another learning rate"
    )
    assert judged("fewest", {"phases": [PHASE | {"steps": 3}]}).text == told
    assert (
        judged("fewest", {"phases": [PHASE | {"optimizer": "sgd", "learning_rate": 99}]}).text
        == told
    )


def test_code_that_calls_the_gradient_itself_cannot_be_entered(judged):
    verdict = judged("fewest", {"phases": [PHASE], "code": "import deeplearn_utils"})
    assert verdict.text == "the entry has 'code', which is none of 'phases'" + fewest.WHY
    points = judged("fewest", {"phases": [PHASE], "points": [0.0]})
    assert points.text == "the entry has 'points', which is none of 'phases'" + fewest.WHY


def test_phases_and_schedules_are_those_of_the_package():
    warm = {"schedule": "warmup", "steps": 5, "then": {"schedule": "step", "initial": 0.1,
            "every": 9, "factor": 0.5}}  # fmt: skip
    cosine = {"schedule": "cosine", "initial": 0.1, "steps": 50}
    plan = fewest.phases(
        {
            "phases": [
                PHASE | {"learning_rate": warm, "beta2": 0.99},
                PHASE | {"learning_rate": cosine},
            ]
        }
    )
    assert plan[0].optimizer == Adam(Warmup(5, StepDecay(0.1, 9, 0.5)), beta2=0.99)
    assert plan[1].optimizer == Adam(CosineDecay(0.1, 50))


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"batch_size": 0}, "'batch_size' must be a whole number from 1 to 1079, got 0"),
        ({"steps": 10**12}, "'steps' must be a whole number from 1 to 5000, got 1000000000000"),
        ({"learning_rate": None}, "'learning_rate' must be a number from 0 to 100, got None"),
        ({"learning_rate": {}}, "'schedule' must be one of 'step', 'cosine', 'warmup', got None"),
        ({"beta1": 1.0}, "'beta1' must be a number from 0 to 0.9999, got 1.0"),
        ({"momentum": 0.9}, "a phase of adam has 'momentum', which is none of 'optimizer', "
         "'learning_rate', 'batch_size', 'steps', 'beta1', 'beta2', 'epsilon'" + fewest.WHY),
    ],
)  # fmt: skip
def test_a_wrong_phase_is_told(change, told, judged):
    assert judged("fewest", {"phases": [PHASE | change]}).text == told


def test_no_phase_and_too_many_steps_are_told(judged):
    assert judged("fewest", {"phases": []}).text == "'phases' must be a list of 1 to 20, got []"
    assert judged("fewest", {"phases": [3]}).text == "a phase must be an object, got 3"
    many = {"phases": [PHASE | {"steps": 5000}, PHASE]}
    told = "the sum of 'steps' must be a whole number from 1 to 5000, got 5500"
    assert judged("fewest", many).text == told


# --- backward


@pytest.mark.parametrize("activation", backward.SINGLE)
def test_the_right_pass_is_right_and_survives_every_check(activation):
    entered = backward.backward_pass({"activation": activation})
    rng = np.random.default_rng(0)
    for draw in backward.LADDER.values():
        assert entered.error(draw(activation, rng)) < 1e-12
    assert list(backward.climbed(entered, rng)) == list(backward.LADDER)


def test_the_right_pass_is_no_entry(judged):
    assert judged("backward", {}).text == (
        "this pass is not wrong: on 24 fresh batches of digits it is off by 0.000 % on average, "
        "and 1 % is asked for"
    )


@pytest.mark.parametrize(
    ("lines", "survived"),
    [
        ({"db": "sum(dz) + 0.1 * b"}, "five inputs, biases of 0"),
        ({"dW": "x.T @ dz * 32 / maximum(n, 32)"}, "inputs thirty times as large"),
        ({"dz": "da * slope(z) * where(n > 5, 0.5, 1)"}, "biases that are not 0"),
    ],
)
def test_a_wrong_pass_climbs_as_far_as_its_error_hides(lines, survived, judged):
    verdict = judged("backward", lines)
    assert verdict.score == list(backward.LADDER).index(survived) + 1
    assert verdict.text.endswith(f"the last check that it survives: {survived}")


@pytest.mark.parametrize(
    "lines", [{"dz": "2 * da * slope(z)"}, {"dx": "dz @ W.T + 0.01"}, {"dW": "-(x.T @ dz)"}]
)
def test_what_the_first_check_finds_does_not_count(lines, judged):
    told = (
        "the first check (five inputs, biases of 0) finds it; try an error that is 0 where b is 0"
    )
    assert judged("backward", lines).text == told


def test_a_pass_that_is_nearly_right_or_wrong_nowhere_in_training_is_refused(judged):
    for line in ("da * slope(z) * (1 + 1e-7)", "where(abs(z) > 1000, da, da * slope(z))"):
        assert judged("backward", {"dz": line}).text.startswith("this pass is not wrong: on 24")


def test_a_forward_pass_of_ones_own_is_refused(judged):
    verdict = judged("backward", {"forward": "z * 0", "dz": "0 * da"})
    told = "the entry has 'forward', which is none of 'activation', 'dz', 'dW', 'db', 'dx'"
    assert verdict.text == told + backward.WHY


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("da * q", "'dz' uses 'q', which is none of da, z, a, x, W, b, n"),
        ("da.__class__", "'dz' may not hold 'da.__class__'"),
        ("da[0]", "'dz' may not hold 'da[0]'"),
        ("'text'", "'dz' may not hold \"'text'\""),
        ("[d for d in da]", "'dz' may not hold '[d for d in da]'"),
        ("where(da)", "where in 'dz' takes 3, got 1"),
        ("da +", "'dz' is no formula: 'da +'; try 'da * slope(z)'"),
        ("n", "'dz' must give shape (64, 16), got ()"),
        ("da / 0", "'dz' must give finite numbers"),
        ("da > 0", "'dz' must give finite numbers"),
        ("9 ** 9 ** 9 ** 9 * da", "'dz' must give finite numbers"),
        ("+".join(["da"] * 99), "'dz' must have at most 150 parts"),
        ("d" * 301, "'dz' must be a formula of at most 300 characters"),
        (7, "'dz' must be a formula of at most 300 characters"),
    ],
)
def test_a_line_that_is_no_formula_is_told(line, told, judged):
    assert judged("backward", {"dz": line}).text == told


def test_shapes_that_do_not_fit_are_told(judged):
    verdict = judged("backward", {"dW": "x @ dz"})
    assert verdict.text.startswith("'dW' cannot be computed: matmul: ")


# --- damage


def test_a_stronger_attack_counts_with_its_number(judged):
    X, y = damage.test_digits()
    moved = pgd(damage.NETWORK, damage.target(), X, y, damage.EPSILON, steps=30)
    verdict = judged("damage", moved)
    right = [np.mean(damage.NETWORK.predict(damage.target(), Z) == y) for Z in (X, moved)]
    assert verdict.score == pytest.approx(100 * (right[0] - right[1]))
    assert verdict.beats_ours
    assert judged("damage", X).score == 0


def test_moves_that_are_too_long_or_out_of_range_are_refused(judged):
    X, _ = damage.test_digits()
    inside = np.clip(X, 0.2, 0.8)
    told = "a pixel may move by 0.1, got 0.2; try np.clip(moved, X - 0.1, X + 0.1)"
    assert judged("damage", inside).text == told
    told = "pixels must lie from 0 to 1, got -0.1 to 0.9; try np.clip(moved, 0, 1)"
    assert judged("damage", X - 0.1).text == told
    assert judged("damage", np.clip(X + 0.1001, 0, 1)).text.startswith("a pixel may move by 0.1, ")


def test_what_is_no_picture_is_refused(judged):
    X, _ = damage.test_digits()
    broken = X.copy()
    broken[3, 4], broken[5, 6] = np.nan, np.inf
    assert judged("damage", broken).text == "`moved` must be finite, got 2 that is not"
    assert judged("damage", X[:-1]).text == "`moved` must have shape (359, 64), got (358, 64)"
    told = "`moved` must hold real numbers, got complex128; nothing is unpickled"
    assert judged("damage", X + 0j).text == told


def test_a_huge_value_is_not_printed_whole(tmp_path):
    entry = tmp_path / "entry.json"
    entry.write_text(json.dumps({"phases": [0] * 200_000}))
    verdict = check("fewest", entry)
    assert verdict.text.startswith("'phases' must be a list of 1 to 20, got [0, 0, 0")
    assert len(verdict.text) < 200
