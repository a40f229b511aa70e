"""Whole numbers instead of real ones: what a runtime computes with an 8-bit network.

A tensor of real numbers x is stored as whole numbers q with x ≈ scale · (q − zero_point). A layer
then sums products of whole numbers exactly, and only one step rounds: the one back to 8 bits.
Runtimes round there in different ways; `requantize` knows those of LiteRT's three paths and of
tflite-micro, and the layers here give their integers bit for bit.

Sources: Jacob et al., "Quantization and training of neural networks for efficient
integer-arithmetic-only inference" (2018); the code of LiteRT, XNNPACK and gemmlowp.
"""

from .adding import add, sum_factors, sum_multipliers
from .layers import (
    average_pool2d,
    conv2d_sums,
    dense_sums,
    depthwise_conv2d_sums,
    max_pool2d,
)
from .numbers import dequantize, quantize, scale_and_zero_point
from .rounding import (
    ROUNDINGS,
    fixed_point,
    requantize,
    rounding_divide_by_power_of_two,
    rounding_multiplier,
    saturating_rounding_doubling_high_mul,
)

__all__ = [
    "ROUNDINGS",
    "add",
    "average_pool2d",
    "conv2d_sums",
    "dense_sums",
    "depthwise_conv2d_sums",
    "dequantize",
    "fixed_point",
    "max_pool2d",
    "quantize",
    "requantize",
    "rounding_divide_by_power_of_two",
    "rounding_multiplier",
    "saturating_rounding_doubling_high_mul",
    "scale_and_zero_point",
    "sum_factors",
    "sum_multipliers",
]
