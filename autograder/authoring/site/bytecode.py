"""Bytecode for the Python that runs in a browser tab. Without it, a tab compiles every module it imports, each time it
starts.

Each minor version of Python has its own bytecode, so it has to be compiled by the same version of Python that the tab
runs.
"""

import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from autograder.authoring.site.wheels import zipped


def interpreter(version: str) -> str | None:
    """Return the path of a Python interpreter that can compile for `version`, such as 3.12.7; None if there's none on
    this machine."""
    minor = version.rpartition(".")[0]
    here = f"{sys.version_info.major}.{sys.version_info.minor}"
    path = sys.executable if minor == here else shutil.which(f"python{minor}")
    # A version manager may put a command on the PATH for a version that it can't start.
    if path and subprocess.run([path, "-I", "-c", ""], capture_output=True).returncode == 0:
        return path
    return None


def add(python: str, archives: Sequence[Path], installed_in: str, *, keep_sources: bool) -> None:
    """Rewrite archives so that they hold their modules' bytecode in addition to the sources, or instead of them.

    installed_in: the folder that a tab unpacks the archives into, as shown in tracebacks.
    """
    with tempfile.TemporaryDirectory() as folder:
        for path in archives:
            with zipfile.ZipFile(path) as archive:
                archive.extractall(folder)
        # A tab trusts the site's files, so it doesn't need to compare bytecode with its source.
        options = ["-q", "-j", "0", "--invalidation-mode", "unchecked-hash", "-s", folder, "-p", installed_in]
        if not keep_sources:
            options.append("-b")
        # Some modules, such as certain tests, are invalid on purpose and get no bytecode.
        subprocess.run([python, "-I", "-m", "compileall", *options, folder], capture_output=True)
        for path in archives:
            path.write_bytes(zipped(dict(_compiled(path, Path(folder), keep_sources))))


def _compiled(path: Path, folder: Path, keep_sources: bool) -> Iterator[tuple[str, bytes]]:
    """Yield the members of a rewritten archive. folder: where it's unpacked and compiled."""
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            file = folder / name
            pattern = f"__pycache__/{file.stem}.*.pyc" if keep_sources else f"{file.stem}.pyc"
            bytecode = [*file.parent.glob(pattern)] if file.suffix == ".py" else []
            if keep_sources or not bytecode:
                yield name, archive.read(name)
            for made in bytecode:
                yield made.relative_to(folder).as_posix(), made.read_bytes()
