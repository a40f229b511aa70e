"""The multilayer perceptron: forward pass, loss and gradient as pure functions of θ."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from .arrays import Array, asarray, namespace
from .checks import choice, finite, float_arrays, generator, not_empty, one_library
from .checks import shape as check_shape
from .initializers import INITIALIZERS
from .intake import is_array, numbers
from .kernels import ACTIVATIONS, LOSSES
from .kernels.activations import Activation, sigmoid, softmax
from .kernels.dense import dense, dense_backward
from .kernels.losses import checked_targets
from .parameters import Layout


class Trace(NamedTuple):
    """What one layer computed in a forward pass."""

    z: Array  # (n, units) pre-activations
    a: Array  # (n, units) activations


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

    Raises
    ------
    ValueError, TypeError
        When a size or a name is wrong.

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

    def __init__(
        self,
        sizes: Sequence[int],
        *,
        activation: str | Sequence[str] = "relu",
        loss: str = "mse",
        initializer: str | None = None,
    ) -> None:
        Layout.dense(sizes)
        choice("loss", loss, LOSSES)
        if initializer is not None:
            choice("initializer", initializer, INITIALIZERS)
        names = _hidden_names(activation, len(sizes) - 2)
        set_field = object.__setattr__  # the dataclass is frozen
        set_field(self, "sizes", tuple(int(n) for n in sizes))
        set_field(self, "activation", names)
        set_field(self, "loss_name", loss)
        set_field(self, "initializer", initializer)
        _check_outputs(loss, self.sizes[-1])

    def __repr__(self) -> str:
        kinds = self.activation[0] if len(set(self.activation)) == 1 else list(self.activation)
        return f"MLP({list(self.sizes)}, activation={kinds!r}, loss={self.loss_name!r})"

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
        if np.dtype(dtype) not in (np.float32, np.float64):
            raise TypeError(f"`dtype` must be float32 or float64, got {np.dtype(dtype)}")
        names = [self.initializer or activation.initializer for activation in self._activations]
        shapes = self.layout.weight_shapes
        W = [INITIALIZERS[name](rng, s) for name, s in zip(names, shapes, strict=True)]
        b = [np.zeros(n) for n in self.sizes[1:]]
        return self.layout.pack(W, b).astype(dtype)

    def trace(self, theta: Array, X: Array) -> list[Trace]:
        """Return z and a of each layer, first hidden layer first.

        Parameters
        ----------
        theta : array, shape (n_parameters,)
        X : array, shape (n, sizes[0])

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
        return self._trace(*self.layout.unpack(theta), X)

    def _trace(self, W: list[Array], b: list[Array], X: Array) -> list[Trace]:
        check_shape("X", X, ("n", self.sizes[0]), "(samples, inputs)")
        layers, a = [], X
        for W_l, b_l, activation in zip(W, b, self._activations, strict=True):
            z = dense(a, W_l, b_l)  # (n, n_l)
            a = activation.forward(z)  # (n, n_l)
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

    def loss_and_gradient(self, theta: Array, X: Array, y: Array) -> tuple[Array, Array]:
        """Return the mean loss over the batch and its gradient with respect to θ.

        Backpropagation: δ of the output from the loss, then layer by layer
        δ^(l-1) = (δ^l W^lᵀ) ⊙ f'(z^(l-1)).

        Parameters
        ----------
        theta : array, shape (n_parameters,)
        X : array, shape (n, sizes[0])
        y : array
            Labels (n,) for softmax cross-entropy, else targets of the outputs' shape.

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
        layers = self._trace(W, b, X)
        self.check_targets(X, y)
        with checked_targets():
            loss = LOSSES[self.loss_name].value(layers[-1].a, y)
            da = LOSSES[self.loss_name].gradient(layers[-1].a, y)  # (n, n_L)
        inputs = [X, *(layer.a for layer in layers[:-1])]
        dW, db = [], []
        for l in reversed(range(len(W))):
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
        if self.loss_name == "softmax_cross_entropy" and tuple(y.shape[1:]) != (k,):
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
            X = asarray(numbers("X", X), like=theta, dtype=theta.dtype)
        _, theta, X = float_arrays(theta=theta, X=X)
        finite("theta", theta)
        finite("X", X)
        return self.forward(theta, X)


def _hidden_names(activation: str | Sequence[str], n_hidden: int) -> tuple[str, ...]:
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


def _check_outputs(loss: str, n_outputs: int) -> None:
    if loss == "softmax_cross_entropy" and n_outputs < 2:
        raise ValueError(
            "`sizes` must end with at least 2 outputs for softmax_cross_entropy, got 1; "
            "for two classes with one output use loss='binary_cross_entropy'"
        )
