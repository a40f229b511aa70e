"""Results on disk: one file a submission while it runs, then one JSON and one CSV for all."""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import json
import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .cells import written

__all__ = ["STATUSES", "Book"]

STATUSES = ("graded", "partly graded", "unreadable", "refused")


class Book:
    """A folder of results that a run can be resumed from.

    Parameters
    ----------
    folder : path
    head : dict
        What the run depends on: assignment, seed and sandbox. Another head is refused.

    While it is open, no other run can open the folder, here or on another machine that shares it.

    Raises
    ------
    ValueError
        If the folder holds a gradebook, which is read instead of results, or the results of another
        run, or another run is writing to it.
    """

    def __init__(self, folder: Path, head: dict[str, Any]) -> None:
        if (folder / "gradebook.json").exists():
            raise ValueError(f"`out` holds a gradebook: {folder}; choose another folder")
        self.folder = folder
        self.records = folder / "records"
        make_own(folder)
        make_own(self.records)
        self.lock = os.open(self.records, os.O_RDONLY)
        try:
            self._begin(head)
        except BaseException:
            self.free()
            raise

    def _begin(self, head: dict[str, Any]) -> None:
        folder = self.folder
        try:
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ValueError(f"another run is writing to `out`: {folder}; let it end") from None
        except OSError:
            pass  # a file system without locks
        self.head = head
        earlier = self.read_head(folder)
        if earlier is None and any(self.records.glob("*.json")):
            lost = "is gone, so what its records are of is lost"
            raise ValueError(f"{folder / 'run.json'} {lost}; choose another `out`")
        if earlier is not None and earlier != head:
            other = ", ".join(sorted(k for k in head if earlier.get(k) != head[k]))
            raise ValueError(
                f"`out` holds the results of another run (another {other}): {folder}; choose "
                "another folder"
            )
        write(folder / "run.json", json.dumps({**head, "seal": _seal(head)}, indent=1))

    @staticmethod
    def read_head(folder: Path) -> dict[str, Any] | None:
        """Return what an earlier run in a folder depended on."""
        place = folder / "run.json"
        try:
            head = json.loads(place.read_text(encoding="utf-8"))
            whole = head.pop("seal") == _seal(head)
        except FileNotFoundError:
            return None
        except (AttributeError, KeyError, RecursionError, TypeError, ValueError):
            whole = False
        if not whole:
            raise ValueError(f"{place} is damaged, so its seed is lost; choose another `out`")
        return head

    def free(self) -> None:
        """Let others open the folder."""
        with contextlib.suppress(OSError):
            os.close(self.lock)

    def place(self, name: str) -> Path:
        """Return the file of a submission's record, whatever its name is."""
        return self.records / f"{hashlib.sha256(name.encode()).hexdigest()[:24]}.json"

    def has(self, name: str, digest: str) -> bool:
        """Tell whether this very submission was graded before.

        Where the machine failed, it was not: another time it may not fail.
        """
        record = self._read(name)
        if record is None:
            return False
        failed = record.get("again", False) or record["status"] == "refused"
        return (record["digest"], record["name"], failed) == (digest, name, False)

    def add(self, record: dict[str, Any]) -> None:
        """Keep a record, with a seal by which it is known to be whole."""
        sealed = {**record, "seal": _seal(record, self.head)}
        write(self.place(record["name"]), json.dumps(sealed, indent=1, ensure_ascii=False))

    def _read(self, name: str) -> dict[str, Any] | None:
        """Return a record as it was kept; None where there is none, or it is damaged."""
        try:
            record = json.loads(self.place(name).read_text(encoding="utf-8"))
            seal = record.pop("seal")
        except (OSError, AttributeError, KeyError, RecursionError, TypeError, ValueError):
            return None
        return record if seal == _seal(record, self.head) else None

    def _whole(self, name: str) -> dict[str, Any]:
        record = self._read(name)
        if record is None:
            raise ValueError(f"{self.place(name)} was damaged meanwhile; start the run again")
        return record

    def close(
        self, origins: Mapping[str, dict[str, Any]], checks: Sequence[str]
    ) -> list[dict[str, Any]]:
        """Write results.json and results.csv for these submissions; return their records.

        Whose they are and of when is told anew: that may be corrected, and what was handed in not.
        """
        records = [{**self._whole(name), "origin": origins[name]} for name in sorted(origins)]
        report = {**self.head, "submissions": records}
        write(self.folder / "results.json", json.dumps(report, indent=1, ensure_ascii=False))
        write(self.folder / "results.csv", table(records, checks, self.head))
        return records


def _seal(*told: dict[str, Any]) -> str:
    """Return a digest of what is told: of a record, with what its run depended on."""
    return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()


def table(records: Sequence[dict[str, Any]], checks: Sequence[str], head: dict[str, Any]) -> str:
    """Return records as CSV, one row a submission; no cell can be taken for a formula."""
    rows = [["name", "status", "points", "of", *checks, "to_read", "reason", "sandbox"]]
    for record in records:
        points = {task["task"]: task["points"] for task in record["tasks"]}
        row = [record["name"], record["status"], record["points"], record["of"]]
        row += [points.get(check, "") for check in checks]
        waiting = sum(answer.get("answered", True) for answer in record["to_read"])
        row += [waiting, record["reason"], head["sandbox"]]
        rows.append(row)
    return written(rows)


def make_own(folder: Path) -> None:
    """Make a folder that nobody else can open, unless it is there: it holds marks, or the seed.

    Where another user owns it, records and links may lie in it. Ours is what we own, which on some
    shared disks is another than who we are.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)
    with tempfile.TemporaryFile(dir=folder) as file:
        if folder.stat().st_uid not in (0, os.fstat(file.fileno()).st_uid):
            raise ValueError(f"`out` belongs to another user: {folder}; choose another folder")


def write(path: Path, text: str) -> None:
    """Write through a temporary file, so that what interrupts it leaves the old file whole."""
    draft = path.with_name(f".{path.name}.draft")
    try:
        draft.unlink(missing_ok=True)
        with draft.open("x", encoding="utf-8") as file:  # never through a link
            file.write(text)
            file.flush()
            os.fsync(file.fileno())  # else a machine that stops may keep the name without the text
        os.replace(draft, path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise
