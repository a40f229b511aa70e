"""Running a program as an ordinary user, where the tests are root."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

NOBODY = 65534


def site_packages():
    return [path for path in sys.path if path.endswith("site-packages")]


def as_nobody(bank, out):
    """Return a Python that an ordinary user can run, and the words that make us one."""
    if os.geteuid() != 0:
        pytest.skip("we are an ordinary user already")
    python = f"/usr/bin/python3.{sys.version_info.minor}"
    if not Path(python).exists() and shutil.which("python3"):
        python = "/usr/bin/python3"
    become = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
    become += ["--bounding-set=-all", "--inh-caps=-all"]
    for path in [bank, *bank.rglob("*")]:
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() else 0o644)
    os.chown(out, NOBODY, NOBODY)
    probe = f"import sys, numpy; assert sys.version_info[1] == {sys.version_info.minor}"
    environment = {"PYTHONPATH": os.pathsep.join(site_packages())}
    done = subprocess.run([*become, python, "-c", probe], env=environment, capture_output=True)
    if done.returncode != 0:
        pytest.skip("no Python here that another user may run")
    return python, become
