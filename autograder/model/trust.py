"""Decide which courses can run code as this user: the installed one, and any that the user has confirmed.

A course's checks, references and nbgrader_config.py are programs. A folder from a zip file or a clone may also contain
a course.yaml, so finding one doesn't mean that we can trust the code next to it.
"""

import json
from pathlib import Path

import platformdirs

from autograder.model.own_files import read_own, replace_own

# The folder in this package that contains the course, if the two were installed together, as they are for students.
INSTALLED = "installed"
# The folder in which instructors collect submissions. Our own courses are never inside it.
HANDED_IN = "submitted"


def installed_roots() -> tuple[Path, Path]:
    """Return the root of the course in this package, and the checkout that the package was imported from."""
    package = Path(__file__).resolve().parents[1]
    return package / INSTALLED, package.parent


def is_handed_in(folder: Path) -> bool:
    """Return whether a resolved folder is in a folder of collected submissions."""
    return HANDED_IN in folder.parts


def is_trusted(root: Path) -> bool:
    """Return whether we're allowed to run the code of the course in a resolved folder."""
    return root in installed_roots() or (not is_handed_in(root) and str(root) in _confirmed())


def confirm(root: Path) -> None:
    """Remember that this user trusts the course in a resolved folder. Raises OSError."""
    file = confirmed_file()
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    known = sorted({*_confirmed(), str(root)})
    replace_own(file, json.dumps(known, indent=1).encode(), 0o600)


def confirmed_file() -> Path:
    """Return the path of the file that lists the resolved paths of confirmed courses."""
    return platformdirs.user_config_path("llm-mastery", appauthor=False) / "confirmed-courses.json"


def _confirmed() -> set[str]:
    try:
        known = json.loads(read_own(confirmed_file()))
    except (OSError, ValueError):
        return set()
    return {each for each in known if isinstance(each, str)} if isinstance(known, list) else set()
