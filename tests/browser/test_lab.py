"""Chapter 1 in the real JupyterLab: it opens from both files, runs, and its sliders move."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import jupytext
import nbformat
import pytest
from playwright.sync_api import Page, expect

from deeplearn_utils.explorers import EXPLORERS
from tests.browser.panels import Panel, move_everything

ROOT = Path(__file__).resolve().parents[2]
CHAPTER = "chapters/01_networks"
PANELS = ("neuron", "decision_boundary")
MARK = "every cell has run"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the chapter, since JupyterLab saves; a last cell tells that all have run."""
    folder = tmp_path_factory.mktemp("book")
    (folder / CHAPTER).parent.mkdir()
    shutil.copy(ROOT / "pyproject.toml", folder)
    notebook = jupytext.read(ROOT / f"{CHAPTER}.md")
    notebook.cells.append(nbformat.v4.new_code_cell(f"print('{MARK[:5]}' '{MARK[5:]}')"))
    jupytext.write(notebook, folder / f"{CHAPTER}.md", fmt="md:myst")
    jupytext.write(notebook, folder / f"{CHAPTER}.ipynb")
    return folder


@pytest.fixture(scope="module")
def lab(folder: Path) -> Iterator[str]:
    """The address of a JupyterLab on that folder, with the book's settings."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {
        "JUPYTER_CONFIG_PATH": str(ROOT / ".jupyter"),
        "PYTHONPATH": str(ROOT),
        "JUPYTERLAB_WORKSPACES_DIR": str(folder / "workspaces"),
        "JUPYTERLAB_SETTINGS_DIR": str(folder / "settings"),
    }
    command = [
        *[sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"],
        f"--ServerApp.root_dir={folder}",
        f"--ServerApp.port={port}",
        "--ServerApp.port_retries=0",
        "--IdentityProvider.token=",
        "--ServerApp.disable_check_xsrf=True",
    ]
    with (folder / "lab.log").open("w") as log:
        server = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    address = f"http://127.0.0.1:{port}"
    try:
        wait_for_server(address, folder / "lab.log")
        yield address
    finally:
        server.terminate()
        server.wait(30)


def wait_for_server(address: str, log: Path) -> None:
    """Wait until JupyterLab answers."""
    for _ in range(240):
        try:
            urllib.request.urlopen(f"{address}/api/status", timeout=5)
            return
        except OSError:
            time.sleep(0.25)
    pytest.fail(f"JupyterLab did not start:\n{log.read_text()}")


def delete_sessions(address: str) -> None:
    """Stop the kernels that an earlier test left behind."""
    with urllib.request.urlopen(f"{address}/api/sessions") as answer:
        sessions = json.load(answer)
    for session in sessions:
        request = urllib.request.Request(f"{address}/api/sessions/{session['id']}", method="DELETE")
        urllib.request.urlopen(request).close()


def run_all_cells(page: Page) -> None:
    """Wait for the kernel, run the notebook, and wait for its last cell."""
    idle = page.get_by_text(re.compile(r"Python 3 \(ipykernel\) \| Idle"))
    expect(idle.first).to_be_visible(timeout=60_000)
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    done = page.locator(".jp-OutputArea-output").get_by_text(MARK, exact=True)
    done.wait_for(state="attached", timeout=240_000)


@pytest.mark.parametrize("suffix", [".md", ".ipynb"])
def test_chapter_runs_and_its_sliders_move(lab, open_page, suffix):
    delete_sessions(lab)
    page = open_page(f"{lab}/lab/tree/{CHAPTER}{suffix}?reset")
    run_all_cells(page)
    for name in PANELS:
        move_everything(Panel(page, EXPLORERS[name].title))
