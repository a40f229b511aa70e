"""Learning-rate schedules: callables from the step number 0, 1, 2, ... to a learning rate."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from .checks import count, in_range, number

Schedule = Callable[[int], float]


def rate_at(learning_rate: float | Schedule, step: int) -> float:
    """Return the learning rate of a step; a number is the same at every step.

    Raises
    ------
    TypeError, ValueError
        When a schedule returns no number, or one below 0.

    Examples
    --------
    >>> rate_at(0.1, 7), rate_at(StepDecay(0.1, every=5, factor=0.5), 7)
    (0.1, 0.05)
    """
    if not callable(learning_rate):
        return number(learning_rate)
    rate = number(learning_rate(step))
    if not hasattr(rate, "shape"):  # an array while a compiler traces
        in_range("learning_rate", rate, 0.0)
    return rate


@dataclass(frozen=True)
class Constant:
    """The same learning rate at every step."""

    initial: float

    def __post_init__(self) -> None:
        in_range("initial", self.initial, 0.0)

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
        in_range("initial", self.initial, 0.0)
        count("every", self.every)
        in_range("factor", self.factor, 0.0, 1.0, open_low=True)

    def __call__(self, step: int) -> float:
        """Return the learning rate of a step."""
        return self.initial * self.factor ** (step // self.every)


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
        in_range("initial", self.initial, 0.0)
        count("steps", self.steps)
        in_range("final", self.final, 0.0)

    def __call__(self, step: int) -> float:
        """Return the learning rate of a step."""
        progress = min(step / self.steps, 1.0)
        return self.final + 0.5 * (self.initial - self.final) * (1.0 + math.cos(math.pi * progress))


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
        count("steps", self.steps)
        if not callable(self.then):
            in_range("then", self.then, 0.0)

    def __call__(self, step: int) -> float:
        """Return the learning rate of a step."""
        if step < self.steps:
            return rate_at(self.then, 0) * (step + 1) / self.steps
        return rate_at(self.then, step - self.steps)
