"""Find inconsistencies in a course.yaml: duplicate names, and references to things that don't exist.

We report all of them at once, including everything that a single change breaks: if you remove a lab, one message lists
everything that still refers to it.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from autograder.model.course import Course
    from autograder.model.mastery_rules import Concept


def inconsistencies(course: "Course") -> Iterator[str]:
    """For each inconsistency, yield a sentence (without a period) that says where it is and how to fix it."""
    yield from _duplicate_names(course)
    orphans = {concept.name for concept in course.concepts if not course.stubs.keys() & set(concept.stubs)}
    shown = {name for concept in course.concepts for name in concept.stubs}
    above: set[str] = set()
    for concept in course.concepts:
        yield from _unknown_stubs(course, concept)
        for name in concept.items:
            if name in course.stubs and name not in shown:
                yield (
                    f"concept {concept.name} has the item {name}, which isn't listed under any concept's stubs; list "
                    "it under one concept's stubs, so that it counts as missing until it's answered"
                )
        for name in concept.after:
            if name not in above:
                yield (
                    f"concept {concept.name} comes after {name}, which isn't listed above it; correct the name, or "
                    f"move {name} up"
                )
            elif name in orphans:
                yield (
                    f"concept {concept.name} comes after {name}, but no lab has {name}'s stubs; if you remove "
                    f"{name}, remove it here, too"
                )
        above.add(concept.name)
    yield from _distinction(course, orphans)
    yield from _missing_modules(course)


def _duplicate_names(course: "Course") -> Iterator[str]:
    stubs = [stub.name for lab in course.labs for stub in lab.stubs]
    givens = [given.name for givens in course.givens.values() for given in givens]
    yield from _duplicates("lab or page", (*(lab.name for lab in course.labs), *(page.name for page in course.pages)))
    yield from _duplicates("stub", stubs)
    yield from _duplicates("stub or given", (*course.stubs, *givens))
    for lab in course.labs:
        names = {stub.name for stub in lab.stubs}
        yield from _duplicates("stub or judged row", (*names, *(row.name for row in lab.judged)))
    yield from _duplicates("concept", (concept.name for concept in course.concepts))


def _duplicates(what: str, names: Iterable[str]) -> Iterator[str]:
    for name, count in Counter(names).items():
        if count > 1:
            yield f"{what} {name} appears {count} times; each {what} needs its own name"


def _unknown_stubs(course: "Course", concept: "Concept") -> Iterator[str]:
    unknown = [name for name in dict.fromkeys((*concept.stubs, *concept.items)) if name not in course.stubs]
    if not unknown:
        return
    whole = set(concept.stubs) <= set(unknown)
    if len(unknown) == 1:
        which, fix = f"the stub {unknown[0]}, which no lab has", "correct its name, or remove it"
    else:
        which, fix = f"stubs that no lab has, {', '.join(unknown)}", "correct their names, or remove them"
    yield f"concept {concept.name} names {which}; {fix}{', and the concept with it' if whole else ''}"


def _distinction(course: "Course", orphans: set[str]) -> Iterator[str]:
    distinction = course.mastery.distinction
    if distinction is None:
        return
    known = {concept.name for concept in course.concepts}
    for name in distinction.among:
        if name not in known:
            yield f"mastery.distinction names the concept {name}, which is missing; correct its name, or remove it"
        elif name in orphans:
            yield (
                f"mastery.distinction names the concept {name}, but no lab has its stubs; if you remove {name}, remove "
                "it here, too"
            )
    if distinction.mastered > len(left := known - orphans):
        yield f"mastery.distinction asks for {distinction.mastered} concepts, but there are {len(left)}; ask for fewer"


def _missing_modules(course: "Course") -> Iterator[str]:
    if not (course.root / "reference").is_dir():  # a new course, which has only course.yaml
        return
    for module in course.givens:
        found = course.files_of(module)
        if not found or not (course.root / found[0]).is_file():
            yield f"givens names {module}, but there's no reference/{module}.py; write it, or remove {module} there"
