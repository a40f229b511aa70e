"""Make .venv and install what a command needs: ``python tools/environment.py lab|book|test``.

This file runs on the machine's own Python, before anything is installed: standard library only.
Versions come from requirements.lock, through uv where it is installed, else venv and pip.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
LOCK = ROOT / "requirements.lock"
ROOM_GB = {"lab": 4, "book": 4, "test": 6}  # measured, with the installer's own cache
TORCH_CPU_INDEX = "https://download.pytorch.org/whl/cpu"


def main(extra: str) -> None:
    """Bring .venv to what ``extra`` needs; return at once when it is there already."""
    stamp = VENV / f".{extra}"
    wanted = fingerprint(extra)
    if stamp.exists() and stamp.read_text() == wanted and venv_works():
        stamp.touch()
        return
    check_room(extra)
    print(f"Setting up .venv for `{extra}` with {installer()} (a few minutes the first time) ...")
    make_venv()
    install("--editable", f"{ROOT}[{extra}]")
    if extra == "test":
        install_torch()
    warm_up()
    stamp.write_text(wanted)


def fingerprint(extra: str) -> str:
    """Return what the environment depends on; settings of tools in pyproject.toml are left out."""
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    parts = [
        extra,
        str(ROOT),
        LOCK.read_text(encoding="utf-8"),
        json.dumps([pyproject["project"], pyproject["build-system"]], sort_keys=True),
    ]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def venv_works() -> bool:
    """Tell whether .venv has a Python that still runs and that the book supports."""
    fits = "import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))"
    try:
        return subprocess.run([PYTHON, "-c", fits], capture_output=True).returncode == 0
    except OSError:
        return False


def check_room(extra: str) -> None:
    """Stop with a clear message when the disk cannot hold what will be installed."""
    free_gb = shutil.disk_usage(ROOT).free / 1e9
    if not venv_works() and free_gb < ROOM_GB[extra]:
        stop(
            f"The disk is too full: `make {extra}` needs about {ROOM_GB[extra]} GB in {ROOT},",
            f"and {free_gb:.1f} GB are free. Make room, then run the same command again.",
        )


def make_venv() -> None:
    """Create .venv; one that is broken or has an unsupported Python is made anew."""
    if venv_works():
        return
    if installer() == "uv":
        run("uv", "venv", "--quiet", "--clear", "--python", sys.executable, VENV)
        return
    done = subprocess.run([sys.executable, "-m", "venv", "--clear", VENV])
    if done.returncode != 0:
        shutil.rmtree(VENV, ignore_errors=True)
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        stop(
            f"{sys.executable} could not make a virtual environment (its message is above).",
            "On Debian and Ubuntu, Python's venv module is a package of its own:",
            f"    sudo apt-get install python3-venv    (or python{version}-venv)",
            "Then run the same command again.",
        )


def installer() -> str:
    """Return "uv" where it is installed, else "pip"."""
    return "uv" if shutil.which("uv") else "pip"


def install(*what: str, check: bool = True) -> bool:
    """Install into .venv the locked versions; return whether it worked."""
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    environment["UV_COMPILE_BYTECODE"] = "1"
    if installer() == "uv":
        command = ["uv", "pip", "install", "--python", PYTHON]
        for folder in wheel_folders():
            command += ["--find-links", folder]  # uv reads no setting of pip's by itself
    else:
        has_pip = subprocess.run([PYTHON, "-m", "pip", "--version"], capture_output=True)
        if has_pip.returncode != 0:
            run(PYTHON, "-m", "ensurepip")
        command = [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    done = subprocess.run([*command, "--constraint", LOCK, *what], cwd=ROOT, env=environment)
    if done.returncode != 0 and check:
        free_gb = shutil.disk_usage(ROOT).free / 1e9
        reason = "the disk is full" if free_gb < 0.3 else "the reason stands above"
        stop(
            f"The packages could not be installed: {reason} ({free_gb:.1f} GB free).",
            "Without a network connection nothing can be installed. What was fetched is kept:",
            "run the same command again to go on.",
        )
    return done.returncode == 0


def install_torch() -> None:
    """Install PyTorch's CPU build, which PyTorch keeps outside PyPI for Linux; never CUDA."""
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    (torch,) = pyproject["project"]["optional-dependencies"]["torch"]
    if sys.platform != "linux":
        installed = install(torch, check=False)
    else:
        index = "--index" if installer() == "uv" else "--extra-index-url"
        mixed = ["--index-strategy", "unsafe-best-match"] if installer() == "uv" else []
        installed = (wheel_folders() and install(f"{torch}+cpu", check=False)) or install(
            f"{torch}+cpu", index, TORCH_CPU_INDEX, *mixed, check=False
        )
    if not installed and os.environ.get("CI"):
        stop(f"{torch} could not be installed, and in CI its tests must run.")
    if not installed:
        print(f"{torch} could not be installed here: the tests that need PyTorch are skipped.")


def wheel_folders() -> list[str]:
    """Return the folders or pages with wheels that pip is set to look in."""
    command = [sys.executable, "-m", "pip", "config", "list"]
    settings = subprocess.run(command, capture_output=True, text=True).stdout
    named = re.findall(r"find-links='(.*)'", settings)
    named.append(os.environ.get("PIP_FIND_LINKS", ""))
    return sorted({folder for line in named for folder in line.replace("\\n", " ").split()})


def warm_up() -> None:
    """Build matplotlib's font list now, so that no notebook's first figure reports it."""
    subprocess.run([PYTHON, "-c", "import matplotlib.font_manager"], capture_output=True)


def run(*command: object) -> None:
    """Run a command that has to succeed."""
    if subprocess.run([str(part) for part in command]).returncode != 0:
        stop(f"This command failed: {' '.join(str(part) for part in command)}")


def stop(*lines: str) -> None:
    """End with a message for the reader instead of a traceback."""
    sys.exit("\n" + "\n".join(lines) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
