"""Grading errors that aren't the course's fault."""

from autograder.model.errors import UserError


class GradingError(UserError):
    """Something a person has to fix before grading can continue.

    It's a cluster that's gone, or a file that doesn't belong to any lab.
    """
