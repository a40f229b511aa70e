"""A model in a process of its own, which may crash, hang or grow without harm to this one."""

import contextlib
import json
import os
import subprocess
import sys
import threading
import weakref
from typing import Any

import numpy as np

from ..checks import as_path, count, in_range
from .errors import ModelError
from .npy import from_npy, to_npy

__all__ = ["Isolated"]

MOST_BYTES = 2**28  # of an answer
ERRORS = {"ImportError": ImportError, "TypeError": TypeError, "ValueError": ValueError}


class Isolated:
    """A model that runs in a process of its own; `runtime.load` makes one.

    Parameters
    ----------
    path : path
        Of an artifact.
    digest : str, optional
        The SHA-256 that it must have.
    seconds : float
        How long it may take, to start and for each call.
    memory : int
        How many bytes of address space the process may use.

    Raises
    ------
    FileNotFoundError, ImportError, ModelError
        As `runtime.load` says.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        digest: str | None = None,
        seconds: float = 30,
        memory: int = 2**31,
    ) -> None:
        self._seconds = float(in_range("seconds", seconds, 0, open_low=True))
        memory = count("memory", memory)
        path = as_path("path", path)
        path.stat()
        self._path = os.fspath(path)
        self._busy = threading.Lock()
        worker = f"{__package__}.worker"
        self._process = subprocess.Popen(
            [sys.executable, "-m", worker, self._path, str(memory), *([digest] if digest else [])],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._finalizer = weakref.finalize(self, _end, self._process)
        self.described = self._answer().decode()

    def __repr__(self) -> str:
        return f"<Isolated {self.described}>"

    def __enter__(self) -> "Isolated":
        return self

    def __exit__(self, *error: Any) -> None:
        self.close()

    def close(self) -> None:
        """End the process."""
        self._finalizer()

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Return what the outputs mean for a batch: names of classes, or numbers.

        Parameters
        ----------
        X : ndarray, shape (n,) + the artifact's input shape
            In the units of the data.

        Raises
        ------
        ModelError
            When the process has ended, crashes, gives no answer in time, or one that can't be read.
        TypeError, ValueError
            When X breaks the contract.
        """
        if not isinstance(X, np.ndarray) or X.dtype.hasobject:
            raise TypeError(f"`X` must be an array of numbers, got {type(X).__name__}")
        with self._busy:
            if not self._finalizer.alive:
                raise ModelError(f"the process of `{self._path}` has ended; load the file again")
            content = to_npy(X)
            with contextlib.suppress(OSError):  # a process that has ended is told by its answer
                self._process.stdin.write(len(content).to_bytes(8, "big") + content)
                self._process.stdin.flush()
            answer = self._answer()
        try:
            return from_npy(answer)
        except ValueError as error:
            self.close()
            raise ModelError(f"`{self._path}` gave an answer that can't be read: {error}") from None

    def _answer(self) -> bytes:
        """Return what the process says; end it when it says nothing in time."""
        late, process = threading.Event(), self._process

        def stop() -> None:  # knows nothing of `self`, which it would keep alive
            late.set()
            process.kill()

        timer = threading.Timer(self._seconds, stop)
        timer.start()
        try:
            head = self._process.stdout.read(9)
            size = int.from_bytes(head[1:], "big")
            fits = len(head) == 9 and size <= MOST_BYTES
            content = self._process.stdout.read(size) if fits else b""
        finally:
            timer.cancel()
        whole = fits and len(content) == size
        if whole and head[:1] == b"y":
            return content
        if whole and head[:1] == b"n":
            raise self._told(content)
        ended = not whole and (fits or len(head) < 9)
        if ended and not late.is_set():  # its status is known a moment after its last word
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(self._seconds)
        self.close()
        if late.is_set():
            raise ModelError(
                f"`{self._path}` gave no answer within {self._seconds:g} seconds: its model may "
                "hang the runtime"
            )
        if not ended:
            raise ModelError(f"`{self._path}` gave an answer that can't be read")
        status = self._process.returncode
        how = f"signal {-status}" if status < 0 else f"status {status}"
        raise ModelError(f"`{self._path}` made its process stop with {how}")

    def _told(self, content: bytes) -> Exception:
        try:
            told = json.loads(content)
            kind, message = str(told["kind"]), str(told["message"])
        except (KeyError, TypeError, ValueError):
            return ModelError(f"`{self._path}` gave an answer that can't be read")
        return ERRORS.get(kind, ModelError)(message)


def _end(process: subprocess.Popen) -> None:
    process.kill()
    process.wait()
    for stream in (process.stdin, process.stdout):
        with contextlib.suppress(OSError):  # what was not sent
            stream.close()
