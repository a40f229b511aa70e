"""`make lab`: the port, and JupyterLab started from a shell that sets all the wrong things."""

import contextlib
import errno
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from tools import lab

ROOT = Path(__file__).resolve().parents[2]
VIEW = "application/vnd.jupyter.widget-view+json"


def told(text: str, address: str = "localhost") -> str:
    with pytest.raises(SystemExit) as stopped:
        lab.check_port(text, address)
    return str(stopped.value).strip()


@pytest.mark.parametrize(
    "text",
    ["abc", "", "-5", "0", "99999", "65536", "8888.5", "8_888", "٨٨٨٨", "²", "8888 ", "9" * 5000],
)
def test_a_port_that_is_no_port_is_told(text):
    assert told(text) == (
        f"PORT must be a number from 1 to 65535, got {text!r}. For example: make lab PORT=8899"
    )


def test_a_port_that_is_taken_is_told_with_a_free_one():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        said = told(str(port))
        (other,) = re.findall(r"make lab PORT=(\d+)", said)
        assert lab.refusal(int(other), "localhost") is None
    assert said == (
        f"Port {port} is taken. If that is this book, already open, use its window;\n"
        f"otherwise choose another port: make lab PORT={other}"
    )


def test_a_port_whose_last_connections_linger_can_be_taken():
    """The side that closes first keeps the port in TIME_WAIT: JupyterLab stopped under a tab."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)):
            accepted, _ = server.accept()
            accepted.close()
    with socket.socket() as strict, pytest.raises(OSError, match="Address already in use"):
        strict.bind(("127.0.0.1", port))
    assert lab.check_port(str(port), "localhost") == port


def test_a_port_of_the_administrator_is_told(monkeypatch):
    def create_server(place, family):
        if place[1] < 1024:
            raise PermissionError(errno.EACCES, "Permission denied")
        return socket.socket()

    monkeypatch.setattr(lab.socket, "create_server", create_server)
    assert told("80") == (
        "Port 80 is kept for the machine's administrator.\n"
        "Choose one above 1023: make lab PORT=8888"
    )


def test_a_port_that_is_taken_on_the_other_protocol_alone_is_told():
    try:
        server = socket.create_server(("::1", 0), family=socket.AF_INET6)
    except OSError:
        pytest.skip("this machine has no IPv6")
    with server:
        port = server.getsockname()[1]
        assert lab.refusal(port, "::1").errno == errno.EADDRINUSE
        assert lab.refusal(port, "127.0.0.1") is None


def test_an_address_of_another_machine_is_told():
    said = told("8899", "192.0.2.1")  # an address that the standards keep for examples
    assert said == "Port 8899 of 192.0.2.1 cannot be opened: Cannot assign requested address."


@pytest.mark.parametrize("address", ["nobody.invalid", "a..b", "a" * 70])
def test_an_address_that_nobody_knows_is_told(address):
    said = told("8899", address)
    assert said.startswith(f"Port 8899 of {address} cannot be opened: ")


@pytest.mark.parametrize("lacking", ["JupyterLab", "a new Python"])
def test_a_python_outside_the_environment_is_told(monkeypatch, lacking):
    if lacking == "JupyterLab":
        monkeypatch.setattr(lab.importlib.util, "find_spec", lambda name: None)
    else:
        monkeypatch.setattr(lab.sys, "version_info", (3, 10, 12))
    with pytest.raises(SystemExit) as stopped:
        lab.check_jupyterlab()
    assert str(stopped.value).strip() == (
        f"The Python in {sys.prefix} lacks what the book needs.\n"
        "With make: delete .venv, and `make lab` sets it up anew.\n"
        "With conda: call `conda activate deep-learning-book` first."
    )


@pytest.mark.parametrize("address", ["*", "", "0.0.0.0"])
def test_all_addresses_of_the_machine_can_be_asked_for(address):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert lab.refusal(port, address).errno == errno.EADDRINUSE
    assert lab.refusal(port, address) is None


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """Start JupyterLab on a folder, from a shell that would keep it from starting."""
    tmp_path = tmp_path_factory.mktemp("lab")
    foreign = tmp_path / "foreign"
    foreign.mkdir()
    (foreign / "typing_extensions.py").write_text("raise ImportError('foreign')")
    book = tmp_path / "a book: mine"
    shutil.copytree(ROOT / ".jupyter", book / ".jupyter")
    shutil.copytree(ROOT / "tools", book / "tools")
    theirs = book / "build/home/.jupyter"  # of the home that takes the place of HOME
    theirs.mkdir(parents=True)
    (theirs / "jupyter_server_config.py").write_text(
        "c.ServerApp.kernel_spec_manager_class = 'nonexistent.Manager'"
    )
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    command = [sys.executable, "-E", "-s", str(book / "tools/lab.py"), f"--port={port}"]
    command += ["--no-browser", "--IdentityProvider.token=", "--ServerApp.disable_check_xsrf=True"]
    hostile = {
        "HOME": "/dev/null/home",
        "PYTHONHOME": "/nonexistent",
        "PYTHONPATH": str(foreign),
        "PYTHONWARNINGS": "error",
        "JUPYTER_NO_CONFIG": "1",
        "JUPYTER_RUNTIME_DIR": "/dev/null/runtime",
        "JUPYTER_CONFIG_PATH": str(theirs),
        "VIRTUAL_ENV": "/nonexistent",
    }
    log = subprocess.Popen(
        command,
        env={**os.environ, **hostile},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    lines = []
    for line in log.stdout:
        lines.append(line)
        if "Use Control-C to stop" in line:
            break
    try:
        while log.poll() is None:  # it prints that line just before it listens
            with contextlib.suppress(ConnectionRefusedError):
                socket.create_connection(("localhost", port)).close()
                break
        yield f"http://127.0.0.1:{port}", book, "".join(lines)
    finally:
        log.terminate()
        log.communicate()


def ask(address: str, body: object = None) -> dict:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(address, data, method="PUT" if body else "GET")
    with urllib.request.urlopen(request) as answer:
        return json.load(answer)


def test_jupyterlab_starts_from_a_hostile_shell_and_saves_pictures_only(running):
    address, folder, said = running
    assert "version" in ask(f"{address}/api"), said
    assert "Warning" not in said
    home = "HOME (/dev/null/home) is no folder that can be written to"
    assert f"{home}: settings go to {folder}/build/home." in said
    cell = {
        "cell_type": "code",
        "execution_count": None,
        "id": "panel",
        "metadata": {},
        "outputs": [
            {
                "output_type": "display_data",
                "metadata": {},
                "data": {VIEW: {"model_id": "gone"}, "image/png": "AAAA"},
            }
        ],
        "source": "",
    }
    notebook = {"cells": [cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    model = {"type": "notebook", "content": notebook, "format": "json"}
    ask(f"{address}/api/contents/panel.ipynb", model)
    saved = json.loads((folder / "panel.ipynb").read_text())
    assert list(saved["cells"][0]["outputs"][0]["data"]) == ["image/png"]


def test_a_folder_lists_a_notebook_once_and_hides_the_index_of_the_book(running):
    address, folder, _ = running
    chapters = folder / "chapters"
    chapters.mkdir()
    for name in ("01_a.md", "01_a.ipynb", "notes.md", "book_index.json"):
        (chapters / name).write_text("")
    listed = ask(f"{address}/api/contents/chapters")
    assert sorted(entry["name"] for entry in listed["content"]) == ["01_a.ipynb", "notes.md"]
    assert listed["hidden"] == ["01_a.md", "book_index.json"]
    assert ask(f"{address}/api/contents/chapters/book_index.json")["content"] == ""
