"""What a person can put right: every such error is a `UserError`, and its text is a sentence for them."""


class UserError(Exception):
    """A sentence for the reader: what's wrong, where, and what to do next. The commands print it and exit with 2."""


class CourseError(UserError):
    """What's wrong with the course, or with what was asked of it."""


class SubmissionError(UserError):
    """What's wrong with a file that was handed in or is to be checked."""
