"""Four open challenges: data, a gate, a metric, and a checker that needs no network.

An entry is a file of data, JSON or .npz. The checker draws what decides (splits, starts, batches)
from a seed that it makes of the entry: fresh for every entry, and the same for the same one.

    check("fewest", "mine.json")
"""

from pathlib import Path

from ..checks import as_path, choice
from . import backward, damage, fewest, smallest
from .verdict import Challenge, Refused, Score, Unreadable, Verdict

__all__ = ["CHALLENGES", "Refused", "Score", "Unreadable", "Verdict", "check", "own_entry"]

CHALLENGES: dict[str, Challenge] = {
    module.CHALLENGE.name: module.CHALLENGE for module in (smallest, fewest, backward, damage)
}
"""Every challenge by its name, in the order of the book."""


def check(name: str, file: str | Path) -> Verdict:
    """Judge an entry.

    Parameters
    ----------
    name : str
        A key of `CHALLENGES`.
    file : str or path

    Returns
    -------
    Verdict
        It counts, or it tells what is wrong and what to try.

    Raises
    ------
    ValueError
        When there is no such challenge.
    Unreadable
        When the file is missing, damaged or of another kind.

    Examples
    --------
    >>> verdict = check("damage", own_entry("damage"))
    >>> verdict.counts, verdict.beats_ours
    (True, False)
    """
    choice("name", name, CHALLENGES)
    file = as_path("file", file)
    challenge = CHALLENGES[name]
    try:
        score = challenge.judge(challenge.read(file))
    except Refused as reason:
        return Verdict(challenge, False, None, str(reason))
    return Verdict(challenge, True, score.value, score.text)


def own_entry(name: str) -> Path:
    """Return the file with the book's own entry.

    Raises
    ------
    ValueError
        When there is no such challenge.
    """
    choice("name", name, CHALLENGES)
    (file,) = (Path(__file__).parent / "entries").glob(f"{name}.*")
    return file
