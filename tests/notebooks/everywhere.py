"""Compute on every library and device of this machine, and compare with what is right.

What the notebooks show is the same whichever libraries and devices there are: a row says that all
of them agree, and where one does not, the notebook stops and names it.
"""

import os
from collections.abc import Callable
from typing import Any

import numpy as np
from IPython.display import Markdown

os.environ["JAX_ENABLE_X64"] = "1"  # read at JAX's import; by default it has no float64
os.environ["JAX_DEFAULT_MATMUL_PRECISION"] = "highest"  # GPUs else round products to 10 bits
os.environ["NVIDIA_TF32_OVERRIDE"] = "0"  # the same for the other libraries

from deeplearn_utils import arrays

PLACES = arrays.available()
assert PLACES[0][:2] == ("numpy", "cpu")


def agree(
    compute: Callable[..., Any],
    inputs: list[np.ndarray],
    right: Any,
    *,
    single: float = 1e-5,
    double: float = 1e-11,
) -> tuple[float, float]:
    """Check one computation everywhere in both precisions; return the two tolerances.

    The tolerances count relative to the largest number that is right, unless all are 0.
    """
    right = [np.asarray(x) for x in (right if isinstance(right, tuple) else (right,))]
    for place in PLACES:
        for dtype, tolerance in (("float32", single), ("float64", double)):
            given = [_put(place, _cast(x, dtype)) for x in inputs]
            results = compute(*given)
            results = results if isinstance(results, tuple) else (results,)
            for ours, expected in zip(results, right, strict=True):
                _compare(place, dtype, ours, expected, tolerance)
    return single, double


def _cast(x: np.ndarray, dtype: str) -> np.ndarray:
    return x.astype(dtype) if x.dtype.kind == "f" else x


def _put(place: arrays.Device, x: np.ndarray) -> Any:
    module = arrays.import_quietly("jax.numpy" if place.library == "jax" else place.library)
    return arrays.to_device(arrays.asarray(x, like=module.zeros(0)), place.device)


def _compare(
    place: arrays.Device, dtype: str, ours: Any, right: np.ndarray, tolerance: float
) -> None:
    where = f"{place.library} {place.version} on the {place.device}, {dtype}"
    values = arrays.to_numpy(ours)
    found = arrays.library(ours), arrays.device(ours), values.dtype, values.shape
    if found != (place.library, place.device, dtype, right.shape):
        raise AssertionError(f"{where}: the result came back as {found}")
    difference = np.max(np.abs(values - right)) / (np.max(np.abs(right)) or 1.0)
    if not difference <= tolerance:
        raise AssertionError(f"{where}: {difference:.1e} away, more than {tolerance:.0e}")


def table(head: str, rows: dict[str, tuple[float, float]]) -> Markdown:
    """Show the tolerance within which every library and device agrees."""
    lines = [f"| {head} | float32 | float64 | verdict |", "|---|---|---|---|"]
    for name, (single, double) in rows.items():
        lines.append(f"| {name} | {single:.0e} | {double:.0e} | agrees everywhere |")
    return Markdown("\n".join(lines))
