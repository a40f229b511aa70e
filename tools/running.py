"""Run a notebook's cells in a new kernel, and name the cell that fails."""

import re
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import IO

from jupyter_client.kernelspec import NoSuchKernel
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from isolated import clean_environment
from sources import SyncError

SECONDS = 600
COLORS = re.compile(r"\x1b\[[\d;]*m")


def execute(notebook: NotebookNode, folder: Path, name: Callable[[int], str]) -> None:
    """Run all cells in ``folder``, as JupyterLab and nbval do; ``name`` says what a cell is."""
    started: list[int] = []
    with tempfile.TemporaryFile("w+", errors="replace") as log:
        try:
            try:
                run_cells(notebook, folder, started, log)
            except RuntimeError:  # another program took a port of the kernel before it started
                if started:
                    raise
                run_cells(notebook, folder, started, log)
        except CellExecutionError:
            failed = notebook.cells[started[-1]]
            raise SyncError(f"{name(started[-1])} failed:\n{shown(failed)}") from None
        except CellTimeoutError:
            raise SyncError(f"{name(started[-1])} ran for more than {SECONDS} s") from None
        except DeadKernelError:
            raise SyncError(f"the kernel died in {name(started[-1])}{tail(log)}") from None
        except (NoSuchKernel, OSError, RuntimeError) as error:
            advice = "delete .venv, then `make sync` sets it up anew"
            raise SyncError(f"no kernel starts: {error}; {advice}{tail(log)}") from None


def run_cells(notebook: NotebookNode, folder: Path, started: list[int], log: IO[str]) -> None:
    """Run all cells and keep their outputs; note which cells began, and what the kernel logs."""
    client = NotebookClient(
        notebook,
        timeout=SECONDS,
        kernel_name="python3",
        record_timing=False,
        store_widget_state=False,
        coalesce_streams=True,
        on_cell_execute=lambda cell, cell_index: started.append(cell_index),
        resources={"metadata": {"path": str(folder)}},
    )
    client.execute(env=clean_environment(), stderr=log)


def shown(cell: NotebookNode) -> str:
    """Return what a failed cell printed, and its traceback."""
    parts = []
    for output in cell.outputs:
        if output.output_type == "stream":
            parts.append(output.text.rstrip())
        elif output.output_type == "error":
            parts += output.traceback or [f"{output.ename}: {output.evalue}"]
    return COLORS.sub("", "\n".join(parts))


def tail(log: IO[str]) -> str:
    """Return the last lines that the kernel wrote to its own log."""
    log.seek(0)
    lines = [line for line in log.read().splitlines() if line.strip()]
    return "".join(f"\n    {line}" for line in lines[-12:])
