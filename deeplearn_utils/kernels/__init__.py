"""The GPU-aware kernels: pure functions on arrays, forward beside backward.

A kernel is written once against the array API namespace of its inputs, and runs on NumPy,
CuPy, PyTorch, JAX and TensorFlow. It keeps dtype and device and changes no input.
"""

from . import activations, conv, dense, dropout, losses, normalization, pooling, updates
from .activations import ACTIVATIONS, Activation
from .losses import LOSSES, Loss

__all__ = [
    "ACTIVATIONS",
    "LOSSES",
    "Activation",
    "Loss",
    "activations",
    "conv",
    "dense",
    "dropout",
    "losses",
    "normalization",
    "pooling",
    "updates",
]
