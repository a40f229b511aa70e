"""Slider panels: live with a kernel, and on the static page without one.

A panel is one class in one file: controls with their stops, one pure method `compute` from the
controls' values to arrays, and a picture declared as marks. Show it by its name in a cell::

    NeuronExplorer()

To add one, subclass `Explorer` in a file here and give it a line in `EXPLORERS`.
"""

from .batch_size import BatchSizeExplorer
from .computation_graph import ComputationGraphExplorer
from .decision_boundary import DecisionBoundaryExplorer
from .explorer import Explorer
from .gradient_norms import GradientNormsExplorer
from .learning_rate import LearningRateExplorer
from .neuron import NeuronExplorer
from .step_size import StepSizeExplorer
from .trajectories import TrajectoriesExplorer

EXPLORERS: dict[str, type[Explorer]] = {
    explorer.name: explorer
    for explorer in (
        NeuronExplorer,
        DecisionBoundaryExplorer,
        ComputationGraphExplorer,
        StepSizeExplorer,
        GradientNormsExplorer,
        TrajectoriesExplorer,
        LearningRateExplorer,
        BatchSizeExplorer,
    )
}
"""Every panel of the book by its name."""

__all__ = [
    "EXPLORERS",
    "BatchSizeExplorer",
    "ComputationGraphExplorer",
    "DecisionBoundaryExplorer",
    "Explorer",
    "GradientNormsExplorer",
    "LearningRateExplorer",
    "NeuronExplorer",
    "StepSizeExplorer",
    "TrajectoriesExplorer",
]
