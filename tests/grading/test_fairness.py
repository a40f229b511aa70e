"""A busy machine, a neighbor or a run that was killed costs nobody a point, and leaves nothing."""

import ctypes
import json
import os
import signal
import subprocess
import sys
import tempfile
import venv
from pathlib import Path
from unittest.mock import Mock

import nbformat
import psutil
import pytest
import zmq

from deeplearn_utils.grading import kernel
from deeplearn_utils.grading.assignments import ROOT, read
from deeplearn_utils.grading.checking import check
from deeplearn_utils.grading.folders import PREFIX, Folder
from deeplearn_utils.grading.kernel import GradedKernel, NotStarted
from deeplearn_utils.grading.limits import Limits
from deeplearn_utils.grading.messages import Heard, Outcome, received
from deeplearn_utils.grading.plugin import GradedFile, Grading
from deeplearn_utils.grading.pool import Worker
from deeplearn_utils.grading.sandbox.watching import below
from deeplearn_utils.grading.submissions import Submission
from tests.grading.as_user import as_nobody, site_packages
from tests.grading.notebooks import notebook_of, points, solutions

PATIENT = Limits(cell_wall_s=600, start_s=600)
CHILD_SUBREAPER = 36  # PR_SET_CHILD_SUBREAPER: orphans become our children
NEIGHBORS = """
from deeplearn_utils.grading.kernel import GradedKernel
from deeplearn_utils.grading.limits import Limits
forks = '''
import os, time
for _ in range(40):
    if os.fork() == 0:
        time.sleep(10_000)
print("all")
'''
kernels = [GradedKernel(Limits(cell_wall_s=600, start_s=600, processes=80)) for _ in range(4)]
for one in kernels:
    done = one.run(forks)
    print(done.ended, done.text.strip(), done.message)
for one in kernels:
    one.stop()
"""


class Played:
    """A kernel whose cells end as they are told to."""

    def __init__(self, *ends):
        self.ends, self.ran, self.starts = list(ends), [], 0

    def run(self, source, until, *, silent):
        self.ran.append(source)
        return Outcome(self.ends.pop(0))

    def start(self):
        self.starts += 1

    def is_over(self, until):
        return until <= 1.0


def played(*ends):
    file = GradedFile.__new__(GradedFile)
    file.kernel, file.done, file.end = Played(*ends), ["earlier"], float("inf")
    return file


@pytest.mark.parametrize("outcome", ["passed", "failed", "skipped"])
def test_a_check_gives_points_only_if_pytest_says_passed(outcome):
    """nbval's own plugin marks what comes after a time-out, and ends as if all were well."""
    grading = Grading(nbformat.v4.new_notebook(), Limits(), sandboxed=False)
    told = {"user_properties": [("check", "softmax-check")], "outcome": outcome}
    for when in ("setup", "call", "teardown"):
        other = {} if when == "call" else {"outcome": "passed"}
        grading.pytest_runtest_logreport(Mock(**{**told, **other, "when": when}))
    assert grading.passed == ({"softmax-check"} if outcome == "passed" else set())


def said(number, kind, **content):
    header = {"msg_type": kind}
    return {"parent_header": {"msg_id": number}, "header": header, "content": content}


@pytest.mark.parametrize("end", ["died", "memory", "processes", "output"])
def test_what_ended_without_being_slow_has_a_second_try_on_a_fresh_kernel(end):
    file = played(end, "ok", "ok")
    assert file.run("now").ended == "ok"
    assert (file.kernel.ran, file.kernel.starts) == (["now", "earlier", "now"], 1)


def test_what_fails_twice_fails_and_the_next_cell_finds_a_kernel():
    file = played("died", "ok", "died", "ok", "ok")
    assert file.run("now").ended == "died"
    assert file.run("next").ended == "ok"
    assert file.kernel.starts == 2


def test_what_took_too_long_is_not_tried_again():
    file = played("time", "ok")
    assert file.run("now").ended == "time"
    assert file.kernel.ran == ["now", "earlier"]


def test_what_was_there_is_run_again_as_long_as_there_is_time():
    """Each earlier cell had a kernel of its own after the end: 12 cells, 12 kernels."""
    file = played("ok")
    file.done = ["first", "second", "third"]
    run = file.kernel.run

    def runs_out(source, until, *, silent):
        file.end = 0.0
        return run(source, until, silent=silent)

    file.kernel.run = runs_out
    file.start_again()
    assert (file.kernel.ran, file.kernel.starts) == (["first"], 1)


def test_after_one_is_left_out_all_others_are_run_again():
    """The kernel that was started for the next one had nothing of what stood before."""
    file = played("ok", "died", "ok", "ok")
    file.done = ["first", "second", "third"]
    file.start_again()
    assert file.done == ["first", "third"]
    assert file.kernel.ran == ["first", "second", "first", "third"]
    assert file.kernel.starts == 2


def test_output_that_is_late_is_waited_for_and_output_that_is_lost_is_told():
    heard = Heard("1", asked="2")
    heard.note(said("1", "execute_reply", status="ok"), shell=True)
    heard.note(said("2", "kernel_info_reply"), shell=True)
    assert not heard.is_over
    assert not heard.lost
    heard.note(said("1", "status", execution_state="idle"), shell=False)
    heard.note(said("2", "status", execution_state="idle"), shell=False)
    assert heard.is_over
    assert not heard.lost
    heard = Heard("1", asked="2")
    heard.note(said("2", "status", execution_state="idle"), shell=False)
    assert heard.lost


def test_output_that_nobody_reads_may_be_lost():
    heard = Heard("1", silent=True, asked="2")
    heard.note(said("1", "execute_reply", status="ok"), shell=True)
    heard.note(said("2", "status", execution_state="idle"), shell=False)
    assert heard.is_over
    assert not heard.lost


def test_a_message_of_far_too_many_parts_is_heard_in_pieces():
    """One of 12 million parts was taken in whole: 25 seconds in which nobody looked at limits."""
    with zmq.Context() as context:
        one, other = context.socket(zmq.PAIR), context.socket(zmq.PAIR)
        one.bind("inproc://parts")
        other.connect("inproc://parts")
        one.send_multipart([b"x"] * 2500)
        one.send_multipart([b"y"])
        sizes = [len(received(other)) for _ in range(4)]
        one.close(), other.close()
    assert sizes == [1000, 1000, 500, 1]


SHOWN = """
from IPython.display import display
picture = {"image/png": "A" * 6_000_000}
display(picture, raw=True)
for _ in range(6000): print("one more step", flush=True)
print("x" * 5_000_000)
raise ValueError("and an error in the end")
"""


def test_what_an_answer_shows_costs_nothing_however_much_it_is(grader):
    """A picture of more than 4 MB, or 5,000 lines that were flushed, cost a cell its task."""
    answers = solutions(read("01_networks"))
    answers["neuron"] += SHOWN
    answers["softmax"] += SHOWN
    answers["softmax"] = answers["softmax"].replace(
        "    return", "    display(picture, raw=True)\n    print('x' * 5_000_000)\n    return"
    )
    record = grader("01_networks", answers)
    assert record["points"] == record["of"]


def test_a_file_that_an_answer_writes_can_be_imported(grader):
    """In Jupyter it can; here the cell's task was lost."""
    answers = solutions(read("01_networks"))
    answers["neuron"] = """
open("helper.py", "w").write("def product(X, w): return X @ w")
from helper import product
def neuron(X, w, b): return product(X, w) + b
"""
    record = grader("01_networks", answers)
    assert record["points"] == record["of"]


def test_without_a_sandbox_the_own_package_is_kept_away_after_a_restart_too(grader):
    answers = solutions(read("01_networks"))
    answers["neuron"] = "import os\nos._exit(0)"
    answers["softmax"] = """
import importlib
softmax = importlib.import_module("deep" + "learn_utils.kernels.activations").softmax
"""
    earned = points(grader("01_networks", answers, sandboxed=False))
    assert earned["softmax-check"] == 0
    assert earned["mse-check"] > 0


def test_a_kernel_that_does_not_start_is_started_again(sandbox, monkeypatch):
    launch, failed = GradedKernel._launch, []

    def fails_twice(self):
        launch(self)
        if len(failed) < 2:
            failed.append(self.km.provisioner.process.pid)
            raise RuntimeError("the machine is busy")

    monkeypatch.setattr(GradedKernel, "_launch", fails_twice)
    made = GradedKernel(PATIENT)
    try:
        assert (made.starts, len(failed)) == (3, 2)
        assert not any(Path(f"/proc/{pid}").exists() for pid in failed)
        assert made.run("print(6 * 7)").text == "42\n"
    finally:
        made.stop()


def test_where_no_kernel_starts_that_is_told(sandbox, monkeypatch):
    monkeypatch.setattr(kernel, "ARGV", [sys.executable, "-c", "raise SystemExit(1)"])
    with pytest.raises(NotStarted) as caught:
        GradedKernel(PATIENT)
    said = str(caught.value)
    assert said == "the kernel could not be started: the kernel ended while it started"


def test_a_submission_is_graded_again_where_the_machine_failed(monkeypatch):
    asked = []
    worker = Worker()

    def ask(job, content):
        asked.append(content)
        return {"status": "graded", "again": len(asked) == 1}

    monkeypatch.setattr(worker, "_ask", ask)
    assert worker.grade({}, Submission("ann", b"x")) == {"status": "graded", "again": False}
    assert asked == [b"x", b"x"]


def by_an_ordinary_user(program):
    """Return how `subprocess` runs a program so."""
    python, before = sys.executable, []
    if os.geteuid() == 0:
        with tempfile.TemporaryDirectory() as name:
            python, before = as_nobody(Path(name), Path(name))
    places = os.pathsep.join([str(ROOT), *site_packages()])
    environment = {**os.environ, "PYTHONPATH": places}
    return {"args": [*before, python, "-c", program], "cwd": ROOT, "env": environment}


def test_a_neighbors_processes_leave_each_sandbox_its_own(sandbox):
    """A user's limit counts all that the user runs, and a fork bomb next door ate it."""
    done = subprocess.run(**by_an_ordinary_user(NEIGHBORS), capture_output=True, text=True)
    assert done.stdout.splitlines() == ["ok all "] * 4, done.stderr


def test_a_python_that_was_started_by_a_relative_place_starts_kernels(sandbox):
    """In a sandbox there is no folder from which ``../python`` can be found."""
    program = """
from deeplearn_utils.grading.kernel import GradedKernel
from deeplearn_utils.grading.limits import Limits
from deeplearn_utils.grading.sandbox.provisioner import warmed
server = warmed(["decimal"])
for modules in (), ("decimal",):
    kernel = GradedKernel(Limits(cell_wall_s=600, start_s=600), warm=modules)
    print(kernel.run("import wave").ended)
    kernel.stop()
server.stop()
"""
    here = ROOT / "tests"
    done = subprocess.run(
        [os.path.relpath(sys.executable, here), "-c", program],
        cwd=here,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert done.stdout.splitlines() == ["ok", "ok"], done.stderr


def test_what_lies_beside_a_python_is_not_seen(sandbox, tmp_path):
    """Who makes an environment of a course's own folder has the solutions in it.

    A folder that is named as secret is covered by whichever path it is seen, and so is a copy of
    this package that was installed for another Python. nbgrader's exchange has others' work in it.
    """
    course = tmp_path / "course"
    venv.create(course)
    (course / "lib64").unlink(missing_ok=True)
    (course / "lib64").symlink_to("lib")
    copy = "python3/dist-packages/deeplearn_utils"
    for folder in ("solutions", "lib/course", f"lib/{copy}", "share/nbgrader/exchange"):
        (course / folder).mkdir(parents=True)
    link = tmp_path / "link"
    link.symlink_to(course)
    program = '''
import sys
from pathlib import Path
from deeplearn_utils.grading.kernel import GradedKernel
from deeplearn_utils.grading.limits import Limits
secret, copy = sys.argv[1:]
kernel = GradedKernel(Limits(cell_wall_s=600, start_s=600), secret=[Path(secret)])
source = """
import os, sys, wave
print(sys.prefix, *os.listdir(sys.prefix), *os.listdir("/usr"), *os.listdir("/usr/local"))
secrets = [f"{sys.prefix}/{lib}/{name}" for lib in ("lib", "lib64") for name in ("course", COPY)]
secrets.append(f"{sys.prefix}/share/nbgrader/exchange")
print(*(os.access(secret, os.R_OK) for secret in secrets))
""".replace("COPY", repr(copy))
print(kernel.run(source).text, end="")
kernel.stop()
'''
    done = subprocess.run(
        [link / "bin" / "python", "-c", program, course / "lib" / "course", copy],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *site_packages()])},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    seen, readable = done.stdout.splitlines()
    prefix, *names = seen.split()
    assert prefix == str(link)
    assert {"bin", "lib64"} < set(names)
    assert {"solutions", "src", "course"}.isdisjoint(names)
    assert readable == "False False False False False"


def test_a_client_that_is_lost_does_not_stop_the_grader(sandbox):
    """Its sockets' context was collected as garbage, and that waits until they are closed."""
    program = """
import gc
from deeplearn_utils.grading.kernel import GradedKernel
from deeplearn_utils.grading.limits import Limits
def fail():
    raise RuntimeError
kernel = GradedKernel(Limits(cell_wall_s=600, start_s=600))
kernel.kc.stop_channels, kernel.kc.itself = fail, kernel.kc
kernel.kill()
kernel.start()
gc.collect()
print(kernel.run("1").ended)
kernel.stop()
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=600
    )
    assert done.stdout == "ok\n", done.stderr


def command(pid):
    """Return a process's command; "" when it has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text(errors="replace")
    except OSError:
        return ""


def test_a_killed_run_leaves_nothing_on_the_disk(sandbox, tmp_path):
    """Killed while a submission is graded: no value, no notebook and no kernel stays."""
    name = "01_networks"
    program = f"""
from deeplearn_utils.grading import grade
grade({str(tmp_path / "in")!r}, {name!r}, {str(tmp_path / "out")!r}, workers=1)
"""
    (tmp_path / "in").mkdir()
    (tmp_path / "tmp").mkdir()
    answers = {a.id: "import time\ntime.sleep(10_000)" for a in read(name).answers}
    (tmp_path / "in" / "ann.ipynb").write_bytes(notebook_of(read(name), answers))
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path / "tmp")}
    process = subprocess.Popen(
        [sys.executable, "-c", program], cwd=ROOT, env=environment, start_new_session=True
    )
    started = frozenset()
    while process.poll() is None and not any("ipykernel" in command(p) for p in started):
        workers = [p for p in below([process.pid]) if "grading.worker" in command(p)]
        started = below(workers[:1])
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    while any(command(pid) for pid in started):
        os.sched_yield()
    left = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert sorted(path.name for path in left) == ["ann.ipynb", "run.json"]


def test_a_run_that_ends_while_a_sandbox_is_made_leaves_none(sandbox):
    """bubblewrap looks only later whether its parent lives."""
    program = """
import os
from deeplearn_utils.grading.kernel import GradedKernel
from deeplearn_utils.grading.limits import Limits
from deeplearn_utils.grading.sandbox import provisioner

provisioner.os.pread = lambda *args: os._exit(0)
GradedKernel(Limits())
"""
    gone, running = left_by(args=[sys.executable, "-c", program], cwd=ROOT)
    assert gone
    assert running == []


@pytest.mark.parametrize("end", ["one.stop()", "os._exit(0)"])
def test_what_ends_a_sandbox_cannot_be_stopped_from_inside(end, sandbox):
    """A signal to one's own group reaches an ordinary user's processes outside."""
    program = f"""
import os
from deeplearn_utils.grading.kernel import GradedKernel
from deeplearn_utils.grading.limits import Limits

code = '''
import os
read, write = os.pipe()
if (child := os.fork()) == 0: os.read(read, 1) and os.kill(0, 19)
os.setsid()
os.write(write, b"x")
os.waitpid(child, os.WUNTRACED)
'''
one = GradedKernel(Limits(cell_wall_s=600, start_s=600))
assert one.run(code).ended == "ok"
{end}
"""
    _, running = left_by(**by_an_ordinary_user(program))
    assert running == []


def left_by(**program):
    """Run a program; return what it left that has ended meanwhile, and what goes on."""
    libc, ours = ctypes.CDLL(None), psutil.Process()
    others = set(ours.children(recursive=True))
    libc.prctl(CHILD_SUBREAPER, 1, 0, 0, 0)
    try:
        subprocess.run(**program, check=True)
        left = set(ours.children(recursive=True)) - others
        return psutil.wait_procs(left, timeout=60)
    finally:
        libc.prctl(CHILD_SUBREAPER, 0, 0, 0, 0)


def test_the_folder_of_a_killed_run_without_a_sandbox_is_swept(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    program = f"""
import os, signal, tempfile
tempfile.tempdir = {str(tmp_path)!r}
from deeplearn_utils.grading.folders import Folder
folder = Folder()
(folder.path / "kernel.json").touch()
os.kill(os.getpid(), signal.SIGKILL)
"""
    subprocess.run([sys.executable, "-c", program], cwd=ROOT)
    (old,) = tmp_path.glob(f"{PREFIX}*")
    left = [tmp_path / f"{PREFIX}one_file", tmp_path / f"{PREFIX}one_link"]
    left[0].touch()
    left[1].symlink_to(ROOT)
    for name in (f"{PREFIX}results", f"{PREFIX}week3", "grading-week3"):  # somebody's own
        left.append(tmp_path / name)
        left[-1].mkdir()
    ours = Folder()
    other = Folder()
    assert not old.exists()
    assert ours.path.exists()
    assert (ROOT / "pyproject.toml").exists()
    ours.remove()
    other.remove()
    assert sorted(tmp_path.iterdir()) == sorted(left)


def split(notebook, name, *sources):
    """Return a notebook's file in which a cell was split, as JupyterLab does: all are marked."""
    told = json.loads(notebook)
    (place,) = [
        place
        for place, cell in enumerate(told["cells"])
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == name
    ]
    cell = told["cells"][place]
    told["cells"][place : place + 1] = [
        {**cell, "id": f"{cell['id']}{k}", "source": s} for k, s in enumerate(sources)
    ]
    return json.dumps(told).encode()


HELPED = (
    "def product(X, w):\n    return X @ w",
    "def neuron(X, w, b):\n    return product(X, w) + b",
)
OLD = (
    "def neuron(X, w, b)\n    return 0",
    "neuron(None)",
    "def neuron(X, w, b):\n    return X @ w + b",
)


@pytest.mark.parametrize("sources", [HELPED, OLD])
def test_a_cell_that_was_split_or_copied_runs_as_it_does_in_jupyter(grader, tmp_path, sources):
    """Only the last one ran, without what stood in the one before it."""
    notebook = split(notebook_of(read("01_networks"), {}), "neuron", *sources)
    assert points(grader("01_networks", {}, content=notebook))["neuron-check"] == 2
    (tmp_path / "01_networks.ipynb").write_bytes(notebook)
    assert check(tmp_path / "01_networks.ipynb").points == 2
