"""Judging a network on data that it has not seen."""

from .cross_validation import CrossValidation, cross_validate
from .folds import group_k_fold, k_fold, stratified_k_fold
from .stopping import best, early_stopping

__all__ = [
    "CrossValidation",
    "best",
    "cross_validate",
    "early_stopping",
    "group_k_fold",
    "k_fold",
    "stratified_k_fold",
]
