"""Results as grading writes them, without grading anything."""

import json

from deeplearn_utils.grading.assignments import read
from deeplearn_utils.grading.handed_in import Origin

NAME = "01_networks"
TASKS = {check.id: check.points for check in read(NAME).checks}
WORDS = {answer.id: answer.points for answer in read(NAME).answers if answer.is_read}
ALL = sum(TASKS.values())
WRONG = "For a batch of one: the sign of z is wrong."


def record(student, wrong=(), *, name=None, status="graded", reason="", text="", **origin):
    """Return a record; ``wrong`` tasks get no points, all others theirs."""
    whose = Origin(student, **origin)
    graded = status != "unreadable"
    tasks = [
        {
            "task": task,
            "title": task,
            "points": 0.0 if task in wrong else points,
            "of": points,
            "reason": WRONG if task in wrong else "",
            "complete": True,
        }
        for task, points in TASKS.items()
    ]
    words = [{"task": task, "of": points, "text": text} for task, points in WORDS.items()]
    return {
        "name": name or student,
        "status": status,
        "reason": reason,
        "points": sum(task["points"] for task in tasks) if graded else 0.0,
        "of": ALL if graded else 0.0,
        "tasks": tasks if graded else [],
        "to_read": words if graded else [],
        "notes": [],
        "digest": f"digest of {name or student}",
        "origin": vars(whose),
    }


def results(folder, *records, assignment=NAME, **head):
    """Write a folder of results."""
    folder.mkdir(parents=True, exist_ok=True)
    told = {"assignment": assignment, "assignment_digest": "a", "seed": 1, "sandbox": "bubblewrap"}
    report = {**told, **head, "submissions": list(records)}
    (folder / "results.json").write_text(json.dumps(report), encoding="utf-8")
    return folder
