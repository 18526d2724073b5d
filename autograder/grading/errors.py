"""Grading errors that aren't the course's fault."""

from autograder.model.errors import UserError


class GradingError(UserError):
    """Something a person has to fix before grading can continue.

    For example, the cluster is gone, or a file doesn't belong to any lab.
    """
