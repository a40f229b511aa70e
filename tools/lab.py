"""Open the book in JupyterLab: ``python tools/lab.py [--port 8888] [options of jupyter lab]``."""

import argparse
import errno
import os
import socket
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
INDEX = "book/index.md"


def main() -> None:
    """Start JupyterLab on the book's index, with text files opening as notebooks."""
    parser = argparse.ArgumentParser(description="Open the book in JupyterLab.")
    parser.add_argument("--port", type=int, default=8888)
    options, for_jupyter = parser.parse_known_args()
    if taken(options.port):
        sys.exit(
            f"\nPort {options.port} is taken. If that is this book, already open, use its window;\n"
            f"otherwise choose another port: make lab PORT={free_port(options.port + 1)}\n"
        )
    settings = [str(ROOT / ".jupyter"), os.environ.get("JUPYTER_CONFIG_PATH", "")]
    os.environ["JUPYTER_CONFIG_PATH"] = os.pathsep.join(filter(None, settings))
    os.environ.pop("MPLBACKEND", None)  # figures belong in the notebook
    os.chdir(ROOT)
    command = [
        *[sys.executable, "-m", "jupyterlab"],
        f"--ServerApp.root_dir={ROOT}",
        f"--ServerApp.port={options.port}",
        "--ServerApp.port_retries=0",
        f"--LabApp.default_url=/lab/tree/{INDEX}",
        *(["--allow-root"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []),
        *for_jupyter,
    ]
    os.execv(command[0], command)


def taken(port: int) -> bool:
    """Tell whether another program listens on this port of this machine."""
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            return error.errno == errno.EADDRINUSE
    return False


def free_port(start: int) -> int:
    """Return the first port from ``start`` on that nobody listens on."""
    return next(port for port in range(start, 65536) if not taken(port))


if __name__ == "__main__":
    main()
