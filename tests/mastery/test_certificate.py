"""`mastery certificate` signs one for anyone who completed the course; `mastery verify` accepts nothing else."""

import base64
import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from autograder.cli.main import app
from autograder.gradebook.gradebook import Gradebook
from autograder.gradebook.settings import settings_of
from autograder.mastery.certificate import load_key, public
from autograder.model.course import load
from autograder.model.results import Outcome
from tests.course_copy import confirmed
from tests.gradebook.test_gradebook import nbgraders, put_exercise
from tests.report.test_report import COURSE, entry, evidence, hidden_wrong, right

RULES = "mastery: {distinction: {mastered: 2, among: [adding]}}\n"
LAYERS = {"isolation": ("rlimits", "seccomp", "landlock")}
Run = Callable[..., str]


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course with its issuer in course.yaml, with one student who mastered it all and others who didn't."""
    root = confirmed(tmp_path_factory.mktemp("course"))
    (root / "course.yaml").write_text(COURSE, encoding="utf-8")
    put_exercise(root)
    key = public(load_key(root))
    issuers = f'issuers: [{{name: "The <b>University</b>", key: "{key}"}}]\n'
    (root / "course.yaml").write_text(COURSE + RULES + issuers, encoding="utf-8")
    course = load(root)
    everything = [*right("plus"), *right("minus"), evidence("minus", "robustness", Outcome.PASSED)]
    with Gradebook(course, settings_of(course)) as book:
        book.register(course.lab("sums"))
        for each in (
            entry("ada", 1, hidden_wrong("plus") + right("minus"), **LAYERS),
            entry("ada", 2, everything, isolation=("rlimits", "seccomp")),
            entry("ben", 1, hidden_wrong("plus") + right("minus"), **LAYERS),
            entry("<i>eve</i>", 1, right("plus") + hidden_wrong("minus"), **LAYERS),
        ):
            book.write([each])
    with nbgraders(settings_of(course).folders.db_url) as gradebook:
        gradebook.update_or_create_student("ada", first_name="Ada", last_name="Lovelace")
        grade = gradebook.find_grade("minus", "sums", "sums", "<i>eve</i>")
        grade.manual_score, grade.needs_manual_grade = 2.5, False
        gradebook.find_comment("minus-solution", "sums", "sums", "<i>eve</i>").manual_comment = "By word of mouth."
        gradebook.db.commit()
    return root


@pytest.fixture
def run(root: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(root)

    def run(*words: object, ends: int = 0) -> str:
        done = CliRunner().invoke(app, [str(word) for word in words])
        if ends == 2:
            return str(done.exception)
        assert done.exit_code == ends, done.output
        return " ".join(done.output.split())

    return run


@pytest.fixture
def signed(run: Run, tmp_path: Path) -> Path:
    run("certificate", "ada", "--reviewer", "Dr. Lee", "--out", tmp_path)
    return tmp_path / "certificate-ada.json"


def test_a_student_who_completed_the_course_has_it_signed_and_verified(run: Run, root: Path, signed: Path) -> None:
    said = run("verify", signed)
    assert "Valid. The <b>University</b> signed on 20" in said
    assert "Ada Lovelace completed Sums on 2026-03-02, with distinction." in said
    assert "Adding: mastered Taking away: mastered" in said
    assert "Reviewed by Dr. Lee." in said
    assert f"Only signatures from the issuers in {root / 'course.yaml'} are accepted." in said
    told = json.loads(run("verify", signed, "--json"))
    assert told["rules"] == {
        "confirmation": "second seed",
        "completion": "proficient",
        "distinction": {"mastered": 2, "among": ["adding"]},
    }
    (graded,) = told["graded"]
    assert (graded["attempt"], graded["isolation"], graded["course_version"]) == (2, ["rlimits", "seccomp"], "1")
    assert told["course_version"] == load(root).version


def test_the_page_says_the_same_and_runs_nothing_of_a_students(run: Run, signed: Path) -> None:
    html = signed.with_suffix(".html").read_text("utf-8")
    for words in (
        *("Ada Lovelace", "Sums", "with distinction", "02 March 2026", "Reviewed: <b>Dr. Lee</b>", "rlimits, seccomp"),
        *("every concept is at least proficient", "at least 2 concepts mastered, including Adding"),
        *("The &lt;b&gt;University&lt;/b&gt;", "mastery verify certificate-ada.json"),
    ):
        assert words in html, words
    run("certificate", "<i>eve</i>", "--name", "<i>eve</i>", "--out", signed.parent)
    (page,) = signed.parent.glob("*eve*.html")
    html = page.read_text("utf-8")
    assert "<i>eve" not in html
    assert "A person gave full credit for <code>minus</code> (“By word of mouth.”)" in html
    assert "no reviewer is named" in html


def _changed(path: Path, change: Callable[[dict[str, Any]], None]) -> None:
    parts = json.loads(path.read_text("utf-8"))
    payload = json.loads(base64.urlsafe_b64decode(parts["payload"] + "=="))
    change(payload)
    parts["payload"] = base64.urlsafe_b64encode(json.dumps(payload).encode()).decode().rstrip("=")
    path.write_text(json.dumps(parts), "utf-8")


@pytest.mark.parametrize(
    "change",
    [{"name": "Ben"}, {"student": "ben"}, {"distinction": False}, {"reviewer": "Prof. Famous"}, {}],
    ids=lambda each: str(each),
)
def test_what_was_changed_since_is_not_valid(run: Run, signed: Path, change: dict[str, Any]) -> None:
    _changed(signed, lambda payload: payload.update(change))
    assert "Not valid:" in (said := run("verify", signed, ends=1))
    assert "it isn't what The <b>University</b> signed: somebody has changed it." in said


def test_a_signature_by_anybody_else_is_not_valid(
    run: Run, root: Path, signed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    key = load_key(other)
    text = (root / "course.yaml").read_text("utf-8")
    monkeypatch.setenv("MASTERY_ISSUER", (other / ".issuer").read_text("utf-8"))
    assert f'key: "{public(key)}"' in run("certificate", "ada", ends=2)
    try:
        (root / "course.yaml").write_text(text.replace("issuers: [", f'issuers: [{{name: M, key: "{public(key)}"}}, '))
        run("certificate", "ada", "--out", other)
        assert "M signed on" in run("verify", other / "certificate-ada.json")
    finally:
        (root / "course.yaml").write_text(text, "utf-8")
    assert "a key that course.yaml doesn't list" in run("verify", other / "certificate-ada.json", ends=1)
    # The signer's name with somebody else's signature.
    parts, genuine = (json.loads(path.read_text("utf-8")) for path in (other / signed.name, signed))
    signed.write_text(json.dumps({**parts, "protected": genuine["protected"]}), "utf-8")
    assert "somebody has changed it" in run("verify", signed, ends=1)


def test_an_unsigned_one_is_not_valid(run: Run, signed: Path) -> None:
    parts = json.loads(signed.read_text("utf-8"))
    header = json.loads(base64.urlsafe_b64decode(parts["protected"] + "=="))
    unsigned = base64.urlsafe_b64encode(json.dumps({**header, "alg": "none"}).encode()).decode().rstrip("=")
    signed.write_text(json.dumps({**parts, "protected": unsigned, "signature": ""}), "utf-8")
    run("verify", signed, ends=1)
    signature = {name: parts[name] for name in ("protected", "signature")}
    for signatures in ([], [signature], [signature, {**signature, "signature": ""}]):
        signed.write_text(json.dumps({"payload": parts["payload"], "signatures": signatures}), "utf-8")
        assert "it doesn't have exactly one signature" in run("verify", signed, ends=1)


@pytest.mark.parametrize(
    "content",
    [
        *(b"", b"{}", b"[1]", b"\xff", b'{"payload": 1, "protected": [], "signature": null}', b"[" * 100_000),
        *(b'{"payload": "", "signatures": []}', b" " * 2_000_000),
    ],
)
def test_a_file_of_another_kind_is_told_in_a_sentence(run: Run, tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.json"
    path.write_bytes(content)
    assert "Not valid:" in run("verify", path, ends=1)
    assert "can't be read" in run("verify", tmp_path / "none.json", ends=2)


def test_a_student_who_has_not_completed_it_gets_none(run: Run, tmp_path: Path) -> None:
    assert "ben hasn't completed the course; mastery status ben" in run("certificate", "ben", "--out", tmp_path, ends=2)
    assert list(tmp_path.iterdir()) == []
    said = run("status", "ben")
    assert "Not complete. What's missing: Adding: plus, hidden check: It does plus, hidden" in said
    assert "No work by nobody is in the gradebook" in run("certificate", "nobody", ends=2)


def test_only_its_owner_can_read_the_private_key_and_a_broken_one_is_named(root: Path, tmp_path: Path) -> None:
    assert stat.S_IMODE((root / ".issuer").stat().st_mode) == 0o600
    ours = public(load_key(root))
    assert public(load_key(root)) == ours
    for text in ("", "no key", '{"kty": "oct", "k": "aaaa"}', json.dumps({"kty": "OKP", "crv": "Ed25519", "x": ours})):
        (tmp_path / ".issuer").write_text(text)
        with pytest.raises(Exception, match="put the issuer's key back") as caught:
            load_key(tmp_path)
        assert type(caught.value).__name__ == "CourseError"


def test_who_may_sign_changes_no_score(root: Path) -> None:
    course = load(root)
    assert course.version == course.model_copy(update={"issuers": ()}).version
