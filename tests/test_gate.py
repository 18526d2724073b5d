"""What a notebook would lack when graded, read from its cells, and a call under those conditions."""

import types

import pytest

from autograder.gate import Gate

GATE = Gate(allowed=("numpy",), inert=("matplotlib",))


@pytest.mark.parametrize(
    ("cells", "missing"),
    [
        (["import math, numpy as np\nimport matplotlib.pyplot as plt\nfrom autograder import check"], {}),
        (["import torch.nn as nn"], {"nn": "torch.nn"}),
        (["import torch\nimport numpy as np"], {"torch": "torch", "np": "torch"}),
        (["import numpy as np\nimport torch", "import torch\nimport numpy as np"], {"torch": "torch"}),
        (["from scipy.special import expit as sigmoid"], {"sigmoid": "scipy.special"}),
        (
            ["import torch", "half = torch.zeros(2) / 2", "rows = [half]\n"],
            dict.fromkeys(("torch", "half", "rows"), "torch"),
        ),
        (["import torch", "def f(x, how=torch.softmax): ..."], {"torch": "torch", "f": "torch"}),
        (["import torch", "def f(x):\n    y = torch.exp(x)\n    return y"], {"torch": "torch"}),
        (["def f(x):\n    import torch"], {}),
        (["try:\n    import torch\nexcept ImportError:\n    torch = None\nx = 1"], {}),
        (["import torch as x", "x = 1"], {}),
        (["this is no Python", "from . import torch\nx = 1"], {}),
    ],
)
def test_missing(cells: list[str], missing: dict[str, str]) -> None:
    assert GATE.missing(cells, "softmax") == missing


def test_of_the_stub_the_last_definition_counts() -> None:
    right, late = "def softmax(x):\n    return x", "import torch\ndef softmax(x):\n    return x"
    assert "softmax" in GATE.missing([right, late], "softmax")
    assert "softmax" not in GATE.missing([late, right], "softmax")
    assert "softmax" not in GATE.missing([right, late], "entropy")


def test_closed() -> None:
    module = types.ModuleType("__main__")
    exec("import json\ndef f():\n    import yaml\ndef g():\n    return np\nnp = 3", vars(module))
    names = vars(module)
    with GATE.closed(names, ["np", "other"]):
        import yaml  # noqa: F401  # other modules import what they like

        with pytest.raises(ModuleNotFoundError, match=r"^yaml is not available when graded: numpy only$"):
            names["f"]()
        with pytest.raises(NameError, match=r"'np' is not defined when graded, .* torch is not available when graded"):
            GATE.explaining("g", names["g"], {"np": "torch"})()
        with pytest.raises(ModuleNotFoundError, match=r"torch is not available when graded: numpy only. The cell that"):
            GATE.explaining("g", names["g"], {"g": "torch"})()
    assert names["g"]() == 3
    names["f"]()
    assert "other" not in names
