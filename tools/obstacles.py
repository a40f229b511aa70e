"""What can stand in the way of a command, and what a reader is told to do about it."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import sys
from pathlib import Path
from typing import NoReturn

from isolated import writable

ROOM_GB = {"lab": 4, "book": 4, "test": 6}  # measured, with uv's own cache

PARTS = {  # of an environment, with our stamps
    *("bin", "etc", "include", "lib", "lib64", "share", ".gitignore", ".lock", "CACHEDIR.TAG"),
    *(".made", ".lab", ".book", ".test"),
}

ADVICE = {  # what uv or pip says: what the reader can do
    r"No space left|os error 28\b": "The disk is full: make room.",
    r"(?i)hash(es)? mismatch|do not match the hashes": (
        "A file that was fetched is not the one that requirements.lock names: nothing of it was "
        "installed. Try another network or package index."
    ),
    r"(?i)certificate": (
        "The server's certificate is not trusted here. If a proxy shows its own in its place, name "
        "that one's file in SSL_CERT_FILE."
    ),
    r"Permission denied|Read-only file": (
        "A file that has to be written belongs to somebody else (its name stands above): make it "
        "yours, or delete it."
    ),
    r"No interpreter|No download found|python-build-standalone": (
        "No Python {pythons} was found or could be fetched: install one from your system's "
        "packages or from https://www.python.org/downloads/, or name it: make lab PYTHON=/its/path"
    ),
    r"no wheels with a matching": (
        "A package is not made for this machine: TensorFlow needs 64 bits, and Linux, a Mac with "
        "Apple's processor, or WSL on Windows."
    ),
    r"\b40[137]\b": (
        "The package index wants a name and a password, or another one: they can stand in its "
        "address, PIP_INDEX_URL."
    ),
    r"(?i)dns|name resol|connecti|unreachable|timed out|request for url": (
        "The package index cannot be reached: look at the network, and set HTTPS_PROXY or "
        "PIP_INDEX_URL if yours needs it."
    ),
    "": "The reason stands above.",
}


def advise(said: str, pythons: str) -> str:
    """Return what to do after an installer's last words, for a book that needs ``pythons``."""
    advice = next(advice for words, advice in ADVICE.items() if re.search(words, said))
    return f"{advice.format(pythons=pythons)}\nWhat was fetched is kept for the next try."


def check_place(root: Path, venv: Path) -> None:
    """Stop when .venv cannot be made, and say what stands in the way."""
    if "\n" in str(root):
        stop(
            f"The name of the folder {str(root)!r} has a line break:",
            "no program in .venv could start. Give it another name, and run the command there.",
        )
    if not writable(root):
        stop(
            f"You cannot write to {root}, where the environment .venv has to go.",
            "Clone the book into a folder of your own, and run the command there.",
        )
    for folder in (venv, root / "build"):
        name = folder.name
        away = f"Move it away: mv {name} {name.lstrip('.')}.old"
        if folder.is_symlink() and not folder.exists():
            there = os.readlink(folder)
            stop(f"{folder} is a link to {there}, which isn't there. Delete it: rm {name}")
        if folder.exists() and not folder.is_dir():
            stop(f"{folder} is a file, and a folder has to go there. {away}")
        if folder.exists() and not writable(folder):
            delete = f"Delete it (sudo rm -rf {name})"
            stop(f"You cannot write to {folder}. {delete}, and run this again.")
    if venv.exists() and not (venv / "pyvenv.cfg").exists() and not is_remnant(venv):
        stop(f"{venv} holds other things than an environment. Move it away: mv .venv venv.old")


def is_remnant(venv: Path) -> bool:
    """Tell whether a folder is what was left of an environment, as when deleting it was stopped."""
    return venv.is_dir() and {path.name for path in venv.iterdir()} <= PARTS


def check_room(root: Path, extra: str) -> None:
    """Stop when the disk cannot hold what will be installed."""
    free_gb = shutil.disk_usage(root).free / 1e9
    if free_gb < ROOM_GB[extra]:
        stop(
            f"The disk is too full: `make {extra}` needs about {ROOM_GB[extra]} GB in {root},",
            f"and {free_gb:.1f} GB are free. Make room, then run the same command again.",
        )


def check_venv_module() -> None:
    """Stop when this Python cannot make the environment that fetches uv."""
    if not all(importlib.util.find_spec(module) for module in ("venv", "ensurepip")):
        stop(
            f"{sys.executable} lacks its venv module. On Debian and Ubuntu that is a package:",
            f"sudo apt-get install python3-venv    (or python3.{sys.version_info[1]}-venv)",
            "Or install uv (https://docs.astral.sh/uv/), which needs no venv module.",
        )


def stop(*lines: str) -> NoReturn:
    """End with a message for the reader instead of a traceback."""
    sys.exit("\n" + "\n".join(lines) + "\n")
