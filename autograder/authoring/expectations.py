"""What we expect of a trial's result. Each expectation returns its complaints about a result, if it has any."""

import re
from collections.abc import Callable, Iterator

from autograder.authoring.simulation import notebooks
from autograder.mastery.levels import Level, stub_level
from autograder.model.course import Course, Lab
from autograder.model.results import Evidence, LabResult, Outcome
from autograder.testing.declarations import Misconception, MistakeKind

Expectation = Callable[[LabResult], list[str]]
# For each kind of misconception, the smallest and largest share of a stub's points that an answer may earn.
BANDS: dict[MistakeKind, tuple[float, float]] = {
    "misses_point": (0.0, 0.5),
    "constant": (0.0, 0.1),
    "convention": (0.4, 1.0),
    "edge": (0.4, 1.0),
    "conduct": (0.0, 1.0),
}
# The largest share of a lab's misconceptions that may be exempt from their range. Each exemption needs a reason. One
# may always be, with all its values: in a small lab, one is more than this share.
MOST_EXEMPT = 0.05


def full_marks(result: LabResult) -> list[str]:
    short = [] if result.score == result.max_score else [f"earns {result.score} of {result.max_score}"]
    return short + all_passed(result)


def all_passed(result: LabResult) -> list[str]:
    if not result.checks:
        return [result.message or "no check ran"]
    complaints = [
        f"{each.stub}::{each.id.split('::')[-1]} {each.outcome}: {each.message}"
        for each in result.checks
        if each.outcome is not Outcome.PASSED
    ]
    return complaints + [
        f"{each.id} passes on one seed but not on another" for each in result.checks if _is_chance(each)
    ]


def _is_chance(each: Evidence) -> bool:
    return each.outcome is Outcome.PASSED and each.confirmed is False


def nothing_earned(result: LabResult) -> list[str]:
    wrong = [each.id for each in result.checks if each.outcome is not Outcome.UNSOLVED]
    return ([f"earns {result.score}"] if result.score else []) + [f"{check} isn't unsolved" for check in wrong]


def named(stub: str, name: str) -> Expectation:
    def expect(result: LabResult) -> list[str]:
        if not result.checks:
            return [result.message or "no check ran"]
        failing = [each for each in of(stub, result) if each.outcome is not Outcome.PASSED]
        if not failing:
            return ["passes every check"]
        names = {name for each in failing for name in re.split(" (?:and|or) ", each.misconception or "")}
        raised = next((f" ({each.message})" for each in failing if each.exception), "")
        return [] if name in names else [f"fails, but isn't named{raised}"]

    return expect


def within_its_band(wrong: Misconception, worth: float) -> Expectation:
    """Expect a misconception to fail, to be identified, and to earn points in the range for its kind.

    If it's exempt or has no kind yet, it can earn any number of points.
    """
    if wrong.kind is None or wrong.exempt:
        return named(wrong.of, wrong.name)
    return both(named(wrong.of, wrong.name), earns_within(wrong.of, worth, BANDS[wrong.kind]))


def both(*expected: Expectation) -> Expectation:
    return lambda result: [complaint for expect in expected for complaint in expect(result)]


def earns_within(stub: str, worth: float, band: tuple[float, float]) -> Expectation:
    def expect(result: LabResult) -> list[str]:
        earned = sum(each.points for each in of(stub, result))
        lowest, highest = (share * worth for share in band)
        if lowest - 1e-4 <= earned <= highest + 1e-4:
            return []
        return [f"earns {earned:.2f} of {worth:g} points, but should earn {lowest:.2f} to {highest:.2f}"]

    return expect


def earns_nothing(stub: str) -> Expectation:
    """Expect a stub to earn no more than an empty one would."""

    def expect(result: LabResult) -> list[str]:
        earned = sum(each.points for each in of(stub, result))
        return [f"earns {earned:.2f} points by getting the answer from the grader"] if earned else []

    return both(at_most(stub, Level.ATTEMPTED), expect)


def described(wrong: Misconception) -> str:
    """Return a misconception's name and the values of its parameters."""
    return " ".join([wrong.name, *(f"{key}={value}" for key, value in wrong.parameters.items())])


def undeclared(course: Course, lab: Lab) -> Iterator[str]:
    """Yield what `certify` doesn't check: the points earned by misconceptions that are exempt or have no kind."""
    found = notebooks.wrong_answers(course, lab)
    if without := {each.name: None for each in found if each.kind is None}:
        yield (f"{len(without)} misconceptions have no kind, so nothing checks what they earn: " + ", ".join(without))
    for each in found:
        if each.exempt:
            yield f"{described(each)} is exempt from its range: {each.exempt}"


def too_many_exempt(course: Course, lab: Lab) -> list[str]:
    found = notebooks.wrong_answers(course, lab)
    exempt = [(each.of, each.name) for each in found if each.exempt]
    if len(set(exempt)) <= 1 or len(exempt) <= MOST_EXEMPT * len(found):
        return []
    return [f"{len(exempt)} of {len(found)} misconceptions are exempt, but at most one, or {MOST_EXEMPT:.0%}, may be"]


def attachment_holds(result: LabResult) -> list[str]:
    if result.packet is None:
        return ["the file next to the notebook wasn't read"]
    return [str(each) for each in result.packet.problems]


def told_in(field: str) -> Expectation:
    def expect(result: LabResult) -> list[str]:
        told = [] if result.packet is None else [each.field for each in result.packet.problems]
        return [] if field in told else [f"reports problems in {', '.join(told) or 'no field'}, not in {field}"]

    return expect


def at_most(stub: str, most: Level) -> Expectation:
    def expect(result: LabResult) -> list[str]:
        level = stub_level(of(stub, result))
        complaints = [] if level.rank <= most.rank else [f"reaches {level}, but should reach at most {most}"]
        if all(each.outcome is Outcome.PASSED for each in of(stub, result)):
            complaints.append("passes every check")
        return complaints

    return expect


def copies(stub: str) -> Expectation:
    def expect(result: LabResult) -> list[str]:
        level = stub_level(of(stub, result))
        if level is Level.FAMILIAR:
            return []
        return [f"reaches {level}, but memorized visible answers should only reach familiar"]

    return expect


def of(stub: str, result: LabResult) -> list[Evidence]:
    return [each for each in result.checks if each.stub == stub]
