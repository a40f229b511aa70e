"""How closely a packed array must come back."""

from typing import Any

import numpy as np


def assert_unpacked(unpacked: np.ndarray, expected: np.ndarray, packed: dict[str, Any]) -> None:
    """Compare to within half a step, of the logarithms where these were packed."""
    if packed["log"]:
        np.testing.assert_array_equal(np.isnan(unpacked), np.isnan(expected))
        unpacked, expected = np.log(unpacked), np.log(expected)
    tolerance = 0.51 * packed["step"] + 1e-9
    np.testing.assert_allclose(unpacked, expected, rtol=0, atol=tolerance)
