"""Submissions for tests: the students' notebook, with answers in it."""

import nbformat

from deeplearn_utils.grading.assignments import Answer, read, released


def notebook_of(assignment, answers):
    """Return a released notebook's file with these answers put in, by id."""
    return filled(released(assignment), answers)


def filled(notebook, answers):
    """Fill answers into a notebook, by id, as a student does; return its file."""
    for cell in notebook.cells:
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        if name in answers:
            cell.source = answers[name]
    return nbformat.writes(notebook).encode()


def solutions(assignment):
    """Return the reference's own answers, by id."""
    return {answer.id: answer.source for answer in assignment.answers}


def solved(name):
    """Return the names that an assignment's solution defines."""
    names = {}
    for cell in read(name).cells:
        if isinstance(cell, str) or (isinstance(cell, Answer) and cell.is_code):
            exec(cell if isinstance(cell, str) else cell.source, names)
    return names


def points(record):
    """Return the points of a record, by task."""
    return {task["task"]: task["points"] for task in record["tasks"]}


def reason(record, task):
    """Return why a task got no points."""
    (found,) = [entry["reason"] for entry in record["tasks"] if entry["task"] == task]
    return found
