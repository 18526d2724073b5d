"""What a class knows, as a page for an instructor and as a table of levels."""

import csv
import io
from collections import Counter
from pathlib import Path

from markupsafe import Markup

from autograder.mastery.class_report import ATTEMPTS, BINS, Survey
from autograder.mastery.levels import Level, missing
from autograder.model.course import Course
from autograder.model.escaping import csv_cell
from autograder.report import svg
from autograder.report.check import template
from autograder.report.files import write_text
from autograder.report.palette import COLOURS


def survey_page(course: Course, found: Survey) -> str:
    """Return the class report as a self-contained HTML page."""
    return template("survey.html.j2").render(
        course=course,
        survey=found,
        levels_chart=_levels(found),
        scores_charts=_scores(found),
        pace_charts=_pace(found),
        pace_legend=svg.legend([("reached-proficient", "proficient or higher"), ("reached-mastered", "mastered")]),
        items_chart=_items(found),
        tenths=[f"{100 * place // BINS}–{100 * (place + 1) // BINS} %" for place in range(BINS)],
        colours=COLOURS,
        levels=list(Level),
        counts=level_counts(found),
        missing=missing,
        attempts=_attempts(),
    )


def write_levels(path: Path, course: Course, found: Survey) -> None:
    """Write one row per student as CSV: how far they are, and the level of each concept. Raises OutputError."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    names = [concept.name for concept in course.concepts]
    rows.writerow(["student", "complete", "since", "distinction", "number", *names, "missing"])
    for each in found.students:
        head = [each.student, each.complete, each.since or "", each.distinction, each.number]
        levels = [str(concept.level) for concept in each.concepts]
        rows.writerow([csv_cell(cell) for cell in [*head, *levels, "; ".join(missing(course, each))]])
    write_text(path, text.getvalue(), "--csv")


def level_counts(found: Survey) -> dict[str, Counter[Level]]:
    """Return how many students show each level, by the concept's title."""
    counts: dict[str, Counter[Level]] = {}
    for student in found.students:
        for concept in student.concepts:
            counts.setdefault(concept.title, Counter())[concept.level] += 1
    return counts


# --- charts; the tables beside them have the numbers


def _levels(found: Survey) -> Markup:
    rows = [(title, [(str(level), count[level]) for level in Level]) for title, count in level_counts(found).items()]
    key = svg.legend((str(level).replace(" ", "-"), str(level)) for level in Level)
    return key + svg.stacked_bars("Levels by concept", rows, "students")


def _scores(found: Survey) -> list[tuple[str, Markup]]:
    return [(each.title, svg.histogram(f"Scores of {each.title}", each.bins, "students")) for each in found.labs]


def _pace(found: Survey) -> list[tuple[str, Markup]]:
    return [
        (
            each.title,
            svg.lines(
                f"Time to mastery of {each.title}",
                [("reached-proficient", each.proficient), ("reached-mastered", each.mastered)],
                _attempts(),
            ),
        )
        for each in found.pace
    ]


def _attempts() -> list[str]:
    return [*map(str, range(1, ATTEMPTS)), f"{ATTEMPTS}+"]


def _items(found: Survey) -> Markup:
    points = [
        (each.difficulty, each.discrimination, each.id) for each in found.items if each.discrimination is not None
    ]
    return svg.scatter("Checks", points, "share that passes", "discrimination") if points else Markup()
