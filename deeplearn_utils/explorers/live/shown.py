"""Which widgets a notebook still shows: those of a cell are closed when it is run again."""

from __future__ import annotations

from typing import Any, NamedTuple

from IPython import get_ipython
from ipywidgets import Widget


class Shown(NamedTuple):
    """A widget, the cell under which it stands, and the run of that cell which put it there."""

    widget: Widget
    cell: str
    run: str


SHOWN: list[Shown] = []


def keep(widget: Widget) -> None:
    """Note that the cell that runs now shows `widget`."""
    shell = get_ipython()
    parent = getattr(shell, "parent_header", None) or {}
    if cell := cell_of(parent):
        if close_replaced not in shell.events.callbacks["pre_run_cell"]:
            shell.events.register("pre_run_cell", close_replaced)
        SHOWN.append(Shown(widget, cell, parent["header"]["msg_id"]))


def close_replaced(_: Any) -> None:
    """Close what earlier runs of the cell that begins showed, and what deleted cells showed."""
    parent = get_ipython().parent_header
    cell, run = cell_of(parent), parent["header"]["msg_id"]
    deleted = parent["metadata"].get("deletedCells", ())
    for shown in SHOWN.copy():
        closed = shown.widget.comm is None
        if closed or shown.cell in deleted or (shown.cell == cell and shown.run != run):
            SHOWN.remove(shown)
            shown.widget.close()


def cell_of(parent: dict[str, Any]) -> str:
    """Return the id of a cell from the message that runs it, or its code where there is no id."""
    return parent.get("metadata", {}).get("cellId") or parent.get("content", {}).get("code", "")
