"""nbgrader's settings for a course: its configuration, folders and gradebook, as nbgrader's own commands see them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbgrader.apps.autogradeapp import AutogradeApp
from nbgrader.coursedir import CourseDirectory
from nbgrader.preprocessors import AssignLatePenalties
from traitlets.config import Config

from autograder.model.course import Course
from autograder.model.errors import CourseError
from autograder.model.jupyter_configuration import configure


@dataclass(frozen=True)
class Settings:
    """nbgrader's configuration, and where it looks for a course's files and gradebook."""

    config: Config
    folders: CourseDirectory

    def place(self, step: str, student: str, lab: str) -> Path:
        """Return a student's folder for a lab at one of nbgrader's steps: "submitted", "autograded" or "feedback"."""
        return Path(self.folders.format_path(getattr(self.folders, f"{step}_directory"), student, lab))

    def late_penalty(self, student: str, score: float, seconds_late: float) -> float | None:
        """Return how many points nbgrader's late-submission plugin deducts, at most the whole score; None for no
        penalty."""
        if seconds_late <= 0:
            return None
        penalty = self._penalties().plugin_inst.late_submission_penalty(student, score, seconds_late)
        return None if penalty is None else min(max(float(penalty), 0.0), score)

    def _penalties(self) -> Any:
        assigner = AssignLatePenalties(config=self.config)
        assigner.log.disabled = True
        assigner.init_plugin()
        return assigner


def settings_of(course: Course, folder: Path | None = None) -> Settings:
    """Return the settings of a course, regardless of the current folder. Raises CourseError.

    folder: where the class's files are, if they aren't in the course's folder.
    """
    app = AutogradeApp(raise_config_file_errors=True)
    try:
        configure(app, course)
    except (Exception, SystemExit) as error:  # a configuration is code
        raise CourseError(f"nbgrader's configuration can't be used ({type(error).__name__}: {error}).") from error
    folders = CourseDirectory(config=app.config)
    folders.log.disabled = True
    if folder is not None:
        folders.root = str(folder.resolve())
    elif "root" not in app.config.CourseDirectory:
        folders.root = str(course.root)
    # By default, nbconvert loads templates from the current folder. That isn't safe, since templates are programs.
    app.config.TemplateExporter.setdefault("extra_template_basedirs", [str(course.root)])
    return Settings(app.config, folders)
