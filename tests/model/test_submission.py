"""Untrusted notebooks and scripts: malformed ones give a sentence, honest ones their cells, and the work is bounded."""

import ast
import contextlib
import json
import os
import random
import signal
import socket
import subprocess
import sys
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from autograder.model import course, submission
from autograder.model.errors import SubmissionError
from autograder.model.submission import MAX_BRACKETS, MAX_BYTES, MAX_MAGIC_WORK, MAX_QUOTES, as_python, read
from autograder.model.transforming import PASS
from tests.repository import ROOT

posix = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX files")


def code(source: Any, **more: Any) -> dict[str, Any]:
    return {"cell_type": "code", "source": source, "metadata": {}, "outputs": [], "execution_count": None, **more}


def notebook(*cells: Any, **more: Any) -> dict[str, Any]:
    return {"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5, **more}


def save(folder: Path, content: Any, name: str = "softmax.ipynb") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())
    return path


def sources(folder: Path, content: Any, name: str = "softmax.ipynb") -> list[str]:
    return [cell.source for cell in read(save(folder, content, name)).cells]


def refusal(path: Path) -> str:
    """The one sentence with which a file is rejected: it names the file, what's wrong, and then the fix."""
    with pytest.raises(SubmissionError) as caught:
        read(path)
    said = str(caught.value)
    assert said.startswith(str(path))
    assert said.isprintable()
    assert said.endswith(".")
    return said.removeprefix(str(path))


@pytest.mark.parametrize(
    ("part", "most"),
    [("[]", MAX_BRACKETS), ("{}", MAX_BRACKETS), ('{"a":[1]}', MAX_BRACKETS // 2), ('"ab"', MAX_QUOTES // 2)],
)
def test_a_file_of_many_parts_is_refused_before_they_take_up_memory(tmp_path, part, most):
    few, many = (
        f'{{"cells": [], "nbformat": 4, "metadata": {{"a": [{",".join([part] * count)}]}}}}'.encode()
        for count in (most - 50, most + 1)
    )
    assert read(save(tmp_path, few)).cells == ()
    said = refusal(save(tmp_path, many))
    assert said.startswith(" can't be read: it has more than 200,000 brackets or 1,000,000 quotation marks; clear")
    tracemalloc.start()
    try:
        with pytest.raises(SubmissionError):
            submission.parse_file(many, tmp_path / "softmax.ipynb")
        assert tracemalloc.get_traced_memory()[1] < 2**20
    finally:
        tracemalloc.stop()


@pytest.fixture
def _soon() -> Iterator[None]:
    """Fail a test that would otherwise wait forever, or take hours if its work is quadratic in a file's size."""

    def too_long(*_: object) -> None:
        raise AssertionError("this does not end")

    before = signal.signal(signal.SIGALRM, too_long)
    signal.alarm(20)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


soon = pytest.mark.usefixtures("_soon")

DEEP = b"[" * 100_000
NOTEBOOK_IN_JUPYTER = "open it in Jupyter and save it again."
MALFORMED: dict[str, tuple[Any, str]] = {
    "empty": (b"", "it isn't valid JSON"),
    "a word": (b"softmax", "it isn't valid JSON"),
    "cut off": (json.dumps(notebook(code("x = 1"))).encode()[:-5], "it isn't valid JSON"),
    "two values": (b"{} {}", "it isn't valid JSON"),
    "nested without end": (DEEP, "it nests too deeply"),
    "nested deeply and closed": (DEEP + b"]" * 100_000, "it nests too deeply"),
    "objects nested deeply": (b'{"cells":' * 100_000, "it nests too deeply"),
    "a number of 10,000 digits": (b'{"cells": [], "nbformat": ' + b"4" * 10_000 + b"}", "it isn't valid JSON"),
    "NaN": (b'{"cells": [], "nbformat": NaN}', "it contains NaN, which isn't JSON"),
    "infinity in an output": (
        json.dumps(notebook(code("", outputs=[float("-inf")]))).encode(),
        "it contains -Infinity, which isn't JSON",
    ),
    "a lone surrogate": (notebook(code("x = '\ud800'")), "a cell contains broken Unicode"),
    "a byte order mark": (b"\xef\xbb\xbf" + json.dumps(notebook()).encode(), "it isn't valid JSON"),
    "UTF-16": (json.dumps(notebook()).encode("utf-16"), "isn't UTF-8 text"),
    "Latin-1": (b'{"cells": ["\xfc"]}', "isn't UTF-8 text"),
    "NUL bytes": (b"\0" * 100, "it isn't valid JSON"),
    "a zip": (b"PK\x03\x04\x14\x00\x08\x08\xff", "isn't UTF-8 text"),
    "a list": ([code("x = 1")], "it has no cells"),
    "a number": (b"4", "it has no cells"),
    "null": (b"null", "it has no cells"),
    "no cells": ({"nbformat": 4}, "it has no cells"),
    "cells in an object": (notebook(cells={}), "it has no cells"),
    "cells in text": (notebook(cells="x = 1"), "it has no cells"),
    "no format": ({"cells": []}, "its format is None"),
    "format 3": (
        {"nbformat": 3, "worksheets": [{"cells": [{"cell_type": "code", "input": "x"}]}]},
        "its format is 3, but only format 4",
    ),
    "format 4 with worksheets": ({"nbformat": 4, "worksheets": []}, "it has no cells"),
    "schema 99": (notebook(nbformat=99), "its format is 99"),
    "a format in text": (notebook(nbformat="4"), "its format is '4'"),
    "a format with newlines and escapes": (notebook(nbformat="4\n\x1b[2J\ud800"), "its format is '4\\n"),
    "a very long format": (notebook(nbformat=["x" * 10_000]), "its format is ['xxxxxxx"),
    "a cell that is a list": (notebook(["code"]), "a cell isn't an object"),
    "a cell that is null": (notebook(code("x = 1"), None), "a cell isn't an object"),
    "no source": (notebook({"cell_type": "code"}), "a cell's source isn't text"),
    "a source that is a number": (notebook(code(1)), "a cell's source isn't text"),
    "a source that is an object": (notebook(code({"x": 1})), "a cell's source isn't text"),
    "a source with a number among its lines": (notebook(code(["x = 1\n", 2])), "a cell's source isn't text"),
}


class TestAMalformedNotebook:
    @soon
    @posix
    @pytest.mark.parametrize(("content", "wrong"), MALFORMED.values(), ids=MALFORMED)
    def test_is_one_sentence_with_the_file_what_is_wrong_and_the_fix(self, tmp_path, content, wrong):
        said = refusal(save(tmp_path, content))
        assert wrong in said
        assert said.endswith(NOTEBOOK_IN_JUPYTER)
        assert len(said) < 200

    def test_cut_anywhere_or_with_bytes_changed_raises_nothing_else(self, tmp_path):
        whole = json.dumps(notebook(code(["import numpy as np\n", "%time x = 1"]), code("check('softmax')"))).encode()
        chance = random.Random(1)
        for length in range(0, len(whole), 7):
            refusal(save(tmp_path, whole[:length]))
        for _ in range(500):
            content = bytearray(whole)
            for _ in range(3):
                content[chance.randrange(len(content))] = chance.randrange(256)
            with contextlib.suppress(SubmissionError):
                read(save(tmp_path, bytes(content)))


class TestWhatIsNoOrdinaryFile:
    def test_not_there(self, tmp_path):
        assert refusal(tmp_path / "softmax.ipynb") == " doesn't exist; check its name and folder."
        assert "doesn't exist" in refusal(tmp_path / "none" / "softmax.ipynb")

    @pytest.mark.parametrize("name", ["softmax.txt", "softmax", "softmax.ipynb.zip", ".ipynb", "softmax.IPYNB"])
    def test_of_another_kind(self, tmp_path, name):
        assert refusal(save(tmp_path, b"", name)) == " isn't a notebook; choose an .ipynb or .py file."

    def test_a_folder(self, tmp_path):
        (tmp_path / "softmax.ipynb").mkdir()
        assert refusal(tmp_path / "softmax.ipynb") == " isn't an ordinary file; hand in the notebook itself."

    def test_below_a_file(self, tmp_path):
        save(tmp_path, notebook())
        assert "hand in the file itself" in refusal(tmp_path / "softmax.ipynb" / "softmax.ipynb")

    def test_a_name_that_no_file_can_have(self, tmp_path):
        for name in ("x" * 5000 + ".ipynb", "soft\0max.ipynb"):
            with pytest.raises(SubmissionError, match="hand in the file itself"):
                read(tmp_path / name)

    @soon
    @posix
    @pytest.mark.parametrize("name", ["softmax.ipynb", "softmax.py"])
    def test_a_pipe_that_nobody_writes_to_is_not_waited_for(self, tmp_path, name):
        os.mkfifo(tmp_path / name)
        assert refusal(tmp_path / name) == " isn't an ordinary file; hand in the notebook itself."

    @posix
    @pytest.mark.parametrize("to", ["real.ipynb", "/etc/passwd", "/dev/zero", "softmax.ipynb", "nowhere"])
    def test_a_link_whatever_it_leads_to(self, tmp_path, to):
        save(tmp_path, notebook(), "real.ipynb")
        (tmp_path / "softmax.ipynb").symlink_to(to)
        assert refusal(tmp_path / "softmax.ipynb").endswith(
            "because it's a link or not an ordinary file; hand in the file itself."
        )

    @posix
    def test_a_socket(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)  # a socket's path must be short
        with socket.socket(socket.AF_UNIX) as server:
            server.bind("softmax.ipynb")
            assert "not an ordinary file" in refusal(Path("softmax.ipynb"))

    @soon
    @posix
    def test_a_device(self, tmp_path):
        path = tmp_path / "softmax.ipynb"
        try:
            os.mknod(path, 0o666 | 0o020000, os.makedev(1, 5))  # /dev/zero
        except OSError:
            pytest.skip("devices can't be created here")
        said = refusal(path)
        assert "an ordinary file" in said or "permission denied" in said

    @posix
    def test_unreadable(self, tmp_path):
        path = save(tmp_path, notebook())
        path.chmod(0)
        if os.geteuid() != 0:
            assert refusal(path) == " can't be read: permission denied; make it readable."
            return
        child = os.fork()  # root can read everything, so try as another user
        if child == 0:
            status = 1
            try:
                os.setgroups([])
                os.setgid(65534)
                os.setuid(65534)
                status = 0 if refusal(path) == " can't be read: permission denied; make it readable." else 2
            finally:
                os._exit(status)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0

    def test_no_file_is_left_open(self, tmp_path):
        (tmp_path / "folder.ipynb").mkdir()
        save(tmp_path, notebook())
        for name in ("folder.ipynb", "softmax.ipynb"):
            with contextlib.suppress(SubmissionError):
                read(tmp_path / name)
        first = os.open(tmp_path, os.O_RDONLY)
        os.close(first)
        for _ in range(3):
            with contextlib.suppress(SubmissionError):
                read(tmp_path / "folder.ipynb")
        again = os.open(tmp_path, os.O_RDONLY)
        os.close(again)
        assert again == first


class TestTheSize:
    @staticmethod
    def of_size(size: int) -> bytes:
        start = json.dumps(notebook(code("x = 1"))).encode()
        return start + b" " * (size - len(start))

    def test_the_largest_that_is_read(self, tmp_path):
        assert sources(tmp_path, self.of_size(MAX_BYTES)) == ["x = 1"]

    def test_one_byte_more_is_refused_with_the_fix(self, tmp_path):
        said = refusal(save(tmp_path, self.of_size(MAX_BYTES + 1)))
        assert said == " is larger than 10 MiB; clear its outputs and save it again."

    def test_a_sparse_giant_is_refused_without_reading_it(self, tmp_path):
        path = save(tmp_path, b"")
        os.truncate(path, 2**40)
        assert "larger than 10 MiB" in refusal(path)


class TestTheCells:
    def test_are_the_code_cells_in_order_and_numbered_as_a_reader_counts(self, tmp_path):
        markdown = {"cell_type": "markdown", "source": 1}
        cells = [code("a = 1"), markdown, code(["b = 2\n", "c = 3"]), code("  \n"), code('check("softmax")'), code("d")]
        found = read(save(tmp_path, notebook(*cells))).cells
        assert [(cell.number, cell.source) for cell in found] == [(1, "a = 1"), (2, "b = 2\nc = 3"), (5, "d")]

    @pytest.mark.parametrize(
        "source",
        [
            *('check("softmax")', "check('softmax')", '\n check( "softmax" ) ;\n', "check('softmax')  # again"),
            *('check("softmax");# x', "check('softmax') ; # x"),
        ],
    )
    def test_a_cell_that_is_one_check_is_not_run(self, tmp_path, source):
        assert sources(tmp_path, notebook(code(source))) == []

    @pytest.mark.parametrize(
        "source", ['check("a")\nx = 1', 'x = check("a")', "check(a)", 'check("a") + 1', "check('a\")"]
    )
    def test_a_cell_with_more_than_a_check_is(self, tmp_path, source):
        assert sources(tmp_path, notebook(code(source))) == [source]

    def test_metadata_tags_points_and_outputs_change_nothing(self, tmp_path):
        plain = [code("def softmax(x): ..."), code("y = 1")]
        dressed = [
            code(
                "def softmax(x): ...",
                metadata={
                    "tags": ["skip-execution", "hide", 3],
                    "nbgrader": {"points": 1000, "grade_id": "softmax", "solution": False, "locked": True},
                },
                outputs=[{"output_type": "stream", "text": "passed 25 of 25"}, None],
                execution_count="many",
                id="x" * 500,
                attachments=None,
            ),
            code("y = 1", metadata=None, id=None),
        ]
        evil = {"kernelspec": {"name": "evil"}, "points": 1000, "execute": False}
        assert sources(tmp_path, notebook(*dressed, metadata=evil, nbformat_minor="x")) == sources(
            tmp_path, notebook(*plain)
        )

    def test_a_duplicated_cell_counts_as_its_last_copy(self, tmp_path):
        cells = [code("def softmax(x):\n    return 1", id="a"), code("def softmax(x):\n    return 2", id="a")]
        found = read(save(tmp_path, notebook(*cells)))
        assert len(found.cells) == 2
        assert found.cell_of("softmax").number == 2

    def test_a_deleted_cell_is_no_error(self, tmp_path):
        found = read(save(tmp_path, notebook(code("x = 1"))))
        assert found.cell_of("softmax") is None

    def test_the_hash_is_of_the_whole_file(self, tmp_path):
        content = json.dumps(notebook(code("x = 1"))).encode()
        first = read(save(tmp_path, content)).content_hash
        assert read(save(tmp_path, content, "other.ipynb")).content_hash == first
        assert read(save(tmp_path, content + b" ")).content_hash != first


class TestWhichCellDefinesAStub:
    @pytest.mark.parametrize(
        "source",
        [
            *("def softmax(x): ...", "import numpy\n\ndef  softmax (x):\n    ...", "async def softmax(x): ..."),
            *("softmax = lambda x: x", "softmax: object = print", "softmax=numpy.exp", "@jit\ndef softmax(x): ..."),
        ],
    )
    def test_defining_it(self, source):
        assert submission.Cell(1, source).defines("softmax")

    @pytest.mark.parametrize(
        "source",
        [
            *("softmax(x)", "softmax == 1", "def softmax_with_temperature(x): ...", "def log_softmax(x): ..."),
            *(
                "class A:\n    def softmax(self): ...",
                "# def softmax(x):",
                "y = softmax = 1",
                "softmaxes = 1",
                "softmax",
            ),
        ],
    )
    def test_not_defining_it(self, source):
        assert not submission.Cell(1, source).defines("softmax")

    def test_the_functions_of_a_notebook(self, tmp_path):
        cells = [code("def a(): ...\nasync def b(): ...\nclass C:\n    def d(self): ..."), code("def a(): ...")]
        assert read(save(tmp_path, notebook(*cells))).functions == ["a", "b", "a"]


class TestTheLabOfASubmission:
    @pytest.fixture
    def the_course(self):
        return course.load(ROOT)

    @staticmethod
    def named(folder: Path, name: str, *cells: str) -> submission.Submission:
        return read(save(folder, notebook(*map(code, cells)), name))

    def test_is_the_one_it_is_named_after(self, tmp_path, the_course):
        found = self.named(tmp_path, "loss.ipynb", "def softmax(x): ...")
        assert submission.lab_of(found, the_course).name == "loss"

    def test_is_else_the_one_whose_stubs_it_defines(self, tmp_path, the_course):
        found = self.named(
            tmp_path, "my work (1).ipynb", "def softmax(x): ...", "def mse_loss(a, b): ...", "surprisal = 1"
        )
        assert submission.lab_of(found, the_course).name == "loss"

    def test_is_none_where_no_stub_is_there(self, tmp_path, the_course):
        with pytest.raises(SubmissionError, match=r"defines no stub of this course; .* are .*loss\.ipynb"):
            submission.lab_of(self.named(tmp_path, "holiday.ipynb", "x = 1"), the_course)

    def test_another_labs_notebook_under_this_labs_name_is_refused(self, tmp_path, the_course):
        found = self.named(tmp_path, "softmax.ipynb", "def mse_loss(a, b): ...")
        message = r"softmax\.ipynb is the notebook of the lab loss, not of softmax; hand in softmax\.ipynb\."
        with pytest.raises(SubmissionError, match=message):
            submission.refuse_other_lab(found, the_course.lab("softmax"), the_course)

    @pytest.mark.parametrize("cells", [["def mse_loss(a, b): ...", "def entropy(p): ..."], ["x = 1"], []])
    def test_a_notebook_with_a_stub_of_its_own_or_with_none_is_not(self, tmp_path, the_course, cells):
        found = self.named(tmp_path, "softmax.ipynb", *cells)
        submission.refuse_other_lab(found, the_course.lab("softmax"), the_course)


class TestScripts:
    def test_percent_cells_are_the_code_cells(self, tmp_path):
        script = b"# %% [markdown]\n# # Title\n\n# %%\nx = 1\n\n# %%\ncheck('softmax')\n\n# %%\ny = 2\n"
        found = read(save(tmp_path, script, "softmax.py"))
        assert [(cell.number, cell.source) for cell in found.cells] == [(1, "x = 1"), (3, "y = 2")]

    def test_a_plain_script_is_one_cell(self, tmp_path):
        assert sources(tmp_path, b"def softmax(x):\n    return x\n", "a.py") == ["def softmax(x):\n    return x"]

    def test_commented_magics_are_magics(self, tmp_path):
        (source,) = sources(tmp_path, b"# %%\n# %matplotlib inline\nx = 1\n", "a.py")
        assert source.splitlines() == ["get_ipython().run_line_magic('matplotlib', 'inline')", "x = 1"]

    def test_a_byte_order_mark_is_as_welcome_as_to_python(self, tmp_path):
        assert sources(tmp_path, b"\xef\xbb\xbf# %%\nx = 1\n", "a.py") == ["x = 1"]

    def test_an_empty_one_has_no_cells(self, tmp_path):
        assert sources(tmp_path, b"", "a.py") == []

    def test_one_that_is_not_utf_8_is_refused(self, tmp_path):
        assert "isn't UTF-8 text" in refusal(save(tmp_path, "x = 'ü'".encode("latin-1"), "a.py"))

    @pytest.mark.parametrize("header", [b"a: [", b"jupytext: 5"])
    def test_a_broken_header_is_refused(self, tmp_path, header):
        said = refusal(save(tmp_path, b"# ---\n# jupyter:\n#   " + header + b"\n# ---\n\n# %%\nx = 1\n", "a.py"))
        assert "isn't a script in percent format" in said
        assert "remove the header" in said


MAGICS: dict[str, tuple[str, str]] = {
    "a line magic": ("%matplotlib inline\nx = 1", "get_ipython().run_line_magic('matplotlib', 'inline')\nx = 1\n"),
    "a shell line": ("!pip install numpy\nx = 1", "get_ipython().system('pip install numpy')\nx = 1\n"),
    "a shell line in a block": ("if x:\n    !ls\n", "if x:\n    get_ipython().system('ls')\n"),
    "shell output, assigned": ("x = !ls\ny = 1", "x = get_ipython().getoutput('ls')\ny = 1\n"),
    "a magic, assigned": ("x = %who\ny = 1", "x = get_ipython().run_line_magic('who', '')\ny = 1\n"),
    "help after": ("softmax?\nx = 1", "get_ipython().run_line_magic('pinfo', 'softmax')\nx = 1\n"),
    "help before": ("?softmax", "get_ipython().run_line_magic('pinfo', 'softmax')\n"),
    "more help": ("np.exp??", "get_ipython().run_line_magic('pinfo2', 'np.exp')\n"),
    "%time with an assignment": ("%time x = 1\ny = 2", "x = 1\ny = 2\n"),
    "%time in a block": ("for i in y:\n    %time x = f(i)\n", "for i in y:\n    x = f(i)\n"),
    "%time with both kinds of quotes": ('%time s = "it\'s"', 's = "it\'s"\n'),
    "%time with a backslash": ("%time s = '\\n'", "s = '\\n'\n"),
    "%time on its own": ("%time\nx = 1", "\nx = 1\n"),
    "%%time": ("%%time\nx = 1\ny = 2", "\nx = 1\ny = 2"),
    "%%timeit": ("%%timeit -n 1 -r 1\nx = 1", "\nx = 1"),
    "%%prun": ("%%prun\nx = 1", "\nx = 1"),
    "%%capture": ("%%capture out\nprint(1)", "\nprint(1)"),
    "%%time around a magic": ("%%time\nx = 1\n!ls", "\nx = 1\nget_ipython().system('ls')\n"),
    "%%time after empty lines": ("\n\n%%time\nx = 1", "\n\n\nx = 1"),
    "%%bash": ("%%bash\nrm -rf /", ""),
    "%%html": ("%%html\n<b>x</b>", ""),
    "%%writefile": ("%%writefile softmax.py\nx = 1", ""),
    "%%javascript": ("\n%%javascript\nalert(1)", ""),
    "%% with any other name": ("%%evil\nx = 1", ""),
    "an indented cell": ("  x = 1\n  if x:\n    y = 2", "x = 1\nif x:\n  y = 2\n"),
    "an indented cell after empty lines": ("\n \n  x = 1\n  y = 2", "\n \nx = 1\ny = 2\n"),
    "prompts": (">>> def f():\n...     return 1\n>>> x = f()", "def f():\n    return 1\nx = f()\n"),
    "IPython's prompts": ("In [1]: x = 1\n   ...: y = 2", "x = 1\ny = 2\n"),
    "empty lines first": ("\n\n%matplotlib inline", "\n\nget_ipython().run_line_magic('matplotlib', 'inline')\n"),
    "a shell line that continues": ("!ls \\\n -l \\\n -a\nx = 1", "get_ipython().system('ls   -l   -a')\n\n\nx = 1\n"),
    "%time that continues": ("%time x = \\\n  1\ny = 2", "x =    1\n\ny = 2\n"),
}

UNTOUCHED = {
    "plain Python": "x = 1\n\n\ndef f(y):\n    return y % 2 != 0\n",
    "no newline at the end": "x = 1",
    "a remainder on a line of its own": "x = (7\n    % 3)\ny = 1",
    "a remainder that continues": "x = 7 \\\n  % 3\n",
    "a docstring with % and ! lines": '"""Prices.\n% of all\n! not\n%%time\n"""\nx = 1\n',
    "a question in a comment": "# why?\nx = 1  # really?\n",
    "a question in text": 'print("why?")\ns = """\nwhy?\n"""\n',
    "formats": "print('%d %%' % x)\nprint(f'{x!r}')\n",
    "not equal": "x != y\n",
    "empty lines first": "\n\nx = 1\n",
    "invalid Python": "def f(:\n%time 1\n",
    "bad indentation": "if x:\n        y = 1\n    z = 2\n!ls\n",
    "form feeds and unusual line ends": "x = '\x0c\x1c\u2028'\ny = 1\n",
}


class TestMagics:
    @pytest.mark.parametrize(("source", "python"), MAGICS.values(), ids=MAGICS)
    def test_are_read_as_jupyter_reads_them(self, source, python):
        assert as_python(source) == python

    @pytest.mark.parametrize("source", UNTOUCHED.values(), ids=UNTOUCHED)
    def test_what_only_looks_like_one_is_left_as_it_is(self, source):
        assert as_python(source).rstrip("\n") == source.rstrip("\n")

    @pytest.mark.parametrize("first", [source for source, python in MAGICS.values() if python], ids=lambda s: s[:20])
    def test_every_line_keeps_its_number(self, first):
        marked = first.rstrip("\n") + ("\n  LAST = 1" if first.lstrip("\n ").startswith("x = 1\n  ") else "\nLAST = 1")
        lines = as_python(marked).splitlines()
        assert [line.strip() for line in lines].index("LAST = 1") == marked.count("\n")
        ast.parse("\n".join(lines))

    def test_nothing_is_run(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        as_python("!touch here\nx = !touch there\n%cd /\n%run evil.py\n%load evil.py\n%env A=1\n%%writefile x")
        as_python("%%bash\ntouch here")
        assert list(tmp_path.iterdir()) == []

    def test_a_name_that_jupyter_would_not_show_twice_is_kept_over_cells(self, tmp_path):
        cells = [code("%time a = 1"), code("!ls"), code("b = a\n%time c = b")]
        assert sources(tmp_path, notebook(*cells)) == ["a = 1\n", "get_ipython().system('ls')\n", "b = a\nc = b\n"]


# A line of each kind makes IPython parse its whole cell once more.
COSTS_A_PASS = {
    "a line that calls": "/f\n",
    "a line that quotes": ",f a\n",
    "a line that quotes as one": ";f a\n",
    "a form feed": "%a\x0c",
    "a carriage return": "%a\r",
    "a shell line after an odd space": "a =\xa0!b\n",
}


class TestWorkIsBounded:
    """IPython parses a cell once more for each magic, so a notebook may use up only so many characters of parsing."""

    MAGIC_LINE = "%magic\n"
    GROWS = len("get_ipython().run_line_magic('magic', '')") - len("%magic")

    def cell(self, magics: int, size: int) -> str:
        source = self.MAGIC_LINE * magics
        return source + "#\n" * ((size - len(source)) // 2)

    def work_of(self, source: str) -> int:
        magics = source.count(self.MAGIC_LINE)
        return sum(PASS + len(source) + done * self.GROWS for done in range(magics + 1))

    @pytest.mark.parametrize("magics", [400, 5_000, 500_000])
    def test_a_cell_of_too_many_magics_is_left_to_python_to_refuse(self, magics):
        source = self.MAGIC_LINE * magics
        assert self.work_of(source) > MAX_MAGIC_WORK
        assert as_python(source) == source

    @pytest.mark.parametrize("line", COSTS_A_PASS.values(), ids=COSTS_A_PASS)
    def test_whatever_makes_ipython_parse_it_again_counts(self, monkeypatch, line):
        """Only one of the cell's many magics looks like one."""
        source = "%magic\n" + line * 20 + "#\n" * 200
        assert as_python(source).count("get_ipython()") >= 1
        monkeypatch.setattr(submission, "MAX_MAGIC_WORK", 15 * (PASS + len(source)))
        assert as_python(source) == source

    def test_a_character_in_a_long_line_counts_more(self):
        lines = [f"{'a' * 1_990}\n" for _ in range(30)]
        source = f"({''.join(lines)})\n"
        assert "pinfo" in as_python(f"{source.replace('a', ' ')}y?")
        assert as_python(f"{source}y?") == f"{source}y?"

    def test_a_huge_cell_with_one_magic_is_left_too(self):
        source = self.MAGIC_LINE + "x = 1\n" * 1_000_000
        assert as_python(source) == source

    def test_a_huge_cell_without_a_magic_is_none_the_worse(self):
        source = "x = 1\n" * 1_000_000
        assert as_python(source) == source

    def test_up_to_the_bound_a_cell_is_read(self, monkeypatch):
        source = self.cell(magics=20, size=2_000)
        monkeypatch.setattr(submission, "MAX_MAGIC_WORK", self.work_of(source))
        assert as_python(source).startswith("get_ipython()")
        monkeypatch.setattr(submission, "MAX_MAGIC_WORK", self.work_of(source) - 1)
        assert as_python(source) == source

    def test_the_cells_of_a_notebook_share_it(self, tmp_path):
        cell = self.cell(magics=20, size=5_000)
        found = sources(tmp_path, notebook(*[code(cell)] * 100, code("%%bash\nls"), code("x = 1")))
        read_by_ipython = [source for source in found if source.startswith("get_ipython()")]
        assert len(read_by_ipython) == MAX_MAGIC_WORK // self.work_of(cell)
        assert found[len(read_by_ipython) :] == [cell] * (100 - len(read_by_ipython)) + ["", "x = 1"]

    def test_so_do_any_number_of_tiny_cells(self, tmp_path):
        found = sources(tmp_path, notebook(*[code("%a")] * 5_000))
        assert 500 < len([source for source in found if source.startswith("get_ipython()")]) < 1_000
        assert found[-1] == "%a"

    @soon
    @posix
    @pytest.mark.parametrize(
        "source",
        [
            " " * 1_000_000 + "\x0bx = 1",
            " " * 1_000_000 + "\nx = 1",
            "\n" * 1_000_000 + "x = 1",
            "x = 1\n" + "\n" * 1_000_000 + "y = 2",
            'check("softmax")' + " " * 1_000_000 + "x",
            'check("softmax")' + "\n" * 1_000_000 + "x",
            "check(" + " " * 1_000_000 + "x",
            "softmax" + " " * 1_000_000 + "x",
            "def " * 250_000,
            "x = " + " " * 1_000_000 + "1",
            "?" + " " * 1_000_000 + "x",
            ("?" + " " * 50) * 20_000 + "x",
            "In [" + "1" * 1_000_000,
            "(" * 1_000_000,
            "'" * 1_000_000,
            "\\\n" * 500_000,
        ],
        ids=lambda source: f"{source[:12]!r}…",
    )
    def test_no_repetition_takes_more_than_one_look(self, tmp_path, source):
        found = read(save(tmp_path, notebook(code(source), code("y = 1"))))
        assert found.cells[-1].source == "y = 1"
        assert found.cell_of("softmax") is None
        assert found.functions == []

    @soon
    @posix
    def test_empty_lines_after_a_magic(self):
        assert as_python("%time x = 1\n" + "\n" * 100_000).startswith("x = 1\n\n")


def test_reading_a_notebook_without_magics_needs_neither_ipython_nor_jupytext(tmp_path):
    path = save(tmp_path, notebook(code("x = 1")))
    program = (
        "import sys; from pathlib import Path; from autograder.model.submission import read\n"
        f"read(Path({str(path)!r})); print(sorted({{'IPython', 'jupytext', 'torch'}} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
