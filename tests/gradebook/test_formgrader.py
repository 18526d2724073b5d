"""nbgrader's formgrader and feedback in a real browser, on a class graded by `mastery grade`: pytest -m browser"""

import json
import re
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

import nbformat
import pytest
from nbgrader import api
from playwright.sync_api import Browser, Locator, Page, Request, expect

from autograder.authoring.simulation import notebooks
from autograder.model.course import load
from tests.browser import TOKEN, chromium, jupyter, local_context, screenshot
from tests.course_copy import CourseCopy

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(sys.platform != "linux", reason="grading a class needs Linux"),
]

Notebook = dict[str, Any]
PageOf = Literal["formgrader", "feedback"]

WRITTEN = "why-shift"
BASE_2 = """\
def softmax(logits, axis=-1):
    powers = 2.0 ** (logits - logits.max(axis, keepdims=True))
    return powers / powers.sum(axis, keepdims=True)"""
SAYS_HTML = """\
def softmax(logits, axis=-1):
    raise ValueError("<img src=x onerror=window.ran='error'>")"""

DUE = datetime(2026, 4, 1, 18)
IN_TIME, LATER, THREE_HOURS_LATE = (f"2026-04-01 {hour}:00:00 UTC" for hour in (12, 13, 21))
PENALTY = """
import math

from nbgrader.plugins import LateSubmissionPlugin


class APointAnHour(LateSubmissionPlugin):
    def late_submission_penalty(self, student_id, score, total_seconds_late):
        return math.ceil(total_seconds_late / 3600)


c.AssignLatePenalties.plugin_class = APointAnHour
"""

# Formgrader keeps rows that it read until Python collects garbage. If that never happens, an outdated row always shows.
NEVER_COLLECTS = "import gc\n\ngc.disable()\n"

READS_WELL = """\
Only **the gap** counts, <b>nothing else</b>: $a<b$, so `1 < 2`. See [this page](https://lesson.example/softmax?a=1&b=2).

| shift | result |
| --- | --- |
| 100 | the same |

![my plot](attachment:plot.png)
"""
ONE_PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGMwrtoOAAJIAWXVK3WXAAAAAElFTkSuQmCC"
PLOT = {"plot.png": {"image/png": ONE_PIXEL}}

# Each of these would run code or send a request if it were shown unescaped.
HOSTILE = """\
# softmax

<script>window.ran = "script"</script>
<img src="/logout?of-a-student" onerror="window.ran = 'image'">
<svg onload="window.ran = 'svg'"></svg>
<details open ontoggle="window.ran = 'details'"><summary>more</summary></details>
<iframe srcdoc="<script>parent.ran = 'frame'</script>"></iframe>
<div class="navbar-fixed-top" style="background: url(https://outside.example/style)" onmouseover="window.ran = 'mouse'">hover</div>
<style>@import "https://outside.example/import";</style>
<link rel="stylesheet" href="https://outside.example/link">
<img src="https://outside.example/image">
<object data="https://outside.example/object"></object>
<meta http-equiv="refresh" content="0; url=https://outside.example/refresh">

![pixel](https://outside.example/pixel)
![pasted](attachment:pasted)

[press](javascript:window.ran='link') <a href="javascript:window.ran='html link'">press too</a>
[my page](page.html)
"""  # noqa: E501
PASTED = {"pasted": {'image/png;base64,AA" onerror="window.ran = \'attachment\'" x="': "AA"}}
# The page's own scripts look for an element with that name.
CLOBBERING = '<div id="softmax" class="navbar-fixed-top">raw</div><img src=x onerror="window.ran = \'raw\'">'


def with_written_answer(path: Path) -> None:
    """Append a question that's graded by a person to nbgrader's source notebook, as nbgrader's own editor would."""
    notebook = nbformat.read(path, as_version=4)
    source = "### BEGIN SOLUTION\nOnly gaps between logits count.\n### END SOLUTION"
    cell = nbformat.v4.new_markdown_cell(source, id=WRITTEN)
    roles = {"schema_version": 3, "grade": True, "solution": True, "locked": False, "task": False}
    cell.metadata["nbgrader"] = {**roles, "grade_id": WRITTEN, "points": 2.0}
    notebook.cells.append(cell)
    nbformat.write(notebook, path)


def with_answer(notebook: Notebook, text: str, attachments: Notebook | None = None) -> Notebook:
    cell = next(cell for cell in notebook["cells"] if cell["id"] == WRITTEN)
    cell.update(source=text, attachments=attachments or {})
    return notebook


def hostile(notebook: Notebook) -> Notebook:
    """The notebook, with code in every cell a student can edit that must not run when the notebook is viewed."""
    script = "</pre><script>window.ran = 'code'</script>"
    notebooks.with_cells(notebook, f"text = '''{script}'''")
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"] = [{"output_type": "display_data", "data": {"text/html": script}, "metadata": {}}]
    notebook["cells"][:0] = [
        {"cell_type": "markdown", "id": "hostile", "metadata": {}, "source": HOSTILE, "attachments": PASTED},
        {"cell_type": "markdown", "id": "missing", "metadata": {}, "source": f"{HOSTILE}\n![lost](attachment:lost)"},
        {"cell_type": "markdown", "id": "broken", "metadata": {}, "source": "half a pair: \ud83d"},
        {"cell_type": "raw", "id": "raw", "metadata": {}, "source": CLOBBERING},
    ]
    return with_answer(notebook, HOSTILE, PASTED)


class Term(CourseCopy):
    """A course with the `softmax` lab, which also asks for a written answer."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.configure(PENALTY)
        self.run("mastery", "build")
        with_written_answer(self.root / "build" / "source" / "softmax" / "softmax.ipynb")
        self.run("nbgrader", "generate_assignment", "softmax")
        with self.gradebook() as gradebook:
            gradebook.update_or_create_assignment("softmax", duedate=DUE)
        course = load(self.root)
        self.parts = notebooks.simulation(course, course.lab("softmax"))

    def gradebook(self) -> api.Gradebook:
        return api.Gradebook(f"sqlite:///{self.root / 'gradebook.db'}")

    def hand_in(self, student: str, notebook: Notebook, time: str = IN_TIME) -> None:
        path = self.root / "submitted" / student / "softmax" / "softmax.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(notebook), encoding="utf-8")
        path.with_name("timestamp.txt").write_text(time)

    def grade(self) -> None:
        self.run("mastery", "grade", "softmax", "--processes", 1)

    def evidence(self, student: str) -> Notebook:
        """The newest result for a student in the gradebook."""
        query = (
            "SELECT result FROM mastery_grading JOIN submitted_assignment ON submission_id = submitted_assignment.id "
            "WHERE student_id = ? ORDER BY graded_at DESC"
        )
        with closing(sqlite3.connect(self.root / "gradebook.db")) as connection:
            result: Notebook = json.loads(connection.execute(query, [student]).fetchone()[0])
        return result


class Instructor:
    """Someone who uses formgrader's pages and opens feedback files. `asked`: the last page's requests."""

    def __init__(self, page: Page, server: str, term: Term) -> None:
        self.page = page
        self.formgrader = f"{server}/formgrader"
        self.term = term
        self.asked: list[str] = []
        page.goto(f"{self.formgrader}/manage_assignments?token={TOKEN}")
        page.on("request", self._hear)

    def _hear(self, request: Request) -> None:
        if urlsplit(request.url).scheme != "data":
            self.asked.append(request.url)

    def listed(self, student: str) -> Locator:
        """The student's row in the list of graded submissions, where people give points by hand."""
        self.page.goto(f"{self.formgrader}/gradebook/softmax/softmax")
        expect(self.page.locator("#main-table .name a").first).to_be_attached()
        self.page.get_by_role("button", name="Show All Names").click()
        return self._row(student)

    def managed(self, student: str) -> Locator:
        """The student's row in the list of all submissions, with buttons to autograde and to generate feedback."""
        self.page.goto(f"{self.formgrader}/manage_submissions/softmax")
        return self._row(student)

    def _row(self, student: str) -> Locator:
        return self.page.locator("#main-table tr", has=self.page.get_by_text(student, exact=True))

    def press(self, button: str, student: str) -> None:
        """Press the button in the student's row, and OK when it's done."""
        self.managed(student).locator(f".{button} a").click()
        expect(self.page.get_by_role("heading", name="Success")).to_be_visible()
        self.page.get_by_role("button", name="OK").click()
        expect(self.page.get_by_role("dialog")).to_have_count(0)

    def open(self, student: str, page_of: PageOf = "formgrader") -> None:
        """Open the page of a student's submission, and wait until it can be used."""
        if page_of == "feedback":
            self.press("generate-feedback", student)
            self.asked.clear()
            self.page.goto((self.term.root / "feedback" / student / "softmax" / "softmax.html").as_uri())
        else:
            link = self.listed(student).get_by_role("link", name=student, exact=True)
            self.asked.clear()
            link.click()
            for field in (self.page.locator("input#softmax"), self.comment):
                expect(field).to_have_attribute("placeholder", re.compile("."))
        self.page.wait_for_load_state("networkidle")

    @property
    def score(self) -> Locator:
        """The score of the written answer."""
        return self.page.locator(f"#{WRITTEN}")

    @property
    def comment(self) -> Locator:
        return self.page.locator(f"#{WRITTEN}-comment")

    def write(self, field: Locator, text: str) -> None:
        """Type text into one of the two fields, which is saved when it loses focus."""
        field.fill(text)
        with self.page.expect_response(lambda response: response.request.method == "PUT") as saved:
            field.press("Escape")
        assert saved.value.ok

    def picture(self, name: str, of: Locator | None = None) -> None:
        if of is not None:
            of.scroll_into_view_if_needed()
        screenshot(self.page, f"formgrader-{name}", full_page=of is None)


@pytest.fixture(scope="module")
def term(tmp_path_factory: pytest.TempPathFactory) -> Term:
    """A class with one lab, graded. If a test changes a student's submissions, no other test uses that student."""
    term = Term(tmp_path_factory.mktemp("term"))
    parts = term.parts
    term.hand_in("ada", with_answer(parts.solved(), READS_WELL, PLOT))
    term.hand_in("bea", with_answer(parts.solved({"softmax": BASE_2}), "It is so."))
    term.hand_in("bob", parts.blank())
    term.hand_in("kim", with_answer(parts.solved(), "Softmax sees only the gaps."))
    term.hand_in("lee", parts.solved(), THREE_HOURS_LATE)
    term.hand_in("mal", hostile(parts.solved({"softmax": SAYS_HTML})))
    term.grade()
    return term


@pytest.fixture(scope="module")
def server(term: Term, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    home = tmp_path_factory.mktemp("home")
    (home / "config").mkdir()
    (home / "config" / "jupyter_server_config.py").write_text(NEVER_COLLECTS)
    with jupyter("jupyter-server", term.root, home, term.environment) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def instructor(browser: Browser, server: str, term: Term) -> Iterator[Instructor]:
    with local_context(browser) as context:
        yield Instructor(context.new_page(), server, term)


@pytest.mark.parametrize(
    ("student", "total", "by_checks", "is_to_read"),
    [
        ("ada", "25 / 27", "25 / 25", True),
        ("bea", "17.91 / 27", "17.91 / 25", True),
        ("bob", "0 / 27", "0 / 25", False),
    ],
)
def test_the_list_has_the_scores_and_says_whose_answer_a_person_has_to_read(
    instructor: Instructor, student: str, total: str, by_checks: str, is_to_read: bool
) -> None:
    row = instructor.listed(student)
    expect(row.locator(".score")).to_have_text(total)
    expect(row.locator(".code-score")).to_have_text(by_checks)
    expect(row.locator(".written-score")).to_have_text("0 / 2")
    expect(row.locator(".needs-manual-grade .glyphicon-ok")).to_have_count(int(is_to_read))
    instructor.picture("list", row)


def test_a_submissions_page_says_below_each_stub_what_was_found(instructor: Instructor) -> None:
    instructor.open("bea")
    found = instructor.page.locator(".mastery-check")
    expect(found).to_have_count(4)
    softmax = found.first
    expect(softmax).to_contain_text("softmax: 5 of 25 checks passed")
    expect(softmax).to_contain_text("This looks like: base 2.")
    expect(softmax).to_contain_text("These are all the checks, including the hidden ones.")
    expect(found.nth(1)).to_contain_text("log_softmax: 18 of 18 checks passed")
    expect(instructor.page.locator("#softmax")).to_have_attribute("placeholder", re.compile(r"0\.91"))
    instructor.picture("page", softmax)
    instructor.picture("whole-page")


def test_what_a_person_gave_outlasts_a_regrade_and_a_newer_submission_is_to_read_again(
    term: Term, instructor: Instructor
) -> None:
    instructor.open("kim")
    instructor.write(instructor.score, "1.5")
    instructor.write(instructor.comment, "And **why** is that?")
    instructor.picture("by-hand", instructor.comment)
    to_read = ".needs-manual-grade .glyphicon-ok"
    row = instructor.listed("kim")
    expect(row.locator(".score")).to_have_text("26.5 / 27")
    expect(row.locator(to_read)).to_have_count(0)

    checks = term.root / "reference" / "softmax" / "test_visible.py"
    in_title = re.compile(r'(def test_\w+\(student.*\n    """)')
    checks.write_text(in_title.sub(r"\1Since the change: ", checks.read_text(encoding="utf-8")), encoding="utf-8")
    term.grade()
    instructor.open("kim")
    expect(instructor.page.get_by_text("Since the change:").first).to_be_visible()
    expect(instructor.score).to_have_value("1.5")
    expect(instructor.comment).to_have_value("And **why** is that?")
    expect(instructor.listed("kim").locator(to_read)).to_have_count(0)

    term.hand_in("kim", with_answer(term.parts.solved(), "Since a shift cancels."), LATER)
    term.grade()
    expect(instructor.listed("kim").locator(to_read)).to_have_count(1)
    instructor.open("kim")
    expect(instructor.page.get_by_text("Since a shift cancels.")).to_be_visible()
    expect(instructor.score).to_have_value("1.5")
    expect(instructor.comment).to_have_value("And **why** is that?")
    instructor.page.get_by_role("button", name="Resolve").filter(visible=True).click()
    row = instructor.listed("kim")
    expect(row.locator(".score")).to_have_text("26.5 / 27")
    expect(row.locator(to_read)).to_have_count(0)


def test_the_autograde_button_grades_in_the_sandbox(term: Term, instructor: Instructor) -> None:
    reached = term.root / "reached"
    notebook = with_answer(term.parts.solved(), "It cancels.")
    term.hand_in("zoe", notebooks.with_cells(notebook, f"open({str(reached)!r}, 'w').close()"))
    expect(instructor.managed("zoe")).to_contain_text("needs autograding")
    instructor.press("autograde", "zoe")
    row = instructor.managed("zoe")
    expect(row).to_contain_text("needs manual grading")
    expect(row.locator(".score")).to_have_text("25 / 27")
    instructor.picture("autograded", row)
    evidence = term.evidence("zoe")
    assert (evidence["status"], evidence["score"], evidence["attempt"]) == ("graded", 25.0, 1)
    assert evidence["isolation"]
    assert not reached.exists()


def test_feedback_takes_off_what_came_late_until_there_is_an_extension(term: Term, instructor: Instructor) -> None:
    instructor.open("lee", "feedback")
    instructor.picture("late", instructor.page.locator("h4"))
    expect(instructor.page.locator("h4")).to_have_text("softmax (Score: 22.0 / 27.0)")
    expect(instructor.page.locator(".late-penalty")).to_have_text("Late submission penalty (Score: -3.0)")
    expect(instructor.managed("lee").locator(".score")).to_have_text("25 / 27")
    with term.gradebook() as gradebook:
        gradebook.grant_extension("softmax", "lee", hours=4)
    instructor.press("autograde", "lee")
    instructor.open("lee", "feedback")
    expect(instructor.page.locator("h4")).to_have_text("softmax (Score: 25.0 / 27.0)")
    expect(instructor.page.locator(".late-penalty")).to_have_count(0)


@pytest.mark.parametrize("page_of", ["formgrader", "feedback"])
def test_what_a_student_wrote_neither_runs_nor_fetches(instructor: Instructor, page_of: PageOf) -> None:
    instructor.open("mal", page_of)
    page = instructor.page
    shown, _, _ = page.url.partition("?")
    expect(page.get_by_text("<img src=x onerror=window.ran='error'>").first).to_be_visible()
    expect(page.get_by_text("</pre><script>window.ran = 'code'</script>")).to_be_visible()
    for text in ("hover", "press", "press too", "my page"):
        for each in page.get_by_text(text, exact=True).all():
            each.click()
    page.wait_for_load_state("networkidle")
    instructor.picture(f"hostile-{page_of}")
    assert page.evaluate("window.ran") is None
    its_own = re.compile(rf"{re.escape(instructor.formgrader)}/(static|api)/")
    assert {url for url in instructor.asked if not its_own.match(url)} <= {shown, shown.removesuffix("/")}


@pytest.mark.parametrize("page_of", ["formgrader", "feedback"])
def test_honest_markdown_reads_well(instructor: Instructor, page_of: PageOf) -> None:
    instructor.open("ada", page_of)
    answer = instructor.page.locator(".nbgrader_cell .rendered_html").last
    expect(answer).to_contain_text("Only the gap counts, nothing else: a<b, so 1 < 2. See this page.")
    expect(answer.locator("math mo")).to_have_text("<")
    expect(answer.locator("strong")).to_have_text("the gap")
    expect(answer.locator("b")).to_have_text("nothing else")
    expect(answer.locator("code")).to_have_text("1 < 2")
    expect(answer.get_by_role("link")).to_have_attribute("href", "https://lesson.example/softmax?a=1&b=2")
    expect(answer.get_by_role("cell", name="the same")).to_be_visible()
    picture = answer.get_by_role("img", name="my plot")
    assert picture.evaluate("image => image.naturalWidth") == 1
    instructor.picture(f"markdown-{page_of}", answer)
