"""Pruning while training goes on: the weights that stay learn to do without the others."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...checks import count, finite, float_arrays, generator, in_range, instance
from ...checks import shape as check_shape
from ...datasets.tables import same_rows
from ...networks import MLP
from ...optimizers import Adam
from ..formats import AN_MLP, need
from .magnitude import magnitude_masks, sparsity_at

__all__ = ["kernels_of", "prune", "prune_mlp"]


def kernels_of(model: Any) -> list[Any]:
    """Return the variables of a Keras model that are weights of dense and convolution layers.

    Parameters
    ----------
    model : keras.Model

    Raises
    ------
    ValueError
        When it has none.
    """
    kernels = [v for v in model.trainable_variables if v.name in ("kernel", "depthwise_kernel")]
    if not kernels:
        raise ValueError("`model` must have a dense or convolution layer whose weights train")
    return kernels


def prune(
    model: Any,
    X: np.ndarray,
    y: np.ndarray,
    *,
    sparsity: float,
    ranking: str = "global",
    epochs: int = 10,
    ramp: float = 0.5,
    batch_size: int = 32,
    learning_rate: float = 1e-3,
    seed: int = 0,
    loss: Any = None,
) -> Any:
    """Return a copy of a Keras classifier with some weights set to 0, and the others tuned.

    Parameters
    ----------
    model : keras.Model
        It stays as it is.
    X, y : ndarray
        Training data; y holds numbers of classes, unless `loss` says otherwise.
    sparsity, ranking
        As in `magnitude_masks`.
    epochs : int
        0 prunes in one shot, without tuning.
    ramp : float
        The share of the training during which the sparsity grows, as `sparsity_at` says; then the
        masks stay.
    batch_size, learning_rate, seed
        Of the training, by Adam.
    loss : keras.losses.Loss, optional
        Default: the cross-entropy of logits.

    Returns
    -------
    keras.Model

    Raises
    ------
    ImportError
        When TensorFlow is not installed.
    ValueError
        When the sparsity is out of range, or there are no weights.
    """
    keras = need("keras", "lab")
    epochs, batch_size = count("epochs", epochs, low=0), count("batch_size", batch_size)
    ramp = float(in_range("ramp", ramp, 0, 1))
    sparsity = float(in_range("sparsity", sparsity, 0, 1, open_high=True))
    same_rows(X, y)
    pruned = keras.models.clone_model(model)
    pruned.set_weights(model.get_weights())
    kernels = kernels_of(pruned)
    n_steps = epochs * -(-len(X) // batch_size)

    def masks_at(step: int) -> list[np.ndarray]:
        share = sparsity_at(step, round(ramp * n_steps), end=sparsity)
        return magnitude_masks([kernel.numpy() for kernel in kernels], share, ranking=ranking)

    if epochs == 0:
        _apply(kernels, masks_at(0))
        return pruned

    class Masks(keras.callbacks.Callback):
        """Sets weights to 0 after each step."""

        step = 0
        masks: Sequence[np.ndarray] = ()

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:
            self.step += 1
            if self.step <= round(ramp * n_steps) or not self.masks:
                self.masks = masks_at(self.step)
            _apply(kernels, self.masks)

    keras.utils.set_random_seed(seed)
    pruned.compile(
        keras.optimizers.Adam(learning_rate),
        loss or keras.losses.SparseCategoricalCrossentropy(from_logits=True),
    )
    pruned.fit(X, y, batch_size=batch_size, epochs=epochs, verbose=0, callbacks=[Masks()])
    return pruned


def _apply(kernels: Sequence[Any], masks: Sequence[np.ndarray]) -> None:
    for kernel, mask in zip(kernels, masks, strict=True):
        kernel.assign(kernel.numpy() * mask)


def prune_mlp(
    network: MLP,
    theta: np.ndarray,
    X: np.ndarray,
    y: np.ndarray,
    *,
    sparsity: float,
    ranking: str = "global",
    epochs: int = 10,
    ramp: float = 0.5,
    batch_size: int = 32,
    learning_rate: float = 1e-3,
    rng: np.random.Generator,
) -> np.ndarray:
    """Return θ of an `MLP` with a share of its weights set to 0, and the others tuned.

    Parameters
    ----------
    network : MLP
    theta : ndarray, shape (n_parameters,)
        It stays as it is.
    X, y : ndarray
        Training data, finite, of the dtype of theta.
    rng : Generator
        Shuffles.
    sparsity, ranking, epochs, ramp, batch_size, learning_rate
        As in `prune`.

    Returns
    -------
    ndarray, shape (n_parameters,)

    Raises
    ------
    TypeError, ValueError
        When an argument is wrong or doesn't fit the others.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> network = MLP([2, 8, 1], loss="mse")
    >>> X = rng.normal(size=(100, 2)); y = X[:, :1]
    >>> theta = prune_mlp(network, network.init(rng), X, y, sparsity=0.5, epochs=3, rng=rng)
    >>> W, b = network.layout.unpack(theta)
    >>> sum(int((layer == 0).sum()) for layer in W)
    12
    """
    epochs, batch_size = count("epochs", epochs, low=0), count("batch_size", batch_size)
    ramp = float(in_range("ramp", ramp, 0, 1))
    sparsity = float(in_range("sparsity", sparsity, 0, 1, open_high=True))
    generator("rng", rng)
    instance("network", network, MLP, AN_MLP)
    _, theta, X = float_arrays(theta=theta, X=X)
    check_shape("X", X, ("n", network.sizes[0]), "(samples, inputs)")
    finite("X", X)
    network.check_targets(X, y)
    optimizer = Adam(learning_rate=learning_rate)
    state = optimizer.init(theta)
    n_steps, step = epochs * -(-len(X) // batch_size), 0
    mask = np.ones_like(theta)
    if epochs == 0:
        return theta * _mask_of(network, theta, sparsity, ranking)
    for _ in range(epochs):
        order = rng.permutation(len(X))
        for start in range(0, len(X), batch_size):
            rows = order[start : start + batch_size]
            _, gradient = network.loss_and_gradient(theta, X[rows], y[rows])
            theta, state = optimizer.step(theta, gradient, state)
            step += 1
            if step <= max(1, round(ramp * n_steps)):
                share = sparsity_at(step, round(ramp * n_steps), end=sparsity)
                mask = _mask_of(network, theta, share, ranking)
            theta = theta * mask
    return theta


def _mask_of(network: MLP, theta: np.ndarray, sparsity: float, ranking: str) -> np.ndarray:
    W, b = network.layout.unpack(theta)
    masks = magnitude_masks(W, sparsity, ranking=ranking)
    ones = [np.ones_like(b_l) for b_l in b]
    return network.layout.pack([mask.astype(theta.dtype) for mask in masks], ones)
