"""Running cells together, batching a stub's calls, and judging equal answers only once don't change the evidence."""

import gc
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from autograder.authoring.simulation import notebooks
from autograder.grading import replay
from autograder.grading.connection import MAX_ANSWERED, NotebookConnection
from autograder.grading.content import misconceptions
from autograder.grading.execution import name_of
from autograder.grading.grader import under_test
from autograder.grading.jobs import GradingContext, Job
from autograder.grading.session import GradingSession
from autograder.guest import values
from autograder.model.course import Lab
from autograder.testing.exports import VALUE_BYTES
from autograder.testing.student import Answer
from tests.repository import COURSE

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="grading in the sandbox needs Linux")

LABS = {lab.name: lab for lab in COURSE.labs}
RIGHT = """
def right(logits, axis=-1):
    logits = np.asarray(logits, dtype=float)
    exponentials = np.exp(logits - np.max(logits, axis=axis, keepdims=True))
    return exponentials / exponentials.sum(axis=axis, keepdims=True)

def softmax(logits, axis=-1):
"""
SECOND_TIME = """
    calls.append(1)
    return right(logits, axis) * (2 if len(calls) == 2 else 1)

calls = []
"""
# Other things a student's softmax may do, each in its own notebook.
ODD = {
    "as_it_should": "    return right(logits, axis)",
    "last_bit": "    return right(logits, axis) * (1 + 2.0**-52)",
    "wrong_in_three_dimensions": "    return right(logits, axis) * (2 if np.ndim(logits) == 3 else 1)",
    "wrong_the_second_time": SECOND_TIME,
    "ends_its_process": "    import os\n    return os._exit(3) if np.ndim(logits) == 3 else right(logits, axis)",
    "never_ends": "    while np.ndim(logits) == 3:\n        pass\n    return right(logits, axis)",
    "slow": "    import time\n    time.sleep(0.12)\n    return right(logits, axis)",
    "piece_by_piece": "    yield from right(logits, axis)",
    "too_large": "    return np.zeros(150_000) if np.ndim(logits) == 2 else right(logits, axis)",
    "far_too_large": "    return np.zeros(1_000_000) if np.ndim(logits) == 3 else right(logits, axis)",
    "prints_and_warns": "    print(logits)\n    return right(logits, axis) + 0 * np.log(np.zeros(1))",
    "nothing": "    right(logits, axis)",
    "unsolved": "    raise NotImplementedError",
    "raises_sometimes": "    if np.ndim(logits) == 2:\n        raise KeyError('rows')\n    return right(logits, axis)",
    "changes_its_input": "    logits -= 1.0\n    return right(logits, axis)",
    "of_another_kind": "    return {1: object()}",
    "lacks_a_name": "    return exponentials(logits)",
    "cell_raises": "    return right(logits, axis)\n\nraise KeyError('a cell')",
    "cell_ends_its_process": "    return right(logits, axis)\n\nimport os\nos._exit(3)",
    "cell_never_ends": "    return right(logits, axis)\n\nwhile True:\n    pass",
}
# Two cells like this take longer together than a single cell may.
SLOW_CELL = "\n\nimport time\ntime.sleep(0.7)"
# Writes replies in the worker's place: one per cell, and none of them a valid message.
FORGED = "    return right(logits, axis)\n\nimport os\nos.write(3, {!r})\nos._exit(0)"


@pytest.fixture(scope="module")
def room() -> Iterator[GradingSession]:
    """A session in which one call may take a second, so that many calls together can take longer than that."""
    with closing(GradingSession(GradingContext(COURSE.root, b"of the tests"))) as room:
        limits = room.course.limits.model_copy(update={"call_seconds": 1.0})
        room.course = room.course.model_copy(update={"limits": limits})
        yield room


def evidence_in(room: GradingSession, jobs: list[Job]) -> dict[str, Any]:
    """Everything except seconds."""
    leave_out = {"seconds": True, "checks": {"__all__": {"seconds"}}}
    return {result.student: result.model_dump(exclude=leave_out) for result in room.grade(jobs)}


def one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(NotebookConnection, "answered", lambda *_: None)
    monkeypatch.setattr(NotebookConnection, "_run_together", lambda line, *_: line.close())


def write(lab: Lab, changed: dict[str, str], folder: Path) -> Job:
    notebook = notebooks.simulation(COURSE, lab).solved(changed, folder.name)
    path = notebooks.write(notebook, folder / lab.name / f"{lab.name}.ipynb")
    return Job(folder.name, lab.name, path, 1, "")


@pytest.mark.proof
def test_together_or_one_by_one_the_evidence_is_the_same(
    room: GradingSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = [write(LABS["softmax"], {"softmax": RIGHT + body}, tmp_path / name) for name, body in ODD.items()]
    replies = [b"\xc1"] * len(jobs[0].submission().cells)
    forged = RIGHT + FORGED.format(values.pack({"replies": replies}))
    jobs.append(write(LABS["softmax"], {"softmax": forged}, tmp_path / "forged"))
    slow = {"softmax": RIGHT + ODD["as_it_should"] + SLOW_CELL, "entropy": "entropy = None" + SLOW_CELL}
    jobs.append(write(LABS["softmax"], slow, tmp_path / "slow_cells"))
    together, again = evidence_in(room, jobs), evidence_in(room, jobs[::-1])
    assert together == again
    one_by_one(monkeypatch)
    alone = evidence_in(room, jobs)
    for name in together:
        assert together[name] == alone[name], name
    outcomes = {name: {each["outcome"].value for each in result["checks"]} for name, result in together.items()}
    assert outcomes["slow_cells"] == {"passed", "unsolved"}
    assert outcomes["as_it_should"] == outcomes["last_bit"] == outcomes["slow"] == {"passed"}
    assert outcomes["wrong_in_three_dimensions"] == outcomes["wrong_the_second_time"] == {"passed", "failed"}
    assert "died" in outcomes["ends_its_process"]
    assert "timeout" in outcomes["never_ends"]
    for name, outcome in {
        "cell_raises": "passed",
        "cell_ends_its_process": "died",
        "cell_never_ends": "timeout",
    }.items():
        assert outcomes[name] == {outcome, "passed"}, name


@pytest.mark.slow
@pytest.mark.parametrize("lab", LABS.values(), ids=LABS)
def test_together_or_one_by_one_every_known_answer_gets_the_same_evidence(
    lab: Lab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = [each for stub in lab.stubs for each in misconceptions(COURSE, stub.name)]
    known = [*wrong, *notebooks.alternatives(COURSE, lab)]
    changes = [{each.of: notebooks.source_of(COURSE, each, str(number))} for number, each in enumerate(known)]
    jobs = [write(lab, changed, tmp_path / str(number)) for number, changed in enumerate(changes)]
    with closing(GradingSession(GradingContext(COURSE.root, b"of the tests"))) as room:
        together = evidence_in(room, jobs)
        one_by_one(monkeypatch)
        assert together == evidence_in(room, jobs)


SPY = """
def softmax(logits, axis=-1):
    import sys
    frame, seen = sys._getframe(), b""
    while frame is not None:
        request = frame.f_locals.get("request")
        if isinstance(request, dict):
            seen += b"".join(each["arguments"] for each in request.get("calls", [request]))
        frame = frame.f_back
    raise ValueError(sum(seen) + len(seen))
"""


def test_what_a_visible_check_shows_holds_nothing_of_what_hidden_ones_ask(tmp_path: Path) -> None:
    def shown(secret: bytes) -> list[str]:
        with closing(GradingSession(GradingContext(COURSE.root, secret))) as room:
            (result,) = room.grade([job])
            return [each.message or "" for each in result.checks if each.stub == "softmax" and each.kind == "visible"]

    job = write(LABS["softmax"], {"softmax": SPY}, tmp_path / "spy")
    assert shown(b"one secret") == shown(b"another")
    assert all("ValueError" in message for message in shown(b"one secret"))


MANY_SMALL = RIGHT + "    return [[] for _ in range(30_000)]"


@pytest.mark.proof
def test_stored_answers_are_bounded_as_when_they_are_asked_one_by_one(room: GradingSession, tmp_path: Path) -> None:
    job = write(LABS["softmax"], {"softmax": MANY_SMALL}, tmp_path / "many")
    entry = under_test(room.course, room.sandbox, job.submission(), LABS["softmax"], stub="softmax")
    room.run_checks(entry)
    answers = [call.answer for run in room.grader.runs.pop(entry.key) for call in run.calls]
    kept = sum(VALUE_BYTES * values.count(each.value) for each in answers if isinstance(each, Answer))
    assert len(answers) > 10
    assert kept <= MAX_ANSWERED + VALUE_BYTES * 30_000


FULL_OF_LISTS = """    return right(logits, axis)

import os
reply = b"\\x81\\xa5value\\xdd" + (190_000).to_bytes(4, "big") + b"\\x90" * 190_000
body = b"\\x81\\xa7replies\\xdc" + (CELLS).to_bytes(2, "big")
body += (b"\\xc6" + len(reply).to_bytes(4, "big") + reply) * CELLS
frame = len(body).to_bytes(4, "big") + body
while frame:
    frame = frame[os.write(3, frame):]
os._exit(0)
"""


@pytest.mark.proof
def test_forged_replies_of_many_cells_take_no_more_memory_than_one(room: GradingSession, tmp_path: Path) -> None:
    cells = len(write(LABS["softmax"], {}, tmp_path / "solved").submission().cells)
    forged = FULL_OF_LISTS.replace("CELLS", str(cells))
    job = write(LABS["softmax"], {"softmax": RIGHT + forged}, tmp_path / "forged")
    with closing(under_test(room.course, room.sandbox, job.submission(), LABS["softmax"]).connect()) as line:
        assert isinstance(line, NotebookConnection)
        call = {"op": "call", "name": "softmax", "arguments": b"", "draws": None}
        frame = values.pack({"op": "calls", "calls": [call]})
        tracemalloc.start()
        line.answered("softmax", frame, count=1)
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert 10e6 < most < 50e6


def asked_at_once(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Record how many requests go out in each frame from now on."""
    frames: list[int] = []
    answered: Callable[..., Any] = NotebookConnection.answered

    def counted(line: NotebookConnection, stub: str, frame: bytes, count: int) -> Any:
        frames.append(count)
        return answered(line, stub, frame, count)

    monkeypatch.setattr(NotebookConnection, "answered", counted)
    return frames


def test_a_solved_softmax_notebook_is_asked_in_three_frames_a_stub(
    room: GradingSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frames = asked_at_once(monkeypatch)
    evidence_in(room, [write(LABS["softmax"], {}, tmp_path / "solved")])
    assert len(frames) == 3 * len(LABS["softmax"].stubs)
    assert min(frames) > 1


def runs_of_checks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Record which checks run on a student's answers from now on."""
    names: list[str] = []
    run: Callable[..., Any] = replay._run_seeded

    def counted(test: Any, *others: Any) -> Any:
        names.append(name_of(test))
        return run(test, *others)

    monkeypatch.setattr(replay, "_run_seeded", counted)
    return names


@pytest.mark.parametrize("body", ["as_it_should", "raises_sometimes"])
def test_no_check_runs_on_answers_and_errors_that_it_has_seen(
    body: str, room: GradingSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = [write(LABS["softmax"], {"softmax": RIGHT + ODD[body]}, tmp_path / name) for name in ("ada", "bob")]
    names = runs_of_checks(monkeypatch)
    ada = evidence_in(room, jobs[:1])["ada"]
    names.clear()
    assert evidence_in(room, jobs[1:])["bob"]["checks"] == ada["checks"]
    assert names == []


def test_what_checks_found_is_forgotten_before_it_takes_up_too_much_memory(
    room: GradingSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    jobs = [write(LABS["softmax"], {}, tmp_path / name) for name in ("ada", "bob")]
    evidence_in(room, jobs[:1])
    monkeypatch.setattr(replay, "MAX_RUN_BYTES", 2 * replay.RUN_BYTES)
    names = runs_of_checks(monkeypatch)
    evidence_in(room, [write(LABS["softmax"], {"softmax": RIGHT + ODD["last_bit"]}, tmp_path / "forgets")])
    names.clear()
    evidence_in(room, jobs[1:])
    assert len(names) > 100


def test_the_questions_of_what_checks_found_take_up_memory_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All the answers to a solved notebook take up 20 KiB, and the questions, which runs hold as well, 60."""
    monkeypatch.setattr(replay, "RUN_BYTES", 0)
    monkeypatch.setattr(replay, "MAX_RUN_BYTES", 50 * 1024)
    jobs = [write(LABS["softmax"], {}, tmp_path / name) for name in ("ada", "bob")]
    with closing(GradingSession(GradingContext(COURSE.root, b"of the tests"))) as room:
        evidence_in(room, jobs[:1])
        names = runs_of_checks(monkeypatch)
        evidence_in(room, jobs[1:])
    assert names


@pytest.mark.parametrize("fails_first", [True, False])
def test_an_undefined_name_is_put_down_to_the_cell_that_failed_in_this_notebook(
    fails_first: bool, room: GradingSession, tmp_path: Path
) -> None:
    """Both notebooks send the same error, but only in one of them did a cell fail that defines the name."""
    lacking = {"softmax": RIGHT + ODD["lacks_a_name"]}
    failing = {**lacking, "entropy": "raise KeyError\nexponentials = np.exp"}
    absent = {**lacking, "entropy": "entropy = None"}
    jobs = [
        write(LABS["softmax"], cells, tmp_path / name) for name, cells in {"failing": failing, "absent": absent}.items()
    ]
    found = evidence_in(room, jobs if fails_first else jobs[::-1])

    def told(name: str) -> set[str]:
        visible = (each for each in found[name]["checks"] if each["stub"] == "softmax" and each["kind"] == "visible")
        return {each["message"] for each in visible if each["outcome"] == "error"}

    assert told("failing")
    assert told("absent")
    assert all("didn't run: KeyError" in each for each in told("failing"))
    assert not any("didn't run" in each for each in told("absent"))


def test_the_questions_of_earlier_attempts_are_not_kept_forever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each attempt has its own seeds, so its hidden checks ask something new. What's counted here includes the answers
    of the references, which have a limit of their own."""
    monkeypatch.setattr(replay, "MAX_CACHED_QUESTIONS", 16 * 1024)
    monkeypatch.setattr(replay, "MAX_RUN_BYTES", 1)
    lab = LABS["neuron"]
    path = write(lab, {}, tmp_path / "solved").path
    with closing(GradingSession(GradingContext(COURSE.root, b"of the tests"))) as room:

        def scores(*attempts: int) -> list[float | None]:
            jobs = [Job("ada", lab.name, path, each, "", stub="linear") for each in attempts]
            return [room.grade([job])[0].score for job in jobs]

        assert scores(1) == [lab.stub("linear").points]
        gc.collect()
        tracemalloc.start()
        try:
            assert scores(*range(2, 8)) == [lab.stub("linear").points] * 6
            gc.collect()
            assert tracemalloc.get_traced_memory()[0] < 375_000
        finally:
            tracemalloc.stop()


@pytest.mark.proof
def test_a_check_that_builds_on_earlier_answers_is_not_batched_in_vain(
    room: GradingSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frames = asked_at_once(monkeypatch)
    evidence_in(room, [write(LABS["stages"], {}, tmp_path / "solved")])
    assert max(frames) < 60, "rl_converge makes 60 steps, each from where the one before led"
