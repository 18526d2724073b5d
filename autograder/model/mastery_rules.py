"""The part of course.yaml about concepts, levels and certificates: the rules for judging evidence."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from autograder.model.parts import Name, Part, Sentence


class Concept(Part):
    """An idea from the lesson. We measure how well each student has mastered it.

    after: the concepts it builds on. They determine what we recommend next, but don't lock anything. items: stubs in an
    assessment that ask about the concept; unless a student gets all of them right, the concept's level is capped.
    """

    name: Name
    title: str
    stubs: tuple[Name, ...] = Field(min_length=1)
    items: tuple[Name, ...] = ()
    after: tuple[Name, ...] = ()


class Distinction(Part):
    """The requirements for distinction: how many concepts a student must master, and which ones they must include."""

    mastered: int = Field(ge=1)
    among: tuple[Name, ...] = ()


class Mastery(Part):
    """The rules that turn evidence into levels. docs/mastery.md explains them. They don't affect any score.

    confirmation: what else has to happen before a stub that passes everything counts as mastered. Either its hidden
    checks pass with a second seed in the same attempt, or everything also passed in an earlier attempt. completion: the
    level that every concept needs.
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
