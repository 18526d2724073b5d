"""README.md lists exactly the existing labs and stubs, and links to files that exist."""

import re

from autograder.model.course import Lab, load
from tests.repository import ROOT

README = (ROOT / "README.md").read_text("utf-8")


def test_the_table_of_labs_is_that_of_course_yaml() -> None:
    labs = load(ROOT).labs
    wanted = [f"| `{lab.name}` | {lab.title} | {stubs_in_one_line(lab)} |" for lab in labs]
    _, found = README.split("| lab | title | stubs |\n| --- | --- | --- |\n")
    assert found.split("\n\n")[0].splitlines() == wanted


def stubs_in_one_line(lab: Lab) -> str:
    """The stubs of a lab, or the first three and how many there are."""
    names = [f"`{stub.name}`" for stub in lab.stubs]
    return " ".join(names if len(names) <= 6 else [*names[:3], f"… ({len(names)} in all)"])


def test_the_first_command_needs_nothing_but_a_package_index() -> None:
    _, command, *_ = re.split(r"```(?:sh)?\n", README)
    assert "mastery demo" in command
    assert "mastery site" not in command


def test_every_link_to_a_file_leads_there() -> None:
    links = [link.partition("#")[0] for link in re.findall(r"\]\(([^)\s]+)\)", README) if "://" not in link]
    assert links
    assert [link for link in links if not (ROOT / link).is_file()] == []
