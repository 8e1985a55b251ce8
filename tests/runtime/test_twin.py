"""An instance that was not validated is indistinguishable from one that was, on many shapes of models."""

from __future__ import annotations

import copy
import datetime as dt
import functools
import gc
import pickle
import uuid
import weakref
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import pytest
from pydantic import (
    AliasChoices,
    BaseModel,
    ConfigDict,
    Field,
    PrivateAttr,
    RootModel,
    computed_field,
    field_validator,
)

from codezest_sql.runtime import Column, Model
from codezest_sql.runtime.decoding import field_key
from codezest_sql.runtime.rows import row_function
from codezest_sql.runtime.unvalidated import can_build, twin_of

if TYPE_CHECKING:
    from collections.abc import Callable


class Role(StrEnum):
    A = "A"


class Plain(BaseModel):
    id: uuid.UUID
    n: int
    s: str | None
    r: Role
    j: dict[str, Any]
    t: dt.datetime
    d: Decimal


class Frozen(Plain):
    model_config = ConfigDict(frozen=True)


class Pair(BaseModel):
    model_config = ConfigDict(frozen=True)
    a: int
    b: str


class OurModel(Model):
    model_a: int
    copy_: str


class AllowsExtra(Plain):
    model_config = ConfigDict(extra="allow")


class ForbidsExtra(Plain):
    model_config = ConfigDict(extra="forbid")


class ValidatesAssignment(Plain):
    model_config = ConfigDict(validate_assignment=True)


class Private(Plain):
    _p: int = PrivateAttr(default=5)
    _q: list[int] = PrivateAttr(default_factory=list)
    _u: int


class PostInit(Plain):
    _c: int = 0

    def model_post_init(self, context: Any, /) -> None:
        self._c = self.n + 1


class PostInitDict(Plain):
    def model_post_init(self, context: Any, /) -> None:
        self.__dict__["n2"] = self.n + 1


class Computed(Plain):
    @computed_field  # type: ignore[prop-decorator]
    @property
    def double(self) -> int:
        return self.n * 2


class Cached(Plain):
    @functools.cached_property
    def c(self) -> int:
        return self.n * 3


class Alias(BaseModel):
    model_config = ConfigDict(populate_by_name=True)
    a: int = Field(alias="AA")
    b: str = Field(validation_alias=AliasChoices("x", "b"), serialization_alias="BB")
    c: int = Field(default=3, exclude=True)


class Defaults(BaseModel):
    a: int
    b: list[int] = Field(default_factory=list)
    c: str = "x"


T = TypeVar("T")


class Of(BaseModel, Generic[T]):
    a: T
    b: int


OfInt = Of[int]
globals()[OfInt.__name__] = OfInt  # where pickle looks for it


class Outer(BaseModel):
    p: Pair
    q: int


class Slots(BaseModel):
    __slots__ = ("zz",)
    a: int
    b: str


class OwnHash(BaseModel):
    a: int
    b: str

    def __hash__(self) -> int:
        return hash((self.a, self.b))


class Mixin:
    def hello(self) -> str:
        return "hi"


class Mixed(Mixin, Plain):
    pass


class Keywords(BaseModel):
    model_config = ConfigDict(ser_json_timedelta="float", str_strip_whitespace=True)
    class_: int = Field(alias="class")
    from_: str = Field(alias="from")


class Sub(Plain):
    more: int


VALUES = (uuid.UUID(int=7), 1, None, Role.A, {"a": [1]}, dt.datetime(2020, 1, 1, tzinfo=dt.UTC), Decimal("1.20"))
SHAPES: list[tuple[type[BaseModel], tuple[Any, ...]]] = [
    *[
        (model, VALUES)
        for model in (
            Plain,
            Frozen,
            AllowsExtra,
            ForbidsExtra,
            ValidatesAssignment,
            Private,
            PostInit,
            PostInitDict,
            Computed,
            Cached,
            Mixed,
        )
    ],
    (Pair, (1, "b")),
    (OurModel, (1, "b")),
    (Alias, (1, "b", 3)),
    (Defaults, (1, [2], "y")),
    (OfInt, (1, 2)),
    (Outer, (Pair(a=1, b="b"), 2)),
    (Slots, (1, "b")),
    (OwnHash, (1, "b")),
    (Keywords, (1, "f")),
    (Sub, (*VALUES, 9)),
]


def fast(model: type[BaseModel], values: tuple[Any, ...]) -> Any:
    columns = [Column(name, "text") for name in model.model_fields]
    return row_function("q", columns, [None] * len(columns), model)(values)


def validated(model: type[BaseModel], values: tuple[Any, ...]) -> Any:
    names = [field_key(model, name) for name in model.model_fields]
    names = ["x" if model is Alias and name == "b" else name for name in names]
    return model(**dict(zip(names, values, strict=True)))


def outcome(probe: Callable[[], Any]) -> Any:
    try:
        return probe()
    except Exception as error:  # noqa: BLE001  # the error is what is compared
        return type(error).__name__, str(error)


def through_pickle(m: Any, protocol: int) -> Any:
    return pickle.loads(pickle.dumps(m, protocol))


def probes(m: Any) -> dict[str, Callable[[], Any]]:
    kind = type(m)
    first = next(iter(kind.model_fields))
    last = [*kind.model_fields][-1]
    found: dict[str, Callable[[], Any]] = {
        "type": lambda: kind,
        "class": lambda: m.__class__,
        "repr": lambda: repr(m),
        "str": lambda: str(m),
        "dump": m.model_dump,
        "dump json": m.model_dump_json,
        "by alias": lambda: m.model_dump_json(by_alias=True),
        "mode json": lambda: m.model_dump(mode="json"),
        "exclude unset": lambda: m.model_dump(exclude_unset=True),
        "exclude defaults": lambda: m.model_dump(exclude_defaults=True),
        "exclude none": lambda: m.model_dump(exclude_none=True),
        "fields set": lambda: m.model_fields_set,
        "extra": lambda: m.model_extra,
        "private": lambda: m.__pydantic_private__,
        "dict": lambda: list(m.__dict__.items()),
        "iter": lambda: list(m),
        "hash": lambda: hash(m),
        "copy": lambda: copy.copy(m),
        "deepcopy": lambda: copy.deepcopy(m),
        "model_copy": lambda: m.model_copy(update={first: m.__dict__[first]}).model_fields_set,
        "weakref": lambda: weakref.ref(m)() is m,
        "revalidate": lambda: kind.model_validate(m) is m,
        "tracked": lambda: gc.is_tracked(m),
        "missing": lambda: m.nope,
        "reduce": lambda: m.__reduce_ex__(2)[0].__name__,
        "p": lambda: (m._p, m._q),
        "u": lambda: m._u,
        "c": lambda: m._c,
        "cached": lambda: (m.c, m.c, m.model_dump()),
        "zz": lambda: m.zz,
        "zz set": lambda: object.__setattr__(m, "zz", 1),
        "zz again": lambda: m.zz,
        # From here on it is changed.
        "set": lambda: setattr(m, last, getattr(m, last)),
        "set badly": lambda: setattr(m, first, object) if kind is ValidatesAssignment else None,
        "set unknown": lambda: setattr(m, "zzz", 1),
        "fields set after": lambda: set(m.model_fields_set),
        "extra after": lambda: m.model_extra,
        "set private": lambda: setattr(m, "_p", 9),
        "private after": lambda: m.__pydantic_private__,
        "delete": lambda: delattr(m, last),
        "dict after": lambda: list(m.__dict__),
        "repr after": lambda: repr(m),
        "delete unknown": lambda: delattr(m, "nope"),
    }
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        found[f"pickle {protocol}"] = functools.partial(through_pickle, m, protocol)
    return found


@pytest.mark.parametrize(("model", "values"), SHAPES, ids=[model.__name__ for model, _ in SHAPES])
def test_a_fast_instance_cannot_be_told_from_a_validated_one(model: type[BaseModel], values: tuple[Any, ...]) -> None:
    assert fast(model, values) == validated(model, values)
    assert validated(model, values) == fast(model, values)
    theirs = probes(validated(model, values))
    for name, probe in probes(fast(model, values)).items():
        assert outcome(probe) == outcome(theirs[name]), name


def test_instances_share_nothing_that_can_be_changed() -> None:
    one, other = fast(AllowsExtra, VALUES), fast(AllowsExtra, VALUES)
    one.more = 1
    assert other.model_extra == {}
    assert "more" not in other.model_fields_set


def test_a_model_whose_construction_does_more_is_validated() -> None:
    class Validator(BaseModel):
        a: str

        @field_validator("a")
        @classmethod
        def upper(cls, value: str) -> str:
            return value.upper()

    class Init(BaseModel):
        a: str

        def __init__(self, **data: Any) -> None:
            super().__init__(**{key: value * 2 for key, value in data.items()})

    class Constrained(BaseModel):
        a: str = Field(max_length=3)

    class Stripped(BaseModel):
        model_config = ConfigDict(str_strip_whitespace=True)
        a: str

    for model, made in ((Validator, "X"), (Init, "xx"), (Constrained, "x"), (Stripped, "x")):
        assert not can_build(model)
        assert fast(model, ("x",)).a == made
    assert not can_build(RootModel[int])
    assert can_build(Plain)


def test_a_model_without_a_twin_is_still_built() -> None:
    """Where Python refuses to exchange the classes, the slots are set one by one."""

    class Slotted(BaseModel):
        __slots__ = ("one", "two")
        a: int

    assert twin_of(Slotted) is None or fast(Slotted, (1,)) == Slotted(a=1)
    assert fast(Slotted, (1,)) == Slotted(a=1)
