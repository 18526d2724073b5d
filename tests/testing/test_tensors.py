"""`autograder.testing.tensors` in torch's place: the same answers, the same verdicts, and nothing missing."""

import ast
import importlib
import pickle
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from autograder.guest import values
from autograder.model.course import Limits, load
from autograder.sandbox.confined import Sandbox
from autograder.sandbox.unconfined import PlainProcesses
from autograder.testing import tensors
from tests.repository import ROOT
from tests.testing.with_references import Observed

LABS = [lab.name for lab in load(ROOT).labs]
LIGHT = tensors.MODULES["torch"]
# Training the small model again needs torch anyway.
NEEDS_TORCH = {ROOT / "reference" / "language_model" / "train.py"}
REFERENCES = [
    path
    for pattern in ("reference/**/*.py", "solutions/*/reference.py")
    for path in sorted(ROOT.glob(pattern))
    if path not in NEEDS_TORCH and re.search(r"^(import|from) torch\b", path.read_text("utf-8"), re.MULTILINE)
]
# A method of one of these isn't necessarily a tensor's.
PYTHONS_OWN = (str, bytes, list, dict, set, Path, np.random.Generator)
CASES = [
    pytest.param(("start",), "one", id="sample", marks=pytest.mark.classes),
    *(pytest.param((lab,), "one", id=lab, marks=pytest.mark.proof) for lab in LABS),
    *(pytest.param((lab,), "two three", id=f"{lab} under two more", marks=pytest.mark.slow) for lab in LABS),
]


# --- compared with torch over whole labs


@pytest.fixture(scope="module")
def observe(tmp_path_factory: pytest.TempPathFactory) -> Callable[[tuple[str, ...], str], tuple[Observed, Observed]]:
    """What happens in a process with torch, and in one with tensors. Each pair of processes runs once."""
    known: dict[tuple[tuple[str, ...], str], tuple[Observed, Observed]] = {}

    def observed(kind: str, labs: tuple[str, ...], secrets: str) -> Observed:
        file = tmp_path_factory.mktemp(kind) / "observed.pickle"
        command = [sys.executable, "-m", "tests.testing.with_references", kind, file, secrets, *labs]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=3_000)
        assert done.returncode == 0, done.stderr[-3_000:]
        return Observed(*pickle.loads(file.read_bytes()))

    def both(labs: tuple[str, ...], secrets: str) -> tuple[Observed, Observed]:
        if (labs, secrets) not in known:
            known[labs, secrets] = (observed("torch", labs, secrets), observed("tensors", labs, secrets))
        return known[labs, secrets]

    return both


@pytest.mark.parametrize(("labs", "secrets"), CASES)
def test_every_call_of_a_reference_has_torchs_answer(observe, labs, secrets):
    with_torch, with_tensors = observe(labs, secrets)
    assert (with_torch.torch, with_tensors.torch) == (repr(torch), repr(LIGHT))
    assert len(with_torch.calls) > 50
    for wanted, got in zip(with_torch.calls, with_tensors.calls, strict=True):
        assert same(got, wanted), f"{got}\n{wanted}"


@pytest.mark.parametrize(("labs", "secrets"), CASES)
def test_every_visible_check_says_the_same(observe, labs, secrets):
    with_torch, with_tensors = observe(labs, secrets)
    assert {said[0].split()[1] for said in with_torch.verdicts} == {"solution", "alternative", "misconception"}
    assert with_tensors.verdicts == with_torch.verdicts


def same(got: Any, want: Any) -> bool:
    """Whether they're equal, with the same types throughout; floats to within 1e-9 of the largest, or 1e-6 in float32.

    If the largest is 0, as it may be for a difference, or smaller than a difference's rounding error, the limit is 1e-9
    itself.
    """
    if type(got) is not type(want):
        return False
    if isinstance(want, Exception):
        return str(got) == str(want)
    if isinstance(want, list | tuple):
        return len(got) == len(want) and all(map(same, got, want))
    if isinstance(want, dict):
        return list(got) == list(want) and all(same(got[key], want[key]) for key in want)
    if isinstance(want, np.ndarray | float):
        a, b = np.asarray(got), np.asarray(want)
        return a.dtype == b.dtype and a.shape == b.shape and close(a, b)
    return bool(got == want)


def close(got: np.ndarray, want: np.ndarray) -> bool:
    if want.dtype.kind != "f":
        return np.array_equal(got, want)
    finite = np.isfinite(want)
    largest = np.abs(want[finite]).max(initial=0.0)
    scale = largest if largest > 1e-15 else 1.0
    near = np.abs(got[finite] - want[finite]) <= (1e-6 if want.dtype == np.float32 else 1e-9) * scale
    return bool(near.all()) and np.array_equal(got[~finite], want[~finite], equal_nan=True)


def test_what_differs_is_not_the_same():
    one = ("softmax", [[np.ones(2)], {}], {"a": np.array([1.0, 2.0]), "b": 3})
    assert same(one, ("softmax", [[np.ones(2)], {}], {"a": np.array([1.0, 2.0 + 1e-10]), "b": 3}))
    for other in (np.array([1.0, 2.0 + 1e-8]), np.ones(2, np.float32), np.array([[1.0, 2.0]]), [1.0, 2.0]):
        assert not same(one, ("softmax", [[np.ones(2)], {}], {"a": other, "b": 3}))
    assert not same(one, ("softmax", [[np.ones(2)], {}], {"a": np.array([1.0, 2.0]), "b": 3.0}))
    assert not same(ValueError("a"), ValueError("b"))
    assert not same(ValueError("a"), TypeError("a"))


# --- nothing is missing


def missing_from_tensors(source: str) -> list[str]:
    """The parts of torch and its tensors that a reference uses but `tensors` lacks."""
    nodes = list(ast.walk(ast.parse(source)))
    modules = {}
    for node in nodes:
        if isinstance(node, ast.Import):
            modules |= {each.asname or each.name: each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "torch":
            modules |= {each.asname or each.name: f"{node.module}.{each.name}" for each in node.names}
    return [
        *(path for path in modules.values() if path.startswith("torch") and not offered(path)),
        *(
            path
            for node in nodes
            if isinstance(node, ast.Attribute)
            and (path := spelled_out(node, modules))
            and not (offered(path) if path.startswith("torch") else "." in path or is_known_method(path))
        ),
    ]


def spelled_out(node: ast.Attribute, modules: dict[str, str]) -> str:
    """Return `torch.nn.functional.relu` for `functional.relu`, and only the name for an attribute of anything else."""
    parts = ast.unparse(node).split(".")
    known = modules.get(parts[0])
    return ".".join([known, *parts[1:]]) if known and "(" not in ast.unparse(node) else node.attr


def offered(path: str) -> bool:
    found: Any = tensors.MODULES
    first, *rest = path.split(".")
    found = found.get(first)
    return found is not None and all((found := getattr(found, name, None)) is not None for name in rest)


def is_known_method(name: str) -> bool:
    its_own = not hasattr(torch.Tensor, name) or any(hasattr(kind, name) for kind in PYTHONS_OWN)
    return its_own or hasattr(tensors.Tensor, name)


@pytest.mark.parametrize("path", REFERENCES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_tensors_has_all_that_a_reference_uses(path):
    assert missing_from_tensors(path.read_text("utf-8")) == []


def test_every_lab_and_the_small_model_are_looked_at():
    assert {path.parent.name for path in REFERENCES} == {*LABS, "language_model"}


@pytest.mark.parametrize(
    ("source", "missing"),
    [
        ("import torch\ntorch.einsum('i,i', a, b)", ["torch.einsum"]),
        ("import torch\ntorch.linalg.svd(a)", ["torch.linalg.svd"]),
        ("from torch.nn import functional\nfunctional.gelu(x)", ["torch.nn.functional.gelu"]),
        ("from torch.nn import functional as F\nF.gelu(x)", ["torch.nn.functional.gelu"]),
        ("from torch import Tensor, vmap", ["torch.vmap"]),
        ("import torch\ntorch.ones(3).logsumexp(0)", ["logsumexp"]),
        ("import torch\nx = torch.ones(3).mean().item()\n'a'.split()", []),
    ],
)
def test_what_it_lacks_is_noticed(source, missing):
    assert missing_from_tensors(source) == missing


# --- single operations


def random(t: Any, *shape: int) -> Any:
    return t.tensor(np.random.default_rng(len(shape)).normal(size=shape).tolist(), dtype=t.float64)


def functional(t: Any) -> Any:
    return t.nn.functional


OPERATIONS: dict[str, Callable[..., Any]] = {
    "number minus tensor": lambda t, x: 0.1 - x,
    "number over tensor": lambda t, x: 0.1 / x,
    "power": lambda t, x: (0.3 * x) ** 3,
    "broadcast": lambda t, x: x / (x[:, :1] * x[0] + 7.0),
    "matrix times matrix": lambda t, x: x @ x.T,
    "matrix times vector": lambda t, x: x @ x[0],
    "vector times matrix": lambda t, x: x[0] @ x.T,
    "vector times vector": lambda t, x: x[0] @ x[1],
    "batch times matrix": lambda t, x: x.reshape(2, 2, 3) @ x.T,
    "batch times batch": lambda t, x: x.reshape(2, 2, 3) @ x.reshape(2, 2, 3).mT,
    "batch times vector": lambda t, x: x.reshape(2, 2, 3) @ x[1],
    "softmax": lambda t, x: t.softmax(x, dim=0),
    "log_softmax": lambda t, x: t.log_softmax(x, dim=1),
    "cross_entropy": lambda t, x: functional(t).cross_entropy(x, t.tensor([0, 2, -100, 1])),
    "cross_entropy in three axes": lambda t, x: functional(t).cross_entropy(
        x.reshape(2, 2, 3), t.tensor([[0, 1, -100], [1, 1, 0]]), reduction="none"
    ),
    "layer_norm": lambda t, x: functional(t).layer_norm(x, (3,), eps=1e-5),
    "embedding": lambda t, x: functional(t).embedding(t.tensor([[1, 1], [3, 0]]), x),
    "mse_loss": lambda t, x: functional(t).mse_loss(x[0], x[1]),
    "linear": lambda t, x: functional(t).linear(x, x[:2], x[0, :2]),
    "kl_div": lambda t, x: functional(t).kl_div(x, 0.5 * x, log_target=True, reduction="none"),
    "relu": lambda t, x: t.relu(x),
    "exp, sqrt, log": lambda t, x: t.log(t.sqrt(t.exp(x))),
    "masked_fill": lambda t, x: x.masked_fill(x > 0, 2.0),
    "mean of columns": lambda t, x: x.mean(dim=0) + x.sum(dim=-1).sum() + x.mean(),
    "rows chosen twice": lambda t, x: x[t.tensor([1, 1, 0])].flatten()[2:],
    "sub": lambda t, x: t.sub(x, x[0], alpha=0.3),
    "clone": lambda t, x: x.clone().square().double(),
}


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_value_and_its_gradient_are_torchs(name):
    got, want = [], []
    for t, found in ((LIGHT, got), (torch, want)):
        x = random(t, 4, 3).requires_grad_()
        result = OPERATIONS[name](t, x)
        slopes = random(t, *result.shape) if result.ndim else t.tensor(1.5, dtype=t.float64)
        found += [result.detach().numpy(), t.autograd.grad((result * slopes).sum(), x)[0].numpy()]
    assert same(got, want), f"{got}\n{want}"


WITHOUT_GRADIENT: dict[str, Callable[..., Any]] = {
    "integer over number": lambda t: t.tensor([3, 4]) / 2,
    "integer times float": lambda t: t.tensor([3, 4]) * 0.1,
    "float over an integer tensor": lambda t: random(t, 3) / t.tensor(3),
    "float32 and float64": lambda t: t.ones(3) + t.tensor(0.1, dtype=t.float64),
    "default dtypes": lambda t: [t.tensor([1, 2]), t.tensor([1.0]), t.tensor([]), t.tensor(True), t.zeros(2, 3)],
    "of tensors": lambda t: t.tensor([*t.tensor([1, 2]), 3]),
    "sub of numbers": lambda t: t.sub(180.0, -90.0, alpha=0.1),
    "comparisons": lambda t: [(random(t, 5) > 0) & (random(t, 5) <= 0.5), t.tensor([1, 2]) != 2],
    "sums of counts": lambda t: [(random(t, 5) > 0).sum(), t.tensor([[1, 2], [3, 4]]).sum(dim=1)],
    "sort": lambda t: list(t.sort(t.tensor([1.0, 2.0, 1.0, np.nan, 2.0, -np.inf]), descending=True)),
    "topk": lambda t: t.topk(random(t, 6), 3).values,
    "cumsum": lambda t: random(t, 6).cumsum(dim=0),
    "entr": lambda t: t.special.entr(t.tensor([-1.0, 0.0, 0.3, 2.0, np.nan, np.inf], dtype=t.float64)),
    "ndtri": lambda t: [t.special.ndtri(t.tensor(p, dtype=t.float64)) for p in (1e-12, 0.3, 0.975, 0.0, 1.0, 1.5)],
    "logsigmoid": lambda t: functional(t).logsigmoid(t.tensor([-800.0, -3.0, 0.0, 3.0, 800.0], dtype=t.float64)),
    "softmax of infinities": lambda t: [t.softmax(t.tensor([-np.inf, -np.inf]), dim=0), t.softmax(t.ones(0), dim=0)],
    "cross_entropy of nothing": lambda t: functional(t).cross_entropy(random(t, 2, 3), t.tensor([-100, -100])),
    "unfold": lambda t: t.arange(7).unfold(0, 3, 2),
    "triu": lambda t: t.ones(3, 4, dtype=t.bool).triu(diagonal=1),
    "draws": lambda t: [
        t.multinomial(t.tensor([0.1, 0.0, 0.6, 0.3], dtype=t.float64), 1, generator=t.Generator().manual_seed(seed))
        for seed in (0, 1, 2**40 + 3, *range(50))
    ],
    "normal numbers": lambda t: [
        t.randn(*shape, generator=t.Generator().manual_seed(7), dtype=t.float64) for shape in ((16,), (5, 7), (32, 2))
    ],
}


@pytest.mark.parametrize("name", WITHOUT_GRADIENT)
def test_a_value_is_torchs(name):
    def in_numpy(value: Any) -> Any:
        return list(map(in_numpy, value)) if isinstance(value, list | tuple) else value.numpy()

    got, want = (in_numpy(WITHOUT_GRADIENT[name](t)) for t in (LIGHT, torch))
    assert same(got, want), f"{got}\n{want}"


FAULTS: list[Callable[..., Any]] = [
    lambda t: t.ones(3) + t.ones(4),
    lambda t: t.ones(2, 3) @ t.ones(4, 2),
    lambda t: t.ones(2, 3) @ t.ones(3, 2, dtype=t.float64),
    lambda t: t.softmax(t.ones(3), dim=1),
    lambda t: t.ones(2, 3).sum(dim=-3),
    lambda t: t.tensor([1, 2])[5],
    lambda t: t.tensor("a"),
    lambda t: t.tensor([None]),
    lambda t: t.ones(3).mT,
    lambda t: t.arange(3).unfold(0, 5, 1),
    lambda t: t.arange(6).reshape(4, 2),
    lambda t: t.topk(t.ones(3), 4),
    lambda t: bool(t.ones(2) > 0),
    lambda t: int(t.ones(2)),
    lambda t: t.ones(2).item(),
    lambda t: len(t.tensor(1)),
    lambda t: list(t.tensor(1)),
    lambda t: t.arange(3).requires_grad_(),
    lambda t: functional(t).cross_entropy(t.ones(2, 3), t.tensor([1, 3])),
    lambda t: functional(t).cross_entropy(t.ones(2, 3), t.tensor([1, 2, 0])),
    lambda t: functional(t).cross_entropy(t.ones(2, 3, 4), t.ones(2, 5, dtype=t.int64)),
    lambda t: functional(t).embedding(t.tensor([7]), t.ones(3, 2)),
    lambda t: t.multinomial(t.zeros(3), 1, generator=t.Generator().manual_seed(0)),
    lambda t: t.multinomial(t.tensor([1.0, -1.0]), 1, generator=t.Generator().manual_seed(0)),
    lambda t: t.autograd.grad(t.ones(3).requires_grad_() * 2, t.ones(3)),
]


@pytest.mark.parametrize("place", range(len(FAULTS)))
def test_an_error_is_torchs(place):
    told = []
    for t in (LIGHT, torch):
        with pytest.raises((ValueError, TypeError, RuntimeError, LookupError)) as caught:
            FAULTS[place](t)
        told.append((caught.type, str(caught.value)))
    assert told[0] == told[1]


def test_no_gradient_is_silently_incomplete():
    x = random(LIGHT, 3).requires_grad_()
    for operation in (lambda: x.cumsum(0), lambda: LIGHT.sort(x), lambda: x.max(), lambda: LIGHT.special.entr(x)):
        with pytest.raises(NotImplementedError, match="has no gradient of"):
            operation()


# --- which of the two is used, and where

HIDDEN = """
import sys
from importlib.machinery import PathFinder

class WithoutTorch(PathFinder):
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        return None if name.partition(".")[0] == "torch" else PathFinder.find_spec(name, path, target)

sys.meta_path[sys.meta_path.index(PathFinder)] = WithoutTorch
"""


def prints(program: str) -> str:
    command = [sys.executable, "-c", program]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=True).stdout.strip()


def test_a_reference_answers_where_torch_is_not_installed():
    program = (
        "import numpy as np\nfrom autograder.testing import call_reference\nfrom reference import softmax\n"
        "print(call_reference(softmax.softmax, ((np.array([0.0, np.log(3)]),), {})).round(9), sys.modules['torch'])"
    )
    assert prints(HIDDEN + program) == "[0.25 0.75] <module 'torch'>"


def test_where_torch_is_installed_it_answers_unless_the_light_one_is_asked_for():
    program = (
        "from autograder.testing.references import make_torch_importable\n"
        "make_torch_importable({})\nprint('torch' in __import__('sys').modules)"
    )
    assert [prints(program.format(light)) for light in ("", "light=True")] == ["False", "True"]


def test_what_it_lacks_it_names():
    with pytest.raises(AttributeError, match=r"^torch.linalg.svd needs torch, which isn't loaded here"):
        LIGHT.linalg.svd(LIGHT.ones(2, 2))


def test_what_it_lacks_is_not_installed_either():
    program = "from autograder.testing.references import make_torch_importable\nmake_torch_importable(light=True)\n"
    with pytest.raises(subprocess.CalledProcessError) as caught:
        prints(program + "import torch.optim")
    assert caught.value.stderr.endswith("No module named 'torch.optim'; 'torch' is not a package\n")


def test_a_notebook_does_not_get_it_from_its_kernel():
    program = "from autograder import check, given\nfrom autograder.selfcheck import kernel\nimport torch"
    with pytest.raises(subprocess.CalledProcessError) as caught:
        prints(HIDDEN + program)
    assert caught.value.stderr.endswith("ModuleNotFoundError: No module named 'torch'\n")


IMPORTS = """
import importlib, sys
for name in ("torch", "torch.nn.functional", "autograder.testing.tensors", "autograder.testing.tensors.functional"):
    try:
        importlib.import_module(name)
    except ImportError:
        continue
    raise AssertionError(f"{name} was imported")
assert not [name for name in sys.modules if "torch" in name or "tensors" in name]
"""


@pytest.fixture
def light(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make this process's references run on tensors."""
    for name, module in tensors.MODULES.items():
        monkeypatch.setitem(sys.modules, name, module)
    assert importlib.import_module("torch") is LIGHT


@pytest.mark.usefixtures("light")
@pytest.mark.parametrize(
    "confined",
    [
        pytest.param(True, marks=pytest.mark.skipif(sys.platform != "linux", reason="the sandbox needs Linux")),
        False,
    ],
)
def test_student_code_cannot_import_it(confined):
    kind = Sandbox if confined else PlainProcesses
    settings = {"allowed": ["numpy"], "inert": ["matplotlib"]}
    with kind(Limits(memory_mib=512), ["numpy"], settings) as workers, workers.start() as worker:
        assert worker.ask({"op": "cell", "index": 1, "source": IMPORTS}, 10) == {}
        call = {"op": "call", "name": "f", "arguments": values.encode([[], {}]), "draws": None}
        program = f"def f():\n    import numpy as np\n    exec({IMPORTS!r})\n    return 7"
        assert worker.ask({"op": "cell", "index": 2, "source": program}, 10) == {}
        assert worker.ask(call, 10)["value"] == 7
