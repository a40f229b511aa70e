"""The strength of a ridge penalty chosen by cross-validation, and the test score afterwards."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np

from deeplearn_utils.analysis.shrinkage import ridge, ridge_path
from deeplearn_utils.datasets import Scaler, diabetes_table
from deeplearn_utils.validation import k_fold

from ..explorer import Explorer
from ..parts.controls import Choice, Slider
from ..parts.frame import Arrays, Question, Target
from .folds_panes import FOLDS, MEAN, MOST, WEIGHTS

STRENGTHS = tuple(float(f"{10 ** (e / 4):.2g}") for e in range(-12, 9))
PATIENTS = 60
SEED = 1
SPREAD = 77.0
"""Targets are told in standard deviations of the disease's progression."""


class FoldsExplorer(Explorer):
    """The error of every fold against λ, the one-standard-error choice, and the test."""

    name = "folds"
    title = "Choosing the strength by cross-validation"
    summary = (
        "Left: the mean error of 5 folds against the strength of the penalty, a deep valley with "
        "its lowest point marked, a band of one standard error, and the larger strength that the "
        "one-standard-error rule takes. Middle: the curves of the single folds, far apart. Right: "
        "65 weights as bars."
    )
    controls = (
        Slider("strength", "strength λ", STRENGTHS, STRENGTHS[0]),
        Choice("k", "folds", {"5": "5 folds", "10": "10 folds", "20": "20 folds"}, "5"),
        Choice("test", "test score", {"hidden": "hidden", "shown": "shown"}, "hidden"),
    )
    panes = (MEAN, FOLDS, WEIGHTS)
    depends = {
        **dict.fromkeys(("at", "left", "right"), ()),
        **dict.fromkeys(("mean", "low", "high", "lowest", "lowest_error", "limit"), ("k",)),
        **dict.fromkeys(("simplest", "simplest_error", "fold_errors"), ("k",)),
        **dict.fromkeys(("now", "weights"), ("strength",)),
        "error": ("strength", "k"),
        "test": ("test",),
    }
    question = Question(
        text=(
            "The one-standard-error rule takes the largest λ whose mean error lies within one "
            "standard error of the lowest. Tested on 382 patients that no fold has seen, its error "
            "will be, compared with that of the lowest point:"
        ),
        options=("clearly lower", "about the same", "more than twice as high"),
        answer=1,
        explanation=(
            "About the same: with ten folds 0.67 against 0.64, less than the standard error of the "
            "folds, 0.08. But this is one draw of sixty patients. Over forty draws the rule's "
            "choice is worse by 0.08 ± 0.02 on average: the price of the simpler model."
        ),
    )
    target = Target(
        text="With ten folds and the test score hidden, set λ to the one-standard-error choice.",
        explanation=(
            "Now the choice is made, and the test score may be shown: once. Whoever moves λ after "
            "having seen it has made the test patients part of the choice."
        ),
    )

    def look(self, strength: float, k: str, test: str) -> Look:
        """Return the folds' errors and what follows from them."""
        return Look(strength, int(k), test == "shown", *chosen(int(k)))

    def compute(self, look: Look) -> Arrays:
        """Return means, bands and marks, the curves of the folds, and the weights."""
        errors, now = fold_errors(look.k), STRENGTHS.index(look.strength)
        mean, error = errors.mean(axis=0), standard_error(errors)
        every = np.full((MOST, len(STRENGTHS)), np.nan)
        every[: look.k] = errors
        tested = errors_on_new() if look.shown else np.full(len(STRENGTHS), np.nan)
        place = np.arange(65.0)
        return {
            **{"at": np.array(STRENGTHS), "now": look.strength},
            **{"mean": mean, "low": mean - error, "high": mean + error, "error": mean[now]},
            **{"lowest": STRENGTHS[look.lowest], "lowest_error": mean[look.lowest]},
            "limit": mean[look.lowest] + error[look.lowest],
            **{"simplest": STRENGTHS[look.simplest], "simplest_error": mean[look.simplest]},
            **{"fold_errors": every, "test": tested},
            **{"left": place + 0.1, "right": place + 0.9, "weights": weights(look.strength)},
        }

    def describe(self, look: Look) -> str:
        """Tell the error at λ with its standard error, both choices, and the test where shown."""
        errors, now = fold_errors(look.k), STRENGTHS.index(look.strength)
        test = f"test error {errors_on_new()[now]:.2f}" if look.shown else "the test is hidden"
        return (
            f"λ = {look.strength:g}: error {errors.mean(axis=0)[now]:.2f} ± "
            f"{standard_error(errors)[now]:.2f} over {look.k} folds; lowest at "
            f"λ = {STRENGTHS[look.lowest]:g}, one standard error allows "
            f"{STRENGTHS[look.simplest]:g}; {test}."
        )

    def reached(self, look: Look) -> bool:
        """Tell whether the rule's λ is chosen while the test is hidden."""
        ten_unseen = look.k == 10 and not look.shown
        return ten_unseen and look.strength == STRENGTHS[look.simplest]


class Look(NamedTuple):
    """One setting, and the two choices that its folds suggest."""

    strength: float
    k: int
    shown: bool
    lowest: int
    simplest: int


class Patients(NamedTuple):
    """Some patients: ten measurements each, and the progression of the disease."""

    X: np.ndarray  # (n, 10)
    y: np.ndarray  # (n,), in standard deviations


@cache
def patients() -> tuple[Patients, Patients]:
    """Return the patients of the training set, and those of the test."""
    table = diabetes_table()
    order = np.random.default_rng(SEED).permutation(len(table.X))
    X, y = table.X[order], table.y.ravel()[order] / SPREAD
    return Patients(X[:PATIENTS], y[:PATIENTS]), Patients(X[PATIENTS:], y[PATIENTS:])


def features(train: np.ndarray, *others: np.ndarray) -> list[np.ndarray]:
    """Return the measurements and their 55 products, all scaled by the training rows alone."""
    tables = [train, *others]
    i, j = np.triu_indices(train.shape[1])
    for widen in (lambda X: X, lambda X: np.column_stack([X, X[:, i] * X[:, j]])):
        tables = [widen(X) for X in tables]
        scaler = Scaler.fit(tables[0])
        tables = [scaler.transform(X) for X in tables]
    return tables


def errors_at_all_strengths(train: Patients, new: Patients) -> np.ndarray:
    """Return the mean squared error on new patients at each λ."""
    X, X_new = features(train.X, new.X)
    fits = ridge_path(X, train.y, STRENGTHS)
    return np.array([np.mean((X_new @ f.weights + f.intercept - new.y) ** 2) for f in fits])


@cache
def fold_errors(k: int) -> np.ndarray:
    """Return the error of each fold at each λ, shape (k, strengths)."""
    X, y = patients()[0]
    folds = k_fold(PATIENTS, k, np.random.default_rng(SEED))
    parts = [[Patients(X[rows], y[rows]) for rows in fold] for fold in folds]
    return np.array([errors_at_all_strengths(*part) for part in parts])


@cache
def errors_on_new() -> np.ndarray:
    """Return the error on the test patients at each λ, fitted to all training patients."""
    return errors_at_all_strengths(*patients())


@cache
def weights(strength: float) -> np.ndarray:
    """Return the 65 weights fitted to all training patients."""
    X, y = patients()[0]
    return ridge(features(X)[0], y, strength).weights


@cache
def chosen(k: int) -> tuple[int, int]:
    """Return the places of the lowest mean, and of the largest λ within one standard error."""
    errors = fold_errors(k)
    mean, error = errors.mean(axis=0), standard_error(errors)
    lowest = int(mean.argmin())
    within = np.flatnonzero(mean <= mean[lowest] + error[lowest])
    return lowest, int(within.max())


def standard_error(errors: np.ndarray) -> np.ndarray:
    """Return the standard error of the mean over the folds."""
    return errors.std(axis=0, ddof=1) / np.sqrt(len(errors))
