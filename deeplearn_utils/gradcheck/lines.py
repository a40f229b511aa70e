"""The lines through θ along which a gradient is checked."""

from collections.abc import Iterator

import numpy as np

from ..checks import count, generator
from ..parameters import Layout
from .differences import checked_step, default_steps, length

__all__ = ["lines"]


def lines(
    theta: np.ndarray,
    *,
    layout: Layout | None,
    directions: int | None,
    rng: np.random.Generator | None,
    step: float | None,
) -> Iterator[tuple[str, np.ndarray, float]]:
    """Yield name, direction and step of each line that is looked along."""
    step = None if step is None else checked_step(step)
    if directions is not None:
        count("directions", directions)
        rng = np.random.default_rng(0) if rng is None else rng
        generator("rng", rng)
        yield from _random_lines(theta, layout, directions, rng, step)
        return
    steps = default_steps(theta)
    for i, place in enumerate(np.ndindex(theta.shape)):
        v = np.zeros(theta.shape)
        v[place] = 1.0
        name = f"theta[{', '.join(map(str, place))}]" if layout is None else layout.locate(i)
        yield name, v, float(steps[place]) if step is None else step


def _random_lines(
    theta: np.ndarray,
    layout: Layout | None,
    directions: int,
    rng: np.random.Generator,
    step: float | None,
) -> Iterator[tuple[str, np.ndarray, float]]:
    parts = {"": slice(None)}
    if layout is not None:
        ends = zip(layout.names, layout.offsets[:-1], layout.offsets[1:], strict=True)
        parts = {f"{name}, ": slice(i, j) for name, i, j in ends}
    scale = np.cbrt(np.finfo(theta.dtype).eps)
    for name, part in parts.items():
        h = float(scale * max(1.0, length(theta[part]))) if step is None else step
        for k in range(directions):
            v = np.zeros(theta.shape)
            v[part] = rng.standard_normal(theta[part].shape)
            yield f"{name}direction {k}", v / np.linalg.norm(v), h
