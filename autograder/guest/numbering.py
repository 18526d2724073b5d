"""How `values` asks for the numbers that mark objects as the same in several values. `identities` assigns them."""

from typing import Any, Protocol


class Numbering(Protocol):
    """Numbers the objects on one side of the wire, so that we recognize the same object in several values."""

    def number(self, value: Any) -> int | None:
        """Return the number of an object that's being sent, or None if it has none."""

    def arrived(self, number: int, value: Any) -> Any:
        """Return the object to use in place of one that arrived with this number."""
