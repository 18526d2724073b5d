"""Grade submissions in this process. Whatever one submission contains or does, the others still get graded."""

import gc
import sys
from collections.abc import Mapping, Sequence

from autograder.grading import heartbeat
from autograder.grading.answers import as_text
from autograder.grading.attachments import read_handed_in
from autograder.grading.engine_version import ENGINE_VERSION
from autograder.grading.given_process import GivenProcess
from autograder.grading.grader import Grader, SubmissionUnderTest, under_test
from autograder.grading.jobs import ALONE_SECONDS, KEPT_BUSY, GradingContext, Job, not_graded
from autograder.grading.pytest_collection import collected, run_checks
from autograder.model import secrets
from autograder.model.course import Course, Lab, load
from autograder.model.errors import SubmissionError
from autograder.model.escaping import utf8
from autograder.model.garbage import collect_less
from autograder.model.results import Evidence, ItemAnswer, LabResult, Outcome, run_id, status_of
from autograder.model.submission import refuse_other_lab
from autograder.sandbox import open_plain, open_sandbox
from autograder.testing.references import load_torch
from autograder.testing.student import Answer


class GradingSession:
    """Everything that a grading process creates once and reuses: the course, the sandbox, and the grader with its
    caches."""

    def __init__(
        self,
        terms: GradingContext,
        visible_only: bool = False,
        helper: GivenProcess | None = None,
        fresh: bytes | None = None,
    ) -> None:
        """helper: the process that answers calls to givens, if it was started before the secret was read. fresh: as in
        `Grader`.

        Raises CourseError, and SandboxFault if the sandbox or the helper doesn't start.
        """
        load_torch()
        self.course = load(terms.root)
        self.sandbox = (
            open_sandbox(self.course, required=not visible_only) if terms.sandboxed else open_plain(self.course)
        )
        self.helper = helper or open_helper(self.course)
        self.grader = Grader(self.course, terms.secret, self_check=visible_only, fresh=fresh)
        self.fingerprint = secrets.fingerprint(terms.secret) if terms.secret else ""
        self.visible_only = visible_only
        gc.collect()
        collect_less()

    def close(self) -> None:
        self.sandbox.close()
        if self.helper is not None:
            self.helper.close()

    def grade(self, jobs: Sequence[Job]) -> list[LabResult]:
        """Return the results of the jobs, in the same order. Each may keep this process busy for `ALONE_SECONDS`."""
        return [
            self.graded(job, ALONE_SECONDS) or not_graded(job, self.course, self.fingerprint, KEPT_BUSY) for job in jobs
        ]

    def graded(self, job: Job, patience_seconds: float) -> LabResult | None:
        """Return the result of a job; None if it would keep this process busy for longer than `patience_seconds`.

        Raises CourseError.
        """
        lab = self.course.lab(job.lab)
        try:
            entry = self._entry(job, lab, patience_seconds)
        except SubmissionError as error:
            return self._result(job, lab, [], str(error))
        collected(self.grader, lab.name, self.visible_only)
        result = self._graded(job, entry)
        return None if entry.patience.ran_out else result

    def _entry(self, job: Job, lab: Lab, patience_seconds: float) -> SubmissionUnderTest:
        """Return a job's submission as an entry for the grader. Raises SubmissionError."""
        submission = job.submission()
        refuse_other_lab(submission, lab, self.course)
        student = None if self.visible_only else job.student
        return under_test(
            self.course,
            self.sandbox,
            submission,
            lab,
            job.attempt,
            job.stub,
            student,
            self.helper,
            job.earlier,
            keeps=self.visible_only,
            patience_seconds=patience_seconds,
        )

    def _graded(self, job: Job, entry: SubmissionUnderTest) -> LabResult:
        """Run the checks on an entry and return the job's result."""
        heartbeat.busy_for()
        try:
            self.run_checks(entry)
            result = self._result(job, entry.lab, self.grader.evidence(entry), None, self._answers(entry))
        except Exception as error:  # a bug in our code mustn't keep other submissions from being graded
            message = f"It can't be graded here ({type(error).__name__}: {error}); review it by hand."
            result = self._result(job, entry.lab, [], message)
        self.grader.runs.pop(entry.key, None)
        return result

    def run_checks(self, entry: SubmissionUnderTest) -> None:
        """Run the checks of an entry's lab on it. Raises KeyboardInterrupt or CourseError."""
        run_checks(self.grader, entry, self.visible_only)

    def _answers(self, entry: SubmissionUnderTest) -> dict[str, ItemAnswer]:
        """Return the answers to items, leaving out any that don't have the right form.

        Each answer is final for its round.
        """
        found = {}
        for run in self.grader.runs[entry.key]:
            item = run.check.stub
            if item in self.course.items and run.check.kind == "visible" and run.outcome is Outcome.PASSED:
                answer = run.calls[-1].answer
                assert isinstance(answer, Answer)
                found[item] = ItemAnswer(round=entry.examinee.round_of(item), answer=as_text(answer.value))
        return found

    def _result(
        self,
        job: Job,
        lab: Lab,
        evidence: list[Evidence],
        message: str | None,
        answers: Mapping[str, ItemAnswer] | None = None,
    ) -> LabResult:
        status = status_of(evidence)
        score = None if status == "not graded" else round(min(sum(each.points for each in evidence), lab.points), 4)
        if message is None and status != "graded":
            message = next(each.message for each in evidence if each.outcome is Outcome.NOT_GRADED)
        is_run = job.student and status != "not graded" and not self.visible_only
        return LabResult(
            student=job.student,
            lab=job.lab,
            attempt=job.attempt,
            status=status,
            score=score,
            max_score=lab.points,
            seconds=round(sum(each.seconds for each in evidence), 4),
            message=message and utf8(message),
            isolation=self.sandbox.isolation,
            content_hash=job.content_hash,
            run=run_id(job.student, job.lab, job.content_hash) if is_run else "",
            course_version=self.course.version,
            engine_version=ENGINE_VERSION,
            secret=self.fingerprint,
            checks=evidence,
            packet=None if job.attachment is None else read_handed_in(self.course, job.attachment),
            answers=dict(answers or {}),
        )


def open_helper(course: Course) -> GivenProcess | None:
    """Start the process that answers a batch's calls to givens.

    Returns None on systems other than Linux. There, the grading process itself answers them.
    """
    return GivenProcess(course) if sys.platform == "linux" else None
