"""Problems with a gradebook, an exchange or an LMS's files that a person can fix."""

from autograder.model.errors import UserError


class GradebookError(UserError):
    """A gradebook can't be used, or doesn't contain what you asked for."""


class CourseExchangeError(UserError):
    """nbgrader's exchange can't be used."""


class LmsFileError(UserError):
    """An LMS's gradebook can't be read, matched or written."""
