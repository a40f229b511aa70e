"""Which weights go: the smallest ones, ranked over the whole network or layer by layer.

Sources: Han, Pool, Tran and Dally, "Learning both weights and connections for efficient neural
networks" (2015); the schedule is Zhu and Gupta, "To prune, or not to prune" (2017).
"""

from collections.abc import Callable, Iterable, Sequence, Sized

import numpy as np

from ...checks import choice, count, finite, in_range, instance
from ...intake import number_from
from ...kernels.losses import check_numbers

__all__ = ["RANKINGS", "magnitude_masks", "sensitivity", "sparsity_at", "sparsity_of"]

RANKINGS = ("global", "layer")


def magnitude_masks(
    weights: Sequence[np.ndarray], sparsity: float, *, ranking: str = "global"
) -> list[np.ndarray]:
    """Return a mask for each array of weights: True for those that stay.

    Parameters
    ----------
    weights : sequence of ndarray
        Of each layer, biases left out; finite.
    sparsity : float
        The share of weights that go, in [0, 1).
    ranking : {"global", "layer"}
        "global": the smallest weights of all go, wherever they are; a layer with small weights may
        end up empty. "layer": the same share of each layer goes.

    Returns
    -------
    list of ndarray of bool

    Raises
    ------
    ValueError
        When the sparsity is out of range, the ranking has another name, or a weight is NaN or
        infinite.

    Examples
    --------
    >>> W = [np.array([0.1, -2.0, 0.3]), np.array([3.0, -4.0, 0.2])]
    >>> [mask.astype(int).tolist() for mask in magnitude_masks(W, 0.5)]
    [[0, 1, 0], [1, 1, 0]]
    >>> [mask.astype(int).tolist() for mask in magnitude_masks(W, 2 / 3, ranking="layer")]
    [[0, 1, 0], [0, 1, 0]]
    """
    choice("ranking", ranking, RANKINGS)
    sparsity = float(in_range("sparsity", sparsity, 0, 1, open_high=True))
    weights = _layers(weights)
    for l, W in enumerate(weights):
        finite(f"weights[{l}]", W)
    if ranking == "layer":
        return [_largest(W, sparsity) for W in weights]
    kept = _largest(np.concatenate([np.ravel(W) for W in weights]), sparsity)
    ends = np.cumsum([W.size for W in weights])[:-1]
    parts = zip(np.split(kept, ends), weights, strict=True)
    return [part.reshape(W.shape) for part, W in parts]


def _layers(weights: Sequence[np.ndarray]) -> list[np.ndarray]:
    instance("weights", weights, Iterable, "a sequence of arrays, one for each layer")
    layers = list(map(np.asarray, weights))
    if not layers:
        raise ValueError("`weights` must hold an array for each layer, got none")
    for l, W in enumerate(layers):
        check_numbers(f"weights[{l}]", W)
    return layers


def _largest(W: np.ndarray, sparsity: float) -> np.ndarray:
    """Mark all but a share of the numbers; of equal ones, the first go."""
    n_gone = round(sparsity * W.size)
    if n_gone == 0:
        return np.ones(W.shape, bool)
    real = W if W.dtype.kind == "f" else W.astype(float)  # an int8 has no 128
    size = np.abs(real).ravel()
    border = np.partition(size, n_gone - 1)[n_gone - 1]
    kept = size > border
    equal = np.flatnonzero(size == border)
    kept[equal[n_gone - int((size < border).sum()) :]] = True
    return kept.reshape(W.shape)


def sparsity_at(step: int, n_steps: int, *, end: float, start: float = 0.0) -> float:
    """Return the sparsity after some steps: fast at first, when many weights can go, then slower.

    s = end + (start − end)(1 − step / n_steps)³.

    Parameters
    ----------
    step, n_steps : int
        From the step `n_steps` on, the end is kept.
    end, start : float
        In [0, 1).

    Examples
    --------
    >>> [round(sparsity_at(step, 4, end=0.8), 3) for step in range(6)]
    [0.0, 0.463, 0.7, 0.788, 0.8, 0.8]
    """
    end = float(in_range("end", end, 0, 1, open_high=True))
    start = float(in_range("start", start, 0, 1, open_high=True))
    step, n_steps = count("step", step, 0), count("n_steps", n_steps, 0)
    left = 1.0 - min(step / n_steps, 1.0) if n_steps else 0.0
    return end + (start - end) * left**3


def sparsity_of(weights: Sequence[np.ndarray]) -> float:
    """Return the share of weights that are 0.

    Examples
    --------
    >>> sparsity_of([np.array([0.0, 1.0]), np.array([0.0, 0.0])])
    0.75
    """
    layers = _layers(weights)
    return 1.0 - sum(int((W != 0).sum()) for W in layers) / max(1, sum(W.size for W in layers))


def sensitivity(
    weights: Sequence[np.ndarray],
    score: Callable[[list[np.ndarray]], float],
    *,
    sparsities: Sequence[float] = (0.5, 0.7, 0.9),
) -> np.ndarray:
    """Return the score of a network after pruning each layer alone: which layers bear it.

    Parameters
    ----------
    weights : sequence of ndarray
        Of each layer.
    score : callable
        Takes weights and returns a number, such as the accuracy on validation data.
    sparsities : sequence of float

    Returns
    -------
    ndarray, shape (n_layers, n_sparsities)

    Examples
    --------
    >>> W = [np.array([1.0, 9.0]), np.array([2.0, 3.0])]
    >>> sensitivity(W, lambda W: float(sum(map(np.sum, W))), sparsities=(0.0, 0.5))
    array([[15., 14.],
           [15., 13.]])
    """
    weights = _layers(weights)
    instance("score", score, Callable, "a function of a list of weights")
    instance("sparsities", sparsities, Sized, "a sequence of numbers, such as (0.5, 0.9)")
    scores = np.empty((len(weights), len(sparsities)))
    for l, W in enumerate(weights):
        for k, sparsity in enumerate(sparsities):
            (mask,) = magnitude_masks([W], sparsity)
            tried = [*weights[:l], W * mask, *weights[l + 1 :]]
            scores[l, k] = number_from("score", score(tried))
    return scores
