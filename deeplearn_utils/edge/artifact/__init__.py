"""What is shipped: one file with the model and all that its numbers need to mean something.

A model's file alone is a function of unnamed numbers. Who loads it has to guess the scaler, the
order of the classes, and whether the file is whole. An artifact is one zip file with the model, its
preprocessing, its contract (shapes, dtypes, ranges), the versions it was made with, a SHA-256 of
each part, and a golden pair: some inputs and what the model gives for them.

`pack` makes one, `save` writes it, `load` refuses whatever is not what was saved, and `start` opens
the model and lets nobody use it before it has given its golden outputs.
"""

from .contents import Artifact
from .contract import TensorSpec
from .files import digest, load, save
from .predictor import Predictor, pack, start

__all__ = [
    "Artifact",
    "Predictor",
    "TensorSpec",
    "digest",
    "load",
    "pack",
    "save",
    "start",
]
