"""Formulas of the backward pass as text: parsed, checked word by word, and never run as code."""

from __future__ import annotations

import ast
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from .verdict import Refused

__all__ = ["FUNCTIONS", "Formula"]

LONGEST, MOST_PARTS = 300, 150


def _sum(values: np.ndarray) -> np.ndarray:
    return np.sum(values, axis=0)


FUNCTIONS: dict[str, tuple[Callable[..., Any], int]] = {
    "abs": (np.abs, 1),
    "exp": (np.exp, 1),
    "maximum": (np.maximum, 2),
    "minimum": (np.minimum, 2),
    "sign": (np.sign, 1),
    "sin": (np.sin, 1),
    "sqrt": (np.sqrt, 1),
    "sum": (_sum, 1),
    "tanh": (np.tanh, 1),
    "where": (np.where, 3),
}
"""What a formula may call, with its number of arguments; `sum` runs over the batch."""

OPERATORS = {
    ast.Add: np.add, ast.Sub: np.subtract, ast.Mult: np.multiply, ast.Div: np.divide,
    ast.Pow: np.power, ast.MatMult: np.matmul, ast.USub: np.negative, ast.UAdd: np.positive,
    ast.Lt: np.less, ast.LtE: np.less_equal, ast.Gt: np.greater, ast.GtE: np.greater_equal,
    ast.Eq: np.equal, ast.NotEq: np.not_equal,
}  # fmt: skip


class Formula:
    """One line of a backward pass, such as ``da * slope(z)``.

    Parameters
    ----------
    name : str
        What it computes, for messages.
    text : str
        Numbers, names, + - * / ** @, comparisons, .T, and calls of `FUNCTIONS` or `slope`.
    names : tuple of str
        The arrays that it may use.

    Raises
    ------
    Refused
        When the text is no such formula.

    Examples
    --------
    >>> Formula("dz", "2 * da", ("da",))({"da": np.array([1.0, 3.0])})
    array([2., 6.])
    >>> Formula("dz", "open('x')", ("da",))
    Traceback (most recent call last):
    ...
    deeplearn_utils.challenges.verdict.Refused: 'dz' calls something that is none of abs, exp, \
maximum, minimum, sign, sin, sqrt, sum, tanh, where, slope
    """

    def __init__(self, name: str, text: Any, names: tuple[str, ...]) -> None:
        self.name, self.names = name, names
        if not isinstance(text, str) or len(text) > LONGEST:
            raise Refused(f"{name!r} must be a formula of at most {LONGEST} characters")
        try:
            self.tree = ast.parse(text.strip(), mode="eval").body
        except (SyntaxError, ValueError, MemoryError, RecursionError):
            raise Refused(f"{name!r} is no formula: {text!r}; try 'da * slope(z)'") from None
        if sum(1 for _ in ast.walk(self.tree)) > MOST_PARTS:
            raise Refused(f"{name!r} must have at most {MOST_PARTS} parts")
        self._check(self.tree)

    def _check(self, node: ast.expr) -> None:
        """Refuse all but numbers, known names, operators, `.T` and calls of known functions."""
        match node:
            case ast.Constant(value=int() | float()) if not isinstance(node.value, bool):
                return
            case ast.Name():
                if node.id not in self.names:
                    known = ", ".join(self.names)
                    raise Refused(f"{self.name!r} uses {node.id!r}, which is none of {known}")
                return
            case ast.Attribute(attr="T"):
                parts = [node.value]
            case ast.BinOp() if type(node.op) in OPERATORS:
                parts = [node.left, node.right]
            case ast.UnaryOp() if type(node.op) in OPERATORS:
                parts = [node.operand]
            case ast.Compare(ops=[op]) if type(op) in OPERATORS:
                parts = [node.left, *node.comparators]
            case ast.Call(func=ast.Name(id=called), keywords=[]) if called in {
                *FUNCTIONS, "slope",
            }:  # fmt: skip
                wanted = FUNCTIONS[called][1] if called in FUNCTIONS else 1
                if len(node.args) != wanted:
                    raise Refused(f"{called} in {self.name!r} takes {wanted}, got {len(node.args)}")
                parts = node.args
            case ast.Call():
                known = ", ".join((*FUNCTIONS, "slope"))
                raise Refused(f"{self.name!r} calls something that is none of {known}")
            case _:
                raise Refused(f"{self.name!r} may not hold {ast.unparse(node)!r}")
        for part in parts:
            self._check(part)

    def __call__(
        self, values: Mapping[str, Any], slope: Callable[[np.ndarray], np.ndarray] | None = None
    ) -> np.ndarray:
        """Return what the formula gives for these arrays.

        Raises
        ------
        Refused
            When shapes don't fit.
        """
        functions = {name: function for name, (function, _) in FUNCTIONS.items()}
        try:
            with np.errstate(all="ignore"):
                return self._value(self.tree, values, functions | {"slope": slope})
        except (ValueError, TypeError, OverflowError, AttributeError) as error:
            raise Refused(f"{self.name!r} cannot be computed: {error}") from None

    def _value(self, node: Any, values: Mapping[str, Any], functions: Mapping[str, Any]) -> Any:
        def value(part: ast.expr) -> Any:
            return self._value(part, values, functions)

        match node:
            case ast.Constant():
                return np.float64(node.value)
            case ast.Name():
                return values[node.id]
            case ast.Attribute():
                return np.asarray(value(node.value)).T
            case ast.BinOp():
                return OPERATORS[type(node.op)](value(node.left), value(node.right))
            case ast.UnaryOp():
                return OPERATORS[type(node.op)](value(node.operand))
            case ast.Compare():
                return OPERATORS[type(node.ops[0])](value(node.left), value(node.comparators[0]))
        return functions[node.func.id](*map(value, node.args))
