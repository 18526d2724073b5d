"""Visible checks for the `generation` lab, grouped by stub. This file isn't meant to be read in one sitting."""

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
    example,
    leaves_unchanged,
    raises,
    reference_value,
    streams,
)
from reference import generation

# The partial credit for an answer that's one id too long or too short.
MORE_THAN_HALF = 0.6

PROMPT = [3, 1, 4]
LONG_PROMPT = [2, 5, 0, 3, 1, 4]
# The ids of seven tokens: three words, three tokens that share the bytes of an emoji, and an exclamation mark.
WORDS, ANIMAL, SIGN = [5, 2, 7], [3, 0, 6], [4]


def scripted(rng, vocabulary=7, **script):
    model, sample = example(rng, (20, 4), lambda rng: rng.integers(100, 100_000, 2).tolist())
    return ScriptedModel(vocabulary, model, **script), ScriptedSampler(sample)


def prompt_of(rng, shown=PROMPT):
    """Return the ids of a prompt. When fresh numbers are requested, return random ids from 1 to 5, with no repeats."""
    return example(rng, shown, lambda rng: (1 + rng.permutation(5))[: len(shown)].tolist())


def long_prompt(rng):
    return example(rng, LONG_PROMPT, lambda rng: rng.permutation(6).tolist())


def ids_of(rng, *shown):
    """Return these ids. When fresh numbers are requested, replace the ids with different ones, but keep equal ids equal
    and 0 as 0."""

    def draw(rng):
        other = [0, *(10 + rng.permutation(90)).tolist()]
        return [other[each] for each in shown]

    return example(rng, list(shown), draw)


def story(rng):
    """Return the dict from ids to bytes, the text of the three words, and the emoji.

    When fresh numbers are requested, use different words and a different emoji.
    """

    def draw(rng):
        who, does = rng.choice([" dog", " owl", " fox", " pig"]), rng.choice([" ran", " ate", " hid"])
        return [str(rng.choice(["A", "My", "One"])), str(who), str(does)], str(rng.choice([*"🐕🦉🦊🐖"]))

    words, animal = example(rng, (["The", " cat", " sat"], "🐈"), draw)
    first, *rest = [bytes([each]) for each in animal.encode()]
    tokens = [*(word.encode() for word in words), b" " + first + rest[0], *rest[1:], b"!"]
    return dict(zip(WORDS + ANIMAL + SIGN, tokens, strict=True)), "".join(words), animal


def follows_nothing(context_ids):
    """A model that would accept an empty context."""
    return np.zeros(7)


def agree_on_contexts(model, sample, prompt, count, context_window, call):
    """Require that at every step the model saw as many of the most recent ids as fit in its window."""
    ids = [*map(int, prompt), *sample.ids]
    wanted = [ids[: len(prompt) + step][-context_window:] for step in range(count)]
    agree_values(model.contexts[:count], wanted, f"what the model was shown in {call}")


def agree_on_logits(model, sample, call):
    """Require that the sampler was given the model's own logits, once per token."""
    again = ScriptedModel(model.vocabulary, model.seed)
    wanted = [again(context) for context in model.contexts[: len(sample.ids)]]
    agree_values(sample.logits, wanted, f"the logits that the sampler was given in {call}")


def shown_call(stub, *args):
    return f"{stub.name}({', '.join(map(str, args))})"


def agree_on_window(stub, ids, context_window):
    """Require the last ids. Give partial credit for one id too many or too few, or if the newest id is missing."""

    def one_more(kept):
        return reference_value(generation.crop_context, ((ids, context_window + 1), {}))

    nearly = [one_more, lambda kept: kept[1:], lambda kept: kept[:-1], lambda kept: one_more(kept)[:-1]]
    agree(stub, generation.crop_context, ids, context_window, apart_from=nearly)


def agree_on_text(stub, model, prompt, max_new_tokens, sample, *options):
    """Require the same new ids and finish reason as the reference. Give partial credit for a text that's one token too
    long or too short."""
    fresh = copy.deepcopy((model, sample))

    def with_another_limit(by):
        again, anew = copy.deepcopy(fresh)
        args = (again, prompt, max(max_new_tokens + by, 0), anew, *options)
        return reference_value(generation.generate, (args, {}))

    nearly = [lambda text, by=by: with_another_limit(by) for by in (1, -1)]
    args = (model, prompt, max_new_tokens, sample, *options)
    return agree(stub, generation.generate, *args, apart_from=nearly)


def agree_in_stream(stub, *args):
    """Require the stub's stream to yield exactly the reference's ids, and no more."""
    wanted = list(generation.stream_tokens(*copy.deepcopy(args)))
    got = list(itertools.islice(streams(stub, *args), len(wanted) + 3))
    agree_values(got, wanted, f"list({shown_call(stub, *args)})")


@checks("crop_context", weight=0.25, share=MORE_THAN_HALF)
def test_cr(student, rng):
    """If the text is too long, its beginning is cut off. If it fits, even just barely, it stays the same."""
    for ids in ([5, 2, 8, 1], [5, 2, 8], [5, 2], []):
        agree_on_window(student.crop_context, ids_of(rng, *ids), 3)


@checks("crop_context", weight=0.25, share=MORE_THAN_HALF)
def test_cr_newest(student, rng):
    """With a window of 1, you return a sequence that holds just the newest id. Repeated ids and id 0 are treated like
    any others."""
    for ids in ([5, 2, 8], [5], [4, 4], [7, 0]):
        agree_on_window(student.crop_context, ids_of(rng, *ids), 1)
    agree_on_window(student.crop_context, ids_of(rng, 4, 0, 4, 4, 0, 0), 4)


@checks("crop_context", weight=0.25, share=MORE_THAN_HALF)
def test_cr_array(student, rng):
    """An array of ids is cropped just like a list."""
    for context_window in (1, 3, 4, 8):
        agree_on_window(student.crop_context, np.array(ids_of(rng, 5, 2, 8, 1)), context_window)


@checks("crop_context", weight=0.25, conduct=True)
def test_cr_no_window(student, rng):
    """A window below 1 raises ValueError instead of returning everything."""
    for context_window in (0, -1):
        raises(student.crop_context, ids_of(rng, 5, 2, 8, 1), context_window)


@checks("crop_context", weight=0.25, conduct=True)
def test_cr_pure_shown(student, rng):
    """Your function doesn't change the ids it's given."""
    ids = ids_of(rng, 5, 2, 8, 1)
    leaves_unchanged(student.crop_context, ids, 2)
    leaves_unchanged(student.crop_context, np.array(ids), 2)


@checks("generate", weight=0.25, share=MORE_THAN_HALF)
def test_gn_tokens(student, rng):
    """You generate exactly as many new tokens as the limit allows (1, 2 or 5), and the finish reason is "length"."""
    prompt = prompt_of(rng)
    for max_new_tokens in (1, 2, 5):
        model, sample = scripted(rng)
        agree_on_text(student.generate, model, prompt, max_new_tokens, sample)


@checks("generate", weight=0.25, share=MORE_THAN_HALF)
def test_gn_grows(student, rng):
    """The model is shown the prompt first, and then one more token at each step."""
    prompt = prompt_of(rng)
    model, sample = scripted(rng)
    student.generate(model, prompt, 3, sample)
    ids = prompt + sample.ids
    call = shown_call(student.generate, model, prompt, 3, sample)
    agree_values(model.contexts[:3], [ids[:3], ids[:4], ids[:5]], f"what the model was shown in {call}")


@checks("generate", weight=0.25, share=MORE_THAN_HALF)
def test_gn_stop(student, rng):
    """A stop token ends the text. You don't keep the stop token or draw any more tokens, and the reason is "stop"."""
    prompt = prompt_of(rng)
    model, sample = scripted(rng, force={2: 6})
    agree_on_text(student.generate, model, prompt, 10, sample, 6)
    call = shown_call(student.generate, model, prompt, 10, sample, 6)
    agree_values(sample.ids[3:], [], f"what was drawn after the stop token in {call}")
    agree_values(
        model.contexts[4:], [], f"what the model was shown after the stop token, not counting one extra call, in {call}"
    )


@checks("generate", weight=0.25, share=MORE_THAN_HALF)
def test_gn_stop_edges(student, rng):
    """If the stop token is drawn first, there are no new ids. If the last token allowed is the stop token, the reason
    is "stop"."""
    prompt = prompt_of(rng)
    for step, max_new_tokens in ((0, 4), (2, 4), (2, 3), (2, 2)):
        model, sample = scripted(rng, force={step: 6})
        agree_on_text(student.generate, model, prompt, max_new_tokens, sample, 6)


@checks("generate", weight=0.25, share=MORE_THAN_HALF)
def test_gn_stop_in_prompt(student, rng):
    """A stop token ends the text only if it's drawn, not if it's in the prompt."""
    others = prompt_of(rng, [1, 2])
    for prompt, step in (([6, *others], 2), ([*others, 6], 99)):
        model, sample = scripted(rng, force={step: 6})
        agree_on_text(student.generate, model, prompt, 3, sample, 6)


@checks("generate", weight=0.25, share=MORE_THAN_HALF)
def test_gn_any_id(student, rng):
    """The stop token can have any id, such as 0 or 270. If there's no stop token, 0 is treated like any other id."""
    prompt = prompt_of(rng)
    for vocabulary, stop_id, options in ((7, 0, (0,)), (7, 0, ()), (300, 270, (270,))):
        model, sample = scripted(rng, vocabulary, force={1: stop_id})
        agree_on_text(student.generate, model, prompt, 3, sample, *options)


@checks("generate", weight=0.25, share=MORE_THAN_HALF)
def test_gn_sampler(student, rng):
    """The sampler is given the model's unmodified logits once per token, and the ids it draws are the new ids."""
    prompt = prompt_of(rng)
    model, sample = scripted(rng)
    new_ids, _ = agree_on_text(student.generate, model, prompt, 4, sample)
    call = shown_call(student.generate, model, prompt, 4, sample)
    agree_on_logits(model, sample, call)
    agree_values(new_ids, sample.ids, f"the new ids, compared with those drawn in {call}")


@checks("generate", weight=0.25, share=MORE_THAN_HALF)
def test_gn_none(student, rng):
    """If no new tokens are allowed, none are drawn, and the reason is "length"."""
    prompt = prompt_of(rng)
    model, sample = scripted(rng)
    agree_on_text(student.generate, model, prompt, 0, sample)
    agree_values(sample.ids, [], f"what was drawn in {shown_call(student.generate, model, prompt, 0, sample)}")


@checks("generate", weight=0.25, share=MORE_THAN_HALF)
def test_gn_sees_the_window(student, rng):
    """If there's a context window, you show the model only the most recent ids that fit in it, prompt and new ids
    combined."""
    short, long = prompt_of(rng), long_prompt(rng)
    for prompt, count, context_window in ((short, 4, 4), (short, 2, 1), (long, 2, 4)):
        model, sample = scripted(rng)
        call = shown_call(student.generate, model, prompt, count, sample, None, context_window)
        agree_on_text(student.generate, model, prompt, count, sample, None, context_window)
        agree_on_contexts(model, sample, prompt, count, context_window, call)


@checks("generate", weight=0.25, share=MORE_THAN_HALF)
def test_gn_prompt_array(student, rng):
    """The prompt may be an array of ids."""
    prompt = prompt_of(rng)
    model, sample = scripted(rng)
    agree_on_text(student.generate, model, np.array(prompt), 3, sample, None, 3)


@checks("generate", weight=0.25, conduct=True)
def test_gn_no_prompt(student, rng):
    """An empty prompt raises ValueError, even if the model would accept it."""
    _, sample = scripted(rng)
    for max_new_tokens in (example(rng, 3, lambda rng: int(rng.integers(4, 9))), 0):
        raises(student.generate, follows_nothing, [], max_new_tokens, sample)


@checks("generate", weight=0.25, conduct=True)
def test_gn_pure_shown(student, rng):
    """Your function doesn't change the prompt it's given."""
    ids = prompt_of(rng)
    for prompt, options in ((ids, ()), (ids, (None, 2)), (np.array(ids), ())):
        model, sample = scripted(rng)
        leaves_unchanged(student.generate, model, prompt, 2, sample, *options)


@checks("stream_tokens", weight=0.25)
def test_st_same(student, rng):
    """The stream yields the same ids as generate, one by one, up to the limit or the stop token."""
    prompt = prompt_of(rng)
    for options in ((), (6,)):
        model, sample = scripted(rng, force={3: 6})
        agree_in_stream(student.stream_tokens, model, prompt, 5, sample, *options)


@checks("stream_tokens", weight=0.25)
def test_st_first(student, rng):
    """Each id is yielded before the next one is drawn, even if the limit is a billion tokens."""
    prompt = prompt_of(rng)
    for max_new_tokens, most in ((7, 3), (10**9, 2)):
        model, sample = scripted(rng)
        call = shown_call(student.stream_tokens, model, prompt, max_new_tokens, sample)
        stream, came = streams(student.stream_tokens, model, prompt, max_new_tokens, sample), []
        for count in range(1, most + 1):
            came.append(next(stream, None))
            agree_values(sample.ids, came, f"the ids drawn by the time {count} had been yielded by {call}")
            agree_values(
                model.contexts[count + 1 :], [], f"what the model was shown more than one token ahead in {call}"
            )


@checks("stream_tokens", weight=0.25)
def test_st_stop_edges(student, rng):
    """The stream is empty if the stop token comes first or the limit is 0. Nothing is drawn after the stream ends."""
    prompt = prompt_of(rng)
    for step, max_new_tokens in ((0, 3), (2, 4), (2, 3), (2, 2), (2, 0)):
        model, sample = scripted(rng, force={step: 6})
        agree_in_stream(student.stream_tokens, model, prompt, max_new_tokens, sample, 6)
        call = shown_call(student.stream_tokens, model, prompt, max_new_tokens, sample, 6)
        drawn = min(step + 1, max_new_tokens)
        agree_values(sample.ids[drawn:], [], f"what was drawn after the first {drawn} ids in {call}")


@checks("stream_tokens", weight=0.25)
def test_st_stop_in_prompt(student, rng):
    """A stop token ends the stream only if it's drawn, not if it's in the prompt."""
    others = prompt_of(rng, [1, 2])
    for prompt, step in (([6, *others], 2), ([*others, 6], 99)):
        model, sample = scripted(rng, force={step: 6})
        agree_in_stream(student.stream_tokens, model, prompt, 3, sample, 6)


@checks("stream_tokens", weight=0.25)
def test_st_any_id(student, rng):
    """The stop token can have any id, such as 0 or 270. If there's no stop token, 0 is treated like any other id."""
    prompt = prompt_of(rng)
    for vocabulary, stop_id, options in ((7, 0, (0,)), (7, 0, ()), (300, 270, (270,))):
        model, sample = scripted(rng, vocabulary, force={1: stop_id})
        agree_in_stream(student.stream_tokens, model, prompt, 3, sample, *options)


@checks("stream_tokens", weight=0.25)
def test_st_sees_the_window(student, rng):
    """The model is shown the prompt and all the new tokens so far or, if there's a context window, only the most recent
    ids that fit in it."""
    short, long = prompt_of(rng), long_prompt(rng)
    # The long prompt comes first, because with the short one, several mistakes look the same.
    for prompt, count, context_window in ((short, 3, None), (long, 2, 4), (short, 4, 4), (short, 2, 1)):
        model, sample = scripted(rng)
        call = shown_call(student.stream_tokens, model, prompt, count, sample, None, context_window)
        agree_in_stream(student.stream_tokens, model, prompt, count, sample, None, context_window)
        agree_on_contexts(model, sample, prompt, count, context_window or 100, call)


@checks("stream_tokens", weight=0.25)
def test_st_sampler(student, rng):
    """The sampler is given the model's unmodified logits, once for each token."""
    prompt = prompt_of(rng)
    model, sample = scripted(rng)
    call = shown_call(student.stream_tokens, model, prompt, 4, sample)
    agree_in_stream(student.stream_tokens, model, prompt, 4, sample)
    agree_on_logits(model, sample, call)


@checks("stream_tokens", weight=0.25)
def test_st_in_turn(student, rng):
    """Two streams don't interfere with each other when you alternate between them."""
    prompts = [prompt_of(rng), prompt_of(rng, [2, 0])]
    settings = [(*scripted(rng), prompt) for prompt in prompts]
    wanted = [
        list(generation.stream_tokens(*copy.deepcopy((model, ids, 3, sample)))) for model, sample, ids in settings
    ]
    both = [streams(student.stream_tokens, model, ids, 3, sample) for model, sample, ids in settings]
    got = [[next(stream, None) for stream in both] for _ in range(3)]
    agree_values(
        got,
        [list(pair) for pair in zip(*wanted, strict=True)],
        f"the ids that follow {prompts[0]} and {prompts[1]}, in turn",
    )


@checks("stream_tokens", weight=0.25)
def test_st_prompt_array(student, rng):
    """The prompt may be an array of ids."""
    prompt = prompt_of(rng)
    model, sample = scripted(rng)
    agree_in_stream(student.stream_tokens, model, np.array(prompt), 3, sample, None, 3)


@checks("stream_tokens", weight=0.25, conduct=True)
def test_st_no_prompt(student, rng):
    """An empty prompt raises ValueError when the first id is requested, if not earlier, even if max_new_tokens is 0."""
    _, sample = scripted(rng)
    for max_new_tokens in (example(rng, 3, lambda rng: int(rng.integers(4, 9))), 0):
        raises(student.stream_tokens, follows_nothing, [], max_new_tokens, sample)


@checks("stream_tokens", weight=0.25, conduct=True)
def test_st_pure_shown(student, rng):
    """Reading the stream to its end doesn't change the prompt."""
    prompt = prompt_of(rng)
    for options in ((), (None, 2)):
        model, sample = scripted(rng)
        leaves_unchanged(student.stream_tokens, model, prompt, 3, sample, *options)


def text_of(student, tokens):
    """Return all the text that the stub makes from tokens given as bytes. The tokens' ids are 0, 1, 2 and so on."""
    stream = streams(student.stream_text, iter(range(len(tokens))), dict(enumerate(tokens)))
    return "".join(map(str, itertools.islice(stream, 100)))


@checks("stream_text", weight=0.25)
def test_tx_join(student, rng):
    """An emoji split across three tokens comes out whole, along with the ordinary words before it."""
    id_to_bytes, words, animal = story(rng)
    pieces = list(itertools.islice(streams(student.stream_text, iter(WORDS + ANIMAL + SIGN), id_to_bytes), 50))
    agree_values("".join(map(str, pieces)), f"{words} {animal}!", "the pieces of text, joined")


@checks("stream_text", weight=0.25)
def test_tx_words(student, rng):
    """When you yield the first word, you've read at most one token beyond it."""
    id_to_bytes, _, _ = story(rng)
    ids = iter(WORDS + WORDS[1:] + SIGN)
    next(filter(None, streams(student.stream_text, ids, id_to_bytes)), None)
    taken = 6 - operator.length_hint(ids)
    agree_values(
        max(taken, 2), 2, "how many of 6 tokens had been read when the first piece of text was yielded (2 at most)"
    )


@checks("stream_text", weight=0.25)
def test_tx_space(student, rng):
    """As in the table in part 4, you yield the space in front of the emoji before you've read the emoji's last byte."""
    id_to_bytes, _, animal = story(rng)
    ids = iter(ANIMAL + SIGN)
    stream = (piece for piece in streams(student.stream_text, ids, id_to_bytes) if piece)
    first = next(stream, None)
    taken = 4 - operator.length_hint(ids)
    *tokens, sign = (id_to_bytes[each].hex(" ").upper() for each in ANIMAL + SIGN)
    agree_values(first, " ", f"the first piece of text from the tokens {', '.join(tokens)} and {sign}")
    agree_values(
        max(taken, 2),
        2,
        "how many of these 4 tokens had been read when the first piece of text was yielded (2 at most)",
    )
    agree_values("".join(map(str, itertools.islice(stream, 9))), f"{animal}!", "the rest of the text, joined")


def bytes_each(size):
    return "1 byte" if size == 1 else f"{size} bytes"


@checks("stream_text", weight=0.25)
def test_tx_cut(student, rng):
    """Every character, whether it takes one byte or four, comes out whole, no matter where one token ends and the next
    begins."""
    text = example(rng, "é€🐈 a?世ß🙂ñ…!", lambda rng: "".join(rng.permutation([*"é€🐈 a?世ß🙂ñ…!"])))
    for size in (1, 2, 3, 5, 99):
        data = text.encode()
        tokens = [data[start : start + size] for start in range(0, len(data), size)]
        agree_values(text_of(student, tokens), text, f"the text from tokens of {bytes_each(size)} each, joined")


def in_a_different_order(rng):
    """Return the same tokens in a different order, with the empty token anywhere but last."""
    tokens = [b" The", b"  cat", b"\n", b"sat ", b" ", b"on\t"]
    order = [tokens[place] for place in rng.permutation(len(tokens))]
    order.insert(int(rng.integers(len(order))), b"")
    return order


@checks("stream_text", weight=0.25)
def test_tx_nothing_added(student, rng):
    """Spaces and line breaks come from the tokens. You don't add any, and you don't lose any."""
    shown = [b" The", b"  cat", b"\n", b"sat ", b" ", b"", b"on\t"]
    tokens = example(rng, shown, in_a_different_order)
    agree_values(text_of(student, tokens), b"".join(tokens).decode(), f"the text of {tokens}, joined")
    agree_values(text_of(student, []), "", "the text when there are no tokens")


@checks("stream_text", weight=0.25)
def test_tx_cut_off(student, rng):
    """If the last character is cut off, you yield everything before it; only replacement characters may follow. If the
    text itself ends with a replacement character, you keep it."""
    id_to_bytes, _, _ = story(rng)
    word = id_to_bytes[WORDS[0]]
    tokens = [word, b" ", "\ufffd".encode()]
    agree_values(text_of(student, tokens), f"{word.decode()} \ufffd", f"the text of {tokens}, joined")
    for tokens in ([word, b" \xf0\x9f\x90"], [word + b" ", b"\xc3"]):
        came = text_of(student, tokens).rstrip("\ufffd")
        agree_values(came, f"{word.decode()} ", f"the text of {tokens}, up to the character that's cut off")


def two_pairs_of_letters(rng):
    letters = "".join(rng.permutation([*"efghijklm"]))
    return letters[:2], letters[2:4]


@checks("stream_text", weight=0.25)
def test_tx_without_end(student, rng):
    """You yield the first three pieces of an endless text after reading only a few tokens, even if it has no spaces."""
    remaining = iter([0, 1] * 2_000)
    one, other = example(rng, ("ab", "cd"), two_pairs_of_letters)
    pieces = streams(student.stream_text, remaining, {0: one.encode(), 1: other.encode()})
    pieces = (piece for piece in pieces if piece)
    came = "".join(map(str, itertools.islice(pieces, 3)))
    taken = 4_000 - operator.length_hint(remaining)
    what = f"the first three pieces of text from the tokens {one}, {other}, {one}, {other}, …, joined"
    agree_values(came, (one + other + one)[: len(came)], what)
    agree_values(max(taken, 4), 4, "how many of these tokens were read for three pieces of text (4 at most)")


def other_texts(rng):
    first, last = two_pairs_of_letters(rng)
    return [f"{first[0]}{rng.choice([*'🐕🦉🦊🐖'])}{last[0]}", "".join(rng.permutation([*"ñ世🙃"]))]


@checks("stream_text", weight=0.25)
def test_tx_in_turn(student, rng):
    """Two texts don't interfere with each other when you alternate between them, even in the middle of a character."""
    texts = example(rng, ["a🐈b", "é世🙂"], other_texts)
    both = []
    for text in texts:
        tokens = [bytes([each]) for each in text.encode()]
        stream = streams(student.stream_text, iter(range(len(tokens))), dict(enumerate(tokens)))
        both.append(piece for piece in stream if piece)
    turns = [[str(next(pieces, "")) for pieces in both] for _ in range(6)]
    agree_values(["".join(came) for came in zip(*turns, strict=True)], texts, "both texts, joined")
