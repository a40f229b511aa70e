"""The same three-check notebook for three graders: this book's, nbgrader, otter-grader.

Each function prepares a folder with copies of one right submission and returns the command that
grades them all, one after the other.
"""

import contextlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
from nbformat import v4

from deeplearn_utils.grading.assignments import ROOT

TASKS = {
    "neuron": (
        "def neuron(X, w, b):\n",
        "    return X @ w + b\n",
        "assert np.allclose(neuron(np.eye(2), np.ones(2), 1.0), 2.0)",
        "rng.normal(size=(6, 4)), rng.normal(size=4), float(rng.normal())",
    ),
    "sigmoid": (
        "def sigmoid(z):\n",
        "    return np.exp(-np.logaddexp(0, -z))\n",
        "assert np.allclose(sigmoid(np.zeros(3)), 0.5)",
        "(rng.normal(size=9),)",
    ),
    "mse": (
        "def mse(p, t):\n",
        "    return float(np.mean((p - t) ** 2))\n",
        "assert mse(np.zeros(3), np.ones(3)) == 1.0",
        "rng.normal(size=9), rng.normal(size=9)",
    ),
}
HIDDEN = """
### BEGIN HIDDEN TESTS
def cases(rng):
    for kind in ("small numbers", "other numbers", "more numbers"):
        yield (kind, *({inputs}))

def answer(*inputs):
    return {name}(*inputs)
### END HIDDEN TESTS
"""
NBGRADER_HIDDEN = """
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(7)
for _ in range(3):
    inputs = {inputs}
    assert np.allclose({name}(*inputs), {name}(*inputs))
### END HIDDEN TESTS
"""
OTTER = """
import glob, sys
from otter.api import grade_submission
for path in sorted(glob.glob(f"{sys.argv[1]}/*.ipynb")):
    done = grade_submission(path, glob.glob("dist/autograder/*.zip")[0], quiet=True)
    print("points", done.total)
"""
OURS = """
import sys
from deeplearn_utils.grading import grade
if __name__ == "__main__":
    for record in grade(sys.argv[1], "three.ipynb", sys.argv[2], workers=1):
        print("points", record["points"])
"""
GROUPS = ("/sys/fs/cgroup/cpuacct", "/sys/fs/cgroup")
METER = """
import os, subprocess, sys
open(sys.argv[1] + "/cgroup.procs", "w").write(str(os.getpid()))
done = subprocess.run(sys.argv[2:], capture_output=True, text=True)
print(done.returncode, done.stdout[-3000:], done.stderr[-3000:])
"""
"""A control group counts all below a command. Their parents don't: what is killed at once with all
of a process name space leaves no times to anybody."""


def group():
    """Return a new control group that counts processor time; None where none can be made."""
    for place in map(Path, GROUPS):
        made = place / f"bench-{os.getpid()}"
        with contextlib.suppress(OSError):
            made.mkdir()
            if (made / "cgroup.procs").exists():
                return made
            made.rmdir()
    return None


def can_count():
    """Tell whether a control group can be made here."""
    made = group()
    if made is not None:
        made.rmdir()
    return made is not None


def used(group):
    """Return the seconds of processor time in a control group."""
    first = group / "cpuacct.usage"
    if first.exists():
        return int(first.read_text()) / 1e9
    return int(re.search(r"usage_usec (\d+)", (group / "cpu.stat").read_text())[1]) / 1e6


def cpu_seconds(command, folder):
    """Return the processor time of a command with all that it starts, and what it printed."""
    made = group()
    words = [sys.executable, "-c", METER, made, *command]
    try:
        told = subprocess.run(
            list(map(str, words)),
            cwd=folder,
            env=surroundings(command[0]),
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        seconds = used(made)
    finally:
        while (made / "cgroup.procs").read_text():  # the last ones are ending
            os.sched_yield()
        made.rmdir()
    status, _, said = told.partition(" ")
    assert status == "0", said
    return seconds, said


def python_of(peer):
    """Return the Python of another grader's environment."""
    return ROOT / "build" / peer / "bin" / "python"


def surroundings(python):
    """Return what is set for a program: its own folder of programs comes first."""
    path = f"{Path(python).parent}{os.pathsep}{os.environ['PATH']}"
    own = {"PYTHONPATH": str(ROOT)} if python == sys.executable else {}
    return {**os.environ, "PATH": path, **own}


def prepared(command, folder):
    """Run a command that only prepares."""
    done = subprocess.run(
        list(map(str, command)),
        cwd=folder,
        env=surroundings(command[0]),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


def marked(hidden):
    """Return the three-check notebook with nbgrader's metadata."""
    cells = [v4.new_code_cell("import numpy as np")]
    for name, (head, body, visible, inputs) in TASKS.items():
        marks = {"schema_version": 3, "locked": False, "task": False}
        source = f"{head}    ### BEGIN SOLUTION\n{body}    ### END SOLUTION"
        answer = v4.new_code_cell(source)
        answer.metadata["nbgrader"] = marks | {"grade": False, "solution": True, "grade_id": name}
        check = v4.new_code_cell(f"{visible}\n{hidden.format(name=name, inputs=inputs)}".strip())
        check.metadata["nbgrader"] = marks | {
            **{"grade": True, "solution": False, "locked": True},
            **{"points": 1, "grade_id": f"{name}-check"},
        }
        cells += [answer, check]
    return notebook(cells)


def notebook(cells):
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})


def ours(folder, number):
    nbformat.write(marked(HIDDEN), folder / "three.ipynb")
    place = folder / f"in {number}"
    place.mkdir()
    for k in range(number):
        nbformat.write(marked(HIDDEN), place / f"{k}.ipynb")
    return [sys.executable, "-c", OURS, place, folder / f"out {number}"]


def nbgrader(folder, number):
    place = folder / str(number)
    (place / "source" / "ps").mkdir(parents=True)
    solved = marked(NBGRADER_HIDDEN)
    nbformat.write(solved, place / "source" / "ps" / "three.ipynb")
    program = [python_of("nbgrader"), "-m", "nbgrader"]
    root = f"--CourseDirectory.root={place}"
    prepared([*program, "generate_assignment", "ps", root], place)
    for k in range(number):
        handed = place / "submitted" / f"student{k}" / "ps"
        handed.mkdir(parents=True)
        nbformat.write(solved, handed / "three.ipynb")
    return [*program, "autograde", "ps", root]


def otter(folder, number):
    cells = [
        v4.new_raw_cell("# ASSIGNMENT CONFIG\nname: three\nrun_tests: false\nexport_cell: false"),
        v4.new_code_cell("import numpy as np"),
    ]
    for name, (head, body, visible, inputs) in TASKS.items():
        hidden = NBGRADER_HIDDEN.format(name=name, inputs=inputs).replace("###", "#")
        hidden = "\n".join(line for line in hidden.splitlines() if not line.startswith("# "))
        tests = [v4.new_code_cell(visible), v4.new_code_cell(f"# HIDDEN\n{hidden.strip()}")]
        parts = [("SOLUTION", [v4.new_code_cell(head + body)]), ("TESTS", tests)]
        cells += [v4.new_raw_cell(f"# BEGIN QUESTION\nname: {name}\npoints: 1")]
        cells += [v4.new_markdown_cell(name)]
        for what, inner in parts:
            cells += [v4.new_raw_cell(f"# BEGIN {what}"), *inner, v4.new_raw_cell(f"# END {what}")]
        cells += [v4.new_raw_cell("# END QUESTION")]
    path = folder / "three.ipynb"
    nbformat.write(notebook(cells), path)
    if not (folder / "dist").exists():
        prepared([python_of("otter"), "-m", "otter", "assign", path.name, "dist"], folder)
    place = folder / f"in {number}"
    place.mkdir()
    for k in range(number):
        (place / f"{k}.ipynb").write_bytes((folder / "dist/autograder/three.ipynb").read_bytes())
    return [python_of("otter"), "-c", OTTER, place.name]


GRADERS = {"this book": ours, "nbgrader": nbgrader, "otter-grader": otter}


def points_told(name, folder, number, said):
    """Return how many submissions have full marks, as the grader itself tells it."""
    if name != "nbgrader":
        return sum(float(line.split()[1]) == 3 for line in said.splitlines() if "points" in line)
    program = (
        "import json, sys; from nbgrader.api import Gradebook\n"
        "with Gradebook('sqlite:///' + sys.argv[1]) as book:\n"
        "    print(json.dumps([s.score for s in book.assignment_submissions('ps')]))"
    )
    command = [python_of("nbgrader"), "-c", program, folder / str(number) / "gradebook.db"]
    return json.loads(subprocess.check_output(command)).count(3.0)
