"""Wheels for the Python in a browser tab: the engine with the course's public parts, and the packages it needs.

They're made from what's installed here, so you can build a site without a package index. Only pure Python files go in:
the packages' C extensions are left out, and each package works without them.
"""

import hashlib
import importlib.metadata
import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from autograder.authoring.public_files import NEVER, public_files
from autograder.model import extras
from autograder.model.course import Course
from autograder.model.errors import CourseError
from autograder.model.trust import INSTALLED

# Packages, and the names they're imported under. The kernel and ipywidgets need comm.
NEEDED = {"jinja2": "jinja2", "MarkupSafe": "markupsafe", "msgpack": "msgpack", "platformdirs": "platformdirs"}
NEEDED |= {"comm": "comm", "ipywidgets": "ipywidgets"}
# Parts of the engine that a tab doesn't need.
LEFT_OUT = {"authoring", "cli", "gradebook"}
_WHEEL = "Wheel-Version: 1.0\nGenerator: mastery build\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


@dataclass(frozen=True)
class Wheel:
    """A package as it appears in Pyodide's package list. `content`: the bytes of its file."""

    name: str
    version: str
    module: str
    content: bytes

    @property
    def file_name(self) -> str:
        return f"{self.name.replace('-', '_')}-{self.version}-py3-none-any.whl"

    @property
    def entry(self) -> dict[str, object]:
        return {
            "name": self.name,
            "version": self.version,
            "file_name": self.file_name,
            "install_dir": "site",
            "sha256": hashlib.sha256(self.content).hexdigest(),
            "package_type": "package",
            "imports": [self.module],
            "depends": [],
            "unvendored_tests": False,
        }


def wheels(course: Course) -> Iterator[Wheel]:
    """Yield the engine's wheel, and those of the packages it needs. Raises CourseError."""
    yield _wheel(extras.DISTRIBUTION, importlib.metadata.version(extras.DISTRIBUTION), "autograder", _engine(course))
    for name, module in NEEDED.items():
        found = importlib.metadata.distribution(name)
        kept = {
            str(file): Path(str(file.locate())).read_bytes()
            for file in found.files or ()
            if file.parts[0] == module and file.suffix in (".py", ".json", ".typed")
        }
        licenses = {file.name: file.read_text() for file in found.files or () if "licen" in file.name.lower()}
        yield _wheel(name.lower(), found.version, module, kept, licenses)


def _engine(course: Course) -> dict[str, bytes]:
    """Return the engine's modules and templates and the course's public files, by their paths in the wheel."""
    engine = Path(__file__).resolve().parents[2]
    files = (path for path in sorted(engine.rglob("*")) if path.is_file())
    kept = {
        f"autograder/{path.relative_to(engine).as_posix()}": path.read_bytes()
        for path in files
        if path.relative_to(engine).parts[0] not in {*LEFT_OUT, INSTALLED} and "__pycache__" not in path.parts
    }
    for name in public_files(course):
        if name.parts[0] != "exercises":
            kept[f"autograder/{INSTALLED}/{name.as_posix()}"] = _readable(course.root / name)
    return kept


def _readable(path: Path) -> bytes:
    """Return a file's content. YAML becomes JSON, which is also valid YAML and needs no package to read."""
    if path.suffix != ".yaml":
        return path.read_bytes()
    content = yaml.safe_load(path.read_bytes())
    text = json.dumps(content, ensure_ascii=False)
    if json.loads(text) != content:
        raise CourseError(f"{path} has keys or values that JSON can't represent, but the site needs it as JSON.")
    return text.encode()


def _wheel(
    name: str, version: str, module: str, files: Mapping[str, bytes], licenses: Mapping[str, str] | None = None
) -> Wheel:
    about = f"{name.replace('-', '_')}-{version}.dist-info"
    members = {
        **files,
        f"{about}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n".encode(),
        f"{about}/WHEEL": _WHEEL.encode(),
        **{f"{about}/licenses/{file}": text.encode() for file, text in (licenses or {}).items()},
    }
    members[f"{about}/RECORD"] = "".join(f"{member},,\n" for member in members).encode()
    return Wheel(name, version, module, zipped(members))


def zipped(members: Mapping[str, bytes]) -> bytes:
    """Return a zip archive. The same files always produce the same bytes."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            member = zipfile.ZipInfo(name, NEVER)
            member.compress_type = zipfile.ZIP_DEFLATED
            member.external_attr = 0o644 << 16
            archive.writestr(member, content)
    return file.getvalue()
