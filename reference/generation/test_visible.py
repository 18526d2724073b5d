"""Visible checks of lab `generation`."""

import copy
import itertools
import operator

from autograder.testing import ScriptedModel, ScriptedSampler, agree, agree_values, checks, streams
from reference import generation

PROMPT = [3, 1, 4]
# A word a token, and an emoji of four bytes that is spread over three of them.
ID_TO_BYTES = {5: b"The", 2: b" cat", 7: b" sat", 3: b" \xf0\x9f", 0: b"\x90", 6: b"\x88", 4: b"!"}


def scripted(**script):
    return ScriptedModel(7, 20, **script), ScriptedSampler(4)


def shown_call(stub, *args):
    return f"{stub.name}({', '.join(map(str, args))})"


def agree_in_stream(stub, *args):
    """As many ids must come out of the stub's stream as out of the reference's, and the same ones."""
    wanted = list(generation.stream_tokens(*copy.deepcopy(args)))
    got = list(itertools.islice(streams(stub, *args), len(wanted) + 3))
    agree_values(got, wanted, f"list({shown_call(stub, *args)})")


@checks("crop_context")
def test_cr(student, rng):
    """A text that is too long loses its beginning; one that fits, just or easily, stays whole."""
    for ids in ([5, 2, 8, 1], [5, 2, 8], [5, 2]):
        agree(student.crop_context, generation.crop_context, ids, 3)


@checks("generate")
def test_gn_tokens(student, rng):
    """1, 2 and 7 new tokens of a model that looks at its whole context; the reason to end is "length"."""
    for max_new_tokens in (1, 2, 7):
        model, sample = scripted()
        agree(student.generate, generation.generate, model, PROMPT, max_new_tokens, sample)


@checks("generate")
def test_gn_grows(student, rng):
    """The model is shown the prompt first, and then each time one new token more."""
    model, sample = scripted()
    student.generate(model, PROMPT, 4, sample)
    ids = PROMPT + sample.ids
    call = shown_call(student.generate, model, PROMPT, 4, sample)
    agree_values(model.contexts[:4], [ids[:3], ids[:4], ids[:5], ids[:6]], f"what the model was shown in {call}")


@checks("generate")
def test_gn_stop(student, rng):
    """A stop token ends the text: it is left out, the reason is "stop", and no more tokens are made."""
    model, sample = scripted(force={3: 6})
    agree(student.generate, generation.generate, model, PROMPT, 10, sample, 6)
    call = shown_call(student.generate, model, PROMPT, 10, sample, 6)
    agree_values(sample.ids[4:], [], f"what was drawn after the stop token in {call}")
    agree_values(model.contexts[5:], [], f"what the model was shown after that, once aside, in {call}")


@checks("stream_tokens")
def test_st_same(student, rng):
    """The stream gives the ids that generate gives, one by one: to the limit, or to the stop token."""
    for options in ((), (6,)):
        model, sample = scripted(force={5: 6})
        agree_in_stream(student.stream_tokens, model, PROMPT, 7, sample, *options)


@checks("stream_tokens")
def test_st_first(student, rng):
    """The first id comes out before the second is drawn."""
    model, sample = scripted()
    first = next(streams(student.stream_tokens, model, PROMPT, 7, sample), None)
    call = shown_call(student.stream_tokens, model, PROMPT, 7, sample)
    agree_values(sample.ids, [first], f"the ids drawn when the first came out of {call}")


@checks("stream_text")
def test_tx_join(student, rng):
    """An emoji spread over three tokens comes out whole, between ordinary words."""
    pieces = list(itertools.islice(streams(student.stream_text, iter([5, 2, 7, 3, 0, 6, 4]), ID_TO_BYTES), 50))
    agree_values("".join(map(str, pieces)), "The cat sat 🐈!", "the pieces of text, joined")


@checks("stream_text")
def test_tx_words(student, rng):
    """The first word comes out before more than one other token is taken."""
    ids = iter([5, 2, 7, 2, 7, 4])
    next(filter(None, streams(student.stream_text, ids, ID_TO_BYTES)), None)
    taken = 6 - operator.length_hint(ids)
    agree_values(max(taken, 2), 2, "how many of 6 tokens had been taken when the first text came out (2 at most)")
