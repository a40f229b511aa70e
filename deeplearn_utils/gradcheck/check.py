"""Is this the gradient of that function? A check by slopes along many lines through θ."""

import math
from collections.abc import Callable

import numpy as np

from ..checks import in_range, instance, same_shape
from ..intake import numbers
from ..parameters import Layout
from .comparison import Comparison, Slope
from .differences import numpy_floats, value_at
from .lines import lines
from .report import GradientReport

__all__ = ["check_gradient"]

Function = Callable[[np.ndarray], float]


def check_gradient(
    function: Function,
    gradient: Callable[[np.ndarray], np.ndarray] | np.ndarray,
    theta: np.ndarray,
    *,
    layout: Layout | None = None,
    directions: int | None = None,
    rng: np.random.Generator | None = None,
    step: float | None = None,
    tolerance: float | None = None,
) -> GradientReport:
    r"""Compare a gradient with central differences of the function it belongs to.

    Along a line :math:`\theta + t v` the gradient says :math:`g \cdot v`, the function says
    :math:`(f(\theta + hv) - f(\theta - hv)) / 2h`. The lines are the coordinate axes, or a few
    random directions, which cost two function values each, however many parameters there are.

    Parameters
    ----------
    function : callable
        Takes an array like `theta`, returns one number.
    gradient : callable or ndarray
        The gradient to check, as a function of `theta` or at `theta`.
    theta : ndarray of float32 or float64, any shape
    layout : Layout, optional
        Names the parameters. With `directions`, each of W1, b1, ... gets its own directions, so
        that the report can say which one is wrong.
    directions : int, optional
        How many random directions to check, instead of every coordinate.
    rng : numpy.random.Generator, optional
        Draws the directions; by default the same ones each time.
    step : float, optional
        h; by default as in `numerical_gradient`.
    tolerance : float, optional
        The largest relative error that passes, by default 1e-5 for float64 and 5e-2 for float32.
        A ReLU network is better checked in float64, where h is small enough to miss most kinks.
        Differences below the rounding noise of the function's values, which is measured, are not
        held against the gradient. Where the noise is above what the tolerance allows, the verdict
        is "can't tell".

    Returns
    -------
    GradientReport
        Its verdict is "passed", "failed" or "can't tell"; true only if it passed.

    Raises
    ------
    TypeError, ValueError
        If `theta` or the gradient's shape is wrong, or `function` is not finite, not one number,
        or not the same twice in a row.

    Notes
    -----
    Sources: A. Griewank, A. Walther, Evaluating Derivatives, 2nd edition, 2008; J. Moré, S. Wild,
    Estimating computational noise, SIAM Journal on Scientific Computing 33, 2011.

    Examples
    --------
    >>> import numpy as np
    >>> theta = np.array([1.0, 2.0, 3.0])
    >>> check_gradient(lambda t: np.sum(t**2), lambda t: 2 * t, theta)
    gradient check passed: 3 slopes agree within 1e-05
    >>> check_gradient(lambda t: np.sum(t**2), lambda t: t, theta)
    gradient check failed: relative error 0.5 at theta[0], analytic 1, numerical 2
    the whole gradient is 0.5 times the numerical one
    """
    instance("function", function, Callable, "a function of theta")
    theta = numpy_floats("theta", theta)
    if layout is not None:
        instance("layout", layout, Layout, "a Layout, such as network.layout")
    if layout is not None and theta.shape != (layout.size,):
        raise ValueError(
            f"`theta` must have the layout's shape ({layout.size},), got {theta.shape}"
        )
    g = gradient(theta.copy()) if callable(gradient) else gradient
    g = numbers("gradient", g, empty=True)
    same_shape("gradient", g, "theta", theta)
    single = np.finfo(theta.dtype).eps > 1e-10
    if tolerance is None:
        tolerance = 5e-2 if single else 1e-5
    tolerance = float(in_range("tolerance", tolerance, low=0, open_low=True))
    largest = float(np.max(np.abs(g[np.isfinite(g)]), initial=0.0))
    # h is so large in float32 that it meets kinks: small entries are judged by the largest one.
    floor = 0.1 * largest if single else 0.0
    value = _value_twice(function, theta)
    compare = Comparison(function, g, theta, value, tolerance, largest, floor, step is None)
    along = lines(theta, layout=layout, directions=directions, rng=rng, step=step)
    slopes = [(name, compare(v, h)) for name, v, h in along]
    return _report(slopes, compare)


def _value_twice(function: Function, theta: np.ndarray) -> float:
    first, second = value_at(function, theta.copy()), value_at(function, theta.copy())
    if first != second:
        raise ValueError(
            "`function` must return the same number for the same theta, got two different ones; "
            "does it draw random numbers (dropout, a shuffled batch)?"
        )
    return first


def _report(slopes: list[tuple[str, Slope]], compare: Comparison) -> GradientReport:
    if not slopes:
        raise ValueError("`theta` must have at least one entry")
    named = {verdict: [] for verdict in ("right", "wrong", "kink", "unknown")}
    for name, slope in slopes:
        named[slope.verdict].append((name, slope))
    compared, hint = named["right"] + named["wrong"], ""
    if named["wrong"]:
        verdict, shown = "failed", named["wrong"]
        hint = _factor([slope for _, slope in compared])
    elif named["unknown"]:
        verdict, shown = "can't tell", named["unknown"]
        hint = _way_out([slope for _, slope in shown], compare)
    else:
        verdict, shown = ("passed", compared) if compared else ("can't tell", named["kink"])
    name, worst = max(shown, key=lambda pair: pair[1].error)
    return GradientReport(
        verdict=verdict,
        max_relative_error=worst.error,
        worst=name,
        analytic=worst.analytic,
        numerical=worst.numerical,
        checked=len(slopes),
        kinks=tuple(name for name, _ in named["kink"]),
        unknown=tuple(name for name, _ in named["unknown"]),
        noise=worst.noise,
        tolerance=compare.tolerance,
        hint=hint,
    )


def _way_out(slopes: list[Slope], compare: Comparison) -> str:
    """Tell what to try where rounding hides slopes, and the tolerance that would do for all."""
    step = "try another step" if compare.farther else "let `step` be chosen"
    ways = f"compute in float64, leave out what is constant in the function, {step}"
    shares = [slope.noise / max(slope.size, compare.largest) for slope in slopes if slope.size]
    explained = all(abs(s.analytic - s.numerical) <= s.noise for s in slopes)
    if explained and len(shares) == len(slopes) and max(shares) < 0.1:
        ways += f", or allow tolerance={10 ** math.ceil(math.log10(max(shares))):g}"
    return ways


def _factor(slopes: list[Slope]) -> str:
    """Tell when the gradient is right up to one factor: a sign, a 2, a 1/n."""
    a, n = np.array([(slope.analytic, slope.numerical) for slope in slopes]).reshape(-1, 2).T
    if len(slopes) < 2 or not np.isfinite(a).all() or not n.any() or not a.any():
        return ""
    unit = np.abs(n).max()  # the squares of tiny and huge slopes are out of range
    ratio = (a @ (n / unit)) / (n @ (n / unit))
    if np.abs(a - ratio * n).max() > 1e-3 * np.abs(a).max() or abs(ratio - 1) < 1e-3:
        return ""
    return f"the whole gradient is {ratio:.3g} times the numerical one"
