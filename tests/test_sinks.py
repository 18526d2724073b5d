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

    def test_the_newest_result_of_each_student_and_lab_comes_back(self, tmp_path):
        path = tmp_path / "deep" / "results.jsonl"
        results.append_results(path, [self.result("ada", softmax=1.0), self.result("bob\u2028\n=1", "\x1b")])
        results.append_results(path, [self.result("ada", softmax=2.0)])
        found = results.load_results(path)
        assert found["ada", "softmax"] == self.result("ada", softmax=2.0)
        assert found["bob\u2028\n=1", "softmax"].message == "\x1b"

    def test_a_line_cut_off_by_an_interruption_is_forgotten(self, tmp_path):
        path = tmp_path / "results.jsonl"
        results.append_results(path, [self.result("ada"), self.result("bob")])
        path.write_bytes(path.read_bytes()[:-9])
        assert list(results.load_results(path)) == [("ada", "softmax")]
        results.append_results(path, [self.result("cyd")])
        assert list(results.load_results(path)) == [("ada", "softmax"), ("cyd", "softmax")]

    def test_compacting_leaves_one_line_each_whatever_an_interrupted_run_left(self, tmp_path):
        path = tmp_path / "results.jsonl"
        (tmp_path / "results.jsonl.new").write_text(self.result("gone").model_dump_json() + '\n{"student": "cut o')
        results.append_results(path, [self.result("bob"), self.result("ada"), self.result("bob", softmax=3.0)])
        results.compact(path, results.load_results(path))
        assert list(results.load_results(path)) == [("ada", "softmax"), ("bob", "softmax")]
        assert len(path.read_text().splitlines()) == 2
        assert list(tmp_path.iterdir()) == [path]

    @pytest.mark.parametrize("line", ["", "{}", "[]", "softmax", '{"student": "ada"}', '{"student": "\\ud800"}'])
    def test_another_file_is_named_with_its_line_and_left_as_it_is(self, tmp_path, line):
        path = tmp_path / "results.jsonl"
        results.append_results(path, [self.result()])
        with path.open("a") as file:
            file.write(line + "\n")
        before = path.read_bytes()
        with pytest.raises(course.CourseError, match=r"results\.jsonl, line 2, is no result of this program; move"):
            results.load_results(path)
        assert path.read_bytes() == before

    def test_no_file_holds_no_results_and_a_folder_is_refused(self, tmp_path):
        assert results.load_results(tmp_path / "none.jsonl") == {}
        with pytest.raises(course.CourseError, match="cannot be read"):
            results.load_results(tmp_path)
        with pytest.raises(course.CourseError, match="cannot be written"):
            results.append_results(tmp_path, [])
