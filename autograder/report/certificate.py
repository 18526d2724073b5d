"""A certificate as a printable page."""

from autograder.mastery.certificate import Certificate
from autograder.mastery.levels import Level
from autograder.model.course import Course
from autograder.report.check import template
from autograder.report.palette import COLOURS


def certificate_page(course: Course, certificate: Certificate, signed: str) -> str:
    """Return the certificate as a self-contained HTML page. `signed`: the name of the signed file that proves it's
    genuine."""
    return template("certificate.html.j2").render(
        course=course,
        certificate=certificate,
        signed=signed,
        rules=rules(course, certificate),
        layers=layers(certificate),
        colours=COLOURS,
        levels=list(Level),
    )


def rules(course: Course, certificate: Certificate) -> list[str]:
    """Return sentences that say what completion and distinction required."""
    rule = certificate.rules
    confirmed = {
        "second seed": "passes its hidden checks again with a second secret seed",
        "later attempt": "passes everything in a later attempt too",
    }[rule.confirmation]
    found = [
        f"Complete: every concept is at least {rule.completion}, based on the latest graded attempt at each lab.",
        f"Mastered: a function passes every check, and {confirmed}.",
    ]
    if course.items:
        found.append(
            "In the assessment, a wrong answer caps its concept at familiar, and a missing answer at proficient."
        )
    if rule.distinction is not None:
        titles = {concept.name: concept.title for concept in course.concepts}
        among = ", ".join(titles.get(name, name) for name in rule.distinction.among)
        found.append(
            f"Distinction: at least {rule.distinction.mastered} concepts mastered"
            + (f", including {among}." if among else ".")
        )
    return found


def layers(certificate: Certificate) -> str:
    """Return the sandbox layers that confined the student's code in every graded attempt."""
    every = [set(each.isolation) for each in certificate.graded]
    common = sorted(set.intersection(*every)) if every else []
    return ", ".join(common) or "none"
