"""Hidden and robustness checks for the `generation` lab, grouped by stub, and not meant to be read in one sitting."""

import copy
import itertools
import operator

import numpy as np

from autograder.testing import (
    ScriptedModel,
    ScriptedSampler,
    agree_values,
    checks,
    leaves_unchanged,
    raises,
    repeatable,
    streams,
)
from reference import generation
from reference.generation.test_visible import MORE_THAN_HALF, agree_on_text, agree_on_window

# Characters of one, two, three and four bytes.
CHARACTERS = list("aZ .?") + list("éñß") + list("€世…") + list("🐈🙂🏽")


def ids_below(rng, vocabulary, count):
    return rng.integers(0, vocabulary, size=count).tolist()


def scripted(rng, vocabulary=9, **script):
    """Return a model and a sampler that no visible check uses."""
    return ScriptedModel(vocabulary, int(rng.integers(10**6)), **script), ScriptedSampler(int(rng.integers(10**6)))


def agree_in_stream(stub, *args):
    """Require the stub's stream to yield exactly the reference's ids, and no more."""
    wanted = list(generation.stream_tokens(*copy.deepcopy(args)))
    got = list(itertools.islice(streams(stub, *args), len(wanted) + 3))
    agree_values(got, wanted, "the ids that the stream yielded")


def windows(ids, prompt, count, context_window):
    """Return the context at each of the first `count` steps, cropped to the window."""
    return [ids[: len(prompt) + step][-context_window:] for step in range(count)]


# --- crop_context ---


@checks("crop_context", kind="hidden", weight=3, share=MORE_THAN_HALF)
def test_cr_fresh(student, rng):
    """Given a new text, you keep the ids at its end, whether the text is longer than the window or exactly as long."""
    ids = ids_below(rng, 100, 9)
    for context_window in (2, 5, 8, 9):
        agree_on_window(student.crop_context, ids, context_window)


@checks("crop_context", kind="hidden", weight=0.5, share=MORE_THAN_HALF)
def test_cr_short(student, rng):
    """Text that's shorter than the window stays the same, whether it's a list or an array."""
    for count, context_window in ((9, 10), (9, 15), (1, 2), (4, 1000)):
        agree_on_window(student.crop_context, ids_below(rng, 100, count), context_window)
    agree_on_window(student.crop_context, rng.integers(0, 100, size=6), 8)


@checks("crop_context", kind="hidden", share=MORE_THAN_HALF)
def test_cr_one(student, rng):
    """With a window of 1, you return only the last id, in a sequence of length 1."""
    for count in (1, 2, 6):
        agree_on_window(student.crop_context, ids_below(rng, 100, count), 1)


@checks("crop_context", kind="hidden", share=MORE_THAN_HALF)
def test_cr_arr(student, rng):
    """An array of ids is cropped just like a list, and its ids stay integers."""
    for context_window in (1, 4, 6):
        agree_on_window(student.crop_context, rng.integers(0, 100, size=6), context_window)


@checks("crop_context", kind="hidden", share=MORE_THAN_HALF)
def test_cr_repeated(student, rng):
    """Every copy of a repeated id in the window is kept, and 0 is treated like any other id."""
    for ids, context_window in (([4, 0, 4, 4, 0, 0], 4), ([0, 0, 0], 2), ([7, 7], 2)):
        agree_on_window(student.crop_context, ids, context_window)


@checks("crop_context", kind="robustness", weight=0.25, share=MORE_THAN_HALF)
def test_cr_empty(student, rng):
    """An empty list or array of ids stays empty."""
    agree_on_window(student.crop_context, [], 3)
    agree_on_window(student.crop_context, np.array([], dtype=np.int64), 1)


@checks("crop_context", kind="robustness", conduct=True)
def test_cr_bad(student, rng):
    """A window below 1 raises ValueError, even if the text is empty."""
    for ids, context_window in (([5, 2, 8], 0), ([5, 2, 8], -1), ([5, 2, 8], -7), ([], 0)):
        raises(student.crop_context, ids, context_window)


@checks("crop_context", kind="robustness", conduct=True)
def test_cr_pure(student, rng):
    """The ids aren't modified, whether they're in a list or in an array."""
    leaves_unchanged(student.crop_context, ids_below(rng, 100, 6), 4)
    leaves_unchanged(student.crop_context, rng.integers(0, 100, size=6), 4)
    leaves_unchanged(student.crop_context, ids_below(rng, 100, 2), 4)


@checks("crop_context", kind="robustness", conduct=True)
def test_cr_repeat(student, rng):
    """A second call with the same ids and window gives the same result."""
    repeatable(student.crop_context, ids_below(rng, 100, 6), 4)


# --- generate ---


@checks("generate", kind="hidden", share=MORE_THAN_HALF)
def test_gn_fresh(student, rng):
    """If the stop token is never drawn, you generate the right text, no matter which model, sampler and prompt you're
    given."""
    for prompt_length, max_new_tokens, options in ((1, 3, ()), (4, 8, ()), (6, 6, (8,))):
        model, sample = scripted(rng, force={99: 8})
        prompt = ids_below(rng, 8, prompt_length)
        agree_on_text(student.generate, model, prompt, max_new_tokens, sample, *options)


@checks("generate", kind="hidden")
def test_gn_ctx(student, rng):
    """Each context is the prompt and all the new tokens so far, in order, and nothing else."""
    model, sample = scripted(rng)
    prompt = ids_below(rng, 9, 4)
    student.generate(model, prompt, 6, sample)
    wanted = windows(prompt + sample.ids, prompt, 6, 100)
    agree_values(model.contexts[:6], wanted, "the contexts that the model was shown")
    agree_values(model.contexts[7:], [], "the contexts that the model was shown after one extra call")


@checks("generate", kind="hidden", share=MORE_THAN_HALF)
def test_gn_sample(student, rng):
    """No matter which model and sampler you're given, you pass the sampler the model's unmodified logits once per
    token, and return the ids it draws."""
    model, sample = scripted(rng)
    new_ids, _ = agree_on_text(student.generate, model, ids_below(rng, 9, 3), 8, sample)
    again = copy.deepcopy(model)
    agree_values(sample.logits, [again(context) for context in model.contexts[:8]], "the logits given to the sampler")
    agree_values(new_ids, sample.ids, "the new ids")


@checks("generate", kind="hidden", share=MORE_THAN_HALF)
def test_gn_zero(student, rng):
    """If the limit is 0 new tokens, nothing is drawn, and the reason is "length"."""
    model, sample = scripted(rng)
    agree_on_text(student.generate, model, ids_below(rng, 9, 3), 0, sample)
    agree_on_text(student.generate, model, [2, 8], 0, sample, 8)
    agree_values(sample.ids, [], "the ids drawn")
    agree_values(model.contexts[2:], [], "the contexts that the model was shown, except for one in each call")


@checks("generate", kind="hidden", weight=2, share=MORE_THAN_HALF)
def test_gn_stop_now(student, rng):
    """If the stop token comes first, there are no new ids. If the stop token comes later, everything before it is
    kept."""
    for step in (0, 1, 8):
        # With so many ids, the stop token is hardly ever drawn before its step, when wrong contexts still do no harm.
        model, sample = scripted(rng, vocabulary=400, force={step: 5})
        agree_on_text(student.generate, model, ids_below(rng, 9, 3), 20, sample, 5)
        agree_values(sample.ids[step + 1 :], [], "the ids drawn after the stop token")
        agree_values(
            model.contexts[step + 2 :], [], "the contexts shown after the stop token, not counting one extra call"
        )


@checks("generate", kind="hidden", share=MORE_THAN_HALF)
def test_gn_stop_prompt(student, rng):
    """A stop token in the prompt, wherever it is, doesn't end the text, but drawing one does."""
    for prompt in ([5, 1, 2], [1, 5, 2], [1, 2, 5], [5]):
        for force in ({3: 5}, {99: 5}):
            model, sample = scripted(rng, force=force)
            agree_on_text(student.generate, model, prompt, 5, sample, 5)


@checks("generate", kind="hidden", share=MORE_THAN_HALF)
def test_gn_stop0(student, rng):
    """Id 0 can be the stop token. If the stop token has a different id or there isn't one, 0 is treated like any other
    id."""
    for options in ((0,), (), (4,)):
        model, sample = scripted(rng, force={2: 0})
        agree_on_text(student.generate, model, ids_below(rng, 9, 3), 6, sample, *options)


@checks("generate", kind="hidden", share=MORE_THAN_HALF)
def test_gn_stop_last(student, rng):
    """If the last token allowed happens to be the stop token, the reason is "stop". If the limit is reached first, the
    reason is "length"."""
    for max_new_tokens in (4, 5, 6):
        model, sample = scripted(rng, force={4: 3})
        agree_on_text(student.generate, model, ids_below(rng, 9, 3), max_new_tokens, sample, 3)


@checks("generate", kind="hidden", share=MORE_THAN_HALF)
def test_gn_large_ids(student, rng):
    """Ids in the thousands, including the stop token's, work just like small ones."""
    model, sample = scripted(rng, vocabulary=3000, force={4: 2500})
    agree_on_text(student.generate, model, ids_below(rng, 3000, 3), 9, sample, 2500)


@checks("generate", kind="hidden", share=MORE_THAN_HALF)
def test_gn_window(student, rng):
    """If there's a context window, each context consists of the most recent ids that fit in it, from the prompt and the
    new tokens combined."""
    # The first two models accept longer contexts, so if the stub shows them too much, it fails the comparison instead
    # of getting an error from the model.
    for context_window, limit in ((4, None), (1, None), (4, 4), (50, 50)):
        model, sample = scripted(rng, window=limit)
        prompt = ids_below(rng, 9, 3)
        agree_on_text(student.generate, model, prompt, 5, sample, None, context_window)
        wanted = windows(prompt + sample.ids, prompt, 5, context_window)
        agree_values(model.contexts[:5], wanted, "the contexts that the model was shown")


@checks("generate", kind="hidden", share=MORE_THAN_HALF)
def test_gn_longprompt(student, rng):
    """A prompt that's longer than the context window is cropped from the first step on."""
    for limit in (None, 4):
        model, sample = scripted(rng, window=limit, force={5: 7})
        prompt = ids_below(rng, 9, 9)
        agree_on_text(student.generate, model, prompt, 8, sample, 7, 4)
        steps = len(sample.ids)  # the stop token may come early
        wanted = windows(prompt + sample.ids, prompt, steps, 4)
        agree_values(model.contexts[:steps], wanted, "the contexts that the model was shown")


@checks("generate", kind="robustness", share=MORE_THAN_HALF)
def test_gn_array(student, rng):
    """The prompt may be an array of ids instead of a list."""
    for count in (1, 4):
        model, sample = scripted(rng)
        agree_on_text(student.generate, model, rng.integers(0, 9, size=count), 5, sample, None, 3)


@checks("generate", kind="robustness", weight=0.5, conduct=True)
def test_gn_pure(student, rng):
    """The prompt isn't modified, with or without a context window."""
    for options in ((), (None, 2)):
        leaves_unchanged(student.generate, scripted(rng)[0], ids_below(rng, 9, 4), 3, ScriptedSampler(1), *options)
    leaves_unchanged(student.generate, scripted(rng)[0], rng.integers(0, 9, size=4), 3, ScriptedSampler(1))


@checks("generate", kind="robustness", weight=0.5, conduct=True)
def test_gn_empty(student, rng):
    """An empty prompt, whether it's a list or an array, raises ValueError, even if the model would accept it."""

    def model(context_ids):
        return np.zeros(5)

    for prompt in ([], np.array([], dtype=np.int64)):
        raises(student.generate, model, prompt, 3, ScriptedSampler(1))
    raises(student.generate, model, [], 0, ScriptedSampler(1))


@checks("generate", kind="robustness", weight=0.5, conduct=True)
def test_gn_repeat(student, rng):
    """A second call with the same model and draws starts from scratch and gives the same text."""
    model, sample = scripted(rng)
    repeatable(student.generate, model, ids_below(rng, 9, 3), 5, sample)


# --- stream_tokens ---


@checks("stream_tokens", kind="hidden")
def test_st_fresh(student, rng):
    """If the stop token is never drawn, you yield the right ids, no matter which model, sampler and prompt you're
    given."""
    for prompt_length, max_new_tokens, options in ((1, 3, ()), (4, 8, ()), (6, 6, (8,))):
        model, sample = scripted(rng, force={99: 8})
        agree_in_stream(
            student.stream_tokens, model, ids_below(rng, 8, prompt_length), max_new_tokens, sample, *options
        )


# Yielding each id before the next draw is what makes it a stream, so this check and `test_st_abandon` count as much as
# all the others combined.
@checks("stream_tokens", kind="hidden", weight=8)
def test_st_lazy(student, rng):
    """Each id is yielded before the next one is drawn, and drawing the stop token ends the stream."""
    model, sample = scripted(rng, force={5: 8})
    prompt = ids_below(rng, 8, 3)
    stream = streams(student.stream_tokens, model, prompt, 8, sample, 8)
    for count in range(1, 6):
        came = next(stream, None)
        agree_values(
            came, sample.ids[-1] if sample.ids else None, "the id that was yielded, compared with the last one drawn"
        )
        agree_values(len(sample.ids), count, "the number of ids drawn, which should equal the number yielded")
        agree_values(model.contexts[count + 1 :], [], "the contexts shown more than one token ahead")
    # If the stub leaves out part of a context, that only shows up in the draws by chance.
    agree_values(model.contexts[:5], windows(prompt + sample.ids, prompt, 5, 100), "the contexts shown")
    agree_values(next(stream, None), None, "what was yielded when the stop token was drawn (None for nothing)")


@checks("stream_tokens", kind="hidden")
def test_st_stop(student, rng):
    """The stop token ends the stream and isn't part of it, whether it's drawn first, later or last."""
    for step, max_new_tokens in ((0, 9), (4, 9), (4, 5), (4, 4)):
        model, sample = scripted(rng, force={step: 5})
        agree_in_stream(student.stream_tokens, model, ids_below(rng, 9, 3), max_new_tokens, sample, 5)
        agree_values(sample.ids[step + 1 :], [], "the ids drawn after the stop token")
        agree_values(
            model.contexts[step + 2 :], [], "the contexts shown after the stop token, not counting one extra call"
        )


@checks("stream_tokens", kind="hidden")
def test_st_stop_prompt(student, rng):
    """A stop token in the prompt, wherever it is, doesn't end the stream, but drawing one does."""
    for prompt in ([5, 1, 2], [1, 2, 5], [5]):
        for force in ({3: 5}, {99: 5}):
            model, sample = scripted(rng, force=force)
            agree_in_stream(student.stream_tokens, model, prompt, 5, sample, 5)


@checks("stream_tokens", kind="hidden")
def test_st_stop0(student, rng):
    """Id 0 can be the stop token. If the stop token has a different id or there isn't one, 0 is treated like any other
    id."""
    for options in ((0,), (), (4,)):
        model, sample = scripted(rng, force={2: 0})
        agree_in_stream(student.stream_tokens, model, ids_below(rng, 9, 3), 6, sample, *options)


@checks("stream_tokens", kind="hidden")
def test_st_large_ids(student, rng):
    """Ids in the thousands, including the stop token's, work just like small ones."""
    model, sample = scripted(rng, vocabulary=3000, force={4: 2500})
    agree_in_stream(student.stream_tokens, model, ids_below(rng, 3000, 3), 9, sample, 2500)


@checks("stream_tokens", kind="hidden")
def test_st_ctx(student, rng):
    """Each context is the prompt and all the new tokens so far or, if there's a context window, only the most recent
    ids that fit in it."""
    # All models but the last accept longer contexts, so if the stub shows them too much, it fails the comparison
    # instead of getting an error from the model.
    for context_window, limit, count in ((None, None, 3), (4, None, 9), (4, None, 3), (1, None, 2), (4, 4, 9)):
        model, sample = scripted(rng, window=limit)
        prompt = ids_below(rng, 9, count)
        agree_in_stream(student.stream_tokens, model, prompt, 5, sample, None, context_window)
        wanted = windows(prompt + sample.ids, prompt, 5, context_window or 100)
        agree_values(model.contexts[:5], wanted, "the contexts that the model was shown")


@checks("stream_tokens", kind="hidden")
def test_st_sample(student, rng):
    """The sampler is given the model's unmodified logits, and the ids it draws are the ones you yield."""
    model, sample = scripted(rng)
    agree_in_stream(student.stream_tokens, model, ids_below(rng, 9, 3), 8, sample)
    again = copy.deepcopy(model)
    agree_values(sample.logits, [again(context) for context in model.contexts[:8]], "the logits given to the sampler")


@checks("stream_tokens", kind="hidden")
def test_st_zero(student, rng):
    """If no new tokens are allowed, the stream is empty, and nothing is drawn."""
    model, sample = scripted(rng)
    agree_in_stream(student.stream_tokens, model, ids_below(rng, 9, 3), 0, sample)
    agree_values(sample.ids, [], "the ids drawn")


@checks("stream_tokens", kind="hidden")
def test_st_two(student, rng):
    """When you alternate between two streams, neither one affects the other."""
    settings = [(*scripted(rng), ids_below(rng, 9, 3)) for _ in range(2)]
    wanted = [
        list(generation.stream_tokens(*copy.deepcopy((model, ids, 4, sample)))) for model, sample, ids in settings
    ]
    both = [streams(student.stream_tokens, model, ids, 4, sample) for model, sample, ids in settings]
    got = [[next(stream, None) for stream in both] for _ in range(4)]
    agree_values(got, [list(pair) for pair in zip(*wanted, strict=True)], "the ids of both streams, in turn")


@checks("stream_tokens", kind="robustness", weight=5)
def test_st_abandon(student, rng):
    """Even if the limit is a billion tokens, reading three ids draws only three."""
    model, sample = scripted(rng)
    stream = streams(student.stream_tokens, model, ids_below(rng, 9, 3), 10**9, sample)
    came = list(itertools.islice(stream, 3))
    agree_values(came, sample.ids, "the ids that were yielded, compared with the ids that were drawn")
    agree_values(len(came), 3, "how many ids were yielded")


@checks("stream_tokens", kind="robustness")
def test_st_array(student, rng):
    """The prompt may be an array of ids instead of a list."""
    for count in (1, 4):
        model, sample = scripted(rng)
        agree_in_stream(student.stream_tokens, model, rng.integers(0, 9, size=count), 5, sample, None, 3)


@checks("stream_tokens", kind="robustness", conduct=True)
def test_st_empty(student, rng):
    """An empty list or array of prompt ids raises ValueError, either right away or when the first id is requested."""

    def model(context_ids):
        return np.zeros(5)

    for prompt in ([], np.array([], dtype=np.int64)):
        raises(student.stream_tokens, model, prompt, 3, ScriptedSampler(1))
    raises(student.stream_tokens, model, [], 0, ScriptedSampler(1))


@checks("stream_tokens", kind="robustness", conduct=True)
def test_st_pure(student, rng):
    """Reading the stream to its end doesn't modify the prompt, with or without a context window."""
    for options in ((), (None, 2)):
        prompt, sample = ids_below(rng, 9, 4), ScriptedSampler(1)
        leaves_unchanged(student.stream_tokens, scripted(rng)[0], prompt, 3, sample, *options)


# --- stream_text ---


def cut(data, sizes):
    """Cut the bytes into pieces, cycling through these sizes."""
    starts = [0, *itertools.accumulate(itertools.islice(itertools.cycle(sizes), len(data)))]
    return [data[start:end] for start, end in itertools.pairwise(starts) if start < len(data)]


def tokenised(rng, tokens):
    """Return the ids of the tokens, one of which is 0, and the dict from ids to bytes."""
    different = list(dict.fromkeys(tokens))
    ids = dict(zip(different, rng.permutation(len(different)).tolist(), strict=True))
    return [ids[token] for token in tokens], {number: token for token, number in ids.items()}


def pieces_of(stream):
    """Yield the pieces of text that aren't empty, one by one, and the repr of anything that isn't text."""
    return (piece if isinstance(piece, str) else repr(piece) for piece in stream if not isinstance(piece, str) or piece)


def text_of(student, rng, tokens):
    """Return all the text that the stub makes from the tokens."""
    ids, table = tokenised(rng, tokens)
    stream = streams(student.stream_text, iter(ids), table)
    return "".join(pieces_of(itertools.islice(stream, 1_000)))


def agree_at_once(student, rng, tokens):
    """Require that the pieces join to form the right text, and that each comes at most one token later than
    necessary."""
    ids, table = tokenised(rng, tokens)
    remaining = iter(ids)
    complete = [b"".join(tokens[:count]).decode(errors="ignore") for count in range(len(tokens) + 1)]
    came = ""
    for piece in pieces_of(streams(student.stream_text, remaining, table)):
        needed = next((count for count, text in enumerate(complete) if len(text) > len(came)), len(tokens))
        taken = len(tokens) - operator.length_hint(remaining)
        agree_values(
            max(taken, needed + 1), needed + 1, "how many tokens had been read when the next piece was yielded"
        )
        came += piece
    agree_values(came, complete[-1], "the pieces of text, joined")


@checks("stream_text", kind="hidden")
def test_tx_clean(student, rng):
    """No matter how the text is cut into tokens, every character comes out whole, and there are no replacement
    characters."""
    for sizes in ((1, 2, 3), (2, 2, 1), (3, 5)):
        text = "".join(rng.choice(CHARACTERS, size=15))
        agree_values(text_of(student, rng, cut(text.encode(), sizes)), text, "the pieces of text, joined")


@checks("stream_text", kind="hidden")
def test_tx_bytes(student, rng):
    """Each byte can be a token of its own."""
    text = "".join(rng.permutation(CHARACTERS))
    agree_values(text_of(student, rng, cut(text.encode(), (1,))), text, "the pieces of text, joined")


@checks("stream_text", kind="hidden")
def test_tx_whole(student, rng):
    """A token can hold several whole characters, no matter how many bytes each one takes."""
    text = "".join(rng.permutation(CHARACTERS))
    agree_values(text_of(student, rng, [text.encode(), text[::-1].encode()]), text + text[::-1], "the text, joined")


@checks("stream_text", kind="hidden")
def test_tx_lazy(student, rng):
    """You yield words as they arrive, reading at most one token ahead."""
    words = [f" {word}".encode() for word in rng.permutation(["cat", "dog", "mat", "floor", "table", "roof"])]
    agree_at_once(student, rng, words)


# This tests both of the stub's jobs at once: putting characters together, and yielding each one without waiting for the
# next.
@checks("stream_text", kind="hidden", weight=6)
def test_tx_flows(student, rng):
    """Even if every token ends in the middle of a character, you keep yielding text."""
    text = "".join(rng.choice(list("🐈🙂🏽"), size=12))
    agree_at_once(student, rng, cut(text.encode(), (3, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4)))


@checks("stream_text", kind="hidden")
def test_tx_spaces(student, rng):
    """You keep all the spaces and line breaks in the tokens, and don't add any."""
    tokens = [b" The", b"  cat", b"\n", b"sat ", b" ", b"on", b"\tthe", b" mat \n"]
    wanted = b"".join(tokens).decode()
    agree_values(text_of(student, rng, tokens), wanted, "the pieces of text, joined")


@checks("stream_text", kind="hidden")
def test_tx_two(student, rng):
    """When you alternate between two texts, neither one affects the other, even if one pauses in the middle of a
    character."""
    texts = ["a🐈b", "é世🙂"]
    both = []
    for text in texts:
        ids, table = tokenised(rng, cut(text.encode(), (2, 1)))
        both.append(pieces_of(streams(student.stream_text, iter(ids), table)))
    turns = [[next(pieces, "") for pieces in both] for _ in range(8)]
    agree_values(["".join(came) for came in zip(*turns, strict=True)], texts, "both texts, joined")


@checks("stream_text", kind="robustness")
def test_tx_trunc(student, rng):
    """If the last character is incomplete, everything before it is yielded; only replacement characters may follow. A
    replacement character that's really the last one in the text isn't lost."""
    text = "".join(rng.choice(CHARACTERS, size=3)) + ".\ufffd"
    agree_values(text_of(student, rng, cut(text.encode(), (2,))), text, "the text that ends with a real U+FFFD, joined")
    for character, kept in (("é", 1), ("€", 2), ("🐈", 1), ("🐈", 3)):
        # The cat's four bytes are spread over three tokens.
        text = "a🐈" + "".join(rng.choice(CHARACTERS, size=3)) + "."
        tokens = cut(text.encode() + character.encode()[:kept], (2,))
        agree_values(
            text_of(student, rng, tokens).rstrip("\ufffd"), text, "the text before the character that was cut off"
        )


@checks("stream_text", kind="robustness")
def test_tx_empty(student, rng):
    """If there are no tokens, there's no text, and a token without bytes adds nothing."""
    agree_values(text_of(student, rng, []), "", "the text when there are no tokens")
    tokens = [b"", b"The", b"", b"\xf0\x9f", b"", b"\x90\x88", b""]
    agree_values(text_of(student, rng, tokens), "The🐈", "the pieces of text, joined")


@checks("stream_text", kind="robustness")
def test_tx_endless(student, rng):
    """Reading three pieces of text from a stream of thousands of tokens consumes only a few tokens."""
    remaining = iter([0, 1] * 2_000)
    pieces = pieces_of(streams(student.stream_text, remaining, {0: b"ab", 1: b"cd"}))
    agree_values("abcdab".startswith("".join(itertools.islice(pieces, 3))), True, "whether the first pieces are right")
    taken = 4_000 - operator.length_hint(remaining)
    agree_values(max(taken, 4), 4, "how many tokens were read for three pieces of text")
