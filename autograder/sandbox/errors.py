"""The errors that aren't the student's fault."""


class SandboxFault(Exception):
    """The sandbox failed, not the student's code. The text is a sentence."""


class OutOfPatience(SandboxFault):
    """A submission has kept the process that grades it busy for too long. That says nothing about its answers."""
