"""The panel against the file of results as it stands, and a part of the results computed anew."""

import json
import math
from importlib.resources import files

import numpy as np
import pytest

from deeplearn_utils.explorers import edge
from deeplearn_utils.explorers.edge import compressing
from deeplearn_utils.explorers.edge.compressed import BITS, RANKINGS, SPARSITIES, TUNED
from deeplearn_utils.explorers.edge.compression import CompressionExplorer
from deeplearn_utils.explorers.edge.compression_panes import BYTES, MISREAD, WEIGHTS
from tests.explorers.frames import every_frame, reached

PANEL = CompressionExplorer()
FILE = json.loads(files(edge).joinpath("compressed.json").read_text("utf-8"))


def told(values, table):
    """Return the numbers of all networks at one setting."""
    way = f"{values['ranking']}, {values['tuned']}, {values['bits']}"
    at = [round(100 * s) for s in SPARSITIES].index(values["sparsity"])
    return np.array(FILE[table][way])[:, at]


def error(values):
    return np.std(values, ddof=1) / np.sqrt(len(values))


def original():
    return np.array(FILE["right"]["global, no, 32"])[:, 0]


def within():
    """Return the settings that lose at most a point, the smallest first."""
    settings = [
        values
        for values, _ in every_frame("compression")
        if (original() - told(values, "right")).mean() <= 1
    ]
    return sorted(settings, key=lambda values: told(values, "compressed_bytes").mean())


def test_the_stored_results_are_whole():
    ways = {
        f"{ranking}, {tuned}, {bits}" for ranking in RANKINGS for tuned in TUNED for bits in BITS
    }
    assert set(FILE["right"]) == set(FILE["compressed_bytes"]) == set(FILE["left"]) == ways
    assert (FILE["networks"], FILE["epochs"], FILE["tuning"]) == (
        compressing.SEEDS,
        compressing.EPOCHS,
        compressing.TUNING,
    )
    for table in ("right", "compressed_bytes"):
        assert {np.shape(t) for t in FILE[table].values()} == {(FILE["networks"], len(SPARSITIES))}
    assert original().mean() > 95


def test_every_place_shows_the_numbers_of_the_file():
    for values, frame in every_frame("compression"):
        now, size = told(values, "right"), told(values, "compressed_bytes").mean()
        arrays = frame.arrays
        assert arrays["misread_now"] == pytest.approx(100 - now.mean())
        assert arrays["packed_now"] == pytest.approx(size)
        assert set(arrays["raw"]) == {FILE["bytes"][str(values["bits"])]}
        at = list(arrays["sparsities"]).index(values["sparsity"])
        spread = arrays["upper"][at] - arrays["lower"][at]
        assert spread == pytest.approx(2 * error(now))
        assert f"{size:,.0f} after gzip" in frame.text
        assert f"{now.mean():.1f} ± {error(now):.1f} %" in frame.text


def test_every_number_lies_on_its_axis():
    for _, frame in every_frame("compression"):
        pairs = ((WEIGHTS, ("before", "after")), (MISREAD, ("lower", "upper")))
        for pane, names in (*pairs, (BYTES, ("raw", "packed"))):
            for name in names:
                assert pane.y.domain[0] <= frame.arrays[name].min(), name
                assert frame.arrays[name].max() <= pane.y.domain[1], name


def test_the_histogram_has_as_many_weights_as_are_left():
    n_weights = sum(FILE["before"])
    assert n_weights == sum(a * b for a, b in ((64, 64), (64, 32), (32, 10)))
    for values, frame in every_frame("compression"):
        most = n_weights - round(values["sparsity"] / 100 * n_weights)
        left = frame.arrays["after"].sum()
        assert left <= most + 1  # each layer rounds its share
        if values["bits"] >= 16:
            assert left >= most - 1


def test_the_file_as_it_is_does_not_shrink_and_the_compressed_one_does():
    for bits, size in FILE["bytes"].items():
        for ranking in RANKINGS:
            packed = np.array(FILE["compressed_bytes"][f"{ranking}, yes, {bits}"])
            assert (packed <= size).all()
            assert (packed[:, -1] < 0.6 * packed[:, 0]).all()


def test_one_threshold_for_all_layers_keeps_more_at_90_percent_than_a_share_of_each():
    at = SPARSITIES.index(0.9)
    both = [np.array(FILE["right"][f"{ranking}, yes, 32"])[:, at] for ranking in RANKINGS]
    gap = both[0] - both[1]
    assert gap.mean() > 3 * error(gap)


def test_the_target_is_the_smallest_file_within_a_point():
    (setting,) = reached("compression")
    assert setting == within()[0]
    lost = original() - told(setting, "right")
    size, whole = told(setting, "compressed_bytes").mean(), FILE["bytes"]["32"]
    assert (
        f"{size:,.0f} bytes instead of {whole:,}, {whole / size:.1f} times fewer, and "
        f"{lost.mean():.1f} ± {error(lost):.1f} points lost."
    ) in PANEL.target.explanation
    alone = [
        whole / told(setting | change, "compressed_bytes").mean()
        for change in ({"sparsity": 0}, {"bits": 32})
    ]
    sentence = f"The bits alone give {alone[0]:.1f} times, the zeros alone {alone[1]:.1f}."
    assert sentence in PANEL.target.explanation
    assert f"among {len(every_frame('compression'))} on these digits" in PANEL.target.explanation


def test_the_question_is_answered_by_the_file():
    setting = {"sparsity": 90, "bits": 8, "ranking": "global", "tuned": "yes"}
    size, whole = told(setting, "compressed_bytes").mean(), FILE["bytes"]["8"]
    numbers = [float(option.split()[1].replace(",", "")) for option in PANEL.question.options]
    assert numbers == pytest.approx([whole / 10, size, whole], rel=0.05)
    assert PANEL.question.explanation.startswith(f"{size:,.0f}.")
    left = sum(FILE["before"]) - round(0.9 * sum(FILE["before"]))
    positions = math.log2(math.comb(sum(FILE["before"]), left)) / 8
    kept = whole - sum(FILE["before"])
    assert f"{left} bytes of weights are left, {kept} of scales" in PANEL.question.explanation
    assert f"takes {positions:.0f} at least" in PANEL.question.explanation
    assert positions + kept < size
