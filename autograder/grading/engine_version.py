"""Which of the engine's sources a verdict can depend on, and their digest, which every grading is kept with.

The other half of what decides a verdict, the course's own content, is `Course.version`.
"""

from pathlib import Path

from autograder.model import files

# The packages that decide a verdict. The others collect, print, store or add up what these found.
VERDICT = ("model", "guest", "sandbox", "testing", "grading")


def digest_of(engine: Path) -> str:
    """The digest of the engine in this folder."""
    return files.digest_of(engine, sorted(file for package in VERDICT for file in (engine / package).rglob("*.py")))


# As it was when this process began: what's installed later isn't what it runs.
ENGINE_VERSION = digest_of(Path(__file__).parents[1])
