"""A check that has had the same conversation before doesn't run again, and nobody can tell, except by the time."""

import gc
import itertools
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from autograder.authoring.simulation import notebooks
from autograder.grading import replay
from autograder.grading.connection import NotebookConnection
from autograder.grading.conversations import MAX_BYTES, Conversations, Recording
from autograder.grading.diagnosis import Diagnoser
from autograder.grading.given_process import GivenAnswer, GivenProcess
from autograder.grading.jobs import GradingContext, Job
from autograder.grading.processes import LocalProcesses
from autograder.grading.session import GradingSession
from autograder.grading.spent import Spent
from autograder.guest import values
from autograder.model.results import Outcome
from autograder.sandbox import worker
from tests.course_copy import copy_course
from tests.grading.test_determinism import graded_by
from tests.repository import COURSE

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="grading a class needs Linux")

PARTS = notebooks.simulation(COURSE, COURSE.lab("generation"))
SECRET = b"of the tests of conversations"
# A correct loop with room for something else, once before all else and once in each round.
LOOP = """
{before}

def generate(next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None):
    if len(prompt_ids) == 0:
        raise ValueError("there's nothing to continue")
    written, text = [], [*prompt_ids]
    for drawn in range(max_new_tokens):
        token = sample(next_token_logits(text if context_window is None else text[-context_window:]))
        {each_time}
        if token == stop_id:
            return written, "stop"
        written.append(token)
        text.append(token)
    return written, "length"
"""
STREAM = """
{before}

def stream_tokens(next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None):
    if len(prompt_ids) == 0:
        raise ValueError("there's nothing to continue")
    text = [*prompt_ids]
    for drawn in range(max_new_tokens):
        token = sample(next_token_logits(text if context_window is None else text[-context_window:]))
        {each_time}
        if token == stop_id:
            return
        yield token
        text.append(token)
"""
USES_A_GIVEN = LOOP.format(before="from autograder.given import softmax", each_time="softmax(np.array(text, float))")
# By stub and description.
ANSWERS = {
    ("generate", "solution"): PARTS.solutions["generate"],
    ("generate", "spelled differently"): LOOP.format(before="", each_time=""),
    ("generate", "wrong from the third token on"): LOOP.format(before="", each_time="token += drawn > 1"),
    ("generate", "wrong from the tenth call on"): LOOP.format(
        before="calls = []", each_time="calls.append(1)\n        token += len(calls) > 9"
    ),
    ("generate", "asks twice at the end"): LOOP.format(before="", each_time="drawn > 1 and next_token_logits(text)"),
    ("generate", "raises in the third round"): LOOP.format(before="", each_time="[][drawn > 1 or slice(0)]"),
    ("generate", "ends its process in round two"): LOOP.format(
        before="import os", each_time="drawn == 1 and os._exit(3)"
    ),
    ("generate", "ends its process in the tenth call"): LOOP.format(
        before="import os\ncalls = []", each_time="calls.append(1)\n        len(calls) == 10 and os._exit(3)"
    ),
    ("generate", "writes to its connection in the tenth call"): LOOP.format(
        before="import os\ncalls = []",
        each_time="calls.append(1)\n        len(calls) == 10 and os.write(3, bytes([255] * 4))",
    ),
    ("generate", "changes the model's context"): LOOP.format(before="", each_time="text.insert(0, 1)"),
    ("generate", "sleeps in the tenth call"): LOOP.format(
        before="import time\ncalls = []", each_time="calls.append(1)\n        len(calls) == 10 and time.sleep(60)"
    ),
    ("generate", "uses a given"): USES_A_GIVEN,
    ("generate", "prints"): LOOP.format(before="", each_time="print(token)"),
    ("generate", "keeps the model of the first call"): LOOP.format(
        before="models, seen = [], []",
        each_time="models.append(next_token_logits)\n        seen.append(models[0](text))",
    ),
    ("stream_tokens", "solution"): PARTS.solutions["stream_tokens"],
    ("stream_tokens", "spelled differently"): STREAM.format(before="", each_time=""),
    ("stream_tokens", "wrong from the third token on"): STREAM.format(before="", each_time="token += drawn > 1"),
    ("stream_text", "solution"): PARTS.solutions["stream_text"],
    ("stream_text", "loses spaces"): PARTS.solutions["stream_text"].replace("[token])", "[token]).strip()"),
}
# Counts every token that a given refuses to help with.
REFUSED = LOOP.format(
    before="""
from autograder.given import softmax

def refused(logits):
    try:
        softmax(logits)
    except MemoryError:
        return 1
    return 0
""",
    each_time="token += refused(np.array(text, float))",
)
NO_MEMORY = {"error": {"type": "MemoryError", "message": "softmax needed more than 512 MiB of memory"}}
COSTLY = GivenAnswer(values.pack({"answer": values.encode((1.0,))}), 0.01, lasting=True)
# A check that asks something else each time it runs, and one that runs out of memory the first time.
UNSTEADY = """

_prompt = []

@checks("generate", weight=0.01)
def test_gn_unsteady(student, rng):
    \"\"\"It's never the same twice.\"\"\"
    _prompt.append(1)
    model, sample = scripted(rng)
    agree_on_text(student.generate, model, list(_prompt), 5, sample)


_crashed = []

@checks("generate", weight=0.01)
def test_gn_crashes_once(student, rng):
    \"\"\"It runs out of memory once.\"\"\"
    model, sample = scripted(rng)
    agree_on_text(student.generate, model, PROMPT, 5, sample)
    if not _crashed:
        _crashed.append(1)
        raise MemoryError
"""
# Sleeps for less than the limit before it says something new, and again after that.
SLEEPS_TWICE = LOOP.format(
    before="import time",
    each_time="if drawn in (1, 2):\n            time.sleep(0.7)\n            token += drawn == 1",
)
HandIn = Callable[..., Job]
NOT_COMPARED = {"seconds": True, "checks": {"__all__": {"seconds"}}}


@pytest.fixture(scope="module")
def terms(tmp_path_factory: pytest.TempPathFactory) -> GradingContext:
    """A course with a shorter limit for each call, to save time."""
    root = copy_course(tmp_path_factory.mktemp("conversations"))
    settings = (root / "course.yaml").read_text(encoding="utf-8")
    (root / "course.yaml").write_text(settings.replace("call_seconds: 5", "call_seconds: 1"), encoding="utf-8")
    return GradingContext(root, SECRET)


@pytest.fixture(autouse=True)
def _unnamed() -> Iterator[None]:
    """Don't look for the names of mistakes, to save time."""
    with mock.patch.object(Diagnoser, "_known", return_value=[]):
        yield


@pytest.fixture
def job(tmp_path: Path) -> HandIn:
    numbers = itertools.count()

    def hand_in(student: str, answer: str, stub: str = "generate") -> Job:
        notebook = PARTS.solved({stub: answer}, student)
        path = notebooks.write(notebook, tmp_path / f"{next(numbers)}.ipynb")
        return Job(student, "generation", path, 1, "", stub=stub)

    return hand_in


def graded(terms: GradingContext, jobs: Sequence[Job]) -> list[dict[str, Any]]:
    """The results of grading one job after another in one session, without the times."""
    with closing(GradingSession(terms)) as session:
        return [each.model_dump(mode="json", exclude=NOT_COMPARED) for job in jobs for each in session.grade([job])]


def outcomes(result: dict[str, Any], check: str = "") -> set[str]:
    return {each["outcome"] for each in result["checks"] if each["id"].endswith(check)}


def charged(terms: GradingContext, jobs: Sequence[Job]) -> list[Spent]:
    """How much of its limits each notebook has used by the end of its grading."""
    found: dict[NotebookConnection, Spent] = {}

    def close(connection: NotebookConnection) -> None:
        found[connection] = connection._spent
        closes(connection)

    closes = NotebookConnection.close
    with mock.patch.object(NotebookConnection, "close", close):
        graded(terms, jobs)
    return [*found.values()]


@pytest.mark.proof
def test_results_are_the_same_whoever_was_graded_before(terms: GradingContext, job: HandIn) -> None:
    jobs = {(stub, name): job(name, answer, stub) for (stub, name), answer in ANSWERS.items()}
    with mock.patch.object(Conversations, "remember"):
        alone = graded(terms, [*jobs.values()])
    assert graded(terms, [*jobs.values(), *reversed(jobs.values())]) == [*alone, *reversed(alone)]
    found = {key: outcomes(result) for key, result in zip(jobs, alone, strict=True)}
    for stub, name in found:
        if name in ("solution", "spelled differently", "uses a given", "prints", "keeps the model of the first call"):
            assert found[stub, name] - {"failed"} == {"passed"}, name
    assert found["generate", "solution"] == found["stream_tokens", "spelled differently"] == {"passed"}
    for key, outcome in (
        (("generate", "wrong from the third token on"), "failed"),
        (("generate", "wrong from the tenth call on"), "failed"),
        (("stream_tokens", "wrong from the third token on"), "failed"),
        (("stream_text", "loses spaces"), "failed"),
        (("generate", "ends its process in round two"), "died"),
        (("generate", "ends its process in the tenth call"), "died"),
        (("generate", "writes to its connection in the tenth call"), "violation"),
        (("generate", "sleeps in the tenth call"), "timeout"),
    ):
        assert outcome in found[key], key


def test_no_call_gets_more_time_because_its_conversation_is_known(terms: GradingContext, job: HandIn) -> None:
    jobs = [job(student, PARTS.solutions["stream_tokens"], "stream_tokens") for student in ("ada", "bob")]
    with mock.patch.object(worker, "Deadline", wraps=worker.Deadline) as deadlines:
        graded(terms, jobs)
    assert max(limit for (_, limit, _), _ in deadlines.call_args_list) == 1.0


def test_draws_have_three_times_the_limit_of_a_call_whether_or_not_they_are_known(
    terms: GradingContext, tmp_path: Path
) -> None:
    solved = notebooks.simulation(COURSE, COURSE.lab("sampler")).solved({}, "ada")
    path = notebooks.write(solved, tmp_path / "sampler.ipynb")
    jobs = [Job(student, "sampler", path, 1, "", stub="sample_categorical") for student in ("ada", "bob")]
    asked: list[tuple[bool, float]] = []
    limits: dict[worker.Deadline, float] = {}
    makes, sends = worker.Deadline, worker.Worker._reply_to

    def make(clock: Any, seconds: float, patience: Any) -> worker.Deadline:
        deadline = makes(clock, seconds, patience)
        limits[deadline] = seconds
        return deadline

    def send(to: worker.Worker, frame: bytes, deadline: worker.Deadline) -> bytes:
        draws = values.unpack(frame[values.HEADER.size :]).get("draws")
        asked.append((draws is not None, limits[deadline]))
        return sends(to, frame, deadline)

    with (
        mock.patch.object(worker, "Deadline", make),
        mock.patch.object(worker.Worker, "_reply_to", send),
        mock.patch.object(NotebookConnection, "follow", autospec=True, side_effect=NotebookConnection.follow) as known,
    ):
        assert [outcomes(each) for each in graded(terms, jobs)] == [{"passed"}] * 2
    # Many calls in one frame get a tenth of the limit of a call, and are made one by one if that isn't enough.
    assert set(asked) == {(False, 0.1), (False, 1.0), (True, 3.0)}
    assert known.called


@pytest.mark.processes
def test_each_item_of_a_stream_has_its_own_time_limit(terms: GradingContext, job: HandIn) -> None:
    slow = "drawn_before.append(1)\n        if 200 < len(drawn_before) <= 215:\n            time.sleep(0.2)"
    bob = job("bob", STREAM.format(before="import time\ndrawn_before = []", each_time=slow), "stream_tokens")
    _, after = graded(terms, [job("ada", PARTS.solutions["stream_tokens"], "stream_tokens"), bob])
    assert outcomes(after) == {"passed"}


@pytest.mark.processes
def test_time_before_the_first_new_message_counts(terms: GradingContext, job: HandIn) -> None:
    bob = job("bob", SLEEPS_TWICE)
    _, after = graded(terms, [job("ada", PARTS.solutions["generate"]), bob])
    assert [after] == graded(terms, [bob])
    assert Outcome.TIMEOUT in outcomes(after)


def test_givens_are_charged_whoever_was_graded_before(terms: GradingContext, job: HandIn) -> None:
    ada, bob = job("ada", USES_A_GIVEN), job("bob", USES_A_GIVEN)
    with mock.patch.object(GivenProcess, "answer", return_value=COSTLY):
        (alone,) = charged(terms, [bob])
        for spent in charged(terms, [ada, bob]):
            assert_the_same(spent, alone)


@pytest.mark.processes
def test_givens_are_charged_once_if_the_check_has_to_run(terms: GradingContext, job: HandIn) -> None:
    bob = job("bob", USES_A_GIVEN.replace("if token ==", "token += drawn > 1\n        if token =="))
    with mock.patch.object(GivenProcess, "answer", return_value=COSTLY):
        (alone,) = charged(terms, [bob])
        assert_the_same(charged(terms, [job("ada", USES_A_GIVEN), bob])[1], alone)


def assert_the_same(spent: Spent, alone: Spent) -> None:
    assert alone.served_seconds > 0.3
    assert spent.served_seconds == pytest.approx(alone.served_seconds, rel=0.2)
    assert (spent.answered, spent.restarts) == (alone.answered, 1)


def test_a_stub_that_has_answered_too_much_is_not_called_again(terms: GradingContext, job: HandIn) -> None:
    much = "calls.append(1)\n    if len(calls) < 6:\n        return np.zeros(60_000), 'length'\n    written, text = "
    ada = job("ada", PARTS.solutions["generate"])
    bob = job("bob", LOOP.format(before="calls = []", each_time="").replace("written, text = ", much))
    with mock.patch("autograder.grading.connection.MAX_ANSWERED", 2 * MAX_BYTES):
        (alone,) = graded(terms, [bob])
        with mock.patch.object(Conversations, "forget") as forget:
            _, after = graded(terms, [ada, bob])
    assert after == alone
    assert Outcome.VIOLATION in outcomes(alone)
    forget.assert_not_called()


def test_a_givens_refusal_to_one_student_is_not_repeated_to_another(terms: GradingContext, job: HandIn) -> None:
    refusal = GivenAnswer(values.pack(NO_MEMORY), 0.1, lasting=False)
    with closing(GradingSession(terms)) as session:
        with mock.patch.object(GivenProcess, "answer", return_value=refusal):
            (ada,) = session.grade([job("ada", REFUSED)])
        (bob,) = session.grade([job("bob", REFUSED)])
    assert Outcome.FAILED in {check.outcome for check in ada.checks}
    assert {check.outcome for check in bob.checks} == {Outcome.PASSED}


@pytest.mark.proof
def test_a_check_that_is_never_the_same_twice_is_still_right(job: HandIn, tmp_path: Path) -> None:
    root = copy_course(tmp_path / "course")
    with (root / "reference" / "generation" / "test_visible.py").open("a", encoding="utf-8") as file:
        file.write(UNSTEADY)
    terms = GradingContext(root, SECRET)
    jobs = [
        job("ada", PARTS.solutions["generate"]),
        job("bob", ANSWERS["generate", "wrong from the third token on"]),
        job("cy", ANSWERS["generate", "spelled differently"]),
    ]
    # In a process of its own, since this one has imported another course's checks.
    results = [*graded_by(LocalProcesses(terms, 1), jobs, terms).values()]
    assert [outcomes(each, "gn_unsteady") for each in results] == [{"passed"}, {"failed"}, {"passed"}]
    assert [outcomes(each, "gn_crashes_once") for each in results] == [{"failed"}, {"failed"}, {"passed"}]


def test_a_check_runs_once_for_all_who_say_the_same(terms: GradingContext, job: HandIn) -> None:
    answers = [ANSWERS["generate", name] for name in ("solution", "spelled differently", "solution")]
    with mock.patch.object(replay, "run_alone", wraps=replay.run_alone) as runs, closing(GradingSession(terms)) as room:
        counts = []
        for answer in answers:
            before = runs.call_count
            room.grade([job("ada", answer)])
            counts.append(runs.call_count - before)
    # Those that expect an error run each time, because an error's text may depend on the notebook. So does the first
    # one, because there's no worker yet.
    first, second, third = counts
    assert second == third < first / 2


def test_nothing_keeps_a_notebook_once_it_has_been_graded(terms: GradingContext, job: HandIn) -> None:
    with closing(GradingSession(terms)) as room:
        room.grade([job("ada", PARTS.solutions["stream_tokens"], "stream_tokens")])
        gc.collect()
        assert not [each for each in gc.get_objects() if isinstance(each, NotebookConnection)]


def test_a_long_conversation_is_not_kept() -> None:
    recording = Recording()
    for _ in range(5):
        recording.add(b"x" * MAX_BYTES, b"", is_request=True)
        assert not recording.turns
    assert not recording.is_complete
