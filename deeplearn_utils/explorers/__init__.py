"""Slider panels: live with a kernel, and on the static page without one.

A panel is one class in one file: controls with their stops, one pure method `look` from the
controls' values to facts, and a picture declared as marks. Show it by its name in a cell::

    NeuronExplorer()

To add one, subclass `Explorer` in a file of its chapter's folder and give it a line in `PANELS`.

Frames come from `look`: computed by the kernel, or stored for a page. Where that can't be, since
the reader draws, a panel declares a network under "drawing" and the browser computes the frames, in
``javascript/src/network.js``: `edge.drawing.DrawingExplorer`.
"""

from collections.abc import Iterator, Mapping
from importlib import import_module

from .explorer import Explorer

PANELS = {
    "neuron": "networks.neuron.NeuronExplorer",
    "creases": "networks.creases.CreasesExplorer",
    "decision_boundary": "networks.decision_boundary.DecisionBoundaryExplorer",
    "computation_graph": "backpropagation.computation_graph.ComputationGraphExplorer",
    "step_size": "backpropagation.step_size.StepSizeExplorer",
    "gradient_norms": "backpropagation.gradient_norms.GradientNormsExplorer",
    "trajectories": "optimizers.trajectories.TrajectoriesExplorer",
    "learning_rate": "optimizers.learning_rate.LearningRateExplorer",
    "batch_size": "optimizers.batch_size.BatchSizeExplorer",
    "penalty": "regularization.penalty.PenaltyExplorer",
    "folds": "regularization.folds.FoldsExplorer",
    "constraint": "regularization.constraint.ConstraintExplorer",
    "label_noise": "regularization.label_noise.LabelNoiseExplorer",
    "skew": "deployment.skew.SkewExplorer",
    "batching": "deployment.batching.BatchingExplorer",
    "compression": "edge.compression.CompressionExplorer",
    "calibration": "edge.calibration.CalibrationExplorer",
    "drawing": "edge.drawing.DrawingExplorer",
    "robustness": "challenges.robustness.RobustnessExplorer",
}
"""Where every panel of the book is, by its name; a panel is imported when it is asked for."""

CLASSES = {place.rpartition(".")[2]: place for place in PANELS.values()}


class _Panels(Mapping[str, type[Explorer]]):
    def __getitem__(self, name: str) -> type[Explorer]:
        return _imported(PANELS[name])

    def __iter__(self) -> Iterator[str]:
        return iter(PANELS)

    def __len__(self) -> int:
        return len(PANELS)


EXPLORERS: Mapping[str, type[Explorer]] = _Panels()
"""Every panel of the book by its name."""

__all__ = ["EXPLORERS", "PANELS", "Explorer", *CLASSES]


def __getattr__(name: str) -> type[Explorer]:
    """Import a panel when its class is asked for."""
    if name in CLASSES:
        return _imported(CLASSES[name])
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    """Name the panels too, for whoever completes a name with Tab."""
    return sorted({*globals(), *CLASSES})


def _imported(place: str) -> type[Explorer]:
    module, _, name = place.rpartition(".")
    return getattr(import_module(f"{__name__}.{module}"), name)
