"""`arrays.compile` on every library: the same results as uncompiled, traced once."""

import itertools
import logging
from typing import NamedTuple

import numpy as np
import pytest

from deeplearn_utils import arrays
from deeplearn_utils.kernels import updates
from deeplearn_utils.networks import MLP
from deeplearn_utils.optimizers import OPTIMIZERS, Adam
from tests.libraries import TENSORFLOW, graphs_only
from tests.test_networks import problem
from tests.test_schedules import EVERY_SCHEDULE
from tests.wrong_inputs import whole

NETWORK = MLP([5, 7, 3], loss="softmax_cross_entropy")


def test_a_networks_gradient(lib, monkeypatch):
    graphs_only(lib, monkeypatch)
    values = [lib.array(x) for x in problem(NETWORK)]
    loss, gradient = arrays.compile(NETWORK.loss_and_gradient)(*values)
    right, right_gradient = NETWORK.loss_and_gradient(*problem(NETWORK))
    assert lib.holds(gradient, like=values[0])
    np.testing.assert_allclose(arrays.to_numpy(loss), right, rtol=1e-9)
    np.testing.assert_allclose(arrays.to_numpy(gradient), right_gradient, rtol=1e-7, atol=1e-12)


def test_a_training_step_is_traced_once_though_its_step_number_and_rate_change(lib, monkeypatch):
    graphs_only(lib, monkeypatch)
    theta, X, y = problem(NETWORK)
    ours, traces = [lib.array(x) for x in (theta, X, y)], []

    @arrays.compile
    def step(theta, state, X, y, *, rate):
        traces.append(1)
        _, gradient = NETWORK.loss_and_gradient(theta, X, y)
        return Adam(lambda _: rate).step(theta, gradient, state)

    first, state = ours[0], Adam(0.1).init(ours[0])
    right, right_state = theta, Adam(0.1).init(theta)
    for t in range(4):
        first, state = step(first, state._replace(t=t), *ours[1:], rate=0.1 / (t + 1))
        _, gradient = NETWORK.loss_and_gradient(right, X, y)
        right, right_state = Adam(0.1 / (t + 1)).step(right, gradient, right_state)
    assert type(state) is type(right_state)
    np.testing.assert_allclose(arrays.to_numpy(first), right, rtol=1e-6, atol=1e-9)
    assert int(state.t) == 4
    compiles = arrays.library(ours[0]) in ("jax", "tensorflow", "torch")
    assert len(traces) == (1 if compiles else 4)


class Pair(NamedTuple):
    first: object
    second: object


def test_containers_go_in_and_out(lib, monkeypatch):
    graphs_only(lib, monkeypatch)

    @arrays.compile
    def turned(pair, table, numbers):
        return {"sum": pair.first + table["x"] * numbers[0], "pair": Pair(pair.second, numbers[1])}

    x, y = lib.array(np.array([1.0, 2.0])), lib.array(np.array([3.0]))
    result = turned(Pair(x, y), {"x": x}, [2.0, y])
    np.testing.assert_array_equal(arrays.to_numpy(result["sum"]), [3.0, 6.0])
    assert type(result["pair"]) is Pair
    np.testing.assert_array_equal(arrays.to_numpy(result["pair"].first), [3.0])


def test_other_shapes_and_dtypes_compile_anew(lib, monkeypatch):
    graphs_only(lib, monkeypatch)
    double = arrays.compile(lambda x: 2.0 * x)
    for shape in ((3,), (2, 2), (1,)):
        for dtype in ("float32", "float64"):
            x = lib.array(np.ones(shape), dtype)
            assert lib.holds(double(x), like=x)
            np.testing.assert_array_equal(arrays.to_numpy(double(x)), np.full(shape, 2.0))


SCHEDULES = (0.1, *EVERY_SCHEDULE)
PAIRS = {
    "float64": list(itertools.product(OPTIMIZERS, SCHEDULES)),
    "float32": list(zip(OPTIMIZERS, itertools.cycle(SCHEDULES), strict=False)),
}
"""Optimizers with schedules: all pairs in one dtype, each of both at least once in the other."""


@pytest.mark.parametrize("dtype", PAIRS)
def test_every_optimizer_with_every_schedule(lib, dtype, monkeypatch):
    graphs_only(lib, monkeypatch)
    start, g = np.array([1.5, -2.0, 0.3], dtype), np.array([0.5, -1.0, 2.0], dtype)
    optimizers = {f"{name} {rate}": OPTIMIZERS[name](rate) for name, rate in PAIRS[dtype]}

    def runs(step, start, g):
        runs = {name: (start, optimizer.init(start)) for name, optimizer in optimizers.items()}
        for _ in range(6):
            runs = step(runs, g)
        return runs

    def step(runs, g):
        return {
            name: optimizers[name].step(theta, g, state) for name, (theta, state) in runs.items()
        }

    ours = runs(arrays.compile(step), lib.array(start), lib.array(g))
    rtol = 2e-6 if dtype == "float32" else 1e-12
    for name, (theta, state) in runs(step, start, g).items():
        assert lib.holds(ours[name][0], like=lib.array(start)), name
        np.testing.assert_allclose(
            arrays.to_numpy(ours[name][0]), theta, rtol=rtol, atol=rtol, err_msg=name
        )
        assert int(ours[name][1].t) == state.t == 6


def test_arguments_that_were_the_same_array_may_differ_later(lib, monkeypatch):
    graphs_only(lib, monkeypatch)
    difference = arrays.compile(lambda x, y: x - y)
    x, y = lib.array([3.0, 4.0]), lib.array([1.0, 1.0])
    np.testing.assert_array_equal(arrays.to_numpy(difference(x, x)), [0.0, 0.0])
    np.testing.assert_array_equal(arrays.to_numpy(difference(x, y)), [2.0, 3.0])


def test_true_and_false_choose_between_programs(lib, monkeypatch):
    graphs_only(lib, monkeypatch)
    m = v = lib.array(np.zeros(2))
    theta, g = lib.array([1.0, 2.0]), lib.array([3.0, -4.0])
    numbers = {"learning_rate": 0.1, "beta1": 0.9, "beta2": 0.99, "epsilon": 1e-8}
    adam = arrays.compile(updates.adam)
    for bias_correction in (True, False, np.True_):
        options = {**numbers, "bias_correction": bias_correction}
        for ours, right in zip(
            adam(theta, g, m, v, 1, **options), updates.adam(theta, g, m, v, 1, **options),
            strict=True,
        ):  # fmt: skip
            np.testing.assert_allclose(arrays.to_numpy(ours), arrays.to_numpy(right), rtol=1e-9)


def test_none_chooses_too_and_dropout_masks_may_be_none(lib, monkeypatch):
    graphs_only(lib, monkeypatch)
    network = MLP([5, 4, 3, 2], dropout=[0.5, 0.0])
    theta, X, _ = (lib.array(x) for x in problem(network))
    masks = network.masks(np.random.default_rng(0), int(X.shape[0]), like=theta)
    assert masks[1] is None
    outputs = arrays.compile(lambda theta, X, masks: network.trace(theta, X, masks)[-1].a)
    for given in (masks, None):
        right = network.trace(theta, X, given)[-1].a
        np.testing.assert_allclose(
            arrays.to_numpy(outputs(theta, X, given)), arrays.to_numpy(right), rtol=1e-7
        )


@pytest.mark.parametrize("number", [np.array(0.5), np.float64(0.5), np.longdouble(0.5)])
def test_numbers_of_numpy_are_pythons(lib, number, monkeypatch):
    graphs_only(lib, monkeypatch)
    g = lib.array([3.0, 4.0], np.float32)
    ours = arrays.compile(updates.clip_by_norm)(g, number)
    assert lib.holds(ours, like=g)
    np.testing.assert_allclose(arrays.to_numpy(ours), [0.3, 0.4], rtol=1e-6)


def test_inside_another_compiler_it_is_the_function_itself(jax):
    inner = arrays.compile(lambda x: x * x)
    np.testing.assert_allclose(jax.jit(jax.grad(inner))(3.0), 6.0)


@TENSORFLOW
def test_inside_of_a_tensorflow_function(tf):
    inner = arrays.compile(lambda x: x * x)
    assert float(tf.function(lambda x: inner(x) + 1.0)(tf.constant(3.0))) == 10.0


def test_only_numbers_run_as_they_are():
    assert arrays.compile(lambda x, y: x + y)(2, 0.5) == 2.5
    assert arrays.compile(lambda: 3)() == 3


NO_ARGUMENT = (
    "a compiled function takes arrays, numbers, and tuples, lists and dicts of them, got {}; "
    "fix other arguments before compiling, with functools.partial"
)


@pytest.mark.parametrize("wrong", [None, "relu"])
def test_only_functions_are_compiled(wrong):
    message = f"`function` must be a function of arrays, got {type(wrong).__name__}"
    with pytest.raises(TypeError, match=whole(message)):
        arrays.compile(wrong)


@pytest.mark.parametrize("wrong", ["relu", {1, 2}, object()])
def test_other_arguments_are_refused(wrong):
    with pytest.raises(TypeError, match=whole(NO_ARGUMENT.format(type(wrong).__name__))):
        arrays.compile(lambda x, y: x)(wrong, np.ones(2))


def test_a_wrong_argument_behind_right_ones_is_refused_everywhere(lib):
    with pytest.raises(TypeError, match=whole(NO_ARGUMENT.format("str"))):
        arrays.compile(lambda x, y: x)(lib.array(np.ones(2)), "relu")


def test_libraries_are_not_mixed(jax):
    double = arrays.compile(lambda x, y: x + y)
    message = (
        "arrays of different libraries can't be mixed, got jax, numpy; "
        "move one of them with arrays.asarray(x, like=other)"
    )
    for x, y in ((np.ones(2), jax.numpy.ones(2)), (jax.numpy.ones(2), np.ones(2))):
        with pytest.raises(TypeError, match=whole(message)):
            double(x, y)


def test_without_a_cpp_compiler_pytorch_runs_uncompiled(torch, monkeypatch, caplog):
    def broken(graph):
        def run(*_):
            raise torch._dynamo.exc.TorchDynamoException("no compiler")

        return run

    monkeypatch.setattr(torch, "compile", broken)
    with caplog.at_level(logging.WARNING):
        result = arrays.compile(lambda x: x + 1.0)(torch.ones(2))
    assert "PyTorch can't compile here" in caplog.text
    torch.testing.assert_close(result, torch.full((2,), 2.0))
