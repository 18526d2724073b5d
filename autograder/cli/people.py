"""`mastery student`: rename a student, or drop a student from the course."""

import shlex
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from autograder.cli.common import Database, app, console, course_at_hand, verbs_of
from autograder.model.errors import CourseError
from autograder.model.escaping import terminal

if TYPE_CHECKING:
    from autograder.gradebook.gradebook import Gradebook
    from autograder.gradebook.settings import Settings
    from autograder.model.course import Course

STEPS = ("submitted", "autograded", "feedback")
people = typer.Typer(no_args_is_help=True)
verb = verbs_of("Instructors", people)


@people.callback()
def student() -> None:
    """Rename a student, or drop a student from the course.

    Example: mastery student drop ada
    """


app.add_typer(people, name="student", rich_help_panel="Instructors")
Name = Annotated[str, typer.Argument(metavar="NAME", help="A student's name in nbgrader.")]


@verb("instructor")
def drop(
    name: Name,
    yes: Annotated[bool, typer.Option("--yes", help="Don't ask.")] = False,
    db: Database = None,
) -> None:
    """Remove a student from the gradebook. The student's folders stay, but grading skips them.

    Example: mastery student drop ada
    """
    from autograder.gradebook.gradebook import Gradebook
    from autograder.gradebook.settings import settings_of

    course = course_at_hand()
    settings = settings_of(course)
    with Gradebook(course, settings, db) as book, book.alone():
        held = book.belongings(name)
        if held is None:
            raise CourseError(_unknown(book, name))
        _say(f"In the gradebook, {name} has {held}.")
        kept = [str(folder) for step in STEPS if (folder := _folder(settings, step, name)).is_dir()]
        _say(f"Dropping {name} deletes that for good. {_kept(kept)}")
        if not yes and not typer.confirm(f"Drop {terminal(name)}?"):
            _say("Nothing was changed.")
            raise typer.Exit(1)
        book.drop(name)
    _say(f"{name} is dropped. To add them back: nbgrader db student add {shlex.quote(name)}, then mastery grade.")


@verb("instructor")
def rename(
    old: Annotated[str, typer.Argument(metavar="OLD", help="The name in nbgrader.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="The new name.")],
    db: Database = None,
) -> None:
    """Rename a student, along with their grades, evidence, and folders in submitted, autograded and feedback.

    Example: mastery student rename ada 12345
    """
    from autograder.gradebook.gradebook import Gradebook
    from autograder.gradebook.settings import settings_of
    from autograder.gradebook.student_folders import moved

    course = course_at_hand()
    settings = settings_of(course)
    pairs = [(_folder(settings, step, old), _folder(settings, step, new)) for step in STEPS]
    with ExitStack() as undone, Gradebook(course, settings, db) as book, book.alone():
        _refuse_rename(book, old, new)
        # Move the folders first: if the gradebook fails afterward, they're moved back.
        folders = undone.enter_context(moved(pairs))
        book.rename(old, new)
        asked = _asked_by_name(course, book, new)
    _say(f"{old} is now {new}, in the gradebook{''.join(f', {folder}' for folder in folders)}.")
    _say(f"Work that still comes in as {old} is left out, so tell the student to submit as {new}.")
    if asked:
        _say(
            f"The questions in {', '.join(asked)} depend on the name, so {new} gets different ones from now on. Graded "
            "work keeps its points until it's graded again."
        )


def _refuse_rename(book: "Gradebook", old: str, new: str) -> None:
    """Raise CourseError if nobody has the old name or the new one can't be used."""
    from autograder.gradebook.tables import LONGEST_NAME

    if book.belongings(old) is None:
        raise CourseError(_unknown(book, old))
    if book.belongings(new) is not None:
        raise CourseError(
            f"The gradebook already has a student {new}; choose a different name, or drop that student first."
        )
    if not new or Path(new).name != new or new.startswith(".") or new != new.strip() or not new.isprintable():
        raise CourseError(f"{new!r} can't be the name of a folder; choose a name without slashes or a leading dot.")
    if len(new) > LONGEST_NAME:
        raise CourseError(
            f"{new} is longer than a gradebook allows ({LONGEST_NAME} characters); choose a shorter name."
        )


def _unknown(book: "Gradebook", name: str) -> str:
    if name in book.removed():
        return f"{name} has already been dropped or renamed."
    return f"The gradebook has no student {name}; `nbgrader db student list` shows how the names are spelled."


def _asked_by_name(course: "Course", book: "Gradebook", name: str) -> list[str]:
    graded = book.graded([name])
    return [lab.name for lab in course.labs if lab.assessment and (name, lab.name) in graded]


def _kept(folders: list[str]) -> str:
    if not folders:
        return "They have no folders."
    return f"What was handed in stays where it is: {', '.join(folders)}."


def _folder(settings: "Settings", step: str, name: str) -> Path:
    return settings.place(step, name, "lab").parent


def _say(text: str) -> None:
    console.print(escape(terminal(text)), soft_wrap=True)
