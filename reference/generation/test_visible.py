"""Visible checks of lab `generation`."""

import copy
import itertools
import operator

import numpy as np

from autograder.testing import (
    ScriptedModel,
    ScriptedSampler,
    agree,
    agree_values,
    checks,
    leaves_unchanged,
    raises,
    reference_value,
    streams,
)
from reference import generation

# What an answer earns that's one id too long or too short.
MORE_THAN_HALF = 0.6

PROMPT = [3, 1, 4]
# A word a token, and an emoji of four bytes that is spread over three of them.
ID_TO_BYTES = {5: b"The", 2: b" cat", 7: b" sat", 3: b" \xf0\x9f", 0: b"\x90", 6: b"\x88", 4: b"!"}


def scripted(vocabulary=7, **script):
    return ScriptedModel(vocabulary, 20, **script), ScriptedSampler(4)


def follows_nothing(context_ids):
    """A model that would put up with an empty context."""
    return np.zeros(7)


def agree_on_contexts(model, sample, prompt, count, context_window, call):
    """Of a context window, the model must have been shown the last ids of prompt and new tokens, step by step."""
    ids = [*map(int, prompt), *sample.ids]
    wanted = [ids[: len(prompt) + step][-context_window:] for step in range(count)]
    agree_values(model.contexts[:count], wanted, f"what the model was shown in {call}")


def agree_on_logits(model, sample, call):
    """The sampler must have been given the model's own logits, once for each token."""
    again = ScriptedModel(7, 20)
    wanted = [again(context) for context in model.contexts[: len(sample.ids)]]
    agree_values(sample.logits, wanted, f"the logits that the sampler was given in {call}")


def shown_call(stub, *args):
    return f"{stub.name}({', '.join(map(str, args))})"


def agree_on_window(stub, ids, context_window):
    """The last ids must stay; with one too many or too few, or without the newest, it earns its share."""

    def one_more(kept):
        return reference_value(generation.crop_context, ((ids, context_window + 1), {}))

    nearly = [one_more, lambda kept: kept[1:], lambda kept: kept[:-1], lambda kept: one_more(kept)[:-1]]
    agree(stub, generation.crop_context, ids, context_window, apart_from=nearly)


def agree_on_text(stub, model, prompt, max_new_tokens, sample, *options):
    """New ids and the reason must be the reference's; a text that's one token longer or shorter earns its share."""
    fresh = copy.deepcopy((model, sample))

    def with_another_limit(by):
        again, anew = copy.deepcopy(fresh)
        args = (again, prompt, max(max_new_tokens + by, 0), anew, *options)
        return reference_value(generation.generate, (args, {}))

    nearly = [lambda text, by=by: with_another_limit(by) for by in (1, -1)]
    args = (model, prompt, max_new_tokens, sample, *options)
    return agree(stub, generation.generate, *args, apart_from=nearly)


def agree_in_stream(stub, *args):
    """As many ids must come out of the stub's stream as out of the reference's, and the same ones."""
    wanted = list(generation.stream_tokens(*copy.deepcopy(args)))
    got = list(itertools.islice(streams(stub, *args), len(wanted) + 3))
    agree_values(got, wanted, f"list({shown_call(stub, *args)})")


@checks("crop_context", weight=0.25, share=MORE_THAN_HALF)
def test_cr(student, rng):
    """A text that is too long loses its beginning; one that fits, just or easily, stays whole."""
    for ids in ([5, 2, 8, 1], [5, 2, 8], [5, 2], []):
        agree_on_window(student.crop_context, ids, 3)


@checks("crop_context", weight=0.25, share=MORE_THAN_HALF)
def test_cr_newest(student, rng):
    """A window of 1 leaves the newest id, as a sequence of one; 0 is an id, and one that comes twice counts twice."""
    for ids in ([5, 2, 8], [5], [4, 4], [7, 0]):
        agree_on_window(student.crop_context, ids, 1)
    agree_on_window(student.crop_context, [4, 0, 4, 4, 0, 0], 4)


@checks("crop_context", weight=0.25, share=MORE_THAN_HALF)
def test_cr_array(student, rng):
    """An array of ids is cropped as a list is."""
    for context_window in (1, 3, 4, 8):
        agree_on_window(student.crop_context, np.array([5, 2, 8, 1]), context_window)


@checks("crop_context", weight=0.25, conduct=True)
def test_cr_no_window(student, rng):
    """A window below 1 raises ValueError, instead of giving everything."""
    for context_window in (0, -1):
        raises(student.crop_context, [5, 2, 8, 1], context_window)


@checks("crop_context", weight=0.25, conduct=True)
def test_cr_pure_shown(student, rng):
    """Your function doesn't change the ids it's given."""
    leaves_unchanged(student.crop_context, [5, 2, 8, 1], 2)
    leaves_unchanged(student.crop_context, np.array([5, 2, 8, 1]), 2)


@checks("generate", weight=0.25, share=MORE_THAN_HALF)
def test_gn_tokens(student, rng):
    """1, 2 and 5 new tokens of a model that looks at its whole context; the reason to end is "length"."""
    for max_new_tokens in (1, 2, 5):
        model, sample = scripted()
        agree_on_text(student.generate, model, PROMPT, max_new_tokens, sample)


@checks("generate", weight=0.25, share=MORE_THAN_HALF)
def test_gn_grows(student, rng):
    """The model is shown the prompt first, and then each time one new token more."""
    model, sample = scripted()
    student.generate(model, PROMPT, 3, sample)
    ids = PROMPT + sample.ids
    call = shown_call(student.generate, model, PROMPT, 3, sample)
    agree_values(model.contexts[:3], [ids[:3], ids[:4], ids[:5]], f"what the model was shown in {call}")


@checks("generate", weight=0.25, share=MORE_THAN_HALF)
def test_gn_stop(student, rng):
    """A stop token ends the text: it is left out, the reason is "stop", and no more tokens are made."""
    model, sample = scripted(force={2: 6})
    agree_on_text(student.generate, model, PROMPT, 10, sample, 6)
    call = shown_call(student.generate, model, PROMPT, 10, sample, 6)
    agree_values(sample.ids[3:], [], f"what was drawn after the stop token in {call}")
    agree_values(model.contexts[4:], [], f"what the model was shown after that, once aside, in {call}")


@checks("generate", weight=0.25, share=MORE_THAN_HALF)
def test_gn_stop_edges(student, rng):
    """A stop token drawn at once leaves nothing new; drawn as the last one allowed it still means "stop"."""
    for step, max_new_tokens in ((0, 4), (2, 4), (2, 3), (2, 2)):
        model, sample = scripted(force={step: 6})
        agree_on_text(student.generate, model, PROMPT, max_new_tokens, sample, 6)


@checks("generate", weight=0.25, share=MORE_THAN_HALF)
def test_gn_stop_in_prompt(student, rng):
    """A stop token anywhere in the prompt ends nothing: only one that's drawn does."""
    for prompt, step in (([6, 1, 2], 2), ([1, 2, 6], 99)):
        model, sample = scripted(force={step: 6})
        agree_on_text(student.generate, model, prompt, 3, sample, 6)


@checks("generate", weight=0.25, share=MORE_THAN_HALF)
def test_gn_any_id(student, rng):
    """The stop token's id can be 0 or 270, and without a stop token 0 is an id like any other."""
    for vocabulary, stop_id, options in ((7, 0, (0,)), (7, 0, ()), (300, 270, (270,))):
        model, sample = scripted(vocabulary, force={1: stop_id})
        agree_on_text(student.generate, model, PROMPT, 3, sample, *options)


@checks("generate", weight=0.25, share=MORE_THAN_HALF)
def test_gn_sampler(student, rng):
    """The sampler is given the model's logits as they are, once for each token, and what it draws is what comes."""
    model, sample = scripted()
    new_ids, _ = agree_on_text(student.generate, model, PROMPT, 4, sample)
    call = shown_call(student.generate, model, PROMPT, 4, sample)
    agree_on_logits(model, sample, call)
    agree_values(new_ids, sample.ids, f"the new ids, against those drawn in {call}")


@checks("generate", weight=0.25, share=MORE_THAN_HALF)
def test_gn_none(student, rng):
    """If no new tokens are allowed, none are drawn, and the reason is "length"."""
    model, sample = scripted()
    agree_on_text(student.generate, model, PROMPT, 0, sample)
    agree_values(sample.ids, [], f"what was drawn in {shown_call(student.generate, model, PROMPT, 0, sample)}")


@checks("generate", weight=0.25, share=MORE_THAN_HALF)
def test_gn_sees_the_window(student, rng):
    """With a context window the model is shown the last ids of prompt and new tokens together, at every step."""
    for prompt, count, context_window in ((PROMPT, 4, 4), (PROMPT, 2, 1), ([2, 5, 0, 3, 1, 4], 2, 4)):
        model, sample = scripted()
        call = shown_call(student.generate, model, prompt, count, sample, None, context_window)
        agree_on_text(student.generate, model, prompt, count, sample, None, context_window)
        agree_on_contexts(model, sample, prompt, count, context_window, call)


@checks("generate", weight=0.25, share=MORE_THAN_HALF)
def test_gn_prompt_array(student, rng):
    """The prompt may be an array of ids."""
    model, sample = scripted()
    agree_on_text(student.generate, model, np.array(PROMPT), 3, sample, None, 3)


@checks("generate", weight=0.25, conduct=True)
def test_gn_no_prompt(student, rng):
    """An empty prompt raises ValueError, even with a model that would put up with it."""
    raises(student.generate, follows_nothing, [], 3, ScriptedSampler(4))


@checks("generate", weight=0.25, conduct=True)
def test_gn_pure_shown(student, rng):
    """Your function doesn't change the prompt it's given."""
    for prompt, options in ((PROMPT, ()), (PROMPT, (None, 2)), (np.array(PROMPT), ())):
        model, sample = scripted()
        leaves_unchanged(student.generate, model, prompt, 2, sample, *options)


@checks("stream_tokens", weight=0.25)
def test_st_same(student, rng):
    """The stream gives the ids that generate gives, one by one: to the limit, or to the stop token."""
    for options in ((), (6,)):
        model, sample = scripted(force={3: 6})
        agree_in_stream(student.stream_tokens, model, PROMPT, 5, sample, *options)


@checks("stream_tokens", weight=0.25)
def test_st_first(student, rng):
    """Each id comes out before the next is drawn, even of a stream that may have a billion."""
    for max_new_tokens, most in ((7, 3), (10**9, 2)):
        model, sample = scripted()
        call = shown_call(student.stream_tokens, model, PROMPT, max_new_tokens, sample)
        stream, came = streams(student.stream_tokens, model, PROMPT, max_new_tokens, sample), []
        for count in range(1, most + 1):
            came.append(next(stream, None))
            agree_values(sample.ids, came, f"the ids drawn when {count} had come out of {call}")
            agree_values(
                model.contexts[count + 1 :], [], f"what the model was shown more than one token ahead in {call}"
            )


@checks("stream_tokens", weight=0.25)
def test_st_stop_edges(student, rng):
    """A stop token drawn at once leaves an empty stream, and so does a limit of 0; nothing is drawn beyond either."""
    for step, max_new_tokens in ((0, 3), (2, 4), (2, 3), (2, 2), (2, 0)):
        model, sample = scripted(force={step: 6})
        agree_in_stream(student.stream_tokens, model, PROMPT, max_new_tokens, sample, 6)
        call = shown_call(student.stream_tokens, model, PROMPT, max_new_tokens, sample, 6)
        drawn = min(step + 1, max_new_tokens)
        agree_values(sample.ids[drawn:], [], f"what was drawn beyond {drawn} ids in {call}")


@checks("stream_tokens", weight=0.25)
def test_st_stop_in_prompt(student, rng):
    """A stop token anywhere in the prompt ends nothing: only one that's drawn does."""
    for prompt, step in (([6, 1, 2], 2), ([1, 2, 6], 99)):
        model, sample = scripted(force={step: 6})
        agree_in_stream(student.stream_tokens, model, prompt, 3, sample, 6)


@checks("stream_tokens", weight=0.25)
def test_st_any_id(student, rng):
    """The stop token's id can be 0 or 270, and without a stop token 0 is an id like any other."""
    for vocabulary, stop_id, options in ((7, 0, (0,)), (7, 0, ()), (300, 270, (270,))):
        model, sample = scripted(vocabulary, force={1: stop_id})
        agree_in_stream(student.stream_tokens, model, PROMPT, 3, sample, *options)


@checks("stream_tokens", weight=0.25)
def test_st_sees_the_window(student, rng):
    """The model is shown the prompt and all new tokens so far; with a context window, the last ids of these."""
    windows = ((PROMPT, 3, None), (PROMPT, 4, 4), (PROMPT, 2, 1), ([2, 5, 0, 3, 1, 4], 2, 4))
    for prompt, count, context_window in windows:
        model, sample = scripted()
        call = shown_call(student.stream_tokens, model, prompt, count, sample, None, context_window)
        agree_in_stream(student.stream_tokens, model, prompt, count, sample, None, context_window)
        agree_on_contexts(model, sample, prompt, count, context_window or 100, call)


@checks("stream_tokens", weight=0.25)
def test_st_sampler(student, rng):
    """The sampler is given the model's logits as they are, once for each token."""
    model, sample = scripted()
    call = shown_call(student.stream_tokens, model, PROMPT, 4, sample)
    agree_in_stream(student.stream_tokens, model, PROMPT, 4, sample)
    agree_on_logits(model, sample, call)


@checks("stream_tokens", weight=0.25)
def test_st_in_turn(student, rng):
    """Two streams that are read in turn don't disturb each other."""
    settings = [(*scripted(), prompt) for prompt in (PROMPT, [2, 0])]
    wanted = [
        list(generation.stream_tokens(*copy.deepcopy((model, ids, 3, sample)))) for model, sample, ids in settings
    ]
    both = [streams(student.stream_tokens, model, ids, 3, sample) for model, sample, ids in settings]
    got = [[next(stream, None) for stream in both] for _ in range(3)]
    agree_values(got, [list(pair) for pair in zip(*wanted, strict=True)], f"the ids after {PROMPT} and [2, 0], in turn")


@checks("stream_tokens", weight=0.25)
def test_st_prompt_array(student, rng):
    """The prompt may be an array of ids."""
    model, sample = scripted()
    agree_in_stream(student.stream_tokens, model, np.array(PROMPT), 3, sample, None, 3)


@checks("stream_tokens", weight=0.25, conduct=True)
def test_st_no_prompt(student, rng):
    """An empty prompt raises ValueError, at the latest when the first id is asked for."""
    raises(student.stream_tokens, follows_nothing, [], 3, ScriptedSampler(4))


@checks("stream_tokens", weight=0.25, conduct=True)
def test_st_pure_shown(student, rng):
    """Asking for the stream doesn't change the prompt."""
    model, sample = scripted()
    leaves_unchanged(student.stream_tokens, model, PROMPT, 3, sample, None, 2)


def text_of(student, tokens):
    """All the text that the stub makes of tokens given as bytes, their ids in order from 0."""
    stream = streams(student.stream_text, iter(range(len(tokens))), dict(enumerate(tokens)))
    return "".join(map(str, itertools.islice(stream, 100)))


@checks("stream_text", weight=0.25)
def test_tx_join(student, rng):
    """An emoji spread over three tokens comes out whole, between ordinary words."""
    pieces = list(itertools.islice(streams(student.stream_text, iter([5, 2, 7, 3, 0, 6, 4]), ID_TO_BYTES), 50))
    agree_values("".join(map(str, pieces)), "The cat sat 🐈!", "the pieces of text, joined")


@checks("stream_text", weight=0.25)
def test_tx_words(student, rng):
    """The first word comes out before more than one other token is taken."""
    ids = iter([5, 2, 7, 2, 7, 4])
    next(filter(None, streams(student.stream_text, ids, ID_TO_BYTES)), None)
    taken = 6 - operator.length_hint(ids)
    agree_values(max(taken, 2), 2, "how many of 6 tokens had been taken when the first text came out (2 at most)")


@checks("stream_text", weight=0.25)
def test_tx_space(student, rng):
    """The table of part 4: the space before the cat comes out before its last byte does, and then the cat."""
    ids = iter([3, 0, 6, 4])
    stream = (piece for piece in streams(student.stream_text, ids, ID_TO_BYTES) if piece)
    first = next(stream, None)
    taken = 4 - operator.length_hint(ids)
    agree_values(first, " ", "the first text of the tokens 20 F0 9F, 90, 88 and 21")
    agree_values(max(taken, 2), 2, "how many of these 4 tokens had been taken when it came out (2 at most)")
    agree_values("".join(map(str, itertools.islice(stream, 9))), "🐈!", "the rest of the text, joined")


@checks("stream_text", weight=0.25)
def test_tx_cut(student, rng):
    """Characters of one to four bytes come out whole, wherever the tokens cut them."""
    text = "é€🐈 a?世ß🙂ñ…!"
    for size in (1, 2, 3, 5, 99):
        data = text.encode()
        tokens = [data[start : start + size] for start in range(0, len(data), size)]
        agree_values(text_of(student, tokens), text, f"the text of tokens of {size} bytes each, joined")


@checks("stream_text", weight=0.25)
def test_tx_nothing_added(student, rng):
    """Spaces and line breaks come from the tokens: none is added, none is lost."""
    tokens = [b" The", b"  cat", b"\n", b"sat ", b" ", b"", b"on\t"]
    agree_values(text_of(student, tokens), b"".join(tokens).decode(), f"the text of {tokens}, joined")
    agree_values(text_of(student, []), "", "the text of no tokens")


@checks("stream_text", weight=0.25)
def test_tx_cut_off(student, rng):
    """If the last character is cut off, all before it comes out, and at most replacement characters after it."""
    for tokens in ([b"The", b" \xf0\x9f\x90"], [b"The ", b"\xc3"]):
        agree_values(text_of(student, tokens).rstrip("\ufffd"), "The ", f"the text of {tokens}, before what is cut off")


@checks("stream_text", weight=0.25)
def test_tx_without_end(student, rng):
    """Three pieces of an endless text take a few tokens, whether or not there's a space in it."""
    remaining = iter([0, 1] * 2_000)
    pieces = (piece for piece in streams(student.stream_text, remaining, {0: b"ab", 1: b"cd"}) if piece)
    came = "".join(map(str, itertools.islice(pieces, 3)))
    taken = 4_000 - operator.length_hint(remaining)
    agree_values(
        came, "abcdab"[: len(came)], "the first three pieces of text from the tokens ab, cd, ab, cd, …, joined"
    )
    agree_values(max(taken, 4), 4, "how many of these tokens were taken for three pieces of text (4 at most)")


@checks("stream_text", weight=0.25)
def test_tx_in_turn(student, rng):
    """Two texts that are read in turn don't disturb each other, even in the middle of a character."""
    texts = ["a🐈b", "é世🙂"]
    both = []
    for text in texts:
        tokens = [bytes([each]) for each in text.encode()]
        stream = streams(student.stream_text, iter(range(len(tokens))), dict(enumerate(tokens)))
        both.append(piece for piece in stream if piece)
    turns = [[str(next(pieces, "")) for pieces in both] for _ in range(6)]
    agree_values(["".join(came) for came in zip(*turns, strict=True)], texts, "both texts, joined")
