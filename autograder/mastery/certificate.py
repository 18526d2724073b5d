"""A certificate: what a student completed, the rules and sandbox layers that applied, and the issuer's signature.

The file is a JSON Web Signature (RFC 7515, flattened JSON) with Ed25519 (RFC 8037, RFC 9864). course.yaml says who may
sign. The private key stays next to that file, outside git.
"""

import json
import os
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from joserfc import jws
from joserfc.errors import BadSignatureError, JoseError
from joserfc.jwk import OKPKey
from pydantic import AwareDatetime, BaseModel, ValidationError

from autograder.mastery.levels import Histories, Level, Override, StudentMastery
from autograder.model.course import Course
from autograder.model.errors import CourseError, UserError
from autograder.model.mastery_rules import Issuer, Mastery
from autograder.model.secrets import kept_private

FILE_NAME = ".issuer"
VARIABLE = "MASTERY_ISSUER"
ALGORITHM: Literal["Ed25519"] = "Ed25519"
MAX_BYTES = 1024 * 1024


class CertificateError(UserError):
    """A certificate can't be trusted. The message is a sentence that explains why it can't."""


class Reached(BaseModel, frozen=True):
    title: str
    level: Level


class Graded(BaseModel, frozen=True):
    """The attempt at a lab that completion is based on. `isolation`: the sandbox layers around the student's code."""

    lab: str
    title: str
    attempt: int
    handed_in: datetime
    course_version: str
    isolation: tuple[str, ...]


class Certificate(BaseModel, frozen=True):
    """The content that's signed.

    student: the gradebook's name for the student. name: the person's own name; empty in old certificates. number: 0 to
    100, the mean over the concepts. reviewer: the person who graded what checks can't.
    """

    student: str
    name: str = ""
    course: str
    course_version: str
    completed: datetime
    distinction: bool
    number: float
    concepts: tuple[Reached, ...]
    rules: Mastery
    graded: tuple[Graded, ...]
    overrides: tuple[Override, ...]
    reviewer: str | None
    issuer: str
    issued: AwareDatetime

    @property
    def person(self) -> str:
        """The name of the person who completed the course, as it's printed."""
        return self.name or self.student

    @property
    def is_early(self) -> bool:
        """Whether the certificate was signed before the course was completed.

        A time without a time zone is taken as UTC."""
        done = self.completed if self.completed.tzinfo else self.completed.replace(tzinfo=UTC)
        return done > self.issued


def certify_student(
    course: Course, student: StudentMastery, name: str, history: Histories, issuer: Issuer, reviewer: str | None
) -> Certificate:
    """Return the certificate of a student who has completed the course, made out in the student's own name.

    Raises CourseError.
    """
    if student.since is None:
        raise CourseError(f"{student.student} hasn't completed the course; mastery status {student.student} says why.")
    if not name:
        raise CourseError(
            f"The gradebook has no first and last name for {student.student}, so there's no name to print. Enter it in "
            'formgrader under Manage Students, or give it here: --name "Ada Lovelace".'
        )
    made = Certificate(
        student=student.student,
        name=name,
        course=course.title,
        course_version=course.version,
        completed=student.since,
        distinction=student.distinction,
        number=student.number,
        concepts=tuple(Reached(title=each.title, level=each.level) for each in student.concepts),
        rules=course.mastery,
        graded=tuple(_newest(course, history)),
        overrides=tuple(each.override for each in student.stubs if each.override is not None),
        reviewer=reviewer,
        issuer=issuer.name,
        issued=datetime.now(UTC).replace(microsecond=0),
    )
    if made.is_early:
        raise CourseError(
            f"{student.student} would have completed the course on {student.since:%Y-%m-%d}, which is in the future. "
            "Correct the time in timestamp.txt in the submitted folder, or this machine's clock, and grade again."
        )
    return made


def _newest(course: Course, history: Histories) -> Sequence[Graded]:
    found = []
    for lab in course.labs:
        graded = [each for each in history.get(lab.name, ()) if each.result.status != "not graded"]
        if graded:
            newest = graded[-1]
            found.append(
                Graded(
                    lab=lab.name,
                    title=lab.title,
                    attempt=newest.result.attempt,
                    handed_in=newest.when,
                    course_version=newest.result.course_version,
                    isolation=newest.result.isolation,
                )
            )
    return found


# --- keys


def load_key(root: Path) -> OKPKey:
    """Return the issuer's private key: MASTERY_ISSUER, or else the file `.issuer` next to course.yaml.

    The file is created on first use. Raises CourseError.
    """
    path = root / FILE_NAME
    text = os.environ.get(VARIABLE, "").encode() or kept_private(path, _new_key, f"set {VARIABLE}")
    try:
        key = OKPKey.import_key(json.loads(text))
    except (ValueError, TypeError, KeyError, JoseError) as error:
        raise CourseError(f"{path} (or {VARIABLE}) contains no key; put the issuer's key back.") from error
    if key.curve_name != ALGORITHM or not key.is_private:
        raise CourseError(f"{path} (or {VARIABLE}) contains no private {ALGORITHM} key; put the issuer's key back.")
    return key


def _new_key() -> str:
    return json.dumps(OKPKey.generate_key(ALGORITHM, private=True).as_dict(private=True))


def public(key: OKPKey) -> str:
    """Return the public key as it's written in course.yaml."""
    return str(key.as_dict(private=False)["x"])


def issuer_of(course: Course, key: OKPKey) -> Issuer:
    """Return the issuer that course.yaml lists with this key. Raises CourseError."""
    for issuer in course.issuers:
        if issuer.key == public(key):
            return issuer
    raise CourseError(
        "course.yaml doesn't list this machine's key, so nobody could verify what it signs. Add the key there, with "
        f'the name of its owner:\nissuers:\n  - {{name: Name, key: "{public(key)}"}}'
    )


# --- signed files


def sign(certificate: Certificate, key: OKPKey) -> str:
    """Return a signed certificate as JSON."""
    header: Any = {"protected": {"alg": ALGORITHM, "kid": public(key)}}
    signed = jws.serialize_json(header, certificate.model_dump_json(), key, algorithms=[ALGORITHM])
    return json.dumps(signed, indent=1) + "\n"


def verify(course: Course, path: Path) -> Certificate:
    """Read a certificate from a file and return it if one of the course's issuers signed exactly this content.

    Raises CertificateError if none did, and CourseError if the file can't be read.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise CourseError(f"{path} can't be read: {error.strerror}; pass the certificate's .json file.") from error
    if len(content) > MAX_BYTES:
        raise CertificateError("it's too large to be a certificate")
    signers: list[Issuer] = []

    def key_of(signature: Any) -> OKPKey:
        kid = signature.headers().get("kid")
        signers.extend(issuer for issuer in course.issuers if issuer.key == kid)
        if not signers:
            raise CertificateError(
                "it's signed with a key that course.yaml doesn't list, and anybody can make such a key"
            )
        return OKPKey.import_key({"kty": "OKP", "crv": ALGORITHM, "x": signers[0].key})

    try:
        parts = json.loads(content)
        if set(parts) != {
            "payload",
            "protected",
            "signature",
        }:
            raise CertificateError("it doesn't have exactly one signature")
        payload = jws.deserialize_json(parts, key_of, algorithms=[ALGORITHM]).payload
    except CertificateError:
        raise
    except BadSignatureError as error:
        raise CertificateError(f"it isn't what {signers[0].name} signed: somebody has changed it") from error
    except Exception as error:  # json and joserfc raise many kinds of errors for anything else
        raise CertificateError("it contains no signed JSON") from error
    try:
        certificate = Certificate.model_validate_json(payload or b"")
    except ValidationError as error:
        raise CertificateError(f"{signers[0].name} signed it, but it isn't a certificate of this kind") from error
    if certificate.is_early:
        raise CertificateError(f"{signers[0].name} signed it before the course was completed")
    return certificate.model_copy(update={"issuer": signers[0].name})
