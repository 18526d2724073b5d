"""A simulated class is graded for real, and the report finds what was planted in it."""

import itertools
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from autograder.authoring.simulation.learners import Class, Learner, learners
from autograder.cli.instructor import LEARNERS, SEED
from autograder.gradebook.class_evidence import survey_class
from autograder.gradebook.gradebook import Gradebook
from autograder.gradebook.pipeline import grade_into, numbered
from autograder.gradebook.settings import settings_of
from autograder.grading.jobs import GradingContext
from autograder.grading.pool import grade
from autograder.grading.processes import LocalProcesses
from autograder.mastery.class_figures import Survey
from autograder.mastery.levels import Level
from autograder.model.course import Course
from autograder.model.results import LabResult
from benchmarks.term import Sheets
from tests.found_jobs import find_jobs
from tests.repository import COURSE, ROOT

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="grading in the sandbox needs Linux")


def surveyed(labs: list[str], count: int, folder: Path) -> tuple[Class, Survey]:
    """The class after its attempts at these labs, which are the only labs in its course."""
    chosen = [COURSE.lab(lab) for lab in labs]
    course = course_of(labs)
    made = Class(course, chosen, learners(course, count, seed=1))
    terms = GradingContext(ROOT, b"of the tests")
    settings = settings_of(COURSE, folder)
    with Gradebook(COURSE, settings, f"sqlite:///{folder / 'gradebook.db'}") as book:
        for attempt in itertools.count(1):
            if not made.hand_in(folder / "submitted", attempt):
                break
            jobs = numbered(find_jobs(COURSE, folder / "submitted", labs), book.graded(), COURSE, terms)
            with closing(grade_into(book, COURSE, settings, jobs, terms, LocalProcesses(terms, 2))) as chunks:
                for _ in chunks:
                    pass
        return made, survey_class(course, book)


def course_of(labs: list[str]) -> Course:
    stubs = {stub.name for lab in labs for stub in COURSE.lab(lab).stubs}
    concepts = tuple(
        # An item in the whole course is an item here too, whichever concepts remain.
        each.model_copy(
            update={"items": tuple(stubs.intersection(each.items or COURSE.items.intersection(each.stubs)))}
        )
        for each in COURSE.concepts
        if stubs.issuperset(each.stubs)
    )
    smaller = COURSE.model_copy(
        update={"labs": tuple(COURSE.lab(lab) for lab in labs), "concepts": concepts, "mastery": type(COURSE.mastery)()}
    )
    smaller._root = COURSE.root
    return smaller


def check_truth(made: Class, found: Survey) -> None:
    planted = {each.name: each for each in made.learners}
    pairs = [
        (planted[student.student].is_known(concept.name), shown.level.rank >= Level.PROFICIENT.rank)
        for student in found.students
        for concept, shown in zip(made.course.concepts, student.concepts, strict=True)
    ]
    assert len(pairs) == len(made.learners) * len(made.course.concepts)
    assert {known for known, _ in pairs} == {True, False}
    assert sum(known == reported for known, reported in pairs) >= 0.95 * len(pairs)
    told = {(each.stub, name): each.students for each in found.mistakes for name in each.misconception.split(" or ")}
    planted_most = [count for _, count in made.given.most_common()]
    for place, each in enumerate(found.mistakes[:3]):
        given = max(made.given[each.stub, name] for name in each.misconception.split(" or "))
        # A slip may happen to give the same answer.
        assert given >= planted_most[place] - 1, (each.misconception, planted_most[:3])
    assert sum(told.get(pair, 0) for pair in made.given) >= 0.9 * sum(made.given.values())


@pytest.mark.proof
def test_what_was_planted_in_a_small_class_is_found(tmp_path: Path) -> None:
    check_truth(*surveyed(["softmax"], 12, tmp_path))


@pytest.mark.slow
def test_what_was_planted_in_a_class_over_all_labs_is_found(tmp_path: Path) -> None:
    check_truth(*surveyed([lab.name for lab in COURSE.labs if lab.points], 60, tmp_path))


@pytest.mark.classes
def test_results_put_together_of_graded_answers_are_those_of_the_notebooks(tmp_path: Path) -> None:
    """benchmarks/term.py grades classes of thousands of students this way."""
    lab, attempt = COURSE.lab("loss"), 2
    made = Class(COURSE, [lab], learners(COURSE, 8, seed=3))
    terms = GradingContext(ROOT, b"of the tests")
    sheets = Sheets(made, lab, attempt)
    jobs = list(sheets.write(tmp_path / "sheets"))
    assert len(jobs) > 1
    made.hand_in(tmp_path / "submitted", attempt)
    notebooks = [replace(job, attempt=attempt) for job in find_jobs(COURSE, tmp_path / "submitted", ["loss"])]
    with closing(grade([*jobs, *notebooks], terms, LocalProcesses(terms, 2))) as chunks:
        graded = {result.student: result for chunk in chunks for result in chunk}
    together = {result.student: result for result in sheets.results(graded)}
    assert set(together) == {job.student for job in notebooks}
    for student, result in together.items():
        assert told(result) == told(graded[student])


def told(result: LabResult) -> dict[str, Any]:
    """Everything that doesn't differ from run to run or from notebook to notebook."""
    without = {"seconds": True, "content_hash": True, "run": True, "checks": {"__all__": {"seconds"}}}
    return result.model_dump(exclude=without)


def test_a_class_is_the_same_whenever_it_is_drawn_and_another_with_another_seed() -> None:
    assert learners(COURSE, 5, seed=1) == learners(COURSE, 5, seed=1)
    assert learners(COURSE, 5, seed=1) != learners(COURSE, 5, seed=2)


@pytest.mark.slow
def test_a_student_who_knows_a_lab_hands_in_a_valid_packet_that_satisfies_the_reviewer(tmp_path: Path) -> None:
    made, _ = surveyed(["terms", "readiness"], 12, tmp_path)
    db = f"sqlite:///{tmp_path / 'gradebook.db'}"
    made.review(db)
    with Gradebook(made.course, settings_of(COURSE, tmp_path), db) as book:
        judgements = book.judgements(book.students())
        for learner in made.learners:
            packets = book.attachments(learner.name, "readiness")
            satisfied = {each.satisfied for each in judgements.get(learner.name, ())}
            is_known = learner.is_known("judgement")
            assert (packets[len(learner.known)].problems == []) is is_known, learner.name
            assert (satisfied == {True}) is is_known, learner.name
            assert "history" not in {
                each.field.partition("[")[0] for packet in packets.values() for each in packet.problems
            }
        assert {each.is_known("judgement") for each in made.learners} == {True, False}
        assert any(
            packet.revision == 2
            for each in made.learners
            for packet in book.attachments(each.name, "readiness").values()
        )


def test_someone_in_the_demos_class_completes_the_course_and_someone_does_not() -> None:
    made = Class(COURSE, COURSE.labs, learners(COURSE, LEARNERS, SEED))

    def completes(learner: Learner) -> bool:
        """Whether the learner ends up knowing everything, and makes no slip in the last attempt that would hide it."""
        last = [made.answers(learner, lab, len(learner.known)) for lab in COURSE.labs]
        slips = [stub for given in last for stub, name in given.items() if name == learner.mistakes.get(stub)]
        return len(learner.known[-1]) == len(COURSE.concepts) and not slips

    assert {completes(each) for each in made.learners} == {True, False}
