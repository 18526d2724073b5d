"""The submissions that an instructor should look at, and why."""

from collections import defaultdict
from collections.abc import Iterable

from autograder.mastery.facts import ALARMING, AttemptFacts
from autograder.model.course import Course


def attention(course: Course, student: str, attempts: Iterable[AttemptFacts]) -> dict[str, list[str]]:
    """Return the student's submissions that an instructor should look at, by reason. `attempts`: one for each lab."""
    found: dict[str, list[str]] = defaultdict(list)
    for attempt in attempts:
        name = f"{student}/{attempt.lab}"
        if attempt.status != "graded":
            found[f"{attempt.status}: {attempt.message}"].append(name)
        alarms = [each for stub in attempt.stubs for each in stub.alarms]
        for outcome in ALARMING:
            if reached := next((each for each in alarms if each.outcome is outcome), None):
                found[f"{outcome}: {reached.remark}"].append(name)
        for stub in attempt.stubs:
            # An unanswered item isn't defined either, but it isn't unusual to leave one blank.
            if stub.is_missing and stub.stub not in course.items:
                found[f"without {stub.stub}: the notebook no longer defines it"].append(name)
        # Each problem in a file is reported with the field it's in. A missing or unreadable file has no fields, so
        # report it here.
        file = course.lab(attempt.lab).attachment
        if attempt.problems and file is not None and attempt.problems[0].field == file.name:
            found[str(attempt.problems[0])].append(name)
    return found
