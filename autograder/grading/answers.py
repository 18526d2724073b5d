"""Find a student's answer to an item: the literal in the item's cell, if the round that it answers is open."""

from collections.abc import Iterable

from autograder.model.answers import NotWrittenDown, read_answer, round_name
from autograder.model.examinee import Examinee
from autograder.model.results import LabResult, Outcome
from autograder.model.submission import Cell
from autograder.testing.student import Answer, StubFailure


def written_answer(cell: Cell | None, item: str, examinee: Examinee) -> Answer:
    """Return the answer that a cell gives to an item.

    Raises StubFailure if there's no answer, it isn't a literal, or its round isn't open.
    """
    if cell is None:
        raise StubFailure(Outcome.UNSOLVED, f"Not answered yet: no cell in the notebook sets {item}.")
    try:
        written = read_answer(cell.source, item)
    except NotWrittenDown as error:
        raise _failed(str(error)) from None
    if written.value is None:
        raise StubFailure(Outcome.UNSOLVED, f"Not answered yet: {item} is None.")
    if examinee.earlier is not None:
        _refuse_closed(item, written.round, as_text(written.value), examinee)
    return Answer(written.value)


def earlier_answers(results: Iterable[LabResult], attempt: int) -> dict[str, dict[int, str]]:
    """Return the answers graded before an attempt, by item and round. Only the first answer to each round is kept."""
    found: dict[str, dict[int, str]] = {}
    before = {result.attempt: result for result in results if result.attempt < attempt}
    for _, result in sorted(before.items()):
        for item, answer in result.answers.items():
            found.setdefault(item, {}).setdefault(answer.round, answer.answer)
    return found


def as_text(value: object) -> str:
    """Return an answer as the text we store, so that we can compare later answers with it."""
    return repr(value)


def _refuse_closed(item: str, number: int, answer: str, examinee: Examinee) -> None:
    newest = examinee.newest_open(item)
    if number > newest:
        raise _failed(
            f"Round {number} of {item} isn't open yet: answer round {newest} first. Set {round_name(item)} = {newest}."
        )
    before = (examinee.earlier or {}).get(item, {}).get(number)
    if before is not None and before != answer:
        raise _failed(
            f"Round {number} of {item} was graded with a different answer, and each round accepts only one. "
            f'For a new question, run ask("{item}", round={newest}), answer that question, and set '
            f"{round_name(item)} = {newest}."
        )


def _failed(message: str) -> StubFailure:
    return StubFailure(Outcome.FAILED, message, called=False)
