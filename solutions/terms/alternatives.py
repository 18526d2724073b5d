"""Correct answers to the items of the `terms` lab, written in different ways: rounded, with capital letters, as a list,
with spaces, or with counts from actual random draws."""

import numpy as np

from autograder.testing import alternative
from solutions.terms import reference


def answer(question):
    return getattr(reference, question["item"])(question)


def rounded(question, decimals):
    """Return the answer rounded as you'd round it by hand, with the letters in capitals and separated by commas."""
    number, *others, letters = answer(question)
    return np.round(number, decimals).tolist(), *others, ", ".join(letters.upper())


def listed(question):
    """Return the answer as a list, with each true statement's letter as its own entry, in reverse order."""
    *others, letters = answer(question)
    return [*others, list(letters[::-1])]


def spaced(question):
    """Return the answer with spaces between the true statements' letters, which are in reverse order."""
    *others, letters = answer(question)
    return *others, " ".join(letters[::-1])


@alternative(of="network_item")
def network_rounded(question):
    return rounded(question, 0)


@alternative(of="network_item")
def network_as_a_list(question):
    return listed(question)


@alternative(of="network_item")
def network_with_spaces(question):
    return spaced(question)


@alternative(of="weight_item")
def weight_rounded(question):
    return rounded(question, 2)


@alternative(of="weight_item")
def weight_as_a_list(question):
    return listed(question)


@alternative(of="weight_item")
def weight_with_spaces(question):
    return spaced(question)


@alternative(of="loss_item")
def loss_rounded(question):
    return rounded(question, 3)


@alternative(of="loss_item")
def loss_as_a_list(question):
    return listed(question)


@alternative(of="loss_item")
def loss_with_spaces(question):
    return spaced(question)


@alternative(of="backprop_item")
def backprop_rounded(question):
    return rounded(question, 0)


@alternative(of="backprop_item")
def backprop_as_a_list(question):
    return listed(question)


@alternative(of="backprop_item")
def backprop_with_spaces(question):
    return spaced(question)


@alternative(of="descent_item")
def descent_rounded(question):
    return rounded(question, 3)


@alternative(of="descent_item")
def descent_as_a_list(question):
    return listed(question)


@alternative(of="descent_item")
def descent_with_spaces(question):
    return spaced(question)


@alternative(of="autoregressive_item")
def autoregressive_rounded(question):
    return rounded(question, 0)


@alternative(of="autoregressive_item")
def autoregressive_as_a_list(question):
    return listed(question)


@alternative(of="autoregressive_item")
def autoregressive_with_spaces(question):
    return spaced(question)


@alternative(of="softmax_item")
def softmax_rounded(question):
    return rounded(question, 3)


@alternative(of="softmax_item")
def softmax_as_a_list(question):
    return listed(question)


@alternative(of="softmax_item")
def softmax_with_spaces(question):
    return spaced(question)


@alternative(of="temperature_item")
def temperature_rounded(question):
    return rounded(question, 3)


@alternative(of="temperature_item")
def temperature_as_a_list(question):
    return listed(question)


@alternative(of="temperature_item")
def temperature_with_spaces(question):
    return spaced(question)


@alternative(of="meaning_item")
def meaning_rounded(question):
    return rounded(question, 3)


@alternative(of="meaning_item")
def meaning_as_a_list(question):
    return listed(question)


@alternative(of="meaning_item")
def meaning_with_spaces(question):
    return spaced(question)


@alternative(of="smarter_item")
def smarter_rounded(question):
    return rounded(question, 0)


@alternative(of="smarter_item")
def smarter_as_a_list(question):
    return listed(question)


@alternative(of="smarter_item")
def smarter_with_spaces(question):
    return spaced(question)


@alternative(of="programming_item")
def programming_rounded(question):
    return rounded(question, 1)


@alternative(of="programming_item")
def programming_as_a_list(question):
    return listed(question)


@alternative(of="programming_item")
def programming_with_spaces(question):
    return spaced(question)


@alternative(of="retrain_item")
def retrain_rounded(question):
    return rounded(question, 0)


@alternative(of="retrain_item")
def retrain_as_a_list(question):
    return listed(question)


@alternative(of="retrain_item")
def retrain_with_spaces(question):
    return spaced(question)


@alternative(of="best_word_item")
def best_word_rounded(question):
    return rounded(question, 0)


@alternative(of="best_word_item")
def best_word_as_a_list(question):
    return listed(question)


@alternative(of="best_word_item")
def best_word_with_spaces(question):
    return spaced(question)


@alternative(of="exam_item")
def exam_rounded(question):
    return rounded(question, 0)


@alternative(of="exam_item")
def exam_as_a_list(question):
    return listed(question)


@alternative(of="exam_item")
def exam_with_spaces(question):
    return spaced(question)


@alternative(of="layers_item")
def layers_rounded(question):
    return rounded(question, 0)


@alternative(of="layers_item")
def layers_as_a_list(question):
    return listed(question)


@alternative(of="layers_item")
def layers_with_spaces(question):
    return spaced(question)


@alternative(of="architecture_item")
def architecture_rounded(question):
    return rounded(question, 3)


@alternative(of="architecture_item")
def architecture_as_a_list(question):
    return listed(question)


@alternative(of="architecture_item")
def architecture_with_spaces(question):
    return spaced(question)


@alternative(of="rlhf_item")
def rlhf_rounded(question):
    return rounded(question, 3)


@alternative(of="rlhf_item")
def rlhf_as_a_list(question):
    return listed(question)


@alternative(of="rlhf_item")
def rlhf_with_spaces(question):
    return spaced(question)


@alternative(of="smarter_item")
def smarter_as_drawn(question):
    rng = np.random.default_rng(len(question["right"]))
    counts = [int(rng.binomial(len(question["right"]), chance)) for chance in reference.chances(question)]
    return counts, answer(question)[-1]


@alternative(of="best_word_item")
def best_word_as_drawn(question):
    rng = np.random.default_rng(question["draws"])
    return int(rng.binomial(question["draws"], reference.other_words(question))), answer(question)[-1]


@alternative(of="log_stream")
def log_in_a_while_loop(increments, clock):
    begun, log = clock(), []
    while True:
        try:
            text = next(increments)
        except StopIteration:
            return log
        log.append([clock() - begun, text])


@alternative(of="log_stream")
def log_in_a_comprehension(increments, clock):
    begun = clock()
    return tuple((clock() - begun, text) for text in increments)


@alternative(of="log_stream")
def log_of_two_lists(increments, clock):
    times, texts = [], []
    begun = clock()
    for text in increments:
        times.append(clock())
        texts.append(text)
    return list(zip([float(np.float64(each - begun)) for each in times], texts, strict=True))


@alternative(of="log_stream")
def log_with_a_second_look_at_the_clock(increments, clock):
    begun, log = clock(), []
    for text in increments:
        now = clock()
        log.append((now - begun, text))
        clock()
    return log


@alternative(of="observation")
def observation_of_a_count():
    words = [f"{number} " for number in range(1, 21)]
    return {
        "model": "claude-haiku-4-5-20251001",
        "when": "2026-03-01",
        "log": [[0.4 + 0.03 * number, word] for number, word in enumerate(words)],
        "text": "".join(words),
        "saw": "Nothing for almost half a second, and then one number after the other, evenly.",
    }


@alternative(of="observation")
def observation_of_arrays_of_times():
    words = ["a", "b", "", "c", "d", "e", "f", "g", "h", "i", "j"]
    times = np.linspace(0.2, 1.2, len(words))
    log = [(float(at), word) for at, word in zip(times, words, strict=True)]
    saw = "Each letter was on the page before the next one had come."
    return {"model": "tiny", "when": "2026-03-01", "log": log, "text": "abcdefghij", "saw": saw, "note": "run twice"}


@alternative(of="observation")
def observation_with_several_at_once():
    log = [(0.5, "Yes"), (0.5, ","), (0.5, " it"), (0.8, " is"), (0.8, " so")]
    log += [(1.0, " that"), (1.0, " all"), (1.3, " of"), (1.3, " it"), (1.6, " streams"), (1.9, ".")]
    return {
        "page": "a chat page that a program reads",
        "when": "2026-03-01",
        "log": log,
        "text": "Yes, it is so that all of it streams.",
        "saw": "They came in small groups, the first group half a second after the question.",
    }
