"""Models on disk that can be converted: what another conversion starts from."""

import os
import warnings
from typing import Any

import numpy as np

from ...checks import as_path
from ..errors import ModelError
from ..formats import format_of, need, open_mlp

__all__ = ["load_source"]


def load_source(
    path: str | os.PathLike[str], format: str | None = None
) -> tuple[Any, np.ndarray | None]:
    """Load a model that `convert` takes: a Keras file, or a folder of the format "mlp".

    Parameters
    ----------
    path : path
    format : str, optional
        Default: `runtime.format_of` the path.

    Returns
    -------
    model, theta
        θ is None with a Keras model.

    Raises
    ------
    ModelError
        When the file can't be read, or is of a format that was made to be run only.
    """
    path = as_path("path", path)
    path.stat()
    format = format or format_of(path)
    if format not in ("keras", "mlp"):
        raise ModelError(
            f"`{path}` is a model as {format}, which was made to be run, not to be converted; "
            "start from a Keras model (.keras) or a folder of the format mlp"
        )
    try:
        if format == "mlp":
            return open_mlp(path)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            keras = need("keras", "lab")
            return keras.saving.load_model(path, compile=False, safe_mode=True), None
    except ImportError:
        raise
    except Exception as error:  # Keras raises many kinds
        reason = next(iter(str(error).strip().splitlines()), type(error).__name__)
        raise ModelError(f"`{path}` can't be read: {reason}") from error
