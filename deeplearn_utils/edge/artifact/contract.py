"""What a model takes and what it gives, written down so that it can be checked."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from ...checks import count, finite, one_library, place_of
from ...intake import numbers

__all__ = ["TensorSpec"]

DTYPES = ("float32", "float64", "int8", "uint8", "int16", "int32", "int64")


@dataclass(frozen=True, eq=False)
class TensorSpec:
    """The contract of one tensor: shape of a sample, dtype, and the range of its numbers.

    Parameters
    ----------
    shape : sequence of int
        Of one sample, without the axis of the batch: (8, 8, 1) for a small gray image.
    dtype : str
        A number type of NumPy: float32, float64, int8, uint8, int16, int32 or int64.
    low, high : float or array_like of the sample's shape, optional
        The smallest and the largest number allowed, for all entries or for each. Default: any.

    Raises
    ------
    TypeError, ValueError
        When an axis, the dtype or a bound is wrong.

    Examples
    --------
    >>> pixels = TensorSpec((2,), "float32", low=0, high=16)
    >>> pixels.check("X", np.array([[0, 16]], "float32"))
    array([[ 0., 16.]], dtype=float32)
    >>> pixels.check("X", np.array([[0, 17]], "float32"))
    Traceback (most recent call last):
    ...
    ValueError: `X` must lie within [0.0, 16.0], got 17.0 in row 0, column 1
    """

    shape: tuple[int, ...]
    dtype: str
    low: ArrayLike | None = None
    high: ArrayLike | None = None

    def __post_init__(self) -> None:
        keep = object.__setattr__  # the dataclass is frozen
        if not isinstance(self.shape, (tuple, list)):
            raise TypeError(f"`shape` must be a tuple such as (8, 8, 1), got {self.shape!r}")
        keep(self, "shape", tuple(count("shape", n) for n in self.shape))
        if str(self.dtype) not in DTYPES:
            try:
                name = "" if self.dtype is None else np.dtype(self.dtype).name
            except TypeError:
                name = ""
            if name not in DTYPES:
                raise TypeError(f"`dtype` must be one of {', '.join(DTYPES)}, got {self.dtype!r}")
            keep(self, "dtype", name)
        keep(self, "low", self._bound("low", self.low))
        keep(self, "high", self._bound("high", self.high))
        if self.low is not None and self.high is not None and np.any(self.low > self.high):
            raise ValueError("`low` must not be above `high`, got a range without a number in it")

    def _bound(self, name: str, value: ArrayLike | None) -> np.ndarray | None:
        if value is None:
            return None
        try:
            bound = numbers(name, value, empty=True)
        except (TypeError, ValueError):
            raise TypeError(f"`{name}` must hold numbers, got {value!r}") from None
        if bound.shape not in ((), self.shape):
            raise ValueError(
                f"`{name}` must be a number or have the sample's shape {self.shape}, "
                f"got shape {bound.shape}"
            )
        finite(name, bound)
        bound.setflags(write=False)
        return bound

    def check(self, name: str, X: Any) -> np.ndarray:
        """Return a batch that keeps the contract; refuse any other.

        Parameters
        ----------
        name : str
            What a message shall call the batch.
        X : ndarray, shape (n,) + shape
            At least one sample, of the contract's dtype.

        Raises
        ------
        TypeError
            When X is no NumPy array, or has another dtype: nothing is converted silently.
        ValueError
            When the shape differs, X is empty, a number is NaN or infinite or out of range.
        """
        if not isinstance(X, np.ndarray):
            raise TypeError(
                f"`{name}` must be a NumPy array, got {type(X).__name__}; "
                f'try np.asarray({name}, "{self.dtype}")'
            )
        one_library(**{name: X})  # neither masked nor a matrix
        if X.dtype.name != self.dtype or not X.dtype.isnative:
            raise TypeError(
                f"`{name}` must have dtype {self.dtype}, got {X.dtype}; "
                f'try {name}.astype("{self.dtype}")'
            )
        self._check_shape(name, X)
        if X.dtype.kind == "f":
            finite(name, X)
        self._check_range(name, X)
        return X

    def _check_shape(self, name: str, X: np.ndarray) -> None:
        if X.shape[1:] == self.shape and X.ndim:
            if len(X) == 0:
                raise ValueError(f"`{name}` must hold at least one sample, got none")
            return
        hint = ""
        if X.shape == self.shape:
            hint = f"; one sample is a batch too: {name}[None]"
        elif X.ndim and len(X) and X[0].size == np.prod(self.shape, dtype=int):
            axes = ", ".join(map(str, (-1, *self.shape)))
            hint = f"; did you mean {name}.reshape({axes})?"
        wanted = f"({', '.join(['n', *map(str, self.shape)])})"
        raise ValueError(f"`{name}` must have shape {wanted}, got {X.shape}{hint}")

    def _check_range(self, name: str, X: np.ndarray) -> None:
        outside = np.zeros(X.shape, bool)
        if self.low is not None:
            outside |= np.less(X, self.low)
        if self.high is not None:
            outside |= np.greater(X, self.high)
        if not outside.any():
            return
        where = tuple(np.argwhere(outside)[0])
        low, high = (self._bound_at(bound, where) for bound in (self.low, self.high))
        left = "(-inf" if low is None else f"[{low}"
        right = "inf)" if high is None else f"{high}]"
        raise ValueError(
            f"`{name}` must lie within {left}, {right}, got {X[where]} in {place_of(where)}"
        )

    @staticmethod
    def _bound_at(bound: np.ndarray | None, where: tuple[int, ...]) -> float | None:
        if bound is None:
            return None
        return float(bound if bound.ndim == 0 else bound[where[1:]])

    def described(self) -> str:
        """Return the contract in words.

        Examples
        --------
        >>> TensorSpec((8, 8, 1), "float32", low=0, high=16).described()
        '(n, 8, 8, 1) float32 within [0, 16]'
        """
        axes = f"({', '.join(['n', *map(str, self.shape)])})"
        ends = [f"{b.min():g}" for b in (self.low, self.high) if b is not None and b.ndim == 0]
        if len(ends) == 2:
            return f"{axes} {self.dtype} within [{', '.join(ends)}]"
        bounded = self.low is not None or self.high is not None
        return f"{axes} {self.dtype}{', with bounds' if bounded else ''}"

    def to_json(self) -> dict[str, Any]:
        """Return the contract as JSON can hold it."""
        bounds = {"low": self.low, "high": self.high}
        plain = {name: None if b is None else b.tolist() for name, b in bounds.items()}
        return {"shape": list(self.shape), "dtype": self.dtype, **plain}

    @classmethod
    def from_json(cls, found: Any) -> Self:
        """Read back what `to_json` wrote."""
        if not isinstance(found, dict) or set(found) != {"shape", "dtype", "low", "high"}:
            raise ValueError("a tensor must be told by `shape`, `dtype`, `low` and `high`")
        if not isinstance(found["shape"], list) or not isinstance(found["dtype"], str):
            raise ValueError("a tensor's `shape` must be a list and its `dtype` a word")
        return cls(**found)
