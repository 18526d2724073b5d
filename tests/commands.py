"""The `mastery` command: in this process, or in one of its own if a test is about signals, encodings or locks."""

import contextlib
import io
import os
import subprocess
import sys
import sysconfig
import traceback
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from nbgrader.apps import NbGraderApp
from traitlets.config import Application

from autograder.cli.main import main
from autograder.testing import tensors
from tests.repository import ROOT

SCRIPTS = Path(sysconfig.get_path("scripts"))
MASTERY = SCRIPTS / "mastery"
VARIABLES = {"MASTERY_SECRET": "of the tests", "COLUMNS": "80"}
Run = subprocess.CompletedProcess[str]


def run_mastery(*words: object, cwd: Path = ROOT, **variables: str) -> Run:
    """Run `mastery` in this process, where numpy, torch and nbgrader are loaded already, and return what it printed.

    This uses the installed command's entry point. It doesn't cover signals, a terminal's encoding, or what an
    interpreter does at startup and exit.
    """
    return _run_here(main, ["mastery", *map(str, words)], cwd, variables)


def run_nbgrader(*words: object, cwd: Path = ROOT, **variables: str) -> Run:
    """Run `nbgrader` in this process too, re-reading its configuration, and return what it printed."""
    return _run_here(_nbgrader, ["nbgrader", *map(str, words)], cwd, variables)


def _nbgrader() -> None:
    try:
        NbGraderApp.launch_instance()
    finally:
        if Application.initialized():
            type(Application.instance()).clear_instance()


def _run_here(command: Callable[[], None], words: list[str], cwd: Path, variables: Mapping[str, str]) -> Run:
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
    with (
        pytest.MonkeyPatch.context() as patched,
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        _a_fresh_course(),
    ):
        patched.chdir(cwd)
        patched.setattr(sys, "argv", words)
        for name, value in {**VARIABLES, **variables}.items():
            patched.setenv(name, value)
        code = _exit_code(command)
    return subprocess.CompletedProcess(words, code, *(_text(each) for each in (out, err)))


def mastery_process(
    *words: object, cwd: Path = ROOT, before: Callable[[], None] | None = None, **variables: str
) -> Run:
    """Run the installed `mastery` command in its own process, which calls `before` first."""
    return subprocess.run(
        [MASTERY, *map(str, words)],
        cwd=cwd,
        env={**os.environ, **VARIABLES, **variables},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
        preexec_fn=before,
    )


def _exit_code(command: Callable[[], None]) -> int:
    """Return Python's exit code for this command, after printing a traceback if it raises."""
    try:
        command()
    except SystemExit as exit_:
        if isinstance(exit_.code, str):
            print(exit_.code, file=sys.stderr)
            return 1
        return exit_.code or 0
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


def _text(stream: io.TextIOWrapper) -> str:
    stream.seek(0)
    return stream.read()


@contextlib.contextmanager
def _a_fresh_course() -> Iterator[None]:
    """Import `reference` again for this command, as a new process would, because the course may have changed."""
    path, kept = list(sys.path), _course_modules()
    for name in kept:
        del sys.modules[name]
    try:
        yield
    finally:
        sys.path[:] = path
        for name in _course_modules():
            del sys.modules[name]
        sys.modules.update(kept)
        for name, module in tensors.MODULES.items():
            # A student's command has put `tensors` in torch's place, but the next command may be an instructor's.
            if sys.modules.get(name) is module:
                del sys.modules[name]


def _course_modules() -> dict[str, object]:
    return {name: module for name, module in sys.modules.items() if name.split(".")[0] in ("reference", "solutions")}
