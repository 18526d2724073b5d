"""What the commands share: the application, its options, and its messages in the terminal."""

import functools
import inspect
import os
import sys
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer
from pydantic_core import PydanticSerializationError
from rich.console import Console
from rich.markup import escape
from typer.core import TyperGroup

from autograder.model import trust
from autograder.model.errors import CourseError
from autograder.model.escaping import terminal
from autograder.model.paths import find_root, trusted_root

# `mastery --help` imports this module, so anything slow to load is imported where it's used.
if TYPE_CHECKING:
    from autograder.model.course import Course, Lab
    from autograder.selfcheck.workspace import Workspace


Verb = TypeVar("Verb", bound=Callable[..., Any])


# The order in which `mastery --help` lists the commands.
PANELS = ("Students", "Instructors", "Authors")


class _Verbs(TyperGroup):
    def list_commands(self, ctx: Any) -> list[str]:
        panel = {name: getattr(command, "rich_help_panel", None) for name, command in self.commands.items()}
        return sorted(super().list_commands(ctx), key=lambda name: PANELS.index(panel[name]))

    # Caught here, because typer itself exits on Ctrl-C without a message.
    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except (KeyboardInterrupt, PydanticSerializationError, RuntimeError) as error:
            if not _pressed_ctrl_c(error):
                raise
            say_error("Stopped. What's been graded is saved; run the same command again to continue.")
            raise typer.Exit(1) from None


def _pressed_ctrl_c(error: BaseException) -> bool:
    """Pydantic, while it writes JSON, and Python 3.11, while it creates a class, turn Ctrl-C into their own errors."""
    written = isinstance(error, PydanticSerializationError) and "KeyboardInterrupt" in str(error)
    return written or any(isinstance(each, KeyboardInterrupt) for each in (error, error.__cause__))


app = typer.Typer(
    cls=_Verbs,
    help="A course graded against torch: check your work, build the notebooks, certify the checks, grade a class.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
console = Console(highlight=False)


def _print_version(wanted: bool) -> None:
    if wanted:
        import importlib.metadata

        print(f"mastery {importlib.metadata.version('llm-mastery')}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    pass


PROCESSES = os.cpu_count() or 1

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object per line.")]
Processes = Annotated[int, typer.Option(min=1, help="How many grading processes to run in parallel.")]
# readable=False for every path, so that our own message says why a path can't be read and how to fix it.
Files = Annotated[
    list[Path] | None,
    typer.Argument(readable=False, help="Notebooks (.ipynb), percent-format scripts (.py), or folders of notebooks."),
]
Database = Annotated[
    str | None, typer.Option("--db", metavar="URL", help="nbgrader's gradebook; the course's gradebook.db by default.")
]
Labs = Annotated[list[str] | None, typer.Argument(help="Names of labs; by default, all labs.")]


def say_error(text: str) -> None:
    Console(stderr=True, highlight=False, soft_wrap=True).print(escape(terminal(text)), style="bold red")


CourseFolder = Annotated[
    Path | None,
    typer.Option(
        "--course",
        metavar="DIR",
        readable=False,
        help="The course's folder, if it isn't the current one. Naming it means you trust it.",
    ),
]
_named: ContextVar[Path | None] = ContextVar("_named", default=None)


def verbs_of(panel: str, of: typer.Typer = app) -> Callable[..., Callable[[Verb], Verb]]:
    """Return the decorator that adds commands for one kind of user. Each command gets a `--course` option.

    The decorator takes the name of the optional extra that its command needs, if any. If the extra isn't installed, the
    command says so and stops.
    """

    def verb(extra: str | None = None) -> Callable[[Verb], Verb]:
        def register(function: Verb) -> Verb:
            of.command(rich_help_panel=panel)(_with_course(function, extra))
            return function

        return register

    return verb


def _with_course(function: Callable[..., Any], extra: str | None) -> Callable[..., Any]:
    @functools.wraps(function)
    def with_course(*words: Any, course: Path | None, **options: Any) -> Any:
        _named.set(course)
        if extra is not None:
            require(extra, f"mastery {function.__name__}")
        return function(*words, **options)

    signature = inspect.signature(function)
    option = inspect.Parameter("course", inspect.Parameter.KEYWORD_ONLY, default=None, annotation=CourseFolder)
    with_course.__signature__ = signature.replace(  # type: ignore[attr-defined]
        parameters=[*signature.parameters.values(), option]
    )
    with_course.__annotations__ = {**function.__annotations__, "course": CourseFolder}
    return with_course


def course_at_hand(elsewhere: bool = False) -> "Course":
    """Return the course named with --course, or else the trusted course found from the current folder.

    If that course isn't trusted yet, a user at a terminal is asked whether to trust it. elsewhere: whether it's
    normal for the course not to be at or above the current folder, as it is for a student. Raises CourseError.
    """
    from autograder.model.course import load

    if (named := _named.get()) is not None:
        root = named.resolve()
        if trust.is_handed_in(root):
            raise CourseError(f"{root} is inside a folder called submitted, so it's a submission, not a course.")
        return load(root)
    root = find_root()
    if not trust.is_trusted(root) and sys.stdin.isatty() and sys.stderr.isatty():
        question = (
            f"The course in {terminal(str(root))} isn't one that you've confirmed. Its checks and "
            "nbgrader_config.py are programs that will run with your permissions. Do you trust it?"
        )
        if typer.confirm(question, err=True):
            confirm(root)
            return load(root)
    course = load(trusted_root())
    if not elsewhere and not Path.cwd().resolve().is_relative_to(root):
        say_note(f"Using the course in {root}. To use a different one, pass its folder with --course.")
    return course


def course_of_author(*, confirming: bool) -> "Course":
    """Return the course named with --course, or the one at or above the current folder, but never the installed one.

    confirming: whether to trust the course from now on. Commands that write to a course do this, because anyone who
    writes to a course must already trust it. Raises CourseError.
    """
    if _named.get() is None:
        root, here = find_root(), Path.cwd().resolve()
        if not here.is_relative_to(root):
            raise CourseError(
                f"There's no course in {here} or any folder above it, so there's nothing to do here. Run this "
                "command from the folder with course.yaml, or pass that folder with --course."
            )
        if confirming:
            confirm(root)
    return course_at_hand()


def confirm(root: Path) -> None:
    """Trust a course from now on, and say so."""
    if trust.is_trusted(root):
        return
    try:
        trust.confirm(root)
    except OSError as error:
        say_error(f"{trust.confirmed_file()} can't be written ({error.strerror}), so you'll be asked again.")
    else:
        say_note(f"From now on, the course in {root} is trusted ({trust.confirmed_file()}).")


def require(extra: str, what: str) -> None:
    """Make sure that an extra's packages are installed. `what`: the command that needs them. Raises MissingExtra."""
    from autograder.model import extras  # it looks up what's installed; other commands shouldn't have to wait for that

    extras.require(extra, what)


def workspace_here() -> "Workspace":
    from autograder.selfcheck.workspace import Workspace

    return Workspace.at(course_at_hand(elsewhere=True), Path.cwd(), say_error)


def say_note(text: str) -> None:
    Console(stderr=True, highlight=False, soft_wrap=True).print(escape(terminal(text)))


def labs_of(course: "Course", names: Sequence[str] | None) -> "list[Lab]":
    return [course.lab(name) for name in names or ()] or list(course.labs)
