"""Kernels on the second device, and with arrays on both."""

import jax
import numpy as np
import pytest

from deeplearn_utils import arrays
from deeplearn_utils.kernels import dense
from tests.two_devices.cases import CASES, numbers
from tests.wrong_inputs import two_devices

ONE, TWO = jax.devices()
LAYER = numbers(5, 3), numbers(3, 2), numbers(2)


def results(kernel, *inputs, **options):
    result = kernel(*inputs, **options)
    return result if isinstance(result, tuple) else (result,)


@pytest.mark.parametrize("name", CASES)
def test_the_result_is_where_the_arrays_are(name):
    kernel, inputs, options = CASES[name]
    ours = results(kernel, *(jax.device_put(x, TWO) for x in inputs), **options)
    for x, expected in zip(ours, results(kernel, *inputs, **options), strict=True):
        assert x.devices() == {TWO}
        np.testing.assert_allclose(x, expected, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", [name for name, (_, given, _) in CASES.items() if len(given) > 1])
def test_each_array_of_another_device_is_refused(name):
    kernel, inputs, options = CASES[name]
    for k in range(len(inputs)):
        mixed = [jax.device_put(x, ONE if i == k else TWO) for i, x in enumerate(inputs)]
        one, other = ("cpu:0", "cpu:1") if k == 0 else ("cpu:1", "cpu:0")
        with pytest.raises(ValueError, match=two_devices(r"\w+", r"\w+", one, other)):
            kernel(*mixed, **options)


def test_the_message_names_arrays_and_devices():
    x, W, b = (jax.device_put(v, d) for v, d in zip(LAYER, (TWO, ONE, TWO), strict=True))
    with pytest.raises(ValueError, match=two_devices("x", "W", "cpu:1", "cpu:0")):
        dense.dense(x, W, b)
    with pytest.raises(
        ValueError, match=two_devices(r"arrays\[0\]", r"arrays\[1\]", "cpu:0", "cpu:1")
    ):
        arrays.namespace(W, x)


def test_what_the_message_advises_helps():
    x, W, b = (jax.device_put(v, d) for v, d in zip(LAYER, (TWO, ONE, ONE), strict=True))
    W, b = (arrays.asarray(v, like=x) for v in (W, b))
    assert dense.dense(x, W, b).devices() == {TWO}


def test_new_arrays_go_where_another_is():
    x = jax.device_put(LAYER[0], TWO)
    assert arrays.arange(3, like=x).devices() == {TWO}
    assert arrays.asarray([1.0, 2.0], like=x).devices() == {TWO}
    assert arrays.to_device(x, "cpu") is x


@pytest.mark.parametrize("device", [ONE, TWO], ids=str)
def test_an_array_that_nobody_placed_goes_with_every_device(device):
    free, placed = jax.numpy.ones(2), jax.device_put(np.ones(2, np.float32), device)
    assert arrays.namespace(placed, free) is arrays.namespace(free)
    assert (placed + free).devices() == {device}
    compiled = jax.jit(lambda x: arrays.namespace(x, free).exp(x + free))
    assert compiled(placed).devices() == {device}


def test_a_compiled_kernel_stays_on_its_device():
    compiled = arrays.compile(dense.dense)
    assert compiled(*(jax.device_put(v, TWO) for v in LAYER)).devices() == {TWO}
