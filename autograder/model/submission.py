"""Read the code cells of an untrusted notebook or .py file. Bad input raises a SubmissionError with a clear message."""

import ast
import functools
import itertools
import json
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from autograder.model.course import Course, Lab
from autograder.model.errors import SubmissionError
from autograder.model.files import content_hash
from autograder.model.transforming import TooLong, Transformer

MAX_BYTES = 10 * 1024 * 1024
# The maximum number of brackets and of quotation marks in a notebook's file. Lists, dicts and short texts take up far
# more memory than they do in the file: without these limits, 10 MiB could become 450.
MAX_BRACKETS, MAX_QUOTES = 200_000, 1_000_000
# How many of a notebook's functions to list.
MAX_FUNCTIONS = 10_000
# How many definitions of a notebook to look up names in. Any that a person wrote has far fewer.
MAX_DEFINITIONS = 100_000
# Cell magics whose body is the notebook's own Python code. The body of any other magic (%%bash, %%html, …) isn't run.
UNWRAPPED_MAGICS = ("time", "timeit", "capture", "prun")
# How many characters IPython may parse for one notebook. IPython parses a cell again for every magic in it, so a
# hostile cell can cost its size times its number of magics. (In long lines, a character counts more than once.)
MAX_MAGIC_WORK = 500_000
# IPython takes time quadratic in the length of a line. We leave longer lines alone: they're either Python or an error.
LONGEST_TRANSFORMED = 2_000

_CHECK_CALL = re.compile(r"check\(\s*(['\"])(\w+)\1\s*\)\s*(?:;\s*)?(?:#.*)?")
_MAGIC = re.compile(
    r"^[ \t]*[%!?]|\?[ \t]*$|=[ \t]*[%!]|^[ \t]*(?:>>>|In \[\d+\]:)|\A(?:[ \t]*\n)*[ \t]+\S", re.MULTILINE
)
_CELL_MAGIC = re.compile(r"\A\s*%%(\w+)[^\n]*")
_TIMED_LINE = re.compile(r"^([ \t]*)get_ipython\(\)\.run_line_magic\('time', ('.*'|\".*\")\)[ \t]*$", re.MULTILINE)
_LONG_LINE = re.compile(r"__long_line_(\d+)__")
_FUNCTION = re.compile(r"^(?:async\s+)?def\s+(\w+)\s*\(", re.MULTILINE)
_DEFINITION = re.compile(
    r"^(?:(?:async[ \t]+)?def[ \t]+|class[ \t]+|(?:from[ \t]+\S+[ \t]+)?import[ \t]+(?:.*\bas[ \t]+)?)(\w+)"
    r"|^(\w+)[ \t]*(?::[^=\n]+)?=[^=]",
    re.MULTILINE,
)

_transformer = Transformer()


@dataclass(frozen=True)
class Cell:
    """One code cell. `number` counts code cells from 1, as someone reading the notebook would."""

    number: int
    source: str

    def defines(self, stub: str) -> bool:
        pattern = rf"^(?:(?:async\s+)?def\s+{stub}\s*\(|{stub}\s*(?::[^=\n]+)?=[^=])"
        return stub in self.source and re.search(pattern, self.source, re.MULTILINE) is not None


@dataclass(frozen=True)
class Submission:
    """The cells of a notebook that run during grading, in order, and the SHA-256 of the whole file."""

    path: Path
    cells: tuple[Cell, ...]
    content_hash: str

    def cell_of(self, stub: str) -> Cell | None:
        """Return the last cell that defines the stub, or None. All cells are searched, but only once per stub."""
        if stub not in self._cells_by_stub:
            self._cells_by_stub[stub] = next((cell for cell in reversed(self.cells) if cell.defines(stub)), None)
        return self._cells_by_stub[stub]

    @functools.cached_property
    def _cells_by_stub(self) -> dict[str, Cell | None]:
        return {}

    def constant(self, name: str) -> int | str | None:
        """Return the last plain number or string that the notebook assigns to this name on a line of its own, or
        None."""
        pattern = re.compile(rf"""^{name}\s*=\s*(\d{{1,9}}|"[^"\\\n]*"|'[^'\\\n]*')\s*(?:#.*)?$""", re.MULTILINE)
        found = [value for cell in self.cells for value in pattern.findall(cell.source)]
        return None if not found else int(found[-1]) if found[-1].isdecimal() else found[-1][1:-1]

    @functools.cached_property
    def functions(self) -> list[str]:
        """The names of the functions that the notebook defines, in order, at most `MAX_FUNCTIONS`."""
        names = (found[1] for cell in self.cells for found in _FUNCTION.finditer(cell.source))
        return list(itertools.islice(names, MAX_FUNCTIONS))

    @functools.cached_property
    def definitions(self) -> dict[str, Cell]:
        """The last cell that defines each name at the beginning of a line, among the first `MAX_DEFINITIONS`.

        All cells are searched, but only once.
        """
        found = ((name[1] or name[2], cell) for cell in self.cells for name in _DEFINITION.finditer(cell.source))
        return dict(itertools.islice(found, MAX_DEFINITIONS))


@dataclass(frozen=True)
class ParsedFile:
    """A submission's file, parsed. sources: its code cells as written. cells: all cells, if it's a notebook."""

    sources: tuple[str, ...]
    content_hash: str
    cells: tuple[dict[str, Any], ...] = ()


def read(path: Path) -> Submission:
    """Return the submission in an `.ipynb` or `.py` file. Raises SubmissionError."""
    return parse(read_file(path), path)


def parse(content: bytes, path: Path) -> Submission:
    """Return the submission in the bytes of the file at this path. Raises SubmissionError."""
    return submission_of(parse_file(content, path), path)


def submission_of(parsed: ParsedFile, path: Path) -> Submission:
    """Return the submission in a parsed file, with its cells as plain Python. Raises SubmissionError."""
    cells, work_left = [], MAX_MAGIC_WORK
    for number, source in enumerate(parsed.sources, start=1):
        if source.strip() and checked_stub(source) is None:
            try:
                python, work = _transformed(source, work_left)
            except TooLong:
                raise SubmissionError(
                    f"{path} can't be read: code cell {number} has `?` or magics that take too long to "
                    "process; remove them."
                ) from None
            cells.append(Cell(number, python))
            work_left -= work
    return Submission(path, tuple(cells), parsed.content_hash)


def checked_stub(source: str) -> str | None:
    """Return the stub that a cell checks, or None if the cell does anything else.

    Such a cell contains check("softmax") and nothing else, except perhaps a semicolon or a comment after it.
    """
    call = _CHECK_CALL.fullmatch(source.strip())
    return call[2] if call else None


def parse_file(content: bytes, path: Path) -> ParsedFile:
    """Return the cells in the bytes of the file at this path. Raises SubmissionError."""
    digest = content_hash(content)
    if path.suffix != ".ipynb":
        return ParsedFile(tuple(_script_sources(content, path)), digest)
    cells, sources = _notebook_cells(content, path)
    return ParsedFile(tuple(sources), digest, tuple(cells))


def read_file(path: Path) -> bytes:
    """Return the bytes of a notebook or script, read once and without following links. Raises SubmissionError."""
    if path.suffix not in (".ipynb", ".py"):
        raise SubmissionError(f"{path} isn't a notebook; choose an .ipynb or .py file.")
    return read_regular(path)


def read_regular(path: Path) -> bytes:
    """Return the bytes of any regular file, read once and without following links. Raises SubmissionError."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    try:
        descriptor = os.open(path, flags)
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise SubmissionError(f"{path} isn't an ordinary file; hand in the notebook itself.")
        with open(descriptor, "rb") as file:
            content = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise SubmissionError(f"{path} doesn't exist; check its name and folder.") from None
    except PermissionError:
        raise SubmissionError(f"{path} can't be read: permission denied; make it readable.") from None
    except (OSError, ValueError):
        raise SubmissionError(
            f"{path} can't be opened because it's a link or not an ordinary file; hand in the file itself."
        ) from None
    if len(content) > MAX_BYTES:
        raise SubmissionError(f"{path} is larger than {MAX_BYTES >> 20} MiB; clear its outputs and save it again.")
    return content


def _text(content: bytes, path: Path) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        raise SubmissionError(f"{path} isn't UTF-8 text; open it in Jupyter and save it again.") from None


def _script_sources(content: bytes, path: Path) -> list[str]:
    try:
        import jupytext
    except ModuleNotFoundError as error:
        raise SubmissionError(
            f"{path} is a script, and reading scripts needs jupytext; install it (pip install 'llm-mastery[author]'), "
            "or choose a notebook (.ipynb)."
        ) from error

    text = _text(content, path).removeprefix("\ufeff")
    try:
        notebook = jupytext.reads(text, fmt="py:percent")
    except Exception as error:
        raise SubmissionError(
            f"{path} isn't a script in percent format ({type(error).__name__}); remove the header between its # --- "
            "lines."
        ) from error
    return [cell.source for cell in notebook.cells if cell.cell_type == "code"]


def _notebook_cells(content: bytes, path: Path) -> tuple[list[dict[str, Any]], list[str]]:
    """Return all cells of a notebook, and the sources of its code cells. Raises SubmissionError."""

    def refuse(what: str) -> NoReturn:
        raise SubmissionError(f"{path} isn't a readable notebook: {what}; open it in Jupyter and save it again.")

    def refuse_constant(name: str) -> NoReturn:
        refuse(f"it contains {name}, which isn't JSON")

    if sum(map(content.count, (b"[", b"{"))) > MAX_BRACKETS or content.count(b'"') > MAX_QUOTES:
        raise SubmissionError(
            f"{path} can't be read: it has more than {MAX_BRACKETS:,} brackets or {MAX_QUOTES:,} quotation marks; "
            "clear its outputs and save it again."
        )
    try:
        notebook = json.loads(_text(content, path), parse_constant=refuse_constant)
    except RecursionError:
        refuse("it nests too deeply")
    except ValueError:
        refuse("it isn't valid JSON")
    if not isinstance(notebook, dict) or not isinstance(notebook.get("cells", notebook.get("worksheets")), list):
        refuse("it has no cells")
    if notebook.get("nbformat") != 4:
        refuse(f"its format is {notebook.get('nbformat')!r:.10}, but only format 4 can be read here")
    cells: Any = notebook.get("cells")
    sources = list(_code_sources(cells, refuse))
    return cells, sources


def _code_sources(cells: Any, refuse: Any) -> Iterator[str]:
    for cell in cells if isinstance(cells, list) else refuse("it has no cells"):
        if not isinstance(cell, dict):
            refuse("a cell isn't an object")
        if cell.get("cell_type") != "code":
            continue
        source = cell.get("source")
        if isinstance(source, list) and all(isinstance(line, str) for line in source):
            source = "".join(source)
        if not isinstance(source, str):
            refuse("a cell's source isn't text")
        try:
            source.encode("utf-8")
        except UnicodeEncodeError:
            refuse("a cell contains broken Unicode")
        yield source


def as_python(source: str) -> str:
    """Return a cell's source with magics, shell lines and `?` transformed as in Jupyter, keeping line numbers.

    If that would take too much work, the source is returned as is. Lines that are too long are also left as is. Raises
    TooLong if it still takes too long.
    """
    return _transformed(source, MAX_MAGIC_WORK)[0]


def _transformed(source: str, work_left: int) -> tuple[str, int]:
    """Return what `as_python` returns, and how much work that took, at most `work_left`."""
    if magic := _CELL_MAGIC.match(source):
        if magic[1] not in UNWRAPPED_MAGICS:
            return "", 0
        source = magic[0].count("\n") * "\n" + source[magic.end() :]
    if not work_left or not _MAGIC.search(source) or _LONG_LINE.search(source):
        return source, 0
    short, long_lines = _without_long_lines(source)
    python, work = _transformer.python(short, work_left)
    if python is None:  # IPython can't read it, at least not within the work limit, so let Python say what's wrong
        return source, work
    python = _TIMED_LINE.sub(_as_timed, _on_its_lines(python, short))
    return _LONG_LINE.sub(lambda found: long_lines[int(found[1])], python) if long_lines else python, work


def _as_timed(line: re.Match[str]) -> str:
    try:
        return line[1] + str(ast.literal_eval(line[2]))
    except (SyntaxError, ValueError):
        return line[0]


def _without_long_lines(source: str) -> tuple[str, list[str]]:
    """Return the source with a placeholder for each line that's too long, and the text that each placeholder
    replaces."""
    lines, long_lines = source.split("\n"), list[str]()
    for number, line in enumerate(lines):
        if len(line) > LONGEST_TRANSFORMED:
            text = line.lstrip(" \t")
            lines[number] = f"{line[: len(line) - len(text)][:LONGEST_TRANSFORMED]}__long_line_{len(long_lines)}__"
            long_lines.append(text)
    return "\n".join(lines), long_lines


def _on_its_lines(python: str, source: str) -> str:
    """Return the transformed source, with an empty line for each line that IPython drops (blanks, continuations)."""
    before = source.split("\n")
    blank = itertools.takewhile(lambda line: not line.strip(), before)
    after = iter([*blank, *python.split("\n")])
    placed: list[str] = []
    dropped = False
    for line in before:
        placed.append("" if dropped else next(after, ""))
        dropped = line.endswith("\\") and not placed[-1].endswith("\\")
    return "\n".join([*placed, *([""] if dropped else []), *after])


def lab_of(submission: Submission, course: Course) -> Lab:
    """Return the lab a file belongs to: the one it's named after, or else the one whose stubs it defines.

    Raises SubmissionError.
    """
    for lab in course.labs:
        if lab.name == submission.path.stem:
            return lab
    best = max(course.labs, key=lambda lab: _stubs_defined(submission, lab))
    if _stubs_defined(submission, best):
        return best
    names = ", ".join(f"{lab.name}.ipynb" for lab in course.labs)
    raise SubmissionError(f"{submission.path} defines no stub of this course; the course's notebooks are {names}.")


def refuse_other_lab(submission: Submission, lab: Lab, course: Course) -> None:
    """Raise SubmissionError if a notebook named after `lab` has another lab's stubs and none of that lab's own."""
    if _stubs_defined(submission, lab):
        return
    for other in course.labs:
        if _stubs_defined(submission, other):
            raise SubmissionError(
                f"{submission.path} is the notebook of the lab {other.name}, not of {lab.name}; "
                f"hand in {lab.name}.ipynb."
            )


def _stubs_defined(submission: Submission, lab: Lab) -> int:
    return sum(submission.cell_of(stub.name) is not None for stub in lab.stubs)
