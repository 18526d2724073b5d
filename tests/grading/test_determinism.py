"""The same submission, course, secret and attempt give the same evidence, no matter how or with what it's graded."""

import itertools
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from autograder.authoring.simulation import notebooks as simulated
from autograder.grading.cluster import Cluster
from autograder.grading.jobs import GradingContext, Job
from autograder.grading.pool import ProcessPool, grade
from autograder.grading.processes import LocalProcesses
from autograder.grading.session import GradingSession
from autograder.model.results import LabResult
from tests.course_copy import copy_course
from tests.grading.dask_cluster import cluster_of
from tests.repository import COURSE

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="grading a class needs Linux")

TERMS = GradingContext(COURSE.root, b"of the tests")
PARTS = {name: simulated.simulation(COURSE, COURSE.lab(name)) for name in ("softmax", "sampler")}
# So slightly wrong that some checks of 2,000 to 8,000 draws notice, and others don't.
SLIGHTLY_OFF = """
def sample_categorical(probs, rng):
    off = probs.copy()
    off[0], off[1] = off[0] + 0.03 * off[1], 0.97 * off[1]
    return int(rng.choice(len(off), p=off))
"""
ANOTHER_GENERATOR = "def sample_categorical(probs, rng):\n    return int(np.random.choice(len(probs), p=probs))"
SOURCES = {
    ("softmax", "base_2"): {"softmax": "def softmax(logits, axis=-1):\n    return np.exp2(logits)"},
    ("softmax", "raises_an_object"): {"softmax": "def softmax(logits, axis=-1):\n    raise ValueError(object())"},
    ("softmax", "raises_a_set"): {"softmax": "def softmax(logits, axis=-1):\n    raise ValueError(set('abcdefg'))"},
    ("softmax", "python_random"): {
        "softmax": "import random\ndef softmax(logits, axis=-1):\n    return logits * random.random()"
    },
    ("softmax", "numpy_random"): {"softmax": "def softmax(logits, axis=-1):\n    return np.random.rand(*logits.shape)"},
    ("softmax", "new_generators"): {
        "softmax": "def softmax(logits, axis=-1):\n    return np.random.default_rng().random(logits.shape)"
    },
    ("sampler", "slightly_off"): {"sample_categorical": SLIGHTLY_OFF},
    ("sampler", "another_generator"): {"sample_categorical": ANOTHER_GENERATOR},
}
Evidence = dict[str, Any]


@pytest.fixture(scope="module")
def jobs(tmp_path_factory: pytest.TempPathFactory) -> list[Job]:
    """Correct, wrong and borderline notebooks. For a wrong sampler, only the stub that it gets wrong is checked."""
    folder = tmp_path_factory.mktemp("submitted")
    found = [job_of(folder, name, "right", parts.solved(), 1) for name, parts in PARTS.items()]
    for (lab, student), changed in SOURCES.items():
        notebook = PARTS[lab].solved(changed)
        attempts = (1, 2, 3) if student == "slightly_off" else (1,)
        stub = next(iter(changed)) if lab == "sampler" else None
        found += [job_of(folder, lab, f"{student} {attempt}", notebook, attempt, stub) for attempt in attempts]
    return found


def job_of(
    folder: Path, lab: str, student: str, notebook: simulated.Notebook, attempt: int, stub: str | None = None
) -> Job:
    path = simulated.write(notebook, folder / student / lab / f"{lab}.ipynb")
    return Job(student, lab, path, attempt, "", stub=stub)


def evidence_of(results: Sequence[LabResult]) -> dict[tuple[str, str], Evidence]:
    """Everything except seconds."""
    leave_out = {"seconds": True, "checks": {"__all__": {"seconds"}}}
    return {(each.student, each.lab): each.model_dump(mode="json", exclude=leave_out) for each in results}


def graded_by(crew: ProcessPool, jobs: Sequence[Job], terms: GradingContext = TERMS) -> dict[tuple[str, str], Evidence]:
    with closing(grade(jobs, terms, crew)) as chunks:
        return evidence_of(list(itertools.chain.from_iterable(chunks)))


@pytest.fixture(scope="module")
def found(jobs: list[Job]) -> dict[tuple[str, str], Evidence]:
    """What two processes find, with several submissions per chunk."""
    return graded_by(LocalProcesses(TERMS, 2), jobs)


@pytest.mark.proof
def test_one_chunk_of_all_in_this_very_process(jobs: list[Job], found: dict[tuple[str, str], Evidence]) -> None:
    with closing(GradingSession(TERMS)) as room:
        assert evidence_of(room.grade(jobs)) == found


@pytest.mark.processes
def test_another_order_in_chunks_of_one_by_one_process(
    jobs: list[Job], found: dict[tuple[str, str], Evidence], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("autograder.grading.pool.CHUNK", 1)
    assert graded_by(LocalProcesses(TERMS, 1), jobs[::-1]) == found


@pytest.mark.proof
def test_each_alone(jobs: list[Job], found: dict[tuple[str, str], Evidence]) -> None:
    for job in jobs[2::3]:
        (alone,) = graded_by(LocalProcesses(TERMS, 1), [job]).items()
        assert alone == ((job.student, job.lab), found[job.student, job.lab])


@pytest.mark.proof
def test_a_cluster(jobs: list[Job], found: dict[tuple[str, str], Evidence], tmp_path: Path) -> None:
    said: list[str] = []
    with cluster_of(tmp_path / "machines", COURSE.root) as machines:
        machines.worker("one", PYTHONHASHSEED="1")
        machines.worker("other", PYTHONHASHSEED="2")
        assert graded_by(Cluster(machines.address, COURSE, TERMS, said.append), jobs) == found
    assert not said


@pytest.mark.processes
def test_another_attempt_or_secret_draws_anew_where_a_sampler_is_in_doubt(
    jobs: list[Job], found: dict[tuple[str, str], Evidence]
) -> None:
    def statistics(evidence: Evidence) -> list[float]:
        return [check["statistic"] for check in evidence["checks"] if check["kind"] == "statistical"]

    doubtful = [job for job in jobs if job.student.startswith("slightly_off")]
    attempts = [statistics(found[job.student, job.lab]) for job in doubtful]
    outcomes = [check["outcome"] for job in doubtful for check in found[job.student, job.lab]["checks"]]
    assert {"passed", "failed"} <= set(outcomes)
    assert len(set(map(tuple, attempts))) == len(doubtful)
    other = GradingContext(COURSE.root, b"another")
    (evidence,) = graded_by(LocalProcesses(other, 1), doubtful[:1], other).values()
    assert statistics(evidence) != attempts[0]


WITH_A_MEMORY = """

@misconception(of="softmax", hint="It is doubled, and from the third call on tripled.")
def doubled_then_tripled(logits, axis=-1):
    calls = globals().setdefault("calls", [])
    calls.append(1)
    exponentials = np.exp(logits - np.max(logits, axis=axis, keepdims=True))
    return (2 if len(calls) < 3 else 3) * exponentials / exponentials.sum(axis=axis, keepdims=True)
"""


@pytest.fixture
def terms_with_memory(tmp_path: Path) -> GradingContext:
    """A course with a misconception that stores something between calls."""
    root = copy_course(tmp_path / "course")
    with (root / "reference" / "softmax" / "misconceptions.py").open("a", encoding="utf-8") as file:
        file.write(WITH_A_MEMORY)
    return GradingContext(root, b"of the tests")


def test_a_mistake_with_a_memory_is_named_whoever_was_graded_before(
    terms_with_memory: GradingContext, tmp_path: Path
) -> None:
    source = "def softmax(logits, axis=-1):\n    x = np.exp(logits - np.max(logits, axis=axis, keepdims=True))\n"
    source += "    return 2 * x / x.sum(axis=axis, keepdims=True)"
    doubled = PARTS["softmax"].solved({"softmax": source})
    jobs = [
        job_of(tmp_path, "softmax", student, doubled, attempt, "softmax")
        for student, attempt in (("ada", 1), ("bob", 2))
    ]
    results = graded_by(LocalProcesses(terms_with_memory, 1), jobs, terms_with_memory)
    for evidence in results.values():
        names = {check["misconception"] for check in evidence["checks"] if check["outcome"] == "failed"}
        assert names == {"doubled_then_tripled"}
