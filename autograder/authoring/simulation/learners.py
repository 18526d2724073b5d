"""A simulated class that learns: students know some concepts, learn others, slip, guess and hold misconceptions.

What each student knows by the end is decided in advance, so a report on the class can be compared with the truth.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from autograder.authoring.simulation import attachments
from autograder.authoring.simulation import notebooks as simulated
from autograder.grading.content import make_importable, misconceptions
from autograder.model.course import Course, Lab, LabFile
from autograder.model.files import content_hash
from autograder.model.results import run_id
from autograder.testing.declarations import Alternative, Misconception

# The probability that a student who knows a concept gets a stub wrong, and the probability that a student who doesn't
# know it gets the stub right. A slip in the newest answer hides what a student knows. With six stubs and items in
# total, that happens in 3% of cases.
SLIP, GUESS = 0.005, 0.05
# The probability that a student has learned a concept by the next attempt.
LEARNING = 0.35
# Of the students who don't know a concept, the share who leave its stub unsolved.
BLANK = 0.3
MOST_ATTEMPTS = 4
# Used in place of an answer's name if there's no answer.
UNANSWERED = "unanswered"
# In the simulated term, there's one lab per week, with this many days from one attempt to the next.
FIRST_DAY, DAYS = datetime(2026, 9, 7, 16, tzinfo=UTC), 2


@dataclass(frozen=True)
class Learner:
    """One simulated student.

    known: the concepts known at each attempt. The last set is the truth that a report is compared with. mistakes: for
    each stub, the misconception that the student holds.
    """

    name: str
    known: tuple[frozenset[str], ...]
    mistakes: dict[str, str]
    seed: int

    def is_known(self, concept: str) -> bool:
        return concept in self.known[-1]


def learners(course: Course, count: int, seed: int) -> list[Learner]:
    """Return a class generated from the seed. Abilities are normally distributed, and some misconceptions are
    popular."""
    make_importable(course)
    # Two random generators, so that new misconceptions don't change who knows what.
    rng, shuffling = np.random.default_rng(seed).spawn(2)
    names = {stub: list({each.name: None for each in misconceptions(course, stub)}) for stub in course.stubs}
    beliefs = {stub: list(shuffling.permutation(known)) for stub, known in names.items() if known}
    popular = {stub: 1 / np.arange(1, len(known) + 1) ** 2 for stub, known in beliefs.items()}
    found = []
    for number in range(1, count + 1):
        ability = rng.normal(0.5)
        likely = 1 / (1 + math.exp(-ability))
        known = [frozenset(each.name for each in course.concepts if rng.random() < likely)]
        for _ in range(int(rng.integers(1, MOST_ATTEMPTS + 1)) - 1):
            known.append(known[-1] | {each.name for each in course.concepts if rng.random() < LEARNING})
        mistakes = {
            stub: str(rng.choice(each, p=popular[stub] / popular[stub].sum())) for stub, each in beliefs.items()
        }
        found.append(Learner(f"learner{number:04}", tuple(known), mistakes, int(rng.integers(2**32))))
    return found


@dataclass
class Class:
    """A class and its notebooks. `given`: for each stub and mistake, how many students made it."""

    course: Course
    labs: Sequence[Lab]
    learners: Sequence[Learner]

    def __post_init__(self) -> None:
        self.given: Counter[tuple[str, str]] = Counter()
        self._met: set[tuple[str, str]] = set()
        self._parts = {lab.name: simulated.simulation(self.course, lab) for lab in self.labs}
        self._concept = {stub: each.name for each in self.course.concepts for stub in each.stubs}
        self._about = {item: each.name for each in self.course.concepts for item in each.items}
        right = [each for lab in self.labs for each in simulated.alternatives(self.course, lab)]
        wrong = [each for lab in self.labs for each in simulated.wrong_answers(self.course, lab)]
        known: list[Misconception | Alternative] = [*right, *wrong]
        self._known = {(each.of, each.name): each for each in known}
        self._right: dict[str, list[str]] = {}
        for each in right:
            self._right.setdefault(each.of, []).append(each.name)

    def hand_in(self, folder: Path, attempt: int) -> int:
        """Write the notebooks for one attempt (1 is the first), of everyone who makes it, in nbgrader's layout. Return
        how many were written."""
        written = 0
        for learner in self.learners:
            if attempt <= len(learner.known):
                for lab in self.labs:
                    answers, rounds = self.answers(learner, lab, attempt), self.rounds(learner, lab, attempt)
                    notebook = self.notebook(lab, answers, learner.name, rounds)
                    place = folder / learner.name / lab.name
                    simulated.write(notebook, place / f"{lab.name}.ipynb")
                    file = lab.attachment
                    if file is not None and (text := self.attachment(learner, lab, file, attempt)) is not None:
                        (place / file.name).write_text(text, encoding="utf-8")
                    when = self.when(lab, attempt)
                    (place / "timestamp.txt").write_text(f"{when:%Y-%m-%d %H:%M:%S} UTC", encoding="ascii")
                    written += 1
        return written

    def attachment(self, learner: Learner, lab: Lab, file: LabFile, attempt: int) -> str | None:
        """Return the text of the attachment; None if it's missing.

        Until the student knows the lab, the attachment has a mistake, is an empty form, or is missing.
        """
        day = self.when(lab, 0).date()
        rng = np.random.default_rng((learner.seed, self.course.labs.index(lab)))
        run = self.run(learner)
        examples = attachments.examples(self.course, lab, day, run)
        mistakes = [each for each in examples if each.field]
        mistake = mistakes[int(rng.integers(len(mistakes)))] if mistakes else examples[0]
        first: str | None = mistake.text
        if rng.random() < BLANK:
            form = self.course.root / "exercises" / lab.name / file.name
            first = form.read_text(encoding="utf-8") if rng.random() < 0.5 else None
        if not self.knows_lab(learner, lab, attempt):
            return first
        right = examples[0].text
        if first is None or self.knows_lab(learner, lab, 1):
            return right
        return attachments.corrected(self.course, lab, first, day, run)

    def run(self, learner: Learner) -> str:
        """Return the fingerprint of the graded run that attachments cite: the first attempt at a lab without files."""
        for lab in self.labs:
            if not lab.files:
                notebook = self.notebook(lab, self.answers(learner, lab, 1), learner.name)
                return run_id(learner.name, lab.name, content_hash(simulated.content_of(notebook)))
        return run_id(learner.name, "", "")

    def knows_lab(self, learner: Learner, lab: Lab, attempt: int) -> bool:
        needed = {self._concept[stub.name] for stub in lab.stubs if stub.name in self._concept}
        return learner.known[attempt - 1] >= needed

    def review(self, db: str) -> None:
        """Judge the rows that are waiting in nbgrader's gradebook, as a person would in formgrader.

        For a student who knows the lab, all rows are satisfactory. For everyone else, only every other row is.
        """
        from nbgrader import api

        with api.Gradebook(db) as gradebook:
            for learner in self.learners:
                for lab in self.labs:
                    known = self.knows_lab(learner, lab, len(learner.known)) if lab.judged else False
                    for place, row in enumerate(lab.judged):
                        grade = gradebook.find_grade(row.name, lab.name, lab.name, learner.name)
                        if grade.needs_manual_grade:
                            grade.manual_score = row.points if known or place % 2 else 0.0
                            grade.needs_manual_grade = False
            gradebook.db.commit()

    def when(self, lab: Lab, attempt: int) -> datetime:
        """Return the time (UTC) at which an attempt is handed in."""
        return FIRST_DAY + timedelta(weeks=self.course.labs.index(lab), days=DAYS * attempt)

    def notebook(
        self, lab: Lab, answers: Mapping[str, str], student: str, rounds: Mapping[str, int] | None = None
    ) -> simulated.Notebook:
        """Return a student's notebook. answers: as returned by `answers`. rounds: the items' rounds, by default 1."""
        sources = {}
        for stub, given in answers.items():
            if given == UNANSWERED:
                sources[stub] = self._unanswered(stub)
            elif stub in self.course.items:
                known = self._known[stub, given]
                number = (rounds or {}).get(stub, 1)
                sources[stub] = simulated.answer_as(self.course, stub, known.function, student, number)
            else:
                sources[stub] = simulated.source_of(self.course, self._known[stub, given], student)
        for stub, number in (rounds or {}).items():
            if stub not in sources:
                sources[stub] = simulated.answer_as(self.course, stub, None, student, number)
        return self._parts[lab.name].solved(sources, student)

    def _unanswered(self, stub: str) -> str:
        if stub in self.course.items:
            return simulated.written(stub, None)
        return f"def {stub}(*args, **kwargs):\n    raise NotImplementedError()\n"

    def rounds(self, learner: Learner, lab: Lab, attempt: int) -> dict[str, int]:
        """Return the round of each item at this attempt. After answering an item, a student asks for its next
        question."""
        items = [stub.name for stub in lab.stubs if stub.name in self.course.items]
        before = [self.answers(learner, lab, number) for number in range(1, attempt)] if items else []
        return {item: 1 + sum(each.get(item) != UNANSWERED for each in before) for item in items}

    def answers(self, learner: Learner, lab: Lab, attempt: int) -> dict[str, str]:
        """Return, for each stub not answered with the solution, the name of the alternative or misconception used
        instead."""
        rng = np.random.default_rng((learner.seed, attempt, self.course.labs.index(lab)))
        known = learner.known[attempt - 1]
        found = {}
        for stub in lab.stubs:
            chance = rng.random()
            mistake = learner.mistakes.get(stub.name)
            # An item can be evidence for two concepts. A student who knows either of them answers it correctly.
            told_by = {self._concept.get(stub.name), self._about.get(stub.name)} - {None}
            knows = not told_by or bool(told_by & known)
            if chance >= (SLIP if knows else 1 - GUESS) or mistake is None:
                others = self._right.get(stub.name, [])
                if others and rng.random() < 0.5:
                    found[stub.name] = others[int(rng.integers(len(others)))]
            elif not knows and rng.random() < BLANK:
                found[stub.name] = UNANSWERED
            else:
                found[stub.name] = mistake
                if (learner.name, stub.name) not in self._met:
                    self._met.add((learner.name, stub.name))
                    self.given[stub.name, mistake] += 1
        return found
