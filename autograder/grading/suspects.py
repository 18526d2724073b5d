"""Run checks on known wrong answers, and cache the results until they take up too much memory.

A trial is one run of a check on a misconception's code.
"""

from collections import defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field

from autograder.grading.execution import CheckRun, Verdict, run_locally, wanted
from autograder.guest.limits import elements
from autograder.model.course import Course
from autograder.testing.declarations import Misconception
from autograder.testing.rendering import nobody_reads
from autograder.testing.student import Answer, Call

# We cache trials until they take up this many bytes in total. Then we start over. A trial takes up `TRIAL_BYTES`, plus
# `ELEMENT_BYTES` for each number in its calls, since nearly all of these are in arrays or are small ids in lists. So
# there's room for all the trials of one lab and attempt. Otherwise, each wrong answer would make all of them again.
MAX_BYTES, TRIAL_BYTES, ELEMENT_BYTES = 64 * 1024 * 1024, 4096, 8


@dataclass(frozen=True)
class SuspectRun:
    """The result of a trial: the check's verdict and its calls."""

    verdict: Verdict
    calls: Sequence[Call]

    @property
    def size(self) -> int:
        """About how many bytes it takes up."""
        answers = [each.answer for each in self.calls if isinstance(each.answer, Answer)]
        data = [each.arguments for each in self.calls] + [[each.value, each.left, each.asked] for each in answers]
        return TRIAL_BYTES + ELEMENT_BYTES * elements(data)


@dataclass
class SuspectRuns:
    """Makes trials with the seeds of a student's runs, and caches them."""

    course: Course
    _known: dict[Hashable, dict[tuple[str, int], SuspectRun]] = field(default_factory=lambda: defaultdict(dict))
    _bytes: int = 0
    _of_one_student: dict[Hashable, SuspectRun] = field(default_factory=dict)

    def trial(self, suspect: Misconception, run: CheckRun) -> SuspectRun:
        """Return what the check in a student's run does with a misconception."""
        if "examinee" in wanted(run.test):
            own = (suspect.key, run.name, run.seed)
            if own not in self._of_one_student:
                self._of_one_student[own] = self._run(suspect, run)
            return self._of_one_student[own]
        known = self._known[suspect.key].get((run.name, run.seed))
        return self._keep(suspect, run, self._run(suspect, run)) if known is None else known

    def least_work_first(self, suspect: Misconception, runs: Sequence[CheckRun]) -> list[CheckRun]:
        """Put the runs first whose checks have already been tried on a misconception."""
        known = self._known[suspect.key]
        return sorted(runs, key=lambda run: (run.name, run.seed) not in known)

    def next_student(self) -> None:
        """Forget the trials of checks that are different for each student."""
        self._of_one_student.clear()

    def _run(self, suspect: Misconception, run: CheckRun) -> SuspectRun:
        distribution = suspect.distribution()
        functions, distributions = {suspect.of: suspect.fresh()}, {suspect.of: distribution} if distribution else {}
        with nobody_reads():
            return SuspectRun(*run_locally(self.course, run.test, run.seed, functions, distributions, run.examinee))

    def _keep(self, suspect: Misconception, run: CheckRun, trial: SuspectRun) -> SuspectRun:
        self._bytes += trial.size
        if self._bytes > MAX_BYTES:
            self._known.clear()
            self._bytes = trial.size
        self._known[suspect.key][run.name, run.seed] = trial
        return trial
