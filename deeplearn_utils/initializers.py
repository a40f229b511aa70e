"""Starting values of the weights, drawn from a `numpy.random.Generator`.

Each initializer is called `(rng, shape)`. The last axis of shape counts the outputs, n_out; the
axes before it count what feeds each output, n_in.
"""

import math
from collections.abc import Callable

import numpy as np

from .checks import count, generator, in_range, room


def _fans(rng: np.random.Generator, shape: tuple[int, ...]) -> tuple[int, int]:
    generator("rng", rng)
    if not isinstance(shape, (tuple, list)):
        raise TypeError(f"`shape` must be a tuple such as (in, out), got {shape!r}")
    if len(shape) < 2:
        raise ValueError(f"`shape` must have at least 2 axes, (in, out), got {shape}")
    shape = [count("shape", n) for n in shape]
    room(math.prod(shape), f"`shape` = {tuple(shape)}")
    return math.prod(shape[:-1]), shape[-1]


def xavier_uniform(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Draw uniformly from ±√(6 / (n_in + n_out)), which keeps the variance of tanh layers.

    Parameters
    ----------
    rng : numpy.random.Generator
    shape : tuple of int
        (in, out).

    Returns
    -------
    ndarray of float64, of that shape

    Raises
    ------
    TypeError, ValueError
        When `rng` is no Generator, or `shape` has fewer than two axes.

    Notes
    -----
    Source: Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural
    networks" (2010).

    Examples
    --------
    >>> W = xavier_uniform(np.random.default_rng(0), (300, 300))
    >>> bool(abs(W).max() <= 0.1)
    True
    """
    n_in, n_out = _fans(rng, shape)
    limit = math.sqrt(6.0 / (n_in + n_out))
    return rng.uniform(-limit, limit, shape)


def xavier_normal(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Draw from a normal distribution of standard deviation √(2 / (n_in + n_out)).

    Source: Glorot and Bengio (2010).
    """
    n_in, n_out = _fans(rng, shape)
    return rng.normal(0.0, math.sqrt(2.0 / (n_in + n_out)), shape)


def he_uniform(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Draw uniformly from ±√(6 / n_in), which keeps the variance of ReLU layers.

    Source: He et al., "Delving deep into rectifiers" (2015).
    """
    n_in, _ = _fans(rng, shape)
    limit = math.sqrt(6.0 / n_in)
    return rng.uniform(-limit, limit, shape)


def he_normal(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Draw from a normal distribution of standard deviation √(2 / n_in).

    Source: He et al., "Delving deep into rectifiers" (2015).

    Examples
    --------
    >>> W = he_normal(np.random.default_rng(0), (200, 100))
    >>> round(float(W.std()), 2)
    0.1
    """
    n_in, _ = _fans(rng, shape)
    return rng.normal(0.0, math.sqrt(2.0 / n_in), shape)


def normal(rng: np.random.Generator, shape: tuple[int, ...], *, scale: float = 0.01) -> np.ndarray:
    """Draw from a normal distribution of the given standard deviation, whatever the fans.

    Examples
    --------
    >>> normal(np.random.default_rng(0), (2, 3), scale=0.0).shape
    (2, 3)
    """
    _fans(rng, shape)
    return rng.normal(0.0, float(in_range("scale", scale, 0.0)), shape)


def zeros(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Return zeros: the wrong start for weights, since all units of a layer stay equal."""
    _fans(rng, shape)
    return np.zeros(shape)


INITIALIZERS: dict[str, Callable[..., np.ndarray]] = {
    "xavier_uniform": xavier_uniform,
    "xavier_normal": xavier_normal,
    "he_uniform": he_uniform,
    "he_normal": he_normal,
    "normal": normal,
    "zeros": zeros,
}
