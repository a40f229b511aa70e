"""Where each activation lies in one block of memory, so that room is used again."""

import numpy as np

from ...checks import instance
from .model import IntegerModel

__all__ = ["plan"]


def plan(model: IntegerModel) -> tuple[dict[int, int], int]:
    """Return the offset of each activation between the input and the output, and the size of all.

    The largest come first, each at the lowest place that is free while it lives. What a reshape
    gives lies where its input does. The input and the output are the caller's.

    Parameters
    ----------
    model : IntegerModel
        Of int8 throughout, as `IntegerModel.core` gives it.

    Returns
    -------
    offsets : dict of int to int
        By the place in `model.tensors`.
    size : int
        Bytes.

    Notes
    -----
    Source: Pisarchyk and Lee, "Efficient memory management for deep neural net inference" (2020).

    Examples
    --------
    >>> from deeplearn_utils.edge.integer import Step, Tensor
    >>> tensors = tuple(Tensor((n,), "int8") for n in (5, 100, 30, 60, 1))
    >>> steps = tuple(Step("dense", (n,), n + 1) for n in range(4))
    >>> plan(IntegerModel(tensors, steps, 0, 4))
    ({1: 0, 3: 0, 2: 100}, 130)
    """
    instance("model", model, IntegerModel, "an IntegerModel, such as integer.read(path)")
    first, last = _lives(model)
    owner = _owners(model)
    placed: dict[int, int] = {}

    def size(at: int) -> int:
        return int(np.prod(model.tensors[at].shape, dtype=int))

    for at in sorted(first, key=lambda at: (-size(at), at)):
        taken = sorted(
            (placed[other], placed[other] + size(other))
            for other in placed
            if first[at] <= last[other] and first[other] <= last[at]
        )
        offset = 0
        for start, end in taken:
            if offset + size(at) <= start:
                break
            offset = max(offset, end)
        placed[at] = offset
    total = max((placed[at] + size(at) for at in placed), default=0)
    aliases = {at: placed[root] for at, root in owner.items() if root in placed}
    return placed | aliases, total


def _owners(model: IntegerModel) -> dict[int, int]:
    """Return, for what a reshape gives, whose memory it is."""
    owner: dict[int, int] = {}
    for step in model.steps:
        if step.kind == "reshape":
            source = step.inputs[0]
            owner[step.output] = owner.get(source, source)
    return owner


def _lives(model: IntegerModel) -> tuple[dict[int, int], dict[int, int]]:
    """Return the first and the last step in which each activation is needed."""
    owner = _owners(model)
    ends = {owner.get(at, at) for at in (model.input, model.output)}
    first: dict[int, int] = {}
    last: dict[int, int] = {}
    for n, step in enumerate(model.steps):
        for at in (*step.inputs, step.output):
            root = owner.get(at, at)
            if root not in ends:
                first.setdefault(root, n)
                last[root] = n
    return first, last
