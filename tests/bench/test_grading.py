"""A class of 300, killed and resumed, and what a submission costs beside two other graders."""

import os
import signal

import pytest

from deeplearn_utils.grading.kernel import GradedKernel
from deeplearn_utils.grading.limits import Limits
from deeplearn_utils.grading.sandbox import why_not
from deeplearn_utils.grading.sandbox.provisioner import warmed
from tests.bench import goals
from tests.bench.graders import GRADERS, can_count, cpu_seconds, points_told
from tests.grading.a_class import (
    CLUSTER,
    GRADE,
    expected,
    fill,
    finished,
    is_odd,
    marks,
    number,
    records,
    started,
)

CLASS = 300
FEW, MANY = 1, 7
"""Submissions of two runs: their difference is what each costs once all is loaded."""


@pytest.fixture(scope="module", autouse=True)
def _two_cores():
    """Keep all on two cores, and say where no sandbox can be had."""
    if reason := why_not():
        pytest.skip(reason)
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, set(sorted(cores)[:2]))
    yield
    os.sched_setaffinity(0, cores)


def test_a_class_that_is_killed_and_resumed_has_the_marks_of_one_in_one_piece(tmp_path, table):
    (tmp_path / "in").mkdir()
    fill(tmp_path / "in", CLASS)
    assert len(finished(GRADE, tmp_path / "in", tmp_path / "whole")) == CLASS
    whole = marks(tmp_path / "whole")
    honest = {name: row for name, row in whole.items() if not is_odd(number(name))}
    assert {name: row[1] for name, row in honest.items()} == {
        n: expected(number(n)) for n in honest
    }

    process = started(GRADE, tmp_path / "in", tmp_path / "killed")
    for _ in range(CLASS // 2):
        process.stdout.readline()
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    kept = len(records(tmp_path / "killed"))
    again = len(finished(GRADE, tmp_path / "in", tmp_path / "killed"))
    assert again == CLASS - kept

    lines = finished(CLUSTER, tmp_path / "in", tmp_path / "cluster")
    assert lines.count("killed 1") == 1
    same = {how: marks(tmp_path / how) == whole for how in ("killed", "cluster")}
    header = ("run", "graded", "same marks")
    table("A class of 300", header, "in one piece", CLASS, "")
    table("A class of 300", header, f"killed after {kept}", again, same["killed"])
    table("A class of 300", header, "two Dask workers, one killed", CLASS, same["cluster"])
    assert all(same.values())


def test_a_submission_costs_less_than_with_other_graders(tmp_path, table):
    if not can_count():
        goals.not_here("grading a notebook", "needs a control group that counts processor time")
        return
    each = {}
    header = ("grader", "CPU-s for the first", "CPU-s for each more")
    for name, prepare in GRADERS.items():
        folder = tmp_path / name
        folder.mkdir()
        took = {}
        for n in (FEW, MANY):
            took[n], said = cpu_seconds(prepare(folder, n), folder)
            assert points_told(name, folder, n, said) == n, said
        each[name] = (took[MANY] - took[FEW]) / (MANY - FEW)
        table("Three checks", header, name, f"{took[FEW]:.1f}", f"{each[name]:.2f}")
    ours = each.pop("this book")
    for name, theirs in each.items():
        goals.no_slower(f"grading a notebook: {name}", ours, theirs, 0.8)


def test_a_tensorflow_kernel_that_is_forked_costs_little(table):
    program = "import tensorflow as tf; print(float(tf.reduce_sum(tf.ones(3))))"
    limits = Limits(cell_cpu_s=600, cell_wall_s=600, start_s=600)
    server = warmed(["tensorflow"])
    spent = {}
    for how, modules in (("imported in each", ()), ("forked", ("tensorflow",))):
        kernel = GradedKernel(limits, warm=modules)
        assert kernel.run(program).text == "3.0\n"
        spent[how] = kernel.used().cpu_s
        kernel.stop()
        table("TensorFlow's kernels", ("TensorFlow is", "CPU-s"), how, f"{spent[how]:.2f}")
    server.stop()
    ours, theirs = spent["forked"], spent["imported in each"]
    goals.no_slower("a kernel with TensorFlow: one that imports it", ours, theirs, 0.25)
