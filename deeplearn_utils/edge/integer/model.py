"""An 8-bit model and its arithmetic: one step after the other, on the kernels of this book."""

import math
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ...checks import choice, one_library
from ...kernels import quantize as kernels

__all__ = ["IntegerModel", "Step", "Tensor"]

HALVES = {"float": "even", "double": "away", "single": "away"}
"""How each path rounds real inputs to whole ones."""


@dataclass(frozen=True)
class Tensor:
    """What flows between two steps.

    Attributes
    ----------
    shape : tuple of int
        Of one sample.
    dtype : str
        "int8", or "float32" before the first and after the last step of a file that takes and
        gives real numbers.
    scale, zero_point : float, int
        With which whole numbers stand for real ones.
    """

    shape: tuple[int, ...]
    dtype: str
    scale: float = 1.0
    zero_point: int = 0


@dataclass(frozen=True, eq=False)
class Step:
    """One layer.

    Attributes
    ----------
    kind : str
        One of `IntegerModel.KINDS`.
    inputs : tuple of int
        Where its inputs stand in `IntegerModel.tensors`; two for "add".
    output : int
        Where its output stands.
    W, b : ndarray, optional
        int8 and int32; layouts are those of the kernels.
    W_scale : ndarray, optional
        Of each output channel.
    window, stride, padding
        Of windows that slide over an image.
    low, high : int
        Where the output ends: an activation such as ReLU.
    """

    kind: str
    inputs: tuple[int, ...]
    output: int
    W: np.ndarray | None = None
    b: np.ndarray | None = None
    W_scale: np.ndarray | None = None
    window: tuple[int, int] = (1, 1)
    stride: tuple[int, int] = (1, 1)
    padding: str = "valid"
    low: int = -128
    high: int = 127


@dataclass(frozen=True, eq=False)
class IntegerModel:
    """An 8-bit model.

    Attributes
    ----------
    tensors : tuple of Tensor
    steps : tuple of Step
        In the order in which they are computed.
    input, output : int
        Where the model's input and output stand in `tensors`.
    """

    tensors: tuple[Tensor, ...]
    steps: tuple[Step, ...]
    input: int
    output: int

    KINDS = (
        *("quantize", "dense", "conv2d", "depthwise_conv2d", "max_pool2d", "average_pool2d"),
        *("add", "reshape", "dequantize"),
    )

    def predict(self, X: np.ndarray, *, rounding: str = "float") -> np.ndarray:
        """Return the outputs of a batch, shape (n,) + output shape.

        Parameters
        ----------
        X : ndarray, shape (n,) + input shape
            int8, or real numbers: as many as the input takes, in any shape.
        rounding : {"float", "double", "single"}
            As in `kernels.quantize.requantize`.
        """
        ((_, outputs),) = deque(self.layers(X, rounding=rounding), maxlen=1)
        return outputs

    def layers(
        self, X: np.ndarray, *, rounding: str = "float"
    ) -> Iterator[tuple[Step, np.ndarray]]:
        """Yield each step with its outputs.

        Raises
        ------
        TypeError, ValueError
            When X is no array of numbers, holds no sample or NaN, or has another number of entries
            than the model takes; when the rounding has another name.
        """
        choice("rounding", rounding, HALVES)
        one_library(X=X)
        takes = self.tensors[self.input]
        n_entries = math.prod(takes.shape)
        if X.ndim < 2 or len(X) == 0 or math.prod(X.shape[1:]) != n_entries:
            raise ValueError(
                f"`X` must have {n_entries} entries a sample, for {takes.shape}, got {X.shape}"
            )
        X = X.reshape(len(X), *takes.shape)
        if X.dtype != np.int8 and takes.dtype == "int8":
            X = kernels.quantize(X, takes.scale, takes.zero_point, halves=HALVES[rounding])
        values = {self.input: X}
        for step in self.steps:
            values[step.output] = self._run(step, [values[at] for at in step.inputs], rounding)
            yield step, values[step.output]

    def real(self, outputs: np.ndarray) -> np.ndarray:
        """Return the real numbers that outputs stand for.

        Examples
        --------
        >>> model = IntegerModel((Tensor((2,), "int8", 0.5, 1),), (), input=0, output=0)
        >>> model.real(np.array([[1, 3]], np.int8))
        array([[0., 1.]], dtype=float32)
        """
        gives = self.tensors[self.output]
        if gives.dtype != "int8":
            return outputs
        return kernels.dequantize(outputs, gives.scale, gives.zero_point)

    def multiplier(self, step: Step, *, rounding: str) -> np.ndarray:
        """Return the factors of a layer's sums, one a channel, as `requantize` takes them."""
        x, gives = self.tensors[step.inputs[0]], self.tensors[step.output]
        return kernels.rounding_multiplier(x.scale, step.W_scale, gives.scale, rounding=rounding)

    def scales(self, step: Step) -> tuple[float, ...]:
        """Return the scales of a step's inputs and of its output."""
        return tuple(self.tensors[at].scale for at in (*step.inputs, step.output))

    def core(self) -> "IntegerModel":
        """Return the model from int8 to int8: without the steps at its ends that change the type.

        Raises
        ------
        ValueError
            When such a step stands anywhere else.

        Examples
        --------
        >>> tensors = Tensor((2,), "float32"), Tensor((2,), "int8", 0.5, 1), Tensor((2,), "int8")
        >>> steps = Step("quantize", (0,), 1), Step("reshape", (1,), 2)
        >>> core = IntegerModel(tensors, steps, input=0, output=2).core()
        >>> core.input, [step.kind for step in core.steps]
        (1, ['reshape'])
        """
        steps, takes, gives = list(self.steps), self.input, self.output
        if steps and steps[0].kind == "quantize":
            takes = steps.pop(0).output
        if steps and steps[-1].kind == "dequantize":
            (gives,) = steps.pop().inputs
        used = {takes, *(at for step in steps for at in (*step.inputs, step.output))}
        if any(self.tensors[at].dtype != "int8" for at in used):
            raise ValueError("`model` must compute with int8 between its ends, got float32 inside")
        return IntegerModel(self.tensors, tuple(steps), takes, gives)

    def operations(self) -> int:
        """Return how many products of a weight and an input one sample takes."""
        total = 0
        for step in self.steps:
            if step.W is not None:
                places = self.tensors[step.output].shape[:-1] if step.kind != "dense" else ()
                total += step.W.size * int(np.prod(places, dtype=int))
        return total

    def _run(self, step: Step, inputs: list[np.ndarray], rounding: str) -> np.ndarray:
        x, *others = inputs
        takes, gives = self.tensors[step.inputs[0]], self.tensors[step.output]
        if step.kind == "quantize":
            return kernels.quantize(x, gives.scale, gives.zero_point, halves=HALVES[rounding])
        if step.kind == "dequantize":
            return kernels.dequantize(x, takes.scale, takes.zero_point)
        if step.kind == "reshape":
            return x.reshape(len(x), *gives.shape)
        if step.kind == "add":
            y = self.tensors[step.inputs[1]]
            return kernels.add(
                x,
                others[0],
                scales=self.scales(step),
                zero_points=(takes.zero_point, y.zero_point, gives.zero_point),
                rounding=rounding,
                low=step.low,
                high=step.high,
            )
        if step.kind in ("max_pool2d", "average_pool2d"):
            pool = getattr(kernels, step.kind)
            z = pool(x, window=step.window, stride=step.stride, padding=step.padding)
            return np.clip(z, step.low, step.high)
        options = {"zero_point": takes.zero_point}
        if step.kind == "dense":
            sums = kernels.dense_sums(x.reshape(len(x), -1), step.W, step.b, **options)
            sums = sums.reshape(len(x), *gives.shape)
        else:
            layer = getattr(kernels, f"{step.kind}_sums")
            sums = layer(x, step.W, step.b, stride=step.stride, padding=step.padding, **options)
        return kernels.requantize(
            sums,
            self.multiplier(step, rounding=rounding),
            gives.zero_point,
            rounding=rounding,
            low=step.low,
            high=step.high,
        )
