"""The curve of an activation and its slope, as several panels draw it."""

from __future__ import annotations

import numpy as np

from deeplearn_utils.analysis.saturation import slope
from deeplearn_utils.kernels import ACTIVATIONS

from .frame import Arrays

CURVE_REACH = 8.0
"""The curve shows z from -CURVE_REACH to CURVE_REACH."""


def curve(activation: str) -> Arrays:
    """Return the activation and its slope over z, and the range of the vertical axis."""
    z = np.linspace(-CURVE_REACH, CURVE_REACH, 161)
    a = ACTIVATIONS[activation].forward(z)
    f = slope(activation, z)
    low, high = min(a.min(), f.min()), max(a.max(), f.max())
    margin = 0.06 * (high - low)
    return {"z": z, "a": a, "slope": f, "a_domain": np.array([low - margin, high + margin])}
