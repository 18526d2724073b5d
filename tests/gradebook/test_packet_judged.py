"""A reviewer judges packets in formgrader, in a real browser, and `mastery status` follows: pytest -m browser"""

import re
import sys
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser import TOKEN, chromium, jupyter, local_context, screenshot
from tests.gradebook.test_packet_graded import HOSTILE_HTML, ROWS, Class
from tests.labs.test_packet import GOOD, changed, put, text_of

pytestmark = [
    pytest.mark.browser,
    pytest.mark.slow,
    pytest.mark.skipif(sys.platform != "linux", reason="grading a class needs Linux"),
]

HOSTILE = changed(
    put("use_case.title", HOSTILE_HTML),
    put(
        "use_case.users",
        "</pre></section><style>* { display: none }</style><a href=\"javascript:window.ran='link'\">us</a>",
    ),
    put("decision.rationale", "# Heading ![pixel](https://outside.example/pixel) \u202e txet"),
    put("cost.monthly_usd", "<svg onload=\"window.ran = 'svg'\">"),
)


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Class:
    course = Class(tmp_path_factory.mktemp("class"))
    course.hand_in("ada", text_of(GOOD))
    course.hand_in("mal", text_of(HOSTILE))
    course.grade()
    return course


@pytest.fixture(scope="module")
def formgrader(course: Class, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with jupyter("jupyter-server", course.root, tmp_path_factory.mktemp("home"), course.environment) as server:
        yield f"{server}/formgrader"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def page(browser: Browser, formgrader: str) -> Iterator[Page]:
    with local_context(browser) as context:
        page = context.new_page()
        page.goto(f"{formgrader}/manage_assignments?token={TOKEN}")
        yield page


def open_submission(page: Page, student: str) -> None:
    """Open it from the list of submissions."""
    page.goto(f"{page.url.partition('/manage')[0]}/gradebook/readiness/readiness")
    expect(page.locator("#main-table .name a").first).to_be_attached()
    page.get_by_role("button", name="Show All Names").click()
    page.locator("#main-table tr", has=page.get_by_text(student, exact=True)).get_by_role("link", name=student).click()
    expect(page.locator(f"#{ROWS[-1]}-comment")).to_have_attribute("placeholder", re.compile("."))


def press(page: Page, row: str, button: str) -> None:
    """Press one of formgrader's two buttons next to a row's points."""
    with page.expect_response(lambda response: response.request.method == "PUT") as saved:
        cell(page, row).get_by_role("button", name=button).click()
    assert saved.value.ok


def cell(page: Page, row: str) -> Locator:
    return page.locator(".nbgrader_cell", has=page.locator(f"#{row}"))


def test_the_reviewer_reads_the_packet_judges_its_rows_and_the_status_follows(course: Class, page: Page) -> None:
    assert len(course.missing("ada")) == 4
    open_submission(page, "ada")
    packet = page.locator(".mastery-attachment")
    expect(packet).to_contain_text("packet.yaml, revision 1: format and arithmetic are fine")
    expect(packet).to_contain_text("No check can tell whether the sources are real or the decision makes sense")
    expect(packet.get_by_role("row", name=re.compile("^users"))).to_contain_text("40 help desk agents in Leeds")
    expect(cell(page, "risk_treatment")).to_contain_text("Risk treatment. Satisfactory:")
    for row in ROWS[:3]:
        press(page, row, "Full credit")
    press(page, ROWS[3], "No credit")
    comment = page.locator(f"#{ROWS[3]}-comment")
    comment.fill("Why not *fine-tune*?")
    with page.expect_response(lambda response: response.request.method == "PUT"):
        comment.press("Escape")
    screenshot(page, "packet-judged", full_page=True)
    assert course.missing("ada") == [
        "The enterprise readiness packet: the reviewer asks for a revision of defense of the decision"
    ]
    course.mastery("feedback", "readiness", "--processes", 1)
    page.goto((course.root / "feedback" / "ada" / "readiness" / "readiness.html").as_uri())
    expect(page.get_by_text("Why not fine-tune?")).to_be_visible()
    expect(page.locator(".mastery-attachment")).to_contain_text("format and arithmetic are fine")
    screenshot(page, "packet-feedback", full_page=True)


def test_the_same_press_once_more_and_nothing_is_missing(course: Class, page: Page) -> None:
    course.judge("ada", points=0.0)
    assert len(course.missing("ada")) == 4
    open_submission(page, "ada")
    for row in ROWS:
        press(page, row, "Full credit")
    assert course.missing("ada") == []


@pytest.mark.parametrize("page_of", ["formgrader", "feedback"])
def test_nothing_of_a_packet_runs_or_fetches_where_it_is_shown(course: Class, page: Page, page_of: str) -> None:
    if page_of == "formgrader":
        open_submission(page, "mal")
    else:
        course.mastery("feedback", "readiness", "--processes", 1)
        page.goto((course.root / "feedback" / "mal" / "readiness" / "readiness.html").as_uri())
    packet = page.locator(".mastery-attachment")
    expect(packet).to_contain_text(HOSTILE_HTML)
    expect(packet).to_contain_text("</pre></section><style>")
    expect(packet.locator("script, img, svg, a")).to_have_count(0)
    expect(packet.locator("tr.wrong")).to_have_count(1)
    page.wait_for_load_state("networkidle")
    screenshot(page, f"packet-hostile-{page_of}", full_page=True)
    assert page.evaluate("window.ran") is None
