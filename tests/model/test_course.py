"""course.yaml: a broken one gives a sentence with the file, the key and the fix; the version depends on the checks."""

import copy
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from autograder.model import trust
from autograder.model.course import load
from autograder.model.errors import CourseError
from autograder.model.paths import find_root
from tests.course_copy import confirmed
from tests.repository import ROOT

SOUND = yaml.safe_load("""
title: How AI Models Work
labs:
  - {name: softmax, title: Softmax, stubs: [{name: softmax, points: 8}]}
  - {name: loss, title: Loss, stubs: [{name: mse_loss, points: 4}, {name: perplexity, points: 1.5}]}
concepts:
  - {name: loss, title: Loss, stubs: [mse_loss]}
""")


def write(folder: Path, content: Any) -> Path:
    text = content if isinstance(content, bytes) else yaml.safe_dump(content).encode()
    (folder / "course.yaml").write_bytes(text)
    return folder


def refusal(folder: Path) -> str:
    with pytest.raises(CourseError) as caught:
        load(folder)
    return str(caught.value)


def changed(change: Callable[[dict[str, Any]], Any]) -> dict[str, Any]:
    content = copy.deepcopy(SOUND)
    change(content)
    return content


class TestASoundCourse:
    def test_is_read_with_its_defaults(self, tmp_path):
        course = load(write(tmp_path, SOUND))
        assert [lab.name for lab in course.labs] == ["softmax", "loss"]
        assert course.lab("loss").points == 5.5
        assert course.lab("loss").stub("perplexity").points == 1.5
        assert course.packages.allowed == ("numpy",)
        assert course.limits.call_seconds == 5
        assert course.root == tmp_path

    def test_the_course_of_this_repository_is_sound(self):
        course = load(ROOT)
        stubs = {stub.name for lab in course.labs for stub in lab.stubs}
        assert {stub for concept in course.concepts for stub in concept.stubs} <= stubs
        for lab in course.labs:
            assert course.visible_checks(lab.name).is_file()
            assert course.hidden_checks(lab.name).is_file()

    def test_knows_the_lab_of_each_stub(self, tmp_path):
        course = load(write(tmp_path, SOUND))
        assert course.lab_of("mse_loss") is course.lab("loss")
        assert course.lab_of("softmux") is None

    def test_a_copy_with_other_labs_knows_the_stubs_of_those(self, tmp_path):
        course = load(write(tmp_path, SOUND))
        assert [*course.stubs] == ["softmax", "mse_loss", "perplexity"]
        assert course.stubs["mse_loss"].points == 4
        (first, _) = course.labs
        fewer = course.model_copy(update={"labs": (first,)})
        assert [*fewer.stubs] == ["softmax"]
        assert fewer.lab_of("mse_loss") is None
        assert fewer == course.model_copy(update={"labs": (first,)})
        assert first.has("softmax")
        assert not first.has("mse_loss")

    def test_an_unknown_lab_lists_the_labs(self, tmp_path):
        with pytest.raises(CourseError, match=r"no lab named 'lozz'. The labs are: softmax, loss\."):
            load(write(tmp_path, SOUND)).lab("lozz")


BROKEN: dict[str, tuple[Any, str, str]] = {
    # what is wrong: (content, the key, the fix)
    "a concept after one listed below it": (
        changed(lambda c: c["concepts"][0].update(after=["softmax"])),
        "concept loss comes after softmax",
        "correct the name, or move softmax up",
    ),
    "an unknown kind of confirmation": (
        changed(lambda c: c.update(mastery={"confirmation": "luck"})),
        "mastery.confirmation (it is 'luck')",
        "second seed",
    ),
    "distinction among unknown concepts": (
        changed(lambda c: c.update(mastery={"distinction": {"mastered": 1, "among": ["lozz"]}})),
        "mastery.distinction names the concept lozz",
        "correct its name",
    ),
    "distinction for more concepts than there are": (
        changed(lambda c: c.update(mastery={"distinction": {"mastered": 2}})),
        "mastery.distinction asks for 2 concepts, but there are 1",
        "ask for fewer",
    ),
    "no title": (changed(lambda c: c.pop("title")), "title", "add this key"),
    "no labs": (changed(lambda c: c.pop("labs")), "labs", "add this key"),
    "no points": (changed(lambda c: c["labs"][0]["stubs"][0].pop("points")), "labs.0.stubs.0.points", "add this key"),
    "a misspelled key": (
        changed(lambda c: c.update(concept=[])),
        "concept ",
        "remove this key or correct its spelling",
    ),
    "a misspelled nested key": (
        changed(lambda c: c["labs"][1].update(titel="x")),
        "labs.1.titel",
        "remove this key or correct its spelling",
    ),
    "a misspelled limit": (
        changed(lambda c: c.update(limits={"call_second": 1})),
        "limits.call_second",
        "remove this key or correct its spelling",
    ),
    "negative points": (
        changed(lambda c: c["labs"][1]["stubs"][1].update(points=-1)),
        "labs.1.stubs.1.points (it is -1)",
        "greater than or equal to 0",
    ),
    "infinite points": (
        changed(lambda c: c["labs"][0]["stubs"][0].update(points=float("inf"))),
        "labs.0.stubs.0.points (it is inf)",
        "finite",
    ),
    "points that aren't a number": (
        changed(lambda c: c["labs"][0]["stubs"][0].update(points="many")),
        "points (it is 'many')",
        "valid number",
    ),
    "a limit of zero": (
        changed(lambda c: c.update(limits={"call_seconds": 0})),
        "limits.call_seconds (it is 0)",
        "greater than 0",
    ),
    "too little memory": (
        changed(lambda c: c.update(limits={"memory_mib": 1})),
        "limits.memory_mib (it is 1)",
        "greater than or equal to 256",
    ),
    "a title that is a number": (changed(lambda c: c.update(title=5)), "title (it is 5)", "valid string"),
    "labs that aren't a list": (changed(lambda c: c.update(labs="softmax")), "labs (it is 'softmax')", "valid tuple"),
    "an empty list of labs": (changed(lambda c: c.update(labs=[])), "labs (it is [])", "at least 1 item"),
    "a lab without stubs": (
        changed(lambda c: c["labs"][0].update(stubs=[])),
        "labs.0.stubs (it is [])",
        "at least 1 item",
    ),
    "a name that isn't a Python name": (
        changed(lambda c: c["labs"][0].update(name="../x")),
        "labs.0.name (it is '../x')",
        "pattern",
    ),
    "a stub twice in a lab": (
        changed(lambda c: c["labs"][1]["stubs"].append({"name": "mse_loss", "points": 1})),
        "stub mse_loss appears 2 times",
        "each stub needs its own name",
    ),
    "a stub in two labs": (
        changed(lambda c: c["labs"][0]["stubs"].append({"name": "mse_loss", "points": 1})),
        "stub mse_loss appears 2 times",
        "each stub needs its own name",
    ),
    "a lab twice": (
        changed(lambda c: c["labs"][1].update(name="softmax")),
        "lab or page softmax appears 2 times",
        "each lab or page needs its own name",
    ),
    "a page with a lab's name": (
        changed(lambda c: c.update(pages=[{"name": "loss", "title": "Loss"}])),
        "lab or page loss appears 2 times",
        "each lab or page needs its own name",
    ),
    "a given with a stub's name": (
        changed(lambda c: c.update(givens={"small_model": ["mse_loss"]})),
        "stub or given mse_loss appears 2 times",
        "each stub or given needs its own name",
    ),
    "a concept twice": (
        changed(lambda c: c["concepts"].append(c["concepts"][0])),
        "concept loss appears 2 times",
        "each concept needs its own name",
    ),
    "a concept with an unknown stub": (
        changed(lambda c: c["concepts"][0].update(stubs=["mse_lozz"])),
        "concept loss names the stub mse_lozz",
        "correct its name",
    ),
    "an item that isn't any concept's stub": (
        changed(lambda c: c["concepts"][0].update(items=["perplexity"])),
        "concept loss has the item perplexity, which isn't listed under any concept's stubs",
        "list it under one concept's stubs",
    ),
    "an unknown item": (
        changed(lambda c: c["concepts"][0].update(items=["loss_itm"])),
        "concept loss names the stub loss_itm",
        "correct its name",
    ),
    "nothing": (b"", "contains nothing", "it must contain keys and values (title:, labs:, …)"),
    "only a comment": (b"# soon\n", "contains nothing", "it must contain keys and values"),
    "a list": (b"- title\n- labs\n", "contains a list", "it must contain keys and values"),
    "a word": (b"softmax", "contains a str", "it must contain keys and values"),
    "not YAML": (b"title: [1, 2\nlabs: }", "line 2, column", "Fix it there"),
    "tabs": (b"title:\n\t- a", "line 2, column 1", "Fix it there"),
    "two documents": (b"title: a\n---\ntitle: b", "line 2, column 1", "Fix it there"),
    "a Python object": (b"title: !!python/object/apply:os.system ['true']", "line 1, column 8", "Fix it there"),
    "a date that doesn't exist": (b"title: 2024-13-45", "month", "Fix it there"),
    "not UTF-8": (b"title: \xff\xfe", "isn't valid YAML", "Fix it there"),
    "control characters": (b"title: \0", "isn't valid YAML", "Fix it there"),
}


class TestABrokenCourse:
    @pytest.mark.parametrize(("content", "key", "fix"), BROKEN.values(), ids=BROKEN)
    def test_is_one_sentence_with_file_key_and_fix(self, tmp_path, content, key, fix):
        said = refusal(write(tmp_path, content))
        assert said.startswith(str(tmp_path / "course.yaml"))
        assert key in said
        assert fix in said
        assert said.endswith(".")
        assert len(said.splitlines()) == 1
        assert "Value error" not in said
        assert "pydantic" not in said

    def test_says_how_many_more_mistakes_there_are(self, tmp_path):
        content = changed(lambda c: [c.pop("title"), c["labs"][0].pop("title"), c.update(extra=1)])
        assert refusal(write(tmp_path, content)).endswith("More errors after this one: 2.")

    def test_a_giant_value_is_not_repeated_in_full(self, tmp_path):
        assert len(refusal(write(tmp_path, changed(lambda c: c.update(labs="x" * 10_000))))) < 300

    def test_no_file_there(self, tmp_path):
        said = refusal(tmp_path)
        assert said.startswith(str(tmp_path / "course.yaml"))
        assert "No such file or directory; check that it exists" in said

    def test_a_folder_in_its_place(self, tmp_path):
        (tmp_path / "course.yaml").mkdir()
        assert "course.yaml can't be read: Is a directory" in refusal(tmp_path)


class TestTheCourseRoot:
    def test_is_the_nearest_folder_above_that_holds_course_yaml(self, tmp_path, monkeypatch):
        deep = tmp_path / "exercises" / "softmax"
        deep.mkdir(parents=True)
        write(tmp_path, SOUND)
        assert find_root(deep) == find_root(tmp_path) == tmp_path.resolve()
        monkeypatch.chdir(deep)
        assert find_root() == tmp_path.resolve()
        with pytest.raises(CourseError, match="isn't one that you've confirmed"):
            load()
        confirmed(tmp_path)
        assert load().root == tmp_path.resolve()

    def test_none_above_is_the_packages_own(self, tmp_path):
        assert find_root(tmp_path) == ROOT

    def test_none_at_all_says_where_it_looked_and_what_to_do(self, tmp_path, monkeypatch):
        monkeypatch.setattr(trust, "__file__", str(tmp_path / "autograder" / "model" / "trust.py"))
        with pytest.raises(
            CourseError, match=r"No course.yaml was found in .* or any folder above it. Go to the course"
        ):
            find_root(tmp_path)


class TestTheVersion:
    @pytest.fixture
    def root(self, tmp_path):
        for folder in ("solutions", "reference"):
            shutil.copytree(ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
        shutil.copy(ROOT / "course.yaml", tmp_path)
        return tmp_path

    @pytest.mark.parametrize(
        "file",
        [
            "reference/softmax/test_visible.py",
            "solutions/loss/test_hidden.py",
            "reference/softmax/reference.py",
            "reference/loss/misconceptions.py",
            "reference/language_model/train.py",
            "reference/language_model/pretraining.safetensors",
            "reference/language_model/pretraining.txt",
        ],
    )
    def test_changes_with_every_file_that_a_score_depends_on(self, root, file):
        before = load(root).version
        with (root / file).open("a") as text:
            text.write("# \n")
        assert load(root).version != before

    def test_changes_with_what_course_yaml_says_of_scores_and_not_with_the_rules_of_mastery(self, tmp_path):
        before = load(write(tmp_path, SOUND)).version
        for change in (
            lambda c: c.update(mastery={"completion": "mastered"}),
            lambda c: c["concepts"][0].update(title="Losses"),
            lambda c: c["labs"][0]["stubs"][0].update(stretch=True),
            lambda c: c["labs"][0].update(assessment=True),
        ):
            assert load(write(tmp_path, changed(change))).version == before
        for change in (
            lambda c: c["labs"][0]["stubs"][0].update(points=9),
            lambda c: c.update(limits={"call_seconds": 6}),
        ):
            assert load(write(tmp_path, changed(change))).version != before

    def test_changes_when_a_check_file_appears_goes_or_is_renamed(self, root):
        versions = [load(root).version]
        new = root / "solutions" / "new" / "test_hidden.py"
        new.parent.mkdir()
        new.write_text("")
        versions.append(load(root).version)
        renamed = new.parent.rename(root / "solutions" / "newer") / new.name
        versions.append(load(root).version)
        renamed.unlink()
        assert len(set(versions)) == 3
        assert load(root).version == versions[0]

    def test_stays_with_everything_else(self, root):
        before = load(root).version
        (root / "README.md").write_text("new")
        (root / ".secret").write_text("new")
        (root / "reference" / "__pycache__").mkdir()
        (root / "reference" / "__pycache__" / "softmax.cpython-311.pyc").write_bytes(b"new")
        (root / "solutions" / "softmax" / "softmax.py").write_text("new")
        (root / "autograder" / "cli").mkdir(parents=True)
        (root / "autograder" / "cli" / "main.py").write_text("new")
        check = root / "reference" / "loss" / "test_visible.py"
        check.write_bytes(check.read_bytes())
        assert load(root).version == before

    def test_is_the_same_wherever_the_course_lies(self, root, tmp_path_factory):
        elsewhere = tmp_path_factory.mktemp("moved") / "course"
        shutil.copytree(root, elsewhere)
        assert load(elsewhere).version == load(root).version

    def test_a_student_without_hidden_checks_has_one_too(self, root):
        shutil.rmtree(root / "solutions")
        assert len(load(root).version) == 16
