"""Learning-rate schedules: callables from the step number 0, 1, 2, ... to a learning rate.

A whole number gives a Python number. While a compiler traces, the step number is an array without
axes, and so is the rate.
"""

import math
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from .arrays import as_count, as_real, namespace
from .checks import count_field, in_range, instance, number, number_field
from .protocols import Schedule

_A_RATE = "a number or a schedule, such as CosineDecay(0.1, 100)"


def rate_at(learning_rate: float | Schedule, step: int) -> float:
    """Return the learning rate of a step; a number is the same at every step.

    Raises
    ------
    TypeError, ValueError
        When it is no number or schedule, or a schedule returns no number, or one below 0.

    Examples
    --------
    >>> rate_at(0.1, 7), rate_at(StepDecay(0.1, every=5, factor=0.5), 7)
    (0.1, 0.05)
    """
    if isinstance(learning_rate, type):
        instance("learning_rate", learning_rate, Schedule, _A_RATE)
    rate = learning_rate(step) if callable(learning_rate) else learning_rate
    return in_range("learning_rate", rate, 0.0)


def rate_field(frozen: Any, name: str) -> None:
    """Check a field of a frozen dataclass that is a learning rate: a number or a schedule."""
    rate = getattr(frozen, name)
    if callable(rate):
        instance(name, rate, Schedule, _A_RATE)
    else:
        number_field(frozen, name, 0.0)


_OF_NUMBERS = SimpleNamespace(cos=math.cos, minimum=min, maximum=max)


def _time(step: Any) -> tuple[Any, Any]:
    """Return what to compute the rate of a step with: a namespace, and the step number."""
    step = number(step)
    if isinstance(step, (int, float)):
        return _OF_NUMBERS, step
    if not hasattr(step, "shape"):
        raise TypeError(f"`step` must be a number, got {type(step).__name__}")
    return namespace(step), as_count(step)


def _real(x: Any) -> Any:
    """Return an array as wide as real numbers get, so that all of a formula's have one dtype."""
    return x if isinstance(x, (int, float)) else as_real(x)


@dataclass(frozen=True)
class Constant:
    """The same learning rate at every step."""

    initial: float

    def __post_init__(self) -> None:
        number_field(self, "initial", 0.0)

    def __call__(self, step: int) -> float:
        """Return the learning rate of a step."""
        return self.initial


@dataclass(frozen=True)
class StepDecay:
    """Multiply the learning rate by `factor` after every `every` steps.

    Examples
    --------
    >>> schedule = StepDecay(0.8, every=100, factor=0.5)
    >>> schedule(99), schedule(100), schedule(250)
    (0.8, 0.4, 0.2)
    """

    initial: float
    every: int
    factor: float = 0.1

    def __post_init__(self) -> None:
        number_field(self, "initial", 0.0)
        count_field(self, "every")
        number_field(self, "factor", 0.0, 1.0, open_low=True)

    def __call__(self, step: int) -> float:
        """Return the learning rate of a step."""
        _, step = _time(step)
        return _real(self.initial) * _real(self.factor) ** _real(step // self.every)


@dataclass(frozen=True)
class CosineDecay:
    """Follow half a cosine from `initial` at step 0 to `final` at step `steps`, then stay there.

    Source: Loshchilov and Hutter, "SGDR: stochastic gradient descent with warm restarts" (2017).

    Examples
    --------
    >>> schedule = CosineDecay(1.0, steps=100)
    >>> schedule(0), round(schedule(50), 3), schedule(100)
    (1.0, 0.5, 0.0)
    """

    initial: float
    steps: int
    final: float = 0.0

    def __post_init__(self) -> None:
        number_field(self, "initial", 0.0)
        count_field(self, "steps")
        number_field(self, "final", 0.0)

    def __call__(self, step: int) -> float:
        """Return the learning rate of a step."""
        xp, step = _time(step)
        progress = xp.minimum(_real(step) / self.steps, 1.0)
        initial, final = _real(self.initial), _real(self.final)
        return final + 0.5 * (initial - final) * (1.0 + xp.cos(math.pi * progress))


@dataclass(frozen=True)
class Warmup:
    """Rise linearly over the first `steps` steps, then follow another schedule from its start.

    Source: Goyal et al., "Accurate, large minibatch SGD" (2017).

    Examples
    --------
    >>> schedule = Warmup(steps=4, then=0.8)
    >>> [round(schedule(t), 2) for t in range(6)]
    [0.2, 0.4, 0.6, 0.8, 0.8, 0.8]
    """

    steps: int
    then: float | Schedule

    def __post_init__(self) -> None:
        count_field(self, "steps")
        rate_field(self, "then")

    def __call__(self, step: int) -> float:
        """Return the learning rate of a step."""
        xp, step = _time(step)
        risen = _real(xp.minimum(step + 1, self.steps)) / self.steps
        return risen * _real(rate_at(self.then, xp.maximum(step - self.steps, 0)))
