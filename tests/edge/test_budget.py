"""What a model costs: sizes and memory are counted, times are only told."""

import gzip
import re

import numpy as np
import pytest

from deeplearn_utils.edge import ModelError, integer
from deeplearn_utils.edge.budget import Latency, Size, Target, arena, latency, size, start_up
from deeplearn_utils.edge.compress.searching import compressed_size
from deeplearn_utils.edge.integer import IntegerModel, Step, Tensor
from tests.libraries import installed
from tests.wrong_inputs import no_array, whole


def chain(*sizes, kinds=None):
    """Return a model whose tensors have these sizes, one step between two of them."""
    kinds = kinds or ["dense"] * (len(sizes) - 1)
    steps = [Step(kind, (n,), n + 1) for n, kind in enumerate(kinds)]
    tensors = tuple(Tensor((n,), "int8") for n in sizes)
    return IntegerModel(tensors, tuple(steps), 0, len(sizes) - 1)


def test_two_neighbors_live_at_a_time():
    assert arena(chain(5, 100, 30, 200, 1)) == 230
    assert arena(chain(50, 60)) == 110


def test_a_reshape_takes_no_room():
    assert arena(chain(5, 100, 100, 7, kinds=["dense", "reshape", "dense"])) == 107


def test_a_branch_lives_until_it_is_added():
    tensors = tuple(Tensor((n,), "int8") for n in (10, 20, 40, 20, 20))
    steps = (
        Step("dense", (0,), 1),
        Step("dense", (1,), 2),
        Step("dense", (2,), 3),
        Step("add", (1, 3), 4),
    )
    assert arena(IntegerModel(tensors, steps, 0, 4)) == 20 + 40 + 20


def test_real_ends_take_four_bytes_a_number():
    tensors = (Tensor((10,), "float32"), Tensor((10,), "int8"))
    assert arena(IntegerModel(tensors, (Step("quantize", (0,), 1),), 0, 1)) == 50


@pytest.mark.skipif(
    not installed("tflite_micro"), reason="tflite-micro has packages for Linux on x86-64 only"
)
def test_the_arena_is_what_tflite_micro_plans_for_its_activations(int8_ends_file, capfd):
    from tflite_micro.python.tflite_micro import runtime

    interpreter = runtime.Interpreter.from_bytes(int8_ends_file)
    interpreter.print_allocations()
    said = "".join(capfd.readouterr())
    planned = int(re.search(r"head (\d+) bytes", said)[1])
    ours = arena(integer.read(int8_ends_file))
    assert ours <= planned < ours + 4096  # buffers start at multiples of 16; scratch comes on top


def test_the_size_is_that_of_gzip():
    content = np.random.default_rng(0).bytes(500) + bytes(500)
    assert size(content) == Size(1000, len(gzip.compress(content, 9)))


@pytest.mark.parametrize(("wrong", "got"), [(None, "NoneType"), ("text", "'text'"), ([1], "list")])
def test_only_bytes_are_measured(wrong, got):
    message = f"`content` must be bytes, such as path.read_bytes(), got {got}"
    for measure in (size, compressed_size):
        with pytest.raises(TypeError, match=whole(message)):
            measure(wrong)


@pytest.mark.parametrize("wrong", [None, b"model"])
def test_only_a_model_that_was_read_needs_room(wrong):
    kind = type(wrong).__name__
    message = f"`model` must be an IntegerModel, such as integer.read(path), got {kind}"
    for ask in (arena, integer.plan):
        with pytest.raises(TypeError, match=whole(message)):
            ask(wrong)


def test_a_latency_is_the_median_of_what_was_measured(
    int8_file, digit_images, tmp_path, monkeypatch
):
    path = tmp_path / "m.tflite"
    path.write_bytes(int8_file)
    clock = iter([0.0, 9.0, *np.ravel([(t, t + (t + 1) / 100) for t in range(20)])])
    monkeypatch.setattr("time.perf_counter", lambda: next(clock))
    found = latency(path, digit_images["X_test"][:3], repeats=20, warm_up=1)
    assert (found.median, found.percentile_95) == (pytest.approx(0.105), pytest.approx(0.2))
    assert str(Latency(5e-6, 7.25e-6, 10)) == (
        "5.0 µs in the median, 7.2 µs for 95 of 100, of 10 inputs"
    )


def test_a_process_of_its_own(int8_file, tmp_path):
    path = tmp_path / "m.tflite"
    path.write_bytes(int8_file)
    found = start_up(path, repeats=1)
    assert found.seconds > 0
    assert 2**20 < found.resident < 2**29
    path.write_bytes(b"hello")
    with pytest.raises(ModelError) as caught:
        start_up(path, repeats=1)
    told = f"`{path}` gave no answer in a process of its own: ValueError: "
    assert str(caught.value).startswith(told)


def test_a_target():
    target = Target(1000, 100)
    assert target.fits(flash=1000, ram=100)
    assert target.used(flash=500, ram=150) == (
        "flash 500 of 1000 bytes (50 %), RAM 150 of 100 bytes (150 %): does not fit"
    )
    with pytest.raises(ValueError, match=r"^`ram` must be a number in \(0, inf\), got 0$"):
        Target(1, 0)
    for tell in (target.fits, target.used):
        with pytest.raises(TypeError, match=whole("`ram` must be a number, got NoneType")):
            tell(flash=500, ram=None)


def test_no_inputs_to_time(tmp_path):
    with pytest.raises(
        ValueError, match=whole("`X` must have at least one element, got shape (0, 2)")
    ):
        latency(tmp_path, np.zeros((0, 2)), format="mlp")
    with pytest.raises(TypeError, match=no_array([], "X")):
        latency(tmp_path, [[1.0]], format="mlp")
