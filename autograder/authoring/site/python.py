"""Pyodide, the Python that a site runs: its files, each checked against its published SHA-256, and our wheels.

`pyodide.json` next to this module is the part of Pyodide's own package list that a site needs.
"""

import hashlib
import json
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from autograder.authoring.site import bytecode
from autograder.authoring.site.wheels import Wheel, wheels, zipped
from autograder.model.course import Course
from autograder.model.errors import CourseError

NEEDED: dict[str, Any] = json.loads((Path(__file__).parent / "pyodide.json").read_text("utf-8"))
VERSION: str = NEEDED["info"]["version"]
PYTHON: str = NEEDED["info"]["python"]
# How much is downloaded to make a site, in MB: what runs first, and the packages, which a site with a CDN leaves out.
RUNTIME_MB, PACKAGES_MB = 14, 19
# The paths where a tab keeps packages and the standard library. It imports the library without unpacking it.
PACKAGES, LIBRARY = "/lib/python3.12/site-packages", "/lib/python312.zip"
# The packages that the kernel asks for when it starts. It would look on PyPI for any that are missing.
FOR_THE_KERNEL = ("ssl", "sqlite3", "micropip", "piplite", "ipykernel", "comm", "pyodide_kernel", "jedi", "ipython")
# What every notebook imports.
FOR_NOTEBOOKS = ("numpy", "matplotlib", "matplotlib-inline", "ipywidgets", "jinja2", "markupsafe", "msgpack")
# Folders that a tab would unpack and read but never use. In jedi, the completion library, these folders describe
# packages that a tab doesn't have. In matplotlib, they hold font metrics for PDF and PostScript, which version 3.8.4
# parses on import because the font list published with it belongs to a different version.
UNUSED = {
    "jedi": ("jedi/third_party/django-stubs/", "jedi/third_party/typeshed/third_party/"),
    "matplotlib": ("matplotlib/mpl-data/fonts/afm/", "matplotlib/mpl-data/fonts/pdfcorefonts/"),
}
# Loaded at startup. Otherwise Pyodide would load the course only when it finds `autograder` in a cell.
PRELOADED = (*FOR_THE_KERNEL, *FOR_NOTEBOOKS, "platformdirs", "llm-mastery")


def lay_out(course: Course, source: str, place: Path, kernel_wheels: Path, cdn: str | None = None) -> None:
    """Write everything that Python needs into `place`. source: a folder with Pyodide's files, or its URL.

    kernel_wheels: the folder with the wheels that come with the kernel. cdn: the URL that tabs load Pyodide's packages
    from, if the site doesn't include them. A tab also rejects files whose SHA-256 isn't the published one. Raises
    CourseError if one of Pyodide's files is missing or isn't the one that was published.
    """
    place.mkdir(parents=True)
    published = NEEDED["packages"]
    copied = {} if cdn else {each["file_name"]: each["sha256"] for each in published.values()}
    for name, digest in {**NEEDED["runtime"], **copied}.items():
        content = _fetched(source, name)
        if hashlib.sha256(content).hexdigest() != digest:
            raise CourseError(f"{name} in {source} isn't the file from Pyodide {VERSION}: its SHA-256 is different.")
        (place / name).write_bytes(content)
    packages = {name: _loaded_from(cdn, each) if cdn else dict(each) for name, each in published.items()}
    for wheel in (*wheels(course), *_of_the_kernel(kernel_wheels)):
        (place / wheel.file_name).write_bytes(wheel.content)
        packages[wheel.name.replace("_", "-")] = wheel.entry
    _prepare(place)
    for package in packages.values():
        if (file := place / package["file_name"]).is_file():
            package["sha256"] = hashlib.sha256(file.read_bytes()).hexdigest()
    lock = {"info": NEEDED["info"], "packages": packages}
    (place / "pyodide-lock.json").write_text(json.dumps(lock), encoding="utf-8")


def _prepare(place: Path) -> None:
    """Rewrite the archives without unused files and with bytecode, so that a tab starts faster."""
    for name, unused in UNUSED.items():
        if (path := place / NEEDED["packages"][name]["file_name"]).is_file():
            with zipfile.ZipFile(path) as archive:
                kept = {each: archive.read(each) for each in archive.namelist() if not each.startswith(unused)}
            path.write_bytes(zipped(kept))
    if compiler := bytecode.interpreter(PYTHON):
        # These keep their sources, because a self-check shows students the source of any function passed to their stub.
        ours = list(place.glob("llm_mastery-*.whl"))
        others = [path for path in place.glob("*.whl") if path not in ours]
        bytecode.add(compiler, ours, PACKAGES, keep_sources=True)
        bytecode.add(compiler, others, PACKAGES, keep_sources=False)
        bytecode.add(compiler, [place / "python_stdlib.zip"], LIBRARY, keep_sources=False)


def _loaded_from(address: str, package: Mapping[str, Any]) -> dict[str, Any]:
    return {**package, "file_name": f"{address}/{package['file_name']}"}


def _fetched(source: str, name: str) -> bytes:
    try:
        if source.startswith(("http://", "https://")):
            with urllib.request.urlopen(f"{source.rstrip('/')}/{name}", timeout=60) as answer:
                content: bytes = answer.read()
                return content
        return Path(source, name).read_bytes()
    except (OSError, urllib.error.URLError) as error:
        raise CourseError(
            f"{name} of Pyodide {VERSION} isn't available from {source} ({error}). docs/install.md shows how to get "
            "its files from PyPI instead. If you have them in a folder, pass that folder with --pyodide."
        ) from error


def _of_the_kernel(folder: Path) -> Iterator[Wheel]:
    for module in ("piplite", "pyodide_kernel", "ipykernel"):
        (path,) = folder.glob(f"{module}-*.whl")
        yield Wheel(module, path.name.split("-")[1], module, path.read_bytes())
