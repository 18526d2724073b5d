"""Commands about what students have reached: the class report, and a student's levels, transcript and certificate."""

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
from autograder.model.errors import CourseError
from autograder.model.escaping import terminal
from autograder.model.paths import FILE_NAME

if TYPE_CHECKING:
    from autograder.mastery.levels import Histories, StudentMastery
    from autograder.model.course import Course

verb, of_student = verbs_of("Instructors"), verbs_of("Students")

InGradebook = Annotated[str, typer.Argument(metavar="STUDENT", help="A student, by nbgrader's name.")]
StudentOrSelf = Annotated[
    str | None,
    typer.Argument(metavar="[STUDENT]", help="A student in the gradebook; without one, your own self-checks."),
]


@verb("instructor")
def report(
    out: Annotated[Path, typer.Option(readable=False, help="The page to write.")] = Path("report.html"),
    csv_file: Annotated[
        Path | None, typer.Option("--csv", readable=False, help="Also the levels, one row a student.")
    ] = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", readable=False, help="Also all numbers, one JSON object.")
    ] = None,
    anonymous: Annotated[bool, typer.Option("--anonymous", help="Numbers in place of students' names.")] = False,
    db: Database = None,
) -> None:
    """Write what the class knows as one page that needs no network: levels, mistakes, checks, who needs what.

    Example: mastery report --out report.html
    """
    course = course_at_hand()
    from autograder.cli.progress import ProgressBar, bring_up_to_date
    from autograder.gradebook.class_evidence import survey_class
    from autograder.gradebook.gradebook import Gradebook
    from autograder.gradebook.settings import settings_of
    from autograder.report.class_report import survey_page, write_levels
    from autograder.report.files import write_text

    with Gradebook(course, settings_of(course), db) as book:
        bring_up_to_date(book)
        with ProgressBar("students read", len(book.roster())) as (progress, task):
            found = survey_class(course, book, anonymous, lambda: progress.advance(task))
    if found.newest is None:
        raise CourseError("Nothing is graded yet in this gradebook; grade a class first: mastery grade.")
    write_text(out, survey_page(course, found), "--out")
    if csv_file:
        write_levels(csv_file, course, found)
    if json_file:
        write_text(json_file, found.model_dump_json() + "\n", "--json")
    files = ", ".join(str(file) for file in (out, csv_file, json_file) if file)
    console.print(f"{len(found.students)} students. Written: {escape(files)}", soft_wrap=True)


@of_student()
def status(student: StudentOrSelf = None, db: Database = None, as_json: Json = False) -> None:
    """Show how far you are by your last self-checks, or a student by what was graded, and what to do next.

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
        Path | None, typer.Option(readable=False, help="The page to write; transcript-STUDENT.html by default.")
    ] = None,
    db: Database = None,
    as_json: Json = False,
) -> None:
    """Write what one student has reached as one page, with the evidence behind each level, and what comes next.

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
            raise CourseError("No self-check of a notebook here is known yet; make one: mastery check.")
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
        str | None, typer.Option(help="Who looked at what no check can judge, as it shall stand there.")
    ] = None,
    name: Annotated[
        str | None, typer.Option(help="The person's name to print; nbgrader's first and last name by default.")
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
    """Check a certificate: who signed it, and what for. The course at hand says whose signatures count.

    Example: mastery verify certificate-ada.json
    """
    course = course_at_hand()
    if not as_json:
        say_note(f"Signatures count of the issuers that {course.root / FILE_NAME} names.")
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
    """Return what a student in the gradebook has reached, and the attempts that show it. Raises UserError."""
    require("instructor", f"What was graded of {student}")
    from autograder.gradebook.gradebook import Gradebook
    from autograder.gradebook.settings import settings_of
    from autograder.mastery.course_levels import mastery_of

    with Gradebook(course, settings_of(course), db) as book:
        history = book.history(student)
        overrides = book.overrides().get(student, ())
        judgements = book.judgements().get(student, ())
        known = student in book.roster()
    if not history and known:
        raise CourseError(f"{student} is on the roster and has handed in nothing that was graded.")
    if not history:
        raise CourseError(f"No work of {student} is in the gradebook; see that the name is spelled as there.")
    return mastery_of(course, student, history, overrides, judgements), history


def _person(course: "Course", student: str, db: str | None) -> str:
    """Return a student's first and last name in the gradebook; "" if it has none."""
    from autograder.gradebook.gradebook import Gradebook
    from autograder.gradebook.settings import settings_of

    with Gradebook(course, settings_of(course), db) as book:
        return book.roster().get(student, "")


def _file_name(student: str) -> str:
    return student.replace("/", "-")
