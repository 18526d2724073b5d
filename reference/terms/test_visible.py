"""Visible checks of the `terms` lab: can an answer be recorded? Grading checks whether it's right."""

import re
from datetime import date

import numpy as np

from autograder.testing import NeedsManualGrade, ScriptedStream, agree_values, checks, example, fails, plain_text
from reference import quiz


def asked(stub, examinee):
    """Return the question that the examinee is answering, from the round that's set in the notebook."""
    return quiz.question(stub.name, examinee.student, examinee.round_of(stub.name))


def has_form(stub, examinee, count=None, steps=False):
    """Require a number (or as many as the question asks for) and the letters of statements."""
    question = asked(stub, examinee)
    got = stub(question)
    wanted = "a number" if count is None else f"[{', '.join(['a number'] * count)}]"
    parts = [wanted, *(["the letters of the steps"] if steps else []), 'letters, such as "bd" or ""']
    if not isinstance(got, tuple | list) or len(got) != len(parts):
        fails("your answer", got, ", ".join(parts))
    numbers(got[0], count, wanted)
    if steps:
        of_letters(got[1], "".join(question["steps"]), 'the letters of all five steps, each once: "bdeca"', all_of=True)
    offered = "".join(question["options"])
    of_letters(
        got[-1], offered, f'letters from {offered[0]} to {offered[-1]}, each at most once, in quotes: "bd" or ""'
    )


def numbers(got, count, wanted):
    """Require one number, or `count` of them, all finite."""
    try:
        values = np.asarray(got, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        fails("your number" if count is None else "your numbers", got, wanted)
    if values.shape not in (((), (1,)) if count is None else ((count,),)) or not np.isfinite(values).all():
        fails("your number" if count is None else "your numbers", got, f"{wanted}, neither infinite nor nan")


def of_letters(got, offered, wanted, all_of=False):
    """Require a string of the offered letters, each used at most once. With `all_of`, require every one of them."""
    came = plain_text(got)
    fits = isinstance(came, str) and {*came} <= {*offered} and len({*came}) == len(came)
    if not fits or (all_of and len(came) != len(offered)):
        fails("your letters", got, wanted)


@checks("network_item", weight=0.0)
def test_network_form(student, examinee):
    """Your answer has the right format: a number and the letters of the statements you picked."""
    has_form(student.network_item, examinee)


@checks("weight_item", weight=0.0)
def test_weight_form(student, examinee):
    """Your answer has the right format: a number and the letters of the statements you picked."""
    has_form(student.weight_item, examinee)


@checks("loss_item", weight=0.0)
def test_loss_form(student, examinee):
    """Your answer has the right format: a number and the letters of the statements you picked."""
    has_form(student.loss_item, examinee)


@checks("backprop_item", weight=0.0)
def test_backprop_form(student, examinee):
    """Your answer has the right format: a number, the letters of all five steps, and the letters of the statements you
    picked."""
    has_form(student.backprop_item, examinee, steps=True)


@checks("descent_item", weight=0.0)
def test_descent_form(student, examinee):
    """Your answer has the right format: a number and the letters of the statements you picked."""
    has_form(student.descent_item, examinee)


@checks("autoregressive_item", weight=0.0)
def test_autoregressive_form(student, examinee):
    """Your answer has the right format: two numbers and the letters of the statements you picked."""
    has_form(student.autoregressive_item, examinee, count=2)


@checks("softmax_item", weight=0.0)
def test_softmax_form(student, examinee):
    """Your answer has the right format: a number and the letters of the statements you picked."""
    has_form(student.softmax_item, examinee)


@checks("temperature_item", weight=0.0)
def test_temperature_form(student, examinee):
    """Your answer has the right format: three numbers and the letters of the statements you picked."""
    has_form(student.temperature_item, examinee, count=3)


@checks("meaning_item", weight=0.0)
def test_meaning_form(student, examinee):
    """Your answer has the right format: two numbers and the letters of the statements you picked."""
    has_form(student.meaning_item, examinee, count=2)


@checks("smarter_item", weight=0.0)
def test_smarter_form(student, examinee):
    """Your answer has the right format: three numbers and the letters of the statements you picked."""
    has_form(student.smarter_item, examinee, count=3)


@checks("programming_item", weight=0.0)
def test_programming_form(student, examinee):
    """Your answer has the right format: two numbers and the letters of the statements you picked."""
    has_form(student.programming_item, examinee, count=2)


@checks("retrain_item", weight=0.0)
def test_retrain_form(student, examinee):
    """Your answer has the right format: three numbers and the letters of the statements you picked."""
    has_form(student.retrain_item, examinee, count=3)


@checks("best_word_item", weight=0.0)
def test_best_word_form(student, examinee):
    """Your answer has the right format: a number and the letters of the statements you picked."""
    has_form(student.best_word_item, examinee)


@checks("exam_item", weight=0.0)
def test_exam_form(student, examinee):
    """Your answer has the right format: a number and the letters of the statements you picked."""
    has_form(student.exam_item, examinee)


@checks("layers_item", weight=0.0)
def test_layers_form(student, examinee):
    """Your answer has the right format: a number and the letters of the statements you picked."""
    has_form(student.layers_item, examinee)


@checks("architecture_item", weight=0.0)
def test_architecture_form(student, examinee):
    """Your answer has the right format: a number and the letters of the statements you picked."""
    has_form(student.architecture_item, examinee)


@checks("rlhf_item", weight=0.0)
def test_rlhf_form(student, examinee):
    """Your answer has the right format: a number and the letters of the statements you picked."""
    has_form(student.rlhf_item, examinee)


# --- log_stream ---


def logged(stub, pieces, waits, start=0.0):
    """Return the times and texts that the student's function logs for a stream."""
    stream = ScriptedStream(pieces, waits, start)
    log = stub(stream, stream.clock)
    if not isinstance(log, list | tuple) or not all(isinstance(each, list | tuple) and len(each) == 2 for each in log):
        fails("the log", log, "a list of (seconds, text) pairs")
    return [seconds for seconds, _ in log], [text for _, text in log]


def pieces_and_waits(rng):
    """Draw the four pieces of a stream, and the wait before each one in seconds."""
    pieces = [str(rng.choice(words)) for words in (["A", "My", "One"], [" dog", " owl"], [" ran", " hid"], ["!", "…"])]
    return pieces, (rng.integers(1, 20, size=4) / 16).tolist()


STREAM = ["The", " cat", " sat", "."], [0.5, 0.2, 0.1, 0.5]


@checks("log_stream")
def test_ls_known(student, rng):
    """Your function logs four pieces of text, at 0.5, 0.7, 0.8 and 1.3 seconds."""
    pieces, waits = example(rng, STREAM, pieces_and_waits)
    times, texts = logged(student.log_stream, pieces, waits)
    agree_values(texts, pieces, "the texts in the log")
    agree_values(times, np.cumsum(waits), "the times in the log, in seconds")


@checks("log_stream")
def test_ls_other_clock(student, rng):
    """Even if the clock starts at 1,000, the times are the same: they're measured from when your function is called."""
    pieces, waits = example(rng, STREAM, pieces_and_waits)
    times, _ = logged(student.log_stream, pieces, waits, start=1_000.0)
    agree_values(times, np.cumsum(waits), "the times in the log, in seconds")


def words_and_waits(rng):
    """Draw a stream's pieces, in which one word occurs three times and one piece is empty, and the wait before each
    piece in seconds. The last two arrive at the same time."""
    word = str(rng.choice([" very", " many", " no"]))
    return ["So", word, word, "", word, "."], [*(rng.integers(1, 20, size=5) / 16).tolist(), 0.0]


@checks("log_stream")
def test_ls_again(student, rng):
    """Your function also logs an empty piece, and a piece that has the same text or time as the one before it."""
    pieces, waits = example(rng, (["No", " no", " no", "", "!"], [0.25, 0.5, 0.25, 0.5, 0.0]), words_and_waits)
    _, texts = logged(student.log_stream, pieces, waits)
    agree_values(texts, pieces, "the texts in the log")


@checks("log_stream", weight=0.1)  # an answer that always returns an empty log passes this check
def test_ls_nothing(student):
    """If nothing arrives, your function returns an empty log."""
    times, texts = logged(student.log_stream, [], [])
    agree_values([*times, *texts], [], "the log of an empty stream")


# --- observation ---

LEAST = 10  # pieces
SHORTEST = 30  # characters to describe what you saw
BY_HAND = "You typed in by hand what you saw on a page, so a reviewer will read your record and score it."


def record_of(stub):
    """Return the student's record, after checking that it has everything a record needs.

    Raise NeedsManualGrade if the record was typed in by hand.
    """
    record = stub()
    if not isinstance(record, dict):
        fails(
            "your record",
            record,
            'a dict with "model" or "page", "when" and "saw", and for a logged stream "log" and "text"',
        )
    if not any(isinstance(record.get(key), str) and record[key].strip() for key in ("model", "page")):
        fails("your record", sorted(map(str, record)), 'a "model", or the "page" where you watched it')
    if not is_a_day(record.get("when")):
        fails("when it was", record.get("when"), 'a date, written "2026-05-31"')
    saw = record.get("saw")
    if not isinstance(saw, str) or len(saw.strip()) < SHORTEST or len(saw.split()) < 6:
        fails("what you saw", saw, f"a sentence of your own, at least {SHORTEST} characters long")
    if "log" not in record and record.get("page"):
        raise NeedsManualGrade(BY_HAND)
    return record


def is_a_day(value):
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def log_of(record):
    """Return the times and texts in the record's log."""
    log = record.get("log")
    pairs = isinstance(log, list | tuple) and all(isinstance(each, list | tuple) and len(each) == 2 for each in log)
    if not pairs or not all(isinstance(text, str) for _, text in log):
        fails("the log", log, "a list of (seconds, text) pairs, as log_stream returns it")
    numbers([seconds for seconds, _ in log], len(log), "seconds")
    return [float(seconds) for seconds, _ in log], [text for _, text in log]


@checks("observation")
def test_ob_form(student):
    """Your record names the model or page, gives the date, and says in a sentence what you saw."""
    record_of(student.observation)


@checks("observation")
def test_ob_log(student):
    """Your log has at least ten pieces of text, and the first one arrived before the last."""
    times, texts = log_of(record_of(student.observation))
    if len(texts) < LEAST:
        fails("the log", f"{len(texts)} pieces", f"{LEAST} pieces or more")
    if times != sorted(times) or not 0 <= times[0] < times[-1]:
        wanted = "times in seconds, in non-decreasing order, with the last later than the first"
        fails("the times in the log", times, wanted)


@checks("observation")
def test_ob_text(student):
    """When you join the pieces in your log, you get the final text."""
    record = record_of(student.observation)
    _, texts = log_of(record)
    if "".join(texts) != record.get("text"):
        fails("the pieces, joined", "".join(texts), f"the final text, {record.get('text')!r}")
