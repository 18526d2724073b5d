"""Errors that the reader can fix. All of them are `UserError`s, and the text is a sentence for the reader."""


class UserError(Exception):
    """A sentence for the reader: what's wrong, where, and what to do next.

    The commands print it and exit with status 2.
    """


class CourseError(UserError):
    """Something is wrong with the course, or with a request for something in it."""


class SubmissionError(UserError):
    """Something is wrong with a file that was handed in, or that's about to be checked."""
