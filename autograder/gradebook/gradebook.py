"""Read and write scores and evidence in nbgrader's gradebook in bulk, one transaction per chunk of submissions.

nbgrader's rows are updated in place, since formgrader's URLs contain their ids. The evidence of every attempt is stored
alongside them in the table `mastery_grading`, and is deleted when nbgrader removes the submission.
"""

import functools
import itertools
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import sqlalchemy as sql
from nbgrader import api
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError

from autograder.gradebook import facts, locking, people, queries, registration, results_file, schema, tables, writing
from autograder.gradebook.changes import Change
from autograder.gradebook.errors import GradebookError
from autograder.gradebook.exercise_points import built_maxima
from autograder.gradebook.points import Maxima, adopt, is_outdated
from autograder.gradebook.records import CurrentGrade, GradeRecord, Total
from autograder.gradebook.settings import Settings
from autograder.gradebook.tables import ASSIGNMENT, FACTS, GRADING, SUBMISSION, AssignmentRows
from autograder.mastery.course_levels import FactHistories
from autograder.mastery.facts import AttemptFacts
from autograder.mastery.levels import Attempt, Judgement, Override
from autograder.model.course import Course, Lab, load
from autograder.model.results import AttachmentReport, Difference, Key, LabResult

T = TypeVar("T")
# How many results to read at a time.
AT_ONCE = 100


class Gradebook:
    """The open gradebook of a course. Every method raises GradebookError if the database fails."""

    def __init__(self, course: Course, settings: Settings, url: str | None = None) -> None:
        self._course = course
        self._settings = settings
        self._url = url or settings.folders.db_url
        self._cells: dict[str, tables.Cells] = {}
        self._rows: dict[str, AssignmentRows] = {}
        self._still_held: locking.Check = lambda: None
        # Whether every result has its facts. Once true, it stays true, because new results are written with their
        # facts.
        self._has_all_facts = False
        try:
            self._shown = sql.make_url(self._url).render_as_string(hide_password=True)
            self._engine = tables.open_engine(self._url)
        except ModuleNotFoundError as error:
            kind = self._url.partition("://")[0]
            more = "; to install it: pip install 'llm-mastery[postgresql]'" if error.name == "psycopg" else ""
            raise GradebookError(f"{kind}: this gradebook needs {error.name}, which isn't installed{more}.") from error
        except (ArgumentError, NoSuchModuleError) as error:
            raise GradebookError(f"{self._url.partition('://')[0]}: this gradebook can't be used ({error}).") from error
        try:
            self._in_transaction(lambda each: schema.bring_up_to_date(each, self._shown, settings.folders.course_id))
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
    def alone(self) -> Iterator[Course]:
        """Hold the gradebook's lock, which keeps other `mastery grade` commands out, but not nbgrader's commands.

        Yields the course, reloaded in case someone edited it while we waited. Raises UserError.
        """
        with self._told(), locking.hold(self._engine, self._shown) as self._still_held:
            try:
                self._course = load(self._course.root)
                yield self._course
            finally:
                self._still_held = lambda: None

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except (DBAPIError, api.InvalidEntry) as error:
            said = " ".join(str(getattr(error, "orig", error)).split())
            raise GradebookError(
                f"The gradebook {self._shown} can't be read or written: {said}. Everything graded so far is "
                "saved. Run the same command again once the gradebook is available."
            ) from error

    def _in_transaction(self, work: Callable[[sql.Connection], T]) -> T:
        """Do the work in one transaction and return its result. Retry if it conflicts with another program."""

        def once() -> T:
            with self._engine.begin() as connection:
                return work(connection)

        with self._told():
            return locking.patiently(once, self._shown)

    # Reading

    def graded(self, students: Collection[str] | None = None) -> dict[Key, CurrentGrade]:
        """Return the current grade of every submission (or only these students' submissions) by student and lab."""
        self._complete_facts()
        columns = (
            *(SUBMISSION.c.student_id, ASSIGNMENT.c.name, GRADING.c.attempt, GRADING.c.content_hash),
            *(GRADING.c.submitted_at, GRADING.c.course_version, FACTS.c.engine_version, GRADING.c.secret),
            GRADING.c.status,
        )
        theirs = None if students is None else tables.submissions_of(SUBMISSION.c.student_id.in_(students))
        query = sql.select(*columns).select_from(
            tables.SUBMITTED_GRADINGS.join(FACTS, FACTS.c.grading_id == GRADING.c.id)
        )
        query = query.where(GRADING.c.id.in_(tables.newest(theirs)))
        rows = self._in_transaction(lambda connection: connection.execute(query).all())
        return {(student, lab): CurrentGrade(*rest) for student, lab, *rest in rows}

    def graded_under_others(self, secret: str) -> set[Key]:
        """Return the submissions that were graded with any secret other than the one with this fingerprint."""
        # two comparisons instead of !=, so that the database can use an index
        other = sql.or_(GRADING.c.secret < secret, GRADING.c.secret > secret)
        query = sql.select(SUBMISSION.c.student_id, ASSIGNMENT.c.name).select_from(tables.SUBMITTED_GRADINGS)
        rows = self._in_transaction(lambda connection: connection.execute(query.where(other)).all())
        return {(student, lab) for student, lab in rows}

    def results(self, keys: Sequence[Key] | None = None) -> list[LabResult]:
        """Return the current results of all submissions, or only of those in `keys`, ordered by student and lab."""
        named = None if keys is None else tables.submissions_of(sql.or_(sql.false(), *map(tables.named, keys)))
        query = sql.select(GRADING.c.result).select_from(tables.SUBMITTED_GRADINGS)
        query = query.where(GRADING.c.id.in_(tables.newest(named))).order_by(SUBMISSION.c.student_id, ASSIGNMENT.c.name)
        rows = self._in_transaction(lambda connection: connection.execute(query).all())
        return [LabResult.model_validate_json(result) for (result,) in rows]

    def each_current(self) -> Iterator[tuple[str, AttemptFacts, str]]:
        """Yield each submission's student, facts and current result (as JSON), ordered by student and lab."""
        found = (
            (student, max(attempts, key=lambda each: each.grading or 0))
            for student, history in self.histories(self.students())
            for _, attempts in sorted(history.items())
        )
        while some := list(itertools.islice(found, AT_ONCE)):
            yield from self._with_lines(some)

    def _with_lines(self, some: Sequence[tuple[str, AttemptFacts]]) -> Iterator[tuple[str, AttemptFacts, str]]:
        ids = [each.grading for _, each in some if each.grading is not None]
        lines = self._in_transaction(lambda connection: facts.lines(connection, ids))
        for student, each in some:
            if each.grading in lines:  # nbgrader may have deleted this result in the meantime
                yield student, each, lines[each.grading]

    def lines_after(self, last: int) -> Iterator[str]:
        """Yield all results after the one with this id, as JSON, oldest first."""

        def some(connection: sql.Connection) -> dict[int, str]:
            return facts.lines(connection, results_file.after(connection, last, AT_ONCE))

        while lines := self._in_transaction(some):
            yield from (line for _, line in sorted(lines.items()))
            last = max(lines)

    def end_of_file(self, path: Path, size: int) -> int | None:
        """Return the id of the last result in a results file of `size` bytes; None if we have to rewrite the file."""
        return self._in_transaction(lambda connection: results_file.end_of(connection, str(path.resolve()), size))

    def remember_file(self, path: Path, size: int) -> None:
        """Record that this results file, `size` bytes long, holds everything in the gradebook."""
        self._in_transaction(lambda connection: results_file.remember(connection, str(path.resolve()), size))

    def attempts(self, student: str, lab: str) -> list[tuple[datetime, LabResult]]:
        """Return every stored result of a submission and when it was graded, oldest first."""
        query = (
            sql.select(GRADING.c.graded_at, GRADING.c.result)
            .select_from(tables.SUBMITTED_GRADINGS)
            .where(tables.named((student, lab)))
            .order_by(GRADING.c.id)
        )
        rows = self._in_transaction(lambda connection: connection.execute(query).all())
        return [(graded_at, LabResult.model_validate_json(result)) for graded_at, result in rows]

    def students(self) -> list[str]:
        """Return the students with graded work, sorted."""
        query = sql.select(SUBMISSION.c.student_id).distinct()
        query = query.where(SUBMISSION.c.id.in_(sql.select(GRADING.c.submission_id)))
        return sorted(self._in_transaction(lambda connection: connection.scalars(query).all()))

    def history(self, student: str) -> dict[str, list[Attempt]]:
        """Return a student's attempts by lab, oldest first, each with its newest result."""
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

    def without_facts(self) -> int:
        """Return how many results still have no facts, because an earlier version of this program wrote them."""
        return self._in_transaction(facts.missing)

    def add_facts(self) -> Iterator[int]:
        """Add missing facts a chunk at a time, and yield each chunk's size. A later call can add the rest."""

        def work(connection: sql.Connection) -> Sequence[int]:
            return facts.add_missing(connection, last, AT_ONCE)

        last = 0
        while self.without_facts() and (ids := self._in_transaction(work)):
            last = ids[-1]
            yield len(ids)
        self._has_all_facts = True

    def _complete_facts(self) -> None:
        if not self._has_all_facts:
            for _ in self.add_facts():
                pass

    def histories(self, students: Sequence[str]) -> Iterator[tuple[str, FactHistories]]:
        """Yield each student and the facts of their attempts by lab, oldest first, reading a few students at a time."""
        self._complete_facts()
        known: facts.Known = {}
        for start in range(0, len(students), AT_ONCE):
            some = students[start : start + AT_ONCE]
            found = self._in_transaction(functools.partial(facts.of_students, students=some, known=known))
            yield from ((student, found.get(student, {})) for student in some)

    def answer(self, attempt: AttemptFacts, check: str) -> Difference | None:
        """Return how an answer differs from the expected one, as stored by a check; None if it stored nothing."""
        if (grading := attempt.grading) is None:
            return None
        return self._in_transaction(lambda connection: facts.answer(connection, grading, check))

    def attachments(self, student: str, lab: str) -> dict[int, AttachmentReport]:
        """Map each of a student's attempts at a lab to the newest report on its attachment."""
        found = {result.attempt: result.packet for _, result in self.attempts(student, lab)}
        return {attempt: report for attempt, report in sorted(found.items()) if report is not None}

    def runs(self, student: str) -> frozenset[str]:
        """Return the fingerprints of a student's graded runs in all labs."""
        query = sql.select(GRADING.c.run).select_from(
            GRADING.join(SUBMISSION, SUBMISSION.c.id == GRADING.c.submission_id)
        )
        query = query.where(SUBMISSION.c.student_id == student, GRADING.c.run.is_not(None))
        return frozenset(self._in_transaction(lambda connection: connection.scalars(query).all()))

    def judgements(self, students: Sequence[str]) -> dict[str, list[Judgement]]:
        """Map each student to the rows that a person has graded and that don't need another look."""
        return self._in_transaction(lambda connection: queries.judgements(connection, students))

    def overrides(self, students: Sequence[str]) -> dict[str, list[Override]]:
        """Map each student to the cells that a person gave full credit and that don't need another look."""
        return self._in_transaction(lambda connection: queries.overrides(connection, students))

    def shown(self, labs: Collection[str]) -> dict[Key, str]:
        """Map each submission to a digest of everything from the gradebook that its feedback shows."""
        return self._in_transaction(lambda connection: tables.shown(connection, labs))

    def totals(self, students: Sequence[str] | None = None) -> list[Total]:
        """Return the totals of all graded submissions, or only of these students' submissions, ordered by student."""
        return self._in_transaction(lambda connection: queries.totals(connection, students))

    def unread(self, students: Sequence[str]) -> dict[str, list[str]]:
        """Map each student to the labs in which a person still has to look at the student's submission."""
        return self._in_transaction(lambda connection: queries.unread(connection, students))

    def changes(self) -> list[Change]:
        """Return the scores and late penalties that changed even though the attempt didn't, oldest first."""
        return self._in_transaction(queries.changes)

    def lab_maxima(self) -> dict[str, float]:
        """Return the maximum points of each lab in the course that nbgrader knows about."""
        known = self._in_transaction(queries.maxima)
        return {lab.name: known[lab.name] for lab in self._course.labs if lab.name in known}

    # Students

    def roster(self, student: str | None = None) -> dict[str, str]:
        """Return all students in nbgrader's table (or just one), sorted, with their full names ("" if there's none)."""
        return self._in_transaction(lambda connection: people.roster(connection, student))

    def removed(self) -> set[str]:
        """Return the students who were removed, by our command or nbgrader's, and haven't been added back."""
        return self._in_transaction(people.removed)

    def belongings(self, student: str) -> people.Belongings | None:
        """Return how much of a student's work is in the gradebook; None if the student isn't in it."""
        return self._in_transaction(lambda connection: people.belongings(connection, student))

    def drop(self, student: str) -> None:
        """Remove a student and everything that belongs to them in the gradebook."""
        self._in_transaction(lambda connection: people.drop(connection, student))

    def rename(self, old: str, new: str) -> None:
        """Rename a student everywhere in the gradebook."""
        self._in_transaction(lambda connection: people.rename(connection, old, new))

    # Labs

    def adopt_points(self) -> list[Change]:
        """Set each lab's points in the gradebook to those in its exercise, and recompute all scores and late penalties.

        Each lab is updated in its own transaction. Raises CourseError if course.yaml and an exercise differ.
        """
        self._complete_facts()
        names = self._in_transaction(lambda connection: connection.scalars(sql.select(ASSIGNMENT.c.name)).all())
        built = [(lab, built_maxima(self._course, lab)) for lab in self._course.labs if lab.name in names]
        changes: list[Change] = []
        for lab, maxima in built:

            def work(connection: sql.Connection, lab: Lab = lab, maxima: Maxima = maxima) -> list[Change]:
                changed = adopt(connection, lab, maxima)
                return changed + writing.count_lateness(connection, self._settings) if changed else []

            changes += self._in_transaction(work)
        return changes

    def refuse_outdated_scores(self, labs: Collection[str]) -> None:
        """Raise GradebookError if any of these labs' points in nbgrader have changed since the lab was graded."""
        self._complete_facts()
        chosen = [lab for lab in self._course.labs if lab.name in labs]
        found = self._in_transaction(lambda connection: [lab.name for lab in chosen if is_outdated(connection, lab)])
        if found:
            raise GradebookError(
                f"The points of {', '.join(found)} have changed since it was graded, so its scores are out of date. "
                "Run `mastery grade`, then this command again."
            )

    def register(self, lab: Lab) -> None:
        """Register the lab from its exercise, as `nbgrader generate_assignment` does, if needed. Raises UserError."""
        path = self._exercise_path(lab.name)
        built_maxima(self._course, lab)
        self._cells[lab.name] = registration.cells_of(path)
        try:
            self._rows[lab.name] = self._in_transaction(lambda connection: self._current_rows(connection, lab.name))
        except RuntimeError as error:  # nbgrader raises this if submissions have grades for the old cells
            known = self._in_transaction(lambda connection: tables.read_rows(connection, lab)[1])
            others = ", ".join(sorted(known.keys() ^ self._cells[lab.name].keys()))
            raise GradebookError(
                f"The cells in {path} aren't the ones that were graded before ({others}), and nbgrader won't delete "
                "grades. Restore the old cells (give unwanted stubs 0 points), or name a different gradebook with --db."
            ) from error

    def _exercise_path(self, lab: str) -> Path:
        return self._course.root / "exercises" / lab / f"{lab}.ipynb"

    def _current_rows(self, connection: sql.Connection, name: str) -> AssignmentRows:
        """Return the lab's current rows, after registering the lab if they're missing or out of date."""
        lab = self._course.lab(name)
        rows, known = tables.read_rows(connection, lab)
        if rows is None or known != self._cells[name]:
            locking.schema_alone(connection)  # another process may be registering the lab right now
            rows, known = tables.read_rows(connection, lab)
        if rows is None or known != self._cells[name]:
            exercise = registration.exercise_at(self._exercise_path(name))
            registration.enter(connection, self._settings.folders.course_id, name, exercise)
            rows, _ = tables.read_rows(connection, lab)
        assert rows is not None
        return rows

    # Writing

    def write(self, records: Sequence[GradeRecord]) -> list[Change]:
        """Write the scores, penalties and evidence of results in one transaction. Register their labs first.

        Returns the scores and penalties that changed even though the attempt didn't. These changes are stored in the
        same transaction.
        """
        with self._told():
            self._still_held()

        def work(connection: sql.Connection) -> list[Change]:
            # Read the rows again: nbgrader may have replaced them in the meantime, and grades refer to their ids.
            for lab in sorted({record.result.lab for record in records}):
                self._rows[lab] = self._current_rows(connection, lab)
            return writing.write(connection, self._course, self._settings, self._rows, records)

        return self._in_transaction(work)

    def count_lateness(self, student: str | None = None) -> list[Change]:
        """Recompute all late penalties, or one student's, in case there are new extensions. Return those that changed.

        The changes are stored in the same transaction.
        """
        return self._in_transaction(lambda connection: writing.count_lateness(connection, self._settings, student))
