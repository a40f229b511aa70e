"""Straight lines and strips inside the square from -reach to reach, for pictures of neurons."""

from __future__ import annotations

import numpy as np


def line_in_square(w: np.ndarray, b: float, reach: float) -> np.ndarray:
    """Return both ends of the line w x + b = 0 inside the square.

    Parameters
    ----------
    w : array of shape (2,)
    b : float
    reach : float
        Half the side of the square around the origin.

    Returns
    -------
    array of shape (2, 2)
        One end a row; NaN where the line misses the square or `w` is zero.

    Examples
    --------
    >>> line_in_square(np.array([1.0, 0.0]), -1.0, 3.0)
    array([[ 1., -3.],
           [ 1.,  3.]])
    """
    if not w.any():
        return np.full((2, 2), np.nan)
    foot, direction = -b * w / (w @ w), np.array([-w[1], w[0]])
    if (np.abs(foot[direction == 0]) > reach).any():
        return np.full((2, 2), np.nan)
    moving = direction != 0
    walls = np.array([[-reach], [reach]])
    t = np.sort((walls - foot[moving]) / direction[moving], axis=0)  # (2, moving axes)
    enter, leave = t[0].max(), t[1].min()
    if enter > leave:
        return np.full((2, 2), np.nan)
    return foot + np.outer([enter, leave], direction) + 0.0


def strip_in_square(
    w: np.ndarray, b: float, low: float, high: float, reach: float, corners: int = 6
) -> np.ndarray:
    """Return the part of the square where low <= w x + b <= high, as a polygon.

    Returns
    -------
    array of shape (corners, 2)
        The corners in order, then NaN. Two parallel cuts leave a square six corners at most.
    """
    polygon = np.full((corners, 2), np.nan)
    if np.isnan(low):
        return polygon
    square = reach * np.array([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]])
    cut = clip_half_plane(clip_half_plane(square, w, b - low), -w, high - b)
    polygon[: len(cut)] = cut
    return polygon


def clip_half_plane(polygon: np.ndarray, w: np.ndarray, b: float) -> np.ndarray:
    """Return the part of a convex polygon where w x + b >= 0 (Sutherland and Hodgman, 1974)."""
    kept = []
    for start, end in zip(polygon, np.roll(polygon, -1, axis=0), strict=True):
        z_start, z_end = start @ w + b, end @ w + b
        if z_start >= 0:
            kept.append(start)
        if (z_start > 0 > z_end) or (z_start < 0 < z_end):
            kept.append(start + (end - start) * z_start / (z_start - z_end))
    return np.array(kept).reshape(-1, 2)
