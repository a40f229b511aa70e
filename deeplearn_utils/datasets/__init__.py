"""Data for the book: cleaned, split and scaled without a leak, and nothing is downloaded.

`digits()`, `diabetes()`, `breast_cancer()`, `mnist1d()`, `moons()` and `spirals()` return a
`Dataset`. The same steps serve your own table: `prepare(Table(X, y, kind="classes"))`, or one by
one `clean`, `split`, `Filler` and `Scaler`.
"""

from .cleaning import Cleaned, Filler, clean
from .dataset import Dataset
from .generated import moons_table, spirals_table
from .loaders import breast_cancer, diabetes, digits, mnist1d, moons, spirals
from .preparing import prepare
from .scaling import Scaler
from .sources import breast_cancer_table, diabetes_table, digits_table, mnist1d_table
from .splitting import Split, split, split_indices
from .tables import Table

__all__ = [
    "Cleaned",
    "Dataset",
    "Filler",
    "Scaler",
    "Split",
    "Table",
    "breast_cancer",
    "breast_cancer_table",
    "clean",
    "diabetes",
    "diabetes_table",
    "digits",
    "digits_table",
    "mnist1d",
    "mnist1d_table",
    "moons",
    "moons_table",
    "prepare",
    "spirals",
    "spirals_table",
    "split",
    "split_indices",
]
