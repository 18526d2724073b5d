"""Beginners' pitfalls by name, and what a failure's evidence contains, for values and for notebooks that are graded."""

import inspect
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from autograder.authoring.simulation import notebooks as simulated
from autograder.grading.jobs import GradingContext, Job
from autograder.grading.session import GradingSession
from autograder.guest.values import Opaque
from autograder.model import pitfalls
from autograder.model.results import Evidence, LabResult, Outcome, Pitfall, Table
from autograder.report import explain
from autograder.report.chart import Bars, Curve, chart_of
from autograder.report.check import reference_lines
from autograder.testing import CheckFailed, agree_values
from tests.course_copy import reference_package

COURSE = """
title: A small course
packages: {allowed: [numpy], inert: [matplotlib]}
limits: {call_seconds: 2}
labs:
  - {name: shares, title: Shares, stubs: [{name: shares, points: 4}]}
"""
REFERENCE = """
def shares(counts):
    return counts / counts.sum()
"""
VISIBLE = """
import numpy as np
from autograder.testing import agree, checks, leaves_unchanged
from reference import shares as right

@checks("shares")
def test_three(student, rng):
    '''Three counts become shares.'''
    agree(student.shares, right.shares, np.array([2.0, 1.0, 1.0]))

@checks("shares", conduct=True)
def test_unchanged(student, rng):
    '''The counts stay as they were.'''
    leaves_unchanged(student.shares, np.array([2.0, 1.0, 1.0]))
"""
HIDDEN = """
from autograder.testing import agree, checks, leaves_unchanged, raises, repeatable
from reference import shares as right

@checks("shares", kind="hidden", conduct=True)
def test_left(student, rng):
    '''Any counts stay as they were.'''
    leaves_unchanged(student.shares, rng.uniform(1, 2, size=4))

@checks("shares", kind="hidden", conduct=True)
def test_refused(student, rng):
    '''None is refused.'''
    raises(student.shares, None, error=AttributeError)

@checks("shares", kind="hidden", conduct=True)
def test_again(student, rng):
    '''The same counts have the same shares.'''
    repeatable(student.shares, rng.uniform(1, 2, size=4))

@checks("shares", kind="hidden")
def test_any(student, rng):
    '''Any counts become shares.'''
    agree(student.shares, right.shares, rng.uniform(1, 2, size=4))
"""
MISCONCEPTIONS = """
import numpy as np
from autograder.testing import misconception

@misconception(of="shares", hint="There is nothing to divide by.")
def divides_by_0(counts):
    return -counts / (0 * counts.sum())
"""
RIGHT = "def shares(counts):\n    return counts / counts.sum()"
SECRET_VALUE = "MARKER3e1c"


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GradingSession]:
    root = tmp_path_factory.mktemp("course")
    for name, content in {
        "course.yaml": COURSE,
        **reference_package("shares"),
        "reference/shares/reference.py": REFERENCE,
        "reference/shares/misconceptions.py": MISCONCEPTIONS,
        "reference/shares/test_visible.py": VISIBLE,
        "solutions/shares/test_hidden.py": HIDDEN,
    }.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content)
    # Another course's references must not be taken for this one's, or the other way around.
    path, others = list(sys.path), _references_forgotten()
    room = GradingSession(GradingContext(root, b"secret"))
    yield room
    room.close()
    _references_forgotten()
    sys.path[:] = path
    sys.modules.update(others)


def _references_forgotten() -> dict[str, ModuleType]:
    return {
        name: sys.modules.pop(name)
        for name in list(sys.modules)
        if name.partition(".")[0] in ("reference", "solutions")
    }


def graded(room: GradingSession, folder: Path, *cells: str) -> LabResult:
    empty = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    path = simulated.write(simulated.with_cells(empty, "import numpy as np", *cells), folder / "shares.ipynb")
    (result,) = room.grade([Job("ada", "shares", path, 1, "")])
    return result


def found(result: LabResult) -> dict[str, Evidence]:
    return {each.id.split("::")[-1]: each for each in result.checks}


@pytest.mark.parametrize(
    ("source", "slip"),
    [
        ("def shares(counts):\n    raise NotImplementedError()", pitfalls.UNSOLVED),
        ("def share(counts):\n    return counts", pitfalls.RENAMED),
        ("import pandas\ndef shares(counts):\n    return counts", pitfalls.PACKAGE),
        ("def shares(counts):\n    counts / counts.sum()", pitfalls.NOT_RETURNED),
        ("def shares(counts):\n    print(counts / counts.sum())", pitfalls.PRINTED),
        ("def shares(counts):\n    return counts / counts.sum(keepdims=True)[:, None]", pitfalls.SHAPE),
        ("def shares(counts):\n    return counts / np.ones(9)", pitfalls.SHAPES_DO_NOT_FIT),
        ("def shares(counts):\n    counts = counts.astype(int)\n    counts /= 4", pitfalls.WHOLE_NUMBERS),
        ("def shares(counts):\n    return counts / 0", pitfalls.NOT_FINITE),
        ("def shares():\n    return 1", pitfalls.SIGNATURE),
    ],
    ids=lambda value: value.name.replace(" ", "_") if isinstance(value, Pitfall) else "",
)
def test_graded_results_name_the_slip(room: GradingSession, tmp_path: Path, source: str, slip: Pitfall) -> None:
    checks = found(graded(room, tmp_path, source))
    assert checks["three"].slip == slip
    assert checks["any"].slip == slip
    text = "\n".join(explain.explanation(checks["three"]))
    assert f"{slip.name[0].upper()}{slip.name[1:]}: {slip.sentence}" in text


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (["import pandas"], "ModuleNotFoundError: pandas"),
        (["from pandas import *"], "ModuleNotFoundError: pandas"),
        (["import pandas", "pandas.x = 1"], "ModuleNotFoundError: pandas"),
        (["pandas = 1 / 0", "from sympy import *"], "ZeroDivisionError"),
        (["x = 1"], None),
    ],
)
def test_a_name_that_is_missing_because_a_package_is(
    room: GradingSession, tmp_path: Path, cells: list[str], said: str | None
) -> None:
    checks = found(graded(room, tmp_path, *cells, "def shares(counts):\n    return pandas.Series(counts)"))
    wanted = pitfalls.PACKAGE if said is not None and "ModuleNotFound" in said else None
    assert (checks["three"].slip, checks["any"].slip) == (wanted, wanted)
    assert checks["three"].exception == "NameError"
    message = checks["three"].message or ""
    assert message.count("didn't run") == (said is not None)
    if said is not None:
        assert f"\nCode cell 2 was probably meant to define pandas, but it didn't run: {said}" in message


def test_names_made_with_a_missing_package_are_missing_too(room: GradingSession, tmp_path: Path) -> None:
    cells = ["import pandas", "half = pandas.Series([1])", "def shares(counts):\n    return counts * half"]
    three = found(graded(room, tmp_path, *cells))["three"]
    assert three.slip == pitfalls.PACKAGE
    assert (three.message or "").splitlines()[2::2] == [
        "Code cell 3 was probably meant to define half, but it didn't run: NameError: name 'pandas' is not defined",
        "Code cell 2 was probably meant to define pandas, but it didn't run: ModuleNotFoundError: pandas is not "
        "available during grading: numpy only",
    ]


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (["half = 2\ndel half"], "No code cell of this notebook defines half. Check the spelling"),
        (["def other():\n    half = 2"], "No code cell of this notebook defines half. Check the spelling"),
        (["half = 1 / 0"], "Code cell 2 was probably meant to define half, but it didn't run: ZeroDivisionError"),
        (["half = whole / 2", "whole = 4"], "Code cell 3 defines whole. Move it above code cell 2."),
        (["half = whole / 2", "import numpy as whole"], "Code cell 3 defines whole. Move it above code cell 2."),
        (["half = whole / 2"], "No code cell above code cell 2 defines whole. Check the spelling"),
    ],
)
def test_an_undefined_name_comes_with_the_cell_that_should_define_it(
    room: GradingSession, tmp_path: Path, cells: list[str], said: str
) -> None:
    three = found(graded(room, tmp_path, *cells, "def shares(counts):\n    return counts * half"))["three"]
    assert three.exception == "NameError"
    assert said in (three.message or "")


def test_a_right_answer_has_no_slip(room: GradingSession, tmp_path: Path) -> None:
    result = graded(room, tmp_path, RIGHT.replace("return", "print('on the way')\n    return"))
    assert result.score == 4
    assert all(each.slip is None and each.difference is None for each in result.checks)


def test_a_changed_input(room: GradingSession, tmp_path: Path) -> None:
    result = graded(room, tmp_path, "def shares(counts):\n    counts /= counts.sum()\n    return counts")
    checks = found(result)
    assert checks["three"].outcome is Outcome.PASSED
    assert checks["unchanged"].slip == pitfalls.CHANGED_INPUT
    difference = checks["unchanged"].difference
    assert difference is not None
    assert difference.got == "shares(array([0.5 , 0.25, 0.25])), after the call"
    assert difference.wanted == "shares(array([2., 1., 1.])), as before"


def test_a_misconception_takes_a_slips_place(room: GradingSession, tmp_path: Path) -> None:
    lost = found(graded(room, tmp_path, "def shares(counts):\n    return -counts / np.zeros(len(counts))"))["three"]
    assert (lost.misconception, lost.slip) == ("divides_by_0", None)
    noted = pitfalls.of_answer(np.full(3, -np.inf), np.array([0.5, 0.25, 0.25]), printed=False)
    assert noted == pitfalls.NOT_FINITE


def test_only_a_visible_failure_carries_its_difference(room: GradingSession, tmp_path: Path) -> None:
    result = graded(room, tmp_path, "def shares(counts):\n    return np.array([0.5, 0.25, np.nan])[: len(counts)]")
    checks = found(result)
    assert checks["any"].outcome is Outcome.FAILED
    assert checks["any"].difference is None
    difference = checks["three"].difference
    assert difference is not None
    assert difference.called == "shares(array([2., 1., 1.]))"
    assert difference.got == "array([0.5 , 0.25,  nan])"
    assert difference.wanted == "array([0.5 , 0.25, 0.25])"
    assert difference.where == "first at [2]: got nan, wanted 0.25 (1 of 3 entries differ)"
    table = difference.table
    assert table is not None
    assert (table.got, table.wanted) == ([["0.5", "0.25", "nan"]], [["0.5", "0.25", "0.25"]])
    assert (table.differs, table.first, table.shape, table.start) == ([[False, False, True]], (0, 2), (3,), (0,))
    # It survives a round trip through the results file.
    line = result.model_dump_json()
    assert json.loads(line, parse_constant=pytest.fail)
    assert LabResult.model_validate_json(line) == result


@pytest.mark.parametrize(
    "body",
    [
        f"raise ValueError('{SECRET_VALUE}')",
        f"return '{SECRET_VALUE}'",
        f"import {SECRET_VALUE}",
        f"print('{SECRET_VALUE}')",
    ],
)
def test_a_hidden_check_repeats_nothing_of_the_students(room: GradingSession, tmp_path: Path, body: str) -> None:
    result = graded(room, tmp_path, f"def shares(counts):\n    {body}")
    assert SECRET_VALUE not in found(result)["any"].model_dump_json()


@pytest.mark.parametrize(
    ("body", "check", "sentence"),
    [
        ("return counts / 2", "any", "Your function's answer differs from the reference's."),
        ("counts / counts.sum()", "any", "Your function returned None."),
        ("return (counts / counts.sum())[:, None]", "any", "The numbers are right, but their shape isn't"),
        ("return 0", "refused", "Your function returned a value when it should have raised an error."),
        ("return sorted(counts)", "refused", "Your function raised the wrong kind of error."),
        ("counts[:] = 1", "left", "Your function changed its input."),
        ("return np.random.normal(size=4)", "again", "Your function gave a different answer when it was called again"),
        ("return counts / missing", "any", "Your code raised an error."),
    ],
)
def test_a_hidden_failure_says_what_kind_it_was(
    room: GradingSession, tmp_path: Path, body: str, check: str, sentence: str
) -> None:
    message = found(graded(room, tmp_path, f"def shares(counts):\n    {body}"))[check].message
    assert message is not None
    assert message.startswith(sentence)


def test_an_error_shows_the_students_lines_and_the_call(room: GradingSession, tmp_path: Path) -> None:
    cell = "def total(x):\n    return x.summ()\ndef shares(counts):\n    return counts / total(counts)"
    three = found(graded(room, tmp_path, "x = 1", cell))["three"]
    assert three.message == (
        "AttributeError: 'numpy.ndarray' object has no attribute 'summ'\n"
        "  in code cell 3, line 2: return x.summ()\n"
        "  called in code cell 3, line 4: return counts / total(counts)"
    )
    assert three.difference is not None
    assert three.difference.called == "shares(array([2., 1., 1.]))"
    assert three.difference.got is None
    deep = found(graded(room, tmp_path, "def shares(counts):\n    return shares(counts)"))["three"]
    assert deep.message is not None
    assert deep.message.count("line 2") == 1


def test_numpys_warnings_are_shown_with_the_difference(room: GradingSession, tmp_path: Path) -> None:
    three = found(graded(room, tmp_path, "def shares(counts):\n    x = 1\n    return counts / (x - 1)"))["three"]
    assert three.message is not None
    assert three.message.endswith("numpy warned: divide by zero encountered in divide, in code cell 2, line 3")


FRACTIONS = np.array([0.5, 1.5, -0.5])


@pytest.mark.parametrize(
    ("got", "wanted", "slip"),
    [
        (None, 1.0, pitfalls.NOT_RETURNED),
        (None, None, None),
        (np.zeros(3), FRACTIONS, None),
        (np.array([0.0, 1.0, -0.0]), FRACTIONS, None),
        (np.array([0.0, 1.0, -1.0]), FRACTIONS, None),
        (np.array([0.0, 2.0, 0.0]), FRACTIONS, None),
        (np.array([7, 7, 7]), FRACTIONS, None),
        (np.array([7, 7, 7]), np.array([1.0, 2.0, 3.0]), None),
        (np.array([7, 7, 7]), np.array([1, 2, 3]), None),
        (np.array([[0.5, 1.5, -0.5]]), FRACTIONS, pitfalls.SHAPE),
        (0.5, FRACTIONS, pitfalls.SHAPE),
        (FRACTIONS, 0.5, pitfalls.SHAPE),
        (np.array([0.5, np.inf, -0.5]), FRACTIONS, pitfalls.NOT_FINITE),
        (np.array([0.5, 1.5]), np.array([-np.inf, 1.5]), None),
        (np.array([-np.inf, 1.5]), np.array([-np.inf, 2.5]), None),
        ((FRACTIONS, np.ones(2)), (FRACTIONS, np.ones(3)), pitfalls.WRONG_LENGTH),
        (np.ones((3, 1)), np.ones((3, 4)), pitfalls.SHAPE),
        (np.ones((2, 4)), np.ones((3, 4)), pitfalls.WRONG_LENGTH),
        (np.array([]), np.ones((3, 4)), pitfalls.WRONG_LENGTH),
        (np.ones((4, 3)), np.ones((3, 4)), pitfalls.AXES_OUT_OF_ORDER),
        (np.ones((4, 2, 3)), np.ones((2, 3, 4)), pitfalls.AXES_OUT_OF_ORDER),
        (np.ones((4, 2)), np.ones((3, 4)), pitfalls.WRONG_LENGTH),
        (np.ones((4, 1)), np.ones((3, 4)), pitfalls.SHAPE),
        (np.ones((1, 3, 4)), np.ones((3, 4)), pitfalls.SHAPE),
        (np.ones(12), np.ones((3, 4)), pitfalls.SHAPE),
        (np.ones((3, 3)), np.arange(9.0).reshape(3, 3), None),
        ((FRACTIONS,), (FRACTIONS, np.ones(3)), None),
        ([[1, 2], [3]], FRACTIONS, None),
        ("text", FRACTIONS, None),
        ({"a": 1}, FRACTIONS, None),
        (Opaque("set"), FRACTIONS, None),
    ],
)
def test_slips_in_values(got: Any, wanted: Any, slip: Pitfall | None) -> None:
    assert pitfalls.of_answer(got, wanted, printed=False) == slip


SUMS = np.array([2.5, -3.75, 0.5])


def in_an_array_of_whole_numbers(sums: Any) -> Any:
    result = np.zeros(len(sums), int)
    result[:] = sums
    return result


# For each pitfall that's recognized by an answer: one function that has it, and five wrong ones that don't.
HAVING_IT: dict[str, tuple[Pitfall, Callable[[Any], Any], list[Callable[[Any], Any]]]] = {
    "fractions": (
        pitfalls.WHOLE_NUMBERS,
        in_an_array_of_whole_numbers,
        [
            lambda sums: np.zeros(len(sums)),
            lambda sums: np.zeros(len(sums), int),
            np.sign,
            lambda sums: (sums == sums.max()).astype(int),
            lambda sums: 2 * sums,
        ],
    ),
    "shape": (
        pitfalls.SHAPE,
        lambda sums: sums[:, None],
        [np.zeros_like, np.negative, np.sort, lambda sums: sums[::-1], lambda sums: sums * np.nan],
    ),
    "infinity": (
        pitfalls.NOT_FINITE,
        lambda sums: sums / np.zeros(len(sums)),
        [np.zeros_like, np.negative, np.sort, lambda sums: sums * 1e300, lambda sums: sums[:2]],
    ),
    "no return": (
        pitfalls.NOT_RETURNED,
        lambda sums: None,
        [np.zeros_like, np.negative, lambda sums: 0.0, lambda sums: [], lambda sums: [None] * len(sums)],
    ),
}


@pytest.mark.parametrize("name", HAVING_IT)
def test_a_pitfall_is_named_only_for_code_that_has_it(name: str) -> None:
    slip, having_it, others = HAVING_IT[name]
    with np.errstate(all="ignore"):
        assert pitfalls.of_answer(having_it(SUMS), SUMS, printed=False) == slip
        assert [pitfalls.of_answer(other(SUMS), SUMS, printed=False) for other in others].count(slip) == 0


# For each pitfall that's recognized by what a notebook does: cells that have it, and five sets of cells that don't.
HAVING_IT_GRADED: dict[str, tuple[Pitfall, str, list[str]]] = {
    "unsolved": (
        pitfalls.UNSOLVED,
        "def shares(counts):\n    counts = counts / 2\n    raise NotImplementedError('later')",
        [
            "def shares(counts):\n    ...",
            "def shares(counts):\n    return NotImplemented",
            "def shares(counts):\n    return NotImplementedError()",
            "def shares(counts):\n    raise RuntimeError('not implemented')",
            "def shares(counts):\n    return 'unsolved'",
        ],
    ),
    "renamed": (
        pitfalls.RENAMED,
        "def share(counts):\n    return counts / counts.sum()",
        [
            "def total(counts):\n    return counts.sum()",
            "def shares(counts):\n    return share(counts)",
            "shares = 1",
            "def shared(counts):\n    return counts\n\ndef shares(counts):\n    return counts",
            "share = 3",
        ],
    ),
    "package": (
        pitfalls.PACKAGE,
        "def shares(counts):\n    import scipy.special\n    return scipy.special.softmax(counts)",
        [
            "def shares(counts):\n    return scipy.special.softmax(counts)",
            "def shares(counts):\n    from autograder.given import shares\n    return shares(counts)",
            "def shares(counts):\n    raise ImportError('no scipy here')",
            "def shares(counts):\n    import matplotlib.pyplot as plt\n    plt.plot(counts)\n    return counts",
            "def shares(counts):\n    from numpy import softmax\n    return softmax(counts)",
        ],
    ),
    "printed": (
        pitfalls.PRINTED,
        "def shares(counts):\n    print(counts / counts.sum())",
        [
            "def shares(counts):\n    counts / counts.sum()",
            "def shares(counts):\n    print('halves')\n    return counts / 2",
            "def shares(counts):\n    import sys\n    print(counts / counts.sum(), file=sys.stderr)",
            "def shares(counts):\n    return print",
            "def shares(counts):\n    print(1)\n    return counts / missing",
        ],
    ),
    "shapes": (
        pitfalls.SHAPES_DO_NOT_FIT,
        "def shares(counts):\n    return counts @ np.ones(9)",
        [
            "def shares(counts):\n    raise ValueError('counts must not be negative')",
            "def shares(counts):\n    return counts.reshape(7)",
            "def shares(counts):\n    return counts[9]",
            "def shares(counts):\n    return np.ones(9)",
            "def shares(counts):\n    return float(counts)",
        ],
    ),
    "signature": (
        pitfalls.SIGNATURE,
        "def shares(counts, total):\n    return counts / total",
        [
            "def shares(counts):\n    return counts / 'total'",
            "def shares(counts):\n    return total(counts, 2)\n\ndef total(counts):\n    return counts.sum()",
            "def shares(numbers):\n    return numbers / 2",
            "def shares(counts, total=2):\n    return counts / total",
            "def shares(*counts):\n    return counts[0] / 2",
        ],
    ),
    "input": (
        pitfalls.CHANGED_INPUT,
        "def shares(counts):\n    counts /= counts.sum()\n    return counts",
        [
            "def shares(counts):\n    counts = counts / counts.sum()\n    return counts",
            "def shares(counts):\n    counts = counts.copy()\n    counts /= counts.sum()\n    return counts",
            "def shares(counts):\n    counts[:] = counts.tolist()\n    return counts / counts.sum()",
            "def shares(counts):\n    counts.sort\n    return counts / 2",
            "def shares(counts):\n    counts -= 'one'\n    return counts",
        ],
    ),
}


@pytest.mark.parametrize("name", HAVING_IT_GRADED)
def test_a_pitfall_is_named_only_for_a_notebook_that_has_it(room: GradingSession, tmp_path: Path, name: str) -> None:
    slip, having_it, others = HAVING_IT_GRADED[name]
    told = [slip in [each.slip for each in graded(room, tmp_path, cells).checks] for cells in [having_it, *others]]
    assert told == [True] + [False] * 5


@pytest.mark.parametrize(
    ("name", "bases", "text", "line", "slip"),
    [
        ("TypeError", ["TypeError"], "takes 1 positional argument", None, pitfalls.SIGNATURE),
        ("TypeError", ["TypeError"], "takes 1 positional argument", "x = f(x)", None),
        (
            "ValueError",
            ["ValueError"],
            "operands could not be broadcast together",
            "x = f(x)",
            pitfalls.SHAPES_DO_NOT_FIT,
        ),
        ("ValueError", ["ValueError"], "temperature must be above 0", "x = f(x)", None),
        (
            "ValueError",
            ["ValueError"],
            "… has an inhomogeneous shape after 1 dimensions. …",
            "x = f(x)",
            pitfalls.ROWS_DIFFER,
        ),
        ("IndentationError", ["IndentationError", "SyntaxError"], "unexpected indent", "x = f(x)", pitfalls.CANNOT_RUN),
        (
            "AttributeError",
            ["AttributeError"],
            "'numpy.ndarray' object has no attribute 'append'",
            "x = f(x)",
            pitfalls.NO_ARRAY_METHOD,
        ),
        ("AttributeError", ["AttributeError"], "'numpy.ndarray' object has no attribute 'summ'", "x = f(x)", None),
        ("ModuleNotFoundError", ["ModuleNotFoundError", "ImportError"], "", "x = f(x)", pitfalls.PACKAGE),
        ("ImportError", ["ImportError"], "softmax is not given here", "x = f(x)", None),
        ("Todo", ["NotImplementedError"], "", "x = f(x)", pitfalls.UNSOLVED),
        ("NameError", ["NameError"], "name 'x' is not defined", "x = f(x)", None),
        ("NameError", ["NameError"], "torch is not available during grading", "x = f(x)", pitfalls.PACKAGE),
    ],
)
def test_slips_in_exceptions(name: str, bases: list[str], text: str, line: str | None, slip: Pitfall | None) -> None:
    assert pitfalls.of_exception(name, bases, text, line) == slip


# --- tables and charts


def table_of(got: np.ndarray[Any, Any], wanted: np.ndarray[Any, Any]) -> Table:
    with pytest.raises(CheckFailed) as caught:
        agree_values(got, wanted, "it")
    assert caught.value.difference is not None
    assert caught.value.difference.table is not None
    return caught.value.difference.table


def test_of_a_long_array_the_part_around_the_first_difference_is_shown() -> None:
    wanted = np.arange(40.0)
    got = wanted.copy()
    got[[30, 33]] = 0.5
    table = table_of(got, wanted)
    assert (table.start, table.first, table.differing) == ((25,), (0, 5), 2)
    assert table.wanted == [[f"{number}" for number in range(25, 35)]]
    lines = list(explain.table_lines(table))
    assert lines[0] == "The part [25:35] of arrays of shape (40,):"
    assert "  [30]  0.5      30  <- first difference" in lines
    assert "  [33]  0.5      33  <- differs" in lines


def test_of_many_dimensions_the_plane_of_the_first_difference_is_shown() -> None:
    wanted = np.arange(2 * 3 * 4 * 30.0).reshape(2, 3, 4, 30)
    got = wanted.copy()
    got[1, 2, 3, 28] = 0
    table = table_of(got, wanted)
    assert (table.start, table.first) == ((1, 2, 0, 20), (3, 8))
    lines = list(explain.table_lines(table))
    assert lines[0] == "The part [1, 2, 0:4, 20:30] of arrays of shape (2, 3, 4, 30):"
    assert max(map(len, lines)) <= explain.WIDTH
    assert [line for line in lines if line.startswith("  [3]")] == [
        "  [3]   710   711   712   713   714   715   716   717 >   0   719",
        "  [3]   710   711   712   713   714   715   716   717 > 718   719",
    ]
    assert lines[-1] == "  > first difference"


def test_as_many_digits_as_the_difference_needs() -> None:
    table = table_of(np.array([1.00021, 0.123456789]), np.array([1.0, 0.123456789]))
    assert table.got == [["1.0002", "0.12346"]]
    assert table.wanted == [["1", "0.12346"]]


@pytest.mark.parametrize("value", [True, 7, np.nan, -np.inf])
def test_entries_of_any_kind(value: Any) -> None:
    wanted = np.array([False, True]) if value is True else np.array([1, 2]) if value == 7 else np.array([1.0, 2.0])
    got = wanted.copy()
    got[0] = value
    assert table_of(got, wanted).got[0][0] == str(value)


@pytest.mark.parametrize(
    ("wanted", "drawn"),
    [
        ([0.25, 0.75], "bars"),
        ([0.1] * 10, "bars"),
        ([1 / 11] * 11, "curve"),
        ([1.0], None),
        ([0.25, 0.5], None),
        ([1.5, -0.5], None),
        ([[0.25, 0.75], [0.5, 0.5]], "bars"),
        ([[0.25, 0.25], [0.75, 0.75]], None),
        ([[2.5, 1, 0, 1, 2.5]], None),
        ([2.5, 1, 0, 1, 2.5], "curve"),
        ([2.5, 1, 0, 1], None),
        ([2.5, 1, 0, 1, np.inf], None),
        ([2.0, 1, 0, 1, 2], None),
        ([0.5, 1_234.5, 0, 1, 2], "curve"),
    ],
)
def test_distributions_and_curves_are_drawn(wanted: list[Any], drawn: str | None) -> None:
    right = np.array(wanted)
    chart = chart_of(table_of(right + 0.5, right))
    assert (chart.form if chart else None) == drawn
    if isinstance(chart, Bars):
        bars = chart.got_bars + chart.wanted_bars
        assert all(bar.y >= 0 and bar.y + bar.height <= 120 + 1e-9 for bar in bars)
        assert max(bar.height for bar in bars) == pytest.approx(120)
    elif isinstance(chart, Curve):
        heights = [point.y for point in chart.got_points + chart.wanted_points]
        assert (min(heights), max(heights)) == (0, pytest.approx(120))


def test_a_curve_shows_where_it_is_and_leaves_out_what_has_no_place() -> None:
    wanted = np.linspace(3.5, 0.5, 31)
    got = wanted.copy()
    got[[20, 21]] = np.nan, 9.5
    curve = chart_of(table_of(got, wanted))
    assert isinstance(curve, Curve)
    assert curve.labels == [f"[{place}]" for place in range(15, 25)]
    assert (curve.highest, curve.lowest) == (9.5, 1.1)
    assert len(curve.got_points) == 9
    assert [point.y for point in curve.got_points].index(0) == 5
    assert curve.words.startswith("Curve from [15] to [24]. Yours: 2, 1.9, 1.8, 1.7, 1.6, nan, 9.5, 1.3, 1.2, 1.1. The")
    assert chart_of(table_of(np.full(31, np.nan), wanted)) is None
    flat = chart_of(table_of(np.full(5, 2.5), np.full(5, 1.5)))
    assert isinstance(flat, Curve)


def test_numbers_in_a_list_are_compared_as_an_array() -> None:
    wanted = [2.5, 1.5, np.float64(0.5), np.array(0.25), 0.125]
    for got in ([2.5, 1.5, 9, 9.0, 0.125], (2.5, 1.5, np.array(9.0), 9.0, 0.125)):
        with pytest.raises(CheckFailed, match=r"first at \[2\]: got 9, wanted 0.5 \(2 of 5 entries differ\)") as caught:
            agree_values(got, wanted, "the losses")
        assert isinstance(chart_of(caught.value.difference.table), Curve)  # type: ignore[union-attr,arg-type]
    with pytest.raises(CheckFailed, match="got values of a different kind"):
        agree_values([2.5, None, 0.5, 0.25, 0.125], wanted, "the losses")


def test_large_numbers_are_written_out() -> None:
    table = table_of(np.array([123_456_789.0, 12_345.6]), np.array([123_556_789.0, 12_345.6]))
    assert (table.got, table.wanted) == ([["123,456,789", "12,346"]], [["123,556,789", "12,346"]])
    with pytest.raises(CheckFailed) as caught:
        agree_values(np.array(1e8), 5e7, "it")
    assert caught.value.difference is not None
    assert (caught.value.difference.got, caught.value.difference.wanted) == ("100,000,000", "50,000,000")
    assert explain.where_of(caught.value.difference) is None
    with pytest.raises(CheckFailed, match=r"Got:    1e\+16\nWanted: \[1e\+08\]"):
        agree_values(1e16, [1e8], "it")


def documented(counts: Any) -> Any:
    """Shares.

    return nothing
    """
    # a remark
    if counts is None:
        raise ValueError("none")

    return counts


def bare(counts: Any) -> Any:
    return counts


def test_a_references_lines_without_its_docstring() -> None:
    assert reference_lines(inspect.getsource(documented)) == [
        "def documented(counts: Any) -> Any:",
        "    if counts is None:",
        '        raise ValueError("none")',
        "    return counts",
    ]
    assert reference_lines(inspect.getsource(bare)) == ["def bare(counts: Any) -> Any:", "    return counts"]
