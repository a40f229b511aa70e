"""In-place NumPy twins of the optimizers' update rules, tested equal to them up to rounding.

Numbers that scale whole arrays are arrays without axes, of θ's dtype: NumPy multiplies by them
faster than by Python numbers.
"""

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from deeplearn_utils.optimizers import (
    SGD,
    Adam,
    AdamW,
    GradientDescent,
    Momentum,
    Nesterov,
    RMSprop,
)

CHUNK = 32_768  # numbers of θ that stay in the processor's cache during all passes of an update
WHOLE = 500_000  # up to this many, one pass over all is faster than chunks


def update(optimizer: Any, dtype: np.dtype) -> Callable[..., None] | None:
    """Return the optimizer's in-place update, or None where it has none.

    It is called (t, rate, theta, g, moments, scratch) with t steps taken so far, and changes
    theta, moments (the state's arrays) and scratch.
    """
    make = _UPDATES.get(type(optimizer))
    return None if make is None else _in_chunks(make(optimizer, lambda x: np.array(x, dtype)))


def scratch(theta: np.ndarray) -> np.ndarray:
    """Return memory for what an update of θ computes on the way."""
    return np.empty(theta.size if theta.size <= WHOLE else CHUNK, theta.dtype)


def _in_chunks(rule: Callable[..., None]) -> Callable[..., None]:
    everything = slice(None)

    def update(t, rate, theta, g, moments, scratch):
        if theta.size <= WHOLE:
            return rule(t, rate, theta, g, moments, scratch, everything)
        for start in range(0, theta.size, CHUNK):
            part = slice(start, start + CHUNK)
            parts = tuple(x[part] for x in moments)
            s = scratch[: theta[part].size]
            rule(t, rate, theta[part], g[part], parts, s, part)

    return update


def _gradient_descent(optimizer: GradientDescent, real: Callable) -> Callable[..., None]:
    α = real(0.0)

    def rule(t, rate, theta, g, moments, s, part):
        α.fill(rate)
        np.multiply(g, α, s)
        np.subtract(theta, s, theta)

    return rule


def _momentum(optimizer: Momentum | Nesterov, real: Callable) -> Callable[..., None]:
    α, β = real(0.0), real(optimizer.momentum)
    looks_ahead = isinstance(optimizer, Nesterov)

    def rule(t, rate, theta, g, moments, s, part):
        (v,) = moments
        α.fill(rate)
        np.multiply(v, β, v)
        np.add(v, g, v)
        step = v
        if looks_ahead:
            np.multiply(v, β, s)
            step = np.add(s, g, s)
        np.multiply(step, α, s)
        np.subtract(theta, s, theta)

    return rule


def _rmsprop(optimizer: RMSprop, real: Callable) -> Callable[..., None]:
    weight, α, ε = real(1.0 - optimizer.decay), real(0.0), real(optimizer.epsilon)

    def rule(t, rate, theta, g, moments, s, part):
        (v,) = moments
        α.fill(rate)
        np.multiply(g, g, s)  # v ← v + (1 - ρ) (g² - v)
        np.subtract(s, v, s)
        np.multiply(s, weight, s)
        np.add(v, s, v)
        np.sqrt(v, s)
        np.add(s, ε, s)
        np.divide(g, s, s)
        np.multiply(s, α, s)
        np.subtract(theta, s, theta)

    return rule


def _adam(optimizer: Adam | AdamW, real: Callable) -> Callable[..., None]:
    beta1, beta2 = optimizer.beta1, optimizer.beta2
    weight1, weight2, α, ε = real(1.0 - beta1), real(1.0 - beta2), real(0.0), real(0.0)
    corrected = getattr(optimizer, "bias_correction", True)

    def rule(t, rate, theta, g, moments, s, part):
        m, v = moments
        root = math.sqrt(1.0 - beta2 ** (t + 1)) if corrected else 1.0
        mean = 1.0 - beta1 ** (t + 1) if corrected else 1.0
        α.fill(rate * root / mean)  # α m̂ / (√v̂ + ε) = (α root / mean) m / (√v + ε root)
        ε.fill(optimizer.epsilon * root)
        np.subtract(g, m, s)  # m ← m + (1 - β₁) (g - m)
        np.multiply(s, weight1, s)
        np.add(m, s, m)
        np.multiply(g, g, s)  # v ← v + (1 - β₂) (g² - v)
        np.subtract(s, v, s)
        np.multiply(s, weight2, s)
        np.add(v, s, v)
        np.sqrt(v, s)
        np.add(s, ε, s)
        np.divide(m, s, s)
        np.multiply(s, α, s)
        np.subtract(theta, s, theta)

    return rule


def _adamw(optimizer: AdamW, real: Callable) -> Callable[..., None]:
    adam, decay, mask = _adam(optimizer, real), real(0.0), optimizer.weights_mask

    def rule(t, rate, theta, g, moments, s, part):
        decay.fill(rate * optimizer.weight_decay)
        np.multiply(theta, decay, s)
        if mask is not None:
            np.multiply(s, mask[part], s)
        np.subtract(theta, s, theta)
        adam(t, rate, theta, g, moments, s, part)

    return rule


_UPDATES = {
    GradientDescent: _gradient_descent,
    SGD: _gradient_descent,
    Momentum: _momentum,
    Nesterov: _momentum,
    RMSprop: _rmsprop,
    Adam: _adam,
    AdamW: _adamw,
}
