"""Build a site for `mastery build --site DIR`. Any static host can serve it, and all a student needs is a browser
tab."""

import importlib.metadata
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from autograder.authoring.site import early_start, python
from autograder.model.course import Course
from autograder.model.errors import CourseError

PANEL = "llm-mastery-panel"
KERNEL = "@jupyterlite/pyodide-kernel-extension"
WIDGETS = "@jupyter-widgets/jupyterlab-manager"
HERE = Path(__file__).parent
# A folder with this file is a site, so it may be replaced. Any other folder is left alone.
MARK = "jupyter-lite.json"
SETTINGS = {
    # Follow the system's light or dark theme.
    "@jupyterlab/apputils-extension:themes": {"adaptive-theme": True},
    "@jupyterlab/apputils-extension:notification": {
        "fetchNews": "false",
        "checkForUpdates": False,
        "doNotDisturbMode": True,
    },
    # Let the browser's own search find text that's scrolled out of view.
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "none"},
    # In seconds. Saving is quick here, and it's easy to close a tab by accident.
    "@jupyterlab/docmanager-extension:plugin": {
        "autosaveInterval": 5,
        # In milliseconds. On a busy machine, a tab's own save may arrive late, and then it mustn't be mistaken for
        # another program's save.
        "lastModifiedCheckMargin": 30_000,
    },
}


def build_site(course: Course, place: Path, pyodide: str, cdn: str | None = None) -> Path:
    """Make the site in the folder `place`, replacing any site there. Return the path of its first page. Raises
    CourseError.

    pyodide: a folder with Pyodide's files, or the URL to download them from. cdn: the URL that tabs load Pyodide's
    packages from, if the site doesn't include them.
    """
    place = place.resolve()
    if place.exists() and any(place.iterdir()) and not (place / MARK).is_file():
        raise CourseError(f"{place} contains other files and isn't a site; choose a new folder.")
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=place.parent, prefix=".new-site-") as folder:
            made = _made(course, Path(folder), pyodide, cdn)
            if place.exists():
                shutil.rmtree(place)
            os.replace(made, place)
    except OSError as error:
        raise CourseError(f"{error.filename or place} can't be read or written: {error.strerror}.") from error
    return place / "index.html"


def _made(course: Course, folder: Path, pyodide: str, cdn: str | None) -> Path:
    lite, site = folder / "lite", folder / "site"
    for name in course.handed_out:
        target = lite / "contents" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(course.root / "exercises" / name, target)
    panel = lite / PANEL
    shutil.copytree(HERE / "panel", panel)
    (panel / "static" / "course.json").write_text(json.dumps(_course(course, cdn)), encoding="utf-8")
    extensions = [panel, installed("jupyterlite-pyodide-kernel", KERNEL), installed("jupyterlab-widgets", WIDGETS)]
    _write(lite / "overrides.json", SETTINGS)
    _write(lite / MARK, _settings(course))
    _write(lite / "jupyter_lite_config.json", {"LiteBuildConfig": _building(lite, site, extensions)})
    _run(lite)
    kernel = site / "extensions" / KERNEL / "static"
    python.lay_out(course, pyodide, site / "python", kernel / "pypi", cdn)
    early_start.add(site / "lab" / "index.html", kernel, python.PRELOADED)
    return site


def _building(lite: Path, site: Path, extensions: list[Path]) -> Mapping[str, Any]:
    return {
        "apps": ["lab"],
        "contents": [str(lite / "contents")],
        "federated_extensions": list(map(str, extensions)),
        "ignore_sys_prefix": True,
        "no_sourcemaps": True,
        "no_unused_shared_packages": True,
        "no_libarchive": True,
        "output_dir": str(site),
        "cache_dir": str(lite / "cache"),
    }


def _settings(course: Course) -> Mapping[str, Any]:
    kernel = {
        "pyodideUrl": "./python/pyodide.js",
        "disablePyPIFallback": True,
        "loadPyodideOptions": {"packages": list(python.PRELOADED)},
    }
    data = {
        "appName": course.title,
        "exposeAppInBrowser": True,
        "litePluginSettings": {f"{KERNEL}:kernel": kernel},
        # This extension asks whether to show news about Jupyter.
        "disabledExtensions": ["@jupyterlab/apputils-extension:announcements"],
    }
    return {"jupyter-lite-schema-version": 0, "jupyter-config-data": data}


def _course(course: Course, cdn: str | None) -> Mapping[str, Any]:
    """Return the data that the site's panel shows."""
    labs = [
        {"name": lab.name, "title": lab.title, "stubs": [stub.name for stub in lab.stubs], "files": lab.handed_out}
        for lab in course.labs
    ]
    return {"title": course.title, "labs": labs, "elsewhere": urlsplit(cdn).hostname if cdn else None}


def installed(distribution: str, extension: str) -> Path:
    """Return the folder of a JupyterLab extension that an installed package provides. Raises CourseError."""
    ending = f"labextensions/{extension}/package.json"
    for file in importlib.metadata.files(distribution) or ():
        if file.as_posix().endswith(ending):
            return Path(str(file.locate())).resolve().parent
    raise CourseError(f"{distribution} is installed without its extension {extension}; reinstall it.")


def _write(path: Path, content: Mapping[str, Any]) -> None:
    path.write_text(json.dumps(content, indent=1), encoding="utf-8")


def _run(lite: Path) -> None:
    command = [sys.executable, "-c", "from jupyterlite_core.app import main; main()", "build", "--lite-dir", str(lite)]
    done = subprocess.run(command, cwd=lite, capture_output=True, text=True)
    if done.returncode:
        raise CourseError(f"jupyter lite build failed:\n{(done.stderr or done.stdout)[-2_000:]}")
