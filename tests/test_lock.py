"""requirements.lock and pyproject.toml agree, so what CI installs is what the project asks for."""

import itertools
import re
import tomllib

from packaging.requirements import Requirement

from tests.repository import ROOT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
LOCK = (ROOT / "requirements.lock").read_text("utf-8")


def locked() -> dict[str, Requirement]:
    """What the lock installs on this machine, by name."""
    entries = [Requirement(line.rstrip(" \\")) for line in LOCK.splitlines() if re.match(r"[a-z]", line)]
    return {entry.name: entry for entry in entries if entry.marker is None or entry.marker.evaluate()}


def test_everything_but_torch_is_locked_to_a_version_that_the_project_accepts() -> None:
    extras = PROJECT["optional-dependencies"].values()
    asked = [Requirement(line) for line in (*PROJECT["dependencies"], *itertools.chain(*extras))]
    found = locked()
    for requirement in asked:
        if requirement.name not in ("torch", PROJECT["name"]):
            (version,) = found[requirement.name.lower()].specifier
            assert requirement.specifier.contains(version.version), requirement
    assert "torch" not in found
    assert not [name for name in found if name.startswith("nvidia")]


def test_every_locked_version_has_hashes() -> None:
    entries = re.split(r"\n(?=[a-z])", LOCK)[1:]
    assert len(entries) > len(PROJECT["dependencies"])
    assert all("--hash=sha256:" in entry for entry in entries)


def test_the_gate_installs_torch_by_the_projects_range() -> None:
    (torch,) = [line for line in PROJECT["optional-dependencies"]["author"] if line.startswith("torch")]
    assert f"pip install --quiet '{torch}'\n" in (ROOT / ".ci" / "run").read_text("utf-8")
