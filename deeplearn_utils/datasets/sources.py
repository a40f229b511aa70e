"""Raw tables that ship with installed packages; nothing is downloaded."""

import contextlib
import random
from collections.abc import Iterator

import numpy as np

from ..checks import count, in_range, room
from .tables import Table

__all__ = ["breast_cancer_table", "diabetes_table", "digits_table", "mnist1d_table"]


def digits_table() -> Table:
    """Return 1797 handwritten digits of 8 x 8 pixels, each 0 (white) to 16 (black).

    Source: E. Alpaydin, C. Kaynak, Optical Recognition of Handwritten Digits, UCI Machine Learning
    Repository, 1998 (its test part), through scikit-learn.
    """
    from sklearn.datasets import load_digits

    raw = load_digits()
    pixels = tuple(f"pixel {row},{column}" for row in range(8) for column in range(8))
    return Table(
        raw.data, raw.target, "classes", "digits",
        "1797 handwritten digits of 13 people as 8 x 8 pictures, 0 white to 16 black "
        "(Alpaydin and Kaynak 1998).",
        pixels, tuple(str(digit) for digit in raw.target_names),
    )  # fmt: skip


def diabetes_table() -> Table:
    """Return 442 patients: ten measurements, and how far diabetes progressed within a year.

    Source: B. Efron, T. Hastie, I. Johnstone, R. Tibshirani, Least Angle Regression, Annals of
    Statistics 32, 2004, through scikit-learn.
    """
    from sklearn.datasets import load_diabetes

    # By default scikit-learn standardizes the whole table: its test rows would leak into training.
    raw = load_diabetes(scaled=False)
    return Table(
        raw.data, raw.target, "values", "diabetes",
        "442 patients: age, sex, body mass index, blood pressure and six blood serum values; the "
        "target is a score (25 to 346) of the disease's progression a year later "
        "(Efron et al. 2004).",
        tuple(raw.feature_names), ("progression",),
    )  # fmt: skip


def breast_cancer_table() -> Table:
    """Return 569 tumors: thirty measurements of cell nuclei, malignant (0) or benign (1).

    Source: W. Street, W. Wolberg, O. Mangasarian, Nuclear feature extraction for breast tumor
    diagnosis, 1993, through scikit-learn.
    """
    from sklearn.datasets import load_breast_cancer

    raw = load_breast_cancer()
    return Table(
        raw.data, raw.target, "classes", "breast cancer",
        "569 breast tumors, each with thirty measurements of its cell nuclei, malignant or benign "
        "(Street, Wolberg and Mangasarian 1993).",
        tuple(raw.feature_names), tuple(raw.target_names),
    )  # fmt: skip


def mnist1d_table(n: int = 5000, *, data_seed: int = 42) -> Table:
    """Make n signals of 40 samples, each a distorted template of one of the ten digits.

    Parameters
    ----------
    n : int, default 5000
        A multiple of ten: each digit gets as many signals.
    data_seed : int, default 42
        Seeds the distortions; the package's own default is 42.

    Notes
    -----
    The package's generator draws from the global random state of NumPy and of Python. Both are
    put back as they were.

    Source: S. Greydanus, D. Kobak, Scaling Down Deep Learning with MNIST-1D, ICML 2024, through the
    mnist1d package.
    """
    n = count("n", n, low=10)
    if n % 10:
        raise ValueError(f"`n` must be a multiple of ten (one share a digit), got {n}")
    room(40 * n, f"`n` = {n}")
    data_seed = in_range("data_seed", count("data_seed", data_seed, 0), 0, 2**32 - 1)
    from mnist1d.data import get_dataset_args, make_dataset

    options = get_dataset_args()
    options.num_samples, options.seed = n, data_seed
    with _global_random_state_kept():
        raw = make_dataset(options)
    return Table(
        np.concatenate([raw["x"], raw["x_test"]]), np.concatenate([raw["y"], raw["y_test"]]),
        "classes", "MNIST-1D",
        f"{n} signals of 40 samples: templates of the ten digits, padded, stretched, shifted, "
        "sheared and made noisy (Greydanus and Kobak 2024).",
        tuple(f"sample {t}" for t in range(40)), tuple("0123456789"),
    )  # fmt: skip


@contextlib.contextmanager
def _global_random_state_kept() -> Iterator[None]:
    numpy_state, python_state = np.random.get_state(), random.getstate()  # noqa: NPY002
    try:
        yield
    finally:
        np.random.set_state(numpy_state)  # noqa: NPY002
        random.setstate(python_state)
