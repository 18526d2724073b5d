"""The notebooks' own use of the package: every figure goes through `show`, and none of it matters during grading."""

import ast
import re
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from autograder.authoring.simulation import notebooks
from autograder.grading.connection import NotebookConnection
from autograder.grading.grader import under_test
from autograder.grading.jobs import GradingContext
from autograder.grading.session import GradingSession
from autograder.model.course import Lab
from autograder.model.submission import read
from autograder.testing.student import StubFailure
from tests.repository import COURSE
from tests.sampling import sampled

LABS = {lab.name: lab for lab in COURSE.labs}


def calls(lab: Lab) -> Iterator[list[tuple[str, ast.Call]]]:
    """The calls in a lab's notebook, by code cell, with the called function as written."""
    for cell in read(COURSE.root / "solutions" / lab.name / f"{lab.name}.py").cells:
        found = [node for node in ast.walk(ast.parse(cell.source)) if isinstance(node, ast.Call)]
        yield [(ast.unparse(node.func), node) for node in found]


def text_of(name: str) -> str:
    """The words of a notebook's text cells, as they'd be read aloud."""
    source = (COURSE.root / "solutions" / name / f"{name}.py").read_text("utf-8")
    return "\n".join(line[2:] for line in source.splitlines() if line.startswith("# "))


@pytest.mark.parametrize("name", LABS)
def test_a_lab_says_how_long_it_takes_and_its_parts_add_up_to_that(name: str) -> None:
    (minutes,) = re.findall(r"^\*\*About (\d+) minutes", text_of(name), re.MULTILINE)
    assert sum(map(int, re.findall(r"^\|.*\| (\d+) \|$", text_of(name).split("\n## ")[0], re.MULTILINE))) == int(
        minutes
    )


def test_a_lab_uses_each_word_that_the_glossary_sends_readers_there_for() -> None:
    for entry in re.split(r"^- (?=\*\*)", text_of("glossary"), flags=re.MULTILINE)[1:]:
        words, lab = re.findall(r"^\*\*(.+?)\*\*", entry)[0], re.findall(r"\.\./(\w+)/", entry)[0]
        read = " ".join(text_of(lab).replace("*", "").lower().split())
        assert [word for word in words.lower().split(", ") if word not in read] == [], lab


def test_the_glossary_has_an_entry_for_each_term_of_page_0() -> None:
    entries = re.split(r"^- (?=\*\*)", text_of("glossary"), flags=re.MULTILINE)[1:]
    names = [entry.split(":")[0].lower() for entry in entries]
    in_italics = re.findall(r"(?<!\*)\*([\w\s-]+)\*(?!\*)", text_of("lesson"))
    terms = {" ".join(each.lower().split()).removesuffix("s") for each in in_italics} - {"italic", "learned"}
    assert len(terms) > 20
    assert [term for term in sorted(terms) if not any(term in name for name in names)] == []


@pytest.mark.parametrize("name", LABS)
def test_every_figure_goes_through_show(name: str) -> None:
    for cell in calls(LABS[name]):
        called = [what for what, _ in cell]
        assert {what for what in called if what.startswith("plt.")} <= {"plt.subplots"}
        assert called.count("show") >= ("plt.subplots" in called)


@pytest.mark.parametrize("name", LABS)
def test_every_picture_says_in_a_sentence_what_to_see_in_it(name: str) -> None:
    for cell in calls(LABS[name]):
        for _, call in (each for each in cell if each[0] == "show"):
            _, sentence = call.args
            said = ast.literal_eval(sentence)
            assert len(said) > 80
            assert said.endswith(".")


@pytest.fixture(scope="module")
def session() -> Iterator[GradingSession]:
    with closing(GradingSession(GradingContext(COURSE.root, b"of the tests"))) as session:
        yield session


@pytest.mark.parametrize("name", sampled(LABS, "stages"))
def test_all_cells_run_when_graded(name: str, session: GradingSession, tmp_path: Path) -> None:
    lab = LABS[name]
    path = notebooks.write(notebooks.simulation(COURSE, lab).solved(), tmp_path / f"{name}.ipynb")
    connection = under_test(session.course, session.sandbox, read(path), lab, helper=session.helper).connect()
    assert isinstance(connection, NotebookConnection)
    with closing(connection):
        # The call lacks arguments, but by the time it fails, the cells have run.
        with suppress(StubFailure):
            connection.call(lab.stubs[0].name, ((), {}))
        assert {number: str(failure.message) for number, failure in connection.cell_failures.items()} == {}
