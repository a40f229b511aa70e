"""The multilayer perceptron: forward pass, loss and gradient as pure functions of θ."""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from .arrays import Array, asarray, namespace
from .checks import (
    choice,
    count,
    finite,
    float_arrays,
    generator,
    in_range,
    not_empty,
    one_library,
)
from .checks import shape as check_shape
from .initializers import INITIALIZERS
from .intake import is_array, numbers
from .kernels import ACTIVATIONS, LOSSES
from .kernels.activations import Activation, sigmoid, softmax
from .kernels.dense import dense, dense_backward
from .kernels.dropout import dropout as dropped
from .kernels.dropout import dropout_backward, dropout_mask
from .kernels.losses import checked_targets
from .parameters import Layout


class Trace(NamedTuple):
    """What one layer computed in a forward pass."""

    z: Array  # (n, units) pre-activations
    a: Array  # (n, units) activations, as the next layer gets them


Masks = Sequence[Array | None]  # one a hidden layer; None where nothing is dropped


@dataclass(frozen=True)
class MLP:
    """A network of dense layers. It holds no parameters: θ goes in, results come out.

    Parameters
    ----------
    sizes : sequence of int
        Units of each layer, inputs first: [64, 128, 10] has one hidden layer of 128 units.
    activation : str or sequence of str
        The hidden layers' activation, a key of `ACTIVATIONS`, or one for each hidden layer. The
        output layer is linear.
    loss : str
        A key of `LOSSES`. The cross-entropies take the outputs as logits.
    initializer : str, optional
        A key of `INITIALIZERS` for all weights. Default: He for the ReLU family, Xavier for the
        others. Biases start at 0.
    dropout : float or sequence of float
        The share of each hidden layer's units that a training step sets to 0, at least 0 and below
        1, or one share for each hidden layer. Without `masks` nothing is dropped.

    Raises
    ------
    ValueError, TypeError
        When a size, a name or a share is wrong.

    Notes
    -----
    Source: Rumelhart, Hinton and Williams, "Learning representations by back-propagating
    errors" (1986).

    Examples
    --------
    >>> network = MLP([2, 3, 1], activation="tanh", loss="mse")
    >>> theta = network.init(np.random.default_rng(0))
    >>> theta.shape
    (13,)
    >>> X, y = np.ones((5, 2)), np.zeros((5, 1))
    >>> loss, gradient = network.loss_and_gradient(theta, X, y)
    >>> gradient.shape, network.predict(theta, X).shape
    ((13,), (5, 1))
    """

    sizes: Sequence[int]
    activation: str | Sequence[str] = "relu"
    loss_name: str = "mse"
    initializer: str | None = None
    dropout: float | Sequence[float] = 0.0

    def __init__(
        self,
        sizes: Sequence[int],
        *,
        activation: str | Sequence[str] = "relu",
        loss: str = "mse",
        initializer: str | None = None,
        dropout: float | Sequence[float] = 0.0,
    ) -> None:
        Layout.dense(sizes)
        choice("loss", loss, LOSSES)
        if initializer is not None:
            choice("initializer", initializer, INITIALIZERS)
        names = _hidden_names(activation, len(sizes) - 2)
        rates = _hidden_rates(dropout, len(sizes) - 2)
        set_field = object.__setattr__  # the dataclass is frozen
        set_field(self, "sizes", tuple(int(n) for n in sizes))
        set_field(self, "activation", names)
        set_field(self, "loss_name", loss)
        set_field(self, "initializer", initializer)
        set_field(self, "dropout", rates)
        _check_outputs(loss, self.sizes[-1])

    def __repr__(self) -> str:
        kinds = self.activation[0] if len(set(self.activation)) == 1 else list(self.activation)
        rates = f", dropout={list(self.dropout)}" if any(self.dropout) else ""
        return f"MLP({list(self.sizes)}, activation={kinds!r}, loss={self.loss_name!r}{rates})"

    @cached_property
    def layout(self) -> Layout:
        """Where each weight and bias stands in θ."""
        return Layout.dense(self.sizes)

    @cached_property
    def _activations(self) -> list[Activation]:
        return [ACTIVATIONS[name] for name in (*self.activation, "identity")]

    def init(self, rng: np.random.Generator, dtype: Any = np.float64) -> np.ndarray:
        """Draw starting weights; biases are 0.

        Parameters
        ----------
        rng : numpy.random.Generator
        dtype : NumPy dtype
            float64 or float32.

        Returns
        -------
        ndarray, shape (n_parameters,)
            θ. For another library: `arrays.asarray(theta, like=tensor)`.
        """
        generator("rng", rng)
        with contextlib.suppress(TypeError):
            dtype = np.dtype(dtype)
        if not isinstance(dtype, np.dtype) or dtype not in (np.float32, np.float64):
            foreign = type(dtype).__module__.startswith(("torch", "tensorflow"))
            hint = "; try np.float32" if foreign else ""
            raise TypeError(f"`dtype` must be float32 or float64, got {dtype}{hint}")
        names = [self.initializer or activation.initializer for activation in self._activations]
        shapes = self.layout.weight_shapes
        W = [INITIALIZERS[name](rng, s) for name, s in zip(names, shapes, strict=True)]
        b = [np.zeros(n) for n in self.sizes[1:]]
        return self.layout.pack(W, b).astype(dtype)

    def masks(self, rng: np.random.Generator, n: int, *, like: Array) -> tuple[Array | None, ...]:
        """Draw the dropout masks of one step with n samples, first hidden layer first.

        Parameters
        ----------
        rng : numpy.random.Generator
        n : int
            How many samples, each with a mask of its own.
        like : array
            Gives library, dtype and device, such as θ.

        Returns
        -------
        tuple of array or None
            Of shape (n, units); None for a layer whose share is 0: it draws nothing.

        Examples
        --------
        >>> network = MLP([2, 3, 2, 1], dropout=[0.5, 0.0])
        >>> first, second = network.masks(np.random.default_rng(0), 2, like=np.zeros(1))
        >>> print(first, second)
        [[2. 0. 0.]
         [0. 2. 2.]] None
        """
        n = count("n", n)
        return tuple(
            dropout_mask(rng, (n, units), rate, like=like) if rate else None
            for units, rate in zip(self.sizes[1:-1], self.dropout, strict=True)
        )

    def trace(self, theta: Array, X: Array, masks: Masks | None = None) -> list[Trace]:
        """Return z and a of each layer, first hidden layer first.

        Parameters
        ----------
        theta : array, shape (n_parameters,)
        X : array, shape (n, sizes[0])
        masks : sequence of array or None, optional
            From `masks`. Default: nothing is dropped.

        Returns
        -------
        list of Trace
            The last one's `a` is the network's output.

        Raises
        ------
        TypeError, ValueError
            When library, dtype or shape don't fit.
        """
        _, theta, X = float_arrays(theta=theta, X=X)
        return self._trace(*self.layout.unpack(theta), X, self._all_masks(masks))

    def _all_masks(self, masks: Masks | None) -> list[Array | None]:
        """Return a mask or None for every layer, the output layer included."""
        n_hidden = len(self.sizes) - 2
        if masks is None:
            return [None] * (n_hidden + 1)
        if not isinstance(masks, (tuple, list)) or len(masks) != n_hidden:
            got = len(masks) if isinstance(masks, (tuple, list)) else type(masks).__name__
            raise ValueError(
                f"`masks` must hold one mask or None a hidden layer, {n_hidden}, got {got}"
            )
        return [*masks, None]

    def _trace(
        self, W: list[Array], b: list[Array], X: Array, masks: list[Array | None]
    ) -> list[Trace]:
        check_shape("X", X, ("n", self.sizes[0]), "(samples, inputs)")
        layers, a = [], X
        for l, (activation, mask) in enumerate(zip(self._activations, masks, strict=True)):
            z = dense(a, W[l], b[l])  # (n, n_l)
            a = activation.forward(z)  # (n, n_l)
            if mask is not None:
                name = f"masks[{l}]"
                _, _, mask = float_arrays(**{"X": X, name: mask})
                check_shape(name, mask, tuple(a.shape), "(samples, units)")
                a = dropped(a, mask)
            layers.append(Trace(z, a))
        return layers

    def forward(self, theta: Array, X: Array) -> Array:
        """Return the outputs: predictions for a regression, logits for classes.

        Returns
        -------
        array, shape (n, sizes[-1])
        """
        return self.trace(theta, X)[-1].a

    def loss(self, theta: Array, X: Array, y: Array) -> Array:
        """Return the mean loss over the batch, an array without axes."""
        outputs = self.forward(theta, X)
        self.check_targets(X, y)
        with checked_targets():
            return LOSSES[self.loss_name].value(outputs, y)

    def loss_and_gradient(
        self, theta: Array, X: Array, y: Array, masks: Masks | None = None
    ) -> tuple[Array, Array]:
        """Return the mean loss over the batch and its gradient with respect to θ.

        Backpropagation: δ of the output from the loss, then layer by layer
        δ^(l-1) = (δ^l W^lᵀ) ⊙ f'(z^(l-1)).

        Parameters
        ----------
        theta : array, shape (n_parameters,)
        X : array, shape (n, sizes[0])
        y : array
            Labels (n,) for softmax cross-entropy, else targets of the outputs' shape.
        masks : sequence of array or None, optional
            From `masks`: loss and gradient of the network that they leave. Default: of the whole
            network.

        Returns
        -------
        loss : array without axes
        gradient : array, shape (n_parameters,)

        Raises
        ------
        TypeError, ValueError
            When library, dtype or shape don't fit.
        """
        _, theta, X = float_arrays(theta=theta, X=X)
        W, b = self.layout.unpack(theta)
        masks = self._all_masks(masks)
        layers = self._trace(W, b, X, masks)
        self.check_targets(X, y)
        with checked_targets():
            loss = LOSSES[self.loss_name].value(layers[-1].a, y)
            da = LOSSES[self.loss_name].gradient(layers[-1].a, y)  # (n, n_L)
        inputs = [X, *(layer.a for layer in layers[:-1])]
        dW, db = [], []
        for l in reversed(range(len(W))):
            if masks[l] is not None:
                da = dropout_backward(da, masks[l])
            dz = self._activations[l].backward(da, layers[l].z)  # (n, n_l)
            da, dW_l, db_l = dense_backward(dz, inputs[l], W[l])
            dW.insert(0, dW_l)
            db.insert(0, db_l)
        return loss, self.layout.pack(dW, db)

    def check_targets(self, X: Array, y: Array, *, X_name: str = "X", y_name: str = "y") -> None:
        """Refuse targets that don't fit the samples, the outputs or the loss.

        Their numbers are left alone inside `losses.checked_targets`, and while a compiler traces.

        Raises
        ------
        TypeError, ValueError
        """
        one_library(**{X_name: X, y_name: y})
        not_empty(X_name, X)
        n, k = X.shape[0], self.sizes[-1]
        if self.loss_name == "softmax_cross_entropy" and tuple(getattr(y, "shape", ())[1:]) != (k,):
            check_shape(y_name, y, (n,), "(samples,)")
        else:
            check_shape(y_name, y, (n, k), "(samples, outputs)")
        LOSSES[self.loss_name].check(y_name, y, k)

    def predict_probabilities(self, theta: Array, X: Array) -> Array:
        """Return the probability of each class, or of class 1 for binary cross-entropy.

        Raises
        ------
        ValueError
            When the network was built for a regression, or `theta` or `X` holds NaN or infinity.
        """
        if self.loss_name == "softmax_cross_entropy":
            return softmax(self._outputs(theta, X))
        if self.loss_name == "binary_cross_entropy":
            return sigmoid(self._outputs(theta, X))
        raise ValueError(
            f"a network with loss {self.loss_name!r} predicts values, not classes; use predict"
        )

    def predict(self, theta: Array, X: Array) -> Array:
        """Return what the network says of each sample.

        Parameters
        ----------
        theta : array, shape (n_parameters,)
        X : array_like, shape (n, sizes[0])
            An array; lists and data frames are taken in as by `train`.

        Returns
        -------
        array
            Class labels (n,) after softmax cross-entropy; labels 0 or 1 of shape (n, outputs)
            after binary cross-entropy; the outputs (n, outputs) for a regression.

        Raises
        ------
        TypeError, ValueError
            When library, dtype or shape don't fit, or `theta`, `X` or the classes' logits hold NaN
            or infinity, of which no label can be told.

        Notes
        -----
        While the function is traced to be compiled, there are no values to look at.

        Examples
        --------
        >>> network = MLP([2, 1], loss="binary_cross_entropy")
        >>> network.predict(np.array([1.0, 1.0, 5.0]), np.array([[np.nan, 9.0]]))
        Traceback (most recent call last):
        ...
        ValueError: `X` must be finite, got 1 NaN, the first in row 0, column 0
        """
        outputs = self._outputs(theta, X)
        xp = namespace(outputs)
        if self.loss_name not in ("softmax_cross_entropy", "binary_cross_entropy"):
            return outputs
        finite("logits", outputs, hint="; `theta` or `X` is so large that they overflow")
        if self.loss_name == "softmax_cross_entropy":
            return xp.argmax(outputs, axis=1)
        return xp.astype(outputs > 0.0, xp.arange(1).dtype)  # the library's usual integer

    def _outputs(self, theta: Array, X: Array) -> Array:
        if not is_array(X):
            float_arrays(theta=theta)
            X = asarray(numbers("X", X), like=theta, dtype=theta.dtype)
        _, theta, X = float_arrays(theta=theta, X=X)
        finite("theta", theta)
        finite("X", X)
        return self.forward(theta, X)


def _hidden_names(activation: str | Sequence[str], n_hidden: int) -> tuple[str, ...]:
    activation = activation.tolist() if isinstance(activation, np.ndarray) else activation
    if isinstance(activation, str):
        choice("activation", activation, ACTIVATIONS)
        return (activation,) * n_hidden
    if not isinstance(activation, Sequence):
        kind = type(activation).__name__
        raise TypeError(f"`activation` must be a name or a sequence of names, got {kind}")
    names = tuple(activation)
    if len(names) != n_hidden:
        raise ValueError(
            f"`activation` must name one activation a hidden layer, {n_hidden}, got {len(names)}"
        )
    for name in names:
        choice("activation", name, ACTIVATIONS)
    return names


def _hidden_rates(dropout: float | Sequence[float], n_hidden: int) -> tuple[float, ...]:
    dropout = dropout.tolist() if isinstance(dropout, np.ndarray) else dropout
    several = isinstance(dropout, (tuple, list))
    if several and len(dropout) != n_hidden:
        raise ValueError(
            f"`dropout` must have one share a hidden layer, {n_hidden}, got {len(dropout)}"
        )
    rates = [
        float(in_range("dropout", rate, 0.0, 1.0, open_high=True))
        for rate in (dropout if several else (dropout,))
    ]
    if any(rates) and not n_hidden:
        raise ValueError(f"`dropout` needs a hidden layer, got {dropout} and `sizes` without one")
    return tuple(rates if several else rates * n_hidden)


def _check_outputs(loss: str, n_outputs: int) -> None:
    if loss == "softmax_cross_entropy" and n_outputs < 2:
        raise ValueError(
            "`sizes` must end with at least 2 outputs for softmax_cross_entropy, got 1; "
            "for two classes with one output use loss='binary_cross_entropy'"
        )
