"""Training a network: the loop, its records, and checkpoints to resume from."""

from .checkpoints import Checkpoint, load_checkpoint, save_checkpoint
from .loop import train
from .records import NonFiniteLossError, Record

__all__ = [
    "Checkpoint",
    "NonFiniteLossError",
    "Record",
    "load_checkpoint",
    "save_checkpoint",
    "train",
]
