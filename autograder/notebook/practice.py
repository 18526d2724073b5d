"""Practice questions in a notebook, with fields and buttons if widgets are available, and otherwise in plain cells.

A practice question is plain data:

"item": the name of the assessment's item.
"text": the whole question, as printed.
"asks": the part of the text before the statements.
"options": the statements, by letter.
"steps", if present: steps by letter. Putting them in order is the second part of the answer.
"answer": the answer as you'd write it, with the letters of the true statements last.
"within": how far off each number can be.
"drawn": whether the numbers are drawn at random.
"how": how to find the numbers.
"why": by letter, whether the statement is true, and a sentence that explains it.
"""

import importlib.util
import sys
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Question = Mapping[str, Any]
RIGHT, WRONG = "✓", "✗"
WIDTH = 80
# For each item, the number of the question we're showing, counting from 0. After each verdict, we move on to a new
# question.
_shown: dict[str, int] = {}


@dataclass(frozen=True)
class PartVerdict:
    """The verdict on one part of an answer: "form", "number", "order", or a statement's letter."""

    part: str
    right: bool
    said: str


def practice(questions: Sequence[Question], *answer: Any) -> Any:
    """Show the next practice question.

    If there's an answer to the current question, show what's right or wrong about it, and why.

    questions: the questions of one item. answer: the answer in the same form as the graded one, such as 0.245, "bd".
    """
    question = _current(questions)
    if answer:
        verdicts = judged(question, answer)
        if verdicts[0].part != "form":
            _move_on(questions)
        print(told(verdicts))
        return None
    if has_widgets():
        from autograder.notebook import practice_widgets

        return practice_widgets.card(questions, _shown.get(question["item"], 0))
    print(question["text"])
    example = ", ".join(map(repr, _example(question)))
    print(f'\nAnswer in a new cell: practice(practice_questions("{question["item"]}"), {example})')
    return None


def judged(question: Question, answer: Sequence[Any]) -> list[PartVerdict]:
    """Return a verdict on each part of an answer. If the form is wrong, return only one verdict, which says so."""
    wanted = question["answer"]
    if len(answer) != len(wanted) or not isinstance(answer[-1], str):
        example = ", ".join(map(repr, _example(question)))
        return [PartVerdict("form", False, f"This answer needs {len(wanted)} parts, as in {example}.")]
    found = [number_verdict(question, answer[0])]
    if "steps" in question:
        right = _letters(answer[1], in_order=True) == wanted[1]
        found.append(PartVerdict("order", right, "That's the order." if right else f"The order is {wanted[1]}."))
    chosen = _letters(answer[-1])
    return found + [statement_verdict(question, letter, letter in chosen) for letter in question["options"]]


def number_verdict(question: Question, number: Any) -> PartVerdict:
    """Return the verdict on the number, or on several numbers together."""
    wanted, within = _listed(question["answer"][0]), _listed(question["within"])
    came = _listed(number)
    right = len(came) == len(wanted) and all(
        isinstance(one, int | float) and abs(one - other) <= off
        for one, other, off in zip(came, wanted, within, strict=True)
    )
    shown = ", ".join(f"{each:.10g}" for each in wanted)
    about = "about " if question.get("drawn") else ""
    said = "That's right." if right else f"It's {about}{shown}."
    return PartVerdict("number", right, f"{said} {question['how']}")


def statement_verdict(question: Question, letter: str, taken_for_true: bool) -> PartVerdict:
    """Return the verdict on one statement."""
    is_true, why = question["why"][letter]
    return PartVerdict(letter, is_true == taken_for_true, f"It's {'true' if is_true else 'false'}. {why}")


def told(verdicts: Sequence[PartVerdict]) -> str:
    """Return the verdicts as lines of text."""
    lines = []
    for each in verdicts:
        mark = f"{RIGHT} right" if each.right else f"{WRONG} not quite"
        lines += textwrap.wrap(f"{mark:<12} {each.part}: {each.said}", WIDTH, subsequent_indent=" " * 13)
    return "\n".join(lines)


def _current(questions: Sequence[Question]) -> Question:
    number = _shown.setdefault(questions[0]["item"], 0)
    return questions[number % len(questions)]


def _move_on(questions: Sequence[Question]) -> None:
    _shown[questions[0]["item"]] += 1


def _example(question: Question) -> list[Any]:
    """Return a sample answer that has the right form but doesn't give anything away."""
    number = [0.5] * len(question["answer"][0]) if isinstance(question["answer"][0], list) else 0.5
    return [number, *(["abcde"] if "steps" in question else []), "bd"]


def _letters(text: Any, in_order: bool = False) -> str:
    letters = [each for each in str(text).lower() if each.isalpha()]
    return "".join(letters if in_order else sorted(letters))


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]


def has_widgets() -> bool:
    """Return whether this is a notebook whose kernel has ipywidgets."""
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return getattr(shell, "kernel", None) is not None and importlib.util.find_spec("ipywidgets") is not None
