"""Correct answers to the `generation` lab's stubs, written in different ways."""

import codecs

import numpy as np

from autograder.testing import alternative

# --- crop_context ---


@alternative(of="crop_context")
def crop_an_array(token_ids, context_window):
    if context_window < 1:
        raise ValueError("context_window must be at least 1")
    return np.asarray(token_ids, dtype=int)[-context_window:]


@alternative(of="crop_context")
def crop_from_a_start(token_ids, context_window):
    if context_window <= 0:
        raise ValueError("context_window must be above 0")
    start = max(0, len(token_ids) - context_window)
    return token_ids[start:]


@alternative(of="crop_context")
def crop_into_a_tuple(token_ids, context_window):
    if not context_window >= 1:
        raise ValueError
    return tuple(token_ids[-context_window:])


@alternative(of="crop_context")
def crop_from_a_copy(token_ids, context_window):
    if context_window < 1:
        raise ValueError(f"a window of {context_window}")
    ids = list(token_ids)
    while len(ids) > context_window:
        ids.pop(0)
    return ids


@alternative(of="crop_context")
def crop_backwards(token_ids, context_window):
    if context_window < 1:
        raise ValueError(f"a window of {context_window}")
    newest_first = list(reversed(token_ids))[:context_window]
    return newest_first[::-1]


@alternative(of="crop_context")
def crop_by_position(token_ids, context_window):
    if context_window < 1:
        raise ValueError(f"a window of {context_window}")
    if len(token_ids) <= context_window:
        return token_ids
    return [token_ids[position] for position in range(len(token_ids) - context_window, len(token_ids))]


# --- generate ---


@alternative(of="generate")
def generate_into_an_array(next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None):
    ids = np.array(prompt_ids, dtype=np.int64)
    if ids.size == 0:
        raise ValueError("the prompt is empty")
    new_ids = np.zeros(0, dtype=np.int64)
    while len(new_ids) < max_new_tokens:
        context = np.concatenate([ids, new_ids])
        if context_window is not None:
            context = context[-context_window:]
        token = np.int64(sample(next_token_logits(context)))
        if stop_id is not None and token == stop_id:
            return new_ids, "stop"
        new_ids = np.append(new_ids, token)
    return new_ids, "length"


@alternative(of="generate")
def generate_with_numpy_ids(next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None):
    if not len(prompt_ids):
        raise ValueError("nothing to continue")
    window = context_window or len(prompt_ids) + max_new_tokens
    ids = [np.int32(each) for each in prompt_ids]
    finish_reason = "length"
    while len(ids) - len(prompt_ids) < max_new_tokens and finish_reason == "length":
        token = np.int32(sample(next_token_logits(ids[-window:])))
        if token == stop_id:
            finish_reason = "stop"
        else:
            ids.append(token)
    return [ids[len(prompt_ids) :], finish_reason]


@alternative(of="generate")
def generate_looking_ahead(next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None):
    if len(prompt_ids) == 0:
        raise ValueError("the prompt is empty")

    def crop(ids):
        return ids if context_window is None else ids[-context_window:]

    ids = list(prompt_ids)
    logits = next_token_logits(crop(ids))
    new_ids = []
    for _ in range(max_new_tokens):
        token = sample(logits)
        if token == stop_id:
            return tuple(new_ids), "stop"
        new_ids.append(token)
        ids.append(token)
        logits = next_token_logits(crop(ids))
    return tuple(new_ids), "length"


@alternative(of="generate")
def generate_from_a_stream(next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None):
    def stream(ids):
        while True:
            context = tuple(ids if context_window is None else ids[-context_window:])
            token = int(sample(next_token_logits(context)))
            if token == stop_id:
                return
            yield token
            ids.append(token)

    if len(prompt_ids) == 0:
        raise ValueError("the prompt is empty")
    new_ids = [token for _, token in zip(range(max_new_tokens), stream(list(prompt_ids)), strict=False)]
    return new_ids, ("length" if len(new_ids) == max_new_tokens else "stop")


@alternative(of="generate")
def generate_recursively(next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None):
    def rest(ids, left):
        if left == 0:
            return [], "length"
        token = sample(next_token_logits(ids[-context_window:] if context_window else ids))
        if token == stop_id:
            return [], "stop"
        others, reason = rest([*ids, token], left - 1)
        return [token, *others], reason

    if len(prompt_ids) < 1:
        raise ValueError("the prompt is empty")
    return rest(list(prompt_ids), max_new_tokens)


@alternative(of="generate")
def generate_with_float32(next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None):
    if len(prompt_ids) == 0:
        raise ValueError("the prompt is empty")
    new_ids, reason = [], "length"
    for _ in range(max_new_tokens):
        context = [*prompt_ids, *new_ids]
        context = context[max(0, len(context) - (context_window or len(context))) :]
        token = sample(np.asarray(next_token_logits(context), dtype=np.float32))
        if stop_id is not None and stop_id == token:
            reason = "stop"
            break
        new_ids += [token]
    return new_ids, reason


# --- stream_tokens ---


@alternative(of="stream_tokens")
def stream_of_a_class(next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None):
    class TokenStream:
        def __init__(self):
            self.ids = list(prompt_ids)
            self.left = max_new_tokens

        def __iter__(self):
            return self

        def __next__(self):
            if self.left <= 0:
                raise StopIteration
            context = self.ids if context_window is None else self.ids[-context_window:]
            token = sample(next_token_logits(context))
            if token == stop_id:
                self.left = 0
                raise StopIteration
            self.left -= 1
            self.ids.append(token)
            return token

    if len(prompt_ids) == 0:
        raise ValueError("the prompt is empty")
    return TokenStream()


@alternative(of="stream_tokens")
def stream_checked_at_the_call(
    next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None
):
    def stream(ids):
        for _ in range(max_new_tokens):
            token = sample(next_token_logits(ids[-context_window:] if context_window else ids))
            if token == stop_id:
                return
            yield token
            ids = [*ids, token]

    if len(prompt_ids) == 0:
        raise ValueError("the prompt is empty")
    return stream(list(prompt_ids))


@alternative(of="stream_tokens")
def stream_looking_ahead(next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None):
    if not len(prompt_ids):
        raise ValueError("the prompt is empty")

    def crop(ids):
        return ids if context_window is None else ids[-context_window:]

    ids = np.array(prompt_ids)
    logits = next_token_logits(crop(ids))
    for _ in range(max_new_tokens):
        token = sample(logits)
        if token == stop_id:
            break
        ids = np.append(ids, token)
        logits = next_token_logits(crop(ids))
        yield token


@alternative(of="stream_tokens")
def stream_of_numpy_ids(next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None):
    if len(prompt_ids) == 0:
        raise ValueError("the prompt is empty")
    context = [np.int64(each) for each in prompt_ids]
    made = 0
    while made < max_new_tokens:
        if context_window is not None:
            context = context[-context_window:]
        token = np.int64(sample(next_token_logits(context)))
        if stop_id is not None and token == stop_id:
            break
        made += 1
        context.append(token)
        yield token


@alternative(of="stream_tokens")
def stream_with_iter_and_zip(next_token_logits, prompt_ids, max_new_tokens, sample, stop_id=None, context_window=None):
    if len(prompt_ids) == 0:
        raise ValueError("the prompt is empty")
    ids = list(prompt_ids)

    def draw():
        ids.append(sample(next_token_logits(ids[-(context_window or len(ids)) :])))
        return ids[-1]

    # iter calls draw until it returns the stop token; zip takes from the range first, so nothing is drawn past the
    # limit
    return (token for _, token in zip(range(max_new_tokens), iter(draw, stop_id), strict=False))


# --- stream_text ---


@alternative(of="stream_text")
def text_decoded_whole_each_time(token_iter, id_to_bytes):
    data, sent = b"", 0
    for token in token_iter:
        data += id_to_bytes[token]
        text = data.decode("utf-8", errors="ignore")
        if len(text) > sent:
            yield text[sent:]
            sent = len(text)


@alternative(of="stream_text")
def text_with_empty_pieces(token_iter, id_to_bytes):
    decoder = codecs.getincrementaldecoder("utf-8")("ignore")
    for token in token_iter:
        yield decoder.decode(id_to_bytes[token])


@alternative(of="stream_text")
def text_by_counting_bytes(token_iter, id_to_bytes):
    waiting = bytearray()
    for token in token_iter:
        for byte in id_to_bytes[token]:
            waiting.append(byte)
            first = waiting[0]
            length = 1 if first < 0x80 else 2 if first < 0xE0 else 3 if first < 0xF0 else 4
            if len(waiting) == length:
                yield waiting.decode()
                waiting.clear()
    if waiting:
        yield "\ufffd" * len(waiting)


@alternative(of="stream_text")
def text_up_to_the_error(token_iter, id_to_bytes):
    waiting = b""
    for token in token_iter:
        waiting += id_to_bytes[token]
        try:
            text, waiting = waiting.decode(), b""
        except UnicodeDecodeError as error:
            text, waiting = waiting[: error.start].decode(), waiting[error.start :]
        if text:
            yield text


@alternative(of="stream_text")
def text_of_a_class(token_iter, id_to_bytes):
    class Text:
        def __init__(self):
            self.decoder = codecs.getincrementaldecoder("utf-8")("replace")

        def __iter__(self):
            return self

        def __next__(self):
            text = ""
            while not text:
                text = self.decoder.decode(id_to_bytes[next(token_iter)])
            return text

    return Text()


@alternative(of="stream_text")
def text_with_iterdecode(token_iter, id_to_bytes):
    return codecs.iterdecode((id_to_bytes[token] for token in token_iter), "utf-8", errors="replace")


@alternative(of="stream_text")
def text_one_token_ahead(token_iter, id_to_bytes):
    decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
    token = next(token_iter, None)
    while token is not None:
        following = next(token_iter, None)
        text = decoder.decode(id_to_bytes[token], final=following is None)
        if text:
            yield text
        token = following


# https://github.com/ggml-org/llama.cpp/blob/master/tools/server/utils.hpp (`validate_utf8`)
@alternative(of="stream_text")
def text_as_in_the_server_of_llama_cpp(token_iter, id_to_bytes):
    waiting = b""
    for token in token_iter:
        waiting += id_to_bytes[token]
        complete = len(waiting)
        for back in range(1, min(3, len(waiting)) + 1):
            byte = waiting[-back]
            if byte >= 0xC0:
                length = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
                complete -= back if back < length else 0
                break
        if complete:
            yield waiting[:complete].decode()
        waiting = waiting[complete:]


@alternative(of="stream_text")
def text_with_a_replacement_character_held_back_unless_it_is_real(token_iter, id_to_bytes):
    data, sent = b"", 0
    for token in token_iter:
        data += id_to_bytes[token]
        text = data.decode(errors="replace")
        if text.endswith("\ufffd") and not data.endswith(b"\xef\xbf\xbd"):
            text = text[:-1]
        if len(text) > sent:
            yield text[sent:]
            sent = len(text)


# https://github.com/huggingface/transformers/blob/main/src/transformers/generation/streamers.py (its end flushes)
@alternative(of="stream_text")
def text_with_the_held_back_rest_at_the_end(token_iter, id_to_bytes):
    data, sent = b"", 0
    for token in token_iter:
        data += id_to_bytes[token]
        text = data.decode(errors="replace").rstrip("\ufffd")
        if len(text) > sent:
            yield text[sent:]
            sent = len(text)
    if rest := data.decode(errors="replace")[sent:]:
        yield rest
