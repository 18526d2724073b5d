"""What a person can put right about a gradebook, an exchange, or an LMS's files."""

from autograder.model.errors import UserError


class GradebookError(UserError):
    """A gradebook can't be used, or doesn't hold what was asked for."""


class CourseExchangeError(UserError):
    """nbgrader's exchange can't be used."""


class LmsFileError(UserError):
    """An LMS's gradebook can't be read, matched or written."""
