"""What levels and class figures are computed from: an attempt's outcomes, without the details that only a student's
page shows.

Facts don't depend on any rules for levels. So even though the gradebook stores facts, levels always follow the current
rules.
"""

import dataclasses
import functools
import json
from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from autograder.model import pitfalls
from autograder.model.results import Evidence, Kind, LabResult, Outcome, Problem

# What a person should look at, most serious first.
ALARMING = (Outcome.VIOLATION, Outcome.DIED, Outcome.TIMEOUT)


class CheckFacts(NamedTuple):
    """What one check found. An `Evidence` contains this too, plus everything that explains it.

    remark: the first line of an alarming outcome's message. is_missing: whether the notebook doesn't define the stub.
    has_answer: whether the evidence has the answer that the check got.
    """

    id: str
    kind: Kind
    title: str
    advisory: bool
    outcome: Outcome
    confirmed: bool | None
    misconception: str | None
    hint: str | None
    remark: str | None
    is_missing: bool
    has_answer: bool


@dataclasses.dataclass(frozen=True, eq=False)
class StubFacts:
    """What all of a stub's checks found in one attempt. Attempts with the same findings share one object."""

    stub: str
    checks: tuple[CheckFacts, ...]

    @functools.cached_property
    def mistakes(self) -> tuple[CheckFacts, ...]:
        """The checks that found a misconception, except advisory ones."""
        return tuple(each for each in self.checks if each.misconception is not None and not each.advisory)

    @functools.cached_property
    def mistake(self) -> str | None:
        """The names of these misconceptions; None if there are none."""
        return " or ".join(sorted({each.misconception for each in self.mistakes if each.misconception})) or None

    @functools.cached_property
    def counted(self) -> int:
        """How many checks there are, not counting advisory ones."""
        return sum(not each.advisory for each in self.checks)

    @functools.cached_property
    def passed(self) -> int:
        """How many of these checks passed."""
        return sum(each.outcome is Outcome.PASSED for each in self.checks if not each.advisory)

    @functools.cached_property
    def alarms(self) -> tuple[CheckFacts, ...]:
        """The checks with an alarming outcome."""
        return tuple(each for each in self.checks if each.outcome in ALARMING)

    @functools.cached_property
    def is_missing(self) -> bool:
        """Whether the notebook doesn't define the stub."""
        return any(each.is_missing for each in self.checks)

    def as_text(self) -> str:
        """Return these facts as JSON; the same facts always give the same text."""
        return json.dumps([self.stub, *self.checks])

    @classmethod
    def from_text(cls, text: str) -> "StubFacts":
        stub, *checks = json.loads(text)
        found = (CheckFacts(*each) for each in checks)
        return cls(stub, tuple(each._replace(outcome=Outcome(each.outcome)) for each in found))


@dataclasses.dataclass(frozen=True)
class AttemptFacts:
    """One graded attempt at a lab.

    when: when it was handed in, or graded if that isn't known; UTC.
    points: the points of each stub.
    problems: the problems in the file next to the notebook; None if no file was read.
    """

    lab: str
    attempt: int
    when: datetime
    status: str
    message: str | None
    score: float | None
    max_score: float
    stubs: tuple[StubFacts, ...]
    points: tuple[float, ...]
    problems: tuple[Problem, ...] | None = None
    # The gradebook row that holds the evidence.
    grading: int | None = None

    @property
    def is_graded(self) -> bool:
        return self.status != "not graded"

    @property
    def stub_points(self) -> dict[str, float]:
        """The points earned for each stub; empty if nothing was graded."""
        return {facts.stub: points for facts, points in zip(self.stubs, self.points, strict=True)}

    def of(self, stubs: Iterable[str]) -> list[StubFacts]:
        """Return the facts about each of these stubs, with no checks if there are none."""
        by_name = {each.stub: each for each in self.stubs}
        return [by_name.get(stub, NO_FACTS) for stub in stubs]


NO_FACTS = StubFacts("", ())


def facts_of(result: LabResult, when: datetime) -> AttemptFacts:
    """Return the facts about the result for work that was submitted (or graded) at that time."""
    checks: dict[str, list[Evidence]] = {}
    for each in result.checks:
        checks.setdefault(each.stub, []).append(each)
    return AttemptFacts(
        lab=result.lab,
        attempt=result.attempt,
        when=when,
        status=result.status,
        message=result.message,
        score=result.score,
        max_score=result.max_score,
        stubs=tuple(StubFacts(stub, tuple(map(_check, of))) for stub, of in checks.items()),
        points=tuple(sum(each.points for each in of) for of in checks.values()),
        problems=None if result.packet is None else tuple(result.packet.problems),
    )


def _check(found: Evidence) -> CheckFacts:
    alarming = found.outcome in ALARMING
    return CheckFacts(
        id=found.id,
        kind=found.kind,
        title=found.title,
        advisory=found.advisory,
        outcome=found.outcome,
        confirmed=found.confirmed,
        misconception=found.misconception,
        hint=found.hint,
        remark=(found.message or found.title).split("\n")[0] if alarming else None,
        is_missing=found.outcome is Outcome.UNSOLVED and found.slip != pitfalls.UNSOLVED,
        has_answer=found.difference is not None and found.difference.got is not None,
    )
