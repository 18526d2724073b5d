"""One student's rows in a table are replaced, and nothing else in the table changes."""

from pathlib import Path

import pytest

from autograder.report.files import exchange_rows, table

HEAD = ("student", "lab", "message")
ROWS = [["=bob", "a", "two\nlines"], ["ada", "a", 'says, "\'"'], ["ada", "b", ""], ["cyd", "a", ""]]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    with table(tmp_path / "scores.csv", HEAD) as add:
        add(ROWS)
    return tmp_path / "scores.csv"


def whole(folder: Path, rows: list[list[str]]) -> bytes:
    with table(folder / "whole.csv", HEAD) as add:
        add(rows)
    return (folder / "whole.csv").read_bytes()


@pytest.mark.parametrize(
    ("student", "rows", "place"),
    [
        ("ada", [["ada", "c", "=1"]], slice(1, 3)),
        ("=bob", [["=bob", "a", "="]], slice(0, 1)),
        ("ben", [["ben", "a", ""], ["ben", "b", ""]], slice(3, 3)),
        ("zoe", [["zoe", "a", ""]], slice(4, 4)),
        ("ada", [], slice(1, 3)),
    ],
)
def test_the_table_is_as_if_it_had_been_written_whole(
    path: Path, student: str, rows: list[list[str]], place: slice
) -> None:
    assert exchange_rows(path, HEAD, student, rows)
    wanted = list(ROWS)
    wanted[place] = rows
    assert path.read_bytes() == whole(path.parent, wanted)


def test_what_is_no_such_table_stays_as_it_is(path: Path) -> None:
    assert not exchange_rows(path, (*HEAD, "more"), "ada", [])
    assert not exchange_rows(path.with_name("missing.csv"), HEAD, "ada", [])
    for content in (b"", b"student,lab,message\r\n\xff\xfe", b'student,lab,message\r\nada,"' + b"a" * 200_000):
        path.write_bytes(content)
        assert not exchange_rows(path, HEAD, "ada", [])
        assert path.read_bytes() == content
