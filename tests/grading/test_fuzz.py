"""Any bytes a student sends, in a notebook, over the wire or in a zip, lead to a typed error or a valid result.

Memory stays bounded. Each property is tried on the same few hundred inputs every time; `-m slow` tries thousands of
different ones.
"""

import contextlib
import io
import json
import logging
import random
import struct
import sys
import tempfile
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgpack
import numpy as np
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nbgrader.apps import ZipCollectApp
from nbgrader.coursedir import CourseDirectory

from autograder.gradebook.lms.downloads import MAX_MEMBERS, LmsExtractor
from autograder.grading.uncallable import undefined
from autograder.guest import values as wire
from autograder.guest.messages import Violation
from autograder.model.course import Limits, load
from autograder.model.errors import CourseError, SubmissionError
from autograder.model.submission import MAX_BYTES, lab_of, parse
from autograder.sandbox.confined import Sandbox
from autograder.sandbox.worker import WorkerDied, WorkerTimeout
from autograder.testing.assertions import CheckFailed, agree
from autograder.testing.exports import ExportTable, TooMuchAsked, serve
from autograder.testing.local import LocalConnection
from autograder.testing.student import StubFailure, Student, answer_in
from reference import softmax
from tests.model.test_submission import _soon, soon  # noqa: F401  # a fixture
from tests.repository import COURSE, ROOT
from tests.sampling import sampled

MIB = 1024 * 1024

# --- inputs

words = st.sampled_from(["", "op", "handle", "value", "error", "type", "frames", "arguments", "name", "number", "end"])
texts = words | st.text(max_size=20) | st.sampled_from(["\ud800", "\x1b[2J", "\0", "=1+1", "x" * 5000])
numbers = st.integers() | st.floats() | st.sampled_from([2**63, -(2**70), True, None]) | st.builds(lambda: 10**5000)
scalars = texts | numbers | st.binary(max_size=20) | st.complex_numbers()


@st.composite
def arrays(draw: Any) -> Any:
    shape = draw(st.lists(st.integers(0, 3), max_size=4))
    dtype = draw(st.sampled_from(["?", "i1", "<i8", "<f2", "<f8", "<c16"]))
    filling = draw(st.sampled_from([0.0, 1.0, np.nan, np.inf] if dtype[1:] in ("f2", "f8", "c16") else [0, 1]))
    return np.full(shape, filling, dtype)


def containers(inside: Any) -> Any:
    keys = scalars.filter(lambda key: key == key)
    return (
        st.lists(inside, max_size=4)
        | st.lists(inside, max_size=4).map(tuple)
        | st.dictionaries(keys, inside, max_size=4)
        | st.dictionaries(words, inside, max_size=6)
    )


odd = st.sampled_from(
    [
        *(np.random.default_rng(0), np.random.Generator(np.random.MT19937(0)), wire.Opaque("set")),
        *(wire.Handle("stream", 10**30), wire.Handle("callable", -1), np.float32(1), np.zeros((0, 2**40))),
    ]
)
values = st.recursive(scalars | arrays() | odd, containers, max_leaves=12)


@st.composite
def packed(draw: Any, depth: int = 3) -> bytes:
    """msgpack, valid or not, with every extension type number around content that fits the type or doesn't."""
    kind = draw(st.integers(0, 4))
    if kind == 0 or not depth:
        return bytes(draw(st.binary(max_size=12)))
    if kind == 1:
        return bytes(msgpack.packb(msgpack.ExtType(draw(st.integers(0, 127)), draw(packed(depth - 1)))))
    if kind == 2:
        header = struct.pack("<BBB5x", *(draw(st.integers(0, most)) for most in (14, 9, 2)))
        shape = draw(st.lists(st.integers(0, 2**64 - 1), max_size=9))
        array = header + struct.pack(f"<{len(shape)}Q", *shape) + b"\0" * 8
        return bytes(msgpack.packb(msgpack.ExtType(draw(st.integers(1, 2)), array)))
    parts = draw(st.lists(packed(depth - 1), max_size=3))
    if kind == 3:
        return bytes([0x90 + len(parts)]) + b"".join(parts)
    return bytes([0x80 + len(parts)]) + b"".join(msgpack.packb(draw(words)) + part for part in parts)


@st.composite
def damaged(draw: Any, whole: Any) -> bytes:
    content = bytearray(draw(whole))
    for _ in range(draw(st.integers(0, 3))):
        place = draw(st.integers(0, max(len(content) - 1, 0)))
        content[place : place + draw(st.integers(0, 3))] = draw(st.binary(max_size=3))
    return bytes(content)


payloads = packed() | damaged(values.filter(lambda value: sendable(value)).map(wire.encode))
messages = st.dictionaries(words, values, max_size=6)


def sendable(value: Any) -> bool:
    try:
        wire.encode(value)
    except wire.WireError:
        return False
    return True


# --- properties


@given(payloads)
def bytes_on_the_wire(payload: bytes) -> None:
    try:
        value = wire.decode(payload)
    except wire.WireError:
        return
    assert wire.count(value) <= wire.MAX_VALUES
    assert sendable(value)


@given(messages)
def a_reply_of_any_kind(reply: dict[str, Any]) -> None:
    with contextlib.suppress(StubFailure):
        answer_in(reply)


@given(messages)
def a_use_of_what_was_lent(message: dict[str, Any]) -> None:
    exports = ExportTable()
    exports.export(abs)
    exports.export(iter([1.0]))
    arguments = message.get("arguments")
    if sendable(arguments):
        message["arguments"] = wire.encode(arguments)
    with contextlib.suppress(TooMuchAsked):
        wire.pack(serve(message, lambda _stub, given: given, exports))


@given(values)
def an_answer_of_any_kind(value: Any) -> None:
    student = Student(LocalConnection({"softmax": lambda _x: value}))
    with contextlib.suppress(CheckFailed, StubFailure):
        agree(student.softmax, softmax.softmax, np.array([1.0, 2.0]))


lines = st.sampled_from(
    [
        *("%matplotlib inline", "!ls \\", "x = !ls", "np.exp?", "%%time", "%time x = 1", ">>> x", "def softmax(x):"),
        *(
            "    return x",
            "    %time y",
            '"""',
            "(",
            "check('softmax')",
            "\t",
            "\x0c",
            "\r",
            "softmax = 1",
            "# %%",
            "# ---",
        ),
    ]
)
sources = st.lists(lines | texts, max_size=6).map("\n".join)
cells = st.fixed_dictionaries(
    {}, optional={"cell_type": st.just("code") | scalars, "source": sources | st.lists(sources | numbers, max_size=3)}
)
plain = st.recursive(texts | numbers, lambda inside: st.lists(inside, max_size=3), max_leaves=6)
notebooks = st.fixed_dictionaries(
    {"cells": st.lists(cells | plain, max_size=4) | plain, "nbformat": st.just(4) | plain}, optional={"metadata": plain}
)


def as_json(value: Any) -> bytes:
    return json.dumps(value, default=repr).encode("utf-8", "surrogatepass")


@contextlib.contextmanager
def long_numbers() -> Iterator[None]:
    """Allow writing numbers so long that no reader accepts them."""
    before = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(0)
    try:
        yield
    finally:
        sys.set_int_max_str_digits(before)


@given(notebooks, st.data())
def a_notebook(content: Any, data: Any) -> None:
    with long_numbers():
        whole = as_json(content)
    read_as("softmax.ipynb", data.draw(st.just(whole) | damaged(st.just(whole)) | st.binary(max_size=50)))


@given(sources)
def a_script(text: str) -> None:
    read_as("my_softmax.py", text.encode("utf-8", "surrogatepass"))


def read_as(name: str, content: bytes) -> None:
    with contextlib.suppress(SubmissionError):
        submission = parse(content, Path(name))
        assert all(isinstance(name, str) for name in submission.functions)
        lab_of(submission, COURSE)


yaml_parts = st.sampled_from(
    [
        *(
            "title",
            "labs",
            "stubs",
            "name",
            "points",
            "concepts",
            "limits",
            "call_seconds",
            "softmax",
            "&a ",
            "*a",
            "<<",
            "4",
        ),
        *(
            "!!timestamp x",
            "!!bool x",
            "!!int ''",
            "!!float x",
            "!!binary x",
            "!!python/name:os.system",
            "!!set {a}",
            "=",
            "!x y",
        ),
        *(
            ": ",
            ", ",
            "- ",
            "\n",
            "\n  ",
            "[",
            "]",
            "{",
            "}",
            ".inf",
            "1e999",
            "2020-99-99",
            "? ",
            "|\n",
            "'",
            '"',
            "0o9",
            "%",
            "[" * 3000,
        ),
    ]
)
yaml_texts = st.lists(yaml_parts | texts, max_size=12).map("".join) | st.builds(
    "title: {}\nlabs: {}\nlimits: {{memory_mib: {}}}\n".format, yaml_parts, yaml_parts | texts, yaml_parts | texts
)
sound_yaml = st.just((ROOT / "course.yaml").read_bytes())


@given(yaml_texts.map(lambda text: text.encode("utf-8", "surrogatepass")) | damaged(sound_yaml))
def a_course(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "course.yaml").write_bytes(content)
        with contextlib.suppress(CourseError):
            load(Path(folder))


places = st.lists(
    st.sampled_from(
        [
            *(
                "ada_1_2_softmax.ipynb",
                "ada_1_2_x.zip",
                "Ada_3_assignsubmission_file",
                "softmax.ipynb",
                "ada_1_2_packet.yaml",
                "..",
                ".",
                "",
                "C:",
            ),
            *(
                "a\\b.ipynb",
                "\x1b.ipynb",
                "nul",
                "x" * 300,
                "é.IPYNB",
                "softmax.ipynb/",
                "\u202e.zip",
                "a",
                ".hidden.ipynb",
            ),
        ]
    ),
    min_size=1,
    max_size=4,
).map("/".join)


@st.composite
def zips(draw: Any, depth: int = 2) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", draw(st.sampled_from([0, 8, 12, 14]))) as archive:
        for place in filter(None, draw(st.lists(places, max_size=4))):
            content = zips(depth - 1) if depth and place.endswith(".zip") else st.binary(max_size=20)
            with contextlib.suppress(UserWarning):
                # Given only a name, `writestr` would store the current time, so the bytes would differ a second later.
                archive.writestr(zipfile.ZipInfo(place), draw(content), archive.compression)
    return stream.getvalue()


def collecting() -> ZipCollectApp:
    """The app that collects a lab in which students hand in a file next to the notebook."""
    app = ZipCollectApp()
    app.coursedir = CourseDirectory(assignment_id="readiness")
    return app


@pytest.mark.filterwarnings("ignore")
@given(damaged(zips()))
def a_download(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        archive, extracted = Path(folder, "archive"), Path(folder, "extracted")
        for each in (archive, extracted):
            each.mkdir()
        (archive / "submissions.zip").write_bytes(content)
        LmsExtractor(parent=collecting()).extract(str(archive), str(extracted))
        assert sorted(path.name for path in Path(folder).iterdir()) == ["archive", "extracted"]
        taken = [path for path in extracted.rglob("*") if not path.is_dir()]
        assert all(path.is_file() and not path.is_symlink() and path.suffix in (".ipynb", ".yaml") for path in taken)
        assert all(path.stat().st_size <= MAX_BYTES for path in taken)


PROPERTIES: list[Callable[[], None]] = [
    *(bytes_on_the_wire, a_reply_of_any_kind, a_use_of_what_was_lent, an_answer_of_any_kind),
    *(a_notebook, a_script, a_course, a_download),
]


def tried(property_: Callable[[], None], examples: int, derandomize: bool) -> None:
    unhurried = settings(
        max_examples=examples,
        derandomize=derandomize,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    unhurried(property_)()


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("property_", PROPERTIES, ids=lambda each: each.__name__)
def test_it_holds(property_: Callable[[], None]) -> None:
    tried(property_, 60, derandomize=True)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("property_", PROPERTIES, ids=lambda each: each.__name__)
def test_it_holds_for_many(property_: Callable[[], None]) -> None:
    tried(property_, 10_000, derandomize=False)


# --- from a worker


@pytest.mark.skipif(sys.platform != "linux", reason="the sandbox needs Linux")
@pytest.mark.proof
def test_a_worker_may_write_whatever_it_will_into_its_line() -> None:
    """Frames of every kind, forged by the student's own process in place of its reply."""

    with Sandbox(Limits(), ["numpy"], {"allowed": ["numpy"], "inert": []}) as sandbox:

        @given(st.lists(payloads | messages.filter(sendable).map(wire.encode), max_size=3), st.binary(max_size=3))
        def forged(frames: list[bytes], rest: bytes) -> None:
            content = b"".join(wire.HEADER.pack(len(each)) + each for each in frames) + rest
            source = f"import os\nos.write(3, {content!r})\nos._exit(3)"
            exports = ExportTable()
            with sandbox.start() as worker, contextlib.suppress(WorkerTimeout, WorkerDied, Violation, TooMuchAsked):
                request = {"op": "cell", "index": 1, "source": source}
                reply = worker.ask(request, 10, lambda message: serve(message, lambda _stub, given: given, exports))
                with contextlib.suppress(StubFailure):
                    answer_in(reply)

        tried(forged, 150, derandomize=True)


# --- in bounded memory

UNITS = {
    "empty lists": b"\x90",
    "empty dicts": b"\x80",
    "tuples": b"\xd4\x03\x90",
    "text": b"\xa1a",
    "numbers": msgpack.packb(1.5),
    "arrays": wire.encode(np.zeros(0)),
    "names of types": b"\xd4\x07a",
    "dicts of one": b"\x81\xc0\xc0",
}


def announced(count: int) -> bytes:
    return b"\xdd" + count.to_bytes(4, "big")


def flat(unit: bytes) -> bytes:
    return announced(count := (wire.MAX_FRAME - 5) // len(unit)) + unit * count


def in_rows(unit: bytes) -> bytes:
    """Lists of as many items as are allowed."""
    row = announced(wire.MAX_VALUES) + unit * wire.MAX_VALUES
    rows = max(1, (wire.MAX_FRAME - 5) // len(row))
    return (announced(rows) + row * rows)[: wire.MAX_FRAME]


def nested(unit: bytes) -> bytes:
    """Each list has the next as its last item, so none is complete until all have arrived."""
    levels = wire.MAX_DEPTH - 1
    count = min(wire.MAX_VALUES, wire.MAX_FRAME // levels // len(unit) - 5)
    return (announced(count + 1) + unit * count) * levels + b"\xc0"


@pytest.mark.parametrize("shape", sampled([flat, in_rows, nested], nested))
@pytest.mark.parametrize("unit", sampled(UNITS, "names of types"))
def test_no_frame_takes_more_memory_than_is_stated(unit: str, shape: Callable[[bytes], bytes]) -> None:
    """The limit is stated in docs/security.md."""
    payload = shape(UNITS[unit])
    tracemalloc.start()
    try:
        with contextlib.suppress(wire.WireError):
            wire.decode(payload)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 150 * MIB


def test_a_zip_of_very_many_files_is_not_listed(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    archive, extracted = tmp_path / "archive", tmp_path / "extracted"
    archive.mkdir()
    with zipfile.ZipFile(archive / "ada_1_2_x.zip", "w") as file:
        for number in range(MAX_MEMBERS + 1):
            file.writestr(f"{number}.txt", b"")
        file.writestr("softmax.ipynb", b"{}")
    LmsExtractor(parent=collecting(), log=logging.getLogger("of the test")).extract(str(archive), str(extracted))
    assert not extracted.exists()
    assert "ada_1_2_x.zip is left out: a student's zip can have at most 10,000 files." in caplog.text


@pytest.mark.parametrize(("count", "taken"), [(7, 9), (8, 1)])
def test_a_zip_that_unpacks_to_too_much_is_left_out_and_others_are_not(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, count: int, taken: int
) -> None:
    archive, extracted = tmp_path / "archive", tmp_path / "extracted"
    archive.mkdir()
    with zipfile.ZipFile(archive / "ada_1_2_x.zip", "w", zipfile.ZIP_DEFLATED) as file:
        for number in range(count):
            file.writestr(f"{number}.ipynb", b" " * (9 * MIB))
        file.writestr("packet.yaml", b"x")
    (archive / "ben_3_4_softmax.ipynb").write_bytes(b"{}")
    LmsExtractor(parent=collecting(), log=logging.getLogger("of the test")).extract(str(archive), str(extracted))
    assert sum(path.is_file() for path in extracted.rglob("*")) == taken
    said = "ada_1_2_x.zip is left out: the files in a student's zip can have at most 64 MiB in total"
    assert (f"{said}, but these have 72 MiB." in caplog.text) == (taken == 1)
    assert (archive / "ada_1_2_x.zip").exists()


def test_values_of_yaml_that_refer_to_each_other_are_not_spelled_out(tmp_path: Path) -> None:
    rows = [f"a{number}: &a{number} [{', '.join([f'*a{number - 1}'] * 9)}]" for number in range(1, 12)]
    (tmp_path / "course.yaml").write_text("\n".join(["a0: &a0 [x]", *rows, "title: *a11", "labs: []"]))
    assert yaml.safe_load((tmp_path / "course.yaml").read_bytes())["title"]
    with pytest.raises(CourseError) as caught:
        load(tmp_path)
    assert len(str(caught.value)) < 400


@soon
def test_a_renamed_stub_is_looked_for_among_some_names_only() -> None:
    chance = random.Random(1)
    names = ["softmax"[: chance.randrange(3, 7)] + str(number) for number in range(300_000)]
    assert undefined("softmax", names, "not there").outcome
    assert "renamed to soft_max" in undefined("softmax", ["other"] * 300_000 + ["soft_max"], "not there").message
