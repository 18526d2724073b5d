"""The error that isn't the student's fault."""


class SandboxFault(Exception):
    """The sandbox failed, not the student's code. The text is a sentence."""
