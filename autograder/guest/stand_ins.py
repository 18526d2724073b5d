"""Stand-ins for things that aren't available to a student's code during grading.

Packages that only draw are inert, and any others that aren't allowed are blocked. Given functions stay on the trusted
side, and so do the callables and iterators that a check passes to a stub. Their stand-ins send requests to the trusted
side.
"""

import builtins
import functools
import hashlib
import importlib.machinery
import sys
import types
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableSequence, Sequence
from dis import opmap
from typing import Any

import numpy as np

from autograder.guest import values
from autograder.guest.copying import copied
from autograder.guest.identities import OwnObjects
from autograder.guest.keeping import keep
from autograder.guest.messages import HandleRequest, Message, WorkerSettings

# We cache at most this many of a given's answers, by request. A larger request than `KEPT_BYTES` is kept as its hash.
MOST_KEPT, KEPT_BYTES = 100, 1_000
# The engine's own package of pictures and everything else that notebooks show. It only draws, prints and pauses.
NOTEBOOK = "autograder.notebook"
# Sends a request to the trusted side and returns its reply.
Ask = Callable[[HandleRequest], Message]


class Inert:
    """An object that does nothing when it's called, indexed, unpacked or entered.

    During grading, notebooks that draw get this object, so nothing is drawn.
    """

    def __getattr__(self, name: str) -> "Inert":
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return Inert()

    def __call__(self, *_args: Any, **_kwargs: Any) -> "Inert":
        return Inert()

    def __getitem__(self, _key: Any) -> "Inert":
        return Inert()

    def __setitem__(self, _key: Any, _value: Any) -> None: ...

    def __enter__(self) -> "Inert":
        return self

    def __exit__(self, *_exception: Any) -> None: ...

    def __iter__(self) -> Iterator["Inert"]:
        return iter([Inert() for _ in range(_unpacked_into(sys._getframe(1)))])

    def __len__(self) -> int:
        return 0

    def __bool__(self) -> bool:
        return True

    def __float__(self) -> float:
        return 0.0

    def __int__(self) -> int:
        return 0

    def __repr__(self) -> str:
        return "nothing"

    def _same(self, *_others: Any) -> "Inert":
        return Inert()

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __truediv__ = __rtruediv__ = __neg__ = _same
    __or__ = __ror__ = __and__ = __rand__ = __pow__ = __rpow__ = __floordiv__ = __mod__ = _same

    def _never(self, _other: Any) -> bool:
        return False

    __lt__ = __gt__ = __le__ = __ge__ = _never


def _unpacked_into(frame: types.FrameType) -> int:
    """Return how many names `a, b = inert` unpacks into, read from the bytecode; 0 for a plain loop."""
    code, at = frame.f_code.co_code, frame.f_lasti
    if code[at] == opmap["UNPACK_SEQUENCE"]:
        return code[at + 1]
    if code[at] == opmap["UNPACK_EX"]:
        return code[at + 1]
    return 0


def _subplots(nrows: int = 1, ncols: int = 1, *_args: Any, squeeze: bool = True, **_kwargs: Any) -> tuple[Inert, Any]:
    """Return axes in the same shape as matplotlib.pyplot.subplots would, so that a loop over them works the same
    way."""
    axes = np.empty((nrows, ncols), dtype=object)
    for place in np.ndindex(nrows, ncols):
        axes[place] = Inert()
    if not squeeze:
        return Inert(), axes
    return Inert(), axes.item() if axes.size == 1 else axes.squeeze()


class _InertModule(types.ModuleType):
    __path__: MutableSequence[str] = []  # noqa: RUF012  # all inert modules share it, since none of them are on disk

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return _subplots if name == "subplots" else Inert()


class _InertFinder:
    """Finds inert packages and all their submodules."""

    def __init__(self, inert: Iterable[str]) -> None:
        self.inert = tuple(f"{package}." for package in inert)

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> importlib.machinery.ModuleSpec | None:
        if f"{name}.".startswith(self.inert):
            return importlib.machinery.ModuleSpec(name, self, is_package=True)  # type: ignore[arg-type]
        return None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        return _InertModule(spec.name)

    def exec_module(self, module: types.ModuleType) -> None: ...


class ImportBlocker:
    """A finder that comes before Python's own and rejects every package except the standard library and the allowed
    ones.

    It doesn't matter whether the package is installed.
    """

    def __init__(self, allowed: Sequence[str]) -> None:
        self.open = frozenset(allowed) | sys.stdlib_module_names
        self.allowed = allowed

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> None:
        package = name.split(".")[0]
        if package not in self.open:
            # Use the package's name. With the module's name, `from autograder import course` would only complain about
            # a missing attribute.
            raise ModuleNotFoundError(not_available(name, self.allowed), name=package)


def not_available(module: str, allowed: Sequence[str]) -> str:
    return f"{module} is not available during grading: {' and '.join(allowed)} only"


def install(settings: WorkerSettings, ask: Ask) -> None:
    """Install all the stand-ins for the whole process."""
    engine, given = types.ModuleType("autograder"), types.ModuleType("autograder.given")
    # Make it a package, so that importing anything else from it gets the same error message as any other import.
    engine.__path__ = []
    vars(engine).update({name: lambda *_args, **_kwargs: Inert() for name in ("check", "picture", "practice", "show")})
    vars(engine).update(
        {name: lambda *_args, **_kwargs: None for name in ("compare", "play", "progress", "solved")},
        keep=keep,
        given=given,
    )
    given.__getattr__ = lambda stub: given_function(stub, ask)  # type: ignore[method-assign]
    sys.modules.update({"autograder": engine, "autograder.given": given})
    sys.meta_path[:0] = [_InertFinder([NOTEBOOK, *settings["inert"]]), ImportBlocker(settings["allowed"])]
    vars(builtins).update(display=lambda *_args, **_kwargs: None, get_ipython=Inert, input=lambda *_args: "")


@functools.cache
def given_function(stub: str, ask: Ask) -> Callable[..., Any]:
    """Return the function that student code calls to use a given. `ask` sends a request to the trusted side and returns
    its reply.

    Answers are cached: a sampler asks for the softmax of the same logits many thousands of times, and a model that is
    asked to continue a text again is sent with all its parameters each time.
    """
    if stub.startswith("_"):
        raise AttributeError(stub)
    kept: dict[bytes, Any] = {}

    def given(*args: Any, **kwargs: Any) -> Any:
        question = values.encode([args, kwargs])
        key = question if len(question) <= KEPT_BYTES else hashlib.sha256(question).digest()
        if key in kept:
            return copied(kept[key])
        value, changed = remote_result(stub, ask, args, kwargs)
        # Don't cache a call that changed its arguments (a Generator, say): the next call must change them again.
        if len(kept) < MOST_KEPT and not changed:
            kept[key] = copied(value)
        return value

    given.__name__ = given.__qualname__ = stub
    return given


def remote_result(
    what: str | int, ask: Ask, args: Sequence[Any], kwargs: Mapping[str, Any], objects: OwnObjects | None = None
) -> tuple[Any, bool]:
    """Call the given with this name, or the export with this number, on the trusted side.

    Return the result, and whether the call changed its arguments. objects: the objects that belong to the call being
    served.

    If the trusted side raises an exception, raises the same built-in exception here, or RuntimeError.
    """
    known = objects or OwnObjects()
    # Send keywords as pairs, since a dict would be one more object for both sides to keep track of.
    sent = values.encode((tuple(args), *kwargs.items()), numbering=known)
    request: HandleRequest = {"op": "handle", "arguments": sent}
    if isinstance(what, str):
        request["name"] = what
    else:
        request["number"] = what
    reply = ask(request)
    if "error" in reply:
        error = getattr(builtins, reply["error"]["type"], RuntimeError)
        raise error(reply["error"]["message"])
    # The changed arguments come before the value, which may contain them.
    *changed, value = values.decode(reply["answer"], numbering=known)
    return value, bool(changed)


class Imported:
    """An object that the trusted side exported for a call. Each use of it sends a request to the trusted side.

    objects: the numbering of that call. is_running: whether that call, or a request for an item of the stream it
    returned, is running. If not, a use raises RuntimeError, because the trusted side would use whatever it exported
    under the same number for the current call.
    """

    def __init__(self, handle: values.Handle, ask: Ask, objects: OwnObjects, is_running: Callable[[], bool]) -> None:
        self.handle = handle
        self._ask = ask
        self._objects = objects
        self._is_running = is_running

    def _use(self, *args: Any, **kwargs: Any) -> Any:
        if not self._is_running():
            raise RuntimeError(
                f"this {'iterator' if self.handle.kind == 'iterator' else 'function'} was passed to an earlier call, "
                "and can't be used any more. Use the one that was passed to this call."
            )
        result, _ = remote_result(self.handle.number, self._ask, args, kwargs, self._objects)
        return result


class ImportedFunction(Imported):
    __name__ = "function"

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        return self._use(*args, **kwargs)


class ImportedIterator(Imported):
    def __iter__(self) -> "ImportedIterator":
        return self

    def __next__(self) -> Any:
        return self._use()
