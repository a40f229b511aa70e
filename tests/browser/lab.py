"""A real JupyterLab on a folder, and its notebooks run as a reader runs them."""

import contextlib
import http.client
import json
import os
import queue
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import Locator, Page

from tests.browser.patience import STANDSTILL, wait_while_it_moves

ROOT = Path(__file__).resolve().parents[2]
MARK = "every cell has run"
HAS_RUN = """mark => [...document.querySelectorAll(".jp-CodeCell")].at(-1)
    ?.querySelector(".jp-OutputArea-output")?.textContent.includes(mark)"""


def add_mark(notebook: nbformat.NotebookNode) -> None:
    """Append a cell whose output tells that all cells have run."""
    notebook.cells.append(nbformat.v4.new_code_cell(f"print('{MARK[:5]}' '{MARK[5:]}')"))


@contextlib.contextmanager
def jupyterlab(folder: Path) -> Iterator[str]:
    """Start JupyterLab on `folder` with the book's settings; give its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    # a kernel chooses where its figures go; conftest.py has chosen for the tests themselves
    inherited = {name: value for name, value in os.environ.items() if name != "MPLBACKEND"}
    environment = inherited | {
        "JUPYTER_CONFIG_PATH": str(ROOT / ".jupyter"),
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
        "PYTHONPATH": str(ROOT),
        "JUPYTERLAB_WORKSPACES_DIR": str(folder / "workspaces"),
        "JUPYTERLAB_SETTINGS_DIR": str(folder / "settings"),
    }
    command = [
        *[sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root"],
        f"--ServerApp.root_dir={folder}",
        f"--ServerApp.port={port}",
        "--ServerApp.port_retries=0",
        "--ServerApp.disable_check_xsrf=True",
        "--IdentityProvider.token=",
    ]
    address = f"http://127.0.0.1:{port}"
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    with subprocess.Popen(command, env=environment, **pipes) as server:
        try:
            wait_for_server(server, address)
            yield address
        finally:
            stop(server)


def stop(server: subprocess.Popen) -> None:
    """End JupyterLab. One that is stopped within a request may wait for its own thread forever."""
    server.terminate()
    try:
        server.wait(timeout=10)
    except subprocess.TimeoutExpired:
        server.kill()


def ask(address: str, method: str, path: str) -> bytes:
    """Ask JupyterLab's server, and close the connection whatever happens."""
    connection = http.client.HTTPConnection(address.removeprefix("http://"), timeout=STANDSTILL)
    with contextlib.closing(connection):
        connection.request(method, path)
        return connection.getresponse().read()


def wait_for_server(server: subprocess.Popen, address: str) -> None:
    """Wait until JupyterLab answers; it may take its time between two lines that it prints."""
    lines: queue.Queue[str] = queue.Queue()

    def read() -> None:
        with contextlib.suppress(ValueError):  # the pipe was closed
            for line in server.stdout:
                lines.put(line)
        lines.put("")  # it has ended

    threading.Thread(target=read, daemon=True).start()
    told, since = "", time.monotonic()
    while time.monotonic() - since < STANDSTILL:
        with contextlib.suppress(OSError, http.client.HTTPException):
            ask(address, "GET", "/api/status")
            return
        with contextlib.suppress(queue.Empty):
            line = lines.get(timeout=1)
            told, since = told + line, time.monotonic()
            if not line:
                break
    pytest.fail(f"JupyterLab did not start:\n{told}")


def delete_sessions(address: str) -> None:
    """Stop the kernels that an earlier test left behind."""
    for session in json.loads(ask(address, "GET", "/api/sessions")):
        ask(address, "DELETE", f"/api/sessions/{session['id']}")


def kernel_is_idle(page: Page) -> Locator:
    """Return the words of the status bar that stand there when the kernel has nothing to do."""
    return page.locator(":light(#jp-main-statusbar)").get_by_text("Python 3 (ipykernel) | Idle")


def run_cell(page: Page, words: str) -> None:
    """Wait for the kernel, and run the cell whose code has these words."""
    wait_while_it_moves(page, kernel_is_idle(page).count)
    code = page.locator(":light(.jp-CodeCell .cm-content)").filter(has_text=words)
    code.scroll_into_view_if_needed()
    code.click()
    code.press("Control+Enter")


def run_all_cells(page: Page) -> None:
    """Wait for the kernel, run the notebook, and wait for the output of its last cell."""
    wait_while_it_moves(page, kernel_is_idle(page).count)
    page.locator(":light(#jp-MainMenu)").get_by_role("menuitem", name="Run", exact=True).click()
    page.locator(":light(.lm-Menu)").get_by_role(
        "menuitem", name="Run All Cells", exact=True
    ).click()
    wait_while_it_moves(page, lambda: page.evaluate(HAS_RUN, MARK))
