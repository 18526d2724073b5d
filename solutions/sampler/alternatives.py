"""Correct answers to the `sampler` lab's stubs, written in different ways. Not meant to be read in one sitting."""

import math

import numpy as np

from autograder.testing import alternative

# --- greedy ---


@alternative(of="greedy")
def greedy_with_max_and_key(logits):
    return max(range(len(logits)), key=lambda place: logits[place])


@alternative(of="greedy")
def greedy_with_argsort(logits):
    return np.argsort(logits)[-1]


@alternative(of="greedy")
def greedy_last_of_ties(logits):
    return np.flatnonzero(logits == logits.max())[-1]


@alternative(of="greedy")
def greedy_with_list_index(logits):
    scores = logits.tolist()
    return scores.index(max(scores))


@alternative(of="greedy")
def greedy_by_loop(logits):
    best = 0
    for place, score in enumerate(logits):
        if score >= logits[best]:
            best = place
    return best


@alternative(of="greedy")
def greedy_of_probabilities(logits):
    exponentials = np.exp(logits - np.max(logits))
    return np.int32((exponentials / exponentials.sum()).argmax())


@alternative(of="greedy")
def greedy_as_array_without_dimensions(logits):
    return np.array(np.argmax(np.asarray(logits, dtype=np.float32)), dtype=np.uint16)


# --- sample_categorical ---


@alternative(of="sample_categorical")
def categorical_with_choice(probs, rng):
    return rng.choice(len(probs), p=probs)


@alternative(of="sample_categorical")
def categorical_by_loop(probs, rng):
    left = rng.random()
    for place, probability in enumerate(probs):
        left -= probability
        if left < 0:
            return place
    return int(np.argmax(probs))


@alternative(of="sample_categorical")
def categorical_with_gumbel_noise(probs, rng):
    with np.errstate(divide="ignore"):
        return int(np.argmax(np.log(probs) + rng.gumbel(size=len(probs))))


@alternative(of="sample_categorical")
def categorical_as_exponential_race(probs, rng):
    with np.errstate(divide="ignore"):
        return int(np.argmin(rng.exponential(size=len(probs)) / probs))


@alternative(of="sample_categorical")
def categorical_with_multinomial(probs, rng):
    return int(np.argmax(rng.multinomial(1, probs / probs.sum(dtype=float))))


@alternative(of="sample_categorical")
def categorical_with_bisect(probs, rng):
    import bisect
    import itertools

    totals = list(itertools.accumulate(probs.tolist()))
    return bisect.bisect_right(totals, rng.uniform(0.0, totals[-1]), 0, len(totals) - 1)


@alternative(of="sample_categorical")
def categorical_by_rejection(probs, rng):
    while True:
        place = int(rng.integers(len(probs)))
        if rng.random() * max(probs) < probs[place]:
            return place


@alternative(of="sample_categorical")
def categorical_from_the_other_end(probs, rng):
    above = np.cumsum(probs[::-1], dtype=float)
    return len(probs) - 1 - int(np.argmax(above > rng.random() * above[-1]))


@alternative(of="sample_categorical")
def categorical_from_the_likeliest_down(probs, rng):
    order = np.argsort(-probs)
    totals = np.cumsum(probs[order], dtype=float)
    return order[np.digitize(rng.random() * totals[-1], totals)]


@alternative(of="sample_categorical")
def categorical_by_counting(probs, rng):
    return np.sum(np.cumsum(probs)[:-1] <= rng.random())


@alternative(of="sample_categorical")
def categorical_one_by_one(probs, rng):
    left = float(np.sum(probs))
    for place in range(len(probs) - 1):
        if rng.random() * left < probs[place]:
            return place
        left -= float(probs[place])
        if left <= 1e-12:
            return place
    return len(probs) - 1


@alternative(of="sample_categorical")
def categorical_with_a_spawned_generator(probs, rng):
    return int(rng.spawn(1)[0].choice(len(probs), p=probs / np.sum(probs)))


@alternative(of="sample_categorical")
def categorical_with_many_spare_numbers(probs, rng):
    numbers = rng.normal(size=10)
    u = 0.5 * (1.0 + math.erf(float(numbers[3]) / math.sqrt(2.0)))
    return min(int(np.searchsorted(np.cumsum(probs), u, side="right")), int(np.flatnonzero(probs)[-1]))


@alternative(of="sample_categorical")
def categorical_with_choice_in_float64(probs, rng):
    return int(rng.choice(len(probs), p=np.asarray(probs, dtype=np.float64)))


# https://github.com/karpathy/llama2.c/blob/master/run.c (`sample_mult`)
@alternative(of="sample_categorical")
def categorical_as_in_llama2_c(probs, rng):
    coin, cdf = rng.random(dtype=np.float32), np.float32(0.0)
    for i in range(len(probs)):
        cdf += np.float32(probs[i])
        if coin < cdf:
            return i
    return len(probs) - 1


# https://www.keithschwarz.com/darts-dice-coins/ (Vose's alias method)
@alternative(of="sample_categorical")
def categorical_with_an_alias_table_per_draw(probs, rng):
    n = len(probs)
    scaled = np.asarray(probs, dtype=float) * n
    prob, alias = np.ones(n), np.arange(n)
    small = [i for i in range(n) if scaled[i] < 1.0]
    large = [i for i in range(n) if scaled[i] >= 1.0]
    while small and large:
        less, more = small.pop(), large.pop()
        prob[less], alias[less] = scaled[less], more
        scaled[more] -= 1.0 - scaled[less]
        (small if scaled[more] < 1.0 else large).append(more)
    place = int(rng.integers(n))
    return place if rng.random() < prob[place] else int(alias[place])


# --- top_k_filter ---


@alternative(of="top_k_filter")
def top_k_by_threshold(logits, k):
    if k < 1:
        raise ValueError(k)
    return np.where(logits >= np.sort(logits)[::-1][min(k, len(logits)) - 1], logits, -np.inf)


@alternative(of="top_k_filter")
def top_k_with_argpartition(logits, k):
    if k < 1:
        raise ValueError("k must be at least 1")
    filtered = np.array(logits, dtype=float)
    if k < len(filtered):
        filtered[np.argpartition(filtered, len(filtered) - k)[: len(filtered) - k]] = -np.inf
    return filtered


@alternative(of="top_k_filter")
def top_k_with_a_mask_to_add(logits, k):
    if k <= 0:
        raise ValueError("k must be at least 1")
    ranks = np.argsort(np.argsort(-logits, kind="stable"), kind="stable")
    return logits + np.where(ranks < k, 0.0, -np.inf)


@alternative(of="top_k_filter")
def top_k_with_a_very_low_score(logits, k):
    if k < 1:
        raise ValueError("k must be at least 1")
    filtered = np.full_like(logits, -1e9)
    best = np.argsort(logits)[-min(k, len(logits)) :]
    filtered[best] = logits[best]
    return filtered


@alternative(of="top_k_filter")
def top_k_as_list(logits, k):
    if not k >= 1:
        raise ValueError("k must be at least 1")
    best = sorted(range(len(logits)), key=lambda place: logits[place], reverse=True)[:k]
    return [float(logits[place]) if place in set(best) else -math.inf for place in range(len(logits))]


@alternative(of="top_k_filter")
def top_k_as_float32(logits, k):
    if k < 1:
        raise ValueError("k must be at least 1")
    z = logits.astype(np.float32)
    z[z < np.partition(z, -min(k, len(z)))[-min(k, len(z))]] = -np.inf
    return z


@alternative(of="top_k_filter")
def top_k_best_by_best(logits, k):
    if k < 1:
        raise ValueError("k must be at least 1")
    left, filtered = logits.copy(), np.full(logits.shape, -np.inf)
    for _ in range(min(k, len(logits))):
        best = left.argmax()
        filtered[best], left[best] = logits[best], -np.inf
    return filtered


@alternative(of="top_k_filter")
def top_k_of_log_probabilities(logits, k):
    if k < 1:
        raise ValueError("k must be at least 1")
    kept = logits >= np.sort(logits)[-min(k, len(logits))]
    return np.where(kept, logits - np.logaddexp.reduce(logits[kept]), -np.inf)


# --- top_p_filter ---


@alternative(of="top_p_filter")
def top_p_by_what_comes_before(logits, p):
    if p <= 0 or p > 1:
        raise ValueError("p must be in (0, 1]")
    exponentials = np.exp(logits - logits.max())
    probs = exponentials / exponentials.sum()
    order = np.argsort(probs)[::-1]
    before = np.cumsum(probs[order]) - probs[order]
    filtered = logits.astype(float)
    filtered[order[(before >= p) & (p < 1)]] = -np.inf
    return filtered


@alternative(of="top_p_filter")
def top_p_from_the_unlikely_end(logits, p):
    if not 0 < p <= 1:
        raise ValueError("p must be in (0, 1]")
    exponentials = np.exp(logits - logits.max())
    order = np.argsort(logits, kind="stable")
    removed = np.cumsum(exponentials[order] / exponentials.sum()) <= 1 - p
    removed[-1] = False
    return np.where(removed[np.argsort(order)], -np.inf, logits)


@alternative(of="top_p_filter")
def top_p_with_searchsorted(logits, p):
    if not 0 < p <= 1:
        raise ValueError("p must be in (0, 1]")
    exponentials = np.exp(logits - logits.max())
    order = np.argsort(-logits)
    totals = np.cumsum(exponentials[order] / exponentials.sum())
    kept = order[: np.searchsorted(totals, p) + 1] if p < 1 else order
    filtered = np.full(len(logits), -np.inf)
    np.put(filtered, kept, logits[kept])
    return filtered


@alternative(of="top_p_filter")
def top_p_as_list(logits, p):
    if not 0 < p <= 1:
        raise ValueError("p must be in (0, 1]")
    highest = max(logits)
    weights = [math.exp(score - highest) for score in logits]
    filtered, total = [-math.inf] * len(weights), 0.0
    for place in sorted(range(len(weights)), key=weights.__getitem__, reverse=True):
        if p < 1 and total >= p * sum(weights):
            break
        filtered[place] = float(logits[place])
        total += weights[place]
    return filtered


@alternative(of="top_p_filter")
def top_p_with_a_very_low_score(logits, p):
    if not 0 < p <= 1:
        raise ValueError("p must be in (0, 1]")
    exponentials = np.exp(logits - logits.max())
    order = np.argsort(-exponentials, kind="stable")
    totals = np.cumsum(exponentials[order] / exponentials.sum())
    late = np.append(False, totals[:-1] >= p) & (p < 1)
    filtered = logits.copy()
    filtered[order[late]] = -1e9
    return filtered


@alternative(of="top_p_filter")
def top_p_as_float32(logits, p):
    if not 0 < p <= 1:
        raise ValueError("p must be in (0, 1]")
    z = logits.astype(np.float32)
    probs = np.exp(z - z.max()) / np.exp(z - z.max()).sum()
    order = np.argsort(-probs)
    late = np.cumsum(probs[order]) - probs[order] >= p
    if p < 1:
        z[order[late]] = -np.inf
    return z


@alternative(of="top_p_filter")
def top_p_by_growing_k(logits, p):
    if not 0 < p <= 1:
        raise ValueError("p must be in (0, 1]")
    probs = np.exp(logits - np.logaddexp.reduce(logits))
    order = np.argsort(-probs)
    kept = next((k for k in range(1, len(probs)) if p < 1 and probs[order[:k]].sum() >= p), len(probs))
    return np.where(np.isin(np.arange(len(probs)), order[:kept]), logits, -np.inf)


@alternative(of="top_p_filter")
def top_p_with_one_more_where_p_is_hit(logits, p):
    if not 0 < p <= 1:
        raise ValueError("p must be in (0, 1]")
    order = np.argsort(-logits)
    totals = np.cumsum(np.exp(logits[order] - np.max(logits)))
    kept = order[: np.sum(totals / totals[-1] <= p) + 1]
    return np.where(np.isin(np.arange(len(logits)), kept), logits, -np.inf)


# https://github.com/meta-llama/llama3/blob/main/llama/generation.py (`sample_top_p`)
@alternative(of="top_p_filter")
def top_p_as_in_llama_3(logits, p):
    if not 0 < p <= 1:
        raise ValueError("p must be in (0, 1]")
    probs = np.exp(logits - np.max(logits))
    probs /= probs.sum()
    probs_idx = np.argsort(-probs)
    probs_sort = probs[probs_idx]
    probs_sum = np.cumsum(probs_sort)
    mask = probs_sum - probs_sort > p
    filtered = np.array(logits, dtype=float)
    filtered[probs_idx[mask]] = -np.inf
    return filtered


# https://github.com/karpathy/llama2.c/blob/master/run.c (`sample_topp`)
@alternative(of="top_p_filter")
def top_p_as_in_llama2_c(logits, p):
    if not 0 < p <= 1:
        raise ValueError("p must be in (0, 1]")
    if p == 1 or len(logits) == 1:
        return logits.copy()
    probs = np.exp(logits - np.max(logits))
    probs = probs / probs.sum()
    cutoff = (1.0 - p) / (len(probs) - 1)
    candidates = sorted((i for i in range(len(probs)) if probs[i] >= cutoff), key=lambda i: -probs[i])
    filtered, total = np.full(len(logits), -np.inf), 0.0
    for i in candidates:
        filtered[i] = logits[i]
        total += probs[i]
        if total > p:
            break
    return filtered


# https://github.com/huggingface/transformers/blob/v4.20.0/src/transformers/generation_logits_process.py
@alternative(of="top_p_filter")
def top_p_as_in_transformers_4_20(logits, p):
    if not 0 < p <= 1:
        raise ValueError("p must be in (0, 1]")
    if p == 1:
        return logits.copy()
    sorted_indices = np.argsort(-logits, kind="stable")
    weights = np.exp(logits[sorted_indices] - np.max(logits))
    sorted_indices_to_remove = np.cumsum(weights / weights.sum()) > p
    sorted_indices_to_remove[1:] = sorted_indices_to_remove[:-1].copy()
    sorted_indices_to_remove[0] = False
    filtered = np.copy(logits)
    filtered[sorted_indices[sorted_indices_to_remove]] = -np.inf
    return filtered


# --- sample_next_token ---


@alternative(of="sample_next_token")
def next_token_step_by_step(logits, rng, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0:
        raise ValueError("temperature must be 0 or above")
    if temperature == 0:
        return int(np.argmax(logits))
    scores = logits / temperature
    if top_k is not None:
        scores = np.where(scores >= np.sort(scores)[-min(top_k, len(scores))], scores, -np.inf)
    probs = np.exp(scores - scores.max())
    probs /= probs.sum()
    if top_p is not None:
        order = np.argsort(-probs)
        probs[order[np.cumsum(probs[order]) - probs[order] >= top_p]] = 0.0
        probs /= probs.sum()
    return rng.choice(len(probs), p=probs)


@alternative(of="sample_next_token")
def next_token_with_gumbel_noise(logits, rng, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0:
        raise ValueError("temperature must be 0 or above")
    if temperature == 0:
        return np.argmax(logits)
    order = np.argsort(-logits)[: top_k or len(logits)]
    scores = logits[order] / temperature
    if top_p is not None:
        totals = np.cumsum(np.exp(scores - np.logaddexp.reduce(scores)))
        order = order[: np.searchsorted(totals, top_p) + 1]
    return order[np.argmax(logits[order] / temperature + rng.gumbel(size=len(order)))]


@alternative(of="sample_next_token")
def next_token_by_rejection(logits, rng, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0:
        raise ValueError("temperature must be 0 or above")
    if temperature == 0:
        return int(np.argmax(logits))
    probs = np.exp((logits - logits.max()) / temperature)
    probs /= probs.sum()
    order = np.argsort(-probs)
    kept = order[:top_k]
    if top_p is not None:
        totals = np.cumsum(probs[kept]) / probs[kept].sum()
        kept = kept[np.append(True, totals[:-1] < top_p)]
    while True:
        drawn = int(np.searchsorted(np.cumsum(probs), rng.random() * probs.sum(), side="right"))
        if drawn in kept:
            return drawn


@alternative(of="sample_next_token")
def next_token_in_plain_python(logits, rng, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0:
        raise ValueError("temperature must be 0 or above")
    scores = logits.tolist()
    places = sorted(range(len(scores)), key=scores.__getitem__, reverse=True)
    if temperature == 0:
        return places[0]
    weights = [math.exp((scores[place] - scores[places[0]]) / temperature) for place in places][:top_k]
    if top_p is not None:
        whole, kept = sum(weights), 1
        while kept < len(weights) and sum(weights[:kept]) < top_p * whole:
            kept += 1
        weights = weights[:kept]
    left = rng.random() * sum(weights)
    for place, weight in zip(places, weights, strict=False):
        left -= weight
        if left < 0:
            return place
    return places[0]


@alternative(of="sample_next_token")
def next_token_in_float32(logits, rng, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0:
        raise ValueError("temperature must be 0 or above")
    if temperature == 0:
        return int(logits.argmax())
    z = (logits / temperature).astype(np.float32)
    if top_k is not None and top_k < len(z):
        z[np.argsort(z)[:-top_k]] = -np.inf
    probs = np.exp(z - z.max())
    probs = probs / probs.sum()
    if top_p is not None:
        order = np.argsort(-probs)
        probs[order[1:][np.cumsum(probs[order])[:-1] >= top_p]] = 0.0
    return int(np.argmin(rng.exponential(size=len(probs)) / np.maximum(probs, np.float32(1e-30))))


@alternative(of="sample_next_token")
def next_token_from_its_own_functions(logits, rng, temperature=1.0, top_k=None, top_p=None):
    def softmax(scores):
        exponentials = np.exp(scores - np.max(scores))
        return exponentials / np.sum(exponentials)

    def without(scores, late):
        order = np.argsort(-scores, kind="stable")
        filtered = scores.copy()
        filtered[order[late(softmax(scores)[order])]] = -np.inf
        return filtered

    if temperature < 0:
        raise ValueError("temperature must be 0 or above")
    if temperature == 0:
        return int(np.flatnonzero(logits == np.max(logits))[-1])
    scores = logits / temperature
    if top_k is not None:
        scores = without(scores, lambda probs: np.arange(len(probs)) >= top_k)
    if top_p is not None:
        scores = without(scores, lambda probs: np.append(False, np.cumsum(probs)[:-1] >= top_p))
    return int(rng.multinomial(1, softmax(scores)).argmax())


@alternative(of="sample_next_token")
def next_token_with_the_given_softmax(logits, rng, temperature=1.0, top_k=None, top_p=None):
    from autograder.given import softmax

    if temperature < 0:
        raise ValueError
    if temperature == 0:
        return np.argmax(logits)
    scores = logits / temperature
    if top_k is not None and top_k < len(scores):
        scores = np.where(scores >= np.sort(scores)[-top_k], scores, -np.inf)
    if top_p is not None and top_p < 1:
        order = np.argsort(-scores, kind="stable")
        late = np.cumsum(softmax(scores)[order]) >= top_p
        scores[order[1:][late[:-1]]] = -np.inf
    return rng.choice(len(scores), p=softmax(scores))


# https://github.com/karpathy/llama2.c/blob/master/run.c (`sample_topp`)
@alternative(of="sample_next_token")
def next_token_as_in_llama2_c(logits, rng, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0:
        raise ValueError("temperature must be 0 or above")
    if temperature == 0:
        return int(np.argmax(logits))
    scores = logits / temperature
    if top_k is not None:
        scores = np.where(scores < np.sort(scores)[-min(top_k, len(scores))], -np.inf, scores)
    probs = np.exp(scores - scores.max())
    probs /= probs.sum()
    kept, total = [], 0.0
    for place in sorted(range(len(probs)), key=lambda place: -probs[place]):
        kept.append(place)
        total += probs[place]
        if top_p is not None and total > top_p:
            break
    r, cdf = rng.random() * total, 0.0
    for place in kept:
        cdf += probs[place]
        if r < cdf:
            return place
    return kept[0]


@alternative(of="sample_next_token")
def next_token_in_float32_without_renormalizing(logits, rng, temperature=1.0, top_k=None, top_p=None):
    if temperature < 0:
        raise ValueError("temperature must be 0 or above")
    if temperature == 0:
        return int(np.argmax(logits))
    z = (logits / temperature).astype(np.float32)
    if top_k is not None:
        z = np.where(z < np.sort(z)[-min(top_k, len(z))], np.float32(-np.inf), z)
    if top_p is not None and top_p < 1:
        order = np.argsort(-z)
        probs = np.exp(z[order] - z.max())
        probs = probs / probs.sum()
        z[order[np.cumsum(probs) - probs > top_p]] = -np.inf
    probs = np.exp(z - z.max())
    probs = probs / probs.sum()
    return int(rng.choice(len(probs), p=probs))
