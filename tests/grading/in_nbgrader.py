"""What nbgrader makes of a course, told as JSON; its own environment's Python runs this.

``python in_nbgrader.py release`` in the course's folder makes what students get, and validates the
sources; ``python in_nbgrader.py grade`` grades what was handed in, and tells the points.
"""

import json
import sys
from pathlib import Path

from nbgrader.api import Gradebook
from nbgrader.converters import Autograde, GenerateAssignment
from nbgrader.coursedir import CourseDirectory
from nbgrader.validator import Validator


def release(folder):
    """Release each assignment; return what is wrong with each source, nothing if all passes."""
    wrong = {}
    for name in names(folder):
        course = CourseDirectory(root=str(folder), assignment_id=name)
        GenerateAssignment(coursedir=course, create_assignment=True).start()
        wrong[name] = Validator().validate(str(folder / "source" / name / f"{name}.ipynb"))
    return wrong


def grade(folder):
    """Grade everything; return the points by assignment, student and task."""
    points = {}
    for name in names(folder):
        course = CourseDirectory(root=str(folder), assignment_id=name)
        Autograde(coursedir=course, create_student=True).start()
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as book:
        for name in names(folder):
            points[name] = {
                submission.student_id: {
                    grade.name: grade.auto_score or 0
                    for notebook in submission.notebooks
                    for grade in notebook.grades
                }
                for submission in book.assignment_submissions(name)
            }
    return points


def names(folder):
    return sorted(path.name for path in (folder / "source").iterdir())


if __name__ == "__main__":
    told = {"release": release, "grade": grade}[sys.argv[1]](Path.cwd())
    sys.stdout.write(json.dumps(told))
