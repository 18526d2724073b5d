"""The benchmarks run, and they compare equal amounts of work. Nothing here depends on timing."""

import re
from pathlib import Path
from typing import Any

import pytest

from autograder.model.results import Outcome
from benchmarks import batch, command, peers, selfcheck
from benchmarks.usage import run
from tests.repository import COURSE, ROOT

SOFTMAX = COURSE.lab("softmax")


@pytest.mark.slow
def test_a_class_is_graded_by_the_command_and_measured() -> None:
    figures = command.measure(COURSE, ["softmax"], 1, 1, again=False, feedback=1)
    for step in ("cold", "feedback"):
        assert figures[step]["seconds"] > 0
        assert 0 < figures[step]["main_mb"] <= figures[step]["memory_mb"]


@pytest.mark.slow
def test_a_batch_is_measured_by_phase_and_beside_a_bare_session() -> None:
    figures = batch.measure(COURSE, SOFTMAX, 8)
    assert figures["times_bare"] > 0
    assert set(figures["phases_ms"]) == {"read", "spawn", "cells"}


@pytest.mark.slow
def test_what_a_self_check_tells_is_counted_lab_by_lab() -> None:
    (lab, everything) = selfcheck.measure(COURSE, [COURSE.lab("start")], 1)
    assert re.fullmatch(r"\| First steps \| 17 \| 0 of 17 \(0%\) \| 16 of 17 \(94%\) \| \d+ ms \| \d+ ms \|", lab)
    assert everything == lab.replace("First steps", "all labs")


def test_a_command_that_fails_is_not_measured(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="exited with code 3"):
        run(["sh", "-c", "exit 3"], tmp_path, {})


def test_peers_have_every_check_of_the_lab_with_its_points() -> None:
    made = peers.plain_lab(COURSE, SOFTMAX)
    assert sum(check.points for check in made.checks) == pytest.approx(SOFTMAX.points)
    assert {check.stub for check in made.checks} == {stub.name for stub in SOFTMAX.stubs}


@pytest.mark.proof
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_plain_checks_find_what_is_found_here() -> None:
    made = peers.plain_lab(COURSE, SOFTMAX)
    students = peers.students_of(COURSE, SOFTMAX, 12)
    assert {} in students
    for changed, result in zip(students, peers.graded_here(COURSE, SOFTMAX, students), strict=True):
        ours = {each.id.split("::")[-1]: each.outcome is Outcome.PASSED for each in result.checks}
        assert _found(made, changed) == ours, changed


@pytest.mark.slow  # installs the peers in build/peers
def test_both_peers_give_a_solution_full_marks_and_a_wrong_answer_less() -> None:
    figures = peers.measure(COURSE, SOFTMAX, 4, ROOT / "build" / "peers")
    for peer in ("nbgrader", "otter"):
        full, *others = figures[peer]["scores"]
        assert full == pytest.approx(SOFTMAX.points)
        assert min(others) < SOFTMAX.points


def test_times_count_the_peers_start_once_for_a_class() -> None:
    theirs = {"nbgrader": {"ms_a_submission": 4000.0, "start_seconds": 2.0}, "otter": {"ms_a_submission": 3000.0}}
    figures = {"peers": theirs, "submissions": 1000, "ms_a_submission": 20.0}
    assert peers.times(figures) == {"times_nbgrader": pytest.approx(200.1), "times_otter": pytest.approx(150.0)}


def _found(made: peers.PlainLab, changed: dict[str, str]) -> dict[str, bool]:
    namespace: dict[str, Any] = {}
    for source in (peers.IMPORTS, made.prelude, *{**made.stubs, **changed}.values()):
        exec(source, namespace)
    return {check.name: _passes(check, namespace) for check in made.checks}


def _passes(check: peers.PlainCheck, namespace: dict[str, Any]) -> bool:
    try:
        exec(check.source, namespace)
    except Exception:
        return False
    return True
