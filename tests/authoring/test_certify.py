"""`mastery certify`: proves the checks of the real labs, and reports checks that prove nothing."""

import functools
import json
import shutil
import sys
from pathlib import Path

import pytest

from autograder.authoring.expectations import named
from autograder.model.results import LabResult
from tests.commands import Run, run_mastery
from tests.course_copy import confirmed, reference_package
from tests.repository import COURSE, ROOT

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="grading in the sandbox needs Linux")

OTHERS = [lab.name for lab in COURSE.labs if lab.name not in ("start", "readiness")]
Complaints = dict[str, list[str]]


def mastery(*words: str, cwd: Path, secret: str = "of the tests") -> Run:
    return run_mastery(*words, cwd=cwd, MASTERY_SECRET=secret)


def complaints_of(certified: Run) -> Complaints:
    """The complaints about each trial."""
    assert "Traceback" not in certified.stderr, certified.stderr
    return {line["trial"]: line["complaints"] for line in map(json.loads, certified.stdout.splitlines())}


@functools.cache
def certify(*labs: str) -> Run:
    return mastery("certify", *labs, "--json", cwd=ROOT)


# By default, use the smallest lab. The gate also uses the one with a packet, and the proof uses every other lab.
@pytest.mark.parametrize("lab", ["start", pytest.param("readiness", marks=pytest.mark.classes)])
def test_every_wrong_answer_fails_by_name_and_every_right_one_passes(lab: str) -> None:
    prove(certify(lab), lab)


@pytest.mark.proof
@pytest.mark.parametrize("lab", OTHERS)
def test_the_same_holds_in_every_other_lab(lab: str) -> None:
    """Certify all these labs in one run, because starting takes as long as the trials of a small lab."""
    prove(certify(*OTHERS), lab)


def prove(run: Run, lab: str) -> None:
    everything = [json.loads(line) for line in run.stdout.splitlines()]
    assert run.returncode == any(verdict["complaints"] for verdict in everything), run.stderr
    verdicts = [verdict for verdict in everything if verdict["lab"] == lab]
    complaints = {verdict["trial"]: verdict["complaints"] for verdict in verdicts}
    assert {trial: found for trial, found in complaints.items() if found} == {}
    # Each question has three wrong options and about as many known wrong numbers.
    fewest = 5 if COURSE.lab(lab).assessment else 8
    assert sum(trial.startswith("misconception ") for trial in complaints) >= fewest * len(COURSE.lab(lab).stubs)
    assert sum(trial.startswith("alternative ") for trial in complaints) >= 3 * len(COURSE.lab(lab).stubs)
    assert {"solution", "released stubs", "visible checks", "without torch"} <= set(complaints)
    if COURSE.lab(lab).attachment is not None:
        assert sum(trial.startswith("packet with ") for trial in complaints) >= 10


@pytest.mark.slow
@pytest.mark.parametrize("number", range(12))
def test_the_same_holds_under_any_secret(number: int) -> None:
    """An answer that's right only by luck, or a diagnosis that depends on chance, shows up only under some secrets."""
    run = mastery("certify", "--json", cwd=ROOT, secret=f"secret {number}")
    verdicts = [json.loads(line) for line in run.stdout.splitlines()]
    assert {verdict["lab"] for verdict in verdicts} == {lab.name for lab in COURSE.labs}
    assert [verdict for verdict in verdicts if verdict["complaints"]] == []


# --- toy courses with one lab each, named like a real lab but with different references and checks

VISIBLE = """
import numpy as np
from autograder.testing import agree, checks
from reference import softmax
"""
VISIBLE_CHECK = '''
@checks("{stub}")
def test_{stub}_known(student, rng):
    """The known numbers come out."""
    agree(student.{stub}, softmax.{stub}, np.array([1.0, 2.0, 5.0]))
'''
HIDDEN_CHECK = '''
@checks("{stub}", kind="hidden")
def test_{stub}_fresh(student, rng):
    """Fresh numbers come out."""
    agree(student.{stub}, softmax.{stub}, rng.normal(size=4))
'''
HIDDEN_CHECK_OF_KNOWN_NUMBERS = HIDDEN_CHECK.replace("rng.normal(size=4)", "np.array([1.0, 2.0, 5.0])")
SOLUTION = '''
# %%
def {stub}(x):
    """An array of floats to one of the same shape."""
    ### BEGIN SOLUTION
    return x * {factor}
    ### END SOLUTION


# %%
check("{stub}")
'''
NOTES = "{stub}:\n  why: It grows.\n  hints: [Double 1., Double 2.]\n  explained: [It multiplies.]\n"
MISCONCEPTIONS = "import math\nimport numpy as np\nfrom autograder.testing import misconception\n"
ALTERNATIVES = "import math\nimport numpy as np\nfrom autograder.testing import alternative\n"
# Passes the visible and the hidden check, but fails when the hidden one runs again.
RIGHT_TWICE = """
@alternative(of="double")
def right_twice(x, asked=[]):
    asked.append(1)
    return x * (2 if len(asked) <= 2 else 3)
"""
# The first gets its answer from a given, and the second asks for a given that doesn't exist.
BY_A_GIVEN = """
@shortcut(of="double")
def asks_for_the_double(x):
    from autograder.given import doubled
    return doubled(x)

@shortcut(of="triple")
def asks_for_itself(x):
    from autograder.given import triple
    return triple(x)
"""
# They use a constant, an import, a helper that uses another one, each other, and themselves.
WITH_HELPERS = """
from functools import partial

ADDED = 4

def _plus(x, more):
    return x + more

_more = partial(_plus, more=ADDED)

@misconception(of="double", hint="Look again.")
def four_more(x, times=ADDED - 3):
    return times * _more(x)

@misconception(of="double", hint="Look again.")
def eight_more(x):
    return four_more(four_more(x))

@misconception(of="double", hint="Look again.")
def halved_until_small(x):
    return x if np.abs(x).max() < 0.01 else halved_until_small(x / 2)
"""


def misconception(stub: str, name: str, answer: str, declared: str = "") -> str:
    return f'\n@misconception(of="{stub}", hint="Look again.", {declared})\ndef {name}(x):\n    return {answer}\n'


def alternative(stub: str, name: str, answer: str) -> str:
    return f'\n@alternative(of="{stub}")\ndef {name}(x):\n    return {answer}\n'


def toy_course(
    root: Path,
    factors: dict[str, int],
    misconceptions: str = "",
    alternatives: str = "",
    known_only: str = "",
    shortcuts: str = "",
) -> Path:
    """A built course whose stubs multiply by a factor. The hidden checks of `known_only` use no fresh numbers."""
    stubs = ", ".join(f"{{name: {stub}, points: 2}}" for stub in factors)
    files = {
        "course.yaml": f"title: Toy\nlabs:\n  - name: softmax\n    title: Toy\n    stubs: [{stubs}]\n",
        "solutions/softmax/softmax.py": "# %%\nimport numpy as np\nfrom autograder import check\n"
        + "".join(SOLUTION.format(stub=stub, factor=factor) for stub, factor in factors.items()),
        **reference_package("softmax"),
        "reference/softmax/reference.py": "import torch\n"
        + "".join(
            f"def {stub}(x):\n    return torch.sub(x, x, alpha={1 - factor})\n" for stub, factor in factors.items()
        ),
        "reference/softmax/test_visible.py": VISIBLE + "".join(VISIBLE_CHECK.format(stub=stub) for stub in factors),
        "solutions/softmax/test_hidden.py": VISIBLE
        + "".join(
            (HIDDEN_CHECK_OF_KNOWN_NUMBERS if stub == known_only else HIDDEN_CHECK).format(stub=stub)
            for stub in factors
        ),
    }
    files["reference/softmax/notes.yaml"] = "".join(NOTES.format(stub=stub) for stub in factors)
    if misconceptions:
        files["reference/softmax/misconceptions.py"] = MISCONCEPTIONS + misconceptions
    if alternatives:
        files["solutions/softmax/alternatives.py"] = ALTERNATIVES + alternatives
    if shortcuts:
        files["solutions/softmax/by_givens.py"] = "from autograder.testing import shortcut\n" + shortcuts
        files["course.yaml"] += "givens: {models: [doubled]}\n"
        files["reference/models.py"] = "def doubled(x):\n    return 2 * x\n"
    confirmed(root)
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    built = mastery("build", cwd=root)
    assert built.returncode == 0, built.stderr
    return root


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return toy_course(
        tmp_path_factory.mktemp("sound"),
        {"double": 2, "triple": 3},
        misconception("double", "squares", "x * x")
        + misconception("double", "adds_two", "x + 2")
        + misconception("triple", "adds_three", "x + 3")
        + misconception("triple", "three_more", "3 + x"),
        alternative("double", "adds_itself", "x + x"),
    )


@pytest.fixture(scope="module")
def unsound(tmp_path_factory: pytest.TempPathFactory) -> Complaints:
    """The complaints about a course in which each stub's proof has a different hole."""
    root = toy_course(
        tmp_path_factory.mktemp("unsound"),
        {"double": 2, "triple": 3, "fourfold": 4, "fivefold": 5},
        misconception("double", "is_right_after_all", "x + x") + misconception("triple", "only_nan", "x * np.nan"),
        alternative("double", "is_wrong_after_all", "x + 2") + RIGHT_TWICE,
        known_only="fourfold",
        shortcuts=BY_A_GIVEN,
    )
    exercise = root / "exercises" / "softmax" / "softmax.ipynb"
    notebook = json.loads(exercise.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        if "def fivefold(" in "".join(cell["source"]):
            cell["source"] = "def fivefold(x):\n    return x * 5\n"
    exercise.write_text(json.dumps(notebook), encoding="utf-8")
    certified = mastery("certify", "--json", cwd=root)
    assert certified.returncode == 1
    return complaints_of(certified)


def test_a_sound_course_is_certified_by_its_own_checks_and_reference(sound: Path) -> None:
    certified = mastery("certify", "--json", cwd=sound)
    complaints = complaints_of(certified)
    assert certified.returncode == 0, complaints
    assert not any(complaints.values())
    assert {
        "solution",
        "released stubs",
        "alternative adds_itself",
        "misconception squares",
        "misconception adds_two",
        "double returns_none",
        "double returns_first_argument",
        "double returns_zeros",
        "double pastes the reference",
        "double asks around",
        "triple copies the visible answers",
        "visible checks",
        "without torch",
    } <= set(complaints)


@pytest.mark.slow
def test_what_is_certified_is_counted_in_words(sound: Path) -> None:
    certified = mastery("certify", "softmax", cwd=sound)
    assert certified.returncode == 0
    assert certified.stdout == (
        "softmax: 25 of 25 trials came out as expected\n"
        "softmax: 0 of 4 misconceptions (0.0%) pass every visible check\n"
        "softmax: 4 misconceptions have no kind, so nothing checks what they earn: "
        "squares, adds_two, adds_three, three_more\n"
    )


@pytest.mark.slow
def test_a_course_without_misconceptions_can_be_certified(tmp_path: Path) -> None:
    certified = mastery("certify", "--json", cwd=toy_course(tmp_path, {"double": 2}))
    assert certified.returncode == 0, certified.stderr + certified.stdout
    assert len(complaints_of(certified)) == 12


def test_a_misconception_that_passes_is_reported(unsound: Complaints) -> None:
    assert unsound["misconception is_right_after_all"] == ["passes every check"]


def test_a_misconception_that_could_not_be_graded_is_not_said_to_pass() -> None:
    result = LabResult(
        student="trial",
        lab="loss",
        status="not graded",
        score=None,
        max_score=23.0,
        seconds=0.0,
        message="The checks ended with an error.",
        content_hash="",
        course_version="",
        secret="",
    )
    assert named("perplexity", "other_base")(result) == ["The checks ended with an error."]


def test_a_misconception_that_is_not_named_is_reported(unsound: Complaints) -> None:
    assert unsound["misconception only_nan"] == ["fails, but isn't named"]


def test_a_given_that_answers_a_stub_is_reported(unsound: Complaints) -> None:
    assert unsound["shortcut asks_for_the_double"] == [
        "reaches mastered, but should reach at most attempted",
        "passes every check",
        "earns 2.00 points by getting the answer from the grader",
    ]


def test_an_alternative_that_fails_is_reported(unsound: Complaints) -> None:
    checks = unsound["alternative is_wrong_after_all"]
    assert [check.split()[0] for check in checks] == ["double::double_known", "double::double_fresh"]


def test_a_right_answer_that_is_not_confirmed_is_reported(unsound: Complaints) -> None:
    assert unsound["alternative right_twice"] == ["softmax::double::double_fresh passes on one seed but not on another"]


def test_visible_answers_by_heart_that_pass_hidden_checks_are_reported(unsound: Complaints) -> None:
    (complaint,) = unsound["fourfold copies the visible answers"]
    assert complaint.startswith("reaches mastered, but memorized visible answers should only reach familiar")


def test_an_unsolved_stub_that_earns_is_reported(unsound: Complaints) -> None:
    assert unsound["released stubs"] == [
        "earns 2.0",
        "softmax::fivefold::fivefold_known isn't unsolved",
        "softmax::fivefold::fivefold_fresh isn't unsolved",
    ]


def test_nothing_else_is_reported(unsound: Complaints) -> None:
    assert sorted(trial for trial, complaints in unsound.items() if complaints) == [
        "alternative is_wrong_after_all",
        "alternative right_twice",
        "fourfold copies the visible answers",
        "misconception is_right_after_all",
        "misconception only_nan",
        "released stubs",
        "shortcut asks_for_the_double",
        "visible checks",
    ]


def test_misconceptions_that_no_visible_check_shows_are_reported(tmp_path: Path) -> None:
    """Only the hidden check fails these, because its numbers may be negative."""
    root = toy_course(
        tmp_path,
        {"double": 2},
        misconception("double", "of_the_size", "2 * np.abs(x)")
        + misconception("double", "negative_is_0", "2 * np.maximum(x, 0)", "taught=True")
        + misconception("double", "now_and_then", "2 * np.maximum(x, -1e-9)", "visible_power=0.6")
        + misconception("double", "squares", "x * x"),
    )
    certified = mastery("certify", cwd=root)
    assert certified.returncode == 1
    assert certified.stdout.splitlines()[-4:-1] == [
        "softmax: 15 of 16 trials came out as expected",
        "softmax: 2 of 4 misconceptions (50.0%) pass every visible check: of_the_size, negative_is_0",
        "softmax: only statistics can detect these; how often a visible check catches each: now_and_then (60%)",
    ]
    told = " ".join(certified.stdout.split())
    assert "the notebook warns about negative_is_0, but no visible check of double catches it" in told
    assert "(50.0%) pass every visible check, but at most 3% may: of_the_size, negative_is_0" in told


@pytest.mark.parametrize(
    ("imports", "answer", "lacks"),
    [
        ("import torch", "torch.mul(x, 2)", "torch.mul needs torch"),
        ("import torch", "2 * x + 0 * torch.special.expit(x)", "torch.special.expit needs torch"),
        ("import torch", "2 * x.sinh().asinh()", "'Tensor' object has no attribute 'sinh'"),
        ("from torch import multiply", "multiply(x, 2)", "cannot import name 'multiply' from 'torch'"),
    ],
    ids=["a function", "a submodule", "a method", "an import"],
)
def test_an_operator_that_is_missing_without_torch_is_named(
    tmp_path: Path, imports: str, answer: str, lacks: str
) -> None:
    root = toy_course(tmp_path, {"double": 2})
    (root / "reference/softmax/reference.py").write_text(f"{imports}\ndef double(x):\n    return {answer}\n")
    certified = mastery("certify", "--json", cwd=root)
    found = {trial: complaints for trial, complaints in complaints_of(certified).items() if complaints}
    assert certified.returncode == 1
    assert list(found) == ["without torch"]
    (complaint,) = found["without torch"]
    assert complaint.startswith("double::double_known not graded: This check couldn't be run (")
    assert lacks in complaint


def test_misconceptions_may_use_whatever_is_in_their_file(tmp_path: Path) -> None:
    declared = '@misconception(of="double", hint="Look again.")'
    root = toy_course(
        tmp_path, {"double": 2}, WITH_HELPERS, WITH_HELPERS.replace(declared, '@alternative(of="double")')
    )
    certified = mastery("certify", "--json", cwd=root)
    complaints = complaints_of(certified)
    misconceptions = ["four_more", "eight_more", "halved_until_small"]
    assert [complaints[f"misconception {name}"] for name in misconceptions] == [[], [], []]
    # An alternative runs the same way: these only fail because they're wrong.
    for name in misconceptions:
        assert [each.split()[1] for each in complaints[f"alternative {name}"]] == ["failed:", "failed:"]


def test_a_misconception_that_raises_an_error_of_its_own_shows_it(tmp_path: Path) -> None:
    root = toy_course(tmp_path, {"double": 2}, misconception("double", "misspelled", "npp.abs(x)"))
    (complaint,) = complaints_of(mastery("certify", "--json", cwd=root))["misconception misspelled"]
    assert complaint.startswith("fails, but isn't named (NameError: name 'npp' is not defined")


# Neither earns any points, though an edge case should. The first has two values.
EXEMPT = (
    """
@misconception(of="double", kind="edge", hint="Look again.", any_of={"power": (2, 3)}, exempt="All numbers are odd.")
def to_a_power(x, *, power):
    return x ** power
""",
    misconception("double", "adds_two", "x + 2", 'kind="edge", exempt="No number is 2."'),
)


def test_a_small_lab_may_have_one_misconception_outside_its_range(tmp_path: Path) -> None:
    complaints = complaints_of(mastery("certify", "--json", cwd=toy_course(tmp_path, {"double": 2}, EXEMPT[0])))
    assert not any(complaints.values())


def test_a_second_one_in_a_small_lab_is_reported(tmp_path: Path) -> None:
    root = toy_course(tmp_path, {"double": 2}, "".join(EXEMPT))
    complaints = complaints_of(mastery("certify", "--json", cwd=root))
    assert complaints["solution"] == ["3 of 3 misconceptions are exempt, but at most one, or 5%, may be"]


def test_a_helper_with_the_name_of_a_stub_is_a_sentence(tmp_path: Path) -> None:
    helped = "\ndef triple(x):\n    return x + 3\n" + misconception("double", "uses_a_helper", "triple(x)")
    certified = mastery("certify", cwd=toy_course(tmp_path, {"double": 2, "triple": 3}, helped))
    assert certified.returncode == 2
    assert "misconceptions.py: uses_a_helper uses triple, which has the same name as a stub" in certified.stderr


STEPS = (
    "from autograder.testing import steps\n\n@steps(of='triple', example=(1,))\ndef added(x):\n    return {'a': x}\n"
)


@pytest.mark.parametrize(
    ("file", "right", "wrong", "says"),
    [
        (
            "reference/softmax/notes.yaml",
            "triple:",
            "tripel:",
            "tripel isn't a stub of this lab (did you mean triple?).",
        ),
        (
            "reference/softmax/notes.yaml",
            "triple:\n  why: It grows.\n  hints:",
            "triple:\n  why: It grows.\n  hint:",
            "triple.hint (it is ['Double 1.', 'Double 2.']): remove this key or correct its spelling "
            "(did you mean hints?). More errors after this one: 1.",
        ),
        (
            "reference/softmax/notes.yaml",
            "triple:",
            "triple:\n  ask: {adds_tree: Is it odd?}",
            "triple.ask.adds_tree isn't a misconception of triple (did you mean adds_three?).",
        ),
        (
            "reference/softmax/notes.yaml",
            "triple:",
            "triple:\n  by_hand: double(2)",
            "triple.by_hand doesn't call triple.",
        ),
        (
            "reference/softmax/misconceptions.py",
            'of="triple"',
            'of="tripple"',
            "adds_three is for tripple, which isn't a stub of this lab (did you mean triple?).",
        ),
        (
            "reference/softmax/misconceptions.py",
            'kind="edge"',
            'kind="egde"',
            "adds_three has the kind egde, which doesn't exist (did you mean edge?).",
        ),
        (
            "solutions/softmax/alternatives.py",
            'of="triple"',
            'of="other"',
            "thrice is for other, which isn't a stub of this lab.",
        ),
        (
            "reference/softmax/steps.py",
            "of='triple'",
            "of='tripel'",
            "added is for tripel, which isn't a stub of this lab (did you mean triple?).",
        ),
    ],
    ids=["a stub's notes", "a key", "a question", "an example", "a misconception", "a kind", "an alternative", "steps"],
)
def test_a_misspelled_name_is_a_sentence(tmp_path: Path, file: str, right: str, wrong: str, says: str) -> None:
    known = misconception("triple", "adds_three", "x + 3", 'kind="edge"')
    root = toy_course(tmp_path, {"double": 2, "triple": 3}, known, alternative("triple", "thrice", "x + x + x"))
    (root / "reference/softmax/steps.py").write_text(STEPS)
    text = (root / file).read_text()
    assert text.count(right) == 1
    (root / file).write_text(text.replace(right, wrong))
    certified = mastery("certify", cwd=root)
    assert certified.returncode == 2, certified.stdout
    assert certified.stderr == f"{root / file}: {says}\n"


def test_a_stub_without_notes_is_a_sentence(sound: Path, tmp_path: Path) -> None:
    root = shutil.copytree(sound, confirmed(tmp_path) / "course")
    notes = root / "reference" / "softmax" / "notes.yaml"
    notes.write_text(NOTES.format(stub="double"))
    certified = mastery("certify", "--course", str(root), cwd=root)
    assert certified.returncode == 2
    assert certified.stderr.endswith(f"{notes}: triple is missing; add this key, with why, hints and explained.\n")


def test_a_lab_that_is_not_built_is_a_sentence(sound: Path, tmp_path: Path) -> None:
    confirmed(tmp_path)
    (tmp_path / "course.yaml").write_bytes((sound / "course.yaml").read_bytes())
    certified = mastery("certify", cwd=tmp_path)
    assert certified.returncode == 2
    assert certified.stderr.strip().endswith("softmax.ipynb is missing; run mastery build.")
