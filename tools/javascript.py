"""Check the panels' JavaScript with npm's scripts, where Node.js is there."""

import re
import shutil
import subprocess

from roles import ROOT

FOLDER = ROOT / "deeplearn_utils" / "explorers" / "javascript"
LEAST_NODE = 20
NOT_FOUND = f"Node.js {LEAST_NODE} or newer was not found: JavaScript not checked"
NOT_INSTALLED = "npm could not fetch the packages (no network?): JavaScript not checked"


def check(script: str) -> tuple[int, int, int]:
    """Run a script of package.json; return how much passed, failed and was skipped."""
    reason = obstacle()
    if reason:
        print(reason, flush=True)
        return 0, 0, 1
    done = subprocess.run(["npm", "run", "--silent", script], cwd=FOLDER)
    return (1, 0, 0) if done.returncode == 0 else (0, 1, 0)


def obstacle() -> str | None:
    """Return why the JavaScript can't be checked here, or None."""
    if not node_is_new_enough() or not shutil.which("npm"):
        return NOT_FOUND
    return None if is_installed() or install() else NOT_INSTALLED


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


def install() -> bool:
    """Fetch the packages of the lock file."""
    command = ["npm", "ci", "--silent", "--no-audit", "--no-fund"]
    return subprocess.run(command, cwd=FOLDER).returncode == 0
