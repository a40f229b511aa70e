"""`deeplearn release`: from a solution to the students' notebook."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from .telling import say, told


def release(
    assignment: Annotated[
        str, typer.Argument(help="Its name, such as 01_networks, or its solution notebook.")
    ],
    out: Annotated[
        Path | None, typer.Option(help="The folder to write to (default: chapters/assignments).")
    ] = None,
    unsafe_no_sandbox: Annotated[
        bool, typer.Option("--unsafe-no-sandbox", help="Run the solution without a sandbox.")
    ] = False,
) -> None:
    """Write the students' notebook: no solutions, no hidden checks.

    The solution is run first. Ends with 1 where it fails, or where a check could be guessed.
    """
    with told():
        from ..grading.releasing import release as released

        console = Console()
        with console.status("Running the solution ..."):
            path = released(assignment, out, unsafe_no_sandbox=unsafe_no_sandbox)
    say(console, f"{path}: written, without solutions")
