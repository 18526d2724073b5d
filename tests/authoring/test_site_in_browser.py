"""The course in a browser tab, built for real and driven in a real Chromium: pytest -m browser"""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from autograder.authoring.simulation import notebooks
from autograder.grading.jobs import GradingContext, Job
from autograder.grading.session import GradingSession
from autograder.model.course import Lab, load
from autograder.model.submission import Cell, checked_stub
from tests.browser import chromium, local_context
from tests.sampling import sampled
from tests.site import built_site, run, served, wait_for_python
from tests.testing import with_references

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parents[2]
COURSE = load(ROOT)
IN_TAB = (Path(__file__).with_name("verdicts_in_tab.py")).read_text("utf-8")
# Submission, check, outcome, names of the misconception and of the beginner's slip.
Said = with_references.Said
# A call that draws, tries out or shows: it needs a person, or only takes time.
ONLY_SHOWS = re.compile(r"\b(show|check|compare|practice|ask|solved|display|interact)\(|\bplt\.(?!rc)")
# Verdicts that are others in a tab, each with its reason.
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
def page(browser: Browser, site: str) -> Iterator[Page]:
    """The site in a browser that was never there, which asks nobody but the site."""
    with local_context(browser) as context:
        page = context.new_page()
        page.goto(site)
        yield page


# --- the same verdicts


def submissions(lab: Lab) -> Iterator[tuple[str, str | None, str]]:
    yield "solution", None, "pass"
    for other in (*notebooks.alternatives(COURSE, lab), *notebooks.wrong_answers(COURSE, lab)):
        name = f"{type(other).__name__.lower()} {other.name}"
        yield name, other.of, notebooks.source_of(COURSE, other, "somebody")


def said_here(lab: Lab, folder: Path) -> list[Said]:
    """What grading says of them on this machine, of the stub that's another only; with torch."""
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


def said_in_tab(lab: Lab, page: Page) -> list[Said]:
    parts = notebooks.simulation(COURSE, lab)
    cells = [each["source"] for each in parts.solved(student="somebody")["cells"] if each["cell_type"] == "code"]
    stubs = {each.name: next(cell for cell in cells if Cell(0, cell).defines(each.name)) for each in lab.stubs}
    needed = [cell for cell in cells if cell in stubs.values() or not ONLY_SHOWS.search(cell)]
    asked = [[cell for cell in needed if checked_stub(cell) is None], stubs, list(submissions(lab))]
    printed = run(page, f"{IN_TAB}\nsay(*{json.dumps(asked)})".replace("null", "None"))
    assert "SAID" in printed, printed[-3_000:]
    return [tuple(each) for each in json.loads(printed.rpartition("SAID")[2])]


@pytest.mark.parametrize("name", sampled((lab.name for lab in COURSE.labs), "softmax", "sampler", "architecture"))
def test_every_visible_check_says_the_same_in_a_tab(page: Page, name: str, tmp_path: Path) -> None:
    lab = COURSE.lab(name)
    wait_for_python(page)
    in_tab, here = said_in_tab(lab, page), said_here(lab, tmp_path)
    assert len(here) > 5
    if lab.assessment:  # its misconceptions are the key, which isn't handed out
        here = [(*each[:3], None, each[4]) for each in here]
    different = sorted(set(in_tab) ^ set(here))
    assert [each for each in different if (each[0], each[1]) not in DIFFERENT] == []
    assert len(in_tab) == len(here)
    right = {each[2] for each in in_tab if not each[0].startswith("misconception")}
    assert right <= {"passed", "not graded"}
    print(f"{name}: {len(here)} verdicts compared")
