"""What the training loop yields, and why it may stop."""

from dataclasses import dataclass
from typing import Any

from ..arrays import Array


class NonFiniteLossError(FloatingPointError):
    """Training stopped because the loss became infinite or not a number."""


@dataclass(frozen=True)
class Record:
    """What training looks like at one moment.

    Attributes
    ----------
    epoch : int
        Full passes over the data so far.
    step : int
        Updates of θ so far.
    loss : float
        Mean loss over all training data at `theta`, without the penalty; with every="step", over
        the batch that led to `theta`, taken before the update.
    validation_loss : float or None
        Mean loss over the validation data at `theta`; None without validation data.
    penalty : float
        What the regularizer adds to the loss; 0 without one.
    learning_rate : float or None
        α of the last step; None before the first.
    gradient_norm : float or None
        Euclidean norm of the last gradient, penalty included; None before the first.
    theta : array, shape (n_parameters,)
    state : NamedTuple
        The optimizer's memory.
    position : dict
        Where in the random order of the data training stands, for `resume`.
    """

    epoch: int
    step: int
    loss: float
    validation_loss: float | None
    penalty: float
    learning_rate: float | None
    gradient_norm: float | None
    theta: Array
    state: Any
    position: dict[str, Any]

    def __repr__(self) -> str:
        validation = "" if self.validation_loss is None else f", val {self.validation_loss:.4g}"
        return f"Record(epoch={self.epoch}, step={self.step}, loss {self.loss:.4g}{validation})"
