"""Testing an artifact in a process of its own, which it may crash or hang without harm."""

import json
import os
import subprocess
import sys
from dataclasses import asdict, dataclass, fields

from ..arrays.availability import first_line
from ..checks import as_path, in_range
from .artifact import digest as digest_of
from .artifact import load, start
from .errors import ModelError

__all__ = ["Verdict", "verify"]


@dataclass(frozen=True)
class Verdict:
    """An artifact whose file, contract and golden pair agree.

    Attributes
    ----------
    digest : str
        The SHA-256 that stands for the whole artifact.
    contract : str
        What the model takes and gives.
    parity : str
        How far its outputs are from the golden ones, and where.
    n_golden : int
        How many golden inputs were tried.
    """

    digest: str
    contract: str
    parity: str
    n_golden: int


def verify(
    path: str | os.PathLike[str], *, digest: str | None = None, seconds: float = 120
) -> Verdict:
    """Load an artifact and start its model in another process; say whether all agrees.

    Parameters
    ----------
    path : path
    digest : str, optional
        The digest that it must have.
    seconds : float
        How long to wait for an answer.

    Raises
    ------
    FileNotFoundError
        When there is no such file.
    ImportError
        When the model's runtime is not installed.
    ModelError
        When the file is not what was saved, or the model does not keep its contract, crashes its
        runtime, or gives no answer in time.
    """
    seconds = float(in_range("seconds", seconds, 0, open_low=True))
    path = as_path("path", path)
    path.stat()
    command = [sys.executable, "-m", __name__, os.fspath(path), *([digest] if digest else [])]
    try:
        done = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=seconds)
    except subprocess.TimeoutExpired:
        raise ModelError(
            f"`{path}` gave no answer within {seconds:g} seconds: its model may hang the runtime"
        ) from None
    answer = _answer(done.stdout)
    if done.returncode == 0 and set(answer) == {field.name for field in fields(Verdict)}:
        return Verdict(**answer)
    if done.returncode == 1 and set(answer) == {"kind", "message"}:
        raise {"ImportError": ImportError}.get(answer["kind"], ModelError)(answer["message"])
    how = f"signal {-done.returncode}" if done.returncode < 0 else f"status {done.returncode}"
    raise ModelError(f"`{path}` made the process that tested it stop with {how}")


def _answer(said: str) -> dict[str, str]:
    """Return what the last line tells; nothing if it isn't what `main` prints."""
    try:
        answer = json.loads(said.splitlines()[-1])
    except (IndexError, ValueError):
        return {}
    return answer if isinstance(answer, dict) else {}


def main(path: str, *digest: str) -> int:
    """Do in this process what `verify` asks for, and print the answer as one line of JSON."""
    try:
        artifact = load(path, digest=digest[0] if digest else None)
        predictor = start(artifact)
    except Exception as error:  # whatever a runtime raises is told
        kind = "ImportError" if isinstance(error, ImportError) else "ModelError"
        print(json.dumps({"kind": kind, "message": str(error) or first_line(error)}))  # noqa: T201
        return 1
    takes, gives = artifact.input.described(), artifact.output.described()
    verdict = Verdict(
        digest=digest_of(artifact),
        contract=f"{takes} -> {gives}",
        parity=str(predictor.parity),
        n_golden=len(artifact.golden_inputs),
    )
    print(json.dumps(asdict(verdict)))  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
