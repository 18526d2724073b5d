"""When a submission was handed in: students can write anything into timestamp.txt, and that mustn't stop grading."""

from datetime import datetime
from pathlib import Path

import pytest
from dateutil import tz

from autograder.gradebook.timestamps import submitted_at


@pytest.mark.parametrize(
    "text", ["2026-05-02 10:00:00.000000 UTC", "2026-05-02 10:00:00 UTC\n", "2026-05-02T12:00:00+02:00"]
)
def test_a_time_is_read_as_nbgrader_reads_it(tmp_path: Path, text: str) -> None:
    (tmp_path / "timestamp.txt").write_text(text, encoding="ascii")
    assert submitted_at(tmp_path) == datetime(2026, 5, 2, 10)


@pytest.mark.parametrize(
    "text",
    [
        *("", "yesterday", "\0", "2026-05-02 25:00:00 UTC", "9" * 1000, "2026-05-02 10:00:00 " + "9" * 70),
        "2026-05-02 10:00:00 " + "A" * 300,  # a file name that's too long for the system
        *("2026-05-02 10:00:00 /etc/shadow", "2026-05-02 10:00:00 ../../../proc/kmsg"),
    ],
)
def test_anything_else_is_no_time_and_names_no_file_to_open(
    tmp_path: Path, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    gettz = tz.gettz

    def no_path(name: str) -> object:
        assert "/" not in name
        return gettz(name)

    monkeypatch.setattr(tz, "gettz", no_path)
    (tmp_path / "timestamp.txt").write_text(text, encoding="ascii")
    assert submitted_at(tmp_path) is None


def test_without_the_file_there_is_no_time(tmp_path: Path) -> None:
    assert submitted_at(tmp_path) is None
    (tmp_path / "timestamp.txt").mkdir()
    assert submitted_at(tmp_path) is None
