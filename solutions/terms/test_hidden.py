"""Hidden checks of lab `terms`: whether the answers to a student's own questions are right."""

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
from solutions.terms import reference as terms

# Half a unit of the last decimal that is asked for, and a little more.
THREE, TWO, ONE, WHOLE = 6e-4, 6e-3, 6e-2, 0.6
EXACT = 1e-6
ROUNDED = {
    "network_item": EXACT,
    "weight_item": TWO,
    "loss_item": THREE,
    "backprop_item": EXACT,
    "descent_item": THREE,
    "autoregressive_item": EXACT,
    "softmax_item": THREE,
    "temperature_item": THREE,
    "meaning_item": THREE,
    "programming_item": ONE,
    "retrain_item": WHOLE,
    "exam_item": EXACT,
    "layers_item": EXACT,
}
# What is drawn is another number each time: how likely each draw is to be counted, and how many there are.
DRAWN = {
    "smarter_item": lambda question: (terms.chances(question), 200),
    "best_word_item": lambda question: ([terms.other_words(question)], question["draws"]),
}


def right_number(stub, examinee):
    """The number, or all of them, answers the examinee's own question."""
    answered(stub, examinee, numbers_agree)


def right_letters(stub, examinee, part=1):
    """The letters answer the examinee's own question."""
    answered(stub, examinee, lambda question, got: letters_agree(question, got, part))


def answered(stub, examinee, agree):
    question = quiz.question(stub.name, examinee.student, examinee.attempt)
    got = stub(question)
    try:
        agree(question, got)
    except CheckFailed as failed:
        raise CheckFailed(str(failed), failed.difference, another_question(stub.name, examinee, got)) from failed


def numbers_agree(question, got):
    item, number = question["item"], got[0]
    if item not in DRAWN:
        want = np.ravel(np.asarray(key(question)[0], np.float64))
        agree_values(np.ravel(np.asarray(number, np.float64)), want, "the number", rtol=1e-7, atol=ROUNDED[item])
        return
    chances, n = DRAWN[item](question)
    counts = np.ravel(np.asarray(number, np.float64))
    if len(counts) != len(chances):
        fails("the counts", number, f"{len(chances)} of them")
    for count, p in zip(counts, chances, strict=True):
        if not plausible_count(count, n, p, among=len(counts)):
            fails("the counts", number, f"whole numbers, about {n * p:.0f} here")


def letters_agree(question, got, part):
    came, wanted = plain_text(got[part]), key(question)[part]
    if question["item"] == "exam_item" and isinstance(came, str):
        came = "".join(sorted(came))
    lesson = terms.LESSON.get(question["item"]) if part == 2 else None
    if came != wanted and not (lesson and came == terms.letter(question, lesson)):
        fails("the letters", got[part], wanted)


def key(question):
    return getattr(terms, question["item"])(question)


def another_question(item, examinee, got):
    """The slip of a right answer to another question: of another attempt, or of the student whom the notebook names."""
    for student in {examinee.student, examinee.named or examinee.student}:
        for attempt in range(1, examinee.attempt + 3):
            question = quiz.question(item, student, attempt)
            if (student, attempt) != (examinee.student, examinee.attempt) and is_right(question, got):
                return other_student(examinee) if student != examinee.student else other_attempt(attempt, examinee)
    return None


def is_right(question, got):
    try:
        numbers_agree(question, got)
        for part in range(1, len(key(question))):
            letters_agree(question, got, part)
    except Exception:  # whatever came is no right answer then
        return False
    return True


def other_attempt(attempt, examinee):
    return Pitfall(
        name="another attempt's question",
        sentence=f"This is right for your question of attempt {attempt}, and this was attempt {examinee.attempt}, "
        f"which asks another one. Set ATTEMPT = {examinee.attempt + 1} in the notebook, run the cells with the "
        "questions, and answer those.",
    )


def other_student(examinee):
    return Pitfall(
        name="another student's question",
        sentence=f"This is right for the student whom the notebook names, and you are known here as "
        f'{examinee.student}. Set STUDENT = "{examinee.student}" and ATTEMPT = {examinee.attempt + 1}, run the cells '
        "with the questions, and answer those.",
    )


@checks("network_item", kind="hidden", part=0, rounded=EXACT)
def test_network_number(student, examinee):
    """What comes out of the network is right."""
    right_number(student.network_item, examinee)


@checks("network_item", kind="hidden", part=1)
def test_network_letter(student, examinee):
    """The letter says what a neural network is."""
    right_letters(student.network_item, examinee)


@checks("weight_item", kind="hidden", part=0, rounded=TWO)
def test_weight_number(student, examinee):
    """The weight after one step is right."""
    right_number(student.weight_item, examinee)


@checks("weight_item", kind="hidden", part=1)
def test_weight_letter(student, examinee):
    """The letter says what a weight is."""
    right_letters(student.weight_item, examinee)


@checks("loss_item", kind="hidden", part=0, rounded=THREE)
def test_loss_number(student, examinee):
    """The loss of the guess is right."""
    right_number(student.loss_item, examinee)


@checks("loss_item", kind="hidden", part=1)
def test_loss_letter(student, examinee):
    """The letter says which of two guesses has the lower loss, and why."""
    right_letters(student.loss_item, examinee)


@checks("backprop_item", kind="hidden", part=0, rounded=EXACT)
def test_backprop_number(student, examinee):
    """The gradient is right."""
    right_number(student.backprop_item, examinee)


@checks("backprop_item", kind="hidden", part=1)
def test_backprop_order(student, examinee):
    """The five steps of training are in their order."""
    right_letters(student.backprop_item, examinee)


@checks("backprop_item", kind="hidden", part=2)
def test_backprop_letter(student, examinee):
    """The letter says what backpropagation does."""
    right_letters(student.backprop_item, examinee, part=2)


@checks("backprop_item", kind="hidden", part=2, advisory=True)
def test_backprop_precisely(student, examinee):
    """Backpropagation is told apart from gradient descent; the lesson does not, so this costs nothing."""
    question = quiz.question("backprop_item", examinee.student, examinee.attempt)
    got = student.backprop_item(question)
    if plain_text(got[2]) == terms.letter(question, terms.LESSON["backprop_item"]):
        fails("the letter", got[2], key(question)[2])


@checks("descent_item", kind="hidden", part=0, rounded=THREE)
def test_descent_number(student, examinee):
    """The place after two steps is right."""
    right_number(student.descent_item, examinee)


@checks("descent_item", kind="hidden", part=1)
def test_descent_letter(student, examinee):
    """The letter says what a large learning rate does."""
    right_letters(student.descent_item, examinee)


@checks("autoregressive_item", kind="hidden", part=0, rounded=EXACT)
def test_autoregressive_number(student, examinee):
    """The number of calls and the length of the context are right."""
    right_number(student.autoregressive_item, examinee)


@checks("autoregressive_item", kind="hidden", part=1)
def test_autoregressive_letter(student, examinee):
    """The letter says why words arrive one after the other."""
    right_letters(student.autoregressive_item, examinee)


@checks("softmax_item", kind="hidden", part=0, rounded=THREE)
def test_softmax_number(student, examinee):
    """The probability is right."""
    right_number(student.softmax_item, examinee)


@checks("softmax_item", kind="hidden", part=1)
def test_softmax_letter(student, examinee):
    """The letter says what happens when all logits are shifted."""
    right_letters(student.softmax_item, examinee)


@checks("temperature_item", kind="hidden", part=0, rounded=THREE)
def test_temperature_number(student, examinee):
    """The probability of the likeliest word is right at all three temperatures."""
    right_number(student.temperature_item, examinee)


@checks("temperature_item", kind="hidden", part=1)
def test_temperature_letter(student, examinee):
    """The letter says what a higher temperature does."""
    right_letters(student.temperature_item, examinee)


@checks("meaning_item", kind="hidden", part=0, rounded=THREE)
def test_meaning_number(student, examinee):
    """Both differences of the losses are right."""
    right_number(student.meaning_item, examinee)


@checks("meaning_item", kind="hidden", part=1)
def test_meaning_letter(student, examinee):
    """The letter says what the model had learnt."""
    right_letters(student.meaning_item, examinee)


@checks("smarter_item", kind="hidden", part=0, rounded=EXACT)
def test_smarter_number(student, examinee):
    """The three counts are ones that may well be drawn."""
    right_number(student.smarter_item, examinee)


@checks("smarter_item", kind="hidden", part=1)
def test_smarter_letter(student, examinee):
    """The letter says what a higher temperature does to right answers."""
    right_letters(student.smarter_item, examinee)


@checks("programming_item", kind="hidden", part=0, rounded=ONE)
def test_programming_number(student, examinee):
    """Both weights are right."""
    right_number(student.programming_item, examinee)


@checks("programming_item", kind="hidden", part=1)
def test_programming_letter(student, examinee):
    """The letter says where the difference of the weights comes from."""
    right_letters(student.programming_item, examinee)


@checks("retrain_item", kind="hidden", part=0, rounded=WHOLE)
def test_retrain_number(student, examinee):
    """All three costs are right."""
    right_number(student.retrain_item, examinee)


@checks("retrain_item", kind="hidden", part=1)
def test_retrain_letter(student, examinee):
    """The letter says which of the three ways fits the need."""
    right_letters(student.retrain_item, examinee)


@checks("best_word_item", kind="hidden", part=0, rounded=EXACT)
def test_best_word_number(student, examinee):
    """The count is one that may well be drawn."""
    right_number(student.best_word_item, examinee)


@checks("best_word_item", kind="hidden", part=1)
def test_best_word_letter(student, examinee):
    """The letter says what comes of drawing where the likeliest word is wrong."""
    right_letters(student.best_word_item, examinee)


@checks("exam_item", kind="hidden", part=0, rounded=EXACT)
def test_exam_number(student, examinee):
    """The number of changes of the weights is right."""
    right_number(student.exam_item, examinee)


@checks("exam_item", kind="hidden", part=1)
def test_exam_letter(student, examinee):
    """What belongs to the studying is told from what belongs to the exam."""
    right_letters(student.exam_item, examinee)


@checks("layers_item", kind="hidden", part=0, rounded=EXACT)
def test_layers_number(student, examinee):
    """The number of weights and biases is right."""
    right_number(student.layers_item, examinee)


@checks("layers_item", kind="hidden", part=1)
def test_layers_letter(student, examinee):
    """Each finding is looked for in early, middle or deep layers."""
    right_letters(student.layers_item, examinee)


# --- log_stream ---


def log_agrees(stub, pieces, waits, start=0.0):
    """The texts and times that the stub logs of a stream are its own."""
    stream = ScriptedStream(pieces, waits, start)
    log = stub(stream, stream.clock)
    agree_values([text for _, text in log], list(pieces), "the texts in the log")
    agree_values(np.array([seconds for seconds, _ in log], np.float64), np.cumsum(waits), "the times in the log")


def pieces_of(rng, count):
    return [str(each) for each in rng.choice(["a", " a", " the", "!", " 🐈", "\n", " so"], size=count)]


@checks("log_stream", kind="hidden")
def test_ls_fresh(student, rng):
    """Streams never seen before, with a clock that begins anywhere."""
    for count in (1, 7, 12):
        log_agrees(student.log_stream, pieces_of(rng, count), rng.uniform(0.01, 0.4, count), float(rng.uniform(5, 50)))


@checks("log_stream", kind="hidden")
def test_ls_repeated(student, rng):
    """The same text twice in a row is logged twice, and so is an increment without text."""
    log_agrees(
        student.log_stream, ["so", " so", " so", "", ".", ""], rng.uniform(0.1, 0.4, 6), float(rng.uniform(5, 50))
    )


@checks("log_stream", kind="hidden")
def test_ls_late(student, rng):
    """Where the first increment is long in coming, its time says so."""
    log_agrees(student.log_stream, [" a", " b", " c"], [float(rng.uniform(3, 9)), 0.1, 0.2], float(rng.uniform(5, 50)))


@checks("log_stream", kind="robustness")
def test_ls_empty(student, rng):
    """Of a stream without increments the log is empty."""
    log_agrees(student.log_stream, [], [])


# --- observation ---


@checks("observation", kind="hidden")
def test_ob_in_time(student):
    """A logged stream arrived in time: its increments have more than one time, and they are its text."""
    record = student.observation()
    if "log" in record:
        times, texts = zip(*record["log"], strict=True)
        agree_values(len({*times}) > 1 and "".join(texts) == record["text"], True, "whether it arrived in time")
