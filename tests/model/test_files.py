"""A file is written completely or not at all, and never through a link that's in its place."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.model.files import content_hash, digest_of, replace, replacing


def cut_off() -> Iterator[bytes]:
    yield b"half of what comes af"
    raise KeyboardInterrupt


def test_the_old_file_stays_where_writing_the_new_one_fails(tmp_path: Path) -> None:
    place = tmp_path / "results.jsonl"
    replace(place, b"before")
    with pytest.raises(KeyboardInterrupt), replacing(place) as file:
        file.writelines(cut_off())
    assert place.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [place]


def test_a_link_is_replaced_and_what_it_leads_to_is_left_alone(tmp_path: Path) -> None:
    diary = tmp_path / "diary"
    diary.write_bytes(b"dear diary")
    (tmp_path / "page.html").symlink_to(diary)
    replace(tmp_path / "page.html", b"new", 0o600)
    assert diary.read_bytes() == b"dear diary"
    assert not (tmp_path / "page.html").is_symlink()
    assert (tmp_path / "page.html").stat().st_mode & 0o777 == 0o600


def test_a_digest_changes_with_bytes_names_and_what_is_beside_and_not_with_the_place(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    for root in (one, other):
        root.mkdir()
        (root / "a").write_bytes(b"1")
        (root / "b").write_bytes(b"1")
    assert digest_of(one, [one / "a"]) == digest_of(other, [other / "a"])
    different = {
        digest_of(one, []),
        digest_of(one, [one / "a"]),
        digest_of(one, [one / "b"]),
        digest_of(one, [one / "a"], b"rules"),
    }
    (one / "a").write_bytes(b"2")
    assert len(different | {digest_of(one, [one / "a"])}) == 5
    assert content_hash(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
