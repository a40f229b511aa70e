"""The process of `Isolated`: loads an artifact under limits, then answers one batch at a time.

An answer is a letter, y or n, the length of what follows in 8 bytes, and an array or a text.
"""

import contextlib
import json
import os
import sys
from typing import BinaryIO

from ..arrays.availability import first_line
from .artifact import load, start
from .errors import ModelError
from .npy import from_npy, to_npy

__all__ = ["main"]


def main(path: str, memory: str, *digest: str) -> int:
    """Load, then answer until the input ends; return the exit status."""
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a runtime prints is no answer
    _limit(int(memory))
    try:
        predictor = start(load(path, digest=digest[0] if digest else None))
    except Exception as error:  # whatever a runtime raises is told
        kind = "ImportError" if isinstance(error, ImportError) else "ModelError"
        _say(answers, b"n", _told(kind, error))
        return 1
    whole = predictor.artifact
    described = f"{whole.name}: {whole.input.described()} -> {whole.output.described()}"
    _say(answers, b"y", described.encode())
    while head := sys.stdin.buffer.read(8):
        try:
            X = from_npy(sys.stdin.buffer.read(int.from_bytes(head, "big")))
            answer = to_npy(predictor.predict(X))
        except ModelError as error:
            _say(answers, b"n", _told("ModelError", error))
        except (TypeError, ValueError) as error:
            _say(answers, b"n", _told(type(error).__name__, error))
        except Exception as error:  # the runtime's own kinds
            _say(answers, b"n", _told("ModelError", error))
        else:
            _say(answers, b"y", answer)
    return 0


def _limit(memory: int) -> None:
    """Bound the address space, and leave no image of the memory behind after a crash."""
    with contextlib.suppress(ImportError):  # Windows has no such limits
        import resource

        for kind, most in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_CORE, 0)):
            with contextlib.suppress(OSError, ValueError):  # the system allows less, or can't
                resource.setrlimit(kind, (most, most))


def _told(kind: str, error: Exception) -> bytes:
    return json.dumps({"kind": kind, "message": str(error) or first_line(error)}).encode()


def _say(answers: BinaryIO, letter: bytes, content: bytes) -> None:
    answers.write(letter + len(content).to_bytes(8, "big") + content)
    answers.flush()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
