"""Adding to the package touches one folder and one line, as CONTRIBUTING says."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]

ACTIVATION = '''

def square(z: Array, /) -> Array:
    """Return z²."""
    return z * z


def square_backward(da: Array, z: Array, /) -> Array:
    """Return 2 z da."""
    return 2 * z * da


ACTIVATIONS["square"] = Activation(square, square_backward)
'''
FIGURE = '''
"""A dot."""

from deeplearn_utils.figures.style import one, styled


@styled
def dot(ax=None):
    """Draw a dot."""
    ax = one(ax)
    ax.plot([0], [0], "o")
    return ax
'''
PANEL = '''
"""A parabola."""

import numpy as np

from ..explorer import Explorer
from ..parts.controls import Slider, even_stops
from ..parts.frame import Question
from ..parts.marks import Axis, Line, Pane


class ParabolaExplorer(Explorer):
    """y = a x^2."""

    name, title, summary = "parabola", "A parabola", "The parabola y = x squared."
    controls = (Slider("a", "steepness a", even_stops(-1, 1, 0.5), 1.0),)
    x, y = Axis(label="x", domain=(-1, 1)), Axis(label="y", domain=(-1, 1))
    panes = (Pane(title="y = a x^2", x=x, y=y, marks=(Line(x="x", y="y"),)),)
    depends = {"x": ()}
    question = Question("For a < 0 it opens", ("up", "down"), 1, "Down.")

    def look(self, a):
        return {"a": a, "x": np.linspace(-1, 1, 5)}

    def compute(self, look):
        return {"x": look["x"], "y": look["a"] * look["x"] ** 2}

    def describe(self, look):
        return f"At x = 1 the height is {look['a']:.1f}."
'''
COMMAND = '''
"""`deeplearn hello`."""


def hello() -> None:
    """Say hello."""
    print("hello")
'''

CASES = {
    "an activation": (
        {"kernels/activations.py": ACTIVATION},
        None,
        "from deeplearn_utils.networks import MLP; import numpy as np\n"
        "from deeplearn_utils.gradcheck import check_gradient\n"
        "net = MLP([2, 3, 1], activation='square', loss='mse')\n"
        "theta = net.init(np.random.default_rng(0)); X, y = np.ones((4, 2)), np.zeros((4, 1))\n"
        "report = check_gradient(lambda t: net.loss_and_gradient(t, X, y)[0],\n"
        "    lambda t: net.loss_and_gradient(t, X, y)[1], theta)\n"
        "assert report.passed",
    ),
    "a figure": (
        {"figures/optimizers/dots.py": FIGURE},
        (
            "figures/__init__.py",
            "\n__all__",
            "from deeplearn_utils.figures.optimizers.dots import dot\n\n__all__",
        ),
        "from deeplearn_utils import figures\n"
        "assert 'dot' in figures.__all__; assert len(figures.dot().lines) == 1",
    ),
    "a panel": (
        {"explorers/optimizers/parabola.py": PANEL},
        (
            "explorers/__init__.py",
            "PANELS = {\n",
            'PANELS = {\n    "parabola": "optimizers.parabola.ParabolaExplorer",\n',
        ),
        "from deeplearn_utils.explorers import EXPLORERS, ParabolaExplorer\n"
        "assert EXPLORERS['parabola'] is ParabolaExplorer\n"
        "assert {'text/plain', 'image/png'} <= set(ParabolaExplorer()._repr_mimebundle_())",
    ),
    "a command": (
        {"commands/hello.py": COMMAND},
        (
            "commands/__init__.py",
            "COMMANDS = (\n",
            'COMMANDS = (\n    "hello",\n',
        ),
        "from typer.testing import CliRunner; from deeplearn_utils.__main__ import app\n"
        "assert CliRunner().invoke(app, ['hello']).output == 'hello\\n'",
    ),
}


@pytest.mark.parametrize("what", CASES)
def test_one_file_and_one_line_are_enough(what, tmp_path):
    files, line, program = CASES[what]
    package = tmp_path / "deeplearn_utils"
    ignored = shutil.ignore_patterns("__pycache__", "javascript")
    shutil.copytree(ROOT / "deeplearn_utils", package, ignore=ignored)
    for name, text in files.items():
        with (package / name).open("a", encoding="utf-8") as file:
            file.write(text)
    if line is not None:
        name, old, new = line
        text = (package / name).read_text(encoding="utf-8")
        assert text.count(old) == 1
        (package / name).write_text(text.replace(old, new), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
