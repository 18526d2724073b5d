"""Measure the seconds a term with thousands of students takes, from generating them to opening the report in a browser.

    python -m benchmarks.term --json FILE [--students 2000]

The result for a stub depends only on the answer, the attempt and the secret. In `terms` it also depends on the
student's question, but there an answer is right or wrong in the same way for everybody. So each distinct answer is
actually graded only once, in a notebook in the sandbox. A student's result is put together from the results of their
answers and of their attachments, which are read one by one. Rows that need a person's judgment are judged as in the
demo.
"""

import argparse
import itertools
import json
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from autograder.authoring.simulation import notebooks as simulated
from autograder.authoring.simulation.learners import MOST_ATTEMPTS, Class, Learner, learners
from autograder.gradebook.class_evidence import survey_class
from autograder.gradebook.gradebook import Gradebook
from autograder.gradebook.records import GradeRecord
from autograder.gradebook.settings import settings_of
from autograder.grading.attachments import read_handed_in
from autograder.grading.jobs import GradingContext, HandedAttachment, Job
from autograder.grading.pool import grade, isolation_of
from autograder.grading.processes import LocalProcesses
from autograder.mastery.class_figures import Survey
from autograder.model.course import Course, Lab, load
from autograder.model.files import content_hash
from autograder.model.results import AttachmentReport, Evidence, LabResult, run_id
from autograder.report.class_report import survey_page

# A stub, and the name of the alternative or misconception that answers it; None for the solution.
Answer = tuple[str, str | None]
SECRET = b"benchmark"
T = TypeVar("T")


@dataclass
class Sheets:
    """One attempt of the class at one lab, and as many notebooks as it takes to cover each answer at least once."""

    made: Class
    lab: Lab
    attempt: int

    def __post_init__(self) -> None:
        able = [learner for learner in self.made.learners if self.attempt <= len(learner.known)]
        self.given = [(learner, self.made.answers(learner, self.lab, self.attempt)) for learner in able]
        different = {stub.name: {sources.get(stub.name): None for _, sources in self.given} for stub in self.lab.stubs}
        self.sheets = [
            {stub: source for stub, source in zip(different, row, strict=True) if source is not None}
            for row in itertools.zip_longest(*different.values())
        ]

    def write(self, folder: Path) -> Iterator[Job]:
        for number, sources in enumerate(self.sheets):
            path = folder / self._name(number) / f"{self.lab.name}.ipynb"
            simulated.write(self.made.notebook(self.lab, sources, self._name(number)), path)
            yield Job(self._name(number), self.lab.name, path, self.attempt, "")

    def _name(self, number: int) -> str:
        return f"{self.lab.name}-{self.attempt}-{number}"

    def results(self, graded: dict[str, LabResult]) -> Iterator[LabResult]:
        """Yield the results of everybody who makes this attempt, put together from the sheets' results."""
        evidence: dict[Answer, list[Evidence]] = {}
        for number, sources in enumerate(self.sheets):
            for stub in self.lab.stubs:
                checks = [each for each in graded[self._name(number)].checks if each.stub == stub.name]
                evidence.setdefault((stub.name, sources.get(stub.name)), checks)
        for learner, sources in self.given:
            content = content_hash(json.dumps(sources, sort_keys=True).encode())
            checks = [each for stub in self.lab.stubs for each in evidence[stub.name, sources.get(stub.name)]]
            yield graded[self._name(0)].model_copy(
                update={
                    "student": learner.name,
                    "score": round(min(sum(each.points for each in checks), self.lab.points), 4),
                    "seconds": round(sum(each.seconds for each in checks), 4),
                    "content_hash": content,
                    "run": run_id(learner.name, self.lab.name, content),
                    "checks": checks,
                    "packet": self._attachment(learner),
                }
            )

    def _attachment(self, learner: Learner) -> AttachmentReport | None:
        if (file := self.lab.attachment) is None:
            return None
        text = self.made.attachment(learner, self.lab, file, self.attempt)
        day = self.made.when(self.lab, self.attempt).date()
        content = text.encode() if text else None
        runs = frozenset({self.made.run(learner)})
        handed = HandedAttachment(Path(learner.name), file, day, runs=runs, content=content)
        return read_handed_in(self.made.course, handed)


def grade_term(made: Class, book: Gradebook, url: str, terms: GradingContext, processes: int) -> None:
    """Write everybody's attempts at every lab to the gradebook at `url`, and judge what a person has to judge."""
    attempts = [Sheets(made, lab, attempt) for lab in made.labs for attempt in range(1, MOST_ATTEMPTS + 1)]
    with tempfile.TemporaryDirectory() as folder:
        jobs = [job for each in attempts for job in each.write(Path(folder))]
        with closing(grade(jobs, terms, LocalProcesses(terms, processes))) as chunks:
            graded = {result.student: result for chunk in chunks for result in chunk}
    for lab in made.labs:
        book.register(lab)
    for each in attempts:
        entries = [GradeRecord(result, made.when(each.lab, each.attempt)) for result in each.results(graded)]
        for start in range(0, len(entries), 100):
            book.write(entries[start : start + 100])
    made.review(url)


def measure(course: Course, students: int, processes: int, page: Path) -> dict[str, Any]:
    seconds: dict[str, float] = {}

    def timed(what: str, call: Callable[[], T]) -> T:
        begun = time.perf_counter()
        found = call()
        seconds[what] = time.perf_counter() - begun
        return found

    terms = GradingContext(course.root, SECRET)
    isolation_of(course, terms)
    made = timed("make", lambda: Class(course, course.labs, learners(course, students, seed=1)))
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        url = f"sqlite:///{place / 'gradebook.db'}"
        with Gradebook(course, settings_of(course, place), url) as book:
            timed("grade", lambda: grade_term(made, book, url, terms, processes))
            found: Survey = timed("survey", lambda: survey_class(course, book))
        text = timed("page", lambda: "".join(survey_page(course, found)))
        page.write_text(text, encoding="utf-8")
    opened = open_page(page)
    return {
        "students": students,
        "complete": sum(student.complete for student in found.students),
        "seconds": seconds,
        "page_mb": len(text.encode()) / 1e6,
        "open_ms": opened,
    }


def open_page(page: Path) -> dict[str, float]:
    """Return the milliseconds until Chromium has drawn a page and responds: the median and the maximum of five."""
    from playwright.sync_api import sync_playwright

    from tests.browser import CHROMIUM

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        times = []
        for _ in range(5):
            tab = browser.new_context().new_page()
            begun = time.perf_counter()
            tab.goto(page.as_uri())
            tab.evaluate("new Promise(done => requestAnimationFrame(() => setTimeout(done)))")
            times.append((time.perf_counter() - begun) * 1000)
            tab.context.close()
        browser.close()
    return {"median": sorted(times)[2], "most": max(times)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--students", type=int, default=2000)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--page", type=Path, default=Path("build/report-of-a-term.html"), help="where the page goes")
    parser.add_argument("--json", type=Path, required=True)
    options = parser.parse_args()
    options.page.parent.mkdir(parents=True, exist_ok=True)
    figures = measure(load(), options.students, options.processes, options.page.resolve())
    options.json.write_text(json.dumps(figures, indent=1) + "\n")
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
