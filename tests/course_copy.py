"""A copy of the course in a folder of its own, and the commands that are run there."""

import os
import shutil
import subprocess
from pathlib import Path

from autograder.model import trust
from tests.commands import SCRIPTS, VARIABLES, Run, run_mastery, run_nbgrader
from tests.repository import ROOT

PARTS = ("course.yaml", "nbgrader_config.py", "exercises", "reference", "solutions")


def reference_package(*labs: str) -> dict[str, str]:
    """The files that make `from reference import <lab>` find the lab's reference, by name."""
    forwarding = (ROOT / "reference" / "softmax" / "__init__.py").read_text("utf-8")
    return {"reference/__init__.py": "", **{f"reference/{lab}/__init__.py": forwarding for lab in labs}}


def copy_course(root: Path, course: Path = ROOT) -> Path:
    """Copy the course, without submissions or a gradebook, to a folder that's confirmed as the user's."""
    for part in PARTS:
        if (course / part).exists():
            copied = shutil.copytree if (course / part).is_dir() else shutil.copy
            (root / part).parent.mkdir(parents=True, exist_ok=True)
            copied(course / part, root / part)
    return confirmed(root)


def confirmed(root: Path) -> Path:
    """Confirm a course's folder, as its user would."""
    trust.confirm(root.resolve())
    return root


class CourseCopy:
    """A course's folder, with a method to run commands in it."""

    def __init__(self, folder: Path) -> None:
        self.root = copy_course(folder / "course")
        self.variables = {
            **VARIABLES,
            # nbgrader looks for alembic on the PATH, which contains it only if the virtual environment is activated.
            "PATH": os.pathsep.join([str(SCRIPTS), os.environ["PATH"]]),
            "JUPYTER_CONFIG_DIR": str(folder / "config"),
        }
        self.environment = os.environ | self.variables

    def configure(self, lines: str) -> None:
        with (self.root / "nbgrader_config.py").open("a", encoding="utf-8") as file:
            file.write(f"\n{lines}\n")

    def run(self, *words: object, cwd: Path | None = None, ends: int = 0) -> str:
        """Run a command, `mastery` and `nbgrader` in this process, and return what it printed.

        Fail unless it ends with that exit code.
        """
        if here := {"mastery": run_mastery, "nbgrader": run_nbgrader}.get(str(words[0])):
            done = here(*words[1:], cwd=cwd or self.root, **self.variables)
        else:
            done = self._as_a_process(*words, cwd=cwd or self.root)
        assert done.returncode == ends, f"{words}\n{done.stdout}\n{done.stderr}"
        return done.stdout + done.stderr

    def _as_a_process(self, *words: object, cwd: Path) -> Run:
        return subprocess.run(
            [str(word) for word in words],
            cwd=cwd,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=300,
        )
