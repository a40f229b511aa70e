"""Say what a panel's data on the page are made from: code that it imports, data, and NumPy."""

from pathlib import Path

import numpy as np

from deeplearn_utils.explorers import PANELS
from freshness import package
from imported import PACKAGE, Package, digest

EXPLORERS = f"{PACKAGE}.explorers"
PACKING = f"{EXPLORERS}.page.packing"
LIVE = f"{EXPLORERS}.live."  # shows a panel in a notebook; the page has its own script


def panel_key(name: str, project: Package | None = None) -> str:
    """Return a digest of a panel's module and all that it imports from this package."""
    project = project or package()
    module, _, _ = PANELS[name].rpartition(".")
    taken = project.closure([f"{EXPLORERS}.{module}", PACKING]) & project.modules
    made_from = {m: project.digest(m) for m in sorted(taken) if not m.startswith(LIVE)}
    made_from |= data_beside(project.file(f"{EXPLORERS}.{module}").parent)
    return digest(f"{np.__version__} {made_from}")


def data_beside(folder: Path) -> dict[str, str]:
    """Return a digest of each file of data that stands beside a panel's module."""
    return {file.name: digest(file.read_bytes()) for file in sorted(folder.glob("*.json"))}
