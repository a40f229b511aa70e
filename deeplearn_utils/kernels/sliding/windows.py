"""Where windows stand as they slide over an image: output size, padding, and slices."""

import math
from collections.abc import Iterator
from typing import NamedTuple

from ...checks import choice, count, room


class Axis(NamedTuple):
    """One axis of an image, and the windows that slide along it."""

    length: int
    window: int
    stride: int
    out: int  # how many windows
    before: int  # padding
    after: int

    @property
    def padded(self) -> int:
        """The length with the padding on both sides."""
        return self.before + self.length + self.after

    @property
    def inside(self) -> slice:
        """Where the image stands within the padded axis."""
        return slice(self.before, self.before + self.length)

    def entry(self, offset: int) -> slice:
        """Where, in the padded axis, entry number `offset` of every window stands."""
        return slice(offset, offset + self.stride * (self.out - 1) + 1, self.stride)


class Windows(NamedTuple):
    """The windows that slide over an image."""

    rows: Axis
    columns: Axis
    padding: str

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of a window."""
        return self.rows.window, self.columns.window

    @property
    def stride(self) -> tuple[int, int]:
        """How far the window moves down, and to the right."""
        return self.rows.stride, self.columns.stride

    @property
    def out(self) -> tuple[int, int]:
        """How many windows there are, from top to bottom and from left to right."""
        return self.rows.out, self.columns.out

    @property
    def margins(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """The padding: above and below, left and right."""
        return (self.rows.before, self.rows.after), (self.columns.before, self.columns.after)

    @property
    def inside(self) -> tuple[slice, ...]:
        """Where the image stands within the padded one, as an index of (n, h, w, c)."""
        return slice(None), self.rows.inside, self.columns.inside, slice(None)

    def entries(self) -> Iterator[tuple[slice, ...]]:
        """Yield, row by row of a window, where one entry of every window stands."""
        for i in range(self.rows.window):
            for j in range(self.columns.window):
                yield slice(None), self.rows.entry(i), self.columns.entry(j), slice(None)


def slide(
    image: tuple[int, int],
    size: tuple[int, int],
    stride: tuple[int, int],
    padding: str,
    *,
    each: tuple[int, ...] = (),
    name: str = "window",
) -> Windows:
    """Lay windows over an image.

    With padding "valid" every window lies inside the image. With "same" there are
    ceil(length / stride) windows on an axis, as in TensorFlow: where the padding is odd, the
    larger half comes after the image.

    Parameters
    ----------
    image : tuple of int
        Height and width.
    size : tuple of int
        Height and width of a window.
    stride : tuple of int
        How far the window moves down, and to the right.
    padding : {"valid", "same"}
    each : tuple of int
        Of how many samples and channels; what a compiler doesn't know yet is left out.
    name : str
        The argument that has the window's size, for messages.

    Returns
    -------
    Windows

    Raises
    ------
    ValueError
        When a window doesn't fit, its border doesn't fit into memory, or the padding has another
        name.

    Examples
    --------
    >>> slide((5, 6), (3, 3), (2, 2), "same").margins
    ((1, 1), (0, 1))
    """
    choice("padding", padding, ("valid", "same"))
    if 0 in image:
        raise ValueError(f"`x` must have at least one row and one column, got {image}")
    rows, columns = (
        _axis(*axis, padding=padding, name=name) for axis in zip(image, size, stride, strict=True)
    )
    if padding == "same":
        inner = rows.length * columns.length
        border = rows.padded * columns.padded - inner
        if border > inner:  # else it takes less than what is there
            images = math.prod(n for n in each if isinstance(n, int))
            room(border * images, f"the border around `x` that `{name}` = {size} needs")
    return Windows(rows, columns, padding)


def _axis(length: int, window: int, stride: int, *, padding: str, name: str) -> Axis:
    if padding == "valid" and window > length:
        raise ValueError(
            f"`{name}` must fit into `x`, got a window of length {window} for an axis of length "
            f'{length}; padding="same" adds a border'
        )
    if padding == "valid":
        return Axis(length, window, stride, (length - window) // stride + 1, 0, 0)
    out = -(-length // stride)
    total = max((out - 1) * stride + window - length, 0)
    return Axis(length, window, stride, out, total // 2, total - total // 2)


def pair(name: str, value: int | tuple[int, int]) -> tuple[int, int]:
    """Return two whole numbers, given both or one for both axes.

    Examples
    --------
    >>> pair("stride", 2)
    (2, 2)
    """
    values = tuple(value) if isinstance(value, (tuple, list)) else (value, value)
    if len(values) != 2:
        raise ValueError(f"`{name}` must be one whole number, or a pair of them, got {value}")
    first, second = (count(name, entry) for entry in values)
    return first, second
