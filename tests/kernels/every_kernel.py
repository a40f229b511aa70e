"""All public functions of the kernels, found in their modules."""

import inspect
from collections.abc import Callable, Iterator
from typing import Any

from deeplearn_utils.kernels import (
    activations,
    conv,
    dense,
    dropout,
    losses,
    normalization,
    pooling,
    updates,
)

MODULES = (activations, conv, dense, dropout, losses, normalization, pooling, updates)


def every_kernel() -> Iterator[tuple[str, Callable[..., Any]]]:
    """Yield the name of each function that a module of kernels defines for others, and itself."""
    for module in MODULES:
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if function.__module__ == module.__name__ and not name.startswith("_"):
                yield name, function
