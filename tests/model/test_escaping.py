"""Student-controlled text on its way to a terminal, a spreadsheet, a page or a CI service."""

import csv
import html.parser
import json
import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from datetime import datetime
from pathlib import Path

import pytest

from autograder.authoring.simulation import notebooks
from autograder.gradebook.scores import HEAD, FinalScores
from autograder.mastery.facts import AttemptFacts, facts_of
from autograder.model import course
from autograder.model.errors import UserError
from autograder.model.escaping import csv_cell, terminal
from autograder.model.results import Evidence, LabResult, Outcome
from autograder.report import files
from tests.commands import VARIABLES, Run, run_mastery
from tests.course_copy import copy_course

INSTEAD = "\N{REPLACEMENT CHARACTER}"


class TestTerminal:
    @pytest.mark.parametrize(
        "text",
        ["", "softmax", "two\nlines", "größer – 35 % ≤ ½ … 模型 😀", "'quotes' \"and\" [brackets] \\ {braces}"],
    )
    def test_shows_ordinary_text_as_it_is(self, text):
        assert terminal(text) == text

    @pytest.mark.parametrize(
        "character",
        [
            *"\0\a\b\t\v\f\r\x1b\x7f",
            "\x85",
            "\x9b",  # one character that starts an escape sequence
            "\x9d",
            *"\u200b\u200e\u200f\u061c\ufeff\u00ad",
            *"\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069",
            "\ud800",
            "\ue000",
            "\U000e0041",  # an invisible tag character
        ],
        ids=ascii,
    )
    def test_shows_a_mark_in_place_of_what_would_move_hide_or_turn_text(self, character):
        assert terminal(f"a{character}b") == f"a{INSTEAD}b"

    @pytest.mark.parametrize(
        "attack",
        [
            "\x1b[31mPASSED\x1b[0m",
            "\x1b[2J\x1b[H",
            "\x1b]0;title\x07",
            "\x1b]8;;http://evil\x1b\\link\x1b]8;;\x1b\\",
            "failed\rpassed",
            "failed\b\b\b\b\b\bpassed",
            "\u202edessap",
        ],
        ids=ascii,
    )
    def test_no_text_stays_dangerous(self, attack):
        shown = terminal(attack)
        assert shown.isprintable()
        assert len(shown) == len(attack)

    @pytest.mark.parametrize(
        ("attack", "shown"),
        [
            ("::error::all passed", ": :error::all passed"),
            ("failed\n  ::set-env name=x::y", "failed\n  : :set-env name=x::y"),
            ("see ::warning::", "see : :warning::"),
            ("##[error]x", "# #[error]x"),
            ("a ##vso[task.complete]x", "a # #vso[task.complete]x"),
            ("##teamcity[x]", "# #teamcity[x]"),
        ],
    )
    def test_nothing_is_a_command_to_a_ci_service(self, attack, shown):
        assert terminal(attack) == shown

    @pytest.mark.parametrize("text", ["x[::2]", "softmax::known", "## A heading", "a: b", "C# [1]"])
    def test_text_without_a_command_stays_as_it_is(self, text):
        assert terminal(text) == text


class TestCsvCell:
    @pytest.mark.parametrize(
        "text",
        [
            *("=1+1", "+1", "-1", "@SUM(A1)", "=cmd|' /C calc'!A0", '=HYPERLINK("http://evil")'),
            *(" =1+1", "\n=1+1", "\t=1+1", "\u3000=1+1", "\xa0=1+1", "\tx", "\rx"),
            *("＝1+1", "＋1", "－1", "＠SUM(A1)"),
        ],
        ids=ascii,
    )
    def test_a_formula_becomes_text(self, text):
        assert csv_cell(text).startswith("'")

    @pytest.mark.parametrize("text", ["", "ada", "a=b", "1-2", "o'neill", "not graded", "a, b; c", 'say "no"'])
    def test_ordinary_text_stays_as_it_is(self, text):
        assert csv_cell(text) == text

    @pytest.mark.parametrize("value", [0, 1, -3, 2.5, -0.5, None, True])
    def test_numbers_stay_numbers(self, value):
        assert csv_cell(value) is value

    def test_control_characters_are_gone_as_on_a_terminal(self):
        assert csv_cell("\x1b[31mred\u202e") == f"{INSTEAD}[31mred{INSTEAD}"
        assert csv_cell("\x1b=1") == f"{INSTEAD}=1"


def facts(result: LabResult) -> AttemptFacts:
    return facts_of(result, datetime(2026, 3, 1))


class TestScores:
    @pytest.fixture
    def the_course(self):
        return course.load(Path(__file__).resolve().parents[2])

    @staticmethod
    def result(student: str = "ada", message: str | None = None, **earned: float) -> LabResult:
        checks = [
            Evidence(
                id=f"softmax::{stub}::known",
                stub=stub,
                kind="visible",
                title="",
                points=points,
                max_points=10,
                outcome=Outcome.PASSED,
                seconds=0,
            )
            for stub, points in earned.items()
        ]
        return LabResult(
            student=student,
            lab="softmax",
            status="graded" if checks else "not graded",
            score=sum(earned.values()) if checks else None,
            max_score=25,
            seconds=0,
            message=message,
            content_hash="",
            course_version="",
            secret="",
            checks=checks,
        )

    @staticmethod
    def rows(path: Path) -> list[dict[str, str]]:
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    @staticmethod
    def write_stub_rows(of: course.Course, folder: Path, *rows: list[object]) -> None:
        with files.table(folder / "stubs.csv", files.stub_head(of)) as add:
            add(rows)

    def test_a_hostile_name_and_message_reach_the_spreadsheet_as_text(self, tmp_path):
        hostile = self.result('=HYPERLINK("http://evil")', '@SUM(A1)\r\n=1+1\x1b[2J,"=2')
        scores = FinalScores({hostile.student: "+1 Eve", "=bob": "-2"}, {"softmax": 25.0})
        with files.table(tmp_path / "scores.csv", HEAD) as add:
            add(scores.rows(hostile.student, {"softmax": facts(hostile)}, {}))
            add(scores.rows("=bob", {}, {}))
        eve, bob = self.rows(tmp_path / "scores.csv")
        assert (eve["student"], eve["name"]) == ('\'=HYPERLINK("http://evil")', "'+1 Eve")
        assert eve["message"] == f"'@SUM(A1){INSTEAD}\n=1+1{INSTEAD}[2J,\"=2"
        assert (bob["student"], bob["name"], bob["status"]) == ("'=bob", "'-2", "missing")
        assert "\x1b" not in (tmp_path / "scores.csv").read_text("utf-8")

    def test_a_hostile_name_is_text_beside_the_points_of_stubs_too(self, the_course, tmp_path):
        row = files.stub_row(the_course, '=HYPERLINK("http://evil")', facts(self.result()))
        self.write_stub_rows(the_course, tmp_path, row)
        assert self.rows(tmp_path / "stubs.csv")[0]["student"] == '\'=HYPERLINK("http://evil")'

    def test_points_are_numbers_and_what_was_not_graded_is_empty(self, the_course, tmp_path):
        graded = self.result("bob", softmax=1 / 3, entropy=0.0)
        rows = [
            files.stub_row(the_course, each.student, facts(each)) for each in (graded, self.result(message="no cells"))
        ]
        self.write_stub_rows(the_course, tmp_path, *rows)
        bob, ada = self.rows(tmp_path / "stubs.csv")
        assert (bob["softmax"], bob["entropy"], bob["log_softmax"], bob["mse_loss"]) == ("0.3333", "0.0", "", "")
        assert float(bob["score_by_checks"]) == pytest.approx(1 / 3)
        assert (ada["student"], ada["score_by_checks"], ada["softmax"]) == ("ada", "", "")

    def test_a_negative_number_is_no_formula(self, the_course, tmp_path):
        row = files.stub_row(the_course, "ada", facts(self.result(softmax=-2.0)))
        self.write_stub_rows(the_course, tmp_path, row)
        assert self.rows(tmp_path / "stubs.csv")[0]["softmax"] == "-2.0"

    def test_a_file_that_cannot_be_written_is_named(self, tmp_path):
        with (
            pytest.raises(UserError, match=r"no_folder/scores\.csv can't be written"),
            files.table(tmp_path / "no_folder" / "scores.csv", HEAD),
        ):
            pass


class TestResultsFile:
    result = staticmethod(TestScores.result)

    def test_a_file_is_replaced_whole_whatever_an_interrupted_run_left(self, tmp_path):
        path = tmp_path / "results.jsonl"
        left = tmp_path / f".results.jsonl.{os.getpid()}"
        left.write_text(self.result("gone").model_dump_json() + '\n{"student": "cut o')
        files.write_results(path, [self.result("gone").model_dump_json()])
        kept = [self.result("ada"), self.result("bob\u2028\n=1", "\x1b")]
        files.write_results(path, [each.model_dump_json() for each in kept])
        found = [LabResult.model_validate_json(line) for line in path.read_text("utf-8").split("\n") if line]
        assert found == kept
        assert list(tmp_path.iterdir()) == [path]

    def test_what_cannot_be_written_is_refused_with_the_option_to_name_another(self, tmp_path):
        with pytest.raises(UserError, match=r"can't be written: .*; name a different file with --json"):
            files.write_results(tmp_path, [])
        with pytest.raises(UserError, match=r"can't be written: .*; name a different file with --csv"):
            files.refuse_unwritable(tmp_path, "--csv")
        files.refuse_unwritable(tmp_path / "deep" / "scores.csv", "--csv")


# --- one notebook in which every word is an attack, shown everywhere that output goes

ATTACK = (
    "</pre><script>alert(1)</script>\n::error::all passed\n##vso[task.complete result=Succeeded]\n##[error]x\n"
    "=HYPERLINK(1)\x1b[2J\u202e<img src=x onerror=alert(1)>[go](javascript:alert(1))]]>&amp;"
)
STUDENT = "=1+1 ::error::<b>eve"
ATTACKS = {
    "softmax": f"def softmax(logits, axis=-1):\n    {ATTACK!r}\n    raise ValueError({ATTACK!r})",
    "log_softmax": f"def log_softmax(logits, axis=-1):\n    raise type({ATTACK!r}, (Exception,), {{}})({ATTACK!r})",
    "softmax_with_temperature": f"def softmax_with_temperature(logits, temperature, axis=-1):\n    return {ATTACK!r}",
    "entropy": f"def entropy(probs):\n    print({ATTACK!r})\n    return type({ATTACK!r}, (), {{}})()",
}
COMMAND = re.compile(r"^\s*::\w|##\w*\[", re.MULTILINE)
UNPRINTABLE = re.compile(r"[^\n -~\xa0-\u2029\u202f-\uffff]")


class Page(html.parser.HTMLParser):
    """The tags and attributes of a page as a browser sees them."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names |= {tag, *(name for name, _ in attrs)}


@pytest.fixture(scope="module")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course in which the hostile notebook was handed in."""
    root = copy_course(tmp_path_factory.mktemp("sinks") / "course")
    parts = notebooks.simulation(course.load(root), course.load(root).lab("softmax"))
    notebooks.write(parts.solved(ATTACKS), root / "submitted" / STUDENT / "softmax" / "softmax.ipynb")
    return root


CI = {"GITHUB_ACTIONS": "true", "CI": "true"}


def mastery(root: Path, *words: object) -> str:
    """Return what the command printed."""
    return printed_by(run_mastery(*words, cwd=root, **CI))


def printed_by(done: Run) -> str:
    assert "Traceback" not in done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.mark.skipif(sys.platform != "linux", reason="grading a class needs Linux")
class TestAHostileNotebook:
    @pytest.mark.classes
    def test_graded_it_is_text_in_terminal_table_and_notebook(self, attacked: Path) -> None:
        printed = mastery(attacked, "grade", "--processes", 1)
        printed += mastery(attacked, "inspect", STUDENT, "softmax", "--run")
        assert "ValueError" in printed
        assert "all passed" in printed
        assert not COMMAND.search(printed)
        assert not UNPRINTABLE.search(printed)
        with (attacked / "scores.csv").open(encoding="utf-8", newline="") as file:
            (row,) = csv.DictReader(file)
        assert row["student"].startswith("'=1+1")
        text = (attacked / "autograded" / STUDENT / "softmax" / "softmax.ipynb").read_text(encoding="utf-8")
        outputs = [data for cell in json.loads(text)["cells"] for data in cell.get("outputs", [])]
        shown = ["".join(each["data"]["text/html"]) for each in outputs if "text/html" in each.get("data", {})]
        assert "&lt;script&gt;" in "".join(shown)
        for each in shown:
            assert not {"script", "img", "a", "onerror", "href"} & Page(each).names

    @pytest.mark.proof
    def test_by_plain_pytest_it_is_text_in_terminal_and_junit_xml(self, attacked: Path) -> None:
        notebook = attacked / "submitted" / STUDENT / "softmax" / "softmax.ipynb"
        report = attacked / "junit.xml"
        words = ("reference/softmax/test_visible.py", "--submission", notebook, f"--junitxml={report}")
        command = [sys.executable, "-m", "pytest", *map(str, words)]
        env = os.environ | VARIABLES | CI
        printed = printed_by(
            subprocess.run(command, cwd=attacked, env=env, capture_output=True, text=True, timeout=120, check=False)
        )
        assert "all passed" in printed
        assert not COMMAND.search(printed)
        assert not UNPRINTABLE.search(printed)
        content = report.read_text(encoding="utf-8")
        assert not COMMAND.search(content)
        assert not UNPRINTABLE.search(content)
        cases = ElementTree.fromstring(content).findall(".//testcase")
        assert any("<script>alert(1)</script>" in (case.findtext("failure") or "") for case in cases)
        assert {child.tag for case in cases for child in case} == {"failure"}
