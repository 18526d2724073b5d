"""Visible checks for the `softmax` lab."""

import numpy as np

from autograder.testing import agree, checks, example, leaves_unchanged, raises
from reference import softmax

# The partial credit for an answer that's right except for a shape or a convention.
HALF = 0.5

# These are logarithms of percentages, not of probabilities. If their exponentials summed to 1, the checks wouldn't
# catch code that forgets the division.
LESSON_LOGITS = np.log([35.0, 28.0, 15.0, 8.0, 6.0, 8.0])
LESSON_PROBS = np.array([0.35, 0.28, 0.15, 0.08, 0.06, 0.08])
# The first two arrays are square, so that a sum taken along the wrong axis gives wrong numbers instead of a shape error
# from numpy.
SQUARE_LOGITS = np.array([[2.0, 1.0, 0.1], [0.5, -1.0, 3.0], [-2.0, 0.4, 1.5]])
SQUARE_PROBS = np.array([[0.7, 0.2, 0.1], [0.05, 0.9, 0.05], [0.3, 0.3, 0.4]])
FAR_APART = np.array([[0.0, 1.0, 2.0], [2000.0, 2001.0, 1999.0]])
RULED_OUT = np.array([[0.0, -np.inf, 1.0], [-np.inf, -np.inf, 0.5]])


def probabilities(*shape):
    """Return a function that draws different distributions along the last axis of this shape."""
    return lambda rng: rng.dirichlet(np.full(shape[-1], 2.0), size=shape[:-1])


def uniform(rng):
    words = rng.integers(3, 40)
    return np.full(words, 1 / words)


def beside_impossible_ones(rng):
    probs = np.pad(rng.dirichlet(np.full(3, 2.0), size=2), ((0, 0), (1, 1)))
    # The first row has one more impossible word than the second.
    probs[0, 1:3] = probs[0, 1:3].sum(), 0.0
    return probs


def one_certain(rng):
    words = rng.integers(3, 9)
    return np.eye(words)[rng.integers(words)]


# The right answer in bits or with a base-10 logarithm gets partial credit.
OTHER_UNITS = [lambda nats: nats / np.log(2), lambda nats: nats / np.log(10)]


def entropy_agrees(student, *args, **kwargs):
    agree(student.entropy, softmax.entropy, *args, apart_from=OTHER_UNITS, **kwargs)


def log_softmax_agrees(student, *args, **kwargs):
    agree(student.log_softmax, softmax.log_softmax, *args, apart_from=OTHER_UNITS, **kwargs)


def with_a_tie(rng):
    low, high = rng.integers([-2, 3], [1, 6])
    return np.array([rng.integers([3, 1, 0], [6, 4, 3]), [low, high, high]])


def unlikely(rng):
    return np.append(rng.uniform(1e-4, 9e-4, 5), 0.5)


def nearly_certain(second):
    """Return distributions over two words, one per row, given each row's probability of the second word."""
    return np.stack([1.0 - second, second], axis=1)


@checks("softmax", weight=0.25)
def test_known(student, rng):
    """You get the lesson's table (mat 35%, floor 28%, table 15%, ...) back from its logits."""
    agree(student.softmax, softmax.softmax, example(rng, LESSON_LOGITS))


@checks("softmax", weight=0.25)
def test_sum1(student, rng):
    """Each row of a batch becomes its own probability distribution, which sums to 1."""
    agree(student.softmax, softmax.softmax, example(rng, SQUARE_LOGITS))


@checks("softmax", weight=0.25)
def test_shift(student, rng):
    """Only the differences between logits matter, so adding 100 to all of them changes nothing."""
    agree(student.softmax, softmax.softmax, example(rng, LESSON_LOGITS) + 100.0)


@checks("softmax", weight=0.25)
def test_axis(student, rng):
    """You normalize along the axis you're given, whether it's axis 0, the middle one of three, or a negative axis."""
    agree(student.softmax, softmax.softmax, example(rng, SQUARE_LOGITS), axis=0)
    agree(student.softmax, softmax.softmax, rng.normal(size=(4, 3)), axis=0)
    for axis in (1, -3):
        agree(student.softmax, softmax.softmax, rng.normal(size=(2, 3, 4)), axis=axis)


@checks("softmax", weight=0.25)
def test_thousands(student, rng):
    """Logits around 1000 or -1000 give valid probabilities, with no overflow and no division by zero."""
    for around in (650.0, 1000.0, -650.0, -1000.0):
        agree(student.softmax, softmax.softmax, example(rng, np.array([1.0, 2.0, 0.0])) + around)


@checks("softmax", weight=0.25)
def test_far_apart(student, rng):
    """A batch, or even a single row, can contain both logits around 0 and logits around 2000."""
    agree(student.softmax, softmax.softmax, example(rng, FAR_APART))
    agree(student.softmax, softmax.softmax, example(rng, np.array([0.0, 2000.0, -2000.0])))


@checks("softmax", weight=0.25)
def test_ruled_out(student, rng):
    """A logit of minus infinity gets a probability of exactly 0, and the other probabilities sum to 1."""
    agree(student.softmax, softmax.softmax, example(rng, RULED_OUT), tail=True)


@checks("softmax", weight=0.25)
def test_tail(student, rng):
    """A probability of about two in a billion is computed as accurately as a large one."""
    agree(student.softmax, softmax.softmax, example(rng, np.array([20.0, 0.0, 0.5])), tail=True)


@checks("softmax", weight=0.25)
def test_whole_numbers(student, rng):
    """Integer logits give fractional probabilities, and a single logit gets probability 1."""
    for logits in ([[3, 1, 0], [-2, 4, 4]], [[-3], [5]]):
        agree(student.softmax, softmax.softmax, example(rng, np.array(logits)))


@checks("softmax", weight=0.25, conduct=True)
def test_pure(student, rng):
    """Your function doesn't change the logits it's given."""
    leaves_unchanged(student.softmax, example(rng, SQUARE_LOGITS))
    leaves_unchanged(student.softmax, example(rng, SQUARE_LOGITS), axis=0)


@checks("log_softmax", weight=0.25, share=HALF)
def test_ls_match(student, rng):
    """For the lesson's logits, you get the logarithms of the probabilities in the lesson's table."""
    log_softmax_agrees(student, example(rng, LESSON_LOGITS))


@checks("log_softmax", weight=0.25, share=HALF)
def test_ls_rows(student, rng):
    """In a batch, the log-probabilities of each row are computed separately."""
    log_softmax_agrees(student, example(rng, SQUARE_LOGITS))


@checks("log_softmax", weight=0.25, share=HALF)
def test_ls_hopeless(student, rng):
    """Logits about 800 and 2000 below the largest get log-probabilities of about -800 and -2000, not minus infinity."""
    log_softmax_agrees(student, example(rng, np.array([0.0, -800.0, -2000.0, 1.0])))


@checks("log_softmax", weight=0.25, share=HALF)
def test_ls_thousands(student, rng):
    """Logits around 1000 don't overflow, and one batch can mix rows of logits around 0 with rows around 2000."""
    log_softmax_agrees(student, example(rng, np.array([[650.0, 651.0], [1000.0, 1001.0]])))
    log_softmax_agrees(student, example(rng, FAR_APART))


@checks("log_softmax", weight=0.25, share=HALF)
def test_ls_any_axis(student, rng):
    """You normalize along the axis you're given, such as axis 0 or the middle one of three axes."""
    log_softmax_agrees(student, example(rng, SQUARE_LOGITS), axis=0)
    log_softmax_agrees(student, rng.normal(size=(4, 3)), axis=0)
    log_softmax_agrees(student, rng.normal(size=(2, 3, 4)), axis=1)


@checks("log_softmax", weight=0.25, share=HALF)
def test_ls_ruled_out(student, rng):
    """A logit of minus infinity gives a log-probability of minus infinity, and the rest of its row is still right."""
    log_softmax_agrees(student, example(rng, RULED_OUT))


@checks("log_softmax", weight=0.25, share=HALF)
def test_ls_whole_numbers(student, rng):
    """Integer logits give fractional log-probabilities, even if two logits share the largest value."""
    log_softmax_agrees(student, example(rng, np.array([[3, 1, 0], [-2, 4, 4]]), with_a_tie))


@checks("log_softmax", weight=0.25, conduct=True)
def test_ls_pure_shown(student, rng):
    """Your function doesn't change the logits it's given."""
    leaves_unchanged(student.log_softmax, example(rng, SQUARE_LOGITS))
    leaves_unchanged(student.log_softmax, example(rng, SQUARE_LOGITS), axis=0)


@checks("softmax_with_temperature", weight=0.25)
def test_t1_identity(student, rng):
    """At temperature 1, you get the lesson's table unchanged."""
    agree(student.softmax_with_temperature, softmax.softmax_with_temperature, example(rng, LESSON_LOGITS), 1.0)


@checks("softmax_with_temperature", weight=0.25)
def test_t_low(student, rng):
    """At temperature 0.1, "mat" gets 90.29%, but "floor" still gets 9.69%."""
    agree(student.softmax_with_temperature, softmax.softmax_with_temperature, example(rng, LESSON_LOGITS), 0.1)


@checks("softmax_with_temperature", weight=0.25)
def test_t_high(student, rng):
    """At temperature 2, the lesson's probabilities are closer together but still sum to 1."""
    agree(student.softmax_with_temperature, softmax.softmax_with_temperature, example(rng, LESSON_LOGITS), 2.0)


@checks("softmax_with_temperature", weight=0.25)
def test_t_order(student, rng):
    """As the temperature falls from 2 to 0.1, the most likely token in every row of a batch gains probability."""
    for temperature in (2.0, 1.0, 0.5, 0.1):
        agree(
            student.softmax_with_temperature, softmax.softmax_with_temperature, example(rng, SQUARE_LOGITS), temperature
        )


@checks("softmax_with_temperature", weight=0.25)
def test_t_very_cold(student, rng):
    """At temperature 0.001, nothing overflows, and only tokens nearly tied with the best one keep some probability."""
    logits = np.array([[0.0, 0.001, 0.002], [40.0, 0.0, 1.0], [np.log(35.0), np.log(28.0), np.log(15.0)]])
    agree(student.softmax_with_temperature, softmax.softmax_with_temperature, example(rng, logits), 0.001)


@checks("softmax_with_temperature", weight=0.25)
def test_t_very_hot(student, rng):
    """High temperatures give very unlikely tokens a chance: a gap of 60 shrinks to 2 at temperature 30, and to almost 0
    at a million."""
    for temperature in (30.0, 1e6):
        logits = np.array([0.0, -60.0, -30.0, -90.0])
        agree(student.softmax_with_temperature, softmax.softmax_with_temperature, example(rng, logits), temperature)


@checks("softmax_with_temperature", weight=0.25)
def test_t_thousands(student, rng):
    """Logits around 1000 don't overflow, and one batch can mix rows of logits around 0 with rows around 2000."""
    for rows in ([[500.0, 501.0], [1000.0, 1001.0]], [[0.0, 1.0, 2.0], [2000.0, 2001.0, 1999.0]]):
        agree(student.softmax_with_temperature, softmax.softmax_with_temperature, example(rng, np.array(rows)), 1.25)


@checks("softmax_with_temperature", weight=0.25)
def test_t_any_axis(student, rng):
    """You normalize along the axis you're given, such as axis 0 or the middle one of three axes."""
    for logits, axis in (
        (example(rng, SQUARE_LOGITS), 0),
        (rng.normal(size=(4, 3)), 0),
        (rng.normal(size=(2, 3, 4)), 1),
    ):
        agree(student.softmax_with_temperature, softmax.softmax_with_temperature, logits, 1.5, axis=axis)


@checks("softmax_with_temperature", weight=0.25)
def test_t_ruled_out(student, rng):
    """A logit of minus infinity gets a probability of exactly 0 at any temperature."""
    logits = example(rng, RULED_OUT)
    agree(student.softmax_with_temperature, softmax.softmax_with_temperature, logits, 2.0, tail=True)


@checks("softmax_with_temperature", weight=0.25)
def test_t_whole_numbers(student, rng):
    """Integer logits with an integer temperature give fractional probabilities."""
    logits = example(rng, np.array([[5, 2, -3, 0], [1, 4, 0, -6]]))
    agree(student.softmax_with_temperature, softmax.softmax_with_temperature, logits, 2)


@checks("softmax_with_temperature", weight=0.25, conduct=True)
def test_t_refused(student, rng):
    """A temperature of 0 or less raises ValueError."""
    for temperature in (0.0, -1.0):
        raises(student.softmax_with_temperature, example(rng, LESSON_LOGITS), temperature)


@checks("softmax_with_temperature", weight=0.25, conduct=True)
def test_t_pure_shown(student, rng):
    """Your function doesn't change the logits it's given."""
    leaves_unchanged(student.softmax_with_temperature, example(rng, SQUARE_LOGITS), 0.5)
    leaves_unchanged(student.softmax_with_temperature, example(rng, SQUARE_LOGITS), 0.5, axis=0)


@checks("entropy", weight=0.25, share=HALF)
def test_e_uniform(student, rng):
    """Eight equally likely words have an entropy of ln 8, about 2.079 nats."""
    entropy_agrees(student, example(rng, np.full(8, 1 / 8), uniform))


@checks("entropy", weight=0.25, share=HALF)
def test_e_lesson(student, rng):
    """The lesson's table has an entropy of 1.581 nats."""
    entropy_agrees(student, example(rng, LESSON_PROBS, probabilities(6)))


@checks("entropy", weight=0.25, share=HALF)
def test_e_rows(student, rng):
    """A batch of distributions gives one entropy per row, even if some of the entropies are nearly 0."""
    entropy_agrees(student, example(rng, SQUARE_PROBS, probabilities(3, 3)))
    entropy_agrees(student, nearly_certain(example(rng, np.array([0.0001, 0.0003, 0.5]), unlikely)))


@checks("entropy", weight=0.25, share=HALF)
def test_e_impossible(student, rng):
    """Words with probability 0 add 0 to the entropy, not NaN, so a certain outcome has an entropy of 0."""
    entropy_agrees(student, example(rng, np.array([0.0, 1.0, 0.0, 0.0]), one_certain))
    two = np.array([[0.5, 0.0, 0.5, 0.0], [0.6, 0.0, 0.3, 0.1]])
    entropy_agrees(student, example(rng, two, beside_impossible_ones))


@checks("entropy", weight=0.25, share=HALF)
def test_e_any_axis(student, rng):
    """You sum along the axis you're given, such as axis 0 or the middle one of three axes."""
    for rows in (SQUARE_PROBS, np.array([[0.7, 0.2, 0.1], [0.2, 0.3, 0.5]])):
        entropy_agrees(student, example(rng, rows, probabilities(*rows.shape)).T, axis=0)
    entropy_agrees(student, rng.dirichlet(np.full(3, 2.0), size=(2, 4)).swapaxes(1, 2), axis=1)


@checks("entropy", weight=0.25, share=HALF)
def test_e_many(student, rng):
    """Each of two thousand unlikely words counts toward the entropy, no matter how small its probability is."""
    entropy_agrees(student, rng.dirichlet(np.ones(2000)))


@checks("entropy", weight=0.25, conduct=True)
def test_e_pure_shown(student, rng):
    """Your function doesn't change the probabilities it's given, not even the zeros."""
    probs = np.array([[0.5, 0.5, 0.0], [0.0, 1.0, 0.0]])
    leaves_unchanged(student.entropy, example(rng, probs, beside_impossible_ones))
