"""A NumPy lesson never waits for TensorFlow: floors 0 to 4 load NumPy only."""

import json
import pkgutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import deeplearn_utils

ROOT = Path(__file__).resolve().parents[2]
HEAVY = {"tensorflow", "keras", "torch", "jax", "cupy", "matplotlib", "ipywidgets", "sklearn"}
ALLOWED = {"array_api_compat", "deeplearn_utils", "numpy"}
UPPER = {"__main__", "commands", "edge", "explorers", "figures", "grading", "serving"}
ADAPTERS = {"deeplearn_utils.arrays.tensorflow_namespace"}  # loaded when a tensor is met


def lower_modules() -> list[str]:
    """Return all modules of floors 0 to 4."""
    found = pkgutil.walk_packages(deeplearn_utils.__path__, "deeplearn_utils.")
    names = {module.name for module in found} - ADAPTERS
    return sorted(name for name in names if name.split(".")[1] not in UPPER)


def loaded_by(*modules: str) -> set[str]:
    """Return the top-level packages outside the standard library that a fresh Python loads."""
    program = (
        "import json, sys; before = set(sys.modules)\n"
        f"import {', '.join(modules)}\n"
        "new = [m for name, m in sys.modules.items() if name not in before]\n"
        "specs = filter(None, (getattr(module, '__spec__', None) for module in new))\n"
        "print(json.dumps(sorted({spec.name.split('.')[0] for spec in specs})))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT
    )
    return set(json.loads(done.stdout)) - set(sys.stdlib_module_names)


def test_importing_the_package_loads_numpy_only():
    assert loaded_by("deeplearn_utils") <= ALLOWED


def test_floors_0_to_4_load_numpy_only():
    loaded = loaded_by(*lower_modules())
    assert not loaded & HEAVY
    assert loaded <= ALLOWED


def test_serving_loads_numpy_only():
    assert loaded_by("deeplearn_utils.serving") <= ALLOWED


def test_edge_loads_numpy_only():
    found = pkgutil.walk_packages([str(ROOT / "deeplearn_utils/edge")], "deeplearn_utils.edge.")
    assert loaded_by(*(module.name for module in found)) <= ALLOWED


def test_a_heavy_import_would_be_seen():
    assert "matplotlib" in loaded_by("deeplearn_utils.figures")


def test_every_module_stands_on_a_floor():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = settings["tool"]["importlinter"]["contracts"]
    (contract,) = [contract for contract in contracts if contract["id"] == "floors"]
    floors = {name.strip("() ") for line in contract["layers"] for name in split(line)}
    modules = {module.name for module in pkgutil.iter_modules(deeplearn_utils.__path__)}
    assert modules <= floors


def split(layer: str) -> list[str]:
    """Return the modules that one line of the contract names."""
    return layer.replace("|", ":").split(":")


@pytest.mark.parametrize("extra", ["lab", "book", "test"])
def test_the_base_install_stays_small(extra):
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    base = {line.split(">")[0] for line in settings["dependencies"]}
    assert base == {"array-api-compat", "numpy"}
    assert not base & {line.split(">")[0] for line in settings["optional-dependencies"][extra]}
