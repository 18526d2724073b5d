"""Commands about what students have achieved: the class report, and a student's levels, transcript and certificate."""

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from autograder.cli.common import (
    Database,
    Json,
    console,
    course_at_hand,
    require,
    say_note,
    verbs_of,
    workspace_here,
)
from autograder.model.amounts import amount
from autograder.model.errors import CourseError
from autograder.model.escaping import terminal
from autograder.model.paths import FILE_NAME

if TYPE_CHECKING:
    from autograder.mastery.levels import Histories, StudentMastery
    from autograder.model.course import Course

verb, of_student = verbs_of("Instructors"), verbs_of("Students")

InGradebook = Annotated[str, typer.Argument(metavar="STUDENT", help="A student's name in nbgrader.")]
StudentOrSelf = Annotated[
    str | None,
    typer.Argument(
        metavar="[STUDENT]", help="A student in the gradebook. If you leave it out, your own self-checks are used."
    ),
]


@verb("instructor")
def report(
    out: Annotated[Path, typer.Option(readable=False, help="The file to write the page to.")] = Path("report.html"),
    csv_file: Annotated[
        Path | None, typer.Option("--csv", readable=False, help="Also write the levels, one row per student.")
    ] = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", readable=False, help="Also write all the numbers as a single JSON object.")
    ] = None,
    anonymous: Annotated[bool, typer.Option("--anonymous", help="Use numbers instead of students' names.")] = False,
    db: Database = None,
) -> None:
    """Write a page, readable offline, about what the class knows: levels, mistakes, checks and what each student
    needs.

    Example: mastery report --out report.html
    """
    course = course_at_hand()
    from autograder.cli.progress import ProgressBar, bring_up_to_date
    from autograder.gradebook.class_evidence import survey_class
    from autograder.gradebook.gradebook import Gradebook
    from autograder.gradebook.settings import settings_of
    from autograder.report.class_report import survey_page, write_figures, write_levels
    from autograder.report.files import write_pieces

    with Gradebook(course, settings_of(course), db) as book, tempfile.TemporaryFile("w+", encoding="utf-8") as students:
        bring_up_to_date(book)
        with ProgressBar("students read", len(book.roster())) as (progress, task):

            def told(student: "StudentMastery") -> None:
                if json_file:
                    students.write(student.model_dump_json() + "\n")
                progress.advance(task)

            found = survey_class(course, book, anonymous, told)
        if found.newest is None:
            raise CourseError("Nothing is graded in this gradebook yet; grade a class first: mastery grade.")
        write_pieces(out, survey_page(course, found), "--out")
        if csv_file:
            write_levels(csv_file, course, found)
        if json_file:
            students.seek(0)
            write_figures(json_file, found, (line.rstrip("\n") for line in students))
    files = ", ".join(str(file) for file in (out, csv_file, json_file) if file)
    console.print(f"{amount(len(found.students), 'student')}. Written: {escape(files)}", soft_wrap=True)


@of_student()
def status(student: StudentOrSelf = None, db: Database = None, as_json: Json = False) -> None:
    """Show your progress in your last self-checks, or a student's progress in graded work, and what to do next.

    Example: mastery status
    """
    if student is None:
        from autograder.cli.views.selfcheck import print_status
        from autograder.selfcheck.checks import status as status_of

        checked = status_of(workspace_here())
        if as_json:
            print(checked.model_dump_json())
        else:
            print_status(console, checked)
        return
    from autograder.cli.views.levels import print_mastery

    course = course_at_hand()
    found, _ = _graded(course, student, db)
    if as_json:
        print(found.model_dump_json())
    else:
        print_mastery(console, course, found)


@of_student()
def transcript(
    student: StudentOrSelf = None,
    out: Annotated[
        Path | None,
        typer.Option(readable=False, help="The file to write the page to; transcript-STUDENT.html by default."),
    ] = None,
    db: Database = None,
    as_json: Json = False,
) -> None:
    """Write one page about what a student has achieved, with the evidence behind each level, and what comes next.

    Example: mastery transcript ada
    """
    course = course_at_hand(elsewhere=student is None)
    from autograder.mastery.course_levels import mastery_of
    from autograder.report.files import write_text
    from autograder.report.transcript import transcript_page

    if student is None:
        history = workspace_here().history()
        found = mastery_of(course, "My self-checks", history)
        if not history:
            raise CourseError("You haven't checked any notebook here yet; start with: mastery check.")
    else:
        found, history = _graded(course, student, db)
    if as_json:
        print(found.model_dump_json())
        return
    page = transcript_page(course, found, history, self_checked=student is None)
    out = out or Path(f"transcript-{_file_name(student or 'self-checked')}.html")
    write_text(out, page, "--out")
    console.print(f"Written: {escape(terminal(str(out)))}", soft_wrap=True)


@verb("instructor")
def certificate(
    student: InGradebook,
    reviewer: Annotated[
        str | None,
        typer.Option(help="Who graded what can't be checked automatically; the certificate shows this name."),
    ] = None,
    name: Annotated[
        str | None, typer.Option(help="The name to print; by default, the student's first and last name in nbgrader.")
    ] = None,
    out: Annotated[Path, typer.Option(file_okay=False, readable=False, help="The folder to write to.")] = Path(),
    db: Database = None,
) -> None:
    """Certify that a student has completed the course: signed JSON that anybody can verify, and a page to print.

    Example: mastery certificate ada --reviewer "Dr. Lee"
    """
    course = course_at_hand()
    from autograder.mastery.certificate import certify_student, issuer_of, load_key, sign
    from autograder.report.certificate import certificate_page
    from autograder.report.files import write_text

    key = load_key(course.root)
    issuer = issuer_of(course, key)
    found, history = _graded(course, student, db)
    person = (name or _person(course, student, db)).strip()
    made = certify_student(course, found, person, history, issuer, reviewer)
    signed, page = (out / f"certificate-{_file_name(student)}.{kind}" for kind in ("json", "html"))
    write_text(signed, sign(made, key), "--out")
    write_text(page, certificate_page(course, made, signed.name), "--out")
    console.print(f"Written: {escape(terminal(f'{signed}, {page}'))}", soft_wrap=True)


@verb("instructor")
def verify(
    file: Annotated[Path, typer.Argument(metavar="FILE", readable=False, help="A certificate, .json.")],
    as_json: Json = False,
) -> None:
    """Check a certificate: who signed it, and what it certifies. Only signatures from issuers listed in the current
    course are accepted.

    Example: mastery verify certificate-ada.json
    """
    course = course_at_hand()
    if not as_json:
        say_note(f"Only signatures from the issuers in {course.root / FILE_NAME} are accepted.")
    from autograder.cli.views.certificate import print_certificate
    from autograder.mastery.certificate import CertificateError
    from autograder.mastery.certificate import verify as verified

    try:
        found = verified(course, file)
    except CertificateError as error:
        console.print(f"[bold red]Not valid:[/bold red] {escape(terminal(f'{file}: {error}.'))}", soft_wrap=True)
        raise typer.Exit(1) from None
    if as_json:
        print(found.model_dump_json())
    else:
        print_certificate(console, found)


def _graded(course: "Course", student: str, db: str | None) -> "tuple[StudentMastery, Histories]":
    """Return what a student in the gradebook has achieved, and the attempts that show it. Raises UserError."""
    require("instructor", f"Graded work of {student}")
    from autograder.gradebook.gradebook import Gradebook
    from autograder.gradebook.settings import settings_of
    from autograder.mastery.course_levels import mastery_of

    with Gradebook(course, settings_of(course), db) as book:
        history = book.history(student)
        overrides = book.overrides([student]).get(student, ())
        judgements = book.judgements([student]).get(student, ())
        known = student in book.roster()
    if not history and known:
        raise CourseError(f"{student} is on the roster, but has no graded work.")
    if not history:
        raise CourseError(f"No work by {student} is in the gradebook; check the spelling of the name.")
    return mastery_of(course, student, history, overrides, judgements), history


def _person(course: "Course", student: str, db: str | None) -> str:
    """Return a student's first and last name in the gradebook; "" if the gradebook has none."""
    from autograder.gradebook.gradebook import Gradebook
    from autograder.gradebook.settings import settings_of

    with Gradebook(course, settings_of(course), db) as book:
        return book.roster().get(student, "")


def _file_name(student: str) -> str:
    return student.replace("/", "-")
