"""Wrong answers to the stubs of lab `architecture`: a catalog, looked up by name rather than read in one sitting."""

import numpy as np

from autograder.testing import misconception

# --- encode ---


@misconception(
    of="encode",
    kind="misses_point",
    hint="You take the shortest token that fits. Of all tokens that fit, take the longest.",
    taught=True,
)
def shortest_token(text, vocab, unk_id):
    ids, place = [], 0
    while place < len(text):
        fitting = [token for token in vocab if text.startswith(token, place)]
        token = min(fitting, key=len) if fitting else text[place]
        ids.append(vocab[token] if fitting else unk_id)
        place += len(token)
    return ids


@misconception(
    of="encode",
    kind="edge",
    hint="You skip a character that no token begins with. Write unk_id for it, or the model never learns that "
    "something was there.",
    taught=True,
)
def unknown_left_out(text, vocab, unk_id):
    ids, place = [], 0
    while place < len(text):
        fitting = [token for token in vocab if text.startswith(token, place)]
        token = max(fitting, key=len) if fitting else text[place]
        if fitting:
            ids.append(vocab[token])
        place += len(token)
    return ids


@misconception(
    of="encode",
    kind="edge",
    any_of={"fallback": (".", r"\S")},
    hint="Your pattern's fallback doesn't match every character: a dot matches no line break unless you pass "
    "re.DOTALL, and \\S matches no whitespace. So you skip those; write unk_id for any that isn't a token.",
)
def line_breaks_left_out(text, vocab, unk_id, *, fallback):
    import re

    longest_first = sorted(vocab, key=len, reverse=True)
    pattern = "|".join([*map(re.escape, longest_first), fallback])
    return [vocab.get(piece, unk_id) for piece in re.findall(pattern, text)]


@misconception(
    of="encode",
    kind="edge",
    hint="You strip spaces and line breaks from the ends of the text. They're characters like any others, so keep "
    "them.",
    taught=True,
)
def ends_stripped(text, vocab, unk_id):
    text = text.strip()
    ids, place = [], 0
    while place < len(text):
        fitting = [token for token in vocab if text.startswith(token, place)]
        token = max(fitting, key=len) if fitting else text[place]
        ids.append(vocab[token] if fitting else unk_id)
        place += len(token)
    return ids


@misconception(
    of="encode",
    kind="misses_point",
    hint="You take the first token in the dict that fits, whatever its length. A vocabulary is in no particular "
    "order: take the longest one that fits.",
    taught=True,
)
def first_in_the_dict(text, vocab, unk_id):
    ids, place = [], 0
    while place < len(text):
        token = next((token for token in vocab if text.startswith(token, place)), None)
        ids.append(unk_id if token is None else vocab[token])
        place += len(token or " ")
    return ids


@misconception(
    of="encode",
    kind="misses_point",
    hint="You return the characters' own codes. Ids are what the vocabulary says, and a token can be longer than one "
    "character.",
)
def character_codes(text, vocab, unk_id):
    return [ord(character) for character in text]


@misconception(
    of="encode",
    kind="misses_point",
    hint="You look up one character at a time. Tokens can be longer, and the longest one that fits counts.",
)
def single_characters(text, vocab, unk_id):
    return [vocab.get(character, unk_id) for character in text]


@misconception(
    of="encode",
    kind="misses_point",
    hint="You split the text at its spaces and look up whole words. A token can be part of a word, and it can contain "
    "spaces.",
)
def whole_words(text, vocab, unk_id):
    return [vocab.get(word, unk_id) for word in text.split()]


@misconception(
    of="encode",
    kind="misses_point",
    any_of={"first_must_fit": (False, True)},
    hint="You extend the piece only as long as it's a token itself. That misses a long token if one of its "
    "beginnings isn't a token; see the warning in part 1.",
    taught=True,
)
def stops_at_the_first_gap(text, vocab, unk_id, *, first_must_fit):
    ids, place = [], 0
    while place < len(text):
        size = 0 if first_must_fit else 1
        while place + size < len(text) and text[place : place + size + 1] in vocab:
            size += 1
        size = max(size, 1)
        ids.append(vocab.get(text[place : place + size], unk_id))
        place += size
    return ids


@misconception(
    of="encode",
    kind="misses_point",
    any_of={"longest_too": (False, True)},
    hint="You leave out a size: you never look up pieces as long as the longest token, or pieces of a single "
    "character. Check where your range begins and ends.",
)
def a_size_never_tried(text, vocab, unk_id, *, longest_too):
    longest = max(map(len, vocab), default=1)
    sizes = range(longest, 1, -1) if longest_too else range(longest - 1, 0, -1)
    ids, place = [], 0
    while place < len(text):
        token = next((text[place : place + size] for size in sizes if text[place : place + size] in vocab), None)
        ids.append(unk_id if token is None else vocab[token])
        place += len(token or " ")
    return ids


@misconception(
    of="encode",
    kind="misses_point",
    hint="You look for the longest tokens in the whole text first, then for what's left between them. Go from left to "
    "right instead.",
    taught=True,
)
def longest_anywhere_first(text, vocab, unk_id):
    def ids_of(piece):
        for token in sorted(vocab, key=len, reverse=True):
            if token in piece:
                before, _, after = piece.partition(token)
                return [*ids_of(before), vocab[token], *ids_of(after)]
        return [unk_id] * len(piece)

    return ids_of(text)


@misconception(
    of="encode",
    kind="misses_point",
    hint="You cut the text into as few tokens as possible, which takes looking ahead. Just take the longest token at "
    "each position.",
)
def fewest_tokens(text, vocab, unk_id):
    best = [[]]
    for end in range(1, len(text) + 1):
        ways = [best[end - 1] + [unk_id]] if text[end - 1] not in vocab else []
        for token in vocab:
            if text[:end].endswith(token):
                ways.append(best[end - len(token)] + [vocab[token]])
        best.append(min(ways, key=lambda ids: (len(ids), ids.count(unk_id))))
    return best[-1]


@misconception(
    of="encode",
    kind="misses_point",
    hint="You start at the end of the text and take the longest token that ends there. Read the text from left to "
    "right.",
    taught=True,
)
def from_right_to_left(text, vocab, unk_id):
    ids, end = [], len(text)
    while end:
        fitting = [token for token in vocab if text[:end].endswith(token)]
        token = max(fitting, key=len) if fitting else text[end - 1]
        ids.insert(0, vocab[token] if fitting else unk_id)
        end -= len(token)
    return ids


@misconception(
    of="encode",
    kind="edge",
    hint="You write one unk_id for several unknown characters in a row. Write one for each of them.",
)
def unknown_run_is_one(text, vocab, unk_id):
    ids, place, known = [], 0, True
    while place < len(text):
        fitting = [token for token in vocab if text.startswith(token, place)]
        token = max(fitting, key=len) if fitting else text[place]
        if fitting or known:
            ids.append(vocab[token] if fitting else unk_id)
        known = bool(fitting)
        place += len(token)
    return ids


@misconception(
    of="encode",
    kind="edge",
    any_of={"marked": (True, False)},
    hint="You stop at the first unknown character. Write unk_id for it, and continue after it.",
)
def ends_at_the_first_unknown(text, vocab, unk_id, *, marked):
    ids, place = [], 0
    while place < len(text):
        fitting = [token for token in vocab if text.startswith(token, place)]
        if not fitting:
            return [*ids, unk_id] if marked else ids
        token = max(fitting, key=len)
        ids.append(vocab[token])
        place += len(token)
    return ids


@misconception(
    of="encode",
    kind="edge",
    any_of={"written": (0, -1)},
    hint="You write a number of your own for unknown characters instead of unk_id. It may be the id of a token.",
)
def unknown_is_always_0(text, vocab, unk_id, *, written):
    ids, place = [], 0
    while place < len(text):
        fitting = [token for token in vocab if text.startswith(token, place)]
        token = max(fitting, key=len) if fitting else text[place]
        ids.append(vocab[token] if fitting else written)
        place += len(token)
    return ids


@misconception(
    of="encode",
    kind="edge",
    hint="You turn the text into lower case first. A capital letter is a different character, and may have its own "
    "tokens.",
    taught=True,
)
def in_small_letters(text, vocab, unk_id):
    text = text.lower()
    ids, place = [], 0
    while place < len(text):
        fitting = [token for token in vocab if text.startswith(token, place)]
        token = max(fitting, key=len) if fitting else text[place]
        ids.append(vocab[token] if fitting else unk_id)
        place += len(token)
    return ids


@misconception(
    of="encode",
    kind="misses_point",
    hint="You return the tokens themselves. The network needs their ids.",
)
def tokens_instead_of_ids(text, vocab, unk_id):
    tokens, place = [], 0
    while place < len(text):
        fitting = [token for token in vocab if text.startswith(token, place)]
        tokens.append(max(fitting, key=len) if fitting else text[place])
        place += len(tokens[-1])
    return tokens


@misconception(
    of="encode",
    kind="misses_point",
    hint="You leave out an id that has already occurred. A token that occurs twice needs its id twice.",
)
def each_id_once(text, vocab, unk_id):
    ids, place = [], 0
    while place < len(text):
        fitting = [token for token in vocab if text.startswith(token, place)]
        token = max(fitting, key=len) if fitting else text[place]
        ids.append(vocab[token] if fitting else unk_id)
        place += len(token)
    return list(dict.fromkeys(ids))


@misconception(
    of="encode",
    kind="edge",
    hint="You check whether the id is true, and 0 counts as false, so you never find the token with id 0. Check "
    "whether the piece is in the vocabulary.",
)
def token_with_id_0_not_found(text, vocab, unk_id):
    ids, place, longest = [], 0, max(map(len, vocab), default=1)
    while place < len(text):
        for size in range(longest, 0, -1):
            if found := vocab.get(text[place : place + size]):
                ids.append(found)
                place += len(text[place : place + size])
                break
        else:
            ids.append(unk_id)
            place += 1
    return ids


# --- embed ---


@misconception(
    of="embed",
    kind="misses_point",
    hint="You don't add the positions' rows, so the model can't know the order of the tokens.",
    taught=True,
)
def no_positions(token_ids, token_embedding, position_embedding):
    ids = np.asarray(token_ids)
    if ids.min() < 0 or ids.max() >= len(token_embedding) or len(ids) > len(position_embedding):
        raise ValueError
    return token_embedding[ids]


@misconception(
    of="embed",
    kind="misses_point",
    hint="You look up the position's row by the token's id. Use the position in the text: 0, 1, 2, …",
)
def position_by_token_id(token_ids, token_embedding, position_embedding):
    ids = np.asarray(token_ids)
    if ids.min() < 0 or ids.max() >= len(token_embedding) or len(ids) > len(position_embedding):
        raise ValueError
    return token_embedding[ids] + position_embedding[ids % len(position_embedding)]


@misconception(
    of="embed",
    kind="misses_point",
    hint="You add the position's number to each number of the row. Add the position's learned row instead.",
)
def plus_the_position_itself(token_ids, token_embedding, position_embedding):
    ids = np.asarray(token_ids)
    if ids.min() < 0 or ids.max() >= len(token_embedding) or len(ids) > len(position_embedding):
        raise ValueError
    return token_embedding[ids] + np.arange(len(ids))[:, None]


@misconception(
    of="embed",
    kind="misses_point",
    hint="You multiply the first position's row by the number of the position. Each position has a row of its own.",
)
def position_times_its_number(token_ids, token_embedding, position_embedding):
    ids = np.asarray(token_ids)
    if ids.min() < 0 or ids.max() >= len(token_embedding) or len(ids) > len(position_embedding):
        raise ValueError
    return token_embedding[ids] + position_embedding[0] * np.arange(len(ids))[:, None]


@misconception(
    of="embed",
    kind="misses_point",
    hint="You put the two rows side by side, which makes them twice as wide. Add them.",
    taught=True,
)
def side_by_side(token_ids, token_embedding, position_embedding):
    ids = np.asarray(token_ids)
    if ids.min() < 0 or ids.max() >= len(token_embedding) or len(ids) > len(position_embedding):
        raise ValueError
    return np.concatenate([token_embedding[ids], position_embedding[: len(ids)]], axis=1)


@misconception(
    of="embed",
    kind="misses_point",
    hint="You multiply the two rows. Add them.",
)
def multiplied(token_ids, token_embedding, position_embedding):
    ids = np.asarray(token_ids)
    if ids.min() < 0 or ids.max() >= len(token_embedding) or len(ids) > len(position_embedding):
        raise ValueError
    return token_embedding[ids] * position_embedding[: len(ids)]


@misconception(
    of="embed",
    kind="misses_point",
    hint="You average the rows over the text, so only one is left. The blocks need a row for each token.",
)
def averaged(token_ids, token_embedding, position_embedding):
    ids = np.asarray(token_ids)
    if ids.min() < 0 or ids.max() >= len(token_embedding) or len(ids) > len(position_embedding):
        raise ValueError
    return (token_embedding[ids] + position_embedding[: len(ids)]).mean(axis=0)


@misconception(
    of="embed",
    kind="misses_point",
    hint="You give every token the row of position 0. The second one has the row of position 1, and so on.",
)
def first_position_for_all(token_ids, token_embedding, position_embedding):
    ids = np.asarray(token_ids)
    if ids.min() < 0 or ids.max() >= len(token_embedding) or len(ids) > len(position_embedding):
        raise ValueError
    return token_embedding[ids] + position_embedding[0]


@misconception(
    of="embed",
    kind="convention",
    hint="You count positions from 1. The first token gets the row of position 0.",
)
def positions_from_1(token_ids, token_embedding, position_embedding):
    ids = np.asarray(token_ids)
    if ids.min() < 0 or ids.max() >= len(token_embedding) or len(ids) > len(position_embedding):
        raise ValueError
    return token_embedding[ids] + position_embedding[(np.arange(len(ids)) + 1) % len(position_embedding)]


@misconception(
    of="embed",
    kind="misses_point",
    hint="You use the last rows of the position table. A short text begins at position 0.",
)
def last_positions(token_ids, token_embedding, position_embedding):
    ids = np.asarray(token_ids)
    if ids.min() < 0 or ids.max() >= len(token_embedding) or len(ids) > len(position_embedding):
        raise ValueError
    return token_embedding[ids] + position_embedding[-len(ids) :]


@misconception(
    of="embed",
    kind="misses_point",
    hint="Your positions run backward, so the last token has position 0. The first one should.",
)
def positions_backwards(token_ids, token_embedding, position_embedding):
    ids = np.asarray(token_ids)
    if ids.min() < 0 or ids.max() >= len(token_embedding) or len(ids) > len(position_embedding):
        raise ValueError
    return token_embedding[ids] + position_embedding[: len(ids)][::-1]


@misconception(
    of="embed",
    kind="misses_point",
    hint="You don't add the tokens' rows, so all texts of the same length look the same.",
)
def only_positions(token_ids, token_embedding, position_embedding):
    ids = np.asarray(token_ids)
    if ids.min() < 0 or ids.max() >= len(token_embedding) or len(ids) > len(position_embedding):
        raise ValueError
    return position_embedding[: len(ids)]


@misconception(
    of="embed",
    kind="misses_point",
    hint="You multiply the tokens' rows by the square root of their width, as the first transformer of 2017 did. Here "
    "they're added as they are.",
)
def scaled_by_the_root_of_d(token_ids, token_embedding, position_embedding):
    ids = np.asarray(token_ids)
    if ids.min() < 0 or ids.max() >= len(token_embedding) or len(ids) > len(position_embedding):
        raise ValueError
    return token_embedding[ids] * np.sqrt(token_embedding.shape[1]) + position_embedding[: len(ids)]


@misconception(
    of="embed",
    kind="convention",
    hint="You take the mean of the two rows. Take their sum.",
)
def halved(token_ids, token_embedding, position_embedding):
    ids = np.asarray(token_ids)
    if ids.min() < 0 or ids.max() >= len(token_embedding) or len(ids) > len(position_embedding):
        raise ValueError
    return (token_embedding[ids] + position_embedding[: len(ids)]) / 2


@misconception(
    of="embed",
    kind="misses_point",
    hint="You look up the rows in sorted order of the ids. Keep the order of the text.",
)
def looked_up_by_rank(token_ids, token_embedding, position_embedding):
    ids = np.asarray(token_ids)
    if ids.min() < 0 or ids.max() >= len(token_embedding) or len(ids) > len(position_embedding):
        raise ValueError
    return token_embedding[np.sort(ids)] + position_embedding[: len(ids)]


@misconception(
    of="embed",
    kind="conduct",
    hint="You accept ids below 0. numpy counts them from the end, so -1 means the last token. Raise an error for them.",
    taught=True,
)
def negative_id_counts_from_the_end(token_ids, token_embedding, position_embedding):
    ids = np.asarray(token_ids)
    if len(ids) > len(position_embedding):
        raise ValueError
    return token_embedding[ids] + position_embedding[: len(ids)]


@misconception(
    of="embed",
    kind="conduct",
    hint="You raise no errors yourself. numpy takes an id of -1 for the last token, and broadcasts a single position "
    "over a longer text. Check the ids and the length first.",
    taught=True,
)
def nothing_refused(token_ids, token_embedding, position_embedding):
    ids = np.asarray(token_ids)
    return token_embedding[ids] + position_embedding[: len(ids)]


@misconception(
    of="embed",
    kind="conduct",
    hint="You replace ids without a row with the nearest one that has one, so a broken text is silently read as a "
    "different one. Raise an error.",
    taught=True,
)
def ids_clipped(token_ids, token_embedding, position_embedding):
    ids = np.clip(np.asarray(token_ids), 0, len(token_embedding) - 1)
    if len(ids) > len(position_embedding):
        raise ValueError
    return token_embedding[ids] + position_embedding[: len(ids)]


@misconception(
    of="embed",
    kind="conduct",
    hint="You silently truncate a text that's too long. Raise an error, and let the caller decide what to leave out.",
    taught=True,
)
def long_text_cut(token_ids, token_embedding, position_embedding):
    ids = np.asarray(token_ids)
    if ids.min() < 0 or ids.max() >= len(token_embedding):
        raise ValueError
    ids = ids[-len(position_embedding) :]
    return token_embedding[ids] + position_embedding[: len(ids)]


@misconception(
    of="embed",
    kind="conduct",
    hint="After the last position, you start over at the first. Raise an error for a text that's too long.",
    taught=True,
)
def positions_begin_again(token_ids, token_embedding, position_embedding):
    ids = np.asarray(token_ids)
    if ids.min() < 0 or ids.max() >= len(token_embedding):
        raise ValueError
    return token_embedding[ids] + position_embedding[np.arange(len(ids)) % len(position_embedding)]


@misconception(
    of="embed",
    kind="conduct",
    hint="You change the caller's own tables, for example by adding the positions to one, so every later text gets "
    "them too. Work on a copy.",
    taught=True,
)
def written_into_the_embedding(token_ids, token_embedding, position_embedding):
    ids = np.asarray(token_ids)
    if ids.min() < 0 or ids.max() >= len(token_embedding) or len(ids) > len(position_embedding):
        raise ValueError
    rows = token_embedding[ids] + position_embedding[: len(ids)]
    token_embedding[ids] = rows
    return rows


# --- causal_attention ---


@misconception(
    of="causal_attention",
    kind="misses_point",
    hint="You don't mask the future: every position looks at all others, so the model could read the answer during "
    "training.",
    taught=True,
)
def no_causal_mask(q, k, v):
    scores = q @ k.T / np.sqrt(k.shape[1])
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
    weights = shifted / shifted.sum(axis=1, keepdims=True)
    return weights @ v, weights


@misconception(
    of="causal_attention",
    kind="misses_point",
    hint="Your mask is the wrong way around: a position sees itself and what comes after it, not what came before.",
)
def sees_only_the_future(q, k, v):
    scores = q @ k.T / np.sqrt(k.shape[1])
    scores = np.where(np.tri(len(q), dtype=bool).T, scores, -np.inf)
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
    weights = shifted / shifted.sum(axis=1, keepdims=True)
    return weights @ v, weights


@misconception(
    of="causal_attention",
    kind="misses_point",
    hint="You set the scores of future positions to 0, and a softmax gives 0 a weight. Use minus infinity, which gets "
    "none.",
    taught=True,
)
def masked_scores_set_to_0(q, k, v):
    scores = q @ k.T / np.sqrt(k.shape[1])
    scores = np.where(np.tri(len(q), dtype=bool), scores, 0.0)
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
    weights = shifted / shifted.sum(axis=1, keepdims=True)
    return weights @ v, weights


@misconception(
    of="causal_attention",
    kind="misses_point",
    any_of={"fill": (-1.0, -5.0, -10.0), "added": (False, True)},
    hint="Your mask gives future positions a score that's low, but not low enough: some of the future still gets "
    "weight. Minus infinity leaves none.",
    taught=True,
)
def mask_too_weak(q, k, v, *, fill, added):
    scores = q @ k.T / np.sqrt(k.shape[1])
    scores = np.where(np.tri(len(q), dtype=bool), scores, scores + fill if added else fill)
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
    weights = shifted / shifted.sum(axis=1, keepdims=True)
    return weights @ v, weights


@misconception(
    of="causal_attention",
    kind="edge",
    any_of={"fill": (-100.0, -1_000.0, -10_000.0, -100_000.0, -1_000_000.0), "added": (False, True)},
    hint="You mask with a fixed negative number, which hides the future only as long as all other scores are far "
    "above it. Minus infinity always does.",
    taught=True,
)
def mask_not_low_enough(q, k, v, *, fill, added):
    scores = q @ k.T / np.sqrt(k.shape[1])
    scores = np.where(np.tri(len(q), dtype=bool), scores, scores + fill if added else fill)
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
    weights = shifted / shifted.sum(axis=1, keepdims=True)
    return weights @ v, weights


@misconception(
    of="causal_attention",
    kind="edge",
    any_of={"never_0": (0.0, 1e-9)},
    hint="You mask after the softmax and divide by what's left. Where a future score is far higher, nothing is left "
    "to divide: 0 / 0 is NaN. Set the scores to minus infinity before the softmax.",
    taught=True,
)
def masked_after_the_softmax(q, k, v, *, never_0):
    scores = q @ k.T / np.sqrt(k.shape[1])
    weights = np.tril(np.exp(scores - scores.max(axis=1, keepdims=True)))
    weights = weights / (weights.sum(axis=1, keepdims=True) + never_0)
    return weights @ v, weights


@misconception(
    of="causal_attention",
    kind="misses_point",
    hint="You set the weights of future positions to 0 after the softmax, so the rows no longer sum to 1. Mask the "
    "scores before the softmax.",
    taught=True,
)
def weights_ahead_only_dropped(q, k, v):
    scores = q @ k.T / np.sqrt(k.shape[1])
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
    weights = shifted / shifted.sum(axis=1, keepdims=True)
    weights = np.tril(weights)
    return weights @ v, weights


@misconception(
    of="causal_attention",
    kind="misses_point",
    hint="You divide the scores by d instead of its square root, which makes the weights too even.",
    taught=True,
)
def divided_by_d(q, k, v):
    scores = q @ k.T / k.shape[1]
    scores = np.where(np.tri(len(q), dtype=bool), scores, -np.inf)
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
    weights = shifted / shifted.sum(axis=1, keepdims=True)
    return weights @ v, weights


@misconception(
    of="causal_attention",
    kind="misses_point",
    hint="You divide the scores by the square root of the number of positions. Use the length of a key, d.",
)
def divided_by_the_root_of_t(q, k, v):
    scores = q @ k.T / np.sqrt(len(q))
    scores = np.where(np.tri(len(q), dtype=bool), scores, -np.inf)
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
    weights = shifted / shifted.sum(axis=1, keepdims=True)
    return weights @ v, weights


@misconception(
    of="causal_attention",
    kind="misses_point",
    hint="You divide the scores by the square root of a value's length. Use the length of queries and keys, d.",
)
def divided_by_the_root_of_d_v(q, k, v):
    scores = q @ k.T / np.sqrt(v.shape[1])
    scores = np.where(np.tri(len(q), dtype=bool), scores, -np.inf)
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
    weights = shifted / shifted.sum(axis=1, keepdims=True)
    return weights @ v, weights


@misconception(
    of="causal_attention",
    kind="misses_point",
    hint="You don't divide the scores by the square root of d, so with long keys one weight comes out near 1 and the "
    "rest near 0.",
    taught=True,
)
def not_scaled(q, k, v):
    scores = q @ k.T
    scores = np.where(np.tri(len(q), dtype=bool), scores, -np.inf)
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
    weights = shifted / shifted.sum(axis=1, keepdims=True)
    return weights @ v, weights


@misconception(
    of="causal_attention",
    kind="misses_point",
    hint="You multiply the scores by the square root of d. Divide by it.",
)
def multiplied_by_the_root_of_d(q, k, v):
    scores = q @ k.T * np.sqrt(k.shape[1])
    scores = np.where(np.tri(len(q), dtype=bool), scores, -np.inf)
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
    weights = shifted / shifted.sum(axis=1, keepdims=True)
    return weights @ v, weights


@misconception(
    of="causal_attention",
    kind="misses_point",
    hint="You apply the weights to the keys. Keys are for finding; the values are what's passed on.",
)
def mixes_the_keys(q, k, v):
    scores = q @ k.T / np.sqrt(k.shape[1])
    scores = np.where(np.tri(len(q), dtype=bool), scores, -np.inf)
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
    weights = shifted / shifted.sum(axis=1, keepdims=True)
    return weights @ k, weights


@misconception(
    of="causal_attention",
    kind="edge",
    hint="The exponential of a large score overflows, and inf / inf is NaN. Use the given softmax, or subtract each "
    "row's largest score first.",
    taught=True,
)
def unstable_softmax(q, k, v):
    scores = q @ k.T / np.sqrt(k.shape[1])
    scores = np.where(np.tri(len(q), dtype=bool), scores, -np.inf)
    weights = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    return weights @ v, weights


@misconception(
    of="causal_attention",
    kind="misses_point",
    hint="Your softmax runs down the columns. Each row belongs to one position, the one that's looking, so the rows "
    "should sum to 1.",
)
def softmax_over_columns(q, k, v):
    scores = q @ k.T / np.sqrt(k.shape[1])
    scores = np.where(np.tri(len(q), dtype=bool), scores, -np.inf)
    shifted = np.exp(scores - scores.max(axis=0))
    weights = shifted / shifted.sum(axis=0)
    return weights @ v, weights


@misconception(
    of="causal_attention",
    kind="misses_point",
    hint="All the weights of your matrix together sum to 1. Each row should sum to 1.",
)
def softmax_over_everything(q, k, v):
    scores = q @ k.T / np.sqrt(k.shape[1])
    scores = np.where(np.tri(len(q), dtype=bool), scores, -np.inf)
    shifted = np.exp(scores - scores.max())
    weights = shifted / shifted.sum()
    return weights @ v, weights


@misconception(
    of="causal_attention",
    kind="misses_point",
    any_of={"fill": (-1e9, -np.inf)},
    hint="Your mask hides each position from itself, and the first one sees nothing at all. j ≤ i includes j = i.",
    taught=True,
)
def blind_to_itself(q, k, v, *, fill):
    scores = q @ k.T / np.sqrt(k.shape[1])
    scores = np.where(np.tri(len(q), k=-1, dtype=bool), scores, fill)
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
    weights = shifted / shifted.sum(axis=1, keepdims=True)
    return weights @ v, weights


@misconception(
    of="causal_attention",
    kind="misses_point",
    hint="Your mask starts one position too far to the right: every position sees the very token it has to guess.",
)
def sees_one_ahead(q, k, v):
    scores = q @ k.T / np.sqrt(k.shape[1])
    scores = np.where(np.tri(len(q), k=1, dtype=bool), scores, -np.inf)
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
    weights = shifted / shifted.sum(axis=1, keepdims=True)
    return weights @ v, weights


@misconception(
    of="causal_attention",
    kind="misses_point",
    hint="You swapped queries and keys. Row i of the scores belongs to query i, the position that's looking.",
)
def keys_look_at_queries(q, k, v):
    scores = k @ q.T / np.sqrt(k.shape[1])
    scores = np.where(np.tri(len(q), dtype=bool), scores, -np.inf)
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
    weights = shifted / shifted.sum(axis=1, keepdims=True)
    return weights @ v, weights


@misconception(
    of="causal_attention",
    kind="misses_point",
    hint="You mix the values by the columns of the weights. out[i] takes row i.",
)
def mixed_by_columns(q, k, v):
    scores = q @ k.T / np.sqrt(k.shape[1])
    scores = np.where(np.tri(len(q), dtype=bool), scores, -np.inf)
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
    weights = shifted / shifted.sum(axis=1, keepdims=True)
    return weights.T @ v, weights


@misconception(
    of="causal_attention",
    kind="misses_point",
    hint="You return the scores with the result. Return the weights, which are the softmax of the scores.",
)
def scores_instead_of_weights(q, k, v):
    scores = q @ k.T / np.sqrt(k.shape[1])
    scores = np.where(np.tri(len(q), dtype=bool), scores, -np.inf)
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
    weights = shifted / shifted.sum(axis=1, keepdims=True)
    return weights @ v, scores


@misconception(
    of="causal_attention",
    kind="misses_point",
    hint="The weights you return are the ones from before the mask. Return the ones you computed the result with.",
)
def weights_before_the_mask(q, k, v):
    scores = q @ k.T / np.sqrt(k.shape[1])
    whole = np.exp(scores - scores.max(axis=1, keepdims=True))
    whole = whole / whole.sum(axis=1, keepdims=True)
    scores = np.where(np.tri(len(q), dtype=bool), scores, -np.inf)
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
    weights = shifted / shifted.sum(axis=1, keepdims=True)
    return weights @ v, whole


@misconception(
    of="causal_attention",
    kind="convention",
    hint="You return the weights first and the result second. Return (out, weights).",
)
def weights_first(q, k, v):
    scores = q @ k.T / np.sqrt(k.shape[1])
    scores = np.where(np.tri(len(q), dtype=bool), scores, -np.inf)
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
    weights = shifted / shifted.sum(axis=1, keepdims=True)
    return weights, weights @ v


@misconception(
    of="causal_attention",
    kind="misses_point",
    hint="You return only the result. Return the weights as well: (out, weights).",
)
def no_weights(q, k, v):
    scores = q @ k.T / np.sqrt(k.shape[1])
    scores = np.where(np.tri(len(q), dtype=bool), scores, -np.inf)
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
    weights = shifted / shifted.sum(axis=1, keepdims=True)
    return weights @ v


@misconception(
    of="causal_attention",
    kind="misses_point",
    hint="You divide the scores by their sum, without the softmax's exponential. Scores can be negative, so these "
    "aren't weights.",
)
def no_softmax(q, k, v):
    scores = q @ k.T / np.sqrt(k.shape[1])
    scores = np.tril(scores)
    weights = scores / scores.sum(axis=1, keepdims=True)
    return weights @ v, weights


@misconception(
    of="causal_attention",
    kind="misses_point",
    hint="Each position takes only the value that fits best. Attention is a weighted mean of everything the position "
    "sees.",
)
def only_the_best(q, k, v):
    scores = q @ k.T / np.sqrt(k.shape[1])
    scores = np.where(np.tri(len(q), dtype=bool), scores, -np.inf)
    weights = np.eye(len(q))[scores.argmax(axis=1)]
    return weights @ v, weights


@misconception(
    of="causal_attention",
    kind="misses_point",
    hint="You give everything visible the same weight. The scores of queries and keys decide.",
)
def all_before_alike(q, k, v):
    weights = np.tri(len(q)) / np.arange(1, len(q) + 1)[:, None]
    return weights @ v, weights


@misconception(
    of="causal_attention",
    kind="conduct",
    hint="You change the caller's arrays, for example by scaling the queries in place. Make a new array.",
    taught=True,
)
def scales_the_callers_queries(q, k, v):
    q /= np.sqrt(k.shape[1])
    scores = q @ k.T
    scores = np.where(np.tri(len(q), dtype=bool), scores, -np.inf)
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
    weights = shifted / shifted.sum(axis=1, keepdims=True)
    return weights @ v, weights


@misconception(
    of="causal_attention",
    kind="edge",
    hint="You mask every score that's exactly 0 after np.tril, but the score of an earlier position can be 0 too. "
    "Build the mask from positions, not from scores.",
)
def scores_of_0_masked(q, k, v):
    scores = np.tril(q @ k.T / np.sqrt(q.shape[-1]))
    scores = np.where(scores == 0, -np.inf, scores)
    exponentials = np.exp(scores - scores.max(axis=1, keepdims=True))
    weights = exponentials / exponentials.sum(axis=1, keepdims=True)
    return weights @ v, weights


# --- transformer_block ---


@misconception(
    of="transformer_block",
    kind="misses_point",
    hint="You normalize the rows after each addition (post-norm, as in 2017). Here it's before each part (pre-norm), "
    "and the sum itself stays as it is.",
    taught=True,
)
def norm_after_each_part(x, params):
    def norm(z):
        return (z - z.mean(axis=1, keepdims=True)) / np.sqrt(z.var(axis=1, keepdims=True) + 1e-5)

    def attend(z):
        q, k, v = z @ params["Wq"], z @ params["Wk"], z @ params["Wv"]
        scores = np.where(np.tri(len(z), dtype=bool), q @ k.T / np.sqrt(k.shape[1]), -np.inf)
        weights = np.exp(scores - scores.max(axis=1, keepdims=True))
        return weights / weights.sum(axis=1, keepdims=True) @ v @ params["Wo"]

    def feed_forward(z):
        return np.maximum(z @ params["W1"] + params["b1"], 0) @ params["W2"] + params["b2"]

    x = norm(x + attend(x))
    return norm(x + feed_forward(x))


@misconception(
    of="transformer_block",
    kind="misses_point",
    any_of={"where": ("both", "attention", "feed_forward")},
    hint="You add what a part computes to the normalized rows. Add it to the rows from before the norm, or you lose "
    "what came in.",
    taught=True,
)
def adds_to_the_normed_rows(x, params, *, where):
    def norm(z):
        return (z - z.mean(axis=1, keepdims=True)) / np.sqrt(z.var(axis=1, keepdims=True) + 1e-5)

    def attend(z):
        q, k, v = z @ params["Wq"], z @ params["Wk"], z @ params["Wv"]
        scores = np.where(np.tri(len(z), dtype=bool), q @ k.T / np.sqrt(k.shape[1]), -np.inf)
        weights = np.exp(scores - scores.max(axis=1, keepdims=True))
        return weights / weights.sum(axis=1, keepdims=True) @ v @ params["Wo"]

    def feed_forward(z):
        return np.maximum(z @ params["W1"] + params["b1"], 0) @ params["W2"] + params["b2"]

    x = (x if where == "feed_forward" else norm(x)) + attend(norm(x))
    return (x if where == "attention" else norm(x)) + feed_forward(norm(x))


@misconception(
    of="transformer_block",
    kind="misses_point",
    hint="Your feed-forward network comes before attention. It's the other way around.",
    taught=True,
)
def feed_forward_first(x, params):
    def norm(z):
        return (z - z.mean(axis=1, keepdims=True)) / np.sqrt(z.var(axis=1, keepdims=True) + 1e-5)

    def attend(z):
        q, k, v = z @ params["Wq"], z @ params["Wk"], z @ params["Wv"]
        scores = np.where(np.tri(len(z), dtype=bool), q @ k.T / np.sqrt(k.shape[1]), -np.inf)
        weights = np.exp(scores - scores.max(axis=1, keepdims=True))
        return weights / weights.sum(axis=1, keepdims=True) @ v @ params["Wo"]

    def feed_forward(z):
        return np.maximum(z @ params["W1"] + params["b1"], 0) @ params["W2"] + params["b2"]

    x = x + feed_forward(norm(x))
    return x + attend(norm(x))


@misconception(
    of="transformer_block",
    kind="misses_point",
    hint="You don't use Wo. It mixes what attention has gathered before it's added.",
    taught=True,
)
def no_output_projection(x, params):
    def norm(z):
        return (z - z.mean(axis=1, keepdims=True)) / np.sqrt(z.var(axis=1, keepdims=True) + 1e-5)

    def attend(z):
        q, k, v = z @ params["Wq"], z @ params["Wk"], z @ params["Wv"]
        scores = np.where(np.tri(len(z), dtype=bool), q @ k.T / np.sqrt(k.shape[1]), -np.inf)
        weights = np.exp(scores - scores.max(axis=1, keepdims=True))
        return weights / weights.sum(axis=1, keepdims=True) @ v

    def feed_forward(z):
        return np.maximum(z @ params["W1"] + params["b1"], 0) @ params["W2"] + params["b2"]

    x = x + attend(norm(x))
    return x + feed_forward(norm(x))


@misconception(
    of="transformer_block",
    kind="misses_point",
    hint="Your feed-forward network has no ReLU between its two matrices, so they might as well be one.",
    taught=True,
)
def no_relu(x, params):
    def norm(z):
        return (z - z.mean(axis=1, keepdims=True)) / np.sqrt(z.var(axis=1, keepdims=True) + 1e-5)

    def attend(z):
        q, k, v = z @ params["Wq"], z @ params["Wk"], z @ params["Wv"]
        scores = np.where(np.tri(len(z), dtype=bool), q @ k.T / np.sqrt(k.shape[1]), -np.inf)
        weights = np.exp(scores - scores.max(axis=1, keepdims=True))
        return weights / weights.sum(axis=1, keepdims=True) @ v @ params["Wo"]

    def feed_forward(z):
        return (z @ params["W1"] + params["b1"]) @ params["W2"] + params["b2"]

    x = x + attend(norm(x))
    return x + feed_forward(norm(x))


@misconception(
    of="transformer_block",
    kind="misses_point",
    hint="Your feed-forward network uses GELU, as GPT-2 does, which lets small negative values through. Use ReLU.",
)
def gelu_in_place_of_relu(x, params):
    def norm(z):
        return (z - z.mean(axis=1, keepdims=True)) / np.sqrt(z.var(axis=1, keepdims=True) + 1e-5)

    def attend(z):
        q, k, v = z @ params["Wq"], z @ params["Wk"], z @ params["Wv"]
        scores = np.where(np.tri(len(z), dtype=bool), q @ k.T / np.sqrt(k.shape[1]), -np.inf)
        weights = np.exp(scores - scores.max(axis=1, keepdims=True))
        return weights / weights.sum(axis=1, keepdims=True) @ v @ params["Wo"]

    def feed_forward(z):
        a = z @ params["W1"] + params["b1"]
        return 0.5 * a * (1 + np.tanh(np.sqrt(2 / np.pi) * (a + 0.044715 * a**3))) @ params["W2"] + params["b2"]

    x = x + attend(norm(x))
    return x + feed_forward(norm(x))


@misconception(
    of="transformer_block",
    kind="misses_point",
    hint="You normalize over the positions, column by column, so rows learn about the future. Normalize each row "
    "over its own numbers.",
)
def norm_over_positions(x, params):
    def norm(z):
        return (z - z.mean(axis=0)) / np.sqrt(z.var(axis=0) + 1e-5)

    def attend(z):
        q, k, v = z @ params["Wq"], z @ params["Wk"], z @ params["Wv"]
        scores = np.where(np.tri(len(z), dtype=bool), q @ k.T / np.sqrt(k.shape[1]), -np.inf)
        weights = np.exp(scores - scores.max(axis=1, keepdims=True))
        return weights / weights.sum(axis=1, keepdims=True) @ v @ params["Wo"]

    def feed_forward(z):
        return np.maximum(z @ params["W1"] + params["b1"], 0) @ params["W2"] + params["b2"]

    x = x + attend(norm(x))
    return x + feed_forward(norm(x))


@misconception(
    of="transformer_block",
    kind="misses_point",
    hint="You make the queries with Wk and the keys with Wq.",
)
def queries_and_keys_swapped(x, params):
    def norm(z):
        return (z - z.mean(axis=1, keepdims=True)) / np.sqrt(z.var(axis=1, keepdims=True) + 1e-5)

    def attend(z):
        q, k, v = z @ params["Wk"], z @ params["Wq"], z @ params["Wv"]
        scores = np.where(np.tri(len(z), dtype=bool), q @ k.T / np.sqrt(k.shape[1]), -np.inf)
        weights = np.exp(scores - scores.max(axis=1, keepdims=True))
        return weights / weights.sum(axis=1, keepdims=True) @ v @ params["Wo"]

    def feed_forward(z):
        return np.maximum(z @ params["W1"] + params["b1"], 0) @ params["W2"] + params["b2"]

    x = x + attend(norm(x))
    return x + feed_forward(norm(x))


@misconception(
    of="transformer_block",
    kind="misses_point",
    hint="You make the keys with Wv and the values with Wk.",
)
def keys_and_values_swapped(x, params):
    def norm(z):
        return (z - z.mean(axis=1, keepdims=True)) / np.sqrt(z.var(axis=1, keepdims=True) + 1e-5)

    def attend(z):
        q, k, v = z @ params["Wq"], z @ params["Wv"], z @ params["Wk"]
        scores = np.where(np.tri(len(z), dtype=bool), q @ k.T / np.sqrt(k.shape[1]), -np.inf)
        weights = np.exp(scores - scores.max(axis=1, keepdims=True))
        return weights / weights.sum(axis=1, keepdims=True) @ v @ params["Wo"]

    def feed_forward(z):
        return np.maximum(z @ params["W1"] + params["b1"], 0) @ params["W2"] + params["b2"]

    x = x + attend(norm(x))
    return x + feed_forward(norm(x))


@misconception(
    of="transformer_block",
    kind="misses_point",
    hint="What attention computes replaces the rows. Add it to them (the residual connection).",
)
def nothing_added_to_attention(x, params):
    def norm(z):
        return (z - z.mean(axis=1, keepdims=True)) / np.sqrt(z.var(axis=1, keepdims=True) + 1e-5)

    def attend(z):
        q, k, v = z @ params["Wq"], z @ params["Wk"], z @ params["Wv"]
        scores = np.where(np.tri(len(z), dtype=bool), q @ k.T / np.sqrt(k.shape[1]), -np.inf)
        weights = np.exp(scores - scores.max(axis=1, keepdims=True))
        return weights / weights.sum(axis=1, keepdims=True) @ v @ params["Wo"]

    def feed_forward(z):
        return np.maximum(z @ params["W1"] + params["b1"], 0) @ params["W2"] + params["b2"]

    x = attend(norm(x))
    return x + feed_forward(norm(x))


@misconception(
    of="transformer_block",
    kind="misses_point",
    hint="What the feed-forward network computes replaces the rows. Add it to them (the residual connection).",
)
def nothing_added_to_feed_forward(x, params):
    def norm(z):
        return (z - z.mean(axis=1, keepdims=True)) / np.sqrt(z.var(axis=1, keepdims=True) + 1e-5)

    def attend(z):
        q, k, v = z @ params["Wq"], z @ params["Wk"], z @ params["Wv"]
        scores = np.where(np.tri(len(z), dtype=bool), q @ k.T / np.sqrt(k.shape[1]), -np.inf)
        weights = np.exp(scores - scores.max(axis=1, keepdims=True))
        return weights / weights.sum(axis=1, keepdims=True) @ v @ params["Wo"]

    def feed_forward(z):
        return np.maximum(z @ params["W1"] + params["b1"], 0) @ params["W2"] + params["b2"]

    x = x + attend(norm(x))
    return feed_forward(norm(x))


@misconception(
    of="transformer_block",
    kind="misses_point",
    hint="Both parts replace the rows. Add what they compute to what came in (the residual connections).",
    taught=True,
)
def no_residuals(x, params):
    def norm(z):
        return (z - z.mean(axis=1, keepdims=True)) / np.sqrt(z.var(axis=1, keepdims=True) + 1e-5)

    def attend(z):
        q, k, v = z @ params["Wq"], z @ params["Wk"], z @ params["Wv"]
        scores = np.where(np.tri(len(z), dtype=bool), q @ k.T / np.sqrt(k.shape[1]), -np.inf)
        weights = np.exp(scores - scores.max(axis=1, keepdims=True))
        return weights / weights.sum(axis=1, keepdims=True) @ v @ params["Wo"]

    def feed_forward(z):
        return np.maximum(z @ params["W1"] + params["b1"], 0) @ params["W2"] + params["b2"]

    return feed_forward(norm(attend(norm(x))))


@misconception(
    of="transformer_block",
    kind="misses_point",
    hint="You don't normalize the rows before the two parts.",
    taught=True,
)
def not_normed(x, params):
    def norm(z):
        return (z - z.mean(axis=1, keepdims=True)) / np.sqrt(z.var(axis=1, keepdims=True) + 1e-5)

    def attend(z):
        q, k, v = z @ params["Wq"], z @ params["Wk"], z @ params["Wv"]
        scores = np.where(np.tri(len(z), dtype=bool), q @ k.T / np.sqrt(k.shape[1]), -np.inf)
        weights = np.exp(scores - scores.max(axis=1, keepdims=True))
        return weights / weights.sum(axis=1, keepdims=True) @ v @ params["Wo"]

    def feed_forward(z):
        return np.maximum(z @ params["W1"] + params["b1"], 0) @ params["W2"] + params["b2"]

    x = x + attend(x)
    return x + feed_forward(x)


@misconception(
    of="transformer_block",
    kind="misses_point",
    hint="You give attention the rows without normalizing them. Normalize them before each part.",
)
def attention_not_normed(x, params):
    def norm(z):
        return (z - z.mean(axis=1, keepdims=True)) / np.sqrt(z.var(axis=1, keepdims=True) + 1e-5)

    def attend(z):
        q, k, v = z @ params["Wq"], z @ params["Wk"], z @ params["Wv"]
        scores = np.where(np.tri(len(z), dtype=bool), q @ k.T / np.sqrt(k.shape[1]), -np.inf)
        weights = np.exp(scores - scores.max(axis=1, keepdims=True))
        return weights / weights.sum(axis=1, keepdims=True) @ v @ params["Wo"]

    def feed_forward(z):
        return np.maximum(z @ params["W1"] + params["b1"], 0) @ params["W2"] + params["b2"]

    x = x + attend(x)
    return x + feed_forward(norm(x))


@misconception(
    of="transformer_block",
    kind="misses_point",
    hint="You give the feed-forward network the rows without normalizing them. Normalize them before each part, after "
    "the first addition.",
)
def feed_forward_not_normed(x, params):
    def norm(z):
        return (z - z.mean(axis=1, keepdims=True)) / np.sqrt(z.var(axis=1, keepdims=True) + 1e-5)

    def attend(z):
        q, k, v = z @ params["Wq"], z @ params["Wk"], z @ params["Wv"]
        scores = np.where(np.tri(len(z), dtype=bool), q @ k.T / np.sqrt(k.shape[1]), -np.inf)
        weights = np.exp(scores - scores.max(axis=1, keepdims=True))
        return weights / weights.sum(axis=1, keepdims=True) @ v @ params["Wo"]

    def feed_forward(z):
        return np.maximum(z @ params["W1"] + params["b1"], 0) @ params["W2"] + params["b2"]

    x = x + attend(norm(x))
    return x + feed_forward(x)


@misconception(
    of="transformer_block",
    kind="misses_point",
    hint="You give both parts the rows that came into the block. Give the feed-forward network the rows that "
    "attention has been added to.",
)
def side_by_side_in_transformer_block(x, params):
    def norm(z):
        return (z - z.mean(axis=1, keepdims=True)) / np.sqrt(z.var(axis=1, keepdims=True) + 1e-5)

    def attend(z):
        q, k, v = z @ params["Wq"], z @ params["Wk"], z @ params["Wv"]
        scores = np.where(np.tri(len(z), dtype=bool), q @ k.T / np.sqrt(k.shape[1]), -np.inf)
        weights = np.exp(scores - scores.max(axis=1, keepdims=True))
        return weights / weights.sum(axis=1, keepdims=True) @ v @ params["Wo"]

    def feed_forward(z):
        return np.maximum(z @ params["W1"] + params["b1"], 0) @ params["W2"] + params["b2"]

    return x + attend(norm(x)) + feed_forward(norm(x))


@misconception(
    of="transformer_block",
    kind="misses_point",
    hint="You add the feed-forward network's result to the rows that came into the block, which loses what attention "
    "found.",
)
def added_to_what_came_in(x, params):
    def norm(z):
        return (z - z.mean(axis=1, keepdims=True)) / np.sqrt(z.var(axis=1, keepdims=True) + 1e-5)

    def attend(z):
        q, k, v = z @ params["Wq"], z @ params["Wk"], z @ params["Wv"]
        scores = np.where(np.tri(len(z), dtype=bool), q @ k.T / np.sqrt(k.shape[1]), -np.inf)
        weights = np.exp(scores - scores.max(axis=1, keepdims=True))
        return weights / weights.sum(axis=1, keepdims=True) @ v @ params["Wo"]

    def feed_forward(z):
        return np.maximum(z @ params["W1"] + params["b1"], 0) @ params["W2"] + params["b2"]

    return x + feed_forward(norm(x + attend(norm(x))))


@misconception(
    of="transformer_block",
    kind="misses_point",
    hint="You don't add b1 and b2.",
)
def no_biases(x, params):
    def norm(z):
        return (z - z.mean(axis=1, keepdims=True)) / np.sqrt(z.var(axis=1, keepdims=True) + 1e-5)

    def attend(z):
        q, k, v = z @ params["Wq"], z @ params["Wk"], z @ params["Wv"]
        scores = np.where(np.tri(len(z), dtype=bool), q @ k.T / np.sqrt(k.shape[1]), -np.inf)
        weights = np.exp(scores - scores.max(axis=1, keepdims=True))
        return weights / weights.sum(axis=1, keepdims=True) @ v @ params["Wo"]

    def feed_forward(z):
        return np.maximum(z @ params["W1"], 0) @ params["W2"]

    x = x + attend(norm(x))
    return x + feed_forward(norm(x))


@misconception(
    of="transformer_block",
    kind="misses_point",
    hint="You don't add b1 before the ReLU.",
)
def no_hidden_bias(x, params):
    def norm(z):
        return (z - z.mean(axis=1, keepdims=True)) / np.sqrt(z.var(axis=1, keepdims=True) + 1e-5)

    def attend(z):
        q, k, v = z @ params["Wq"], z @ params["Wk"], z @ params["Wv"]
        scores = np.where(np.tri(len(z), dtype=bool), q @ k.T / np.sqrt(k.shape[1]), -np.inf)
        weights = np.exp(scores - scores.max(axis=1, keepdims=True))
        return weights / weights.sum(axis=1, keepdims=True) @ v @ params["Wo"]

    def feed_forward(z):
        return np.maximum(z @ params["W1"], 0) @ params["W2"] + params["b2"]

    x = x + attend(norm(x))
    return x + feed_forward(norm(x))


@misconception(
    of="transformer_block",
    kind="misses_point",
    hint="You add b1 after the ReLU. It belongs before it, in the first layer.",
)
def hidden_bias_after_the_relu(x, params):
    def norm(z):
        return (z - z.mean(axis=1, keepdims=True)) / np.sqrt(z.var(axis=1, keepdims=True) + 1e-5)

    def attend(z):
        q, k, v = z @ params["Wq"], z @ params["Wk"], z @ params["Wv"]
        scores = np.where(np.tri(len(z), dtype=bool), q @ k.T / np.sqrt(k.shape[1]), -np.inf)
        weights = np.exp(scores - scores.max(axis=1, keepdims=True))
        return weights / weights.sum(axis=1, keepdims=True) @ v @ params["Wo"]

    def feed_forward(z):
        return (np.maximum(z @ params["W1"], 0) + params["b1"]) @ params["W2"] + params["b2"]

    x = x + attend(norm(x))
    return x + feed_forward(norm(x))


@misconception(
    of="transformer_block",
    kind="misses_point",
    hint="You don't add b2 to the feed-forward network's result.",
)
def no_output_bias(x, params):
    def norm(z):
        return (z - z.mean(axis=1, keepdims=True)) / np.sqrt(z.var(axis=1, keepdims=True) + 1e-5)

    def attend(z):
        q, k, v = z @ params["Wq"], z @ params["Wk"], z @ params["Wv"]
        scores = np.where(np.tri(len(z), dtype=bool), q @ k.T / np.sqrt(k.shape[1]), -np.inf)
        weights = np.exp(scores - scores.max(axis=1, keepdims=True))
        return weights / weights.sum(axis=1, keepdims=True) @ v @ params["Wo"]

    def feed_forward(z):
        return np.maximum(z @ params["W1"] + params["b1"], 0) @ params["W2"]

    x = x + attend(norm(x))
    return x + feed_forward(norm(x))


@misconception(
    of="transformer_block",
    kind="misses_point",
    hint="Your attention looks at all positions, including the future. causal_attention from part 3 doesn't.",
    taught=True,
)
def no_causal_mask_in_transformer_block(x, params):
    def norm(z):
        return (z - z.mean(axis=1, keepdims=True)) / np.sqrt(z.var(axis=1, keepdims=True) + 1e-5)

    def attend(z):
        q, k, v = z @ params["Wq"], z @ params["Wk"], z @ params["Wv"]
        scores = q @ k.T / np.sqrt(k.shape[1])
        weights = np.exp(scores - scores.max(axis=1, keepdims=True))
        return weights / weights.sum(axis=1, keepdims=True) @ v @ params["Wo"]

    def feed_forward(z):
        return np.maximum(z @ params["W1"] + params["b1"], 0) @ params["W2"] + params["b2"]

    x = x + attend(norm(x))
    return x + feed_forward(norm(x))


@misconception(
    of="transformer_block",
    kind="misses_point",
    hint="Your attention doesn't divide the scores by the square root of d. causal_attention from part 3 does.",
)
def scores_not_scaled(x, params):
    def norm(z):
        return (z - z.mean(axis=1, keepdims=True)) / np.sqrt(z.var(axis=1, keepdims=True) + 1e-5)

    def attend(z):
        q, k, v = z @ params["Wq"], z @ params["Wk"], z @ params["Wv"]
        scores = np.where(np.tri(len(z), dtype=bool), q @ k.T, -np.inf)
        weights = np.exp(scores - scores.max(axis=1, keepdims=True))
        return weights / weights.sum(axis=1, keepdims=True) @ v @ params["Wo"]

    def feed_forward(z):
        return np.maximum(z @ params["W1"] + params["b1"], 0) @ params["W2"] + params["b2"]

    x = x + attend(norm(x))
    return x + feed_forward(norm(x))


@misconception(
    of="transformer_block",
    kind="misses_point",
    hint="You apply a second ReLU after W2, so the network can never subtract anything. There's none on its output.",
)
def relu_on_the_result_too(x, params):
    def norm(z):
        return (z - z.mean(axis=1, keepdims=True)) / np.sqrt(z.var(axis=1, keepdims=True) + 1e-5)

    def attend(z):
        q, k, v = z @ params["Wq"], z @ params["Wk"], z @ params["Wv"]
        scores = np.where(np.tri(len(z), dtype=bool), q @ k.T / np.sqrt(k.shape[1]), -np.inf)
        weights = np.exp(scores - scores.max(axis=1, keepdims=True))
        return weights / weights.sum(axis=1, keepdims=True) @ v @ params["Wo"]

    def feed_forward(z):
        return np.maximum(np.maximum(z @ params["W1"] + params["b1"], 0) @ params["W2"] + params["b2"], 0)

    x = x + attend(norm(x))
    return x + feed_forward(norm(x))


@misconception(
    of="transformer_block",
    kind="misses_point",
    hint="You transpose attention's four matrices, which is how torch's layers store them. Here it's rows times "
    "matrix.",
)
def matrices_transposed(x, params):
    def norm(z):
        return (z - z.mean(axis=1, keepdims=True)) / np.sqrt(z.var(axis=1, keepdims=True) + 1e-5)

    def attend(z):
        q, k, v = z @ params["Wq"].T, z @ params["Wk"].T, z @ params["Wv"].T
        scores = np.where(np.tri(len(z), dtype=bool), q @ k.T / np.sqrt(k.shape[1]), -np.inf)
        weights = np.exp(scores - scores.max(axis=1, keepdims=True))
        return weights / weights.sum(axis=1, keepdims=True) @ v @ params["Wo"].T

    def feed_forward(z):
        return np.maximum(z @ params["W1"] + params["b1"], 0) @ params["W2"] + params["b2"]

    x = x + attend(norm(x))
    return x + feed_forward(norm(x))


@misconception(
    of="transformer_block",
    kind="misses_point",
    hint="You use the normalized rows themselves as values. Wv makes the values.",
)
def values_not_projected(x, params):
    def norm(z):
        return (z - z.mean(axis=1, keepdims=True)) / np.sqrt(z.var(axis=1, keepdims=True) + 1e-5)

    def attend(z):
        q, k, v = z @ params["Wq"], z @ params["Wk"], z
        scores = np.where(np.tri(len(z), dtype=bool), q @ k.T / np.sqrt(k.shape[1]), -np.inf)
        weights = np.exp(scores - scores.max(axis=1, keepdims=True))
        return weights / weights.sum(axis=1, keepdims=True) @ v @ params["Wo"]

    def feed_forward(z):
        return np.maximum(z @ params["W1"] + params["b1"], 0) @ params["W2"] + params["b2"]

    x = x + attend(norm(x))
    return x + feed_forward(norm(x))


@misconception(
    of="transformer_block",
    kind="misses_point",
    hint="You make the values from the rows before the norm. Queries, keys and values all come from the normalized "
    "ones.",
)
def values_not_normed(x, params):
    def norm(z):
        return (z - z.mean(axis=1, keepdims=True)) / np.sqrt(z.var(axis=1, keepdims=True) + 1e-5)

    def attend(z):
        q, k, v = z @ params["Wq"], z @ params["Wk"], x @ params["Wv"]
        scores = np.where(np.tri(len(z), dtype=bool), q @ k.T / np.sqrt(k.shape[1]), -np.inf)
        weights = np.exp(scores - scores.max(axis=1, keepdims=True))
        return weights / weights.sum(axis=1, keepdims=True) @ v @ params["Wo"]

    def feed_forward(z):
        return np.maximum(z @ params["W1"] + params["b1"], 0) @ params["W2"] + params["b2"]

    x = x + attend(norm(x))
    return x + feed_forward(norm(x))


@misconception(
    of="transformer_block",
    kind="misses_point",
    hint="You normalize the result once more. The output of a block is the plain sum.",
)
def normed_once_more_at_the_end(x, params):
    def norm(z):
        return (z - z.mean(axis=1, keepdims=True)) / np.sqrt(z.var(axis=1, keepdims=True) + 1e-5)

    def attend(z):
        q, k, v = z @ params["Wq"], z @ params["Wk"], z @ params["Wv"]
        scores = np.where(np.tri(len(z), dtype=bool), q @ k.T / np.sqrt(k.shape[1]), -np.inf)
        weights = np.exp(scores - scores.max(axis=1, keepdims=True))
        return weights / weights.sum(axis=1, keepdims=True) @ v @ params["Wo"]

    def feed_forward(z):
        return np.maximum(z @ params["W1"] + params["b1"], 0) @ params["W2"] + params["b2"]

    x = x + attend(norm(x))
    return norm(x + feed_forward(norm(x)))


@misconception(
    of="transformer_block",
    kind="misses_point",
    hint="Your norm subtracts the mean, but doesn't divide by the square root of the variance.",
)
def only_centred(x, params):
    def norm(z):
        return z - z.mean(axis=1, keepdims=True)

    def attend(z):
        q, k, v = z @ params["Wq"], z @ params["Wk"], z @ params["Wv"]
        scores = np.where(np.tri(len(z), dtype=bool), q @ k.T / np.sqrt(k.shape[1]), -np.inf)
        weights = np.exp(scores - scores.max(axis=1, keepdims=True))
        return weights / weights.sum(axis=1, keepdims=True) @ v @ params["Wo"]

    def feed_forward(z):
        return np.maximum(z @ params["W1"] + params["b1"], 0) @ params["W2"] + params["b2"]

    x = x + attend(norm(x))
    return x + feed_forward(norm(x))


@misconception(
    of="transformer_block",
    kind="misses_point",
    hint="Your norm divides by D - 1 in the variance, as for a sample. A layer norm divides by D.",
)
def sample_variance(x, params):
    def norm(z):
        return (z - z.mean(axis=1, keepdims=True)) / np.sqrt(z.var(axis=1, ddof=1, keepdims=True) + 1e-5)

    def attend(z):
        q, k, v = z @ params["Wq"], z @ params["Wk"], z @ params["Wv"]
        scores = np.where(np.tri(len(z), dtype=bool), q @ k.T / np.sqrt(k.shape[1]), -np.inf)
        weights = np.exp(scores - scores.max(axis=1, keepdims=True))
        return weights / weights.sum(axis=1, keepdims=True) @ v @ params["Wo"]

    def feed_forward(z):
        return np.maximum(z @ params["W1"] + params["b1"], 0) @ params["W2"] + params["b2"]

    x = x + attend(norm(x))
    return x + feed_forward(norm(x))


@misconception(
    of="transformer_block",
    kind="misses_point",
    hint="The feed-forward network is missing. A block has two parts.",
)
def attention_alone(x, params):
    def norm(z):
        return (z - z.mean(axis=1, keepdims=True)) / np.sqrt(z.var(axis=1, keepdims=True) + 1e-5)

    def attend(z):
        q, k, v = z @ params["Wq"], z @ params["Wk"], z @ params["Wv"]
        scores = np.where(np.tri(len(z), dtype=bool), q @ k.T / np.sqrt(k.shape[1]), -np.inf)
        weights = np.exp(scores - scores.max(axis=1, keepdims=True))
        return weights / weights.sum(axis=1, keepdims=True) @ v @ params["Wo"]

    def feed_forward(z):
        return np.maximum(z @ params["W1"] + params["b1"], 0) @ params["W2"] + params["b2"]

    return x + attend(norm(x))


@misconception(
    of="transformer_block",
    kind="conduct",
    hint="You change the caller's own array: x += … does that, and x = x + … doesn't.",
    taught=True,
)
def changes_the_callers_rows(x, params):
    def norm(z):
        return (z - z.mean(axis=1, keepdims=True)) / np.sqrt(z.var(axis=1, keepdims=True) + 1e-5)

    def attend(z):
        q, k, v = z @ params["Wq"], z @ params["Wk"], z @ params["Wv"]
        scores = np.where(np.tri(len(z), dtype=bool), q @ k.T / np.sqrt(k.shape[1]), -np.inf)
        weights = np.exp(scores - scores.max(axis=1, keepdims=True))
        return weights / weights.sum(axis=1, keepdims=True) @ v @ params["Wo"]

    def feed_forward(z):
        return np.maximum(z @ params["W1"] + params["b1"], 0) @ params["W2"] + params["b2"]

    x += attend(norm(x))
    return x + feed_forward(norm(x))


# --- output_logits ---


@misconception(
    of="output_logits",
    kind="misses_point",
    hint="You use the first position's row. The last row is the one that says what comes next.",
    taught=True,
)
def first_position(hidden, W_unembed):
    if hidden.shape[1] != W_unembed.shape[0]:
        raise ValueError
    return hidden[0] @ W_unembed


@misconception(
    of="output_logits",
    kind="misses_point",
    hint="You return the logits of all positions. To continue a text, those of the last one are enough.",
    taught=True,
)
def all_positions(hidden, W_unembed):
    if hidden.shape[1] != W_unembed.shape[0]:
        raise ValueError
    return hidden @ W_unembed


@misconception(
    of="output_logits",
    kind="misses_point",
    hint="You return probabilities. The Output Layer gives raw scores, and the softmax belongs to the sampler.",
    taught=True,
)
def probabilities(hidden, W_unembed):
    if hidden.shape[1] != W_unembed.shape[0]:
        raise ValueError
    logits = hidden[-1] @ W_unembed
    exponentials = np.exp(logits - logits.max())
    return exponentials / exponentials.sum()


@misconception(
    of="output_logits",
    kind="convention",
    hint="You return the logarithms of probabilities. The Output Layer gives the raw scores.",
)
def log_probabilities(hidden, W_unembed):
    if hidden.shape[1] != W_unembed.shape[0]:
        raise ValueError
    logits = hidden[-1] @ W_unembed
    return logits - logits.max() - np.log(np.exp(logits - logits.max()).sum())


@misconception(
    of="output_logits",
    kind="misses_point",
    hint="You add up the rows of all positions. Only the last one says what comes next.",
)
def summed_over_positions(hidden, W_unembed):
    if hidden.shape[1] != W_unembed.shape[0]:
        raise ValueError
    return hidden.sum(axis=0) @ W_unembed


@misconception(
    of="output_logits",
    kind="misses_point",
    hint="You average the rows of all positions. Only the last one says what comes next.",
)
def averaged_over_positions(hidden, W_unembed):
    if hidden.shape[1] != W_unembed.shape[0]:
        raise ValueError
    return hidden.mean(axis=0) @ W_unembed


@misconception(
    of="output_logits",
    kind="misses_point",
    hint="You use the second-to-last row. It guesses the last token, which is already known.",
)
def one_before_the_last(hidden, W_unembed):
    if hidden.shape[1] != W_unembed.shape[0]:
        raise ValueError
    return hidden[-2 % len(hidden)] @ W_unembed


@misconception(
    of="output_logits",
    kind="convention",
    hint="You keep the last row as a one-row matrix, so you return (1, V). Return (V,).",
    taught=True,
)
def kept_as_a_matrix(hidden, W_unembed):
    if hidden.shape[1] != W_unembed.shape[0]:
        raise ValueError
    return hidden[-1:] @ W_unembed


@misconception(
    of="output_logits",
    kind="misses_point",
    hint="You normalize the last row first. Norms belong to the blocks.",
)
def normed_first(hidden, W_unembed):
    if hidden.shape[1] != W_unembed.shape[0]:
        raise ValueError
    row = hidden[-1]
    return (row - row.mean()) / np.sqrt(row.var() + 1e-5) @ W_unembed


@misconception(
    of="output_logits",
    kind="misses_point",
    hint="You return the most likely id. Choosing is the next box's job, and it needs all the logits.",
)
def likeliest_id(hidden, W_unembed):
    if hidden.shape[1] != W_unembed.shape[0]:
        raise ValueError
    return np.argmax(hidden[-1] @ W_unembed)


@misconception(
    of="output_logits",
    kind="misses_point",
    hint="You replace logits below 0 with 0. A negative logit is as valid as any other.",
)
def negative_ones_cut(hidden, W_unembed):
    if hidden.shape[1] != W_unembed.shape[0]:
        raise ValueError
    return np.maximum(hidden[-1] @ W_unembed, 0)


@misconception(
    of="output_logits",
    kind="misses_point",
    hint="For each token you return the largest logit over all positions. Only the last position says what comes next.",
)
def largest_over_positions(hidden, W_unembed):
    if hidden.shape[1] != W_unembed.shape[0]:
        raise ValueError
    return (hidden @ W_unembed).max(axis=0)


@misconception(
    of="output_logits",
    kind="convention",
    hint="You subtract the largest logit from all of them. That changes no probability, but these aren't the raw "
    "scores.",
)
def shifted_to_0(hidden, W_unembed):
    if hidden.shape[1] != W_unembed.shape[0]:
        raise ValueError
    logits = hidden[-1] @ W_unembed
    return logits - logits.max()


@misconception(
    of="output_logits",
    kind="misses_point",
    hint="You divide the logits by the square root of the width. That belongs to attention.",
)
def scaled_by_the_root_of_d_in_output_logits(hidden, W_unembed):
    if hidden.shape[1] != W_unembed.shape[0]:
        raise ValueError
    return hidden[-1] @ W_unembed / np.sqrt(hidden.shape[1])


@misconception(
    of="output_logits",
    kind="conduct",
    hint="You accept a matrix that doesn't fit, for example by transposing it or by using only a part of it. It may be "
    "the wrong one altogether, so raise an error.",
    taught=True,
)
def transposed_repaired(hidden, W_unembed):
    if hidden.shape[1] != W_unembed.shape[0] and hidden.shape[1] == W_unembed.shape[1]:
        W_unembed = W_unembed.T
    return hidden[-1] @ W_unembed


@misconception(
    of="output_logits",
    kind="conduct",
    hint="You multiply elementwise and add up, so numpy broadcasts a matrix with one row until it fits. Raise an "
    "error.",
    taught=True,
)
def stretched_to_fit(hidden, W_unembed):
    return (hidden[-1][:, None] * W_unembed).sum(axis=0)


# --- run_pipeline ---


@misconception(
    of="run_pipeline",
    kind="misses_point",
    hint="You go around once, however many tokens are asked for: the seventh box, Repeat, is missing.",
    taught=True,
)
def no_repeat(text, boxes, max_new_tokens, stop_id=None):
    trace, ids = ["Tokenizer"], list(boxes["Tokenizer"](text))
    if not ids:
        raise ValueError
    new_ids = []
    for _ in range(min(max_new_tokens, 1)):
        value = ids + new_ids
        for name in ("Embedding Layer", "Transformer Layers", "Output Layer", "Sampling"):
            trace.append(name)
            value = boxes[name](value)
        if value == stop_id:
            break
        new_ids.append(value)
    trace.append("Detokenizer")
    return boxes["Detokenizer"](new_ids), trace


@misconception(
    of="run_pipeline",
    kind="misses_point",
    hint="After the first round you give the Embedding Layer only the newest id, so the model has forgotten the rest.",
    taught=True,
)
def only_the_newest_token(text, boxes, max_new_tokens, stop_id=None):
    trace, ids = ["Tokenizer"], list(boxes["Tokenizer"](text))
    if not ids:
        raise ValueError
    new_ids = []
    for _ in range(max_new_tokens):
        value = new_ids[-1:] or ids
        for name in ("Embedding Layer", "Transformer Layers", "Output Layer", "Sampling"):
            trace.append(name)
            value = boxes[name](value)
        if value == stop_id:
            break
        new_ids.append(value)
    trace.append("Detokenizer")
    return boxes["Detokenizer"](new_ids), trace


@misconception(
    of="run_pipeline",
    kind="misses_point",
    hint="You give the Embedding Layer the prompt again and again. Each new id has to join the ids.",
    taught=True,
)
def nothing_fed_back(text, boxes, max_new_tokens, stop_id=None):
    trace, ids = ["Tokenizer"], list(boxes["Tokenizer"](text))
    if not ids:
        raise ValueError
    new_ids = []
    for _ in range(max_new_tokens):
        value = ids
        for name in ("Embedding Layer", "Transformer Layers", "Output Layer", "Sampling"):
            trace.append(name)
            value = boxes[name](value)
        if value == stop_id:
            break
        new_ids.append(value)
    trace.append("Detokenizer")
    return boxes["Detokenizer"](new_ids), trace


@misconception(
    of="run_pipeline",
    kind="misses_point",
    hint="After the first round you give the Embedding Layer only the new ids, without the prompt.",
    taught=True,
)
def prompt_forgotten(text, boxes, max_new_tokens, stop_id=None):
    trace, ids = ["Tokenizer"], list(boxes["Tokenizer"](text))
    if not ids:
        raise ValueError
    new_ids = []
    for _ in range(max_new_tokens):
        value = new_ids or ids
        for name in ("Embedding Layer", "Transformer Layers", "Output Layer", "Sampling"):
            trace.append(name)
            value = boxes[name](value)
        if value == stop_id:
            break
        new_ids.append(value)
    trace.append("Detokenizer")
    return boxes["Detokenizer"](new_ids), trace


@misconception(
    of="run_pipeline",
    kind="misses_point",
    hint="You never call the Transformer Layers, so the tokens don't learn about each other.",
)
def transformer_skipped(text, boxes, max_new_tokens, stop_id=None):
    trace, ids = ["Tokenizer"], list(boxes["Tokenizer"](text))
    if not ids:
        raise ValueError
    new_ids = []
    for _ in range(max_new_tokens):
        value = ids + new_ids
        for name in ("Embedding Layer", "Output Layer", "Sampling"):
            trace.append(name)
            value = boxes[name](value)
        if value == stop_id:
            break
        new_ids.append(value)
    trace.append("Detokenizer")
    return boxes["Detokenizer"](new_ids), trace


@misconception(
    of="run_pipeline",
    kind="misses_point",
    hint="Your trace names the Transformer Layers, but you never call them. A trace is what happened, not what should "
    "have.",
)
def transformer_named_but_not_called(text, boxes, max_new_tokens, stop_id=None):
    trace, ids = ["Tokenizer"], list(boxes["Tokenizer"](text))
    if not ids:
        raise ValueError
    new_ids = []
    for _ in range(max_new_tokens):
        value = ids + new_ids
        for name in ("Embedding Layer", "Output Layer", "Sampling"):
            trace += ["Transformer Layers", name] if name == "Output Layer" else [name]
            value = boxes[name](value)
        if value == stop_id:
            break
        new_ids.append(value)
    trace.append("Detokenizer")
    return boxes["Detokenizer"](new_ids), trace


@misconception(
    of="run_pipeline",
    kind="edge",
    hint="Drawing the stop token doesn't end your text: you keep it like any other token, and carry on until you reach "
    "the limit.",
    taught=True,
)
def never_stops(text, boxes, max_new_tokens, stop_id=None):
    trace, ids = ["Tokenizer"], list(boxes["Tokenizer"](text))
    if not ids:
        raise ValueError
    new_ids = []
    for _ in range(max_new_tokens):
        value = ids + new_ids
        for name in ("Embedding Layer", "Transformer Layers", "Output Layer", "Sampling"):
            trace.append(name)
            value = boxes[name](value)
        new_ids.append(value)
    trace.append("Detokenizer")
    return boxes["Detokenizer"](new_ids), trace


@misconception(
    of="run_pipeline",
    kind="edge",
    hint="You keep the stop token in the text. It signals that the text is over and isn't part of it.",
    taught=True,
)
def stop_token_kept(text, boxes, max_new_tokens, stop_id=None):
    trace, ids = ["Tokenizer"], list(boxes["Tokenizer"](text))
    if not ids:
        raise ValueError
    new_ids = []
    for _ in range(max_new_tokens):
        value = ids + new_ids
        for name in ("Embedding Layer", "Transformer Layers", "Output Layer", "Sampling"):
            trace.append(name)
            value = boxes[name](value)
        new_ids.append(value)
        if value == stop_id:
            break
    trace.append("Detokenizer")
    return boxes["Detokenizer"](new_ids), trace


@misconception(
    of="run_pipeline",
    kind="edge",
    hint="A stop token with id 0 stops nothing, because Python treats 0 as false. Compare with None, or with the id "
    "itself.",
)
def id_0_never_stops(text, boxes, max_new_tokens, stop_id=None):
    trace, ids = ["Tokenizer"], list(boxes["Tokenizer"](text))
    if not ids:
        raise ValueError
    new_ids = []
    for _ in range(max_new_tokens):
        value = ids + new_ids
        for name in ("Embedding Layer", "Transformer Layers", "Output Layer", "Sampling"):
            trace.append(name)
            value = boxes[name](value)
        if stop_id and value == stop_id:
            break
        new_ids.append(value)
    trace.append("Detokenizer")
    return boxes["Detokenizer"](new_ids), trace


@misconception(
    of="run_pipeline",
    kind="edge",
    hint="Any drawn id of 0 ends your text, because Python treats 0 as false. It's an id like any other.",
)
def id_0_always_stops(text, boxes, max_new_tokens, stop_id=None):
    trace, ids = ["Tokenizer"], list(boxes["Tokenizer"](text))
    if not ids:
        raise ValueError
    new_ids = []
    for _ in range(max_new_tokens):
        value = ids + new_ids
        for name in ("Embedding Layer", "Transformer Layers", "Output Layer", "Sampling"):
            trace.append(name)
            value = boxes[name](value)
        if not value or value == stop_id:
            break
        new_ids.append(value)
    trace.append("Detokenizer")
    return boxes["Detokenizer"](new_ids), trace


@misconception(
    of="run_pipeline",
    kind="edge",
    hint="A stop token in the prompt ends your text. Only one that's drawn should.",
)
def prompt_can_stop_it(text, boxes, max_new_tokens, stop_id=None):
    trace, ids = ["Tokenizer"], list(boxes["Tokenizer"](text))
    if not ids:
        raise ValueError
    new_ids = []
    for _ in range(max_new_tokens):
        value = ids + new_ids
        for name in ("Embedding Layer", "Transformer Layers", "Output Layer", "Sampling"):
            trace.append(name)
            value = boxes[name](value)
        if stop_id in [*ids, value]:
            break
        new_ids.append(value)
    trace.append("Detokenizer")
    return boxes["Detokenizer"](new_ids), trace


@misconception(
    of="run_pipeline",
    kind="conduct",
    hint="You accept a text without ids, though there's nothing to continue. Raise a ValueError.",
    taught=True,
)
def empty_text_accepted(text, boxes, max_new_tokens, stop_id=None):
    trace, ids = ["Tokenizer"], list(boxes["Tokenizer"](text))
    new_ids = []
    for _ in range(max_new_tokens):
        value = ids + new_ids
        for name in ("Embedding Layer", "Transformer Layers", "Output Layer", "Sampling"):
            trace.append(name)
            value = boxes[name](value)
        if value == stop_id:
            break
        new_ids.append(value)
    trace.append("Detokenizer")
    return boxes["Detokenizer"](new_ids), trace


@misconception(
    of="run_pipeline",
    kind="conduct",
    hint="You reject only an empty text. A text can also have no ids, and it's the ids that the model continues.",
    taught=True,
)
def text_checked_instead_of_ids(text, boxes, max_new_tokens, stop_id=None):
    if not text:
        raise ValueError("the text is empty")
    trace, ids = ["Tokenizer"], list(boxes["Tokenizer"](text))
    new_ids = []
    for _ in range(max_new_tokens):
        value = ids + new_ids
        for name in ("Embedding Layer", "Transformer Layers", "Output Layer", "Sampling"):
            trace.append(name)
            value = boxes[name](value)
        if value == stop_id:
            break
        new_ids.append(value)
    trace.append("Detokenizer")
    return boxes["Detokenizer"](new_ids), trace


@misconception(
    of="run_pipeline",
    kind="misses_point",
    hint="You return the prompt's text too. Return only the text of the new ids.",
    taught=True,
)
def prompt_in_the_text(text, boxes, max_new_tokens, stop_id=None):
    trace, ids = ["Tokenizer"], list(boxes["Tokenizer"](text))
    if not ids:
        raise ValueError
    new_ids = []
    for _ in range(max_new_tokens):
        value = ids + new_ids
        for name in ("Embedding Layer", "Transformer Layers", "Output Layer", "Sampling"):
            trace.append(name)
            value = boxes[name](value)
        if value == stop_id:
            break
        new_ids.append(value)
    trace.append("Detokenizer")
    return boxes["Detokenizer"](ids + new_ids), trace


@misconception(
    of="run_pipeline",
    kind="misses_point",
    hint="You return the new ids. The Detokenizer turns them into text.",
)
def ids_instead_of_text(text, boxes, max_new_tokens, stop_id=None):
    trace, ids = ["Tokenizer"], list(boxes["Tokenizer"](text))
    if not ids:
        raise ValueError
    new_ids = []
    for _ in range(max_new_tokens):
        value = ids + new_ids
        for name in ("Embedding Layer", "Transformer Layers", "Output Layer", "Sampling"):
            trace.append(name)
            value = boxes[name](value)
        if value == stop_id:
            break
        new_ids.append(value)
    return new_ids, trace


@misconception(
    of="run_pipeline",
    kind="edge",
    hint="You generate one token too many. Count how many times you go around when one new token is allowed.",
)
def one_token_too_many(text, boxes, max_new_tokens, stop_id=None):
    trace, ids = ["Tokenizer"], list(boxes["Tokenizer"](text))
    if not ids:
        raise ValueError
    new_ids = []
    for _ in range(max_new_tokens + 1):
        value = ids + new_ids
        for name in ("Embedding Layer", "Transformer Layers", "Output Layer", "Sampling"):
            trace.append(name)
            value = boxes[name](value)
        if value == stop_id:
            break
        new_ids.append(value)
    trace.append("Detokenizer")
    return boxes["Detokenizer"](new_ids), trace


@misconception(
    of="run_pipeline",
    kind="edge",
    hint="You generate one token too few. Count how many times you go around when one new token is allowed.",
)
def one_token_too_few(text, boxes, max_new_tokens, stop_id=None):
    trace, ids = ["Tokenizer"], list(boxes["Tokenizer"](text))
    if not ids:
        raise ValueError
    new_ids = []
    for _ in range(max_new_tokens - 1):
        value = ids + new_ids
        for name in ("Embedding Layer", "Transformer Layers", "Output Layer", "Sampling"):
            trace.append(name)
            value = boxes[name](value)
        if value == stop_id:
            break
        new_ids.append(value)
    trace.append("Detokenizer")
    return boxes["Detokenizer"](new_ids), trace


@misconception(
    of="run_pipeline",
    kind="edge",
    hint="You count the prompt's tokens toward the limit. It's for new tokens only.",
)
def prompt_counts_too(text, boxes, max_new_tokens, stop_id=None):
    trace, ids = ["Tokenizer"], list(boxes["Tokenizer"](text))
    if not ids:
        raise ValueError
    new_ids = []
    for _ in range(max_new_tokens - len(ids)):
        value = ids + new_ids
        for name in ("Embedding Layer", "Transformer Layers", "Output Layer", "Sampling"):
            trace.append(name)
            value = boxes[name](value)
        if value == stop_id:
            break
        new_ids.append(value)
    trace.append("Detokenizer")
    return boxes["Detokenizer"](new_ids), trace


@misconception(
    of="run_pipeline",
    kind="convention",
    hint="Your trace names each box only once. It should name every call.",
)
def each_box_once_in_the_trace(text, boxes, max_new_tokens, stop_id=None):
    trace, ids = ["Tokenizer"], list(boxes["Tokenizer"](text))
    if not ids:
        raise ValueError
    new_ids = []
    for _ in range(max_new_tokens):
        value = ids + new_ids
        for name in ("Embedding Layer", "Transformer Layers", "Output Layer", "Sampling"):
            trace += [] if name in trace else [name]
            value = boxes[name](value)
        if value == stop_id:
            break
        new_ids.append(value)
    trace.append("Detokenizer")
    return boxes["Detokenizer"](new_ids), trace


@misconception(
    of="run_pipeline",
    kind="convention",
    hint="Your trace names Repeat. That box is your loop, and you don't call anything for it. Name only the boxes "
    "you call.",
)
def repeat_in_the_trace(text, boxes, max_new_tokens, stop_id=None):
    trace, ids = ["Tokenizer"], list(boxes["Tokenizer"](text))
    if not ids:
        raise ValueError
    new_ids = []
    for _ in range(max_new_tokens):
        value = ids + new_ids
        for name in ("Embedding Layer", "Transformer Layers", "Output Layer", "Sampling"):
            trace.append(name)
            value = boxes[name](value)
        if value == stop_id:
            break
        new_ids.append(value)
        trace.append("Repeat")
    trace.append("Detokenizer")
    return boxes["Detokenizer"](new_ids), trace


@misconception(
    of="run_pipeline",
    kind="edge",
    any_of={"left_out": (("Tokenizer", "Detokenizer"), ("Tokenizer",), ("Detokenizer",))},
    hint="Your trace leaves out calls of the Tokenizer or the Detokenizer. It should name every call.",
)
def trace_without_the_ends(text, boxes, max_new_tokens, stop_id=None, *, left_out):
    trace, ids = ["Tokenizer"], list(boxes["Tokenizer"](text))
    if not ids:
        raise ValueError
    new_ids = []
    for _ in range(max_new_tokens):
        value = ids + new_ids
        for name in ("Embedding Layer", "Transformer Layers", "Output Layer", "Sampling"):
            trace.append(name)
            value = boxes[name](value)
        if value == stop_id:
            break
        new_ids.append(value)
    trace.append("Detokenizer")
    return boxes["Detokenizer"](new_ids), [name for name in trace if name not in left_out]


@misconception(
    of="run_pipeline",
    kind="edge",
    any_of={"called": (True, False)},
    hint="If you keep no new ids, your trace and your calls of the Detokenizer disagree. The trace should name the "
    "Detokenizer if you called it, and only then.",
)
def trace_of_nothing_new(text, boxes, max_new_tokens, stop_id=None, *, called):
    trace, ids = ["Tokenizer"], list(boxes["Tokenizer"](text))
    if not ids:
        raise ValueError
    new_ids = []
    for _ in range(max_new_tokens):
        value = ids + new_ids
        for name in ("Embedding Layer", "Transformer Layers", "Output Layer", "Sampling"):
            trace.append(name)
            value = boxes[name](value)
        if value == stop_id:
            break
        new_ids.append(value)
    if new_ids or not called:
        trace.append("Detokenizer")
    return boxes["Detokenizer"](new_ids) if new_ids or called else "", trace


@misconception(
    of="run_pipeline",
    kind="misses_point",
    hint="You return only the text. Return the trace as well: (new_text, trace).",
)
def no_trace(text, boxes, max_new_tokens, stop_id=None):
    ids = list(boxes["Tokenizer"](text))
    if not ids:
        raise ValueError
    new_ids = []
    for _ in range(max_new_tokens):
        value = ids + new_ids
        for name in ("Embedding Layer", "Transformer Layers", "Output Layer", "Sampling"):
            value = boxes[name](value)
        if value == stop_id:
            break
        new_ids.append(value)
    return boxes["Detokenizer"](new_ids)


@misconception(
    of="run_pipeline",
    kind="convention",
    exempt="Every check reads text and trace by their position in the pair, so swapping the two fails all of them.",
    hint="You return the trace first and the text second. Return (new_text, trace).",
)
def trace_first(text, boxes, max_new_tokens, stop_id=None):
    trace, ids = ["Tokenizer"], list(boxes["Tokenizer"](text))
    if not ids:
        raise ValueError
    new_ids = []
    for _ in range(max_new_tokens):
        value = ids + new_ids
        for name in ("Embedding Layer", "Transformer Layers", "Output Layer", "Sampling"):
            trace.append(name)
            value = boxes[name](value)
        if value == stop_id:
            break
        new_ids.append(value)
    trace.append("Detokenizer")
    return trace, boxes["Detokenizer"](new_ids)


@misconception(
    of="run_pipeline",
    kind="misses_point",
    hint="You take the largest logit and never call the box Sampling. Choosing is its job.",
)
def largest_logit_instead_of_sampling(text, boxes, max_new_tokens, stop_id=None):
    trace, ids = ["Tokenizer"], list(boxes["Tokenizer"](text))
    if not ids:
        raise ValueError
    new_ids = []
    for _ in range(max_new_tokens):
        value = ids + new_ids
        for name in ("Embedding Layer", "Transformer Layers", "Output Layer"):
            trace.append(name)
            value = boxes[name](value)
        value = int(np.argmax(value))
        if value == stop_id:
            break
        new_ids.append(value)
    trace.append("Detokenizer")
    return boxes["Detokenizer"](new_ids), trace


@misconception(
    of="run_pipeline",
    kind="misses_point",
    any_of={"piece_by_piece": (True, False), "traced": (True, False)},
    hint="You retokenize the whole text in every round. Text and ids don't map one to one, so pass on the ids, not the "
    "text.",
    taught=True,
)
def tokenised_again_each_time(text, boxes, max_new_tokens, stop_id=None, *, piece_by_piece, traced):
    trace, written, new_ids, ids = ["Tokenizer"], "", [], boxes["Tokenizer"](text)
    if not ids:
        raise ValueError
    for number in range(max_new_tokens):
        if number:
            trace.append("Tokenizer")
            ids = boxes["Tokenizer"](text + written)
        value = ids
        for name in ("Embedding Layer", "Transformer Layers", "Output Layer", "Sampling"):
            trace.append(name)
            value = boxes[name](value)
        if value == stop_id:
            break
        new_ids.append(value)
        trace += ["Detokenizer"] if traced else []
        written = written + boxes["Detokenizer"]([value]) if piece_by_piece else boxes["Detokenizer"](new_ids)
    if not piece_by_piece:
        trace.append("Detokenizer")
        written = boxes["Detokenizer"](new_ids)
    return written, trace


@misconception(
    of="run_pipeline",
    kind="misses_point",
    hint="You put spaces between the tokens. If there's a space, it's part of a token.",
)
def joined_with_spaces(text, boxes, max_new_tokens, stop_id=None):
    trace, ids = ["Tokenizer"], list(boxes["Tokenizer"](text))
    if not ids:
        raise ValueError
    new_ids = []
    for _ in range(max_new_tokens):
        value = ids + new_ids
        for name in ("Embedding Layer", "Transformer Layers", "Output Layer", "Sampling"):
            trace.append(name)
            value = boxes[name](value)
        if value == stop_id:
            break
        new_ids.append(value)
    trace += ["Detokenizer"] * len(new_ids)
    return " ".join(boxes["Detokenizer"]([token]) for token in new_ids), trace


@misconception(
    of="run_pipeline",
    kind="misses_point",
    hint="You give the Output Layer only the last row. It expects all rows and takes the last one itself.",
)
def only_the_last_row_to_the_output_layer(text, boxes, max_new_tokens, stop_id=None):
    trace, ids = ["Tokenizer"], list(boxes["Tokenizer"](text))
    if not ids:
        raise ValueError
    new_ids = []
    for _ in range(max_new_tokens):
        value = ids + new_ids
        for name in ("Embedding Layer", "Transformer Layers", "Output Layer", "Sampling"):
            trace.append(name)
            value = value[-1:] if name == "Output Layer" else value
            value = boxes[name](value)
        if value == stop_id:
            break
        new_ids.append(value)
    trace.append("Detokenizer")
    return boxes["Detokenizer"](new_ids), trace


@misconception(
    of="run_pipeline",
    kind="misses_point",
    hint="You put new ids in front of the earlier ones. The model reads a text from start to end.",
)
def newest_first(text, boxes, max_new_tokens, stop_id=None):
    trace, ids = ["Tokenizer"], list(boxes["Tokenizer"](text))
    if not ids:
        raise ValueError
    new_ids = []
    for _ in range(max_new_tokens):
        value = ids + new_ids[::-1]
        for name in ("Embedding Layer", "Transformer Layers", "Output Layer", "Sampling"):
            trace.append(name)
            value = boxes[name](value)
        if value == stop_id:
            break
        new_ids.append(value)
    trace.append("Detokenizer")
    return boxes["Detokenizer"](new_ids), trace
