"""README.md lists exactly the existing labs and stubs, and links to files that exist."""

import re

from autograder.model.course import load
from tests.repository import ROOT

README = (ROOT / "README.md").read_text("utf-8")


def test_the_table_of_labs_is_that_of_course_yaml() -> None:
    labs = load(ROOT).labs
    wanted = [f"| `{lab.name}` | {lab.title} | {' '.join(f'`{stub.name}`' for stub in lab.stubs)} |" for lab in labs]
    _, found = README.split("| lab | title | stubs |\n| --- | --- | --- |\n")
    assert found.split("\n\n")[0].splitlines() == wanted


def test_every_link_to_a_file_leads_there() -> None:
    links = [link.partition("#")[0] for link in re.findall(r"\]\(([^)\s]+)\)", README) if "://" not in link]
    assert links
    assert [link for link in links if not (ROOT / link).is_file()] == []
