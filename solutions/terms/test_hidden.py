"""Hidden checks of the `terms` lab: they check the answers to each student's own questions."""

import functools

import numpy as np

from autograder.testing import (
    CheckFailed,
    Pitfall,
    ScriptedStream,
    agree_values,
    checks,
    fails,
    plain_text,
    plausible_count,
)
from reference import quiz
from reference.terms.test_visible import asked
from solutions.terms import reference as terms


def right_number(stub, examinee):
    """Require the right number or numbers for the examinee's own question."""
    answered(stub, examinee, numbers_agree)


def right_letters(stub, examinee, part=1):
    """Require the right letters for the examinee's own question."""
    answered(stub, examinee, lambda question, got: letters_agree(question, got, part))


def answered(stub, examinee, agree):
    question = asked(stub, examinee)
    got = stub(question)
    try:
        agree(question, got)
    except CheckFailed as failed:
        raise CheckFailed(str(failed), failed.difference, another_question(stub.name, examinee, got)) from failed


def numbers_agree(question, got):
    item, number = question["item"], got[0]
    if item not in terms.DRAWN:
        want = np.ravel(np.asarray(key(question)[0], np.float64))
        agree_values(np.ravel(np.asarray(number, np.float64)), want, "the number", rtol=1e-7, atol=terms.ROUNDED[item])
        return
    chances, n = terms.DRAWN[item](question)
    counts = np.ravel(np.asarray(number, np.float64))
    if len(counts) != len(chances):
        fails("the counts", number, f"{len(chances)} of them")
    for count, p in zip(counts, chances, strict=True):
        if not plausible_count(count, n, p, among=len(counts)):
            fails("the counts", number, f"whole numbers, about {n * p:.0f} here")


def letters_agree(question, got, part):
    """Require the right letters. Their order only matters for the five steps."""
    came, wanted = plain_text(got[part]), key(question)[part]
    if isinstance(came, str) and part == len(key(question)) - 1:
        came = "".join(sorted(came))
    if came != wanted:
        fails("the letters", got[part], wanted)


def key(question):
    return key_of(question["item"], question["student"], question["round"])


@functools.lru_cache(maxsize=256)
def key_of(item, student, number):
    """Return the right answer. It's cached because every misconception is compared with it."""
    return getattr(terms, item)(quiz.question(item, student, number))


def another_question(item, examinee, got):
    """Return a pitfall if the answer is right for a different question, either from another round or for the student
    named in the notebook."""
    number = examinee.round_of(item)
    for student in dict.fromkeys((examinee.student, examinee.named or examinee.student)):
        for other in range(1, number + 3):
            question = quiz.question(item, student, other)
            if (student, other) != (examinee.student, number) and is_right(question, got):
                return other_student(examinee) if student != examinee.student else other_round(item, other, number)
    return None


def is_right(question, got):
    try:
        numbers_agree(question, got)
        for part in range(1, len(key(question))):
            letters_agree(question, got, part)
    except Exception:  # then the answer isn't correct
        return False
    return True


def other_round(item, other, number):
    return Pitfall(
        name="another round's question",
        sentence=f"This is the right answer to your question from round {other}, but the cell says that it answers "
        f"round {number}. Next time, set {item}_round to the round of the question you're answering.",
    )


def other_student(examinee):
    return Pitfall(
        name="another student's question",
        sentence="This is the right answer to another student's question, the one for the student named in the "
        f'notebook. The course knows you as {examinee.student}. Set STUDENT = "{examinee.student}" before you ask for '
        "your next questions.",
    )


@checks("network_item", kind="hidden", part=0, rounded=terms.EXACT)
def test_network_number(student, examinee):
    """The network's output is right."""
    right_number(student.network_item, examinee)


@checks("network_item", kind="hidden", part=1)
def test_network_letters(student, examinee):
    """You picked exactly the true statements about neural networks."""
    right_letters(student.network_item, examinee)


@checks("weight_item", kind="hidden", part=0, rounded=terms.TWO)
def test_weight_number(student, examinee):
    """The weight after one step is right."""
    right_number(student.weight_item, examinee)


@checks("weight_item", kind="hidden", part=1)
def test_weight_letters(student, examinee):
    """You picked exactly the true statements about weights."""
    right_letters(student.weight_item, examinee)


@checks("loss_item", kind="hidden", part=0, rounded=terms.THREE)
def test_loss_number(student, examinee):
    """The loss for the guess is right."""
    right_number(student.loss_item, examinee)


@checks("loss_item", kind="hidden", part=1)
def test_loss_letters(student, examinee):
    """You picked exactly the true statements about the loss."""
    right_letters(student.loss_item, examinee)


@checks("backprop_item", kind="hidden", part=0, rounded=terms.EXACT, weight=2.0)
def test_backprop_number(student, examinee):
    """The gradient is right."""
    right_number(student.backprop_item, examinee)


@checks("backprop_item", kind="hidden", part=1)
def test_backprop_order(student, examinee):
    """The five steps of training are in the right order."""
    right_letters(student.backprop_item, examinee)


@checks("backprop_item", kind="hidden", part=2)
def test_backprop_letters(student, examinee):
    """You picked exactly the true statements about backpropagation."""
    right_letters(student.backprop_item, examinee, part=2)


@checks("descent_item", kind="hidden", part=0, rounded=terms.THREE)
def test_descent_number(student, examinee):
    """The position after two steps is right."""
    right_number(student.descent_item, examinee)


@checks("descent_item", kind="hidden", part=1)
def test_descent_letters(student, examinee):
    """You picked exactly the true statements about gradient descent."""
    right_letters(student.descent_item, examinee)


@checks("autoregressive_item", kind="hidden", part=0, rounded=terms.EXACT)
def test_autoregressive_number(student, examinee):
    """The number of calls and the length of the context are right."""
    right_number(student.autoregressive_item, examinee)


@checks("autoregressive_item", kind="hidden", part=1)
def test_autoregressive_letters(student, examinee):
    """You picked exactly the true statements about autoregressive generation."""
    right_letters(student.autoregressive_item, examinee)


@checks("softmax_item", kind="hidden", part=0, rounded=terms.THREE)
def test_softmax_number(student, examinee):
    """The probability is right."""
    right_number(student.softmax_item, examinee)


@checks("softmax_item", kind="hidden", part=1)
def test_softmax_letters(student, examinee):
    """You picked exactly the true statements about softmax."""
    right_letters(student.softmax_item, examinee)


@checks("temperature_item", kind="hidden", part=0, rounded=terms.THREE)
def test_temperature_number(student, examinee):
    """The probability of the most likely word is right at all three temperatures."""
    right_number(student.temperature_item, examinee)


@checks("temperature_item", kind="hidden", part=1)
def test_temperature_letters(student, examinee):
    """You picked exactly the true statements about temperature."""
    right_letters(student.temperature_item, examinee)


@checks("meaning_item", kind="hidden", part=0, rounded=terms.THREE)
def test_meaning_number(student, examinee):
    """Both differences between the losses are right."""
    right_number(student.meaning_item, examinee)


@checks("meaning_item", kind="hidden", part=1)
def test_meaning_letters(student, examinee):
    """You picked exactly the true statements about what a bigram model knows."""
    right_letters(student.meaning_item, examinee)


@checks("smarter_item", kind="hidden", part=0, rounded=terms.EXACT)
def test_smarter_number(student, examinee):
    """The three counts are plausible for this many draws."""
    right_number(student.smarter_item, examinee)


@checks("smarter_item", kind="hidden", part=1)
def test_smarter_letters(student, examinee):
    """You picked exactly the true statements about temperature and right answers."""
    right_letters(student.smarter_item, examinee)


@checks("programming_item", kind="hidden", part=0, rounded=terms.ONE)
def test_programming_number(student, examinee):
    """Both weights are right."""
    right_number(student.programming_item, examinee)


@checks("programming_item", kind="hidden", part=1)
def test_programming_letters(student, examinee):
    """You picked exactly the true statements about training and programming."""
    right_letters(student.programming_item, examinee)


@checks("retrain_item", kind="hidden", part=0, rounded=terms.WHOLE)
def test_retrain_number(student, examinee):
    """All three costs are right."""
    right_number(student.retrain_item, examinee)


@checks("retrain_item", kind="hidden", part=1)
def test_retrain_letters(student, examinee):
    """You picked exactly the true statements about the stages of training."""
    right_letters(student.retrain_item, examinee)


@checks("best_word_item", kind="hidden", part=0, rounded=terms.EXACT)
def test_best_word_number(student, examinee):
    """The count is plausible for this many draws."""
    right_number(student.best_word_item, examinee)


@checks("best_word_item", kind="hidden", part=1)
def test_best_word_letters(student, examinee):
    """You picked exactly the true statements about sampling words."""
    right_letters(student.best_word_item, examinee)


@checks("exam_item", kind="hidden", part=0, rounded=terms.EXACT)
def test_exam_number(student, examinee):
    """Your count of weight updates is right."""
    right_number(student.exam_item, examinee)


@checks("exam_item", kind="hidden", part=1)
def test_exam_letters(student, examinee):
    """You picked exactly the true statements about training and inference."""
    right_letters(student.exam_item, examinee)


@checks("layers_item", kind="hidden", part=0, rounded=terms.EXACT)
def test_layers_number(student, examinee):
    """The number of weights and biases is right."""
    right_number(student.layers_item, examinee)


@checks("layers_item", kind="hidden", part=1)
def test_layers_letters(student, examinee):
    """You picked exactly the true statements about layers."""
    right_letters(student.layers_item, examinee)


@checks("architecture_item", kind="hidden", part=0, rounded=terms.THREE)
def test_architecture_number(student, examinee):
    """Your attention output is right."""
    right_number(student.architecture_item, examinee)


@checks("architecture_item", kind="hidden", part=1)
def test_architecture_letters(student, examinee):
    """You picked exactly the true statements about the seven boxes."""
    right_letters(student.architecture_item, examinee)


@checks("rlhf_item", kind="hidden", part=0, rounded=terms.THREE)
def test_rlhf_number(student, examinee):
    """Your probability that answer A gets chosen is right."""
    right_number(student.rlhf_item, examinee)


@checks("rlhf_item", kind="hidden", part=1)
def test_rlhf_letters(student, examinee):
    """You picked exactly the true statements about what each stage of training is for."""
    right_letters(student.rlhf_item, examinee)


# --- log_stream ---


def log_agrees(stub, pieces, waits, start=0.0):
    """Require the log's texts and times to match the stream's."""
    stream = ScriptedStream(pieces, waits, start)
    log = stub(stream, stream.clock)
    agree_values([text for _, text in log], list(pieces), "the texts in the log")
    agree_values(np.array([seconds for seconds, _ in log], np.float64), np.cumsum(waits), "the times in the log")


def pieces_of(rng, count):
    return [str(each) for each in rng.choice(["a", " a", " the", "!", " 🐈", "\n", " so"], size=count)]


@checks("log_stream", kind="hidden")
def test_ls_fresh(student, rng):
    """Other streams are logged correctly, too, no matter what the clock shows at the start."""
    for count in (1, 7, 12):
        log_agrees(student.log_stream, pieces_of(rng, count), rng.uniform(0.01, 0.4, count), float(rng.uniform(5, 50)))


@checks("log_stream", kind="hidden")
def test_ls_repeated(student, rng):
    """If the same text arrives twice in a row, or two pieces arrive at the same time, both are logged, and so is an
    empty piece."""
    waits = rng.uniform(0.1, 0.4, 6) * [1, 1, 1, 1, 0, 1]
    log_agrees(student.log_stream, ["so", " so", " so", "", ".", ""], waits, float(rng.uniform(5, 50)))


@checks("log_stream", kind="hidden")
def test_ls_late(student, rng):
    """If the first piece of text takes a long time to arrive, the times in the log include that wait."""
    log_agrees(student.log_stream, [" a", " b", " c"], [float(rng.uniform(3, 9)), 0.1, 0.2], float(rng.uniform(5, 50)))


@checks("log_stream", kind="robustness", weight=0.35)  # an answer that always returns an empty log passes this check
def test_ls_empty(student, rng):
    """An empty stream gives an empty log."""
    log_agrees(student.log_stream, [], [])


# --- observation ---


@checks("observation", kind="hidden")
def test_ob_in_time(student):
    """In a logged stream, the times never decrease, and joining the pieces gives the final text."""
    record = student.observation()
    if "log" in record:
        times, texts = zip(*record["log"], strict=True)
        in_time = list(times) == sorted(times) and len({*times}) > 1
        agree_values(in_time and "".join(texts) == record["text"], True, "whether the log is in order and complete")
