"""Right answers to the items of lab `terms`, written other ways: by hand, rounded, in capitals, by another formula."""

import itertools

import numpy as np

from autograder.testing import alternative


@alternative(of="network_item")
def network_in_loops(question):
    total = question["b2"]
    for weights, bias, weight in zip(question["W1"], question["b1"], question["w2"], strict=True):
        before = bias + sum(w * x for w, x in zip(weights, question["x"], strict=True))
        if before > 0:
            total += weight * before
    letter = next(letter for letter, text in question["options"].items() if "eighted sums" in text)
    return total, letter


@alternative(of="network_item")
def network_rounded_and_in_capitals(question):
    total = question["b2"]
    for weights, bias, weight in zip(question["W1"], question["b1"], question["w2"], strict=True):
        before = bias + sum(w * x for w, x in zip(weights, question["x"], strict=True))
        if before > 0:
            total += weight * before
    number = total
    letter = next(letter for letter, text in question["options"].items() if "eighted sums" in text)
    return int(number), f" {letter.upper()} "


@alternative(of="network_item")
def network_as_a_list(question):
    total = question["b2"]
    for weights, bias, weight in zip(question["W1"], question["b1"], question["w2"], strict=True):
        before = bias + sum(w * x for w, x in zip(weights, question["x"], strict=True))
        if before > 0:
            total += weight * before
    letters = [letter for letter, text in question["options"].items() if "eighted sums" in text]
    return [np.asarray(total), letters[0]]


@alternative(of="weight_item")
def weight_by_differences(question):
    def loss(weight):
        return (weight * question["size"] - question["price"]) ** 2

    weight, h = question["weight"], 1e-4
    slope = (loss(weight + h) - loss(weight - h)) / (2 * h)
    letter = next(
        letter
        for letter, text in question["options"].items()
        if "training moved" in text or "training has moved" in text
    )
    return weight - question["learning_rate"] * slope, letter


@alternative(of="weight_item")
def weight_rounded_and_in_capitals(question):
    def loss(weight):
        return (weight * question["size"] - question["price"]) ** 2

    weight, h = question["weight"], 1e-4
    slope = (loss(weight + h) - loss(weight - h)) / (2 * h)
    number = weight - question["learning_rate"] * slope
    letter = next(
        letter
        for letter, text in question["options"].items()
        if "training moved" in text or "training has moved" in text
    )
    return round(float(number), 2), f" {letter.upper()} "


@alternative(of="weight_item")
def weight_as_a_list(question):
    def loss(weight):
        return (weight * question["size"] - question["price"]) ** 2

    weight, h = question["weight"], 1e-4
    slope = (loss(weight + h) - loss(weight - h)) / (2 * h)
    letters = [
        letter
        for letter, text in question["options"].items()
        if "training moved" in text or "training has moved" in text
    ]
    return [np.asarray(weight - question["learning_rate"] * slope), letters[0]]


@alternative(of="loss_item")
def loss_of_the_inverse(question):
    letter = next(
        letter
        for letter, text in question["options"].items()
        if "higher probability" in text or "there it is higher" in text
    )
    return float(np.log(1 / question["probs"][question["target"]])), letter


@alternative(of="loss_item")
def loss_rounded_and_in_capitals(question):
    number = float(np.log(1 / question["probs"][question["target"]]))
    letter = next(
        letter
        for letter, text in question["options"].items()
        if "higher probability" in text or "there it is higher" in text
    )
    return round(float(number), 3), f" {letter.upper()} "


@alternative(of="loss_item")
def loss_as_a_list(question):
    letters = [
        letter
        for letter, text in question["options"].items()
        if "higher probability" in text or "there it is higher" in text
    ]
    return [np.asarray(float(np.log(1 / question["probs"][question["target"]]))), letters[0]]


@alternative(of="descent_item")
def descent_in_closed_form(question):
    shrinks = (1 - 2 * question["a"] * question["learning_rate"]) ** 2
    letter = next(letter for letter, text in question["options"].items() if "further away" in text)
    return question["lowest"] + shrinks * (question["start"] - question["lowest"]), letter


@alternative(of="descent_item")
def descent_rounded_and_in_capitals(question):
    shrinks = (1 - 2 * question["a"] * question["learning_rate"]) ** 2
    number = question["lowest"] + shrinks * (question["start"] - question["lowest"])
    letter = next(letter for letter, text in question["options"].items() if "further away" in text)
    return round(float(number), 3), f" {letter.upper()} "


@alternative(of="descent_item")
def descent_as_a_list(question):
    shrinks = (1 - 2 * question["a"] * question["learning_rate"]) ** 2
    letters = [letter for letter, text in question["options"].items() if "further away" in text]
    return [np.asarray(question["lowest"] + shrinks * (question["start"] - question["lowest"])), letters[0]]


@alternative(of="autoregressive_item")
def autoregressive_step_by_step(question):
    context, seen = question["prompt_length"], []
    for _ in [*question["tokens"], "stop"][: question["max_new_tokens"]]:
        seen.append(context)
        context += 1
    letter = next(letter for letter, text in question["options"].items() if "joins the context" in text)
    return (len(seen), seen[question["step"] - 1]), letter


@alternative(of="autoregressive_item")
def autoregressive_rounded_and_in_capitals(question):
    context, seen = question["prompt_length"], []
    for _ in [*question["tokens"], "stop"][: question["max_new_tokens"]]:
        seen.append(context)
        context += 1
    number = (len(seen), seen[question["step"] - 1])
    letter = next(letter for letter, text in question["options"].items() if "joins the context" in text)
    return [float(each) for each in number], f" {letter.upper()} "


@alternative(of="autoregressive_item")
def autoregressive_as_a_list(question):
    context, seen = question["prompt_length"], []
    for _ in [*question["tokens"], "stop"][: question["max_new_tokens"]]:
        seen.append(context)
        context += 1
    letters = [letter for letter, text in question["options"].items() if "joins the context" in text]
    return [np.asarray((len(seen), seen[question["step"] - 1])), letters[0]]


@alternative(of="softmax_item")
def softmax_with_the_shift(question):
    logits = np.array(list(question["logits"].values()))
    probs = np.exp(logits - logits.max())
    place = list(question["logits"]).index(question["word"])
    letter = next(letter for letter, text in question["options"].items() if "differences" in text)
    return (probs / probs.sum())[place], letter


@alternative(of="softmax_item")
def softmax_rounded_and_in_capitals(question):
    logits = np.array(list(question["logits"].values()))
    probs = np.exp(logits - logits.max())
    place = list(question["logits"]).index(question["word"])
    number = (probs / probs.sum())[place]
    letter = next(letter for letter, text in question["options"].items() if "differences" in text)
    return round(float(number), 3), f" {letter.upper()} "


@alternative(of="softmax_item")
def softmax_as_a_list(question):
    logits = np.array(list(question["logits"].values()))
    probs = np.exp(logits - logits.max())
    place = list(question["logits"]).index(question["word"])
    letters = [letter for letter, text in question["options"].items() if "differences" in text]
    return [np.asarray((probs / probs.sum())[place]), letters[0]]


@alternative(of="temperature_item")
def temperature_by_powers(question):
    p = np.array(list(question["probs"].values()))
    powers = p[:, None] ** (1 / np.array(question["temperatures"]))
    letter = next(letter for letter, text in question["options"].items() if "flatter" in text)
    return (powers / powers.sum(axis=0)).max(axis=0), letter


@alternative(of="temperature_item")
def temperature_rounded_and_in_capitals(question):
    p = np.array(list(question["probs"].values()))
    powers = p[:, None] ** (1 / np.array(question["temperatures"]))
    number = (powers / powers.sum(axis=0)).max(axis=0)
    letter = next(letter for letter, text in question["options"].items() if "flatter" in text)
    return [round(float(each), 3) for each in number], f" {letter.upper()} "


@alternative(of="temperature_item")
def temperature_as_a_list(question):
    p = np.array(list(question["probs"].values()))
    powers = p[:, None] ** (1 / np.array(question["temperatures"]))
    letters = [letter for letter, text in question["options"].items() if "flatter" in text]
    return [np.asarray((powers / powers.sum(axis=0)).max(axis=0)), letters[0]]


@alternative(of="meaning_item")
def meaning_by_a_table(question):
    def loss(text, sentence):
        words, asked = text.split(), sentence.split()
        known = sorted(set(words))
        table = np.ones((len(known), len(known)))
        for a, b in itertools.pairwise(words):
            table[known.index(a), known.index(b)] += 1
        table /= table.sum(axis=1, keepdims=True)
        return -np.mean([np.log(table[known.index(a), known.index(b)]) for a, b in itertools.pairwise(asked)])

    texts = (question["original"], question["shuffled"])
    letter = next(letter for letter, text in question["options"].items() if "which word follows which" in text)
    return np.array([loss(each, question["nonsense"]) - loss(each, question["real"]) for each in texts]), letter


@alternative(of="meaning_item")
def meaning_rounded_and_in_capitals(question):
    def loss(text, sentence):
        words, asked = text.split(), sentence.split()
        known = sorted(set(words))
        table = np.ones((len(known), len(known)))
        for a, b in itertools.pairwise(words):
            table[known.index(a), known.index(b)] += 1
        table /= table.sum(axis=1, keepdims=True)
        return -np.mean([np.log(table[known.index(a), known.index(b)]) for a, b in itertools.pairwise(asked)])

    texts = (question["original"], question["shuffled"])
    number = np.array([loss(each, question["nonsense"]) - loss(each, question["real"]) for each in texts])
    letter = next(letter for letter, text in question["options"].items() if "which word follows which" in text)
    return [round(float(each), 3) for each in number], f" {letter.upper()} "


@alternative(of="meaning_item")
def meaning_as_a_list(question):
    def loss(text, sentence):
        words, asked = text.split(), sentence.split()
        known = sorted(set(words))
        table = np.ones((len(known), len(known)))
        for a, b in itertools.pairwise(words):
            table[known.index(a), known.index(b)] += 1
        table /= table.sum(axis=1, keepdims=True)
        return -np.mean([np.log(table[known.index(a), known.index(b)]) for a, b in itertools.pairwise(asked)])

    texts = (question["original"], question["shuffled"])
    letters = [letter for letter, text in question["options"].items() if "which word follows which" in text]
    return [
        np.asarray(np.array([loss(each, question["nonsense"]) - loss(each, question["real"]) for each in texts])),
        letters[0],
    ]


@alternative(of="smarter_item")
def smarter_by_gumbel_noise(question):
    logits = np.array(question["logits"])[None] / np.array(question["temperatures"])[:, None, None]
    answers = (logits + np.random.default_rng(2).gumbel(size=logits.shape)).argmax(axis=-1)
    letter = next(letter for letter, text in question["options"].items() if "no knowledge" in text)
    return (answers == question["right"]).sum(axis=1), letter


@alternative(of="smarter_item")
def smarter_rounded_and_in_capitals(question):
    logits = np.array(question["logits"])[None] / np.array(question["temperatures"])[:, None, None]
    answers = (logits + np.random.default_rng(2).gumbel(size=logits.shape)).argmax(axis=-1)
    number = (answers == question["right"]).sum(axis=1)
    letter = next(letter for letter, text in question["options"].items() if "no knowledge" in text)
    return [int(each) for each in number], f" {letter.upper()} "


@alternative(of="smarter_item")
def smarter_as_a_list(question):
    logits = np.array(question["logits"])[None] / np.array(question["temperatures"])[:, None, None]
    answers = (logits + np.random.default_rng(2).gumbel(size=logits.shape)).argmax(axis=-1)
    letters = [letter for letter, text in question["options"].items() if "no knowledge" in text]
    return [np.asarray((answers == question["right"]).sum(axis=1)), letters[0]]


@alternative(of="programming_item")
def programming_in_closed_form_of_squares(question):
    sizes = np.array(question["sizes"])
    towns = np.array([question["prices_first"], question["prices_second"]])
    letter = next(letter for letter, text in question["options"].items() if "The examples" in text)
    return towns @ sizes / (sizes @ sizes), letter


@alternative(of="programming_item")
def programming_rounded_and_in_capitals(question):
    sizes = np.array(question["sizes"])
    towns = np.array([question["prices_first"], question["prices_second"]])
    number = towns @ sizes / (sizes @ sizes)
    letter = next(letter for letter, text in question["options"].items() if "The examples" in text)
    return [round(float(each), 1) for each in number], f" {letter.upper()} "


@alternative(of="programming_item")
def programming_as_a_list(question):
    sizes = np.array(question["sizes"])
    towns = np.array([question["prices_first"], question["prices_second"]])
    letters = [letter for letter, text in question["options"].items() if "The examples" in text]
    return [np.asarray(towns @ sizes / (sizes @ sizes)), letters[0]]


@alternative(of="retrain_item")
def retrain_in_millions_of_tokens(question):
    q = question
    mtok = (
        np.array(
            [
                q["pretraining_tokens"],
                q["examples"] * q["tokens_per_example"] * q["epochs"],
                q["days"] * q["requests_per_day"] * q["prompt_tokens"],
            ]
        )
        / 1e6
    )
    usd = mtok * [q["usd_per_mtok_training"], q["usd_per_mtok_training"], q["usd_per_mtok_prompt"]]
    fits = {"return policy": "into the prompt", "style": "ine-tune", "language": "re-train"}
    fitting = next(answer for need, answer in fits.items() if need in question["text"])
    letter = next(letter for letter, text in question["options"].items() if fitting in text)
    return usd, letter


@alternative(of="retrain_item")
def retrain_rounded_and_in_capitals(question):
    q = question
    mtok = (
        np.array(
            [
                q["pretraining_tokens"],
                q["examples"] * q["tokens_per_example"] * q["epochs"],
                q["days"] * q["requests_per_day"] * q["prompt_tokens"],
            ]
        )
        / 1e6
    )
    usd = mtok * [q["usd_per_mtok_training"], q["usd_per_mtok_training"], q["usd_per_mtok_prompt"]]
    fits = {"return policy": "into the prompt", "style": "ine-tune", "language": "re-train"}
    fitting = next(answer for need, answer in fits.items() if need in question["text"])
    number = usd
    letter = next(letter for letter, text in question["options"].items() if fitting in text)
    return [round(float(each)) for each in number], f" {letter.upper()} "


@alternative(of="retrain_item")
def retrain_as_a_list(question):
    q = question
    mtok = (
        np.array(
            [
                q["pretraining_tokens"],
                q["examples"] * q["tokens_per_example"] * q["epochs"],
                q["days"] * q["requests_per_day"] * q["prompt_tokens"],
            ]
        )
        / 1e6
    )
    usd = mtok * [q["usd_per_mtok_training"], q["usd_per_mtok_training"], q["usd_per_mtok_prompt"]]
    fits = {"return policy": "into the prompt", "style": "ine-tune", "language": "re-train"}
    fitting = next(answer for need, answer in fits.items() if need in question["text"])
    letters = [letter for letter, text in question["options"].items() if fitting in text]
    return [np.asarray(usd), letters[0]]


@alternative(of="best_word_item")
def best_word_by_inverse_sums(question):
    probs = np.array(list(question["probs"].values()))
    ids = np.searchsorted(np.cumsum(probs), np.random.default_rng(3).random(question["draws"]), side="right")
    letter = next(letter for letter, text in question["options"].items() if "more often than right" in text)
    return (ids != probs.argmax()).sum(), letter


@alternative(of="best_word_item")
def best_word_rounded_and_in_capitals(question):
    probs = np.array(list(question["probs"].values()))
    ids = np.searchsorted(np.cumsum(probs), np.random.default_rng(3).random(question["draws"]), side="right")
    number = (ids != probs.argmax()).sum()
    letter = next(letter for letter, text in question["options"].items() if "more often than right" in text)
    return float(number), f" {letter.upper()} "


@alternative(of="best_word_item")
def best_word_as_a_list(question):
    probs = np.array(list(question["probs"].values()))
    ids = np.searchsorted(np.cumsum(probs), np.random.default_rng(3).random(question["draws"]), side="right")
    letters = [letter for letter, text in question["options"].items() if "more often than right" in text]
    return [np.asarray((ids != probs.argmax()).sum()), letters[0]]


@alternative(of="backprop_item")
def backprop_by_the_chain_rule(question):
    h = max(question["w"] * question["x"], 0)
    by_y = 2 * (question["v"] * h - question["target"])
    by_h = by_y * question["v"]
    by_w = by_h * question["x"]
    told = (("predict",), ("wrong",), ("gradients",), ("small step", "a little"), ("next batch",))
    order = [k for step in told for k, text in question["steps"].items() if any(each in text for each in step)]
    letter = next(letter for letter, text in question["options"].items() if "how the loss changes" in text)
    return by_w, order, letter


@alternative(of="backprop_item")
def backprop_by_differences_in_capitals(question):
    def loss(w):
        return (question["v"] * max(w * question["x"], 0) - question["target"]) ** 2

    slope = (loss(question["w"] + 1e-4) - loss(question["w"] - 1e-4)) / 2e-4
    told = (("predict",), ("wrong",), ("gradients",), ("small step", "a little"), ("next batch",))
    order = [k for step in told for k, text in question["steps"].items() if any(each in text for each in step)]
    letter = next(letter for letter, text in question["options"].items() if "how the loss changes" in text)
    return round(slope), ", ".join(order).upper(), letter.upper()


@alternative(of="backprop_item")
def backprop_as_a_list(question):
    h = question["w"] * question["x"]
    told = (("predict",), ("wrong",), ("gradients",), ("small step", "a little"), ("next batch",))
    order = [k for step in told for k, text in question["steps"].items() if any(each in text for each in step)]
    letter = next(letter for letter, text in question["options"].items() if "how the loss changes" in text)
    gradient = np.float32(2 * (question["v"] * h - question["target"]) * question["v"] * question["x"])
    return [gradient, " ".join(order), letter]


@alternative(of="exam_item")
def exam_step_by_step(question):
    changes = 0
    for _ in range(question["epochs"]):
        for _ in range(question["batches"]):
            changes += 1
    exam = ("recipe", "end of the context", "corrects", "pastes", "0.7")
    return changes, [letter for letter, text in question["options"].items() if not any(each in text for each in exam)]


@alternative(of="exam_item")
def exam_from_last_to_first_in_capitals(question):
    exam = ("recipe", "end of the context", "corrects", "pastes", "0.7")
    letters = [letter for letter, text in question["options"].items() if not any(each in text for each in exam)]
    return float(question["batches"] * question["epochs"]), ", ".join(letters[::-1]).upper()


@alternative(of="exam_item")
def exam_as_a_set_joined(question):
    signs = ("recipe", "context", "0.7", "chat")
    exam = {letter for letter, text in question["options"].items() if any(each in text for each in signs)}
    return np.int64(question["batches"] * question["epochs"]), " ".join(set(question["options"]) - exam)


@alternative(of="layers_item")
def layers_neuron_by_neuron(question):
    count, before = 0, None
    for size in question["sizes"]:
        count += 0 if before is None else sum(before + 1 for _ in range(size))
        before = size
    early = ("York", "thank", "full stop", "side by side")
    middle = ("keys", "adjective", "condition", "verb")
    depths = [
        "e" if any(each in text for each in early) else "m" if any(each in text for each in middle) else "d"
        for text in question["options"].values()
    ]
    return count, depths


@alternative(of="layers_item")
def layers_in_capitals_with_commas(question):
    sizes = np.array(question["sizes"])
    deep = ("suspect", "contradiction", "Egypt", "1950")
    middle = ("keys", "adjective", "condition", "verb")
    depths = [
        "D" if any(each in text for each in deep) else "M" if any(each in text for each in middle) else "E"
        for text in question["options"].values()
    ]
    return sizes[:-1] @ sizes[1:] + sizes[1:].sum(), ", ".join(depths)


@alternative(of="layers_item")
def layers_as_a_list(question):
    a, b, c, d = question["sizes"]
    deep = ("suspect", "contradiction", "Egypt", "1950")
    middle = ("keys", "adjective", "condition", "verb")
    depths = ""
    for text in question["options"].values():
        depths += "d" if any(each in text for each in deep) else "m" if any(each in text for each in middle) else "e"
    return [float((a + 1) * b + (b + 1) * c + (c + 1) * d), depths]


# --- watching a stream


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
