"""The `terms` lab's questions: each student gets their own, with new ones every round.

Nothing here is secret, because the answers to graded questions are kept elsewhere. Anyone can draw another student's
question, but they'd still have to work out the answer.

A question is a dict with these keys: "item", "student", "round", "text" (the question as plain text), "html" (the
question as HTML), the numbers it uses, "options" (a dict from letters to statements), "ideas" (a dict from letters to
what each statement is about) and, for backprop_item only, "steps". Practice questions have the same form, but different
numbers and statements, and they come with answer keys.
"""

import functools
import getpass
import html
import os
import re
import sys
import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from reference.quiz.draw import Draw
from reference.quiz.numbers import MAKERS, Data

WIDTH = 78
ASK = 'Which of these statements are true? (Give all their letters, such as "bd", or "" if none are true.)'
LETTERS = "abcdefghij"
# How many statements a question offers, each about a different idea, and how many practice questions an item has.
OFFERED, PRACTICE = 6, 6
# A name no student can have: each student's name is also a folder name, so it can't contain a slash.
PRACTICING = "practice/"


def whoami() -> str:
    """The name a student submits under: the JupyterHub name, or else the login name.

    There's no login in a browser tab, so students type in their name once. Until they do, this raises ValueError.
    """
    if not (name := os.environ.get("JUPYTERHUB_USER")) and sys.platform == "emscripten":
        raise ValueError('fill in "Your name in the course" in the panel on the left, then try again')
    return name or getpass.getuser()


def question(item: str, student: str | None = None, round: int = 1) -> Data:
    """Return a student's question for a round. If `student` is None, it's the current user. Rounds are counted from 1.
    Raises ValueError if there's no such question."""
    _refuse_unknown(item)
    if isinstance(round, bool) or not isinstance(round, int) or round < 1:
        raise ValueError(f"rounds are counted from 1, but this one is {round!r}")
    return dict(_question(item, student or whoami(), round))


@functools.lru_cache(maxsize=256)
def _question(item: str, student: str, round: int) -> Data:
    """Draw a question. The result is cached because grading uses the same question many times."""
    draw = Draw(student, round, f"{item} statements")
    ideas = _read("statements.yaml")[item]
    offered = {ideas[idea][draw.below(2)]: idea for idea in draw.some(sorted(ideas), OFFERED)}
    return _laid_out(item, student, round, draw, offered, f"{item}: question for {student}, round {round}")


def practice_questions(item: str) -> list[Data]:
    """Return the practice questions for an item, with their answer keys.

    A practice question has these keys in addition to those of every question: "asks" (its text without the statements),
    "answer" (the answer in the form a student would write it), "within" (how far off each number may be), "drawn"
    (whether the numbers are random), "how" (how to work them out) and "why" (for each letter, whether the statement is
    true, and a sentence that explains it).
    """
    _refuse_unknown(item)
    practice = _read("practice.yaml")[item]
    numbers = _read("practice_numbers.yaml")[item]
    made = []
    for number in range(1, PRACTICE + 1):
        draw = Draw(PRACTICING, number, f"{item} statements")
        known = {each["says"]: (each["is"], each["why"]) for each in practice["statements"].values()}
        offered = dict.fromkeys(draw.some(list(known), OFFERED), "")
        data = _laid_out(item, PRACTICING, number, draw, offered, f"{item}: practice question {number} of {PRACTICE}")
        why = {letter: list(known[text]) for letter, text in data["options"].items()}
        letters = "".join(letter for letter, (is_true, _) in why.items() if is_true)
        asks = numbers_of(item, PRACTICING, number)["text"]
        key = {**numbers[number - 1], "how": practice["how"], "why": why}
        made.append({**data, "asks": asks, **key, "answer": [*key["answer"], letters]})
    return made


def numbers_of(item: str, student: str, number: int) -> Data:
    """Return the numbers a question uses, and its "text", in which lines can't break in the middle of a formula."""
    data = MAKERS[item](Draw(student, number, item))
    return {**data, "text": _unbroken(data["text"])}


def _refuse_unknown(item: str) -> None:
    if item not in MAKERS:
        raise ValueError(f"there is no question for {item!r}; the items are {', '.join(MAKERS)}")


def _laid_out(item: str, student: str, number: int, draw: Draw, offered: Mapping[str, str], head: str) -> Data:
    """Return the complete question, including its text and HTML. `offered` maps each statement to its idea."""
    data = numbers_of(item, student, number)
    options = _lettered(draw.shuffled(list(offered)))
    parts = [head, data.pop("text"), *([data["steps"]] if "steps" in data else []), ASK, options]
    shown = {"text": "\n\n".join(map(_as_text, parts)), "html": "\n".join(map(_as_html, parts))}
    ideas = {letter: offered[text] for letter, text in options.items()}
    return {"item": item, "student": student, "round": number, **shown, **data, "options": options, "ideas": ideas}


@functools.cache
def _read(name: str) -> Any:
    return yaml.safe_load((Path(__file__).parent / name).read_text(encoding="utf-8"))


def _lettered(texts: Sequence[str]) -> dict[str, str]:
    return dict(zip(LETTERS, texts, strict=False))


def _unbroken(text: str) -> str:
    """Put nonbreaking spaces around operators, so that lines don't break in the middle of a formula."""
    return re.sub(" ([=+−×/]) ", "\N{NO-BREAK SPACE}\\1\N{NO-BREAK SPACE}", text)


def _as_text(part: str | Mapping[str, str]) -> str:
    """Return a paragraph or a lettered list as plain text, wrapped at WIDTH characters."""
    if isinstance(part, str):
        return textwrap.fill(part, WIDTH)
    return "\n".join(
        textwrap.fill(_unbroken(text), WIDTH, initial_indent=f"  {letter}) ", subsequent_indent="     ")
        for letter, text in part.items()
    )


def _as_html(part: str | Mapping[str, str]) -> str:
    """Return a paragraph or a lettered list as HTML. On a narrow screen, a notebook wraps HTML between words, but it
    breaks plain text even in the middle of a word."""
    if isinstance(part, str):
        return f"<p>{html.escape(part, quote=False)}</p>"
    hanging = "margin: 0.35em 0 0.35em 1.3em; text-indent: -1.3em"
    return "\n".join(
        f'<p style="{hanging}">{letter}) {html.escape(_unbroken(text), quote=False)}</p>'
        for letter, text in part.items()
    )
