"""What a class knows, as a page for an instructor and as a table of levels."""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path

from markupsafe import Markup

from autograder.mastery.class_figures import Survey
from autograder.mastery.class_report import ATTEMPTS, BINS
from autograder.mastery.levels import Level
from autograder.model.course import Course
from autograder.model.escaping import csv_cell
from autograder.report import svg
from autograder.report.check import template
from autograder.report.files import write_pieces
from autograder.report.palette import COLOURS


def survey_page(course: Course, found: Survey) -> Iterator[str]:
    """Yield the class report, a self-contained HTML page, in pieces."""
    return template("survey.html.j2").generate(
        course=course,
        survey=found,
        levels_chart=_levels(course, found),
        scores_charts=_scores(found),
        pace_charts=_pace(found),
        pace_legend=svg.legend([("reached-proficient", "proficient or higher"), ("reached-mastered", "mastered")]),
        items_chart=_items(found),
        tenths=[f"{100 * place // BINS}–{100 * (place + 1) // BINS}%" for place in range(BINS)],
        colours=COLOURS,
        levels=list(Level),
        counts=level_counts(course, found),
        attempts=_attempts(),
    )


def write_levels(path: Path, course: Course, found: Survey) -> None:
    """Write one row per student as CSV: how far along they are, and their level in each concept. Raises OutputError."""
    write_pieces(path, _level_rows(course, found), "--csv")


def _level_rows(course: Course, found: Survey) -> Iterator[str]:
    names = [concept.name for concept in course.concepts]
    yield _row(["student", "complete", "since", "distinction", "number", *names, "missing"])
    for each in found.students:
        head = [each.student, each.complete, each.since or "", each.distinction, each.number]
        levels = [str(concept.level) for concept in each.concepts]
        yield _row(csv_cell(cell) for cell in [*head, *levels, "; ".join(each.missing)])


def _row(cells: Iterable[object]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(cells)
    return text.getvalue()


def write_figures(path: Path, found: Survey, students: Iterable[str]) -> None:
    """Write all numbers as one JSON object. students: each student's levels as JSON. Raises OutputError."""
    write_pieces(path, _figures(found, students), "--json")


def _figures(found: Survey, students: Iterable[str]) -> Iterator[str]:
    yield '{"students":['
    for place, each in enumerate(students):
        yield f",{each}" if place else each
    yield "]," + found.model_dump_json(exclude={"students"})[1:] + "\n"


def level_counts(course: Course, found: Survey) -> dict[str, Counter[Level]]:
    """Return how many students are at each level, by concept title."""
    if not found.students:
        return {}
    counts: list[Counter[Level]] = [Counter() for _ in course.concepts]
    for student in found.students:
        for count, concept in zip(counts, student.concepts, strict=True):
            count[concept.level] += 1
    return {concept.title: count for concept, count in zip(course.concepts, counts, strict=True)}


# --- charts, next to tables with their numbers


def _levels(course: Course, found: Survey) -> Markup:
    counts = level_counts(course, found)
    rows = [(title, [(str(level), count[level]) for level in Level]) for title, count in counts.items()]
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
