"""The course in a browser tab, built for real and driven in a real Chromium: pytest -m browser"""

import json
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from autograder.authoring.simulation import notebooks
from autograder.authoring.site import bytecode, python
from autograder.grading.jobs import GradingContext, Job
from autograder.grading.session import GradingSession
from autograder.model.course import Lab
from autograder.model.submission import Cell, checked_stub
from tests.browser import chromium, local_context, screenshot
from tests.course_copy import CourseCopy
from tests.repository import COURSE, ROOT
from tests.sampling import sampled
from tests.site import PYODIDE, built_site, cdn, needed_cells, run, served, wait_for_python
from tests.testing import with_references

pytestmark = pytest.mark.browser

IN_TAB = (Path(__file__).with_name("verdicts_in_tab.py")).read_text("utf-8")
# A submission: its name, the stub in which it differs from the solution, and its source.
Answer = tuple[str, str | None, str]
SOLUTION: Answer = "solution", None, "pass"
# Submission, check, outcome, names of the misconception and of the pitfall.
Said = with_references.Said
WRONG = """
def softmax(logits, axis=-1):
    e = 2.0 ** (logits - np.max(logits, axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)
"""
RIGHT = """
def softmax(logits, axis=-1):
    shifted = logits - np.max(logits, axis=axis, keepdims=True)
    e = np.exp(shifted)
    return e / e.sum(axis=axis, keepdims=True)
"""
# Verdicts that differ in a tab, each with its reason.
DIFFERENT: dict[tuple[str, str], str] = {}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(built_site(COURSE, tmp_path_factory.mktemp("site"))) as address:
        yield address


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def page(site: str, browser: Browser) -> Iterator[Page]:
    """The site in a fresh browser that sends requests only to the site."""
    with local_context(browser) as context:
        page = context.new_page()
        page.goto(site)
        yield page


@pytest.fixture(scope="module")
def shared_page(site: str, browser: Browser) -> Iterator[Page]:
    with local_context(browser) as context:
        page = context.new_page()
        page.goto(site)
        wait_for_python(page)
        yield page


@pytest.fixture
def tab(shared_page: Page) -> Page:
    """A tab in which nothing is defined yet. Tests that only run code share it, because Python starts slowly."""
    run(shared_page, "%reset -f")
    return shared_page


# --- the same verdicts


def submissions(lab: Lab) -> Iterator[Answer]:
    yield SOLUTION
    for other in (*notebooks.alternatives(COURSE, lab), *notebooks.wrong_answers(COURSE, lab)):
        name = f"{type(other).__name__.lower()} {other.name}"
        yield name, other.of, notebooks.source_of(COURSE, other, "somebody")


def said_here(lab: Lab, folder: Path) -> list[Said]:
    """What grading on this machine, with torch, says about the changed stub of each submission."""
    parts = notebooks.simulation(COURSE, lab)
    jobs = []
    for number, (name, stub, source) in enumerate(submissions(lab)):
        notebook = parts.solved({stub: source} if stub else None, "somebody")
        path = notebooks.write(notebook, folder / str(number) / f"{lab.name}.ipynb")
        jobs.append(Job(name, lab.name, path, 1, stub=stub))
    room = GradingSession(GradingContext(ROOT, b""), visible_only=True)
    try:
        return [
            (each.student, check.id, str(check.outcome), check.misconception, check.slip and check.slip.name)
            for each in room.grade(jobs)
            for check in each.checks
        ]
    finally:
        room.close()


def said_in_tab(lab: Lab, page: Page, answers: Sequence[Answer]) -> list[Said]:
    needed = needed_cells(COURSE, lab, "somebody")
    stubs = {each.name: next(cell for cell in needed if Cell(0, cell).defines(each.name)) for each in lab.stubs}
    asked = [[cell for cell in needed if checked_stub(cell) is None], stubs, list(answers)]
    printed = run(page, f"{IN_TAB}\nsay(*{json.dumps(asked)})".replace("null", "None"))
    assert "SAID" in printed, printed[-3_000:]
    return [tuple(each) for each in json.loads(printed.rpartition("SAID")[2].splitlines()[0])]


@pytest.mark.parametrize("name", sampled((lab.name for lab in COURSE.labs), "start", "terms", "readiness"))
def test_every_visible_check_says_the_same_in_a_tab(tab: Page, name: str, tmp_path: Path) -> None:
    lab = COURSE.lab(name)
    in_tab, here = said_in_tab(lab, tab, list(submissions(lab))), said_here(lab, tmp_path)
    assert len(here) > 5
    if lab.assessment:  # its misconceptions are the answer key, which isn't handed out
        here = [(*each[:3], None, each[4]) for each in here]
    different = sorted(set(in_tab) ^ set(here), key=str)
    assert [each for each in different if (each[0], each[1]) not in DIFFERENT] == []
    assert len(in_tab) == len(here)
    right = {each[2] for each in in_tab if not each[0].startswith("misconception")}
    assert right <= {"passed", "not graded"}
    print(f"{name}: {len(here)} verdicts compared")


# Labs whose checks pass functions, iterators and generators to stubs, draw from stubs, or run the language model.
@pytest.mark.parametrize("name", ["sampler", "generation", "architecture", "stages"])
def test_a_solution_passes_every_visible_check_in_a_tab(tab: Page, name: str) -> None:
    said = said_in_tab(COURSE.lab(name), tab, [SOLUTION])
    assert len(said) > 20
    assert [each for each in said if each[2] != "passed"] == []


# --- a student's path through it


def cell_of(page: Page, text: str) -> Locator:
    return page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-CodeCell", has_text=text).first


def press(page: Page, cell: Locator, *keys: str) -> None:
    cell.locator(".cm-content").click()
    for key in keys:
        page.keyboard.press(key)


def write(page: Page, cell: Locator, source: str) -> None:
    """Replace the cell's source, as if by pasting, and run it."""
    press(page, cell, "Control+a", "Delete")
    page.keyboard.insert_text(source)
    page.keyboard.press("Control+Enter")


def test_from_the_first_page_to_a_right_answer(page: Page) -> None:
    wait_for_python(page)
    # It opens on the first notebook, next to a list of all labs with their progress.
    expect(page.get_by_role("heading", name="Start here")).to_be_visible()
    expect(page.locator(".mastery-panel li")).to_have_count(len(COURSE.labs))
    page.locator("#mastery-lab-softmax .lab").click()
    expect(page.get_by_role("tab", name="softmax.ipynb")).to_be_visible()
    wait_for_python(page)
    press(page, cell_of(page, "from autograder import"), "Control+Enter")

    # A known mistake is named, with a hint and a picture.
    write(page, cell_of(page, "def softmax("), WRONG)
    press(page, cell_of(page, 'check("softmax")'), "Control+Enter")
    result = page.locator('.mastery-check[aria-label="Check of softmax"]')
    expect(result.get_by_text("base 2")).to_be_visible()
    expect(result.locator("svg").first).to_be_visible()
    cell_of(page, 'check("softmax")').evaluate("each => each.scrollIntoView()")
    screenshot(page, "site-wrong")

    # A correct answer counts immediately.
    write(page, cell_of(page, "def softmax("), RIGHT)
    press(page, cell_of(page, 'check("softmax")'), "Control+Enter")
    expect(result.get_by_text("10 of 10 here")).to_be_visible()
    expect(page.locator("#mastery-lab-softmax .count")).to_have_text("1/4")
    screenshot(page, "site-right")


def test_what_is_downloaded_is_collected_and_graded(page: Page, tmp_path: Path) -> None:
    wait_for_python(page)
    page.locator("#mastery-lab-softmax .lab").click()
    expect(page.get_by_role("tab", name="softmax.ipynb")).to_be_visible()
    wait_for_python(page)
    solutions = notebooks.simulation(COURSE, COURSE.lab("softmax")).solutions
    for stub in ("softmax", "log_softmax", "softmax_with_temperature"):
        write(page, cell_of(page, f"def {stub}("), solutions[stub])
    with page.expect_download() as downloaded:
        page.get_by_role("button", name="Download my work").click()
    expect(page.get_by_text("Saved as a zip in your downloads.")).to_be_visible()

    # Moodle's download of all submissions contains it exactly as the student uploaded it.
    course = CourseCopy(tmp_path)
    archive = course.root / "downloaded" / "softmax" / "archive"
    archive.mkdir(parents=True)
    with zipfile.ZipFile(archive / "submissions.zip", "w") as moodle:
        name = f"Ada Lovelace_881_assignsubmission_file/{downloaded.value.suggested_filename}"
        moodle.write(downloaded.value.path(), name)
    course.run("nbgrader", "zip_collect", "softmax")
    lab = COURSE.lab("softmax")
    points = sum(stub.points for stub in lab.stubs if stub.name != "entropy")
    assert f"mean {points:.2f} of {lab.points:g}" in course.run("mastery", "grade", "softmax")


def test_a_tablet_shows_the_panel_beside_the_notebook_and_a_phone_one_of_them(page: Page, site: str) -> None:
    panel, heading = page.locator(".mastery-panel"), page.get_by_role("heading", name="Start here")
    page.emulate_media(color_scheme="dark")
    for device, width, height, room in (("tablet", 820, 1180, 350), ("phone", 390, 844, 230)):
        page.set_viewport_size({"width": width, "height": height})
        page.goto(site)
        expect(heading).to_be_visible()
        expect(panel).to_be_visible(visible=device == "tablet")
        shown = heading.bounding_box()
        assert shown is not None
        assert shown["width"] > room
        assert shown["x"] + shown["width"] < width
        screenshot(page, f"site-{device}")
    page.get_by_role("tab", name="Course").click()
    page.locator("#mastery-lab-softmax .lab").click()
    expect(page.get_by_role("heading", name="Softmax", exact=False).first).to_be_visible()
    expect(panel).to_be_hidden()


def test_boxes_and_toys_are_drawn_and_what_passed_stays_lit(page: Page) -> None:
    wait_for_python(page)
    names = "import numpy as np\nfrom autograder import check, play, progress"
    assert "Drawn by the course's code" in run(page, f'{names}\nplay("beta", beta=1)')
    assert "Output Layer 0 of" in run(page, "progress()")
    run(page, RIGHT)
    assert "10 of 10 here" in run(page, 'print(check("softmax"))')
    lit = run(page, "progress()")
    assert "Output Layer 1 of" in lit
    page.reload()
    wait_for_python(page)
    assert run(page, f"{names}\nprogress()") == lit


ENDLESS = """
import time
calls = []
def row_means(table):
    calls.append(time.time())
    if len(calls) == 1:
        return next(each for each in iter(int, 1) if each)
    while True:
        try:
            len([])
        except BaseException:
            continue
"""


def test_what_never_ends_is_stopped(tab: Page) -> None:
    run(tab, f"from autograder import check\nfrom autograder.notebook import deadlines\n{ENDLESS}")
    # Each time, one of the three calls is made, since none ever returns.
    for _ in range(2):
        told = run(tab, 'print(check("row_means"))')
        assert "It didn't finish in 5 seconds." in told
        assert told.count("✗ timeout") == 3
    took, count = run(tab, "print(calls[1] - calls[0], len(calls))").split()
    assert 4.9 < float(took) < 30  # a tab's clocks are a few milliseconds apart
    assert count == "2"
    told = run(tab, "deadlines.deadlines.allow(1)\nwhile True:\n    pass")
    assert "This cell ran for more than 60 seconds and was stopped" in told
    lifted = "deadlines.deadlines.allow(1)\ndeadlines.take_your_time()\nend = time.time() + 2\n"
    assert run(tab, f"{lifted}while time.time() < end:\n    pass\nprint('done')") == "done\n"
    # Calls that a slider makes much later don't count toward the cell's deadline.
    later = "import asyncio\nseen = []\nasyncio.get_event_loop().call_later(0.1, lambda: seen.append('moved'))\n"
    run(tab, f"{later}deadlines.deadlines.allow(0)")
    tab.wait_for_timeout(500)
    assert run(tab, "print(*seen)") == "moved\n"


# The model of the active notebook.
MODEL = "jupyterapp.shell.currentWidget.context.model"


def test_what_sits_in_c_is_stopped_by_a_restart_that_costs_no_work(page: Page) -> None:
    wait_for_python(page)
    expect(page.get_by_text("If a cell never ends: Kernel > Restart Kernel.")).to_be_visible()
    write(page, cell_of(page, "def row_means("), "sum(iter(int, 1))")
    expect(page.locator(".jp-NotebookPanel .jp-InputPrompt", has_text="[*]")).to_be_visible()
    press(page, cell_of(page, "pens = 3"), "End")
    page.keyboard.insert_text("  # written meanwhile")
    page.wait_for_function(f"{MODEL}.dirty")
    page.wait_for_function(f"!{MODEL}.dirty")
    page.get_by_role("menuitem", name="Kernel").click()
    page.get_by_role("menu").get_by_text("Restart Kernel…", exact=True).click()
    page.get_by_role("dialog").get_by_text("Restart", exact=True).click()
    wait_for_python(page)
    assert run(page, "print(6 * 7)") == "42\n"
    page.reload()
    wait_for_python(page)
    assert "written meanwhile" in page.evaluate(f"JSON.stringify({MODEL}.toJSON())")


@pytest.mark.slow
def test_packages_left_to_a_cdn_come_from_there_and_the_page_says_so(browser: Browser, tmp_path: Path) -> None:
    with cdn() as elsewhere:
        site = built_site(COURSE, tmp_path, elsewhere)
        with served(site) as address, local_context(browser) as context:
            page = context.new_page()
            page.goto(address)
            expect(page.get_by_text("Python's packages are downloaded from 127.0.0.1")).to_be_visible()
            wait_for_python(page)
            assert run(page, "import numpy\nprint(numpy.__version__)") == "2.0.2\n"
    assert not list((site / "python").glob("numpy*"))


@pytest.mark.usefixtures("site")
def test_as_much_is_downloaded_as_is_announced() -> None:
    assert PYODIDE is not None
    packages = [each["file_name"] for each in python.NEEDED["packages"].values()]
    for files, announced in ((python.NEEDED["runtime"], python.RUNTIME_MB), (packages, python.PACKAGES_MB)):
        assert round(sum((Path(PYODIDE) / name).stat().st_size for name in files) / 1e6) == announced


def test_a_name_typed_once_is_the_login_for_questions(page: Page) -> None:
    wait_for_python(page)
    ask = 'from autograder.given import question\nprint(question("softmax_item")["student"])'
    assert 'fill in "Your name in the course" in the panel' in run(page, ask)
    page.get_by_label("Your name in the course").fill("ada")
    page.keyboard.press("Tab")
    expect(page.get_by_text("are now drawn for ada")).to_be_visible()
    assert run(page, ask) == "ada\n"
    page.reload()
    expect(page.get_by_label("Your name in the course")).to_have_value("ada")


def test_the_references_stay_out_of_a_students_reach(tab: Page) -> None:
    run(tab, 'from autograder import check\ncheck("row_means")')
    for name in ("torch", "pydantic", "yaml"):
        assert f"No module named '{name}'" in run(tab, f"import {name}")
    run(tab, "def row_means(table):\n    import torch\n    return torch.as_tensor(table).mean(-1).numpy()")
    assert "not available during grading: numpy only" in run(tab, 'print(check("row_means"))')


@pytest.mark.proof
def test_watching_for_loops_costs_little(tab: Page) -> None:
    lab = COURSE.lab("sampler")
    for cell in needed_cells(COURSE, lab):
        run(tab, cell)
    stubs = [stub.name for stub in lab.stubs]
    times = (
        f"import sys, time\nfrom autograder import check\ndef seconds():\n    begun = time.perf_counter()\n"
        f"    for stub in {stubs!r}:\n        check(stub)\n    return time.perf_counter() - begun\nseconds()\n"
        "watched = min(seconds() for _ in range(5))\nsys.monitoring.set_events(4, 0)\n"
        "for each in [*globals().values()]:\n"
        "    if hasattr(each, '__code__'):\n        sys.monitoring.set_local_events(4, each.__code__, 0)\n"
        "free = min(seconds() for _ in range(5))\nprint(watched, free)"
    )
    watched, free = map(float, run(tab, times).split())
    print(f"sampler's visible checks: {free:.2f} s, watched {watched:.2f} s")
    assert watched < 1.3 * free


WAS_COMPILED = """
import json, os, numpy, matplotlib.pyplot, ipywidgets
from autograder.model import course
print(json.__spec__.origin)
print(*(os.path.isfile(each.__spec__.cached) for each in (numpy, matplotlib.pyplot, ipywidgets, course)))
"""


@pytest.mark.skipif(bytecode.interpreter(python.PYTHON) is None, reason=f"needs Python {python.PYTHON}'s bytecode")
def test_what_a_tab_imports_was_compiled_when_the_site_was_made(tab: Page) -> None:
    library, packages = run(tab, WAS_COMPILED).splitlines()
    assert library == "/lib/python312.zip/json/__init__.pyc"
    assert packages == "True True True True"


def test_python_starts_in_one_worker_before_jupyterlab_asks_for_it(page: Page) -> None:
    with page.expect_event("worker") as started:
        page.reload()
    assert page.locator(".jp-NotebookPanel").count() == 0
    wait_for_python(page)
    assert page.workers == [started.value]
    assert started.value.url.endswith("/early-worker.js")
