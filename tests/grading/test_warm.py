"""What a kernel in a sandbox sees and may do, and that a warm one sees and may do no more."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

import nbformat
import pytest

from deeplearn_utils.grading.assignments import ROOT, SOLUTIONS, read
from deeplearn_utils.grading.batch import grade
from tests.grading.as_user import as_nobody, site_packages
from tests.grading.notebooks import notebook_of, solutions

LOOK = """
import json, os, resource, sys
ROOMS = ("/tmp", "/dev/shm", "/run/kernel")
def lines(name):
    return {a: b.split() for a, b in (l.split(":", 1) for l in open(name))}
status = lines("/proc/self/status")
names = ["CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb", "NoNewPrivs", "Seccomp", "Groups"]
kept = dict(os.environ)
print(json.dumps({
    "status": {name: status[name] for name in names},
    "root": os.getuid() == 0 or os.getgid() == 0,
    "parent": os.getppid() > 1,
    "limits": {n: resource.getrlimit(getattr(resource, n)) for n in dir(resource)
               if n.startswith("RLIMIT_") and n != "RLIMIT_OFILE"},
    "spaces": {n: os.readlink("/proc/self/ns/" + n) != HOST[n] for n in HOST},
    "files": sorted(os.listdir("/")) + sorted(os.listdir("/tmp")),
    "environment": {k: v for k, v in kept.items() if k != "PWD"},
    "here": os.getcwd(), "argv": sys.argv[1:],
    "own": "deeplearn_utils" in sys.modules, "nice": os.nice(0),
    "sizes": {p: os.statvfs(p).f_blocks * os.statvfs(p).f_frsize for p in ROOMS},
    "fixed": [bool(os.statvfs(p).f_flag & os.ST_RDONLY) for p in ("/", "/dev", "/usr/bin", "/etc")],
    "shared": [l for l in open("/proc/self/maps") if l.split()[1] in ("rw-s", "-w-s")],
}))
"""
PROGRAM = """
import json, os, sys
from deeplearn_utils.grading.kernel import GradedKernel
from deeplearn_utils.grading.limits import Limits
from deeplearn_utils.grading.sandbox.provisioner import warmed
look = open(sys.argv[1]).read()
host = {n: os.readlink("/proc/self/ns/" + n) for n in ("user", "net", "ipc", "uts", "pid", "mnt")}
limits = Limits(start_s=600, cell_wall_s=600)
server = warmed(["decimal"])
for warm in ((), ("decimal",), ("decimal",)):
    kernel = GradedKernel(limits, warm=warm)
    assert bool(kernel.km.provisioner.kernel) == bool(warm)
    done = kernel.run(f"HOST = {host!r}")
    done = kernel.run(look)
    print(done.text or done)
    kernel.run("open('/tmp/mine', 'w').close(); import decimal; decimal.mine = 1")
    kernel.run("import os, signal; os.kill(os.getppid() or -1, signal.SIGKILL)")
    kernel.run("import os, signal; os.kill(-1, signal.SIGKILL)")
    kernel.stop()
    assert server.works and server.process.poll() is None
server.process.kill()
server.process.wait()
other = warmed(["decimal"])
assert other is not server and other.process.poll() is None
server.stop()
other.stop()
"""


@pytest.mark.parametrize("user", ["as we are", "as an ordinary user"])
def test_a_warm_kernel_has_what_a_cold_one_has(user, sandbox, tmp_path):
    python, before = sys.executable, []
    with tempfile.TemporaryDirectory(prefix="warm-") as name:
        file = Path(name) / "look.py"
        file.write_text(LOOK)
        if user == "as an ordinary user":
            python, before = as_nobody(Path(name), Path(name))
        done = subprocess.run(
            [*before, python, "-c", PROGRAM, str(file)],
            cwd=ROOT,
            env={
                **os.environ,
                "PYTHONPATH": os.pathsep.join([str(ROOT), *site_packages()]),
                "SECRET": "of whoever grades",
            },
            capture_output=True,
            text=True,
        )
    assert done.returncode == 0, done.stderr[-3000:]
    cold, first, second = map(json.loads, filter(str.strip, done.stdout.splitlines()))
    assert first == second
    assert cold["status"]["Groups"] in ([], ["65534"])
    assert first.pop("parent") is cold.pop("parent") is False
    assert first == cold
    shut_in(cold)


def shut_in(kernel):
    """A kernel has no powers, no network, no room but a small one, and nothing of the grader's."""
    powers = [told for name, told in kernel["status"].items() if name.startswith("Cap")]
    assert powers == 5 * [["0" * 16]]
    assert (kernel["status"]["NoNewPrivs"], kernel["status"]["Seccomp"]) == (["1"], ["2"])
    assert not kernel["root"]
    apart = {name for name, is_apart in kernel["spaces"].items() if is_apart}
    assert apart >= {"net", "ipc", "uts", "pid", "mnt"}
    assert kernel["sizes"] == {"/tmp": 64 << 20, "/dev/shm": 64 << 20, "/run/kernel": 1 << 20}
    assert kernel["fixed"] == 4 * [True]
    most = {"RLIMIT_AS": 4 << 30, "RLIMIT_FSIZE": 64 << 20, "RLIMIT_NOFILE": 512}
    assert {name: kernel["limits"][name] for name in most} == {n: [x, x] for n, x in most.items()}
    assert "SECRET" not in kernel["environment"]


def test_an_assignment_that_asks_for_it_is_graded_with_warm_kernels(sandbox, tmp_path):
    notebook = nbformat.read(SOLUTIONS / "01_networks.ipynb", as_version=4)
    notebook.metadata["grading"] = {"warm": ["decimal"]}
    nbformat.write(notebook, tmp_path / "warm.ipynb")
    (tmp_path / "in").mkdir()
    assignment = read(tmp_path / "warm.ipynb")
    assert assignment.warm == ("decimal",)
    told = "import sys\nassert 'warm.py' in open('/proc/self/cmdline').read()\n"
    answers = solutions(assignment)
    for name, neuron in (("right", told + answers["neuron"]), ("gone", "import os; os._exit(0)")):
        content = notebook_of(assignment, answers | {"neuron": neuron})
        (tmp_path / "in" / f"{name}.ipynb").write_bytes(content)
    found = grade(tmp_path / "in", tmp_path / "warm.ipynb", tmp_path / "out", workers=1)
    assert {record["name"]: record["points"] for record in found} == {"right": 28, "gone": 26}
