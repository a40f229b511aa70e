"""Gradients checked against finite differences."""

from .check import check_gradient
from .differences import numerical_gradient, relative_error
from .report import GradientReport

__all__ = ["GradientReport", "check_gradient", "numerical_gradient", "relative_error"]
