"""The flat parameter vector θ, and where each weight and bias stands in it."""

import itertools
import math
from collections.abc import Iterable, Sequence, Sized
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from .arrays import Array, asarray
from .checks import count, float_arrays, in_range, instance
from .checks import shape as check_shape


@dataclass(frozen=True)
class Layout:
    """Names, shapes and offsets of the weights W and biases b of each layer in θ.

    θ holds W1, b1, W2, b2, ... one after the other, each in row-major order.

    Parameters
    ----------
    weight_shapes : tuple of tuple of int
        The shape of each layer's weights; its bias has the length of the last axis.

    Examples
    --------
    >>> layout = Layout.dense([2, 3, 1])
    >>> layout.size, layout.names
    (13, ('W1', 'b1', 'W2', 'b2'))
    >>> W, b = layout.unpack(np.arange(13.0))
    >>> W[1].shape, b[0]
    ((3, 1), array([6., 7., 8.]))
    """

    weight_shapes: tuple[tuple[int, ...], ...]

    def __post_init__(self) -> None:
        wanted = "a sequence of shapes, such as ((2, 3), (3, 1))"
        instance("weight_shapes", self.weight_shapes, Iterable, wanted)
        shapes = []
        for shape in self.weight_shapes:
            instance("weight_shapes", shape, (tuple, list, np.ndarray), wanted)
            shapes.append(tuple(count("weight_shapes", n) for n in shape))
        object.__setattr__(self, "weight_shapes", tuple(shapes))

    @classmethod
    def dense(cls, sizes: Sequence[int]) -> "Layout":
        """Lay out a network of dense layers with these numbers of units, inputs first.

        Raises
        ------
        TypeError, ValueError
            When there are fewer than two sizes, or one is no positive whole number.
        """
        listed = isinstance(sizes, (Sequence, np.ndarray)) and np.ndim(sizes) > 0
        if not listed or len(sizes) < 2:
            raise ValueError(
                f"`sizes` must list at least inputs and outputs, such as [64, 10], got {sizes!r}"
            )
        return cls(tuple(itertools.pairwise([count("sizes", n) for n in sizes])))

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The parameters in the order of θ: "W1", "b1", "W2", ..."""
        return tuple(f"{c}{i + 1}" for i in range(len(self.weight_shapes)) for c in "Wb")

    @cached_property
    def shapes(self) -> tuple[tuple[int, ...], ...]:
        """The shape of each parameter, in the order of `names`."""
        return tuple(s for shape in self.weight_shapes for s in (shape, shape[-1:]))

    @cached_property
    def offsets(self) -> tuple[int, ...]:
        """Where each parameter begins in θ, and at the end the length of θ."""
        return (0, *itertools.accumulate(math.prod(shape) for shape in self.shapes))

    @property
    def size(self) -> int:
        """The number of parameters, the length of θ."""
        return self.offsets[-1]

    def unpack(self, theta: Array) -> tuple[list[Array], list[Array]]:
        """Cut θ into the weights and the biases of each layer.

        Parameters
        ----------
        theta : array, shape (size,)

        Returns
        -------
        W, b : list of array
            W[0] has shape (n_0, n_1) and leads from the inputs to the first layer. Nothing may
            rely on whether these share memory with θ.

        Raises
        ------
        ValueError
            When θ has another shape.
        """
        xp, theta = float_arrays(theta=theta)
        check_shape("theta", theta, (self.size,), "(n_parameters,)")
        ends = zip(self.shapes, self.offsets[:-1], self.offsets[1:], strict=True)
        parts = [xp.reshape(theta[i:j], shape) for shape, i, j in ends]
        return parts[0::2], parts[1::2]

    def pack(self, W: Sequence[Array], b: Sequence[Array]) -> Array:
        """Join weights and biases into one vector θ: the inverse of `unpack`.

        Raises
        ------
        ValueError
            When a layer is missing, or a shape doesn't fit.
        """
        n = len(self.weight_shapes)
        for name, parts in (("W", W), ("b", b)):
            instance(name, parts, Sized, "a sequence of arrays, one for each layer")
        if len(W) != n or len(b) != n:
            raise ValueError(
                f"`W` and `b` must have one array a layer, {n}, got {len(W)} and {len(b)}"
            )
        parts = [part for pair in zip(W, b, strict=True) for part in pair]
        xp, *parts = float_arrays(**dict(zip(self.names, parts, strict=True)))
        for name, part, shape in zip(self.names, parts, self.shapes, strict=True):
            check_shape(name, part, shape)
        return xp.concat([xp.reshape(part, (-1,)) for part in parts])

    def weights_mask(self, theta: Array) -> Array:
        """Return 1.0 for each weight and 0.0 for each bias, in θ's library, dtype and device.

        Regularizers use it to leave the biases out.
        """
        _, theta = float_arrays(theta=theta)
        check_shape("theta", theta, (self.size,), "(n_parameters,)")
        mask = np.zeros(self.size)
        for name, i, j in zip(self.names, self.offsets[:-1], self.offsets[1:], strict=True):
            mask[i:j] = name.startswith("W")
        return asarray(mask, like=theta, dtype=theta.dtype)

    def locate(self, index: int) -> str:
        """Name the parameter at a position of θ.

        Examples
        --------
        >>> Layout.dense([2, 3, 1]).locate(9)
        'W2[0, 0]'
        """
        index = count("index", index, 0)
        in_range("index", index, 0, self.size - 1)
        at = int(np.searchsorted(self.offsets, index, side="right")) - 1
        place = np.unravel_index(index - self.offsets[at], self.shapes[at])
        return f"{self.names[at]}[{', '.join(str(int(i)) for i in place)}]"
