"""Training steps compiled by JAX, TensorFlow or PyTorch from the one source of the kernels.

JAX and TensorFlow compile a whole epoch, with its loop over the batches; PyTorch compiles one
step, and only for a run long enough to earn back the seconds that this takes.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np

from deeplearn_utils.arrays import (
    Array,
    asarray,
    compile,
    import_quietly,
    library,
    namespace,
    rows,
)
from deeplearn_utils.checks import is_scalar_array
from deeplearn_utils.networks import MLP
from deeplearn_utils.optimizers import OPTIMIZERS
from deeplearn_utils.regularizers import REGULARIZERS

from .plain import Task, all_finite, clipped

TORCH_STEPS = 20_000  # from so many steps on, compiling with PyTorch pays


def one_step(
    network: MLP, optimizer: Any, regularizer: Any, clip_norm: float | None
) -> Callable[..., tuple[Array, ...]]:
    """Return a pure function (theta, state, mask, X, y, rate) -> (theta, state, loss, gradient)."""

    def step(theta, state, mask, X, y, rate):
        loss, gradient = network.loss_and_gradient(theta, X, y)
        if regularizer is not None:
            gradient = gradient + regularizer.gradient(theta, mask)
        with_rate = replace(optimizer, learning_rate=lambda _: rate)
        theta, state = with_rate.step(theta, clipped(gradient, clip_norm), state)
        return theta, state, loss, gradient

    return step


def _options(*parts: Any) -> list[Any]:
    """Return the options of optimizers and regularizers, but for the rate, which is an argument."""
    found = [vars(part).items() for part in parts if part is not None]
    return [x for options in found for name, x in options if name != "learning_rate"]


class CompiledSteps:
    """Steps on JAX, TensorFlow or PyTorch arrays: the batches of an epoch in one compiled walk."""

    @staticmethod
    def suits(network: MLP, optimizer: Any, regularizer: Any, theta: Array, n_steps: int) -> bool:
        """Tell whether a run can use this path: it takes the book's own parts, which are pure.

        Their options are Python's numbers, since programs are kept by them.
        """
        own = (
            type(network) is MLP
            and not any(network.dropout)
            and type(optimizer) in OPTIMIZERS.values()
            and getattr(optimizer, "weights_mask", None) is None
            and (regularizer is None or type(regularizer) in REGULARIZERS.values())
            and not any(map(is_scalar_array, _options(optimizer, regularizer)))
        )
        name = library(theta)
        return own and (
            name in ("jax", "tensorflow") or (name == "torch" and n_steps >= TORCH_STEPS)
        )

    def __init__(self, task: Task, start: tuple[Array, Any]) -> None:
        network, optimizer, regularizer, (self.X, self.y), self.batch_size, clip_norm = task
        self.theta, state = start
        self.state_type = type(state)
        self.state = (asarray(np.asarray(state[0], np.int32), like=self.theta), *state[1:])
        self.mask = network.layout.weights_mask(self.theta)
        self.squares = None
        compile_walk = _WALKS[library(self.theta)]
        self.walk = compile_walk(
            network, replace(optimizer, learning_rate=0.0), regularizer, clip_norm, self.state_type
        )

    def _real(self, values: Any) -> Array:
        values = np.asarray(values)
        return namespace(self.theta).astype(asarray(values, like=self.theta), self.theta.dtype)

    def begin_epoch(self, order: np.ndarray | None) -> None:
        """Put the samples in this order; None leaves them as they are."""
        X, y = self.X, self.y
        if order is not None:
            X, y = rows(X, order), rows(y, order)
        n_full = int(X.shape[0]) // self.batch_size
        self.full = tuple(_stacked(x, n_full, self.batch_size) for x in (X, y))
        self.rest = tuple(x[None, n_full * self.batch_size :, ...] for x in (X, y))
        self.n_full = n_full

    def run(self, batches: range, rates: Sequence[float]) -> list[float]:
        """Take one step a batch, and return the batches' losses."""
        stop = min(batches.stop, self.n_full)
        losses = []
        if batches.start < stop:
            X, y = self.full
            if (batches.start, stop) != (0, self.n_full):
                X, y = (x[batches.start : stop, ...] for x in (X, y))
            losses += self._walk(X, y, rates[: stop - batches.start])
        if batches.stop > self.n_full:
            losses += self._walk(*self.rest, rates[-1:])
        return losses

    def _walk(self, X: Array, y: Array, rates: Sequence[float]) -> list[float]:
        self.theta, self.state, numbers = self.walk(
            self.theta, self.state, self.mask, X, y, self._real(rates)
        )
        *losses, gradient_square, theta_square = (float(x) for x in np.asarray(numbers))
        self.squares = gradient_square, theta_square
        return losses

    def gradient_norm(self) -> float | None:
        """Return the length of the last gradient; None before the first step."""
        return None if self.squares is None else math.sqrt(self.squares[0])

    def finite(self) -> bool:
        """Tell whether θ is finite."""
        if self.squares is not None and math.isfinite(self.squares[1]):
            return True
        return all_finite(self.theta)

    def snapshot(self) -> tuple[Array, Any]:
        """Return θ and the state; nothing changes them later."""
        return self.theta, self.state_type(int(self.state[0]), *self.state[1:])


def _numbers(losses: Array, gradient: Array, theta: Array) -> Array:
    """Return the losses, and the squared lengths of gradient and θ: what the host asks for."""
    xp = namespace(theta)
    squares = [xp.reshape(xp.sum(xp.square(x)), (1,)) for x in (gradient, theta)]
    return xp.concat([losses, *squares])


def _stacked(x: Array, n_batches: int, size: int) -> Array:
    return namespace(x).reshape(x[: n_batches * size, ...], (n_batches, size, *x.shape[1:]))


@lru_cache(maxsize=32)
def _jax_walk(
    network: MLP, optimizer: Any, regularizer: Any, clip_norm: float | None, state_type: type
) -> Callable:
    jax = import_quietly("jax")
    step = one_step(network, optimizer, regularizer, clip_norm)

    @jax.jit
    def walk(theta, state, mask, X, y, rates):
        def body(carry, batch):
            theta, state, _ = carry
            theta, state, loss, gradient = step(theta, state_type(*state), mask, *batch)
            return (theta, tuple(state), gradient), loss

        carry = (theta, state, jax.numpy.zeros_like(theta))
        (theta, state, gradient), losses = jax.lax.scan(body, carry, (X, y, rates))
        return theta, state, _numbers(losses, gradient, theta)

    return walk


@lru_cache(maxsize=32)
def _tensorflow_walk(
    network: MLP, optimizer: Any, regularizer: Any, clip_norm: float | None, state_type: type
) -> Callable:
    tf = import_quietly("tensorflow")
    step = one_step(network, optimizer, regularizer, clip_norm)

    @tf.function(jit_compile=True, reduce_retracing=False)
    def walk(theta, state, mask, X, y, rates):
        n = X.shape[0]

        def body(i, theta, state, losses, gradient):
            theta, state, loss, gradient = step(
                theta, state_type(*state), mask, X[i], y[i], rates[i]
            )
            return i + 1, theta, tuple(state), losses.write(i, loss), gradient

        losses = tf.TensorArray(theta.dtype, size=n, element_shape=())
        start = (tf.constant(0), theta, state, losses, tf.zeros_like(theta))
        _, theta, state, losses, gradient = tf.while_loop(lambda i, *_: i < n, body, start)
        return theta, state, _numbers(losses.stack(), gradient, theta)

    return walk


@lru_cache(maxsize=32)
def _torch_walk(
    network: MLP, optimizer: Any, regularizer: Any, clip_norm: float | None, state_type: type
) -> Callable:
    torch = import_quietly("torch")
    step = one_step(network, optimizer, regularizer, clip_norm)

    @compile
    def compiled_step(theta, state, mask, X, y, rate):
        theta, state, loss, gradient = step(theta, state_type(*state), mask, X, y, rate)
        return theta, tuple(state), loss, gradient

    def walk(theta, state, mask, X, y, rates):
        losses = []
        for x, target, rate in zip(X, y, rates, strict=True):
            theta, state, loss, gradient = compiled_step(theta, state, mask, x, target, rate)
            losses.append(loss)
        return theta, state, _numbers(torch.stack(losses), gradient, theta).cpu()

    return walk


_WALKS = {"jax": _jax_walk, "tensorflow": _tensorflow_walk, "torch": _torch_walk}
