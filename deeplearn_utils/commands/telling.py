"""How commands tell what went wrong: one line on stderr, and the status 1."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

__all__ = ["Results", "say", "told"]

Results = Annotated[
    list[Path],
    typer.Argument(help="Folders that `deeplearn grade` or `deeplearn gradebook` wrote."),
]


@contextlib.contextmanager
def told() -> Iterator[None]:
    """Tell an error in a line instead of a traceback, and end with status 1."""
    try:
        yield
    except (ImportError, OSError, TypeError, ValueError) as error:
        missing = isinstance(error, FileNotFoundError) and error.filename
        message = f"there is no `{error.filename}`" if missing else str(error)
        say(Console(stderr=True, style="red"), message)
        raise typer.Exit(1) from None


def say(console: Console, line: str) -> None:
    """Print a line as it is: not wrapped, and brackets are no style."""
    line = line.encode(console.encoding, "backslashreplace").decode(console.encoding)
    console.print(line, markup=False, highlight=False, soft_wrap=True)
