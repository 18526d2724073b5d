"""docs/modules.md lists exactly the existing packages, and names files that exist."""

import re

from tests.repository import ROOT

MAP = (ROOT / "docs" / "modules.md").read_text("utf-8")
ROWS = dict(re.findall(r"^\| `(\w+)` \| .* \| (.*) \|$", MAP, re.MULTILINE))
LAYERS = set(re.findall(r"\w+", MAP.split("```")[1]))


def test_every_package_has_its_line_and_its_layer() -> None:
    packages = {file.parent.name for file in (ROOT / "autograder").glob("*/__init__.py")}
    assert set(ROWS) == packages | {"autograder"}
    assert packages == LAYERS


def test_the_files_to_start_with_exist() -> None:
    for package, start in ROWS.items():
        folder = ROOT / "autograder" / ("" if package == "autograder" else package)
        named = re.findall(r"`(\w+\.py)`", start)
        assert named
        assert all((folder / name).is_file() for name in named), package
