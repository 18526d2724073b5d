"""Attempts to solve the `sampler` lab's stubs by calling the grader's own functions, which later labs give to
students."""

from autograder.testing import shortcut


@shortcut(of="greedy")
def asks_for_the_references_choice(logits):
    from autograder.given import greedy

    return greedy(logits)


@shortcut(of="top_k_filter")
def asks_for_the_references_top_k(logits, k):
    from autograder.given import top_k_filter

    return top_k_filter(logits, k)


@shortcut(of="top_p_filter")
def asks_for_the_references_top_p(logits, p):
    from autograder.given import top_p_filter

    return top_p_filter(logits, p)


@shortcut(of="sample_categorical")
def asks_for_a_token_with_these_probabilities(probs, rng):
    import numpy as np

    from autograder.given import sample_next_token

    return sample_next_token(np.log(np.maximum(probs, 1e-300)), rng)


@shortcut(of="sample_next_token")
def has_a_text_of_one_token_generated(logits, rng, temperature=1.0, top_k=None, top_p=None):
    from autograder.given import generate, sample_next_token

    def sample(scores):
        return sample_next_token(scores, rng, temperature, top_k, top_p)

    return generate(lambda context: logits, [0], 1, sample)[0][0]
