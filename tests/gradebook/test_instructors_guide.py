"""docs/instructors.md, followed to the letter: its commands in order, each with the output that stands below it."""

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.course_copy import ROOT
from tests.gradebook.test_roundtrip import Term, cell_named, solved

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="a class is graded on Linux only")

GUIDE = (ROOT / "docs" / "instructors.md").read_text("utf-8")
SESSIONS = re.findall(r"^```console\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
BASE_2 = (
    "def softmax(logits, axis=-1):\n    powers = 2.0 ** (logits - logits.max(axis, keepdims=True))\n"
    "    return powers / powers.sum(axis, keepdims=True)"
)


def hand_in(term: Term) -> None:
    """As the guide says of its class: ada has all right, bob a base of 2, and cyd no entropy."""
    term.fetch_and_submit("ada", solved)
    term.fetch_and_submit("bob", lambda exercise: solved(exercise, softmax=BASE_2))

    def without_entropy(exercise: dict[str, object]) -> dict[str, object]:
        notebook = solved(exercise)
        notebook["cells"].remove(cell_named(notebook, "entropy-solution"))
        return notebook

    term.fetch_and_submit("cyd", without_entropy)


def strike_a_check(term: Term) -> None:
    checks = term.root / "solutions" / "softmax" / "test_hidden.py"
    kept, count = re.subn(
        r'@checks\("softmax"[^\n]*\)\ndef test_small_tail\(.*?\n\n\n', "", checks.read_text("utf-8"), flags=re.DOTALL
    )
    assert count == 1
    checks.write_text(kept, encoding="utf-8")


# What has happened by the time of a command, which stands once in the guide.
BEFORE: dict[str, Callable[[Term], None]] = {
    "nbgrader collect softmax": hand_in,
    "mastery build && mastery grade softmax": strike_a_check,
}


def steps() -> list[tuple[str, str]]:
    """Each command with the output that the guide shows."""
    found = []
    for session in SESSIONS:
        for step in re.split(r"^\$ ", session, flags=re.MULTILINE)[1:]:
            command, _, output = step.partition("\n")
            found.append((command, output))
    return found


@pytest.mark.slow
def test_each_command_prints_what_the_guide_shows(tmp_path: Path) -> None:
    term = Term(tmp_path)
    before = dict(BEFORE)
    for command, wanted in steps():
        before.pop(command, lambda _term: None)(term)
        done = subprocess.run(
            command, shell=True, cwd=term.root, env=term.environment, capture_output=True, text=True, timeout=300
        )
        assert "Traceback" not in done.stderr
        printed = "\n".join(line.rstrip() for line in (done.stdout or done.stderr).rstrip().splitlines())
        pattern = re.escape(wanted.rstrip()).replace("…", ".*?")
        assert re.fullmatch(pattern, printed, re.DOTALL), f"$ {command}\n{done.stdout}\n{done.stderr}"
    assert not before
