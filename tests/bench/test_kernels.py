"""Single kernels: against SciPy and PyTorch, and what it costs that one source serves them all."""

from functools import partial

import numpy as np
import pytest
import scipy.special

from deeplearn_utils.arrays import namespace
from deeplearn_utils.kernels import ACTIVATIONS
from tests.bench import goals

PLAIN = {
    "relu": lambda z: np.maximum(z, 0.0),
    "sigmoid": lambda z: 1.0 / (1.0 + np.exp(-z)),
    "tanh": np.tanh,
}


def test_lookup(seconds):
    z = np.zeros(10)
    nothing = seconds(lambda: None)
    cost = seconds(lambda: namespace(z)) - nothing
    goals.within("namespace look-up of a NumPy array", cost * 1e6, 0.3)


def test_softmax(one_core, medians, torch, rng):
    z = rng.normal(size=(1000, 10)).astype("float32")
    theirs = torch.asarray(z)
    found = medians(
        {
            "ours": repeated(partial(ACTIVATIONS["softmax"].forward, z)),
            "scipy": repeated(partial(scipy.special.softmax, z, axis=1)),
            "torch": repeated(partial(torch.softmax, theirs, dim=1)),
        }
    )
    goals.faster("softmax of 10 classes against SciPy", found["ours"], found["scipy"], 4)
    goals.faster("softmax of 10 classes against PyTorch", found["ours"], found["torch"], 6)


def test_sigmoid(one_core, medians, rng):
    z = rng.normal(size=100_000).astype("float32")
    found = medians(
        {
            "ours": repeated(partial(ACTIVATIONS["sigmoid"].forward, z)),
            "expit": repeated(partial(scipy.special.expit, z)),
        }
    )
    goals.faster("sigmoid of 100,000 numbers against SciPy's expit", *found.values(), 2.8)


def repeated(function, times=100):
    """Return a function that does so many calls, long enough for the clock."""

    def run():
        for _ in range(times):
            function()

    return run


@pytest.mark.parametrize("name", PLAIN)
def test_activation(name, table, seconds, rng):
    header = ("kernel", "µs (10)", "ratio (10)", "µs (100,000)", "ratio (100,000)")
    columns = []
    for size in (10, 100_000):
        z = rng.normal(size=size)
        kernels = (ACTIVATIONS[name].forward, PLAIN[name])
        ours, plain = (seconds(partial(kernel, z)) for kernel in kernels)
        columns += [f"{ours * 1e6:.1f}", f"{ours / plain:.2f}"]
    table("Kernels against the same formula in plain NumPy", header, name, *columns)
