"""Confine student code and run it in separate processes.

Every worker starts by importing this package. At that point, only numpy, msgpack and `guest` are available, so
functions that need anything else import it themselves.
"""

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from autograder.model.course import Course, Limits
    from autograder.sandbox.confined import Sandbox
    from autograder.sandbox.layers import Layer
    from autograder.sandbox.unconfined import PlainProcesses

__all__ = ["open_plain", "open_sandbox", "probe", "required_layers"]


def open_sandbox(course: "Course", required: bool = False) -> "Sandbox | PlainProcesses":
    """Open the sandbox that the course's submissions run in. The caller has to close it.

    If this machine has no sandbox, raise SandboxFault if one is `required`, and otherwise return plain processes, which
    are good enough for your own code.
    """
    from autograder.sandbox.confined import Sandbox
    from autograder.sandbox.errors import SandboxFault

    packages, settings = course.packages.allowed, course.packages.model_dump()
    if required or sys.platform == "linux":
        try:
            return Sandbox(course.limits, packages, settings)
        except SandboxFault:
            if required:
                raise
    return open_plain(course)


def open_plain(course: "Course") -> "PlainProcesses":
    """Open processes that have a deadline but no sandbox."""
    from autograder.sandbox.unconfined import PlainProcesses

    return PlainProcesses(course.limits, course.packages.allowed, course.packages.model_dump())


def required_layers(course: "Course") -> tuple[str, ...]:
    """Return the layers of this machine's sandbox.

    Raises InsufficientIsolation if they aren't enough to grade a class, or if the sandbox doesn't start.
    """
    from autograder.sandbox.errors import SandboxFault
    from autograder.sandbox.layers import InsufficientIsolation, refusal

    try:
        with open_sandbox(course, required=True) as sandbox:
            isolation = sandbox.isolation
    except SandboxFault as fault:
        raise InsufficientIsolation(f"The sandbox doesn't start: {fault}") from fault
    if reason := refusal(isolation):
        raise InsufficientIsolation(reason)
    return isolation


def probe(limits: "Limits") -> list["Layer"]:
    """Test each layer on this machine by doing what it forbids, and return the results.

    This starts a sandbox, so call it only from the main thread. It never raises: if a layer fails, its result says so.
    """
    from autograder.sandbox.layers import tried

    return tried(limits)
