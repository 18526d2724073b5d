"""Which of the quiz statements are true. Students get the statements, but not this file.

    python -m solutions.terms.statements

writes the statements, and the numerical answers to the practice questions, into reference/quiz/.
"""

import functools
import math
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from reference import quiz

HERE = Path(__file__).parent
# Words that identify the five steps of training, in order.
STEPS = ("the model", "wrong", "radients of", "against its gradient", "next batch")
PUBLIC = HERE.parents[1] / "reference" / "quiz"


@functools.cache
def pairs() -> dict[str, dict[str, dict[bool, str]]]:
    """The true statement and the false statement for each item and idea."""
    found: dict[str, dict[str, dict[bool, str]]] = yaml.safe_load((HERE / "statements.yaml").read_text("utf-8"))
    return found


def letters(question: Mapping[str, Any], mistaken: Collection[str] = ()) -> str:
    """The letters chosen by someone who gets the `mistaken` ideas wrong and all the others right."""
    known = pairs()[question["item"]]
    return "".join(
        letter
        for letter, text in question["options"].items()
        if (known[idea := question["ideas"][letter]][True] == text) is not (idea in mistaken)
    )


def order_of(question: Mapping[str, Any], steps: Sequence[int] = range(len(STEPS))) -> str:
    """The letters of the five steps of training, in the order of `steps` (by default, the right order)."""
    return "".join(letter for step in steps for letter, text in question["steps"].items() if STEPS[step] in text)


def public() -> dict[str, dict[str, list[str]]]:
    """Only the statements. The two statements for each idea are in alphabetical order, so their order doesn't give
    anything away."""
    return {item: {idea: sorted(pair.values()) for idea, pair in ideas.items()} for item, ideas in pairs().items()}


def practice_numbers() -> dict[str, list[dict[str, Any]]]:
    """For each item, the numbers that answer its practice questions, and how far off a student's answer may be."""
    from solutions.terms import reference

    found = {}
    for item in pairs():
        asked = [quiz.numbers_of(item, quiz.PRACTICING, number) for number in range(1, quiz.PRACTICE + 1)]
        answers = [getattr(reference, item)({**each, "item": item, "options": {}, "ideas": {}}) for each in asked]
        found[item] = [
            {
                "answer": [_rounded(each) for each in answer[:-1]],
                "within": _within(reference, item, question, answer[0]),
                "drawn": item in reference.DRAWN,
            }
            for question, answer in zip(asked, answers, strict=True)
        ]
    return found


def _within(reference: Any, item: str, question: Mapping[str, Any], number: Any) -> Any:
    """Return how far off a number may be. For counts of random draws, that's five standard deviations."""
    if item in reference.DRAWN:
        chances, n = reference.DRAWN[item](question)
        spread = [math.ceil(5 * math.sqrt(n * p * (1 - p))) for p in chances]
        return spread if isinstance(number, list) else spread[0]
    off = reference.ROUNDED[item]
    return [off] * len(number) if isinstance(number, list) else off


def _rounded(value: Any) -> Any:
    if isinstance(value, list):
        return [_rounded(each) for each in value]
    return round(value, 4) if isinstance(value, float) else value


def main() -> None:
    """Write both files."""
    head = "# Written by python -m solutions.terms.statements.\n"
    for name, content in (("statements", public()), ("practice_numbers", practice_numbers())):
        text = yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=120, default_flow_style=None)
        (PUBLIC / f"{name}.yaml").write_text(head + text, encoding="utf-8")


if __name__ == "__main__":
    main()
