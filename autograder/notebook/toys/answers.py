"""One small model at four stages of training, all answering the same question, token by token."""

import textwrap
from collections.abc import Iterator

import numpy as np

from autograder.notebook.colors import BLUE, COLORS, GRAY, ORANGE
from autograder.notebook.shapes import PLAIN, SMALL, Drawing, Picture
from autograder.notebook.toys.declarations import Functions, Line, Settings, Toy

NAMES = {
    "untrained": "untrained",
    "pretraining": "pre-trained",
    "finetuning": "fine-tuned",
    "preferences": "preference-tuned",
}
HUES = (GRAY, BLUE, ORANGE, COLORS[2])
MOST_TOKENS, LONGEST_QUESTION = 16, 24
LETTERS = 38


def frames(functions: Functions, settings: Settings) -> Iterator[Picture]:
    """Yield a picture for each new token: the question, and what each model has said so far."""
    question = settings["question"]
    vocabulary = functions("model_vocab")()
    tokens = list(vocabulary)
    asked = list(functions("encode")(question, vocabulary, vocabulary["<unknown>"]))
    if len(asked) > LONGEST_QUESTION:
        raise ValueError(
            f"That's {len(asked)} tokens, but the small model only reads {LONGEST_QUESTION}, so ask a shorter question."
        )
    said = {stage: _answer(functions, stage, asked, vocabulary["<end>"]) for stage in NAMES}
    for count in range(max(map(len, said.values())) + 1):
        texts = {stage: "".join(tokens[each] for each in ids[:count]).strip() for stage, ids in said.items()}
        going = {stage for stage, ids in said.items() if count < len(ids)}
        yield _drawn(question, texts, going)


def _answer(functions: Functions, stage: str, asked: list[int], end: int) -> list[int]:
    """Return the greedy continuation, up to the end token, although the untrained model never produces one."""
    params, model_logits = functions("model_params")(stage), functions("model_logits")
    ids = list(asked)
    while len(ids) < len(asked) + MOST_TOKENS:
        token = int(np.argmax(np.asarray(model_logits(params, np.array(ids)))[-1]))
        if token == end:
            break
        ids.append(token)
    return ids[len(asked) :]


def _drawn(question: str, texts: dict[str, str], going: set[str]) -> Picture:
    sheet = Drawing("One model, four stages of training, one question", 340, 386)
    asked = textwrap.wrap(f"“{question}”", LETTERS)
    sheet.words((4, 18), "\n".join(asked[:2]), anchor="start", bold=True)
    for row, ((stage, name), color) in enumerate(zip(NAMES.items(), HUES, strict=True)):
        y = 44.0 + 86 * row
        sheet.words((4, y + 7), name, anchor="start", size=SMALL)
        sheet.box((2, y + 17), (336, 62), color=color)
        lines = textwrap.wrap(texts[stage] + " ▌" * (stage in going), LETTERS)[:3]
        sheet.words((12, y + 48), "\n".join(lines), anchor="start", size=PLAIN if len(lines) < 3 else SMALL)
    said = ", ".join(f"{name} “{texts[stage]}”" for stage, name in NAMES.items())
    return sheet.picture(f"Asked “{question}”, it says: {said}.")


STAGES = Toy([Line("question", "question", "What is the capital of France?")], [], frames)
