"""What a notebook would lack during grading, judging from its cells, and calls under those conditions."""

import sys
import types

import pytest

from autograder.guest.import_policy import ImportPolicy

POLICY = ImportPolicy(allowed=("numpy",), inert=("matplotlib",))


@pytest.mark.parametrize(
    ("cells", "missing"),
    [
        (["import math, numpy as np\nimport matplotlib.pyplot as plt\nfrom autograder import check"], {}),
        (["from autograder import check, given, solved\nfrom autograder.given import softmax"], {}),
        (["from autograder import check, model"], dict.fromkeys(("check", "model"), "autograder.model")),
        (["from autograder.model.course import load\nx = 1"], dict.fromkeys(("load", "x"), "autograder.model.course")),
        (["import autograder.given_away as given"], {"given": "autograder.given_away"}),
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
    assert POLICY.missing(cells, "softmax") == missing


@pytest.fixture
def modules(monkeypatch: pytest.MonkeyPatch) -> None:
    """The modules that are loaded, as in a kernel: deep, which no submission may import, and numpy and matplotlib."""
    offered = {
        "deep": {"exp": 1, "sum": 2, "_hidden": 3},
        "deep.listed": {"__all__": ["log", "softmax"], "log": 1, "softmax": 2, "exp": 3},
        "numpy": {"exp": 1, "ones": 2},
        "matplotlib.pyplot": {"plot": 1, "np": 2},
    }
    for name, values in offered.items():
        module = types.ModuleType(name)
        vars(module).update(values)
        monkeypatch.setitem(sys.modules, name, module)


@pytest.mark.usefixtures("modules")
@pytest.mark.parametrize(
    ("cells", "missing"),
    [
        (["from deep import *"], {"exp": "deep", "sum": "deep"}),
        (["from deep.listed import *"], {"log": "deep.listed", "softmax": "deep.listed"}),
        (["from numpy import *\nx = exp(1)"], {}),
        (["from matplotlib.pyplot import *"], {"plot": "matplotlib.pyplot", "np": "matplotlib.pyplot"}),
        (["from never_loaded import *\nx = 1"], {"x": "never_loaded"}),
        (["import deep\nfrom numpy import *"], dict.fromkeys(("deep", "exp", "ones"), "deep")),
        (["from deep import *", "from numpy import *"], {"sum": "deep"}),
        (["from numpy import *", "from deep import *"], {"sum": "deep"}),
        (["from deep import *", "half = exp(1) / 2"], dict.fromkeys(("exp", "sum", "half"), "deep")),
        # A builtin that was hidden by another name is visible again.
        (["from deep import *", "three = sum([1, 2])"], {"exp": "deep", "sum": "deep"}),
        (["try:\n    from deep import *\nexcept ImportError:\n    ones = None"], {"exp": "deep", "sum": "deep"}),
        (["try:\n    from deep import *\nexcept ImportError:\n    from numpy import *"], {"sum": "deep"}),
    ],
)
def test_missing_of_a_star_import(cells: list[str], missing: dict[str, str]) -> None:
    assert POLICY.missing(cells, "entropy") == missing


def test_a_stub_that_is_only_imported_is_not_defined() -> None:
    for cell in ("from torch import *", "from torch import softmax", "import softmax", "softmax(1)"):
        assert not POLICY.defined([cell], "softmax")
    for cell in ("def softmax(x): ...", "softmax = torch.softmax", "class softmax: ..."):
        assert POLICY.defined(["import torch", cell], "softmax")


def test_of_the_stub_the_last_definition_counts() -> None:
    right, late = "def softmax(x):\n    return x", "import torch\ndef softmax(x):\n    return x"
    assert "softmax" in POLICY.missing([right, late], "softmax")
    assert "softmax" not in POLICY.missing([late, right], "softmax")
    assert "softmax" not in POLICY.missing([right, late], "entropy")


def test_closed() -> None:
    module = types.ModuleType("__main__")
    exec("import json\ndef f():\n    import yaml\ndef g():\n    return np\nnp = 3", vars(module))
    names = vars(module)
    with POLICY.closed(names, ["np", "other"], {}):
        import yaml  # noqa: F401  # other modules may import anything

        with pytest.raises(ModuleNotFoundError, match=r"^yaml is not available during grading: numpy only$"):
            names["f"]()
        with pytest.raises(NameError, match=r"'np' is not defined .* torch is not available during grading"):
            POLICY.explaining("g", names["g"], {"np": "torch"})()
        with pytest.raises(ModuleNotFoundError, match=r"not available during grading: numpy only. The cell that"):
            POLICY.explaining("g", names["g"], {"g": "torch"})()
    assert names["g"]() == 3
    names["f"]()
    assert "other" not in names


def test_what_only_draws_does_nothing_during_a_call() -> None:
    """A stub that needs it would fail during grading, so a live check says so too."""
    module = types.ModuleType("__main__")
    exec("from autograder.notebook import tables\nfrom autograder.notebook.countries import plain", vars(module))
    exec("def f():\n    return plain('Spain'), tables.show_table(['city'], [])", vars(module))
    names = vars(module)
    missing = POLICY.missing(["from autograder import show\nfrom autograder.notebook.countries import *"], "f")
    assert missing["plain"] == "autograder.notebook.countries"
    assert "show" not in missing
    with POLICY.closed(names, [], {}):
        assert str(names["f"]()) == "(nothing, nothing)"
    assert names["f"]() == ("The capital of Spain is Madrid.", None)


@pytest.mark.parametrize(
    "asked",
    ["from autograder.model.course import load", "import autograder.model.course", "from autograder import model"],
)
def test_closed_to_the_engines_own(asked: str) -> None:
    module = types.ModuleType("__main__")
    exec(f"def f():\n    {asked}", vars(module))
    with (
        POLICY.closed(vars(module), [], {}),
        pytest.raises(ModuleNotFoundError, match=r"^autograder\.model(\.course)? is not"),
    ):
        vars(module)["f"]()
    vars(module)["f"]()


OPTIONAL = "try:\n    import deep\n    HAS = True\nexcept {error}:\n    {handling}"


@pytest.mark.usefixtures("modules")
@pytest.mark.parametrize(
    ("cells", "fallbacks"),
    [
        ([OPTIONAL.format(error="ImportError", handling="deep = None; HAS = False")], {"deep": None, "HAS": False}),
        ([OPTIONAL.format(error="Exception as error", handling="HAS = False")], {"HAS": False}),
        ([OPTIONAL.format(error="ValueError", handling="HAS = False")], {}),
        ([OPTIONAL.format(error="ImportError", handling="HAS = bool(0)")], {}),
        ([OPTIONAL.format(error="ImportError", handling="HAS = False\nelse:\n    HAS = 1")], {}),
        ([OPTIONAL.format(error="ImportError", handling="HAS = False\nexcept Exception:\n    HAS = 1")], {}),
        ([OPTIONAL.format(error="ImportError", handling="HAS = False"), "HAS = 1"], {}),
        ([OPTIONAL.format(error="ImportError", handling="HAS = 0"), "def f():\n    global HAS\n    HAS += 1"], {}),
        (["try:\n    import never_loaded\nexcept ImportError:\n    never_loaded = None"], {}),
        (["try:\n    import numpy\n    HAS = True\nexcept ImportError:\n    HAS = False"], {}),
    ],
)
def test_what_an_optional_import_leaves(cells: list[str], fallbacks: dict[str, object]) -> None:
    assert POLICY.fallbacks(cells) == fallbacks


def test_closed_with_fallbacks() -> None:
    names: dict[str, object] = {"torch": "a module", "x": 1}
    with POLICY.closed(names, [], {"torch": None, "other": 1}):
        assert names == {"torch": None, "x": 1}
    assert names == {"torch": "a module", "x": 1}
