"""Derivatives from function values alone: the oracle for every gradient in this book."""

import math
from collections.abc import Callable

import numpy as np

from ..arrays import Array
from ..checks import finite, float_arrays, in_range, instance, same_shape
from ..intake import number_from, numbers

__all__ = ["numerical_gradient", "relative_error"]


def numerical_gradient(
    function: Callable[[np.ndarray], float], theta: np.ndarray, step: float | None = None
) -> np.ndarray:
    r"""Differentiate a function of many numbers by central differences, one number at a time.

    .. math::
        \frac{\partial f}{\partial\theta_i} \approx
        \frac{f(\theta + h e_i) - f(\theta - h e_i)}{2h}

    Parameters
    ----------
    function : callable
        Takes an array like `theta`, returns one number; always the same number for the same array.
    theta : ndarray of float, any shape
        Where to differentiate. It is not changed.
    step : float, optional
        h for every entry. By default :math:`\varepsilon^{1/3} \max(1, |\theta_i|)`, with the
        machine precision :math:`\varepsilon` of theta's dtype: there the error of the formula,
        about h², and the error of rounding, about ε/h, are alike.

    Returns
    -------
    ndarray, of the shape and dtype of `theta`

    Raises
    ------
    TypeError
        If `theta` is not a NumPy array of floats, or `function` returns no number.
    ValueError
        If `function` returns several numbers or one that isn't finite, or `step` is not positive.

    Notes
    -----
    Source: J. Nocedal, S. Wright, Numerical Optimization, 2nd edition, 2006, section 8.1.

    Examples
    --------
    >>> numerical_gradient(lambda x: np.sum(x**2), np.array([[1.0, -2.0]])).round(6)
    array([[ 2., -4.]])
    """
    instance("function", function, Callable, "a function of theta")
    theta = numpy_floats("theta", theta)
    steps = default_steps(theta) if step is None else np.full(theta.shape, checked_step(step))
    gradient = np.empty_like(theta)
    for place in np.ndindex(theta.shape):
        up, down = theta.copy(), theta.copy()
        up[place] += steps[place]
        down[place] -= steps[place]
        width = float(up[place]) - float(down[place])  # 2h as it came out after rounding
        if width == 0:
            raise ValueError(f"`step` must be larger to change theta{list(place)}, got {step}")
        gradient[place] = (value_at(function, up) - value_at(function, down)) / width
    return gradient


def relative_error(a: Array, b: Array, floor: Array | float | None = None) -> np.ndarray:
    r"""Compare two arrays entry by entry: :math:`|a - b| / \max(|a|, |b|, \text{floor})`.

    Parameters
    ----------
    a, b : array_like of numbers, of the same shape
    floor : float or array, optional
        Entries below it count as small, not as wrong. By default the smallest normal float, so
        that two zeros agree.

    Returns
    -------
    ndarray of float64
        0 where equal, 2 where of opposite sign and equal size, never more; NaN where either
        entry is NaN.

    Examples
    --------
    >>> import numpy as np
    >>> relative_error(np.array([1.0, 0.0, 3.0]), np.array([1.0, 0.0, -3.0]))
    array([0., 0., 2.])
    """
    a, b = numbers("a", a, empty=True), numbers("b", b, empty=True)
    same_shape("a", a, "b", b)
    floor = 0.0 if floor is None else numbers("floor", floor, empty=True)
    floor = np.maximum(floor, np.finfo(np.float64).tiny)
    return np.abs(a - b) / np.maximum(np.maximum(np.abs(a), np.abs(b)), floor)


def default_steps(theta: np.ndarray) -> np.ndarray:
    """Return the step of each entry that balances truncation and rounding."""
    return np.cbrt(np.finfo(theta.dtype).eps) * np.maximum(1, np.abs(theta))


def checked_step(step: float) -> float:
    """Refuse a step that is not a positive number."""
    in_range("step", step, low=0, open_low=True)
    return float(step)


def numpy_floats(name: str, x: np.ndarray) -> np.ndarray:
    """Refuse everything but NumPy arrays of finite floats."""
    xp, x = float_arrays(**{name: x})
    if xp is not np:
        raise TypeError(f"`{name}` must be a NumPy array; convert it with `arrays.to_numpy`")
    finite(name, x)
    return x


def length(x: np.ndarray) -> float:
    """Return the Euclidean norm, also of numbers whose squares are out of range."""
    unit = float(np.abs(x).max(initial=0.0))
    return unit * float(np.linalg.norm(x / unit)) if unit else 0.0


def value_at(function: Callable[[np.ndarray], float], theta: np.ndarray) -> float:
    """Return the function's value as a Python float, or say why it is none."""
    value = number_from("function", function(theta))
    if not math.isfinite(value):
        raise ValueError(f"`function` must be finite around `theta`, got {value}")
    return value
