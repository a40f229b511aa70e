"""In-place NumPy twins of the kernels that a training step spends its time in.

Each writes into memory that the caller owns and allocates nothing of the size of its arguments.
Each is tested equal to its plain kernel up to rounding. What has no twin here runs through the
plain kernel, so a new activation, loss or optimizer works without one.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ..kernels import ACTIVATIONS, LOSSES
from ..optimizers import SGD, Adam, AdamW, GradientDescent, Momentum, Nesterov, RMSprop

CHUNK = 32_768  # numbers of θ that stay in the processor's cache during all passes of an update
WHOLE = 500_000  # up to this many, one pass over all is faster than chunks


def activate(name: str) -> tuple[Callable[..., None], Callable[..., None]]:
    """Return forward(z, a, mask) and backward(d, z, a, mask) of an activation.

    Forward writes f(z) into a; backward multiplies d by f'(z). `mask` is a boolean array of z's
    shape, kept from forward to backward.
    """
    if name == "relu":
        return _relu, _relu_backward
    kernels = ACTIVATIONS[name]

    def forward(z: np.ndarray, a: np.ndarray, mask: np.ndarray) -> None:
        a[...] = kernels.forward(z)

    def backward(d: np.ndarray, z: np.ndarray, a: np.ndarray, mask: np.ndarray) -> None:
        d[...] = kernels.backward(d, z)

    return forward, _BACKWARD_FROM_OUTPUT.get(name, backward)


def _relu(z: np.ndarray, a: np.ndarray, mask: np.ndarray) -> None:
    np.greater(z, 0.0, mask)
    np.multiply(
        z, mask, a
    )  # half the time of maximum; a z of -infinity gives NaN and stops training


def _relu_backward(d: np.ndarray, z: np.ndarray, a: np.ndarray, mask: np.ndarray) -> None:
    np.multiply(d, mask, d)


def _sigmoid_backward(d: np.ndarray, z: np.ndarray, a: np.ndarray, mask: np.ndarray) -> None:
    d *= a - a * a


def _tanh_backward(d: np.ndarray, z: np.ndarray, a: np.ndarray, mask: np.ndarray) -> None:
    d *= 1.0 - a * a


_BACKWARD_FROM_OUTPUT = {"sigmoid": _sigmoid_backward, "tanh": _tanh_backward}


def loss_and_delta(name: str) -> Callable[[np.ndarray, np.ndarray, np.ndarray], float]:
    """Return f(output, y, d), which writes the loss's gradient into d and returns the loss."""
    kernels = LOSSES[name]

    def value_and_gradient(output: np.ndarray, y: np.ndarray, d: np.ndarray) -> float:
        d[...] = kernels.gradient(output, y)
        return float(kernels.value(output, y))

    return {"mse": _mse, "softmax_cross_entropy": _softmax_cross_entropy}.get(
        name, value_and_gradient
    )


def _mse(output: np.ndarray, y: np.ndarray, d: np.ndarray) -> float:
    np.subtract(output, y, d)
    e = d.ravel()
    loss = float(np.dot(e, e)) / e.size
    np.multiply(d, 2.0 / e.size, d)
    return loss


def _softmax_cross_entropy(output: np.ndarray, y: np.ndarray, d: np.ndarray) -> float:
    if y.ndim == 2:
        kernels = LOSSES["softmax_cross_entropy"]
        d[...] = kernels.gradient(output, y)
        return float(kernels.value(output, y))
    n = len(y)
    rows = np.arange(n)
    z = output.T.copy()  # (k, n): sums over few classes run along whole columns
    z -= z.max(axis=0)
    picked = z[y, rows].sum()
    np.exp(z, z)
    s = z.sum(axis=0)
    loss = (float(np.log(s).sum()) - float(picked)) / n
    s *= n
    z /= s
    z[y, rows] -= 1.0 / n
    d[...] = z.T
    return loss


def update(optimizer: Any, dtype: np.dtype) -> Callable[..., None] | None:
    """Return the optimizer's in-place update, or None where it has none.

    It is called (t, rate, theta, g, moments, scratch) with t steps taken so far, and changes
    theta, moments (the state's arrays) and scratch.
    """
    make = _UPDATES.get(type(optimizer))
    return None if make is None else _in_chunks(make(optimizer, dtype.type))


def _in_chunks(whole: Callable[..., None]) -> Callable[..., None]:
    def update(t, rate, theta, g, moments, scratch):
        if theta.size <= WHOLE:
            return whole(t, rate, theta, g, moments, scratch, slice(None))
        for start in range(0, theta.size, CHUNK):
            part = slice(start, start + CHUNK)
            parts = tuple(x[part] for x in moments)
            whole(t, rate, theta[part], g[part], parts, scratch[:CHUNK][: theta[part].size], part)

    return update


def _gradient_descent(optimizer: GradientDescent, real: type) -> Callable[..., None]:
    def update(t, rate, theta, g, moments, scratch, part):
        np.multiply(g, real(rate), scratch)
        np.subtract(theta, scratch, theta)

    return update


def _momentum(optimizer: Momentum | Nesterov, real: type) -> Callable[..., None]:
    beta, look_ahead = real(optimizer.momentum), isinstance(optimizer, Nesterov)

    def update(t, rate, theta, g, moments, scratch, part):
        (v,) = moments
        np.multiply(v, beta, v)
        np.add(v, g, v)
        step = v
        if look_ahead:
            np.multiply(v, beta, scratch)
            step = np.add(scratch, g, scratch)
        np.multiply(step, real(rate), scratch)
        np.subtract(theta, scratch, theta)

    return update


def _mean_square(s: np.ndarray, g: np.ndarray, weight: Any, scratch: np.ndarray) -> None:
    np.multiply(g, g, scratch)
    np.subtract(scratch, s, scratch)
    np.multiply(scratch, weight, scratch)
    np.add(s, scratch, s)


def _rmsprop(optimizer: RMSprop, real: type) -> Callable[..., None]:
    weight, epsilon = real(1.0 - optimizer.decay), real(optimizer.epsilon)

    def update(t, rate, theta, g, moments, scratch, part):
        (s,) = moments
        _mean_square(s, g, weight, scratch)
        np.sqrt(s, scratch)
        np.add(scratch, epsilon, scratch)
        np.divide(g, scratch, scratch)
        np.multiply(scratch, real(rate), scratch)
        np.subtract(theta, scratch, theta)

    return update


def _adam(optimizer: Adam, real: type) -> Callable[..., None]:
    beta1, beta2, epsilon = optimizer.beta1, optimizer.beta2, optimizer.epsilon
    weight1, weight2 = real(1.0 - beta1), real(1.0 - beta2)
    corrected = optimizer.bias_correction

    def update(t, rate, theta, g, moments, scratch, part):
        m, v = moments
        np.subtract(g, m, scratch)
        np.multiply(scratch, weight1, scratch)
        np.add(m, scratch, m)
        _mean_square(v, g, weight2, scratch)
        root = math.sqrt(1.0 - beta2 ** (t + 1)) if corrected else 1.0
        mean = 1.0 - beta1 ** (t + 1) if corrected else 1.0
        np.sqrt(v, scratch)  # α m̂ / (√v̂ + ε) = (α root / mean) m / (√v + ε root)
        np.add(scratch, real(epsilon * root), scratch)
        np.divide(m, scratch, scratch)
        np.multiply(scratch, real(rate * root / mean), scratch)
        np.subtract(theta, scratch, theta)

    return update


def _adamw(optimizer: AdamW, real: type) -> Callable[..., None]:
    adam = _adam(
        Adam(optimizer.learning_rate, optimizer.beta1, optimizer.beta2, optimizer.epsilon), real
    )
    mask = optimizer.weights_mask

    def update(t, rate, theta, g, moments, scratch, part):
        decay = real(rate * optimizer.weight_decay)
        np.multiply(theta, decay, scratch)
        if mask is not None:
            np.multiply(scratch, mask[part], scratch)
        np.subtract(theta, scratch, theta)
        adam(t, rate, theta, g, moments, scratch, part)

    return update


_UPDATES = {
    GradientDescent: _gradient_descent,
    SGD: _gradient_descent,
    Momentum: _momentum,
    Nesterov: _momentum,
    RMSprop: _rmsprop,
    Adam: _adam,
    AdamW: _adamw,
}
