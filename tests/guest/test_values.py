"""Values to bytes and back: every allowed value arrives as it was sent, and invalid bytes are only ever rejected."""

import collections
import io
import random
import struct
import tracemalloc
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

import msgpack
import numpy as np
import pytest

from autograder.guest import arrays
from autograder.guest import values as wire
from autograder.guest.copying import copied
from autograder.guest.generators import BIT_GENERATORS
from autograder.guest.identities import Copies, OwnObjects
from autograder.guest.values import Opaque, WireError, decode, encode, pack, read_frame, unpack

# The numbers of a dtype on the wire: float64, and the first one that isn't used.
F8, NO_DTYPE = arrays.DTYPES.index(np.dtype("<f8")), len(arrays.DTYPES)
DTYPES = ["?", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "f2", "f4", "f8", "c8", "c16"]


def there_and_back(value: Any) -> Any:
    return decode(encode(value))


def same_array(got: Any, want: np.ndarray) -> bool:
    return (
        type(got) is np.ndarray
        and got.dtype == want.dtype
        and got.shape == want.shape
        and got.tobytes() == want.tobytes()
    )


def extension(code: int, data: bytes) -> bytes:
    return msgpack.packb(msgpack.ExtType(code, data))


def array_bytes(
    dtype: int, shape: Sequence[int], content: bytes, by_columns: int = 0, axes: int | None = None
) -> bytes:
    header = struct.pack("<BBB5x", dtype, len(shape) if axes is None else axes, by_columns)
    return header + struct.pack(f"<{len(shape)}Q", *shape) + content


def forged_array(*args: Any, **kwargs: Any) -> bytes:
    return extension(wire.ARRAY, array_bytes(*args, **kwargs))


class TestArraysArriveAsTheyWere:
    @pytest.mark.parametrize("dtype", DTYPES)
    @pytest.mark.parametrize("shape", [(), (0,), (0, 3), (5,), (2, 3, 4), (1,) * 8])
    def test_every_dtype_in_every_shape(self, dtype, shape):
        array = np.random.default_rng(1).integers(0, 2, size=shape).astype(dtype)
        assert same_array(there_and_back(array), array)

    def test_non_finite_values_and_negative_zero_keep_their_bits(self):
        array = np.array([np.nan, np.inf, -np.inf, -0.0, 5e-324])
        assert same_array(there_and_back(array), array)

    @pytest.mark.parametrize(
        "view",
        [
            lambda a: a.T,
            lambda a: a[::-1],
            lambda a: a[:, ::2],
            np.asfortranarray,
            lambda a: np.broadcast_to(a[0], (5, 6)),
        ],
        ids=["transposed", "reversed", "strided", "fortran", "broadcast"],
    )
    def test_views_arrive_as_arrays_of_their_own(self, view):
        array = view(np.arange(24.0).reshape(4, 6))
        assert same_array(there_and_back(array), np.ascontiguousarray(array))

    @pytest.mark.parametrize("dtype", ["<f8", ">i4", "<f2"])
    def test_columns_that_lie_together_in_memory_still_do(self, dtype):
        array = np.arange(24).astype(dtype).reshape(2, 3, 4).T
        arrived = there_and_back((array, array))[0]
        assert (arrived == array).all()
        assert arrived.flags.fnc
        assert there_and_back(array.T).flags.c_contiguous

    @pytest.mark.parametrize("dtype", [">f8", ">i4", ">c16", ">u2"])
    def test_big_endian_numbers_keep_their_values(self, dtype):
        array = np.arange(6).astype(dtype)
        assert same_array(there_and_back(array), array.astype(array.dtype.newbyteorder("<")))

    @pytest.mark.parametrize(("dtype", "arrives_as"), [(np.longdouble, "f8"), (np.clongdouble, "c16")])
    def test_long_doubles_arrive_as_doubles(self, dtype, arrives_as):
        array = np.array([0.5, 2.0], dtype)
        assert same_array(there_and_back(array), array.astype(arrives_as))
        assert there_and_back(dtype(0.5)) == 0.5

    def test_what_arrives_can_be_written_to(self):
        there_and_back(np.zeros(3))[0] = 1

    def test_subclasses_arrive_as_plain_arrays(self):
        class AlwaysEqual(np.ndarray):
            def __eq__(self, other):
                return np.ones(self.shape, bool)

        array = np.arange(6.0).reshape(2, 3)
        for dressed in (array.view(AlwaysEqual), np.ma.masked_array(array), np.rec.array(array)):
            assert same_array(there_and_back(dressed), array)

    def test_what_turns_itself_into_an_array_arrives_as_one(self):
        class Tensor:
            def __array__(self, dtype=None, copy=None):
                return np.array([1.0, 2.0])

        assert same_array(there_and_back(Tensor()), np.array([1.0, 2.0]))


class TestPlainValuesArriveAsTheyWere:
    @pytest.mark.parametrize(
        "value",
        [
            *(None, True, False, 0, -1, 0.0, 1.5, float("inf"), "", "mat", "…\0\ud800", b"", b"\0\xff", 1 - 2j),
            *(2**63 - 1, -(2**63), 2**64 - 1, 2**64, -(2**63) - 1, 10**400, -(10**400)),
            *([], (), {}, [1, [2, [3]]], (1, (2,), [3]), [(), [], {}], ((),)),
            *({"a": 1, 2: "b", 1.5: None, None: [], True: (1,), b"k": {}, (1, "x"): 0}, {2**70: 1}),
            *([2**70, (2**70,)], {"nested": {"a": [(1, {"b": ()})]}}),
        ],
        ids=lambda value: f"{value!r:.40}",
    )
    def test_with_its_type(self, value):
        got = there_and_back(value)
        assert repr(got) == repr(value)
        assert type(got) is type(value)

    def test_nan(self):
        assert np.isnan(there_and_back(float("nan")))

    @pytest.mark.parametrize("dtype", DTYPES)
    def test_numpy_scalars_stay_numpy_scalars(self, dtype):
        value = np.ones(1, dtype)[0]
        got = there_and_back(value)
        assert type(got) is type(value)
        assert got == value

    def test_numpy_keys_and_arrays_within_containers(self):
        got = there_and_back({np.int64(3): [np.arange(2), (np.float32(1),)]})
        assert same_array(got[3][0], np.arange(2))
        assert type(got[3][1][0]) is np.float32

    class Pair(NamedTuple):
        a: int
        b: int

    class Loud(str):
        def __repr__(self):
            return "PASSED"

    class Positive(float):
        def __eq__(self, other):
            return True

        __hash__ = float.__hash__

    @pytest.mark.parametrize(
        ("value", "plain"),
        [
            (Pair(1, 2), (1, 2)),
            (Loud("a"), "a"),
            (np.str_("a"), "a"),
            (np.bytes_(b"a"), b"a"),
            (Positive(-1), -1.0),
            (type("Id", (int,), {})(7), 7),
            (type("Ids", (list,), {})([7]), [7]),
            (collections.OrderedDict(a=1), {"a": 1}),
            (collections.Counter("aab"), {"a": 2, "b": 1}),
            (collections.defaultdict(list, a=[1]), {"a": [1]}),
            (range(3), [0, 1, 2]),
            (bytearray(b"a"), b"a"),
            (memoryview(b"abc")[1:], b"bc"),
        ],
        ids=lambda value: type(value).__name__,
    )
    def test_subclasses_and_kin_arrive_plain(self, value, plain):
        got = there_and_back(value)
        assert type(got) is type(plain)
        assert got == plain

    def test_a_long_list_of_small_numbers(self):
        assert there_and_back([1] * wire.MAX_VALUES) == [1] * wire.MAX_VALUES


class TestWhatOccursTwiceArrivesAsOne:
    @pytest.mark.parametrize(
        "shared",
        [[0], {"w": 0}, np.zeros(3), np.random.default_rng(1), {"deep": [np.zeros(2), ({},)]}],
        ids=["list", "dict", "array", "generator", "nested"],
    )
    @pytest.mark.parametrize(
        "holder",
        [lambda x: [x, x], lambda x: (x, {"a": [x]}), lambda x: {"a": x, "b": [1, (x, "text")]}, lambda x: [[x], [x]]],
        ids=["list", "tuple", "dict", "apart"],
    )
    def test_wherever_it_is(self, shared, holder):
        found: list[Any] = []

        def look(value: Any) -> None:
            if type(value) is type(shared) and value is not got and encode(value) == encode(shared):
                found.append(value)
            elif isinstance(value, dict | list | tuple):
                for item in value.values() if isinstance(value, dict) else value:
                    look(item)

        got = there_and_back(holder(shared))
        look(got)
        assert len(found) == 2
        assert found[0] is found[1]

    def test_within_what_is_shared_itself(self):
        inner = np.zeros(2)
        outer = {"w": inner, "same": inner}
        got = there_and_back([outer, [outer, inner]])
        assert got[0] is got[1][0]
        assert got[0]["w"] is got[0]["same"] is got[1][1]

    @pytest.mark.parametrize("value", [np.array([None]), dict.fromkeys(range(wire.MAX_KEYS + 1))])
    def test_what_cannot_be_sent_may_occur_twice_too(self, value):
        first, second = there_and_back([value, value])
        assert first == second == there_and_back(value)

    def test_equal_is_not_the_same_and_neither_is_a_view(self):
        array = np.zeros((2, 2))
        got = there_and_back([[0], [0], array, array.T, array[:], np.zeros(2), np.zeros(2)])
        assert len({id(each) for each in got}) == len(got)

    def test_other_values_are_sent_as_before(self):
        value = [[1, "a"], {"b": np.arange(3)}, "a", 1, 1]
        assert wire._encode(value, wire.export_nothing) == encode(value)

    @pytest.mark.parametrize(
        "value",
        [
            [bytes(1 << 20)] * 5,
            [[np.zeros(1 << 18), "x"]] * 3,
            [[1] * 1_000] * 201,
            [["x" * 1_000] * 100] * 50,
        ],
        ids=["not shared at all", "arrays", "values", "text"],
    )
    def test_limits_count_it_as_often_as_it_occurs(self, value):
        with pytest.raises(WireError, match=r"large|more than"):
            pack({"value": value})

    def test_the_receivers_limits_do_so_too(self):
        lists = msgpack.packb([])
        for number in range(40):  # each holds the one before it twice: 2 ** 40 values
            reference = msgpack.ExtType(wire.REFERENCE, msgpack.packb(number))
            lists += msgpack.packb([reference, reference])
        unpacked = msgpack.Unpacker(io.BytesIO(lists))
        table = [msgpack.packb(each) for each in unpacked]
        with pytest.raises(WireError, match="more than"):
            decode(extension(wire.SHARING, msgpack.packb(table)))
        array = forged_array(F8, [1 << 17], bytes(1 << 20))
        many = msgpack.packb([msgpack.ExtType(wire.REFERENCE, msgpack.packb(0))] * 5)
        with pytest.raises(WireError, match="too large"):
            decode(extension(wire.SHARING, msgpack.packb([array, many])))

    def test_what_contains_itself_is_refused(self):
        value: list[Any] = [1]
        value.append({"again": value})
        with pytest.raises(WireError):
            encode(value)

    @pytest.mark.parametrize(
        "payload",
        [
            extension(wire.REFERENCE, msgpack.packb(0)),
            extension(wire.SHARING, msgpack.packb([])),
            extension(wire.SHARING, msgpack.packb([1])),
            extension(wire.SHARING, msgpack.packb([msgpack.packb(1), msgpack.packb(1)])),
            extension(wire.SHARING, msgpack.packb([extension(wire.REFERENCE, msgpack.packb(0)), msgpack.packb(1)])),
            extension(wire.SHARING, msgpack.packb([msgpack.packb([]), extension(wire.REFERENCE, msgpack.packb(1))])),
            extension(wire.SHARING, msgpack.packb([msgpack.packb([]), extension(wire.REFERENCE, msgpack.packb(-1))])),
            extension(wire.SHARING, msgpack.packb([msgpack.packb([]), extension(wire.REFERENCE, b"\xa1a")])),
        ],
    )
    def test_forged_tables_are_refused(self, payload):
        with pytest.raises(WireError):
            decode(payload)


class TestNumberedObjects:
    def test_the_same_objects_in_the_same_order_have_the_same_numbers_in_every_call(self):
        first, second = ([[1.0], np.zeros(2)] for _ in range(2))
        assert encode(first, numbering=OwnObjects()) == encode(second, numbering=OwnObjects())

    def test_the_same_number_is_the_same_object_later(self):
        stub, check = OwnObjects(), Copies()
        x, y = [1.0], {"w": np.zeros(1)}
        first, second = decode(encode((x, y), numbering=stub), numbering=check)
        x.append(y)
        again = decode(encode((x,), numbering=stub), numbering=check)[0]
        assert again is first
        assert again[1] is second

    @pytest.mark.parametrize(
        ("numbers", "table"),
        [([1, 1], [[], []]), ([1], [[], []]), ([1, 2], [[]]), (7, [[]]), ([[]], [[]]), (None, [[]])],
    )
    def test_forged_numbers_are_refused(self, numbers, table):
        content = [numbers, *map(msgpack.packb, table), msgpack.packb([])]
        with pytest.raises(WireError):
            decode(extension(wire.NUMBERED, msgpack.packb(content)), numbering=Copies())

    def test_numbers_that_nobody_keeps_are_refused(self):
        with pytest.raises(WireError):
            decode(encode(([],), numbering=OwnObjects()))


class TestGeneratorsContinue:
    def test_what_they_spawn_depends_on_their_seed(self):
        def spawned(seed: int) -> float:
            (child,) = there_and_back(np.random.default_rng(seed)).spawn(1)
            return float(child.random())

        assert spawned(1) == spawned(1) != spawned(2)

    @pytest.mark.parametrize("name", BIT_GENERATORS)
    @pytest.mark.parametrize("draws_before", [0, 1, 7, 1000])
    def test_with_the_very_numbers_the_original_gives(self, name, draws_before):
        original = np.random.Generator(getattr(np.random, name)(5))
        original.integers(0, 2**16, size=draws_before, dtype=np.uint32)
        twin = there_and_back([original])[0]
        assert (twin.integers(0, 2**32, size=700) == original.integers(0, 2**32, size=700)).all()
        assert twin.normal() == original.normal()

    def test_drawing_from_the_twin_leaves_the_original_where_it_was(self):
        original = np.random.default_rng(5)
        before = original.bit_generator.state
        there_and_back(original).random(10)
        assert original.bit_generator.state == before


class TestAllElseArrivesAsItsTypesName:
    @pytest.mark.parametrize(
        ("value", "name"),
        [
            ({1, 2}, "set"),
            ((each for each in ()), "generator"),
            (lambda: 0, "function"),
            (object, "type"),
            (object(), "object"),
            (np.array([None]), "array of Python objects"),
            (np.array(["a"]), "array of dtype <U1"),
            (np.array(["2020-01-01"], "M8[D]"), "array of dtype datetime64[D]"),
            (np.zeros((1,) * 9), "array of dtype float64"),
            (np.zeros(2, [("a", "f8")]), "array of dtype [('a', '<f8')]"),
            (np.datetime64("2020-01-01"), "array of dtype datetime64[D]"),
            (np.random.RandomState(0), "RandomState"),
            (Opaque("set"), "set"),
            (type("X" * 5000, (), {})(), "X" * 200),
        ],
        ids=lambda value: value if isinstance(value, str) else type(value).__name__,
    )
    def test_in_words(self, value, name):
        assert there_and_back(value) == Opaque(name)
        assert there_and_back([1, (value,)]) == [1, (Opaque(name),)]

    @pytest.mark.parametrize(
        ("value", "arrived"), [(Decimal("2.35"), 2.35), (Fraction(-1, 3), -1 / 3), (Decimal("Infinity"), float("inf"))]
    )
    def test_exact_numbers_arrive_as_floats(self, value, arrived):
        assert there_and_back([value, (value,)]) == [arrived, (arrived,)]
        assert type(there_and_back(value)) is float

    def test_exact_numbers_that_no_float_can_hold(self):
        assert there_and_back(Fraction(10**400)) == Opaque("Fraction")
        assert there_and_back(Decimal("sNaN")) == Opaque("Decimal")

    def test_a_dict_of_too_many_keys(self):
        assert there_and_back(dict.fromkeys(range(wire.MAX_KEYS))) == dict.fromkeys(range(wire.MAX_KEYS))
        assert there_and_back(dict.fromkeys(range(wire.MAX_KEYS + 1))) == Opaque("dict of 1,001 keys")
        with pytest.raises(WireError, match="a dict with more than 10,000 keys"):
            encode(dict.fromkeys(range(10_001)))
        with pytest.raises(WireError):
            decode(msgpack.packb(dict.fromkeys(range(10_001))))

    def test_keys_chosen_to_collide_are_never_put_into_a_dict(self):
        pairs = b"".join(
            b"\xc7\x0c" + bytes([wire.INTEGER]) + (each * (2**61 - 1)).to_bytes(12, "little") + b"\0"
            for each in range(1, 9_001)
        )
        message = msgpack.Packer().pack_map_header(9_000) + pairs
        assert decode(message) == Opaque("dict of 9,000 keys")


class TestTimeAndMemoryAreLinearInAFramesSize:
    EMPTY_LISTS = b"\xdd" + (1_000_000).to_bytes(4, "big") + b"\x90" * 1_000_000
    ONE_TWICE = msgpack.packb([msgpack.ExtType(wire.REFERENCE, msgpack.packb(0))] * 2)

    @staticmethod
    def table(*parts: bytes) -> bytes:
        return extension(wire.SHARING, msgpack.packb(parts))

    @pytest.mark.parametrize("place", ["first", "in the middle", "last"])
    @pytest.mark.parametrize("depth", [2, 40, 230])
    def test_a_table_in_a_table_is_refused(self, place, depth):
        payload = msgpack.packb([])
        for _ in range(depth):
            inner = msgpack.Packer().pack_array_header(1) + payload
            match place:
                case "first":
                    payload = self.table(payload, self.ONE_TWICE)
                case "in the middle":
                    payload = self.table(msgpack.packb([]), inner, self.ONE_TWICE)
                case _:
                    payload = self.table(msgpack.packb([]), inner)
        with pytest.raises(WireError, match="more than one table"):
            decode(payload)

    def test_so_is_one_beside_another(self):
        table = self.table(msgpack.packb([]), self.ONE_TWICE)
        with pytest.raises(WireError, match="more than one table"):
            decode(msgpack.Packer().pack_array_header(2) + table * 2)

    def test_the_depth_counts_on_within_a_table(self):
        payload = self.table(msgpack.packb([]), self.ONE_TWICE)
        for _ in range(wire.MAX_DEPTH):
            payload = extension(wire.TUPLE, msgpack.Packer().pack_array_header(1) + payload)
        with pytest.raises(WireError, match="deeply"):
            decode(payload)

    @pytest.mark.parametrize("code", [wire.SHARING, wire.REFERENCE, wire.HANDLE])
    @pytest.mark.parametrize("content", [EMPTY_LISTS, EMPTY_LISTS.replace(b"\x90", b"\x80")], ids=["lists", "maps"])
    def test_what_an_extension_holds_is_limited_like_all_else(self, code, content):
        tracemalloc.start()
        try:
            with pytest.raises(WireError):
                decode(extension(code, content))
            assert tracemalloc.get_traced_memory()[1] < 4 * len(content)
        finally:
            tracemalloc.stop()

    @pytest.mark.parametrize("code", [wire.SHARING, wire.REFERENCE, wire.HANDLE])
    def test_no_extension_is_within_these(self, code):
        with pytest.raises(WireError):
            decode(extension(code, msgpack.packb([msgpack.ExtType(wire.INTEGER, b"\1"), 0])))

    def test_numbers_of_shared_objects_are_plain_even_as_timestamps(self):
        numbers = [msgpack.Timestamp(each, 100 - each) for each in range(3)]  # these have the same hash
        content = [numbers, *[msgpack.packb([])] * 4]
        copies = Copies()
        decode(extension(wire.NUMBERED, msgpack.packb(content)), numbering=copies)
        assert {type(each) for each in copies._copies} == {float}

    @pytest.mark.parametrize(
        "key",
        [
            lambda n: 2**61 + 5 + n * (2**61 - 1) << 30,
            lambda n: tuple((n >> place & 1) * (2**61 - 1) for place in range(10)),
            lambda n: complex(2.0 + 1_000_003.0 * n, -float(n + 2)),
            lambda n: np.complex128(complex(2.0 + 1_000_003.0 * n, -float(n + 2))),
        ],
        ids=["integers", "tuples", "complex numbers", "numpy's"],
    )
    def test_keys_chosen_to_collide_are_refused_before_they_are_put_into_a_dict(self, key):
        value = {key(n): n for n in range(200)}
        assert len(value) == 200
        assert len(set(map(hash, value))) == 1
        with pytest.raises(WireError, match="same hash"):
            decode(encode(value))

    def test_keys_that_collide_by_accident_are_not(self):
        value = {(a, b, c): 0 for a in range(-4, 5) for b in range(-4, 5) for c in range(-4, 5)}
        value |= {2**70 + n: 0 for n in range(100)}
        assert there_and_back(value) == value

    def test_the_values_of_a_key_count_as_often_as_it_occurs(self):
        holder = {tuple(range(10_000)): 0}
        for encoded in (lambda: encode([holder] * 100), lambda: self.references(encode(holder), 100)):
            with pytest.raises(WireError, match="more than 200,000 values"):
                decode(encoded())

    @pytest.mark.parametrize("value", [[1 << 8_000_000], {"x" * 1_000_000: 0}, {("x" * 1_000_000,): 0}])
    def test_so_do_big_numbers_and_the_text_of_keys(self, value):
        for encoded in (lambda: encode([value] * 5), lambda: self.references(encode(value), 5)):
            with pytest.raises(WireError, match="too large"):
                decode(encoded())

    def references(self, shared: bytes, count: int) -> bytes:
        reference = msgpack.ExtType(wire.REFERENCE, msgpack.packb(0))
        return self.table(shared, msgpack.packb([reference] * count))

    def test_generators_count_as_many_values(self):
        with pytest.raises(WireError, match="more than 200,000 values"):
            decode(encode([np.random.default_rng(seed) for seed in range(2_000)]))

    @pytest.mark.parametrize("shape", [(1 << 40, 0), (0, 1 << 40), (1 << 20, 0, 1 << 20)])
    def test_an_empty_array_of_endless_rows_is_refused(self, shape):
        with pytest.raises(WireError, match="an empty array of shape"):
            encode(np.zeros(shape))
        with pytest.raises(WireError, match="an empty array of shape"):
            decode(forged_array(F8, shape, b""))

    def test_an_empty_array_of_some_rows_is_not(self):
        assert there_and_back(np.zeros((100_000, 0))).shape == (100_000, 0)


class TestWhatCannotBeSent:
    def test_too_large_says_how_large(self):
        with pytest.raises(WireError, match=r"it's too large: 8,000,\d+ bytes, but at most 4,194,304 can be sent"):
            pack({"value": np.zeros(1_000_000)})

    def test_a_custom_limit(self):
        assert len(pack({}, limit=1)) == 5
        with pytest.raises(WireError, match="too large"):
            pack({"a": 1}, limit=1)

    @pytest.mark.parametrize("wrap", [lambda x: [x], lambda x: (x,), lambda x: {"a": x}], ids=["list", "tuple", "dict"])
    @pytest.mark.parametrize("depth", [40, 600, 5000])
    def test_too_deep(self, wrap, depth):
        value: Any = 0
        for _ in range(depth):
            value = wrap(value)
        with pytest.raises(WireError):
            encode(value)

    @pytest.mark.parametrize(
        "value",
        [
            [1] * (wire.MAX_VALUES + 1),
            range(wire.MAX_VALUES + 1),
            (((),) * (wire.MAX_VALUES // 2),) * 3,
            [{"a": [0] * (wire.MAX_VALUES - 1)}],
        ],
        ids=["a list", "a range", "tuples", "a list in a dict"],
    )
    def test_too_many_values(self, value):
        with pytest.raises(WireError, match="more than 200,000 values"):
            encode(value)

    def test_memory_with_gaps(self):
        with pytest.raises(WireError):
            encode(memoryview(b"abc")[::2])

    def test_as_deep_as_any_honest_value(self):
        value: Any = 0
        for _ in range(30):
            value = [(value,)[0]]
        assert there_and_back(value) == value

    def test_containers_that_contain_themselves(self):
        circle: list[Any] = []
        circle.append(circle)
        loop: dict[str, Any] = {}
        loop["self"] = (loop,)
        for value in (circle, loop, (circle,)):
            with pytest.raises(WireError):
                encode(value)


class TestBytesThatAreNoMessage:
    @pytest.mark.parametrize(
        "payload",
        [
            forged_array(NO_DTYPE, [1], b"\0" * 8),
            forged_array(255, [1], b"\0" * 8),
            forged_array(F8, [2], b"\0" * 8),
            forged_array(F8, [1], b"\0" * 7),
            forged_array(F8, [1], b"\0" * 9),
            forged_array(F8, [], b""),
            forged_array(F8, [2**40], b""),
            forged_array(F8, [2**32, 2**32], b""),
            forged_array(F8, [2**63, 2], b""),
            forged_array(F8, [0, 2**62, 2**62], b""),
            forged_array(F8, [0, 2**64 - 1], b""),
            forged_array(F8, [1] * 9, b"\0" * 8),
            forged_array(F8, [1], b"\0" * 8, axes=255),
            forged_array(F8, [1], b"\0" * 8, axes=3),
            forged_array(F8, [1], b"\0" * 8, by_columns=2),
            extension(wire.ARRAY, b""),
            extension(wire.ARRAY, b"\x0b\0\0"),
            extension(wire.SCALAR, array_bytes(F8, [1], b"\0" * 8)),
            extension(wire.TUPLE, msgpack.packb({"a": 1})),
            extension(wire.TUPLE, b""),
            extension(wire.COMPLEX, b"\0" * 15),
            extension(0, b""),
            extension(8, b""),
            extension(99, b"\0"),
            extension(127, b"cos\nsystem\n(S'true'\ntR."),
            b"\xc7\x01\xff\x00",  # a timestamp of an invalid length
            b"\xc1",
            b"",
            b"\x01\x02",
            b"\xa2\xff\xff",
            msgpack.packb({"a": 1})[:-1],
            b"\xdd\xff\xff\xff\xff",
            b"\xdd\x00\x10\x00\x00",
            b"\xdf\xff\xff\xff\xff",
            b"\xc6\xff\xff\xff\xff",
            b"\xdb\xff\xff\xff\xff",
            b"\xc9\xff\xff\xff\xff\x01",
            b"\x81\x90\x00",  # a list as a key
            b"\x81" + forged_array(F8, [], b"\0" * 8) + b"\x00",
            msgpack.packb([[0] * (wire.MAX_VALUES // 2)] * 2),
            b"\x91" * 40 + b"\x00",
            b"\x81\x00" * 40 + b"\x00",
            b"\x91" * 100_000 + b"\x00",
        ],
        ids=lambda payload: f"{payload!r:.50}",
    )
    def test_are_refused(self, payload):
        with pytest.raises(WireError):
            decode(payload)

    def test_tuples_nested_far_too_deeply(self):
        payload = b"\x90"
        for _ in range(200):
            payload = b"\x91" + extension(wire.TUPLE, payload)
        with pytest.raises(WireError, match="deeply"):
            decode(payload)

    def test_a_timestamp_is_no_more_than_a_number(self):
        assert type(decode(msgpack.packb(msgpack.Timestamp(5, 0)))) is float

    def test_a_name_of_any_length_is_cut(self):
        assert decode(extension(wire.OPAQUE, b"x" * 100_000)) == Opaque("x" * 200)
        assert decode(extension(wire.OPAQUE, b"\xff")) == Opaque("\N{REPLACEMENT CHARACTER}")

    @pytest.mark.parametrize("payload", [[], 1, None, {1: 2}, {"a": 1, b"b": 2}, (1,), "op", np.zeros(2)])
    def test_a_message_is_a_map_with_string_keys(self, payload):
        with pytest.raises(WireError, match="not a map"):
            unpack(encode(payload))


def state_of(name: str) -> dict[str, Any]:
    return getattr(np.random, name)(0).state


def changed(name: str, *path: str, to: Any) -> dict[str, Any]:
    state = part = state_of(name)
    for key in path[:-1]:
        part = part[key]
    part[path[-1]] = to
    return state


class TestForgedGenerators:
    """numpy reads outside its buffer if the state tells it to: a forged state once crashed the trusted process."""

    @pytest.mark.parametrize(
        "state",
        [
            changed("MT19937", "state", "pos", to=625),
            changed("MT19937", "state", "pos", to=10**6),
            changed("MT19937", "state", "pos", to=-5),
            changed("MT19937", "state", "pos", to=2**40),
            changed("MT19937", "state", "key", to=np.zeros(624, np.uint32)),
            changed("MT19937", "state", "key", to=np.zeros(3, np.uint32)),
            changed("MT19937", "state", "key", to=np.zeros((624, 2), np.uint32)),
            changed("MT19937", "state", "key", to="x" * 624),
            changed("Philox", "buffer_pos", to=-1),
            changed("Philox", "buffer_pos", to=5),
            changed("Philox", "buffer_pos", to=10**9),
            changed("Philox", "state", "counter", to=[]),
            changed("PCG64", "state", to=None),
            changed("PCG64", "state", to={"state": 0, "inc": 0}),
            changed("PCG64", "state", to={"state": -1, "inc": 1}),
            changed("PCG64", "state", to={"state": 2**200, "inc": 1}),
            changed("PCG64", "state", to={"state": "1", "inc": "1"}),
            changed("PCG64DXSM", "state", to={"state": 4, "inc": 2}),
            changed("SFC64", "state", "state", to=np.zeros(1, np.uint64)),
            changed("SFC64", "state", "state", to=np.zeros(4)),
            changed("SFC64", "state", "state", to="x" * 32),
            changed("PCG64", "bit_generator", to="MT19937"),
            changed("PCG64", "bit_generator", to="BitGenerator"),
            changed("PCG64", "bit_generator", to="os"),
            changed("PCG64", "bit_generator", to=["PCG64"]),
            changed("PCG64", "bit_generator", to=np.zeros(3)),
            {"bit_generator": "PCG64"},
            {},
            [],
            (None, None),
        ],
        ids=lambda state: f"{state!r:.60}",
    )
    def test_are_refused(self, state):
        with pytest.raises(WireError):
            decode(extension(wire.GENERATOR, encode(state)))


class TestFrames:
    @staticmethod
    def reader(content: bytes, at_a_time: int = 3):
        stream = io.BytesIO(content)
        return lambda size: stream.read(min(size, at_a_time))

    def test_come_back_one_by_one_however_the_bytes_trickle_in(self):
        read = self.reader(pack({"a": 1}) + pack({"b": [2]}))
        assert unpack(read_frame(read)) == {"a": 1}
        assert unpack(read_frame(read)) == {"b": [2]}
        assert read_frame(read) is None

    @pytest.mark.parametrize("kept", [0, 1, 4, 6])
    def test_a_stream_that_ends_early_has_no_more_frames(self, kept):
        assert read_frame(self.reader(pack({"op": "call"})[:kept])) is None

    @pytest.mark.parametrize("announced", [wire.MAX_FRAME + 1, 2**32 - 1])
    def test_a_giant_is_refused_before_any_of_it_is_read(self, announced):
        asked = []

        def read(size):
            asked.append(size)
            return wire.HEADER.pack(announced)

        with pytest.raises(WireError, match="a frame of"):
            read_frame(read)
        assert asked == [4]


class TestNoBytesDoHarm:
    SAMPLES = (
        {"value": np.arange(6.0).reshape(2, 3), "arguments": b"abc"},
        {"value": (1, 2**70, 1j, [np.float32(2)], {"a": None}), "rng": np.random.default_rng(0)},
        {"a": np.random.Generator(np.random.MT19937(0)), "b": Opaque("set")},
        {"a": np.random.Generator(np.random.Philox(0)), "b": np.random.Generator(np.random.SFC64(1))},
    )

    @staticmethod
    def refused_or_sound(payload: bytes) -> bool:
        """Anything except WireError fails the test. A state that's accepted can be sent again, and drawn from."""
        try:
            message = unpack(payload)
        except WireError:
            return True
        encode(message)
        for value in message.values():
            if isinstance(value, np.random.Generator):
                value.integers(0, 10, size=700)
        return False

    def test_random_ones(self):
        chance = random.Random(1)
        refused = sum(self.refused_or_sound(chance.randbytes(chance.randrange(1, 60))) for _ in range(3000))
        assert refused > 2900

    @pytest.mark.parametrize("sample", SAMPLES, ids=range(len(SAMPLES)))
    def test_messages_with_a_few_bytes_changed_dropped_or_added(self, sample):
        chance = random.Random(2)
        whole = encode(sample)
        refused = 0
        for _ in range(1000):
            payload = bytearray(whole)
            for _ in range(chance.randrange(1, 4)):
                place = chance.randrange(len(payload))
                match chance.randrange(3):
                    case 0:
                        payload[place] = chance.randrange(256)
                    case 1:
                        del payload[place : place + chance.randrange(1, 9)]
                    case _:
                        payload[place:place] = chance.randbytes(chance.randrange(1, 9))
            refused += self.refused_or_sound(bytes(payload))
        assert refused > 100

    def test_pickles_are_neither_written_nor_read(self):
        class Bomb:
            def __reduce__(self):
                raise AssertionError("pickled")

        assert there_and_back([Bomb(), np.array([Bomb()])]) == [Opaque("Bomb"), Opaque("array of Python objects")]


class TestCopies:
    def test_are_equal_but_independent(self):
        value = ([1, 2.5, "a"], {"x": np.ones((2, 3)).T, "y": (None, [True])}, np.float64(2), np.random.default_rng(1))
        made = copied(value)
        assert encode(made) == encode(value)
        made[0].append(3)
        made[1]["x"][0, 0] = 5
        made[1]["y"][1].append(4)
        made[3].random()
        assert value[0] == [1, 2.5, "a"]
        assert value[1]["x"][0, 0] == 1
        assert value[1]["y"] == (None, [True])
        assert value[3].random() == np.random.default_rng(1).random()

    def test_hold_nothing_of_an_array_of_objects(self):
        value = np.array([[1], None], dtype=object)
        made = copied(value)
        made[0].append(2)
        assert value[0] == [1]

    def test_keep_the_order_of_an_arrays_columns(self):
        assert copied(np.ones((2, 3)).T).flags.f_contiguous

    def test_what_occurs_twice_still_does(self):
        row, table = [1, 2], np.ones(3)
        made = copied([row, row, (table, {"again": table, "row": row})])
        assert made[0] is made[1] is made[2][1]["row"]
        assert made[2][0] is made[2][1]["again"]
