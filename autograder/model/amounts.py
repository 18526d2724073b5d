"""Write amounts as people read them."""


def amount(count: float, noun: str) -> str:
    """Return a number with its noun, which is in the plural unless the number is 1: "1 page", "2 pages"."""
    number = f"{count:g}" if isinstance(count, float) else str(count)
    return f"{number} {noun}" if count == 1 else f"{number} {noun}s"
