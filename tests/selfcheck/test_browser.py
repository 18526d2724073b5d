"""JupyterLab as a student has it, started for real and driven through a real browser: pytest -m browser"""

import importlib
import os
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from autograder.authoring.simulation import notebooks
from autograder.grading.content import make_importable, misconceptions
from autograder.grading.jobs import GradingContext, Job
from autograder.grading.session import GradingSession
from autograder.model.course import Lab
from autograder.model.mistakes import words
from autograder.model.results import Outcome
from autograder.notebook.toys import TOYS
from autograder.notebook.toys.declarations import Dial
from tests.browser import PICTURES, SCRIPTS, TOKEN, chromium, jupyter, local_context, screenshot
from tests.repository import COURSE

pytestmark = pytest.mark.browser

SETTINGS = {
    # The page contains all cells, not only the visible ones, and there's no question about news before the first click.
    "@jupyterlab/notebook-extension/tracker": '{"windowingMode": "none"}',
    "@jupyterlab/apputils-extension/notification": '{"fetchNews": "false", "checkForUpdates": false}',
}


@dataclass(frozen=True)
class Server:
    address: str
    settings: Path


@contextmanager
def started_in(home: Path) -> Iterator[Server]:
    """JupyterLab in a folder that `mastery start` made, with none of this machine's settings."""
    labs = home / "my-labs"
    subprocess.run([SCRIPTS / "mastery", "start", labs], cwd=home, check=True, capture_output=True)
    settings = home / "settings"
    for name, content in SETTINGS.items():
        file = settings / f"{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
    # As left by a crashed nbgrader validation.
    environment = {**os.environ, "NBGRADER_VALIDATING": "1"}
    with jupyter("jupyter-lab", labs, home, environment, "--LabApp.expose_app_in_browser=True") as address:
        yield Server(address, settings)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with started_in(tmp_path_factory.mktemp("home")) as started:
        yield started


@pytest.fixture
def first_day(tmp_path: Path) -> Iterator[Server]:
    """A folder in which no other test has finished anything."""
    with started_in(tmp_path) as started:
        yield started


@dataclass(frozen=True)
class Mistake:
    """A wrong answer to a stub as a student would paste it, and the name and hint that its visible checks give it."""

    source: str
    name: str
    hint: str


@pytest.fixture(scope="module")
def room() -> Iterator[GradingSession]:
    room = GradingSession(GradingContext(COURSE.root, b""), visible_only=True)
    yield room
    room.close()


def mistake_of(room: GradingSession, parts: notebooks.Simulation, stub: str, folder: Path) -> Mistake:
    """The stub's first misconception that a self-check names."""
    for wrong in misconceptions(COURSE, stub):
        source = notebooks.source_as(stub, wrong.function)
        path = notebooks.write(parts.solved({stub: source}), folder / f"{parts.lab.name}.ipynb")
        (result,) = room.grade([Job("ada", parts.lab.name, path, 1, "")])
        failed = (each for each in result.checks if each.stub == stub and each.outcome is not Outcome.PASSED)
        if (first := next(failed, None)) and first.misconception and first.hint:
            return Mistake(source, words(first.misconception), first.hint.replace("`", ""))
    raise AssertionError(f"no visible check of {stub} names a misconception")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def context(browser: Browser, server: Server) -> Iterator[BrowserContext]:
    """A browser that blocks and records requests to anywhere but the server."""
    with local_context(browser) as context:
        context.grant_permissions(["clipboard-read", "clipboard-write"], origin=server.address)
        yield context


class Notebook:
    """A notebook open in JupyterLab, used as a student uses it."""

    def __init__(self, page: Page, server: Server, lab: Lab) -> None:
        self.page = page
        self.lab = lab
        page.goto(f"{server.address}/lab/tree/{lab.name}/{lab.name}.ipynb?reset&token={TOKEN}")
        self.cells = page.locator(".jp-Notebook .jp-CodeCell")
        expect(page.get_by_text("Python 3 (ipykernel) | Idle")).to_be_visible()

    def menu(self, name: str, command: str) -> None:
        self.page.get_by_role("menuitem", name=name, exact=True).click()
        self.page.locator(f'.lm-Menu-item[data-command="{command}"]').click()

    def run_all(self) -> None:
        self.menu("Run", "runmenu:run-all")
        self.settle()

    def restart_and_run_all(self) -> None:
        self.menu("Run", "runmenu:restart-and-run-all")
        self.page.get_by_role("button", name="Confirm Kernel Restart").click()
        self.settle()

    def settle(self) -> None:
        """Wait until every cell has run."""
        waiting = self.page.locator(".jp-Notebook .jp-InputPrompt", has_text=re.compile(r"\[(\*| )?\]:"))
        expect(waiting).to_have_count(0)

    def cell_of(self, stub: str) -> Locator:
        return self.cells.filter(has_text=re.compile(rf"def {stub}\(|{stub}_round = ")).first

    def check_of(self, stub: str) -> Locator:
        return self.cells.filter(has_text=f'check("{stub}")').first

    def result(self, stub: str) -> Locator:
        return self.check_of(stub).locator(".mastery-check")

    def paste(self, stub: str, source: str) -> None:
        """Replace the source of the stub's cell through the clipboard, and run it."""
        self.page.evaluate("text => navigator.clipboard.writeText(text)", source)
        self.cell_of(stub).locator(".cm-content").click()
        for keys in ("Control+a", "Control+v", "Control+Enter"):
            self.page.keyboard.press(keys)

    def check(self, stub: str) -> Locator:
        """Run its check again and return the result."""
        self.check_of(stub).locator(".cm-content").click()
        self.page.keyboard.press("Control+Enter")
        self.settle()
        return self.result(stub)

    def picture(self, name: str, of: Locator) -> None:
        """Take a light and a dark screenshot, if somebody wants to look at them, because changing themes is slow."""
        for theme in () if PICTURES is None else ("Dark", "Light"):
            command = "theme => window.jupyterapp.commands.execute('apputils:change-theme', {theme})"
            self.page.evaluate(command, f"JupyterLab {theme}")
            expect(self.page.locator(f'body[data-jp-theme-name="JupyterLab {theme}"]')).to_be_attached()
            expect(self.page.locator("#jupyterlab-splash")).to_have_count(0)
            of.scroll_into_view_if_needed()
            screenshot(self.page, f"{self.lab.name}-{name}-{theme.lower()}")


# Each of the others takes most of a minute.
FIRST_LOOKED_AT = ("start", "softmax", "stages")


@pytest.mark.parametrize(
    "lab",
    [
        pytest.param(lab, id=lab.name, marks=() if lab.name in FIRST_LOOKED_AT else pytest.mark.slow)
        for lab in COURSE.labs
    ],
)
def test_a_lab(lab: Lab, context: BrowserContext, server: Server, room: GradingSession, tmp_path: Path) -> None:
    parts = notebooks.simulation(COURSE, lab)
    items = [stub.name for stub in lab.stubs if stub.name in COURSE.items]
    functions = [stub.name for stub in lab.stubs if stub.name not in items]
    mistakes = {stub: mistake_of(room, parts, stub, tmp_path) for stub in functions}
    notebook = Notebook(context.new_page(), server, lab)
    first, *others = (stub.name for stub in lab.stubs)
    last = notebook.result([first, *others][-1])
    errors = notebook.page.locator('[data-mime-type$=".error"], [data-mime-type$=".stderr"]')

    notebook.run_all()
    for stub in (first, *others):
        assert set(notebook.result(stub).locator(".outcome").all_inner_texts()) == {"· unsolved"}
        expect(notebook.result(stub)).to_contain_text("Not answered yet" if stub in items else "Still unsolved.")
    expect(errors).to_have_count(0)
    notebook.picture("unsolved", notebook.result(first))

    for stub, mistake in mistakes.items():
        notebook.paste(stub, mistake.source)
        result = notebook.check(stub)
        expect(result).to_contain_text(f"This looks like: {mistake.name}.")
        expect(result).to_contain_text(mistake.hint)
    notebook.picture("wrong", notebook.result(first))

    for stub in (first, *others):
        notebook.paste(stub, notebooks.answer_as(COURSE, stub) if stub in items else parts.solutions[stub])
    notebook.restart_and_run_all()
    for stub in items:
        expect(notebook.result(stub)).to_contain_text("answer recorded")
    for stub in functions:
        expect(notebook.result(stub).locator(".outcome:not(.passed)")).to_have_count(0)
        expect(notebook.result(stub)).to_contain_text(re.compile(r"(\d+) of \1 here"))
    expect(last).to_contain_text(f"every stub of “{lab.title}” passes its visible checks")
    after = COURSE.labs[COURSE.labs.index(lab) + 1 :]
    expect(last).to_contain_text(f"Next: the lab “{after[0].title}”" if after else "Next: fill in packet.yaml")
    expect(errors).to_have_count(0)
    notebook.picture("solved", last)


def test_practice(context: BrowserContext, server: Server) -> None:
    """A practice question with two wrong choices among right ones: what's said about each, and the next question."""
    make_importable(COURSE)
    quiz = importlib.import_module("reference.quiz")
    asked, following = quiz.practice_questions("softmax_item")[:2]
    notebook = Notebook(context.new_page(), server, COURSE.lab("terms"))
    notebook.run_all()
    card = notebook.cells.filter(has_text='practice(practice_questions("softmax_item"))').locator(".mastery-practice")
    expect(card).to_contain_text(asked["asks"])
    notebook.picture("practice", card)

    number, letters = asked["answer"]
    card.get_by_role("button", name="Check").click()
    expect(card).to_contain_text("Choose True or False for every statement.")
    card.locator("input[type=text]").fill(str(number))
    rows = card.locator(".row")
    wrong = [*asked["options"]][:2]
    for row, (letter, statement) in zip(rows.all(), asked["options"].items(), strict=True):
        is_true = (letter in letters) is not (letter in wrong)
        button = row.get_by_role("button", name="True" if is_true else "False", exact=True)
        expect(button).to_have_accessible_description(statement)
        button.click()
    card.get_by_role("button", name="Check").click()
    expect(card.get_by_text("✗ Not quite.")).to_have_count(len(wrong))
    expect(card.get_by_text("✓ Right.")).to_have_count(1 + len(asked["options"]) - len(wrong))
    for _, why in asked["why"].values():
        expect(card).to_contain_text(why)
    notebook.picture("practice-checked", card.get_by_role("button", name="Check"))

    card.get_by_role("button", name="Another question").click()
    expect(card).to_contain_text(following["asks"])
    expect(card).not_to_contain_text("Right.")


def test_by_keyboard(context: BrowserContext, server: Server) -> None:
    """Write and check a stub, and open its hints, with only the keyboard."""
    lab = COURSE.lab("start")
    notebook = Notebook(context.new_page(), server, lab)
    page = notebook.page
    notebook.run_all()
    notebook.cell_of("row_means").locator(".cm-content").focus()

    def write(line: str) -> None:
        for keys in ("Control+End", "Shift+Home"):
            page.keyboard.press(keys)
        page.keyboard.type(line)
        page.keyboard.press("Shift+Enter")
        page.keyboard.press("Control+Enter")
        notebook.settle()

    write("return table.mean(axis=0)")
    result = notebook.result("row_means")
    expect(result).to_contain_text("This looks like: column means.")
    hint = result.locator("summary", has_text="Hint (1 of 3)")
    for _ in range(20):
        if hint.evaluate("hint => hint === document.activeElement"):
            break
        page.keyboard.press("Tab")
    expect(hint).to_be_focused()
    page.keyboard.press("Enter")
    expect(result.get_by_text("Another hint (2 of 3)")).to_be_visible()
    notebook.picture("hint", hint)


def test_to_look_at_and_to_play_with(context: BrowserContext, first_day: Server) -> None:
    """The seven boxes, a picture and a slider: with nothing solved, then with a box lit and the student's function.

    Read as a screen reader does, by keyboard, and on a narrow page.
    """
    lab = COURSE.lab("softmax")
    solutions = notebooks.simulation(COURSE, lab).solutions
    notebook = Notebook(context.new_page(), first_day, lab)
    page = notebook.page
    notebook.run_all()
    boxes = notebook.cells.filter(has_text="progress()").get_by_role("img")
    expect(boxes).to_have_accessible_name(re.compile("0 of 7 boxes are lit.*Output Layer 0 of 2"))
    picture = notebook.cells.filter(has_text='picture("temperature")').get_by_role("img")
    expect(picture).to_have_accessible_name(re.compile("At 0.1, mat has 0.90, floor 0.10"))
    notebook.picture("pictures", picture)

    toy = notebook.cells.filter(has_text='play("temperature")')
    expect(toy.get_by_role("img")).to_have_accessible_name(re.compile("At temperature 1 the next word is mat 0.35"))
    expect(toy).to_contain_text("Drawn by the course's code.")
    slider = toy.get_by_role("slider", name="temperature")
    slider.focus()
    for _ in range(5):
        page.keyboard.press("ArrowLeft")
    expect(toy.get_by_role("img")).to_have_accessible_name(re.compile("At temperature 0.5 the next word is mat 0.5"))
    expect(slider).to_have_attribute("aria-valuetext", "0.5")
    page.set_viewport_size({"width": 390, "height": 844})
    scrolled = toy.locator(".mastery-picture").evaluate(
        "each => [each.scrollWidth, each.clientWidth, each.scrollLeft = 99]"
    )
    assert scrolled[0] > scrolled[1]
    assert toy.locator(".mastery-picture").evaluate("each => each.scrollLeft") > 0
    notebook.picture("slider-narrow", toy.get_by_role("img"))
    page.set_viewport_size({"width": 1200, "height": 900})

    notebook.paste("softmax_with_temperature", solutions["softmax_with_temperature"])
    result = notebook.check("softmax_with_temperature")
    expect(result).to_contain_text("Sampling: 1 of 7 parts done.")
    expect(result.get_by_role("img")).to_have_accessible_name(re.compile("Sampling 1 of 7"))
    slider.focus()
    page.keyboard.press("ArrowLeft")
    expect(toy).to_contain_text("Drawn by your softmax_with_temperature.")
    expect(toy.get_by_role("img")).to_have_accessible_name(re.compile("At temperature 0.4 the next word is mat 0.5"))
    notebook.picture("lit", result)


class Edges(NamedTuple):
    left: float
    top: float
    right: float
    bottom: float


def edges_of(shown: Locator) -> Edges:
    box = shown.bounding_box()
    assert box is not None
    return Edges(box["x"], box["y"], box["x"] + box["width"], box["y"] + box["height"])


def test_every_toy_fits_a_phone(context: BrowserContext, server: Server) -> None:
    """Each of its sliders and fields has a name, is within the page, and has room to be dragged or typed in."""
    notebook = Notebook(context.new_page(), server, COURSE.lab("softmax"))
    page = notebook.page
    notebook.paste("softmax", f"from autograder import play\nfor each in {[*TOYS]}:\n    play(each)")
    panels = notebook.cells.locator(".mastery-toy")
    expect(panels).to_have_count(len(TOYS))
    page.evaluate("window.jupyterapp.commands.execute('application:toggle-left-area')")
    expect(page.locator("#jp-left-stack")).to_be_hidden()
    page.set_viewport_size({"width": 400, "height": 844})
    for panel, toy in zip(panels.all(), TOYS.values(), strict=True):
        for setting in toy.settings:
            role: Literal["slider", "textbox"] = "slider" if isinstance(setting, Dial) else "textbox"
            control = panel.get_by_role(role, name=setting.label, exact=True)
            row = control.locator("xpath=ancestor::*[contains(@class, 'widget-inline-hbox')]")
            held = row.locator(".noUi-base") if role == "slider" else control
            edges, outer, inner, below = map(edges_of, (panel, row, held, panel.locator(".mastery-picture")))
            assert inner.right - inner.left >= 100, setting.name
            assert edges.left <= outer.left <= inner.left, setting.name
            assert inner.right <= outer.right <= edges.right, setting.name
            assert outer.bottom <= below.top, setting.name
    for name in ("beta", "stages"):
        notebook.picture(f"{name}-on-a-phone", panels.nth([*TOYS].index(name)))


def test_the_first_cell_shows_a_model_that_answers(context: BrowserContext, server: Server) -> None:
    """The model starts with a click and Shift+Enter, and the last of its four answers arrives piece by piece."""
    notebook = Notebook(context.new_page(), server, COURSE.lab("start"))
    cell = notebook.cells.first
    cell.locator(".cm-content").click()
    notebook.page.keyboard.press("Shift+Enter")
    film = cell.get_by_role("img")
    last = "preference-tuned “The capital of France is Paris. The people of France speak French.”"
    expect(film).to_have_accessible_name(re.compile("pre-trained “What"))
    expect(film).not_to_have_accessible_name(re.compile(re.escape(last)))
    expect(film).to_have_accessible_name(re.compile(re.escape(last)))
    notebook.picture("film", film)

    cell.get_by_role("textbox", name="question").fill("Explain gravity simply")
    notebook.page.keyboard.press("Enter")
    expect(film).to_have_accessible_name(re.compile("fine-tuned “Gravity pulls the apple down to the floor.”"))
