"""In-place NumPy twins of the kernels that a training step goes forward and backward with.

They work on transposed layers, of shape (units, batch): so the classes of a softmax, which are
few, are its rows. Each twin writes into memory that is made once, and is tested equal to its plain
kernel up to rounding. What has no twin runs through the plain kernel.
"""

from collections.abc import Callable

import numpy as np

from deeplearn_utils.kernels import ACTIVATIONS, LOSSES

Array = np.ndarray


class Plain:
    """Any activation, through its kernels."""

    def __init__(self, name: str, z: Array, a: Array) -> None:
        self.kernels, self.z, self.a = ACTIVATIONS[name], z, a

    def forward(self) -> None:
        """Write f(z) into a."""
        self.a.T[...] = self.kernels.forward(self.z.T)

    def backward(self, d: Array) -> None:
        """Multiply d by f'(z)."""
        d.T[...] = self.kernels.backward(d.T, self.z.T)


class ReLU:
    """max(z, 0), by operations that processors do on many numbers at once.

    A maximum with an array of zeros takes a quarter of the time of one with the number 0, and
    products with a mask of 0.0 and 1.0 half of that with a boolean one.
    """

    def __init__(self, name: str, z: Array, a: Array) -> None:
        self.z, self.a, self.zeros, self.mask = z, a, np.zeros_like(z), np.empty_like(z)
        self.positive, self.zero = np.empty(z.shape, bool), np.zeros((), z.dtype)

    def forward(self) -> None:
        """Write f(z) into a."""
        np.maximum(self.z, self.zeros, out=self.a)

    def backward(self, d: Array) -> None:
        """Multiply d by f'(z)."""
        np.greater(self.a, self.zero, self.positive)
        np.copyto(self.mask, self.positive)
        np.multiply(d, self.mask, d)


class Sigmoid:
    """1 / (1 + exp(-z)), and its slope a - a² from the output."""

    def __init__(self, name: str, z: Array, a: Array) -> None:
        self.z, self.a = z, a
        self.one = np.ones((), z.dtype)

    def forward(self) -> None:
        """Write f(z) into a."""
        np.negative(self.z, self.a)
        np.exp(self.a, self.a)
        np.add(self.a, self.one, self.a)
        np.divide(self.one, self.a, self.a)

    def backward(self, d: Array) -> None:
        """Multiply d by f'(z); z is not needed any more and takes the slope."""
        np.multiply(self.a, self.a, self.z)
        np.subtract(self.a, self.z, self.z)
        np.multiply(d, self.z, d)


class Tanh:
    """tanh(z), and its slope 1 - a² from the output."""

    def __init__(self, name: str, z: Array, a: Array) -> None:
        self.z, self.a = z, a
        self.one = np.ones((), z.dtype)

    def forward(self) -> None:
        """Write f(z) into a."""
        np.tanh(self.z, self.a)

    def backward(self, d: Array) -> None:
        """Multiply d by f'(z); z is not needed any more and takes the slope."""
        np.multiply(self.a, self.a, self.z)
        np.subtract(self.one, self.z, self.z)
        np.multiply(d, self.z, d)


class Dropped:
    """An activation whose outputs are multiplied by a mask on their way to the next layer."""

    def __init__(self, name: str, z: Array, a: Array) -> None:
        self.kept, self.a, self.mask = np.empty_like(z), a, np.empty_like(z)
        self.activation = activation(name, z, self.kept)

    def forward(self) -> None:
        """Write f(z) times the mask into a."""
        self.activation.forward()
        np.multiply(self.kept, self.mask, self.a)

    def backward(self, d: Array) -> None:
        """Multiply d by the mask and f'(z)."""
        np.multiply(d, self.mask, d)
        self.activation.backward(d)


_ACTIVATIONS = {"relu": ReLU, "sigmoid": Sigmoid, "tanh": Tanh}


def activation(name: str, z: Array, a: Array) -> Plain | ReLU | Sigmoid | Tanh:
    """Return the activation between two pieces of memory of shape (units, batch)."""
    return _ACTIVATIONS.get(name, Plain)(name, z, a)


def loss_and_delta(name: str, output: Array, d: Array) -> Callable[[Array], float]:
    """Return f(y), which writes the loss's gradient at the output into d and returns the loss."""
    kernels = LOSSES[name]

    def plain(y: Array) -> float:
        d.T[...] = kernels.gradient(output.T, y)
        return float(kernels.value(output.T, y))

    def dispatch(y: Array) -> float:
        return plain(y) if y.ndim == 2 else labels(y)

    if name == "mse":
        return _mse(output, d)
    if name == "softmax_cross_entropy":
        labels = _softmax_cross_entropy(output, d)
        return dispatch
    return plain


def _mse(output: Array, d: Array) -> Callable[[Array], float]:
    e, n = d.reshape(-1), d.size
    factor = np.array(2.0 / n, d.dtype)

    def value_and_gradient(y: Array) -> float:
        np.subtract(output, y.T, d)
        loss = float(e.dot(e)) / n
        np.multiply(d, factor, d)
        return loss

    return value_and_gradient


def _softmax_cross_entropy(output: Array, d: Array) -> Callable[[Array], float]:
    k, n = d.shape
    column, index = np.arange(n), np.empty(n, np.intp)
    row = np.empty(n, d.dtype)
    every_class, every_sample = np.ones(k, d.dtype), np.ones(n, d.dtype)
    share, flat = np.array(1.0 / n, d.dtype), d.reshape(-1)

    def value_and_gradient(y: Array) -> float:
        np.maximum.reduce(output, 0, None, row)
        np.subtract(output, row, d)
        np.multiply(y, n, index)  # y holds indices: in a uint8 the product would overflow
        np.add(index, column, index)
        right = every_sample.dot(flat[index])
        np.exp(d, d)
        every_class.dot(d, row)
        loss = float(every_sample.dot(np.log(row)) - right) / n
        np.divide(share, row, row)
        np.multiply(d, row, d)
        flat[index] -= share
        return loss

    return value_and_gradient
