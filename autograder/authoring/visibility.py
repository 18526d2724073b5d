"""Judge a lab by what its students see: a notebook with a known mistake shouldn't get an all-green self-check."""

from collections.abc import Sequence

from autograder.model.results import LabResult, Outcome
from autograder.testing.declarations import Misconception

# The largest share of a lab's misconceptions that may pass every visible check of their stub.
MOST_UNSEEN = 0.03
# If a visible check catches a misconception less often than this, catching it is a matter of luck, so the misconception
# is listed separately.
SURE = 0.99


def passes_every_visible_check(stub: str, result: LabResult) -> bool:
    """Return whether a student with this result would see nothing wrong with the stub."""
    visible = [each for each in result.checks if each.stub == stub and each.kind == "visible"]
    return all(each.outcome is Outcome.PASSED for each in visible)


def complaints_about(unseen: Sequence[Misconception], known: int) -> list[str]:
    """Return the complaints about a lab's visible checks.

    unseen: the misconceptions that pass every visible check of their stub. known: how many misconceptions the lab has.
    """
    counted = [each for each in unseen if not _left_to_chance(each)]
    taught = [
        f"the notebook warns about {each.name}, but no visible check of {each.of} catches it"
        for each in counted
        if each.taught
    ]
    if len(counted) <= MOST_UNSEEN * known:
        return taught
    return [*taught, f"{share_of(counted, known)}, but at most {MOST_UNSEEN:.0%} may: {names(counted)}"]


def notes_on(unseen: Sequence[Misconception], known: int) -> list[str]:
    """Return what an author should know about a lab's visible checks, whether or not there are complaints."""
    by_chance = [each for each in unseen if _left_to_chance(each)]
    counted = [each for each in unseen if each not in by_chance]
    notes = [f"{share_of(counted, known)}{': ' if counted else ''}{names(counted)}"]
    if by_chance:
        powers = ", ".join(f"{each.name} ({each.visible_power:.0%})" for each in by_chance)
        notes.append(f"only statistics can detect these; how often a visible check catches each: {powers}")
    return notes


def share_of(unseen: Sequence[Misconception], known: int) -> str:
    share = len(unseen) / known if known else 0.0
    return f"{len(unseen)} of {known} misconceptions ({share:.1%}) pass every visible check"


def names(misconceptions: Sequence[Misconception]) -> str:
    return ", ".join(each.name for each in misconceptions)


def _left_to_chance(wrong: Misconception) -> bool:
    return wrong.visible_power is not None and wrong.visible_power < SURE
