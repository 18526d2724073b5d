"""A submission is opened and parsed once: the bytes that were read are graded, hashed and shown."""

import hashlib
import pickle
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder.authoring.simulation import notebooks
from autograder.gradebook.annotation import Annotator
from autograder.gradebook.pipeline import exercise_of
from autograder.grading import jobs as grading_jobs
from autograder.grading.jobs import GradingContext, Job
from autograder.grading.session import GradingSession
from autograder.guest import values
from autograder.model.results import LabResult
from autograder.testing.assertions import agree
from autograder.testing.local import LocalConnection
from autograder.testing.student import Student
from tests.found_jobs import find_jobs
from tests.repository import COURSE, ROOT

LAB = COURSE.lab("softmax")
PARTS = notebooks.simulation(COURSE, LAB)
_opened: Counter[str] = Counter()
_audited = False


def _count(event: str, arguments: Any) -> None:
    if event == "open" and isinstance(arguments[0], str):
        _opened[arguments[0]] += 1


@pytest.fixture
def opened() -> Counter[str]:
    """How often this process opened each file since the test began."""
    global _audited
    if not _audited:
        sys.addaudithook(_count)
        _audited = True
    _opened.clear()
    return _opened


@pytest.fixture(scope="module")
def session() -> Iterator[GradingSession]:
    with closing(GradingSession(GradingContext(ROOT, b"of the tests"))) as session:
        yield session


def hand_in(folder: Path, notebook: notebooks.Notebook) -> Path:
    return notebooks.write(notebook, folder / "submitted" / "ada" / "softmax" / "softmax.ipynb")


def found_in(folder: Path) -> Job:
    (job,) = find_jobs(COURSE, folder / "submitted", ["softmax"])
    return job


def test_a_file_that_changes_between_finding_and_grading_is_graded_as_it_was_found(
    session: GradingSession, tmp_path: Path
) -> None:
    path = hand_in(tmp_path, PARTS.solved())
    before = hashlib.sha256(path.read_bytes()).hexdigest()
    job = replace(found_in(tmp_path), attempt=2)
    hand_in(tmp_path, PARTS.blank())
    assert hashlib.sha256(path.read_bytes()).hexdigest() != before
    (result,) = session.grade([job])
    assert (result.score, result.content_hash, result.attempt) == (25.0, before, 2)
    marked = Annotator(COURSE, LAB, exercise_of(COURSE, LAB.name)).mark(job.parsed, result)
    shown = "".join(cell["source"] for cell in marked.notebook["cells"])
    assert "np.exp" in shown
    path.unlink()
    assert session.grade([job])[0].score == 25.0


def test_it_is_opened_once_and_parsed_once_to_be_found_graded_and_shown(
    session: GradingSession, tmp_path: Path, opened: Counter[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    parsed: list[Path] = []
    parse_file = grading_jobs.parse_file

    def counted(content: bytes, path: Path) -> Any:
        parsed.append(path)
        return parse_file(content, path)

    monkeypatch.setattr(grading_jobs, "parse_file", counted)
    path = hand_in(tmp_path, PARTS.solved())
    opened.clear()
    job = found_in(tmp_path)
    (result,) = session.grade([job])
    assert result.score == 25.0
    Annotator(COURSE, LAB, exercise_of(COURSE, LAB.name)).mark(job.parsed, result)
    assert opened[str(path)] == 1
    assert parsed == [path]


def test_what_is_sent_to_a_grading_process_is_graded_without_the_file(session: GradingSession, tmp_path: Path) -> None:
    path = hand_in(tmp_path, PARTS.solved())
    job = found_in(tmp_path)
    path.unlink()
    sent = pickle.dumps(job)
    assert len(sent) < len(pickle.dumps(job.content))

    def without_seconds(result: LabResult) -> dict[str, Any]:
        return result.model_dump(exclude={"seconds": True, "checks": {"__all__": {"seconds"}}})

    (there,), (here,) = session.grade([pickle.loads(sent)]), session.grade([job])
    assert without_seconds(there) == without_seconds(here)
    assert here.score == 25.0
    (tmp_path / "odd.ipynb").write_text("{")
    odd = Job("bob", "softmax", tmp_path / "odd.ipynb", 1)
    (there,), (here,) = session.grade([pickle.loads(pickle.dumps(odd))]), session.grade([odd])
    assert there.message == here.message
    assert "isn't valid JSON" in (here.message or "")


def test_the_arguments_of_a_question_are_encoded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    array, encoded = np.array([1.0, 2.0]), []
    encode = values.encode

    def counted(value: Any, *others: Any) -> bytes:
        if isinstance(value, list) and value[0] and value[0][0] is array:
            encoded.append(value)
        return encode(value, *others)

    monkeypatch.setattr(values, "encode", counted)
    student = Student(LocalConnection({"twice": lambda x: 2 * x}))
    agree(student.twice, lambda x: 2 * x, array)
    assert len(encoded) == 1
    assert len(student.calls) == 1
