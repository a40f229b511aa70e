"""Check the panels' JavaScript with npm's scripts, where Node.js is there.

As a program: fetch LiteRT.js, which the site carries for a reader who asks for it, into
build/litert. Without Node.js or the network the site is built without it, and says so.
"""

import re
import shutil
import subprocess

from roles import ROOT

FOLDER = ROOT / "deeplearn_utils" / "explorers" / "javascript"
LEAST_NODE = 20
LITERT = ROOT / "build" / "litert" / "litert.js"
NOT_FOUND = f"Node.js {LEAST_NODE} or newer was not found"
NOT_INSTALLED = "npm could not fetch the packages"


def check(script: str) -> tuple[int, int, int]:
    """Run a script of package.json; return how much passed, failed and was skipped."""
    reason = obstacle()
    if reason:
        print(f"{reason}: JavaScript not checked", flush=True)
        return 0, 0, 1
    done = subprocess.run(["npm", "run", "--silent", script], cwd=FOLDER)
    return (1, 0, 0) if done.returncode == 0 else (0, 1, 0)


def fetch_litert() -> str | None:
    """Write LiteRT.js as one file, unless it is there; return why that can't be done, or None."""
    model = FOLDER.parent / "edge" / "reader.tflite"
    sources = [model, FOLDER / "package-lock.json", *(FOLDER / "litert").iterdir()]
    newest = max(path.stat().st_mtime for path in sources)
    if LITERT.exists() and LITERT.stat().st_mtime >= newest:
        return None
    reason = obstacle()
    if reason is None:
        done = subprocess.run(["npm", "run", "--silent", "build:litert"], cwd=FOLDER)
        reason = "npm could not bundle it" if done.returncode else None
    return reason


def obstacle() -> str | None:
    """Return why npm's scripts can't be run here, or None."""
    if not node_is_new_enough() or not shutil.which("npm"):
        return NOT_FOUND
    return None if is_installed() else install()


def node_is_new_enough() -> bool:
    """Tell whether Node.js is there and not too old for the tests."""
    if not shutil.which("node"):
        return False
    done = subprocess.run(["node", "--version"], capture_output=True, text=True)
    told = re.match(r"v(\d+)\.", done.stdout)
    return told is not None and int(told[1]) >= LEAST_NODE


def is_installed() -> bool:
    """Tell whether the packages are those of the lock file."""
    installed = FOLDER / "node_modules" / ".package-lock.json"
    lock = FOLDER / "package-lock.json"
    return installed.exists() and installed.stat().st_mtime >= lock.stat().st_mtime


def install() -> str | None:
    """Fetch the packages of the lock file, tools too; return why that can't be done, or None."""
    command = ["npm", "ci", "--include=dev", "--loglevel=error", "--no-audit", "--no-fund"]
    done = subprocess.run(command, cwd=FOLDER, capture_output=True, text=True)
    if done.returncode == 0:
        return None
    code = re.search(r"^npm (?:error|ERR!) code (\w+)", done.stderr, re.MULTILINE)
    return f"{NOT_INSTALLED} ({code[1] if code else f'status {done.returncode}'})"


if __name__ == "__main__":
    if found := fetch_litert():
        print(f"{found}: the site is built without LiteRT.js", flush=True)
