"""Commands for lab authors: build what students open, and test the checks."""

import contextlib
import json
import webbrowser
from collections import Counter
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer
from rich.markup import escape

from autograder.cli.common import (
    PROCESSES,
    Json,
    Labs,
    Processes,
    console,
    course_of_author,
    labs_of,
    require,
    say_error,
    say_note,
    verbs_of,
)
from autograder.model.escaping import terminal

if TYPE_CHECKING:
    from autograder.model.course import Course

verb = verbs_of("Authors")
# Where the Pyodide project publishes the version that a site uses. Everything else about Pyodide is in site/python.py.
CDN = "cdn.jsdelivr.net"
PUBLISHED = f"https://{CDN}/pyodide/v0.27.7/full"
Pyodide = Annotated[
    str,
    typer.Option(
        metavar="FOLDER", help="A folder with Pyodide's files, if you have one. Otherwise they're downloaded."
    ),
]


@verb()
def new(lab: Annotated[str, typer.Argument(help="The new lab's name: lowercase letters, digits and _.")]) -> None:
    """Create a new lab with one example stub. It already builds and passes `mastery certify`. Replace it with
    your own.

    Example: mastery new average
    """
    course = course_of_author(confirming=True)
    from autograder.authoring.scaffold import scaffold

    for path in scaffold(course, lab):
        console.print(f"wrote {escape(str(path.relative_to(course.root)))}", soft_wrap=True)
    console.print(f"Next: mastery build, then mastery certify {lab}. docs/authors.md explains each file.")


@verb("author")
def build(
    student: Annotated[
        bool,
        typer.Option(
            "--student", help="Also make the files you hand out: a wheel with the course, and a zip of the notebooks."
        ),
    ] = False,
    site: Annotated[
        Path | None,
        typer.Option(
            readable=False,
            help="Also make a site in this folder. It runs the course in a browser tab, and any web host can serve it.",
        ),
    ] = None,
    pyodide: Pyodide = PUBLISHED,
    cdn: Annotated[
        bool,
        typer.Option(
            "--cdn",
            help=f"Have each browser tab load packages such as numpy from {CDN}, which makes the site smaller.",
        ),
    ] = False,
) -> None:
    """Build the students' exercises from solutions/.

    Example: mastery build --student --site public
    """
    if site is not None:
        require("site", "--site")
    course = course_of_author(confirming=True)
    from autograder.authoring import build as authoring

    written, removed = authoring.build(course)
    if student:
        from autograder.authoring.student_package import hand_out

        written += hand_out(course)
    for path in written:
        console.print(f"wrote {escape(str(path.relative_to(course.root)))}", soft_wrap=True)
    if site is not None:
        _make_site(course, site, pyodide, PUBLISHED if cdn else None)
    for path in removed:
        console.print(f"removed {escape(str(path.relative_to(course.root)))}", soft_wrap=True)


def _make_site(course: "Course", folder: Path, pyodide: str, cdn: str | None = None) -> None:
    from autograder.authoring.site import bytecode, python
    from autograder.authoring.site.build import build_site

    if host := urlsplit(pyodide).netloc:
        megabytes = python.RUNTIME_MB + (0 if cdn else python.PACKAGES_MB)
        say_note(
            f"Downloading Pyodide {python.VERSION}, the Python that runs in the tab, from {host} ({megabytes} MB)."
        )
    made = build_site(course, folder, pyodide, cdn)
    size = sum(path.stat().st_size for path in made.parent.rglob("*") if path.is_file()) / 1e6
    console.print(
        f"wrote {escape(str(folder))}, {size:.0f} MB; to see it: mastery site {escape(str(folder))}", soft_wrap=True
    )
    if bytecode.interpreter(python.PYTHON) is None:
        minor = python.PYTHON.rpartition(".")[0]
        say_note(
            f"Tabs will take longer to start, because only Python {minor} can compile modules for them in advance. "
            f"To have them compiled, put python{minor} on your PATH and build the site again."
        )


@verb("site")
def site(
    folder: Annotated[Path, typer.Argument(readable=False, help="Created if it doesn't exist.")] = Path("site"),
    pyodide: Pyodide = PUBLISHED,
    port: Annotated[int, typer.Option(help="0 picks any free port.")] = 8000,
) -> None:
    """Open the course in a browser tab, served only on this machine. Press Ctrl-C to stop.

    Example: mastery site
    """
    from autograder.authoring.site.serving import server

    if not folder.exists():
        say_note(f"Making {folder}, which takes a minute or two.")
        _make_site(course_of_author(confirming=False), folder, pyodide)
    try:
        serving = server(folder, port)
    except OSError as error:
        say_error(f"Port {port} can't be used ({error.strerror}); choose a different one with --port.")
        raise typer.Exit(2) from None
    address = f"http://127.0.0.1:{serving.server_port}/"
    console.print(f"The course is at {address} until you press Ctrl-C.")
    webbrowser.open(address)
    with closing(serving.socket), contextlib.suppress(KeyboardInterrupt):
        serving.serve_forever()


@verb("author")
def certify(labs: Labs = None, processes: Processes = PROCESSES, as_json: Json = False) -> None:
    """Test the checks: every wrong answer must fail and be identified, every correct one must earn full credit, and a
    visible check must show students what's wrong.

    Example: mastery certify softmax
    """
    course = course_of_author(confirming=False)
    chosen = labs_of(course, labs)
    from autograder.authoring.certify import certify as certify_labs
    from autograder.authoring.certify import trials
    from autograder.authoring.expectations import undeclared
    from autograder.cli.progress import ProgressBar
    from autograder.model import secrets

    # Each lab also has two verdicts on its visible checks.
    planned = {lab.name: 2 + sum(1 for _ in trials(course, lab)) for lab in chosen}
    right: Counter[str] = Counter()
    complaints, notes = [], []
    verdicts = certify_labs(course, chosen, secrets.load_secret(course.root), processes)
    with closing(verdicts), ProgressBar("trials", sum(planned.values()), quiet=as_json) as (progress, task):
        for verdict in verdicts:
            progress.advance(task)
            right[verdict.lab] += not verdict.complaints
            complaints += [verdict] if verdict.complaints else []
            notes += [f"{verdict.lab}: {note}" for note in verdict.notes]
            if as_json:
                print(json.dumps(asdict(verdict)))
    if not as_json:
        for verdict in sorted(complaints, key=lambda verdict: (verdict.lab, verdict.trial)):
            console.print(f"[red]{verdict.lab}: {escape(verdict.trial)}[/red]")
            for complaint in verdict.complaints:
                console.print(f"    {escape(terminal(complaint))}")
        for name, count in planned.items():
            console.print(f"{name}: {right[name]} of {count} trials came out as expected")
        for note in notes:
            console.print(escape(note), soft_wrap=True)
        for lab in chosen:
            for note in undeclared(course, lab):
                console.print(f"{lab.name}: {escape(note)}", soft_wrap=True)
    if complaints:
        raise typer.Exit(1)
