"""However large a class is, few of its notebooks are in memory at a time."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from pathlib import Path
from queue import Empty
from types import SimpleNamespace
from typing import Self

import pytest

from autograder.gradebook.errors import GradebookError
from autograder.gradebook.gradebook import Gradebook
from autograder.gradebook.pipeline import ToGrade, places, refuse_other_secret, student_folders
from autograder.gradebook.records import GradeRecord
from autograder.gradebook.settings import settings_of
from autograder.grading import pool
from autograder.grading.engine_version import ENGINE_VERSION
from autograder.grading.jobs import Arrived, GradingContext, Job
from autograder.grading.pool import CHUNK, CHUNKS, grade
from autograder.model import secrets
from autograder.model.course import Course, load
from tests.course_copy import confirmed
from tests.gradebook.test_gradebook import COURSE, put_exercise, result

TERMS = GradingContext(Path(), b"of the tests")
PROCESSES = 3


class Process:
    """Grades immediately, and remembers the sizes of its chunks."""

    def __init__(self) -> None:
        self.sizes: list[int] = []
        self.labs: set[str] = set()

    def submit(self, chunk: Sequence[Job], patience_seconds: float, arrived: Arrived) -> Future[None]:
        assert len({job.lab for job in chunk}) == 1
        self.sizes.append(len(chunk))
        self.labs.add(chunk[0].lab)
        for job in chunk:
            arrived(job, result(job.student, lab=job.lab))
        done: Future[None] = Future()
        done.set_result(None)
        return done


class Crew:
    def __init__(self) -> None:
        self.all: list[Process] = [Process() for _ in range(PROCESSES)]

    def present(self) -> Sequence[Process]:
        return self.all

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        pass


def jobs(count: int, asked: list[int], labs: int = 2) -> Iterator[Job]:
    for number in range(count):
        asked.append(number)
        yield Job(f"student{number}", f"lab{number % labs}", Path("lab.ipynb"), 1, content=b"")


def test_a_few_chunks_for_each_process_are_asked_for_at_a_time() -> None:
    asked: list[int] = []
    crew = Crew()
    graded = 0
    for chunk in grade(jobs(2000, asked), TERMS, crew):
        graded += len(chunk)
        assert len(asked) - graded <= 2 * CHUNK * CHUNKS * PROCESSES
    assert graded == 2000
    assert max(size for process in crew.all for size in process.sizes) == CHUNK


def test_the_lab_that_takes_longest_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """Otherwise one process could still be working on it when the others are done."""
    order: list[str] = []
    now = [0.0]

    class Slow(Process):
        def submit(self, chunk: Sequence[Job], patience_seconds: float, arrived: Arrived) -> Future[None]:
            order.append(chunk[0].lab)
            now[0] += len(chunk) * (9.0 if chunk[0].lab == "lab1" else 1.0)
            return super().submit(chunk, patience_seconds, arrived)

    monkeypatch.setattr(pool, "time", SimpleNamespace(monotonic=lambda: now[0]))
    crew = Crew()
    crew.all = [Slow()]
    in_a_batch = CHUNK * CHUNKS
    assert sum(map(len, grade(jobs(3 * in_a_batch, [], labs=4), TERMS, crew))) == 3 * in_a_batch
    assert order[:8] == ["lab0", "lab1", "lab2", "lab3", "lab1", "lab0", "lab2", "lab3"]


def test_a_small_class_keeps_all_processes_busy_to_its_end() -> None:
    crew = Crew()
    assert sum(map(len, grade(jobs(24, []), TERMS, crew))) == 24
    assert max(size for process in crew.all for size in process.sizes) == 2


@pytest.mark.parametrize("count", [CHUNK * CHUNKS * PROCESSES, 290, 1000])
def test_all_processes_finish_at_about_the_same_time(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    """No process is idle for longer than it takes to grade two submissions, even of the slower lab."""
    now = [0.0]
    working: list[tuple[float, Callable[[], None]]] = []
    free = dict.fromkeys(range(PROCESSES), 0.0)

    class Slow(Process):
        def __init__(self, number: int) -> None:
            super().__init__()
            self.number = number

        def submit(self, chunk: Sequence[Job], patience_seconds: float, arrived: Arrived) -> Future[None]:
            later: Future[None] = Future()

            def finish() -> None:
                super(Slow, self).submit(chunk, patience_seconds, arrived)
                later.set_result(None)

            free[self.number] = now[0] + len(chunk) * (0.7 if chunk[0].lab == "lab1" else 0.2)
            working.append((free[self.number], finish))
            return later

    class News(deque[object]):
        put = deque.append

        def get(self, timeout: float) -> object:
            """Let time pass until there's news."""
            if not self:
                first = min(working, key=lambda each: each[0])
                working.remove(first)
                now[0] = first[0]
                first[1]()
            return self.popleft()

        def get_nowait(self) -> object:
            if not self:
                raise Empty
            return self.popleft()

    monkeypatch.setattr(pool, "time", SimpleNamespace(monotonic=lambda: now[0]))
    monkeypatch.setattr(pool, "SimpleQueue", News)
    crew = Crew()
    crew.all = [Slow(number) for number in range(PROCESSES)]
    assert sum(map(len, grade(jobs(count, []), TERMS, crew))) == count
    assert max(free.values()) - min(free.values()) < 1.4
    assert sum(len(process.sizes) for process in crew.all) <= count / CHUNK + 12 * PROCESSES


def test_a_process_gets_the_labs_that_it_has_graded_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "time", SimpleNamespace(monotonic=lambda: 0.0))
    crew = Crew()
    assert sum(map(len, grade(jobs(3000, [], 2 * PROCESSES), TERMS, crew))) == 3000
    assert [len(process.labs) for process in crew.all] == [2] * PROCESSES


def test_nothing_to_grade_starts_no_process() -> None:
    assert list(grade(iter(()), TERMS, None)) == []  # type: ignore[arg-type]


@pytest.fixture
def course(tmp_path: Path) -> Course:
    root = confirmed(tmp_path)
    (root / "course.yaml").write_text(COURSE, encoding="utf-8")
    put_exercise(root)
    return load(root)


def hand_in(course: Course, student: str) -> Path:
    path = course.root / "submitted" / student / "sums" / "sums.ipynb"
    path.parent.mkdir(parents=True)
    path.write_text(f'{{"cells": [], "by": "{student}"}}', encoding="utf-8")
    return path


def test_notebooks_are_read_when_they_are_asked_for(course: Course) -> None:
    for number in range(250):
        hand_in(course, f"student{number:03}")
    found = list(places(student_folders(course.root / "submitted"), course.labs))
    with Gradebook(course, settings_of(course)) as book:
        todo = ToGrade(book, course, found, TERMS)
        coming = iter(todo)
        first = next(coming)
        late = course.root / "submitted" / "student249" / "sums" / "sums.ipynb"
        late.write_text('{"cells": [], "by": "another"}', encoding="utf-8")
        (*_, last) = coming
    assert (first.student, last.student, last.content) == ("student000", "student249", late.read_bytes())


def test_what_is_graded_and_unchanged_is_counted_and_left_alone(course: Course) -> None:
    for student in ("ada", "bob", "cyd"):
        hand_in(course, student)
    found = list(places(student_folders(course.root / "submitted"), course.labs))
    with Gradebook(course, settings_of(course)) as book:
        book.register(course.lab("sums"))
        known = {"course_version": course.version, "secret": secrets.fingerprint(TERMS.secret)}
        ada, bob, _ = ToGrade(book, course, found, TERMS)
        book.write(
            [
                GradeRecord(result("ada", content_hash=ada.content_hash, engine_version=ENGINE_VERSION, **known)),
                GradeRecord(result("bob", content_hash=bob.content_hash, engine_version="earlier", **known)),
            ]
        )
        todo = ToGrade(book, course, found, TERMS)
        assert [(job.student, job.attempt) for job in todo] == [("cyd", 1)]
        assert todo.unchanged == 2
        assert (todo.about_other_versions() or "").startswith("1 of 3 submissions were graded by a different version")
        again = ToGrade(book, course, found, TERMS, regrade=True)
        assert [(job.student, job.attempt) for job in again] == [("bob", 1), ("cyd", 1)]
        assert (again.unchanged, again.about_other_versions()) == (1, None)


def test_another_secret_is_refused_before_the_first_of_many_new_ones_is_graded(course: Course) -> None:
    for student in (*(f"new{number:03}" for number in range(150)), "old"):
        hand_in(course, student)
    found = list(places(student_folders(course.root / "submitted"), course.labs))
    with Gradebook(course, settings_of(course)) as book:
        book.register(course.lab("sums"))
        (*_, old) = ToGrade(book, course, found, TERMS)
        book.write([GradeRecord(result("old", content_hash=old.content_hash, secret="another"))])
        with pytest.raises(GradebookError, match=r"old's sums was graded under a different secret \(fingerprint anoth"):
            refuse_other_secret(book, course, found, TERMS)
        old.path.write_text("{}", encoding="utf-8")
        refuse_other_secret(book, course, found, TERMS)
