"""How good a prediction is, in numbers that people read: any array in, plain numbers out."""

from .classification import accuracy, confusion_matrix
from .regression import mean_absolute_error, mean_squared_error, r2_score

__all__ = [
    "accuracy",
    "confusion_matrix",
    "mean_absolute_error",
    "mean_squared_error",
    "r2_score",
]
