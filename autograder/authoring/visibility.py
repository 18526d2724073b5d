"""Hold a lab to what its students see: a green self-check must mean that no known mistake is left."""

from collections.abc import Sequence

from autograder.model.results import LabResult, Outcome
from autograder.testing.declarations import Misconception

# Of a lab's misconceptions, so many may pass every visible check of their stub.
MOST_UNSEEN = 0.03
# Chance may hide a mistake from a visible check that would see it less often than this; it's then listed apart.
SURE = 0.99


def passes_every_visible_check(stub: str, result: LabResult) -> bool:
    """Whether a student who handed this in saw nothing wrong with the stub."""
    visible = [each for each in result.checks if each.stub == stub and each.kind == "visible"]
    return all(each.outcome is Outcome.PASSED for each in visible)


def complaints_about(unseen: Sequence[Misconception], known: int) -> list[str]:
    """What's wrong with a lab's visible checks where these of its `known` misconceptions pass all of their stub's."""
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
    """What an author should know of a lab's visible checks, whether or not there's a complaint."""
    by_chance = [each for each in unseen if _left_to_chance(each)]
    counted = [each for each in unseen if each not in by_chance]
    notes = [f"{share_of(counted, known)}{': ' if counted else ''}{names(counted)}"]
    if by_chance:
        powers = ", ".join(f"{each.name} ({each.visible_power:.0%})" for each in by_chance)
        notes.append(f"only statistics can tell, and a visible check catches this share of them: {powers}")
    return notes


def share_of(unseen: Sequence[Misconception], known: int) -> str:
    share = len(unseen) / known if known else 0.0
    return f"{len(unseen)} of {known} misconceptions ({share:.1%}) pass every visible check"


def names(misconceptions: Sequence[Misconception]) -> str:
    return ", ".join(each.name for each in misconceptions)


def _left_to_chance(wrong: Misconception) -> bool:
    return wrong.visible_power is not None and wrong.visible_power < SURE
