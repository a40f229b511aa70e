"""Taking a LiteRT file apart; what is in it is believed only after it was checked."""

import os
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import ModelError
from ..formats import need
from .model import IntegerModel, Step, Tensor

__all__ = ["read"]

MARK = b"TFL3"
ACTIVATIONS = {0: None, 1: (0.0, np.inf), 3: (0.0, 6.0)}  # none, ReLU, ReLU6
MOST = 2**24
"""How many numbers a tensor may have, with its border."""

PADDINGS = {0: "same", 1: "valid"}


def read(model: bytes | str | os.PathLike[str], *, without_softmax: bool = False) -> IntegerModel:
    """Read an 8-bit LiteRT model.

    Parameters
    ----------
    model : bytes or path
        Of a file whose layers take and give int8: weights symmetric, one scale a channel or one.
    without_softmax : bool, default False
        Whether to leave out a softmax that is the last layer. The outputs are then the logits
        before it, to the integer. A softmax keeps their order, so that the largest logit is the
        class; where two logits are closer than a unit of the softmax, that one calls them equal.

    Returns
    -------
    IntegerModel

    Raises
    ------
    ImportError
        When ai-edge-litert is not installed, which knows the format.
    ModelError
        When it is no such file, or has a layer that is not known here.
    """
    name = "the model" if isinstance(model, bytes) else os.fspath(model)
    content = model if isinstance(model, bytes) else Path(model).read_bytes()
    schema = need("ai_edge_litert.schema_py_generated", "edge")
    if content[4:8] != MARK:
        raise ModelError(f"`{name}` is no LiteRT model: its bytes 4 to 8 are {content[4:8]!r}")
    try:
        return _Reader(schema, content, without_softmax=without_softmax).model()
    except ModelError as error:
        raise ModelError(f"`{name}` can't be read as an 8-bit model: {error}") from None
    except Exception as error:  # a damaged table of offsets fails in any way
        kind = type(error).__name__
        raise ModelError(f"`{name}` can't be read as a LiteRT model: {kind}: {error}") from None


class _Reader:
    """One file, taken apart."""

    def __init__(self, schema: Any, content: bytes, *, without_softmax: bool) -> None:
        self.content = content
        self.file = schema.ModelT.InitFromPackedBuf(content, 0)
        self.names = _names(schema.BuiltinOperator)
        self.types = _names(schema.TensorType)
        if len(self.file.subgraphs) != 1:
            raise ModelError(f"it has {len(self.file.subgraphs)} graphs, and one is read")
        self.graph = self.file.subgraphs[0]
        if without_softmax:
            self.end_before_softmax()

    def end_before_softmax(self) -> None:
        """Let the graph end with the logits, where at most a change of type follows a softmax."""
        operators = list(self.graph.operators)
        if operators and self.name_of(operators[-1]) == "DEQUANTIZE":
            operators.pop()
        if operators and self.name_of(operators[-1]) == "SOFTMAX":
            last = operators.pop()
            if last.builtinOptions.beta > 0:  # it keeps the order
                self.graph.operators, self.graph.outputs = operators, last.inputs[:1]

    def model(self) -> IntegerModel:
        if (len(self.graph.inputs), len(self.graph.outputs)) != (1, 1):
            raise ModelError("it must have one input and one output")
        if not self.graph.operators:
            raise ModelError("it has no layer")
        constants = {at for at in range(len(self.graph.tensors)) if self.data(at) is not None}
        tensors = tuple(
            Tensor((), "none") if at in constants else self.tensor(at)
            for at in range(len(self.graph.tensors))
        )
        steps = tuple(self.step(operator, tensors) for operator in self.graph.operators)
        known = {int(self.graph.inputs[0])}
        for step in steps:
            if not known.issuperset(step.inputs):
                raise ModelError(f"a {step.kind} takes what was not computed before")
            known.add(step.output)
        output = int(self.graph.outputs[0])
        if output not in known:
            raise ModelError("its output is not computed")
        return IntegerModel(tensors, steps, int(self.graph.inputs[0]), output)

    def tensor(self, at: int) -> Tensor:
        found = self.graph.tensors[at]
        shape = tuple(map(int, found.shape))
        kind = self.types.get(found.type, str(found.type)).lower()
        if kind not in ("int8", "float32"):
            raise ModelError(f"it computes with {kind}; int8 is read")
        if not shape or min(shape) < 1 or np.prod(shape, dtype=object) > MOST:
            raise ModelError(f"a tensor has shape {shape}")
        if kind == "float32":
            return Tensor(shape[1:], kind)
        scale, zero_point, _ = self.scales(at)
        if len(scale) != 1:
            raise ModelError("an input or output has a scale a channel; one is read")
        return Tensor(shape[1:], kind, float(scale[0]), int(zero_point[0]))

    def scales(self, at: int) -> tuple[np.ndarray, np.ndarray, int]:
        found = self.graph.tensors[at].quantization
        if found is None or found.scale is None or len(found.scale) == 0:
            raise ModelError("an int8 tensor has no scale")
        scale = np.asarray(found.scale, np.float32)
        if not (np.isfinite(scale) & (scale > 0)).all():
            raise ModelError(f"a scale is not positive: {scale.min()}")
        zero_point = found.zeroPoint
        zero_point = np.zeros(len(scale), int) if zero_point is None else np.asarray(zero_point)
        if len(zero_point) != len(scale) or not ((zero_point >= -128) & (zero_point < 128)).all():
            raise ModelError("a zero point lies outside int8")
        return scale, zero_point, int(found.quantizedDimension)

    def data(self, at: int) -> bytes | None:
        """Return what a tensor holds: large files have it behind their tables."""
        buffer = self.file.buffers[self.graph.tensors[at].buffer]
        if buffer.data is not None:
            return np.asarray(buffer.data, np.uint8).tobytes()
        if not buffer.offset:
            return None
        end = buffer.offset + buffer.size
        if end > len(self.content):
            raise ModelError(f"weights end at byte {end} of {len(self.content)}")
        return self.content[buffer.offset : end]

    def constant(self, at: int, kind: str) -> np.ndarray:
        found, data = self.graph.tensors[at], self.data(at)
        if data is None or self.types.get(found.type, "").lower() != kind:
            raise ModelError(f"weights must be constant, of dtype {kind}")
        values = np.frombuffer(data, np.dtype(kind).newbyteorder("<"))
        return values.reshape(found.shape).astype(kind)

    def name_of(self, operator: Any) -> str:
        code = self.file.operatorCodes[operator.opcodeIndex]
        return self.names.get(max(code.builtinCode, code.deprecatedBuiltinCode), "?")

    def step(self, operator: Any, tensors: tuple[Tensor, ...]) -> Step:
        name = self.name_of(operator)
        if name == "SOFTMAX":
            raise ModelError(
                "it has a layer SOFTMAX, which has no whole numbers here; where it is the last "
                "one, leave it out (`without_softmax=True`, in a terminal `--without-softmax`) and "
                "take the largest logit"
            )
        if name not in LAYERS:
            raise ModelError(f"it has a layer {name}; known are {', '.join(LAYERS)}")
        kind, n_inputs = LAYERS[name]
        inputs, output = tuple(map(int, operator.inputs)), int(operator.outputs[0])
        if min(inputs[: max(n_inputs, 1)]) < 0:
            raise ModelError(f"a layer {name} has no input")
        fields = {"kind": kind, "inputs": inputs[:n_inputs], "output": output}
        gives, options = tensors[output], operator.builtinOptions
        if kind not in ("quantize", "dequantize"):
            for at in (*inputs[:n_inputs], output):
                if tensors[at].dtype != "int8":
                    raise ModelError(f"a layer {name} computes with {tensors[at].dtype}")
        if kind in ("dense", "conv2d", "depthwise_conv2d"):
            fields |= self.weights(kind, inputs, tensors)
        if hasattr(options, "fusedActivationFunction"):
            fields |= _ends(options.fusedActivationFunction, gives)
        if hasattr(options, "strideH"):
            fields |= {
                "stride": (int(options.strideH), int(options.strideW)),
                "padding": PADDINGS[options.padding],
            }
            if min(fields["stride"]) < 1:
                raise ModelError("a stride is less than 1")
        if (
            getattr(options, "dilationHFactor", 1) != 1
            or getattr(options, "dilationWFactor", 1) != 1
        ):
            raise ModelError("it has a dilated convolution")
        if hasattr(options, "filterHeight"):
            fields["window"] = int(options.filterHeight), int(options.filterWidth)
        step = Step(**fields)
        _check_shapes(step, tensors)
        _check_scales(step, tensors)
        return step

    def weights(self, kind: str, inputs: tuple[int, ...], tensors: Any) -> dict[str, Any]:
        W = self.constant(inputs[1], "int8")
        scale, zero_point, _axis = self.scales(inputs[1])
        W = {  # from LiteRT's layouts to the kernels'
            "dense": lambda W: W.T,
            "conv2d": lambda W: W.transpose(1, 2, 3, 0),
            "depthwise_conv2d": lambda W: W[0],
        }[kind](W)
        n = W.shape[-1]
        if len(scale) not in (1, n) or zero_point.any():
            raise ModelError("weights must be symmetric, with one scale or one a channel")
        if len(inputs) > 2 and inputs[2] >= 0:
            b = self.constant(inputs[2], "int32")
        else:
            b = np.zeros(n, np.int32)
        return {"W": np.ascontiguousarray(W), "b": b, "W_scale": np.broadcast_to(scale, n).copy()}


LAYERS = {  # LiteRT's name: ours, and how many inputs are computed
    "QUANTIZE": ("quantize", 1),
    "FULLY_CONNECTED": ("dense", 1),
    "CONV_2D": ("conv2d", 1),
    "DEPTHWISE_CONV_2D": ("depthwise_conv2d", 1),
    "MAX_POOL_2D": ("max_pool2d", 1),
    "AVERAGE_POOL_2D": ("average_pool2d", 1),
    "ADD": ("add", 2),
    "RESHAPE": ("reshape", 1),
    "DEQUANTIZE": ("dequantize", 1),
}


def _names(table: Any) -> dict[int, str]:
    return {value: name for name, value in vars(table).items() if isinstance(value, int)}


def _ends(activation: int, gives: Tensor) -> dict[str, int]:
    if activation not in ACTIVATIONS:
        raise ModelError(f"it has the activation {activation}; none, ReLU and ReLU6 are known")
    interval = ACTIVATIONS[activation]
    if interval is None:
        return {}
    low, high = interval
    top = 127 if np.isinf(high) else gives.zero_point + int(np.floor(high / gives.scale + 0.5))
    return {"low": max(-128, gives.zero_point + int(low)), "high": min(127, top)}


def _check_shapes(step: Step, tensors: tuple[Tensor, ...]) -> None:
    """Refuse a layer whose shapes don't fit, before anybody computes or allocates."""
    takes, gives = tensors[step.inputs[0]].shape, tensors[step.output].shape
    wrong = ModelError(f"a {step.kind} makes shape {gives} of {takes}")
    entries = [int(np.prod(shape, dtype=int)) for shape in (takes, gives)]
    if step.kind in ("quantize", "dequantize", "reshape", "add"):
        if entries[0] != entries[1]:
            raise wrong
    elif step.kind == "dense":
        if step.W.shape != tuple(entries) or step.b.shape != (entries[1],):
            raise wrong
    else:
        if len(takes) != 3 or len(gives) != 3:
            raise wrong
        size = step.window if step.W is None else step.W.shape[:2]
        if np.prod([n + m for n, m in zip(takes, size, strict=False)], dtype=object) > MOST:
            raise ModelError(f"a {step.kind} has a window of {tuple(size)}")
        for axis in (0, 1):
            length, window, stride = takes[axis], size[axis], step.stride[axis]
            out = (
                -(-length // stride) if step.padding == "same" else (length - window) // stride + 1
            )
            if window < 1 or out != gives[axis]:
                raise wrong
        channels = gives[2:] if step.kind == "conv2d" else takes[2:]
        fits = step.W is None or (
            step.W.shape[2:] == (*takes[2:], *channels)[-len(step.W.shape) + 2 :]
        )
        if not fits or channels != gives[2:] or (step.b is not None and step.b.shape != channels):
            raise wrong


def _check_scales(step: Step, tensors: tuple[Tensor, ...]) -> None:
    """Refuse a layer whose sums become whole numbers of the output by too large a factor."""
    if step.W_scale is None and step.kind != "add":
        return
    factor = max(tensors[at].scale for at in step.inputs) / tensors[step.output].scale
    if step.W_scale is not None:
        factor *= float(step.W_scale.max())
    if factor >= 2**31:
        raise ModelError(f"a {step.kind} has scales that are too far apart")
