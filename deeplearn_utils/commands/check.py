"""`deeplearn check`: the visible checks of a notebook, as a student runs them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from .telling import say, told

UNFINISHED = 3


def check(
    notebook: Annotated[Path, typer.Argument(help="Your notebook, saved.")],
) -> None:
    """Run the visible checks of your notebook in a fresh kernel, offline.

    Ends with 0 where all of them pass, 3 where some don't, 1 where the notebook cannot be read.
    """
    with told():
        from ..grading.checking import check as checked

        console = Console()
        with console.status("Running your notebook ..."):
            tasks = checked(notebook)
    say(console, repr(tasks))
    if tasks.points < tasks.most:
        raise typer.Exit(UNFINISHED)
