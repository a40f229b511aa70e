"""Regularizers: a penalty on the weights, added to the loss. Biases are left out by the mask.

All are called `(theta, mask)`; the mask is 1.0 for a weight and 0.0 for a bias, from
`layout.weights_mask(theta)`.
"""

from dataclasses import dataclass
from typing import Any

from .arrays import Array
from .checks import float_arrays, in_range, number, number_field, same_shape


def _checked(theta: Array, mask: Array) -> tuple[Any, Array, Array]:
    xp, theta, mask = float_arrays(theta=theta, mask=mask)
    same_shape("mask", mask, "theta", theta)
    return xp, theta, mask


@dataclass(frozen=True)
class L2:
    """λ Σ w² over the weights, with gradient 2 λ w.

    Some texts write λ/2 Σ w² with gradient λ w; halve λ to compare.

    Parameters
    ----------
    strength : float
        λ, at least 0.

    Notes
    -----
    Source: Hoerl and Kennard, "Ridge regression" (1970).

    Examples
    --------
    >>> import numpy as np
    >>> theta, mask = np.array([3.0, 10.0]), np.array([1.0, 0.0])
    >>> float(L2(0.5).penalty(theta, mask)), L2(0.5).gradient(theta, mask)
    (4.5, array([3., 0.]))
    """

    strength: float

    def __post_init__(self) -> None:
        number_field(self, "strength", 0.0)

    def penalty(self, theta: Array, mask: Array) -> Array:
        """Return λ Σ w², an array without axes."""
        xp, theta, mask = _checked(theta, mask)
        return number(self.strength, theta) * xp.sum(xp.square(theta) * mask)

    def gradient(self, theta: Array, mask: Array) -> Array:
        """Return 2 λ w for weights and 0 for biases, of shape (n_parameters,)."""
        _, theta, mask = _checked(theta, mask)
        return (2.0 * number(self.strength, theta)) * theta * mask

    def proximal(self, theta: Array, mask: Array, step_size: float) -> Array:
        """Divide each weight by 1 + 2 step_size λ: the proximal step, as `L1.proximal` has it.

        Examples
        --------
        >>> import numpy as np
        >>> L2(1.0).proximal(np.array([0.4, -2.0, 0.4]), np.array([1.0, 1.0, 0.0]), 0.5)
        array([ 0.2, -1. ,  0.4])
        """
        _, theta, mask = _checked(theta, mask)
        step_size = number(in_range("step_size", step_size, 0.0), theta)
        return theta / (1.0 + 2.0 * step_size * number(self.strength, theta) * mask)


@dataclass(frozen=True)
class L1:
    """λ Σ |w| over the weights, with subgradient λ sign(w), 0 at w = 0.

    Parameters
    ----------
    strength : float
        λ, at least 0.

    Notes
    -----
    Source: Tibshirani, "Regression shrinkage and selection via the lasso" (1996).

    Examples
    --------
    >>> import numpy as np
    >>> theta, mask = np.array([-3.0, 10.0]), np.array([1.0, 0.0])
    >>> float(L1(0.5).penalty(theta, mask)), L1(0.5).gradient(theta, mask)
    (1.5, array([-0.5,  0. ]))
    """

    strength: float

    def __post_init__(self) -> None:
        number_field(self, "strength", 0.0)

    def penalty(self, theta: Array, mask: Array) -> Array:
        """Return λ Σ |w|, an array without axes."""
        xp, theta, mask = _checked(theta, mask)
        return number(self.strength, theta) * xp.sum(xp.abs(theta) * mask)

    def gradient(self, theta: Array, mask: Array) -> Array:
        """Return the subgradient λ sign(w) for weights and 0 for biases."""
        xp, theta, mask = _checked(theta, mask)
        return number(self.strength, theta) * xp.sign(theta) * mask

    def proximal(self, theta: Array, mask: Array, step_size: float) -> Array:
        """Shrink each weight towards 0 by step_size * λ, and stop at exactly 0.

        The proximal step (soft threshold) after a gradient step of length `step_size` on the loss
        alone. Source: Daubechies, Defrise and De Mol (2004).

        Examples
        --------
        >>> import numpy as np
        >>> L1(1.0).proximal(np.array([0.3, -2.0, 0.3]), np.array([1.0, 1.0, 0.0]), 0.5)
        array([ 0. , -1.5,  0.3])
        """
        xp, theta, mask = _checked(theta, mask)
        step_size = number(in_range("step_size", step_size, 0.0), theta)
        threshold = step_size * number(self.strength, theta) * mask
        return xp.sign(theta) * xp.maximum(xp.abs(theta) - threshold, 0.0)


@dataclass(frozen=True)
class ElasticNet:
    """λ₁ Σ |w| + λ₂ Σ w² over the weights.

    Parameters
    ----------
    l1, l2 : float
        λ₁ and λ₂, at least 0.

    Notes
    -----
    Source: Zou and Hastie, "Regularization and variable selection via the elastic net" (2005).

    Examples
    --------
    >>> import numpy as np
    >>> float(ElasticNet(l1=1.0, l2=0.5).penalty(np.array([-2.0]), np.array([1.0])))
    4.0
    """

    l1: float
    l2: float

    def __post_init__(self) -> None:
        number_field(self, "l1", 0.0)
        number_field(self, "l2", 0.0)

    def penalty(self, theta: Array, mask: Array) -> Array:
        """Return λ₁ Σ |w| + λ₂ Σ w², an array without axes."""
        return L1(self.l1).penalty(theta, mask) + L2(self.l2).penalty(theta, mask)

    def gradient(self, theta: Array, mask: Array) -> Array:
        """Return λ₁ sign(w) + 2 λ₂ w for weights and 0 for biases."""
        return L1(self.l1).gradient(theta, mask) + L2(self.l2).gradient(theta, mask)

    def proximal(self, theta: Array, mask: Array, step_size: float) -> Array:
        """Take the proximal step of L1, then that of L2; this order is that of the sum.

        Source: Parikh and Boyd, "Proximal algorithms" (2014), section 6.5.

        Examples
        --------
        >>> import numpy as np
        >>> ElasticNet(1.0, 1.0).proximal(np.array([0.4, -2.5]), np.array([1.0, 1.0]), 0.5)
        array([ 0., -1.])
        """
        shrunk = L1(self.l1).proximal(theta, mask, step_size)
        return L2(self.l2).proximal(shrunk, mask, step_size)


REGULARIZERS: dict[str, type] = {"l1": L1, "l2": L2, "elastic_net": ElasticNet}
