"""Arrays over every stop, packed small enough for a static page.

An array that depends on some of the controls is computed once for each of their settings. Its
values become 16-bit steps between its smallest and largest value; each element's run over the
settings is stored as differences, which compress to little. NaN has a code of its own. An array of
positive numbers that span `WIDE` is packed as logarithms: each step is a factor, so that the
smallest numbers keep their digits on a logarithmic axis.
"""

from __future__ import annotations

import base64
import json
import math
import zlib
from typing import Any

import numpy as np

from ..explorer import Explorer
from ..parts.frame import Frame

LEVELS = 65_534
MISSING = 65_535
WIDE = 1000.0
"""Positive numbers are packed as logarithms where the largest is over WIDE times the smallest."""

MOST_SETTINGS = 100_000
"""A panel with more settings than this is refused: its page would be slow to load."""


def pack(explorer: Explorer) -> dict[str, Any]:
    """Return the panel with its arrays over all stops, as JSON for the page."""
    settings = math.prod(len(control.stops) for control in explorer.controls)
    if settings > MOST_SETTINGS:
        raise ValueError(
            f"`{explorer.name}` has {settings:,} settings, more than {MOST_SETTINGS:,}; "
            "give its sliders fewer stops"
        )
    frames = [explorer.frame(**values) for values in explorer.settings()]
    texts = list(dict.fromkeys(frame.text for frame in frames))
    number = {text: index for index, text in enumerate(texts)}
    controls = [control.name for control in explorer.controls]
    states = {
        "text": np.array([number[frame.text] for frame in frames], dtype="float64"),
        "reached": np.array([frame.reached for frame in frames], dtype="float64"),
    }
    packed = {name: encode(array) | {"controls": controls} for name, array in states.items()}
    arrays = {name: _pack_array(explorer, name, frames) for name in frames[0].arrays}
    declaration = explorer.declaration | {"texts": deflate(json.dumps(texts).encode("ascii"))}
    return {**declaration, "arrays": arrays, "states": packed}


def _pack_array(explorer: Explorer, name: str, frames: list[Frame]) -> dict[str, Any]:
    """Return one array over the settings of the controls that it depends on."""
    controls = explorer.dependence(name)
    stack = [
        frame.arrays[name]
        for frame, values in zip(frames, explorer.settings(), strict=True)
        if all(values[c.name] == c.start for c in explorer.controls if c.name not in controls)
    ]
    return encode(np.stack(stack)) | {"controls": list(controls)}


def encode(stack: np.ndarray) -> dict[str, Any]:
    """Return an array whose first axis runs over the settings, as JSON."""
    stack = np.asarray(stack, dtype="float64")
    if np.isinf(stack).any():
        raise ValueError("`stack` must be finite, or NaN where there is a gap; it has infinities")
    low, high = _range(stack)
    log = bool(low > 0 and high > WIDE * low)
    if log:
        stack, low, high = np.log(stack), np.log(low), np.log(high)
    step = (high - low) / LEVELS or 1.0
    codes = np.where(np.isnan(stack), MISSING, np.rint((np.nan_to_num(stack) - low) / step))
    runs = codes.astype("<u2").reshape(len(stack), -1).T.ravel()
    differences = np.diff(runs, prepend=runs[:1] * 0)
    planes = differences.view("u1").reshape(-1, 2).T.tobytes()  # low bytes, then high bytes
    return {
        "shape": list(stack.shape[1:]),
        "low": float(low),
        "step": float(step),
        "log": log,
        "data": deflate(planes),
    }


def _range(stack: np.ndarray) -> tuple[float, float]:
    """Return the smallest and largest value, gaps left out; 0 and 0 where all is a gap."""
    if not np.isfinite(stack).any():
        return 0.0, 0.0
    return float(np.nanmin(stack)), float(np.nanmax(stack))


def decode(packed: dict[str, Any]) -> np.ndarray:
    """Return the array that `encode` packed, to within half a step."""
    planes = np.frombuffer(inflate(packed["data"]), dtype="u1")
    differences = planes.reshape(2, -1).T.copy().view("<u2").ravel()
    runs = np.cumsum(differences, dtype="<u2")
    size = math.prod(packed["shape"])
    codes = runs.reshape(size, -1).T.reshape(-1, *packed["shape"])
    values = packed["low"] + packed["step"] * codes.astype("float64")
    values = np.exp(values) if packed["log"] else values
    return np.where(codes == MISSING, np.nan, values)


def deflate(plain: bytes) -> str:
    """Return bytes compressed, as text.

    >>> inflate(deflate(b"abc"))
    b'abc'
    """
    return base64.b64encode(zlib.compress(plain, 9)).decode("ascii")


def inflate(text: str) -> bytes:
    """Return the bytes that `deflate` compressed."""
    return zlib.decompress(base64.b64decode(text))


def script(explorer: Explorer) -> str:
    """Return the packed panel as a classic script, which a page may load from ``file://``."""
    packed = json.dumps(pack(explorer), ensure_ascii=True, separators=(",", ":"))
    return f"deeplearnExplorers.add({packed});\n"
