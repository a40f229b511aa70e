"""Models run by the small runtime alone: load an artifact, predict, and trust no file blindly.

`load` opens what `artifact.save` wrote, with NumPy and the runtime of its format: no TensorFlow for
a LiteRT model, nothing else for the book's own. It refuses a file that is not what was saved, and a
model that does not give its golden outputs. With ``isolated=True`` the model runs in a process of
its own, with a limit on time and on memory: a file whose author nobody knows may crash or hang that
process, not this one. `open_model` opens a bare file, which nothing can be compared with.
"""

import os

from .artifact import Predictor, start
from .artifact import load as loaded
from .errors import ModelError  # noqa: F401
from .formats import (
    FOLDERS,
    RUNTIMES,
    Runtime,
    Session,
    files_of,
    format_of,
    mlp_files,
    open_mlp,
    open_model,
    written,
)
from .isolated import Isolated

__all__ = [
    "FOLDERS",
    "RUNTIMES",
    "Isolated",
    "Runtime",
    "Session",
    "files_of",
    "format_of",
    "load",
    "mlp_files",
    "open_mlp",
    "open_model",
    "written",
]


def load(
    path: str | os.PathLike[str],
    *,
    digest: str | None = None,
    isolated: bool = False,
    seconds: float = 30,
    memory: int = 2**31,
) -> Predictor | Isolated:
    """Load an artifact and start its model; what comes back predicts.

    Parameters
    ----------
    path : path
        Of a file that `artifact.save` wrote.
    digest : str, optional
        The SHA-256 that the artifact must have, as `artifact.save` returned it.
    isolated : bool
        True for a file that isn't trusted: its model runs in a process of its own.
    seconds : float
        How long an isolated model may take, to start and for each call.
    memory : int
        How many bytes of address space an isolated process may use, where the system has such a
        limit. The default is enough for LiteRT; TensorFlow takes several times as much.

    Returns
    -------
    Predictor or Isolated
        Call its ``predict(X)`` with a batch in the units of the data.

    Raises
    ------
    FileNotFoundError
        When there is no such file.
    ImportError
        When the model's runtime is not installed.
    ModelError
        When the file is not what was saved, or the model does not keep its contract, does not give
        its golden outputs, crashes its process, or gives no answer in time.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np
    >>> from deeplearn_utils.edge import artifact
    >>> from deeplearn_utils.networks import MLP
    >>> files, X = mlp_files(MLP([2, 1]), np.array([1.0, 2.0, 0.5])), np.ones((1, 2))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     digest = artifact.save(artifact.pack("line", files, X, format="mlp"), f"{folder}/a.zip")
    ...     load(f"{folder}/a.zip", digest=digest).predict(np.array([[3.0, 4.0]]))
    array([[11.5]])
    """
    if isolated:
        return Isolated(path, digest=digest, seconds=seconds, memory=memory)
    return start(loaded(path, digest=digest))
