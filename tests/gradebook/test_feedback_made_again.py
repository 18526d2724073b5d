"""`mastery feedback` writes a page only if it would show something new."""

from pathlib import Path

import nbformat
import pytest

from autograder.gradebook.gradebook import Gradebook
from autograder.gradebook.records import GradeRecord
from autograder.gradebook.settings import settings_of
from autograder.model.course import load
from tests.commands import run_mastery
from tests.course_copy import confirmed
from tests.gradebook.test_gradebook import COURSE, exercise, nbgraders, put_exercise, result


def pages_made(root: Path) -> int:
    done = run_mastery("feedback", "sums", "--processes", 1, cwd=root)
    assert done.returncode == 0, done.stdout + done.stderr
    return int(done.stdout.split("Made ")[1].split()[0])


@pytest.mark.classes
def test_a_page_is_made_once_and_again_after_a_manual_score(tmp_path: Path) -> None:
    root = confirmed(tmp_path)
    (root / "course.yaml").write_text(COURSE, encoding="utf-8")
    put_exercise(root)
    shown = root / "autograded" / "ada" / "sums" / "sums.ipynb"
    shown.parent.mkdir(parents=True)
    nbformat.write(exercise(), shown)
    course = load(root)
    with Gradebook(course, settings_of(course)) as book:
        book.register(course.lab("sums"))
        book.write([GradeRecord(result("ada"))])
    page = root / "feedback" / "ada" / "sums" / "sums.html"

    assert (pages_made(root), pages_made(root)) == (1, 0)
    assert "Score: 5.5 / 7.5" in " ".join(page.read_text(encoding="utf-8").split())

    with nbgraders(f"sqlite:///{root / 'gradebook.db'}") as gradebook:
        gradebook.find_grade("why", "sums", "sums", "ada").manual_score = 1.25
        gradebook.db.commit()
    assert (pages_made(root), pages_made(root)) == (1, 0)
    assert "Score: 6.75 / 7.5" in " ".join(page.read_text(encoding="utf-8").split())
