"""Hidden and robustness checks for the `softmax` lab."""

import numpy as np

from autograder.testing import agree, checks, leaves_unchanged, raises, repeatable
from reference import softmax
from reference.softmax.test_visible import HALF, entropy_agrees, log_softmax_agrees

# --- softmax ---


@checks("softmax", kind="hidden")
def test_fresh(student, rng):
    """With random logits, your probabilities agree with torch's for one row, a batch and a batch of one row."""
    for shape in (7, (4, 5), (1, 6)):
        agree(student.softmax, softmax.softmax, rng.normal(scale=2, size=shape))


@checks("softmax", kind="hidden")
def test_square(student, rng):
    """A batch with as many rows as columns works along either axis."""
    logits = rng.normal(scale=2, size=(4, 4))
    agree(student.softmax, softmax.softmax, logits)
    agree(student.softmax, softmax.softmax, logits, axis=0)


@checks("softmax", kind="hidden")
def test_axis0(student, rng):
    """With axis=0, the probabilities in each column sum to 1."""
    agree(student.softmax, softmax.softmax, rng.normal(scale=2, size=(4, 3)), axis=0)


@checks("softmax", kind="hidden")
def test_axis1_3d(student, rng):
    """With axis=1, the probabilities in a three-dimensional array sum to 1 along its middle axis."""
    agree(student.softmax, softmax.softmax, rng.normal(scale=2, size=(2, 3, 4)), axis=1)


@checks("softmax", kind="hidden")
def test_big_logits(student, rng):
    """Logits around 1000 give valid probabilities and don't overflow."""
    # Naive code gets the first row right, so its answer isn't all NaN. The rows are only 350 apart, so even code that
    # subtracts the same maximum from both gets them right.
    agree(student.softmax, softmax.softmax, rng.normal(loc=[[650.0], [1000.0]], size=(2, 5)))


@checks("softmax", kind="hidden")
def test_rows_far_apart(student, rng):
    """A batch can mix rows of logits around 0 with rows of logits around 2000."""
    # Around 2000, float32 numbers are 1.2e-4 apart.
    agree(student.softmax, softmax.softmax, rng.normal(loc=[[0.0], [2000.0]], size=(2, 4)), atol=3e-4)


@checks("softmax", kind="hidden")
def test_int_input(student, rng):
    """Integer logits still give fractional probabilities."""
    agree(student.softmax, softmax.softmax, rng.integers(-4, 5, size=(3, 4)))


@checks("softmax", kind="robustness")
def test_very_negative(student, rng):
    """Logits around -1000 give valid probabilities, without a division by zero."""
    agree(student.softmax, softmax.softmax, rng.normal(loc=[[-300.0], [-650.0], [-1000.0]], size=(3, 3)))


@checks("softmax", kind="robustness")
def test_wide_row(student, rng):
    """When the logits in one row are 2000 apart, the largest gets all the probability."""
    agree(student.softmax, softmax.softmax, rng.permutation([2000.0, 0.0, -2000.0]))


@checks("softmax", kind="robustness")
def test_neg_inf(student, rng):
    """If a row contains logits of minus infinity, their probabilities are exactly 0, and the others sum to 1."""
    logits = rng.normal(size=(2, 5))
    logits[0, 1] = logits[1, 0] = logits[1, 3] = -np.inf
    agree(student.softmax, softmax.softmax, logits, tail=True)


@checks("softmax", kind="robustness")
def test_small_tail(student, rng):
    """Even a tiny probability, about two in a billion, is computed as accurately as a large one."""
    agree(student.softmax, softmax.softmax, np.array([20.0, 0.0, rng.uniform(0.0, 1.0)]), tail=True)


@checks("softmax", kind="robustness")
def test_negative_axis(student, rng):
    """A negative axis counts from the end, as in numpy."""
    agree(student.softmax, softmax.softmax, rng.normal(scale=2, size=(2, 3, 4)), axis=-2)
    agree(student.softmax, softmax.softmax, rng.normal(scale=2, size=(3, 2, 4)), axis=-3)


@checks("softmax", kind="robustness")
def test_single(student, rng):
    """A single logit gets probability 1, no matter what its value is."""
    agree(student.softmax, softmax.softmax, rng.normal(scale=5, size=(3, 1)))
    agree(student.softmax, softmax.softmax, rng.normal(scale=5, size=1))


@checks("softmax", kind="robustness", conduct=True)
def test_purity(student, rng):
    """The array of logits isn't modified."""
    leaves_unchanged(student.softmax, rng.normal(size=(3, 4)))
    leaves_unchanged(student.softmax, rng.normal(size=(3, 4)), axis=0)


@checks("softmax", kind="robustness", conduct=True)
def test_repeat(student, rng):
    """A second call with the same logits gives the same probabilities."""
    repeatable(student.softmax, rng.normal(size=(3, 4)))


# --- log_softmax ---


@checks("log_softmax", kind="hidden", share=HALF)
def test_ls_fresh(student, rng):
    """With random logits, your log-probabilities agree with torch's for one row, a batch and a batch of one row."""
    for shape in (7, (4, 5), (1, 6)):
        log_softmax_agrees(student, rng.normal(scale=2, size=shape) + 3.0)


@checks("log_softmax", kind="hidden", share=HALF)
def test_ls_extreme(student, rng):
    """Logits 800 and 2000 below the largest get log-probabilities of about -800 and -2000, not minus infinity."""
    log_softmax_agrees(student, rng.permutation([2.0, 1.0, -798.0, -1998.0]))


@checks("log_softmax", kind="hidden", share=HALF)
def test_ls_big(student, rng):
    """Two logits of 5000 each give log-probabilities of -ln 2 and don't overflow."""
    # Naive code gets one of the first array's two rows right, so its answer isn't all NaN.
    # Around 1000, float32 numbers are 6e-5 or 1.2e-4 apart, and around 5000, they're 5e-4 apart.
    log_softmax_agrees(student, rng.normal(loc=[[650.0], [1000.0]], size=(2, 3)), atol=3e-4)
    log_softmax_agrees(student, np.array([5000.0, 5000.0]), atol=5e-4)


@checks("log_softmax", kind="hidden", share=HALF)
def test_ls_rows_far_apart(student, rng):
    """A batch can mix rows of logits around 0 with rows of logits around 2000."""
    # Around 2000, float32 numbers are 1.2e-4 apart.
    log_softmax_agrees(student, rng.normal(loc=[[0.0], [2000.0]], size=(2, 4)), atol=3e-4)


@checks("log_softmax", kind="hidden", share=HALF)
def test_ls_axis(student, rng):
    """You normalize along the axis you're given: axis 0, the middle axis of three, or either axis of a square batch."""
    square = rng.normal(scale=2, size=(4, 4))
    log_softmax_agrees(student, square)
    log_softmax_agrees(student, square, axis=0)
    log_softmax_agrees(student, rng.normal(scale=2, size=(4, 3)), axis=0)
    log_softmax_agrees(student, rng.normal(scale=2, size=(2, 3, 4)), axis=1)


@checks("log_softmax", kind="hidden", share=HALF)
def test_ls_nats(student, rng):
    """Four equal logits give log-probabilities of -ln 4, because log_softmax uses natural logarithms."""
    log_softmax_agrees(student, np.full(4, rng.uniform(1.0, 3.0)))


@checks("log_softmax", kind="robustness", share=HALF)
def test_ls_neg_inf(student, rng):
    """If a row contains logits of minus infinity, they stay minus infinity, and the rest of the row is still right."""
    logits = rng.normal(size=(2, 5))
    logits[0, 1] = logits[1, 0] = logits[1, 3] = -np.inf
    log_softmax_agrees(student, logits)


@checks("log_softmax", kind="robustness", share=HALF)
def test_ls_int(student, rng):
    """Integer logits still give fractional log-probabilities."""
    log_softmax_agrees(student, rng.integers(-4, 5, size=(3, 4)))


@checks("log_softmax", kind="robustness", conduct=True)
def test_ls_pure(student, rng):
    """The array of logits isn't modified."""
    leaves_unchanged(student.log_softmax, rng.normal(size=(3, 4)))
    leaves_unchanged(student.log_softmax, rng.normal(size=(3, 4)), axis=0)


@checks("log_softmax", kind="robustness", conduct=True)
def test_ls_repeat(student, rng):
    """A second call with the same logits gives the same log-probabilities."""
    repeatable(student.log_softmax, rng.normal(size=(3, 4)))


# --- softmax_with_temperature ---


@checks("softmax_with_temperature", kind="hidden", weight=7)
def test_t_fresh(student, rng):
    """With random logits, your probabilities agree with torch's at low and high temperatures."""
    for temperature in (0.08, 0.3, 0.7, 1.5, 3.0):
        logits = rng.normal(scale=2, size=(3, 5))
        agree(student.softmax_with_temperature, softmax.softmax_with_temperature, logits, temperature)


@checks("softmax_with_temperature", kind="hidden")
def test_t_hot(student, rng):
    """At a temperature of a million, all tokens are practically equally likely."""
    logits = rng.normal(scale=2, size=(2, 5))
    agree(student.softmax_with_temperature, softmax.softmax_with_temperature, logits, 1e6)


@checks("softmax_with_temperature", kind="hidden")
def test_t_revives(student, rng):
    """A high temperature gives very unlikely tokens a chance again: at temperature 30, a gap of 60 shrinks to 2."""
    logits = rng.permutation([0.0, -60.0, -30.0, -90.0])
    agree(student.softmax_with_temperature, softmax.softmax_with_temperature, logits, 30.0)


@checks("softmax_with_temperature", kind="hidden")
def test_t_big(student, rng):
    """At a temperature of 1.25, logits around 1000 give valid probabilities and don't overflow."""
    logits = rng.normal(loc=[[500.0], [1000.0]], size=(2, 4))
    agree(student.softmax_with_temperature, softmax.softmax_with_temperature, logits, 1.25)


@checks("softmax_with_temperature", kind="hidden")
def test_t_rows_far_apart(student, rng):
    """A batch can mix rows of logits around 0 with rows of logits around 2000."""
    logits = rng.normal(loc=[[0.0], [2000.0]], size=(2, 4))
    agree(student.softmax_with_temperature, softmax.softmax_with_temperature, logits, 1.5)


@checks("softmax_with_temperature", kind="hidden")
def test_t_axis(student, rng):
    """You normalize along the axis you're given: axis 0, the middle axis of three, or either axis of a square batch."""
    square = rng.normal(scale=2, size=(4, 4))
    agree(student.softmax_with_temperature, softmax.softmax_with_temperature, square, 1.5)
    agree(student.softmax_with_temperature, softmax.softmax_with_temperature, square, 1.5, axis=0)
    for shape, axis in (((4, 3), 0), ((2, 3, 4), 1)):
        logits = rng.normal(scale=2, size=shape)
        agree(student.softmax_with_temperature, softmax.softmax_with_temperature, logits, 0.5, axis=axis)


@checks("softmax_with_temperature", kind="robustness")
def test_t_limit(student, rng):
    """At a temperature of 0.002, nothing overflows, and only tokens near the best one keep any probability."""
    # There's a row with a clear winner, one with near-ties around 0, and one with a token far ahead. Each row exposes a
    # different shortcut, and not every shortcut produces NaN. At half this temperature, float32 would be too coarse for
    # log-probabilities that are divided by it.
    rows = [np.log([35.0, 28.0, 15.0, 8.0]), [0.0, 0.002, 0.004, -0.002], [40.0, 0.0, 1.0, 2.0]]
    logits = rng.permuted(np.array(rows), axis=1)
    agree(student.softmax_with_temperature, softmax.softmax_with_temperature, logits, 2e-3)


@checks("softmax_with_temperature", kind="robustness")
def test_t_neg_inf(student, rng):
    """At any temperature, logits of minus infinity get probabilities of exactly 0."""
    logits = rng.normal(size=(2, 5))
    logits[0, 1] = logits[1, 0] = logits[1, 3] = -np.inf
    agree(student.softmax_with_temperature, softmax.softmax_with_temperature, logits, 2.0, tail=True)


@checks("softmax_with_temperature", kind="robustness")
def test_t_int(student, rng):
    """Integer logits and an integer temperature still give fractional probabilities."""
    logits = rng.permuted(np.array([[5, 2, -3, 0], [1, 4, 0, -6]]), axis=1)
    agree(student.softmax_with_temperature, softmax.softmax_with_temperature, logits, 2)


@checks("softmax_with_temperature", kind="robustness", conduct=True)
def test_t_bad(student, rng):
    """A temperature of 0 or below raises ValueError."""
    logits = rng.permutation([2.0, 1.0, 0.5, -1.0])
    for temperature in (-1.0, 0.0, 0):
        raises(student.softmax_with_temperature, logits, temperature, error=ValueError)


@checks("softmax_with_temperature", kind="robustness", conduct=True)
def test_t_pure(student, rng):
    """The array of logits isn't modified."""
    leaves_unchanged(student.softmax_with_temperature, rng.normal(size=(3, 4)), 0.5)
    leaves_unchanged(student.softmax_with_temperature, rng.normal(size=(3, 4)), 0.5, axis=0)


@checks("softmax_with_temperature", kind="robustness", conduct=True)
def test_t_repeat(student, rng):
    """A second call with the same logits and temperature gives the same probabilities."""
    repeatable(student.softmax_with_temperature, rng.normal(size=(3, 4)), 0.7)


# --- entropy ---


@checks("entropy", kind="hidden", share=HALF)
def test_e_fresh(student, rng):
    """You get one entropy for a single distribution and one per row for a batch, even if some entropies are nearly
    0."""
    for size in (None, 4, 1):
        entropy_agrees(student, rng.dirichlet(np.full(5, 2.0), size=size))
    second = np.append(rng.uniform(2e-4, 9e-4, 5), 0.5)
    entropy_agrees(student, np.stack([1.0 - second, second], axis=1))


@checks("entropy", kind="hidden", share=HALF)
def test_e_onehot(student, rng):
    """A certain outcome has entropy 0, not NaN, even in a batch with an uncertain one."""
    certain = rng.permutation([1.0, 0.0, 0.0, 0.0, 0.0])
    entropy_agrees(student, np.array([certain, rng.dirichlet(np.full(5, 5.0))]))
    entropy_agrees(student, certain)


@checks("entropy", kind="hidden", share=HALF)
def test_e_zeros(student, rng):
    """Impossible words add nothing, so two equally likely words still have an entropy of ln 2."""
    probs = np.array([[0.5, 0.5, 0.0, 0.0], [0.6, 0.0, 0.3, 0.1], [0.0, 0.1, 0.9, 0.0]])
    entropy_agrees(student, rng.permuted(probs, axis=1))


@checks("entropy", kind="hidden", share=HALF)
def test_e_axis(student, rng):
    """You sum along the axis you're given: axis 0, the middle axis of three, or either axis of a square batch."""
    # No probability is so small that an answer that drops it would fail here, too.
    square = rng.dirichlet(np.full(4, 5.0), size=4)
    entropy_agrees(student, square, axis=-1)
    entropy_agrees(student, square.T, axis=0)
    entropy_agrees(student, rng.dirichlet(np.full(4, 5.0), size=3).T, axis=0)
    entropy_agrees(student, rng.dirichlet(np.full(3, 5.0), size=(2, 4)).swapaxes(1, 2), axis=1)


@checks("entropy", kind="robustness", share=HALF)
def test_e_vocabulary(student, rng):
    """Each of three thousand unlikely words contributes exactly the right amount to the entropy."""
    entropy_agrees(student, rng.dirichlet(np.ones(3000)))


@checks("entropy", kind="robustness", conduct=True)
def test_e_pure(student, rng):
    """The array of probabilities isn't modified, not even its zeros."""
    leaves_unchanged(student.entropy, np.array([[0.5, 0.5, 0.0], [0.0, 1.0, 0.0]]))
    leaves_unchanged(student.entropy, rng.dirichlet(np.full(3, 2.0)))


@checks("entropy", kind="robustness", conduct=True)
def test_e_repeat(student, rng):
    """A second call with the same probabilities gives the same entropy."""
    repeatable(student.entropy, rng.dirichlet(np.full(5, 2.0), size=3))
