"""The attachments that a simulated class hands in along with its notebooks, as the lab's author wrote them.

A lab whose attachment has a reader defines its examples in `solutions/<lab>/attachments.py`:

    def examples(day: date, run: str) -> Iterable[AttachmentExample]: ...   # the first one has no mistakes
    def corrected(before: str, day: date, run: str) -> str: ...             # optional: a revision without mistakes

`run` is the fingerprint of a graded run by the student who hands in the attachments.
"""

from datetime import date
from pathlib import Path
from types import ModuleType

from autograder.authoring.simulation.notebooks import module_at
from autograder.model.course import Course, Lab
from autograder.model.errors import CourseError
from autograder.testing.attachments import AttachmentExample


def examples(course: Course, lab: Lab, day: date, run: str) -> list[AttachmentExample]:
    """Return the lab's examples as handed in on that day. The first one has no mistakes. Raises CourseError.

    run: the fingerprint of a graded run by the student who hands them in. `corrected` takes the same fingerprint.
    """
    found = list(_module(course, lab).examples(day, run))
    if not found or found[0].field:
        raise CourseError(f"{_path(course, lab)} must yield a valid example first.")
    return found


def corrected(course: Course, lab: Lab, before: str, day: date, run: str) -> str:
    """Return what a student hands in after learning what's wrong in `before`. Raises CourseError."""
    module = _module(course, lab)
    if not hasattr(module, "corrected"):
        return examples(course, lab, day, run)[0].text
    text: str = module.corrected(before, day, run)
    return text


def _path(course: Course, lab: Lab) -> Path:
    return course.root / "solutions" / lab.name / "attachments.py"


def _module(course: Course, lab: Lab) -> ModuleType:
    path = _path(course, lab)
    if not path.is_file():
        raise CourseError(
            f"{path} is missing; write `examples(day, run)` there, and yield examples with and without mistakes."
        )
    return module_at(path)
