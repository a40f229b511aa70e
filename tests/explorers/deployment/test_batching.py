"""The panel against the file of measurements as it stands, whatever machine it is from."""

import json
from importlib.resources import files

import numpy as np
import pytest

from deeplearn_utils.edge.runtime import RUNTIMES
from deeplearn_utils.explorers import deployment
from deeplearn_utils.explorers.deployment import batching
from deeplearn_utils.explorers.deployment.batching import LIMIT, MEASURED, BatchingExplorer
from deeplearn_utils.explorers.deployment.batching_panes import LATENCY, THROUGHPUT
from deeplearn_utils.explorers.deployment.measured import FORMATS, THREADS, read
from tests.explorers.frames import every_frame, reached

PANEL = BatchingExplorer()
FILE = json.loads(files(deployment).joinpath("latencies.json").read_text("utf-8"))
PLACES = [
    {"runtime": runtime, "threads": threads, "batch": batch}
    for runtime in FILE["milliseconds"]
    for threads in ("1", "2")
    for batch in FILE["batches"]
]


def told(place, name):
    times = FILE["milliseconds"][place["runtime"]][place["threads"]][name]
    return times[FILE["batches"].index(place["batch"])]


def throughput(place):
    return 1000 * place["batch"] / told(place, "median")


def test_the_stored_measurement_is_whole_and_was_made_with_care():
    assert set(FILE["milliseconds"]) <= set(FORMATS)
    assert {"litert", "onnx", "savedmodel"} <= set(FILE["milliseconds"])
    assert FILE["batches"] == [2**k for k in range(10)]
    assert FILE["calls"] >= 20
    assert FILE["validation_accuracy"] > 0.9
    assert {"keras", "tensorflow", "onnxruntime", "ai-edge-litert"} <= set(FILE["versions"])
    for place in PLACES:
        assert 0 < told(place, "median") <= told(place, "95 %")


def test_every_place_shows_the_numbers_of_the_file():
    assert [values for values, _ in every_frame("batching")] == PLACES
    for place, frame in every_frame("batching"):
        arrays, times = frame.arrays, FILE["milliseconds"]
        for threads in THREADS:
            own = times[place["runtime"]][str(threads)]
            np.testing.assert_array_equal(arrays[f"latency_{threads}"], own["median"])
            np.testing.assert_array_equal(arrays[f"slow_{threads}"], own["95 %"])
        for runtime, own in times.items():
            chosen = own[place["threads"]]
            np.testing.assert_array_equal(arrays[f"slow_{runtime}"], chosen["95 %"])
            rates = 1000 * np.array(FILE["batches"]) / chosen["median"]
            np.testing.assert_allclose(arrays[f"throughput_{runtime}"], rates)
        assert arrays["latency_now"] == told(place, "median")
        assert arrays["throughput_now"] == pytest.approx(throughput(place))
        assert RUNTIMES[place["runtime"]].title in frame.text


def test_every_number_lies_on_its_axis():
    for place in PLACES:
        for name in ("median", "95 %"):
            assert LATENCY.domain[0] < told(place, name) < LATENCY.domain[1]
        assert THROUGHPUT.domain[0] < throughput(place) < THROUGHPUT.domain[1]
    assert LATENCY.domain[0] < LIMIT < LATENCY.domain[1]


def test_the_target_is_the_largest_throughput_within_the_limit():
    assert f"{LIMIT:g} ms" in PANEL.target.text
    within = [place for place in PLACES if told(place, "95 %") <= LIMIT]
    assert 0 < len(within) < len(PLACES), "the limit allows some settings and forbids others"
    most = max(map(throughput, within))
    assert reached("batching") == [p for p in within if throughput(p) >= 0.95 * most]


def test_the_explanation_names_the_best_of_each_runtime():
    for runtime in FILE["milliseconds"]:
        within = [p for p in PLACES if p["runtime"] == runtime and told(p, "95 %") <= LIMIT]
        title = RUNTIMES[runtime].title
        if not within:
            assert f"{title} at no batch size" in PANEL.target.explanation
            continue
        best = max(within, key=throughput)
        threads = "1 thread" if best["threads"] == "1" else "2 threads"
        rate = batching.whole(throughput(best))
        sentence = f"{title} {rate} a second (batch {best['batch']}, {threads})"
        assert sentence in PANEL.target.explanation


def test_the_question_is_answered_by_the_file():
    first = [p for p in PLACES if p["threads"] == "1" and p["batch"] == 1]
    one = max(first, key=lambda place: told(place, "median"))
    assert one["runtime"] == PANEL.start["runtime"]
    times = FILE["milliseconds"][one["runtime"]]["1"]["median"]
    answers = [times[0], times[-1], times[0] * FILE["batches"][-1]]
    numbers = [float(option.split()[1]) for option in PANEL.question.options]
    assert numbers == [pytest.approx(answer, rel=0.06) for answer in answers]
    assert answers[1] > 1.5 * answers[0], "a large batch takes longer than one sample"
    assert answers[2] > 1.5 * answers[1], "but less than so many single ones"


MADE_UP = {
    "machine": "a machine",
    "date": "2026-01-01",
    "batches": [1, 4],
    "milliseconds": {
        "onnx": {k: {"median": [1.0, 2.0], "95 %": [1.5, 3.0]} for k in ("1", "2")},
        "litert": {
            "1": {"median": [0.5, 1.0], "95 %": [0.6, 9.0]},
            "2": {"median": [0.5, 0.8], "95 %": [0.5, 0.9]},
        },
    },
}


def test_other_machines_have_other_bests():
    found = read(json.dumps(MADE_UP))
    assert found.runtimes == {"litert": "LiteRT", "onnx": "ONNX Runtime"}
    assert batching.slowest(found) == "onnx"
    assert batching.best(found, 1.0) == ("litert", 2, 1)
    assert batching.best(found, 0.55) == ("litert", 2, 0)
    assert batching.best(found, 0.4) is None
    assert batching.explained(found, 1.0) == (
        "The best within the limit, on this machine: LiteRT 5,000 a second (batch 4, 2 threads); "
        "ONNX Runtime at no batch size."
    )
    times = [1.5, 3.0, 1.5, 3.0, 0.6, 9.0, 0.5, 0.9]
    geometric = np.prod(times) ** (1 / 8)
    assert batching.middle_latency(found) == batching.round_number(geometric) == 2.0
    assert batching.asked(found).options == ("about 1.0 ms", "about 2.0 ms", "about 4.0 ms")


def test_the_panel_tells_the_machine_and_the_day():
    assert FILE["machine"] in PANEL.title
    assert FILE["date"] in PANEL.title
    assert MEASURED.machine == FILE["machine"]
