"""The book's data sets, ready to train on: one call each."""

from typing import Any

import numpy as np

from ..checks import seeded
from .dataset import Dataset
from .generated import moons_table, spirals_table
from .preparing import prepare
from .sources import breast_cancer_table, diabetes_table, digits_table, mnist1d_table

__all__ = ["breast_cancer", "diabetes", "digits", "mnist1d", "moons", "spirals"]


def digits(**options: Any) -> Dataset:
    """Load 1797 handwritten digits: 64 pixels, 10 classes.

    Parameters
    ----------
    **options
        `fractions`, `seed`, `scale`, `dtype` of `prepare`.

    Examples
    --------
    >>> digits()
    <Dataset digits: 64 features -> 10 classes; 1079 training, 359 validation, 359 test rows>
    """
    return prepare(digits_table(), **options)


def diabetes(**options: Any) -> Dataset:
    """Load 442 patients: 10 measurements, one number to predict.

    The target stays in its own units; `target_scaler` standardizes it for training.

    Parameters
    ----------
    **options
        `fractions`, `seed`, `scale`, `dtype` of `prepare`.

    Examples
    --------
    >>> diabetes()
    <Dataset diabetes: 10 features -> progression; 266 training, 88 validation, 88 test rows>
    """
    return prepare(diabetes_table(), **options)


def breast_cancer(**options: Any) -> Dataset:
    """Load 569 tumors: 30 measurements, malignant (0) or benign (1).

    Parameters
    ----------
    **options
        `fractions`, `seed`, `scale`, `dtype` of `prepare`.

    Examples
    --------
    >>> breast_cancer().target_names
    ('malignant', 'benign')
    """
    return prepare(breast_cancer_table(), **options)


def mnist1d(n: int = 5000, *, data_seed: int = 42, **options: Any) -> Dataset:
    """Make MNIST-1D: signals of 40 samples, 10 classes.

    Parameters
    ----------
    n, data_seed
        As in `mnist1d_table`.
    **options
        `fractions`, `seed`, `scale`, `dtype` of `prepare`; `seed` decides the split only.

    Examples
    --------
    >>> mnist1d(100)
    <Dataset MNIST-1D: 40 features -> 10 classes; 60 training, 20 validation, 20 test rows>
    """
    return prepare(mnist1d_table(n, data_seed=data_seed), **options)


def moons(
    n: int = 500, noise: float = 0.1, seed: int | np.random.Generator = 0, **options: Any
) -> Dataset:
    """Make two interleaved half circles.

    Parameters
    ----------
    n, noise
        As in `moons_table`.
    seed : int or numpy.random.Generator, default 0
        Seeds the noise and then the split.
    **options
        `fractions`, `scale`, `dtype` of `prepare`.

    Examples
    --------
    >>> moons(100)
    <Dataset moons: 2 features -> 2 classes; 60 training, 20 validation, 20 test rows>
    """
    rng = seeded("seed", seed)
    return prepare(moons_table(n, noise, seed=rng), seed=rng, **options)


def spirals(
    n: int = 600,
    noise: float = 0.05,
    seed: int | np.random.Generator = 0,
    *,
    classes: int = 2,
    turns: float = 1.5,
    **options: Any,
) -> Dataset:
    """Make spiral arms that wind around each other, one a class.

    Parameters
    ----------
    n, noise, classes, turns
        As in `spirals_table`.
    seed : int or numpy.random.Generator, default 0
        Seeds the noise and then the split.
    **options
        `fractions`, `scale`, `dtype` of `prepare`.

    Examples
    --------
    >>> spirals(90, classes=3)
    <Dataset spirals: 2 features -> 3 classes; 54 training, 18 validation, 18 test rows>
    """
    rng = seeded("seed", seed)
    table = spirals_table(n, noise, classes=classes, turns=turns, seed=rng)
    return prepare(table, seed=rng, **options)
