"""`deeplearn serve`: an artifact behind HTTP, on this machine's loopback address."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from ..edge import artifact
from ..serving.server import Server, listening, uvicorn_server
from .telling import say, told


def serve(
    path: Annotated[Path, typer.Argument(help="An artifact.")],
    port: Annotated[int, typer.Option(help="Where to listen; 0 takes any free port.")] = 8000,
    digest: Annotated[
        str | None, typer.Option(help="The SHA-256 that the artifact must have.")
    ] = None,
) -> None:
    """Serve an artifact over HTTP, to this machine only, until Ctrl+C."""
    console = Console()
    with told(), listening(port) as server_socket, contextlib.suppress(KeyboardInterrupt):
        with console.status("Starting the model ..."):
            predictor = artifact.start(artifact.load(path, digest=digest))
            server = uvicorn_server(predictor)
        url = Server(server_socket.getsockname()[1]).url
        say(console, f"{predictor.artifact} at {url}")
        say(console, "POST /predict, GET /health, GET /version, GET /metrics; Ctrl+C stops")
        server.run(sockets=[server_socket])
