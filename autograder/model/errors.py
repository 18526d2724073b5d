"""Errors that the user can fix. All of them are `UserError`s, and their text is a message for the user."""


class UserError(Exception):
    """A message for the user: what's wrong, where, and what to do next.

    The commands print it and exit with status 2.
    """


class CourseError(UserError):
    """Something is wrong with the course, or with a request for something in it."""


class SubmissionError(UserError):
    """Something is wrong with a file that was handed in or is about to be checked."""
