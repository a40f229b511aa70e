"""Smaller models that keep what they know, and what each step costs.

`post_training` gives a trained model fewer bits.
"""

from .post_training import KINDS, RANGES, post_training

__all__ = ["KINDS", "RANGES", "post_training"]
