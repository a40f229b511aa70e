"""What the tests themselves must do: an error is matched by its sentence, not by a word of it."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parents[1]
SHORTEST = 12


def patterns(source: str) -> Iterator[tuple[int, str]]:
    """Yield the line and the text of every pattern that `match=` is given literally."""
    for node in ast.walk(ast.parse(source)):
        for keyword in getattr(node, "keywords", ()):
            value = keyword.value
            if isinstance(value, ast.Call) and value.args:  # re.escape("...")
                value = value.args[0]
            if keyword.arg == "match" and isinstance(value, ast.Constant):
                yield value.lineno, str(value.value)


def short(source: str) -> list[str]:
    """Return the patterns that nearly any message would match."""
    return [f"{line}: {text!r}" for line, text in patterns(source) if len(text) < SHORTEST]


@pytest.mark.parametrize(
    "path", sorted(TESTS.rglob("*.py")), ids=lambda path: path.relative_to(TESTS).as_posix()
)
def test_errors_are_matched_by_their_sentence(path):
    assert short(path.read_text(encoding="utf-8")) == []


def test_a_word_would_be_seen():
    assert short("with raises(E, match='y'):\n    f()") == ["1: 'y'"]
    assert short("with raises(E, match=re.escape('`y`')):\n    f()") == ["1: '`y`'"]
    assert short("with raises(E, match='`y` must have shape'):\n    f()") == []
