"""The notebook to show is complete at any moment, even while other processes write it or remove its folder."""

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from autograder.gradebook.annotation import Annotated, write_annotated

WRITERS, ROUNDS = 4, 60


def test_several_writers_and_a_removed_folder_leave_a_whole_notebook_and_nothing_else(tmp_path: Path) -> None:
    submitted = tmp_path / "submitted" / "softmax.ipynb"
    submitted.parent.mkdir()
    submitted.with_name("timestamp.txt").write_text("2026-05-02 10:00:00 UTC")
    place = tmp_path / "autograded" / "ada" / "softmax" / "softmax.ipynb"

    def write(number: int) -> None:
        for _ in range(ROUNDS):
            write_annotated(Annotated({"cells": [number] * 2_000}, frozenset()), place, submitted)
            if number == 0:
                shutil.rmtree(place.parent, ignore_errors=True)

    with ThreadPoolExecutor(WRITERS) as executor:
        list(executor.map(write, range(WRITERS)))
    write_annotated(Annotated({"cells": [9]}, frozenset()), place, submitted)
    assert json.loads(place.read_text(encoding="utf-8")) == {"cells": [9]}
    assert sorted(each.name for each in place.parent.iterdir()) == ["softmax.ipynb", "timestamp.txt"]
