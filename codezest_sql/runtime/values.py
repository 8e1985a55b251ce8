"""The values of generated code: queries, rows, parameters. No I/O; imports no driver.

A ``Statement`` is a query's SQL with the types that were verified for it; the runtime compares those with the
server's at first use. Type names are those of ``format_type`` in a session with an empty ``search_path``.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Final, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict


class Absent(Enum):
    """The type of ``ABSENT``."""

    ABSENT = "ABSENT"

    def __repr__(self) -> str:
        return "ABSENT"

    def __bool__(self) -> Literal[False]:
        return False


ABSENT: Final = Absent.ABSENT
"""An optional argument that is not given, so its part of the query is left out. NULL is something else."""


class JsonNull(Enum):
    """The type of ``JSON_NULL``."""

    JSON_NULL = None

    def __repr__(self) -> str:
        return "JSON_NULL"

    def __bool__(self) -> Literal[False]:
        return False


JSON_NULL: Final = JsonNull.JSON_NULL
"""The value null of JSON, as an argument or an element of an array. None is NULL of SQL there."""


class Model(BaseModel):
    """The base of all generated models: frozen, and with any field name that a column can have.

    It reads its own JSON back: bytes are base64 there, a float that JSON has not is a string, and a field may be
    called by its name where the JSON of a query calls it otherwise.
    """

    model_config = ConfigDict(
        frozen=True,
        allow_inf_nan=True,
        arbitrary_types_allowed=True,
        protected_namespaces=(),
        populate_by_name=True,
        ser_json_bytes="base64",
        val_json_bytes="base64",
        ser_json_inf_nan="strings",
    )


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a statement, in the order of ``$1 … $n``.

    ``python`` is what its values are beyond the default of the PostgreSQL type: a StrEnum, a Model, for JSON whatever
    pydantic validates, for an array that of its elements. ``nullable`` takes None, ``optional`` takes ``ABSENT``.
    ``flag`` marks an ``:if`` that names no parameter, given as a bool. ``when`` names the ``:if`` that must be on
    for the SQL to hold the parameter; it is for readers, since the SQL itself states so.
    """

    name: str
    type: str
    python: Any = None
    nullable: bool = False
    optional: bool = False
    when: tuple[str, ...] = ()
    flag: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a result; a domain's column has its base type, which is what the server sends.

    ``dimensions`` are those that an array can have; any, where none is named.
    """

    name: str
    type: str
    python: Any = None
    nullable: bool = True
    dimensions: tuple[int, ...] = (1,)


@dataclass(frozen=True, slots=True, eq=False)
class Nested:
    """A model with other models in it, made of the rows of a join.

    ``fields`` has for each field of ``model``, in order, the number of a column (from 0) or another ``Nested``.
    ``key`` are the columns that identify it: rows with the same key are one object. ``many`` is a list of it in the
    model around it, without those whose key is NULL; ``optional`` is None where the key is NULL.
    """

    model: type[BaseModel]
    fields: tuple[int | Nested, ...]
    key: tuple[int, ...] = ()
    name: str = ""
    many: bool = False
    optional: bool = False


Row: TypeAlias = type[BaseModel] | Nested


@dataclass(frozen=True, slots=True, eq=False)
class Statement:
    """A query as it was checked: its SQL, and the types that were verified.

    With ``parts`` the text is that of the query file, with named parameters and ``-- :if``; ``orders`` are the names
    of its orders. ``row_types`` are those in its values, by name, with the names and types of their attributes.
    ``copy`` is for ``:copyfrom``: the qualified table and the columns, quoted.
    """

    name: str
    text: str = field(repr=False)
    parameters: tuple[Parameter, ...] = ()
    columns: tuple[Column, ...] = ()
    row: Row | None = None
    row_types: tuple[tuple[str, tuple[tuple[str, str], ...]], ...] = ()
    parts: bool = False
    orders: tuple[str, ...] = ()
    copy: tuple[str, tuple[str, ...]] | None = None
    variants: dict[Any, Any] = field(default_factory=dict[Any, Any], init=False, repr=False)
