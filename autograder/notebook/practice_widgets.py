"""A practice question as a card, with a field for the number, a choice for each statement, and a verdict on each
part."""

import html
from collections.abc import Sequence
from typing import Any

import ipywidgets as widgets

from autograder.notebook.practice import RIGHT, WRONG, PartVerdict, Question, judged

STYLE = """<style>
.mastery-practice { border-left: 4px solid #4a90d9; padding: 0 0 0 0.9em; max-width: 68em; overflow: hidden; }
.mastery-practice .widget-html, .mastery-practice .widget-html-content { height: auto; line-height: 1.5; margin: 0; }
.mastery-practice .widget-html-content { color: var(--jp-content-font-color1, inherit); white-space: normal; }
.mastery-practice .widget-html-content p { margin: 0.35em 0; }
.mastery-practice .widget-html-content .said { padding: 0.3em 0.7em; border-radius: 4px; background: #8882; }
.mastery-practice .widget-toggle-buttons { width: auto; flex: none; }
.mastery-practice .widget-toggle-buttons .widget-toggle-button.mod-active { background: #1767b5; color: #fff; }
.mastery-practice .widget-text { max-width: calc(100% - 4px); }
.mastery-practice .row { align-items: baseline; gap: 0 0.7em; margin-top: 0.4em; overflow: visible; }
.mastery-practice .buttons { margin-top: 0.6em; overflow: visible; }
</style>"""
UNDECIDED = "Choose True or False for every statement."


class Card:
    """Shows one practice question after another, each with a verdict."""

    def __init__(self, questions: Sequence[Question], first: int) -> None:
        self.questions = questions
        self.number = first
        self.box = widgets.VBox()
        self.box.add_class("mastery-practice")
        self._show()

    @property
    def question(self) -> Question:
        return self.questions[self.number % len(self.questions)]

    def _show(self) -> None:
        question = self.question
        self.field = widgets.Text(
            placeholder=_placeholder(question), description="Answer", style={"description_width": "4em"}
        )
        self.order = widgets.Text(placeholder="such as bdeca", description="Order", style={"description_width": "4em"})
        self.choices = {
            letter: widgets.ToggleButtons(
                options=[("True", True), ("False", False)],
                value=None,
                style={"button_width": "5.5em"},
                tooltips=[text, text],  # so a screen reader says which statement a button belongs to
            )
            for letter, text in question["options"].items()
        }
        self.said = {part: widgets.HTML() for part in ("number", "order", "form", *question["options"])}
        self.check = widgets.Button(description="Check", button_style="primary")
        self.another = widgets.Button(description="Another question")
        self.check.on_click(self._judge)
        self.another.on_click(self._next)
        steps = "".join(f"<p>{letter}) {html.escape(text)}</p>" for letter, text in question.get("steps", {}).items())
        rows: list[Any] = [
            widgets.HTML(f"{STYLE}<p>{html.escape(question['asks'])}</p>{steps}"),
            self.field,
            self.said["number"],
        ]
        if "steps" in question:
            rows += [self.order, self.said["order"]]
        rows.append(widgets.HTML("<p>Which of these statements are true?</p>"))
        for letter, text in question["options"].items():
            statement = widgets.HTML(f"<p>{html.escape(text)}</p>", layout={"flex": "1 1 20em"})
            row = widgets.HBox([statement, self.choices[letter]], layout={"flex_flow": "row wrap"})
            row.add_class("row")
            rows += [row, self.said[letter]]
        buttons = widgets.HBox([self.check, self.another])
        buttons.add_class("buttons")
        self.box.children = [*rows, self.said["form"], buttons]

    def _judge(self, _button: Any) -> None:
        if any(choice.value is None for choice in self.choices.values()):
            self.said["form"].value = f'<p class="said">{UNDECIDED}</p>'
            return
        letters = "".join(letter for letter, choice in self.choices.items() if choice.value)
        order = [self.order.value] if "steps" in self.question else []
        self.said["form"].value = ""
        for verdict in judged(self.question, [_parsed(self.field.value), *order, letters]):
            self.said[verdict.part].value = _verdict_html(verdict)

    def _next(self, _button: Any) -> None:
        self.number += 1
        self._show()


def card(questions: Sequence[Question], first: int) -> Any:
    """Return a widget that starts at the given question (numbered from 0)."""
    return Card(questions, first).box


def _verdict_html(verdict: PartVerdict) -> str:
    mark = f"{RIGHT} Right." if verdict.right else f"{WRONG} Not quite."
    return f'<p class="said"><strong>{mark}</strong> {html.escape(verdict.said)}</p>'


def _placeholder(question: Question) -> str:
    wanted = question["answer"][0]
    return ", ".join(["number"] * len(wanted)) if isinstance(wanted, list) else "a number"


def _parsed(text: str) -> Any:
    """Return the number, or a list if there are several, separated by commas. Return any other text as is."""
    cleaned = text.strip().strip("[]()").replace("−", "-")
    try:
        numbers = [float(each) for each in cleaned.split(",") if each.strip()]
    except ValueError:
        return text
    return numbers[0] if len(numbers) == 1 else numbers
