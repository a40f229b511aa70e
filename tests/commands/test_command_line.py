"""The command line itself: `deeplearn`."""

import pkgutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

pytest.importorskip("typer")

import typer
from typer.testing import CliRunner

from deeplearn_utils.__main__ import app, modules
from deeplearn_utils.commands import COMMANDS

ROOT = Path(__file__).resolve().parents[2]


def run(*words):
    return CliRunner().invoke(app, words)


def test_help_names_the_commands():
    done = run("--help")
    assert done.exit_code == 0
    for name in COMMANDS:
        assert name in done.output


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_tells_what_it_does(name):
    done = run(name, "--help")
    assert done.exit_code == 0
    command = getattr(modules[name], name)
    told = command.info.help if isinstance(command, typer.Typer) else command.__doc__
    assert told.splitlines()[0] in " ".join(done.output.split())


def test_a_wrong_command_is_told():
    done = run("device")
    assert done.exit_code == 2
    assert "Traceback" not in done.output


def test_it_runs_as_a_module():
    done = subprocess.run(
        [sys.executable, "-m", "deeplearn_utils", "--help"],
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert done.returncode == 0
    assert "deeplearn" in done.stdout


def test_without_typer_it_says_what_to_install():
    program = (
        "import sys; sys.modules['typer'] = None; sys.argv = ['deeplearn', 'devices']; "
        "import runpy; runpy.run_module('deeplearn_utils', run_name='__main__')"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 1
    assert done.stderr.strip() == (
        "the command line needs typer: pip install -e '.[lab]' brings it"
    )


def test_the_script_leads_here():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert pkgutil.resolve_name(project["scripts"]["deeplearn"]) is app
