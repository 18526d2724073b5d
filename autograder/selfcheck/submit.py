"""Submit a notebook: through nbgrader's exchange if there is one, otherwise as a zip to upload.

There's always a receipt.
"""

import importlib.util
import os
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel

from autograder.model.course import Course, Lab
from autograder.model.errors import SubmissionError, UserError
from autograder.model.files import content_hash
from autograder.model.jupyter_configuration import configure
from autograder.model.own_files import replace_own
from autograder.model.results import LabResult, Outcome
from autograder.model.submission import read, read_file, read_regular, refuse_other_lab
from autograder.selfcheck.checks import SelfChecker
from autograder.selfcheck.workspace import Notebook, Workspace, seen_from_here

SETTINGS = "nbgrader_config.py"


class HandInError(UserError):
    """The work to hand in, or its receipt, can't be written."""


class SelfCheckSummary(BaseModel):
    """What the visible checks found in the notebook when it was handed in."""

    points: float
    max_points: float
    passed: int
    checks: int


class Receipt(BaseModel):
    """What was handed in, when, and where.

    sha256: the notebook's SHA-256.
    files: the SHA-256 of each file handed in with it.
    problem: why the exchange, if there is one, didn't accept it.
    """

    lab: str
    time: datetime
    sha256: str
    files: dict[str, str] = {}
    course_version: str
    self_check: SelfCheckSummary | None
    to: Literal["exchange", "zip"]
    file: str
    problem: str | None = None


def hand_in(workspace: Workspace, lab: Lab) -> tuple[Receipt, Path]:
    """Hand in the lab's notebook, no matter what its self-check says. Return the receipt and the path to save it to.

    Raises SubmissionError if there's no readable notebook of this lab, and HandInError if nothing can be written next
    to it.
    """
    path = _notebook(workspace, lab)
    submission = read(path)
    refuse_other_lab(submission, lab, workspace.course)
    content = read_file(path)
    files = dict(_beside(workspace, path, lab))
    with tempfile.TemporaryDirectory() as staging:
        # Check, hash and hand in the same bytes, even if the student saves in the meantime.
        copy = Path(staging, lab.name, f"{lab.name}.ipynb")
        copy.parent.mkdir()
        copy.write_bytes(content)
        for name, beside in files.items():
            copy.with_name(name).write_bytes(beside)
        _tell_of_unread_settings(workspace, path)
        self_check = _self_check(workspace, Notebook(Path(seen_from_here(path)), lab), copy)
        file, problem = _through_exchange(workspace.course, lab, copy)
    now = datetime.now(UTC).replace(microsecond=0)
    name = f"{lab.name}-{now:%Y%m%dT%H%M%SZ}"
    receipt = Receipt(
        lab=lab.name,
        time=now,
        sha256=content_hash(content),
        files={name: content_hash(beside) for name, beside in files.items()},
        course_version=workspace.course.version,
        self_check=self_check,
        to="zip" if file is None else "exchange",
        file=file or str(_zip(path.with_name(f"{name}.zip"), lab, {copy.name: content, **files})),
        problem=problem,
    )
    return receipt, path.with_name(f"{name}.json")


def _notebook(workspace: Workspace, lab: Lab) -> Path:
    nearest = next(iter(workspace.notebooks(lab)), [])
    if not nearest:
        raise SubmissionError(
            f"There is no {lab.name}.ipynb in {workspace.folder} or its subfolders. Go to the folder with your "
            "notebooks."
        )
    if len(nearest) > 1:
        names = " and ".join(map(seen_from_here, nearest))
        raise SubmissionError(
            f"You have more than one notebook for this lab: {names}. Go to the folder with the one you want to hand in."
        )
    return nearest[0]


def _beside(workspace: Workspace, path: Path, lab: Lab) -> Iterator[tuple[str, bytes]]:
    """Yield the lab's files next to its notebook. Unreadable files are reported, but the rest are still handed in."""
    for name in (each.name for each in lab.files):
        try:
            yield name, read_regular(path.with_name(name))
        except SubmissionError as error:
            workspace.tell(f"The notebook was handed in without {name}. {error}")


def _self_check(workspace: Workspace, notebook: Notebook, copy: Path) -> SelfCheckSummary | None:
    try:
        with SelfChecker(workspace) as checker:
            result = checker.check(notebook, copy)
    except Exception as error:  # a student must be able to submit, no matter what's wrong with the checks
        workspace.tell(
            f"The self-check couldn't be run ({type(error).__name__}: {error}). Your work was handed in anyway."
        )
        return None
    return _summary(result)


def _summary(result: LabResult) -> SelfCheckSummary:
    return SelfCheckSummary(
        points=round(sum(each.points for each in result.checks), 4),
        max_points=round(sum(each.max_points for each in result.checks), 4),
        passed=sum(each.outcome is Outcome.PASSED for each in result.checks),
        checks=len(result.checks),
    )


def _zip(path: Path, lab: Lab, contents: Mapping[str, bytes]) -> Path:
    """Write the files as `<lab>/<name>`, so that they unpack to where nbgrader looks for them. Raises HandInError."""
    try:
        with zipfile.ZipFile(path, "x", zipfile.ZIP_DEFLATED) as archive:
            for name, content in contents.items():
                archive.writestr(f"{lab.name}/{name}", content)
    except FileExistsError:
        raise HandInError(f"{path} already exists; try again in a second.") from None
    except OSError as error:
        path.unlink(missing_ok=True)
        raise HandInError(f"{path} can't be written: {error.strerror}. Nothing was handed in.") from error
    return path


def write_receipt(receipt: Receipt, path: Path) -> None:
    """Write the receipt as JSON. Raises HandInError."""
    try:
        replace_own(path, receipt.model_dump_json(indent=1).encode() + b"\n")
    except OSError as error:
        raise HandInError(
            f"The receipt {path} can't be written: {error.strerror}. Keep a copy of this output."
        ) from error


# --- nbgrader


def _tell_of_unread_settings(workspace: Workspace, path: Path) -> None:
    """List the configuration files that `nbgrader submit` would run but that we ignore, since they aren't trusted."""
    for folder in {Path.cwd(), path.parent.parent.absolute()} - {workspace.course.root}:
        if (folder / SETTINGS).is_file():
            workspace.tell(
                f"{folder / SETTINGS} isn't used: nbgrader's configuration comes from the course's folder and from "
                "Jupyter's own folders (~/.jupyter)."
            )


def _through_exchange(course: Course, lab: Lab, copy: Path) -> tuple[str | None, str | None]:
    """Use nbgrader's submitter. Return where the notebook went, or why submitting failed; neither if there's no
    exchange."""
    try:
        exchange = _exchange(course)
        if exchange is None:
            return None, None
        exchange.coursedir.assignment_id = lab.name
        exchange.assignment_dir = str(copy.parent.parent)
        exchange.path_includes_course = False
        exchange.start()
    except (Exception, SystemExit) as error:  # a configuration is code, and an exchange may be a third-party plugin
        return None, str(error) or type(error).__name__
    if not hasattr(exchange, "inbound_path"):
        return f"{exchange.coursedir.course_id}/{lab.name} at {exchange.timestamp}", None
    place = Path(exchange.inbound_path, exchange.assignment_filename)
    for sent in sorted(copy.parent.iterdir()):
        arrived = place / sent.name
        if not arrived.is_file() or arrived.read_bytes() != sent.read_bytes():
            what = "the notebook" if sent == copy else sent.name
            return None, (
                f"{what} is missing or different at {arrived}; see CourseDirectory.ignore in nbgrader's configuration"
            )
    return str(place / copy.name), None


def _exchange(course: Course) -> Any | None:
    """Return nbgrader's submitter, if it's installed and its configuration leads to a writable exchange."""
    if importlib.util.find_spec("nbgrader") is None:
        return None
    from nbgrader.apps.submitapp import SubmitApp
    from nbgrader.auth import Authenticator
    from nbgrader.exchange import ExchangeFactory
    from nbgrader.exchange.default import Exchange

    app = SubmitApp(raise_config_file_errors=True)
    configure(app, course)
    exchange = ExchangeFactory(parent=app).Submit(
        coursedir=app.coursedir, authenticator=Authenticator(parent=app), parent=app
    )
    if isinstance(exchange, Exchange) and (sys.platform == "win32" or not os.access(exchange.root, os.W_OK | os.X_OK)):
        return None
    return exchange
