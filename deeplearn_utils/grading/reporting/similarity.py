"""Answers that resemble each other more than the task explains.

Code is compared by the shape of its statements and expressions, as clone detection by syntax trees
does (Baxter et al. 1998): each subtree is a fingerprint, in which every variable is replaced by the
order of its appearance, so that other names, comments and layout make no difference; and a bag of
them does not know an order of lines. What the released notebook or the solution has too says
nothing. What many wrote says little: a fingerprint weighs log((n + 1) / number of submissions that
have it), as rare words do in search (Spärck Jones 1972).
"""

from __future__ import annotations

import ast
import builtins
import hashlib
import math
import re
import warnings
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations

__all__ = ["Pair", "fingerprints", "is_compared", "marked", "similar"]

LEAST_NODES = 7
MOST_SOURCE = 50_000  # characters
MOST_NODES = 5_000
MOST_DEPTH = 60  # of a tree; each node is told once for every one above it
LEAST_SHARE = 0.5
LEAST_PRINTS = 12
MOST_PAIRS = 100
MOST_LINES = 3  # of what is marked: what is longer is half of a function
MAGIC = re.compile(r"([\w.,\[\] ]+=\s*)?[%!?]")
BUILTINS = frozenset(dir(builtins))


@dataclass(frozen=True)
class Pair:
    """Two submissions, and how much of what is their own they share, from 0 to 1."""

    one: str
    other: str
    share: float
    shared: frozenset[str]


def fingerprints(source: str) -> dict[str, set[int]]:
    """Return the fingerprints of code; none of code that cannot be parsed.

    Parameters
    ----------
    source : str

    Returns
    -------
    dict
        From a fingerprint to its lines: of one that is longer than what is marked, the first.

    Examples
    --------
    >>> one = fingerprints("total = sum(x * w for x, w in zip(row, weights)) + bias")
    >>> one.keys() == fingerprints("s = sum(a*b for a, b in zip(r, v)) + c  # mine").keys()
    True
    """
    tree = _parsed(source)
    nodes = list(ast.walk(tree)) if tree is not None else []
    prints: dict[str, set[int]] = defaultdict(set)
    sizes: dict[int, int] = {}
    for node in reversed(nodes):
        sizes[id(node)] = 1 + sum(sizes[id(child)] for child in ast.iter_child_nodes(node))
        if isinstance(node, (ast.stmt, ast.expr)) and sizes[id(node)] >= LEAST_NODES:
            told = _told(node, {})
            key = hashlib.blake2b(told.encode(errors="replace"), digest_size=8).hexdigest()
            end = min(node.end_lineno or node.lineno, node.lineno + MOST_LINES)
            prints[key] |= set(range(node.lineno, end + 1))
    return dict(prints)


def is_compared(source: str) -> bool:
    r"""Tell whether code can be compared: it is Python, and of a size that people write.

    Examples
    --------
    >>> is_compared("y = x\nfiles = !ls"), is_compared("def f(:")
    (True, False)
    """
    return _parsed(source) is not None


def _parsed(source: str) -> ast.Module | None:
    if len(source) > MOST_SOURCE:  # a tree of it takes gigabytes
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse("\n".join(map(_without_magic, source.split("\n"))))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    nodes, below = 0, [tree]
    for _ in range(MOST_DEPTH):
        nodes += len(below)
        if not below or nodes > MOST_NODES:
            break
        below = [child for node in below for child in ast.iter_child_nodes(node)]
    return None if below else tree


def _without_magic(line: str) -> str:
    """Replace a line by one that does nothing, if only IPython understands it."""
    told = line.lstrip()
    return f"{line[: len(line) - len(told)]}pass" if MAGIC.match(told) else line


def _told(node: object, names: dict[str, int]) -> str:
    """Return a subtree as text in which variables are numbered as they appear."""
    if isinstance(node, ast.Name) and node.id not in BUILTINS:
        return f"v{names.setdefault(node.id, len(names))}"
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.arg):
        return f"a{names.setdefault(node.arg, len(names))}"
    if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
        parts = [node.args, [child for child in node.body if not _is_docstring(child)]]
        return f"def({','.join(_told(part, names) for part in parts)})"
    if isinstance(node, ast.AST):
        parts = [getattr(node, name, None) for name in node._fields if name != "ctx"]
        return f"{type(node).__name__}({','.join(_told(part, names) for part in parts)})"
    if isinstance(node, list):
        return f"[{','.join(_told(part, names) for part in node)}]"
    return hex(node) if type(node) is int else repr(node)  # long ones have no decimal form


def _is_docstring(node: ast.stmt) -> bool:
    constant = node.value if isinstance(node, ast.Expr) else None
    return isinstance(constant, ast.Constant) and isinstance(constant.value, str)


def similar(
    submissions: Mapping[str, Mapping[str, str]],
    known: Iterable[str] = (),
    *,
    least: float = LEAST_SHARE,
) -> list[Pair]:
    """Return the pairs of submissions that share much of what is their own.

    Parameters
    ----------
    submissions : mapping
        From a submission's name to the source of each of its answers.
    known : iterable of str
        Code that everybody had: the released answers, and the solution's.
    least : float
        The least share, of the submission with less of its own.

    Returns
    -------
    list of Pair
        The pair first that shares most of what is rare.
    """
    everybody = {key for source in known for key in fingerprints(source)}
    own = {
        name: frozenset(k for s in answers.values() for k in fingerprints(s)) - everybody
        for name, answers in submissions.items()
    }
    count = Counter(key for keys in own.values() for key in keys)
    weight = {key: math.log((len(own) + 1) / n) for key, n in count.items()}
    whole = {name: math.fsum(weight[key] for key in keys) for name, keys in own.items()}
    pairs = []
    for one, other in combinations(sorted(own), 2):
        keys = own[one] & own[other]
        if len(keys) < LEAST_PRINTS:
            continue
        common = math.fsum(weight[key] for key in keys)
        share = common / min(whole[one], whole[other])
        if share >= least:
            pairs.append((common, Pair(one, other, min(share, 1.0), keys)))
    pairs.sort(key=lambda found: (-found[0], found[1].one, found[1].other))
    return [pair for _, pair in pairs[:MOST_PAIRS]]


def marked(source: str, shared: frozenset[str]) -> list[tuple[str, bool]]:
    """Return the lines of a text, each with whether a shared fingerprint of one line covers it."""
    lines = {
        line
        for key, covered in fingerprints(source).items()
        if key in shared and len(covered) <= MOST_LINES
        for line in covered
    }
    return [(text, number in lines) for number, text in enumerate(source.split("\n"), 1)]
