"""Pitfalls: mistakes that students can make in any stub. We recognize them by what the stub returned or raised.

Each has a name and a sentence that says what to do. The sentences are fixed and don't contain any of a check's data, so
hidden checks can show them too.
"""

import builtins
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from autograder.model.results import Pitfall

UNSOLVED = Pitfall(
    name="still unsolved",
    sentence="The stub still raises NotImplementedError. Replace that line with your answer, and run the cell.",
)
RENAMED = Pitfall(
    name="renamed function",
    sentence="Your function seems to have a different name now. Change it back: the checks call it by the stub's name.",
)
OVERWRITTEN = Pitfall(
    name="you've overwritten your function",
    sentence="A line like f = f(x) overwrites the function with its result. Give the result a different name, such "
    "as probs, and run the function's cell again.",
)
NOT_RUN = Pitfall(
    name="edited but not run",
    sentence="The saved notebook's version of this cell isn't the one that ran. Run the cell, then check again.",
)
PACKAGE = Pitfall(
    name="package that isn't available during grading",
    sentence="Your code needs a package that isn't available during grading. Use only the packages that are allowed.",
)
NOT_RETURNED = Pitfall(
    name="forgot to return",
    sentence="Your function ends without a return, so it returns None. Return the value you computed.",
)
PRINTED = Pitfall(
    name="printed instead of returned",
    sentence="Your function printed something and returned None. print only shows a value; return hands it to the "
    "caller.",
)
SHAPE = Pitfall(
    name="wrong shape",
    sentence="The answer has a different shape than the docstring says. Print its shape for this input. A sum, mean or "
    "max along an axis drops that axis unless you pass keepdims=True. Without an axis, you get one number.",
)
SHAPES_DO_NOT_FIT = Pitfall(
    name="shapes that don't match",
    sentence="Two of the arrays in that line can't be combined. Print their shapes just before it. A sum, mean or "
    "max along an axis drops that axis unless you pass keepdims=True.",
)
AXES_OUT_OF_ORDER = Pitfall(
    name="axes in a different order",
    sentence="The answer has the right axes in a different order. If you moved an axis, or transposed an array, to "
    "compute the answer, undo that before you return it.",
)
WRONG_LENGTH = Pitfall(
    name="wrong length",
    sentence="An axis of the answer is longer or shorter than the docstring says. Usually, a range or slice starts or "
    "stops one position too early or too late. Print the first and last item that your loop produces.",
)
ROWS_DIFFER = Pitfall(
    name="rows of different lengths",
    sentence="The rows of an array must all have the same shape, and here they don't. Perhaps a slice runs past the "
    "end and Python silently cuts it short, or an item is a whole row where you expect a number. Print their shapes.",
)
NO_ARRAY_METHOD = Pitfall(
    name="a list method used on an array",
    sentence="An array has a fixed length, so it has no append, extend, insert or pop. Turn it into a list first "
    "with list(...), and add to that.",
)
CANNOT_RUN = Pitfall(
    name="the cell can't run yet",
    sentence="Python couldn't read the cell, so nothing in it ran. Look at the line above, and at the one before it: "
    "a colon, bracket or quote may be missing, or the indentation may be off.",
)
WHOLE_NUMBERS = Pitfall(
    name="whole numbers instead of fractions",
    sentence="// and int() drop the fraction, and an array of integers can't hold fractions. Divide with /, and use "
    "float arrays.",
)
CHANGED_INPUT = Pitfall(
    name="changed its input",
    sentence="Your function changed the array it was given, and the caller still needs the original. x -= 1 and x[0] "
    "= 1 change x in place; x = x - 1 makes a new array.",
)
NOT_FINITE = Pitfall(
    name="not a finite number",
    sentence="You returned nan or inf instead of an ordinary number; numpy warns when that happens (RuntimeWarning). "
    "The exponential of a large number overflows to inf, the logarithm of 0 is -inf, and inf / inf, 0 / 0 "
    "and 0 * inf are nan.",
)
CHANGED_LIST = Pitfall(
    name="changed its input",
    sentence="Your function changed the list it was given, and the caller still needs the original. append, += and "
    "x[0] = 1 change x in place; list(x) makes a copy, and x + [1] a new list.",
)
SIGNATURE = Pitfall(
    name="different arguments than the task's",
    sentence="Your function can't be called the way the task describes. Change its first line back: def, the name, and "
    "all the arguments in order.",
)
NOT_REFUSED = Pitfall(
    name="no error for bad input",
    sentence="Your function returns a value for input that it should reject. Check the arguments first, and raise "
    "the error that the docstring names.",
)
OTHER_ERROR = Pitfall(
    name="the wrong kind of error",
    sentence="Your function raises an error for bad input, but not the one that the docstring names. Check the "
    "arguments before you use them, and raise that error yourself.",
)
GOOD_INPUT_REFUSED = Pitfall(
    name="rejected input that's allowed",
    sentence="Your own raise or assert stopped the call, but the task allows this input. Either the condition is too "
    "strict, or the value it tests is wrong. Print that value and the condition just before that line.",
)
BEYOND_THE_END = Pitfall(
    name="an index beyond the end",
    sentence="That line uses an index that doesn't exist: with n entries, indices run from 0 to n - 1. Print the "
    "index and the length just before it.",
)
NO_SUCH_AXIS = Pitfall(
    name="an axis that isn't there",
    sentence="That line uses an axis that the array doesn't have: with n dimensions, the axes run from 0 to n - 1, and "
    "-1 is the last one. A single number has none. Print the array's shape just before it.",
)
CALLS_ITSELF = Pitfall(
    name="a function that keeps calling itself",
    sentence="Python allows about a thousand nested calls, and then raises a RecursionError. Either your "
    "function never stops calling itself, or the input needs more calls than that. Use a loop instead.",
)
MISSING_KEY = Pitfall(
    name="a key that isn't there",
    sentence="That line, or a function that it calls, looks up a key that isn't in the dict. The keys may differ "
    "from those in the example, so use a for loop to go through whatever keys the dict has. To see which ones, print "
    "them just before that line.",
)
NO_VALUE_YET = Pitfall(
    name="a variable without a value",
    sentence="That line uses a variable that has no value yet, because the loop or the if that sets it was skipped. "
    "Give it a value before the loop or the if.",
)
NEEDS_ONE_VALUE = Pitfall(
    name="an array instead of one value",
    sentence="That line needs a single number, or a single True or False, but got a whole array. math.exp, float, if "
    "and max take one value; np.exp, np.where and np.maximum take all entries at once.",
)
TOO_LARGE = Pitfall(
    name="a number too large for Python",
    sentence="math.exp and ** raise an OverflowError if the result is larger than about 1e308. Make the number "
    "smaller before you take its exponential.",
)
OUTSIDE_ITS_DOMAIN = Pitfall(
    name="a logarithm or root that Python rejects",
    sentence="math.log rejects 0 and negative numbers, and math.sqrt rejects negative ones. Find out which input "
    "causes the error, and what the task expects for that input.",
)
DO_NOT_SUM_TO_1 = Pitfall(
    name="probabilities that don't sum to 1",
    sentence="rng.choice rejects probabilities unless their sum is almost exactly 1. Convert them to float64 and "
    "divide them by their sum just before you draw.",
)
VARIES = Pitfall(
    name="a different answer each time",
    sentence="Your function returns a different answer when it's called again with the same arguments. It draws its "
    "own random numbers, or it remembers something from the last call.",
)
UNPACKED = Pitfall(
    name="a different number of values than names",
    sentence="A line like a, b = values needs exactly as many values as names. Print how many there are, and use a "
    "for loop if that number can vary.",
)
NAN_PROBABILITIES = Pitfall(
    name="probabilities that aren't numbers",
    sentence="rng.choice rejects nan, which comes from inf / inf and 0 / 0. The exponential of a large logit is inf, "
    "and the exponential of a very negative one is 0. Subtract the largest logit first.",
)
NO_LENGTH = Pitfall(
    name="an iterator used like a list",
    sentence="An iterator hands out its items one at a time: it has no length, and you can't index it. Go through it "
    "with a for loop.",
)
STOPS_BY_AN_ERROR = Pitfall(
    name="StopIteration raised in a generator",
    sentence="In a function with yield, raising StopIteration causes a RuntimeError. Use return to end the stream.",
)
NOTHING_LEFT = Pitfall(
    name="next without an item",
    sentence="next raises StopIteration if there's nothing left. Use a for loop, or pass next what it should return in "
    "that case: next(items, None).",
)
NOT_WHOLE_TEXT = Pitfall(
    name="bytes that don't form complete characters",
    sentence="A UnicodeDecodeError means that the bytes being decoded end in the middle of a character, start in the "
    "middle of one, or aren't UTF-8. Print them. If the rest of a character is still to come, keep its bytes until "
    "then: one incremental decoder for all the pieces does that. If the bytes may end there, decode them with "
    "errors='replace'.",
)

_NO_ROOM_FOR_FRACTIONS = ("UFuncTypeError", "UFuncOutputCastingError", "_UFuncOutputCastingError")
# The message from guest.stand_ins.not_available. The text of a NameError also contains it if the name is
# missing for this reason.
_PACKAGE_COMPLAINED_OF = "is not available during grading"
_ROWS_COMPLAINED_OF = "inhomogeneous shape"
_NO_ATTRIBUTE = tuple(
    f"'numpy.ndarray' object has no attribute '{name}'" for name in ("append", "extend", "insert", "pop")
)
_ONE_VALUE_COMPLAINED_OF = ("truth value of an array", "arrays can be converted to")
_SHAPES_COMPLAINED_OF = ("could not be broadcast", "not aligned", "mismatch in its core dimension")
# The type of the error, phrases to look for in its text (any one is enough), and the pitfall.
_OF_ERRORS = (
    ("IndexError", ("out of bounds for array of dimension",), NO_SUCH_AXIS),
    ("IndexError", ("out of bounds", "out of range"), BEYOND_THE_END),
    ("RecursionError", ("",), CALLS_ITSELF),
    ("KeyError", ("",), MISSING_KEY),
    ("UnboundLocalError", ("",), NO_VALUE_YET),
    ("TypeError", _ONE_VALUE_COMPLAINED_OF, NEEDS_ONE_VALUE),
    ("ValueError", _ONE_VALUE_COMPLAINED_OF, NEEDS_ONE_VALUE),
    ("OverflowError", ("math range error", "result out of range"), TOO_LARGE),
    (
        "ValueError",
        ("math domain error", "expected a positive input", "expected a nonnegative input"),
        OUTSIDE_ITS_DOMAIN,
    ),
    ("ValueError", ("robabilities do not sum to 1",), DO_NOT_SUM_TO_1),
    ("ValueError", ("robabilities contain NaN",), NAN_PROBABILITIES),
    ("TypeError", ("terator' has no len", "terator' object is not subscriptable", "generator' has no len"), NO_LENGTH),
    ("TypeError", ("generator' object is not subscriptable",), NO_LENGTH),
    ("ValueError", ("values to unpack",), UNPACKED),
    ("UnicodeDecodeError", ("",), NOT_WHOLE_TEXT),
    ("StopIteration", ("",), NOTHING_LEFT),
)
# Pitfalls that can come from the input rather than from the code itself.
OF_INPUT = (
    GOOD_INPUT_REFUSED,
    SHAPES_DO_NOT_FIT,
    ROWS_DIFFER,
    STOPS_BY_AN_ERROR,
    *(pitfall for _, _, pitfall in _OF_ERRORS),
)


def overwritten(name: str) -> Pitfall | None:
    """Return the pitfall for assigning to `np` or to the name of a builtin; None for any other name."""
    if name != "np" and not hasattr(builtins, name):
        return None
    what = "numpy" if name == "np" else "Python's own function"
    return Pitfall(
        name=f"you've overwritten {name}",
        sentence=f"{name} is one of your variables now, not {what}. Give the variable a different name, then "
        "restart the kernel and run all cells. Until you restart, the old variable is still there.",
    )


def of_answer(got: Any, wanted: Any, printed: bool) -> Pitfall | None:
    """Return the pitfall behind a wrong answer, if any. `printed`: whether the call printed anything."""
    if got is None and wanted is not None:
        return PRINTED if printed else NOT_RETURNED
    return next(_of_values(got, wanted), None)


def _of_values(got: Any, wanted: Any) -> Iterator[Pitfall]:
    if isinstance(wanted, list | tuple):
        if isinstance(got, list | tuple) and len(got) == len(wanted):
            for one, other in zip(got, wanted, strict=True):
                yield from _of_values(one, other)
        return
    try:
        came, right = np.asarray(got), np.asarray(wanted)
    except ValueError:  # rows of different lengths
        return
    if came.dtype.kind not in "biuf" or right.dtype.kind not in "biuf":
        return
    if came.shape != right.shape and sorted(came.shape) == sorted(right.shape):
        yield AXES_OUT_OF_ORDER
    elif came.shape != right.shape:
        # If the student kept an axis or summed over it by mistake, the axis has length 1 or is gone. Any other wrong
        # length is a miscount.
        lost = came.ndim != right.ndim or any(
            one == 1 != other for one, other in zip(came.shape, right.shape, strict=True)
        )
        yield SHAPE if lost and came.size else WRONG_LENGTH
    elif right.dtype.kind == "f":
        finite = np.isfinite(right)
        came, right = came[finite], right[finite]
        if not np.isfinite(came).all():
            yield NOT_FINITE
        elif _fractions_lost(came, right):
            yield WHOLE_NUMBERS


def _fractions_lost(came: np.ndarray[Any, Any], right: np.ndarray[Any, Any]) -> bool:
    """Return whether the answer is right except that the fractional parts of its numbers were dropped.

    We look only at numbers of 2 or more, because many other mistakes also lead to 0 or 1.
    """
    telling = (right != np.rint(right)) & (np.abs(came) >= 2)
    return bool(telling.any()) and any(bool((came == cut).all()) for cut in (np.trunc(right), np.floor(right)))


def of_exception(name: str, bases: Sequence[str], text: str, line: str | None) -> Pitfall | None:
    """Return the pitfall behind an exception, if any.

    `line`: the student's line that raised it; None if the call itself raised it.
    """
    if "NotImplementedError" in bases:
        return UNSOLVED
    if "ModuleNotFoundError" in bases or ("NameError" in bases and _PACKAGE_COMPLAINED_OF in text):
        return PACKAGE
    if "SyntaxError" in bases:
        return CANNOT_RUN
    if name in _NO_ROOM_FOR_FRACTIONS:
        return WHOLE_NUMBERS
    if "ValueError" in bases and _ROWS_COMPLAINED_OF in text:
        return ROWS_DIFFER
    if "AttributeError" in bases and text in _NO_ATTRIBUTE:
        return NO_ARRAY_METHOD
    if "ValueError" in bases and any(words in text for words in _SHAPES_COMPLAINED_OF):
        return SHAPES_DO_NOT_FIT
    if "RuntimeError" in bases and "raised StopIteration" in text:  # Python raises it outside the student's code
        return STOPS_BY_AN_ERROR
    if line is None:
        return SIGNATURE if "TypeError" in bases else None
    if line.startswith(("raise ", "assert ")):
        return GOOD_INPUT_REFUSED
    return next((pitfall for base, words, pitfall in _OF_ERRORS if base in bases and any(map(text.count, words))), None)
