"""docs/instructors.md, followed to the letter: its commands in order, each with the output shown below it."""

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from autograder.mastery.certificate import load_key, public
from tests.gradebook.test_roundtrip import Term, cell_named, solved
from tests.repository import ROOT

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="grading a class needs Linux")

GUIDE = (ROOT / "docs" / "instructors.md").read_text("utf-8")
SESSIONS = re.findall(r"^```console\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL)
BASE_2 = (
    "def softmax(logits, axis=-1):\n    powers = 2.0 ** (logits - logits.max(axis, keepdims=True))\n"
    "    return powers / powers.sum(axis, keepdims=True)"
)


def keep_one_lab(term: Term) -> None:
    """Remove the other labs from course.yaml, along with the concepts whose only evidence comes from those labs."""
    path = term.root / "course.yaml"
    course = yaml.safe_load(path.read_text("utf-8"))
    course["labs"] = [lab for lab in course["labs"] if lab["name"] == "softmax"]
    kept = [concept for concept in course["concepts"] if concept["name"] in ("softmax", "temperature")]
    course["concepts"] = [{name: concept[name] for name in ("name", "title", "stubs")} for concept in kept]
    for lab in course["labs"]:
        lab["stubs"] = [OneLine(stub) for stub in lab["stubs"]]
    for rest in ("givens", "mastery"):
        course.pop(rest, None)
    path.write_text(yaml.dump(course, Dumper=OneLineDumper, sort_keys=False, allow_unicode=True, width=200), "utf-8")


class OneLine(dict[str, object]):
    """A mapping written as {name: …, points: …}, as in the real course.yaml."""


class OneLineDumper(yaml.SafeDumper):
    pass


OneLineDumper.add_representer(
    OneLine, lambda dumper, value: dumper.represent_mapping("tag:yaml.org,2002:map", value, flow_style=True)
)


def write_roster(term: Term) -> None:
    (term.root / "students.csv").write_text(
        "id,first_name,last_name\nada,Ada,Lovelace\nbob,Bob,Bell\ncyd,Cyd,Charisse\n", encoding="utf-8"
    )


def hand_in(term: Term) -> None:
    """Submit for the guide's class: ada has everything right, bob uses base 2 and is late, and cyd has no entropy."""
    term.fetch_and_submit("ada", solved)
    term.fetch_and_submit("bob", lambda exercise: solved(exercise, softmax=BASE_2))

    def without_entropy(exercise: dict[str, object]) -> dict[str, object]:
        notebook = solved(exercise)
        notebook["cells"].remove(cell_named(notebook, "entropy-solution"))
        return notebook

    term.fetch_and_submit("cyd", without_entropy)
    for stamp in (term.exchange / "how-ai-models-work" / "inbound").glob("*/timestamp.txt"):
        is_late = stamp.parent.name.startswith("bob+")
        stamp.write_text(f"2025-05-{'02' if is_late else '01'} 12:00:00.000000 UTC", encoding="ascii")


def add_issuer(term: Term) -> None:
    path = term.root / "course.yaml"
    key = public(load_key(term.root))
    path.write_text(path.read_text("utf-8") + f'issuers:\n  - {{name: The University, key: "{key}"}}\n', "utf-8")


def strike_a_check(term: Term) -> None:
    checks = term.root / "solutions" / "softmax" / "test_hidden.py"
    kept, count = re.subn(
        r'@checks\("softmax"[^\n]*\)\ndef test_small_tail\(.*?\n\n\n', "", checks.read_text("utf-8"), flags=re.DOTALL
    )
    assert count == 1
    checks.write_text(kept, encoding="utf-8")


# What happens before commands that occur only once in the guide.
BEFORE: dict[str, Callable[[Term], None]] = {
    "mastery build": keep_one_lab,
    "nbgrader db student import students.csv": write_roster,
    "nbgrader collect softmax": hand_in,
    "mastery build && mastery grade softmax": strike_a_check,
    'mastery certificate ada --reviewer "Dr. Lee"': add_issuer,
}


def steps() -> list[tuple[str, str]]:
    """Each command, with the output that the guide shows."""
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
