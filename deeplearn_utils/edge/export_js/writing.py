"""An 8-bit model as JSON, and the JavaScript that computes it."""

import base64
import json
from importlib.resources import files

import numpy as np

from ...kernels.quantize import fixed_point
from ...kernels.sliding import slide
from ..integer import IntegerModel, Step

__all__ = ["engine_js", "export_js"]

FORMAT = "deeplearn-int8-1"
LAYERS = ("dense", "conv2d", "depthwise_conv2d", "max_pool2d", "average_pool2d")


def engine_js() -> str:
    """Return the engine: a JavaScript module that depends on nothing, and exports ``load``.

    ``load(model).predict(x, rounding)`` takes what `export_js` wrote, parsed, and an array of real
    numbers or an Int8Array. It returns ``integers`` and ``real``, the outputs, and ``layers``, the
    integers after each layer. The rounding is "float", LiteRT's, or "double", tflite-micro's.

    Examples
    --------
    >>> "export function load" in engine_js()
    True
    """
    return (files(__package__) / "engine.js").read_text("utf-8")


def export_js(model: IntegerModel) -> str:
    """Return an 8-bit model as JSON for the engine.

    Parameters
    ----------
    model : IntegerModel
        Ends that change the type are left out: the engine rounds real inputs itself.

    Returns
    -------
    str
        Weights are in base64; it is ASCII throughout.

    Raises
    ------
    ValueError
        When the model has a layer that the engine does not know.
    """
    model = model.core()
    steps = [step for step in model.steps if step.kind != "reshape"]  # the order of entries stays
    unknown = {step.kind for step in steps} - set(LAYERS)
    if unknown:
        raise ValueError(f"`model` must have layers among {', '.join(LAYERS)}, got {min(unknown)}")
    takes, gives = model.tensors[model.input], model.tensors[model.output]
    described = {
        "format": FORMAT,
        "input": {
            "size": int(np.prod(takes.shape, dtype=int)),
            "scale": takes.scale,
            "zero": takes.zero_point,
        },
        "output": {"scale": gives.scale, "zero": gives.zero_point},
        "layers": [_layer(model, step) for step in steps],
    }
    return json.dumps(described, separators=(",", ":"))


def _layer(model: IntegerModel, step: Step) -> dict:
    takes, gives = model.tensors[step.inputs[0]], model.tensors[step.output]
    layer = {
        "kind": step.kind,
        "zero": takes.zero_point,
        "zeroOut": gives.zero_point,
        "low": step.low,
        "high": step.high,
    }
    if step.kind == "dense":
        layer["out"] = [1, 1, int(np.prod(gives.shape, dtype=int))]
    else:
        size = tuple(step.window if step.W is None else step.W.shape[:2])
        windows = slide(takes.shape[:2], size, step.stride, step.padding)
        layer |= {
            "in": list(takes.shape),
            "out": list(gives.shape),
            "window": list(size),
            "stride": list(step.stride),
            "before": [windows.rows.before, windows.columns.before],
        }
    if step.W is None:
        return layer
    W = step.W if step.kind == "depthwise_conv2d" else np.moveaxis(step.W, -1, 0)
    real = model.multiplier(step, rounding="float")
    mantissa, shift = fixed_point(model.multiplier(step, rounding="double"))
    factors = zip(real.tolist(), mantissa.tolist(), shift.tolist(), strict=True)
    return layer | {
        "w": base64.b64encode(np.ascontiguousarray(W).tobytes()).decode(),
        "b": step.b.tolist(),
        "f": [{"real": r, "m": m, "s": s} for r, m, s in factors],
    }
