"""A server in a thread of this process, on this machine's loopback address only."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ..checks import count, in_range
from ..edge.artifact import Predictor
from ..edge.formats import need

__all__ = ["Server", "listening", "serve", "uvicorn_server"]

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True)
class Server:
    """A running server.

    Attributes
    ----------
    port : int
    """

    port: int

    @property
    def url(self) -> str:
        """Where it is reached, from this machine."""
        return f"http://{LOOPBACK}:{self.port}"


@contextmanager
def serve(predictor: Predictor, *, port: int = 0, **limits: Any) -> Iterator[Server]:
    """Serve an artifact as long as the block runs; at its end, all requests under way are answered.

    Parameters
    ----------
    predictor : Predictor
        From `edge.artifact.start`.
    port : int
        0 takes any free one.
    **limits
        Of `app.Limits`: `most_bytes`, `most_samples`, `most_waiting`, `seconds`, `window`.

    Raises
    ------
    ImportError
        When FastAPI or uvicorn is not installed.
    OSError
        When the port is taken.
    """
    with listening(port) as server_socket:
        server = uvicorn_server(predictor, **limits)
        thread = threading.Thread(
            target=server.run, kwargs={"sockets": [server_socket]}, name="server"
        )
        thread.start()
        try:
            yield Server(server_socket.getsockname()[1])
        finally:
            server.should_exit = True
            thread.join()


@contextmanager
def listening(port: int) -> Iterator[socket.socket]:
    """Open a port on the loopback address; who connects before the server runs waits for it."""
    in_range("port", count("port", port, 0), 0, 65535)
    # with the protocol named, asyncio sends answers at once (TCP_NODELAY), else 40 ms later
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as server_socket:
        server_socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            server_socket.bind((LOOPBACK, port))
        except OSError as error:
            raise OSError(
                f"port {port} can't be used ({error.strerror}); try another one, or 0 for any"
            ) from None
        server_socket.listen(256)
        yield server_socket


def uvicorn_server(predictor: Predictor, **limits: Any) -> Any:
    """Return a uvicorn server of an artifact that has not been started yet."""
    for module in ("fastapi", "prometheus_client"):
        need(module, "edge")
    uvicorn = need("uvicorn", "edge")
    from .app import Limits, create_app

    config = uvicorn.Config(
        create_app(predictor, Limits(**limits)),
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=30,
        ws="none",
    )
    return uvicorn.Server(config)
