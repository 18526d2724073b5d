"""nbgrader's exchange from the instructor's side: newer submissions come in, feedback goes out."""

from typing import Any

from nbgrader.auth import Authenticator
from nbgrader.exchange import ExchangeError, ExchangeFactory

from autograder.course import CourseError
from autograder.nbgrader_settings import Settings


def collect(settings: Settings, lab: str) -> None:
    """Put each student's newest submission of the lab where it is graded. Raises CourseError."""
    _run(settings, "Collect", lab, "*", update=True)


def release_feedback(settings: Settings, lab: str, student: str = "*") -> None:
    """Let the student, or all of them, fetch the feedback that was made. Raises CourseError."""
    _run(settings, "ReleaseFeedback", lab, student)


def _run(settings: Settings, what: str, lab: str, student: str, **options: Any) -> None:
    """One of nbgrader's own commands on the exchange, as its configuration has them."""
    folders, config = settings.folders, settings.config
    folders.assignment_id, folders.student_id = lab, student
    factory = ExchangeFactory(config=config)
    command = getattr(factory, what)(coursedir=folders, authenticator=Authenticator(config=config), config=config)
    command.log.disabled = True
    for name, value in options.items():
        setattr(command, name, value)
    try:
        command.start()
    except (ExchangeError, OSError) as error:
        raise CourseError(
            f"nbgrader's exchange does not take part ({error}). Release a lab first (nbgrader release_assignment "
            f"{lab}), or see Exchange.root in nbgrader_config.py."
        ) from error
