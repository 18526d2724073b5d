"""`mastery inspect` shows a student's text in such a way that no line of it can pass for one of ours."""

import io
import re
from datetime import UTC, datetime

import pytest
from rich.console import Console

from autograder.cli.views.inspection import print_inspection
from autograder.gradebook.inspection import GradedAttempt, Inspection, Seen
from autograder.model.course import load
from autograder.model.results import LabResult, Outcome
from tests.repository import ROOT

FAKE = (
    "softmax::softmax::known (visible): passed, 25 of 25. All of it",
    "attempt 9, graded 2026-01-01 00:00:00 UTC: graded, 25 of 25; course 1, secret 1, content 1, sandbox namespaces",
    "score: 25 of 25",
    "code cell 1 didn't run:",
    "  seed 1",
)
BREAKS = ["\n", "\r\n", "\r", "\v", "\f", "\x1c", "\x85", "\u2028", "\u2029", "\n\n", "\n \n", "\x1b[2K\r"]


def printed(said: str) -> list[str]:
    """The lines of an inspection in which a check, a message and a cell's error all contain this text."""
    result = LabResult(
        student="eve",
        lab="softmax",
        status="graded",
        score=0.0,
        max_score=25,
        seconds=0.0,
        message=said,
        content_hash="c",
        course_version="v",
        secret="s",
    )
    check = Seen(
        id="softmax::softmax::known",
        kind="visible",
        title="Known values",
        outcome=Outcome.ERROR,
        points=0,
        max_points=25,
        seed=3,
        said=said,
        called=f"softmax({said})",
        misconception=None,
    )
    attempt = GradedAttempt(graded_at=datetime(2026, 1, 1, tzinfo=UTC), result=result)
    out = io.StringIO()
    found = Inspection(attempts=[attempt], checks=[check], cells={2: said})
    print_inspection(Console(file=out, width=80), load(ROOT).lab(result.lab), found)
    return re.split(r"[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]", out.getvalue())


@pytest.mark.parametrize("line_break", BREAKS, ids=ascii)
@pytest.mark.parametrize("fake", FAKE)
def test_every_line_of_a_students_has_a_bar_and_no_line_of_ours(fake: str, line_break: str) -> None:
    lines = printed(f"it broke{line_break}{fake}{line_break}{fake}")
    ours = [line for line in lines if not line.startswith("  | ")]
    assert not any("25 of 25" in line for line in ours)
    assert [line for line in ours if line.strip()] == [
        "attempt 1, graded 2026-01-01 00:00:00 UTC: graded, 0.0 of 25; course v, secret s, content c, no run, "
        "sandbox none",
        "softmax::softmax::known (visible): error, 0 of 25. Known values",
        "  seed 3",
        "  said:",
        "  called:",
        "code cell 2 didn't run:",
    ]
    assert sum(fake.strip() in line for line in lines) >= 6
