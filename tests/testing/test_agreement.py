"""The check author's vocabulary: what agrees and what doesn't, how that's said, and which mistake it looks like."""

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch

from autograder.grading.likeness import same_mistake, tells
from autograder.model.results import Outcome
from autograder.testing.assertions import (
    CheckFailed,
    agree,
    agree_values,
    leaves_unchanged,
    raises,
    repeatable,
)
from autograder.testing.comparison import ABSOLUTE, RELATIVE
from autograder.testing.local import LocalConnection
from autograder.testing.references import reference_value
from autograder.testing.student import Answer, Call, StubFailure, Student

ROOM = ABSOLUTE + RELATIVE  # how far an answer may be from an expected 1, if that's the largest expected value
INF, NAN = math.inf, math.nan


def student_with(stub: Callable[..., Any]) -> Student:
    return Student(LocalConnection({"stub": stub}))


def complaint(check: Callable[..., Any], *args: Any, **kwargs: Any) -> str:
    with pytest.raises(CheckFailed) as caught:
        check(*args, **kwargs)
    return str(caught.value)


def where(got: Any, want: Any, **options: Any) -> str | None:
    """Where `got`, sent over the wire by a stub, differs from `want`, in the message's words; None if they agree."""
    try:
        agree(student_with(lambda: got).stub, lambda: want, **options)
    except CheckFailed as failure:
        return str(failure).split("\nWhere:  ")[1]
    return None


def agrees(got: Any, want: Any, **options: Any) -> bool:
    return where(got, want, **options) is None


class TestTheToleranceRule:
    @pytest.mark.parametrize("scale", [1e-12, 1.0, 1e12])
    @pytest.mark.parametrize("sign", [1, -1])
    def test_is_relative_to_the_largest_wanted_value_whatever_its_size(self, scale, sign):
        want = np.array([1.0, 0.5, 0.0]) * scale
        for place, value in enumerate(want):
            room = ABSOLUTE * scale + RELATIVE * value
            just_within, just_beyond = want.copy(), want.copy()
            just_within[place] += sign * room * 0.99999
            just_beyond[place] += sign * room * 1.00001
            assert agrees(just_within, want)
            assert not agrees(just_beyond, want)

    def test_the_largest_is_the_largest_in_size_not_in_value(self):
        assert agrees(np.array([-100.0, 0.0009]), np.array([-100.0, 0.0]))

    def test_where_all_wanted_values_are_zero_their_size_is_taken_as_one(self):
        want = np.zeros(3)
        assert agrees(want + ABSOLUTE * 0.999, want)
        assert not agrees(want + ABSOLUTE * 1.001, want)

    def test_non_finite_wanted_values_do_not_set_the_scale(self):
        want = np.array([INF, 1e-3, NAN, -INF])
        assert agrees(want, want)
        assert not agrees(np.array([INF, 1e-3 + 2e-6, NAN, -INF]), want)

    def test_all_wanted_values_non_finite(self):
        assert agrees(np.array([INF, NAN]), np.array([INF, NAN]))
        assert not agrees(np.array([INF, INF]), np.array([INF, NAN]))

    @pytest.mark.parametrize("wanted", [INF, -INF, NAN, 0.0, 1.0])
    @pytest.mark.parametrize("came", [INF, -INF, NAN, 0.0, 1.0])
    def test_non_finite_values_agree_only_in_place_and_sign(self, came, wanted):
        want, got = np.array([1.0, wanted]), np.array([1.0, came])
        assert agrees(got, want) == (repr(came) == repr(wanted))
        assert agrees(came, wanted) == (repr(came) == repr(wanted))

    def test_negative_zero_is_zero(self):
        assert agrees(np.array([-0.0, 1.0]), np.array([0.0, 1.0]))

    @pytest.mark.parametrize("factor", [0.0, -1.0, 1.01, 0.99])
    @pytest.mark.parametrize("scale", [1e-9, 1.0, 1e9])
    def test_zeros_the_flipped_sign_and_one_percent_more_or_less_are_wrong(self, factor, scale):
        want = np.array([3.0, -2.0, 1.0]) * scale
        assert not agrees(want * factor, want)

    def test_tail_leaves_only_the_relative_part(self):
        want = np.array([1.0, 2e-9])
        off = np.array([1.0, 2.1e-9])
        assert agrees(off, want)
        assert not agrees(off, want, tail=True)
        assert agrees(want * (1 + RELATIVE * 0.99), want, tail=True)
        assert not agrees(want * (1 + RELATIVE * 1.01), want, tail=True)

    def test_tail_wants_an_exact_zero(self):
        assert agrees(np.array([1.0, 0.0]), np.array([1.0, 0.0]), tail=True)
        assert not agrees(np.array([1.0, 1e-300]), np.array([1.0, 0.0]), tail=True)

    def test_tail_reaches_into_containers(self):
        for wrap in (lambda array: [array], lambda array: (1.0, array), lambda array: {"p": array}):
            want, off = wrap(np.array([1.0, 2e-9])), wrap(np.array([1.0, 2.1e-9]))
            assert agrees(off, want)
            assert agrees(want, want, tail=True)
            assert not agrees(off, want, tail=True)

    @pytest.mark.parametrize("scale", [1e-6, 1.0])
    def test_atol_is_so_far_off_whatever_the_scale(self, scale):
        want = (scale * 0.2, scale * 0.7)
        assert agrees((want[0] + 5e-4, want[1] - 5e-4), want, atol=6e-4)
        assert not agrees((want[0] + 8e-4, want[1]), want, atol=6e-4)
        assert not agrees((want[0] + 5e-4, want[1]), want)

    def test_overflow_in_the_comparison_is_no_agreement(self):
        assert not agrees(np.array([-1.7e308]), np.array([1.7e308]))


class TestWhatCountsAsTheAnswer:
    @pytest.mark.parametrize(
        "got",
        [
            0.25,
            np.float64(0.25),
            np.float32(0.25),
            np.float16(0.25),
            np.array(0.25),
            np.array(0.25, np.float32),
            np.array(0.25, ">f8"),
        ],
        ids=lambda got: type(got).__name__,
    )
    def test_a_number_may_be_any_kind_of_number(self, got):
        assert agrees(got, np.float64(0.25))
        assert agrees(got, np.array(0.25))
        assert agrees(got, 0.25)

    @pytest.mark.parametrize(
        "convert",
        [
            list,
            tuple,
            np.ndarray.tolist,
            np.asfortranarray,
            np.ma.masked_array,
            lambda a: a.astype("f4"),
            lambda a: a.astype(">f8"),
        ],
    )
    def test_an_array_may_be_a_list_or_of_another_precision(self, convert):
        want = np.arange(6.0).reshape(2, 3) / 7
        assert agrees(convert(want), want)

    def test_float32_rounding_is_within_the_tolerance(self):
        want = np.random.default_rng(1).normal(scale=1e3, size=1000)
        assert agrees(want.astype(np.float32), want)

    @pytest.mark.parametrize("got", [2, np.int64(2), np.uint8(2), np.array(2)])
    def test_whole_numbers_do_where_numbers_are_wanted(self, got):
        assert agrees(got, 2.0)

    @pytest.mark.parametrize("dtype", ["i1", "i4", "i8", "u1", "u8"])
    def test_ids_may_be_of_any_integer_dtype(self, dtype):
        want = np.array([3, 1, 2])
        assert agrees(want.astype(dtype), want)
        assert agrees(want.tolist(), want)

    @pytest.mark.parametrize("got", [np.array([3.0, 1.0, 2.0]), [3.0, 1.0, 2.0], np.array([3, 1, 2], "f4")])
    def test_ids_may_not_be_fractions_even_with_nothing_after_the_point(self, got):
        assert "expected whole numbers (an integer dtype), got dtype float" in where(got, np.array([3, 1, 2]))

    def test_ids_have_no_tolerance(self):
        assert not agrees(np.array([1_000_000, 1]), np.array([1_000_001, 1]))
        assert not agrees(2**53 + 1, 2**53)

    def test_ids_too_large_for_any_integer_dtype_are_refused(self):
        assert "whole numbers" in where(10**30, 5)
        assert "whole numbers" in where([10**400, 1], np.array([5, 1]))

    def test_no_numbers_at_all_agree_in_any_kind(self):
        assert agrees([], np.zeros(0))
        assert agrees([], np.zeros(0, int))
        assert not agrees([], np.zeros((0, 3)))

    def test_true_and_false_agree_only_with_themselves(self):
        want = np.array([True, False])
        assert agrees(want, want)
        assert agrees([True, False], want)
        assert agrees(True, True)
        assert where(False, True) == "got False, wanted True"
        assert "expected True or False" in where(np.array([1, 0]), want)
        assert "expected True or False" in where(1.0, True)


REFUSED: dict[str, tuple[Any, str]] = {
    "None": (None, "got nothing (None)"),
    "True": (True, "expected numbers, got dtype bool"),
    "an array of True and False": (np.array([True]), "expected numbers, got dtype bool"),
    "a complex number": (1 + 0j, "expected numbers, got dtype complex128"),
    "an array of complex numbers": (np.array([1 + 0j]), "expected numbers, got dtype complex128"),
    "text": ("0.25", "expected numbers, got a str"),
    "bytes": (b"1", "expected numbers, got a bytes"),
    "a list of text": (["1", "2"], "expected numbers, but some of the values are text"),
    "text among numbers": ([1.0, ["a"]], "expected numbers, but some of the values are text"),
    "a dict": ({"p": 1.0}, "expected numbers, got a dict"),
    "a list of dicts": ([{}], "expected numbers, got values of a different kind"),
    "a list with None": ([1.0, None], "expected numbers, got values of a different kind"),
    "a set": ({1.0}, "got a set, which is neither a number nor an array"),
    "a set in a list": ([{1.0}], "expected numbers, got values of a different kind"),
    "a function": (lambda: 1.0, "got a function, which is neither a number nor an array"),
    "an array of objects": (
        np.array([None]),
        "got an array of Python objects, which is neither a number nor an array",
    ),
    "a generator": (
        (each for each in [1.0]),
        "got an iterator, such as a generator, which is neither a number nor an array",
    ),
    "a Generator": (np.random.default_rng(0), "expected numbers, got a Generator"),
    "rows of different lengths": ([[1.0], [1.0, 2.0]], "its rows have different lengths"),
    "arrays of different lengths": ((np.zeros(2), np.zeros(3)), "its rows have different lengths"),
}


class TestWhatIsNoAnswer:
    @pytest.mark.parametrize(("got", "words"), REFUSED.values(), ids=REFUSED)
    @pytest.mark.parametrize("want", [0.25, np.array([1.0, 2.0])], ids=["number", "array"])
    def test_is_refused_in_words_a_beginner_understands(self, got, words, want):
        assert where(got, want).splitlines()[0] == words

    @pytest.mark.parametrize(
        ("got", "want", "words"),
        [
            (np.zeros(3), 0.0, "expected one number, got an array of shape (3,)"),
            (np.zeros(1), 0.0, "expected one number, got an array of shape (1,)"),
            ([0.0], 0.0, "expected one number, got an array of shape (1,)"),
            ([[1.0, 2.0]], np.array([1.0, 2.0]), "the shape is (1, 2), expected (2,)"),
            (0.0, np.zeros(3), "the shape is (), expected (3,)"),
            (np.zeros((3, 1)), np.zeros(3), "the shape is (3, 1), expected (3,)"),
            (np.zeros((3, 2)), np.zeros((2, 3)), "the shape is (3, 2), expected (2, 3)"),
            ([], np.zeros(3), "the shape is (0,), expected (3,)"),
        ],
    )
    def test_shapes_are_said_side_by_side(self, got, want, words):
        assert where(got, want) == words

    def test_a_list_with_one_long_text_takes_no_memory(self):
        """An array of it would take half a terabyte: numpy reserves the longest string's size for every entry."""
        hostile = ["x" * 1_000_000, *["y"] * 150_000]
        assert "text" in where(hostile, np.zeros(3))
        with pytest.raises(CheckFailed):
            repeatable(student_with(iter([hostile, hostile[1:]]).__next__).stub)

    @pytest.mark.parametrize(
        ("value", "shown"),
        [
            (10**5000, "a whole number of more than 100 digits"),
            (-(10**100), "a whole number of more than 100 digits"),
            (np.zeros((6,) * 8, np.int8), "array of shape (6, 6, 6, 6, 6, 6, 6, 6)"),
            (np.zeros((0, 3)), "array of shape (0, 3)"),
            ([[[[[1.0]]]]], "[[[[…]]]]"),
            ([[[[]]]], "[[[[]]]]"),
            ([1] * 9, "[1, 1, 1, 1, 1, 1, 1, 1, …]"),
            ({"a": {"b": {"c": {"d": 1}}}}, "{'a': {'b': {'c': {…}}}}"),
            (dict.fromkeys(range(9), 1.5), "{0: 1.5, 1: 1.5, 2: 1.5, 3: 1.5, 4: 1.5, 5: 1.5, 6: 1.5, 7: 1.5, …}"),
        ],
        ids=lambda value: type(value).__name__,  # their repr takes seconds
    )
    def test_what_is_giant_or_deep_is_shown_in_a_few_words_and_little_work(self, value, shown):
        said = complaint(agree, student_with(lambda: value).stub, lambda: np.array([0.5, 0.5]))
        assert said.splitlines()[1] == f"Got:    {shown}"

    @pytest.mark.parametrize(
        "value",
        [
            np.zeros((6,) * 8, np.int8),
            np.zeros(100_000),
            ["a" * 100_000],
            "a" * 100_000,
            {"a" * 100_000: np.zeros(9)},
            [[[[1.0] * 9] * 9] * 9] * 9,
            dict.fromkeys(range(900), 1.0),
        ],
        ids=lambda value: type(value).__name__,
    )
    def test_no_value_makes_a_long_message(self, value):
        assert len(complaint(agree, student_with(lambda: value).stub, lambda: np.array([0.5, 0.5]))) < 1500


class TestContainers:
    def test_are_walked(self):
        want = (np.array([[1, 2]]), {"loss": 0.5, "grads": [np.ones(2), np.zeros((2, 2))]}, "mat", None)
        assert agrees(want, want)
        assert agrees(list(want), want)

    def test_a_pair_may_come_as_one_array(self):
        assert agrees(np.array([[1, 2], [3, 4]]), (np.array([1, 2]), np.array([3, 4])))

    @pytest.mark.parametrize(
        ("got", "words"),
        [
            ((np.ones(2),), "expected 2 values, got 1"),
            ((np.ones(2),) * 3, "expected 2 values, got 3"),
            (1.0, "expected 2 values, got one float"),
            (np.array(1.0), "expected 2 values, got one ndarray"),
            ({"a": 1, "b": 2}, "expected 2 values, got one dict"),
            ((np.ones(2), np.array([0.0, 1.0])), "value 1: first at [1]: got 1, wanted 0 (1 of 2 entries differ)"),
            ((np.ones(2), None), "value 1: got nothing (None)"),
            ((np.ones(2), np.zeros(3)), "value 1: the shape is (3,), expected (2,)"),
        ],
    )
    def test_say_which_value_of_a_pair_is_wrong(self, got, words):
        assert where(got, (np.ones(2), np.zeros(2))).splitlines()[0] == words

    def test_one_value_is_not_called_values(self):
        assert where(["a", "b"], ["a"]).splitlines()[0] == "expected 1 value, got 2"

    @pytest.mark.parametrize(
        ("got", "words"),
        [
            ([1.0], "expected a dict, got a list"),
            (1, "expected a dict, got an int"),
            ({"b": 1.0}, "the key 'a' is missing"),
            ({"a": 1.0, "b": {"c": 2}, "d": 1}, "the key 'd' shouldn't be there"),
            ({"a": 1.5, "b": {"c": 2}}, "under 'a': got 1.5, wanted 1"),
            ({"a": 1.0, "b": {"c": 3}}, "under 'b': under 'c': got 3, wanted 2"),
        ],
    )
    def test_say_which_key_of_a_dict_is_wrong(self, got, words):
        assert where(got, {"a": 1.0, "b": {"c": 2}}) == words

    @pytest.mark.parametrize(("got", "want"), [("mats", "mat"), (b"mat", "mat"), (1, "mat"), (0.0, None), ([], None)])
    def test_text_and_nothing_agree_only_with_themselves(self, got, want):
        assert where(got, want) == "a different value"
        assert agrees(want, want)


class TestTheMessage:
    def test_names_what_was_called_what_came_what_was_wanted_and_where(self):
        def reference(logits: torch.Tensor, axis: int = -1) -> torch.Tensor:
            return torch.softmax(logits, axis)

        stub = student_with(lambda logits, axis=-1: np.exp(logits)).stub
        assert complaint(agree, stub, reference, np.log([1.0, 3.0]), axis=0) == (
            "Called: stub(array([0.      , 1.098612]), axis=0)\n"
            "Got:    array([1., 3.])\n"
            "Wanted: array([0.25, 0.75])\n"
            "Where:  first at [0]: got 1, wanted 0.25 (2 of 2 entries differ)"
        )

    def test_points_at_the_first_difference_and_counts_them(self):
        want = np.zeros((3, 4))
        got = want.copy()
        got[1, 2], got[2, 0] = 7.5, 1
        assert where(got, want) == "first at [1, 2]: got 7.5, wanted 0 (2 of 12 entries differ)"

    def test_shows_enough_digits_to_see_it(self):
        said = where(np.array([0.50007, 1.0]), np.array([0.5, 1.0]))
        assert "got 0.50007, wanted 0.5" in said

    def test_has_the_same_in_parts(self):
        with pytest.raises(CheckFailed) as caught:
            agree(student_with(lambda x: x).stub, lambda x: x * 2, np.array([1.0, 2.0]))
        parts = caught.value.difference
        assert (parts.called, parts.got, parts.wanted) == (
            "stub(array([1., 2.]))",
            "array([1., 2.])",
            "array([2., 4.])",
        )
        assert parts.where.startswith("first at [0]: got 1, wanted 2")
        assert parts.table.shape == (2,)
        assert parts.table.differing == 2

    def test_long_inputs_are_shortened(self):
        said = complaint(agree, student_with(lambda x: 0.0).stub, lambda x: 1.0, np.arange(10_000.0))
        assert "..." in said
        assert len(said) < 400

    def test_of_a_value_worked_out_from_the_answer_says_which(self):
        said = complaint(agree_values, np.array([1.0, 0.9]), np.ones(2), "the sum of each row")
        assert "looked at the sum of each row" in said
        assert "first at [1]: got 0.9, wanted 1 (1 of 2 entries differ)" in said
        agree_values(np.array([1.0, 1.0]), np.ones(2), "the sum of each row")


class TestAgree:
    def test_gives_the_students_value_as_it_arrived(self):
        got = agree(student_with(lambda: [1.0, 2]).stub, lambda: torch.tensor([1.0, 2.0]))
        assert got == [1.0, 2]
        assert type(got[1]) is int

    def test_the_reference_gets_tensors_and_the_student_numpy(self):
        seen = []

        def look(who: str) -> Callable[..., float]:
            def function(*args: Any, **kwargs: Any) -> float:
                flat = [*args[:3], *args[3], args[4]["a"], kwargs["axis"], args[5]]
                seen.append([who, *(getattr(each, "dtype", type(each)) for each in flat)])
                return 1.0

            return function

        arguments = (np.ones(1, "f4"), np.ones(1, "u1"), np.ones(1, "?"), [np.ones(2)], {"a": np.ones(1, int)}, 3)
        agree(student_with(look("student")).stub, look("reference"), *arguments, axis=-1)
        assert seen == [
            ["reference", torch.float64, torch.int64, torch.bool, torch.float64, torch.int64, int, int],
            ["student", "f4", "u1", "?", "f8", "i8", int, int],
        ]

    def test_neither_side_can_change_the_checks_own_arguments(self):
        def spoil(x: Any) -> float:
            x[0] = 99
            return 1.0

        x = np.zeros(3)
        agree(student_with(spoil).stub, spoil, x)
        agree(student_with(spoil).stub, spoil, x)
        assert (x == 0).all()

    def test_a_reference_that_works_in_place_leaves_the_callers_arguments_alone(self):
        x = np.ones(2)
        assert (reference_value(lambda x: x.zero_(), ((x,), {})) == 0).all()
        assert (x == 1).all()

    def test_the_reference_is_asked_once_for_the_same_arguments(self):
        asked = []

        def reference(x: torch.Tensor) -> torch.Tensor:
            asked.append(x)
            return x

        student = student_with(lambda x: x)
        for x in (np.ones(2), np.ones(2), np.ones(3), np.ones(2, "f4")):
            agree(student.stub, reference, x)
        assert len(asked) == 3

    def test_the_students_exception_goes_through_by_name(self):
        def stub() -> float:
            raise ZeroDivisionError("by nothing")

        with pytest.raises(StubFailure, match="by nothing") as caught:
            agree(student_with(stub).stub, lambda: 1.0)
        assert caught.value.outcome is Outcome.ERROR
        assert caught.value.exception == "ZeroDivisionError"

    def test_every_call_is_kept(self):
        student = student_with(lambda x: x)
        agree(student.stub, lambda x: x, 1.0)
        with pytest.raises(CheckFailed):
            agree(student.stub, lambda x: 5.0, 2.0)
        assert [(call.stub, call.arguments, call.answer.value) for call in student.calls] == [
            ("stub", ((1.0,), {}), 1.0),
            ("stub", ((2.0,), {}), 2.0),
        ]

    def test_a_generator_of_any_kind_is_kept_as_it_was(self):
        rng = np.random.Generator(np.random.SFC64(1))
        student = student_with(lambda rng: rng.random())
        drawn = student.stub(rng)
        assert student.calls[0].arguments[0][0].random() == drawn


class TestLeavesUnchanged:
    def test_a_stub_that_works_on_a_copy_passes(self):
        leaves_unchanged(student_with(lambda x, rows=(): np.array(x) * 2).stub, np.ones(3), rows=[np.zeros(2)])

    def test_equal_numbers_in_another_memory_order_are_no_change(self):
        student = student_with(lambda rows: rows.__setitem__(0, np.asfortranarray(rows[0])))
        leaves_unchanged(student.stub, [np.arange(6.0).reshape(2, 3)])

    @pytest.mark.parametrize(
        ("spoil", "what"),
        [
            (lambda x, rows: x.__setitem__(0, 5.0), "array"),
            (lambda x, rows: x.__imul__(1 + 1e-15), "array"),
            (lambda x, rows: x.sort(), "array"),
            (lambda x, rows: rows.append(1), "list"),
            (lambda x, rows: rows[0].__setitem__(0, 1.0), "array"),
            (lambda x, rows: x.setflags(write=True) or x.resize(4, refcheck=False), "array"),
        ],
        ids=["one entry", "one bit", "sorted", "appended", "within a list", "resized"],
    )
    def test_the_smallest_change_of_any_argument_is_reported(self, spoil, what):
        said = complaint(leaves_unchanged, student_with(spoil).stub, np.array([3.0, 1.0, 2.0]), [np.zeros(2)])
        called = "Called: stub(array([3., 1., 2.]), [array([0., 0.])])"
        assert said.startswith(f"{called}\nYour function changed the {what}")
        assert said.endswith("work on a copy instead.")

    def test_what_was_passed_in_looks_the_same_before_and_after(self):
        with pytest.raises(CheckFailed) as caught:
            leaves_unchanged(student_with(lambda f, x, more: x.sort()).stub, abs, [3, 1], [("first", min)])
        assert caught.value.difference.wanted == "stub(abs, [3, 1], [('first', min)]), as before"
        assert caught.value.difference.got == "stub(abs, [1, 3], [('first', min)]), after the call"

    def test_drawing_from_a_generator_is_no_change(self):
        stub = student_with(lambda probs, rng: rng.choice(3, p=probs)).stub
        leaves_unchanged(stub, np.full(3, 1 / 3), np.random.default_rng(0))

    def test_a_change_beside_a_generator_is(self):
        stub = student_with(lambda probs, rng: probs.__setitem__(0, rng.random())).stub
        complaint(leaves_unchanged, stub, np.full(3, 1 / 3), np.random.default_rng(0))

    def test_only_the_first_argument_may_change_in_place(self):
        steps = student_with(lambda params, slopes: params.__isub__(slopes)).stub
        leaves_unchanged(steps, np.ones(2), np.ones(2), in_place=True)
        spoils = student_with(lambda params, slopes: params.__isub__(slopes) is slopes.fill(0.0)).stub
        said = complaint(leaves_unchanged, spoils, np.ones(1), np.ones(1), in_place=True)
        assert said.startswith("Called: stub(array([1.]), array([1.]))\nYour function changed the array")


class TestRaises:
    @staticmethod
    def raising(error: Exception) -> Student:
        def stub(x: Any) -> Any:
            raise error

        return student_with(stub)

    def test_the_error_asked_for_or_a_kind_of_it_passes(self):
        raises(self.raising(ValueError("no")).stub, 1)
        raises(self.raising(UnicodeDecodeError("utf-8", b"", 0, 1, "no")).stub, 1)
        raises(self.raising(IndexError("no")).stub, 1, error=(ValueError, IndexError))
        raises(self.raising(IndexError("no")).stub, 1, error=LookupError)

    def test_another_error_fails_and_both_are_named(self):
        said = complaint(raises, self.raising(KeyError("no")).stub, np.ones(1), error=(ValueError, IndexError))
        assert said.startswith("Called: stub(array([1.]))\nRaised: ")
        assert "no" in said
        assert said.endswith("Wanted: ValueError or IndexError")

    def test_no_error_fails_and_what_came_back_is_shown(self):
        said = complaint(raises, student_with(lambda x: 0.5).stub, 1)
        assert said == "Called: stub(1)\nGot:    0.5\nWanted: ValueError is raised"

    @pytest.mark.parametrize("outcome", [each for each in Outcome if each is not Outcome.ERROR])
    def test_a_call_that_failed_in_another_way_did_not_raise(self, outcome):
        class Broken:
            def call(self, *_: Any) -> Answer:
                raise StubFailure(outcome, "it did not come to that", "ValueError", ("ValueError",))

            def close(self) -> None: ...

        with pytest.raises(StubFailure) as caught:
            raises(Student(Broken()).stub, 1)
        assert caught.value.outcome is outcome


class TestRepeatable:
    @staticmethod
    def answering(first: Any, second: Any) -> Student:
        return student_with(iter([first, second]).__next__)

    @pytest.mark.parametrize(
        "value",
        [
            *(1, 2.5, "mat", None, NAN, 10**400, 1j, {1, 2}, [], (), {}),
            *(np.array([1.0, NAN, INF]), np.array([True, False]), np.array([1j, 2])),
            *([1, "a", None], {"a": [1.0, {"b": np.ones(2)}]}, [[1], [1, 2]], np.zeros((0, 3))),
        ],
        ids=lambda value: f"{value!r:.20}",
    )
    def test_the_same_answer_twice_passes(self, value):
        repeatable(self.answering(value, value).stub)

    @pytest.mark.parametrize(
        ("first", "second"),
        [
            (1.0, 1.001),
            (1, 2),
            (100_000, 100_001),
            (1, 1.0),
            (True, 1),
            (1.0, None),
            ("a", "b"),
            (10**400, 10**400 + 1),
            (NAN, 1.0),
            (INF, -INF),
            (np.zeros(2), np.zeros(3)),
            (np.array([1j, 2]), np.array([1j, 3])),
            ([1, 2], [1, 2, 3]),
            ([[1], [1, 2]], [[1], [1, 3]]),
            ({"a": 1}, {"b": 1}),
            ({"a": 1}, {"a": 2}),
        ],
        ids=repr,
    )
    def test_another_answer_fails_and_both_are_shown(self, first, second):
        said = complaint(repeatable, self.answering(first, second).stub)
        assert said.startswith("Called: stub(), twice\nFirst:  ")
        assert "\nThen:   " in said


def called(value: Any, left: Any = None) -> Call:
    return Call("stub", ((), {}), Answer(value, left))


def failed(exception: str | None, outcome: Outcome = Outcome.ERROR) -> Call:
    return Call("stub", ((), {}), StubFailure(outcome, "words", exception))


class TestTheSameMistake:
    def test_is_every_answer_of_a_check_the_same(self):
        calls = [called(np.array([0.25, 0.75])), called(1)]
        assert same_mistake(calls, [called(np.array([0.25, 0.75])), called(1)])
        assert not same_mistake(calls, [called(np.array([0.25, 0.75])), called(2)])
        assert not same_mistake(calls, calls[:1])
        assert not same_mistake(calls[:1], calls)

    @pytest.mark.parametrize(
        "student",
        [
            np.array([0.25, 0.75], np.float32),
            [0.25, 0.75],
            np.array([0.25, 0.75]) * (1 + 1e-6),
        ],
    )
    def test_in_whatever_form_and_precision(self, student):
        assert same_mistake([called(student)], [called(np.array([0.25, 0.75]))])

    @pytest.mark.parametrize(
        "student",
        [
            np.array([0.25, 0.7501]),
            np.array([0.25]),
            np.array([[0.25, 0.75]]),
            np.array([NAN, 0.75]),
            np.array([1, 0]),
            0.25,
            None,
            "text",
            {"p": [0.25, 0.75]},
        ],
        ids=repr,
    )
    def test_is_no_other_answer(self, student):
        assert not same_mistake([called(student)], [called(np.array([0.25, 0.75]))])

    def test_small_entries_are_compared_by_their_own_size(self):
        assert not same_mistake([called(np.array([1.0, 1e-4]))], [called(np.array([1.0, 1.1e-4]))])

    def test_token_ids_are_compared_exactly(self):
        assert not same_mistake([called(np.array([50_256, 100_001]))], [called(np.array([50_256, 100_000]))])

    def test_exceptions_are_the_same_by_name_and_never_an_answer(self):
        assert same_mistake([failed("ValueError")], [failed("ValueError")])
        assert not same_mistake([failed("ValueError")], [failed("IndexError")])
        assert not same_mistake([failed("ValueError")], [called(1.0)])

    def test_what_was_done_to_the_arguments_is_part_of_it(self):
        spoilt, other = ((np.zeros(2),), {}), ((np.ones(2),), {})
        assert same_mistake([called(1.0, spoilt)], [called(1.0, spoilt)])
        assert not same_mistake([called(1.0, spoilt)], [called(1.0)])
        assert not same_mistake([called(1.0, spoilt)], [called(1.0, other)])


class TestTells:
    @pytest.mark.parametrize(
        "value",
        [
            *(1.0, 0, True, "text", [], {}, {1: 2}, 10**400, [10**400], 1j, [[1], [1, 2]], INF),
            *(np.array([NAN, 1.0]), np.zeros((0, 2)), np.array([1j]), np.random.default_rng(0), [None, 1.0]),
        ],
        ids=lambda value: f"{value!r:.20}",
    )
    @pytest.mark.filterwarnings("ignore::numpy.exceptions.ComplexWarning")
    def test_any_answer_can_name_a_mistake(self, value):
        assert tells([called(value)])

    @pytest.mark.parametrize("value", [NAN, None, np.full(3, NAN), [NAN, NAN], np.float32(NAN)], ids=repr)
    def test_nothing_but_nan_cannot(self, value):
        assert not tells([called(1.0), called(value)])

    def test_a_bare_exception_and_no_call_at_all_cannot(self):
        assert not tells([called(1.0), failed("ValueError")])
        assert not tells([])

    def test_a_changed_argument_can(self):
        assert tells([called(NAN, ((np.zeros(1),), {}))])

    def test_only_the_last_answer_counts(self):
        assert tells([failed("ValueError"), called(1.0)])
