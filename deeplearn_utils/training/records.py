"""What the training loop yields, and why it may stop."""

import math
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from ..arrays import Array
from ..kernels.losses import checked_targets
from ..protocols import Network, Regularizer


class NonFiniteLossError(FloatingPointError):
    """Training stopped because the loss became infinite or not a number."""


@dataclass(frozen=True, eq=False)
class Evaluation:
    """What a run is measured on: its data, and the penalty it adds."""

    network: Network
    data: tuple[Array, Array]
    validation: tuple[Array, Array] | None
    regularizer: Regularizer | None
    mask: Array | None

    def loss(self, theta: Array, data: tuple[Array, Array], step: int) -> float:
        """Return the mean loss over some data at θ, reached by that many steps."""
        with np.errstate(over="ignore", invalid="ignore"), checked_targets():
            loss = float(self.network.loss(theta, *data))
        if not math.isfinite(loss):
            raise NonFiniteLossError(
                f"the loss became {loss} at step {step}: the learning rate or the starting weights "
                "are probably too large"
            )
        return loss


@dataclass(frozen=True, eq=False)
class Record:
    """What training looks like at one moment.

    `loss`, `validation_loss` and `penalty` are computed when they are first asked for.

    Attributes
    ----------
    epoch : int
        Full passes over the data so far.
    step : int
        Updates of θ so far.
    learning_rate : float or None
        α of the last step; None before the first, and if the optimizer doesn't tell.
    gradient_norm : float or None
        Euclidean norm of the last gradient, penalty included, before any clipping; None before the
        first.
    theta : array, shape (n_parameters,)
    state : NamedTuple
        The optimizer's memory, or whatever an optimizer of one's own keeps.
    position : dict
        Where in the random order of the data training stands, for `resume`.
    """

    epoch: int
    step: int
    learning_rate: float | None
    gradient_norm: float | None
    theta: Array = field(repr=False)
    state: Any = field(repr=False)
    position: dict[str, Any] = field(repr=False)
    evaluation: Evaluation = field(repr=False)
    batch_loss: float | None = field(repr=False, default=None)

    @cached_property
    def loss(self) -> float:
        """Mean loss over all training data at `theta`, without the penalty.

        With every="step": over the batch that led to `theta`, taken before the update.
        """
        if self.batch_loss is not None:
            return self.batch_loss
        return self.evaluation.loss(self.theta, self.evaluation.data, self.step)

    @cached_property
    def validation_loss(self) -> float | None:
        """Mean loss over the validation data at `theta`; None without validation data."""
        if self.evaluation.validation is None:
            return None
        return self.evaluation.loss(self.theta, self.evaluation.validation, self.step)

    @cached_property
    def penalty(self) -> float:
        """What the regularizer adds to the loss; 0 without one."""
        if self.evaluation.regularizer is None:
            return 0.0
        return float(self.evaluation.regularizer.penalty(self.theta, self.evaluation.mask))
