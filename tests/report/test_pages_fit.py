"""Report and transcript fit a small laptop, a phone, and a sheet of paper (pytest -m browser)."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from autograder.grading.content import make_importable, misconceptions
from autograder.mastery.class_figures import Survey
from autograder.mastery.class_report import summary
from autograder.mastery.course_levels import mastery_of
from autograder.mastery.levels import Attempt
from autograder.model.results import Evidence, Kind, LabResult, Outcome
from autograder.report.class_report import survey_page
from autograder.report.transcript import transcript_page
from tests.browser import CHROMIUM, chromium, screenshot
from tests.repository import COURSE

pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium")]

make_importable(COURSE)
KINDS: tuple[Kind, ...] = ("visible", "hidden")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


def attempts(lab: str, count: int, has_mistakes: bool = False) -> list[Attempt]:
    """Attempts that pass everything or, with mistakes, those where each stub's own mistake goes away late or never."""
    stubs = COURSE.lab(lab).stubs
    found = []
    for number in range(1, count + 1):
        checks = [
            evidence(lab, stub.name, kind, has_mistakes and number <= place)
            for place, stub in enumerate(stubs)
            for kind in (KINDS * 5 if has_mistakes else KINDS)
        ]
        values = {"student": "ada", "lab": lab, "status": "graded", "score": 0.6 * len(stubs), "max_score": len(stubs)}
        values |= {"seconds": 0, "content_hash": "0" * 64, "course_version": "", "secret": "", "checks": checks}
        result = LabResult.model_validate({**values, "attempt": number})
        found.append(Attempt(datetime(2026, 3, 1) + timedelta(days=number), result))
    return found


def evidence(lab: str, stub: str, kind: Kind, is_mistaken: bool) -> Evidence:
    mistake = misconceptions(COURSE, stub)[0] if is_mistaken else None
    return Evidence(
        id=f"{lab}::{stub}::{kind}",
        stub=stub,
        kind=kind,
        title=f"What {stub} does, {kind}, in a sentence as long as most checks' titles.",
        points=1,
        max_points=1,
        outcome=Outcome.FAILED if mistake else Outcome.PASSED,
        confirmed=None if mistake else True,
        seconds=0,
        misconception=mistake and mistake.name,
        hint=mistake and mistake.hint,
    )


def opened(browser: Browser, html: str, folder: Path, width: int, height: int) -> Page:
    path = folder / "page.html"
    path.write_text(html, encoding="utf-8")
    page = browser.new_context(viewport={"width": width, "height": height}).new_page()
    page.goto(path.as_uri())
    return page


def class_page(students: int = 40) -> str:
    history = {lab.name: attempts(lab.name, 1) for lab in COURSE.labs if lab.points}
    known = mastery_of(COURSE, "ada", history)
    names = [f"a.rather.long.name.{number}" for number in range(students)]
    everybody = tuple(summary(COURSE, known.model_copy(update={"student": name})) for name in names)
    nothing = {"labs": (), "mistakes": (), "items": (), "pace": (), "stuck": (), "attention": {}}
    found = Survey.model_validate({"title": COURSE.title, "newest": None, "students": everybody, **nothing})
    return "".join(survey_page(COURSE, found))


def test_all_concepts_are_in_sight_at_1280_pixels(browser: Browser, tmp_path: Path) -> None:
    page = opened(browser, class_page(), tmp_path, 1280, 900)
    ends = page.locator("#heat thead th").evaluate_all("all => all.map(each => each.getBoundingClientRect().right)")
    assert len(ends) == 3 + len(COURSE.concepts)
    assert max(ends) <= 1280
    page.context.close()


def test_headings_of_both_sides_stay_on_a_phone(browser: Browser, tmp_path: Path) -> None:
    page = opened(browser, class_page(), tmp_path, 390, 844)
    part = page.locator(".scrolled", has=page.locator("#heat"))
    part.scroll_into_view_if_needed()
    part.evaluate("each => { each.scrollTop = 400; each.scrollLeft = 300; }")
    box = part.bounding_box()
    student, heading, name = (
        page.locator(f"#heat {which}").bounding_box()
        for which in ("thead th:first-child", "thead th:nth-child(9)", "tbody tr:nth-child(20) th")
    )
    assert box
    assert student
    assert heading
    assert name
    assert abs(student["x"] - box["x"]) < 3 > abs(student["y"] - box["y"])
    assert abs(heading["y"] - box["y"]) < 3
    assert abs(name["x"] - box["x"]) < 3
    assert name["width"] < box["width"] / 2
    screenshot(page, "report-phone-scrolled")
    page.context.close()


def test_every_row_keeps_its_heading_on_a_phone(browser: Browser, tmp_path: Path) -> None:
    history = {lab: attempts(lab, 3, has_mistakes=True) for lab in ("neuron", "softmax", "loss")}
    html = transcript_page(COURSE, mastery_of(COURSE, "ada", history), history)
    page = opened(browser, html, tmp_path, 390, 844)
    for label in ("Known mistakes", "Attempts"):
        part = page.get_by_role("region", name=label)
        part.evaluate("each => { each.scrollLeft = 150; }")
        box, heading = part.bounding_box(), part.locator("tbody th").first.bounding_box()
        assert box
        assert heading
        assert part.evaluate("each => each.scrollLeft") == 150
        assert abs(heading["x"] - box["x"]) < 3
        assert heading["width"] < box["width"] / 2
    page.context.close()


@pytest.mark.parametrize("has_mistakes", [False, True])
@pytest.mark.parametrize("labs", [("neuron", "softmax", "loss"), ("loss", "backprop", "architecture")])
def test_a_transcript_of_three_labs_is_one_printed_page_with_one_legend_and_whole_words(
    browser: Browser, tmp_path: Path, labs: tuple[str, ...], has_mistakes: bool
) -> None:
    history = {lab: attempts(lab, 3, has_mistakes) for lab in labs}
    html = transcript_page(COURSE, mastery_of(COURSE, "ada", history), history)
    assert html.count('class="legend"') == 1
    for width in (1280, 390):
        page = opened(browser, html, tmp_path, width, 844)
        inside = "all => all.every(each => { const box = each.getBoundingClientRect();"
        inside += " return box.left >= 0 && box.right <= innerWidth; })"
        assert page.locator("svg text").evaluate_all(inside)
        assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True))) == 1
        page.context.close()
    # The printed width of A4 in pixels. On paper, the table of attempts is beside the chart.
    page = opened(browser, html, tmp_path, 718, 1047)
    page.emulate_media(media="print")
    figure = page.locator("figure").bounding_box()
    assert figure
    ends = page.locator("svg text").evaluate_all("all => all.map(each => each.getBoundingClientRect().right)")
    assert max(ends) <= figure["x"] + figure["width"] + 1
    page.context.close()


def test_no_page_points_to_a_file_that_its_reader_lacks() -> None:
    history = {"softmax": attempts("softmax", 1)}
    for html in (class_page(1), transcript_page(COURSE, mastery_of(COURSE, "ada", history), history)):
        assert "docs/" not in html
        assert "What the levels mean" in html
