"""Open the book in JupyterLab: ``python tools/lab.py [--port 8888] [options of jupyter lab]``."""

from __future__ import annotations

import argparse
import errno
import importlib.util
import os
import socket
import sys
from pathlib import Path

from isolated import clean_environment
from obstacles import stop

ROOT = Path(__file__).resolve().parents[1]
INDEX = "book/index.ipynb"


def main() -> None:
    """Start JupyterLab on the book's index, with text files opening as notebooks."""
    parser = argparse.ArgumentParser(description="Open the book in JupyterLab.", allow_abbrev=False)
    parser.add_argument("--port", default="8888")
    parser.add_argument("--ip", default="localhost")
    options, for_jupyter = parser.parse_known_args()
    check_jupyterlab()
    port = check_port(options.port, options.ip)
    environment = clean_environment()
    if environment.get("HOME") != os.environ.get("HOME"):
        home, instead = os.environ.get("HOME", ""), environment["HOME"]
        print(f"HOME ({home}) is no folder that can be written to: settings go to {instead}.")
        sys.stdout.flush()
    configure(environment)
    os.chdir(ROOT)
    command = [
        *[sys.executable, "-P", "-m", "jupyterlab"],
        f"--ServerApp.root_dir={ROOT}",
        f"--ServerApp.ip={options.ip}",
        f"--ServerApp.port={port}",
        "--ServerApp.port_retries=0",
        f"--LabApp.default_url=/lab/tree/{INDEX}",
        *(["--allow-root"] if os.geteuid() == 0 else []),
        *for_jupyter,
    ]
    os.execve(command[0], command, environment)


def configure(environment: dict[str, str]) -> None:
    """Have JupyterLab take the book's configuration, and of the reader's only their own settings.

    Theme and shortcuts stay; what their server loads and which extensions they have switched off
    is for other projects: the book would not start, or its panels would stay still.
    """
    home = environment.get("HOME", os.path.expanduser("~"))
    theirs = Path(environment.get("JUPYTER_CONFIG_DIR", os.path.join(home, ".jupyter")), "lab")
    environment.setdefault("JUPYTERLAB_SETTINGS_DIR", str(theirs / "user-settings"))
    environment.setdefault("JUPYTERLAB_WORKSPACES_DIR", str(theirs / "workspaces"))
    environment["JUPYTER_CONFIG_DIR"] = str(Path(environment["IPYTHONDIR"]).with_name("jupyter"))
    environment["JUPYTER_CONFIG_PATH"] = ".jupyter"  # from ROOT, whose whole name may hold a colon


def check_jupyterlab() -> None:
    """Stop where this Python has no JupyterLab: outside the environment, or in half of one."""
    if sys.version_info < (3, 11) or importlib.util.find_spec("jupyterlab") is None:
        stop(
            f"The Python in {sys.prefix} lacks what the book needs.",
            "With make: delete .venv, and `make lab` sets it up anew.",
            "With conda: call `conda activate deep-learning-book` first.",
        )


def check_port(text: str, address: str) -> int:
    """Return the port, or stop and say why JupyterLab cannot have it."""
    port = int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
    if not 1 <= port <= 65535:
        stop(
            f"PORT must be a number from 1 to 65535, got {text!r}. For example: make lab PORT=8899"
        )
    reason = refusal(port, address)
    if reason is None:
        return port
    if reason.errno == errno.EADDRINUSE:
        stop(
            f"Port {port} is taken. If that is this book, already open, use its window;",
            f"otherwise choose another port: make lab PORT={free_port(port + 1, address)}",
        )
    if reason.errno == errno.EACCES:
        stop(
            f"Port {port} is kept for the machine's administrator.",
            f"Choose one above 1023: make lab PORT={free_port(8888, address)}",
        )
    stop(f"Port {port} of {address} cannot be opened: {reason.strerror.partition(' (while')[0]}.")


def free_port(start: int, address: str) -> int:
    """Return the first port from ``start`` on that a server can have, or 8888 for none."""
    free = (port for port in range(start, 65536) if refusal(port, address) is None)
    return next(free, 8888)


def refusal(port: int, address: str) -> OSError | None:
    """Return the error with which a server cannot have this port, None if it can."""
    try:
        places = socket.getaddrinfo(address.strip("*") or None, port, type=socket.SOCK_STREAM)
    except OSError as error:
        return error
    except UnicodeError:
        return OSError(errno.EINVAL, "that is no name of a machine")
    for family, _, _, _, place in places:
        try:
            socket.create_server(
                place[:2], family=family
            ).close()  # address reused, as Jupyter does
        except OSError as error:
            without_ipv6 = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)
            if family != socket.AF_INET6 or error.errno not in without_ipv6:
                return error
    return None


if __name__ == "__main__":
    main()
