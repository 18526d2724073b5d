"""Hostile programs aimed at what the trusted side does on a notebook's behalf, each with the one outcome it must have.

`ASKS` ask for givens, and `LENT` use what a check passes to them; both are bodies of a stub, in a notebook that starts
with `PRELUDE`. Each of `CELLS` is a code cell above honest stubs, which keep their points.
"""

from typing import Any, NamedTuple

import msgpack
import numpy as np

from autograder.guest import values

# Short limits for these programs, so that they end soon.
CALL_SECONDS, GIVEN_SECONDS, HANDLE_CALLS = 5.0, 1.0, 500

PRELUDE = """
import os
import numpy as np
from autograder.given import causal_attention, encode, linear, softmax

def raw(frame):
    os.write(3, frame)
    size = int.from_bytes(os.read(3, 4), "big")
    read = b""
    while len(read) < size:
        read += os.read(3, size - len(read))
    return read
"""
HONEST = "return float(softmax(np.arange(4.0)).sum())"


class Asks(NamedTuple):
    """outcome: passed, error:<type>, failed (its answer isn't allowed on the wire), timeout or violation."""

    name: str
    source: str
    outcome: str
    slow: bool = False


def by_hand(**message: Any) -> str:
    """A message that no honest worker sends."""
    return f"raw({values.pack({'op': 'handle', **message})!r})"


def refused(source: str, *more: str) -> str:
    """A program that runs the source and asserts that its reply is an error."""
    return "\n".join([f"reply = {source}", "assert b'error' in reply, reply", *more])


def tables(depth: int, size: int) -> bytes:
    """Tables of shared objects, each within the one before, around a list with this many bytes."""
    payload: bytes = msgpack.packb([bytes(size)])
    for _ in range(depth):
        one_twice = msgpack.packb([msgpack.ExtType(values.REFERENCE, msgpack.packb(0))] * 2)
        payload = msgpack.packb(msgpack.ExtType(values.SHARING, msgpack.packb([payload, one_twice])))
    return payload


NOTHING = values.encode(((),))
ONE = values.encode(((np.ones(2),),))
NUMBER = "linear(np.ones((2, 2)), np.eye(2), np.ones(2))"

ASKS = [
    # Time
    Asks("a_key_of_60_000_characters", "encode('a' * 200_000, {'a' * 60_000: 1}, 0)", "error:TimeoutError"),
    Asks(
        "a_thousand_long_keys",
        "encode('a' * 9_000, {'a' * 4_000 + str(n): n for n in range(900)}, 0)",
        "error:TimeoutError",
    ),
    Asks("slow_givens_for_ever", "while True: encode('a' * 1_000, {'b' * 1_000: 1}, 0)", "timeout"),
    Asks(
        "slow_givens_whose_errors_are_swallowed",
        "while True:\n    try: encode('a' * 200_000, {'a' * 60_000: 1}, 0)\n    except BaseException: pass",
        "timeout",
        slow=True,
    ),
    Asks("one_question_for_ever", "while True: softmax(np.ones(2))", "timeout", slow=True),
    Asks(
        "from_eight_threads_at_once",
        "import threading\n"
        "def ask():\n    for _ in range(300): encode('ab' * 2_000, {'a': 1, 'b': 2}, 0)\n"
        "ts = [threading.Thread(target=ask) for _ in range(8)]\n"
        "for t in ts: t.start()\nfor t in ts: t.join()",
        "violation",
    ),
    Asks("other_questions_for_ever", "n = 0\nwhile True: n += 1; softmax(np.full(2, n))", "violation"),
    Asks("wrong_questions_for_ever", f"while True: {by_hand(name='nothing', arguments=NOTHING)}", "violation"),
    Asks(
        "a_question_after_a_killed_one",
        f"try: encode('a' * 200_000, {{'a' * 60_000: 1}}, 0)\nexcept TimeoutError: {NUMBER}",
        "passed",
    ),
    # Memory
    Asks(
        "two_gigabytes",
        "linear(np.ones((16_000, 1), 'f2'), np.ones((1, 16_000), 'f2'), np.zeros(16_000, 'f2'))",
        "error:MemoryError",
    ),
    Asks("two_gigabytes_of_weights", "causal_attention(*[np.ones((18_000, 1))] * 3)", "error:MemoryError"),
    Asks("a_wide_layer", "linear(np.ones((400_000, 1)), np.ones((1, 700)), np.zeros(700))", "error:MemoryError"),
    Asks(
        "an_answer_of_24_megabytes",
        "linear(np.ones((2_000, 1)), np.ones((1, 1_500)), np.zeros(1_500))",
        "error:ValueError",
    ),
    Asks("an_answer_of_250_000_numbers", "encode('a' * 250_000, {'a': 1}, 0)", "error:ValueError"),
    Asks(
        "gigabytes_for_ever_swallowed",
        "x = np.ones((18_000, 1))\nwhile True:\n    try: causal_attention(x, x, x)\n    except MemoryError: pass",
        "timeout",
    ),
    Asks(
        "gigabytes_ten_times_swallowed",
        "for _ in range(10):\n    try: causal_attention(*[np.ones((18_000, 1))] * 3)\n    except MemoryError: pass\n"
        + NUMBER,
        "passed",
        slow=True,
    ),
    Asks(
        "a_little_more_each_time",
        "for n in range(1, 12):\n    try: causal_attention(*[np.ones((800 * n, 1))] * 3)\n"
        "    except Exception: pass\n" + NUMBER,
        "passed",
        slow=True,
    ),
    # Invalid requests
    Asks("only_nan", "softmax(np.full(60_000, np.nan))", "passed"),
    Asks("no_numbers", "softmax('x')", "error:TypeError"),
    Asks("too_many_arguments", "softmax(*range(50))", "error:TypeError"),
    Asks(
        "a_later_stub",
        "from autograder.given import sft_loss; sft_loss(np.ones((1, 2)), np.ones(1))",
        "error:ImportError",
    ),
    Asks("a_name_of_the_engines", "from autograder.given import reference_of; reference_of(1, 2)", "error:ImportError"),
    Asks("a_private_name", "from autograder.given import __globals__", "error:ImportError"),
    Asks("an_object", "softmax(object())", "error:TypeError"),
    Asks("a_list_in_itself", "x = []; x.append(x); softmax(x)", "failed"),
    Asks(
        "from_a_thread",
        "import threading\nfound = []\n"
        "t = threading.Thread(target=lambda: found.append(softmax(np.arange(2.0))))\n"
        "t.start(); t.join(); assert len(found) == 1",
        "passed",
    ),
    # By hand
    Asks(
        "another_lab_and_taker",
        f"assert b'answer' in {by_hand(name='softmax', arguments=ONE, lab='start', taker={'student': 'ada'})}",
        "passed",
    ),
    Asks("a_lab_that_gives_more", refused(by_hand(name="sft_loss", arguments=ONE, lab="stages")), "passed"),
    Asks("no_arguments", refused(by_hand(name="softmax")), "passed"),
    Asks("arguments_of_text", refused(by_hand(name="softmax", arguments="x")), "passed"),
    Asks("arguments_of_nonsense", refused(by_hand(name="softmax", arguments=b"\xc1" * 9)), "passed"),
    Asks("arguments_that_promise_more", refused(by_hand(name="softmax", arguments=b"\xdd\xff\xff\xff\xff")), "passed"),
    Asks(
        "arguments_with_a_handle",
        refused(
            by_hand(
                name="softmax",
                arguments=values.encode(
                    ((len,),), lambda value: values.Handle("callable", 0) if callable(value) else None
                ),
            )
        ),
        "passed",
    ),
    Asks("a_name_of_a_list", refused(by_hand(name=["softmax"], arguments=ONE)), "passed"),
    Asks("a_name_of_100_000_characters", refused(by_hand(name="x" * 100_000, arguments=ONE)), "passed"),
    Asks("a_dotted_name", refused(by_hand(name="reference.softmax", arguments=ONE)), "passed"),
    Asks("neither_name_nor_number", refused(by_hand(arguments=ONE)), "passed"),
    Asks(
        "a_second_message_behind_it",
        f"os.write(3, {values.pack({'op': 'handle', 'name': 'softmax', 'arguments': ONE}) * 2!r})\nwhile True: pass",
        "violation",
    ),
    Asks("arguments_of_tables_in_tables", refused(by_hand(name="softmax", arguments=tables(230, 0))), "passed"),
    Asks("tables_in_tables", f"frame = {tables(230, 0)!r}\nraw(len(frame).to_bytes(4, 'big') + frame)", "violation"),
    Asks("a_frame_too_large", "os.write(3, b'\\xff' * 64)\nwhile True: pass", "violation"),
]

TOO_MUCH = "error:ValueError"
LENT = [
    Asks("an_array", "f(np.zeros(70_000))", TOO_MUCH),
    Asks("an_array_of_bits", "f(np.zeros(70_000, '?'))", TOO_MUCH),
    Asks("a_text", "f('a' * 70_000)", TOO_MUCH),
    Asks("bytes", "f(b'a' * 70_000)", TOO_MUCH),
    Asks("a_number", "f(1 << 64 * 70_000)", TOO_MUCH),
    Asks("lists_in_lists", "f([[0] * 10_000] * 7)", TOO_MUCH),
    Asks("keys", "f({str(n) + 'k' * 100: 0 for n in range(900)})", TOO_MUCH),
    Asks("arguments", "f(*[0] * 70_000)", TOO_MUCH),
    Asks("keywords", "f(**{str(n) + 'k' * 100: 0 for n in range(900)})", TOO_MUCH),
    Asks("many_values", "f([0] * 250_000)", "failed"),
    Asks("just_enough", "assert f(np.zeros(65_000)) == 1", "passed"),
    Asks("an_empty_array_of_some_rows", "f(np.zeros((100_000, 0)))", "passed"),
    Asks("an_empty_array_of_endless_rows", "f(np.zeros((1 << 40, 0)))", "failed"),
    Asks("an_empty_array_with_a_long_side", "f(np.zeros((0, 1 << 40)))", "failed"),
    Asks("much_in_all", "for _ in range(60): f(np.zeros(60_000))", "violation"),
    Asks("too_often", "while True: f(0)", "violation"),
    Asks(
        "too_often_although_it_fails",
        "while True:\n    try: f(np.zeros(70_000))\n    except ValueError: pass",
        "violation",
    ),
    Asks("an_iterator_beyond_its_end", "assert list(it) == [0, 1, 2]\nassert list(it) == []", "passed"),
    Asks("an_iterator_for_ever", "while True: next(it, None)", "violation"),
    Asks("itself", "assert f(f) == 1", "passed"),
    Asks("a_loan_that_was_not_made", refused(by_hand(number=9, arguments=NOTHING)), "passed"),
    Asks("a_loan_from_the_end", refused(by_hand(number=-1, arguments=NOTHING)), "passed"),
    Asks("a_loan_by_a_truth", refused(by_hand(number=True, arguments=NOTHING)), "passed"),
    Asks("a_loan_by_a_text", refused(by_hand(number="0", arguments=NOTHING)), "passed"),
    Asks("a_loan_by_a_fraction", refused(by_hand(number=0.0, arguments=NOTHING)), "passed"),
    Asks("a_loan_by_an_endless_number", refused(by_hand(number=2**63, arguments=NOTHING)), "passed"),
]

CELLS = {
    "help_marks": "?" * 137_000,
    "help_marks_with_spaces": "? " * 68_000,
    "percent_signs": "%" * 137_000,
    "exclamation_marks": "!" * 137_000,
    "a_long_assignment_from_a_shell": "x = !" + "ls " * 45_000,
    "dots_and_a_help_mark": "a." * 68_000 + "?",
    "backslashes_and_a_help_mark": "a" + "\\" * 137_000 + "\n?",
    "a_line_at_the_limit": "x = '" + "a" * 1_994 + "'",
    "a_line_over_the_limit": "x = '" + "a" * 2_100 + "'  # ?",
    "many_lines_of_help_marks": "a?\n" * 45_000,
    "brackets_and_a_magic": "(" * 137_000 + "\n%pwd",
    # Few of these look like magics, but for each of them IPython parses everything after it again.
    "lines_that_call": "%pwd\n" + "/f\n" * 490 + "x+1;" * 1_600,
    "lines_that_quote": "%pwd\n" + ",f\n;f\n" * 240 + "x+1;\n" * 1_600,
    "form_feeds": "%pwd\n" + "%a\x0c" * 490 + "x+1;" * 1_600,
    "long_words_in_brackets": "(\n" + ("a" * 1_900 + "\n") * 240 + "?\n",
    "one_name_of_a_megabyte": "a" * 1_000_000 + "?",
}
