"""Optimizers: frozen dataclasses that hold the options; θ and the state go in and come out.

All are used alike::

    state = optimizer.init(theta)
    theta, state = optimizer.step(theta, gradient, state)

The learning rate is a number, or a schedule called with the step number 0, 1, 2, ...

A step can be compiled with `jax.jit` or `tf.function`. TensorFlow traces anew for every Python
number, so give it the count as a tensor: `state._replace(t=tf.constant(0))`.
"""

from dataclasses import dataclass, field
from typing import Any, NamedTuple

from .arrays import Array, as_count
from .checks import float_arrays, number, number_field, yes_or_no
from .kernels import updates
from .protocols import Schedule
from .schedules import rate_at, rate_field


class StepState(NamedTuple):
    """The memory of an optimizer without moments."""

    t: int  # steps taken


class VelocityState(NamedTuple):
    """The memory of Momentum and Nesterov."""

    t: int  # steps taken
    v: Array  # (n_parameters,) velocity


class SquareState(NamedTuple):
    """The memory of RMSprop."""

    t: int  # steps taken
    s: Array  # (n_parameters,) running mean of g²


class AdamState(NamedTuple):
    """The memory of Adam and AdamW."""

    t: int  # steps taken
    m: Array  # (n_parameters,) running mean of g
    v: Array  # (n_parameters,) running mean of g²


def _steps_taken(state: Any, expected: type) -> Any:
    """Return the state's number of steps, which counts on whatever type it came in."""
    if not isinstance(state, expected):
        raise TypeError(
            f"`state` must be what this optimizer's init or step returned, an "
            f"{expected.__name__}, got {type(state).__name__}"
        )
    t = number(state.t)
    if isinstance(t, (int, float)):
        return t
    if not hasattr(t, "shape"):
        raise TypeError(f"`state.t` must be a number of steps, got {type(t).__name__}")
    return as_count(t)


def _zeros(theta: Array) -> Array:
    xp, theta = float_arrays(theta=theta)
    return xp.zeros_like(theta)


def _check_adam(optimizer: Any) -> None:
    number_field(optimizer, "beta1", 0.0, 1.0, open_high=True)
    number_field(optimizer, "beta2", 0.0, 1.0, open_high=True)
    number_field(optimizer, "epsilon", 0.0, open_low=True)


@dataclass(frozen=True)
class GradientDescent:
    """θ ← θ - α g.

    Parameters
    ----------
    learning_rate : float or schedule
        α, at least 0.

    Examples
    --------
    >>> import numpy as np
    >>> optimizer = GradientDescent(learning_rate=0.5)
    >>> theta = np.array([1.0, -2.0])
    >>> theta, state = optimizer.step(theta, theta, optimizer.init(theta))
    >>> theta, state
    (array([ 0.5, -1. ]), StepState(t=1))
    """

    learning_rate: float | Schedule

    def __post_init__(self) -> None:
        rate_field(self, "learning_rate")

    def init(self, theta: Array) -> StepState:
        """Return the state before the first step."""
        _zeros(theta)
        return StepState(0)

    def step(self, theta: Array, gradient: Array, state: StepState) -> tuple[Array, StepState]:
        """Return θ and the state after one step; nothing is changed in place."""
        t = _steps_taken(state, StepState)
        rate = rate_at(self.learning_rate, t)
        return updates.gradient_descent(theta, gradient, learning_rate=rate), StepState(t + 1)


@dataclass(frozen=True)
class SGD(GradientDescent):
    """Stochastic gradient descent: the formula of `GradientDescent` on a mini-batch's gradient.

    The name tells the reader where the gradient comes from; the step is the same.
    Source: Robbins and Monro, "A stochastic approximation method" (1951).
    """


@dataclass(frozen=True)
class _VelocityOptimizer:
    learning_rate: float | Schedule
    momentum: float = 0.9

    def __post_init__(self) -> None:
        rate_field(self, "learning_rate")
        number_field(self, "momentum", 0.0, 1.0, open_high=True)

    def init(self, theta: Array) -> VelocityState:
        """Return the state before the first step."""
        return VelocityState(0, _zeros(theta))

    def step(
        self, theta: Array, gradient: Array, state: VelocityState
    ) -> tuple[Array, VelocityState]:
        """Return θ and the state after one step; nothing is changed in place."""
        t = _steps_taken(state, VelocityState)
        rate = rate_at(self.learning_rate, t)
        theta, v = self._rule(theta, gradient, state.v, learning_rate=rate, momentum=self.momentum)
        return theta, VelocityState(t + 1, v)


@dataclass(frozen=True)
class Momentum(_VelocityOptimizer):
    """v ← β v + g; θ ← θ - α v.

    In a steady gradient the step grows to α g / (1 - β).

    Parameters
    ----------
    learning_rate : float or schedule
        α, at least 0.
    momentum : float
        β, from 0 up to but not including 1.

    Notes
    -----
    Source: Polyak (1964). PyTorch has this form; Keras keeps -α v, equal while α is constant.

    Examples
    --------
    >>> import numpy as np
    >>> optimizer = Momentum(learning_rate=0.1, momentum=0.5)
    >>> theta, g = np.array([1.0]), np.array([1.0])
    >>> theta, state = optimizer.step(theta, g, optimizer.init(theta))
    >>> optimizer.step(theta, g, state)
    (array([0.75]), VelocityState(t=2, v=array([1.5])))
    """

    _rule = staticmethod(updates.momentum)


@dataclass(frozen=True)
class Nesterov(_VelocityOptimizer):
    """v ← β v + g; θ ← θ - α (g + β v).

    Parameters
    ----------
    learning_rate : float or schedule
        α, at least 0.
    momentum : float
        β, from 0 up to but not including 1.

    Notes
    -----
    Source: Nesterov (1983), in the form of Sutskever et al. (2013) that PyTorch and Keras use.
    """

    _rule = staticmethod(updates.nesterov)


@dataclass(frozen=True)
class RMSprop:
    """s ← ρ s + (1 - ρ) g²; θ ← θ - α g / (√s + ε).

    Parameters
    ----------
    learning_rate : float or schedule
        α, at least 0.
    decay : float
        ρ, from 0 up to but not including 1.
    epsilon : float
        ε, above 0; it keeps the division finite where the gradient was always 0.

    Notes
    -----
    Source: Tieleman and Hinton (2012). Keras adds ε inside the root, PyTorch outside as here.
    """

    learning_rate: float | Schedule
    decay: float = 0.9
    epsilon: float = 1e-8

    def __post_init__(self) -> None:
        rate_field(self, "learning_rate")
        number_field(self, "decay", 0.0, 1.0, open_high=True)
        number_field(self, "epsilon", 0.0, open_low=True)

    def init(self, theta: Array) -> SquareState:
        """Return the state before the first step."""
        return SquareState(0, _zeros(theta))

    def step(self, theta: Array, gradient: Array, state: SquareState) -> tuple[Array, SquareState]:
        """Return θ and the state after one step; nothing is changed in place."""
        t = _steps_taken(state, SquareState)
        rate = rate_at(self.learning_rate, t)
        theta, s = updates.rmsprop(
            theta, gradient, state.s, learning_rate=rate, decay=self.decay, epsilon=self.epsilon
        )
        return theta, SquareState(t + 1, s)


@dataclass(frozen=True)
class Adam:
    """m ← β₁ m + (1 - β₁) g; v ← β₂ v + (1 - β₂) g²; θ ← θ - α m̂ / (√v̂ + ε).

    Parameters
    ----------
    learning_rate : float or schedule
        α, at least 0.
    beta1, beta2 : float
        β₁ and β₂, from 0 up to but not including 1.
    epsilon : float
        ε, above 0.
    bias_correction : bool
        Whether m and v are divided by 1 - βᵗ, as the paper has it. Without it the first steps
        are about (1 - β₁) / √(1 - β₂) ≈ 3 times too long.

    Notes
    -----
    Source: Kingma and Ba, "Adam: a method for stochastic optimization" (2015), algorithm 1.

    Examples
    --------
    >>> import numpy as np
    >>> optimizer = Adam(learning_rate=0.1)
    >>> theta = np.array([1.0, -2.0])
    >>> theta, state = optimizer.step(theta, 3.0 * theta, optimizer.init(theta))
    >>> theta.round(6)
    array([ 0.9, -1.9])
    """

    learning_rate: float | Schedule
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    bias_correction: bool = True

    def __post_init__(self) -> None:
        rate_field(self, "learning_rate")
        _check_adam(self)
        yes_or_no("bias_correction", self.bias_correction)

    def init(self, theta: Array) -> AdamState:
        """Return the state before the first step."""
        return AdamState(0, _zeros(theta), _zeros(theta))

    def step(self, theta: Array, gradient: Array, state: AdamState) -> tuple[Array, AdamState]:
        """Return θ and the state after one step; nothing is changed in place."""
        taken = _steps_taken(state, AdamState)
        t = taken + 1
        theta, m, v = updates.adam(
            theta,
            gradient,
            state.m,
            state.v,
            t,
            learning_rate=rate_at(self.learning_rate, taken),
            beta1=self.beta1,
            beta2=self.beta2,
            epsilon=self.epsilon,
            bias_correction=self.bias_correction,
        )
        return theta, AdamState(t, m, v)


@dataclass(frozen=True)
class AdamW:
    """Adam, with the weights shrunk by α λ θ before each step instead of an L2 penalty.

    Parameters
    ----------
    learning_rate, beta1, beta2, epsilon
        As in `Adam`.
    weight_decay : float
        λ, at least 0.
    weights_mask : array, optional
        1.0 where θ decays and 0.0 where it doesn't, such as `layout.weights_mask(theta)` to leave
        the biases out. Default: all of θ decays, as in the paper and in PyTorch.

    Notes
    -----
    Source: Loshchilov and Hutter, "Decoupled weight decay regularization" (2019), algorithm 2.
    """

    learning_rate: float | Schedule
    weight_decay: float = 0.01
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    weights_mask: Any = field(default=None, repr=False, compare=False)

    def __post_init__(self) -> None:
        rate_field(self, "learning_rate")
        _check_adam(self)
        number_field(self, "weight_decay", 0.0)

    def _adam(self) -> Adam:
        return Adam(self.learning_rate, self.beta1, self.beta2, self.epsilon)

    def init(self, theta: Array) -> AdamState:
        """Return the state before the first step."""
        return self._adam().init(theta)

    def step(self, theta: Array, gradient: Array, state: AdamState) -> tuple[Array, AdamState]:
        """Return θ and the state after one step; nothing is changed in place."""
        mask = 1.0 if self.weights_mask is None else self.weights_mask
        rate = rate_at(self.learning_rate, _steps_taken(state, AdamState))
        theta = updates.decoupled_weight_decay(
            theta, mask, learning_rate=rate, weight_decay=self.weight_decay
        )
        return self._adam().step(theta, gradient, state)


OPTIMIZERS: dict[str, type] = {
    "gradient_descent": GradientDescent,
    "sgd": SGD,
    "momentum": Momentum,
    "nesterov": Nesterov,
    "rmsprop": RMSprop,
    "adam": Adam,
    "adamw": AdamW,
}
