"""The engine sources that a verdict can depend on, and their digest, which is stored with every result.

A verdict depends on the course's content too; its digest is `Course.version`.
"""

from pathlib import Path

from autograder.model import files

# The packages that decide a verdict. The others collect, print, store or add up verdicts.
VERDICT = ("model", "guest", "sandbox", "testing", "grading")


def digest_of(engine: Path) -> str:
    """Return the digest of the engine in a folder."""
    return files.digest_of(engine, sorted(file for package in VERDICT for file in (engine / package).rglob("*.py")))


# Computed once at startup: this process won't run anything that's installed later.
ENGINE_VERSION = digest_of(Path(__file__).parents[1])
