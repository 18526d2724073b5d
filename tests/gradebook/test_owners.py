"""A submission in the exchange whose owner isn't the student it claims to be from is reported and left there."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from autograder.gradebook.exchange import collect
from autograder.gradebook.settings import Settings, settings_of
from autograder.model.course import load
from tests.course_copy import CourseCopy
from tests.grading.test_grading import SIMULATIONS, hand_in
from tests.sampling import sampled

if sys.platform == "win32":
    pytest.skip("Windows doesn't say who owns a file", allow_module_level=True)
import pwd

ME = pwd.getpwuid(os.getuid()).pw_name
LATER, LATEST = "2026-05-02 10:00:00.000000 UTC", "2026-05-03 10:00:00.000000 UTC"


class Exchange(CourseCopy):
    """A course whose exchange contains whatever people have put into it."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.inbound = folder / "exchange" / "how-ai-models-work" / "inbound"
        self.inbound.mkdir(parents=True)
        self.configure(f"c.Exchange.root = {str(folder / 'exchange')!r}")

    def put(self, student: str, text: str, time: str) -> Path:
        """Add a submission that claims to be from the student. Its owner is the user who runs the test."""
        place = self.inbound / f"{student}+softmax+{time}+1a2b"
        place.mkdir()
        (place / "softmax.ipynb").write_text(text, encoding="utf-8")
        (place / "timestamp.txt").write_text(time, encoding="utf-8")
        return place

    def collected(self, student: str) -> str | None:
        path = self.root / "submitted" / student / "softmax" / "softmax.ipynb"
        return path.read_text(encoding="utf-8") if path.is_file() else None

    @property
    def settings(self) -> Settings:
        return settings_of(load(self.root))


@pytest.fixture
def exchange(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Exchange:
    exchange = Exchange(tmp_path)
    for name in ("PATH", "JUPYTER_CONFIG_DIR"):
        monkeypatch.setenv(name, exchange.environment[name])
    return exchange


def test_a_forged_submission_is_set_aside_and_the_victims_work_stays(exchange: Exchange) -> None:
    hand_in(exchange.root, "nobody", "softmax", SIMULATIONS["softmax"].solved())
    before = exchange.collected("nobody")
    forged = exchange.put("nobody", "forged", LATER)
    exchange.put(ME, "mine", LATER)
    (found,) = collect(exchange.settings, "softmax")
    assert (found.path, found.student, found.owner) == (forged, "nobody", ME)
    assert f"claims to be from nobody, but its owner is {ME}. It's set aside" in str(found)
    assert exchange.collected("nobody") == before
    assert exchange.collected(ME) == "mine"


def test_a_students_own_submission_counts_beside_a_newer_forged_one(exchange: Exchange) -> None:
    exchange.put(ME, "mine", LATER)
    forged = exchange.inbound / f"{ME}+softmax+{LATEST}+1a2b"
    elsewhere = exchange.root / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "softmax.ipynb").write_text("forged", encoding="utf-8")
    forged.symlink_to(elsewhere)
    try:
        os.chown(forged, pwd.getpwnam("nobody").pw_uid, -1, follow_symlinks=False)
    except PermissionError:
        pytest.skip("only root can change a file's owner")
    (found,) = collect(exchange.settings, "softmax")
    assert (found.path, found.owner) == (forged, "nobody")
    assert exchange.collected(ME) == "mine"


@pytest.mark.parametrize("name", [f"{ME}+softmax+yesterday+1a2b", "+softmax+2026-05-02 10:00:00 UTC+1a2b"])
def test_a_folder_that_is_no_submission_does_not_stop_collecting(exchange: Exchange, name: str) -> None:
    (exchange.inbound / name).mkdir()
    exchange.put(ME, "mine", LATER)
    (found,) = collect(exchange.settings, "softmax")
    assert "isn't named like a submission" in str(found)
    assert exchange.collected(ME) == "mine"


def test_without_accounts_the_check_can_be_switched_off(exchange: Exchange) -> None:
    exchange.configure("c.ExchangeCollect.check_owner = False")
    exchange.put("ada", "hers", LATER)
    assert collect(exchange.settings, "softmax") == []
    assert exchange.collected("ada") == "hers"


def folder_of_links(exchange: Exchange, victim: Path) -> None:
    """In my own folder, a notebook that's a link to theirs."""
    mine = exchange.put(ME, "mine", LATER)
    (mine / "softmax.ipynb").unlink()
    (mine / "softmax.ipynb").symlink_to(victim / "softmax.ipynb")


def folder_that_is_a_link(exchange: Exchange, victim: Path) -> None:
    """In place of a folder, my own link to theirs."""
    (exchange.inbound / f"{ME}+softmax+{LATER}+1a2b").symlink_to(victim)


def folder_in_a_folder(exchange: Exchange, victim: Path) -> None:
    """A link among the files next to my notebook."""
    mine = exchange.put(ME, "mine", LATER)
    (mine / "more").mkdir()
    (mine / "more" / "theirs").symlink_to(victim)


def file_of_the_instructors(exchange: Exchange, victim: Path) -> None:
    """A link to a file that only the instructor may read."""
    mine = exchange.put(ME, "mine", LATER)
    (mine / "answers.ipynb").symlink_to(exchange.root / "private.txt")


@pytest.mark.parametrize(
    "puts", sampled([folder_of_links, folder_that_is_a_link, folder_in_a_folder, file_of_the_instructors])
)
def test_nobody_hands_in_what_a_link_leads_to(exchange: Exchange, puts: Callable[[Exchange, Path], None]) -> None:
    hand_in(exchange.root, "nobody", "softmax", SIMULATIONS["softmax"].solved())
    theirs = exchange.collected("nobody")
    (exchange.root / "private.txt").write_text("of the instructor", encoding="utf-8")
    puts(exchange, exchange.root / "submitted" / "nobody" / "softmax")
    said = " ".join(map(str, collect(exchange.settings, "softmax")))
    assert "link" in said
    assert ME in said
    copied = [each for each in (exchange.root / "submitted" / ME).rglob("*") if each.is_file() or each.is_symlink()]
    assert not any(each.is_symlink() for each in copied)
    assert not {each.read_text(encoding="utf-8") for each in copied} & {theirs, "of the instructor"}
    assert exchange.collected("nobody") == theirs


@pytest.mark.parametrize("name", sampled(["a\nb", "\x1b[2Jada", "-rf", "a b", "~"]))
def test_a_forged_name_leads_nowhere(exchange: Exchange, name: str) -> None:
    before = {each for each in exchange.root.rglob("*") if each.name != "gradebook.db"}
    exchange.put(name, "forged", LATER)
    exchange.put(ME, "mine", LATER)
    (found,) = collect(exchange.settings, "softmax")
    assert (found.student, found.owner) == (name, ME)
    assert exchange.collected(ME) == "mine"
    mine = exchange.root / "submitted" / ME
    after = {each for each in exchange.root.rglob("*") if each.name != "gradebook.db"}
    assert {each for each in after - before if not each.is_relative_to(mine)} <= {mine.parent}


@pytest.mark.parametrize("name", sampled(["..", ".", "..."]))
@pytest.mark.parametrize("looks", sampled([True, False]))
def test_a_name_of_dots_leads_nowhere(exchange: Exchange, name: str, looks: bool) -> None:
    exchange.configure(f"c.ExchangeCollect.check_owner = {looks}")
    exchange.put(name, "forged", LATER)
    exchange.put(ME, "mine", LATER)
    assert collect(exchange.settings, "softmax") == []
    assert exchange.collected(ME) == "mine"
    assert not [
        each
        for each in exchange.root.parent.rglob("softmax.ipynb")
        if each.read_text() == "forged" and not each.is_relative_to(exchange.inbound)
    ]


def no_timestamp(file: Path) -> None:
    file.unlink()


def no_time(file: Path) -> None:
    file.write_text("yesterday", encoding="ascii")


def no_text(file: Path) -> None:
    file.write_bytes(b"\xff\xfe\x80")


def no_file(file: Path) -> None:
    file.unlink()
    file.mkdir()


@pytest.mark.parametrize("spoil", [no_timestamp, no_time, no_text, no_file])
def test_without_a_timestamp_the_time_in_the_folders_name_counts(
    exchange: Exchange, spoil: Callable[[Path], None]
) -> None:
    """Otherwise, nbgrader's collect would end with an error the next time, for everyone."""
    spoil(exchange.put(ME, "mine", LATER) / "timestamp.txt")
    assert collect(exchange.settings, "softmax") == collect(exchange.settings, "softmax") == []
    assert exchange.collected(ME) == "mine"
    stamp = exchange.root / "submitted" / ME / "softmax" / "timestamp.txt"
    assert stamp.read_text(encoding="ascii") == LATER


def test_a_submission_that_cannot_be_copied_keeps_nobody_else_from_being_collected(exchange: Exchange) -> None:
    exchange.configure("c.ExchangeCollect.check_owner = False")
    names = ("ada", "bob", "cyd")
    for name in names:
        exchange.put(name, name, LATER)
    place = exchange.root / "submitted" / "bob" / "softmax"
    place.mkdir(parents=True)
    no_time(place / "timestamp.txt")
    (found,) = collect(exchange.settings, "softmax")
    assert (found.student, found.path.name) == ("bob", f"bob+softmax+{LATER}+1a2b")
    assert "can't be collected" in str(found)
    assert [exchange.collected(name) for name in names] == ["ada", None, "cyd"]
    (place / "timestamp.txt").unlink()
    assert collect(exchange.settings, "softmax") == []
    assert exchange.collected("bob") == "bob"


@pytest.mark.slow
def test_nbgraders_own_command_sets_it_aside_too(exchange: Exchange) -> None:
    exchange.put("nobody", "forged", LATER)
    done = subprocess.run(
        ["nbgrader", "collect", "softmax"],
        cwd=exchange.root,
        env=exchange.environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert "It's set aside, so it's neither collected nor graded." in done.stderr
    assert exchange.collected("nobody") is None
