"""A student's installation may lack nbgrader: then there's no exchange, and what's handed in goes into a zip."""

import json
import sys
from pathlib import Path

import pytest

from tests.commands import run_mastery


def test_submit_packs_a_zip_and_reports_no_problem(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run_mastery("start", tmp_path).returncode == 0
    monkeypatch.setitem(sys.modules, "nbgrader", None)
    used = run_mastery("submit", "softmax", "--json", cwd=tmp_path)
    assert used.returncode == 0, used.stderr
    receipt = json.loads(used.stdout)
    assert receipt["to"] == "zip"
    assert receipt["problem"] is None
    assert Path(receipt["file"]).is_file()
