"""Build the book's site into build/site, unless it is already there and up to date."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
INPUTS = (
    "_toc.yml",
    "book",
    "build/litert",
    "chapters",
    "deeplearn_utils",
    "pyproject.toml",
    "tools/book_index.py",
)
SETTINGS = ("BOOK_REPOSITORY", "BOOK_BRANCH", "BOOK_JUPYTERHUB", "BOOK_BINDER", "BOOK_COLAB")
IGNORED = {"__pycache__", ".ipynb_checkpoints", "node_modules", "book_index.json"}


def input_files() -> list[Path]:
    """Return every file that the site is made from, in a stable order."""
    files = []
    for name in INPUTS:
        path = ROOT / name
        files += [path] if path.is_file() else path.rglob("*")
    return sorted(f for f in files if f.is_file() and not IGNORED.intersection(f.parts))


def fingerprint() -> str:
    """Return a hash of the input files and of the settings that bend the build."""
    digest = hashlib.sha256()
    for path in input_files():
        digest.update(f"{path.relative_to(ROOT)}\0".encode() + path.read_bytes())
    for name in SETTINGS:
        digest.update(f"{name}={os.environ.get(name, '')}\0".encode())
    return digest.hexdigest()


def build(output: Path) -> int:
    """Build into `output` with warnings as errors; return Sphinx's exit status."""
    stamp = output.with_suffix(".inputs")
    output.parent.mkdir(parents=True, exist_ok=True)
    with output.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        wanted = fingerprint()
        if stamp.exists() and stamp.read_text() == wanted and (output / "index.html").exists():
            return 0
        stamp.unlink(missing_ok=True)
        shutil.rmtree(output, ignore_errors=True)
        status = sphinx(output)
        if status == 0:
            stamp.write_text(wanted)
        return status


def sphinx(output: Path) -> int:
    """Run Sphinx: the repository root is the source folder, book/ has the configuration."""
    doctrees = output.with_name(output.name + "-doctrees")
    options = ["-b", "html", "-c", "book", "-d", str(doctrees), "-E", "-n", "-W", "--keep-going"]
    command = [sys.executable, "-m", "sphinx", "-q", *options, ".", str(output)]
    return subprocess.run(command, cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "build" / "site"
    sys.exit(build(target.resolve()))
