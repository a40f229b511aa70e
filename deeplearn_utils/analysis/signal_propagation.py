"""How a signal's size changes from layer to layer, and an error's on its way back: theory.

For wide layers whose weights are drawn independently with standard deviation scale / √n_in, the
pre-activations of a layer are close to normal, and their variance tells that of the next layer.
"""

from functools import cache
from typing import NamedTuple

import numpy as np

from ..checks import choice, count, finite, float_arrays, in_range, not_empty, room, shape
from ..kernels import ACTIVATIONS

__all__ = ["Propagation", "expected_sizes", "propagate"]

REACH, NODES = 8.0, 256
"""Averages are midpoint sums over this many standard deviations: exact to rounding for ReLU too,
since no midpoint meets its kink at 0. Gauss's quadrature fails where units saturate."""


class Propagation(NamedTuple):
    """What theory expects of each hidden layer, first layer first; one entry an input."""

    z_square: np.ndarray  # (layers, ...) mean of z²
    a_square: np.ndarray  # (layers, ...) mean of a²
    backward: np.ndarray  # (layers, ...) what |δ|² of the layer above is multiplied by


def propagate(activation: str, x_square: np.ndarray, *, scale: float, layers: int) -> Propagation:
    r"""Follow the mean square of a signal through layers with random weights and no biases.

    .. math::
        q^{(1)} = s^2 \overline{x^2},\qquad
        q^{(l+1)} = s^2\, E[f(\sqrt{q^{(l)}}\, u)^2],\qquad
        \frac{|\delta^{(l)}|^2}{|\delta^{(l+1)}|^2} = s^2\, E[f'(\sqrt{q^{(l)}}\, u)^2]

    with u standard normal, s the `scale` and q the mean of z².

    Parameters
    ----------
    activation : str
        A key of `ACTIVATIONS`.
    x_square : array of float, any shape
        Mean square of the entries of each input.
    scale : float
        The weights' standard deviation times √n_in: 1 is Xavier's choice for layers of one width,
        √2 is He's.
    layers : int

    Returns
    -------
    Propagation

    Raises
    ------
    ValueError, TypeError
        When an argument is out of range.

    Notes
    -----
    Sources: B. Poole et al., Exponential
    expressivity in deep neural networks through transient chaos, 2016; S. Schoenholz et al., Deep
    information propagation, 2017; for ReLU K. He et al., Delving deep into rectifiers, 2015.

    Examples
    --------
    >>> he = propagate("relu", np.array(1.0), scale=np.sqrt(2.0), layers=3)
    >>> he.a_square.round(6), he.backward.round(6)
    (array([1., 1., 1.]), array([1., 1., 1.]))
    """
    choice("activation", activation, ACTIVATIONS)
    scale, layers = float(in_range("scale", scale, 0.0, open_low=True)), count("layers", layers)
    _, x_square = float_arrays(x_square=x_square)
    finite("x_square", x_square)
    in_range("x_square", np.min(x_square, initial=0.0), 0.0)
    room(3 * layers * max(1, x_square.size), f"`layers` = {layers}")
    expected, a_square = [], x_square
    for _ in range(layers):
        z_square = scale**2 * a_square
        a_square, slope_square = _mean_squares(activation, z_square)
        expected.append((z_square, a_square, scale**2 * slope_square))
    return Propagation(*(np.stack(values) for values in zip(*expected, strict=True)))


def expected_sizes(
    activation: str, X: np.ndarray, *, scale: float, width: int, layers: int, last: float
) -> dict[str, np.ndarray]:
    r"""Return what theory expects to measure in each hidden layer of a random network.

    With q the mean square of the activations and χ the factor of `propagate`, small differences
    between examples grow like

    .. math::
        d^{(l)} = \min\bigl(q^{(l)}, d^{(0)} \chi^{(1)} \cdots \chi^{(l)}\bigr),\qquad
        |\delta^{(l)}|^2 = \chi^{(l)} \cdots \chi^{(L-1)} |\delta^{(L)}|^2 .

    Error signals of different examples are taken to be unrelated: their spread is their size.

    Parameters
    ----------
    activation : str
        A key of `ACTIVATIONS`.
    X : array, shape (n, inputs)
        The examples.
    scale : float
        The weights' standard deviation times √n_in.
    width, layers : int
        Units of each hidden layer, and their number.
    last : float
        Root mean square of the last hidden layer's error signals, which theory doesn't know.

    Returns
    -------
    dict of array, shape (layers,)
        Root mean squares over the examples: "activations: size" and "activations: spread" (from
        the mean over the examples), "error signal: size" and "error signal: spread", and
        "gradient norm", that of a layer's weights for one example.

    Raises
    ------
    ValueError, TypeError
        When an argument is out of range.

    Notes
    -----
    Source: S. Schoenholz et al., Deep information propagation, 2017.

    Examples
    --------
    >>> X = np.array([[1.0, -1.0], [-1.0, 1.0]])
    >>> he = expected_sizes("relu", X, scale=np.sqrt(2.0), width=9, layers=3, last=0.5)
    >>> he["error signal: size"].round(6), he["gradient norm"].round(3)
    (array([0.5, 0.5, 0.5]), array([2.121, 4.5  , 4.5  ]))
    """
    width, last = count("width", width), float(in_range("last", last, 0.0))
    _, X = float_arrays(X=X)
    shape("X", X, ("n", "inputs"))
    not_empty("X", X)
    finite("X", X)
    square = np.mean(np.square(X))
    known = propagate(activation, square, scale=scale, layers=layers)
    factors = np.append(known.backward[:-1], 1.0)
    delta = last * np.sqrt(np.cumprod(factors[::-1])[::-1])
    difference = np.mean(np.var(X, axis=0)) * np.cumprod(known.backward)
    entering = np.append(X.shape[1] * square, width * known.a_square[:-1])
    return {
        "activations: size": np.sqrt(known.a_square),
        "activations: spread": np.sqrt(np.minimum(difference, known.a_square)),
        "error signal: size": delta,
        "error signal: spread": delta,
        "gradient norm": np.sqrt(entering * width) * delta,
    }


def _mean_squares(activation: str, z_square: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return E[f(z)²] and E[f'(z)²] for normal z of mean 0."""
    u, weight = _normal_grid()
    z = np.sqrt(z_square)[..., None] * u  # (..., nodes)
    f = ACTIVATIONS[activation]
    return f.forward(z) ** 2 @ weight, f.backward(np.ones_like(z), z) ** 2 @ weight


@cache
def _normal_grid() -> tuple[np.ndarray, np.ndarray]:
    """Return midpoints and the share of a standard normal variable around each."""
    u = REACH * ((2 * np.arange(NODES) + 1) / NODES - 1)
    weight = np.exp(-0.5 * u**2)
    return u, weight / weight.sum()
