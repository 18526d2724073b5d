"""Axes that count students show each whole number exactly once, up to the largest count."""

import re

import pytest

from autograder.report import svg


@pytest.mark.parametrize("most", [0, 1, 2, 3, 7, 11, 40, 333, 12_345])
def test_axes_that_count_students_have_whole_numbers(most: int) -> None:
    charts = (
        svg.histogram("Scores", [0, most, most // 2, 0], "students"),
        svg.stacked_bars(
            "Levels", [("Softmax", [("mastered", most // 2), ("attempted", most - most // 2)])], "students"
        ),
    )
    for chart in charts:
        labels = re.findall(r"<text[^>]*>([^<]*)</text>", chart)
        ticks = [int(label) for label in labels if not label.endswith("%") and label not in ("Softmax", "students")]
        assert ticks == sorted(set(ticks))
        assert ticks[0] == 0
        assert max(most, 1) <= ticks[-1] <= 2 * max(most, 1)
        assert len(ticks) <= 7
