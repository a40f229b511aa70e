"""Fewer bits for a model that is trained already, by LiteRT's own quantizer.

Weights need no data: their range is known. Activations do, and calibration measures it. Source:
Nagel et al., "A white paper on neural network quantization" (2021).
"""

import contextlib
import io
import logging
import os
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from ...arrays.importing import silent_stderr
from ...checks import choice, count
from ..errors import ModelError
from ..formats import need

__all__ = ["KINDS", "RANGES", "post_training"]

KINDS = ("float16", "dynamic", "int4", "int8")
"""Half-precision weights; 8-bit weights; 4-bit weights; 8-bit weights and activations."""

RANGES = ("extremes", "moving_average")
"""How calibration keeps a range: the lowest and the highest of all, or 0.95 of the old one."""


def post_training(
    model: bytes | str | os.PathLike[str],
    *,
    to: str,
    X: np.ndarray | None = None,
    ranges: str = "extremes",
    batch: int = 1,
    real_ends: bool = True,
) -> bytes:
    """Return a float32 LiteRT model with fewer bits.

    Parameters
    ----------
    model : bytes or path
        A float32 LiteRT file.
    to : {"float16", "dynamic", "int4", "int8"}
        The first three change the weights alone: float16, int8 or int4, one scale a channel.
        "dynamic" and "int4" find the range of each activation while they run. "int8" computes
        with whole numbers throughout.
    X : ndarray, shape (n, ...)
        For "int8": inputs as the model takes them, from the training set. Some hundreds do.
    ranges : {"extremes", "moving_average"}
        "extremes" keeps the lowest and highest value that an activation has on any input.
        "moving_average", the quantizer's own way, mixes each batch into the range with 0.05: the
        extremes of a batch of one count little, and the range comes out too narrow.
    batch : int
        How many inputs calibration takes at a time; a file for one input at a time may refuse more.
    real_ends : bool
        Whether an "int8" file takes and gives float32, as the browser's runtime wants it.

    Returns
    -------
    bytes
        Of a LiteRT file.

    Raises
    ------
    ImportError
        When litert-quantizer is not installed.
    ModelError
        When the quantizer can't work on the file.
    ValueError
        When an argument has no such value, or "int8" comes without X.
    """
    choice("to", to, KINDS)
    choice("ranges", ranges, RANGES)
    batch = count("batch", batch)
    if to == "int8" and (X is None or len(X) == 0):
        raise ValueError(
            "`X` must hold inputs to calibrate with: int8 needs the activations' ranges"
        )
    content = model if isinstance(model, bytes) else Path(model).read_bytes()
    need("litert_quantizer.quantizer", "edge")
    try:
        with _quiet():
            recipe = _recipe(to, real_ends)
            quantizer = need("litert_quantizer.quantizer", "edge").Quantizer(
                content, recipe.get_quantization_recipe()
            )
            found = _calibrated(content, recipe, X, ranges, batch) if to == "int8" else None
            return bytes(quantizer.quantize(found).quantized_model)
    except ImportError:
        raise
    except Exception as error:  # the quantizer's kinds, and the runtime's
        reason = next(iter(str(error).strip().splitlines()), type(error).__name__)
        raise ModelError(f"the model can't be quantized to {to}: {reason}") from error


def _recipe(to: str, real_ends: bool) -> Any:
    manager = need("litert_quantizer.recipe_manager", "edge").RecipeManager()
    names = need("litert_quantizer.qtyping", "edge").TFLOperationName
    algorithms = need("litert_quantizer.algorithm_manager", "edge").AlgorithmName
    every = (".*", names.ALL_SUPPORTED)
    if to == "float16":
        casting = algorithms.FLOAT_CASTING
        manager.add_weight_only_config(*every, num_bits=16, algorithm_key=casting)
    elif to == "int8":
        manager.add_static_config(*every, activation_num_bits=8, weight_num_bits=8)
        for end in (names.INPUT, names.OUTPUT) if real_ends else ():
            manager.add_quantization_config(".*", end, algorithm_key=algorithms.NO_QUANTIZE)
    else:
        manager.add_dynamic_config(*every, num_bits=4 if to == "int4" else 8)
    return manager


def _calibrated(content: bytes, recipe: Any, X: np.ndarray, ranges: str, batch: int) -> Any:
    updates = need("litert_quantizer.utils.qsv_utils", "edge")
    kept = {
        "extremes": {"qsv_update_func": updates.min_max_update},
        "moving_average": {},
    }[ranges]
    calibrator = need("litert_quantizer.calibrator", "edge").Calibrator(
        content, num_threads=1, **kept
    )
    interpreter = need("ai_edge_litert.interpreter", "edge").Interpreter(model_content=content)
    ((name, ends),) = interpreter.get_signature_list().items()
    (takes,) = ends["inputs"]
    parts = [X[start : start + batch] for start in range(0, len(X), batch)]
    calibrator.calibrate({name: [{takes: part} for part in parts]}, recipe)
    return calibrator.get_model_qsvs()


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep progress bars and reports to ourselves."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with (
            contextlib.redirect_stdout(io.StringIO()),
            contextlib.redirect_stderr(io.StringIO()),
            silent_stderr(),
            warnings.catch_warnings(),
        ):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)
