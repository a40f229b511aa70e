"""The book's figures: arrays or records and `ax=None` in, axes out.

In a notebook, bind what comes back, so that no address is printed: `_ = figures.two_ends()`.
"""

from deeplearn_utils.figures.backpropagation_errors import (
    agreement,
    bug_table,
    error_against_step,
    error_bars,
    kink,
    nudge,
)
from deeplearn_utils.figures.backpropagation_graphs import neuron_graph, shared_graph
from deeplearn_utils.figures.backpropagation_layers import (
    cliff,
    layer_flow,
    layers_against_theory,
    operation_bars,
)
from deeplearn_utils.figures.curves import activation_curves, bends, lines
from deeplearn_utils.figures.data import feature_ranges, image_grid, leak, signals
from deeplearn_utils.figures.diagrams import network, neuron, two_ends
from deeplearn_utils.figures.learning import compare_runs, learning_curve
from deeplearn_utils.figures.matrices import confusion, matrix_product
from deeplearn_utils.figures.optimization_paths import contour_paths, parabola_steps
from deeplearn_utils.figures.optimization_search import rate_sweeps, seed_points
from deeplearn_utils.figures.optimization_stability import (
    points_and_lines,
    sharpness_curves,
    stability_map,
)
from deeplearn_utils.figures.outputs import loss_pair, prediction_against_target, probability_bars
from deeplearn_utils.figures.planes import class_points, decision_plane
from deeplearn_utils.figures.speed import call_costs, goal_bars, roofline, step_times
from deeplearn_utils.figures.style import row
from deeplearn_utils.figures.units import firing_rates, inputs_over_slope

__all__ = [
    "activation_curves",
    "agreement",
    "bends",
    "bug_table",
    "call_costs",
    "class_points",
    "cliff",
    "compare_runs",
    "confusion",
    "contour_paths",
    "decision_plane",
    "error_against_step",
    "error_bars",
    "feature_ranges",
    "firing_rates",
    "goal_bars",
    "image_grid",
    "inputs_over_slope",
    "kink",
    "layer_flow",
    "layers_against_theory",
    "leak",
    "learning_curve",
    "lines",
    "loss_pair",
    "matrix_product",
    "network",
    "neuron",
    "neuron_graph",
    "nudge",
    "operation_bars",
    "parabola_steps",
    "points_and_lines",
    "prediction_against_target",
    "probability_bars",
    "rate_sweeps",
    "roofline",
    "row",
    "seed_points",
    "shared_graph",
    "sharpness_curves",
    "signals",
    "stability_map",
    "step_times",
    "two_ends",
]
