"""The command that makes the room, as root and as an ordinary user.

What may be read is listed here; all else is absent. As root, the program inside gets a user number
of its own and no powers; as an ordinary user, a user name space does the same. This project, also
where it is installed or lies below an allowed folder, is covered by an empty one, and so is every
folder that a grading run names as secret.
"""

from __future__ import annotations

import functools
import importlib.util
import os
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from ..limits import Limits
from .filters import program

__all__ = ["Unavailable", "command", "environment", "why_not"]

PYTHON = os.path.abspath(sys.executable)  # `../python` is found from one folder alone
SOCKETS = "/run/kernel"
CONNECTION = "/run/connection.json"
HOME = "/tmp/home"  # in the sandbox, whose /tmp is its own
SYSTEM = (
    *("/bin", "/sbin", "/lib", "/lib32", "/lib64"),
    *("/usr/bin", "/usr/sbin", "/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/libexec"),
    *("/usr/include", "/usr/share", "/usr/local/bin", "/usr/local/lib"),
)
"""Programs, and what they read; not /usr/src or /usr/local whole, where a course may lie."""
SHELLS = ("/bin/bash", "/bin/sh")
"""Of a line with ``!``: the first one is what students have."""
SETTINGS = ("/etc/ld.so.cache", "/etc/alternatives", "/etc/fonts", "/etc/localtime")
PARTS = ("bin", "etc", "include", "lib", "lib32", "lib64", "libexec", "share", "ssl", "pyvenv.cfg")
"""What belongs to a Python in its folder, where a course's files may lie beside it."""
INSTALL = """
Student code must not run on this machine as it is: {reason}. Graded is in a sandbox that
bubblewrap makes. Install it:
  Debian, Ubuntu   sudo apt-get install bubblewrap
  Fedora           sudo dnf install bubblewrap
  Arch             sudo pacman -S bubblewrap
  macOS, Windows   grade on a Linux machine
or give --unsafe-no-sandbox: student code can then do all that you can do, and every report says so
"""
PROBE_S = 60
NICE = 5  # a bomb must not starve the grader, which has to end it


class Unavailable(RuntimeError):
    """No sandbox can be had on this machine; the message says why and what to do."""


@functools.cache
def why_not() -> str:
    """Return why no sandbox can be had here, in a sentence; "" where it can.

    Examples
    --------
    >>> isinstance(why_not(), str)
    True
    """
    if sys.platform != "linux":
        return f"there is no bubblewrap for {sys.platform}"
    for name in ("bwrap", "prlimit", "setsid", *(("setpriv",) if os.geteuid() == 0 else ())):
        if shutil.which(name) is None:
            return f"the program {name} was not found"
    try:
        fd = data(program())
    except ValueError as error:
        return str(error)
    try:
        words = command([PYTHON, "-c", "import ipykernel"], Limits(), seccomp=fd)
        done = subprocess.run(
            words, pass_fds=[fd], capture_output=True, stdin=subprocess.DEVNULL, timeout=PROBE_S
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"bubblewrap did not start ({error})"
    finally:
        os.close(fd)
    said = done.stderr.decode(errors="replace").strip().split("\n")[-1]
    return "" if done.returncode == 0 else f"bubblewrap could not make a sandbox ({said})"


def data(content: bytes) -> int:
    """Return a file descriptor from which ``content`` is read once."""
    read, write = os.pipe()
    os.write(write, content)
    os.close(write)
    return read


def environment() -> dict[str, str]:
    """Return all that is set inside: nothing of the grader's own environment."""
    one = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    return {
        **one,
        "HOME": HOME,
        "USER": "student",  # of no such name a list of users is there
        "SHELL": next(filter(os.path.exists, SHELLS), ""),
        "LANG": "C.UTF-8",
        "PATH": f"{Path(PYTHON).parent}:/usr/bin:/bin",
        "PYTHONPATH": os.pathsep.join(_libraries()),
        "PYTHONDONTWRITEBYTECODE": "1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "CUDA_VISIBLE_DEVICES": "",
    }


def command(
    inside: Sequence[str],
    limits: Limits,
    *,
    seccomp: int,
    info: int | None = None,
    connection: int | None = None,
    secret: Iterable[Path] = (),
) -> list[str]:
    """Return the words that run ``inside`` in a sandbox.

    Parameters
    ----------
    inside : sequence of str
        The program and its arguments.
    limits : Limits
    seccomp : int
        File descriptor of the filter.
    info : int, optional
        File descriptor to which bubblewrap writes the process's number.
    connection : int, optional
        File descriptor of the connection file's content.
    secret : iterable of path
        Folders that must not be seen even where an allowed folder holds them.

    Returns
    -------
    list of str
    """
    root = os.geteuid() == 0
    words = ["bwrap", "--die-with-parent", "--unshare-pid", "--unshare-net", "--unshare-ipc"]
    words += ["--unshare-uts", "--unshare-cgroup-try", "--hostname", "sandbox"]
    words += [] if root else ["--unshare-user", "--disable-userns"]
    words += ["--seccomp", str(seccomp)]
    words += [] if info is None else ["--info-fd", str(info)]
    words += _mounts(limits, secret)
    if connection is not None:
        words += ["--perms", "0444", "--ro-bind-data", str(connection), CONNECTION]
    # An ordinary user's sandbox could have no more processes (kernel.pid_max), nor what stops it.
    words += ["--remount-ro", "/proc", "--remount-ro", "/dev", "--remount-ro", "/"]
    words += ["--clearenv", "--chdir", HOME]
    for name, value in environment().items():
        words += ["--setenv", name, value]
    words += ["--"]
    if root:
        user = str(unused_user())
        words += ["setpriv", "--reuid", user, "--regid", user, "--clear-groups", "--no-new-privs"]
        words += ["--bounding-set=-all", "--inh-caps=-all", "--ambient-caps=-all"]
    elif _counts_apart():
        words += ["prlimit", f"--nproc={limits.processes}"]
    return [*_limited(limits, root), *words, *inside]


def rlimits(limits: Limits) -> dict[str, int]:
    """Return the limits that a process hands to those that it starts, by their names in C."""
    return {
        "RLIMIT_AS": limits.address_space_mb << 20,
        "RLIMIT_FSIZE": limits.disk_mb << 20,
        "RLIMIT_CORE": 1,  # no core, and no program that takes one: 0 would start it
        "RLIMIT_NOFILE": 512,
        "RLIMIT_MSGQUEUE": 0,
        "RLIMIT_SIGPENDING": 256,  # and timers: a user's programs share them, and their memory
        "RLIMIT_MEMLOCK": 65536,
        "RLIMIT_RTPRIO": 0,
        "RLIMIT_NICE": 0,
        **({"RLIMIT_NPROC": limits.processes} if os.geteuid() == 0 or _counts_apart() else {}),
    }


def _limited(limits: Limits, root: bool) -> list[str]:
    """Return what sets them; for a user, that of processes is set inside."""
    words = ["nice", "-n", str(NICE), "prlimit"]
    for name, most in rlimits(limits).items():
        if root or name != "RLIMIT_NPROC":
            words.append(f"--{name.removeprefix('RLIMIT_').lower()}={most}")
    return words


def _counts_apart() -> bool:
    """Tell whether a limit on processes that is set in a user name space counts those in it alone.

    Before Linux 5.14 it counts all of a user's, so that a bomb would starve the sandboxes beside
    it: there, what watches from outside is the only limit.
    """
    release = os.uname().release.split(".")
    return (int(release[0]), int(release[1].partition("-")[0])) >= (5, 14)


def _mounts(limits: Limits, secret: Iterable[Path]) -> list[str]:
    """Return what is seen inside: the allow-list, and what covers secrets within it."""
    size = str(limits.disk_mb << 20)
    words = ["--proc", "/proc", "--dev", "/dev"]
    words += ["--dev-bind", "/dev/null", "/dev/zero"]  # mapped, it is memory outside of all limits
    for place in ("/dev/shm", "/tmp"):
        words += ["--perms", "1777", "--size", size, "--tmpfs", place]
    words += ["--perms", "0777", "--dir", HOME]
    made = {Path(path) for path in ("/", "/tmp", "/dev", "/proc")}
    system = [path for path in map(Path, SYSTEM) if path.exists()]
    links = {path for path in system if path.is_symlink()}
    outside = [path for path in _python() if not any(map(path.is_relative_to, system))]
    shown = [path for path in (*system, *map(Path, SETTINGS), *outside) if path.exists()]
    for path in shown:
        words += _parents(path, made)
        words += ["--symlink", os.readlink(path)] if path in links else ["--ro-bind", str(path)]
        words += [str(path)]
    hidden = (*secret, _package(), *_installed(), *(path for p in shown for path in _others(p)))
    covered = sorted({path.resolve() for path in hidden if path.is_dir()})
    places = [(place, place.resolve()) for place in shown if place not in links]
    covers = [
        str(place / path.relative_to(real))
        for place, real in places
        for path in covered
        if path.is_relative_to(real)
    ]
    for cover in covers:
        words += ["--perms", "0000", "--size", "4096", "--tmpfs", cover]
    for cover in covers:  # an ordinary user's sandbox owns them
        words += ["--remount-ro", cover]
    words += _parents(Path(SOCKETS), made)
    words += ["--perms", "0777", "--size", str(1 << 20), "--tmpfs", SOCKETS]
    return words


def _parents(path: Path, made: set[Path]) -> list[str]:
    """Return what makes the folders above ``path`` readable: left alone, they are root's only."""
    words = []
    for parent in reversed(path.parents):
        if parent not in made:
            words += ["--perms", "0755", "--dir", str(parent)]
            made.add(parent)
    return words


def _python() -> list[Path]:
    """Return where this Python lies, and the packages that a kernel needs."""
    prefixes = {sys.prefix, sys.base_prefix, str(Path(os.path.realpath(sys.executable)).parents[1])}
    places = [os.path.join(prefix, part) for prefix in prefixes for part in PARTS]
    folders = {Path(os.path.abspath(place)) for place in (*places, *_libraries())}
    outer = [f for f in folders if not any(f != g and f.is_relative_to(g) for g in folders)]
    return sorted(outer)


def _libraries() -> list[str]:
    """Return the folders in which packages lie that are not in this Python's own prefix."""
    places = set()
    for name in ("ipykernel", "numpy"):
        spec = importlib.util.find_spec(name)
        if spec is None or spec.origin is None:
            raise ImportError(f"grading needs {name}: pip install -e '.[grading]' brings it")
        place = Path(spec.origin).parents[1]
        if not place.is_relative_to(sys.prefix):
            places.add(os.path.abspath(place))
    return sorted(places)


def _package() -> Path:
    return Path(__file__).resolve().parents[2]


def _others(place: Path) -> list[Path]:
    """Return where else the package may lie, for another Python, and nbgrader's exchange."""
    name = _package().name
    copies = [place / name, *place.glob(f"py*/*-packages/{name}")]
    return [*copies, place / "nbgrader" / "exchange"]


def _installed() -> list[Path]:
    """Return what an editable install may show: the project's folder around the package."""
    project = _package().parent
    names = ("chapters", "tests", "tools", "book", "build", ".git")
    return [project / name for name in names] if (project / "pyproject.toml").exists() else []


def unused_user() -> int:
    """Return a user number that no one has, from those that this root may give."""
    with open("/proc/self/uid_map", encoding="ascii") as lines:
        spans = [tuple(map(int, line.split())) for line in lines]
    start, _, count = max(spans, key=lambda span: span[2])
    low = start + count // 2
    return low + secrets.randbelow(max(1, min(count // 4, 1 << 30)))
