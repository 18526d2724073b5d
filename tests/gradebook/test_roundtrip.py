"""nbgrader's round trip with its own commands: build, release, fetch, submit, collect, grade, and feedback."""

import copy
import csv
import json
import shutil
import signal
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from nbgrader import api

from autograder.authoring.simulation import notebooks
from tests.course_copy import CourseCopy
from tests.repository import COURSE

# Takes about five minutes. test_packet_graded does the same with a packet.
pytestmark = [
    pytest.mark.skipif(sys.platform != "linux", reason="grading a class needs Linux"),
    pytest.mark.slow,
]

PARTS_OF_SOFTMAX = notebooks.simulation(COURSE, COURSE.lab("softmax"))
FULL = {"softmax": 8.0, "log_softmax": 5.0, "softmax_with_temperature": 7.0, "entropy": 5.0}

Notebook = dict[str, Any]


def solved(exercise: Notebook, **answers: str) -> Notebook:
    """The released notebook with answers in the cells of its stubs."""
    notebook = copy.deepcopy(exercise)
    for cell in notebook["cells"]:
        name = cell["metadata"].get("nbgrader", {}).get("grade_id", "")
        if name.endswith("-solution"):
            stub = name.removesuffix("-solution")
            cell["source"] = answers.get(stub, PARTS_OF_SOFTMAX.solutions[stub])
    return notebook


def with_a_cell_twice(notebook: Notebook) -> Notebook:
    for name in ("softmax", "softmax-solution"):
        cell = copy.deepcopy(cell_named(notebook, name))
        cell["id"] += "-again"
        notebook["cells"].append(cell)
    return notebook


def without_a_grade_cell(notebook: Notebook) -> Notebook:
    notebook["cells"].remove(cell_named(notebook, "softmax"))
    return notebook


def with_an_edited_grade_cell(notebook: Notebook) -> Notebook:
    cell = cell_named(notebook, "softmax")
    cell["source"] = "25.0"
    cell["metadata"]["nbgrader"]["points"] = 1000
    return notebook


def without_metadata(notebook: Notebook) -> Notebook:
    for cell in notebook["cells"]:
        cell["metadata"] = {}
        del cell["id"]
    return notebook | {"metadata": {}, "nbformat_minor": 4}


def cell_named(notebook: Notebook, name: str) -> Notebook:
    return next(cell for cell in notebook["cells"] if cell["metadata"].get("nbgrader", {}).get("grade_id") == name)


CLASS = {
    "ada": solved,
    "bob": lambda exercise: exercise,
    "cyd": lambda exercise: with_a_cell_twice(solved(exercise)),
    "dan": lambda exercise: without_a_grade_cell(solved(exercise)),
    "eve": lambda exercise: with_an_edited_grade_cell(solved(exercise, softmax="def softmax(logits, axis=-1): ...")),
    "fay": lambda exercise: without_metadata(solved(exercise)),
}
WANTED = {
    **dict.fromkeys(("ada", "cyd", "dan", "fay"), FULL),
    "bob": dict.fromkeys(FULL, 0.0),
    "eve": {**FULL, "softmax": 0.0},
}


class Term(CourseCopy):
    """A course, an exchange, and its students."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.exchange = folder / "exchange"
        self.exchange.mkdir()
        self.exchange.chmod(0o777)
        self.configure(f"c.Exchange.root = {str(self.exchange)!r}")
        self.configure("c.ExchangeCollect.check_owner = False")  # these students have no accounts here

    def student(self, name: str, *words: object) -> str:
        """Run nbgrader's command as that student, in a folder of their own."""
        folder = self.exchange.parent / "students" / name
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(self.root / "nbgrader_config.py", folder)
        return self.run("nbgrader", *words, f"--Exchange.cache={folder / 'cache'}", cwd=folder)

    def fetch_and_submit(self, name: str, work: Callable[[Notebook], Notebook]) -> None:
        self.student(name, "fetch_assignment", "softmax")
        self.submit(name, work)

    def submit(self, name: str, work: Callable[[Notebook], Notebook]) -> None:
        """Submit the student's notebook after changing it."""
        path = self.exchange.parent / "students" / name / "softmax" / "softmax.ipynb"
        path.write_text(json.dumps(work(json.loads(path.read_text(encoding="utf-8")))), encoding="utf-8")
        self.student(name, "submit", "softmax", f"--CourseDirectory.student_id={name}")

    @contextmanager
    def watching(self) -> Iterator[subprocess.Popen[str]]:
        command = [Path(sysconfig.get_path("scripts")) / "mastery", "grade", "softmax", "--watch", "--processes", "1"]
        with subprocess.Popen(
            command, cwd=self.root, env=self.environment, stdout=subprocess.PIPE, text=True
        ) as process:
            try:
                yield process
            finally:
                process.kill()

    def answer_to(self, name: str) -> str:
        """The text of the feedback on the student's last submission, once it can be fetched."""
        folder = self.exchange.parent / "students" / name / "softmax" / "feedback"
        shutil.rmtree(folder, ignore_errors=True)
        course = self.exchange / "how-ai-models-work"
        submitted = sorted((course / "inbound").glob(f"{name}+softmax+*"))
        end = time.monotonic() + 120
        while time.monotonic() < end:
            # nbgrader fails if nobody's feedback has been released yet.
            if (course / "feedback").is_dir():
                self.student(name, "fetch_feedback", "softmax", f"--CourseDirectory.student_id={name}")
            if len(pages := list(folder.rglob("*.html"))) == len(submitted):
                newest = max(pages, key=lambda page: page.parent.name)
                return " ".join(newest.read_text(encoding="utf-8").split())
            time.sleep(1)
        raise AssertionError("feedback never arrived")

    def scores(self) -> dict[str, dict[str, float | None]]:
        with api.Gradebook(f"sqlite:///{self.root / 'gradebook.db'}") as gradebook:
            return {
                notebook.student.id: {grade.name: grade.auto_score for grade in notebook.grades}
                for notebook in gradebook.notebook_submissions("softmax", "softmax")
            }

    def ids(self) -> set[str]:
        with api.Gradebook(f"sqlite:///{self.root / 'gradebook.db'}") as gradebook:
            return {grade.id for each in gradebook.notebook_submissions("softmax", "softmax") for grade in each.grades}


@pytest.fixture(scope="module")
def term(tmp_path_factory: pytest.TempPathFactory) -> Term:
    """A class whose submissions were collected and graded."""
    term = Term(tmp_path_factory.mktemp("term"))
    term.run("mastery", "build")
    term.run("nbgrader", "generate_assignment", "softmax")
    term.run("nbgrader", "release_assignment", "softmax")
    for name, work in CLASS.items():
        term.fetch_and_submit(name, work)
    term.run("nbgrader", "collect", "softmax", "--Exchange.timezone=UTC")
    term.run("mastery", "grade", "softmax", "--processes", 1)
    return term


def test_every_score_is_the_true_one_whatever_became_of_the_cells(term: Term) -> None:
    assert term.scores() == WANTED


def test_every_notebook_to_show_has_each_grade_cell_once_with_what_was_found(term: Term) -> None:
    for name in CLASS:
        path = term.root / "autograded" / name / "softmax" / "softmax.ipynb"
        notebook = json.loads(path.read_text(encoding="utf-8"))
        names = [cell["metadata"].get("nbgrader", {}).get("grade_id") for cell in notebook["cells"]]
        for stub in FULL:
            assert names.count(stub) == names.count(f"{stub}-solution") == 1, (name, stub)
            cell = cell_named(notebook, stub)
            assert cell["source"] == f'check("{stub}")'
            assert "checks passed" in cell["outputs"][0]["data"]["text/html"]
            assert cell["metadata"]["nbgrader"]["points"] == FULL[stub]
        submitted = term.root / "submitted" / name / "softmax"
        assert path.with_name("timestamp.txt").read_bytes() == (submitted / "timestamp.txt").read_bytes()


def test_feedback_goes_back_to_the_student_and_the_scores_out(term: Term) -> None:
    term.run("nbgrader", "generate_feedback", "softmax")
    term.run("nbgrader", "release_feedback", "softmax")
    term.student("eve", "fetch_feedback", "softmax", "--CourseDirectory.student_id=eve")
    (page,) = (term.exchange.parent / "students" / "eve" / "softmax" / "feedback").rglob("*.html")
    text = page.read_text(encoding="utf-8")
    assert "Score: 17.0 / 25.0" in " ".join(text.split())
    assert "including the hidden ones" in text
    term.run("nbgrader", "export")
    with (term.root / "grades.csv").open(encoding="utf-8", newline="") as file:
        exported = {row["student_id"]: float(row["score"]) for row in csv.DictReader(file) if row["score"]}
    assert exported == {student: sum(scores.values()) for student, scores in WANTED.items()}


def test_nbgraders_own_autograde_gives_the_same_scores_in_the_same_rows(term: Term) -> None:
    before = term.ids()
    term.run("nbgrader", "autograde", "softmax", "--force")
    assert term.scores() == WANTED
    assert term.ids() == before
    # The other command has nothing left to do.
    assert f"{len(CLASS)} of {len(CLASS)} submissions are graded and unchanged." in term.run(
        "mastery", "grade", "softmax", "--processes", 1
    )


def test_a_newer_timestamp_is_the_next_attempt_and_a_resubmission_is_graded(term: Term) -> None:
    (term.root / "submitted" / "bob" / "softmax" / "timestamp.txt").write_text("2199-01-01 00:00:00 UTC")
    printed = term.run("mastery", "grade", "softmax", "--processes", 1)
    assert f"{len(CLASS) - 1} of {len(CLASS)} submissions are graded and unchanged." in printed
    results = [json.loads(line) for line in (term.root / "results.jsonl").read_text(encoding="utf-8").splitlines()]
    assert {result["student"]: result["attempt"] for result in results} == {**dict.fromkeys(CLASS, 1), "bob": 2}


def test_watched_submissions_are_graded_and_answered_as_they_come_whatever_ends_the_watching(term: Term) -> None:
    with term.watching() as watching:
        term.fetch_and_submit("gil", lambda exercise: exercise)
        assert "Score: 0.0 / 25.0" in term.answer_to("gil")
        watching.kill()
    term.submit("gil", solved)
    with term.watching() as watching:
        assert "Score: 25.0 / 25.0" in term.answer_to("gil")
        watching.send_signal(signal.SIGINT)
        said, _ = watching.communicate(timeout=60)
    assert watching.returncode == 0
    assert "gil/softmax: attempt 2, 25 of 25 points" in said
    assert "gil/softmax: feedback is released" in said
    assert "ada/softmax: attempt" not in said


def test_plain_nbgrader_gives_honest_submissions_the_same_scores(term: Term, tmp_path: Path) -> None:
    plain = Term(tmp_path)
    shutil.copytree(term.root / "build" / "source", plain.root / "build" / "source")
    plain.configure('c.pop("Autograde")')
    exercise = json.loads((term.root / "exercises/softmax/softmax.ipynb").read_text(encoding="utf-8"))
    partly = (
        "def softmax(logits, axis=-1):\n    powers = 2.0 ** logits\n    return powers / powers.sum(axis, keepdims=True)"
    )
    noise = "import sys, warnings\nprint('on stderr', file=sys.stderr)\nwarnings.warn('careful')\n"
    loud = PARTS_OF_SOFTMAX.solutions["softmax"].replace(
        "\n    ", f"\n    {noise.replace(chr(10), chr(10) + '    ')}", 1
    )
    handed_in = {"partly": solved(exercise, softmax=partly), "loud": solved(exercise, softmax=loud), "bob": exercise}
    for name, notebook in handed_in.items():
        notebooks.write(notebook, plain.root / "submitted" / name / "softmax" / "softmax.ipynb")
    plain.run("nbgrader", "generate_assignment", "softmax")
    plain.run("nbgrader", "autograde", "softmax")
    by_nbgrader = plain.scores()
    (plain.root / "gradebook.db").unlink()
    shutil.rmtree(plain.root / "autograded")
    plain.run("mastery", "grade", "softmax", "--processes", 1)
    assert plain.scores() == by_nbgrader
    assert by_nbgrader["loud"] == FULL
    assert 0 < by_nbgrader["partly"]["softmax"] < FULL["softmax"]
