"""Correct answers to the stubs of the `architecture` lab, written in different ways."""

import numpy as np

from autograder.testing import alternative

# --- encode ---


@alternative(of="encode")
def encode_with_a_pattern(text, vocab, unk_id):
    import re

    longest_first = sorted(vocab, key=len, reverse=True)
    pattern = "|".join([*map(re.escape, longest_first), "."])
    return [vocab.get(piece, unk_id) for piece in re.findall(pattern, text, re.DOTALL)]


@alternative(of="encode")
def encode_from_long_to_short(text, vocab, unk_id):
    ids = []
    while text:
        for size in range(len(text), 0, -1):
            if text[:size] in vocab:
                ids.append(vocab[text[:size]])
                break
        else:
            size = 1
            ids.append(unk_id)
        text = text[size:]
    return ids


@alternative(of="encode")
def encode_into_an_array(text, vocab, unk_id):
    by_length = sorted(vocab.items(), key=lambda item: -len(item[0]))
    ids, place = [], 0
    while place < len(text):
        token, number = next((item for item in by_length if text.startswith(item[0], place)), (text[place], unk_id))
        ids.append(number)
        place += len(token)
    return np.array(ids, dtype=np.int64)


@alternative(of="encode")
def encode_with_sizes(text, vocab, unk_id):
    sizes = sorted({len(token) for token in vocab}, reverse=True)
    ids, rest = [], text
    while rest:
        fitting = [size for size in sizes if rest[:size] in vocab and len(rest[:size]) == size]
        ids.append(vocab[rest[: fitting[0]]] if fitting else unk_id)
        rest = rest[fitting[0] if fitting else 1 :]
    return ids


@alternative(of="encode")
def encode_recursively(text, vocab, unk_id):
    def ids_from(place):
        if place == len(text):
            return ()
        ends = [end for end in range(place + 1, len(text) + 1) if text[place:end] in vocab]
        if not ends:
            return (unk_id, *ids_from(place + 1))
        return (vocab[text[place : ends[-1]]], *ids_from(ends[-1]))

    return ids_from(0)


# --- embed ---


@alternative(of="embed")
def embed_one_hot(token_ids, token_embedding, position_embedding):
    ids = np.asarray(token_ids)
    V, T_max = len(token_embedding), len(position_embedding)
    if np.any((ids < 0) | (ids >= V)) or len(ids) > T_max:
        raise ValueError("no row")
    return np.eye(V)[ids] @ token_embedding + np.eye(len(ids), T_max) @ position_embedding


@alternative(of="embed")
def embed_row_by_row(token_ids, token_embedding, position_embedding):
    rows = []
    for position, token in enumerate(token_ids):
        if token < 0:
            raise IndexError("a negative id")
        rows.append(token_embedding[token] + position_embedding[position])
    return np.stack(rows)


@alternative(of="embed")
def embed_with_take(token_ids, token_embedding, position_embedding):
    if min(token_ids) < 0:
        raise ValueError("ids begin at 0")
    rows = np.take(token_embedding, token_ids, axis=0)
    rows += np.take(position_embedding, range(len(token_ids)), axis=0)
    return rows


@alternative(of="embed")
def embed_in_float32(token_ids, token_embedding, position_embedding):
    if not all(0 <= token < len(token_embedding) for token in token_ids):
        raise IndexError("no such token")
    if len(token_ids) > len(position_embedding):
        raise IndexError("no such position")
    tokens = token_embedding.astype(np.float32)
    return tokens[list(token_ids)] + position_embedding.astype(np.float32)[: len(token_ids)]


@alternative(of="embed")
def embed_into_lists(token_ids, token_embedding, position_embedding):
    if any(token not in range(len(token_embedding)) for token in token_ids):
        raise ValueError("an unknown id")
    pairs = zip(token_ids, position_embedding[: len(token_ids)], strict=True)
    return [
        [float(one + other) for one, other in zip(token_embedding[token], row, strict=True)] for token, row in pairs
    ]


# --- causal_attention ---


@alternative(of="causal_attention")
def attention_with_a_large_negative_score(q, k, v):
    scores = q @ k.T / np.sqrt(q.shape[-1])
    scores[np.triu_indices(len(q), k=1)] = -1e30
    exponentials = np.exp(scores - scores.max(axis=-1, keepdims=True))
    weights = exponentials / exponentials.sum(axis=-1, keepdims=True)
    return weights @ v, weights


@alternative(of="causal_attention")
def attention_with_the_largest_so_far(q, k, v):
    scores = np.einsum("id,jd->ij", q, k) * k.shape[1] ** -0.5
    largest = np.diag(np.maximum.accumulate(scores, axis=1))[:, None]
    weights = np.tril(np.exp(np.tril(scores - largest)))
    weights /= weights.sum(axis=1, keepdims=True)
    return np.einsum("ij,jd->id", weights, v), weights


@alternative(of="causal_attention")
def attention_row_by_row(q, k, v):
    T, d = q.shape
    weights, out = np.zeros((T, T)), np.zeros((T, v.shape[1]))
    for i in range(T):
        scores = k[: i + 1] @ q[i] / d**0.5
        exponentials = np.exp(scores - scores.max())
        weights[i, : i + 1] = exponentials / exponentials.sum()
        out[i] = weights[i, : i + 1] @ v[: i + 1]
    return out, weights


@alternative(of="causal_attention")
def attention_by_a_mask_that_is_added(q, k, v):
    mask = np.triu(np.full((len(q), len(q)), -np.inf), k=1)
    scores = (q / np.sqrt(q.shape[1])) @ k.T + mask
    scores = scores - scores.max(axis=1)[:, None]
    weights = np.exp(scores - np.log(np.exp(scores).sum(axis=1))[:, None])
    return [weights @ v, weights]


@alternative(of="causal_attention")
def attention_in_float32(q, k, v):
    q, k, v = (array.astype(np.float32) for array in (q, k, v))
    scores = np.where(np.tri(len(q)) > 0, (q @ k.T) / np.float32(np.sqrt(k.shape[1])), np.float32(-np.inf))
    exponentials = np.exp(scores - scores.max(axis=1, keepdims=True))
    weights = exponentials / exponentials.sum(axis=1, keepdims=True)
    return weights @ v, weights


# --- transformer_block ---


@alternative(of="transformer_block")
def block_in_float32(x, params):
    def norm(z):
        return (z - z.mean(axis=1, keepdims=True)) / np.sqrt(z.var(axis=1, keepdims=True) + np.float32(1e-5))

    x = x.astype(np.float32)
    weights = {name: value.astype(np.float32) for name, value in params.items()}
    normed = norm(x)
    out, _ = causal_attention(normed @ weights["Wq"], normed @ weights["Wk"], normed @ weights["Wv"])  # noqa: F821
    x = x + (out @ weights["Wo"]).astype(np.float32)
    return x + np.maximum(norm(x) @ weights["W1"] + weights["b1"], 0) @ weights["W2"] + weights["b2"]


@alternative(of="transformer_block")
def block_with_its_own_attention(x, params):
    z = (x - x.mean(axis=1, keepdims=True)) / np.sqrt(x.var(axis=1, keepdims=True) + 1e-5)
    q, k, v = z @ params["Wq"], z @ params["Wk"], z @ params["Wv"]
    scores = np.where(np.tri(len(x), dtype=bool), q @ k.T / np.sqrt(x.shape[1]), -np.inf)
    weights = np.exp(scores - scores.max(axis=1, keepdims=True))
    weights /= weights.sum(axis=1, keepdims=True)
    y = x + weights @ v @ params["Wo"]
    z = (y - y.mean(axis=1, keepdims=True)) / np.sqrt(y.var(axis=1, keepdims=True) + 1e-5)
    hidden = z @ params["W1"] + params["b1"]
    return y + (hidden * (hidden > 0)) @ params["W2"] + params["b2"]


@alternative(of="transformer_block")
def block_with_one_matrix_for_three(x, params):
    def norm(z):
        centred = z - z.mean(axis=-1)[:, None]
        return centred / ((centred**2).mean(axis=-1) + 1e-5)[:, None] ** 0.5

    q, k, v = np.split(norm(x) @ np.hstack([params["Wq"], params["Wk"], params["Wv"]]), 3, axis=1)
    attended = causal_attention(q, k, v)[0]  # noqa: F821
    y = x + attended.dot(params["Wo"])
    return y + params["b2"] + np.where((h := norm(y).dot(params["W1"]) + params["b1"]) > 0, h, 0).dot(params["W2"])


@alternative(of="transformer_block")
def block_into_a_copy(x, params):
    rows = np.array(x, dtype=float)
    normed = layer_norm(rows)  # noqa: F821
    q, k, v = (normed @ params[name] for name in ("Wq", "Wk", "Wv"))
    rows += causal_attention(q, k, v)[0] @ params["Wo"]  # noqa: F821
    rows += np.clip(layer_norm(rows) @ params["W1"] + params["b1"], 0, None) @ params["W2"]  # noqa: F821
    rows += params["b2"]
    return rows


# --- output_logits ---


@alternative(of="output_logits")
def logits_squeezed(hidden, W_unembed):
    return np.squeeze(hidden[-1:] @ W_unembed, axis=0)


@alternative(of="output_logits")
def logits_of_all_and_the_last_of_them(hidden, W_unembed):
    if hidden.shape[1] != W_unembed.shape[0]:
        raise ValueError("the matrix has the wrong shape")
    return (hidden @ W_unembed)[-1]


@alternative(of="output_logits")
def logits_from_the_other_side(hidden, W_unembed):
    return (W_unembed.T @ hidden[len(hidden) - 1]).astype(np.float32)


@alternative(of="output_logits")
def logits_by_einsum(hidden, W_unembed):
    if hidden.shape[-1] != len(W_unembed):
        raise ValueError("the matrix has the wrong shape")
    return np.einsum("d,dv->v", hidden[-1], W_unembed)


@alternative(of="output_logits")
def logits_into_a_list(hidden, W_unembed):
    if len(hidden[-1]) != len(W_unembed):
        raise ValueError("the matrix has the wrong shape")
    return [float(np.dot(hidden[-1], column)) for column in W_unembed.T]


# --- run_pipeline ---


@alternative(of="run_pipeline")
def pipeline_token_by_token(text, boxes, max_new_tokens, stop_id=None):
    trace = ["Tokenizer"]
    ids = boxes["Tokenizer"](text)
    if len(ids) == 0:
        raise ValueError("an empty text")
    pieces = []
    for _ in range(max_new_tokens):
        rows = boxes["Embedding Layer"](ids)
        rows = boxes["Transformer Layers"](rows)
        logits = boxes["Output Layer"](rows)
        token = boxes["Sampling"](logits)
        trace += ["Embedding Layer", "Transformer Layers", "Output Layer", "Sampling"]
        if stop_id is not None and token == stop_id:
            break
        ids = [*ids, token]
        trace.append("Detokenizer")
        pieces.append(boxes["Detokenizer"]([token]))
    return "".join(pieces), trace


@alternative(of="run_pipeline")
def pipeline_with_a_helper(text, boxes, max_new_tokens, stop_id=None):
    trace = []

    def use(name, value):
        trace.append(name)
        return boxes[name](value)

    ids = np.array(use("Tokenizer", text), dtype=int)
    if ids.size == 0:
        raise ValueError("nothing to continue")
    length = len(ids)
    while len(ids) < length + max_new_tokens:
        hidden = use("Transformer Layers", use("Embedding Layer", ids))
        token = use("Sampling", use("Output Layer", hidden))
        if token == stop_id:
            break
        ids = np.append(ids, token)
    return use("Detokenizer", ids[length:].tolist()), tuple(trace)


@alternative(of="run_pipeline")
def pipeline_recursively(text, boxes, max_new_tokens, stop_id=None):
    trace = ["Tokenizer"]
    prompt = tuple(boxes["Tokenizer"](text))
    if prompt == ():
        raise ValueError

    def new_ids(ids, left):
        if left == 0:
            return []
        value = list(ids)
        for name in list(boxes)[1:5]:
            trace.append(name)
            value = boxes[name](value)
        return [] if value == stop_id else [value, *new_ids((*ids, value), left - 1)]

    made = new_ids(prompt, max_new_tokens)
    return boxes["Detokenizer"](made), [*trace, "Detokenizer"]


@alternative(of="run_pipeline")
def pipeline_without_detokenizing_nothing(text, boxes, max_new_tokens, stop_id=None):
    ids, trace, written = list(boxes["Tokenizer"](text)), ["Tokenizer"], ""
    if not ids:
        raise ValueError("no token")
    start = len(ids)
    for _ in range(max_new_tokens):
        logits = boxes["Output Layer"](boxes["Transformer Layers"](boxes["Embedding Layer"](ids)))
        ids.append(boxes["Sampling"](logits))
        trace.extend(["Embedding Layer", "Transformer Layers", "Output Layer", "Sampling"])
        if ids[-1] == stop_id:
            ids.pop()
            break
    if len(ids) > start:
        trace.append("Detokenizer")
        written = boxes["Detokenizer"](ids[start:])
    return written, trace
