"""What goes wrong in grading that isn't the course's fault."""

from autograder.model.errors import UserError


class GradingError(UserError):
    """Something a person has to put right before grading can go on: a cluster, say, or which lab a file belongs to."""
