"""Make .venv and install what a command needs: ``python tools/environment.py lab|book|test``.

This file runs on the machine's own Python (3.8 or newer), before anything is installed. uv does the
work; where it is missing, a venv of its own fetches it from PyPI. What is installed, with the
hashes of its files, stands in requirements.lock; for which Pythons, in pyproject.toml.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from fetching import BASE, fetching_environment
from isolated import HOME, clean_environment
from obstacles import advise, check_place, check_room, check_venv_module, is_remnant, stop

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
OWN_UV = ROOT / "build" / "uv"
LOCK = ROOT / "requirements.lock"
PEERS = ("nbgrader", "otter")  # other graders
PEERS_LOCK = ROOT / "tools" / "peers.lock"
APART = {"runtime": LOCK, **dict.fromkeys(PEERS, PEERS_LOCK)}
"""Environments of their own, such as build/runtime, each with the packages of one group."""
LABEXTENSION = ROOT / "deeplearn_utils/labextensions/deeplearn-book"
PROJECT = (ROOT / "pyproject.toml").read_text("utf-8").partition("\n[tool.")[0]
PYTHONS = re.search(r'^requires-python = "(>=3\.(\d+),<3\.(\d+))"', PROJECT, re.MULTILINE)


def main(what: str, asked: str = "") -> None:
    """Bring .venv to what a command needs; return at once when it is there already."""
    if what == "lock":
        renew_lock()
        return
    if asked and not fits(sys.version):
        stop(f"The book needs Python {PYTHONS[1]}; {asked} is Python {sys.version.split()[0]}.")
    if asked and describe_venv().split(".")[:2] != sys.version.split(".")[:2]:
        forget_venv()
    if is_ready(what):
        return
    check_place(ROOT, VENV)
    with alone():
        if not is_ready(what):
            set_up(what)


def set_up(extra: str) -> None:
    """Install what ``extra`` needs, and leave a stamp that says so."""
    if extra in APART:
        set_up_apart(extra)
        return
    if not venv_works():
        check_room(ROOT, extra)
    print(f"Setting up .venv for `make {extra}` (takes minutes the first time) ...", flush=True)
    uv = find_uv()
    environment = fetching_environment(OWN_UV)
    if not venv_works():
        if is_remnant(VENV):  # uv clears whole environments only
            for part in VENV.iterdir():
                shutil.rmtree(part) if part.is_dir() and not part.is_symlink() else part.unlink()
        python = BASE if fits(sys.version) else PYTHONS[1]
        run(uv, "venv", "--quiet", "--clear", "--python", python, VENV, env=environment)
        (VENV / ".made").write_text(describe_venv(), "utf-8")
    into = [uv, "pip", "install", "--python", VENV, "--constraint", LOCK]
    # not by the folder's whole name: it may hold a # or a bracket
    book = [*into, "--build-constraint", LOCK, "--editable", f".[{extra}]"]
    run(*book, "--offline", env=environment, quiet=True) or run(*book, env=environment)
    if extra == "test":
        install_torch(into, environment)
    link_labextension()
    # matplotlib's list of fonts, so that no notebook's first figure reports that it is made
    HOME.mkdir(parents=True, exist_ok=True)
    fonts = [VENV / "bin/python", "-c", "import matplotlib.font_manager"]
    run(*fonts, env=clean_environment(), quiet=True)
    (VENV / f".{extra}").write_text(fingerprint(extra), "utf-8")


def set_up_apart(name: str) -> None:
    """Make an environment that has none of the book's packages but those of its group."""
    place = ROOT / "build" / name
    print(f"Setting up build/{name} ...", flush=True)
    uv, environment = find_uv(), fetching_environment(OWN_UV)
    python = BASE if fits(sys.version) else PYTHONS[1]
    run(uv, "venv", "--quiet", "--clear", "--python", python, place, env=environment)
    install = [uv, "pip", "install", "--python", place]
    install += ["--constraint", APART[name], "--group", name]
    run(*install, "--offline", env=environment, quiet=True) or run(*install, env=environment)
    (place / ".made").write_text(fingerprint(name), "utf-8")


def is_ready(extra: str) -> bool:
    """Tell whether .venv works and has what ``extra`` needs today."""
    if extra in APART:
        return holds(ROOT / "build" / extra / ".made", fingerprint(extra))
    return holds(VENV / f".{extra}", fingerprint(extra)) and HOME.is_dir() and venv_works()


def holds(stamp: Path, words: str) -> bool:
    """Tell whether a stamp is there and says this."""
    with contextlib.suppress(OSError):
        return stamp.read_bytes() == words.encode()
    return False


def fingerprint(extra: str) -> str:
    """Return what the environment depends on; settings of tools in pyproject.toml are left out."""
    where, pins = (str(ROOT), APART[extra]) if extra in APART else ("", LOCK)
    told = extra + where + PROJECT + pins.read_text("utf-8")
    return hashlib.sha256(told.encode()).hexdigest()


def venv_works() -> bool:
    """Tell whether .venv was made in this folder by the Python that it has now."""
    described = describe_venv()
    return described != "" and holds(VENV / ".made", described)


def forget_venv() -> None:
    """Have .venv made anew."""
    with contextlib.suppress(OSError):
        (VENV / ".made").unlink()


def describe_venv() -> str:
    """Return which Python .venv has, and where; "" for one that doesn't run or doesn't fit."""
    show = "import sys; print(sys.version, ascii(sys.prefix))"
    command = [VENV / "bin/python", "-E", "-s", "-c", show]
    with contextlib.suppress(OSError):
        done = subprocess.run(command, capture_output=True, encoding="utf-8", errors="replace")
        return done.stdout if fits(done.stdout) else ""
    return ""


def fits(version: str) -> bool:
    """Tell whether the book can use a Python, told by its ``sys.version``."""
    number = re.match(r"3\.(\d+)\.", version)
    allowed = range(int(PYTHONS[2]), int(PYTHONS[3]))
    return bool(number) and int(number[1]) in allowed and "PyPy" not in version


@contextlib.contextmanager
def alone() -> Iterator[None]:
    """Wait while another command sets up the same folder."""
    waiting = ROOT / "build" / "setup.lock"
    waiting.parent.mkdir(exist_ok=True)
    with waiting.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Another command is setting up .venv: waiting for it ...", flush=True)
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def find_uv() -> str:
    """Return uv: the machine's own, or one that is fetched once from PyPI."""
    for uv in (shutil.which("uv"), OWN_UV / "bin/uv"):
        if uv and runs_as_uv(uv):
            return str(uv)
    check_venv_module()
    run(BASE, "-E", "-s", "-m", "venv", "--clear", OWN_UV, env=clean_environment())
    pin = re.search(r"^uv==(.*\\\n)+.*\n", LOCK.read_text("utf-8"), re.MULTILINE)[0]
    (OWN_UV / "uv.txt").write_text(pin, "utf-8")
    pip = [OWN_UV / "bin/python", "-E", "-s", "-m", "pip", "install", "--quiet", "--require-hashes"]
    run(*pip, "--requirement", OWN_UV / "uv.txt", env=fetching_environment(OWN_UV))
    return str(OWN_UV / "bin/uv")


def runs_as_uv(program: str | Path) -> bool:
    """Tell whether this is uv, and new enough: it refuses to run where pyproject.toml says so."""
    command = [str(program), "cache", "dir"]
    with contextlib.suppress(OSError):
        done = subprocess.run(
            command, cwd=ROOT, env=fetching_environment(OWN_UV), capture_output=True
        )
        return done.returncode == 0 and done.stdout.strip() != b""
    return False


def install_torch(into: list[object], environment: dict[str, str]) -> None:
    """Install PyTorch's CPU build, which for Linux is not on PyPI; never CUDA."""
    torch = re.search(r'^torch = \["(torch==.*)"\]', PROJECT, re.MULTILINE)[1]
    for what in ([f"{torch}+cpu"], ["--torch-backend", "cpu", torch]):
        if run(*into, *what, env=environment, quiet=True):
            return
    if os.environ.get("CI"):
        stop(f"{torch} could not be installed, and in CI its tests must run.")
    print(f"{torch} could not be installed here: the tests that need PyTorch are skipped.")


def link_labextension() -> None:
    """Show JupyterLab the book's own extension, which an editable package doesn't install."""
    place = VENV / "share/jupyter/labextensions" / LABEXTENSION.name
    place.parent.mkdir(parents=True, exist_ok=True)
    if place.is_symlink():
        place.unlink()
    place.symlink_to(LABEXTENSION)


def renew_lock() -> None:
    """Write both locks, and the book's pins alone: pip takes no hashes beside an editable one."""
    lock(LOCK, "--extra", "test", "--group", "setup")
    lock(PEERS_LOCK, *(word for peer in PEERS for word in ("--group", peer)))
    pins = re.findall(r"^(\w.*?)(?: \\)?$", LOCK.read_text("utf-8"), re.MULTILINE)
    head = "# Made by make lock: the pins of requirements.lock, as conda's pip can take them."
    (ROOT / "constraints.txt").write_text("\n".join([head, *pins, ""]), "utf-8")


def lock(file: Path, *asked: str) -> None:
    """Write the newest versions of what is asked for, with the hashes of their files."""
    command = [find_uv(), "pip", "compile", "--quiet", "--universal", "--upgrade"]
    command += ["--python-version", f"3.{PYTHONS[2]}", *asked]
    command += ["--generate-hashes", "--custom-compile-command", "make lock"]
    command += ["pyproject.toml"] if "--extra" in asked else []
    environment = fetching_environment(OWN_UV)
    for partial in ("UV_INDEX", "UV_FIND_LINKS"):  # they may have some files of a version only
        environment.pop(partial, None)
    run(*command, "--output-file", file, env=environment)


def run(*command: object, env: dict[str, str], quiet: bool = False) -> bool:
    """Run a command; one that isn't quiet is shown, and stops with advice when it fails."""
    said = ""
    piped = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "errors": "replace"}
    with subprocess.Popen([str(part) for part in command], cwd=ROOT, env=env, **piped) as process:
        for line in process.stdout:
            said += line
            if not quiet and not line.startswith((" + ", " - ", " ~ ")):  # uv's list of packages
                print(line, end="", file=sys.stderr, flush=True)
    if process.returncode and not quiet:
        stop("The environment could not be made.", advise(said, PYTHONS[1]))
    return process.returncode == 0


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except OSError as error:  # what no check foresaw
        stop(f"{error.filename or 'The environment'}: {error.strerror or error}.")
    except KeyboardInterrupt:
        stop("Stopped. What was fetched is kept for next time.")
