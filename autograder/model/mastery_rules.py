"""The part of course.yaml on concepts, levels and certificates: the rules by which evidence is judged."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from autograder.model.parts import Name, Part, Sentence


class Concept(Part):
    """An idea from the lesson for which mastery is measured.

    after: the concepts it builds on. They determine what's recommended next, but don't lock anything. items: stubs of
    an assessment that ask about the concept; unless all of them are right, they cap its level.
    """

    name: Name
    title: str
    stubs: tuple[Name, ...] = Field(min_length=1)
    items: tuple[Name, ...] = ()
    after: tuple[Name, ...] = ()


class Distinction(Part):
    """What distinction requires: how many concepts must be mastered, and which must be among them."""

    mastered: int = Field(ge=1)
    among: tuple[Name, ...] = ()


class Mastery(Part):
    """The rules that turn evidence into levels; docs/mastery.md explains them. No score depends on them.

    confirmation: what else a stub that passes everything needs to be mastered: either its hidden checks pass with a
    second seed in the same attempt, or everything passed in an earlier attempt too. completion: the level that every
    concept needs.
    """

    confirmation: Literal["second seed", "later attempt"] = "second seed"
    completion: Literal["familiar", "proficient", "mastered"] = "proficient"
    distinction: Distinction | None = None


class Issuer(Part):
    """Someone who may sign certificates.

    `key`: the public Ed25519 key as base64url, which `mastery certificate` prints.
    """

    name: Sentence
    key: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{43}$")]
