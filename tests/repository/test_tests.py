"""What the tests themselves must do: match whole errors, and share what is costly."""

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path

import pytest
from xdist.scheduler import LoadGroupScheduling

from tests import wrong_inputs

TESTS = Path(__file__).resolve().parents[1]
OTHERS = {
    "invalid value": "NumPy's warning",
    "positional-only": "Python's error, which differs from version to version",
    "positional argument": "Python's",
    "unexpected keyword argument": "Python's, about PyTorch's optimizer",
    "Address already in use": "the operating system's",
}
"""Words of messages that aren't ours to write, and whose they are."""

SENTENCES = [
    name
    for name, function in inspect.getmembers(wrong_inputs, inspect.isfunction)
    if inspect.signature(function).return_annotation is str
]
"""What returns a pattern of a whole sentence."""


def patterns(source: str) -> Iterator[tuple[int, str]]:
    """Yield line and text of every pattern for `match=`; `{}` stands for what is put in."""
    for node in ast.walk(ast.parse(source)):
        for keyword in getattr(node, "keywords", ()):
            value = keyword.value
            by_name = isinstance(value, ast.Call) and getattr(value.func, "id", "") in SENTENCES
            if keyword.arg == "match" and not by_name:
                parts = value.values if isinstance(value, ast.JoinedStr) else [value]
                texts = [part.value if isinstance(part, ast.Constant) else "{}" for part in parts]
                yield value.lineno, "".join(texts)


def fragments(source: str) -> list[str]:
    """Return the patterns that a longer or another message would match as well."""
    return [
        f"{line}: {text}"
        for line, text in patterns(source)
        if text not in OTHERS
        and not (text.startswith("^") and text.endswith("$") and ".*" not in text)
    ]


@pytest.mark.parametrize(
    "path", sorted(TESTS.rglob("*.py")), ids=lambda path: path.relative_to(TESTS).as_posix()
)
def test_errors_are_matched_as_a_whole(path):
    assert fragments(path.read_text(encoding="utf-8")) == []


def test_a_fragment_would_be_seen():
    for whole in ("'^`y` must be 1$'", "rf'^`{name}` must be \\d$'", "f'^{re.escape(x)}$'"):
        assert fragments(f"with raises(E, match={whole}):\n    f()") == []
    for part in ("y", "`y` must be", "^`y` must be", "`y` must be 1$", "^`y` .* 1$"):
        assert fragments(f"with raises(E, match={part!r}):\n    f()") == [f"1: {part}"]
    assert fragments("with raises(E, match=message):\n    f()") == ["1: {}"]
    assert fragments("with raises(E, match=re.escape('y')):\n    f()") == ["1: {}"]


def test_workers_are_given_tests_that_share_something_together(request):
    """A scheduler that sees no groups deals the tests out one by one: all is computed twice."""
    grouped = request.config.getoption("loadgroup", False)
    for item in request.session.items:
        (group,) = item.get_closest_marker("xdist_group").args
        unit = LoadGroupScheduling._split_scope(None, item.nodeid)
        assert unit == (group if grouped else item.nodeid)
