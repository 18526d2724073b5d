"""This repository's own course, loaded once for all tests in a process."""

from pathlib import Path

from autograder.model.course import load

ROOT = Path(__file__).resolve().parents[1]
COURSE = load(ROOT)
