"""Which of the engine's sources a verdict can depend on, and their digest, which every grading is kept with.

The other half of what decides a verdict, the course's own content, is `Course.version`.
"""

import hashlib
from pathlib import Path

from autograder.trust import INSTALLED

# Everything in this package counts but these. They print, move or add up results, or belong to the course; a file
# that's missing from the list costs an instructor one question too many, one that's wrongly in it a stale score.
NO_VERDICT = (
    *("cli.py", "verbs", "report", "chat.py", "changes.py", "engine_version.py"),
    *("desk.py", "handin.py", "live.py", "selfcheck.py", "watch.py"),
    *("authoring.py", "certify.py", "handout.py", "learners.py", "simulated.py", "simulated_packets.py"),
    *("certificate.py", "inspection.py", "mastery.py", "survey.py"),
    *("exchange.py", "feedback.py", "lms_downloads.py", "lms_gradebook.py", "rounds.py"),
    *("checks", INSTALLED),
)


def digest_of(engine: Path) -> str:
    """The digest of the engine in this folder."""
    digest = hashlib.sha256()
    for file in sorted(engine.rglob("*.py")):
        name = file.relative_to(engine)
        if name.parts[0] not in NO_VERDICT:
            digest.update(name.as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()[:16]


# As it was when this process began: what's installed later isn't what it runs.
ENGINE_VERSION = digest_of(Path(__file__).parent)
