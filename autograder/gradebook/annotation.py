"""The notebook that formgrader and feedback show: the student's cells, with the results in nbgrader's grade cells."""

import functools
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from autograder.model.course import Course, Lab
from autograder.model.errors import SubmissionError
from autograder.model.files import content_hash, replace
from autograder.model.results import AttachmentReport, LabResult, Outcome
from autograder.model.submission import Cell, ParsedFile, checked_stub, read_regular
from autograder.report.attachment import attachment_html, attachment_text
from autograder.report.check import Findings, Notice

# The files that release_feedback needs in order to return feedback to the right student.
CARRIED = ("timestamp.txt", "submission_secret.txt")

# How many times to try writing a file, since nbgrader's autograde may be deleting and refilling the folder at that
# moment.
TRIES = 20

MOST_KEPT = 2_000
# Limits on how much of a submission a page shows. The longest notebook in this course has 84 cells and 35,000
# characters.
MOST_CELLS = 1_000
LONGEST_SOURCE = 50_000
MOST_CODE = 200_000
CELL_LEFT_OUT = "The rest of this cell is too long to show here; see the notebook that was handed in."
NOTEBOOK_LEFT_OUT = "The rest of this notebook is too long to show here; see the file that was handed in."

# Shown in place of an answer whose cell was deleted. It's a comment in a code cell and a heading in a Markdown cell.
DELETED = "# The notebook that was handed in has no cell for this answer."

# Shown at the end of every graded notebook's page. A later lab may ask students to cite this run in their packet.
RUN = (
    "**Graded run:** `{run}`. This fingerprint identifies exactly what was graded here. Copy it when a later lab "
    "asks for one of your graded runs."
)

NotebookJson = dict[str, Any]


@dataclass(frozen=True)
class Annotated:
    """A notebook to show. `unanswered`: nbgrader's names for the cells that the student left unchanged or deleted."""

    notebook: NotebookJson
    unanswered: frozenset[str]


@dataclass
class Annotator:
    """Builds the notebooks that we show for one lab.

    exercise: the JSON of the notebook that students open, with each cell's source as one string.
    """

    course: Course
    lab: Lab
    exercise: NotebookJson
    _made: dict[tuple[object, ...], NotebookJson] = field(default_factory=dict)

    def mark(self, submitted: ParsedFile | SubmissionError, result: LabResult) -> Annotated:
        """Return the submission with the results in its grade cells.

        Grade cells that the student changed or deleted are restored from the exercise. A deleted answer is replaced by
        a cell that says it was deleted.
        """
        exercise, lab = self.exercise, self.lab
        known = {role: cell for cell in exercise["cells"] if (role := _name(cell))}
        cells = exercise["cells"] if isinstance(submitted, SubmissionError) else submitted.cells
        cells = [
            cell for cell in cells if isinstance(cell, dict) and cell.get("cell_type") in ("code", "markdown", "raw")
        ]
        cells = _limited(cells, set(_places(cells, known, lab).values()))
        shown = [_plain(cell) for cell in cells]
        places = _places(cells, known, lab)
        unanswered = frozenset(
            name
            for name, cell in known.items()
            if not _locked(cell) and (name not in places or shown[places[name]]["source"] == cell["source"])
        )
        for name, place in places.items():
            answer = known[name] if _locked(known[name]) else {**known[name], "source": shown[place]["source"]}
            shown[place] = {**shown[place], **_plain(answer), "metadata": known[name]["metadata"]}
        for name in (name for name in known if name not in places and _is_shown(known[name])):
            before = [each for each in list(known)[: list(known).index(name)] if each in places]
            place = 1 + max((places[each] for each in before), default=-1)
            put_back = _plain(known[name])
            if not _is_graded(known[name]):
                put_back["source"] = DELETED
            shown.insert(place, {**put_back, "metadata": known[name]["metadata"]})
            places = {each: at + (at >= place) for each, at in places.items()} | {name: place}
        for name, place in places.items():
            if stub := _checked(known[name]):
                shown[place]["outputs"] = [self._found(stub, result)]
        rows = [row.name for row in lab.judged if row.name in places]
        if result.packet is not None and (file := lab.attachment) is not None:
            at = min((places[row] for row in rows), default=len(shown))
            shown.insert(at, _attachment_cell(file.name, result.packet))
            if result.packet.sha256 in ("", self._empty_attachment):
                unanswered |= set(rows)
        if result.run:
            shown.append({"cell_type": "markdown", "metadata": {}, "source": RUN.format(run=result.run)})
        _shorten(shown)
        numbered = [{"id": f"{lab.name}-{number}", **cell} for number, cell in enumerate(shown)]
        head = {"metadata": exercise["metadata"], "nbformat": 4, "nbformat_minor": 5}
        return Annotated({"cells": numbered, **head}, unanswered)

    def _found(self, stub: str, result: LabResult) -> dict[str, Any]:
        """Return the output of a stub's grade cell, cached because it takes a few ms to make and is the same for many
        students."""
        checks = [each for each in result.checks if each.stub == stub]
        if not checks:
            return _output(Notice(stub, result.message or "No checks were found for this stub."))
        stubs = {each.stub for each in result.checks}
        passed = frozenset(stubs - {each.stub for each in result.checks if each.outcome is not Outcome.PASSED})
        answered = result.answers.get(stub)
        number = None if answered is None else answered.round
        key = (stub, passed, number, *(each.model_dump_json(exclude={"seconds"}) for each in checks))
        if key not in self._made:
            if len(self._made) >= MOST_KEPT:
                self._made.clear()
            self._made[key] = _output(Findings(self.course, self.lab, stub, checks, passed, round=number))
        return self._made[key]

    @functools.cached_property
    def _empty_attachment(self) -> str:
        """The SHA-256 of the attachment as students receive it; empty if there's no such file."""
        if self.lab.attachment is None:
            return ""
        path = self.course.root / "exercises" / self.lab.name / self.lab.attachment.name
        return content_hash(path.read_bytes()) if path.is_file() else ""


def _limited(cells: list[NotebookJson], needed: Collection[int]) -> list[NotebookJson]:
    """Return the first `MOST_CELLS` cells, plus those at the positions in `needed`. If any are left out, add a cell
    that says so."""
    if len(cells) <= MOST_CELLS:
        return cells
    kept = [cell for place, cell in enumerate(cells) if place < MOST_CELLS or place in needed]
    return [*kept, {"cell_type": "markdown", "source": f"*{NOTEBOOK_LEFT_OUT}*"}]


def _shorten(shown: Sequence[NotebookJson]) -> None:
    """Truncate code that's too long to highlight or sanitize. Markdown is limited later, when it's converted to
    HTML."""
    left = MOST_CODE
    for cell in shown:
        source = cell["source"]
        most = min(LONGEST_SOURCE, left)
        if cell["cell_type"] != "markdown":
            if len(source) > most:
                why = CELL_LEFT_OUT if most == LONGEST_SOURCE else NOTEBOOK_LEFT_OUT
                cell["source"] = f"{source[:most]}\n# {why}"
            left = max(0, left - len(source))


def _attachment_cell(name: str, read: AttachmentReport) -> dict[str, Any]:
    """Return a cell that shows the attachment to the people who grade it."""
    data = {"text/html": attachment_html(name, read), "text/plain": attachment_text(name, read)}
    output = {"output_type": "display_data", "data": data, "metadata": {}}
    source = f"# {name}, as graded"
    return {"cell_type": "code", "metadata": {}, "execution_count": None, "source": source, "outputs": [output]}


def _output(found: Notice | Findings) -> NotebookJson:
    text = found.heading if isinstance(found, Findings) else found.as_text()
    data = {"text/html": found.as_html(), "text/plain": text}
    return {"output_type": "display_data", "data": data, "metadata": {}}


def write_annotated(marked: Annotated, path: Path, submitted: Path) -> None:
    """Write the notebook to its folder in `autograded`, along with the files that nbgrader keeps next to it. Raises
    OSError.

    Each file is written atomically, even if another program is writing it or deleting the folder.
    """
    # Only programs read this file, and Python writes JSON ten times as fast without indentation.
    text = json.dumps(marked.notebook, ensure_ascii=False) + "\n"
    contents: dict[str, bytes | None] = {path.name: text.encode("utf-8", "backslashreplace")}
    for name in CARRIED:
        try:
            contents[name] = read_regular(submitted.with_name(name))
        except SubmissionError:
            contents[name] = None
    for name, content in contents.items():
        place = path.with_name(name)
        if content is None:
            place.unlink(missing_ok=True)
        else:
            _replace(place, content)


def _replace(place: Path, content: bytes) -> None:
    for tries_left in reversed(range(TRIES)):
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            replace(place, content)
            return
        except (FileNotFoundError, FileExistsError):  # FileExistsError if the folder is deleted during mkdir
            if not tries_left:
                raise


def _name(cell: Mapping[str, Any]) -> str | None:
    metadata = cell.get("metadata")
    role = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    name = role.get("grade_id") if isinstance(role, dict) else None
    return name if isinstance(name, str) else None


def _is_graded(cell: Mapping[str, Any]) -> bool:
    role = cell["metadata"]["nbgrader"]
    return bool(role.get("grade") or role.get("task"))


def _is_shown(cell: Mapping[str, Any]) -> bool:
    """Return whether formgrader has to show the cell to a grader, because the cell has a score or a comment box."""
    return _is_graded(cell) or not _locked(cell)


def _locked(cell: Mapping[str, Any]) -> bool:
    role = cell["metadata"]["nbgrader"]
    return bool(role.get("locked") or role.get("grade")) and not role.get("solution")


def _checked(cell: Mapping[str, Any]) -> str | None:
    """Return the stub that this grade cell checks; None if it isn't a grade cell."""
    return checked_stub(_text(cell)) if cell["cell_type"] == "code" else None


def _text(cell: Mapping[str, Any]) -> str:
    source = cell.get("source")
    if isinstance(source, list):
        source = "".join(each for each in source if isinstance(each, str))
    return source if isinstance(source, str) else ""


def _plain(cell: Mapping[str, Any]) -> dict[str, Any]:
    """Return a cell with only what the student wrote: no metadata, no outputs."""
    plain = {"cell_type": cell["cell_type"], "metadata": {}, "source": _text(cell)}
    if plain["cell_type"] == "code":
        return {**plain, "execution_count": None, "outputs": []}
    pictures = cell.get("attachments")
    return {**plain, "attachments": pictures} if _are_pictures(pictures) else plain


def _are_pictures(attachments: object) -> bool:
    return isinstance(attachments, dict) and all(
        isinstance(bundle, dict) and all(isinstance(data, str) for data in bundle.values())
        for bundle in attachments.values()
    )


def _places(cells: Sequence[Mapping[str, Any]], known: Mapping[str, Any], lab: Lab) -> dict[str, int]:
    """Return the positions of nbgrader's cells. If a cell appears twice, use the last one, as nbgrader does.

    If an editor has stripped a cell's metadata, the cell is recognized by its contents.
    """
    named = {role: place for place, cell in enumerate(cells) if (role := _name(cell)) and role in known}
    taken = set(named.values())
    identities = {_identity_of(cell, lab): name for name, cell in known.items()} if len(named) < len(known) else {}
    found = {
        name: place
        for place, cell in enumerate(cells)
        if place not in taken and (name := identities.get(_identity_of(cell, lab) or ""))
    }
    return {**found, **named}


def _identity_of(cell: Mapping[str, Any], lab: Lab) -> str | None:
    """Return what identifies a cell: the stub that it checks or defines, or the text of a text cell."""
    if cell["cell_type"] != "code":
        return f"text {_text(cell)}"
    if stub := _checked(cell):
        return f"check {stub}"
    code = Cell(0, _text(cell))
    return next((f"def {stub.name}" for stub in lab.stubs if code.defines(stub.name)), None)
