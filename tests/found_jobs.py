"""Find everything that a class has handed in."""

from collections.abc import Sequence
from pathlib import Path

from autograder.gradebook.pipeline import job_of, places, student_folders
from autograder.grading.jobs import Job
from autograder.model.course import Course


def find_jobs(course: Course, submitted: Path, labs: Sequence[str] = ()) -> list[Job]:
    """Return a job for each `submitted/<student>/<lab>/<lab>.ipynb`, nbgrader's layout, as a first attempt."""
    chosen = [course.lab(name) for name in labs] or course.labs
    return [job_of(*place) for place in places(student_folders(submitted), chosen)]
