"""What a kernel printed, read again outside: strict JSON, checked before it is believed."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["Array", "Failure", "Other", "Value", "from_node", "read_frame"]

DEPTH = 10


@dataclass(frozen=True)
class Array:
    """Numbers with the dtype and shape that they had."""

    numbers: np.ndarray
    kind: str
    dtype: str


@dataclass(frozen=True)
class Failure:
    """An error's name instead of a value."""

    name: str


@dataclass(frozen=True)
class Other:
    """Something that is not compared: text, or a type that no answer has."""

    text: str | None


Value = Array | Failure | Other | list
"""A list holds values."""


def read_frame(text: str, nonce: str) -> list[Value] | None:
    r"""Return the values in the one line that begins with ``nonce``.

    Parameters
    ----------
    text : str
        All that a cell printed.
    nonce : str
        The secret with which the line begins.

    Returns
    -------
    list of Value or None
        None if there is no such line, more than one, or one that is not what a check prints.

    Examples
    --------
    >>> read_frame('hello\nabc [{"error": "ValueError"}]', "abc")
    [Failure(name='ValueError')]
    >>> read_frame("hello", "abc") is None
    True
    """
    lines = [line for line in text.split("\n") if line.startswith(f"{nonce} ")]
    if len(lines) != 1:
        return None
    try:
        nodes = json.loads(lines[0][len(nonce) + 1 :], parse_constant=_refuse)
        if not isinstance(nodes, list):
            return None
        return [from_node(node) for node in nodes]
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError):
        return None


def from_node(node: Any, depth: int = 0) -> Value:
    """Return the value of a node as `harness.encoded` makes them; anything else is an error."""
    if not isinstance(node, dict) or depth > DEPTH:
        raise ValueError("no value")
    if "array" in node:
        return _array(node)
    if "list" in node and isinstance(node["list"], list):
        return [from_node(one, depth + 1) for one in node["list"]]
    if "error" in node and isinstance(node["error"], str):
        return Failure(node["error"])
    if not node.keys() & {"text", "other"}:
        raise ValueError("no value")
    text = node.get("text", node.get("other"))
    if text is not None and not isinstance(text, str):
        raise ValueError("no text")
    return Other(text)


def _array(node: dict[str, Any]) -> Array:
    kind, shape, numbers = node["kind"], node["shape"], node["array"]
    if kind not in ("b", "i", "u", "f") or not isinstance(numbers, list):
        raise ValueError("no array")
    if not _is_shape(shape, len(numbers)) or not isinstance(node["dtype"], str):
        raise ValueError("no shape")
    if not all(_is_number(x) for x in numbers):
        raise ValueError("no numbers")
    flat = np.array([float(x) for x in numbers], dtype=np.float64)
    return Array(flat.reshape(shape), "i" if kind == "u" else kind, node["dtype"][:20])


def _is_shape(shape: Any, size: int) -> bool:
    if not isinstance(shape, list) or len(shape) > 8:
        return False
    return all(type(n) is int and 0 <= n <= 1 << 20 for n in shape) and math.prod(shape) == size


def _is_number(x: Any) -> bool:
    return type(x) in (int, float) or x in ("nan", "inf", "-inf")


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")
