"""A certificate in a terminal."""

from rich.console import Console
from rich.markup import escape

from autograder.mastery.certificate import Certificate
from autograder.model.escaping import terminal
from autograder.report.certificate import layers


def print_certificate(console: Console, certificate: Certificate) -> None:
    """Print who signed what."""

    def say(text: str) -> None:
        console.print(escape(terminal(text)), soft_wrap=True)

    console.print("[bold green]Valid.[/bold green]")
    say(f"{certificate.issuer} signed on {certificate.issued:%Y-%m-%d} that")
    say(
        f"  {certificate.person} completed {certificate.course} on {certificate.completed:%Y-%m-%d}"
        f"{', with distinction' if certificate.distinction else ''}."
    )
    for each in certificate.concepts:
        say(f"    {each.title}: {each.level}")
    say(
        f"Reviewed by {certificate.reviewer}."
        if certificate.reviewer
        else "Judged by checks only; no reviewer is named."
    )
    for override in certificate.overrides:
        say(f"A person gave full credit for {override.stub}: {override.comment or 'no comment'}")
    say(f"Course version {certificate.course_version}; sandbox: {layers(certificate)}.")
