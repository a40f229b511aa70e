"""`deeplearn challenge`: check an entry to one of the book's open challenges."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from ..challenges import CHALLENGES, Unreadable, check, own_entry

Name = Annotated[str, typer.Argument(help=f"One of {', '.join(CHALLENGES)}.")]
File = Annotated[Path | None, typer.Argument(help="Your entry; without it you are told the rules.")]


def challenge(name: Name, file: File = None) -> None:
    """Check an entry to an open challenge of the book, offline.

    Ends with 0 where the entry counts, 1 where it is refused, 2 where it cannot be read.
    """
    if name not in CHALLENGES:
        typer.echo(f"there is no challenge {name!r}; try one of {', '.join(CHALLENGES)}", err=True)
        raise typer.Exit(2)
    if file is None:
        found = CHALLENGES[name]
        typer.echo(f"{found.title}\n{found.rules}")
        typer.echo(f"The book has {found.told(found.ours)}: {own_entry(name)}")
        return
    try:
        verdict = check(name, file)
    except Unreadable as reason:
        typer.echo(str(reason), err=True)
        raise typer.Exit(2) from None
    typer.echo(str(verdict))
    if not verdict.counts:
        raise typer.Exit(1)
