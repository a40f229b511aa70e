"""`deeplearn devices`: which library computes on which device of this machine."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import numpy as np
import typer
from rich.console import Console
from rich.table import Table

from ..arrays import (
    Array,
    Device,
    asarray,
    device_memory,
    import_quietly,
    to_device,
    to_numpy,
    why_not,
)
from ..arrays.availability import LIBRARIES, first_line
from ..networks import MLP

CLOSE = 5e-3  # of the largest entry: on a GPU, products may be rounded to ten binary digits


def devices() -> None:
    """Show which library computes on which device of this machine, and test each one.

    The test compares a matrix product and the gradient of a small network with NumPy's.
    """
    console = Console()
    table = Table("Library", "Version", "Device", "Memory", "Self-test")
    notes, verdicts = [], []
    for library, title in LIBRARIES.items():
        with console.status(f"{title} ..."):
            rows, reasons = examine(library)
        for row in rows:
            table.add_row(title, *row)
        notes += reasons
        verdicts += [row[-1] for row in rows]
    console.print(table)
    for note in notes:
        console.print(note, style="dim", markup=False, highlight=False, soft_wrap=True)
    if any(verdict != "ok" for verdict in verdicts):
        raise typer.Exit(1)


def examine(library: str) -> tuple[list[tuple[str, str, str, str]], list[str]]:
    """Return a row of the table for each device of a library, and why others have none."""
    rows, reasons = [], []
    for name in ("cpu", "gpu"):
        reason = why_not(library, name)
        if reason:
            reasons.append(reason)
        else:
            device = Device(library, name, import_quietly(library).__version__)
            rows.append((device.version, name, memory(device), self_test(device)))
    return rows, list(dict.fromkeys(reasons))


def memory(device: Device) -> str:
    """Return how much memory a device has, in words."""
    try:
        size = device_memory(device.library, device.device)
    except RuntimeError:  # the card was found, but doesn't answer: the self-test says more
        size = None
    return "unknown" if size is None else f"{size / 1e9:.1f} GB"


def self_test(device: Device) -> str:
    """Compute on a device what NumPy computes too; return "ok", or what went wrong."""
    try:
        with _chosen(device):
            for what, got, expected in _computed_twice(device):
                error = np.max(np.abs(to_numpy(got) - expected)) / np.max(np.abs(expected))
                if not error < CLOSE:
                    return f"the {what} is wrong: it differs from NumPy's by {100 * error:.1f} %"
    except Exception as error:  # a driver or a library may fail in any way; the table goes on
        return f"failed: {first_line(error)}"
    return "ok"


def _chosen(device: Device) -> contextlib.AbstractContextManager:
    """Keep TensorFlow on a device: by itself it computes on the GPU wherever the arrays are."""
    if device.library == "tensorflow":
        return import_quietly("tensorflow").device(device.device.upper())
    return contextlib.nullcontext()


def _computed_twice(device: Device) -> Iterator[tuple[str, Array, np.ndarray]]:
    """Yield what is computed, the result on the device, and NumPy's."""
    rng = np.random.default_rng(0)
    network = MLP([16, 32, 4], activation="tanh", loss="softmax_cross_entropy")
    theta, X = network.init(rng, "float32"), rng.normal(size=(64, 16)).astype("float32")
    ours = [_placed(v, device) for v in (theta, X, X.T @ X, np.arange(64) % 4)]
    yield "matrix product", ours[1] @ ours[2], X @ (X.T @ X)
    gradient = network.loss_and_gradient(ours[0], ours[1], ours[3])[1]
    yield "gradient", gradient, network.loss_and_gradient(theta, X, np.arange(64) % 4)[1]


def _placed(x: np.ndarray, device: Device) -> Array:
    module = import_quietly({"jax": "jax.numpy"}.get(device.library, device.library))
    return to_device(asarray(x, like=module.zeros(0)), device.device)
