"""Wrong answers to the stubs of lab `architecture`."""

import numpy as np

from autograder.testing import misconception

# --- encode ---


@misconception(
    of="encode",
    hint="The shortest token that fits is taken; of all that fit, the longest counts.",
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
    hint="A character that no token begins with is skipped without a trace; it has to become unk_id, or the "
    "model would not know that something was there.",
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
    hint="Spaces and line breaks at the ends are taken off before it begins; they are characters like others, "
    "and belong to the text.",
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
    hint="The first token of the dict that fits is taken, whatever its length; a vocabulary is in no particular order.",
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
    hint="The characters' own numbers come back; ids are what the vocabulary says, and of tokens of any length.",
)
def character_codes(text, vocab, unk_id):
    return [ord(character) for character in text]


@misconception(
    of="encode",
    hint="Every character is looked up by itself; tokens may be longer, and the longest that fits counts.",
)
def single_characters(text, vocab, unk_id):
    return [vocab.get(character, unk_id) for character in text]


@misconception(
    of="encode",
    hint="The text is split at its spaces and each word looked up; a token may be a part of a word, and may "
    "hold spaces.",
)
def whole_words(text, vocab, unk_id):
    return [vocab.get(word, unk_id) for word in text.split()]


@misconception(
    of="encode",
    hint="A piece is lengthened as long as it is a token itself, so a long token is missed where one of its "
    "beginnings is none; see the trap in part 1.",
    taught=True,
)
def stops_at_the_first_gap(text, vocab, unk_id):
    ids, place = [], 0
    while place < len(text):
        size = 1
        while place + size < len(text) and text[place : place + size + 1] in vocab:
            size += 1
        ids.append(vocab.get(text[place : place + size], unk_id))
        place += size
    return ids


@misconception(
    of="encode",
    hint="The longest tokens are looked for in the whole text first, and what lies between them after that; it "
    "goes from left to right instead.",
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
    hint="The text is cut into as few tokens as can be; that needs a look ahead, and here it is simply the "
    "longest one at each place.",
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
    hint="It begins at the end of the text and takes the longest token that ends there; texts are read from "
    "left to right.",
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
    hint="Several unknown characters in a row become one unk_id; each is one of its own.",
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
    hint="What is unknown gets the id 0 instead of unk_id, and 0 may be the id of a token.",
)
def unknown_is_always_0(text, vocab, unk_id):
    ids, place = [], 0
    while place < len(text):
        fitting = [token for token in vocab if text.startswith(token, place)]
        token = max(fitting, key=len) if fitting else text[place]
        ids.append(vocab[token] if fitting else 0)
        place += len(token)
    return ids


@misconception(
    of="encode",
    hint="The text is turned into small letters first; a capital is another character, and may have tokens of its own.",
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
    hint="The tokens themselves come back; the network needs their ids.",
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
    hint="An id that has come before is left out; a token that comes again has its id again.",
)
def each_id_once(text, vocab, unk_id):
    ids, place = [], 0
    while place < len(text):
        fitting = [token for token in vocab if text.startswith(token, place)]
        token = max(fitting, key=len) if fitting else text[place]
        ids.append(vocab[token] if fitting else unk_id)
        place += len(token)
    return list(dict.fromkeys(ids))


# --- embed ---


@misconception(
    of="embed",
    hint="The positions' rows are missing, so the model cannot know the order of the tokens.",
    taught=True,
)
def no_positions(token_ids, token_embedding, position_embedding):
    ids = np.asarray(token_ids)
    if ids.min() < 0 or ids.max() >= len(token_embedding) or len(ids) > len(position_embedding):
        raise ValueError
    return token_embedding[ids]


@misconception(
    of="embed",
    hint="The row of positions is looked up by the token's id; it belongs to the place in the text: 0, 1, 2, …",
)
def position_by_token_id(token_ids, token_embedding, position_embedding):
    ids = np.asarray(token_ids)
    if ids.min() < 0 or ids.max() >= len(token_embedding) or len(ids) > len(position_embedding):
        raise ValueError
    return token_embedding[ids] + position_embedding[ids % len(position_embedding)]


@misconception(
    of="embed",
    hint="The number of the position is added, to every number of the row; its learned row is what is wanted.",
)
def plus_the_position_itself(token_ids, token_embedding, position_embedding):
    ids = np.asarray(token_ids)
    if ids.min() < 0 or ids.max() >= len(token_embedding) or len(ids) > len(position_embedding):
        raise ValueError
    return token_embedding[ids] + np.arange(len(ids))[:, None]


@misconception(
    of="embed",
    hint="The first position's row is multiplied by the number of the position; each position has a row of its own.",
)
def position_times_its_number(token_ids, token_embedding, position_embedding):
    ids = np.asarray(token_ids)
    if ids.min() < 0 or ids.max() >= len(token_embedding) or len(ids) > len(position_embedding):
        raise ValueError
    return token_embedding[ids] + position_embedding[0] * np.arange(len(ids))[:, None]


@misconception(
    of="embed",
    hint="The two rows are put side by side, which makes them twice as wide; they are added.",
    taught=True,
)
def side_by_side(token_ids, token_embedding, position_embedding):
    ids = np.asarray(token_ids)
    if ids.min() < 0 or ids.max() >= len(token_embedding) or len(ids) > len(position_embedding):
        raise ValueError
    return np.concatenate([token_embedding[ids], position_embedding[: len(ids)]], axis=1)


@misconception(
    of="embed",
    hint="The two rows are multiplied; they are added.",
)
def multiplied(token_ids, token_embedding, position_embedding):
    ids = np.asarray(token_ids)
    if ids.min() < 0 or ids.max() >= len(token_embedding) or len(ids) > len(position_embedding):
        raise ValueError
    return token_embedding[ids] * position_embedding[: len(ids)]


@misconception(
    of="embed",
    hint="The rows are averaged over the text, so that one is left; the blocks need a row for each token.",
)
def averaged(token_ids, token_embedding, position_embedding):
    ids = np.asarray(token_ids)
    if ids.min() < 0 or ids.max() >= len(token_embedding) or len(ids) > len(position_embedding):
        raise ValueError
    return (token_embedding[ids] + position_embedding[: len(ids)]).mean(axis=0)


@misconception(
    of="embed",
    hint="Every token gets the row of position 0; the second has the row of position 1, and so on.",
)
def first_position_for_all(token_ids, token_embedding, position_embedding):
    ids = np.asarray(token_ids)
    if ids.min() < 0 or ids.max() >= len(token_embedding) or len(ids) > len(position_embedding):
        raise ValueError
    return token_embedding[ids] + position_embedding[0]


@misconception(
    of="embed",
    hint="The first token gets the row of position 1; positions are counted from 0.",
)
def positions_from_1(token_ids, token_embedding, position_embedding):
    ids = np.asarray(token_ids)
    if ids.min() < 0 or ids.max() >= len(token_embedding) or len(ids) > len(position_embedding):
        raise ValueError
    return token_embedding[ids] + position_embedding[(np.arange(len(ids)) + 1) % len(position_embedding)]


@misconception(
    of="embed",
    hint="The last rows of the positions are used instead of the first: a short text stands at the beginning.",
)
def last_positions(token_ids, token_embedding, position_embedding):
    ids = np.asarray(token_ids)
    if ids.min() < 0 or ids.max() >= len(token_embedding) or len(ids) > len(position_embedding):
        raise ValueError
    return token_embedding[ids] + position_embedding[-len(ids) :]


@misconception(
    of="embed",
    hint="The positions run backwards, so that the last token has position 0.",
)
def positions_backwards(token_ids, token_embedding, position_embedding):
    ids = np.asarray(token_ids)
    if ids.min() < 0 or ids.max() >= len(token_embedding) or len(ids) > len(position_embedding):
        raise ValueError
    return token_embedding[ids] + position_embedding[: len(ids)][::-1]


@misconception(
    of="embed",
    hint="The tokens' rows are missing: all texts of a length look alike.",
)
def only_positions(token_ids, token_embedding, position_embedding):
    ids = np.asarray(token_ids)
    if ids.min() < 0 or ids.max() >= len(token_embedding) or len(ids) > len(position_embedding):
        raise ValueError
    return position_embedding[: len(ids)]


@misconception(
    of="embed",
    hint="The tokens' rows are multiplied by the root of their width, as in the first transformer of 2017; "
    "here they are added as they are.",
)
def scaled_by_the_root_of_d(token_ids, token_embedding, position_embedding):
    ids = np.asarray(token_ids)
    if ids.min() < 0 or ids.max() >= len(token_embedding) or len(ids) > len(position_embedding):
        raise ValueError
    return token_embedding[ids] * np.sqrt(token_embedding.shape[1]) + position_embedding[: len(ids)]


@misconception(
    of="embed",
    hint="The mean of the two rows is taken instead of their sum.",
)
def halved(token_ids, token_embedding, position_embedding):
    ids = np.asarray(token_ids)
    if ids.min() < 0 or ids.max() >= len(token_embedding) or len(ids) > len(position_embedding):
        raise ValueError
    return (token_embedding[ids] + position_embedding[: len(ids)]) / 2


@misconception(
    of="embed",
    hint="The rows are looked up in the order of the ids instead of that of the text.",
)
def looked_up_by_rank(token_ids, token_embedding, position_embedding):
    ids = np.asarray(token_ids)
    if ids.min() < 0 or ids.max() >= len(token_embedding) or len(ids) > len(position_embedding):
        raise ValueError
    return token_embedding[np.sort(ids)] + position_embedding[: len(ids)]


@misconception(
    of="embed",
    hint="An id of -1 is taken for the last token: numpy counts negative places from the end. Refuse ids below 0.",
    taught=True,
)
def negative_id_counts_from_the_end(token_ids, token_embedding, position_embedding):
    ids = np.asarray(token_ids)
    if len(ids) > len(position_embedding):
        raise ValueError
    return token_embedding[ids] + position_embedding[: len(ids)]


@misconception(
    of="embed",
    hint="Ids that have no row are moved to the nearest that has one, so a broken text passes for another; "
    "refuse them.",
    taught=True,
)
def ids_clipped(token_ids, token_embedding, position_embedding):
    ids = np.clip(np.asarray(token_ids), 0, len(token_embedding) - 1)
    if len(ids) > len(position_embedding):
        raise ValueError
    return token_embedding[ids] + position_embedding[: len(ids)]


@misconception(
    of="embed",
    hint="A text that is too long is cut without a word; refuse it, and let the caller decide what to leave out.",
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
    hint="Behind the last position it begins again with the first; a text that is too long has to be refused.",
    taught=True,
)
def positions_begin_again(token_ids, token_embedding, position_embedding):
    ids = np.asarray(token_ids)
    if ids.min() < 0 or ids.max() >= len(token_embedding):
        raise ValueError
    return token_embedding[ids] + position_embedding[np.arange(len(ids)) % len(position_embedding)]


@misconception(
    of="embed",
    hint="The positions are added into the weights themselves, so that every later text gets them too; work on a copy.",
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
    hint="Every position looks at all others, the future too; training would have the answer before its eyes.",
    taught=True,
)
def no_causal_mask(q, k, v):
    scores = q @ k.T / np.sqrt(k.shape[1])
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
    weights = shifted / shifted.sum(axis=1, keepdims=True)
    return weights @ v, weights


@misconception(
    of="causal_attention",
    hint="The mask is the wrong way round: a position sees itself and what comes after it, not what came before.",
)
def sees_only_the_future(q, k, v):
    scores = q @ k.T / np.sqrt(k.shape[1])
    scores = np.where(np.tri(len(q), dtype=bool).T, scores, -np.inf)
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
    weights = shifted / shifted.sum(axis=1, keepdims=True)
    return weights @ v, weights


@misconception(
    of="causal_attention",
    hint="What lies ahead gets the score 0, and a softmax gives that a weight; minus infinity gives none.",
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
    hint="A score of -10 is small, but its weight is not 0: a little of the future leaks. Minus infinity leaves none.",
    taught=True,
)
def mask_of_minus_10(q, k, v):
    scores = q @ k.T / np.sqrt(k.shape[1])
    scores = np.where(np.tri(len(q), dtype=bool), scores, -10.0)
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
    weights = shifted / shifted.sum(axis=1, keepdims=True)
    return weights @ v, weights


@misconception(
    of="causal_attention",
    hint="A score of -10,000 hides the future only while the past scores higher; minus infinity always does.",
    taught=True,
)
def mask_of_minus_10_000(q, k, v):
    scores = q @ k.T / np.sqrt(k.shape[1])
    scores = np.where(np.tri(len(q), dtype=bool), scores, -10_000.0)
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
    weights = shifted / shifted.sum(axis=1, keepdims=True)
    return weights @ v, weights


@misconception(
    of="causal_attention",
    hint="The weights ahead are set to 0 after the softmax, and what is left no longer sums to 1; mask the "
    "scores before it.",
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
    hint="The scores are divided by d instead of its root, so that all weights come out too much alike.",
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
    hint="The scores are divided by the root of how many positions there are; what counts is how long a key is.",
)
def divided_by_the_root_of_t(q, k, v):
    scores = q @ k.T / np.sqrt(len(q))
    scores = np.where(np.tri(len(q), dtype=bool), scores, -np.inf)
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
    weights = shifted / shifted.sum(axis=1, keepdims=True)
    return weights @ v, weights


@misconception(
    of="causal_attention",
    hint="The scores are divided by the root of a value's length; what counts is the length of queries and keys.",
)
def divided_by_the_root_of_d_v(q, k, v):
    scores = q @ k.T / np.sqrt(v.shape[1])
    scores = np.where(np.tri(len(q), dtype=bool), scores, -np.inf)
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
    weights = shifted / shifted.sum(axis=1, keepdims=True)
    return weights @ v, weights


@misconception(
    of="causal_attention",
    hint="The scores are not divided by the root of d, so that long keys make one weight 1 and the rest 0.",
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
    hint="The scores are multiplied by the root of d; they are divided by it.",
)
def multiplied_by_the_root_of_d(q, k, v):
    scores = q @ k.T * np.sqrt(k.shape[1])
    scores = np.where(np.tri(len(q), dtype=bool), scores, -np.inf)
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
    weights = shifted / shifted.sum(axis=1, keepdims=True)
    return weights @ v, weights


@misconception(
    of="causal_attention",
    hint="The weights are applied to the keys; those are for finding, and the values are what is passed on.",
)
def mixes_the_keys(q, k, v):
    scores = q @ k.T / np.sqrt(k.shape[1])
    scores = np.where(np.tri(len(q), dtype=bool), scores, -np.inf)
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
    weights = shifted / shifted.sum(axis=1, keepdims=True)
    return weights @ k, weights


@misconception(
    of="causal_attention",
    hint="The exponential of a large score overflows, and inf / inf is NaN; take the given softmax, or "
    "subtract each row's largest score first.",
    taught=True,
)
def unstable_softmax(q, k, v):
    scores = q @ k.T / np.sqrt(k.shape[1])
    scores = np.where(np.tri(len(q), dtype=bool), scores, -np.inf)
    weights = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    return weights @ v, weights


@misconception(
    of="causal_attention",
    hint="The softmax goes along the columns, so that the weights of who is looked at sum to 1; each row "
    "belongs to one that looks.",
)
def softmax_over_columns(q, k, v):
    scores = q @ k.T / np.sqrt(k.shape[1])
    scores = np.where(np.tri(len(q), dtype=bool), scores, -np.inf)
    shifted = np.exp(scores - scores[:, 0].max())
    weights = shifted / shifted.sum(axis=0)
    return weights @ v, weights


@misconception(
    of="causal_attention",
    hint="All weights of the matrix together sum to 1; each row has to do so by itself.",
)
def softmax_over_everything(q, k, v):
    scores = q @ k.T / np.sqrt(k.shape[1])
    scores = np.where(np.tri(len(q), dtype=bool), scores, -np.inf)
    shifted = np.exp(scores - scores.max())
    weights = shifted / shifted.sum()
    return weights @ v, weights


@misconception(
    of="causal_attention",
    hint="A position does not see itself, and the first sees nothing at all; j ≤ i includes j = i.",
    taught=True,
)
def blind_to_itself(q, k, v):
    scores = q @ k.T / np.sqrt(k.shape[1])
    scores = np.where(np.tri(len(q), k=-1, dtype=bool), scores, -1e9)
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
    weights = shifted / shifted.sum(axis=1, keepdims=True)
    return weights @ v, weights


@misconception(
    of="causal_attention",
    hint="The mask begins one place too far to the right: every position sees the very token that it is to guess.",
)
def sees_one_ahead(q, k, v):
    scores = q @ k.T / np.sqrt(k.shape[1])
    scores = np.where(np.tri(len(q), k=1, dtype=bool), scores, -np.inf)
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
    weights = shifted / shifted.sum(axis=1, keepdims=True)
    return weights @ v, weights


@misconception(
    of="causal_attention",
    hint="Queries and keys have changed places: row i has to belong to the position that looks.",
)
def keys_look_at_queries(q, k, v):
    scores = k @ q.T / np.sqrt(k.shape[1])
    scores = np.where(np.tri(len(q), dtype=bool), scores, -np.inf)
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
    weights = shifted / shifted.sum(axis=1, keepdims=True)
    return weights @ v, weights


@misconception(
    of="causal_attention",
    hint="The values are mixed by the columns of the weights; out[i] takes row i.",
)
def mixed_by_columns(q, k, v):
    scores = q @ k.T / np.sqrt(k.shape[1])
    scores = np.where(np.tri(len(q), dtype=bool), scores, -np.inf)
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
    weights = shifted / shifted.sum(axis=1, keepdims=True)
    return weights.T @ v, weights


@misconception(
    of="causal_attention",
    hint="Beside the right result the scores come back; the weights are what the softmax makes of them.",
)
def scores_instead_of_weights(q, k, v):
    scores = q @ k.T / np.sqrt(k.shape[1])
    scores = np.where(np.tri(len(q), dtype=bool), scores, -np.inf)
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
    weights = shifted / shifted.sum(axis=1, keepdims=True)
    return weights @ v, scores


@misconception(
    of="causal_attention",
    hint="The result is right, but the weights that come with it are those of before the mask.",
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
    hint="The weights come back first and the result second; it is (out, weights).",
)
def weights_first(q, k, v):
    scores = q @ k.T / np.sqrt(k.shape[1])
    scores = np.where(np.tri(len(q), dtype=bool), scores, -np.inf)
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
    weights = shifted / shifted.sum(axis=1, keepdims=True)
    return weights, weights @ v


@misconception(
    of="causal_attention",
    hint="Only the result comes back; the weights are wanted beside it.",
)
def no_weights(q, k, v):
    scores = q @ k.T / np.sqrt(k.shape[1])
    scores = np.where(np.tri(len(q), dtype=bool), scores, -np.inf)
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
    weights = shifted / shifted.sum(axis=1, keepdims=True)
    return weights @ v


@misconception(
    of="causal_attention",
    hint="The scores are shared out by their sum, without an exponential; they may be negative, and then "
    "nothing is right.",
)
def no_softmax(q, k, v):
    scores = q @ k.T / np.sqrt(k.shape[1])
    scores = np.tril(scores)
    weights = scores / scores.sum(axis=1, keepdims=True)
    return weights @ v, weights


@misconception(
    of="causal_attention",
    hint="Each position takes the one value that fits best; attention is a weighted mean of all that it sees.",
)
def only_the_best(q, k, v):
    scores = q @ k.T / np.sqrt(k.shape[1])
    scores = np.where(np.tri(len(q), dtype=bool), scores, -np.inf)
    weights = np.eye(len(q))[scores.argmax(axis=1)]
    return weights @ v, weights


@misconception(
    of="causal_attention",
    hint="Everything that is visible has the same weight; the scores of queries and keys have to decide.",
)
def all_before_alike(q, k, v):
    weights = np.tri(len(q)) / np.arange(1, len(q) + 1)[:, None]
    return weights @ v, weights


@misconception(
    of="causal_attention",
    hint="The right result, but the caller's queries are divided in place; make a new array.",
    taught=True,
)
def scales_the_callers_queries(q, k, v):
    q /= np.sqrt(k.shape[1])
    scores = q @ k.T
    scores = np.where(np.tri(len(q), dtype=bool), scores, -np.inf)
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
    weights = shifted / shifted.sum(axis=1, keepdims=True)
    return weights @ v, weights


# --- transformer_block ---


@misconception(
    of="transformer_block",
    hint="The rows are normed after each addition, as in 2017; here it is before each part, and what is added "
    "to stays unnormed.",
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
    hint="What a part computes is added to the normed rows; add it to the rows as they were, or what came in is lost.",
    taught=True,
)
def adds_to_the_normed_rows(x, params):
    def norm(z):
        return (z - z.mean(axis=1, keepdims=True)) / np.sqrt(z.var(axis=1, keepdims=True) + 1e-5)

    def attend(z):
        q, k, v = z @ params["Wq"], z @ params["Wk"], z @ params["Wv"]
        scores = np.where(np.tri(len(z), dtype=bool), q @ k.T / np.sqrt(k.shape[1]), -np.inf)
        weights = np.exp(scores - scores.max(axis=1, keepdims=True))
        return weights / weights.sum(axis=1, keepdims=True) @ v @ params["Wo"]

    def feed_forward(z):
        return np.maximum(z @ params["W1"] + params["b1"], 0) @ params["W2"] + params["b2"]

    x = norm(x) + attend(norm(x))
    return norm(x) + feed_forward(norm(x))


@misconception(
    of="transformer_block",
    hint="The feed-forward network comes before attention; it is the other way round.",
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
    hint="Wo is not used: what attention has gathered is mixed by it before it is added.",
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
    hint="The feed-forward network has no relu between its two matrices, so that they could as well be one.",
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
    hint="The feed-forward network uses GELU, as GPT-2 does, which lets some of what's negative through; use ReLU.",
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
    hint="The norm goes over the positions, column by column, so that rows learn of the future; it goes over "
    "the numbers of each row.",
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
    hint="The queries are made with Wk and the keys with Wq.",
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
    hint="The keys are made with Wv and the values with Wk.",
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
    hint="What attention computes replaces the rows; it has to be added to them.",
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
    hint="What the feed-forward network computes replaces the rows; it has to be added to them.",
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
    hint="Both parts replace the rows; what they compute has to be added to what came in.",
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
    hint="The rows are not normed at all before the two parts.",
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
    hint="Attention is shown the rows as they are; each part is shown them normed.",
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
    hint="The feed-forward network is shown the rows as they are; each part is shown them normed, the second "
    "after the addition.",
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
    hint="Both parts are computed from the rows that came in; the feed-forward network works on those that "
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
    hint="The feed-forward network's result is added to the rows that came into the block, so what attention "
    "found is lost there.",
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
    hint="b1 and b2 are not added.",
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
    hint="b1 is not added before the relu.",
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
    hint="Attention looks at all positions, the future too; causal_attention of part 3 does not.",
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
    hint="The scores of attention are not divided by the root of d; causal_attention of part 3 does it.",
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
    hint="A second relu stands behind W2, so that the network can only ever add; its output has none.",
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
    hint="The four matrices of attention are transposed, as torch's layers store them; here it is rows times matrix.",
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
    hint="The values are the normed rows themselves; Wv makes them.",
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
    hint="The values are made from the rows as they are; queries, keys and values all come from the normed ones.",
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
    hint="The result is normed once more; what leaves a block is the plain sum.",
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
    hint="The norm subtracts the mean and does not divide by the root of the variance.",
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
    hint="The feed-forward network is missing: a block has two parts.",
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
    hint="The right rows, but they are added into the caller's own array; x += … changes it, x = x + … does not.",
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
    hint="The first position's row is used; what comes next is in the last one.",
    taught=True,
)
def first_position(hidden, W_unembed):
    if hidden.shape[1] != W_unembed.shape[0]:
        raise ValueError
    return hidden[0] @ W_unembed


@misconception(
    of="output_logits",
    hint="Logits of all positions come back; to continue a text, those of the last are enough.",
    taught=True,
)
def all_positions(hidden, W_unembed):
    if hidden.shape[1] != W_unembed.shape[0]:
        raise ValueError
    return hidden @ W_unembed


@misconception(
    of="output_logits",
    hint="Probabilities come back; the Output Layer gives the raw scores, and the softmax belongs to the sampler.",
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
    hint="The logarithms of probabilities come back; the Output Layer gives the raw scores.",
)
def log_probabilities(hidden, W_unembed):
    if hidden.shape[1] != W_unembed.shape[0]:
        raise ValueError
    logits = hidden[-1] @ W_unembed
    return logits - logits.max() - np.log(np.exp(logits - logits.max()).sum())


@misconception(
    of="output_logits",
    hint="The rows of all positions are added up; the last one alone says what comes next.",
)
def summed_over_positions(hidden, W_unembed):
    if hidden.shape[1] != W_unembed.shape[0]:
        raise ValueError
    return hidden.sum(axis=0) @ W_unembed


@misconception(
    of="output_logits",
    hint="The rows of all positions are averaged; the last one alone says what comes next.",
)
def averaged_over_positions(hidden, W_unembed):
    if hidden.shape[1] != W_unembed.shape[0]:
        raise ValueError
    return hidden.mean(axis=0) @ W_unembed


@misconception(
    of="output_logits",
    hint="The row before the last is used: it guesses the last token, which is known already.",
)
def one_before_the_last(hidden, W_unembed):
    if hidden.shape[1] != W_unembed.shape[0]:
        raise ValueError
    return hidden[-2 % len(hidden)] @ W_unembed


@misconception(
    of="output_logits",
    hint="The last row is kept as a matrix of one row, so that (1, V) comes back; it is (V,).",
    taught=True,
)
def kept_as_a_matrix(hidden, W_unembed):
    if hidden.shape[1] != W_unembed.shape[0]:
        raise ValueError
    return hidden[-1:] @ W_unembed


@misconception(
    of="output_logits",
    hint="The last row is normed first; whatever norm there is belongs to the blocks.",
)
def normed_first(hidden, W_unembed):
    if hidden.shape[1] != W_unembed.shape[0]:
        raise ValueError
    row = hidden[-1]
    return (row - row.mean()) / np.sqrt(row.var() + 1e-5) @ W_unembed


@misconception(
    of="output_logits",
    hint="The likeliest id comes back; choosing is the next box's work, and it needs all logits.",
)
def likeliest_id(hidden, W_unembed):
    if hidden.shape[1] != W_unembed.shape[0]:
        raise ValueError
    return np.argmax(hidden[-1] @ W_unembed)


@misconception(
    of="output_logits",
    hint="Logits below 0 are cut off; they are as good as others.",
)
def negative_ones_cut(hidden, W_unembed):
    if hidden.shape[1] != W_unembed.shape[0]:
        raise ValueError
    return np.maximum(hidden[-1] @ W_unembed, 0)


@misconception(
    of="output_logits",
    hint="For each token the largest of all positions comes back; the last one alone says what comes next.",
)
def largest_over_positions(hidden, W_unembed):
    if hidden.shape[1] != W_unembed.shape[0]:
        raise ValueError
    return (hidden @ W_unembed).max(axis=0)


@misconception(
    of="output_logits",
    hint="The largest logit is subtracted from all; that changes no probability, but these are not the raw scores.",
)
def shifted_to_0(hidden, W_unembed):
    if hidden.shape[1] != W_unembed.shape[0]:
        raise ValueError
    logits = hidden[-1] @ W_unembed
    return logits - logits.max()


@misconception(
    of="output_logits",
    hint="The logits are divided by the root of the width; that belongs to attention.",
)
def scaled_by_the_root_of_d_in_output_logits(hidden, W_unembed):
    if hidden.shape[1] != W_unembed.shape[0]:
        raise ValueError
    return hidden[-1] @ W_unembed / np.sqrt(hidden.shape[1])


@misconception(
    of="output_logits",
    hint="A matrix that does not fit is transposed without a word; it may be the wrong one altogether, so refuse it.",
    taught=True,
)
def transposed_repaired(hidden, W_unembed):
    if hidden.shape[1] != W_unembed.shape[0] and hidden.shape[1] == W_unembed.shape[1]:
        W_unembed = W_unembed.T
    return hidden[-1] @ W_unembed


@misconception(
    of="output_logits",
    hint="Products are taken number by number and added up, so that numpy stretches a matrix of one row until "
    "it fits; refuse it.",
    taught=True,
)
def stretched_to_fit(hidden, W_unembed):
    return (hidden[-1][:, None] * W_unembed).sum(axis=0)


# --- run_pipeline ---


@misconception(
    of="run_pipeline",
    hint="It goes round once, whatever is asked for: the seventh box, Repeat, is missing.",
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
    hint="After the first round the Embedding Layer is given the newest id alone, and the model has forgotten "
    "the rest.",
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
    hint="The Embedding Layer is given the prompt again and again; each new id has to join the ids.",
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
    hint="After the first round the Embedding Layer is given the new ids alone, without the prompt.",
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
    hint="The Transformer Layers are never called: the tokens do not learn of each other.",
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
    hint="The trace names the Transformer Layers, and they are never called; a trace is what happened, not "
    "what should have.",
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
    hint="Nothing ends the text when the stop token is drawn: it is kept like any other, and it goes on to the limit.",
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
    hint="The stop token is in the text; it is a signal that the text is over, not a part of it.",
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
    hint="A stop token with id 0 stops nothing, because Python takes 0 for false; compare with it as it is.",
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
    hint="A drawn id of 0 ends the text, because Python takes 0 for false; it is an id like others.",
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
    hint="A stop token in the prompt ends the text; only one that is drawn does.",
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
    hint="A text without ids is continued, though there is nothing to continue; refuse it with a ValueError.",
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
    hint="Only an empty text is refused; a text can also have no ids, and it's the ids that the model continues.",
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
    hint="The prompt's text comes back too; what is wanted is the text of the new ids.",
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
    hint="The new ids come back; the Detokenizer makes text of them.",
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
    hint="One token too many is made: count how often it goes round when one is allowed.",
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
    hint="One token too few is made: count how often it goes round when one is allowed.",
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
    hint="The prompt's tokens count towards the limit; it is about new tokens only.",
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
    hint="The trace names each box once; it is to name every call.",
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
    hint="The Tokenizer and the Detokenizer are called and not named in the trace.",
)
def trace_without_the_ends(text, boxes, max_new_tokens, stop_id=None):
    trace, ids = [], list(boxes["Tokenizer"](text))
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
    return boxes["Detokenizer"](new_ids), trace


@misconception(
    of="run_pipeline",
    hint="Only the text comes back; the trace is wanted beside it.",
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
    hint="The trace comes back first and the text second; it is (new_text, trace).",
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
    hint="The largest logit decides, and the box Sampling is never asked; how to choose is its business.",
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
    hint="The whole text is tokenised again in every round; text and ids are not one to one, so ids go round, "
    "not text.",
    taught=True,
)
def tokenised_again_each_time(text, boxes, max_new_tokens, stop_id=None):
    trace, written, ids = ["Tokenizer"], "", boxes["Tokenizer"](text)
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
        trace.append("Detokenizer")
        written += boxes["Detokenizer"]([value])
    return written, trace


@misconception(
    of="run_pipeline",
    hint="Spaces are put between the tokens; where there is one, it is part of a token.",
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
    hint="The Output Layer is given the last row alone; it wants all rows, and takes the last one itself.",
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
    hint="New ids are put before those that were there: the model reads a text in its order.",
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
