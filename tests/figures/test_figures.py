"""Every figure: what it draws, on small data; and what all figures have in common."""

import inspect
import re
from itertools import pairwise
from types import SimpleNamespace

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
import scipy.stats
from matplotlib.colors import to_hex

from deeplearn_utils import colors, figures
from deeplearn_utils.analysis.surfaces import SURFACES
from deeplearn_utils.figures.edge.compression import on_front
from deeplearn_utils.figures.style import MARKERS

X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
Y = np.array([0, 1, 1, 0])
IMAGES = np.arange(3 * 4.0).reshape(3, 2, 2) - 5
LINE = np.linspace(-1, 1, 5)
PATH = np.array([[1.0, 0.5], [0.5, -0.25], [0.25, 0.125]])
SWEEP = np.array([[3.0, 2.0], [1.0, 2.0], [np.inf, np.nan]])
RECORDS = [
    SimpleNamespace(epoch=k, loss=1 / (k + 1), validation_loss=2 / (k + 1)) for k in range(4)
]

NEURON = {"x": 2, "w": 0.5, "u": 1, "b": -1, "z": 0, "a": 0.5, "y": 1, "e": -0.5, "L": 0.25}
SLOPES = dict.fromkeys(NEURON, -0.125)

GOALS = [
    {"name": "faster", "goal": "at least 2x faster", "measured": 4.0, "met": True},
    {"name": "slower", "goal": "at most 1.5x the time", "measured": 3.0, "met": False},
    {"name": "not here", "goal": "no GPU here", "measured": None, "met": None},
]
CALLS = {
    "activation_curves": lambda ax=None: figures.activation_curves(["tanh", "relu"], ax=ax),
    "agreement": lambda ax=None: figures.agreement(
        {"one": np.array([1e-9, 0.0])}, xlabel="relative difference", ax=ax
    ),
    "bug_table": lambda ax=None: figures.bug_table(
        {"right": {"W1": 1e-9, "b1": 0.0}, "wrong": {"W1": 2.0, "b1": 0.5}}, ax=ax
    ),
    "bar_panels": lambda ax=None: figures.bar_panels(
        ["Keras", "LiteRT", "NumPy"],
        {"bytes": [61_234, 12_600, None], "difference": [0.0, 2.4e-7, np.nan]},
        ax=ax,
    ),
    "convolution": lambda ax=None: figures.convolution(
        np.eye(4), np.array([[1.0, -2.0], [0.0, 1.0]]), np.ones((3, 3)), at=(1, 2), ax=ax
    ),
    "constraint": lambda ax=None: figures.constraint(
        LINE[:, None] ** 2 + (LINE - 0.5) ** 2, 1.0, PATH, {"free": (0.5, 0.0)}, level=0.3, ax=ax
    ),
    "measured": lambda ax=None: figures.measured(
        np.array([1.0, 2.0]),
        {"training loss": np.array([[1.0, 2.0], [3.0, 2.0]]), "other": np.ones((2, 2))},
        xlabel="epoch",
        ylabel="loss",
        ax=ax,
    ),
    "scores": lambda ax=None: figures.scores(
        {"none": np.array([50.0, 54.0]), "L2": np.array([70.0, 74.0])},
        xlabel="right (%)",
        baseline="none",
        ax=ax,
    ),
    "weight_paths": lambda ax=None: figures.weight_paths(
        np.array([0.1, 1.0, 10.0]),
        np.array([[2.0, -1.0], [1.0, 0.0], [0.5, 0.0]]),
        ["age", "bmi"],
        ax=ax,
    ),
    "cliff": lambda ax=None: figures.cliff(
        LINE, LINE**2, {"free": (LINE, LINE**2 + 1)}, top=1.0, ax=ax
    ),
    "error_against_step": lambda ax=None: figures.error_against_step(
        10.0 ** np.arange(-4, 0),
        {"central": np.array([0.0, 1e-8, 1e-6, 1e-4])},
        {"central": np.array([1e-9, 1e-8, 1e-6, 1e-4])},
        {"central": 1e-3},
        ax=ax,
    ),
    "error_bars": lambda ax=None: figures.error_bars(LINE, LINE / 2, ax=ax),
    "jacobians": lambda ax=None: figures.jacobians(
        {"softmax": np.array([[0.2, -0.1], [-0.1, 0.1]]), "take": np.eye(3)[:, [0, 0]]}, ax=ax
    ),
    "kink": lambda ax=None: figures.kink(
        LINE, abs(LINE), np.array([0.1, 0.5]), {"relu": LINE[3:]}, at=0.2, bend=0, step=0.5, ax=ax
    ),
    "layer_flow": lambda ax=None: figures.layer_flow(50, 3, 2, ax=ax),
    "layers_against_theory": lambda ax=None: figures.layers_against_theory(
        {("Xavier", "tanh"): {"spread": LINE + 2}},
        {("Xavier", "tanh"): {"spread": LINE + 3}},
        "spread",
        ax=ax,
    ),
    "neuron_graph": lambda ax=None: figures.neuron_graph(NEURON, SLOPES, ax=ax),
    "nudge": lambda ax=None: figures.nudge(
        LINE, LINE**2, at=(0.5, 0.25), slope=1.0, step=0.25, ax=ax
    ),
    "shared_graph": lambda ax=None: figures.shared_graph(
        {"x": 3, "w": 2, "u": 6, "L": 12}, (6, 7), {"x": 4, "w": 13, "u": 2, "L": 1}, ax=ax
    ),
    "bends": lambda ax=None: figures.bends(LINE, np.outer(LINE, [1, 2]), 3 * LINE, LINE, ax=ax),
    "call_costs": lambda ax=None: figures.call_costs(
        np.array([1, 10, 100]), {"relu": np.array([1e-6, 1e-6, 2e-6])}, ax=ax
    ),
    "goal_bars": lambda ax=None: figures.goal_bars(GOALS, ax=ax),
    "roofline": lambda ax=None: figures.roofline(
        {"ReLU": (0.1, 1e9), "product": (100.0, 5e10)}, peak=1e11, bandwidth=1e10, ax=ax
    ),
    "step_times": lambda ax=None: figures.step_times(
        {"small": {"ours": 1e-5, "theirs": 2e-5}, "large": {"ours": 1e-3}}, ours="ours", ax=ax
    ),
    "class_points": lambda ax=None: figures.class_points(X, Y, ax=ax),
    "compare_runs": lambda ax=None: figures.compare_runs(
        {"relu": np.array([[3.0, 2.0], [5.0, 1.0]])}, ylabel="loss", ax=ax
    ),
    "contour_paths": lambda ax=None: figures.contour_paths(
        SURFACES["ravine"], {"adam": PATH, "another": -PATH}, ax=ax
    ),
    "confusion": lambda ax=None: figures.confusion(np.array([[5, 1], [0, 4]]), ax=ax),
    "decision_plane": lambda ax=None: figures.decision_plane(lambda P: P[:, 0], X, Y, ax=ax),
    "feature_ranges": lambda ax=None: figures.feature_ranges(
        X, ["age", "bmi"], xlabel="years", ax=ax
    ),
    "image_grid": lambda ax=None: figures.image_grid(IMAGES, ["a", "b", "c"], columns=2, ax=ax),
    "inputs_over_slope": lambda ax=None: figures.inputs_over_slope(
        4 * LINE, "tanh", limit=0.05, ax=ax
    ),
    "leak": lambda ax=None: figures.leak(
        {"honest": np.array([40.0, 60.0])},
        {"leaking": np.array([80.0, 90.0])},
        truth=50,
        xlabel="accuracy (%)",
        ax=ax,
    ),
    "learning_curve": lambda ax=None: figures.learning_curve(RECORDS, ax=ax),
    "lines": lambda ax=None: figures.lines(
        LINE, {"up": LINE, "down": -LINE}, xlabel="x (m)", ylabel="y (m)", ax=ax
    ),
    "loss_pair": lambda ax=None: figures.loss_pair(
        10 * LINE, {"mse": LINE**2}, {"mse": 2 * LINE}, ax=ax
    ),
    "matrix_product": lambda ax=None: figures.matrix_product(X[:3], X[:2] + 1, row=1, ax=ax),
    "network": lambda ax=None: figures.network([10, 3, 1], ax=ax),
    "neuron": lambda ax=None: figures.neuron([2.0, -1.0], [0.5, 1.0], 0.25, "tanh", 0.24, ax=ax),
    "number_line": lambda ax=None: figures.number_line(
        0.25, 2, bits=4, values=[-0.6, 0.37, 1.9], ax=ax
    ),
    "parabola_steps": lambda ax=None: figures.parabola_steps(
        2.0, {"short": PATH[:, 0], "long": -4 * PATH[:, 0]}, reach=3, ax=ax
    ),
    "pareto": lambda ax=None: figures.pareto(
        [
            ("float32", 183_108, 96.7, "teacher"),
            ("int8", 53_856, 96.9, "teacher"),
            ("small", 9_900, 95.0, "student"),
        ],
        xlabel="bytes",
        ylabel="right (%)",
        ax=ax,
    ),
    "points_and_lines": lambda ax=None: figures.points_and_lines(
        {"measured": (LINE, LINE)}, {"theory": (LINE, LINE**2)}, xlabel="x", ylabel="y", ax=ax
    ),
    "prediction_against_target": lambda ax=None: figures.prediction_against_target(
        np.array([[1.0], [2.0]]), np.array([[1.5], [2.5]]), unit="points", ax=ax
    ),
    "rate_sweeps": lambda ax=None: figures.rate_sweeps(
        {"adam": (np.array([0.01, 0.1, 1.0]), SWEEP)}, ylabel="loss", highest=4, ax=ax
    ),
    "rounding_cases": lambda ax=None: figures.rounding_cases(
        [2.5, -7.49999998, 4.31], [2, -7, 4], [3, -7, 4], ax=ax
    ),
    "seed_points": lambda ax=None: figures.seed_points(
        {"adam": np.array([1.0, 2.0, 6.0]), "other": np.array([2.0])}, xlabel="loss", ax=ax
    ),
    "sharpness_curves": lambda ax=None: figures.sharpness_curves(
        {"rate 1": ([0, 1], [1.0, 0.5], [1.5, 2.0], [2.0, 2.0])}, ax=ax
    ),
    "signals": lambda ax=None: figures.signals(np.stack([LINE, -LINE]), [7, 3], columns=2, ax=ax),
    "stability_map": lambda ax=None: figures.stability_map(
        LINE[2:], np.array([0.0, 2.0]), np.ones((3, 2)), edge=2 + LINE[2:], ax=ax
    ),
    "two_ends": lambda ax=None: figures.two_ends(ax=ax),
    "waterfall": lambda ax=None: figures.waterfall(
        {"float32": 400_000, "pruned": 400_000, "int8": 100_000, "gzip": 25_000},
        ylabel="bytes",
        ax=ax,
    ),
    "weight_histogram": lambda ax=None: figures.weight_histogram(
        [PATH, LINE], masks=[abs(PATH) > 0.3, abs(LINE) > 0.6], quantized=[PATH, LINE], ax=ax
    ),
    "workflow": lambda ax=None: figures.workflow(ax=ax),
}
PICTURES = {"layer_flow", "neuron_graph", "shared_graph", "bug_table"}
PICTURES |= {"confusion", "image_grid", "matrix_product", "network", "neuron", "two_ends"}
PICTURES |= {"convolution", "workflow", "number_line", "rounding_cases"}


@pytest.fixture(autouse=True)
def closed_figures():
    yield
    plt.close("all")


def panels(drawing):
    return list(np.ravel(np.asarray(drawing, dtype=object)))


def texts(ax):
    return [text.get_text() for text in ax.texts]


def test_every_figure_is_called_here():
    assert set(CALLS) == set(figures.__all__) - {"row"}


@pytest.mark.parametrize("name", CALLS)
def test_draws_on_new_axes_and_on_given_ones(name):
    new = CALLS[name]()
    count = len(plt.get_fignums())
    given = [plt.figure().add_subplot() for _ in panels(new)]
    drawn = CALLS[name](given if len(given) > 1 or isinstance(new, np.ndarray) else given[0])
    assert panels(drawn) == given
    assert len(plt.get_fignums()) == count + len(given), "no figure besides the caller's"
    for old, again in zip(panels(new), given, strict=True):
        assert len(again.get_children()) >= len(old.get_children()) - 1


@pytest.mark.parametrize("name", CALLS)
def test_takes_ax_as_an_option(name):
    parameter = inspect.signature(getattr(figures, name)).parameters["ax"]
    assert parameter.default is None


@pytest.mark.parametrize("name", sorted(set(CALLS) - PICTURES))
def test_plots_name_both_axes(name):
    axes = panels(CALLS[name]())
    assert any(ax.get_xlabel() for ax in axes)
    for ax in axes:
        ticks = [label.get_text() for label in ax.get_yticklabels()]
        assert ax.get_ylabel() or any(ticks) or not ax.get_subplotspec().is_first_col()


@pytest.mark.parametrize("name", CALLS)
def test_leaves_the_readers_settings_alone(name):
    before = dict(mpl.rcParams)
    CALLS[name]()
    assert dict(mpl.rcParams) == before


@pytest.mark.parametrize("name", CALLS)
def test_text_is_readable(name):
    for ax in panels(CALLS[name]()):
        ax.figure.canvas.draw()
        shown = [t for t in ax.findobj(mpl.text.Text) if t.get_visible() and t.get_text()]
        assert min((t.get_fontsize() for t in shown), default=9) >= 9


def test_row_gives_axes_of_one_figure():
    axes = figures.row(3, height=2.0)
    assert len(axes) == 3
    assert {ax.figure for ax in axes} == {axes[0].figure}
    assert axes[0].figure.get_size_inches().tolist() == [7.2, 2.0]


def test_activation_curves_draw_the_kernels_and_their_zones():
    axes = figures.activation_curves(["tanh", "relu"], reach=4.0)
    z, a = axes[0, 0].lines[0].get_data()
    np.testing.assert_allclose(a, np.tanh(z))
    z, slope = axes[1, 1].lines[0].get_data()
    np.testing.assert_array_equal(slope, z > 0)
    zones = {
        name: {to_hex(patch.get_facecolor()) for patch in ax.patches}
        for name, ax in zip(("tanh", "relu"), axes[:, 0], strict=True)
    }
    assert zones == {"tanh": {colors.SATURATED.lower()}, "relu": {colors.DEAD.lower()}}
    edge = axes[0, 1].patches[1].get_x()
    assert 1 - np.tanh(edge) ** 2 == pytest.approx(0.05, abs=0.005)


def test_bug_table_says_ok_where_the_error_is_small():
    ax = CALLS["bug_table"]()
    assert texts(ax) == ["ok", "ok", "2.00", "0.50"]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["$W^{(1)}$", "$b^{(1)}$"]


def test_error_against_step_draws_an_exact_zero_at_the_lower_edge():
    ax = CALLS["error_against_step"]()
    dots, theory, best = ax.lines
    assert dots.get_ydata().tolist() == [1e-17, 1e-8, 1e-6, 1e-4]
    assert theory.get_ydata()[0] == 1e-9
    assert best.get_xdata()[0] == 1e-3


def test_error_bars_share_their_scale():
    before, after = CALLS["error_bars"]()
    assert [bar.get_height() for bar in after.patches] == (LINE / 2).tolist()
    assert before.get_ylim() == after.get_ylim()


def test_graphs_write_values_forward_and_slopes_backward():
    forward = texts(figures.neuron_graph(NEURON))
    both = texts(figures.neuron_graph(NEURON, SLOPES))
    assert "$e$ = \N{MINUS SIGN}0.5" in forward
    assert both.count("\N{MINUS SIGN}0.125") == len(NEURON)
    assert {"6", "7", "sum: 13"} <= set(texts(CALLS["shared_graph"]()))


def test_kink_draws_the_secant_across_the_bend():
    left, right = CALLS["kink"]()
    np.testing.assert_allclose(left.lines[1].get_xdata(), [-0.3, 0.7])
    assert right.lines[1].get_xdata()[0] == pytest.approx(0.2)


def test_layer_flow_writes_all_shapes():
    written = " ".join(texts(figures.layer_flow(50, 3, 2)))
    for shape in ("(50, 3)", "(50, 2)", "(3, 2)", "(2,)"):
        assert shape in written


def test_layers_against_theory_counts_layers_from_one():
    dots, theory = CALLS["layers_against_theory"]()[0, 0].lines
    assert dots.get_xdata().tolist() == [1, 2, 3, 4, 5]
    np.testing.assert_array_equal(theory.get_ydata(), LINE + 3)


def test_nudge_draws_a_tangent_of_that_slope():
    x, y = figures.nudge(LINE, LINE**2, at=(0.5, 0.25), slope=1.0, step=0.25).lines[1].get_data()
    np.testing.assert_allclose(np.diff(y), np.diff(x))


def test_bends_draw_parts_and_their_sum():
    left, right = CALLS["bends"]()
    assert len(left.lines) == 2
    np.testing.assert_array_equal(right.lines[1].get_ydata(), 3 * LINE)
    assert to_hex(right.lines[1].get_color()) == colors.PREDICTION.lower()


def test_points_differ_by_color_and_by_marker():
    zeros, ones = figures.class_points(X, Y).collections
    np.testing.assert_array_equal(zeros.get_offsets(), X[Y == 0])
    assert to_hex(zeros.get_facecolor()[0]) == colors.CLASSES[0].lower()
    assert to_hex(ones.get_facecolor()[0]) == colors.CLASSES[1].lower()
    assert zeros.get_paths()[0].vertices.shape != ones.get_paths()[0].vertices.shape


def test_decision_plane_shades_and_draws_the_line_at_one_half():
    ax = figures.decision_plane(lambda P: P[:, 0], X, Y, box=(0, 1, 0, 1))
    values = ax.images[0].get_array()
    assert values[0, 0] == 0
    assert values[0, -1] == 1
    line = np.concatenate([path.vertices for path in ax.collections[0].get_paths()])
    np.testing.assert_allclose(line[:, 0], 0.5)


def test_decision_plane_names_the_classes():
    ax = figures.decision_plane(lambda P: P[:, 0], X, Y, names=("malignant", "benign"))
    named = [text.get_text() for text in ax.get_legend().get_texts()]
    assert named == [("malignant", "benign")[k] for k in np.unique(Y)]


def test_decision_plane_without_a_boundary_has_no_line():
    with_line = figures.decision_plane(lambda P: P[:, 0], X, Y)
    without = figures.decision_plane(lambda P: np.full(len(P), 0.9), X, Y)
    assert len(without.collections) == len(with_line.collections) - 1


def test_compare_runs_draws_mean_and_band():
    ax = CALLS["compare_runs"]()
    assert ax.lines[0].get_ydata().tolist() == [4.0, 1.5]
    assert ax.lines[0].get_label() == "ReLU"
    band = ax.collections[0].get_paths()[0].vertices
    assert band[:, 1].min() == 1.0
    assert band[:, 1].max() == 5.0


def test_compare_runs_draws_another_middle():
    runs = {"relu": np.array([[3.0], [5.0], [100.0]])}
    ax = figures.compare_runs(runs, ylabel="loss", middle=np.median)
    assert ax.lines[0].get_ydata().tolist() == [5.0]


def test_confusion_writes_every_count_and_marks_mistakes():
    ax = CALLS["confusion"]()
    written = {text.get_text(): text.get_color() for text in ax.texts}
    assert written == {"5": "white", "4": "white", "1": colors.VERMILION}
    assert ax.get_ylabel() == "true class"


def test_feature_ranges_reach_from_least_to_greatest():
    ax = figures.feature_ranges(np.array([[1.0], [2.0], [9.0]]), ["age"], xlabel="years")
    assert ax.collections[0].get_segments()[0][:, 0].tolist() == [1.0, 9.0]
    assert ax.lines[0].get_xdata().tolist() == [2.0]


def test_image_grid_titles_images_and_marks_the_wrong_one():
    axes = figures.image_grid(IMAGES, ["a", "b", "c"], wrong=[False, True, False], columns=2)
    assert axes.shape == (2, 2)
    assert [ax.get_title() for ax in axes.flat] == ["a", "b", "c", ""]
    assert axes[0, 1].title.get_color() == colors.VERMILION
    np.testing.assert_array_equal(axes[0, 1].images[0].get_array(), IMAGES[1])


def test_signed_images_are_white_at_zero():
    image = figures.image_grid(IMAGES, ["a", "b", "c"], signed=True).flat[0].images[0]
    assert image.get_clim() == (-6.0, 6.0)
    assert image.cmap(0.5)[:3] == pytest.approx((1, 1, 1), abs=0.02)


def test_inputs_over_slope_counts_every_input_and_draws_the_slope():
    ax = CALLS["inputs_over_slope"]()
    assert sum(bar.get_height() for bar in ax.patches) == pytest.approx(100)
    twin = next(other for other in ax.figure.axes if other is not ax)
    z, slope = twin.lines[0].get_data()
    np.testing.assert_allclose(slope, 1 - np.tanh(z) ** 2, atol=1e-12)


def test_leak_marks_both_means_and_the_truth():
    ax = CALLS["leak"]()
    means = [lines.get_segments()[0][0, 0] for lines in ax.collections[1::2]]
    assert means == [50.0, 85.0]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["honest", "leaking"]
    assert ax.lines[0].get_xdata()[0] == 50


def test_learning_curve_draws_both_losses():
    training, validation = CALLS["learning_curve"]().lines
    assert training.get_ydata() == pytest.approx([1, 1 / 2, 1 / 3, 1 / 4])
    assert validation.get_ydata() == pytest.approx([2, 1, 2 / 3, 1 / 2])
    assert training.get_linestyle() != validation.get_linestyle()


def test_learning_curve_without_validation_has_one_line():
    records = [SimpleNamespace(epoch=k, loss=1.0, validation_loss=None) for k in range(2)]
    assert len(figures.learning_curve(records, log=True).lines) == 1


def test_lines_take_their_color_of_meaning():
    ax = figures.lines(
        LINE, {"training": LINE}, xlabel="x", ylabel="y", palette={"training": colors.TRAINING}
    )
    assert ax.lines[0].get_color() == colors.TRAINING
    assert ax.get_legend() is None


def test_lines_put_the_legend_beside_the_axes():
    ax = figures.lines(LINE, {"a": LINE, "b": -LINE}, xlabel="x", ylabel="y", beside=True)
    ax.figure.canvas.draw()
    assert ax.get_legend().get_window_extent().x0 >= ax.get_window_extent().x1


def test_loss_pair_draws_values_left_and_gradients_right():
    left, right = CALLS["loss_pair"]()
    np.testing.assert_array_equal(left.lines[0].get_ydata(), LINE**2)
    np.testing.assert_array_equal(right.lines[0].get_ydata(), 2 * LINE)


def test_matrix_product_takes_other_letters():
    ax = figures.matrix_product(X[:1], X[:2], names=("A", "B", "C"))
    assert {"$A$", "$B$", "$C$"} <= set(texts(ax))


def test_matrix_product_writes_all_numbers_and_shapes():
    ax = figures.matrix_product(np.array([[1.0, 2.0]]), np.array([[3.0], [4.0]]))
    assert {"1", "2", "3", "4", "11", "(1, 2)", "(2, 1)", "(1, 1)"} <= set(texts(ax))
    marked = [box for box in ax.patches if to_hex(box.get_facecolor()) != "#ffffff"]
    assert len(marked) == 2 + 2 + 1


def test_network_writes_shapes_and_shortens_wide_layers():
    ax = figures.network([10, 3, 1], most=7)
    assert {"$W^{(1)}$\n(10, 3)", "$W^{(2)}$\n(3, 1)", "$a^{(0)}$: 10"} <= set(texts(ax))
    assert [len(nodes.get_offsets()) for nodes in ax.collections] == [6, 3, 1]
    assert len(ax.lines) == 6 * 3 + 3 * 1


def test_neuron_writes_its_numbers():
    written = " ".join(texts(CALLS["neuron"]()))
    for number in ("$w_1$ = 0.5", "bias $b$ = 0.25", "$z$ =\n0.25", "tanh", "$a$ = 0.24", "−1"):
        assert number in written


def test_prediction_against_target_puts_targets_below():
    ax = CALLS["prediction_against_target"]()
    assert ax.collections[0].get_offsets().tolist() == [[1.5, 1.0], [2.5, 2.0]]
    np.testing.assert_array_equal(*ax.lines[0].get_data())


def test_signals_are_titled_with_their_class():
    axes = CALLS["signals"]()
    assert [ax.get_title(loc="left") for ax in axes.flat] == ["class 7", "class 3"]


def test_contour_paths_take_an_optimizers_color_and_name():
    ax = CALLS["contour_paths"]()
    adam, another = ax.lines[:2]
    np.testing.assert_array_equal(adam.get_xydata(), PATH)
    assert (adam.get_color(), adam.get_label()) == (colors.OPTIMIZERS["adam"], "Adam")
    assert another.get_label() == "another"
    assert ax.get_xlim() == SURFACES["ravine"].domain[0]


def test_contour_paths_on_a_surface_without_a_single_minimum():
    stars = len(CALLS["contour_paths"]().lines)
    ax = figures.contour_paths(SURFACES["saddle"], {"adam": PATH, "another": -PATH})
    assert len(ax.lines) == stars - 1


def test_contour_paths_draw_directions_through_the_minimum():
    Q = np.array([[0.8, -0.6], [0.6, 0.8]])
    ax = figures.contour_paths(SURFACES["ravine"], {"adam": PATH}, directions=Q)
    flat, steep = ax.lines[:2]
    np.testing.assert_array_equal([flat.get_xy1(), flat.get_xy2()], [[0, 0], Q[:, 0]])
    np.testing.assert_array_equal(steep.get_xy2(), Q[:, 1])


def test_parabola_steps_stay_on_the_parabola_and_in_the_frame():
    short, long = CALLS["parabola_steps"]()
    theta, loss = short.lines[1].get_data()
    np.testing.assert_allclose(loss, theta**2)
    assert long.lines[1].get_xdata().tolist() == [-2.0, -1.0]


def test_points_and_lines_share_colors_pairwise():
    line, points = CALLS["points_and_lines"]().lines
    assert line.get_color() == points.get_color()
    assert points.get_linestyle() == "None"


def test_rate_sweeps_ring_the_best_and_keep_the_diverged_at_the_top():
    dots, above, mean, ring = CALLS["rate_sweeps"]().lines
    assert dots.get_ydata().max() <= 4
    assert above.get_xydata().tolist() == [[1.0, 4.0]]
    assert mean.get_ydata().tolist() == [2.5, 1.5, 4.0]
    assert (ring.get_xdata().item(), ring.get_ydata().item()) == (0.1, 1.5)


def test_seed_points_show_every_seed_and_the_mean():
    ax = CALLS["seed_points"]()
    assert ax.collections[0].get_offsets()[:, 0].tolist() == [1.0, 2.0, 6.0]
    assert ax.collections[1].get_segments()[0][:, 0].tolist() == [3.0, 3.0]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["Adam", "other"]


def test_beside_seed_points_stand_the_mean_and_its_standard_error():
    groups = {"adam": np.array([1.0, 2.0, 6.0]), "other": np.array([-2.0, 0.0, 2.0])}
    error = [float(scipy.stats.sem(values)) for values in groups.values()]
    ax = figures.seed_points(groups, xlabel="loss", decimals=2)
    texts = [text.get_text() for text in ax.texts]
    assert texts == [f"+3.00 ± {error[0]:.2f}", f"+0.00 ± {error[1]:.2f}"]
    positive = figures.seed_points({"adam": groups["adam"]}, xlabel="loss", decimals=1)
    assert [text.get_text() for text in positive.texts] == [f"3.0 ± {error[0]:.1f}"]


def test_roofline_bends_where_memory_stops_to_be_the_limit():
    ax = CALLS["roofline"]()
    x, roof = ax.lines[0].get_data()
    np.testing.assert_allclose(roof, np.minimum(100, 10 * x))
    assert ax.lines[1].get_xdata() == [10, 10]


def test_step_times_are_multiples_of_ours():
    small, large, _ = CALLS["step_times"]().lines
    assert small.get_xdata() == pytest.approx([1.0, 2.0])
    assert np.isnan(large.get_xdata()[1])


def test_goal_bars_end_right_of_one_where_the_goal_is_met():
    bars = CALLS["goal_bars"]().patches
    assert [bar.get_x() + bar.get_width() for bar in bars] == pytest.approx([2.0, 0.5])


def test_sharpness_curves_draw_each_limit_in_its_runs_color():
    left, right = CALLS["sharpness_curves"]()
    run, limit = right.lines
    assert run.get_color() == limit.get_color() == left.lines[0].get_color()
    assert list(limit.get_ydata()) == [2.0, 2.0]


def test_stability_map_turns_from_blue_to_orange_at_one():
    ax = CALLS["stability_map"]()
    shades = ax.collections[0]
    (red, _, blue, _), (more_red, _, less_blue, _) = shades.cmap(shades.norm([0.999, 1.001]))
    assert red < blue
    assert more_red > less_blue
    np.testing.assert_array_equal(ax.lines[0].get_xdata(), 2 + LINE[2:])


def test_two_ends_has_one_arrow_back():
    ax = figures.two_ends()
    edges = [to_hex(patch.get_edgecolor()) for patch in ax.patches]
    assert edges.count(colors.BACKWARD.lower()) == 1
    assert "Inference" in " ".join(texts(ax))


def luminance(color):
    channels = np.array(mpl.colors.to_rgb(color))
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return linear @ [0.2126, 0.7152, 0.0722]


@pytest.mark.parametrize(("one", "other"), [colors.CLASSES, (colors.SATURATED, colors.DEAD)])
def test_areas_that_meet_differ_in_gray(one, other):
    dark, light = sorted((luminance(one), luminance(other)))
    assert (light + 0.05) / (dark + 0.05) > 1.15


def test_there_is_a_marker_for_every_class():
    assert len(set(MARKERS)) >= len(colors.CLASSES)


def test_measured_draws_the_mean_and_one_standard_error():
    ax = CALLS["measured"]()
    np.testing.assert_array_equal(ax.lines[0].get_ydata(), [2, 2])
    assert to_hex(ax.lines[0].get_color()).upper() == colors.TRAINING
    band = ax.collections[0].get_paths()[0].vertices
    assert (band[:, 1].min(), band[:, 1].max()) == (1, 3)  # √2 / √2 below and above 2


def test_measured_has_a_tick_for_each_of_few_points():
    series = {"one": np.ones((2, 3))}
    x = np.array([50.0, 100.0, 800.0])
    options = {"xlabel": "n", "ylabel": "loss", "scales": ("log", "linear")}
    ax = figures.measured(x, series, **options)
    assert [label.get_text() for label in ax.get_xticklabels()] == ["50", "100", "800"]


def test_scores_draw_means_errors_and_the_baseline():
    ax = CALLS["scores"]()
    dashed = ax.lines[-1]
    assert dashed.get_xdata()[0] == 52
    assert [label.get_text() for label in ax.get_yticklabels()] == ["none", "L2"]
    means = [container.lines[0].get_xdata()[0] for container in ax.containers]
    assert means == [52, 72]


def test_weight_paths_mark_the_first_exact_zero():
    ax = CALLS["weight_paths"]()
    (dot,) = [line for line in ax.lines if line.get_marker() == "o"]
    assert dot.get_xdata()[0] == 1.0


def test_constraint_draws_the_region_the_levels_and_the_points():
    ax = CALLS["constraint"]()
    assert len(ax.patches) == 1
    assert next(line.get_label() for line in ax.lines) == "free"


def test_bar_panels_write_values_zeros_and_what_is_missing():
    size, difference = CALLS["bar_panels"]()
    assert texts(size) == ["61.2k", "12.6k", "-"]
    assert texts(difference) == ["0", "2.4e−7", "-"]
    assert [bar.get_width() > 0 for bar in difference.patches] == [False, True, False]
    ends = [bar.get_x() + bar.get_width() for bar in size.patches]
    assert ends[:2] == [61_234, 12_600]
    assert [tick.get_text() for tick in size.get_yticklabels()] == ["Keras", "LiteRT", "NumPy"]
    assert not any(tick.get_text() for tick in difference.get_yticklabels())
    assert size.get_ylim() == difference.get_ylim() == (2.5, -0.5)


def test_bar_panels_take_linear_axes_and_colors():
    panels_ = {"bytes": [1.0, 3.0], "change": [-1.0, 2.0], "seconds": [0.1, 0.2]}
    log = {"bytes": False, "change": False}
    axes = figures.bar_panels(["a", "b"], panels_, log=log, palette={"b": colors.ORANGE})
    assert [ax.get_xscale() for ax in axes] == ["linear", "linear", "log"]
    assert [bar.get_width() for bar in axes[1].patches] == [-1.0, 2.0]
    shades = [to_hex(bar.get_facecolor()).upper() for bar in axes[0].patches]
    assert shades == [colors.BLUE, colors.ORANGE]


def test_bar_panels_of_a_share_end_their_ticks_at_100():
    panels_ = {"right (%)": [96.8, 50.0], "time (% of NumPy's)": [250.0, 50.0], "ms": [99.0, 1.0]}
    share, ratio, time = figures.bar_panels(["a", "b"], panels_, log=False)
    assert share.get_xticks().tolist() == [0, 50, 100]
    assert share.get_xlim()[1] > 110  # where the bar's number stands
    assert ratio.get_xticks()[-1] > 200
    assert time.get_xticks()[-1] > 100


def test_bar_panels_leave_room_for_eight_rows_and_four_panels():
    values = [1e-9, 123_456.0, 3.0, 0.0, None, 1.23e-8, 7.0, 55.5]
    labels = ("bytes", "start (s)", "latency, batch 1 (ms)", "largest difference")
    axes = figures.bar_panels(
        [f"runtime number {k}" for k in range(8)], dict.fromkeys(labels, values)
    )
    renderer = axes[0].figure.canvas.get_renderer()
    axes[0].figure.draw(renderer)
    frames = [ax.get_window_extent() for ax in axes]
    for ax, frame in zip(axes, frames, strict=True):
        boxes = [text.get_window_extent(renderer) for text in ax.texts]
        assert max(box.x1 for box in boxes) <= frame.x1
        ticks = [text.get_window_extent(renderer) for text in ax.get_xticklabels()]
        assert ticks
        assert all(one.x1 < two.x0 for one, two in pairwise(ticks))
    titles = [ax.xaxis.label.get_window_extent(renderer) for ax in axes]
    assert all(one.x1 < two.x0 for one, two in pairwise(titles))


def test_bar_panels_refuse_what_they_cannot_draw():
    few = "`panels` must have one value a name: 2, got 1 for 'bytes'"
    with pytest.raises(ValueError, match=f"^{re.escape(few)}$"):
        figures.bar_panels(["a", "b"], {"bytes": [1.0]})
    negative = (
        "`panels` must be 0 or more on a logarithmic axis, got -2 for 'change': give `log` as a "
        "mapping"
    )
    with pytest.raises(ValueError, match=f"^{re.escape(negative)}$"):
        figures.bar_panels(["a", "b"], {"change": [-2.0, np.nan]})


def framed(ax):
    """Return left, low, width and height of the thick frames."""
    boxes = [patch for patch in ax.patches if patch.get_linewidth() == 3]
    return [(*patch.get_xy(), patch.get_width(), patch.get_height()) for patch in boxes]


def test_convolution_frames_the_window_and_its_cell():
    ax = CALLS["convolution"]()
    window, cell = framed(ax)
    np.testing.assert_allclose(window, (0.5, 0.25, 0.5, 0.5))  # cells of 1/4: rows 1 to 2
    assert cell[2:] == (0.25, 0.25)
    drawn = [image.get_array() for image in ax.images]
    np.testing.assert_array_equal(drawn[1], [[1, -2], [0, 1]])
    assert {"1", "−2", "0", "×", "=", "framed: 1"} <= set(texts(ax))


def test_convolution_with_zeros_around_the_image():
    ax = figures.convolution(np.eye(4), np.ones((3, 3)), np.eye(4), at=(0, 3))
    np.testing.assert_allclose(framed(ax)[0], (0.5, 0.5, 0.75, 0.75))  # a row and a column outside


def test_convolution_refuses_what_is_none():
    shape = (
        "`output` must have shape (3, 3) (no padding) or (4, 4) (zeros around the image) for an "
        "image (4, 4) and a kernel (2, 2), got (2, 2): draw a convolution with stride 1"
    )
    with pytest.raises(ValueError, match=f"^{re.escape(shape)}$"):
        figures.convolution(np.eye(4), np.eye(2), np.eye(2), at=(0, 0))
    outside = "`at` must lie inside the output, of shape (3, 3), got (0, 3)"
    with pytest.raises(ValueError, match=f"^{re.escape(outside)}$"):
        figures.convolution(np.eye(4), np.eye(2), np.eye(3), at=(0, 3))


def test_workflow_carries_the_scalers_numbers_through_the_artifact():
    ax = figures.workflow()
    renderer = ax.figure.canvas.get_renderer()
    ax.figure.draw(renderer)
    thick = [patch for patch in ax.patches if patch.get_linewidth() == 3.5]
    assert {to_hex(patch.get_edgecolor()).upper() for patch in thick} == {colors.ORANGE}
    ends = [ax.transData.inverted().transform(p.get_window_extent()) for p in thick]
    (above, below) = sorted(ends, key=lambda end: -end[0, 1])
    scaler = next(text for text in ax.texts if text.get_text().startswith("scaler"))
    assert below[1, 1] < scaler.get_position()[1] < above[0, 1]
    assert texts(ax).count("scale") == 2
    boxes = [text.get_window_extent(renderer) for text in ax.texts]
    hits = [(a, b) for k, a in enumerate(boxes) for b in boxes[k + 1 :] if a.overlaps(b)]
    assert not hits


def marked(ax, mark):
    return [text.get_text() for text in ax.texts if text.get_gid() == mark]


def test_number_line_rounds_as_the_kernel_does_and_marks_what_is_clipped():
    ax = figures.number_line(0.25, 2, bits=4, values=[1.9, -0.6, 0.37])
    assert marked(ax, "value") == ["−0.6", "0.37", "1.9"]
    assert marked(ax, "rounded") == ["0", "3", "7"]  # -2.4 + 2, 1.48 + 2, 7.6 + 2 clipped
    (clipped,) = [line for line in ax.lines if line.get_marker() == "X"]
    assert (clipped.get_xdata()[0], clipped.get_color()) == (1.9, colors.VERMILION)
    ends = sorted(patch.get_path().vertices[:, 0].mean() for patch in ax.patches)
    assert len(ends) == 3
    assert ax.get_title(loc="left") == "x = 0.25 · (q − 2)"


def test_number_line_marks_every_whole_number_and_the_zero():
    ax = figures.number_line(0.02, -30)
    marks, above, zero, *_ = ax.collections[2:]
    places = [segment[0, 0] for segment in marks.get_segments()]
    np.testing.assert_allclose(places, 0.02 * (np.arange(-128, 128) + 30))
    assert len(above.get_segments()) == 256
    assert to_hex(zero.get_color()[0]).upper() == colors.GREEN
    shown = [text for text in ax.texts if text.get_color() == colors.GREEN]
    assert [text.get_text() for text in shown] == ["−30", "0"]
    assert {text.get_position()[0] for text in shown} == {0}


@pytest.mark.parametrize("arguments", [(0.02, -30), (0.01, -128), (0.5, 127), (0.25, 2, 4)])
def test_numbers_of_a_number_line_do_not_touch(arguments):
    scale, zero_point, *_ = arguments
    ends = scale * (np.array([-140, -100, -99, 0, 1, 2, 90]) - zero_point)
    values = [*ends] if len(arguments) == 2 else [-2.6, 0.1, 0.37, 0.38, 1.9]
    ax = figures.number_line(*arguments, values=values)
    renderer = ax.figure.canvas.get_renderer()
    ax.figure.draw(renderer)
    boxes = [text.get_window_extent(renderer) for text in ax.texts]
    assert not [(a, b) for k, a in enumerate(boxes) for b in boxes[k + 1 :] if a.overlaps(b)]
    frame = ax.figure.bbox
    assert all(box.x0 >= frame.x0 and box.x1 <= frame.x1 for box in boxes)


def test_number_line_refuses_what_is_no_scale_and_no_zero_point():
    message = "`scale` must be above 0, got 0.0"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        figures.number_line(0.0, 0)
    message = "`zero_point` must be from -8 to 7, got 9"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        figures.number_line(0.1, 9, bits=4)


def test_rounding_cases_color_the_rows_that_differ():
    ax = CALLS["rounding_cases"]()
    assert marked(ax, "real") == ["2.5", "−7.49999998", "4.31"]
    assert marked(ax, "rounded") == ["2", "3", "−7", "−7", "4", "4"]
    (band,) = ax.patches
    assert (band.get_y() + band.get_height() / 2, to_hex(band.get_facecolor()).upper()) == (
        pytest.approx(0),
        colors.SATURATED,
    )
    dots = [line.get_xdata()[0] for line in ax.lines if line.get_marker() == "o"]
    np.testing.assert_allclose(dots, [0.5, 0.50000002, 0.31])
    ways = {
        marker: [line.get_xdata()[0] for line in ax.lines[2:] if line.get_marker() == marker]
        for marker in "v^"
    }
    assert ways == {"v": [0, 1, 0], "^": [1, 1, 0]}


def test_rounding_cases_refuse_what_is_no_rounding():
    message = "`double_rounded` must have one number a result: 2, got 1"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        figures.rounding_cases([2.5, 3.5], [2, 4], [3])
    message = (
        "`float_rounded` must be next to the real number, got 127 for 140.5: leave the zero point "
        "and clipped results out"
    )
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        figures.rounding_cases([140.5], [127], [141])


def test_pareto_draws_the_front_and_fills_its_points():
    ax = CALLS["pareto"]()
    (front,) = [line for line in ax.lines if line.get_label() == "best with so many bytes"]
    np.testing.assert_array_equal(front.get_xdata()[:-1], [9_900, 53_856])
    np.testing.assert_array_equal(front.get_ydata(), [95.0, 96.9, 96.9])
    filled = {
        line.get_xdata()[0]: line.get_markerfacecolor() != "white"
        for line in ax.lines
        if len(line.get_xdata()) == 1
    }
    assert filled == {183_108: False, 53_856: True, 9_900: True}
    legend = [text.get_text() for text in ax.get_legend().texts]
    assert legend == ["teacher", "student", "best with so many bytes"]
    assert ax.get_xscale() == "log"
    plain = figures.pareto({"a": (1, 1)}, xlabel="bytes", ylabel="right", front=False)
    assert plain.get_legend() is None


AXES = {"xlabel": "bytes", "ylabel": "right (%)"}


def test_pareto_shows_the_accuracy_that_is_asked_for():
    ax = figures.pareto({"a": (1000, 96.0), "b": (2000, 97.0)}, least=90.0, **AXES)
    (line,) = [line for line in ax.lines if line.get_linestyle() == "--"]
    assert set(line.get_ydata()) == {90.0}
    low, _ = ax.get_ylim()
    assert low < 90
    near = figures.pareto({"a": (1000, 96.97), "b": (2000, 99.0)}, front=False, least=97.0, **AXES)
    renderer = near.figure.canvas.get_renderer()
    height = near.transData.transform((1000, 97.0))[1]
    assert not [text for text in near.texts if within(text.get_window_extent(renderer), height)]


def within(box, height):
    return box.y0 <= height <= box.y1


def test_names_of_a_pareto_figure_do_not_touch():
    points = [("50%", 240_000, 98.3, "a"), ("0%", 340_000, 98.3, "a"), ("small", 3000, 97.5, "b")]
    ax = figures.pareto(points, xlabel="bytes", ylabel="right (%)")
    renderer = ax.figure.canvas.get_renderer()
    ax.figure.draw(renderer)
    boxes = [text.get_window_extent(renderer).padded(3, 0) for text in ax.texts]
    assert not [(a, b) for k, a in enumerate(boxes) for b in boxes[k + 1 :] if a.overlaps(b)]


def test_twelve_names_of_a_pareto_figure_cover_nothing():
    rng = np.random.default_rng(0)
    sizes, scores = 10 ** rng.uniform(4, 4.6, 12), 95 + rng.uniform(0, 2, 12)
    table = [(f"student {k}, int8", sizes[k], scores[k], "a") for k in range(12)]
    ax = figures.pareto(table, xlabel="bytes", ylabel="right (%)")
    renderer = ax.figure.canvas.get_renderer()
    ax.figure.draw(renderer)
    boxes = [text.get_window_extent(renderer) for text in ax.texts]
    assert not [(a, b) for k, a in enumerate(boxes) for b in boxes[k + 1 :] if a.overlaps(b)]
    places = ax.transData.transform(np.stack([sizes, scores], axis=1))
    assert not [place for place in places for box in boxes if box.contains(*place)]
    frame = ax.get_window_extent(renderer)
    assert all(box.x0 >= frame.x0 and box.x1 <= frame.x1 for box in boxes)


def test_pareto_refuses_bytes_that_have_no_logarithm():
    message = "`points` must have bytes above 0, got [0.0]"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        figures.pareto({"nothing": (0, 90.0)}, xlabel="bytes", ylabel="right")


def test_waterfall_writes_the_factor_of_each_step():
    ax = CALLS["waterfall"]()
    assert texts(ax) == ["400 kB", "400 kB", "÷1", "100 kB", "÷4", "25 kB", "÷4", "in all ÷16"]
    heights = [(bar.get_y(), bar.get_y() + bar.get_height()) for bar in ax.patches[1:]]
    assert heights == [(400_000, 400_000), (100_000, 400_000), (25_000, 100_000)]
    assert ax.get_yscale() == "log"


def test_a_step_up_has_another_color():
    ax = figures.waterfall({"a": 100, "b": 120}, ylabel="bytes")
    assert texts(ax) == ["100 B", "120 B", "×1.2", "in all ×1.2"]
    assert to_hex(ax.patches[1].get_facecolor()).upper() == colors.VERMILION


def test_waterfall_refuses_less_than_a_step():
    message = "`steps` must be two or more, with bytes above 0, got [5]"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        figures.waterfall({"float32": 5}, ylabel="bytes")


def test_weight_histogram_counts_what_is_left():
    rng = np.random.default_rng(0)
    W = [rng.normal(size=(30, 20)), rng.normal(size=400)]
    masks = [np.abs(part) > 1 for part in W]
    ax = figures.weight_histogram(W, masks=masks, quantized=[np.round(part) for part in W])
    before, after = (patch.get_data().values for patch in ax.patches)
    assert (before.sum(), after.sum()) == (1000, sum(mask.sum() for mask in masks))
    edges = ax.patches[0].get_data().edges
    kept = np.concatenate([part[mask] for part, mask in zip(W, masks, strict=True)])
    np.testing.assert_array_equal(after, np.histogram(kept, edges)[0])
    (levels,) = ax.collections
    flat = np.concatenate([part.ravel() for part in W])
    assert [line[0, 0] for line in levels.get_segments()] == np.unique(flat.round()).tolist()
    share = 100 * (1 - after.sum() / 1000)
    legend = [text.get_text() for text in ax.get_legend().texts]
    assert legend[1:] == [
        f"after: {after.sum()} weights, {share:.0f} % are 0",
        f"{len(levels.get_segments())} levels",
    ]


def test_weight_histogram_refuses_masks_of_another_size():
    message = "`masks` must be as many as the weights, 4, got 3"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        figures.weight_histogram(np.ones((2, 2)), masks=np.ones(3, bool))


def test_a_number_line_takes_a_zero_point_of_a_narrow_type():
    one, other = (figures.number_line(0.5, zero, values=[0.3]) for zero in (5, np.int8(5)))
    assert one.get_xlim() == other.get_xlim()
    assert [t.get_text() for t in one.texts] == [t.get_text() for t in other.texts]
    message = "`values` must be finite, got 1 NaN, the first in entry 0"
    with pytest.raises(ValueError, match=f"^{message}$"):
        figures.number_line(0.5, 5, values=[np.nan])


def test_a_score_that_is_nan_is_on_no_front():
    found = on_front(np.array([1.0, 2.0, 3.0]), np.array([np.nan, 95.0, 90.0]))
    assert found.tolist() == [False, True, False]


def test_shares_are_written_into_a_confusion_matrix_too():
    ax = figures.confusion(np.array([[0.75, 0.25], [0.0, 1.0]]))
    assert [text.get_text() for text in ax.texts] == ["0.75", "0.25", "1"]


def test_whole_numbers_of_narrow_types_are_drawn_as_they_are():
    """In a uint8 the product 200 x 2 is 144; an int8 has no 128."""
    texts = [t.get_text() for t in figures.matrix_product(np.uint8([[200]]), np.uint8([[2]])).texts]
    assert "400" in texts
    axes = figures.image_grid(np.full((1, 2, 2), -128, np.int8), ["a"], signed=True, columns=1)
    assert axes.flat[0].images[0].get_clim() == (-128, 128)
    ends = np.array([[-128, -128], [127, 127]], np.int8)
    ax = figures.decision_plane(lambda P: P[:, 0], ends, np.array([0, 1], np.uint8))
    assert ax.get_xlim()[0] < -128
    assert ax.get_xlim()[1] > 127


def test_names_may_be_an_array():
    names = np.array(["cat", "dog"])
    ax = figures.confusion(np.eye(2, dtype=int), names)
    assert [t.get_text() for t in ax.get_xticklabels()] == ["cat", "dog"]
    assert figures.class_points(X, Y, names=names).get_legend() is not None
