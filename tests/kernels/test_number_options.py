"""Every number that a kernel takes: from wherever it comes, it never decides the result's dtype."""

import inspect
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from deeplearn_utils import arrays
from deeplearn_utils.kernels import updates
from deeplearn_utils.regularizers import L1, L2, ElasticNet
from tests.kernels.every_kernel import every_kernel
from tests.libraries import LIBRARIES, graphs_only
from tests.wrong_inputs import whole

KERNELS = dict(every_kernel())
WHOLE = {"stride", "window", "padding"}  # of these depends a shape

# kernel: (its arrays, their letters in VALUES, and its numbers)
CASES = {
    "leaky_relu": ("z", {"negative_slope": 0.5}),
    "leaky_relu_backward": ("zz", {"negative_slope": 0.5}),
    "elu": ("z", {"alpha": 0.5}),
    "elu_backward": ("zz", {"alpha": 0.5}),
    "huber": ("zz", {"delta": 0.5}),
    "huber_gradient": ("zz", {"delta": 0.5}),
    "batch_normalization": ("zcc", {"epsilon": 0.5}),
    "batch_normalization_inference": ("zcccc", {"epsilon": 0.5}),
    "batch_normalization_backward": ("zzc", {"epsilon": 0.5}),
    "layer_normalization": ("zcc", {"epsilon": 0.5}),
    "layer_normalization_backward": ("zzc", {"epsilon": 0.5}),
    "gradient_descent": ("zz", {"learning_rate": 0.5}),
    "momentum": ("zzz", {"learning_rate": 0.5, "momentum": 0.5}),
    "nesterov": ("zzz", {"learning_rate": 0.5, "momentum": 0.5}),
    "rmsprop": ("zzp", {"learning_rate": 0.5, "decay": 0.5, "epsilon": 0.5}),
    "adam": ("zzzpt", {"learning_rate": 0.5, "beta1": 0.5, "beta2": 0.5, "epsilon": 0.5}),
    "decoupled_weight_decay": ("zz", {"learning_rate": 0.5, "weight_decay": 0.5}),
    "clip_by_norm": ("z", {"max_norm": 0.5}),
}
REGULARIZERS = {
    "l1": lambda theta, mask, x: L1(x).gradient(theta, mask),
    "l2": lambda theta, mask, x: L2(x).penalty(theta, mask),
    "elastic net": lambda theta, mask, x: ElasticNet(x, x).gradient(theta, mask),
    "proximal": lambda theta, mask, x: L1(x).proximal(theta, mask, x),
}
VALUES = {"z": [[0.5, -1.0], [-0.2, 2.0]], "p": [[0.5, 1.0], [0.2, 2.0]], "c": [1.5, 0.5]}
KINDS = [np.float64, np.float32, np.float16, np.longdouble, np.array, Fraction, Decimal]


def arguments(name, make):
    return [2 if letter == "t" else make(VALUES[letter]) for letter in CASES[name][0]]


def several(result):
    return result if isinstance(result, tuple) else (result,)


def test_every_kernel_that_takes_a_number_is_in_the_table():
    found = set()
    for name, function in KERNELS.items():
        options = {
            p.name
            for p in inspect.signature(function).parameters.values()
            if p.annotation is float or p.name in ("learning_rate", "max_norm")
        }
        if options - WHOLE and name != "dropout_mask":  # it takes no array
            found.add(name)
            assert options == set(CASES[name][1]), name
    assert found == set(CASES)


@pytest.mark.parametrize("name", CASES)
def test_no_number_decides_the_dtype(lib, name):
    given = arguments(name, lambda values: lib.array(values, np.float32))
    numbers = CASES[name][1]
    right = several(KERNELS[name](*given, **numbers))
    for kind in KINDS:
        ours = KERNELS[name](*given, **{key: kind(value) for key, value in numbers.items()})
        for x, expected in zip(several(ours), right, strict=True):
            assert lib.holds(x, like=given[0]), kind
            np.testing.assert_array_equal(arrays.to_numpy(x), arrays.to_numpy(expected))


@pytest.mark.parametrize("name", [*CASES, *REGULARIZERS])
def test_numbers_of_another_library_are_numbers(lib, name):
    other = LIBRARIES["array_api_strict" if lib.name != "array_api_strict" else "numpy"]
    if name in CASES:
        given, numbers = (
            arguments(name, lambda values: lib.array(values, np.float32)),
            CASES[name][1],
        )
        foreign = {key: other.array(value) for key, value in numbers.items()}
        right, ours = (several(KERNELS[name](*given, **x)) for x in (numbers, foreign))
    else:
        given = [lib.array(x, np.float32) for x in ([0.5, -2.0, 1.0], [1.0, 1.0, 0.0])]
        right, ours = ([REGULARIZERS[name](*given, x)] for x in (0.5, other.array(0.5)))
    for x, expected in zip(ours, right, strict=True):
        assert lib.holds(x, like=given[0])
        np.testing.assert_array_equal(arrays.to_numpy(x), arrays.to_numpy(expected))


UPDATES = [name for name in CASES if hasattr(updates, name) and name != "clip_by_norm"]


@pytest.mark.parametrize("wrong", [None, "0.5", [0.5], np.array([0.5]), 0.5j])
@pytest.mark.parametrize("name", UPDATES)
def test_what_is_no_number_is_named(name, wrong):
    for key in CASES[name][1]:
        options = {**CASES[name][1], key: wrong}
        message = f"`{key}` must be a number, got {type(wrong).__name__}"
        with pytest.raises(TypeError, match=whole(message)):
            KERNELS[name](*arguments(name, np.array), **options)


@pytest.mark.parametrize("name", [n for n, (_, o) in CASES.items() if "beta1" not in o])
def test_whole_numbers_are_as_good(lib, name):
    given = arguments(name, lambda values: lib.array(values, np.float32))
    options = {key: 0 if key in ("momentum", "decay") else 1 for key in CASES[name][1]}
    right = several(KERNELS[name](*given, **{key: float(x) for key, x in options.items()}))
    for kind in (int, np.int64, np.uint8):
        ours = KERNELS[name](*given, **{key: kind(x) for key, x in options.items()})
        for x, expected in zip(several(ours), right, strict=True):
            assert lib.holds(x, like=given[0]), kind
            np.testing.assert_array_equal(arrays.to_numpy(x), arrays.to_numpy(expected))


@pytest.mark.parametrize("name", REGULARIZERS)
def test_no_strength_decides_the_dtype(lib, name):
    theta, mask = (lib.array(x, np.float32) for x in ([0.5, -2.0, 1.0], [1.0, 1.0, 0.0]))
    right = arrays.to_numpy(REGULARIZERS[name](theta, mask, 1.0))
    for kind in (*KINDS, int, np.int64, np.uint8):
        ours = REGULARIZERS[name](theta, mask, kind(1))
        assert lib.holds(ours, like=theta), kind
        np.testing.assert_array_equal(arrays.to_numpy(ours), right)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_all_numbers_may_be_arguments_of_a_compiled_function(lib, dtype, monkeypatch):
    """A compiler traces them as arrays, whose values can't be looked at."""
    graphs_only(lib, monkeypatch)
    given = {name: arguments(name, lambda x: lib.array(x, dtype)) for name in CASES}
    theta, mask = (lib.array(x, dtype) for x in ([0.5, -2.0, 1.0], [1.0, 1.0, 0.0]))

    def everything(given, numbers, theta, mask, x):
        return {
            **{name: several(KERNELS[name](*given[name], **numbers[name])) for name in CASES},
            **{name: several(f(theta, mask, x)) for name, f in REGULARIZERS.items()},
        }

    numbers = {name: numbers for name, (_, numbers) in CASES.items()}
    right = everything(given, numbers, theta, mask, 0.5)
    ours = arrays.compile(everything)(given, numbers, theta, mask, 0.5)
    rtol = 2e-6 if dtype == "float32" else 1e-13
    for name, results in right.items():
        for x, expected in zip(ours[name], results, strict=True):
            assert lib.holds(x, like=theta), name
            np.testing.assert_allclose(
                arrays.to_numpy(x), arrays.to_numpy(expected), rtol=rtol, atol=rtol, err_msg=name
            )


@pytest.mark.parametrize("value", [0.0, -1.0, np.nan, np.inf])
def test_a_number_out_of_range_is_refused_as_an_array_too(lib, value):
    g = lib.array([3.0, 4.0])
    message = f"`max_norm` must be a number in (0.0, inf), got {value}"
    for max_norm in (value, np.array(value), lib.array(value)):
        with pytest.raises(ValueError, match=whole(message)):
            updates.clip_by_norm(g, max_norm)
