"""`deeplearn feedback`: a page for each student."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from .telling import Results, say, told


def feedback(
    results: Results,
    out: Annotated[Path, typer.Option(help="The folder for the pages.")],
    book: Annotated[
        str | None,
        typer.Option(
            help="The address of the built book, for links to its sections. "
            "Default: sections are named, not linked."
        ),
    ] = None,
) -> None:
    """Write one HTML page for each student: points, what failed, where the book treats it.

    Pages load nothing, and show no hidden input. Their names begin as those of the files that
    Canvas and Moodle handed out, so that both take a zip of them back.

    Ends with 0, or with 1 where there are no results.

    Examples
    --------
    deeplearn feedback RESULTS --out PAGES

    deeplearn feedback GRADEBOOK --out PAGES --book https://example.org/book
    """
    with told():
        from ..grading.reporting.feedback import feedback as written

        console = Console()
        with console.status("Writing pages ..."):
            pages = written(results, out, book=book)
    say(console, f"{len(pages)} pages in {out}")
