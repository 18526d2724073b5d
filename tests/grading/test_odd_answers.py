"""Whatever a stub returns, its lab is graded, and every check that can see the answer fails."""

import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from autograder.authoring.simulation import notebooks
from autograder.grading.jobs import GradingContext, Job
from autograder.grading.session import GradingSession
from tests.repository import COURSE, ROOT

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="grading a class needs Linux")

# Bodies of a function, whose arguments are `args` and `options`.
ODD = {
    "another length each time": "counted.append(1)\n    return np.arange(len(counted) % 3)",
    "rows of different lengths": "return [[1, 2], [3]]",
    "arrays in a list": "return [args[0] if args else 0, 1]",
    "text": "return 'mat'",
    "a dict": "return {0: 'mat', 'a': [1, {}]}",
    "a set": "return {1, 2}",
    "a function": "return len",
    "objects": "return np.array([1, None, 'a'], object)",
    "a huge number": "return 10**5000",
    "a huge number in hex": "return int('f' * 10_000, 16)",
    "huge numbers": "return [10**10_000, {'a': (-(10**10_000), 1), 10**10_000: 2}]",
    "an error with a huge number": "raise KeyError(10**10_000)",
    "a type error with a huge number": "raise TypeError(10**10_000)",
    "a huge number for each argument": """
    for each in (*args, *options.values()):
        if isinstance(each, list): each[:] = [10**10_000] * len(each)
        elif isinstance(each, dict): each.update(dict.fromkeys(each, 10**10_000))
    return 10**10_000""",
    "a huge number from what was passed": """
    for each in (*args, *options.values()):
        if callable(each): return each(10**10_000)
    return 10**10_000""",
    "something else each time": "counted.append(1)\n    return [None, 1.5, [1], 'a', np.eye(2)][len(counted) % 5]",
    "a stream": "yield from ([1], 'a', None, np.ones(2))",
    "deeply nested": "found = []\n    for _ in range(30): found = [found]\n    return found",
}


@pytest.fixture(scope="module")
def session() -> Iterator[GradingSession]:
    with closing(GradingSession(GradingContext(ROOT, b"of odd answers"))) as opened:
        yield opened


@pytest.mark.proof
@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("lab", [lab.name for lab in COURSE.labs])
def test_an_odd_answer_is_graded(lab: str, odd: str, session: GradingSession, tmp_path: Path) -> None:
    parts = notebooks.simulation(COURSE, COURSE.lab(lab))
    stubs = [stub.name for stub in COURSE.lab(lab).stubs if stub.name not in COURSE.items]
    answers = {stub: f"counted = []\n\ndef {stub}(*args, **options):\n    {ODD[odd]}\n" for stub in stubs}
    path = notebooks.write(parts.solved(answers, "ann"), tmp_path / f"{lab}.ipynb")
    (result,) = session.grade([Job("ann", lab, path, 1, "")])
    assert result.message is None
    assert result.status == "graded"
    assert result.score is not None
    earned = sum(check.points for check in result.checks if check.stub in stubs)
    assert earned <= 0.4 * sum(check.max_points for check in result.checks if check.stub in stubs)
