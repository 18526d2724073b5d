"""The submissions that an instructor should look at, and why."""

from collections import defaultdict
from collections.abc import Sequence

from autograder.model import pitfalls
from autograder.model.course import Course
from autograder.model.results import Evidence, LabResult, Outcome


def attention(course: Course, results: Sequence[LabResult]) -> dict[str, list[str]]:
    """The submissions that an instructor should look at, by reason."""
    found: dict[str, list[str]] = defaultdict(list)
    for result in results:
        name = f"{result.student}/{result.lab}"
        if result.status != "graded":
            found[f"{result.status}: {result.message}"].append(name)
        for outcome in (Outcome.VIOLATION, Outcome.DIED, Outcome.TIMEOUT):
            if reached := next((each for each in result.checks if each.outcome is outcome), None):
                found[f"{outcome}: {_first_line(reached)}"].append(name)
        missing = {each.stub: None for each in result.checks if _is_missing(each)}
        for stub in missing:
            found[f"without {stub}: the notebook no longer defines it"].append(name)
        # What's wrong in a file is told at its field; one that's missing or unreadable has none.
        problems = result.packet.problems if result.packet is not None else []
        file = course.lab(result.lab).attachment
        if problems and file is not None and problems[0].field == file.name:
            found[str(problems[0])].append(name)
    return found


def _first_line(evidence: Evidence) -> str:
    return (evidence.message or evidence.title).split("\n")[0]


def _is_missing(evidence: Evidence) -> bool:
    return evidence.outcome is Outcome.UNSOLVED and evidence.slip != pitfalls.UNSOLVED
