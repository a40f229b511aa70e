"""Training steps on NumPy in preallocated memory."""

import itertools
import math
from typing import Any

import numpy as np

from deeplearn_utils.kernels.updates import clip_by_norm
from deeplearn_utils.networks import MLP

from .in_place_layers import Dropped, activation, loss_and_delta
from .in_place_updates import scratch, update
from .memory import Copies
from .plain import BatchByBatch, Task, all_finite, batch_masks, weights_mask


class NumPySteps(BatchByBatch):
    """Steps without allocation: θ, moments, activations and gradients each have their place.

    A layer's weights and bias stand side by side in θ, as the rows of one matrix [W; b]. Each
    layer's input carries a row of ones, so that one matrix product does x W + b, and one more
    gives the gradients of W and b together.
    """

    @staticmethod
    def suits(network: MLP, optimizer: Any, theta: Any, X: Any) -> bool:
        """Tell whether a run can use this path."""
        return (
            type(network) is MLP
            and type(theta) is type(X) is np.ndarray
            and theta.dtype == X.dtype
            and theta.dtype.type in (np.float32, np.float64)
            and theta.dtype.isnative
            and update(optimizer, theta.dtype) is not None
        )

    def __init__(self, task: Task, start: tuple[np.ndarray, Any]) -> None:
        self.network, optimizer, self.regularizer, data, batch_size, self.clip_norm = task
        theta, state = start
        self.theta, self.scratch, self.copies = theta.copy(), scratch(theta), Copies()
        self.shown = self.theta.view()
        self.shown.setflags(write=False)
        self._gradient, self.gradient = np.zeros_like(theta), None
        self.change = update(optimizer, theta.dtype)
        self.state_type, self.t = type(state), state.t
        self.moments = tuple(np.array(x) for x in state[1:])
        self.mask = weights_mask(task, theta)
        self._cut_batches(*data, batch_size)
        self._lay_out()

    def _cut_batches(self, X: np.ndarray, y: np.ndarray, size: int) -> None:
        real = self.theta.dtype
        self.X = np.concatenate([X, np.ones((len(X), 1), real)], axis=1)
        self.y = np.array(y, np.intp if y.ndim == 1 else real)
        self.inputs, self.targets = np.empty_like(self.X), np.empty_like(self.y)
        starts = range(0, len(X), size)
        self.batches = [(self.inputs[i : i + size].T, self.targets[i : i + size]) for i in starts]

    def _lay_out(self) -> None:
        offsets = self.network.layout.offsets
        ends = list(zip(offsets[:-1:2], offsets[2::2], strict=True))
        shapes = [(n_in + 1, n_out) for n_in, n_out in itertools.pairwise(self.network.sizes)]
        self.Wb = [self.theta[i:j].reshape(s) for (i, j), s in zip(ends, shapes, strict=True)]
        self.dWb = [self._gradient[i:j].reshape(s) for (i, j), s in zip(ends, shapes, strict=True)]
        self.layers = {n: self._layers(n) for n in {XT.shape[1] for XT, _ in self.batches}}

    def _layers(self, n: int) -> tuple[list[tuple], list[tuple], tuple]:
        """Return what the steps forward and backward through batches of n samples work on."""
        sizes, real = self.network.sizes, self.theta.dtype
        inputs = [np.ones((size + 1, n), real) for size in sizes[1:-1]]  # the last row stays 1
        z = [np.empty((size, n), real) for size in sizes[1:]]
        d = [np.empty((size, n), real) for size in sizes[1:]]
        f = [
            (Dropped if self.network.dropout[l] else activation)(name, z[l], inputs[l][:-1])
            for l, name in enumerate(self.network.activation)
        ]
        WbT = [Wb.T for Wb in self.Wb]
        forward = list(zip(WbT[1:], inputs, z[1:], [None, *f][1:], strict=True))
        backward = [
            (inputs[l], d[l + 1].T, self.dWb[l + 1], self.Wb[l + 1][:-1], d[l + 1], d[l], f[l])
            for l in reversed(range(len(f)))
        ]
        ends = WbT[0], z[0], d[0].T, loss_and_delta(self.network.loss_name, z[-1], d[-1])
        return forward, backward, ends

    def begin_epoch(self, order: np.ndarray | None, mask_seed: int | None = None) -> None:
        """Put the samples in this order; None leaves them as they are."""
        self.mask_seed = mask_seed
        order = np.arange(len(self.X)) if order is None else order
        np.take(self.X, order, 0, self.inputs, "clip")  # "clip" does it without a copy between
        np.take(self.y, order, 0, self.targets, "clip")

    def loss_and_gradient(self, batch: int) -> float:
        """Compute the batch's loss, and keep the gradient, penalty included."""
        XT, y = self.batches[batch]
        forward, backward, (WbT, z, dT, loss_and_delta) = self.layers[XT.shape[1]]
        if self.mask_seed is not None:
            drawn = batch_masks(self.network, self.mask_seed, batch, XT.shape[1], self.theta)
            for (*_, f), mask in zip(forward, drawn, strict=True):
                if mask is not None:
                    np.copyto(f.mask, mask.T)
        WbT.dot(XT, z)
        for WbT, a, z, f in forward:
            f.forward()
            WbT.dot(a, z)
        loss = loss_and_delta(y)
        for a, dT_out, dWb, W, d_out, d, f in backward:
            a.dot(dT_out, dWb)
            W.dot(d_out, d)
            f.backward(d)
        XT.dot(dT, self.dWb[0])
        if self.regularizer is not None:
            self._gradient += self.regularizer.gradient(self.shown, self.mask)
        self.gradient = self._gradient
        return loss

    def update(self, rate: float) -> None:
        """Let the optimizer move θ by the kept gradient, clipped where asked."""
        g = self.gradient
        if self.clip_norm is not None:
            g = clip_by_norm(g, self.clip_norm)
        self.change(self.t, rate, self.theta, g, self.moments, self.scratch)
        self.t += 1

    def gradient_norm(self) -> float | None:
        """Return the length of the last gradient; None before the first step."""
        return None if self.gradient is None else math.sqrt(self.gradient.dot(self.gradient))

    def finite(self) -> bool:
        """Tell whether θ is finite."""
        return math.isfinite(self.theta.dot(self.theta)) or all_finite(self.theta)

    def snapshot(self) -> tuple[np.ndarray, Any]:
        """Return θ and the state, copied; nothing changes them later."""
        theta, *moments = map(self.copies.copy, (self.theta, *self.moments))
        return theta, self.state_type(self.t, *moments)
