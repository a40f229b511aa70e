"""`deeplearn gradebook`: a class's grades for an LMS, and what an instructor looks at."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from .telling import Results, say, told

UNFINISHED = 3


def gradebook(
    results: Results,
    out: Annotated[Path, typer.Option(help="The folder for the gradebook.")],
    roster: Annotated[
        Path | None,
        typer.Option(
            help="The class as exported: Canvas's gradebook, Moodle's grading worksheet "
            "or its list of participants."
        ),
    ] = None,
    manual: Annotated[
        Path | None,
        typer.Option(help="Points and comments given by hand: to_read.csv, filled in."),
    ] = None,
    attempt: Annotated[str, typer.Option(help="Which one counts: last or best.")] = "last",
    due: Annotated[str | None, typer.Option(help="With its zone: 2026-11-30T23:59+01:00.")] = None,
    late_per_day: Annotated[
        float, typer.Option(help="Percent of all points that each begun day costs.")
    ] = 0.0,
    grace: Annotated[
        float, typer.Option(help="Minutes after the due time that cost nothing.")
    ] = 0.0,
    late_cap: Annotated[float, typer.Option(help="The most percent that lateness costs.")] = 100.0,
    before: Annotated[
        Path | None, typer.Option(help="Earlier results, or a gradebook, to compare with.")
    ] = None,
    similar: Annotated[
        Path | None,
        typer.Option(help="What was handed in: look for similar answers in it."),
    ] = None,
) -> None:
    """Write grades for Canvas and Moodle, an overview of the class, and the answers to read.

    A file that is there already, and says something else, is kept under another name.

    Ends with 0, with 3 where answers wait for a reader or students are not in the roster, and with
    1 where nothing could be written.

    Examples
    --------
    deeplearn gradebook RESULTS --out GRADES --roster canvas.csv --similar submissions.zip

    deeplearn gradebook RESULTS --out GRADES --manual GRADES/to_read.csv

    deeplearn gradebook RESULTS --out GRADES --due 2026-11-30T23:59+01:00 --late-per-day 10
    """
    with told():
        from ..grading.reporting.gradebook import gradebook as written

        console = Console()
        with console.status("Writing the gradebook ..."):
            made = written(
                results,
                out,
                roster=roster,
                manual=manual,
                choose=attempt,
                due=due,
                per_day=late_per_day,
                grace_minutes=grace,
                cap=late_cap,
                before=before,
                submissions=similar,
            )
    say(console, f"{len(made.marks)} marks; {', '.join(path.name for path in made.files)} in {out}")
    if statuses := Counter(mark.status for mark in made.marks if mark.status != "graded"):
        counted = ", ".join(f"{count} {status}" for status, count in sorted(statuses.items()))
        say(console, f"not graded in whole: {counted}; results.csv says why")
    for copy in made.copies:
        say(console, f"kept what was there: {copy.name}")
    if before is not None:
        say(console, f"{len(made.changes)} changes: {out / 'changes.csv'}")
    if similar is not None:
        say(console, f"pairs of similar answers, a hint only: {made.pairs}; {out / 'similar.html'}")
    if made.unmatched:
        say(console, f"{len(made.unmatched)} not in the roster: {out / 'unmatched.csv'}")
    if made.waiting:
        say(console, f"{made.waiting} answers wait for a reader: {out / 'to_read.csv'}")
    for note in made.notes:
        say(console, note)
    if made.unmatched or made.waiting:
        raise typer.Exit(UNFINISHED)
