"""course.yaml as typed, validated objects. Every error message names the file and the key, and says how to fix the
problem."""

import functools
import reprlib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import (
    Field,
    PrivateAttr,
    StringConstraints,
    TypeAdapter,
    ValidationError,
    field_validator,
    model_validator,
)

from autograder.model import paths
from autograder.model.consistency import inconsistencies
from autograder.model.errors import CourseError
from autograder.model.mastery_rules import Concept, Issuer, Mastery
from autograder.model.parts import Call, FileName, Name, Part, Question, Sentence
from autograder.model.spelling import did_you_mean

# The libyaml loader is ten times as fast, and that matters because every command reads the course.
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# With aliases, a few lines of YAML can produce a value whose repr wouldn't fit in memory.
_SHORT = reprlib.Repr()
_SHORT.maxstring = _SHORT.maxother = _SHORT.maxlong = 100


# A check may ask for thousands of draws at once, so they may take this many times as long as a call.
DRAWS = 3


class Limits(Part):
    """The resources that one submission may use. docs/security.md explains how we enforce each limit."""

    call_seconds: float = Field(default=5, gt=0)
    submission_seconds: float = Field(default=60, gt=0)
    memory_mib: int = Field(default=1024, ge=256)
    threads: int = Field(default=16, ge=1)
    open_files: int = Field(default=64, ge=16)
    file_mib: int = Field(default=4, ge=1)
    scratch_mib: int = Field(default=16, ge=1)
    scratch_files: int = Field(default=256, ge=8)
    output_kib: int = Field(default=64, ge=1)

    def request_seconds(self, draws: bool) -> float:
        """Return how many seconds a cell or a call may take, or the draws that a check asks for at once."""
        return self.call_seconds * (DRAWS if draws else 1)


class Packages(Part):
    """The packages that submissions may import during grading (`allowed`), and those we replace with stand-ins
    (`inert`)."""

    allowed: tuple[str, ...] = ("numpy",)
    inert: tuple[str, ...] = ()


class Stub(Part):
    """A function that students fill in.

    stretch: whether it counts only toward the highest mastery levels, so students never need it to complete the course.
    box: the name of its box in the picture of the seven boxes.
    """

    name: Name
    points: float = Field(ge=0)
    stretch: bool = False
    box: Sentence | None = None


class Row(Part):
    """A part of a lab that a person grades, either as satisfactory, which earns all its points, or as needing
    revision."""

    name: Name
    title: Sentence
    points: float = Field(gt=0)


class LabFile(Part):
    """A file that students hand in with the notebook. `reader`: the module that reads it during grading, if any."""

    name: FileName
    reader: Annotated[str, StringConstraints(pattern=r"^reference(\.[a-z][a-z0-9_]*)+$")] | None = None


class Lab(Part):
    """One lab, which is one nbgrader assignment.

    files: the files that students get with the notebook and fill in, from solutions/<lab>/files/. At most one of them
        has a reader.
    judged: the parts that a person grades, each in its own notebook cell. To complete the lab, all of them must be
        satisfactory.
    assessment: its references and misconceptions are the answer key, so students don't receive them.
    """

    name: Name
    title: str
    stubs: tuple[Stub, ...] = Field(min_length=1)
    files: tuple[LabFile, ...] = ()
    judged: tuple[Row, ...] = ()
    assessment: bool = False

    @property
    def points(self) -> float:
        return sum(stub.points for stub in self.stubs)

    @field_validator("files", mode="before")
    @classmethod
    def _a_name_is_a_file(cls, value: Any) -> Any:
        if not isinstance(value, list | tuple):
            return value
        return tuple({"name": each} if isinstance(each, str) else each for each in value)

    @field_validator("files")
    @classmethod
    def _one_is_read(cls, value: tuple[LabFile, ...]) -> tuple[LabFile, ...]:
        names = [each.name for each in value]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"file {twice[0]} is listed more than once; list it once")
        if len(read := [each.name for each in value if each.reader is not None]) > 1:
            raise ValueError(f"{' and '.join(read)} both have a reader; a lab can have only one file with a reader")
        return value

    @property
    def attachment(self) -> LabFile | None:
        """The file that grading reads along with the notebook, or None."""
        return next((each for each in self.files if each.reader is not None), None)

    @property
    def handed_out(self) -> list[str]:
        """The paths of the notebook and the files next to it, relative to the folder that contains the labs'
        folders."""
        return [f"{self.name}/{file}" for file in (f"{self.name}.ipynb", *(each.name for each in self.files))]

    @functools.cached_property
    def _stubs(self) -> dict[str, Stub]:
        return {stub.name: stub for stub in self.stubs}

    def stub(self, name: str) -> Stub:
        """Return the stub with that name. Raises KeyError."""
        return self._stubs[name]

    def has(self, stub: str) -> bool:
        """Return whether the lab has a stub with that name."""
        return stub in self._stubs


class Page(Part):
    """A notebook that students only read. It has no stubs. Students get it along with the labs, and nothing in it is
    graded."""

    name: Name
    title: str

    @property
    def handed_out(self) -> str:
        """The notebook's path, relative to the folder that contains the labs' folders."""
        return f"{self.name}/{self.name}.ipynb"


class Notes(Part):
    """What the author tells students about one stub, from reference/<lab>/notes.yaml.

    why: why the stub matters.
    hints: start with a gentle nudge, and end with almost the full solution, but never give the answer away.
    explained: a sentence for each line of code in the reference's body, in order.
    ask: questions that a student can answer by looking at what the stub returned, each for a misconception.
    by_hand: the call that the notebook works out by hand.
    """

    why: Sentence
    hints: tuple[Sentence, ...] = Field(min_length=2, max_length=3)
    explained: tuple[Sentence, ...] = Field(min_length=1)
    ask: dict[Name, Question] = Field(default={})
    by_hand: Call | None = None


class Given(Part):
    """A function that notebooks can use but that isn't a stub in any lab. In course.yaml, it's a name, or a mapping
    with `in_stubs`.

    in_stubs: whether stubs can use it while a check calls them (if not, only a notebook's own cells can), or a list of
    the labs whose stubs can.
    """

    name: Name
    in_stubs: bool | tuple[Name, ...] = True

    @model_validator(mode="before")
    @classmethod
    def _named(cls, value: Any) -> Any:
        return {"name": value} if isinstance(value, str) else value


class Course(Part):
    """The course that `course.yaml` describes. `root` is the folder that it's in.

    givens: functions that notebooks can use but that aren't stubs in any lab, by the module in `reference` that defines
    them.
    """

    title: str
    packages: Packages = Packages()
    limits: Limits = Limits()
    labs: tuple[Lab, ...] = Field(min_length=1)
    pages: tuple[Page, ...] = ()
    givens: dict[Name, tuple[Given, ...]] = Field(default_factory=dict)
    concepts: tuple[Concept, ...] = ()
    mastery: Mastery = Mastery()
    issuers: tuple[Issuer, ...] = ()
    _root: Path = PrivateAttr()

    @property
    def root(self) -> Path:
        return self._root

    @functools.cached_property
    def items(self) -> frozenset[str]:
        """The names of the assessment stubs that at least one concept lists as items."""
        return frozenset(name for concept in self.concepts for name in concept.items)

    @functools.cached_property
    def stubs(self) -> Mapping[str, Stub]:
        """All stubs by name, in lab order."""
        return {stub.name: stub for lab in self.labs for stub in lab.stubs}

    @property
    def handed_out(self) -> list[str]:
        """The paths of all files that students get, relative to the folder that contains the labs' folders."""
        return [*(name for lab in self.labs for name in lab.handed_out), *(page.handed_out for page in self.pages)]

    @functools.cached_property
    def _labs(self) -> dict[str, Lab]:
        return {lab.name: lab for lab in self.labs}

    @functools.cached_property
    def _lab_of(self) -> dict[str, Lab]:
        return {stub.name: lab for lab in self.labs for stub in lab.stubs}

    @functools.cached_property
    def _given_in(self) -> dict[str, str]:
        return {given.name: module for module, givens in self.givens.items() for given in givens}

    @functools.cached_property
    def given_names(self) -> frozenset[str]:
        """The names of givens that aren't stubs."""
        return frozenset(self._given_in)

    def is_closed_in_stubs(self, name: str, lab: Lab) -> bool:
        """Return whether the name is a given that the lab's stubs aren't allowed to use while a check calls them."""
        given = next((each for givens in self.givens.values() for each in givens if each.name == name), None)
        opened = True if given is None else given.in_stubs
        return not opened if isinstance(opened, bool) else lab.name not in opened

    def lab(self, name: str) -> Lab:
        """Return the lab with that name. Raises CourseError with a list of the existing labs."""
        if (lab := self._labs.get(name)) is None:
            raise CourseError(f"There is no lab named {name!r}. The labs are: {', '.join(self._labs)}.")
        return lab

    def lab_of(self, stub: str) -> Lab | None:
        """Return the lab that has a stub with that name, or None if there's no such stub."""
        return self._lab_of.get(stub)

    def module_of(self, function: str) -> str | None:
        """Return the module in `reference` that defines this given or this stub's reference, or None if there isn't
        one."""
        if (lab := self.lab_of(function)) is not None:
            return lab.name
        return self._given_in.get(function)

    def notes(self, stub: str) -> Notes:
        """Return the notes on a stub, reading the file again if it has changed. Raises CourseError."""
        lab = self.lab_of(stub)
        if lab is None:
            raise CourseError(f"There is no stub named {stub!r} in this course.")
        notes = self.notes_in(lab).get(stub)
        if notes is None:
            path = paths.notes(self.root, lab.name)
            raise CourseError(f"{path}: {stub} is missing; add this key, with why, hints and explained.")
        return notes

    def notes_in(self, lab: Lab) -> Mapping[str, Notes]:
        """Return everything in a lab's notes by key, reading the file again if it has changed. Raises CourseError."""
        path = paths.notes(self.root, lab.name)
        if not path.is_file():
            raise CourseError(f"{path} doesn't exist; write the notes for the lab's stubs there.")
        return _notes(path, path.stat().st_mtime_ns)

    def visible_checks(self, lab: str) -> Path:
        """Return the path to the lab's checks that students get."""
        return paths.visible_checks(self.root, lab)

    def hidden_checks(self, lab: str) -> Path:
        """Return the path to the lab's checks that run only during grading."""
        return paths.hidden_checks(self.root, lab)

    def files_of(self, module: str) -> list[Path]:
        """Return the file of a module in `reference`, or the files of a package, relative to the course root."""
        return paths.files_of(self.root, module)

    @functools.cached_property
    def version(self) -> str:
        """A digest of the course and of every check, reference, misconception and given.

        It changes whenever a score could change.

        Concepts, mastery rules and issuers don't affect it, because they apply to evidence that already exists. Neither
        do the parts that a person grades, the pages, or the boxes in the picture.
        """
        in_lab: dict[str, Any] = {"files": True, "judged": True, "assessment": True}
        in_lab["stubs"] = {"__all__": {"stretch", "box"}}
        in_labs = {"labs": {"__all__": in_lab}}
        without: dict[str, Any] = {"concepts": True, "pages": True, "mastery": True, "issuers": True, **in_labs}
        return paths.version(self.root, self.model_dump_json(exclude=without).encode(), self.givens)


def load(root: Path | None = None) -> Course:
    """Load the course in the folder `root`; by default, the trusted course found in or above the current folder.

    Raises CourseError.
    """
    root = root or paths.trusted_root()
    path = root / paths.FILE_NAME
    content = _read(path, "title:, labs:, …")
    try:
        course = Course.model_validate(content)
    except ValidationError as error:
        raise CourseError(_explain(path, error)) from error
    course._root = root
    if found := list(inconsistencies(course)):
        raise CourseError(_list_of(path, found))
    return course


@functools.lru_cache(maxsize=64)
def _notes(path: Path, _changed: int) -> dict[str, Notes]:
    content = _read(path, "a stub's name, and below it why:, hints: and explained:")
    try:
        return TypeAdapter(dict[str, Notes]).validate_python(content)
    except ValidationError as error:
        raise CourseError(_explain(path, error, Notes.model_fields)) from error


def _read(path: Path, keys: str) -> dict[Any, Any]:
    """Return the mapping in a YAML file. `keys`: what it should contain, for the error message if it isn't a mapping.

    Raises CourseError.
    """
    try:
        content = yaml.load(path.read_bytes(), Loader=_Loader)
    except OSError as error:
        raise CourseError(f"{path} can't be read: {error.strerror}; check that it exists and is readable.") from error
    except Exception as error:  # PyYAML raises various errors for bad tags and deep nesting
        said = " ".join(str(error).split()) or type(error).__name__
        raise CourseError(f"{path} isn't valid YAML: {said}. Fix it there.") from error
    if not isinstance(content, dict):
        held = "nothing" if content is None else f"a {type(content).__name__}"
        raise CourseError(f"{path} contains {held}; it must contain keys and values ({keys}).")
    return content


def _list_of(path: Path, found: Sequence[str]) -> str:
    if len(found) == 1:
        return f"{path}: {found[0]}."
    lines = "".join(f"\n- {each}." for each in found)
    return f"{path} has {len(found)} inconsistencies. Fix them all, then run this again:{lines}"


def _explain(path: Path, error: ValidationError, known: Iterable[str] = ()) -> str:
    """Say what's wrong first, but a key that isn't known before one that's missing, since it may be the same key.

    known: the keys that one of these may be a misspelling of.
    """
    first = min(error.errors(), key=lambda each: each["type"] != "extra_forbidden")
    key = ".".join(str(part) for part in first["loc"]) or "the file"
    fix = {
        "missing": "add this key",
        "extra_forbidden": f"remove this key or correct its spelling{did_you_mean(str(first['loc'][-1]), known)}",
    }.get(first["type"], first["msg"])
    given = "" if first["type"] == "missing" else f" (it is {_SHORT.repr(first['input']):.60})"
    more = error.error_count() - 1
    return f"{path}: {key}{given}: {fix}." + (f" More errors after this one: {more}." if more else "")
