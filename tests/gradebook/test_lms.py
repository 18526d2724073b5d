"""Canvas and Moodle: their downloads through `nbgrader zip_collect`, their gradebooks through `mastery export`."""

import copy
import csv
import io
import json
import os
import shutil
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from nbgrader import api

from autograder.authoring.simulation import notebooks as simulated
from autograder.cli import main
from tests.course_copy import CourseCopy
from tests.repository import COURSE, ROOT

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="grading a class needs Linux")

SOLUTIONS = simulated.simulation(COURSE, COURSE.lab("softmax")).solutions
EXERCISE = (ROOT / "exercises" / "softmax" / "softmax.ipynb").read_text(encoding="utf-8")
WRONG = "def softmax(logits, axis=-1): ..."
FORMULA = '=HYPERLINK("http://evil.example","Emmy")'


def notebook(mark: str = "", **answers: str) -> str:
    """A solved notebook, except for the given answers. A mark tells it from all others with the same score."""
    found = copy.deepcopy(json.loads(EXERCISE))
    for cell in found["cells"]:
        name = cell["metadata"].get("nbgrader", {}).get("grade_id", "")
        if name.endswith("-solution"):
            stub = name.removesuffix("-solution")
            cell["source"] = answers.get(stub, SOLUTIONS[stub])
    found["metadata"]["mark"] = mark
    return json.dumps(found)


def zipped(members: Mapping[str, str | bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return packed.getvalue()


class Class(CourseCopy):
    """A course's folder, and an instructor at work in it."""

    said = ""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.archive = self.root / "downloaded" / "softmax" / "archive"
        self.archive.mkdir(parents=True)

    def download(self, name: str, members: Mapping[str, str | bytes]) -> None:
        (self.archive / name).write_bytes(zipped(members))

    def collect(self, *words: str, ends: int = 0) -> str:
        return self.run("nbgrader", "zip_collect", "softmax", *words, ends=ends)

    def submitted(self) -> dict[str, str]:
        """What was collected, by student."""
        found = (self.root / "submitted").glob("*/softmax/*")
        return {path.parent.parent.name: path.read_text(encoding="utf-8") for path in found}

    def files(self) -> set[Path]:
        """All files in and around this folder, except where collecting and Jupyter may write."""
        theirs = ("submitted", "downloaded/softmax/extracted", "../config")
        found = {Path(os.path.relpath(path, self.root)) for path in self.root.parent.rglob("*")}
        return {path for path in found if not any(path.is_relative_to(each) for each in theirs)}


# --- import: downloads from Canvas


@pytest.fixture(scope="module")
def canvas(tmp_path_factory: pytest.TempPathFactory) -> Class:
    """A class that submitted through Canvas, with two downloads collected and graded."""
    course = Class(tmp_path_factory.mktemp("canvas"))
    own = course.root / "alans" / "softmax"
    own.mkdir(parents=True)
    (own / "softmax.ipynb").write_text(notebook("alan"), encoding="utf-8")
    course.run("mastery", "submit", "softmax", cwd=own.parent)
    (handed_in,) = own.glob("*.zip")
    course.download(
        "submissions (1).zip",
        {
            "lovelaceada_LATE_12345_67990_softmax-1.ipynb": notebook("ada", softmax=WRONG),
            f"turingalan_12346_67891_{handed_in.name}": handed_in.read_bytes(),
            "noether-emmy_o_12347_67892_softmax (1).ipynb": notebook("emmy"),
            "müllerjürgen_LATE_12348_67893_softmax-0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9.ipynb": notebook("jürgen"),
            "de la cruz juan_12349_67894_My work.ipynb": notebook("juan"),
            "submissionstwo_12351_67896_softmax-1.ipynb": notebook("second"),
            "submissionstwo_12351_67895_softmax-2.ipynb": notebook("first"),
        },
    )
    course.download("submissions.zip", {"lovelaceada_12345_67890_softmax.ipynb": notebook("ada's first")})
    course.said = course.collect()
    course.run("mastery", "grade", "softmax", "--processes", 1)
    return course


def test_canvas_each_student_by_user_id_with_the_newest_notebook(canvas: Class) -> None:
    assert canvas.submitted() == {
        "12345": notebook("ada", softmax=WRONG),
        "12346": notebook("alan"),
        "12347": notebook("emmy"),
        "12348": notebook("jürgen"),
        "12349": notebook("juan"),
        "12351": notebook("second"),
    }


def test_canvas_reports_what_was_chosen_and_who_was_late(canvas: Class) -> None:
    said = canvas.said
    assert "12345: of 2 notebooks, softmax-1.ipynb counts." in said
    assert "12349: of 1 notebook, My work.ipynb counts." in said
    assert "12348: of" not in said
    assert "Late according to Canvas, which doesn't say how late: 12345, 12348." in said


@pytest.mark.slow
def test_collecting_again_replaces_nothing_unless_told_and_then_is_the_next_attempt(tmp_path: Path) -> None:
    course = Class(tmp_path)
    course.download("submissions.zip", {"lovelaceada_12345_67890_softmax.ipynb": notebook("first", softmax=WRONG)})
    course.collect()
    course.run("mastery", "grade", "softmax", "--processes", 1)
    course.download("submissions.zip", {"lovelaceada_12345_67990_softmax-1.ipynb": notebook("second")})
    assert "--force" in course.collect(ends=1)
    assert course.submitted() == {"12345": notebook("first", softmax=WRONG)}
    course.collect("--force")
    assert course.submitted() == {"12345": notebook("second")}
    course.run("mastery", "grade", "softmax", "--processes", 1)
    (result,) = map(json.loads, (course.root / "results.jsonl").read_text(encoding="utf-8").splitlines())
    assert (result["student"], result["attempt"], result["score"]) == ("12345", 2, 25.0)


def test_a_download_may_be_unpacked_already(tmp_path: Path) -> None:
    course = Class(tmp_path)
    folder = course.archive / "submissions"
    folder.mkdir()
    (folder / "lovelaceada_12345_67890_softmax.ipynb").write_text(notebook("ada"), encoding="utf-8")
    packed = zipped(
        {"softmax/softmax.ipynb": notebook("alan"), "softmax/data.csv": "1", "__MACOSX/._softmax.ipynb": ""}
    )
    (folder / "turingalan_12346_67891_softmax-20260301T101500Z.zip").write_bytes(packed)
    (course.archive / "Emmy Noether_81_assignsubmission_file").mkdir()
    (course.archive / "Emmy Noether_81_assignsubmission_file" / "softmax.ipynb").write_text(notebook("emmy"))
    course.collect()
    expected = {"12345": notebook("ada"), "12346": notebook("alan"), "Emmy Noether": notebook("emmy")}
    assert course.submitted() == expected


def test_no_name_and_no_zip_harms_another_or_leads_out(tmp_path: Path) -> None:
    course = Class(tmp_path)
    evil = notebook("evil")
    alans = "turingalan_12346_99999_softmax.ipynb"
    nested = zipped({"softmax.ipynb": evil})
    for _ in range(5):
        nested = zipped({"deeper.zip": nested})
    course.download(
        "submissions.zip",
        {
            "turingalan_12346_67891_softmax.ipynb": notebook("alan"),
            # The part of a file name that the student chose, and the contents of a zip, name somebody else.
            "eve_1_2_12346_99999_softmax.ipynb": evil,
            "eve_3_4_x.zip": zipped(
                {"turingalan_12346_99999_softmax.ipynb": evil, "../up_12346_9_softmax.ipynb": evil}
            ),
            "eve_5_6_7_x.zip": zipped({alans: evil}),
            "anon_x7aB3_8_x.zip": zipped({alans: evil}),
            "eve_9_10_Alan Turing_12346_assignsubmission_file_softmax.ipynb": evil,
            # Paths and names that no system should have to handle.
            f"../../../{alans}": evil,
            f"eve_11_12_x/../../{alans}": evil,
            "/tmp/absolute_12346_99999_softmax.ipynb": evil,
            "C:\\eve_12346_99999_softmax.ipynb": evil,
            "..\\..\\eve_12346_99999_softmax.ipynb": evil,
            "nul_NUL!_12346_99999_softmax.ipynb": evil,
            f"{'long' * 5000}_12346_99999_softmax.ipynb": evil,
            "red\x1b[31m_12346_99999_softmax.ipynb": evil,
            ".._99_assignsubmission_file_softmax.ipynb": evil,
            f"{'n' * 140}_99_assignsubmission_file_softmax.ipynb": evil,
            # Files that aren't zips, are truncated, or contain too much.
            "eve_13_14_softmax.zip": b"no zip",
            "eve_15_16_softmax.zip": nested,
            "eve_17_18_softmax.zip": zipped({f"{number}.ipynb": evil for number in range(51)}),
            "eve_19_20_softmax.ipynb": " " * (11 * 1024**2),
            "eve_21_22_softmax.zip": zipped({"softmax.ipynb": " " * (11 * 1024**2)}),
            "eve_23_24_report.pdf": b"%PDF",
        },
    )
    path = course.archive / "submissions.zip"
    path.write_bytes(path.read_bytes().replace(b"nul_NUL!", b"nul_\0!!!"))
    before = course.files()
    said = course.collect()
    assert course.files() == before
    assert not Path("/tmp/absolute_12346_99999_softmax.ipynb").exists()
    # What eve put into her own zip is hers, whatever its name; the rest belongs to nobody.
    assert course.submitted() == {"12346": notebook("alan"), "3": evil, "9": evil}
    assert "\x1b" not in said
    for path in (
        "eve_13_14_softmax.zip",
        "eve_23_24_report.pdf",
        "eve_19_20_softmax.ipynb",
        f"eve_5_6_7_x.zip/{alans}",
    ):
        assert f"{path} is left out" in said
    assert "turn off anonymous grading" in said


# --- import: downloads from Moodle


@pytest.fixture(scope="module")
def moodle(tmp_path_factory: pytest.TempPathFactory) -> Class:
    """A class that submitted through Moodle, with its work collected and graded."""
    course = Class(tmp_path_factory.mktemp("moodle"))
    stamped = {name: zipped({"softmax/softmax.ipynb": notebook(name)}) for name in ("older", "newer")}
    course.download(
        "AI101-softmax-4711.zip",
        {
            "Ada Lovelace_881_assignsubmission_file/softmax.ipynb": notebook("ada", softmax=WRONG),
            "Ada Lovelace_881_assignsubmission_onlinetext/onlinetext.html": "<p>Done.</p>",
            "José OBrien-Núñez_882_assignsubmission_file_/softmax.ipynb": notebook("josé"),
            "Alan Turing_883_assignsubmission_file_softmax-20260301T101500Z.zip": stamped["newer"],
            "小龙 李_884_assignsubmission_file/work/softmax (2).ipynb": notebook("李"),
            "Emmy Noether_885_assignsubmission_file/softmax-20260301T101500Z.zip": stamped["newer"],
            "Emmy Noether_885_assignsubmission_file/softmax-20260228T235959Z.zip": stamped["older"],
            "Emmy Noether_885_assignsubmission_file/notes.ipynb": notebook("notes"),
            # There's no way to tell which of these is right, so none is used.
            "Same Name_886_assignsubmission_file/softmax.ipynb": notebook("one"),
            "Same Name_887_assignsubmission_file/softmax.ipynb": notebook("other"),
            "Bob Two_888_assignsubmission_file/a/softmax.ipynb": notebook("one"),
            "Bob Two_888_assignsubmission_file/b/softmax.ipynb": notebook("other"),
            "Cyd Others_889_assignsubmission_file/one.ipynb": notebook("one"),
            "Cyd Others_889_assignsubmission_file/other.ipynb": notebook("other"),
        },
    )
    course.said = course.collect()
    course.run("mastery", "grade", "softmax", "--processes", 1)
    return course


@pytest.mark.proof
def test_moodle_each_student_by_full_name_with_the_newest_notebook(moodle: Class) -> None:
    assert moodle.submitted() == {
        "Ada Lovelace": notebook("ada", softmax=WRONG),
        "José OBrien-Núñez": notebook("josé"),
        "Alan Turing": notebook("newer"),
        "小龙 李": notebook("李"),
        "Emmy Noether": notebook("newer"),
    }


@pytest.mark.classes
def test_moodle_what_is_ambiguous_is_reported_and_not_guessed(moodle: Class) -> None:
    said = moodle.said
    assert "Same Name is left out: several students have this name" in said
    assert "Bob Two is left out: two notebooks differ" in said
    assert "Cyd Others is left out: none of the 2 notebooks is called softmax.ipynb" in said


# --- out


CANVAS_GRADES = f"""\
Student,ID,SIS User ID,SIS Login ID,Section,Essay (499),softmax (501),Assignments Current Score,Current Score
,,,,,,Manual Posting,,
    Points Possible,,,,,10.00,25.00,(read only),(read only)
"Lovelace, Ada",12345,S1,ada@uni.example,AI 101,9.00,,90.00,90.00
"Turing, Alan",12346,S2,+4917,"AI 101 and
AI 102",,3.00,,
"{FORMULA.replace('"', '""')}",12347,S3,@emmy,AI 101,,,,
"Müller, Jürgen",12348,S4,-j.m,AI 101,,EX,,
"de la Cruz, Juan",12349,S5,=cmd|'/C calc'!A0,AI 101,,,,
"Never, Submitted",12360,12351,never@uni.example,AI 101,,7.50,,
"Student, Test",12399,,abc,AI 101,,,,
"""
MOODLE_GRADES = f"""\
First name,Surname,ID number,Institution,Department,Email address,Assignment: Essay (Real),\
Assignment: Softmax and temperature (Real),Assignment: Softmax and temperature (Percentage),\
Last downloaded from this course
Ada,Lovelace,1,Uni,{FORMULA.replace(",", "").replace('"', "")},ada@uni.example,5.00,-,-,1767225600
José,O'Brien-Núñez,2,Uni,,+jose@uni.example,-,3.00,12 %,1767225600
alan,TURING,3,Uni,,alan@uni.example,-,-,-,1767225600
小龙,李,4,Uni,,li@uni.example,-,-,-,1767225600
Eve,Evil,5,Uni,,=cmd|'/C calc'!A0@evil.example,-,-,-,1767225600
Never,Submitted,6,Uni,,never@uni.example,-,4.00,-,1767225600
"""


class Exported:
    """What `mastery export` wrote and printed."""

    def __init__(self, code: int, said: str, out: Path, delimiter: str) -> None:
        self.code, self.said = code, said
        self.text = out.read_text(encoding="utf-8") if out.exists() else ""
        self.rows = list(csv.DictReader(io.StringIO(self.text, newline=""), delimiter=delimiter))

    def row(self, column: str, value: str) -> dict[str, str]:
        return next(row for row in self.rows if row[column] == value)


class Exporter:
    def __init__(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder, self._monkeypatch, self._capsys = tmp_path, monkeypatch, capsys
        monkeypatch.setenv("COLUMNS", "80")

    def __call__(self, course: Class, grades: str | bytes, *words: object, delimiter: str = ",") -> Exported:
        file = self.folder / "Grades.csv"
        file.write_bytes(grades.encode() if isinstance(grades, str) else grades)
        self._monkeypatch.chdir(course.root)
        self._monkeypatch.setattr(sys, "argv", ["mastery", "export", str(file), *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            main.main()
        printed = self._capsys.readouterr()
        return Exported(ended.value.code or 0, printed.out + printed.err, self.folder / "Grades-filled.csv", delimiter)


@pytest.fixture
def export(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Exporter:
    return Exporter(tmp_path, monkeypatch, capsys)


def test_canvas_import_has_the_columns_it_needs_the_points_and_nothing_else(canvas: Class, tmp_path: Path) -> None:
    file = tmp_path / "Grades.csv"
    file.write_text(CANVAS_GRADES, encoding="utf-8")
    said = canvas.run("mastery", "export", file, ends=1)
    assert file.read_text(encoding="utf-8") == CANVAS_GRADES
    header, points, *rows = csv.reader((tmp_path / "Grades-filled.csv").open(encoding="utf-8", newline=""))
    assert header == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "softmax (501)", "mastery", "complete"]
    assert points == ["Points Possible", "", "", "", "", "25.0", "100.0", "1.0"]
    # Everyone's code shows mastery of both concepts, except that of the first student, who only attempted softmax. But
    # nobody has answered the items of `terms` yet, which keeps a concept at proficient, worth 80 (docs/mastery.md).
    both, first = (f"{points / len(COURSE.concepts):.1f}" for points in (80 + 80, 25 + 80))
    assert [row[6:] for row in rows] == [[first, "0.0"], *[[both, "0.0"]] * 4, ["", ""], ["", ""]]
    assert [row[:6] for row in rows] == [
        ["Lovelace, Ada", "12345", "S1", "ada@uni.example", "AI 101", "17.0"],
        ["Turing, Alan", "12346", "S2", "+4917", "AI 101 and\nAI 102", "25.0"],
        [f"'{FORMULA}", "12347", "S3", "@emmy", "AI 101", "25.0"],
        ["Müller, Jürgen", "12348", "S4", "-j.m", "AI 101", "EX"],
        ["de la Cruz, Juan", "12349", "S5", "'=cmd|'/C calc'!A0", "AI 101", "25.0"],
        ["Never, Submitted", "12360", "12351", "never@uni.example", "AI 101", "7.50"],
        ["Student, Test", "12399", "", "abc", "AI 101", ""],
    ]
    assert "Canvas: 5 students matched by ID." in said
    # 12351 is this student's Canvas ID and another student's SIS User ID.
    assert "  12351 (in no row)\n" in said
    assert "Not filled in, because Canvas excuses them from softmax (EX or N/A): 12348" in said
    assert "Rows without a result: Never, Submitted; Student, Test" in said


def test_an_unmatched_student_can_be_given_by_any_key_of_the_file(canvas: Class, export: Exporter) -> None:
    db = f"sqlite:///{shutil.copy(canvas.root / 'gradebook.db', export.folder)}"
    with api.Gradebook(db) as gradebook:
        gradebook.update_or_create_student("12351", first_name="Never", last_name="Submitted")
    keys = export.folder / "keys.csv"
    keys.write_text("id,lms_user_id\n12351,NEVER@uni.example\n", encoding="utf-8")
    canvas.run("nbgrader", "db", "student", "import", keys, f"--db={db}")
    with api.Gradebook(db) as gradebook:
        student = gradebook.find_student("12351")
        assert (student.first_name, student.last_name) == ("Never", "Submitted")
    exported = export(canvas, CANVAS_GRADES, "--db", db)
    assert exported.row("ID", "12360")["softmax (501)"] == "25.0"
    assert exported.code == 0
    assert "without a row" not in exported.said


def test_points_are_nbgraders_with_penalties_and_a_persons_points(canvas: Class, export: Exporter) -> None:
    db = f"sqlite:///{shutil.copy(canvas.root / 'gradebook.db', export.folder)}"
    with api.Gradebook(db) as gradebook:
        for student, penalty in (("12345", 2.25), ("12346", 30.0)):
            gradebook.find_submission_notebook("softmax", "softmax", student).late_submission_penalty = penalty
        gradebook.find_grade("entropy", "softmax", "softmax", "12345").manual_score = 1.5
        gradebook.find_grade("entropy", "softmax", "softmax", "12347").needs_manual_grade = True
        gradebook.db.commit()
    exported = export(canvas, CANVAS_GRADES, "--db", db)
    points = {row["ID"]: row["softmax (501)"] for row in exported.rows}
    assert (points["12345"], points["12346"], points["12347"]) == ("11.25", "0.0", "")
    assert "softmax still needs manual grading in formgrader: 12347" in exported.said
    assert exported.code == 1


@pytest.mark.parametrize("delimiter", [",", ";"])
def test_what_a_spreadsheet_saved_is_read_as_it_was_meant(canvas: Class, export: Exporter, delimiter: str) -> None:
    saved = io.StringIO(newline="")
    rows = list(csv.reader(io.StringIO(CANVAS_GRADES, newline="")))
    rows[2][6] = "25,00"
    csv.writer(saved, delimiter=delimiter, quoting=csv.QUOTE_ALL).writerows(rows)
    exported = export(canvas, saved.getvalue().encode("utf-8-sig"), delimiter=delimiter)
    assert exported.row("ID", "12346")["softmax (501)"] == "25.0"
    assert exported.row("ID", "12346")["Section"] == "AI 101 and\nAI 102"
    assert exported.row("Student", "Points Possible")["softmax (501)"] == "25.0"


def test_a_lab_that_the_lms_does_not_have_is_a_new_column_of_its_points(canvas: Class, export: Exporter) -> None:
    exported = export(canvas, CANVAS_GRADES.replace("softmax (501)", "Quiz (501)"))
    assert exported.row("ID", "12345")["softmax"] == "17.0"
    assert exported.row("ID", "12360")["softmax"] == ""
    assert exported.row("Student", "Points Possible")["softmax"] == "25.0"
    assert "in the new column softmax" in exported.said


def test_a_student_in_two_rows_gets_points_in_none(canvas: Class, export: Exporter) -> None:
    exported = export(canvas, CANVAS_GRADES + '"Lovelace, Ada",12345,S1,ada@uni.example,AI 102,,,,\n')
    assert [row["softmax (501)"] for row in exported.rows if row["ID"] == "12345"] == ["", ""]
    assert "  12345 (in 2 rows)\n" in exported.said
    assert exported.code == 1


def test_moodle_import_has_the_points_by_full_name(moodle: Class, export: Exporter) -> None:
    exported = export(moodle, MOODLE_GRADES)
    column = "Assignment: Softmax and temperature (Real)"
    assert list(exported.rows[0]) == [
        *("First name", "Surname", "ID number", "Institution", "Department", "Email address"),
        *("Last downloaded from this course", column, "mastery", "complete"),
    ]
    assert {row["Email address"]: row[column] for row in exported.rows} == {
        "ada@uni.example": "17.0",
        "+jose@uni.example": "25.0",
        "alan@uni.example": "25.0",
        "li@uni.example": "25.0",
        "never@uni.example": "4.00",
    }
    assert exported.row("ID number", "1")["Department"].startswith("'=HYPERLINK")
    assert "Moodle: 4 students matched by First name + Surname." in exported.said
    assert "  Emmy Noether (in no row)\n" in exported.said
    left_out = "Left out, because a spreadsheet would treat the cell that identifies them as a formula: Eve Evil"
    assert left_out in exported.said
    assert "Rows without a result: Eve Evil; Never Submitted" in exported.said


def test_two_students_of_one_name_are_not_told_apart(moodle: Class, export: Exporter) -> None:
    exported = export(moodle, MOODLE_GRADES + "Ada,Lovelace,7,Uni,,another@uni.example,-,-,-,1767225600\n")
    grades = [row["Assignment: Softmax and temperature (Real)"] for row in exported.rows if row["First name"] == "Ada"]
    assert grades == ["-", "-"]
    assert "  Ada Lovelace (in 2 rows)\n" in exported.said


@pytest.mark.parametrize(
    ("grades", "said"),
    [
        (CANVAS_GRADES.encode("utf-16"), "isn't in UTF-8; use the file as you downloaded it, or save it as CSV UTF-8."),
        (CANVAS_GRADES.encode("cp1252"), "isn't in UTF-8; use the file as you downloaded it, or save it as CSV UTF-8."),
        (b"", "isn't a gradebook from Canvas"),
        ("Vorname,Nachname,E-Mail-Adresse\nAda,Lovelace,ada@uni.example\n", "with the LMS set to English"),
        (CANVAS_GRADES + '"never closed', "this isn't CSV"),
        (CANVAS_GRADES + "a,1,2,3,4,5,6,7,8,9\n", "line 12 has 10 cells, but there are 9 titles; fix that line."),
        (CANVAS_GRADES.replace("25.00", "100.00"), "is out of 100.00 points in Canvas but out of 25"),
        (CANVAS_GRADES.replace("Essay (499)", "Softmax (499)"), "The file has Softmax (499) and softmax (501)"),
        (CANVAS_GRADES.replace(",123", ",999"), "None of the 6 students in the gradebook was found in the file"),
    ],
    ids=["utf-16", "cp1252", "empty", "German", "open quote", "long row", "other points", "two columns", "other class"],
)
def test_what_cannot_be_filled_is_one_sentence_and_no_file(
    canvas: Class, export: Exporter, grades: Any, said: str
) -> None:
    exported = export(canvas, grades)
    assert said in exported.said
    assert (exported.code, exported.text) == (2, "")
    assert len(exported.said.splitlines()) == 1


def test_the_downloaded_file_is_never_overwritten(canvas: Class, export: Exporter) -> None:
    link = export.folder / "link.csv"
    link.symlink_to("Grades.csv")
    for out in (export.folder / "Grades.csv", link):
        exported = export(canvas, CANVAS_GRADES, "--out", out)
        assert "is the gradebook you downloaded; name a different file with --out." in exported.said
        assert (exported.code, (export.folder / "Grades.csv").read_text(encoding="utf-8")) == (2, CANVAS_GRADES)
    assert export(canvas, CANVAS_GRADES, "--out", export.folder / "no" / "such.csv").code == 2


def test_a_gradebook_without_results_is_reported(canvas: Class, export: Exporter) -> None:
    exported = export(canvas, CANVAS_GRADES, "--db", f"sqlite:///{export.folder / 'empty.db'}")
    assert "No lab that's worth points has been graded" in exported.said
    assert exported.code == 2
