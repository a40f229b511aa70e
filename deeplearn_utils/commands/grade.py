"""`deeplearn grade`: a class's notebooks, graded in a sandbox."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress

from .telling import say, told

UNFINISHED = 3


def grade(
    submissions: Annotated[
        Path, typer.Argument(help="A folder, a zip from an LMS, or a single notebook.")
    ],
    assignment: Annotated[
        str, typer.Option(help="Its name, such as 01_networks, or its solution notebook.")
    ],
    out: Annotated[Path, typer.Option(help="The folder for results; a run in it is resumed.")],
    seed: Annotated[
        int | None, typer.Option(help="Repeats an earlier run's inputs. Default: new, secret ones.")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(help="Processes side by side. Default: one a processor.", min=1)
    ] = None,
    scheduler: Annotated[
        str | None,
        typer.Option(help="The address of a Dask cluster that you trust; it grades instead."),
    ] = None,
    roster: Annotated[
        Path | None,
        typer.Option(help="The class as Canvas or Moodle exported it: nobody else is graded."),
    ] = None,
    unsafe_no_sandbox: Annotated[
        bool,
        typer.Option("--unsafe-no-sandbox", help="Run student code as if it were your own."),
    ] = False,
) -> None:
    """Grade notebooks: results.json and results.csv, one record a submission.

    Ends with 0 where all were graded, 3 where some could not be, in whole or in part (each record
    says why), and 1 where grading could not begin.
    """
    with told():
        from ..grading.batch import grade as graded
        from ..grading.results import STATUSES
        from ..grading.sandbox import Unavailable

        console = Console()
        try:
            with Progress(console=console) as progress:
                bar = progress.add_task("Grading", total=None)

                def show(record: dict[str, Any], found: int) -> None:
                    progress.update(bar, advance=1, total=found)

                records = graded(
                    submissions,
                    assignment,
                    out,
                    seed=seed,
                    workers=workers,
                    scheduler=scheduler,
                    roster=roster,
                    unsafe_no_sandbox=unsafe_no_sandbox,
                    progress=show,
                )
        except Unavailable as error:
            raise OSError(str(error)) from None
    counts = Counter(record["status"] for record in records)
    told_counts = ", ".join(f"{counts[name]} {name}" for name in STATUSES if counts[name])
    many = f"{len(records)} submission{'s' * (len(records) != 1)}"
    say(console, f"{many}: {told_counts or 'none'}; {out / 'results.csv'}")
    if set(counts) - {"graded"}:
        raise typer.Exit(UNFINISHED)
