"""A digest of the engine code that can affect a verdict. We store it with every result.

A verdict also depends on the course's content, and `Course.version` is a digest of the content.
"""

from pathlib import Path

from autograder.model import files

# The packages whose code can change a verdict. The other packages only collect, print, store or add up verdicts.
VERDICT = ("model", "guest", "sandbox", "testing", "grading")


def digest_of(engine: Path) -> str:
    """Return the digest of the engine in a folder."""
    return files.digest_of(engine, sorted(file for package in VERDICT for file in (engine / package).rglob("*.py")))


# Computed once at startup, because this process won't run code that's installed later.
ENGINE_VERSION = digest_of(Path(__file__).parents[1])
