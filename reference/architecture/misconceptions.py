"""Wrong answers to the stubs of the `architecture` lab: a catalog to search by name, not to read in one sitting."""

import numpy as np

from autograder.testing import misconception

# --- encode ---


@misconception(
    of="encode",
    kind="misses_point",
    hint="You take the shortest token that matches. Of all that match, take the longest.",
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
    hint="You skip characters that no token matches. Use unk_id for each of them, so that the model knows something "
    "was there.",
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
    hint="You skip line breaks or other whitespace that no token matches. In a regular expression, for example, a dot "
    "doesn't match a line break unless you pass re.DOTALL, and \\S doesn't match whitespace. Use unk_id for any "
    "character that no token matches.",
)
def line_breaks_left_out(text, vocab, unk_id, *, fallback):
    import re

    longest_first = sorted(vocab, key=len, reverse=True)
    pattern = "|".join([*map(re.escape, longest_first), fallback])
    return [vocab.get(piece, unk_id) for piece in re.findall(pattern, text)]


@misconception(
    of="encode",
    kind="edge",
    hint="You strip spaces and line breaks from the ends of the text. They're ordinary characters, so keep them.",
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
    hint="You take the first token in the dict that matches, whatever its length. A vocabulary has no particular "
    "order: take the longest token that matches.",
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
    hint="You return character codes. The ids come from the vocabulary, and a token can be longer than one character.",
)
def character_codes(text, vocab, unk_id):
    return [ord(character) for character in text]


@misconception(
    of="encode",
    kind="misses_point",
    hint="You look up one character at a time. Tokens can be longer, and you should take the longest match.",
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
    any_of={"begins_with": ("one", "one_that_fits", "shortest")},
    hint="You stop extending a piece as soon as it isn't a token itself, so you miss a long token if one of its "
    "prefixes isn't a token. See the warning in part 1.",
    taught=True,
)
def stops_at_the_first_gap(text, vocab, unk_id, *, begins_with):
    ids, place = [], 0
    while place < len(text):
        fitting = [len(token) for token in vocab if text.startswith(token, place)]
        size = {"one": 1, "one_that_fits": 0, "shortest": min(fitting, default=1)}[begins_with]
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
    hint="You leave out one token length (either the longest or a single character). Check the first and last lengths "
    "you try.",
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
    hint="You look for the longest tokens in the whole text first, then tokenize what's left between them. Go from "
    "left to right instead.",
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
    hint="You split the text into as few tokens as possible, which requires looking ahead. Just take the longest token "
    "at each position.",
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
    hint="You use a single unk_id for several unknown characters in a row. Use one for each character.",
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
    hint="You stop at the first unknown character. Use unk_id for it and keep going.",
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
    hint="For unknown characters, you use another number, such as 0 or -1, instead of unk_id. That number may be the "
    "id of a token.",
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
    hint="You turn capital letters into lowercase. A capital letter is a different character, and may have its own "
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
    hint="You leave out an id if it's already in the list. If a token occurs twice, its id belongs in the list twice.",
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
    hint="You treat id 0 as if no token had been found (maybe because Python treats 0 as false), so you lose the token "
    "with id 0. Check whether the piece is in the vocabulary instead.",
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


@misconception(
    of="encode",
    kind="misses_point",
    hint="After each token, you advance by only one character, so tokens overlap. Move past the whole token.",
)
def moves_by_one_character(text, vocab, unk_id):
    ids, place = [], 0
    while place < len(text):
        fitting = [token for token in vocab if text.startswith(token, place)]
        token = max(fitting, key=len) if fitting else text[place]
        ids.append(vocab[token] if fitting else unk_id)
        place += 1
    return ids


@misconception(
    of="encode",
    kind="edge",
    hint="You drop the spaces, for example by calling text.split(). They're ordinary characters, so keep them.",
)
def spaces_dropped(text, vocab, unk_id):
    text = "".join(text.split())
    ids, place = [], 0
    while place < len(text):
        fitting = [token for token in vocab if text.startswith(token, place)]
        token = max(fitting, key=len) if fitting else text[place]
        ids.append(vocab[token] if fitting else unk_id)
        place += len(token)
    return ids


@misconception(
    of="encode",
    kind="edge",
    any_of={"side": ("left", "right")},
    hint="You strip spaces and line breaks from one end of the text. They're ordinary characters, so keep them.",
)
def one_end_stripped(text, vocab, unk_id, *, side):
    text = text.lstrip() if side == "left" else text.rstrip()
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
    hint="You stop one character too early, so if a single character is left at the end, it's lost. Keep going until "
    "you've read the whole text.",
)
def last_character_lost(text, vocab, unk_id):
    ids, place = [], 0
    while place < len(text) - 1:
        fitting = [token for token in vocab if text.startswith(token, place)]
        token = max(fitting, key=len) if fitting else text[place]
        ids.append(vocab[token] if fitting else unk_id)
        place += len(token)
    return ids


@misconception(
    of="encode",
    kind="misses_point",
    hint="You never read the last character of the text. Check where you stop reading. A slice, for example, already "
    "excludes its end.",
)
def never_reads_the_last_character(text, vocab, unk_id):
    text = text[:-1]
    ids, place = [], 0
    while place < len(text):
        fitting = [token for token in vocab if text.startswith(token, place)]
        token = max(fitting, key=len) if fitting else text[place]
        ids.append(vocab[token] if fitting else unk_id)
        place += len(token)
    return ids


@misconception(
    of="encode",
    kind="edge",
    hint="You return an id for an empty string, but an empty string has no tokens. Return an empty list.",
)
def id_for_an_empty_text(text, vocab, unk_id):
    if not text:
        return [unk_id]
    ids, place = [], 0
    while place < len(text):
        fitting = [token for token in vocab if text.startswith(token, place)]
        token = max(fitting, key=len) if fitting else text[place]
        ids.append(vocab[token] if fitting else unk_id)
        place += len(token)
    return ids


@misconception(
    of="encode",
    kind="edge",
    any_of={"longest": (4, 5, 6, 8)},
    hint="You never find tokens beyond a certain length. Tokens can be any length, so find the length of the longest "
    "one in the vocabulary.",
)
def tokens_up_to_a_fixed_length(text, vocab, unk_id, *, longest):
    ids, place = [], 0
    while place < len(text):
        fitting = [token for token in vocab if len(token) <= longest and text.startswith(token, place)]
        token = max(fitting, key=len) if fitting else text[place]
        ids.append(vocab[token] if fitting else unk_id)
        place += len(token)
    return ids


@misconception(
    of="encode",
    kind="misses_point",
    any_of={"longest": (2, 3)},
    hint="You never look for tokens longer than two or three characters. Tokens can be any length, so find the length "
    "of the longest one in the vocabulary.",
)
def tokens_up_to_two_or_three_characters(text, vocab, unk_id, *, longest):
    ids, place = [], 0
    while place < len(text):
        fitting = [token for token in vocab if len(token) <= longest and text.startswith(token, place)]
        token = max(fitting, key=len) if fitting else text[place]
        ids.append(vocab[token] if fitting else unk_id)
        place += len(token)
    return ids


@misconception(
    of="encode",
    kind="edge",
    hint="After an unknown character, you skip everything up to the next space. Only that one character is "
    "unknown: continue right after it.",
)
def rest_of_the_word_skipped(text, vocab, unk_id):
    ids, place = [], 0
    while place < len(text):
        fitting = [token for token in vocab if text.startswith(token, place)]
        token = max(fitting, key=len) if fitting else text[place]
        ids.append(vocab[token] if fitting else unk_id)
        place += len(token)
        while not fitting and place < len(text) and text[place] != " ":
            place += 1
    return ids


@misconception(
    of="encode",
    kind="edge",
    hint="For unknown characters, you use another number, such as the number of tokens, instead of unk_id.",
)
def unknown_is_the_size_of_the_vocabulary(text, vocab, unk_id):
    ids, place = [], 0
    while place < len(text):
        fitting = [token for token in vocab if text.startswith(token, place)]
        token = max(fitting, key=len) if fitting else text[place]
        ids.append(vocab[token] if fitting else len(vocab))
        place += len(token)
    return ids


@misconception(
    of="encode",
    kind="misses_point",
    hint="You return the tokens' positions in the dict. The vocabulary defines the ids, and they can be in any order.",
)
def positions_in_the_dict(text, vocab, unk_id):
    positions = {token: place for place, token in enumerate(vocab)}
    ids, place = [], 0
    while place < len(text):
        fitting = [token for token in vocab if text.startswith(token, place)]
        token = max(fitting, key=len) if fitting else text[place]
        ids.append(positions[token] if fitting else unk_id)
        place += len(token)
    return ids


@misconception(
    of="encode",
    kind="misses_point",
    hint="You return the ids in reverse order. Keep them in the order they appear in the text.",
)
def ids_in_reverse(text, vocab, unk_id):
    ids, place = [], 0
    while place < len(text):
        fitting = [token for token in vocab if text.startswith(token, place)]
        token = max(fitting, key=len) if fitting else text[place]
        ids.append(vocab[token] if fitting else unk_id)
        place += len(token)
    return ids[::-1]


@misconception(
    of="encode",
    kind="edge",
    any_of={"then": ("unknown", "first character", "all unknown")},
    hint="You keep extending a piece as long as some token begins with it, and if the piece you end up with isn't a "
    "token, you forget the shorter tokens you passed on the way. One of them may be the longest token that matches. "
    'Write down where each step takes you for a text such as "explore".',
)
def forgets_the_tokens_it_passed(text, vocab, unk_id, *, then):
    ids, place = [], 0
    while place < len(text):
        end = place
        while end < len(text) and any(token.startswith(text[place : end + 1]) for token in vocab):
            end += 1
        if text[place:end] in vocab:
            ids.append(vocab[text[place:end]])
            place = end
            continue
        ids.append(vocab.get(text[place], unk_id) if then == "first character" else unk_id)
        place = max(end, place + 1) if then == "all unknown" else place + 1
    return ids


# --- embed ---


@misconception(
    of="embed",
    kind="misses_point",
    hint="You don't add the position rows, so the model can't know the order of the tokens.",
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
    hint="You use the token's id to look up its position row. Use the position in the text: 0, 1, 2, …",
)
def position_by_token_id(token_ids, token_embedding, position_embedding):
    ids = np.asarray(token_ids)
    if ids.min() < 0 or ids.max() >= len(token_embedding) or len(ids) > len(position_embedding):
        raise ValueError
    return token_embedding[ids] + position_embedding[ids % len(position_embedding)]


@misconception(
    of="embed",
    kind="misses_point",
    hint="You look up where each token occurs first, so a repeated token gets the same row every time. Count the "
    "positions instead: 0, 1, 2, …",
)
def position_of_the_first_occurrence(token_ids, token_embedding, position_embedding):
    ids = np.asarray(token_ids).tolist()
    if min(ids) < 0 or max(ids) >= len(token_embedding) or len(ids) > len(position_embedding):
        raise ValueError
    return token_embedding[ids] + position_embedding[[ids.index(token) for token in ids]]


@misconception(
    of="embed",
    kind="misses_point",
    hint="You add the position number to every entry in the row. Add the learned row for that position instead.",
)
def plus_the_position_itself(token_ids, token_embedding, position_embedding):
    ids = np.asarray(token_ids)
    if ids.min() < 0 or ids.max() >= len(token_embedding) or len(ids) > len(position_embedding):
        raise ValueError
    return token_embedding[ids] + np.arange(len(ids))[:, None]


@misconception(
    of="embed",
    kind="misses_point",
    hint="You multiply the first position's row by each token's position number. Each position has a row of its own.",
)
def position_times_its_number(token_ids, token_embedding, position_embedding):
    ids = np.asarray(token_ids)
    if ids.min() < 0 or ids.max() >= len(token_embedding) or len(ids) > len(position_embedding):
        raise ValueError
    return token_embedding[ids] + position_embedding[0] * np.arange(len(ids))[:, None]


@misconception(
    of="embed",
    kind="misses_point",
    hint="You concatenate the two rows, which makes the result twice as wide. Add them.",
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
    hint="You multiply the two rows. Add them instead.",
)
def multiplied(token_ids, token_embedding, position_embedding):
    ids = np.asarray(token_ids)
    if ids.min() < 0 or ids.max() >= len(token_embedding) or len(ids) > len(position_embedding):
        raise ValueError
    return token_embedding[ids] * position_embedding[: len(ids)]


@misconception(
    of="embed",
    kind="misses_point",
    hint="You average the rows over the text, so only one row is left. The blocks need a row for each token.",
)
def averaged(token_ids, token_embedding, position_embedding):
    ids = np.asarray(token_ids)
    if ids.min() < 0 or ids.max() >= len(token_embedding) or len(ids) > len(position_embedding):
        raise ValueError
    return (token_embedding[ids] + position_embedding[: len(ids)]).mean(axis=0)


@misconception(
    of="embed",
    kind="misses_point",
    hint="You use position 0's row for every token. The second token should get position 1's row, and so on.",
)
def first_position_for_all(token_ids, token_embedding, position_embedding):
    ids = np.asarray(token_ids)
    if ids.min() < 0 or ids.max() >= len(token_embedding) or len(ids) > len(position_embedding):
        raise ValueError
    return token_embedding[ids] + position_embedding[0]


@misconception(
    of="embed",
    kind="convention",
    hint="You count positions from 1. The first token should get position 0's row.",
)
def positions_from_1(token_ids, token_embedding, position_embedding):
    ids = np.asarray(token_ids)
    if ids.min() < 0 or ids.max() >= len(token_embedding) or len(ids) > len(position_embedding):
        raise ValueError
    return token_embedding[ids] + position_embedding[(np.arange(len(ids)) + 1) % len(position_embedding)]


@misconception(
    of="embed",
    kind="misses_point",
    hint="You use the last rows of the position table, but even a short text starts at position 0.",
)
def last_positions(token_ids, token_embedding, position_embedding):
    ids = np.asarray(token_ids)
    if ids.min() < 0 or ids.max() >= len(token_embedding) or len(ids) > len(position_embedding):
        raise ValueError
    return token_embedding[ids] + position_embedding[-len(ids) :]


@misconception(
    of="embed",
    kind="misses_point",
    hint="Your positions run backward, so the last token, not the first, gets position 0.",
)
def positions_backwards(token_ids, token_embedding, position_embedding):
    ids = np.asarray(token_ids)
    if ids.min() < 0 or ids.max() >= len(token_embedding) or len(ids) > len(position_embedding):
        raise ValueError
    return token_embedding[ids] + position_embedding[: len(ids)][::-1]


@misconception(
    of="embed",
    kind="misses_point",
    hint="You don't add the token rows, so all inputs of the same length look the same.",
)
def only_positions(token_ids, token_embedding, position_embedding):
    ids = np.asarray(token_ids)
    if ids.min() < 0 or ids.max() >= len(token_embedding) or len(ids) > len(position_embedding):
        raise ValueError
    return position_embedding[: len(ids)]


@misconception(
    of="embed",
    kind="misses_point",
    hint="You multiply the token rows by the square root of their width, as the original 2017 transformer did. In this "
    "lab, don't scale them.",
)
def scaled_by_the_root_of_d(token_ids, token_embedding, position_embedding):
    ids = np.asarray(token_ids)
    if ids.min() < 0 or ids.max() >= len(token_embedding) or len(ids) > len(position_embedding):
        raise ValueError
    return token_embedding[ids] * np.sqrt(token_embedding.shape[1]) + position_embedding[: len(ids)]


@misconception(
    of="embed",
    kind="convention",
    hint="You take the mean of the two rows. Add them instead.",
)
def halved(token_ids, token_embedding, position_embedding):
    ids = np.asarray(token_ids)
    if ids.min() < 0 or ids.max() >= len(token_embedding) or len(ids) > len(position_embedding):
        raise ValueError
    return (token_embedding[ids] + position_embedding[: len(ids)]) / 2


@misconception(
    of="embed",
    kind="misses_point",
    hint="You sort the ids before you look up their rows. Keep them in the order they appear in the text.",
)
def looked_up_by_rank(token_ids, token_embedding, position_embedding):
    ids = np.asarray(token_ids)
    if ids.min() < 0 or ids.max() >= len(token_embedding) or len(ids) > len(position_embedding):
        raise ValueError
    return token_embedding[np.sort(ids)] + position_embedding[: len(ids)]


@misconception(
    of="embed",
    kind="conduct",
    hint="You accept negative ids, which have no row (numpy takes -1 to mean the last row). Raise an error for them.",
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
    hint="You accept some bad input. For example, numpy reads an id of -1 as the last row and broadcasts a single "
    "position over a longer text. Check the ids and the length first.",
    taught=True,
)
def nothing_refused(token_ids, token_embedding, position_embedding):
    ids = np.asarray(token_ids)
    return token_embedding[ids] + position_embedding[: len(ids)]


@misconception(
    of="embed",
    kind="conduct",
    hint="You accept a text of two tokens even if the table has only one position, because numpy broadcasts that row. "
    "Raise an error whenever there are more tokens than positions.",
)
def two_tokens_for_one_position(token_ids, token_embedding, position_embedding):
    ids = np.asarray(token_ids)
    if ids.min() < 0 or ids.max() >= len(token_embedding):
        raise ValueError
    return token_embedding[ids] + position_embedding[: len(ids)]


@misconception(
    of="embed",
    kind="conduct",
    hint="You accept an id that has no row, for example by replacing it with the nearest id that has one, so bad input "
    "silently turns into a different text. Raise an error.",
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
    hint="You accept text that's too long, for example by silently truncating it. Raise an error, and let the caller "
    "decide what to leave out.",
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
    any_of={"table": ("tokens", "positions")},
    hint="You change the caller's tables, for example by using += on some of a table's rows (a slice is a view, not a "
    "copy), so later texts can get the wrong rows. Work on a copy.",
    taught=True,
)
def written_into_the_embedding(token_ids, token_embedding, position_embedding, *, table):
    ids = np.asarray(token_ids)
    if ids.min() < 0 or ids.max() >= len(token_embedding) or len(ids) > len(position_embedding):
        raise ValueError
    rows = token_embedding[ids] + position_embedding[: len(ids)]
    if table == "tokens":
        token_embedding[ids] = rows
    else:
        position_embedding[: len(ids)] = rows
    return rows


@misconception(
    of="embed",
    kind="misses_point",
    any_of={"row": ("last_of_the_text", "last_of_the_table", "length")},
    hint="You use the same position row for every token. The first token should get position 0's row, the second "
    "token should get position 1's row, and so on.",
)
def one_position_for_all(token_ids, token_embedding, position_embedding, *, row):
    ids = np.asarray(token_ids)
    if ids.min() < 0 or ids.max() >= len(token_embedding) or len(ids) > len(position_embedding):
        raise ValueError
    T = len(ids)
    place = {"last_of_the_text": T - 1, "last_of_the_table": -1, "length": T % len(position_embedding)}[row]
    return token_embedding[ids] + position_embedding[place]


@misconception(
    of="embed",
    kind="misses_point",
    hint="You subtract the position rows. Add them.",
)
def positions_subtracted(token_ids, token_embedding, position_embedding):
    ids = np.asarray(token_ids)
    if ids.min() < 0 or ids.max() >= len(token_embedding) or len(ids) > len(position_embedding):
        raise ValueError
    return token_embedding[ids] - position_embedding[: len(ids)]


@misconception(
    of="embed",
    kind="misses_point",
    hint="You take the first rows of the token table, no matter what the ids are. Look up each token's row by its id.",
)
def ids_not_used(token_ids, token_embedding, position_embedding):
    ids = np.asarray(token_ids)
    if ids.min() < 0 or ids.max() >= len(token_embedding) or len(ids) > len(position_embedding):
        raise ValueError
    rows = token_embedding[np.arange(len(ids)) % len(token_embedding)]
    return rows + position_embedding[: len(ids)]


@misconception(
    of="embed",
    kind="misses_point",
    hint="Your result is transposed: it should have one row per token.",
)
def turned(token_ids, token_embedding, position_embedding):
    ids = np.asarray(token_ids)
    if ids.min() < 0 or ids.max() >= len(token_embedding) or len(ids) > len(position_embedding):
        raise ValueError
    return (token_embedding[ids] + position_embedding[: len(ids)]).T


@misconception(
    of="embed",
    kind="misses_point",
    hint="You normalize the rows. Normalization belongs in the blocks. Here you just add the two rows.",
)
def normed(token_ids, token_embedding, position_embedding):
    ids = np.asarray(token_ids)
    if ids.min() < 0 or ids.max() >= len(token_embedding) or len(ids) > len(position_embedding):
        raise ValueError
    rows = token_embedding[ids] + position_embedding[: len(ids)]
    return (rows - rows.mean(axis=1, keepdims=True)) / np.sqrt(rows.var(axis=1, keepdims=True) + 1e-5)


@misconception(
    of="embed",
    kind="misses_point",
    hint="You give every token the sum of all the position rows. Each token should get only its own position's row.",
)
def sum_of_all_positions(token_ids, token_embedding, position_embedding):
    ids = np.asarray(token_ids)
    if ids.min() < 0 or ids.max() >= len(token_embedding) or len(ids) > len(position_embedding):
        raise ValueError
    return token_embedding[ids] + position_embedding[: len(ids)].sum(axis=0)


@misconception(
    of="embed",
    kind="misses_point",
    hint="You add running totals of the position rows. Each token should get only its own position's row.",
)
def running_totals_of_positions(token_ids, token_embedding, position_embedding):
    ids = np.asarray(token_ids)
    if ids.min() < 0 or ids.max() >= len(token_embedding) or len(ids) > len(position_embedding):
        raise ValueError
    return token_embedding[ids] + np.cumsum(position_embedding[: len(ids)], axis=0)


@misconception(
    of="embed",
    kind="conduct",
    hint="You accept a bad id if there are good ones too, maybe because you use np.all or only look at one of the ids. "
    "Even one bad id should raise an error, so use np.any.",
)
def only_if_all_ids_are_bad(token_ids, token_embedding, position_embedding):
    ids = np.asarray(token_ids)
    if np.all(ids < 0) or np.all(ids >= len(token_embedding)) or len(ids) > len(position_embedding):
        raise ValueError
    return token_embedding[ids] + position_embedding[: len(ids)]


@misconception(
    of="embed",
    kind="conduct",
    hint="You let ids outside the vocabulary wrap around to valid ones, so bad input silently turns into a different "
    "text. Raise an error.",
)
def ids_wrap_around(token_ids, token_embedding, position_embedding):
    ids = np.asarray(token_ids)
    if len(ids) > len(position_embedding):
        raise ValueError
    return token_embedding[ids % len(token_embedding)] + position_embedding[: len(ids)]


@misconception(
    of="embed",
    kind="conduct",
    hint="If an id is outside the vocabulary, its token silently gets a row of zeros, maybe because no entry of its "
    "one-hot vector is 1. Raise an error.",
)
def zeros_for_unknown_ids(token_ids, token_embedding, position_embedding):
    ids = np.asarray(token_ids)
    if len(ids) > len(position_embedding):
        raise ValueError
    ones = (ids[:, None] == np.arange(len(token_embedding))).astype(float)
    return ones @ token_embedding + position_embedding[: len(ids)]


# --- causal_attention ---


@misconception(
    of="causal_attention",
    kind="misses_point",
    hint="You don't mask the future: every position looks at all the others, so during training the model could just "
    "read the answer.",
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
    hint="Your mask is backward: each position sees itself and what comes after it, not what comes before.",
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
    hint="You set the scores of future positions to 0, but softmax still gives a score of 0 some weight. A score of "
    "minus infinity gets a weight of 0.",
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
    hint="Your mask doesn't make the scores of future positions low enough, so they still get some weight. A score of "
    "minus infinity gets a weight of 0.",
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
    hint="You use a finite negative number as the mask, either replacing future scores with it or adding it to them. "
    "With very high or very low scores, a finite number doesn't always hide the future, but minus infinity does.",
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
    hint="You apply the mask after the exponentials, or after the whole softmax, and then divide by the sum of the "
    "remaining numbers. If a future score is far higher than the others, all the remaining numbers have already "
    "underflowed to 0. Set the scores to minus infinity before the softmax.",
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
    hint="You divide the scores by d instead of its square root, which makes the weights too uniform.",
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
    hint="You divide the scores by the square root of the number of positions. Use d, the number of entries in a key.",
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
    hint="You divide the scores by the square root of d_v, the number of entries in a value vector. Use d, the "
    "number of entries in a query or key.",
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
    hint="You don't divide the scores by the square root of d, so if d is large, one weight comes out near 1 and the "
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
    hint="You multiply the scores by the square root of d. Divide by it instead.",
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
    hint="You apply the weights to the keys. Keys are only for comparing with queries. Apply the weights to the "
    "values.",
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
    hint="The exponential of a large score overflows, and inf / inf is NaN. Use the softmax you're given, or subtract "
    "each row's largest score first.",
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
    hint="Your softmax runs down the columns. Each row holds the weights that one position gives to all positions, so "
    "each row should sum to 1.",
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
    hint="Your weights sum to 1 over the whole matrix. Each row should sum to 1.",
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
    hint="Your mask hides each position from itself, so there's nothing left for the first position to look at. The "
    "rule j ≤ i includes j = i.",
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
    hint="Your mask starts one position too far to the right: every position sees the next token, the one it's "
    "supposed to predict.",
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
    hint="You swapped queries and keys, or transposed the scores. Row i of the scores should compare query i with each "
    "of the keys.",
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
    hint="You mix the values using the columns of the weights, but out[i] should use row i.",
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
    hint="You return the scores along with the result. Return the weights (the softmax of the scores) instead.",
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
    hint="You return weights that you computed without the mask. Return the weights you used to compute the result.",
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
    hint="You divide the scores by their sum without taking exponentials first. Scores can be negative, so the results "
    "aren't valid weights.",
)
def no_softmax(q, k, v):
    scores = q @ k.T / np.sqrt(k.shape[1])
    scores = np.tril(scores)
    weights = scores / scores.sum(axis=1, keepdims=True)
    return weights @ v, weights


@misconception(
    of="causal_attention",
    kind="misses_point",
    hint="Each position takes only the value whose key matches best. Attention is a weighted mean of everything the "
    "position sees.",
)
def only_the_best(q, k, v):
    scores = q @ k.T / np.sqrt(k.shape[1])
    scores = np.where(np.tri(len(q), dtype=bool), scores, -np.inf)
    weights = np.eye(len(q))[scores.argmax(axis=1)]
    return weights @ v, weights


@misconception(
    of="causal_attention",
    kind="misses_point",
    hint="You give all visible positions the same weight. The weights should depend on the scores, which compare "
    "queries with keys.",
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
    hint="You mask every score that's exactly 0 (after np.tril, for example), but the score of an earlier position can "
    "be 0 too. Build the mask from positions, not from scores.",
)
def scores_of_0_masked(q, k, v):
    scores = np.tril(q @ k.T / np.sqrt(q.shape[-1]))
    scores = np.where(scores == 0, -np.inf, scores)
    exponentials = np.exp(scores - scores.max(axis=1, keepdims=True))
    weights = exponentials / exponentials.sum(axis=1, keepdims=True)
    return weights @ v, weights


@misconception(
    of="causal_attention",
    kind="misses_point",
    hint="You apply the weights to the queries. Queries are only for comparing with keys. Apply the weights to the "
    "values.",
)
def mixes_the_queries(q, k, v):
    scores = q @ k.T / np.sqrt(k.shape[1])
    scores = np.where(np.tri(len(q), dtype=bool), scores, -np.inf)
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
    weights = shifted / shifted.sum(axis=1, keepdims=True)
    return weights @ q, weights


@misconception(
    of="causal_attention",
    kind="misses_point",
    hint="You return the weights transposed. Row i should hold the weights that position i gives to each position.",
)
def weights_transposed(q, k, v):
    scores = q @ k.T / np.sqrt(k.shape[1])
    scores = np.where(np.tri(len(q), dtype=bool), scores, -np.inf)
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
    weights = shifted / shifted.sum(axis=1, keepdims=True)
    return weights @ v, weights.T


@misconception(
    of="causal_attention",
    kind="misses_point",
    hint="You divide by the square root of d after the softmax, so the rows no longer sum to 1. Divide the scores "
    "before the softmax.",
)
def weights_divided_by_the_root(q, k, v):
    scores = q @ k.T
    scores = np.where(np.tri(len(q), dtype=bool), scores, -np.inf)
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
    weights = shifted / shifted.sum(axis=1, keepdims=True)
    weights = weights / np.sqrt(k.shape[1])
    return weights @ v, weights


@misconception(
    of="causal_attention",
    kind="misses_point",
    hint="You apply softmax twice, so the weights are almost equal, and future positions get some weight. Once is "
    "enough.",
)
def softmax_twice(q, k, v):
    scores = q @ k.T / np.sqrt(k.shape[1])
    scores = np.where(np.tri(len(q), dtype=bool), scores, -np.inf)
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
    weights = shifted / shifted.sum(axis=1, keepdims=True)
    shifted = np.exp(weights)
    weights = shifted / shifted.sum(axis=1, keepdims=True)
    return weights @ v, weights


@misconception(
    of="causal_attention",
    kind="misses_point",
    hint="You divide queries and keys by their norms (cosine similarity). Just divide the scores by the square root of "
    "d.",
)
def cosine_scores(q, k, v):
    q = q / np.sqrt((q**2).sum(axis=1, keepdims=True) + 1e-12)
    k = k / np.sqrt((k**2).sum(axis=1, keepdims=True) + 1e-12)
    scores = q @ k.T
    scores = np.where(np.tri(len(q), dtype=bool), scores, -np.inf)
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
    weights = shifted / shifted.sum(axis=1, keepdims=True)
    return weights @ v, weights


@misconception(
    of="causal_attention",
    kind="edge",
    hint="You subtract the largest score of the whole matrix, so a row with much lower scores becomes all zeros, and "
    "you divide 0 by 0. Each row needs its own maximum.",
)
def largest_score_of_all_subtracted(q, k, v):
    scores = q @ k.T / np.sqrt(k.shape[1])
    scores = np.where(np.tri(len(q), dtype=bool), scores, -np.inf)
    shifted = np.exp(scores - scores.max())
    weights = shifted / shifted.sum(axis=1, keepdims=True)
    return weights @ v, weights


@misconception(
    of="causal_attention",
    kind="misses_point",
    hint="You add the values to the result. Attention returns only the weighted mean. Residual connections belong "
    "to the block.",
)
def values_added(q, k, v):
    scores = q @ k.T / np.sqrt(k.shape[1])
    scores = np.where(np.tri(len(q), dtype=bool), scores, -np.inf)
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
    weights = shifted / shifted.sum(axis=1, keepdims=True)
    return weights @ v + v, weights


@misconception(
    of="causal_attention",
    kind="misses_point",
    hint="You square the scores or drop their signs, so a poor match counts as a good one.",
)
def signs_of_the_scores_dropped(q, k, v):
    scores = np.abs(q @ k.T) / np.sqrt(k.shape[1])
    scores = np.where(np.tri(len(q), dtype=bool), scores, -np.inf)
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
    weights = shifted / shifted.sum(axis=1, keepdims=True)
    return weights @ v, weights


@misconception(
    of="causal_attention",
    kind="misses_point",
    hint="The sign of your scores is flipped, so the worst match gets the largest weight.",
)
def scores_negated(q, k, v):
    scores = -q @ k.T / np.sqrt(k.shape[1])
    scores = np.where(np.tri(len(q), dtype=bool), scores, -np.inf)
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
    weights = shifted / shifted.sum(axis=1, keepdims=True)
    return weights @ v, weights


@misconception(
    of="causal_attention",
    kind="misses_point",
    any_of={"which": ("queries", "keys")},
    hint="You compare the queries with each other, or the keys with each other. A score is the dot product of a "
    "query and a key.",
)
def queries_with_themselves(q, k, v, *, which):
    scores = (q @ q.T if which == "queries" else k @ k.T) / np.sqrt(k.shape[1])
    scores = np.where(np.tri(len(q), dtype=bool), scores, -np.inf)
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
    weights = shifted / shifted.sum(axis=1, keepdims=True)
    return weights @ v, weights


@misconception(
    of="causal_attention",
    kind="misses_point",
    hint="You return the exponentials of the scores as weights, without dividing by their sums. Each row should "
    "sum to 1.",
)
def not_divided_by_the_sums(q, k, v):
    scores = q @ k.T / np.sqrt(k.shape[1])
    scores = np.where(np.tri(len(q), dtype=bool), scores, -np.inf)
    shifted = np.exp(scores - scores.max(axis=1, keepdims=True))
    weights = shifted
    return weights @ v, weights


# --- transformer_block ---


@misconception(
    of="transformer_block",
    kind="misses_point",
    hint="You normalize the rows after each addition (post-norm, as in the original 2017 transformer). Here the norm "
    "comes before attention and feed-forward (pre-norm), and the sum itself isn't normalized.",
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
    hint="You add the output of attention, the feed-forward network or both to the normalized rows. Always add to "
    "the rows as they were before normalization, so that they aren't lost.",
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
    hint="Your feed-forward network comes before attention. Attention should come first.",
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
    hint="You don't use Wo, which mixes the results of attention before you add them.",
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
    hint="Your feed-forward network has no ReLU between its two matrices, so they might as well be a single matrix.",
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
    hint="You normalize over the positions, column by column, so information from later positions leaks into earlier "
    "rows. Normalize each row using only its own numbers.",
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
    hint="Your queries and keys are swapped. Check which of Wq and Wk makes the queries and which makes the keys, and "
    "the order in which you pass them to attention.",
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
    hint="Your keys and values are swapped. Check which of Wk and Wv makes the keys and which makes the values, and "
    "the order in which you pass them to attention.",
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
    hint="You replace the rows with the attention output. Add that output to the rows (the residual connection).",
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
    hint="You replace the rows with the feed-forward network's output. Add that output to the rows (the residual "
    "connection).",
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
    hint="You replace the rows with what attention and the feed-forward network compute. Add their outputs to the rows "
    "instead (the residual connections).",
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
    hint="You don't normalize the rows before attention or before the feed-forward network.",
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
    hint="You pass the rows to attention without normalizing them. Normalize the rows before attention and again "
    "before the feed-forward network.",
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
    hint="You pass the rows to the feed-forward network without normalizing them. Normalize the rows before "
    "attention, and normalize them again right after the first addition.",
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
    hint="You pass the block's input to both attention and the feed-forward network. The feed-forward network should "
    "get that input plus the attention output.",
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
    hint="You add the feed-forward network's output to the block's input, so the attention output is lost.",
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
    hint="You add b1 after the ReLU. Add it before the ReLU, in the first layer.",
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
    hint="You apply a second ReLU after W2, so the network can never subtract anything. Don't apply ReLU to the "
    "network's output.",
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
    hint="You transpose the four attention matrices (torch's layers store theirs that way). Here, multiply the rows by "
    "the matrices without transposing them.",
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
    hint="You use the normalized rows themselves as values. Multiply them by Wv to get the values.",
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
    hint="You compute the values from rows that aren't normalized. Queries, keys and values all come from the "
    "normalized rows.",
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
    hint="You normalize the result at the end. The output of a block is just the sum.",
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
    hint="Your norm divides by D - 1 to get the variance, as you would for a sample. A layer norm divides by D.",
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
    hint="You change the caller's array: x += … does that, but x = x + … doesn't.",
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


@misconception(
    of="transformer_block",
    kind="misses_point",
    any_of={"curve": ("tanh", "sigmoid", "silu", "leaky_relu", "absolute_value")},
    hint="Your feed-forward network applies something other than ReLU to its hidden layer (a sigmoid or tanh, for "
    "example). Use ReLU: 0 for everything below 0.",
)
def another_curve_in_place_of_relu(x, params, *, curve):
    def norm(z):
        return (z - z.mean(axis=1, keepdims=True)) / np.sqrt(z.var(axis=1, keepdims=True) + 1e-5)

    def attend(z):
        q, k, v = z @ params["Wq"], z @ params["Wk"], z @ params["Wv"]
        scores = np.where(np.tri(len(z), dtype=bool), q @ k.T / np.sqrt(k.shape[1]), -np.inf)
        weights = np.exp(scores - scores.max(axis=1, keepdims=True))
        return weights / weights.sum(axis=1, keepdims=True) @ v @ params["Wo"]

    def feed_forward(z):
        a = z @ params["W1"] + params["b1"]
        bent = {
            "tanh": np.tanh(a),
            "sigmoid": 1 / (1 + np.exp(-a)),
            "silu": a / (1 + np.exp(-a)),
            "leaky_relu": np.where(a > 0, a, 0.01 * a),
            "absolute_value": np.abs(a),
        }[curve]
        return bent @ params["W2"] + params["b2"]

    x = x + attend(norm(x))
    return x + feed_forward(norm(x))


@misconception(
    of="transformer_block",
    kind="misses_point",
    hint="You pass only the attention output to the feed-forward network. Pass it the whole sum, x plus the "
    "attention output.",
)
def feed_forward_of_attention_only(x, params):
    def norm(z):
        return (z - z.mean(axis=1, keepdims=True)) / np.sqrt(z.var(axis=1, keepdims=True) + 1e-5)

    def attend(z):
        q, k, v = z @ params["Wq"], z @ params["Wk"], z @ params["Wv"]
        scores = np.where(np.tri(len(z), dtype=bool), q @ k.T / np.sqrt(k.shape[1]), -np.inf)
        weights = np.exp(scores - scores.max(axis=1, keepdims=True))
        return weights / weights.sum(axis=1, keepdims=True) @ v @ params["Wo"]

    def feed_forward(z):
        return np.maximum(z @ params["W1"] + params["b1"], 0) @ params["W2"] + params["b2"]

    attended = attend(norm(x))
    return x + attended + feed_forward(norm(attended))


@misconception(
    of="transformer_block",
    kind="misses_point",
    hint="Your queries and values are swapped. Check which of Wq and Wv makes the queries and which makes the values, "
    "and the order in which you pass them to attention.",
)
def queries_and_values_swapped(x, params):
    def norm(z):
        return (z - z.mean(axis=1, keepdims=True)) / np.sqrt(z.var(axis=1, keepdims=True) + 1e-5)

    def attend(z):
        q, k, v = z @ params["Wv"], z @ params["Wk"], z @ params["Wq"]
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
    any_of={"name": ("Wq", "Wk", "Wv")},
    hint="You use the same matrix for queries, keys and values. Queries, keys and values each have a matrix of their "
    "own.",
)
def one_matrix_for_all_three(x, params, *, name):
    def norm(z):
        return (z - z.mean(axis=1, keepdims=True)) / np.sqrt(z.var(axis=1, keepdims=True) + 1e-5)

    def attend(z):
        q, k, v = z @ params[name], z @ params[name], z @ params[name]
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
    any_of={"times": (2.0, 0.5)},
    hint="You add the input twice, or only half of it. The residual connection adds the whole input exactly once.",
)
def input_added_twice(x, params, *, times):
    def norm(z):
        return (z - z.mean(axis=1, keepdims=True)) / np.sqrt(z.var(axis=1, keepdims=True) + 1e-5)

    def attend(z):
        q, k, v = z @ params["Wq"], z @ params["Wk"], z @ params["Wv"]
        scores = np.where(np.tri(len(z), dtype=bool), q @ k.T / np.sqrt(k.shape[1]), -np.inf)
        weights = np.exp(scores - scores.max(axis=1, keepdims=True))
        return weights / weights.sum(axis=1, keepdims=True) @ v @ params["Wo"]

    def feed_forward(z):
        return np.maximum(z @ params["W1"] + params["b1"], 0) @ params["W2"] + params["b2"]

    x = times * x + attend(norm(x))
    return x + feed_forward(norm(x))


@misconception(
    of="transformer_block",
    kind="misses_point",
    hint="You add the block's input again at the end, but the sum already contains it.",
)
def input_added_again_at_the_end(x, params):
    def norm(z):
        return (z - z.mean(axis=1, keepdims=True)) / np.sqrt(z.var(axis=1, keepdims=True) + 1e-5)

    def attend(z):
        q, k, v = z @ params["Wq"], z @ params["Wk"], z @ params["Wv"]
        scores = np.where(np.tri(len(z), dtype=bool), q @ k.T / np.sqrt(k.shape[1]), -np.inf)
        weights = np.exp(scores - scores.max(axis=1, keepdims=True))
        return weights / weights.sum(axis=1, keepdims=True) @ v @ params["Wo"]

    def feed_forward(z):
        return np.maximum(z @ params["W1"] + params["b1"], 0) @ params["W2"] + params["b2"]

    y = x + attend(norm(x))
    return x + y + feed_forward(norm(y))


@misconception(
    of="transformer_block",
    kind="misses_point",
    hint="You apply ReLU to the rows before W1. ReLU belongs between the two matrices.",
)
def relu_before_the_network(x, params):
    def norm(z):
        return (z - z.mean(axis=1, keepdims=True)) / np.sqrt(z.var(axis=1, keepdims=True) + 1e-5)

    def attend(z):
        q, k, v = z @ params["Wq"], z @ params["Wk"], z @ params["Wv"]
        scores = np.where(np.tri(len(z), dtype=bool), q @ k.T / np.sqrt(k.shape[1]), -np.inf)
        weights = np.exp(scores - scores.max(axis=1, keepdims=True))
        return weights / weights.sum(axis=1, keepdims=True) @ v @ params["Wo"]

    def feed_forward(z):
        return (np.maximum(z, 0) @ params["W1"] + params["b1"]) @ params["W2"] + params["b2"]

    x = x + attend(norm(x))
    return x + feed_forward(norm(x))


@misconception(
    of="transformer_block",
    kind="misses_point",
    hint="You apply ReLU to the attention output. Only the feed-forward network has a ReLU.",
)
def relu_on_attention(x, params):
    def norm(z):
        return (z - z.mean(axis=1, keepdims=True)) / np.sqrt(z.var(axis=1, keepdims=True) + 1e-5)

    def attend(z):
        q, k, v = z @ params["Wq"], z @ params["Wk"], z @ params["Wv"]
        scores = np.where(np.tri(len(z), dtype=bool), q @ k.T / np.sqrt(k.shape[1]), -np.inf)
        weights = np.exp(scores - scores.max(axis=1, keepdims=True))
        return weights / weights.sum(axis=1, keepdims=True) @ v @ params["Wo"]

    def feed_forward(z):
        return np.maximum(z @ params["W1"] + params["b1"], 0) @ params["W2"] + params["b2"]

    x = x + np.maximum(attend(norm(x)), 0)
    return x + feed_forward(norm(x))


@misconception(
    of="transformer_block",
    kind="misses_point",
    any_of={"which": ("queries", "keys", "both")},
    hint="You compute the queries or the keys from rows that aren't normalized. Queries, keys and values all come from "
    "the normalized rows.",
)
def queries_or_keys_not_normed(x, params, *, which):
    def norm(z):
        return (z - z.mean(axis=1, keepdims=True)) / np.sqrt(z.var(axis=1, keepdims=True) + 1e-5)

    def attend(z):
        q = (z if which == "keys" else x) @ params["Wq"]
        k, v = (z if which == "queries" else x) @ params["Wk"], z @ params["Wv"]
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
    hint="Your norm divides by the variance instead of its square root.",
)
def divided_by_the_variance(x, params):
    def norm(z):
        return (z - z.mean(axis=1, keepdims=True)) / (z.var(axis=1, keepdims=True) + 1e-5)

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
    hint="You normalize the attention output before you add it. The norms come before attention and before the "
    "feed-forward network, and the outputs of both are added as they are.",
)
def attention_normed_before_adding(x, params):
    def norm(z):
        return (z - z.mean(axis=1, keepdims=True)) / np.sqrt(z.var(axis=1, keepdims=True) + 1e-5)

    def attend(z):
        q, k, v = z @ params["Wq"], z @ params["Wk"], z @ params["Wv"]
        scores = np.where(np.tri(len(z), dtype=bool), q @ k.T / np.sqrt(k.shape[1]), -np.inf)
        weights = np.exp(scores - scores.max(axis=1, keepdims=True))
        return weights / weights.sum(axis=1, keepdims=True) @ v @ params["Wo"]

    def feed_forward(z):
        return np.maximum(z @ params["W1"] + params["b1"], 0) @ params["W2"] + params["b2"]

    x = x + norm(attend(norm(x)))
    return x + norm(feed_forward(norm(x)))


@misconception(
    of="transformer_block",
    kind="misses_point",
    hint="You apply Wo to the whole sum. Apply it only to the attention output, before you add that output to the "
    "rows.",
)
def output_projection_of_the_sum(x, params):
    def norm(z):
        return (z - z.mean(axis=1, keepdims=True)) / np.sqrt(z.var(axis=1, keepdims=True) + 1e-5)

    def attend(z):
        q, k, v = z @ params["Wq"], z @ params["Wk"], z @ params["Wv"]
        scores = np.where(np.tri(len(z), dtype=bool), q @ k.T / np.sqrt(k.shape[1]), -np.inf)
        weights = np.exp(scores - scores.max(axis=1, keepdims=True))
        return weights / weights.sum(axis=1, keepdims=True) @ v

    def feed_forward(z):
        return np.maximum(z @ params["W1"] + params["b1"], 0) @ params["W2"] + params["b2"]

    x = (x + attend(norm(x))) @ params["Wo"]
    return x + feed_forward(norm(x))


@misconception(
    of="transformer_block",
    kind="misses_point",
    hint="Attention is missing. A block has two parts.",
)
def feed_forward_alone(x, params):
    def norm(z):
        return (z - z.mean(axis=1, keepdims=True)) / np.sqrt(z.var(axis=1, keepdims=True) + 1e-5)

    def attend(z):
        q, k, v = z @ params["Wq"], z @ params["Wk"], z @ params["Wv"]
        scores = np.where(np.tri(len(z), dtype=bool), q @ k.T / np.sqrt(k.shape[1]), -np.inf)
        weights = np.exp(scores - scores.max(axis=1, keepdims=True))
        return weights / weights.sum(axis=1, keepdims=True) @ v @ params["Wo"]

    def feed_forward(z):
        return np.maximum(z @ params["W1"] + params["b1"], 0) @ params["W2"] + params["b2"]

    return x + feed_forward(norm(x))


# --- output_logits ---


@misconception(
    of="output_logits",
    kind="misses_point",
    hint="You use the first position's row. The last row is the one that predicts what comes next.",
    taught=True,
)
def first_position(hidden, W_unembed):
    if hidden.shape[1] != W_unembed.shape[0]:
        raise ValueError
    return hidden[0] @ W_unembed


@misconception(
    of="output_logits",
    kind="misses_point",
    hint="You return the logits for every position. To predict the next token, you only need the last position's "
    "logits.",
    taught=True,
)
def all_positions(hidden, W_unembed):
    if hidden.shape[1] != W_unembed.shape[0]:
        raise ValueError
    return hidden @ W_unembed


@misconception(
    of="output_logits",
    kind="misses_point",
    hint="You return probabilities. The Output Layer returns raw scores. Softmax comes later, in the sampler.",
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
    hint="You return log-probabilities. The Output Layer returns the raw scores.",
)
def log_probabilities(hidden, W_unembed):
    if hidden.shape[1] != W_unembed.shape[0]:
        raise ValueError
    logits = hidden[-1] @ W_unembed
    return logits - logits.max() - np.log(np.exp(logits - logits.max()).sum())


@misconception(
    of="output_logits",
    kind="misses_point",
    hint="You add up the rows, or the logits, over all positions. Only the last row predicts what comes next.",
)
def summed_over_positions(hidden, W_unembed):
    if hidden.shape[1] != W_unembed.shape[0]:
        raise ValueError
    return hidden.sum(axis=0) @ W_unembed


@misconception(
    of="output_logits",
    kind="misses_point",
    hint="You average the rows, or the logits, over all positions. Only the last row predicts what comes next.",
)
def averaged_over_positions(hidden, W_unembed):
    if hidden.shape[1] != W_unembed.shape[0]:
        raise ValueError
    return hidden.mean(axis=0) @ W_unembed


@misconception(
    of="output_logits",
    kind="misses_point",
    hint="You use the second-to-last row. That row predicts the last token of the text, which you already have.",
)
def one_before_the_last(hidden, W_unembed):
    if hidden.shape[1] != W_unembed.shape[0]:
        raise ValueError
    return hidden[-2 % len(hidden)] @ W_unembed


@misconception(
    of="output_logits",
    kind="convention",
    hint="You return a matrix of shape (1, V), maybe because you keep the last row as a matrix. Return (V,).",
    taught=True,
)
def kept_as_a_matrix(hidden, W_unembed):
    if hidden.shape[1] != W_unembed.shape[0]:
        raise ValueError
    return hidden[-1:] @ W_unembed


@misconception(
    of="output_logits",
    kind="misses_point",
    hint="You normalize the last row first. Normalization belongs in the blocks.",
)
def normed_first(hidden, W_unembed):
    if hidden.shape[1] != W_unembed.shape[0]:
        raise ValueError
    row = hidden[-1]
    return (row - row.mean()) / np.sqrt(row.var() + 1e-5) @ W_unembed


@misconception(
    of="output_logits",
    kind="misses_point",
    hint="You return the most likely id. Choosing an id is the job of the next box, Sampling, which needs all the "
    "logits.",
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
    hint="For each token, you return the largest logit over all positions. Only the last position predicts what comes "
    "next.",
)
def largest_over_positions(hidden, W_unembed):
    if hidden.shape[1] != W_unembed.shape[0]:
        raise ValueError
    return (hidden @ W_unembed).max(axis=0)


@misconception(
    of="output_logits",
    kind="convention",
    hint="You subtract the largest logit from all of them. That doesn't change the probabilities, but the results "
    "aren't the raw scores.",
)
def shifted_to_0(hidden, W_unembed):
    if hidden.shape[1] != W_unembed.shape[0]:
        raise ValueError
    logits = hidden[-1] @ W_unembed
    return logits - logits.max()


@misconception(
    of="output_logits",
    kind="misses_point",
    hint="You divide the logits by the square root of the width. That's part of attention.",
)
def scaled_by_the_root_of_d_in_output_logits(hidden, W_unembed):
    if hidden.shape[1] != W_unembed.shape[0]:
        raise ValueError
    return hidden[-1] @ W_unembed / np.sqrt(hidden.shape[1])


@misconception(
    of="output_logits",
    kind="conduct",
    hint="You accept a matrix of the wrong shape, for example by transposing it or by using only part of it. It may "
    "be the wrong matrix altogether, so raise an error.",
    taught=True,
)
def transposed_repaired(hidden, W_unembed):
    if hidden.shape[1] != W_unembed.shape[0] and hidden.shape[1] == W_unembed.shape[1]:
        W_unembed = W_unembed.T
    return hidden[-1] @ W_unembed


@misconception(
    of="output_logits",
    kind="conduct",
    hint="You accept a matrix with a single row, maybe because numpy broadcasts it in an elementwise product. Raise an "
    "error.",
    taught=True,
)
def stretched_to_fit(hidden, W_unembed):
    return (hidden[-1][:, None] * W_unembed).sum(axis=0)


@misconception(
    of="output_logits",
    kind="misses_point",
    hint="You return the logits in sorted order, so a score's index is no longer its token's id.",
)
def sorted_logits(hidden, W_unembed):
    if hidden.shape[1] != W_unembed.shape[0]:
        raise ValueError
    return np.sort(hidden[-1] @ W_unembed)[::-1]


@misconception(
    of="output_logits",
    kind="misses_point",
    any_of={"curve": ("sigmoid", "tanh")},
    hint="You squash the logits (with a sigmoid or tanh). Return the raw scores.",
)
def squashed_logits(hidden, W_unembed, *, curve):
    if hidden.shape[1] != W_unembed.shape[0]:
        raise ValueError
    logits = hidden[-1] @ W_unembed
    return np.tanh(logits) if curve == "tanh" else 1 / (1 + np.exp(-logits))


@misconception(
    of="output_logits",
    kind="misses_point",
    hint="You return the largest logit. Return the logits of all tokens.",
)
def largest_logit_only(hidden, W_unembed):
    if hidden.shape[1] != W_unembed.shape[0]:
        raise ValueError
    return np.max(hidden[-1] @ W_unembed)


@misconception(
    of="output_logits",
    kind="misses_point",
    hint="You return the exponentials of the logits. Return the logits themselves.",
)
def exponentials_of_the_logits(hidden, W_unembed):
    if hidden.shape[1] != W_unembed.shape[0]:
        raise ValueError
    return np.exp(hidden[-1] @ W_unembed)


@misconception(
    of="output_logits",
    kind="misses_point",
    hint="You return next-token probabilities for every position. Return logits instead, and only for the last "
    "position.",
)
def probabilities_of_all_positions(hidden, W_unembed):
    if hidden.shape[1] != W_unembed.shape[0]:
        raise ValueError
    logits = hidden @ W_unembed
    exponentials = np.exp(logits - logits.max(axis=1, keepdims=True))
    return exponentials / exponentials.sum(axis=1, keepdims=True)


@misconception(
    of="output_logits",
    kind="conduct",
    any_of={"raises": (None, "AssertionError", "TypeError")},
    hint="You don't raise a ValueError for a matrix of the wrong shape. Returning None or raising a different error "
    "(as assert does) doesn't tell the caller what's wrong.",
)
def no_value_error_for_the_matrix(hidden, W_unembed, *, raises):
    if hidden.shape[1] != W_unembed.shape[0]:
        if raises is None:
            return None
        raise {"AssertionError": AssertionError, "TypeError": TypeError}[raises]
    return hidden[-1] @ W_unembed


@misconception(
    of="output_logits",
    kind="misses_point",
    hint="You divide the last row by its norm first. Use it as is.",
)
def row_of_length_1(hidden, W_unembed):
    if hidden.shape[1] != W_unembed.shape[0]:
        raise ValueError
    row = hidden[-1]
    return row / (np.linalg.norm(row) + 1e-12) @ W_unembed


# --- run_pipeline ---


@misconception(
    of="run_pipeline",
    kind="misses_point",
    hint="You go through the boxes only once, no matter how many tokens are requested. The seventh box, Repeat, is "
    "missing.",
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
    hint="After the first iteration, you give the Embedding Layer only the newest id, so the model can't see earlier "
    "ones.",
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
    hint="In every iteration, you give the Embedding Layer only the prompt. Append each new id to the ids so far.",
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
    hint="After the first iteration, you give the Embedding Layer only the new ids, without the prompt.",
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
    hint="Your trace names the Transformer Layers, but you never call them. A trace lists what happened, not what "
    "should have happened.",
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
    hint="You don't stop when the stop token is drawn: you keep it like any other token, and keep going until you "
    "reach the limit.",
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
    hint="You keep the stop token in the text. It marks the end of the text, but isn't part of it.",
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
    hint="A stop token with id 0 doesn't end your text, maybe because Python treats 0 as false. Compare with None, or "
    "with the id itself.",
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
    hint="You stop when id 0 is drawn, even if there's no stop token, maybe because Python treats 0 as false. Id 0 is "
    "an id like any other.",
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
    hint="A stop token in the prompt ends your text, but only one that's drawn should.",
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
    hint="If the Tokenizer returns no ids, there's nothing to continue, but you go on anyway. Raise a ValueError.",
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
    hint="You check whether the text is empty, but the Tokenizer can return no ids for other text, too. Check the "
    "ids instead, since they're what the model continues.",
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
    hint="You generate one token too many. How many times does your loop run when one new token is allowed?",
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
    hint="You generate one token too few. How many times does your loop run when one new token is allowed?",
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
    hint="You count the prompt's tokens toward the limit. The limit is for new tokens only.",
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
    hint="Your trace names each box only once. It should list every call.",
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
    hint="Your trace names Repeat. The Repeat box is the loop itself, so there's nothing to call. Name only the boxes "
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
    hint="Your trace leaves out calls to the Tokenizer or the Detokenizer. It should name every call.",
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
    hint="If there are no new ids, your trace is wrong about whether you called the Detokenizer. The trace should name "
    "the Detokenizer if you called it, and leave it out if you didn't.",
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
    exempt="Every check unpacks the pair by position, so they all fail if the text and the trace are swapped.",
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
    hint="You take the largest logit yourself and never call the Sampling box. Choosing the next id is the Sampling "
    "box's job.",
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
    hint="You retokenize the whole text in every iteration. Text and ids don't map one to one, so pass on the ids, not "
    "the text.",
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
    hint="You put spaces between the tokens. If there's a space in the text, it's already part of a token.",
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
    hint="You give the Output Layer only the last row. The Output Layer expects all the rows and takes the last one "
    "itself.",
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
    hint="You put new ids in front of the earlier ones. The model reads text from start to end.",
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


@misconception(
    of="run_pipeline",
    kind="edge",
    hint="Your trace leaves out the iteration that draws the stop token. You called the boxes in that iteration, too, "
    "so add them to the trace.",
)
def stopping_round_not_traced(text, boxes, max_new_tokens, stop_id=None):
    trace, ids = ["Tokenizer"], list(boxes["Tokenizer"](text))
    if not ids:
        raise ValueError
    new_ids = []
    for _ in range(max_new_tokens):
        value = ids + new_ids
        for name in ("Embedding Layer", "Transformer Layers", "Output Layer", "Sampling"):
            value = boxes[name](value)
        if value == stop_id:
            break
        trace += ["Embedding Layer", "Transformer Layers", "Output Layer", "Sampling"]
        new_ids.append(value)
    trace.append("Detokenizer")
    return boxes["Detokenizer"](new_ids), trace


@misconception(
    of="run_pipeline",
    kind="edge",
    hint="Your trace leaves out the call to Sampling that draws the stop token. Add it to the trace before you stop.",
)
def stop_draw_not_traced(text, boxes, max_new_tokens, stop_id=None):
    trace, ids = ["Tokenizer"], list(boxes["Tokenizer"](text))
    if not ids:
        raise ValueError
    new_ids = []
    for _ in range(max_new_tokens):
        value = ids + new_ids
        for name in ("Embedding Layer", "Transformer Layers", "Output Layer"):
            trace.append(name)
            value = boxes[name](value)
        value = boxes["Sampling"](value)
        if value == stop_id:
            break
        trace.append("Sampling")
        new_ids.append(value)
    trace.append("Detokenizer")
    return boxes["Detokenizer"](new_ids), trace


@misconception(
    of="run_pipeline",
    kind="edge",
    hint="You check whether the last id so far is the stop token, but before the first iteration, that's the last id "
    "of the prompt. A stop token ends the text only if it's drawn, not if it's in the prompt.",
)
def last_id_of_the_prompt_can_stop_it(text, boxes, max_new_tokens, stop_id=None):
    trace, ids = ["Tokenizer"], list(boxes["Tokenizer"](text))
    if not ids:
        raise ValueError
    new_ids = []
    for _ in range(max_new_tokens):
        value = ids + new_ids
        if value[-1] == stop_id:
            break
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
    hint="You put the prompt in front of the new text. Return only the text of the new ids.",
)
def prompt_put_in_front(text, boxes, max_new_tokens, stop_id=None):
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
    return text + boxes["Detokenizer"](new_ids), trace


@misconception(
    of="run_pipeline",
    kind="misses_point",
    hint="You turn all the ids back into text, and then remove as many characters from the start as the prompt has. "
    "The prompt's ids may decode to different text, so only give the Detokenizer the new ids.",
)
def prompt_cut_off_the_text(text, boxes, max_new_tokens, stop_id=None):
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
    return boxes["Detokenizer"](ids + new_ids)[len(text) :], trace


@misconception(
    of="run_pipeline",
    kind="edge",
    hint="You call the Detokenizer once per token, but name it only once in your trace. Call it once, with all "
    "the new ids.",
)
def detokenizes_token_by_token(text, boxes, max_new_tokens, stop_id=None):
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
    return "".join(boxes["Detokenizer"]([token]) for token in new_ids), trace


@misconception(
    of="run_pipeline",
    kind="edge",
    hint="Your loop runs at least once, even if no new tokens are allowed. Check the limit at the start of each "
    "iteration, not at the end.",
)
def at_least_one_round(text, boxes, max_new_tokens, stop_id=None):
    trace, ids = ["Tokenizer"], list(boxes["Tokenizer"](text))
    if not ids:
        raise ValueError
    new_ids = []
    for _ in range(max(max_new_tokens, 1)):
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
    hint="You always drop the last new token, as if it were the stop token. It's the stop token only if it equals "
    "stop_id.",
)
def last_token_dropped(text, boxes, max_new_tokens, stop_id=None):
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
    return boxes["Detokenizer"](new_ids[:-1]), trace


@misconception(
    of="run_pipeline",
    kind="edge",
    hint="You skip the stop token when it's drawn, and keep going. The stop token ends the text.",
)
def stop_token_skipped(text, boxes, max_new_tokens, stop_id=None):
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
            continue
        new_ids.append(value)
    trace.append("Detokenizer")
    return boxes["Detokenizer"](new_ids), trace


@misconception(
    of="run_pipeline",
    kind="convention",
    hint="You sort the names in your trace. It should name the boxes in the order you called them.",
)
def boxes_sorted_in_the_trace(text, boxes, max_new_tokens, stop_id=None):
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
    return boxes["Detokenizer"](new_ids), sorted(trace)


@misconception(
    of="run_pipeline",
    kind="convention",
    hint="You join the names in your trace into one string. Return them as a list.",
)
def trace_as_text(text, boxes, max_new_tokens, stop_id=None):
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
    return boxes["Detokenizer"](new_ids), ", ".join(trace)
