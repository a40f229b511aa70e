"""How training steps are done: plainly on any library, or in preallocated memory on NumPy.

Both classes, and `CompiledSteps`, have the same methods: `begin_epoch`, `run`, `snapshot`. θ, the
optimizer's state and the last gradient live in them; `snapshot` hands out what a caller may keep.
"""

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..arrays import Array, asarray, namespace
from ..kernels.updates import clip_by_norm
from ..networks import MLP
from .in_place import activate, loss_and_delta, update


def clipped(gradient: Array, max_norm: float | None) -> Array:
    """Return the gradient, no longer than `max_norm`; None sets no limit."""
    return gradient if max_norm is None else clip_by_norm(gradient, max_norm)


class PlainSteps:
    """Steps by the public kernels, for every library."""

    def __init__(
        self,
        network: MLP,
        optimizer: Any,
        regularizer: Any,
        data: tuple[Array, Array],
        batch_size: int,
        start: tuple[Array, Any],
        clip_norm: float | None = None,
    ) -> None:
        self.network, self.optimizer, self.regularizer = network, optimizer, regularizer
        self.clip_norm = clip_norm
        self.X, self.y = data
        self.batch_size = batch_size
        self.theta, self.state = start
        self.mask = network.layout.weights_mask(self.theta)
        self.gradient = None

    def begin_epoch(self, order: np.ndarray | None) -> None:
        """Put the samples in this order; None leaves them as they are."""
        self.batches = self.X, self.y
        if order is not None:
            self.batches = tuple(_rows(x, order) for x in (self.X, self.y))

    def run(self, batches: range, rates: Sequence[float]) -> list[float]:
        """Take one step a batch, and return the batches' losses."""
        losses = []
        for batch, rate in zip(batches, rates, strict=True):
            losses.append(self.loss_and_gradient(batch))
            self.update(rate)
        return losses

    def loss_and_gradient(self, batch: int) -> float:
        """Compute the batch's loss, and keep the gradient, penalty included."""
        start = batch * self.batch_size
        rows = slice(start, min(start + self.batch_size, self.X.shape[0]))
        X, y = (x[rows, ...] for x in self.batches)
        loss, gradient = self.network.loss_and_gradient(self.theta, X, y)
        if self.regularizer is not None:
            gradient = gradient + self.regularizer.gradient(self.theta, self.mask)
        self.gradient = gradient
        return float(loss)

    def update(self, rate: float) -> None:
        """Let the optimizer move θ by the kept gradient, clipped where asked."""
        g = clipped(self.gradient, self.clip_norm)
        self.theta, self.state = self.optimizer.step(self.theta, g, self.state)

    def snapshot(self) -> tuple[Array, Any]:
        """Return θ and the state; nothing changes them later."""
        return self.theta, self.state


def _rows(x: Array, order: np.ndarray) -> Array:
    return namespace(x).take(x, asarray(order, like=x), axis=0)


class NumPySteps:
    """Steps without allocation: θ, moments, activations and gradients each have their place.

    A layer's weights and bias stand side by side in θ, as the rows of one matrix [W; b]. Each
    layer's input carries a column of ones, so that one matrix product does x W + b, and one more
    gives the gradients of W and b together.
    """

    @staticmethod
    def suits(network: MLP, optimizer: Any, theta: Array, X: Array) -> bool:
        """Tell whether a run can use this path."""
        return (
            type(network) is MLP
            and type(theta) is type(X) is np.ndarray
            and theta.dtype == X.dtype
            and theta.dtype.type in (np.float32, np.float64)
            and theta.dtype.isnative
            and update(optimizer, theta.dtype) is not None
        )

    def __init__(
        self,
        network: MLP,
        optimizer: Any,
        regularizer: Any,
        data: tuple[np.ndarray, np.ndarray],
        batch_size: int,
        start: tuple[np.ndarray, Any],
        clip_norm: float | None = None,
    ) -> None:
        self.network, self.regularizer, self.clip_norm = network, regularizer, clip_norm
        theta, state = start
        self.theta, self.scratch = theta.copy(), theta.copy()
        self._gradient, self.gradient = np.zeros_like(theta), None
        self.state_type, self.t = type(state), state.t
        self.moments = tuple(np.array(x) for x in state[1:])
        self.mask = network.layout.weights_mask(theta)
        self.change = update(optimizer, theta.dtype)
        self.X, self.y = data
        if self.y.dtype.kind == "f":
            self.y = self.y.astype(theta.dtype, copy=False)
        self._cut_batches(batch_size)
        self._lay_out(batch_size)

    def _cut_batches(self, batch_size: int) -> None:
        n, n_inputs = self.X.shape
        self.inputs = np.ones((n, n_inputs + 1), self.theta.dtype)  # the last column stays 1
        self.targets = np.empty_like(self.y)
        starts = range(0, n, batch_size)
        self.batches = [
            (self.inputs[i : i + batch_size], self.targets[i : i + batch_size]) for i in starts
        ]

    def _lay_out(self, batch_size: int) -> None:
        sizes, offsets = self.network.sizes, self.network.layout.offsets
        ends = list(zip(offsets[:-1:2], offsets[2::2], strict=True))
        shapes = [(n_in + 1, n_out) for n_in, n_out in itertools.pairwise(sizes)]
        self.Wb = [self.theta[i:j].reshape(s) for (i, j), s in zip(ends, shapes, strict=True)]
        self.dWb = [self._gradient[i:j].reshape(s) for (i, j), s in zip(ends, shapes, strict=True)]
        self.WT = [Wb[:-1].T for Wb in self.Wb]
        self.kernels = [activate(name) for name in self.network.activation]
        self.loss_and_delta = loss_and_delta(self.network.loss_name)
        real = self.theta.dtype
        hidden = sizes[1:-1]
        self.memory = {
            "a": [np.ones((batch_size, n + 1), real) for n in hidden],
            "z": [np.empty((batch_size, n), real) for n in sizes[1:]],
            "d": [np.empty((batch_size, n), real) for n in sizes[1:]],
            "mask": [np.empty((batch_size, n), bool) for n in hidden],
        }
        self.views = {n: self._view(n) for n in {len(X) for X, _ in self.batches}}

    def _view(self, n: int) -> tuple[list[np.ndarray], ...]:
        a, z, d, mask = ([x[:n] for x in self.memory[k]] for k in ("a", "z", "d", "mask"))
        return a, [x[:, :-1] for x in a], [x.T for x in a], z, d, mask

    def begin_epoch(self, order: np.ndarray | None) -> None:
        """Put the samples in this order; None leaves them as they are."""
        rows = slice(None) if order is None else order
        self.inputs[:, :-1] = self.X[rows]
        self.targets[...] = self.y[rows]

    def run(self, batches: range, rates: Sequence[float]) -> list[float]:
        """Take one step a batch, and return the batches' losses."""
        losses = []
        for batch, rate in zip(batches, rates, strict=True):
            losses.append(self.loss_and_gradient(batch))
            self.update(rate)
        return losses

    def loss_and_gradient(self, batch: int) -> float:
        """Compute the batch's loss, and keep the gradient, penalty included."""
        X, y = self.batches[batch]
        a1, a, aT, z, d, mask = self.views[len(X)]
        x = X
        for l, (forward, _) in enumerate(self.kernels):
            np.dot(x, self.Wb[l], z[l])
            forward(z[l], a[l], mask[l])
            x = a1[l]
        np.dot(x, self.Wb[-1], z[-1])
        loss = self.loss_and_delta(z[-1], y, d[-1])
        for l in range(len(self.kernels) - 1, -1, -1):
            np.dot(aT[l], d[l + 1], self.dWb[l + 1])
            np.dot(d[l + 1], self.WT[l + 1], d[l])
            self.kernels[l][1](d[l], z[l], a[l], mask[l])
        np.dot(X.T, d[0], self.dWb[0])
        if self.regularizer is not None:
            self._gradient += self.regularizer.gradient(self.theta, self.mask)
        self.gradient = self._gradient
        return loss

    def update(self, rate: float) -> None:
        """Let the optimizer move θ by the kept gradient, clipped where asked."""
        g = clipped(self.gradient, self.clip_norm)
        self.change(self.t, rate, self.theta, g, self.moments, self.scratch)
        self.t += 1

    def snapshot(self) -> tuple[np.ndarray, Any]:
        """Return θ and the state, copied; nothing changes them later."""
        return self.theta.copy(), self.state_type(self.t, *(x.copy() for x in self.moments))
