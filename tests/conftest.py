"""What every test depends on beyond the code itself: set here, or reported at the top of a run."""

import importlib.metadata
import os
import platform
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import settings
from threadpoolctl import threadpool_info

from deeplearn_utils.explorers import EXPLORERS

pytest_plugins = ["tests.libraries", "tests.digits_models"]  # fixtures that many folders share

settings.register_profile("book", deadline=None, derandomize=True)
settings.load_profile("book")

HEAVY = {"tensorflow": {"tensorflow", "tf"}, "torch": {"torch"}, "jax": {"jax"}}
"""Libraries whose import takes seconds, and the fixtures and parameters that stand for them."""

LIBRARIES = ("array-api-compat", "array-api-strict", "tensorflow", "keras", "torch", "jax", "cupy")


def pytest_configure(config: pytest.Config) -> None:
    """Draw figures into memory, on any machine; those of notebooks go into the notebook."""
    if config.getoption("nbval", False):
        import nbval.kernel

        nbval.kernel.start_new_kernel = once_more(nbval.kernel.start_new_kernel)
    else:
        os.environ["MPLBACKEND"] = "Agg"


def once_more(start: Callable[..., Any]) -> Callable[..., Any]:
    """Start a kernel again if another program took one of its ports before it could."""

    def start_kernel(*args: Any, **options: Any) -> Any:
        try:
            return start(*args, **options)
        except RuntimeError:
            return start(*args, **options)

    return start_kernel


@pytest.fixture(scope="session")
def runtime_python() -> Path:
    """Give the Python of an environment that has NumPy and LiteRT, and none of the book's tools."""
    python = Path(__file__).parents[1] / "build" / "runtime" / "bin" / "python"
    if not python.exists() and not os.environ.get("CI"):
        pytest.skip("the environment of the runtime is not there: make .venv/.runtime")
    return python


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep tests that share something costly in one worker (``--dist loadgroup``)."""
    for item in items:
        if not item.get_closest_marker("xdist_group"):
            item.add_marker(pytest.mark.xdist_group(shared(item)))
        if config.getoption("loadgroup", False) and hasattr(item, "id"):
            # xdist 3.8 writes the group where pytest 9.2 no longer looks for a test's name
            (group,) = item.get_closest_marker("xdist_group").args
            item._id = type(item.id).parse(f"{item.nodeid}@{group}")


def shared(item: pytest.Item) -> str:
    """Name what a test shares: a library's import, a panel's frames, or what its file computes."""
    given = getattr(item, "callspec", None)
    params = [*given.params.values()] if given else []
    asked = {*getattr(item, "fixturenames", ()), *(p for p in params if isinstance(p, str))}
    for library, names in HEAVY.items():
        if asked & names:
            return library
    panels = [item.path.stem.removeprefix("test_"), *params]
    for panel in (getattr(param, "name", param) for param in panels):
        if isinstance(panel, str) and panel in EXPLORERS:
            return panel
    return item.nodeid.split("::")[0]


def pytest_report_header() -> list[str]:
    """Tell which libraries, BLAS and threads this run used."""
    versions = {name: version(name) for name in LIBRARIES}
    found = ", ".join(f"{name} {number}" for name, number in versions.items() if number)
    missing = ", ".join(name for name, number in versions.items() if not number)
    pools = [
        f"{pool['internal_api']} {pool.get('version')} ({pool.get('architecture')}, "
        f"{pool['num_threads']} threads)"
        for pool in threadpool_info()
    ]
    return [
        f"numpy {np.__version__} on {platform.machine()}: {', '.join(pools)}",
        f"arrays: {found}" + (f"; not installed: {missing}" if missing else ""),
    ]


def version(name: str) -> str | None:
    """Return the installed version of a distribution."""
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


@pytest.fixture
def rng() -> np.random.Generator:
    """A fresh generator with the same seed for every test."""
    return np.random.default_rng(2026)
