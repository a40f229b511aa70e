"""Training steps by the public kernels.

`PlainSteps`, `NumPySteps` and `CompiledSteps` are made from a task and a start (θ, state), and have
the same methods: `begin_epoch`, `run`, `gradient_norm`, `finite`, `snapshot`. θ and the optimizer's
state live in them; `snapshot` hands out what a caller may keep.
"""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from deeplearn_utils.arrays import Array, namespace, rows, to_numpy
from deeplearn_utils.kernels.updates import clip_by_norm
from deeplearn_utils.networks import MLP
from deeplearn_utils.protocols import Network, Optimizer, Regularizer


def clipped(gradient: Array, max_norm: float | None) -> Array:
    """Return the gradient, no longer than `max_norm`; None sets no limit."""
    return gradient if max_norm is None else clip_by_norm(gradient, max_norm)


def batch_masks(
    network: MLP, mask_seed: int, batch: int, n: int, like: Array
) -> tuple[Array | None, ...]:
    """Draw the dropout masks of one batch of an epoch, the same in whatever order it is asked."""
    return network.masks(np.random.default_rng((mask_seed, batch)), n, like=like)


def norm(gradient: Array) -> float:
    """Return the length of a gradient; infinite where its square is beyond the dtype."""
    xp = namespace(gradient)
    with np.errstate(over="ignore"):
        return math.sqrt(float(xp.sum(xp.square(gradient))))


def all_finite(theta: Array) -> bool:
    """Tell whether θ holds neither NaN nor infinity."""
    return bool(np.isfinite(to_numpy(theta)).all())


class Task(NamedTuple):
    """What a run does at each step, and to which data."""

    network: Network
    optimizer: Optimizer
    regularizer: Regularizer | None
    data: tuple[Array, Array]
    batch_size: int
    clip_norm: float | None = None


def weights_mask(task: Task, theta: Array) -> Array | None:
    """Return what the regularizer acts on, the weights; None without a regularizer."""
    return None if task.regularizer is None else task.network.layout.weights_mask(theta)


class BatchByBatch:
    """Steps taken one after the other, each of a gradient and an update."""

    def run(self, batches: range, rates: Sequence[float]) -> list[float]:
        """Take one step a batch, and return the batches' losses."""
        losses = []
        for batch, rate in zip(batches, rates, strict=True):
            losses.append(self.loss_and_gradient(batch))
            self.update(rate)
        return losses


class PlainSteps(BatchByBatch):
    """Steps by the public kernels, for every library."""

    def __init__(self, task: Task, start: tuple[Array, Any]) -> None:
        self.network, self.optimizer, self.regularizer, data, self.batch_size, self.clip_norm = task
        self.X, self.y = data
        self.theta, self.state = _copied(start)
        self.mask = weights_mask(task, self.theta)
        self.gradient = None

    def begin_epoch(self, order: np.ndarray | None, mask_seed: int | None = None) -> None:
        """Put the samples in this order; None leaves them as they are."""
        self.mask_seed = mask_seed
        self.batches = self.X, self.y
        if order is not None:
            self.batches = tuple(rows(x, order) for x in (self.X, self.y))

    def loss_and_gradient(self, batch: int) -> float:
        """Compute the batch's loss, and keep the gradient, penalty included."""
        start = batch * self.batch_size
        part = slice(start, min(start + self.batch_size, self.X.shape[0]))
        X, y = (x[part, ...] for x in self.batches)
        masks = ()
        if self.mask_seed is not None:
            n = int(X.shape[0])
            masks = (batch_masks(self.network, self.mask_seed, batch, n, self.theta),)
        loss, gradient = self.network.loss_and_gradient(self.theta, X, y, *masks)
        if self.regularizer is not None:
            gradient = gradient + self.regularizer.gradient(self.theta, self.mask)
        self.gradient = gradient
        return float(loss)

    def update(self, rate: float) -> None:
        """Let the optimizer move θ by the kept gradient, clipped where asked."""
        g = clipped(self.gradient, self.clip_norm)
        self.theta, self.state = self.optimizer.step(self.theta, g, self.state)

    def gradient_norm(self) -> float | None:
        """Return the length of the last gradient; None before the first step."""
        return None if self.gradient is None else norm(self.gradient)

    def finite(self) -> bool:
        """Tell whether θ is finite."""
        return math.isfinite(norm(self.theta)) or all_finite(self.theta)

    def snapshot(self) -> tuple[Array, Any]:
        """Return θ and the state; nothing changes them later."""
        return _copied((self.theta, self.state))


def _copied(x: Any) -> Any:
    """Copy the arrays that can be written to, by an optimizer or by who has the record."""
    if isinstance(x, dict):
        return {key: _copied(value) for key, value in x.items()}
    if isinstance(x, (tuple, list)):
        parts = [_copied(value) for value in x]
        return type(x)(*parts) if hasattr(x, "_fields") else type(x)(parts)
    if isinstance(x, np.ndarray):
        return x.copy()
    return x.detach().clone() if hasattr(x, "detach") else x
