"""`picture("neuron")`: the course's own pictures are there before anything is solved, and their sentences are right."""

import ast
import re
from xml.etree import ElementTree

import nbformat
import numpy as np
import pytest
import torch
from nbclient import NotebookClient

from autograder.model.submission import read
from autograder.notebook import gallery
from reference import architecture, language_model, neuron, softmax
from tests.repository import COURSE

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, str]]:
    """What a real kernel shows for each of the names."""
    cells = ["from autograder import picture", *(f"picture({name!r})" for name in gallery.PICTURES)]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])
    NotebookClient(
        notebook, timeout=120, resources={"metadata": {"path": str(tmp_path_factory.mktemp("notebook"))}}
    ).execute()
    outputs = [cell.outputs for cell in notebook.cells[1:]]
    return {name: out["data"] for name, (out,) in zip(gallery.PICTURES, outputs, strict=True)}


def test_each_is_one_image_with_words_that_give_its_numbers(shown: dict[str, dict[str, str]]) -> None:
    for name, data in shown.items():
        (svg,) = ElementTree.fromstring(data["text/html"]).findall(f"{SVG}svg")
        said = svg.get("aria-label") or ""
        assert svg.get("role") == "img", name
        assert said.endswith(data["text/plain"])
        assert said.endswith(".")
        assert len(said) > 120, name
        written = {number for text in svg.iter(f"{SVG}text") for number in re.findall(r"\d[\d,]{3,}", text.text or "")}
        assert {number for number in written if number not in said} == set(), name


def test_they_follow_the_theme_and_reach_nothing_beyond_themselves(shown: dict[str, dict[str, str]]) -> None:
    for name, data in shown.items():
        page = data["text/html"].replace('xmlns="http://www.w3.org/2000/svg"', "")
        assert 'fill="currentColor"' in page
        assert not re.search(r"http|url\(|<style|\bid=|#000|#fff|\bblack\b|\bwhite\b", page), name


def test_every_one_is_in_a_notebook_before_a_stub() -> None:
    used = set()
    for lab in COURSE.labs:
        cells = read(COURSE.root / "solutions" / lab.name / f"{lab.name}.py").cells
        for place, cell in enumerate(cells):
            if (name := re.fullmatch(r"picture\((.*)\)", cell.source.strip())) is not None:
                used.add(ast.literal_eval(name[1]))
                # There may be a toy between the picture and the stub.
                following = cells[place + 1 : place + 3]
                assert any(each.defines(stub.name) for each in following for stub in lab.stubs), name
    assert used == gallery.PICTURES.keys()


def test_an_unknown_name_lists_the_pictures() -> None:
    with pytest.raises(ValueError, match="there's no picture 'nueron'; the pictures are neuron, layer"):
        gallery.picture("nueron")


def said(name: str) -> str:
    return gallery.PICTURES[name]().sentence


def test_a_neuron_a_layer_and_a_table_are_what_the_references_give() -> None:
    house = torch.tensor([1500.0, 3.0, 40.0]), torch.tensor([200.0, 10_000.0, -1500.0]), 20_000.0
    assert f"{float(neuron.neuron(*house)):,.0f} USD" in said("neuron")
    weights = torch.tensor([[1.0, 0.0, -2.0], [0.5, 1.0, 1.0]])
    outputs = neuron.linear(torch.tensor([[1.0, 2.0]]), weights, torch.tensor([0.0, 10.0, -1.0]))
    assert re.findall(r"= (\S+)\.", said("layer")) == [f"{value:.0f}".replace("-", "−") for value in outputs[0]]
    for temperature, shares in gallery.TEMPERED.items():
        wanted = softmax.softmax_with_temperature(torch.log(torch.tensor(gallery.SHARES)), temperature)
        np.testing.assert_allclose(shares, wanted, atol=6e-4)


def test_gradients_multiply_along_the_way_back() -> None:
    weight = torch.tensor(200.0, dtype=torch.float64, requires_grad=True)
    loss = (weight * 1500 - 310_000) ** 2
    loss.backward()
    assert weight.grad is not None
    for value in (loss.item(), weight.grad.item()):
        assert f"{value:,.0f}".replace("-", "−") in said("gradients")


def test_attention_is_the_small_models() -> None:
    params = language_model.model_params("pretraining")
    ids = architecture.encode("The cat sat on the", language_model.model_vocab(), 1)
    rows = architecture.embed(torch.tensor(ids), params["token_embedding"], params["position_embedding"])
    normed = torch.nn.functional.layer_norm(rows, rows.shape[-1:])
    _, weights = architecture.causal_attention(*(normed @ params[f"blocks.0.{name}"] for name in ("Wq", "Wk", "Wv")))
    for row, drawn in enumerate(gallery.ATTENTION):
        np.testing.assert_allclose(drawn, weights[row, : row + 1], atol=6e-3)
