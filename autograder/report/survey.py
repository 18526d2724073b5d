"""What a class knows, as one page for an instructor and as a table of levels."""

import csv
import io
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import altair as alt
import markupsafe

from autograder.course import Course
from autograder.mastery import Level, missing
from autograder.report.notebook import template
from autograder.report.palette import COLOURS
from autograder.results import write_text
from autograder.sinks import csv_cell
from autograder.survey import ATTEMPTS, BINS, Survey

# The room for concepts' titles, in pixels: the font is the reader's, and may be wider than the one that is known here.
LABELS = 260
BLUE, ORANGE = COLOURS[Level.PROFICIENT], COLOURS[Level.ATTEMPTED]


def survey_page(course: Course, found: Survey) -> str:
    """One HTML page that holds everything it needs."""
    charts = {
        "levels": _levels(found),
        "scores": _scores(found),
        "pace": _pace(found),
        "items": _items(found),
    }
    return template("survey.html.j2").render(
        course=course,
        survey=found,
        charts={name: svg(chart) for name, chart in charts.items()},
        colours=COLOURS,
        levels=list(Level),
        counts=level_counts(found),
        missing=missing,
        attempts=range(1, ATTEMPTS + 1),
    )


def write_levels(path: Path, course: Course, found: Survey) -> None:
    """One row a student: how far, and the level of each concept. Raises CourseError."""
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
    """How many students show each level, by the title of the concept."""
    counts: dict[str, Counter[Level]] = {}
    for student in found.students:
        for concept in student.concepts:
            counts.setdefault(concept.title, Counter())[concept.level] += 1
    return counts


# --- pictures; what they hold stands in a table beside each


def svg(chart: alt.TopLevelMixin | None) -> markupsafe.Markup:
    if chart is None:
        return markupsafe.Markup()
    file = io.StringIO()
    chart.save(file, format="svg")
    return markupsafe.Markup(file.getvalue())


def styled(chart: Any) -> Any:
    """In the colours of the page around it."""
    ink = {"labelColor": "currentColor", "titleColor": "currentColor"}
    return (
        chart.configure(background="transparent", font="system-ui, sans-serif")
        .configure_axis(**ink, domainColor="currentColor", tickColor="currentColor", gridColor="#8885", labelLimit=300)
        .configure_legend(**ink)
        .configure_header(**ink)
        .configure_view(stroke=None)
    )


def data(rows: Sequence[dict[str, Any]]) -> alt.Data:
    return alt.InlineData(values=list(rows))


def _levels(found: Survey) -> Any:
    rows = [
        {"concept": title, "level": str(level), "rank": level.rank, "students": count[level]}
        for title, count in level_counts(found).items()
        for level in Level
    ]
    chart = (
        alt.Chart(data(rows), width=560, height=alt.Step(22))
        .mark_bar()
        .encode(
            y=alt.Y("concept:N", sort=None, title=None, axis=alt.Axis(minExtent=LABELS)),
            x=alt.X("students:Q", stack="zero", title="students"),
            color=alt.Color("level:N", title=None, sort=None, scale=_scale()).legend(orient="top"),
            order="rank:Q",
        )
    )
    return styled(chart)


def _scale() -> alt.Scale:
    return alt.Scale(domain=[str(level) for level in Level], range=[COLOURS[level] for level in Level])


def _scores(found: Survey) -> Any:
    if not found.labs:
        return None
    rows = [
        {"lab": each.title, "from": place / BINS, "to": (place + 1) / BINS, "students": count}
        for each in found.labs
        for place, count in enumerate(each.bins)
    ]
    bars = alt.Chart(width=190, height=90).mark_bar(color=BLUE)
    bars = bars.encode(
        x=alt.X("from:Q", bin="binned", title="share of the points", axis=alt.Axis(format="%", values=[0, 0.5, 1])),
        x2="to:Q",
        y=alt.Y("students:Q", title="students"),
    )
    return styled(
        bars.facet(alt.Facet("lab:N", sort=[each.title for each in found.labs], title=None), columns=4, data=data(rows))
    )


def _pace(found: Survey) -> Any:
    if not found.pace:
        return None
    rows = [
        {"concept": each.title, "attempts": number, "share": share, "level": level}
        for each in found.pace
        for level, shares in (("proficient", each.proficient), ("mastered", each.mastered))
        for number, share in enumerate(shares, start=1)
    ]
    lines = alt.Chart(width=190, height=90).mark_line(point=True)
    lines = lines.encode(
        x=alt.X("attempts:O", title="attempts", axis=alt.Axis(labelAngle=0)),
        y=alt.Y("share:Q", title="reached", axis=alt.Axis(format="%"), scale=alt.Scale(domain=[0, 1])),
        color=alt.Color("level:N", title=None, sort=None, scale=_scale_of_pace()).legend(orient="top"),
        strokeDash=alt.StrokeDash("level:N", sort=None, legend=None, scale=alt.Scale(range=[[1, 0], [4, 3]])),
    )
    return styled(
        lines.facet(
            alt.Facet("concept:N", sort=[each.title for each in found.pace], title=None), columns=4, data=data(rows)
        )
    )


def _scale_of_pace() -> alt.Scale:
    return alt.Scale(domain=["proficient", "mastered"], range=[BLUE, ORANGE])


def _items(found: Survey) -> Any:
    rows = [
        {"difficulty": each.difficulty, "discrimination": each.discrimination, "kind": each.kind}
        for each in found.items
        if each.discrimination is not None
    ]
    if not rows:
        return None
    points = alt.Chart(data(rows), width=560, height=260).mark_point(filled=True, size=45, opacity=0.7)
    points = points.encode(
        x=alt.X("difficulty:Q", title="share that passes", axis=alt.Axis(format="%"), scale=alt.Scale(domain=[0, 1])),
        y=alt.Y("discrimination:Q", title="discrimination"),
        color=alt.Color("kind:N", title=None).legend(orient="top"),
        shape=alt.Shape("kind:N", title=None),
    )
    return styled(points)
