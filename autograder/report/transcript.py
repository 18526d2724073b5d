"""One student's progress, as a page: concepts with their evidence, mistakes, attempts, and what comes next."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from autograder.mastery.levels import (
    ConceptMastery,
    Gap,
    Histories,
    Level,
    StubMastery,
    StudentMastery,
    following,
    missing,
)
from autograder.model.course import Course
from autograder.model.mastery_rules import Concept
from autograder.model.results import Evidence
from autograder.report import svg
from autograder.report.check import template
from autograder.report.palette import COLOURS


@dataclass(frozen=True)
class Met:
    """A misconception that a student's answers matched.

    met: when the first attempt that matched it was handed in. overcome: when a later answer no longer matched it; None
    until then.
    """

    stub: str
    misconception: str
    hint: str
    met: datetime
    overcome: datetime | None


def transcript_page(course: Course, student: StudentMastery, history: Histories, self_checked: bool = False) -> str:
    """Return the transcript as a self-contained HTML page.

    self_checked: whether it's based on the student's own self-checks, which nobody has verified.
    """
    titles = {concept.name: concept.title for concept in course.concepts}
    lacking = {_lab_of(course, gap) for gap in student.gaps}
    gaps = tuple(gap for gap in student.gaps if _lab_of(course, gap) in history)
    return template("transcript.html.j2").render(
        course=course,
        student=student,
        self_checked=self_checked,
        columns=_columns(course, student.concepts),
        titles=titles,
        after={concept.name: [titles[name] for name in concept.after] for concept in course.concepts},
        stubs={each.name: _stubs_of(each, student) for each in course.concepts},
        by_attempt={each.stub: by_attempt(each) for each in student.stubs},
        checks=_checks(history),
        mistakes=mistakes_met(student, history),
        history={lab.title: history[lab.name] for lab in course.labs if lab.name in history},
        has_remarks=any(each.result.status != "graded" for tries in history.values() for each in tries),
        chart=_scores(course, history),
        missing=missing(course, student.model_copy(update={"gaps": gaps})),
        absent=[lab.title for lab in course.labs if lab.name not in history and lab.name in lacking],
        following=following(student),
        colours=COLOURS,
        levels=list(Level),
        completion=Level(course.mastery.completion),
    )


def mistakes_met(student: StudentMastery, history: Histories) -> list[Met]:
    """Return the misconceptions that a student's answers matched, in the order they first appeared."""
    caps: dict[str, StubMastery] = {each.stub: each for each in student.stubs}
    found: dict[tuple[str, str], tuple[Evidence, list[datetime], datetime | None]] = {}
    for attempts in history.values():
        for attempt in attempts:
            matched = {
                (each.stub, each.misconception): each
                for each in attempt.result.checks
                if each.misconception and not each.advisory
            }
            for (stub, name), each in matched.items():
                _, times, _ = found.get((stub, name or ""), (each, [], None))
                found[stub, name or ""] = (each, [*times, attempt.when], None)
            answered = {each.stub for each in attempt.result.checks if each.outcome != "unsolved"}
            for key, (each, times, overcome) in found.items():
                if key not in matched and key[0] in answered and overcome is None:
                    found[key] = (each, times, attempt.when)
    met = [
        Met(stub, name, each.hint or "", times[0], None if name == caps[stub].cap else overcome)
        for (stub, name), (each, times, overcome) in found.items()
        if stub in caps
    ]
    return sorted(met, key=lambda each: (each.met, each.stub, each.misconception))


def by_attempt(stub: StubMastery) -> str:
    """Return the levels of a stub's attempts, such as "1 attempted, 2–4 mastered"; "" if they're all at
    `stub.shown`."""
    found = []
    for level, numbers in itertools.groupby(stub.levels, key=lambda number: stub.levels[number]):
        first, *others = numbers
        found.append(f"{f'{first}–{others[-1]}' if others else first} {level}")
    return "" if set(stub.levels.values()) == {stub.shown.level} else ", ".join(found)


def _lab_of(course: Course, gap: Gap) -> str:
    lab = course.lab_of(gap.stub) if gap.stub else None
    return lab.name if lab else gap.concept


def _stubs_of(concept: Concept, student: StudentMastery) -> list[StubMastery]:
    """Return a concept's stubs, then its items, leaving out any that were neither handed in nor graded by a person."""
    found = [stub for stub in student.stubs if stub.stub in concept.stubs]
    found += [stub for stub in student.stubs if stub.stub in concept.items]
    return [stub for stub in found if stub.levels or stub.override]


def _columns(course: Course, concepts: Sequence[ConceptMastery]) -> list[list[ConceptMastery]]:
    """Return the concepts in columns. A concept's column depends on the length of its longest chain of
    prerequisites."""
    depth: dict[str, int] = {}
    for concept in course.concepts:
        depth[concept.name] = _depth(concept, depth)
    return [
        [each for each in concepts if depth[each.concept] == place]
        for place in range(max(depth.values(), default=-1) + 1)
    ]


def _depth(concept: Concept, known: Mapping[str, int]) -> int:
    return max((known[name] + 1 for name in concept.after), default=0)


def _checks(history: Histories) -> dict[str, list[Evidence]]:
    """Return the checks of each stub in the newest attempt that was graded."""
    found: dict[str, list[Evidence]] = {}
    for attempts in history.values():
        graded = [each.result for each in attempts if each.result.status != "not graded"]
        for each in graded[-1].checks if graded else ():
            found.setdefault(each.stub, []).append(each)
    return found


def _scores(course: Course, history: Histories) -> Markup:
    """Return a chart of the share of points earned in each lab. Earlier attempts are shown as marks."""
    rows = []
    for lab in course.labs:
        results = [each.result for each in history.get(lab.name, ())]
        if shares := [each.score / each.max_score for each in results if each.score is not None and each.max_score]:
            rows.append((lab.title, shares))
    if not rows:
        return Markup()
    key = svg.legend([("newest", "newest attempt"), ("earlier", "earlier attempts")])
    return key + svg.share_bars("Share of points by lab", rows)
