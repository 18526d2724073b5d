"""The base class for every part of course.yaml: validated, immutable, and with no unknown keys."""

from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, StringConstraints

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
FileName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*\.[a-z]+$")]
Sentence = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
# Both have to fit in a terminal next to the rest of a failure.
Question = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200, pattern=r"\?$")]
Call = Annotated[str, StringConstraints(strip_whitespace=True, max_length=120, pattern=r"^[a-z][a-z0-9_]*\(.*\)$")]


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """Return a copy with some fields replaced. It leaves out the cached properties, so they're computed again."""
        copy = super().model_copy(update=update, deep=deep)
        for name in copy.__dict__.keys() - type(copy).model_fields.keys():
            del copy.__dict__[name]
        return copy
