"""How far two runtimes are apart on the same inputs, and where."""

from dataclasses import dataclass

import numpy as np

__all__ = ["Parity", "compare"]


@dataclass(frozen=True)
class Parity:
    """The largest difference between the outputs of a model and of its original.

    Attributes
    ----------
    largest : float
        The largest absolute difference; NaN if an output is NaN, or infinite in one of them only.
    relative : float
        The same over the largest finite absolute output of the original, or over 1 if that is less.
    example : int
        The row of the inputs where it is found.
    output : tuple of int
        The output where it is found.
    original, found : float
        What the two say there.
    n_samples : int
        How many inputs were compared.
    """

    largest: float
    relative: float
    example: int
    output: tuple[int, ...]
    original: float
    found: float
    n_samples: int

    def __str__(self) -> str:
        place = self.output[0] if len(self.output) == 1 else list(self.output)
        return (
            f"the largest difference is {self.largest:.3g} ({self.relative:.3g} of the largest "
            f"output), in example {self.example}, output {place}: {self.found:.9g} instead of "
            f"{self.original:.9g}"
        )


def compare(found: np.ndarray, original: np.ndarray) -> Parity:
    """Compare outputs with those of the original, shape (n, ...) both.

    Raises
    ------
    ValueError
        When the shapes differ, since nothing is broadcast, or there are no outputs.

    Examples
    --------
    >>> parity = compare(np.array([[1.0, 2.0], [3.0, 4.5]]), np.array([[1.0, 2.0], [3.0, 4.0]]))
    >>> print(parity)
    the largest difference is 0.5 (0.125 of the largest output), in example 1, output 1: 4.5 \
instead of 4
    """
    found, original = np.asarray(found), np.asarray(original)
    if found.shape != original.shape:
        raise ValueError(
            f"outputs have shape {found.shape}, those of the original {original.shape}"
        )
    if not found.size or not found.ndim:
        raise ValueError(f"outputs must have shape (n, ...) and a sample, got {found.shape}")
    exact = (found, original)
    found, original = found.astype(np.float64), original.astype(np.float64)
    largest = np.abs(original).max(initial=1.0, where=np.isfinite(original))
    with np.errstate(invalid="ignore", over="ignore"):  # infinity minus infinity
        apart = np.where(found == original, 0.0, np.abs(found - original))
        if all(x.dtype.kind in "iu" and x.dtype.itemsize == 8 for x in exact):
            one, other = (x.astype(object) for x in exact)  # float64 would round beyond 2^53
            apart = abs(one - other).astype(np.float64)
        relative = apart / largest
    worst = np.where(np.isnan(apart), np.inf, apart)
    example, *output = np.unravel_index(int(worst.argmax()), apart.shape)
    place = (example, *output)
    return Parity(
        largest=float(apart[place]),
        relative=float(relative[place]),
        example=int(example),
        output=tuple(map(int, output)),
        original=float(original[place]),
        found=float(found[place]),
        n_samples=len(found),
    )
