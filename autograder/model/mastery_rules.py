"""What course.yaml says of concepts, levels and certificates: the rules by which evidence is read."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from autograder.model.parts import Name, Part, Sentence


class Concept(Part):
    """`after`: the concepts that it builds on. They order what is advised next, and lock nothing. `items`: stubs of an
    assessment that ask about it; unless each is right, they cap its level.
    """

    name: Name
    title: str
    stubs: tuple[Name, ...] = Field(min_length=1)
    items: tuple[Name, ...] = ()
    after: tuple[Name, ...] = ()


class Distinction(Part):
    """How many concepts must be mastered, and which of them whatever the others."""

    mastered: int = Field(ge=1)
    among: tuple[Name, ...] = ()


class Mastery(Part):
    """The rules by which evidence becomes levels; docs/mastery.md explains them. No score depends on them.

    confirmation: what makes a stub that passes everything mastered: its hidden checks passed on a second seed of the
    same grading, or everything passed in an earlier attempt too. completion: the level that every concept needs.
    """

    confirmation: Literal["second seed", "later attempt"] = "second seed"
    completion: Literal["familiar", "proficient", "mastered"] = "proficient"
    distinction: Distinction | None = None


class Issuer(Part):
    """Who may sign certificates. `key`: of Ed25519, public, as base64url; `mastery certificate` says it."""

    name: Sentence
    key: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{43}$")]
