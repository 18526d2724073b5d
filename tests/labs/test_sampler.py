"""The `sampler` lab: its references against torch and the definitions, and how often checks fail samplers.

The long runs are marked slow, and the default run has a short one of each.
"""

import functools
import itertools
import math
import sys
import zlib
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple
from unittest import mock

import numpy as np
import pytest
import torch
from torch.nn import functional

from autograder.authoring.simulation.notebooks import alternatives, module_at, simulation, source_of
from autograder.grading.content import misconceptions, reference_of
from autograder.grading.execution import check_of
from autograder.testing import assertions, statistics
from autograder.testing.declarations import Misconception
from autograder.testing.exports import Arguments
from autograder.testing.local import MANY_DRAWS, LocalConnection
from autograder.testing.references import call_reference
from autograder.testing.statistics import LARGE, looks, most_surprising
from autograder.testing.student import Student
from reference import sampler
from tests.labs.written_answers import WrittenAnswer, graded
from tests.repository import COURSE
from tests.sampling import sampled

LAB = next(lab for lab in COURSE.labs if lab.name == "sampler")
SAMPLERS = ("sample_categorical", "sample_next_token")
# Misconceptions that draw each id of the checks' tables about as often as they should, and are caught some other way.
OTHERWISE = {
    "random_number_in_whole_percents",  # because so few different ids come up
    "another_generator",
    "hands_out_every_draw_twice",
    "adds_up_in_the_callers_array",
    "zero_is_taken_as_1",
    "largest_of_a_dirichlet_draw",
    "temperature_below_0_accepted",
    "a_generator_of_its_own",
    "a_floor_instead_of_greedy",
}
TABLE = np.array([0.35, 0.28, 0.15, 0.08, 0.06, 0.08])
VISIBLE, HIDDEN = module_at(COURSE.visible_checks("sampler")), module_at(COURSE.hidden_checks("sampler"))
CHECKS = [test for module in (VISIBLE, HIDDEN) for test in vars(module).values() if hasattr(test, "__check__")]


def random(seed: int, *shape: int, scale: float = 2.0) -> torch.Tensor:
    return torch.as_tensor(np.random.default_rng(seed).normal(scale=scale, size=shape))


def close(got: torch.Tensor, want: torch.Tensor) -> None:
    torch.testing.assert_close(got, want.double(), rtol=1e-12, atol=1e-14)


class TestGreedy:
    @pytest.mark.parametrize("seed", range(5))
    def test_is_the_place_of_the_largest(self, seed):
        logits = random(seed, 9)
        found = sampler.greedy(logits)
        assert type(found) is int
        assert logits[found] == logits.max()

    def test_edges(self):
        assert sampler.greedy(torch.tensor([-math.inf, -5.0, -math.inf])) == 1
        assert sampler.greedy(torch.tensor([3.0])) == 0


class TestSampleCategorical:
    @pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
    def test_draws_with_the_probabilities(self, dtype):
        rng = np.random.default_rng(1)
        drawn = [sampler.sample_categorical(torch.as_tensor(TABLE).to(dtype), rng) for _ in range(5_000)]
        assert set(map(type, drawn)) == {int}
        assert most_surprising(drawn, TABLE).p_value > 1e-3

    def test_depends_only_on_its_generator(self):
        def ids(seed: int) -> list[int]:
            rng = np.random.default_rng(seed)
            return [sampler.sample_categorical(torch.as_tensor(TABLE), rng) for _ in range(60)]

        torch.manual_seed(0)
        first = ids(5)
        torch.manual_seed(1)
        assert ids(5) == first != ids(6)

    @pytest.mark.parametrize("place", range(4))
    def test_never_draws_what_is_impossible(self, place):
        rng = np.random.default_rng(2)
        assert {sampler.sample_categorical(torch.eye(4)[place], rng) for _ in range(50)} == {place}


class TestTopKFilter:
    @pytest.mark.parametrize("k", [1, 3, 6, 7, 20])
    def test_agrees_with_torchs_topk(self, k):
        logits = random(3, 7)
        filtered = sampler.top_k_filter(logits, k)
        kept = torch.isfinite(filtered)
        assert set(torch.nonzero(kept).flatten().tolist()) == set(torch.topk(logits, min(k, 7)).indices.tolist())
        close(filtered[kept], logits[kept])

    def test_keeps_ties_together_and_leaves_its_input_alone(self):
        logits = torch.tensor([1.0, 2.0, 1.0, 0.0])
        close(sampler.top_k_filter(logits, 2), torch.tensor([1.0, 2.0, 1.0, -math.inf]))
        assert logits.tolist() == [1.0, 2.0, 1.0, 0.0]

    @pytest.mark.parametrize("k", [0, -1])
    def test_refuses_to_remove_everything(self, k):
        with pytest.raises(ValueError, match=f"k must be at least 1, got {k}"):
            sampler.top_k_filter(torch.zeros(3), k)


class TestTopPFilter:
    @pytest.mark.parametrize("seed", range(20))
    def test_is_the_smallest_set_that_reaches_p(self, seed):
        logits, p = random(seed, 6), np.random.default_rng(seed).uniform(0.05, 0.95)
        probs = functional.softmax(logits, dim=0)
        kept = torch.isfinite(sampler.top_p_filter(logits, p))
        assert probs[kept].sum() >= p
        assert not kept.all() or probs.sum() - probs.min() < p
        smaller = itertools.combinations(range(6), int(kept.sum()) - 1)
        assert all(probs[list(places)].sum() < p for places in smaller)
        close(sampler.top_p_filter(logits, p)[kept], logits[kept])

    def test_p_of_1_keeps_even_what_rounding_would_lose(self):
        logits = torch.tensor([0.0, -50.0, -800.0])
        close(sampler.top_p_filter(logits, 1.0), logits)
        close(sampler.top_p_filter(logits, 1e-9), torch.tensor([0.0, -math.inf, -math.inf]))

    @pytest.mark.parametrize("p", [0, 0.0, -0.1, 1.5, math.nan])
    def test_refuses_what_is_no_part_of_the_whole(self, p):
        with pytest.raises(ValueError, match="p must be above 0 and at most 1"):
            sampler.top_p_filter(torch.zeros(3), p)


class TestSampleNextToken:
    @pytest.mark.parametrize(
        ("options", "wanted"),
        [
            ({}, TABLE),
            ({"temperature": 0.1}, TABLE**10),
            ({"temperature": 2.0}, TABLE**0.5),
            ({"top_k": 2}, TABLE * (TABLE >= 0.28)),
            ({"top_p": 0.7}, TABLE * (TABLE >= 0.15)),
            ({"top_k": 3, "top_p": 0.8}, TABLE * (TABLE >= 0.28)),
            ({"temperature": 2.0, "top_p": 0.6}, TABLE**0.5 * (TABLE >= 0.15)),
            ({"temperature": 0.0, "top_k": 3}, TABLE == 0.35),
        ],
    )
    def test_draws_after_temperature_and_filters(self, options, wanted):
        rng, logits = np.random.default_rng(4), torch.as_tensor(np.log(TABLE))
        drawn = [sampler.sample_next_token(logits, rng, **options) for _ in range(3_000)]
        probabilities = wanted / wanted.sum()
        assert statistics.impossible(drawn, probabilities) is None
        assert most_surprising(drawn, probabilities).p_value > 1e-3

    def test_refuses_a_temperature_below_0(self):
        with pytest.raises(ValueError, match="temperature must be 0 or above, got -1"):
            sampler.sample_next_token(torch.zeros(3), np.random.default_rng(0), temperature=-1.0)


# --- how often checks fail correct samplers, and wrong ones


def draws(test: Callable[..., None]) -> bool:
    """Return whether a check's result is a matter of chance."""
    asked = {"agree_in_distribution", "agree_on_draws", "agree_on_fresh_draws", "independent"}
    return bool(asked & {*test.__code__.co_names})


def outcome(
    test: Callable[..., None], seed: Any, function: Callable[..., Any], probabilities: Any = None
) -> tuple[Exception | None, Student]:
    """What a check finds wrong with a function. Many draws come from its `probabilities`, if given."""
    stub = check_of(test).stub
    student = Student(LocalConnection({stub: function}, {stub: probabilities} if probabilities else {}))
    try:
        test(student, np.random.default_rng(seed))
    except Exception as error:
        return error, student
    return None, student


@functools.cache
def right_samplers(stub: str) -> dict[str, Callable[..., Any]]:
    """The solution, the reference and the alternatives."""
    solution: dict[str, Any] = {"np": np}
    exec(simulation(COURSE, LAB).solutions[stub], solution)
    reference = reference_of(COURSE, stub)
    others = {each.name: each.function for each in alternatives(COURSE, LAB) if each.of == stub}
    return {
        "solution": solution[stub],
        "reference": lambda *args, **kwargs: call_reference(reference, (args, kwargs)),
        **others,
    }


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Collect the p-values of everything that's judged in a test: one for each sample, from the last look at it."""
    found: list[float] = []
    before: list[int] = []

    def heard(judge: Callable[..., statistics.Deviation], drawn: list[int], *args: Any) -> statistics.Deviation:
        deviation = judge(drawn, *args)
        if before and drawn[: len(before)] == before:
            found.pop()
        found.append(deviation.p_value)
        before[:] = drawn
        return deviation

    for judge in (statistics.most_surprising, statistics.equal_pairs):
        monkeypatch.setattr(statistics, judge.__name__, functools.partial(heard, judge))
    return found


def fail_no_right_sampler(stub: str, names: Iterable[str], seeds: range, judged: list[float]) -> None:
    """No check may fail, or come closer to failing than chance explains: at most 1 in 100 p-values is below 0.01.

    This shows the following: by design, a correct sampler fails with a probability of 2e-7. If it were p instead, n
    judgments without a failure would have a probability of about exp(-np).
    """
    for name, test, seed in itertools.product(names, filter(draws, CHECKS), seeds):
        if check_of(test).stub == stub:
            error, _ = outcome(test, seed + 1_000 * zlib.crc32(name.encode()), right_samplers(stub)[name])
            assert error is None, f"{name}, {test.__name__}, seed {seed}: {error}"
    suspicious = sum(p < 0.01 for p in judged)
    assert statistics.binomial(len(judged), 0.01)[suspicious:].sum() > 1e-4


def power_of_a_look(wanted: np.ndarray, drawn_with: np.ndarray, n: int, surprising: float) -> float:
    """The exact probability that the most telling id, by itself, is this surprising in n draws from a wrong sampler."""
    impossible = float(drawn_with[wanted == 0].sum())
    found = [1.0 - (1.0 - impossible) ** n]
    common = wanted * n >= 1
    rare = (wanted > 0) & ~common
    cells = [(float(p), float(q)) for p, q in zip(wanted[common], drawn_with[common], strict=True)]
    if rare.any():
        cells.append((float(wanted[rare].sum()), float(drawn_with[rare].sum())))
    for p, q in cells:
        if abs(p - q) > 1e-12:
            chances = statistics.binomial(n, min(p, 1.0)) if p < 1 else np.eye(n + 1)[n]
            p_values = 2 * np.minimum(np.cumsum(chances), np.cumsum(chances[::-1])[::-1])
            its = statistics.binomial(n, q) if 0 < q < 1 else np.eye(n + 1)[round(n * q)]
            found.append(float(its[p_values * len(cells) < surprising].sum()))
    return max(found)


def power(wanted: np.ndarray, drawn_with: np.ndarray, draws: int) -> float:
    """The probability that a wrong sampler is detected if the first sample has this many draws.

    The looks at the first sample depend on each other, so this is the least it can be.
    """
    *first, second = (power_of_a_look(wanted, drawn_with, look.sample, look.surprising) for look in looks(draws))
    return max(0.0, 1 - sum(1 - each for each in first)) * second


def right_probabilities(stub: str) -> Callable[..., np.ndarray]:
    if stub == "sample_categorical":
        return lambda probs, rng: np.asarray(probs, dtype=float) / np.sum(probs, dtype=float)
    return lambda logits, rng, **options: VISIBLE.chances(logits, **options)


def wrong_samplers(*, by_frequency: bool = False) -> list[Misconception]:
    """All wrong samplers, or only those for which we can say which ids come up too often or too rarely."""
    found = [each for stub in SAMPLERS for each in misconceptions(COURSE, stub)]
    return [each for each in found if each.probabilities and each.name not in OTHERWISE] if by_frequency else found


class Sampling(NamedTuple):
    """One call of `agree_in_distribution` or `independent`: its check's name, the sampler's arguments, and the size of
    the first sample."""

    check: str
    arguments: Arguments
    draws: int


@functools.cache
def configurations(stub: str, kinds: tuple[str, ...], seed: int, in_order: bool = False) -> list[Sampling]:
    """The samplings of the stub's checks, except very short ones: those of `agree_in_distribution`, or, if `in_order`,
    those of `independent`."""
    found = []
    for test in CHECKS:
        if check_of(test).stub == stub and check_of(test).kind in kinds and draws(test):
            with mock.patch.object(assertions, "_surprise", wraps=assertions._surprise) as sampled:
                outcome(test, seed, right_samplers(stub)["solution"], right_probabilities(stub))
            asked = [each.args for each in sampled.call_args_list if each.kwargs.get("in_order", False) == in_order]
            found += [Sampling(test.__name__, arguments, size) for _, _, arguments, size, _ in asked]
    return [each for each in found if each.draws >= MANY_DRAWS]


def caught_in_sight(wrong: Misconception) -> float:
    """The least probability that any visible check's counts, of ids or of equal pairs, detect `wrong`."""
    distribution = wrong.distribution()
    assert distribution
    missed = 1.0
    for in_order in (False, True):
        for _, (args, kwargs), size in configurations(wrong.of, ("visible",), seed=1, in_order=in_order):
            wanted, its = right_probabilities(wrong.of)(*args, **kwargs), distribution(*args, **kwargs)
            if in_order:
                wanted, its = (np.array([(each**2).sum(), 1 - (each**2).sum()]) for each in (wanted, its))
            missed *= 1 - power(wanted, its, size // 2 if in_order else size)
    return 1 - missed


def surest(wrong: Misconception, kinds: tuple[str, ...], enough: float) -> float:
    """The greatest probability that a check's sampling run detects `wrong`, or the first that's high enough."""
    distribution = wrong.distribution()
    assert distribution
    chance = 0.0
    for _, (args, kwargs), size in configurations(wrong.of, kinds, seed=1):
        right, its = right_probabilities(wrong.of)(*args, **kwargs), distribution(*args, **kwargs)
        wanted = np.zeros(len(its))  # the wrong sampler may have one id too many
        wanted[: len(right)] = right
        chance = max(chance, power(wanted, its, size))
        if chance >= enough:
            break
    return chance


class TestRightSamplers:
    def test_are_not_failed(self, judged):
        fail_no_right_sampler("sample_categorical", ["solution"], range(2), judged)
        assert len(judged) > 20

    @pytest.mark.slow
    @pytest.mark.parametrize("stub", SAMPLERS)
    def test_are_not_failed_however_written(self, stub, judged):
        fail_no_right_sampler(stub, right_samplers(stub), range(10, 20), judged)
        assert len(judged) > 1_000


def some_of(wrong: list[Misconception]) -> list[Any]:
    return sampled(wrong, *wrong[::4])


class TestWrongSamplers:
    @pytest.mark.parametrize("wrong", some_of(wrong_samplers()), ids=lambda each: each.name)
    def test_fail(self, wrong):
        checks = [test for test in CHECKS if check_of(test).stub == wrong.of]
        assert any(outcome(test, 1, wrong.fresh(), wrong.distribution())[0] for test in checks)

    @pytest.mark.slow
    @pytest.mark.parametrize("wrong", wrong_samplers(), ids=lambda each: each.name)
    @pytest.mark.parametrize("seed", range(2, 7))
    def test_fail_whatever_the_seed(self, wrong, seed):
        checks = [test for test in CHECKS if check_of(test).stub == wrong.of and check_of(test).kind != "visible"]
        assert any(outcome(test, seed, wrong.fresh())[0] for test in checks)

    @pytest.mark.parametrize("wrong", some_of(wrong_samplers(by_frequency=True)), ids=lambda each: each.name)
    def test_seldom_escape(self, wrong):
        assert surest(wrong, ("statistical",), enough=0.999) >= 0.999

    @pytest.mark.parametrize("wrong", some_of(wrong_samplers(by_frequency=True)), ids=lambda each: each.name)
    def test_seldom_escape_the_visible_checks(self, wrong):
        # A misconception that the visible checks rarely detect states how rarely, and certify lists it separately.
        if wrong.visible_power is None:
            assert surest(wrong, ("visible",), enough=0.9) >= 0.9
        else:
            assert caught_in_sight(wrong) >= wrong.visible_power

    @pytest.mark.slow
    @pytest.mark.parametrize("wrong", wrong_samplers(by_frequency=True), ids=lambda each: each.name)
    def test_draw_with_the_probabilities_that_they_state(self, wrong):
        rng = np.random.default_rng(3)
        for name, (args, kwargs), _ in configurations(wrong.of, ("visible", "statistical"), seed=1):
            mine = [rng if isinstance(each, np.random.Generator) else each for each in args]
            try:
                drawn = [wrong.fresh()(*mine, **kwargs) for _ in range(4_000)]
            except ValueError:
                assert np.isneginf(args[0]).any(), name  # some can't draw then
                continue
            assert statistics.fits(drawn, wrong.distribution()(*args, **kwargs)), name


# --- what checks can detect, as stated in docs/authors.md


def off(probabilities: np.ndarray, token: int, factor: float) -> np.ndarray:
    """Probabilities with one off by a factor, while the others share the rest in the same proportions."""
    found = probabilities * (1 - factor * probabilities[token]) / (1 - probabilities[token])
    found[token] = factor * probabilities[token]
    return found


def resolution(stub: str, wrong: Callable[[np.ndarray], Iterable[np.ndarray]]) -> float:
    """The smallest power against any of the wrong distributions derived from those that the checks use."""
    return min(
        power(right, other, size)
        for _, (args, kwargs), size in configurations(stub, ("statistical",), seed=1)
        for right in [right_probabilities(stub)(*args, **kwargs)]
        if size >= LARGE
        for other in wrong(right)
    )


@pytest.mark.skipif(sys.platform != "linux", reason="grading in the sandbox needs Linux")
def test_a_mistake_is_named_although_other_draws_would_not_show_it() -> None:
    """Under this secret, one check's counts are so barely surprising that new draws of the same kind wouldn't be."""
    wrong = next(each for each in misconceptions(COURSE, "sample_categorical") if each.parameters == {"strength": 1})
    code = source_of(COURSE, wrong, wrong.of)
    (found,) = graded(COURSE, [WrittenAnswer("sampler", wrong.of, code)], b"t1")
    assert (wrong.name, found.name) == ("largest_of_a_dirichlet_draw", "largest_of_a_dirichlet_draw")


class TestResolution:
    """Errors that are missed at most 1 time in 100, computed for exactly the distributions that the checks use."""

    @pytest.mark.parametrize("stub", SAMPLERS)
    def test_an_id_of_a_fifth_to_a_half_is_off_by_a_fifth(self, stub):
        def wrong(right: np.ndarray) -> Iterable[np.ndarray]:
            return [off(right, i, by) for i in np.flatnonzero((right >= 0.2) & (right <= 0.5)) for by in (0.8, 1.2)]

        assert resolution(stub, wrong) >= 0.99

    @pytest.mark.parametrize("stub", SAMPLERS)
    def test_a_favorite_is_off_by_a_twentieth(self, stub):
        def wrong(right: np.ndarray) -> Iterable[np.ndarray]:
            return [off(right, i, by) for i in np.flatnonzero(right >= 0.8) for by in (0.95, 1.05)]

        assert resolution(stub, wrong) >= 0.99

    @pytest.mark.parametrize("factor", [1.05, 1 / 1.05])
    def test_the_temperature_is_off_by_a_twentieth(self, factor):
        found = []
        for _, ((logits, _), options), size in configurations("sample_next_token", ("statistical",), seed=1):
            right, temperature = VISIBLE.chances(logits, **options), options.get("temperature", 1.0)
            if temperature:
                other = VISIBLE.chances(logits, **{**options, "temperature": factor * temperature})
                found.append(power(right, other, size))
        assert max(found) >= 0.99

    def test_a_right_submission_draws_at_most_21_000_times(self):
        drawn = 0
        for stub, test in itertools.product((each.name for each in LAB.stubs), CHECKS):
            if check_of(test).stub == stub:
                _, student = outcome(test, 1, right_samplers(stub)["solution"], None)
                drawn += sum(call.draws or 1 for call in student.calls)
        assert drawn <= 21_000

    def test_a_check_fails_a_right_sampler_at_most_once_in_a_million_times(self):
        for look in itertools.chain.from_iterable(map(looks, (20, 500, 3_800))):
            chance = power_of_a_look(TABLE, TABLE * (1 + 1e-9), look.sample, look.surprising)
            assert chance * len(TABLE) <= look.surprising
        # The look halfway isn't independent of the next one, so it doesn't count.
        assert max(map(samplings, filter(draws, CHECKS))) * statistics.FIRST * statistics.SECOND <= 1.0001e-6


def samplings(test: Callable[..., None]) -> int:
    """Count the sampling runs that may fail a correct sampler by chance, i.e., those that can draw several ids."""
    stub = check_of(test).stub
    _, student = outcome(test, 1, right_samplers(stub)["solution"])
    asked = [call for call in student.calls if call.draws]
    return sum(
        np.count_nonzero(right_probabilities(stub)(*each.arguments[0], **each.arguments[1])) > 1 for each in asked
    )
