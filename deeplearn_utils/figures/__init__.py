"""The book's figures: arrays or records and `ax=None` in, axes out.

In a notebook, bind what comes back, so that no address is printed: `_ = figures.two_ends()`.
To add one, write it in a file of its chapter's folder (in `charts` if it serves several) and import
it here.
"""

from types import FunctionType

from deeplearn_utils.figures.backpropagation.errors import (
    agreement,
    bug_table,
    error_against_step,
    error_bars,
    jacobians,
    kink,
    nudge,
)
from deeplearn_utils.figures.backpropagation.graphs import neuron_graph, shared_graph
from deeplearn_utils.figures.backpropagation.layers import (
    cliff,
    layer_flow,
    layers_against_theory,
)
from deeplearn_utils.figures.charts.data import feature_ranges, image_grid, leak, signals
from deeplearn_utils.figures.charts.learning import compare_runs, learning_curve
from deeplearn_utils.figures.charts.lines import lines, points_and_lines, seed_points
from deeplearn_utils.figures.charts.matrices import confusion, matrix_product
from deeplearn_utils.figures.charts.planes import class_points, decision_plane
from deeplearn_utils.figures.deployment.bar_panels import bar_panels
from deeplearn_utils.figures.deployment.convolution import convolution
from deeplearn_utils.figures.deployment.workflow import workflow
from deeplearn_utils.figures.edge.compression import pareto, waterfall, weight_histogram
from deeplearn_utils.figures.edge.quantization import number_line, rounding_cases
from deeplearn_utils.figures.networks.activations import activation_curves, bends
from deeplearn_utils.figures.networks.diagrams import network, neuron, two_ends
from deeplearn_utils.figures.networks.outputs import (
    loss_pair,
    prediction_against_target,
)
from deeplearn_utils.figures.networks.units import inputs_over_slope
from deeplearn_utils.figures.optimizers.paths import contour_paths, parabola_steps
from deeplearn_utils.figures.optimizers.search import rate_sweeps
from deeplearn_utils.figures.optimizers.stability import (
    sharpness_curves,
    stability_map,
)
from deeplearn_utils.figures.regularization.curves import measured, scores
from deeplearn_utils.figures.regularization.penalties import constraint, weight_paths
from deeplearn_utils.figures.speed import call_costs, goal_bars, roofline, step_times
from deeplearn_utils.figures.style import row

__all__ = sorted(name for name, thing in list(globals().items()) if type(thing) is FunctionType)
