"""Import a framework without what it writes at start-up."""

import contextlib
import importlib
import os
import sys
from collections.abc import Iterator
from types import ModuleType


def import_quietly(name: str) -> ModuleType:
    """Import a module whose start-up lines would otherwise land in a notebook's output.

    TensorFlow's C++ code writes to file descriptor 2 past Python's `sys.stderr`. The descriptor is
    closed off during the import only.

    Examples
    --------
    >>> import_quietly("math").sqrt(4.0)
    2.0
    """
    if name in sys.modules:
        return sys.modules[name]
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
    with silent_stderr():
        return importlib.import_module(name)


@contextlib.contextmanager
def silent_stderr() -> Iterator[None]:
    """Close off file descriptor 2 for a while, to which libraries write past `sys.stderr`."""
    sys.stderr.flush()
    saved, null = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(null, 2)
        yield
    finally:
        os.dup2(saved, 2)
        os.close(saved)
        os.close(null)
