"""Early stopping: as soon as the validation loss stops falling, so does the training."""

import math
from collections.abc import Iterable, Iterator

from ..checks import count, in_range, instance
from ..training import Record

__all__ = ["best", "early_stopping"]

FROM_TRAIN = "the records of a run, as `train` yields them"


def early_stopping(
    records: Iterable[Record], patience: int, min_delta: float = 0.0
) -> Iterator[Record]:
    """Pass on records until the validation loss has not improved for `patience` records.

    A loss that is NaN or infinite is no improvement.

    Parameters
    ----------
    records : iterable of Record
        From `train(..., validation=(X_validation, y_validation))`. It is closed at the end.
    patience : int
        How many records in a row without an improvement are too many, at least 1.
    min_delta : float, default 0.0
        An improvement must go more than this below the best loss so far.

    Yields
    ------
    Record
        The same records, the last one included; `best` finds the one to keep.

    Raises
    ------
    TypeError, ValueError
        At the call if `patience` or `min_delta` is wrong; later if a record comes without
        validation loss.

    Notes
    -----
    Source: L. Prechelt, Early stopping - but when?, 1998.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> losses = [3.0, 1.0, 1.2, 1.1, 0.5]
    >>> records = [SimpleNamespace(epoch=i, validation_loss=loss) for i, loss in enumerate(losses)]
    >>> [record.epoch for record in early_stopping(records, patience=2)]
    [0, 1, 2, 3]
    """
    patience, min_delta = count("patience", patience), float(in_range("min_delta", min_delta, 0.0))
    instance("records", records, Iterable, FROM_TRAIN)
    return _until_stale(records, patience, min_delta)


def best(records: Iterable[Record]) -> Record:
    """Return the record with the lowest validation loss, the first one if several have it.

    A loss that is NaN or infinite, -infinity too, is never the best.

    Parameters
    ----------
    records : iterable of Record
        From `train` with validation data, or from `early_stopping`.

    Returns
    -------
    Record
        Its `theta` is the one to keep.

    Raises
    ------
    ValueError
        If there are no records, one has no validation loss, or none is finite.

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> losses = [3.0, 1.0, 1.2]
    >>> records = [SimpleNamespace(epoch=i, validation_loss=loss) for i, loss in enumerate(losses)]
    >>> best(records).epoch
    1
    """
    instance("records", records, Iterable, FROM_TRAIN)
    found, seen = None, 0
    for record in records:
        loss = _validation_loss(record)
        if math.isfinite(loss) and (found is None or loss < found.validation_loss):
            found = record
        seen += 1
    if found is None:
        raise ValueError(
            f"`records` must hold a record whose validation loss is finite, got none among {seen}"
        )
    return found


def _until_stale(records: Iterable[Record], patience: int, min_delta: float) -> Iterator[Record]:
    lowest, stale = math.inf, 0
    try:
        for record in records:
            loss = _validation_loss(record)
            improved = math.isfinite(loss) and loss < lowest - min_delta
            lowest, stale = (loss, 0) if improved else (lowest, stale + 1)
            yield record
            if stale >= patience:
                return
    finally:
        if hasattr(records, "close"):
            records.close()


def _validation_loss(record: Record) -> float:
    if not hasattr(record, "validation_loss"):
        raise TypeError(f"`records` must be {FROM_TRAIN}, got {type(record).__name__} among them")
    if getattr(record, "validation_loss", None) is None:
        raise ValueError(
            "`records` must have a validation loss; give `train` the argument "
            "validation=(X_validation, y_validation)"
        )
    return float(record.validation_loss)
