"""The readiness packet on its way through nbgrader: submitted, read as of that day, shown, judged, and completed."""

import getpass
import io
import json
import re
import shutil
import sys
import zipfile
from collections.abc import Sequence
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sql
import yaml
from nbgrader import api
from typer.testing import CliRunner

from autograder.authoring.simulation import notebooks as simulated
from autograder.cli.main import app
from autograder.grading.attachments import read_handed_in
from autograder.grading.jobs import GradingContext, HandedAttachment, Job
from autograder.grading.session import GradingSession
from autograder.model.files import content_hash
from autograder.model.results import AttachmentReport, run_id
from autograder.report.attachment import attachment_html
from reference.readiness.history import revised
from tests.course_copy import CourseCopy
from tests.labs.test_packet import GOOD, RIGHT, RUN, TEMPLATE, TODAY, WRONG, changed, put, text_of
from tests.repository import COURSE, ROOT

NOT_AS_HANDED_IN = "history[1] isn't the revision that was handed in; keep earlier revisions unchanged."

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="grading a class needs Linux")

LAB = COURSE.lab("readiness")
PACKET = LAB.attachment
assert PACKET is not None
PARTS = simulated.simulation(COURSE, LAB)
START = simulated.simulation(COURSE, COURSE.lab("start")).solved()
ROWS = [row.name for row in LAB.judged]
NOW, LATER, LAST = (f"2026-11-{day} 10:00:00 UTC" for day in (25, 26, 27))
HOSTILE_HTML = "<script>window.ran = 'packet'</script><img src=x onerror=\"window.ran = 'image'\">"


class Class(CourseCopy):
    """A course's folder with a class that hands in the `readiness` lab."""

    def mastery(self, *words: object, ends: int = 0) -> str:
        """Run the command in this process, which has loaded torch, and return what it prints."""
        with pytest.MonkeyPatch.context() as patched:
            patched.chdir(self.root)
            for name, value in self.environment.items():
                patched.setenv(name, value)
            done = CliRunner().invoke(app, [str(word) for word in words])
        assert done.exit_code == ends, (done.output, done.exception)
        return done.output

    def run_of(self, student: str) -> str:
        """Hand in the `start` lab for a student, and return the fingerprint that the run has once it's graded."""
        place = simulated.write(START, self.root / "submitted" / student / "start" / "start.ipynb")
        return run_id(student, "start", content_hash(place.read_bytes()))

    def hand_in(self, student: str, packet: bytes | None, time: str | None = NOW, notebook: Any = None) -> None:
        """Hand in the `readiness` lab, replacing RUN in the packet with the run it should cite."""
        place = self.root / "submitted" / student / "readiness"
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(parents=True)
        text = notebook if isinstance(notebook, str) else json.dumps(notebook or PARTS.solved())
        (place / "readiness.ipynb").write_text(text, encoding="utf-8")
        if packet is not None:
            own = self.run_of(student).encode() if RUN.encode() in packet else b""
            (place / "packet.yaml").write_bytes(packet.replace(RUN.encode(), own))
        if time is not None:
            (place / "timestamp.txt").write_text(time)

    def grade(self, ends: int = 0) -> dict[str, dict[str, Any]]:
        """The newest results, by student."""
        self.mastery("grade", "start", "readiness", "--processes", 1, ends=ends)
        lines = (self.root / "results.jsonl").read_text(encoding="utf-8").splitlines()
        results = list(map(json.loads, lines))
        return {result["student"]: result for result in results if result["lab"] == "readiness"}

    def judge(self, student: str, *rows: str, points: float = 1.0, comment: str | None = None) -> None:
        """Write into nbgrader's gradebook what formgrader's fields would."""
        with api.Gradebook(f"sqlite:///{self.root / 'gradebook.db'}") as gradebook:
            for row in rows or ROWS:
                grade = gradebook.find_grade(row, "readiness", "readiness", student)
                grade.manual_score, grade.needs_manual_grade = points, False
                if comment is not None:
                    gradebook.find_comment(row, "readiness", "readiness", student).manual_comment = comment
            gradebook.db.commit()

    def rows(self, student: str) -> dict[str, tuple[float | None, float | None, bool, str | None]]:
        """The automatic and manual score of each row, whether a person has to look at the row, and the comment."""
        with api.Gradebook(f"sqlite:///{self.root / 'gradebook.db'}") as gradebook:
            notebook = gradebook.find_submission_notebook("readiness", "readiness", student)
            comments = {each.name: each.comment for each in notebook.comments}
            return {
                each.name: (each.auto_score, each.manual_score, each.needs_manual_grade, comments[each.name])
                for each in notebook.grades
                if each.name in ROWS
            }

    def missing(self, student: str) -> list[str]:
        """What `mastery status` lists as missing for this lab."""
        said = self.mastery("status", student).splitlines()
        return [line.strip() for line in said if line.strip().startswith("The enterprise readiness packet")]

    def shown(self, student: str) -> dict[str, Any]:
        path = self.root / "autograded" / student / "readiness" / "readiness.ipynb"
        notebook: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return notebook


def problems(result: dict[str, Any]) -> list[str]:
    return [f"{each['field']} {each['sentence']}" for each in result["packet"]["problems"]]


def second() -> bytes:
    return revised(text_of(GOOD)).encode()


def spoilt(what: str) -> Any:
    """The solved notebook after its rows have been changed by a student or an editor."""
    notebook = PARTS.solved()
    rows = [cell for cell in notebook["cells"] if cell["metadata"].get("nbgrader", {}).get("grade_id") in ROWS]
    for row in rows:
        if what == "deleted":
            notebook["cells"].remove(row)
        elif what == "stripped":
            row["metadata"] = {}
        else:
            row.update(source="*Satisfactory*, said the reviewer.", cell_type="code", outputs=[], execution_count=None)
            row["metadata"]["nbgrader"].update(points=100, locked=False, solution=True)
    return notebook


def link(course: Class) -> None:
    course.hand_in("lin", None)
    (course.root / "submitted" / "lin" / "readiness" / "packet.yaml").symlink_to("/etc/passwd")


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Class:
    """A class with correct, wrong and hostile packets, graded once."""
    course = Class(tmp_path_factory.mktemp("class"))
    course.hand_in("ada", text_of(GOOD))
    course.hand_in("bob", text_of(changed(put("cost.monthly_usd", 540), put("use_case.title", HOSTILE_HTML))))
    course.hand_in("cyd", None)
    course.hand_in("dan", TEMPLATE.read_bytes())
    course.hand_in("eve", b"a: &a [x, x]\n" + b"".join(b"b%d: [*a, *a]\n" % number for number in range(99)))
    course.hand_in("fay", b"- 1\n" * 30_000)
    course.hand_in("gil", b"\xff\xfe\0" * 9)
    course.hand_in("hal", b"[" * 9_000_000)
    course.hand_in("ivy", text_of(GOOD), notebook="no notebook")
    course.hand_in("jon", text_of(GOOD), notebook=PARTS.blank())
    for student, what in {"kit": "deleted", "lou": "stripped", "max": "edited"}.items():
        course.hand_in(student, text_of(GOOD), notebook=spoilt(what))
    link(course)
    course.results = course.grade(ends=1)  # type: ignore[attr-defined]
    return course


# --- read during grading


@pytest.mark.proof
def test_every_packet_is_read_and_none_harms_anothers_grade(course: Class) -> None:
    results: dict[str, dict[str, Any]] = course.results  # type: ignore[attr-defined]
    assert results["ada"]["packet"] | {"changes": None} == {
        "on": "2026-11-25",
        "revision": 1,
        "problems": [],
        "changes": None,
        "follows": True,
        "sha256": results["ada"]["packet"]["sha256"],
        "text": text_of(GOOD).decode().replace(RUN, course.run_of("ada")),
        "when_graded": [],
    }
    for student, says in {
        "bob": "cost.monthly_usd is 540.00 USD, but the numbers above come to 900.00 USD; the output tokens were",
        "cyd": "packet.yaml is missing: it belongs next to the notebook",
        "dan": "use_case.title is still empty; fill it in.",
        "eve": "packet.yaml Line 2 refers to a value elsewhere (*a); write the value itself.",
        "fay": "packet.yaml It has more than 8,000 values",
        "gil": "packet.yaml It isn't UTF-8 text",
        "hal": "packet.yaml It's larger than 128 KiB",
        "lin": "packet.yaml can't be read: hand in an ordinary file of at most 10 MiB, not a link or a folder.",
    }.items():
        assert problems(results[student])[0].startswith(says), (student, problems(results[student])[0])
        assert str(course.root) not in problems(results[student])[0]
    assert results["hal"]["packet"]["text"] is results["gil"]["packet"]["text"] is None
    scores = {student: result["score"] for student, result in results.items()}
    assert scores == {**dict.fromkeys(results, 10.0), "ivy": None, "jon": 0.0}
    assert results["ivy"]["packet"]["problems"] == results["jon"]["packet"]["problems"] == []


@pytest.mark.classes
def test_the_notebook_to_show_has_the_packet_as_a_table_above_the_four_rows(course: Class) -> None:
    for student in ("ada", "bob", "cyd", "eve", "jon", "lin"):
        cells = course.shown(student)["cells"]
        names = [cell["metadata"].get("nbgrader", {}).get("grade_id") for cell in cells]
        at = names.index(ROWS[0])
        assert names[at : at + 4] == ROWS
        assert all(cell["metadata"]["nbgrader"]["task"] for cell in cells[at : at + 4])
        (output,) = cells[at - 1]["outputs"]
        assert (
            "No check can tell whether the sources are real or the decision makes sense" in output["data"]["text/html"]
        )
        assert "No check can tell" in " ".join(output["data"]["text/plain"].split())
    html = packet_shown(course, "bob")
    assert "✗</span> is 540.00 USD, but the numbers above come to 900.00 USD" in html
    assert "40 help desk agents in Leeds" in html
    assert "<script" not in html
    assert "<img" not in html
    assert "&lt;script&gt;window.ran" in html
    assert "is missing: it belongs next to the notebook" in packet_shown(course, "cyd")


@pytest.mark.classes
def test_the_rows_are_there_once_each_as_released_whatever_became_of_the_cells(course: Class) -> None:
    released = {row: cell_named(PARTS.blank(), row) for row in ROWS}
    for student in ("ada", "kit", "lou", "max"):
        notebook = course.shown(student)
        sources = [cell["source"] for cell in notebook["cells"]]
        for row, wanted in released.items():
            found = cell_named(notebook, row)
            assert (found["cell_type"], found["source"]) == ("markdown", wanted["source"]), (student, row)
            assert found["metadata"]["nbgrader"] == wanted["metadata"]["nbgrader"], (student, row)
            assert sources.count(wanted["source"]) == 1, (student, row)
        assert "format and arithmetic are fine" in packet_shown(course, student)
        assert set(course.rows(student).values()) == {(None, None, True, None)}


def cell_named(notebook: dict[str, Any], name: str) -> dict[str, Any]:
    (found,) = (c for c in notebook["cells"] if c["metadata"].get("nbgrader", {}).get("grade_id") == name)
    return dict(found)


def packet_shown(course: Class, student: str) -> str:
    cells = course.shown(student)["cells"]
    at = next(n for n, cell in enumerate(cells) if cell["metadata"].get("nbgrader", {}).get("grade_id") == ROWS[0])
    return str(cells[at - 1]["outputs"][0]["data"]["text/html"])


def test_a_packet_waits_for_a_person_and_a_missing_one_does_not(course: Class) -> None:
    for student in ("ada", "bob", "eve", "jon"):
        assert set(course.rows(student).values()) == {(None, None, True, None)}, student
    for student in ("cyd", "dan", "lin"):
        assert set(course.rows(student).values()) == {(0.0, None, False, "No response.")}, student


@pytest.mark.proof
def test_feedback_shows_the_packet_and_inspect_all_of_it(course: Class) -> None:
    course.mastery("feedback", "readiness", "--processes", 1)
    page = (course.root / "feedback" / "bob" / "readiness" / "readiness.html").read_text(encoding="utf-8")
    assert "is 540.00 USD, but the numbers above come to 900.00 USD" in page
    assert "<script>window.ran" not in page
    said = course.mastery("inspect", "bob", "readiness")
    assert "packet.yaml, revision 1: 1 problem; read as of 2026-11-25" in said
    assert "cost.monthly_usd is 540.00 USD" in said
    assert "packet.yaml, as it was handed in:\n  | packet_version: 1" in said
    told = json.loads(course.mastery("inspect", "bob", "readiness", "--json"))
    assert told["attempts"][0]["result"]["packet"]["text"].startswith("packet_version: 1")
    course.mastery("inspect", "bob", "readiness", "--run")


# --- the run it cites


def printed(page: str) -> str:
    (run,) = set(re.findall(r"\brun-[0-9a-f]{12}\b", page))
    return str(run)


@pytest.mark.classes
def test_a_packet_cites_a_run_of_its_writer_which_feedback_and_transcript_print(tmp_path: Path) -> None:
    course = Class(tmp_path)
    for student in ("ada", "bob"):
        course.run_of(student)
    course.mastery("grade", "start", "--processes", 1)
    course.mastery("feedback", "start", "--processes", 1)
    course.mastery("transcript", "ada", "--out", course.root / "ada.html")
    feedback = {name: course.root / "feedback" / name / "start" / "start.html" for name in ("ada", "bob")}
    runs = {name: printed(page.read_text("utf-8")) for name, page in feedback.items()}
    assert printed((course.root / "ada.html").read_text("utf-8")) == runs["ada"] != runs["bob"]

    for student, run in {"ada": runs["ada"], "bob": runs["ada"], "cyd": "run-0123456789ab"}.items():
        course.hand_in(student, text_of(GOOD).replace(RUN.encode(), run.encode()))
    results = course.grade()
    assert problems(results["ada"]) == []
    for student, run in {"bob": runs["ada"], "cyd": "run-0123456789ab"}.items():
        (problem,) = problems(results[student])
        assert problem.startswith(f"lab_evidence.run_id is “{run}”, which isn't one of your graded runs")

    # A run printed on a page stays valid even if the student is renamed later.
    course.mastery("student", "rename", "ada", "12345")
    course.hand_in("12345", second().replace(RUN.encode(), runs["ada"].encode()), LATER)
    assert problems(course.grade()["12345"]) == []


# --- over attempts


@pytest.mark.classes
def test_a_regrade_says_the_same_keeps_what_a_person_gave_and_a_new_attempt_asks_again(tmp_path: Path) -> None:
    course = Class(tmp_path)
    course.hand_in("ada", text_of(GOOD))
    course.hand_in("bob", text_of(GOOD), time="2027-11-25 10:00:00 UTC")  # a year later, when everything is outdated
    course.hand_in("kim", text_of(GOOD), time=None)
    before = course.grade()
    assert problems(before["ada"]) == []
    assert "before the packet is read (2027-11-25)" in problems(before["bob"])[0]
    course.judge("ada", comment="Sound.")
    course.judge("ada", "defence", points=0.0, comment="Say *why not* the other two.")
    assert course.missing("ada") == [
        "The enterprise readiness packet: the reviewer asks for a revision of defense of the decision"
    ]

    # Without a timestamp, a packet keeps the day it was first read; here, that day is changed to another.
    with sql.create_engine(f"sqlite:///{course.root / 'gradebook.db'}").begin() as connection:
        text = 'UPDATE mastery_grading SET result = replace(result, \'"on":"{}"\', \'"on":"2026-11-21"\')'
        connection.execute(sql.text(text.format(before["kim"]["packet"]["on"]) + " WHERE result LIKE '%\"kim\"%'"))
    before["kim"]["packet"]["on"] = "2026-11-21"

    checks = course.root / "reference" / "readiness" / "test_visible.py"
    checks.write_text(checks.read_text(encoding="utf-8") + "\n# another version\n", encoding="utf-8")
    after = course.grade()
    assert after["ada"]["course_version"] != before["ada"]["course_version"]
    assert {name: result["packet"] for name, result in after.items()} == {
        name: result["packet"] for name, result in before.items()
    }
    kept = course.rows("ada")
    assert kept["realism"] == (None, 1.0, False, "Sound.")
    assert kept["defence"] == (None, 0.0, False, "Say *why not* the other two.")
    course.mastery("feedback", "readiness", "--processes", 1)
    page = (course.root / "feedback" / "ada" / "readiness" / "readiness.html").read_text(encoding="utf-8")
    assert "Say <em>why not</em> the other two." in page

    course.hand_in("ada", second(), LATER)
    newest = course.grade()["ada"]
    assert (newest["attempt"], newest["packet"]["revision"], problems(newest)) == (2, 2, [])
    assert course.rows("ada")["realism"] == (None, 1.0, True, "Sound.")
    assert len(course.missing("ada")) == 4
    course.judge("ada")
    assert course.missing("ada") == []


@pytest.mark.proof
def test_revisions_are_compared_with_the_packet_handed_in_before(tmp_path: Path) -> None:
    course = Class(tmp_path)
    for student in ("ada", "bob", "cyd"):
        course.hand_in(student, text_of(GOOD))
    course.grade()
    forged = yaml.safe_load(second())
    forged["history"][0]["cost"]["monthly_usd"] = 1
    course.hand_in("ada", text_of(changed(put("decision.rationale", "We like it"), of=yaml.safe_load(second()))), LATER)
    course.hand_in("bob", text_of(forged), LATER)
    course.hand_in("cyd", b"a: [", LATER)
    results = course.grade()
    assert problems(results["ada"]) == []
    assert [line for line in results["ada"]["packet"]["changes"] if "We like it" in line]
    assert "We like it" in packet_shown(course, "ada")
    assert "Changes since the last revision" in packet_shown(course, "ada")
    assert problems(results["bob"]) == [NOT_AS_HANDED_IN]
    # Resubmitting a forged history doesn't help, and a packet that couldn't be read doesn't bind anyone.
    course.hand_in("bob", text_of(forged), LAST)
    course.hand_in("cyd", second(), LAST)
    results = course.grade()
    assert problems(results["bob"]) == [NOT_AS_HANDED_IN]
    assert problems(results["cyd"]) == []
    assert (results["bob"]["attempt"], results["cyd"]["attempt"]) == (3, 3)
    # Regrading an attempt still takes into account what came before it.
    with closing(sql.create_engine(f"sqlite:///{course.root / 'gradebook.db'}").connect()) as connection:
        query = "SELECT count(*) FROM mastery_grading WHERE result LIKE '%the revision that was handed in%'"
        assert connection.scalar(sql.text(query)) == 2


@pytest.mark.classes
def test_a_new_packet_on_its_own_is_the_next_attempt(tmp_path: Path) -> None:
    course = Class(tmp_path)
    course.hand_in("ada", text_of(GOOD), time=None)
    assert course.grade()["ada"]["attempt"] == 1
    assert course.grade()["ada"]["attempt"] == 1
    course.hand_in("ada", second(), time=None)
    result = course.grade()["ada"]
    assert (result["attempt"], result["packet"]["revision"]) == (2, 2)


@pytest.mark.parametrize("field", ["decision.date", "cost.prices.checked_on"])
def test_dates_allow_for_the_writers_time_zone(field: str, tmp_path: Path) -> None:
    day = {"decision.date": "2026-11-26", "cost.prices.checked_on": "2026-08-26"}[field]
    found = handed_in(tmp_path, text_of(changed(put(field, day))))
    assert found.problems == []
    beyond = date.fromisoformat(day) + timedelta(days=1 if field == "decision.date" else -1)
    found = handed_in(tmp_path, text_of(changed(put(field, beyond.isoformat()))))
    assert [each.field for each in found.problems] == [field]


def handed_in(folder: Path, *packets: bytes) -> AttachmentReport:
    (folder / "packet.yaml").write_bytes(packets[-1])
    before = packets[-2].decode() if len(packets) > 1 else None
    return read_handed_in(COURSE, HandedAttachment(folder, PACKET, TODAY, before, frozenset({RUN})))


# --- every packet of tests/labs/test_packet.py, graded


@pytest.fixture(scope="module")
def room() -> Any:
    with closing(GradingSession(GradingContext(ROOT, b"of the tests"))) as room:
        yield room


def graded(room: GradingSession, folder: Path, packets: Sequence[bytes]) -> list[AttachmentReport]:
    jobs = []
    for number, packet in enumerate(packets):
        place = folder / str(number) / "readiness"
        simulated.write(PARTS.blank(), place / "readiness.ipynb")
        (place / "packet.yaml").write_bytes(packet)
        handed = HandedAttachment(place, PACKET, TODAY, runs=frozenset({RUN}))
        jobs.append(Job(str(number), "readiness", place / "readiness.ipynb", 1, str(number), attachment=handed))
    found = [result.packet for result in room.grade(jobs)]
    assert all(found)
    return [each for each in found if each is not None]


def test_right_packets_are_green_when_graded_and_wrong_ones_say_why(room: GradingSession, tmp_path: Path) -> None:
    right = [text_of(changed(change)) for change in RIGHT]
    # Grading accepts dates a day outside the limits, because the writer may be in another time zone.
    wrongs = {name: each for name, each in WRONG.items() if name not in ("future date", "old date")}
    wrong = [text_of(changed(change)) for change, _ in wrongs.values()]
    found = graded(room, tmp_path, [*right, *wrong])
    for packet in found[: len(right)]:
        assert packet.problems == []
        assert "format and arithmetic are fine" in attachment_html("packet.yaml", packet)
    for packet, (name, (_, sentences)) in zip(found[len(right) :], wrongs.items(), strict=True):
        said = [f"{each.field} {each.sentence}" for each in packet.problems]
        for sentence in sentences:
            assert any(sentence in each for each in said), (name, said)
        html = attachment_html("packet.yaml", packet)
        assert html.count("✗") == len(packet.problems), name


# --- handed in


def test_submit_packs_the_packet_and_says_where_there_is_none(tmp_path: Path) -> None:
    course = Class(tmp_path)
    place = course.root / "mine" / "readiness"
    simulated.write(PARTS.solved(), place / "readiness.ipynb")
    said = course.run("mastery", "submit", "readiness", cwd=place.parent)
    assert "The notebook was handed in without packet.yaml." in " ".join(said.split())
    for file in (*place.glob("*.zip"), *place.glob("*.json")):
        file.unlink()
    (place / "packet.yaml").write_bytes(text_of(GOOD))
    receipt = json.loads(course.run("mastery", "submit", "readiness", "--json", cwd=place.parent))
    with zipfile.ZipFile(receipt["file"]) as archive:
        assert sorted(archive.namelist()) == ["readiness/packet.yaml", "readiness/readiness.ipynb"]
        assert archive.read("readiness/packet.yaml") == text_of(GOOD)
    assert list(receipt["files"]) == ["packet.yaml"]
    assert len(receipt["files"]["packet.yaml"]) == 64


@pytest.mark.proof  # eight nbgrader commands, half a minute
def test_it_goes_through_the_exchange_and_nbgraders_own_autograde(tmp_path: Path) -> None:
    course = Class(tmp_path)
    exchange = tmp_path / "exchange"
    exchange.mkdir()
    exchange.chmod(0o777)
    course.configure(f"c.Exchange.root = {str(exchange)!r}\nc.ExchangeCollect.check_owner = False")
    course.run("mastery", "build")
    course.run("nbgrader", "generate_assignment", "readiness")
    course.run("nbgrader", "release_assignment", "readiness")
    mine = tmp_path / "ada"
    mine.mkdir()
    shutil.copy(course.root / "nbgrader_config.py", mine)
    # `mastery submit` doesn't read configuration files next to the notebooks.
    (tmp_path / "config").mkdir(exist_ok=True)
    shutil.copy(course.root / "nbgrader_config.py", tmp_path / "config")
    course.run("nbgrader", "fetch_assignment", "readiness", f"--Exchange.cache={mine / 'cache'}", cwd=mine)
    today = date.today()
    packet = text_of(GOOD).decode().replace(RUN, course.run_of(getpass.getuser()))
    course.mastery("grade", "start", "--processes", 1)
    for day in range(1, 31):
        packet = packet.replace(f"2026-11-{day:02}", str(today - timedelta(days=30 - day)))
    (mine / "readiness" / "packet.yaml").write_text(packet, encoding="utf-8")
    simulated.write(PARTS.solved(), mine / "readiness" / "readiness.ipynb")
    receipt = json.loads(course.run("mastery", "submit", "readiness", "--json", cwd=mine).splitlines()[0])
    assert receipt["to"] == "exchange", receipt
    course.run("nbgrader", "collect", "readiness")
    (student,) = (course.root / "submitted").iterdir()
    course.run("nbgrader", "autograde", "readiness")
    assert "format and arithmetic are fine" in packet_shown(course, student.name)
    assert (course.root / "autograded" / student.name / "readiness" / "packet.yaml").read_text("utf-8") == packet
    course.judge(student.name, comment="Sound.")
    assert course.missing(student.name) == []
    course.run("nbgrader", "autograde", "readiness", "--force")
    assert set(course.rows(student.name).values()) == {(None, 1.0, False, "Sound.")}
    assert course.missing(student.name) == []


# --- through an LMS


def zipped(members: dict[str, bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return packed.getvalue()


@pytest.mark.proof
def test_the_packet_travels_with_its_notebook_through_an_lms(tmp_path: Path) -> None:
    course = Class(tmp_path)
    archive = course.root / "downloaded" / "readiness" / "archive"
    archive.mkdir(parents=True)
    notebook = json.dumps(PARTS.solved()).encode()
    older, newer = (f"readiness-2026112{day}T101500Z.zip" for day in (4, 5))
    both = {"readiness/readiness.ipynb": notebook, "readiness/packet.yaml": b"both"}
    download = {
        f"lovelaceada_12345_67890_{newer}": zipped(both),
        # Each file is handed in separately, and the packet twice.
        "turingalan_12346_67891_readiness.ipynb": notebook,
        "turingalan_12346_67892_packet.yaml": b"first",
        "turingalan_12346_67894_packet-1.yaml": b"second",
        # A packed file stays with the notebook it was packed with.
        f"noetheremmy_12347_67895_{older}": zipped(both),
        f"noetheremmy_12347_67896_{newer}": zipped({"readiness/readiness.ipynb": notebook}),
        # Another folder, another name, a hidden file, and another student's name within the zip.
        "evilevan_12348_67897_mine.zip": zipped(
            {
                "readiness/readiness.ipynb": notebook,
                "old/packet.yaml": b"old",
                "readiness/notes.yaml": b"notes",
                "readiness/.packet.yaml": b"hidden",
                "lovelaceada_12345_99999_packet.yaml": b"evil",
                "../../12345_9_packet.yaml": b"evil",
            }
        ),
        "kayalan_12349_67898_packet.yaml": b"a packet alone",
        "deepdan_12350_67899_readiness.zip": zipped({**both, **{f"{n}/packet.yaml": b"x" for n in range(300)}}),
        "Ada Moodle_81_assignsubmission_file/readiness.ipynb": notebook,
        "Ada Moodle_81_assignsubmission_file/packet.yaml": b"moodle",
    }
    (archive / "submissions.zip").write_bytes(zipped(download))
    said = course.run("nbgrader", "zip_collect", "readiness")
    places = (course.root / "submitted").glob("*/readiness/*")
    found = {f"{place.parent.parent.name}/{place.name}" for place in places}
    packets = {"12345": b"both", "12346": b"second", "12350": b"both", "Ada Moodle": b"moodle"}
    students = {*packets, "12347", "12348"}
    assert found == {f"{each}/readiness.ipynb" for each in students} | {f"{each}/packet.yaml" for each in packets}
    for student, content in packets.items():
        assert (course.root / "submitted" / student / "readiness" / "packet.yaml").read_bytes() == content
    assert "12347 handed in the notebook without packet.yaml." in said
    assert "12349 is left out: there's no notebook." in said
