"""From the bytes of a request to a batch that keeps the contract, or a refusal that says why."""

import json
from typing import Any

import numpy as np

from ..checks import place_of
from ..edge.artifact import TensorSpec
from ..edge.npy import from_npy

__all__ = ["JSON", "NPY", "Refused", "batch_of"]

JSON, NPY = "application/json", "application/x-npy"


class Refused(Exception):
    """A request that gets no prediction.

    Attributes
    ----------
    status : int
        Of HTTP: 400 unreadable, 408 too slow, 413 too large, 415 another type, 422 against the
        contract, 429 too many at once.
    reason : str
        What is wrong with it, and what to try.
    """

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status, self.reason = status, reason


def batch_of(body: bytes, kind: str, spec: TensorSpec, *, most_samples: int) -> np.ndarray:
    """Read the inputs in a request's body.

    Parameters
    ----------
    body : bytes
        JSON, such as `{"inputs": [[5.1, 3.5]]}`, or a NumPy array as .npy.
    kind : str
        The content type: `application/json` or `application/x-npy`.
    spec : TensorSpec
        The contract. JSON has no types: its numbers take the contract's, if it can hold them.
    most_samples : int
        How many samples a request may have.

    Returns
    -------
    ndarray, shape (n, ...)

    Raises
    ------
    Refused

    Examples
    --------
    >>> pairs = TensorSpec((2,), "float32")
    >>> batch_of(b'{"inputs": [[1, 2.5]]}', JSON, pairs, most_samples=8)
    array([[1. , 2.5]], dtype=float32)
    >>> batch_of(b'{"inputs": [[1, 1e39]]}', JSON, pairs, most_samples=8)
    Traceback (most recent call last):
    ...
    deeplearn_utils.serving.requests.Refused: `inputs` must hold numbers that float32 can hold, \
got 1e+39 in row 0, column 1
    """
    readers = {JSON: _from_json, NPY: _from_npy}
    kind = kind.partition(";")[0].strip().lower()
    if kind not in readers:
        got = repr(kind) if kind else "none"
        raise Refused(415, f"the content type must be {JSON} or {NPY}, got {got}")
    if not body:
        raise Refused(400, 'the body is empty; send {"inputs": [...]}')
    X = readers[kind](body, spec)
    if len(X) > most_samples:
        raise Refused(413, f"`inputs` may hold {most_samples} samples, got {len(X)}; send several")
    try:
        return spec.check("inputs", X)
    except (TypeError, ValueError) as error:
        raise Refused(422, str(error)) from None


def _from_npy(body: bytes, spec: TensorSpec) -> np.ndarray:
    try:
        X = from_npy(body)
    except ValueError as error:
        raise Refused(400, f"the body is no array that can be read: {error}") from None
    if X.ndim == 0:
        raise Refused(422, f"`inputs` must have shape {_shape(spec)}, got ()")
    return X


def _from_json(body: bytes, spec: TensorSpec) -> np.ndarray:
    try:
        told = json.loads(body.decode(), parse_constant=_refuse_constant)
    except (UnicodeDecodeError, RecursionError, ValueError) as error:
        raise Refused(400, f"the body is no JSON: {error}") from None
    if not isinstance(told, dict) or set(told) != {"inputs"}:
        got = f"the keys {sorted(told)}" if isinstance(told, dict) else type(told).__name__
        raise Refused(422, f'the JSON must be an object {{"inputs": [...]}}, got {got}')
    return _numbers(told["inputs"], spec)


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no number in JSON; leave the sample out or fill the gap")


def _numbers(inputs: Any, spec: TensorSpec) -> np.ndarray:
    """Return nested lists as an array of the contract's dtype; nothing is rounded or cut off."""
    if not isinstance(inputs, list):
        raise Refused(422, f"`inputs` must be a list of samples, got {type(inputs).__name__}")
    _check_leaves(inputs, spec, depth=0)
    try:
        X = np.array(inputs, dtype=np.float64)
    except OverflowError:
        raise Refused(422, f"`inputs` must hold numbers that {spec.dtype} can hold") from None
    except ValueError:
        raise Refused(
            422, f"`inputs` must have shape {_shape(spec)}, got lists of different lengths"
        ) from None
    if np.dtype(spec.dtype).kind == "f":
        with np.errstate(over="ignore"):
            found = X.astype(spec.dtype)
        lost = ~np.isfinite(found)
    else:  # float64 would round whole numbers beyond 2^53
        exact, limits = np.array(inputs, dtype=object), np.iinfo(spec.dtype)
        with np.errstate(invalid="ignore"):  # the rest of an infinity
            whole = exact % 1 == 0
        lost = ~((exact >= limits.min) & (exact <= limits.max) & whole).astype(bool)
        found = np.where(lost, 0, exact).astype(spec.dtype)
    if lost.any():
        where = tuple(np.argwhere(lost)[0])
        raise Refused(
            422,
            f"`inputs` must hold numbers that {spec.dtype} can hold, got {X[where]:g} in "
            f"{place_of(where)}",
        )
    return found


def _check_leaves(value: Any, spec: TensorSpec, depth: int) -> None:
    """Refuse what is no number, and lists deeper than the contract's shape."""
    if isinstance(value, list):
        if depth > len(spec.shape):
            raise Refused(422, f"`inputs` must have shape {_shape(spec)}, got deeper lists")
        for part in value:
            _check_leaves(part, spec, depth + 1)
    elif isinstance(value, bool) or not isinstance(value, (int, float)):
        shown = json.dumps(value)
        shown = shown if len(shown) <= 40 else f"{shown[:37]}..."
        raise Refused(422, f"`inputs` must hold numbers only, got {shown}")


def _shape(spec: TensorSpec) -> str:
    return f"({', '.join(['n', *map(str, spec.shape)])})"
