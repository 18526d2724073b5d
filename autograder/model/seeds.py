"""Where a check's randomness comes from: a public seed for visible checks, the course's secret for all others."""

import functools
import hashlib
import hmac

# The seeds of the checks of a lab or two: a class asks for the same ones again and again.
_KEPT = 1_000


@functools.lru_cache(_KEPT)
def public_seed(lab: str, stub: str, check: str) -> int:
    """The same for everyone, live and graded."""
    return int.from_bytes(hashlib.sha256(f"{lab}\0{stub}\0{check}".encode()).digest()[:16], "big")


# A seed of this size or more is of fresh numbers: public and secret ones have 16 bytes.
_FRESH = 1 << 128


def fresh_seed(draw: bytes, lab: str, stub: str, check: str) -> int:
    """Of a visible check that a student has run on new numbers; `draw` is another each time."""
    return _FRESH | int.from_bytes(hashlib.sha256(draw + f"{lab}\0{stub}\0{check}".encode()).digest()[:16], "big")


def is_fresh(seed: int) -> bool:
    """Whether a seed is of fresh numbers."""
    return seed >= _FRESH


@functools.lru_cache(_KEPT)
def secret_seed(secret: bytes, lab: str, stub: str, check: str, attempt: int) -> int:
    """Fresh for each attempt, and unknown to who does not hold the secret."""
    message = f"{lab}\0{stub}\0{check}\0{attempt}".encode()
    return int.from_bytes(hmac.digest(secret, message, "sha256")[:16], "big")


@functools.lru_cache(_KEPT)
def confirming_seed(secret: bytes, lab: str, stub: str, check: str, attempt: int) -> int:
    """Of the second draw in the same grading, by which a stub is confirmed as mastered."""
    message = f"{lab}\0{stub}\0{check}\0{attempt}\0confirmation".encode()
    return int.from_bytes(hmac.digest(secret, message, "sha256")[:16], "big")
