"""Report, transcript and certificate in a real browser: axe finds no problem in any theme, and no request gets out."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect, sync_playwright
from typer.testing import CliRunner

from autograder.cli.main import app
from autograder.mastery.certificate import load_key, public
from autograder.model.course import Course
from tests.browser import CHROMIUM, screenshot
from tests.report.test_report import COURSE, course  # noqa: F401  # a fixture

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium"),
]
PAGES = {
    "report": ("report", "--out", "{}/report.html"),
    "transcript": ("transcript", "stuck", "--out", "{}/transcript.html"),
    "certificate": ("certificate", "slow", "--name", "Ada Slow", "--reviewer", "Dr. Lee", "--out", "{}"),
}
LOOKS: dict[str, dict[str, Any]] = {
    "light": {},
    "dark": {"color_scheme": "dark"},
    "narrow": {"viewport": {"width": 390, "height": 844}},
}


@pytest.fixture(scope="module")
def pages(course: Course, tmp_path_factory: pytest.TempPathFactory) -> Path:  # noqa: F811
    folder = tmp_path_factory.mktemp("pages")
    key = public(load_key(course.root))
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(course.root)
        text = COURSE + f'issuers: [{{name: The Department, key: "{key}"}}]\n'
        (course.root / "course.yaml").write_text(text, encoding="utf-8")
        for words in PAGES.values():
            done = CliRunner().invoke(app, [word.format(folder) for word in words])
            assert done.exit_code == 0, (done.output, done.exception)
        (course.root / "course.yaml").write_text(COURSE, encoding="utf-8")
    (folder / "certificate-slow.html").rename(folder / "certificate.html")
    return folder


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


def opened(browser: Browser, path: Path, requests: list[str], **look: Any) -> Page:
    page = browser.new_context(**look).new_page()
    page.on("request", lambda request: requests.append(request.url))
    page.on("pageerror", lambda error: pytest.fail(str(error)))
    page.goto(path.as_uri())
    return page


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("name", PAGES)
def test_no_accessibility_problem_is_found_and_nothing_is_requested(
    browser: Browser, pages: Path, name: str, look: str
) -> None:
    path, requests = pages / f"{name}.html", list[str]()
    page = opened(browser, path, requests, **LOOKS[look])
    screenshot(page, f"{name}-{look}", full_page=True)
    for details in page.locator("details").all():
        details.evaluate("each => { each.open = true; }")
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    assert requests == [path.as_uri()]
    # A page may be wider than a phone only inside a part that scrolls.
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.context.close()


@pytest.mark.parametrize("name", PAGES)
def test_printed_it_is_dark_on_white_and_whole(browser: Browser, pages: Path, name: str) -> None:
    page = opened(browser, pages / f"{name}.html", [], color_scheme="dark")
    page.emulate_media(media="print")
    screenshot(page, f"{name}-print", full_page=True)
    colours = page.evaluate("[getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]")
    assert colours == ["rgb(0, 0, 0)", "rgb(255, 255, 255)"]
    for part in page.locator(".scrolled").all():
        assert part.evaluate("each => each.scrollHeight <= each.clientHeight")
    page.context.close()


def test_the_class_is_sorted_and_filtered_by_keyboard(browser: Browser, pages: Path) -> None:
    page = opened(browser, pages / "report.html", [])
    rows = page.locator("#heat tbody tr")
    page.get_by_label("Find a student").press_sequentially("stu")
    expect(page.locator("#heat tbody tr:visible")).to_have_count(1)
    expect(page.locator("#shown")).to_have_text("1 of 14 students")
    page.get_by_label("Find a student").fill("")
    page.get_by_label("Show").select_option("below proficient: Taking away")
    assert {row.locator("th").inner_text() for row in page.locator("#heat tbody tr:visible").all()} == {
        *("stuck", "cured", "broken"),
    }
    page.get_by_label("Show").select_option("everybody")
    page.locator("#heat thead").get_by_role("button", name="Taking away").press("Enter")
    assert rows.first.locator("th").inner_text() == "broken"
    expect(page.locator("#heat th[aria-sort=ascending]")).to_have_text("Taking away")
    page.locator("#heat thead").get_by_role("button", name="Taking away").press("Enter")
    assert rows.last.locator("th").inner_text() == "broken"
    page.context.close()
