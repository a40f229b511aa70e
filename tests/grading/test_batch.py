"""A class of submissions: a run that is killed goes on where it was; marks don't change by it."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from unittest.mock import MagicMock, Mock

import distributed
import pytest
from distributed.scheduler import KilledWorker

from deeplearn_utils.grading import batch, pool
from deeplearn_utils.grading.assignments import ROOT, SOLUTIONS, Answer, read
from deeplearn_utils.grading.cluster import run_there
from deeplearn_utils.grading.limits import Limits
from deeplearn_utils.grading.pool import Worker
from deeplearn_utils.grading.results import Book, write
from deeplearn_utils.grading.sandbox import Unavailable
from deeplearn_utils.grading.sandbox.bubblewrap import INSTALL
from deeplearn_utils.grading.submissions import Submission
from deeplearn_utils.grading.worker import MOST_RECORD, _in_words, empty
from tests.grading.a_class import (
    CLUSTER,
    GRADE,
    NAME,
    expected,
    fill,
    finished,
    is_odd,
    marks,
    number,
    records,
    started,
)
from tests.grading.as_user import site_packages
from tests.grading.notebooks import notebook_of, solutions

NUMBER = 12
AHEAD = """
import json, pathlib, sys
from distributed import LocalCluster
from deeplearn_utils.grading.cluster import run_there
from deeplearn_utils.grading.submissions import Submission
sent = []
def submissions():
    for number in range(60):
        sent.append(number)
        yield Submission(str(number), refused="it is a link")
with LocalCluster(processes=False, n_workers=1, threads_per_worker=2, dashboard_address=":0") as c:
    told = run_there({"sandboxed": False}, submissions(), c.scheduler_address)
    ahead = [len(sent) - done for done, _ in enumerate(told, 1)]
pathlib.Path(sys.argv[2], "told").write_text(json.dumps([len(ahead), max(ahead)]))
"""


ALONE = """
import os, signal
from distributed import LocalCluster
from deeplearn_utils.grading.cluster import run_there
from deeplearn_utils.grading.submissions import Submission
if __name__ == "__main__":
    submissions = [Submission(str(number), refused="it is a link") for number in range(9)]
    with LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None) as cluster:
        told = run_there({"sandboxed": False}, submissions, cluster.scheduler_address)
        for number, (submission, _) in enumerate(told):
            print(submission.name)
            if number == 2:
                os.kill(next(iter(cluster.workers.values())).pid, signal.SIGKILL)
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory, sandbox):
    place = tmp_path_factory.mktemp("class")
    (place / "in").mkdir()
    fill(place / "in", NUMBER)
    return place


@pytest.fixture(scope="module")
def in_one_piece(folder):
    lines = finished(GRADE, folder / "in", folder / "whole")
    assert len(lines) == NUMBER
    return marks(folder / "whole")


def test_marks_are_what_was_put_in(in_one_piece):
    for name, (status, earned, tasks) in in_one_piece.items():
        k = number(name)
        if not is_odd(k):
            assert (status, earned) == ("graded", expected(k))
            assert len(tasks) == 8


def test_a_killed_run_goes_on_and_grades_nothing_twice(folder, in_one_piece):
    out = folder / "killed"
    process = started(GRADE, folder / "in", out)
    before = [process.stdout.readline() for _ in range(3)]
    os.killpg(process.pid, signal.SIGKILL)
    before += process.communicate()[0].splitlines()
    kept = {json.loads(p.read_text())["name"]: p.stat().st_mtime_ns for p in records(out)}
    assert len(kept) >= 3
    after = finished(GRADE, folder / "in", out)
    assert len(after) == NUMBER - len(kept)
    assert not {line.removeprefix("done ") for line in after} & set(kept)
    again = {json.loads(p.read_text())["name"]: p.stat().st_mtime_ns for p in records(out)}
    assert {name: again[name] for name in kept} == kept
    assert marks(out) == in_one_piece


def test_a_cluster_that_loses_a_worker_gives_the_same_marks(folder, in_one_piece):
    lines = finished(CLUSTER, folder / "in", folder / "cluster")
    assert lines.count("killed 1") == 1
    done = [line for line in lines if line.startswith("done")]
    assert len(done) == len(set(done)) == NUMBER
    assert marks(folder / "cluster") == in_one_piece


def test_a_cluster_is_sent_a_few_submissions_at_a_time(tmp_path):
    """All of a class at once lay in the memory of whoever sent them, and of the scheduler."""
    finished(AHEAD, tmp_path, tmp_path)
    assert json.loads((tmp_path / "told").read_text()) == [60, 8]


def test_a_cluster_all_of_whose_workers_died_goes_on(tmp_path):
    """What all submissions share was lost with those who had it, and the batch ended."""
    assert sorted(finished(ALONE, tmp_path, tmp_path)) == [*map(str, range(9))]


def test_an_address_that_is_none_is_told_before_a_client_is_made(monkeypatch):
    """The client's thread did not end, nor did the command, after it had said what was wrong."""
    monkeypatch.setattr(distributed, "Client", None)
    with pytest.raises(ValueError, match="^missing port number in address 'nonsense'$"):
        next(run_there({"sandboxed": False}, [], "nonsense"))


def test_submissions_that_are_not_there_are_told_before_anything_is_written(sandbox, tmp_path):
    """The folder for results had a seed already, and the next try with another was refused."""
    whole = f"`submissions` must be a folder, a zip or a notebook, got '{tmp_path / 'none'}'"
    with pytest.raises(ValueError, match=f"^{re.escape(whole)}$"):
        batch.grade(tmp_path / "none", NAME, tmp_path / "out")
    assert not (tmp_path / "out").exists()


class Done(list):
    """What was sent, as if all were done."""

    add = list.append


@pytest.fixture
def cluster(monkeypatch):
    """A client whose cluster does what a test tells it to."""
    client = MagicMock()
    client.__enter__.return_value = client
    client.nthreads.return_value = {"tcp://x:1": 1}
    monkeypatch.setattr(distributed, "Client", Mock(return_value=client))
    monkeypatch.setattr(distributed, "as_completed", lambda loop: Done())
    return client


def test_a_cluster_with_a_machine_without_a_sandbox_does_not_grade(cluster):
    cluster.run.return_value = {"tcp://x:1": "", "tcp://y:1": "the program bwrap was not found"}
    told = INSTALL.format(reason="the program bwrap was not found").strip()
    with pytest.raises(Unavailable, match=f"^{re.escape(f'tcp://y:1: {told}')}$"):
        next(run_there({"sandboxed": True}, [], "tcp://127.0.0.1:1"))


def test_who_ends_several_workers_of_a_cluster_is_refused_and_others_go_on(cluster):
    def submit(function, job, submission=None, **options):
        killed = KilledWorker("task", Mock(), 3)
        ends = killed if submission and submission.name == "bad" else [{"status": "graded"}]
        return Mock(result=Mock(side_effect=ends))

    cluster.submit.side_effect = submit
    handed_in = [Submission("bad"), Submission("good")]
    found = run_there({"sandboxed": False}, handed_in, "tcp://127.0.0.1:1")
    statuses = {submission.name: record["status"] for submission, record in found}
    assert statuses == {"bad": "refused", "good": "graded"}


def test_a_changed_submission_is_graded_again(folder, in_one_piece):
    changed = folder / "in" / "student 000" / f"{NAME}.ipynb"
    content = changed.read_bytes()
    changed.write_bytes(notebook_of(read(NAME), solutions(read(NAME))))
    assert finished(GRADE, folder / "in", folder / "whole") == ["done student 000"]
    assert marks(folder / "whole")["student 000"][1] == 28
    changed.write_bytes(content)


def test_another_runs_folder_is_refused(folder, in_one_piece):
    out = folder / "whole"
    whole = f"`out` holds the results of another run (another seed): {out}; choose another folder"
    with pytest.raises(ValueError, match=f"^{re.escape(whole)}$"):
        batch.grade(folder / "in", NAME, out, seed=8)


def test_two_runs_do_not_write_to_one_folder(tmp_path):
    head = {"assignment": NAME, "seed": 1}
    book = Book(tmp_path / "out", head)
    whole = f"another run is writing to `out`: {tmp_path / 'out'}; let it end"
    with pytest.raises(ValueError, match=f"^{re.escape(whole)}$"):
        Book(tmp_path / "out", head)
    book.free()
    Book(tmp_path / "out", head).free()


@pytest.mark.parametrize(
    ("change", "is_kept"),
    [
        ({}, True),
        ({"status": "refused"}, False),
        ({"again": True}, False),
        ({"digest": "another"}, False),
        ({"digest": None}, False),
    ],
)
def test_what_the_machine_failed_at_is_graded_when_a_run_is_resumed(tmp_path, change, is_kept):
    record = {**empty("ann", "graded", ""), "digest": "d", "again": False, **change}
    book = Book(tmp_path, {})
    book.add(record)
    assert book.has("ann", "d") == is_kept
    for damaged in ("", "[]", "3", "{}", '{"digest": "d"}'):
        book.place("ann").write_text(damaged)
        assert not book.has("ann", "d")
    book.place("ann").unlink()
    book.place("ann").mkdir()
    assert not book.has("ann", "d")
    book.free()


def test_a_record_with_one_bit_flipped_is_graded_anew(tmp_path):
    task = {"task": "t", "points": 7.0, "reason": ""}
    record = {**empty("änn", "graded", ""), "digest": "d", "points": 7.0, "tasks": [task]}
    book = Book(tmp_path, {"sandbox": "yes"})
    book.add(record)
    whole = book.place("änn").read_bytes()
    for bit in range(8 * len(whole)):
        flipped = bytearray(whole)
        flipped[bit // 8] ^= 1 << bit % 8
        book.place("änn").write_bytes(flipped)
        if book.has("änn", "d"):  # another space between two words
            assert json.loads(flipped) == json.loads(whole)
    message = f"{book.place('änn')} was damaged meanwhile; start the run again"
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        book.close({"änn": {"student": "änn"}}, ["t"])
    book.place("änn").write_bytes(whole)
    (closed,) = book.close({"änn": {"student": "änn"}}, ["t"])
    assert closed == {**record, "origin": {"student": "änn"}}
    book.free()


def test_a_run_with_one_bit_flipped_is_no_other_run(tmp_path):
    """Another seed stood in it, from which some had their hidden inputs, and others not."""
    head = {"assignment": NAME, "seed": 1_234_567, "sandbox": "yes"}
    Book(tmp_path, head).free()
    place = tmp_path / "run.json"
    whole = place.read_bytes()
    told = f"{place} is damaged, so its seed is lost; choose another `out`"
    for bit in range(8 * len(whole)):
        flipped = bytearray(whole)
        flipped[bit // 8] ^= 1 << bit % 8
        place.write_bytes(flipped)
        try:
            found = Book.read_head(tmp_path)  # another space between two words
        except ValueError as error:
            found = str(error)
        assert found in (head, told)


def test_a_record_of_another_run_is_not_taken(tmp_path):
    record = {**empty("ann", "graded", ""), "digest": "d"}
    one, other = (Book(tmp_path / str(seed), {"seed": seed}) for seed in (1, 2))
    one.add(record)
    other.place("ann").write_bytes(one.place("ann").read_bytes())
    assert (one.has("ann", "d"), other.has("ann", "d")) == (True, False)
    one.free()
    other.free()


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b'{"seed": 3}', b"\xff\xfe"])
def test_a_run_that_was_damaged_is_told_in_a_sentence(tmp_path, content):
    (tmp_path / "run.json").write_bytes(content)
    whole = f"{tmp_path / 'run.json'} is damaged, so its seed is lost; choose another `out`"
    with pytest.raises(ValueError, match=f"^{re.escape(whole)}$"):
        batch.grade(tmp_path, NAME, tmp_path, unsafe_no_sandbox=True)


def test_records_of_a_run_that_is_gone_are_no_other_runs(tmp_path):
    """Points for what the assignment had been stood in the results of what it is now."""
    head = {"assignment": NAME, "assignment_digest": "1"}
    book = Book(tmp_path, head)
    book.add({**empty("ann", "graded", ""), "digest": "1"})
    book.free()
    place = tmp_path / "run.json"
    place.unlink()
    told = f"{place} is gone, so what its records are of is lost; choose another `out`"
    with pytest.raises(ValueError, match=f"^{re.escape(told)}$"):
        Book(tmp_path, {**head, "assignment_digest": "2"})
    assert not place.exists()


def test_a_seed_that_cannot_be_leaves_nothing_behind(tmp_path):
    with pytest.raises(ValueError, match="^`seed` must be at least 0, got -1$"):
        batch.grade(tmp_path, NAME, tmp_path / "out", seed=-1, unsafe_no_sandbox=True)
    assert not (tmp_path / "out").exists()


def test_whose_it_is_and_of_when_is_told_anew_without_grading_again(tmp_path, monkeypatch):
    """Whoever corrected a time, and gave the command again, found the old one in the results."""
    place = tmp_path / "in" / "submitted" / "ann" / NAME
    place.mkdir(parents=True)
    (place / f"{NAME}.ipynb").write_bytes(b"1")
    graded = []

    def run(job, submissions, workers):
        for submission in submissions:
            graded.append(submission.name)
            yield submission, empty(submission.name, "graded", "")

    monkeypatch.setattr(batch, "run", run)
    monkeypatch.setattr(batch, "compute", lambda *_, **__: {})
    for day in ("03", "01"):
        (place / "timestamp.txt").write_text(f"2026-12-{day} 10:00:00 UTC")
        (told,) = batch.grade(tmp_path / "in", NAME, tmp_path / "out", unsafe_no_sandbox=True)
        assert told["origin"]["submitted"] == f"2026-12-{day}T10:00:00+00:00"
    assert graded == [f"ann/{NAME}"]
    kept = json.loads((tmp_path / "out" / "results.json").read_text())["submissions"]
    assert kept == [told]


def test_with_a_roster_nobody_else_is_graded(tmp_path, monkeypatch):
    """In the exchange anybody could put work for thousands who don't exist."""
    graded = []

    def run(job, submissions, workers):
        for submission in submissions:
            graded.append((submission.name, submission.refused))
            yield submission, empty(submission.name, "graded", submission.refused)

    monkeypatch.setattr(batch, "run", run)
    monkeypatch.setattr(batch, "compute", lambda *_, **__: {})
    (tmp_path / "in").mkdir()
    for name in ("ann", "zed"):
        (tmp_path / "in" / f"{name}.ipynb").write_bytes(b"1")
    (tmp_path / "class.csv").write_text("Full name,Username\nAnn Lee,ann\n")
    told = {"roster": tmp_path / "class.csv", "unsafe_no_sandbox": True}
    batch.grade(tmp_path / "in", NAME, tmp_path / "out", **told)
    assert graded == [("ann", ""), ("zed", "its student is not in the roster")]


def test_what_a_run_reads_and_writes_is_secret(tmp_path, monkeypatch):
    """Where Python lies in a course's folder, students' code would see it there."""
    secret = []

    def run(job, submissions, workers):
        secret.extend(job["secret"])
        yield from ()

    monkeypatch.setattr(batch, "run", run)
    monkeypatch.setattr(batch, "compute", lambda *_, **__: {})
    for name in ("course", "in"):
        (tmp_path / name).mkdir()
    source = shutil.copy(SOLUTIONS / f"{NAME}.ipynb", tmp_path / "course")
    batch.grade(tmp_path / "in", source, tmp_path / "out", unsafe_no_sandbox=True)
    assert secret == [str(tmp_path.resolve() / name) for name in ("course", "in", "out")]


def test_what_is_made_for_results_is_nobody_elses(tmp_path):
    """On a machine that students use, all could read the seed of the hidden inputs."""
    (tmp_path / "there").mkdir(mode=0o755)
    for out in ("a/new", "there"):
        Book(tmp_path / out, {}).free()
    places = ("a/new", "there", "there/records")
    made = {place: (tmp_path / place).stat().st_mode & 0o777 for place in places}
    assert made == {"a/new": 0o700, "there": 0o755 & made["there"], "there/records": 0o700}


def test_what_is_another_users_is_no_folder_for_results(tmp_path, monkeypatch):
    """Who owned it had put records into it, or knew the seed: full marks for anything."""
    fstat = os.fstat
    monkeypatch.setattr(os, "fstat", lambda fd: Mock(wraps=fstat(fd), st_uid=os.geteuid() + 1))
    (tmp_path / "there").mkdir()
    if os.geteuid() == 0:
        os.chown(tmp_path / "there", 2, 2)
    told = f"`out` belongs to another user: {tmp_path / 'there'}; choose another folder"
    with pytest.raises(ValueError, match=f"^{re.escape(told)}$"):
        Book(tmp_path / "there", {})
    assert list((tmp_path / "there").iterdir()) == []


def test_nothing_is_written_through_a_link(tmp_path):
    (tmp_path / "own").write_text("precious")
    (tmp_path / ".run.json.draft").symlink_to("own")
    write(tmp_path / "run.json", "new")
    assert (tmp_path / "own").read_text() == "precious"
    assert (tmp_path / "run.json").read_text() == "new"
    assert not (tmp_path / "run.json").is_symlink()


def test_on_a_full_disk_what_was_there_stays_and_nothing_goes_on(tmp_path, monkeypatch):
    (tmp_path / "in").mkdir()
    for name in ("ann", "bob"):
        (tmp_path / "in" / f"{name}.ipynb").write_bytes(b"broken")
    ended = []

    def run(job, submissions, workers):
        try:
            for submission in submissions:
                yield submission, empty(submission.name, "graded", "")
        finally:
            ended.append(True)

    def full(fd):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(batch, "run", run)
    monkeypatch.setattr(batch, "compute", lambda *_, **__: monkeypatch.setattr(os, "fsync", full))
    out = tmp_path / "out"
    with pytest.raises(OSError, match=r"^\[Errno 28\] No space left on device$") as kept:
        batch.grade(tmp_path / "in", NAME, out, unsafe_no_sandbox=True)
    assert ended == [True], kept
    assert [path.name for path in sorted(out.rglob("*"))] == ["records", "run.json"]


@pytest.mark.parametrize("letter", ["x", "\x00", "\u202e", "\U00020000"])
def test_words_without_an_end_do_not_have_a_notebook_graded_three_times(letter):
    """The record was larger than it may be, which was taken for a fault of the machine."""
    answer = Answer("a", "", is_code=False, points=2.0)
    told = json.dumps(_in_words(answer, letter * 1_000_000))
    assert len(told) < MOST_RECORD / 4
    assert "the rest is in the notebook" in json.loads(told)["text"]


def test_without_a_sandbox_grading_refuses(monkeypatch, tmp_path):
    monkeypatch.setattr(batch, "why_not", lambda: "there is no bubblewrap for plan9")
    with pytest.raises(Unavailable) as refused:
        batch.grade(tmp_path, NAME, tmp_path / "out")
    assert "there is no bubblewrap for plan9" in str(refused.value)
    assert "apt-get install bubblewrap" in str(refused.value)
    assert "--unsafe-no-sandbox" in str(refused.value)


def test_without_a_sandbox_every_report_says_so(tmp_path):
    assignment = read(NAME)
    answers = solutions(assignment)
    own = {"softmax": "from deeplearn_utils.kernels.activations import softmax"}
    (tmp_path / "in").mkdir()
    for name, changed in {"right": {}, "own": own}.items():
        (tmp_path / "in" / f"{name}.ipynb").write_bytes(notebook_of(assignment, answers | changed))
    out = tmp_path / "out"
    found = batch.grade(tmp_path / "in", NAME, out, unsafe_no_sandbox=True, workers=1)
    assert {record["name"]: record["points"] for record in found} == {"right": 28, "own": 24}
    assert "without a sandbox" in json.loads((out / "results.json").read_text())["sandbox"]
    lines = Path(out / "results.csv").read_text(encoding="utf-8").splitlines()
    assert all("without a sandbox" in line for line in lines[1:])


def test_seeds_are_secret_and_fresh(tmp_path, sandbox):
    (tmp_path / "in").mkdir()
    seeds = set()
    for run in ("a", "b"):
        batch.grade(tmp_path / "in", NAME, tmp_path / run, workers=1)
        seeds.add(json.loads((tmp_path / run / "run.json").read_text())["seed"])
    assert len(seeds) == 2


MEMORY_AGAIN = """
import ctypes, json, platform
library = ctypes.CDLL(None)
library.malloc.restype, library.free.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
place = library.malloc(18_000)
ctypes.memset(place, ord("s"), 18_000)
library.free(place)
stays = b"sss" in ctypes.string_at(library.malloc(18_000), 18_000)
fills = platform.libc_ver()[0] == "glibc"
print(json.dumps({"again": False, "stays": stays and fills}), flush=True)
"""


def test_what_was_in_memory_that_is_taken_again_is_gone(monkeypatch):
    """A kernel whose PING is too short is told by libzmq what was behind it in memory."""
    monkeypatch.setattr(pool, "START", MEMORY_AGAIN)
    worker = Worker()
    record = worker.grade({"limits": vars(Limits())}, Submission("ann", b""))
    worker.close()
    assert not record["stays"]


def test_a_checkout_that_is_not_installed_grades():
    """The process that grades was started where it found nothing of the checkout."""
    ask = (
        "import json, sys; sys.path.insert(0, sys.argv[1]); "
        "from deeplearn_utils.grading.pool import Submission, Worker; worker = Worker(); "
        "print(worker.grade(json.load(sys.stdin), Submission('ann', b'{'))['reason']); "
        "worker.close()"
    )
    job = {"assignment": notebook_of(read(NAME), {}).decode(), "assignment_name": NAME}
    job |= {"cases": None, "limits": vars(Limits()), "sandboxed": False, "warm": ()}
    done = subprocess.run(
        [os.path.realpath(sys.executable), "-c", ask, str(ROOT)],
        input=json.dumps(job).encode(),
        env={**os.environ, "PYTHONPATH": os.pathsep.join(site_packages())},
        capture_output=True,
    )
    assert done.stdout.decode().strip() == "it is no JSON, so it is no notebook", done.stderr


def test_a_file_that_is_called_like_a_module_does_not_run_where_it_was_handed_in(
    tmp_path, monkeypatch
):
    """Graded from within a student's folder, it ran as the instructor, outside any sandbox."""
    for name in ("json", "csv", "nbformat", "pytest", "deeplearn_utils"):
        (tmp_path / f"{name}.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\n")
    monkeypatch.chdir(tmp_path)
    notebook = notebook_of(read(NAME), {}).decode()
    job = {"assignment": notebook, "assignment_name": NAME, "cases": None, "limits": vars(Limits())}
    worker = Worker()
    record = worker.grade({**job, "sandboxed": False, "warm": ()}, Submission("ann", b"{"))
    worker.close()
    assert record["reason"] == "it is no JSON, so it is no notebook"
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("name", "value"), [("PYTEST_ADDOPTS", "-x"), ("PYTEST_PLUGINS", "nonsense")]
)
def test_what_an_instructor_has_set_for_tests_costs_nobody_points(
    sandbox, monkeypatch, name, value
):
    """After `-x`, a wrong first answer cost all other points; with plugins, nobody had any."""
    assignment = read(NAME)
    right = solutions(assignment)
    wrong = notebook_of(assignment, {**right, next(iter(right)): "neuron = None"})
    notebook = SOLUTIONS.joinpath(f"{NAME}.ipynb").read_text(encoding="utf-8")
    job = {"assignment": notebook, "assignment_name": NAME, "cases": None, "limits": vars(Limits())}
    monkeypatch.setenv(name, value)
    worker = Worker()
    record = worker.grade(
        {**job, "sandboxed": True, "secret": [], "warm": ()}, Submission("ann", wrong)
    )
    worker.close()
    lost = [task["task"] for task in record["tasks"] if not task["points"]]
    assert (record["status"], lost) == ("graded", ["neuron-check"])


def test_who_stops_a_run_is_shown_no_traceback(capfd):
    """Of each process that graded there was one, a screen in all."""
    notebook = notebook_of(read(NAME), {}).decode()
    job = {"assignment": notebook, "assignment_name": NAME, "cases": None, "limits": vars(Limits())}
    worker = Worker()
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored in the background
    try:
        worker.grade({**job, "sandboxed": False, "warm": ()}, Submission("ann", b"{"))
    finally:
        signal.signal(signal.SIGINT, before)
    worker.process.send_signal(signal.SIGINT)
    assert worker.process.wait(600) == 0
    worker.close()
    assert capfd.readouterr().err == ""


def test_a_process_that_two_threads_stop_at_once_is_stopped_once():
    """Who pressed Ctrl+C was shown an AttributeError: the thread that graded had stopped it too."""
    worker = Worker()
    process = worker.process = Mock()
    process.wait.side_effect = worker.stop  # as the other thread does meanwhile
    worker.close()
    assert [name for name, *_ in process.method_calls] == [
        *("kill", "wait", "stdin.close", "stdout.close"),
    ]
