"""Start slow files first, so that no process is left running one by itself at the end."""

import atexit
import functools
import gc
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import Iterator

import pytest

# Courses confirmed in tests aren't remembered outside the tests.
os.environ["XDG_CONFIG_HOME"] = tempfile.mkdtemp(prefix="mastery-tests-")
atexit.register(shutil.rmtree, os.environ["XDG_CONFIG_HOME"], ignore_errors=True)
# As in the `mastery` command: jsonschema would spend a second loading this, for a format that no notebook uses.
sys.modules.setdefault("rfc3987_syntax", None)  # type: ignore[arg-type]
# Hundreds of processes import the same sources. Compiling them in each process would take a minute in total.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
# A shell that runs the tests in the background makes them ignore Ctrl-C, and so would every command they interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
# Set this before rich reads the terminal's width, which it does once.
os.environ["COLUMNS"] = "80"

# Longest first.
LONG = [
    *("test_grading", "test_verdicts", "test_sandbox", "test_handout", "test_packet_graded", "test_live"),
    *("test_certify", "test_terms", "test_gradebook", "test_points_changed", "test_packet", "test_student_folders"),
    *("test_selfcheck", "test_doctor", "test_strangers_folder", "test_two_at_once", "test_mishaps"),
    *("test_site_in_browser", "test_browser", "test_formgrader"),
]


@pytest.fixture(scope="session", autouse=True)
def _nbgrader_asks_alembic_once() -> Iterator[None]:
    """Cache the newest schema number. To find it, nbgrader starts a two-second process for each new gradebook."""
    with pytest.MonkeyPatch.context() as patch:
        if api := sys.modules.get("nbgrader.api"):
            patch.setattr(api, "get_alembic_version", functools.cache(api.get_alembic_version))
        yield


def pytest_configure(config: pytest.Config) -> None:
    if hasattr(config.option, "loadscopereorder"):  # pytest-xdist sorts files by their number of tests
        config.option.loadscopereorder = False


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: LONG.index(item.path.stem) if item.path.stem in LONG else len(LONG))


def pytest_collection_finish() -> None:
    """Exempt what's been imported and collected from garbage collection, because it stays until the end."""
    gc.collect()
    gc.freeze()
