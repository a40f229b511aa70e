"""What is right: computed by the solution in a kernel of its own, with the run's secret seed.

From there come fresh inputs, the right values, and the values that named mistakes would give. A
student's kernel is handed the inputs alone. Inputs for which a named mistake gives the right values
are drawn again. A check whose right values could be guessed is refused.
"""

from __future__ import annotations

import inspect
import json
import math
import secrets
import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from . import harness
from .assignments import Assignment, Check
from .judging import Expected
from .kernel import GradedKernel
from .limits import Limits
from .values import Array, Failure, Value, from_node

__all__ = ["Refused", "compute", "expected_of", "inputs_of", "refuse_guessable"]

COLLECT = """
def _collected(rng):
    rows = []
    for kind, *inputs in [*cases(rng), *cases(rng)]:
        nodes = [encoded(x) for x in inputs]
        rows.append({"kind": kind, "inputs": nodes, "value": _tried(answer, nodes), "mistakes": {
            words: _tried(wrong, nodes) for words, wrong in mistakes.items()}})
    return rows

def _tried(function, nodes):
    try:
        return encoded(function(*map(decoded, nodes)))
    except Exception as error:
        return {"error": type(error).__name__}
"""
MOST_DRAWS = 20
LEAST_NUMBERS = 3
LEAST_BITS = 32


class Refused(ValueError):
    """An assignment that must not be handed out or graded as it is."""


def compute(
    assignment: Assignment, seed: int, *, limits: Limits | None = None, sandboxed: bool = True
) -> dict[str, list[dict[str, Any]]]:
    """Run the solution and return, for each check, its fresh inputs and what is right for them.

    Parameters
    ----------
    assignment : Assignment
    seed : int
        From which all inputs come.
    limits : Limits, optional
    sandboxed : bool
        Whether in a sandbox.

    Returns
    -------
    dict
        For each check's id a list, JSON throughout, with ``kind``, ``inputs``, ``value``,
        ``mistakes``, ``tolerance`` and ``parts`` for each case.

    Raises
    ------
    Refused
        If the solution fails.
    """
    kernel = GradedKernel(limits or Limits(), sandboxed=sandboxed)
    try:
        found: dict[str, list[dict[str, Any]]] = {}
        for cell in assignment.cells:
            if isinstance(cell, Check):
                _run(kernel, cell.visible, f"the visible part of {cell.id}")
                found[cell.id] = _cases(kernel, cell, seed)
            elif isinstance(cell, str):
                _run(kernel, cell, "a cell of the instructor's")
            elif cell.is_code:
                _run(kernel, cell.source, f"the solution {cell.id}")
        return found
    finally:
        kernel.stop()


def _cases(kernel: GradedKernel, check: Check, seed: int) -> list[dict[str, Any]]:
    """Return a check's cases, drawn again where one of its named mistakes would earn the points."""
    numbers = [seed, zlib.crc32(check.id.encode())]
    for draw in range(MOST_DRAWS):
        cases = _drawn(kernel, check, [*numbers, draw] if draw else numbers)
        if all(_is_told(expected_of(cases), words) for words in cases[0]["mistakes"]):
            break
    return cases


def _is_told(expected: Expected, words: str) -> bool:
    """Tell whether a mistake gives other values, where it says what it gives."""
    theirs = zip(expected.mistakes[words], expected.values, strict=True)
    nothing = Failure("NotImplementedError")
    return bool(expected.wrong([right if value == nothing else value for value, right in theirs]))


def _drawn(kernel: GradedKernel, check: Check, numbers: Sequence[int]) -> list[dict[str, Any]]:
    nonce = secrets.token_hex(16)
    source = (
        f"{inspect.getsource(harness)}\nmistakes, tolerance, parts = {{}}, {{}}, ()\n"
        f"{check.hidden}\n{COLLECT}\nrows = _collected(np.random.default_rng({numbers}))\n"
        f"print()\nprint({nonce!r}, json.dumps([rows, tolerance, parts], allow_nan=False))"
    )
    text = _run(kernel, f"exec({source!r}, dict(globals()))", f"the hidden part of {check.id}")
    (line,) = [line for line in text.split("\n") if line.startswith(nonce)]
    rows, tolerance, parts = json.loads(line[len(nonce) :])
    failed = [row["kind"] for row in rows if "error" in row["value"]]
    if failed or not rows:
        raise Refused(f"the solution fails the check `{check.id}` ({', '.join(failed) or 'empty'})")
    return [{**row, "tolerance": tolerance, "parts": parts} for row in rows]


def _run(kernel: GradedKernel, source: str, what: str) -> str:
    done = kernel.run(source)
    if done.ended != "ok":
        why = f"{done.error}: {done.message}" if done.error else done.ended
        raise Refused(f"{what} ended with {why}")
    return done.text


def inputs_of(cases: Sequence[dict[str, Any]]) -> str:
    """Return the inputs of a check's cases: all that a student's kernel gets of them."""
    return json.dumps([case["inputs"] for case in cases])


def expected_of(cases: Sequence[dict[str, Any]]) -> Expected:
    """Return what a check's values are compared with."""
    words = list(cases[0]["mistakes"])
    return Expected(
        kinds=tuple(case["kind"] for case in cases),
        values=tuple(from_node(case["value"]) for case in cases),
        mistakes={w: tuple(from_node(case["mistakes"][w]) for case in cases) for w in words},
        sizes=tuple(_sizes(case["inputs"]) for case in cases),
        parts=tuple(cases[0]["parts"]),
        **cases[0]["tolerance"],
    )


def _sizes(nodes: Sequence[dict[str, Any]]) -> tuple[int, ...]:
    """Return the lengths of all axes of the inputs, and the size of each array."""
    sizes: set[int] = set()
    for node in nodes:
        if "array" in node:
            sizes |= {*node["shape"], math.prod(node["shape"])}
        elif "list" in node:
            sizes |= {len(node["list"]), *_sizes(node["list"])}
    return tuple(sorted(sizes))


def refuse_guessable(assignment: Assignment, *, sandboxed: bool = True) -> None:
    """Refuse an assignment with a check that could be passed without solving its task.

    Right values must differ from seed to seed, from what named mistakes give, and carry too much
    information to be guessed: three different decimal numbers, or 32 bits in whole numbers.

    Raises
    ------
    Refused
        With the check's name and what is wrong with it.
    """
    runs = [compute(assignment, seed, sandboxed=sandboxed) for seed in (1, 2)]
    first, second = ({name: expected_of(run[name]) for name in run} for run in runs)
    for check in assignment.checks:
        one, other = first[check.id], second[check.id]
        numbers = _numbers(one.values)
        if not _is_rich(one.values):
            raise Refused(f"the check `{check.id}` says too little: its answer could be guessed")
        if np.array_equal(numbers, _numbers(other.values)):
            raise Refused(f"the check `{check.id}` has the same answer for every seed")
        for words, theirs in one.mistakes.items():
            if np.array_equal(numbers, _numbers(theirs)):
                raise Refused(f"the check `{check.id}` does not tell the mistake {words!r}")


def _numbers(values: Sequence[Value]) -> np.ndarray:
    """Return all numbers in values, one after the other."""
    flat: list[np.ndarray] = []
    for value in values:
        if isinstance(value, Array):
            flat.append(value.numbers.ravel())
        elif isinstance(value, list):
            flat.append(_numbers(value))
        elif isinstance(value, Failure):
            flat.append(np.array([np.nan]))
    return np.concatenate(flat) if flat else np.zeros(0)


def _is_rich(values: Sequence[Value]) -> bool:
    numbers = _numbers(values)
    decimal = {x for x in numbers.tolist() if math.isfinite(x) and x != round(x)}
    bits = sum(math.log2(1 + abs(x)) for x in numbers.tolist() if math.isfinite(x))
    return len(decimal) >= LEAST_NUMBERS or (len(set(numbers.tolist())) > 2 and bits >= LEAST_BITS)
