"""Arrays as the bytes of NumPy's .npy files, read without making room for what is not there."""

from io import BytesIO

import numpy as np

__all__ = ["from_npy", "to_npy"]


def to_npy(x: np.ndarray) -> bytes:
    """Return the bytes of a .npy file.

    Examples
    --------
    >>> from_npy(to_npy(np.eye(2)))
    array([[1., 0.],
           [0., 1.]])
    """
    x, stream = np.asarray(x, order="C"), BytesIO()
    if x.dtype.hasobject:
        raise ValueError(f"an array must hold numbers, got {x.dtype}")
    np.save(stream, x, allow_pickle=False)
    return stream.getvalue()


def from_npy(content: bytes) -> np.ndarray:
    """Read an array, read-only; refuse one of objects, or of another size than its shape says.

    Raises
    ------
    ValueError

    Examples
    --------
    >>> from_npy(to_npy(np.eye(2))[:-1])
    Traceback (most recent call last):
    ...
    ValueError: an array of shape (2, 2) and dtype float64 takes 32 bytes, got 31
    """
    stream = BytesIO(content)
    try:
        version = np.lib.format.read_magic(stream)
        shape, column_major, dtype = np.lib.format.read_array_header_1_0(stream)
    except Exception as error:  # NumPy reads the header as Python's text, which fails in any way
        raise ValueError(f"an array's header can't be read: {error}") from None
    if version != (1, 0):
        raise ValueError(f"an array must be in version (1, 0) of NumPy's format, got {version}")
    if dtype.hasobject or column_major:
        raise ValueError(f"an array must hold numbers, row by row, got {dtype}")
    numbers = content[stream.tell() :]
    size = int(np.prod([int(n) for n in shape], dtype=object)) * dtype.itemsize
    if size != len(numbers):
        raise ValueError(
            f"an array of shape {shape} and dtype {dtype} takes {size} bytes, got {len(numbers)}"
        )
    return np.frombuffer(numbers, dtype).reshape(shape)
