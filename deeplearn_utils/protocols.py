"""What `train` asks of its parts. Whatever has these methods can take part, from any package.

The classes are protocols: nothing has to inherit from them.

    class Sign:
        def init(self, theta):
            return ()

        def step(self, theta, gradient, state):
            return theta - 0.01 * np.sign(gradient), state

    train(network, theta, X, y, optimizer=Sign(), epochs=10)

Source of the division into pure functions and a state that the caller carries: optax, `base.py`.
"""

from typing import Any, Protocol, runtime_checkable

from .arrays import Array


@runtime_checkable
class Schedule(Protocol):
    """A learning rate that depends on the step number."""

    def __call__(self, step: int, /) -> float:
        """Return the learning rate, at least 0, of step 0, 1, 2, ..."""


@runtime_checkable
class Optimizer(Protocol):
    """A rule that moves θ by a gradient.

    If it has an attribute `learning_rate`, a number or a `Schedule`, the records tell the rate.
    """

    def init(self, theta: Array, /) -> Any:
        """Return the state before the first step.

        A tuple or NamedTuple of arrays and numbers can be saved in a checkpoint.
        """

    def step(self, theta: Array, gradient: Array, state: Any, /) -> tuple[Array, Any]:
        """Return θ and the state after one step, as new arrays of the library and dtype of θ."""


@runtime_checkable
class Regularizer(Protocol):
    """A penalty on the weights, added to the loss.

    The mask is 1.0 for each weight and 0.0 for each bias, of the shape of θ.
    """

    def penalty(self, theta: Array, mask: Array, /) -> Array:
        """Return the penalty, an array without axes or a number."""

    def gradient(self, theta: Array, mask: Array, /) -> Array:
        """Return the penalty's gradient, of the shape and dtype of θ."""


@runtime_checkable
class Network(Protocol):
    """A model with all parameters in one vector θ.

    With a regularizer it also needs `layout.weights_mask(theta)`, as `Layout` has it.
    """

    def loss(self, theta: Array, X: Array, y: Array, /) -> Array:
        """Return the mean loss over a batch, an array without axes or a number."""

    def loss_and_gradient(self, theta: Array, X: Array, y: Array, /) -> tuple[Array, Array]:
        """Return the mean loss, and its gradient of the shape and dtype of θ."""
