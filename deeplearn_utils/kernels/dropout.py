"""Inverted dropout, forward and backward: random entries become 0 while a network learns.

The randomness stays outside the kernels: a mask goes in, so both directions are pure functions.
Source: Srivastava et al., "Dropout: a simple way to prevent neural networks from overfitting"
(2014).
"""

import math

import numpy as np

from ..arrays import Array, asarray, namespace
from ..checks import count, float_arrays, generator, in_range, room, same_shape

__all__ = ["dropout", "dropout_backward", "dropout_mask"]


def dropout_mask(
    rng: np.random.Generator, shape: tuple[int, ...], rate: float, /, *, like: Array
) -> Array:
    """Draw what each entry is multiplied by: 0 with probability `rate`, else 1 / (1 - rate).

    The mean of an entry is 1, so that nothing has to be scaled where nothing is dropped.

    Parameters
    ----------
    rng : numpy.random.Generator
        Gives ``rng.random(shape)``, double precision, row by row; an entry is kept where its number
        is at least `rate`. So one generator makes one mask, whatever library, dtype or device.
    shape : tuple of int
    rate : float
        The probability of a 0, at least 0 and below 1.
    like : array
        The array whose library, dtype and device the mask has.

    Returns
    -------
    array, of the shape asked for

    Raises
    ------
    TypeError, ValueError
        When an argument is wrong.

    Examples
    --------
    >>> dropout_mask(np.random.default_rng(0), (2, 3), 0.5, like=np.zeros(1))
    array([[2., 0., 0.],
           [0., 2., 2.]])
    """
    generator("rng", rng)
    if not isinstance(shape, (tuple, list)):
        raise TypeError(f"`shape` must be a tuple such as (samples, units), got {shape!r}")
    sizes = [count("shape", size, 0) for size in shape]
    room(math.prod(sizes), f"`shape` = {tuple(sizes)}")
    _, like = float_arrays(like=like)
    rate = float(in_range("rate", rate, 0.0, 1.0, open_high=True))
    kept = rng.random(sizes) >= rate
    mask = asarray(kept / (1.0 - rate), like=like)
    return namespace(mask).astype(mask, like.dtype)


def dropout(a: Array, mask: Array, /) -> Array:
    """Return a ⊙ mask.

    Parameters
    ----------
    a : array
        Activations, of any shape.
    mask : array, same shape as a
        From `dropout_mask`. To predict, dropout is left away: its mask would be all ones.

    Returns
    -------
    array, same shape as a

    Raises
    ------
    TypeError, ValueError
        When library, dtype or shape don't fit.

    Examples
    --------
    >>> dropout(np.array([1.0, 2.0, 3.0]), np.array([2.0, 0.0, 2.0]))
    array([2., 0., 6.])
    """
    _, a, mask = float_arrays(a=a, mask=mask)
    same_shape("mask", mask, "a", a)
    return a * mask


def dropout_backward(da: Array, mask: Array, /) -> Array:
    """Return the gradient before dropout, da ⊙ mask: what was dropped has none.

    Parameters
    ----------
    da : array
        Gradient of the loss with respect to what dropout returned.
    mask : array, same shape as da
        The mask of the forward kernel.

    Returns
    -------
    array, same shape as da

    Examples
    --------
    >>> dropout_backward(np.array([1.0, 1.0, 1.0]), np.array([2.0, 0.0, 2.0]))
    array([2., 0., 2.])
    """
    _, da, mask = float_arrays(da=da, mask=mask)
    same_shape("mask", mask, "da", da)
    return da * mask
