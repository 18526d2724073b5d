"""Stand-ins for pydantic, which has no build for a browser tab, and for PyYAML: only the parts we use.

Everything we read in a tab was validated when the site was built, and then stored as JSON, which is also valid YAML. So
a model takes its fields as is: it fills in defaults and builds nested models, tuples and enum members, but it checks no
limits and accepts extra keys.
"""

import collections.abc
import enum
import functools
import inspect
import json
import types
import typing
from collections.abc import Callable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, Self, dataclass_transform

Validator = Callable[[Any], Any]
_MISSING: Any = object()


class ValidationError(ValueError):
    """A record can't be created from the stored data."""


class _Field:
    def __init__(self, default: Any = _MISSING, **_limits: Any) -> None:
        self.default = default
        self.exclude = _limits.get("exclude") is True


def _ignored(*_arguments: Any, **_keywords: Any) -> Any:
    return None


def _field_validator(*names: str, mode: str = "after") -> Callable[[Any], Any]:
    def mark(method: Any) -> Any:
        method.__func__.validates = names if mode == "before" else ()
        return method

    return mark


def _model_validator(mode: str) -> Callable[[Any], Any]:
    return _field_validator("", mode=mode)


@dataclass_transform(kw_only_default=True, field_specifiers=(_Field,))
class BaseModel:
    """A record with typed fields."""

    model_config: ClassVar[Any] = None
    model_fields: ClassVar[dict[str, _Field]] = {}
    _before: ClassVar[dict[str, str]] = {}

    def __init_subclass__(cls, **_settings: Any) -> None:
        own = [name for name in inspect.get_annotations(cls) if not name.startswith("_")]
        cls.model_fields = {**cls.model_fields, **{name: _field(vars(cls).get(name, _MISSING)) for name in own}}
        methods = {name: getattr(each, "__func__", None) for name, each in vars(cls).items()}
        before = {field: name for name, each in methods.items() for field in getattr(each, "validates", ())}
        cls._before = {**cls._before, **before}

    def __init__(self, **given: Any) -> None:
        model: Any = type(self)
        for name, convert in _converters(model).items():
            value = given.get(name, type(self).model_fields[name].default)
            if value is _MISSING:
                raise ValidationError(f"{type(self).__name__} lacks {name}")
            if (before := self._before.get(name)) is not None:
                value = getattr(self, before)(value)
            self.__dict__[name] = convert(value)

    @classmethod
    def model_validate(cls, value: Any) -> Self:
        if isinstance(value, cls):
            return value
        if (before := cls._before.get("")) is not None:
            value = getattr(cls, before)(value)
        if not isinstance(value, Mapping):
            raise ValidationError(f"{cls.__name__} can't be read from {type(value).__name__}")
        return cls(**value)

    @classmethod
    def model_validate_json(cls, text: str | bytes) -> Self:
        return cls.model_validate(json.loads(text))

    def model_dump(self) -> dict[str, Any]:
        return {name: _dumped(getattr(self, name)) for name, field in self.model_fields.items() if not field.exclude}

    def model_dump_json(self, indent: int | None = None) -> str:
        return json.dumps(self.model_dump(), indent=indent, default=str, ensure_ascii=False)

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        copy = type(self).__new__(type(self))
        copy.__dict__.update({**self.__dict__, **(update or {})})
        return copy

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and all(getattr(self, name) == getattr(other, name) for name in _own(self))

    def __hash__(self) -> int:
        return hash(tuple(getattr(self, name) for name in _own(self)))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(f'{name}={getattr(self, name)!r}' for name in _own(self))})"


def _own(record: BaseModel) -> Mapping[str, _Field]:
    return type(record).model_fields


def _field(declared: Any) -> _Field:
    return declared if isinstance(declared, _Field) else _Field(declared)


def _dumped(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump()
    if isinstance(value, dict):
        return {key: _dumped(item) for key, item in value.items()}
    return type(value)(map(_dumped, value)) if isinstance(value, list | tuple) else value


class _TypeAdapter:
    def __init__(self, hint: Any) -> None:
        self._convert = _converter(hint)

    def validate_python(self, value: Any) -> Any:
        return self._convert(value)


# --- from JSON values to field values


@functools.cache
def _converters(model: Any) -> dict[str, Validator]:
    hints = typing.get_type_hints(model)
    return {name: _converter(hints[name]) for name in model.model_fields}


def _converter(hint: Any) -> Validator:
    kind, inner = typing.get_origin(hint), typing.get_args(hint)
    if kind is Annotated:
        return _converter(inner[0])
    if kind in (typing.Union, types.UnionType):
        return functools.partial(_first_that_fits, tuple(map(_converter, inner)))
    if kind is Literal:
        return functools.partial(_one_of, inner)
    if kind in (dict, collections.abc.Mapping):
        return functools.partial(_mapping, *map(_converter, inner))
    if kind is tuple and inner[-1:] != (...,):
        return functools.partial(_items_of, tuple(map(_converter, inner)))
    if kind in (tuple, list):
        return functools.partial(_items, kind, _converter(inner[0]))
    return hint.model_validate if _is(hint, BaseModel) else functools.partial(_plain, hint)


def _first_that_fits(converters: tuple[Validator, ...], value: Any) -> Any:
    for convert in converters:
        try:
            return convert(value)
        except ValidationError:
            pass
    raise ValidationError(f"{type(value).__name__} can't be read as any of the allowed types")


def _one_of(allowed: tuple[Any, ...], value: Any) -> Any:
    if value not in allowed:
        raise ValidationError(f"{value!r} isn't one of {allowed}")
    return value


def _mapping(key: Validator, item: Validator, value: Any) -> Any:
    _require(value, Mapping)
    return {key(name): item(each) for name, each in value.items()}


def _items(kind: type, item: Validator, value: Any) -> Any:
    _require(value, list | tuple)
    return kind(map(item, value))


def _items_of(items: tuple[Validator, ...], value: Any) -> Any:
    _require(value, list | tuple)
    return tuple(convert(each) for convert, each in zip(items, value, strict=True))


def _plain(kind: Any, value: Any) -> Any:
    if kind is Any or isinstance(value, kind):
        return value
    if kind is float and isinstance(value, int):
        return float(value)
    if isinstance(value, str) and (_is(kind, enum.Enum) or kind is Path):
        return kind(value)
    if isinstance(value, str) and _is(kind, date):
        return kind.fromisoformat(value)
    raise ValidationError(f"{kind.__name__} can't be read from {type(value).__name__}")


def _require(value: Any, kind: Any) -> None:
    if not isinstance(value, kind):
        raise ValidationError(f"a list or mapping can't be read from {type(value).__name__}")


def _is(hint: Any, kind: type) -> bool:
    return isinstance(hint, type) and issubclass(hint, kind)


def _module(name: str, **offered: Any) -> types.ModuleType:
    module = types.ModuleType(name)
    vars(module).update(offered)
    return module


# The modules that `import pydantic` and `import yaml` load when we use these stand-ins.
MODULES = {
    "pydantic": _module(
        "pydantic",
        AwareDatetime=datetime,
        BaseModel=BaseModel,
        ConfigDict=_ignored,
        Field=_Field,
        NonNegativeInt=int,
        PrivateAttr=_ignored,
        StringConstraints=_ignored,
        TypeAdapter=_TypeAdapter,
        ValidationError=ValidationError,
        field_validator=_field_validator,
        model_validator=_model_validator,
    ),
    "yaml": _module("yaml", SafeLoader=None, load=lambda text, Loader: json.loads(text), safe_load=json.loads),
}
