"""Which of the engine's sources a verdict can depend on, and their digest, which every grading is kept with.

The other half of what decides a verdict, the course's own content, is `Course.version`.
"""

import hashlib
from pathlib import Path

# The packages that decide a verdict. The others collect, print, store or add up what these found.
VERDICT = ("model", "guest", "sandbox", "testing", "grading")


def digest_of(engine: Path) -> str:
    """The digest of the engine in this folder."""
    digest = hashlib.sha256()
    for file in sorted(file for package in VERDICT for file in (engine / package).rglob("*.py")):
        digest.update(file.relative_to(engine).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


# As it was when this process began: what's installed later isn't what it runs.
ENGINE_VERSION = digest_of(Path(__file__).parents[1])
