"""An 8-bit model as JSON, and the JavaScript that computes it."""

import base64
import json
from collections.abc import Iterable
from importlib.resources import files

import numpy as np

from ...kernels.quantize import fixed_point, sum_factors, sum_multipliers
from ...kernels.sliding import slide
from ..integer import IntegerModel, Step

__all__ = ["engine_js", "export_js"]

FORMAT = "deeplearn-int8-1"
LAYERS = ("dense", "conv2d", "depthwise_conv2d", "max_pool2d", "average_pool2d", "add")


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
    unknown = {step.kind for step in model.steps} - {*LAYERS, "reshape"}
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
        "layers": [],
    }
    at = {model.input: 0}  # where an activation stands among the engine's outputs
    for step in model.steps:
        if step.kind == "reshape":
            at[step.output] = at[step.inputs[0]]
            continue
        layer, inputs = _layer(model, step), [at[place] for place in step.inputs]
        if inputs != [len(described["layers"])]:
            layer["from"] = inputs
        described["layers"].append(layer)
        at[step.output] = len(described["layers"])
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
    if step.kind == "add":
        whole = _whole(sum_multipliers(model.scales(step)))
        return layer | {
            "zeroY": model.tensors[step.inputs[1]].zero_point,
            "f": {"real": sum_factors(model.scales(step)), "whole": whole},
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
    factors = zip(real.tolist(), _whole(model.multiplier(step, rounding="double")), strict=True)
    return layer | {
        "w": base64.b64encode(np.ascontiguousarray(W).tobytes()).decode(),
        "b": step.b.tolist(),
        "f": [{"real": factor, **whole} for factor, whole in factors],
    }


def _whole(multiplier: Iterable[float]) -> list[dict]:
    """Return factors without floating point."""
    mantissa, shift = fixed_point(multiplier)
    return [{"m": m, "s": s} for m, s in zip(mantissa.tolist(), shift.tolist(), strict=True)]
