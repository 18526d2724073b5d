"""Scores and evidence in nbgrader's gradebook: in bulk, a chunk of submissions in one transaction.

nbgrader's rows are kept where they are and changed in place, since formgrader's addresses hold their ids. The evidence
of every attempt stands beside them in the table `mastery_grading`, and goes when nbgrader removes the submission.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import nbformat
import sqlalchemy as sql
from nbgrader import api
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from autograder.authoring.build import solution_id
from autograder.gradebook import locking, people, registration, tables
from autograder.gradebook.changes import Change, differs, why_regraded
from autograder.gradebook.exercise_points import built_maxima
from autograder.gradebook.points import Maxima, adopt, as_text, stub_score
from autograder.gradebook.settings import Settings
from autograder.gradebook.tables import (
    ASSIGNMENT,
    BASE,
    CHANGE,
    COMMENT,
    GRADE,
    GRADE_CELL,
    GRADING,
    STUDENT,
    SUBMISSION,
    SUBMITTED,
    TASK_CELL,
    AssignmentRows,
)
from autograder.mastery.levels import Attempt, Judgement, Override
from autograder.model.course import Course, Lab
from autograder.model.errors import CourseError
from autograder.model.results import LabResult, Reading
from autograder.report.files import Key

T = TypeVar("T")
# So many results are read at a time.
AT_ONCE = 100


@dataclass(frozen=True)
class CurrentGrade:
    """What is known of a submission's current grade."""

    attempt: int
    content_hash: str
    submitted_at: datetime | None
    course_version: str
    engine_version: str | None
    secret: str
    status: str


@dataclass(frozen=True)
class GradeRecord:
    """A result to be written. `unanswered`: the cells, by nbgrader's names, that the student left as they were."""

    result: LabResult
    submitted_at: datetime | None = None
    unanswered: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Penalty:
    """What lateness took off a submission and takes now, in points."""

    key: Key
    before: float
    now: float


@dataclass(frozen=True)
class Total:
    """What a submission is worth by nbgrader: with what a person gave, less what lateness takes. Points.

    `names`: all by which the gradebook knows the student. `unread`: a person has still to look at it. `penalty`: what
    lateness took; `seconds_late`: None where nbgrader knows no due date or no time of the hand-in.
    """

    student: str
    names: tuple[str, ...]
    lab: str
    score: float
    max_score: float
    unread: bool
    penalty: float = 0.0
    handed_in: datetime | None = None
    seconds_late: float | None = None


class Gradebook:
    """The gradebook of a course, open. Every method raises CourseError where the database fails."""

    def __init__(self, course: Course, settings: Settings, url: str | None = None) -> None:
        self._course = course
        self._settings = settings
        self._url = url or settings.folders.db_url
        self._exercises: dict[str, Any] = {}
        self._sheets: dict[str, AssignmentRows] = {}
        self._still_held: locking.Check = lambda: None
        try:
            self._shown = sql.make_url(self._url).render_as_string(hide_password=True)
            self._engine = tables.open_engine(self._url)
        except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
            raise CourseError(f"{self._url.partition('://')[0]}: this gradebook cannot be used ({error}).") from error
        try:
            self._in_transaction(self._open)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        self._engine.dispose()

    def __enter__(self) -> "Gradebook":
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the gradebook's lock: no other `mastery grade` works on it meanwhile. nbgrader's commands may."""
        with self._told(), locking.hold(self._engine, self._shown) as self._still_held:
            try:
                yield
            finally:
                self._still_held = lambda: None

    def _open(self, connection: sql.Connection) -> None:
        locking.schema_alone(connection)
        if names := sql.inspect(connection).get_table_names():
            self._refuse_unknown(connection, names)
        tables.create(connection, self._settings.folders.course_id)
        version = connection.scalar(sql.select(tables.OWN_SCHEMA.c.version))
        if version is None:
            for statement in tables.INDEXES:
                connection.execute(sql.text(statement))
            connection.execute(tables.OWN_SCHEMA.insert().values(version=tables.SCHEMA))
        elif version == 1:
            for statement in tables.NEW_COLUMNS:
                connection.execute(sql.text(statement))
            connection.execute(sql.update(tables.OWN_SCHEMA).values(version=tables.SCHEMA))
        elif version != tables.SCHEMA:
            raise CourseError(
                f"The evidence in {self._shown} has form {version}, and this program knows {tables.SCHEMA}; use "
                "the version of this program that wrote it, or name another gradebook with --db."
            )

    def _refuse_unknown(self, connection: sql.Connection, names: Sequence[str]) -> None:
        version = connection.scalar(sql.select(tables.VERSION)) if "alembic_version" in names else None
        if version != tables.NBGRADER_SCHEMA:
            raise CourseError(
                f"{self._shown} holds nbgrader's schema {version or 'of no version'}, and this program knows "
                f"{tables.NBGRADER_SCHEMA}. Back it up and run `nbgrader db upgrade`, or name another with --db."
            )

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except (DBAPIError, api.InvalidEntry) as error:
            said = " ".join(str(getattr(error, "orig", error)).split())
            raise CourseError(
                f"The gradebook {self._shown} cannot be read or written: {said}. What was graded before is kept; when "
                "it can be reached again, run the same command again."
            ) from error

    def _in_transaction(self, work: Callable[[sql.Connection], T]) -> T:
        """All of the work or none, again if another program got in the way."""

        def once() -> T:
            with self._engine.begin() as connection:
                return work(connection)

        with self._told():
            return locking.patiently(once, self._shown)

    # What is there

    def graded(self) -> dict[Key, CurrentGrade]:
        """The current grade of every submission, by student and lab."""
        columns = (
            *(SUBMISSION.c.student_id, ASSIGNMENT.c.name, GRADING.c.attempt, GRADING.c.content_hash),
            *(GRADING.c.submitted_at, GRADING.c.course_version, GRADING.c.engine_version, GRADING.c.secret),
            GRADING.c.status,
        )
        rows = self._in_transaction(lambda connection: connection.execute(tables.current(*columns)).all())
        return {(student, lab): CurrentGrade(*rest) for student, lab, *rest in rows}

    def results(self, keys: Sequence[Key] | None = None) -> list[LabResult]:
        """The current results, in order of student and lab: of all submissions, or of those named."""
        query = tables.current(GRADING.c.result).order_by(SUBMISSION.c.student_id, ASSIGNMENT.c.name)
        if keys is not None:
            query = query.where(sql.or_(sql.false(), *(tables.named(key) for key in keys)))
        rows = self._in_transaction(lambda connection: connection.execute(query).all())
        return [LabResult.model_validate_json(result) for (result,) in rows]

    def each_result(self) -> Iterator[LabResult]:
        """The current results, in order of student and lab, a few at a time: those of a class take much memory."""
        keys = sorted(self.graded())
        for start in range(0, len(keys), AT_ONCE):
            yield from sorted(self.results(keys[start : start + AT_ONCE]), key=lambda each: (each.student, each.lab))

    def attempts(self, student: str, lab: str) -> list[tuple[datetime, LabResult]]:
        """All that is kept of a submission, oldest first, with when it was graded."""
        query = (
            sql.select(GRADING.c.graded_at, GRADING.c.result)
            .select_from(tables.SUBMITTED_GRADINGS)
            .where(tables.named((student, lab)))
            .order_by(GRADING.c.id)
        )
        rows = self._in_transaction(lambda connection: connection.execute(query).all())
        return [(graded_at, LabResult.model_validate_json(result)) for graded_at, result in rows]

    def students(self) -> list[str]:
        """All whose work was graded, in order."""
        query = sql.select(SUBMISSION.c.student_id).distinct().select_from(tables.SUBMITTED_GRADINGS)
        rows = self._in_transaction(lambda connection: connection.execute(query).all())
        return sorted(student for (student,) in rows)

    def history(self, student: str) -> dict[str, list[Attempt]]:
        """Every attempt of a student as it was last graded, oldest first, by lab."""
        theirs = sql.select(SUBMISSION.c.id).where(SUBMISSION.c.student_id == student)
        newest = sql.select(sql.func.max(GRADING.c.id)).where(GRADING.c.submission_id.in_(theirs))
        newest = newest.group_by(GRADING.c.submission_id, GRADING.c.attempt)
        query = (
            sql.select(ASSIGNMENT.c.name, GRADING.c.submitted_at, GRADING.c.graded_at, GRADING.c.result)
            .select_from(tables.SUBMITTED_GRADINGS)
            .where(GRADING.c.id.in_(newest))
            .order_by(GRADING.c.attempt)
        )
        rows = self._in_transaction(lambda connection: connection.execute(query).all())
        found: dict[str, list[Attempt]] = {}
        for lab, submitted_at, graded_at, result in rows:
            attempt = Attempt(submitted_at or graded_at, LabResult.model_validate_json(result))
            found.setdefault(lab, []).append(attempt)
        return found

    def packets(self, student: str, lab: str) -> dict[int, Reading]:
        """A student's packets by attempt, oldest first, as they were last read."""
        found = {result.attempt: result.packet for _, result in self.attempts(student, lab)}
        return {attempt: packet for attempt, packet in sorted(found.items()) if packet is not None}

    def judgements(self) -> dict[str, list[Judgement]]:
        """By student, what a person judged and need not look at again."""
        query = (
            sql.select(SUBMISSION.c.student_id, ASSIGNMENT.c.name, BASE.c.name)
            .add_columns(GRADE.c.manual_score >= TASK_CELL.c.max_score, COMMENT.c.manual_comment)
            .select_from(_CELLS_OF_STUDENTS.join(TASK_CELL, TASK_CELL.c.id == BASE.c.id))
            .join(GRADE, sql.and_(GRADE.c.notebook_id == SUBMITTED.c.id, GRADE.c.cell_id == BASE.c.id))
            .outerjoin(COMMENT, sql.and_(COMMENT.c.notebook_id == SUBMITTED.c.id, COMMENT.c.cell_id == BASE.c.id))
            .where(GRADE.c.manual_score.is_not(None), GRADE.c.needs_manual_grade.is_(False))
        )
        found: dict[str, list[Judgement]] = {}
        for student, lab, row, satisfied, comment in self._in_transaction(lambda once: once.execute(query).all()):
            judgement = Judgement(lab=lab, row=row, satisfied=satisfied, comment=comment)
            found.setdefault(student, []).append(judgement)
        return found

    def overrides(self) -> dict[str, list[Override]]:
        """By student, the cells, most of them stubs, whose full score a person gave and need not look at again."""
        graded = (
            sql.select(SUBMITTED.c.id, SUBMISSION.c.student_id, ASSIGNMENT.c.name, BASE.c.name)
            .select_from(_CELLS_OF_STUDENTS.join(GRADE_CELL, GRADE_CELL.c.id == BASE.c.id))
            .join(GRADE, sql.and_(GRADE.c.notebook_id == SUBMITTED.c.id, GRADE.c.cell_id == BASE.c.id))
            .where(GRADE.c.manual_score >= GRADE_CELL.c.max_score, GRADE_CELL.c.max_score > 0)
            .where(GRADE.c.needs_manual_grade.is_(False))
        )
        commented = (
            sql.select(SUBMITTED.c.id, BASE.c.name, COMMENT.c.manual_comment)
            .select_from(_CELLS_OF_STUDENTS)
            .join(COMMENT, sql.and_(COMMENT.c.notebook_id == SUBMITTED.c.id, COMMENT.c.cell_id == BASE.c.id))
            .where(COMMENT.c.manual_comment.is_not(None))
        )
        rows, comments = self._in_transaction(lambda once: (once.execute(graded).all(), once.execute(commented).all()))
        said = {(notebook, cell): text for notebook, cell, text in comments}
        found: dict[str, list[Override]] = {}
        for notebook, student, lab, stub in rows:
            comment = said.get((notebook, solution_id(stub)))
            found.setdefault(student, []).append(Override(lab=lab, stub=stub, comment=comment))
        return found

    def shown(self, labs: Collection[str]) -> dict[Key, str]:
        """By submission, a digest of all that its feedback shows from the gradebook."""
        return self._in_transaction(lambda connection: tables.shown(connection, labs))

    def totals(self) -> list[Total]:
        """Of all submissions that have grades, in order of student."""
        student, submission = api.Student, api.SubmittedAssignment
        has_grades = sql.exists().where(
            SUBMITTED.c.assignment_id == SUBMISSION.c.id, GRADE.c.notebook_id == SUBMITTED.c.id
        )
        query = (
            sql.select(student.id, student.lms_user_id, student.email, ASSIGNMENT.c.name, submission.score)
            .add_columns(submission.late_submission_penalty, submission.max_score, submission.needs_manual_grade)
            .add_columns(SUBMISSION.c.timestamp, ASSIGNMENT.c.duedate, SUBMISSION.c.extension)
            .select_from(SUBMISSION.join(STUDENT).join(ASSIGNMENT))
            .where(has_grades)
            .order_by(student.id)
        )
        rows = self._in_transaction(lambda connection: connection.execute(query).all())
        return [
            Total(
                student=name,
                names=tuple(filter(None, (name, lms_id, email))),
                lab=lab,
                score=max(0.0, score - penalty),
                max_score=most,
                unread=bool(unread),
                penalty=penalty,
                handed_in=handed_in,
                seconds_late=None if None in (handed_in, due) else _seconds_late(handed_in, due, extension),
            )
            for name, lms_id, email, lab, score, penalty, most, unread, handed_in, due, extension in rows
        ]

    def changes(self) -> list[Change]:
        """The scores that have changed though the attempt was the same, oldest first."""
        kept = [column for column in CHANGE.c if column.name not in ("id", "submission_id")]
        query = (
            sql.select(SUBMISSION.c.student_id.label("student"), ASSIGNMENT.c.name.label("lab"), *kept)
            .select_from(CHANGE.join(SUBMISSION, SUBMISSION.c.id == CHANGE.c.submission_id).join(ASSIGNMENT))
            .order_by(CHANGE.c.id)
        )
        rows = self._in_transaction(lambda connection: connection.execute(query).mappings().all())
        return [Change.model_validate(dict(row)) for row in rows]

    def maxima(self) -> dict[str, float]:
        """What each lab that nbgrader knows is worth, in points."""
        query = sql.select(ASSIGNMENT.c.name, api.Assignment.max_score).select_from(ASSIGNMENT)
        return {name: most or 0.0 for name, most in self._in_transaction(lambda once: once.execute(query).all())}

    # Whose it is

    def roster(self) -> dict[str, str]:
        """Everyone in nbgrader's table of students, in order, with their first and last name; "" where it has none."""
        return self._in_transaction(people.roster)

    def removed(self) -> set[str]:
        """Those who were removed, by our command or by nbgrader's, and weren't added again."""
        return self._in_transaction(people.removed)

    def belongings(self, student: str) -> people.Belongings | None:
        """What the gradebook holds of a student; None where it doesn't know them."""
        return self._in_transaction(lambda connection: people.belongings(connection, student))

    def drop(self, student: str) -> None:
        """Remove a student with everything the gradebook holds of theirs."""
        self._in_transaction(lambda connection: people.drop(connection, student))

    def rename(self, old: str, new: str) -> None:
        """Give a student another name, wherever the gradebook has the old one."""
        self._in_transaction(lambda connection: people.rename(connection, old, new))

    # A lab

    def adopt_points(self) -> tuple[list[Change], list[Penalty]]:
        """Give every lab that's in the gradebook the points of its exercise, and all scores what follows from that.

        Of each lab all is written or nothing. Raises CourseError where course.yaml and an exercise differ.
        """
        names = self._in_transaction(lambda connection: connection.scalars(sql.select(ASSIGNMENT.c.name)).all())
        built = [(lab, built_maxima(self._course, lab)) for lab in self._course.labs if lab.name in names]
        changes: list[Change] = []
        penalties: list[Penalty] = []
        for lab, maxima in built:

            def work(connection: sql.Connection, lab: Lab = lab, maxima: Maxima = maxima) -> Any:
                changed = adopt(connection, lab, maxima)
                return changed, self._count_lateness(connection) if changed else []

            changed, late = self._in_transaction(work)
            changes += changed
            penalties += late
        return changes, penalties

    def register(self, lab: Lab) -> None:
        """Enter the lab as `nbgrader generate_assignment` would, from what students open, unless it is there."""
        path = self._course.root / "exercises" / lab.name / f"{lab.name}.ipynb"
        self._exercises[lab.name] = _exercise(path)
        built_maxima(self._course, lab)
        try:
            self._sheets[lab.name] = self._in_transaction(lambda connection: self._sheet(connection, lab.name))
        except RuntimeError as error:  # of nbgrader, where submissions hang on the cells
            known = self._in_transaction(lambda connection: tables.read_rows(connection, lab)[1])
            others = ", ".join(sorted(known.keys() ^ _cells(self._exercises[lab.name]).keys()))
            raise CourseError(
                f"{path} has other cells than those that were graded before ({others}), and nbgrader keeps the grades "
                "of a cell. Put the cells back (a stub can be worth 0 points), or name another gradebook with --db."
            ) from error

    def _sheet(self, connection: sql.Connection, name: str) -> AssignmentRows:
        """The lab's rows as they are now, entered first if they're missing or different."""
        lab, exercise = self._course.lab(name), self._exercises[name]
        sheet, known = tables.read_rows(connection, lab)
        if sheet is None or known != _cells(exercise):
            locking.schema_alone(connection)  # another process may be entering the lab right now
            sheet, known = tables.read_rows(connection, lab)
        if sheet is None or known != _cells(exercise):
            registration.enter(connection, self._settings.folders.course_id, name, exercise)
            sheet, _ = tables.read_rows(connection, lab)
        assert sheet is not None
        return sheet

    # Writing

    def write(self, entries: Sequence[GradeRecord]) -> list[Change]:
        """Write scores, penalties and evidence of results, whose labs are registered; all of them or none.

        Returns the scores that changed though the attempt is the same; they are written down together with the rest.
        """
        with self._told():
            self._still_held()
        return self._in_transaction(lambda connection: self._write(connection, entries))

    def count_lateness(self) -> list[Penalty]:
        """Count all late penalties again, for an extension or a person's points may be new; those that changed."""
        return self._in_transaction(self._count_lateness)

    def _count_lateness(self, connection: sql.Connection) -> list[Penalty]:
        late = SUBMISSION.c.timestamp > ASSIGNMENT.c.duedate
        query = (
            sql.select(SUBMITTED.c.id, SUBMISSION.c.student_id, ASSIGNMENT.c.name, api.SubmittedNotebook.score)
            .add_columns(SUBMITTED.c.late_submission_penalty, SUBMISSION.c.timestamp, ASSIGNMENT.c.duedate)
            .add_columns(SUBMISSION.c.extension)
            .select_from(SUBMITTED.join(SUBMISSION, SUBMISSION.c.id == SUBMITTED.c.assignment_id).join(ASSIGNMENT))
            .where(SUBMISSION.c.id.in_(sql.select(GRADING.c.submission_id)))
            .where(late | SUBMITTED.c.late_submission_penalty.is_not(None))
            .order_by(SUBMISSION.c.student_id, ASSIGNMENT.c.name)
        )
        changed = []
        for row, student, lab, score, before, *times in connection.execute(query).all():
            now = self._settings.late_penalty(student, score, _seconds_late(*times))
            if (now or 0.0) != (before or 0.0):
                update = sql.update(SUBMITTED).where(SUBMITTED.c.id == row)
                connection.execute(update.values(late_submission_penalty=now))
                changed.append(Penalty((student, lab), before or 0.0, now or 0.0))
        return changed

    def _rows(self, connection: sql.Connection, entries: Sequence[GradeRecord]) -> tuple[Any, list[str], Any, Any]:
        """The entries' submissions, notebooks' ids, grades and comments at nbgrader's; what is missing is made."""
        students = {entry.result.student for entry in entries}
        tables.insert_missing(connection, STUDENT, ["id"], [{"id": student} for student in sorted(students)])
        pages = [
            {"assignment_id": self._sheets[each.result.lab].assignment, "student_id": each.result.student}
            for each in entries
        ]
        found = tables.insert_missing(connection, SUBMISSION, ["assignment_id", "student_id"], pages)
        submissions = [found[tuple(page.values())] for page in pages]
        notebooks = [
            {"assignment_id": submission.id, "notebook_id": self._sheets[each.result.lab].notebook}
            for each, submission in zip(entries, submissions, strict=True)
        ]
        parts = tables.insert_missing(
            connection, SUBMITTED, ["assignment_id", "notebook_id"], notebooks, {"flagged": False}
        )
        rows = [parts[tuple(notebook.values())].id for notebook in notebooks]
        graded, commented = [], []
        for each, row in zip(entries, rows, strict=True):
            sheet = self._sheets[each.result.lab]
            graded += [{"notebook_id": row, "cell_id": cell} for cell in sheet.graded.values()]
            commented += [{"notebook_id": row, "cell_id": cell} for cell in sheet.commented.values()]
        keys = ["notebook_id", "cell_id"]
        grades = tables.insert_missing(connection, GRADE, keys, graded, {"needs_manual_grade": True})
        comments = tables.insert_missing(connection, COMMENT, keys, commented)
        return submissions, rows, grades, comments

    def _write(self, connection: sql.Connection, entries: Sequence[GradeRecord]) -> list[Change]:
        # Again, for nbgrader may have entered the lab anew since; these rows' ids are what the grades hang on.
        for lab in sorted({entry.result.lab for entry in entries}):
            self._sheets[lab] = self._sheet(connection, lab)
        submissions, rows, grades, comments = self._rows(connection, entries)
        before = tables.last_gradings(connection, [submission.id for submission in submissions])
        now = datetime.now(UTC).replace(tzinfo=None)
        updates: dict[sql.Table, list[dict[str, Any]]] = {SUBMISSION: [], SUBMITTED: [], GRADE: [], COMMENT: []}
        gradings = []
        changes: dict[str, Change] = {}
        for each, submission, row in zip(entries, submissions, rows, strict=True):
            sheet, result = self._sheets[each.result.lab], each.result
            last = before.get(submission.id)
            fresh = last is None or last.attempt != result.attempt
            if last is not None and not fresh:
                changes |= _changed(submission.id, LabResult.model_validate_json(last.result), result, now)
            total = 0.0
            for name, cell in sheet.graded.items():
                grade = grades[row, cell]
                auto, needed = _auto_score(self._course.lab(result.lab), sheet, each, name)
                if grade.manual_score is not None:
                    needed = grade.needs_manual_grade or fresh or auto != grade.auto_score
                updates[GRADE].append({"b_id": grade.id, "auto_score": auto, "needs_manual_grade": needed})
                total += auto or 0.0 if grade.manual_score is None else grade.manual_score
                total += grade.extra_credit or 0.0
            for name, cell in sheet.commented.items():
                said = "No response." if name in each.unanswered else None
                updates[COMMENT].append({"b_id": comments[row, cell].id, "auto_comment": said})
            submitted_at = each.submitted_at or submission.timestamp
            late = _seconds_late(submitted_at, sheet.duedate, submission.extension)
            penalty = self._settings.late_penalty(result.student, total, late)
            updates[SUBMISSION].append({"b_id": submission.id, "timestamp": submitted_at})
            updates[SUBMITTED].append({"b_id": row, "late_submission_penalty": penalty})
            # A course that was edited meanwhile has other points, perhaps.
            maxima = as_text(sheet.maxima) if result.course_version == self._course.version else None
            gradings.append({**_grading(submission.id, each, now), "maxima": maxima})
        for table, values in updates.items():
            tables.update_each(connection, table, values)
        same = [sql.bindparam(f"b_{name}") == GRADING.c[name] for name in _ONE_GRADING]
        doubles = [{f"b_{name}": grading[name] for name in _ONE_GRADING} for grading in gradings]
        connection.execute(sql.delete(GRADING).where(*same), doubles)
        connection.execute(sql.insert(GRADING), gradings)
        tables.keep_changes(connection, changes)
        return list(changes.values())


_CELLS_OF_STUDENTS = (
    SUBMITTED.join(SUBMISSION, SUBMISSION.c.id == SUBMITTED.c.assignment_id)
    .join(ASSIGNMENT, ASSIGNMENT.c.id == SUBMISSION.c.assignment_id)
    .join(BASE, BASE.c.notebook_id == SUBMITTED.c.notebook_id)
)
_ONE_GRADING = ("submission_id", "attempt", "course_version")


def _exercise(path: Path) -> Any:
    try:
        return nbformat.read(path, as_version=4)
    except FileNotFoundError:
        raise CourseError(f"{path} does not exist; make it with `mastery build`.") from None
    except Exception as error:  # nbformat names no common one
        raise CourseError(f"{path} is no notebook ({error}); make it anew with `mastery build`.") from error


def _cells(exercise: Any) -> tables.Cells:
    """Maximum and checksum of each cell that nbgrader knows, by its name."""
    known = [cell.metadata.nbgrader for cell in exercise.cells if "nbgrader" in cell.metadata]
    return {
        each.grade_id: (float(each.points) if each.get("grade") or each.get("task") else None, each.get("checksum"))
        for each in known
    }


# --- scores


def _auto_score(lab: Lab, sheet: AssignmentRows, entry: GradeRecord, name: str) -> tuple[float | None, bool]:
    """nbgrader's automatic score of a graded cell, and whether a person has to look at it."""
    result = entry.result
    if name not in [stub.name for stub in lab.stubs]:
        return (0.0, False) if name in entry.unanswered else (None, True)
    return stub_score(result, name, sheet.maxima[name])


def _changed(submission: str, before: LabResult, after: LabResult, now: datetime) -> dict[str, Change]:
    """What to write down of an attempt that was graded again; nothing where its score is the same."""
    if not differs(before.score, after.score) and before.max_score == after.max_score:
        return {}
    change = Change(
        changed_at=now,
        student=after.student,
        lab=after.lab,
        attempt=after.attempt,
        before=before.score,
        max_before=before.max_score,
        after=after.score,
        max_after=after.max_score,
        why=why_regraded(before, after),
    )
    return {submission: change}


def _seconds_late(submitted_at: datetime | None, duedate: datetime | None, extension: Any) -> float:
    if submitted_at is None or duedate is None:
        return 0.0
    due: datetime = duedate if extension is None else duedate + extension
    return max(0.0, (submitted_at - due).total_seconds())


def _grading(submission: str, entry: GradeRecord, now: datetime) -> dict[str, Any]:
    result = entry.result
    return {
        "submission_id": submission,
        "attempt": result.attempt,
        "submitted_at": entry.submitted_at,
        "graded_at": now,
        "content_hash": result.content_hash,
        "course_version": result.course_version,
        "engine_version": result.engine_version or None,
        "secret": result.secret,
        "status": result.status,
        "score": result.score,
        "max_score": result.max_score,
        "result": result.model_dump_json(),
    }
