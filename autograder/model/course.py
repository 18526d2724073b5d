"""course.yaml as typed, validated objects. Every error names the file, the key and the mend."""

import functools
import hashlib
import reprlib
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PrivateAttr,
    StringConstraints,
    TypeAdapter,
    ValidationError,
    field_validator,
    model_validator,
)

from autograder.model import trust
from autograder.model.errors import CourseError

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
FileName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*\.[a-z]+$")]
Sentence = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
FILE_NAME = "course.yaml"
# Aliases make a few lines of YAML a value that no memory could hold in words.
_SHORT = reprlib.Repr()
_SHORT.maxstring = _SHORT.maxother = _SHORT.maxlong = 100


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class Limits(_Part):
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


class Packages(_Part):
    """What a submission may import when graded (`allowed`), and what is a stand-in that does nothing (`inert`)."""

    allowed: tuple[str, ...] = ("numpy",)
    inert: tuple[str, ...] = ()


class Stub(_Part):
    """`stretch`: it counts for mastery's highest levels only, and nothing is incomplete without it."""

    name: Name
    points: float = Field(ge=0)
    stretch: bool = False


class Row(_Part):
    """What a person judges of a lab: satisfactory, which is all of its points, or to be revised."""

    name: Name
    title: Sentence
    points: float = Field(gt=0)


class LabFile(_Part):
    """A file that students hand in beside the notebook. `reader`: the module that reads it when graded, if any."""

    name: FileName
    reader: Annotated[str, StringConstraints(pattern=r"^reference(\.[a-z][a-z0-9_]*)+$")] | None = None


class Lab(_Part):
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
        _refuse_twice("file", (each.name for each in value))
        if len(read := [each.name for each in value if each.reader is not None]) > 1:
            raise ValueError(f"{' and '.join(read)} both have a reader; a lab can have one file that is read")
        return value

    @property
    def attachment(self) -> LabFile | None:
        """The file beside the notebook that is read when it is graded."""
        return next((each for each in self.files if each.reader is not None), None)

    @property
    def handed_out(self) -> list[str]:
        """The notebook and the files beside it, from the folder that holds the labs' folders."""
        return [f"{self.name}/{file}" for file in (f"{self.name}.ipynb", *(each.name for each in self.files))]

    def stub(self, name: str) -> Stub:
        return next(stub for stub in self.stubs if stub.name == name)


class Concept(_Part):
    """`after`: the concepts that it builds on. They order what is advised next, and lock nothing. `items`: stubs of an
    assessment that ask about it; unless each is right, they cap its level.
    """

    name: Name
    title: str
    stubs: tuple[Name, ...] = Field(min_length=1)
    items: tuple[Name, ...] = ()
    after: tuple[Name, ...] = ()


class Distinction(_Part):
    """How many concepts must be mastered, and which of them whatever the others."""

    mastered: int = Field(ge=1)
    among: tuple[Name, ...] = ()


class Mastery(_Part):
    """The rules by which evidence becomes levels; docs/mastery.md explains them. No score depends on them.

    confirmation: what makes a stub that passes everything mastered: its hidden checks passed on a second seed of the
    same grading, or everything passed in an earlier attempt too. completion: the level that every concept needs.
    """

    confirmation: Literal["second seed", "later attempt"] = "second seed"
    completion: Literal["familiar", "proficient", "mastered"] = "proficient"
    distinction: Distinction | None = None


class Issuer(_Part):
    """Who may sign certificates. `key`: of Ed25519, public, as base64url; `mastery certificate` says it."""

    name: Sentence
    key: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{43}$")]


class Notes(_Part):
    """What the author says to the students of one stub, in reference/notes/<lab>.yaml.

    why: why the stub matters; hints: steps from a nudge to nearly there, never the answer; explained: a sentence for
    each line of code of the reference's body, in order.
    """

    why: Sentence
    hints: tuple[Sentence, ...] = Field(min_length=2, max_length=3)
    explained: tuple[Sentence, ...] = Field(min_length=1)


class Course(_Part):
    """What `course.yaml` describes; `root` is the folder that holds it.

    givens: by the module of `reference` that holds them, functions that notebooks use and no lab asks for.
    """

    title: str
    packages: Packages = Packages()
    limits: Limits = Limits()
    labs: tuple[Lab, ...] = Field(min_length=1)
    givens: dict[Name, tuple[Name, ...]] = {}
    concepts: tuple[Concept, ...] = ()
    mastery: Mastery = Mastery()
    issuers: tuple[Issuer, ...] = ()
    _root: Path = PrivateAttr()

    @model_validator(mode="after")
    def _names_fit_together(self) -> "Course":
        stubs = [stub.name for lab in self.labs for stub in lab.stubs]
        _refuse_twice("lab", (lab.name for lab in self.labs))
        _refuse_twice("stub", stubs)
        _refuse_twice("stub or given", (*stubs, *(name for names in self.givens.values() for name in names)))
        for lab in self.labs:
            _refuse_twice("stub or judged row", [*(stub.name for stub in lab.stubs), *(row.name for row in lab.judged)])
        _refuse_twice("concept", (concept.name for concept in self.concepts))
        for concept in self.concepts:
            for name in (*concept.stubs, *concept.items):
                if name not in stubs:
                    raise ValueError(
                        f"concept {concept.name} names the stub {name}, which no lab has; correct its name"
                    )
        shown = {name for concept in self.concepts for name in concept.stubs}
        for concept in self.concepts:
            for name in concept.items:
                if name not in shown:
                    raise ValueError(
                        f"concept {concept.name} has the item {name}, which is no concept's stub; add it to the stubs "
                        "of one, so that it is missed where it is not answered"
                    )
        self._refuse_unknown_concepts()
        return self

    def _refuse_unknown_concepts(self) -> None:
        known: set[str] = set()
        for concept in self.concepts:
            for name in concept.after:
                if name not in known:
                    raise ValueError(
                        f"concept {concept.name} comes after {name}, which does not stand above it; correct its name, "
                        "or move it there"
                    )
            known.add(concept.name)
        if self.mastery.distinction is not None:
            for name in self.mastery.distinction.among:
                if name not in known:
                    raise ValueError(
                        f"mastery.distinction names the concept {name}, which is missing; correct its name"
                    )
            if self.mastery.distinction.mastered > len(known):
                raise ValueError(
                    f"mastery.distinction asks for {self.mastery.distinction.mastered} concepts, and there are "
                    f"{len(known)}; ask for fewer"
                )

    @property
    def root(self) -> Path:
        return self._root

    @property
    def items(self) -> frozenset[str]:
        """The stubs of assessments that ask about some concept."""
        return frozenset(name for concept in self.concepts for name in concept.items)

    def lab(self, name: str) -> Lab:
        """The lab of that name; CourseError with the names there are, where there is none."""
        for lab in self.labs:
            if lab.name == name:
                return lab
        raise CourseError(f"There is no lab named {name!r}. The labs are: {', '.join(lab.name for lab in self.labs)}.")

    def lab_of(self, stub: str) -> Lab | None:
        return next((lab for lab in self.labs if any(each.name == stub for each in lab.stubs)), None)

    def module_of(self, function: str) -> str | None:
        """The module of `reference` that holds a stub's reference, or a given that is no stub."""
        if (lab := self.lab_of(function)) is not None:
            return lab.name
        return next((module for module, names in self.givens.items() if function in names), None)

    def notes(self, stub: str) -> Notes:
        """The notes of a stub, read again when their file has changed. Raises CourseError."""
        lab = self.lab_of(stub)
        if lab is None:
            raise CourseError(f"There is no stub named {stub!r} in this course.")
        path = self.root / "reference" / lab.name / "notes.yaml"
        if not path.is_file():
            raise CourseError(f"{path} does not exist; write the notes of the lab's stubs there.")
        notes = _notes(path, path.stat().st_mtime_ns).get(stub)
        if notes is None:
            raise CourseError(f"{path}: {stub} is missing; add this key, with why, hints and explained.")
        return notes

    def visible_checks(self, lab: str) -> Path:
        return self.root / "reference" / lab / "test_visible.py"

    def hidden_checks(self, lab: str) -> Path:
        return self.root / "solutions" / lab / "test_hidden.py"

    def files_of(self, module: str) -> list[Path]:
        """The files of a module of `reference`, or those in a package's folder, relative to the course's root."""
        package = Path("reference", module)
        if not (self.root / package).is_dir():
            return [package.with_suffix(".py")]
        found = (path for path in sorted((self.root / package).iterdir()) if path.is_file())
        return [path.relative_to(self.root) for path in found if not path.name.startswith(".")]

    @functools.cached_property
    def version(self) -> str:
        """Changes whenever a score could: a digest of the course, every check, reference, misconception and given.

        Concepts, the rules of mastery and issuers are left out: they are applied to the evidence that there is. So is
        what a person judges.
        """
        in_lab: dict[str, Any] = {"files": True, "judged": True, "assessment": True}
        in_lab["stubs"] = {"__all__": {"stretch"}}
        in_labs = {"labs": {"__all__": in_lab}}
        without: dict[str, Any] = {"concepts": True, "mastery": True, "issuers": True, **in_labs}
        digest = hashlib.sha256(self.model_dump_json(exclude=without).encode())
        files: list[Path] = []
        files += sorted((self.root / "reference").rglob("*.py"))
        for name in ("test_hidden", "reference", "misconceptions"):
            files += sorted((self.root / "solutions").glob(f"*/{name}.py"))
        for module in self.givens:
            files += (self.root / file for file in self.files_of(module) if file.suffix != ".py")
        for file in files:
            digest.update(file.relative_to(self.root).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
        return digest.hexdigest()[:16]


def _refuse_twice(what: str, names: Iterable[str]) -> None:
    for name, count in Counter(names).items():
        if count > 1:
            raise ValueError(f"{what} {name} stands here {count} times; each {what} needs a name of its own")


def find_root(start: Path | None = None) -> Path:
    """The nearest folder at or above `start` (default: where one stands) with course.yaml; else this package's own.

    What lies below a `submitted` is passed over: a student wrote it. Raises CourseError.
    """
    start = (start or Path.cwd()).resolve()
    above = (folder for folder in (start, *start.parents) if not trust.is_handed_in(folder))
    for folder in (*above, *trust.installed_roots()):
        if (folder / FILE_NAME).is_file():
            return folder
    raise CourseError(
        f"No {FILE_NAME} was found in {start} or any folder above it. Go to the course's folder and run this again."
    )


def trusted_root() -> Path:
    """The root that is found from where one stands, if its code may run. Raises CourseError."""
    root = find_root()
    if not trust.is_trusted(root):
        raise CourseError(
            f"The course in {root} isn't one that you've confirmed, and its checks and nbgrader_config.py are programs "
            f"that would run as you. If you trust it, name it with --course {root}, or run mastery status there in a "
            "terminal and confirm it once."
        )
    return root


def load(root: Path | None = None) -> Course:
    """The course of the folder `root` (default: the trusted one found upwards from where one stands).

    Raises CourseError.
    """
    root = root or trusted_root()
    path = root / FILE_NAME
    content = _read(path, "title:, labs:, …")
    try:
        course = Course.model_validate(content)
    except ValidationError as error:
        raise CourseError(_explain(path, error)) from error
    course._root = root
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
        content = yaml.safe_load(path.read_bytes())
    except OSError as error:
        raise CourseError(f"{path} cannot be read: {error.strerror}; check that it is there and readable.") from error
    except Exception as error:  # of a tag that does not fit its value or of deep nesting, PyYAML raises what it will
        said = " ".join(str(error).split()) or type(error).__name__
        raise CourseError(f"{path} is no valid YAML: {said}. Mend it there.") from error
    if not isinstance(content, dict):
        held = "nothing" if content is None else f"a {type(content).__name__}"
        raise CourseError(f"{path} holds {held}; it must hold keys and values ({keys}).")
    return content


def _explain(path: Path, error: ValidationError) -> str:
    first = error.errors()[0]
    key = ".".join(str(part) for part in first["loc"]) or "the file"
    mend = {
        "missing": "add this key",
        "extra_forbidden": "remove this key or correct its spelling",
    }.get(first["type"], first["msg"].removeprefix("Value error, "))
    given = "" if first["type"] in ("missing", "value_error") else f" (it is {_SHORT.repr(first['input']):.60})"
    more = error.error_count() - 1
    return f"{path}: {key}{given}: {mend}." + (f" {more} more after this one." if more else "")
