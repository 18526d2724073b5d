"""Everything about one submission, in a terminal."""

from rich.console import Console
from rich.markup import escape

from autograder.gradebook.inspection import Inspection
from autograder.model.course import Lab
from autograder.model.escaping import quoted, terminal
from autograder.report.attachment import heading


def print_inspection(console: Console, lab: Lab, found: Inspection) -> None:
    """Print every attempt, then every check of the current one, the notebook's own errors, and the attachment.

    Lines with a student's words start with a bar, and no other lines do.
    """

    def say(text: str) -> None:
        console.print(escape(terminal(text)), soft_wrap=True)

    for each in found.attempts:
        result = each.result
        say(
            f"attempt {result.attempt}, graded {each.graded_at:%Y-%m-%d %H:%M:%S} UTC: {result.status}, "
            f"{result.score} of {result.max_score:g}; course {result.course_version}, secret {result.secret}, "
            f"content {result.content_hash[:12]}, {result.run or 'no run'}, "
            f"sandbox {', '.join(result.isolation) or 'none'}"
        )
        if result.message:
            say(quoted(result.message))
        if result.packet is not None and lab.attachment is not None:
            read = result.packet
            say(f"  {heading(lab.attachment.name, read)}; read as of {read.on}, SHA-256 {read.sha256[:12]}")
            for problem in read.problems:
                say(quoted(str(problem)))
    for check in found.checks:
        say(f"{check.id} ({check.kind}): {check.outcome}, {check.points:g} of {check.max_points:g}. {check.title}")
        say(f"  seed {check.seed}")
        said = check.said or ""
        for name, text in {"said": said, "called": check.called}.items():
            if text and (name != "called" or text not in said):
                say(f"  {name}:")
                say(quoted(text))
        if check.misconception:
            say(f"  mistake: {check.misconception}")
    for number, error in found.cells.items():
        say(f"code cell {number} didn't run:")
        say(quoted(error))
    last = found.attempts[-1].result.packet
    if lab.attachment is not None and last is not None and last.text is not None:
        say(f"{lab.attachment.name}, as it was handed in:")
        say(quoted(last.text))
