"""Student-controlled text on its way to a terminal or a spreadsheet."""

import csv
from pathlib import Path

import pytest

from autograder import course, results
from autograder.outcome import Evidence, LabResult, Outcome
from autograder.sinks import csv_cell, terminal

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
            "\x9b",  # one character that begins an escape
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
    def test_no_text_keeps_its_power(self, attack):
        shown = terminal(attack)
        assert shown.isprintable()
        assert len(shown) == len(attack)


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


class TestScores:
    @pytest.fixture
    def the_course(self):
        return course.load(Path(__file__).resolve().parents[1])

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

    def test_a_hostile_name_and_message_reach_the_spreadsheet_as_text(self, the_course, tmp_path):
        hostile = self.result('=HYPERLINK("http://evil")', '@SUM(A1)\r\n=1+1\x1b[2J,"=2')
        results.write_scores(tmp_path / "scores.csv", the_course, [hostile])
        (row,) = self.rows(tmp_path / "scores.csv")
        assert row["student"] == '\'=HYPERLINK("http://evil")'
        assert row["message"] == f"'@SUM(A1){INSTEAD}\n=1+1{INSTEAD}[2J,\"=2"
        assert "\x1b" not in (tmp_path / "scores.csv").read_text("utf-8")

    def test_points_are_numbers_and_what_was_not_graded_is_empty(self, the_course, tmp_path):
        graded = self.result("bob", softmax=1 / 3, entropy=0.0)
        results.write_scores(tmp_path / "scores.csv", the_course, [graded, self.result(message="no cells")])
        ada, bob = self.rows(tmp_path / "scores.csv")
        assert (bob["softmax"], bob["entropy"], bob["log_softmax"], bob["mse_loss"]) == ("0.3333", "0.0", "", "")
        assert float(bob["score"]) == pytest.approx(1 / 3)
        assert (ada["student"], ada["score"], ada["softmax"], ada["message"]) == ("ada", "", "", "no cells")

    def test_a_negative_number_is_no_formula(self, the_course, tmp_path):
        results.write_scores(tmp_path / "scores.csv", the_course, [self.result(softmax=-2.0)])
        assert self.rows(tmp_path / "scores.csv")[0]["softmax"] == "-2.0"

    def test_a_file_that_cannot_be_written_is_named(self, the_course, tmp_path):
        with pytest.raises(course.CourseError, match=r"no_folder/scores\.csv cannot be written"):
            results.write_scores(tmp_path / "no_folder" / "scores.csv", the_course, [])


class TestResultsFile:
    result = staticmethod(TestScores.result)

    def test_a_file_is_replaced_whole_whatever_an_interrupted_run_left(self, tmp_path):
        path = tmp_path / "results.jsonl"
        (tmp_path / "results.jsonl.new").write_text(self.result("gone").model_dump_json() + '\n{"student": "cut o')
        results.write_results(path, [self.result("gone")])
        results.write_results(path, [self.result("ada"), self.result("bob\u2028\n=1", "\x1b")])
        found = [LabResult.model_validate_json(line) for line in path.read_text("utf-8").split("\n") if line]
        assert found == [self.result("ada"), self.result("bob\u2028\n=1", "\x1b")]
        assert list(tmp_path.iterdir()) == [path]

    def test_what_cannot_be_written_is_refused_with_the_option_to_name_another(self, tmp_path):
        with pytest.raises(course.CourseError, match=r"cannot be written: .*; name another file with --json"):
            results.write_results(tmp_path, [])
        with pytest.raises(course.CourseError, match=r"cannot be written: .*; name another file with --csv"):
            results.refuse_unwritable(tmp_path, "--csv")
        results.refuse_unwritable(tmp_path / "deep" / "scores.csv", "--csv")
