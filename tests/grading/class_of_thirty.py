"""A class of thirty to try an afternoon with: ``python -m tests.grading.class_of_thirty DIR``.

It writes what three systems would hand over for the same thirty submissions to the assignment of
chapter 1, and the class as each exports it: ``canvas.zip`` and ``canvas.csv``, ``moodle.zip`` and
``moodle.csv``, and a JupyterHub's ``exchange`` folder. Most are right in parts and wrong in parts;
two share an answer in disguise; one never ends, one ends its kernel, one uses the book's own code,
one is no notebook, one is empty. Thirty-two are in the class. Nobody in it exists.
"""

from __future__ import annotations

import random
import sys
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from deeplearn_utils.grading.assignments import read
from deeplearn_utils.grading.cells import written
from tests.grading.answers import networks
from tests.grading.answers.disguise import COPY, ORIGINAL
from tests.grading.notebooks import notebook_of, solutions

NAME = "01_networks"
FIRST = (
    *("Ada", "Bao", "Chidi", "Dina", "Emre", "Fay", "Goran", "Hana"),
    *("Ivo", "Jun", "Kofi", "Lea", "Mina", "Nils", "Olga", "Pia"),
)
LAST = (
    *("Adler", "Berg", "Costa", "Demir", "Eze", "Fuchs", "Gauss", "Haas"),
    *("Ito", "Jansen", "Kaya", "Lopez", "Mori", "Nagy", "Okoro"),
)
ODD = {3: "=Cmd", 7: "O'Neil", 11: "Müller, Dr.", 19: "李", 23: "\u200fכהן"}
SPECIAL = {
    4: {"softmax": ORIGINAL},
    21: {"softmax": COPY},
    9: {"mse": "def mse(prediction, target):\n    while True:\n        pass\n"},
    14: {"firing-rate": "import os\n\ndef firing_rate(a):\n    os._exit(0)\n"},
    17: {"softmax": "from deeplearn_utils.kernels.activations import softmax\n"},
}
BROKEN, EMPTY = 26, 28
WORDS = {
    "dead-or-saturated": "Both learn slowly. A dead ReLU gets no gradient at all, tanh a little.",
    "split-by-person": "It is about the same patients. I would keep each patient on one side.",
}


@dataclass(frozen=True)
class Student:
    """Somebody in the class, and what they handed in last; None if nothing."""

    number: int
    first: str
    last: str
    content: bytes | None
    late: bool
    attempt: int

    @property
    def login(self) -> str:
        return f"{self.first.lower()}{self.number}"

    @property
    def participant(self) -> int:
        return 5000 + self.number

    @property
    def user(self) -> int:
        return 700 + self.number


def students() -> list[Student]:
    """Return the class, the same at every call."""
    rng, assignment = random.Random(14), read(NAME)
    unused = {task: list(right) for task, right in networks.RIGHT.items()}
    made = []
    for k in range(32):
        answers = solutions(assignment) | WORDS
        for task in networks.RIGHT:
            wrong = networks.WRONG[task]
            if k % 10 and rng.random() < 0.06 * (k % 10):
                answers[task] = rng.choice(wrong)[0]
            elif unused[task] and rng.random() < 0.3:  # nobody else has this one
                answers[task] = unused[task].pop()
        content = notebook_of(assignment, answers | SPECIAL.get(k, {}))
        content = {BROKEN: content[:900], EMPTY: notebook_of(assignment, {})}.get(k, content)
        last = ODD.get(k, LAST[k % len(LAST)])
        late, attempt = k % 9 == 5, 2 if k % 7 == 3 else 1
        made.append(Student(k, FIRST[k % 16], last, content if k < 30 else None, late, attempt))
    return made


def write_class(folder: Path, everybody: Sequence[Student] | None = None) -> None:
    """Write a class, by default the whole one, in the ways of three systems."""
    folder.mkdir(parents=True, exist_ok=True)
    everybody = list(everybody or students())
    _canvas(folder, everybody)
    _moodle(folder, everybody)
    _exchange(folder, everybody)


def _zip(path: Path, files: dict[str, bytes]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 12, 1, 8, 0, 0)), content)


def _table(path: Path, header: tuple[str, ...], rows: list[tuple[object, ...]]) -> None:
    path.write_text(written([header, *rows]), encoding="utf-8", newline="")


def _canvas(folder: Path, everybody: list[Student]) -> None:
    files: dict[str, bytes] = {}
    for one in everybody:
        name = "".join(c for c in f"{one.last}{one.first}".lower() if c.isalnum())
        late, again = "_LATE" if one.late else "", "-1" if one.attempt > 1 else ""
        place = f"{name}{late}_{one.user}_{90_000 + one.number}_{NAME}{again}.ipynb"
        if one.content is not None:
            files[place] = one.content
    _zip(folder / "canvas.zip", files)
    header = ("Student", "ID", "SIS User ID", "SIS Login ID", "Section", f"{NAME} (4711)")
    rows = [("    Points Possible", "", "", "", "", "32")]
    rows += [(f"{s.last}, {s.first}", s.user, f"s{s.number}", s.login, "A", "") for s in everybody]
    _table(folder / "canvas.csv", header, rows)


def _moodle(folder: Path, everybody: list[Student]) -> None:
    files: dict[str, bytes] = {}
    for one in everybody:
        place = f"{one.first} {one.last}_{one.participant}_assignsubmission_file_/{NAME}.ipynb"
        if one.content is not None:
            files[place] = one.content
    _zip(folder / "moodle.zip", files)
    header = ("Identifier", "Full name", "Email address", "Status", "Grade", "Maximum Grade")
    header += ("Grade can be changed", "Last modified (submission)", "Last modified (grade)")
    rows = []
    for one in everybody:
        status = "Submitted for grading" if one.content is not None else "No submission"
        name = f"{one.first} {one.last}"
        who = (f"Participant {one.participant}", name, f"{one.login}@x.example")
        rows.append((*who, status, "", "100.00", "Yes", "-", "-", ""))
    _table(folder / "moodle.csv", (*header, "Feedback comments"), rows)


def _exchange(folder: Path, everybody: list[Student]) -> None:
    inbound = folder / "exchange" / "course" / "inbound"
    for one in everybody:
        for attempt in range(1, one.attempt + 1):
            if one.content is None:
                continue
            day = "2026-12-02" if one.late and attempt == one.attempt else f"2026-11-2{attempt}"
            time = f"{day} 10:{one.number:02}:00.000000 UTC"
            place = inbound / f"{one.login}+{NAME}+{time}+{one.number:012}"
            place.mkdir(parents=True, exist_ok=True)
            first = attempt < one.attempt
            content = notebook_of(read(NAME), {}) if first else one.content
            (place / f"{NAME}.ipynb").write_bytes(content)
            (place / "timestamp.txt").write_text(time)


if __name__ == "__main__":
    write_class(Path(sys.argv[1]))
