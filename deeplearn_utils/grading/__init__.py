"""Grading notebooks: safely, with reasons, and outside the kernel in which students' code runs.

From a submission only the answers are taken. They go into the instructor's notebook, which runs
in a sandbox; its checks print values, and nbval's plugin compares them, outside, with what the
solution printed for the same fresh inputs. Student code can do all it likes in its kernel: it earns
a point only by computing the right values.
"""

from typing import Any

__all__ = ["Limits", "Refused", "Unavailable", "check", "grade", "release"]

PLACES = {
    "Limits": "limits",
    "Refused": "reference",
    "Unavailable": "sandbox",
    "check": "checking",
    "grade": "batch",
    "release": "releasing",
}


def __getattr__(name: str) -> Any:
    """Import what is asked for only then: it needs pytest, nbval and a kernel."""
    if name not in PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f".{PLACES[name]}", __name__), name)
