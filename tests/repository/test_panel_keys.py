"""The page's data of a panel: computed again when its own imports change, and only then."""

from pathlib import Path

import numpy as np
import pytest

from deeplearn_utils.explorers import PANELS
from imported import Package
from panel_keys import data_beside, panel_key

OWN = {name: f"explorers.{place.rpartition('.')[0]}" for name, place in PANELS.items()}
CHANGES = [
    *((module, {name}) for name, module in OWN.items()),
    *((f"explorers.{m}", {*PANELS}) for m in ("explorer", "parts.marks", "page.packing")),
    *((f"explorers.{m}", set()) for m in ("live.widget", "live.picture", "page.extension")),
    ("explorers.networks.geometry", {"neuron", "creases", "decision_boundary"}),
    ("explorers.backpropagation.slopes", {"step_size"}),
    (
        "training.loop",
        {
            *("decision_boundary", "learning_rate", "batch_size"),
            *("folds", "label_noise", "skew", "robustness", "calibration"),
        },
    ),
    ("edge.formats", {"batching"}),
    ("explorers.edge.compressed", {"compression"}),
    ("analysis.surfaces", {"trajectories"}),
    ("figures.style", set()),
    ("validation", {"folds"}),
    ("gradcheck", set()),
]
"""A module that changes, and the panels whose data are made from it."""


@pytest.fixture(scope="module")
def project():
    return Package()


@pytest.fixture(scope="module")
def before(project):
    return {name: panel_key(name, project) for name in PANELS}


@pytest.mark.parametrize(("module", "panels"), CHANGES)
def test_a_change_concerns_the_panels_that_import_it(monkeypatch, project, before, module, panels):
    changed = f"deeplearn_utils.{module}"
    assert changed in project.modules
    digest = project.digest
    monkeypatch.setattr(project, "digest", lambda m: "changed" if m == changed else digest(m))
    assert {name for name in PANELS if panel_key(name, project) != before[name]} == panels


def test_another_numpy_concerns_every_panel(monkeypatch, project, before):
    monkeypatch.setattr(np, "__version__", "0")
    assert not {panel_key(name, project) for name in PANELS} & set(before.values())


def test_other_measurements_concern_the_panels_beside_them(monkeypatch, project, before):
    folder = project.file("deeplearn_utils.explorers.deployment.batching").parent
    assert list(data_beside(folder)) == ["latencies.json"]
    read = Path.read_bytes

    def other(path):
        return b"{}" if path.name == "latencies.json" else read(path)

    monkeypatch.setattr(Path, "read_bytes", other)
    changed = {name for name in PANELS if panel_key(name, project) != before[name]}
    assert changed == {"skew", "batching"}
