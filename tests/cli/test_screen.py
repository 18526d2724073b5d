"""`mastery check` on a stub that fails: one screen, with one mistake and one thing to do."""

import io
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from rich.console import Console

from autograder.authoring.simulation import notebooks as simulated
from autograder.cli.views.selfcheck import print_self_check
from autograder.model.results import Difference, Evidence, LabResult, Outcome
from tests.commands import run_mastery
from tests.repository import COURSE, ROOT

COLUMNS, SCREEN, NOTEBOOK = 80, 24, 60
USUAL = "def softmax(logits, axis=-1):\n    e = np.exp(logits)\n    return e / e.sum()\n"
FRAMES = "def f0(x):\n    raise IndexError('x' * 3000)\n" + "".join(
    f"def f{n}(x):\n    return f{n - 1}(x)\n" for n in range(1, 61)
)
AWKWARD = {
    "wide tables": ("softmax", {"softmax_with_temperature": "def softmax_with_temperature(z, t, axis=-1):\n return z"}),
    "60 frames": ("softmax", {"softmax": f"{FRAMES}def softmax(logits, axis=-1):\n    return f60(logits)\n"}),
    "no Python": ("softmax", {"softmax": "def softmax(logits, axis=-1)\n    return logits\n"}),
    "an infinite loop": ("softmax", {"softmax": "def softmax(logits, axis=-1):\n    while True:\n        pass\n"}),
    "a changed argument": ("softmax", {"softmax": USUAL.replace("e = np.exp", "logits -= 1; e = np.exp")}),
    "many arrays": (
        "backprop",
        {"mlp_loss_and_grads": "def mlp_loss_and_grads(params, X, y):\n    return 0.0, params\n"},
    ),
    "texts": ("architecture", {"encode": "def encode(text, vocab, unk_id):\n    return list(range(500))\n"}),
    "no answers": ("terms", {item: f"{item}_round = 1\n{item} = [[{'1, ' * 99}]]\n" for item in COURSE.items}),
    "everything wrong": ("terms", {"log_stream": "def log_stream(pieces, clock):\n    return 1\n"}),
}
LABELS = ("Right already:", "You called", "got", "wanted", "Before you read on:", "Looks like", "Next")


def printed(tmp_path: Path, lab: str, changed: dict[str, str], *options: str) -> str:
    notebook = simulated.simulation(COURSE, COURSE.lab(lab)).solved(changed)
    simulated.write(notebook, tmp_path / lab / f"{lab}.ipynb")
    used = run_mastery("check", *options, f"{lab}/{lab}.ipynb", cwd=tmp_path)
    assert (used.returncode, used.stderr) == (1, "")
    return used.stdout


def screen_in(text: str) -> list[str]:
    """The lines about the stub that's shown in full, without what comes after it."""
    *_, screen = re.split(r"\n\n(?=\S \w+  \d+ of \d+\. )", text)
    return screen.split("\n\n")[0].splitlines()


def unwrapped(lines: list[str]) -> str:
    return " ".join(" ".join(lines).split())


def fits(text: str, stubs: int) -> None:
    lines = text.splitlines()
    screen = screen_in(text)
    assert max(map(len, lines)) <= COLUMNS
    assert len(screen) <= SCREEN, text
    assert len(lines) <= NOTEBOOK
    assert len(re.findall(r"^\S \w+ {2,}\D+\d+ of \d+$", text, re.MULTILINE)) == stubs - 1


@pytest.mark.parametrize("name", AWKWARD)
def test_a_stub_fits_one_screen_and_every_other_one_a_line(tmp_path: Path, name: str) -> None:
    lab, changed = AWKWARD[name]
    fits(printed(tmp_path, lab, changed), len(COURSE.lab(lab).stubs))


def test_the_longest_possible_parts_fit_too() -> None:
    lab = COURSE.lab("softmax")
    words = "word " * 500
    difference = Difference(called=f"softmax({words})", got=words, wanted=words, where=words)
    raised = Difference(called=f"softmax({words})")
    for how, more in (
        (Outcome.FAILED, {"difference": difference, "misconception": "total_of_the_whole_array", "hint": words}),
        (Outcome.FAILED, {"difference": difference, "misconception": "base_2", "hint": words, "kept": words}),
        (Outcome.ERROR, {"difference": raised, "misconception": "base_2", "hint": words, "kept": words,
                         "message": f"{words}\n  in code cell 3, line 2: {words}"}),
    ):  # fmt: skip
        passed, failed = (
            Evidence(id=f"softmax::softmax::{outcome}", stub="softmax", kind="visible", title=words, points=0.0,
                     max_points=1.0, outcome=outcome, seconds=0.0, **(more if outcome is not Outcome.PASSED else {}))
            for outcome in (Outcome.PASSED, how)
        )  # fmt: skip
        result = LabResult(
            student=f"{'folder/' * 6}a.ipynb", lab=lab.name, status="graded", score=0.0, max_score=1.0, seconds=0.0,
            content_hash="", course_version="", secret="", checks=[passed, passed, failed, failed],
        )  # fmt: skip
        console = Console(file=io.StringIO(), width=COLUMNS)
        print_self_check(console, COURSE, result)
        assert isinstance(console.file, io.StringIO)
        fits(console.file.getvalue(), 1)


def test_the_screen_goes_from_what_is_right_to_the_one_thing_to_do(tmp_path: Path) -> None:
    wrong = (
        "def entropy(probs, axis=-1):\n    p = np.where(probs > 0, probs, 1.0)\n    return -(probs * np.log(p)).sum()\n"
    )
    text = printed(tmp_path, "softmax", {"entropy": wrong})
    screen = screen_in(text)
    found = [label for line in screen for label in LABELS if line.strip().startswith(label)]
    assert found == [*LABELS]
    assert re.fullmatch(r"✗ entropy  \d of 7\. One thing to fix\.", screen[0])
    shown = unwrapped(screen)
    assert "How many distributions are there in this call, and how many entropies did you return?" in shown
    assert "Looks like sum over the whole array. You add up the terms of all the rows" in shown
    assert "Next Find where you add up the terms of all the rows." in shown
    (called,) = (line for line in screen if "You called" in line)
    assert len(re.findall(r"\d+\.\d*", called)) >= 3


def test_the_students_page_shows_what_is_printed(tmp_path: Path) -> None:
    source = USUAL.replace("np.exp(logits)", "np.exp(logits - logits.max(axis=axis, keepdims=True))")
    page = (ROOT / "docs" / "students.md").read_text(encoding="utf-8")
    assert f"```text\n{printed(tmp_path, 'softmax', {'softmax': source})}```\n" in page


def test_other_failures_are_counted_and_not_shown(tmp_path: Path) -> None:
    text = printed(tmp_path, "softmax", {"softmax": USUAL})
    checks = json.loads(printed(tmp_path, "softmax", {"softmax": USUAL}, "--json"))["checks"]
    failed = [each for each in checks if each["stub"] == "softmax" and each["outcome"] == "failed"]
    shown = unwrapped(screen_in(text))
    assert not [each["title"] for each in failed if each["title"] in shown]
    assert text.count("You called") == 1
    more = f"{len(failed) - 1} more checks failed, {10 - len(failed)} passed."
    assert f"{more} `mastery check --all softmax/softmax.ipynb` shows them. A hint: mastery hint softmax" in shown
    every = " ".join(printed(tmp_path, "softmax", {"softmax": USUAL}, "--all").split())
    assert not [each["title"] for each in checks if each["title"] not in every]


SHIFTED = "def top_k_filter(logits, k):\n    return np.asarray(logits, dtype=float) / 2 + 17\n"
RAISES = "def softmax(logits, axis=-1):\n    scale = logits.shape[7] * 2\n    return scale\n"
MIXED = "def linear_backward(g, X, W):\n    return g @ W.T + X, X.T @ g + 5 * W, 7 - g.sum(0)\n"


@pytest.mark.parametrize(
    ("lab", "changed", "verdict", "action"),
    [
        ("sampler", SHIFTED, "checks fail; start here.", "compare each step: top_k_filter(np.array([2.0, 1.0"),
        ("backprop", MIXED, "checks fail; start here.", 'add keep("grad_X", grad_X)'),
        ("softmax", RAISES, "One thing to fix.", "in code cell 3, line 2: scale = logits.shape[7] * 2"),
    ],
    ids=["an example", "a step", "a line"],
)  # fmt: skip
def test_without_a_name_the_next_step_depends_on_what_there_is(
    tmp_path: Path, lab: str, changed: str, verdict: str, action: str
) -> None:
    (stub,) = re.findall(r"def (\w+)", changed)
    shown = unwrapped(screen_in(printed(tmp_path, lab, {stub: changed})))
    assert verdict in shown
    assert action in shown


def test_a_function_that_is_gone_is_missed(tmp_path: Path) -> None:
    text = printed(tmp_path, "softmax", {"log_softmax": "log_softness = 1\n"})
    assert "The notebook has no function log_softmax; add it again under exactly this name." in unwrapped(
        screen_in(text)
    )


def test_without_symbols_or_color_each_line_still_has_its_words(tmp_path: Path) -> None:
    notebook = simulated.simulation(COURSE, COURSE.lab("softmax")).solved({"softmax": USUAL})
    simulated.write(notebook, tmp_path / "softmax.ipynb")
    used = run_mastery("check", "softmax.ipynb", cwd=tmp_path, NO_COLOR="1", TERM="dumb")
    assert "\x1b" not in used.stdout
    fits(used.stdout, 4)


def test_json_has_the_keys_it_always_had(tmp_path: Path) -> None:
    used = printed(tmp_path, "softmax", {"softmax": USUAL}, "--json")
    both = printed(tmp_path, "softmax", {"softmax": USUAL}, "--json", "--all")
    result, same = (dict(untimed(json.loads(each))) for each in (used, both))
    assert result == same
    assert {key for each in json.loads(used)["checks"] for key in each} == {
        "id", "stub", "kind", "title", "points", "max_points", "advisory", "outcome", "confirmed", "message",
        "exception", "statistic", "seconds", "misconception", "hint", "difference", "slip", "fresh", "kept",
    }  # fmt: skip


def untimed(result: dict[str, object]) -> Iterator[tuple[str, object]]:
    for key, value in result.items():
        if isinstance(value, list):
            yield key, [dict(untimed(each)) if isinstance(each, dict) else each for each in value]
        elif key != "seconds":
            yield key, value


def test_too_many_causes_have_no_names_and_nothing_is_said_of_a_hint() -> None:
    lab = COURSE.lab("softmax")
    found = Evidence(
        id="softmax::softmax::many", stub="softmax", kind="visible", title="Many.", points=0.0, max_points=1.0,
        outcome=Outcome.FAILED, seconds=0.0, misconception="a_one or b_two or c_three or d_four", hint=None,
        difference=Difference(called="softmax([1, 2, 3])", got="[1, 2, 3]", wanted="[0, 0, 1]", where="x"),
    )  # fmt: skip
    result = LabResult(
        student="a.ipynb", lab=lab.name, status="graded", score=0.0, max_score=1.0, seconds=0.0, content_hash="",
        course_version="", secret="", checks=[found],
    )  # fmt: skip
    console = Console(file=io.StringIO(), width=COLUMNS)
    print_self_check(console, COURSE, result)
    assert isinstance(console.file, io.StringIO)
    shown = unwrapped(screen_in(console.file.getvalue()))
    assert "Looks like one of 4 known mistakes that give the same answers." in shown
    assert "None" not in shown
    assert "hint describes" not in shown
    assert "Next" in shown
