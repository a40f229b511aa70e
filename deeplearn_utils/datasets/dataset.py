"""What a loader returns: three parts, ready to train on, and how they were made."""

from dataclasses import dataclass

import numpy as np

from .cleaning import Filler
from .scaling import Scaler

__all__ = ["Dataset"]


@dataclass(frozen=True, eq=False, repr=False)
class Dataset:
    """A table that is cleaned, split and scaled, and that remembers how.

    Attributes
    ----------
    X_train, X_validation, X_test : ndarray, shapes (n_train, d), (n_validation, d), (n_test, d)
        Features, scaled by `scaler`.
    y_train, y_validation, y_test : ndarray
        Class labels 0 ... k - 1 of shape (n,), or numbers to predict of shape (n, k), in their
        own units.
    scaler : Scaler
        Fitted on the training rows; `scaler.inverse(X_test)` gives back the table's units.
    target_scaler : Scaler or None
        Fitted on `y_train` and not applied; None for labels.
    filler : Filler or None
        What replaced missing values, fitted on the training rows; None where nothing was missing.
    feature_names, target_names : tuple of str
        Names of the columns of X, and of the classes (or of the columns of y).
    name, description : str
        What the data are and where they come from.
    notes : tuple of str
        What was dropped, filled or left unscaled.
    """

    X_train: np.ndarray
    y_train: np.ndarray
    X_validation: np.ndarray
    y_validation: np.ndarray
    X_test: np.ndarray
    y_test: np.ndarray
    scaler: Scaler
    target_scaler: Scaler | None
    filler: Filler | None
    feature_names: tuple[str, ...]
    target_names: tuple[str, ...]
    name: str
    description: str
    notes: tuple[str, ...] = ()

    @property
    def n_features(self) -> int:
        """How many columns X has."""
        return self.X_train.shape[1]

    @property
    def n_classes(self) -> int | None:
        """How many classes the labels tell apart; None for numbers to predict."""
        return len(self.target_names) if self.target_scaler is None else None

    def __repr__(self) -> str:
        rows = (len(self.y_train), len(self.y_validation), len(self.y_test))
        targets = f"{self.n_classes} classes" if self.n_classes else ", ".join(self.target_names)
        return (
            f"<Dataset {self.name}: {self.n_features} features -> {targets}; "
            "{} training, {} validation, {} test rows>".format(*rows)
        )
