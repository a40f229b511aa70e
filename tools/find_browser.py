"""Find the Chromium that the browser tests drive; on Debian, install it when it is missing.

The build without a window comes first: with the others each page that a test opens costs a second
of processor time for a toolbar that nobody sees. bubblewrap, in which students' notebooks are
graded, is found the same way.
"""

import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

SHELL = "chromium-headless-shell"
NAMES = (SHELL, "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"
ADVICE = """
The browser tests need Chromium or Chrome, and none was found. Install one:
  Debian        sudo apt-get install chromium-headless-shell
  Fedora        sudo dnf install chromium
  Arch          sudo pacman -S chromium
  Ubuntu, macOS, others    https://www.google.com/chrome
or name one that is not on the PATH: BOOK_BROWSER=/path/to/chromium make test
"""
SANDBOX_ADVICE = """
The grader's tests need bubblewrap, and it was not found. Install it:
  Debian, Ubuntu   sudo apt-get install bubblewrap
  Fedora           sudo dnf install bubblewrap
  Arch             sudo pacman -S bubblewrap
"""


def browser_or_advice() -> tuple[str | None, str]:
    """Return the browser's path, or None and what to do about it."""
    found = find_browser()
    if found is None and is_debian() and install(SHELL, "the browser tests"):
        found = find_browser()
    return found, ADVICE


def sandbox_advice() -> str:
    """Return what to do about missing bubblewrap; "" where it is there, or was just installed."""
    if sys.platform != "linux" or shutil.which("bwrap"):
        return ""
    if is_debian() and install("bubblewrap", "the grader's tests") and shutil.which("bwrap"):
        return ""
    return SANDBOX_ADVICE


def find_browser() -> str | None:
    """Return the path of a Chromium or Chrome on this machine."""
    named = os.environ.get("BOOK_BROWSER")
    on_path = [path for path in map(shutil.which, NAMES) if path and not is_snap_stub(path)]
    return next((path for path in (named, *on_path, MAC) if path and Path(path).exists()), None)


def is_snap_stub(path: str) -> bool:
    """Tell whether this is Ubuntu's script that only asks for the snap."""
    with open(path, "rb") as program:
        start = program.read(2000)
    return start.startswith(b"#!") and b"snap" in start and b"requires the chromium snap" in start


def is_debian() -> bool:
    """Tell whether this is Debian: Ubuntu's Chromium is a snap."""
    try:
        return platform.freedesktop_os_release().get("ID") == "debian"
    except OSError:
        return False


def install(package: str, purpose: str) -> bool:
    """Install one of Debian's packages; as another user than root, through sudo."""
    sudo = [] if os.geteuid() == 0 else ["sudo"]
    if sudo and not shutil.which("sudo"):
        return False
    print(f"Installing {package} for {purpose} (apt-get install {package}) ...", flush=True)
    quiet = [*sudo, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-qq"]
    subprocess.run([*quiet, "update"], stdout=subprocess.DEVNULL)
    command = [*quiet, "install", "--yes", "--no-install-recommends", package]
    return subprocess.run(command, stdout=subprocess.DEVNULL).returncode == 0
