"""course.yaml as typed, validated objects. Every error names the file, the key and how to fix it."""

import functools
import reprlib
from collections.abc import Mapping, Sequence
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
from autograder.model.consistency import misfits
from autograder.model.errors import CourseError
from autograder.model.mastery_rules import Concept, Issuer, Mastery
from autograder.model.parts import FileName, Name, Part, Sentence

# PyYAML built with libyaml reads ten times as fast, and every command reads the course.
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# Aliases make a few lines of YAML a value that no memory could hold in words.
_SHORT = reprlib.Repr()
_SHORT.maxstring = _SHORT.maxother = _SHORT.maxlong = 100


class Limits(Part):
    """What one submission may use; docs/security.md says how each is kept."""

    call_seconds: float = Field(default=5, gt=0)
    submission_seconds: float = Field(default=60, gt=0)
    memory_mib: int = Field(default=1024, ge=256)
    threads: int = Field(default=16, ge=1)
    open_files: int = Field(default=64, ge=16)
    file_mib: int = Field(default=4, ge=1)
    scratch_mib: int = Field(default=16, ge=1)
    scratch_files: int = Field(default=256, ge=8)
    output_kib: int = Field(default=64, ge=1)


class Packages(Part):
    """What a submission may import when graded (`allowed`), and what is a stand-in that does nothing (`inert`)."""

    allowed: tuple[str, ...] = ("numpy",)
    inert: tuple[str, ...] = ()


class Stub(Part):
    """`stretch`: it counts for mastery's highest levels only, and nothing is incomplete without it. `box`: what it's
    part of in the picture of the seven boxes.
    """

    name: Name
    points: float = Field(ge=0)
    stretch: bool = False
    box: Sentence | None = None


class Row(Part):
    """What a person judges of a lab: satisfactory, which is all of its points, or to be revised."""

    name: Name
    title: Sentence
    points: float = Field(gt=0)


class LabFile(Part):
    """A file that students hand in beside the notebook. `reader`: the module that reads it when graded, if any."""

    name: FileName
    reader: Annotated[str, StringConstraints(pattern=r"^reference(\.[a-z][a-z0-9_]*)+$")] | None = None


class Lab(Part):
    """`files`: what students receive beside the notebook and write in, from solutions/<lab>/files/; one may be read.

    judged: what a person judges, a cell of the notebook each; completion asks for all of them. assessment: its
    references and misconceptions are answers to questions, so students do not receive them.
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
            raise ValueError(f"{' and '.join(read)} both have a reader; a lab can only have one file with a reader")
        return value

    @property
    def attachment(self) -> LabFile | None:
        """The file beside the notebook that is read when it is graded."""
        return next((each for each in self.files if each.reader is not None), None)

    @property
    def handed_out(self) -> list[str]:
        """The notebook and the files beside it, from the folder that holds the labs' folders."""
        return [f"{self.name}/{file}" for file in (f"{self.name}.ipynb", *(each.name for each in self.files))]

    @functools.cached_property
    def _stubs(self) -> dict[str, Stub]:
        return {stub.name: stub for stub in self.stubs}

    def stub(self, name: str) -> Stub:
        """The stub of that name. Raises KeyError."""
        return self._stubs[name]

    def has(self, stub: str) -> bool:
        """Whether the lab has a stub of that name."""
        return stub in self._stubs


class Page(Part):
    """A notebook to read, without stubs: students receive it beside the labs, and nothing in it is graded."""

    name: Name
    title: str

    @property
    def handed_out(self) -> str:
        """Where the notebook is, from the folder that holds the labs' folders."""
        return f"{self.name}/{self.name}.ipynb"


class Notes(Part):
    """What the author says to the students of one stub, in reference/<lab>/notes.yaml.

    why: why the stub matters; hints: steps from a nudge to nearly there, never the answer; explained: a sentence for
    each line of code of the reference's body, in order.
    """

    why: Sentence
    hints: tuple[Sentence, ...] = Field(min_length=2, max_length=3)
    explained: tuple[Sentence, ...] = Field(min_length=1)


class Given(Part):
    """A function that notebooks use and no lab asks for; in course.yaml only its name, or with `in_stubs`.

    in_stubs: whether a stub may use it while a check calls it, or only a notebook's own cells may; or the labs whose
    stubs may.
    """

    name: Name
    in_stubs: bool | tuple[Name, ...] = True

    @model_validator(mode="before")
    @classmethod
    def _named(cls, value: Any) -> Any:
        return {"name": value} if isinstance(value, str) else value


class Course(Part):
    """What `course.yaml` describes; `root` is the folder that holds it.

    givens: by the module of `reference` that holds them, functions that notebooks use and no lab asks for.
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
        """The stubs of assessments that ask about some concept."""
        return frozenset(name for concept in self.concepts for name in concept.items)

    @functools.cached_property
    def stubs(self) -> Mapping[str, Stub]:
        """All stubs by their names, in the order of the labs."""
        return {stub.name: stub for lab in self.labs for stub in lab.stubs}

    @property
    def handed_out(self) -> list[str]:
        """Every notebook that students receive and the files beside them, from the folder that holds the labs'."""
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
        """What is given and no stub."""
        return frozenset(self._given_in)

    def is_closed_in_stubs(self, name: str, lab: Lab) -> bool:
        """Whether it's a given that no stub of the lab may use while a check calls it."""
        given = next((each for givens in self.givens.values() for each in givens if each.name == name), None)
        opened = True if given is None else given.in_stubs
        return not opened if isinstance(opened, bool) else lab.name not in opened

    def lab(self, name: str) -> Lab:
        """The lab of that name. Raises CourseError with the names there are."""
        if (lab := self._labs.get(name)) is None:
            raise CourseError(f"There is no lab named {name!r}. The labs are: {', '.join(self._labs)}.")
        return lab

    def lab_of(self, stub: str) -> Lab | None:
        """The lab that asks for a stub of that name; None if there's no such stub."""
        return self._lab_of.get(stub)

    def module_of(self, function: str) -> str | None:
        """The module of `reference` that holds a stub's reference, or a given that is no stub."""
        if (lab := self.lab_of(function)) is not None:
            return lab.name
        return self._given_in.get(function)

    def notes(self, stub: str) -> Notes:
        """The notes of a stub, read again when their file has changed. Raises CourseError."""
        lab = self.lab_of(stub)
        if lab is None:
            raise CourseError(f"There is no stub named {stub!r} in this course.")
        path = paths.notes(self.root, lab.name)
        if not path.is_file():
            raise CourseError(f"{path} doesn't exist; write the notes for the lab's stubs there.")
        notes = _notes(path, path.stat().st_mtime_ns).get(stub)
        if notes is None:
            raise CourseError(f"{path}: {stub} is missing; add this key, with why, hints and explained.")
        return notes

    def visible_checks(self, lab: str) -> Path:
        """The checks of a lab that its students receive."""
        return paths.visible_checks(self.root, lab)

    def hidden_checks(self, lab: str) -> Path:
        """The checks of a lab that run only when it is graded."""
        return paths.hidden_checks(self.root, lab)

    def files_of(self, module: str) -> list[Path]:
        """The files of a module of `reference`, or those in a package's folder, relative to the course's root."""
        return paths.files_of(self.root, module)

    @functools.cached_property
    def version(self) -> str:
        """Changes whenever a score could: a digest of the course, every check, reference, misconception and given.

        Concepts, the rules of mastery and issuers are left out: they are applied to the evidence that there is. So are
        what a person judges, the pages, and the boxes of the picture.
        """
        in_lab: dict[str, Any] = {"files": True, "judged": True, "assessment": True}
        in_lab["stubs"] = {"__all__": {"stretch", "box"}}
        in_labs = {"labs": {"__all__": in_lab}}
        without: dict[str, Any] = {"concepts": True, "pages": True, "mastery": True, "issuers": True, **in_labs}
        return paths.version(self.root, self.model_dump_json(exclude=without).encode(), self.givens)


def load(root: Path | None = None) -> Course:
    """The course of the folder `root` (default: the trusted one found upwards from where one stands).

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
    if found := list(misfits(course)):
        raise CourseError(_list_of(path, found))
    return course


@functools.lru_cache(maxsize=64)
def _notes(path: Path, _changed: int) -> dict[str, Notes]:
    content = _read(path, "a stub's name, and below it why:, hints: and explained:")
    try:
        return TypeAdapter(dict[str, Notes]).validate_python(content)
    except ValidationError as error:
        raise CourseError(_explain(path, error)) from error


def _read(path: Path, keys: str) -> dict[Any, Any]:
    """The mapping that a YAML file holds; `keys` says what it should hold, where it does not. Raises CourseError."""
    try:
        content = yaml.load(path.read_bytes(), Loader=_Loader)
    except OSError as error:
        raise CourseError(f"{path} can't be read: {error.strerror}; check that it exists and is readable.") from error
    except Exception as error:  # of a tag that does not fit its value or of deep nesting, PyYAML raises what it will
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
    return f"{path}: {len(found)} things in it don't fit together. Fix them all, then run this again:{lines}"


def _explain(path: Path, error: ValidationError) -> str:
    first = error.errors()[0]
    key = ".".join(str(part) for part in first["loc"]) or "the file"
    fix = {
        "missing": "add this key",
        "extra_forbidden": "remove this key or correct its spelling",
    }.get(first["type"], first["msg"])
    given = "" if first["type"] == "missing" else f" (it is {_SHORT.repr(first['input']):.60})"
    more = error.error_count() - 1
    return f"{path}: {key}{given}: {fix}." + (f" {more} more after this one." if more else "")
