"""Seeds of checks: public for visible checks, derived from the course's secret for all others."""

import functools
import hashlib
import hmac

# How many seeds to cache. This is enough for the checks of one or two labs, since grading a class reuses the same
# seeds.
_KEPT = 1_000


@functools.lru_cache(_KEPT)
def public_seed(lab: str, stub: str, check: str) -> int:
    """Return the seed of a visible check: the same for everyone, both live and during grading."""
    return int.from_bytes(hashlib.sha256(f"{lab}\0{stub}\0{check}".encode()).digest()[:16], "big")


# Seeds this large or larger are for fresh numbers. Public and secret seeds have 16 bytes.
_FRESH = 1 << 128


def fresh_seed(draw: bytes, lab: str, stub: str, check: str) -> int:
    """Return the seed of a visible check that a student runs on fresh numbers. `draw` is different each time."""
    return _FRESH | int.from_bytes(hashlib.sha256(draw + f"{lab}\0{stub}\0{check}".encode()).digest()[:16], "big")


def is_fresh(seed: int) -> bool:
    """Return whether a seed is for fresh numbers."""
    return seed >= _FRESH


@functools.lru_cache(_KEPT)
def secret_seed(secret: bytes, lab: str, stub: str, check: str, attempt: int) -> int:
    """Return the seed of a check in one attempt, which nobody can predict without the secret."""
    message = f"{lab}\0{stub}\0{check}\0{attempt}".encode()
    return int.from_bytes(hmac.digest(secret, message, "sha256")[:16], "big")


@functools.lru_cache(_KEPT)
def confirming_seed(secret: bytes, lab: str, stub: str, check: str, attempt: int) -> int:
    """Return the seed for a check's second run in the same attempt, which confirms that a stub is mastered."""
    message = f"{lab}\0{stub}\0{check}\0{attempt}\0confirmation".encode()
    return int.from_bytes(hmac.digest(secret, message, "sha256")[:16], "big")
