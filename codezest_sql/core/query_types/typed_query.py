"""A query with the server's types: the last stage before it becomes JSON or Python."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codezest_sql.core.describe.types import Origin
    from codezest_sql.core.python_types.annotation import PythonType
    from codezest_sql.core.python_types.built_json import JsonType
    from codezest_sql.core.query_files.copy_shape import CopyShape
    from codezest_sql.core.query_files.query import Query


@dataclass(frozen=True, slots=True)
class TypedParameter:
    """A parameter. ``type_name`` is what the server takes (below domains), ``python`` without its ``| None``.

    ``optional`` is one that an ``:if`` names: it may be absent, which is not NULL. ``needs`` are the parts that it
    is in, where it is in no other place: it is given exactly when one of these sets of ``:if`` is on.
    ``flag`` is an ``:if`` that is no parameter of the SQL, a plain ``bool``.
    """

    name: str
    type_name: str
    python: PythonType
    nullable: bool = False
    optional: bool = False
    needs: tuple[frozenset[str], ...] = ()
    flag: bool = False


@dataclass(frozen=True, slots=True)
class TypedColumn:
    """A column of the result. ``name`` has no mark of ours; ``python`` comes without its ``| None``.

    ``nullable`` is for the field of its model, where that is there; ``may_be_null`` for the result, in which a model
    may be missing. ``origin`` is the table column that it is, unchanged; ``type_name`` what the server sends (below
    domains). ``json`` is what is known of JSON that the statement builds; an array can have any of ``dimensions``.
    """

    name: str
    type_name: str
    python: PythonType
    nullable: bool
    origin: Origin | None = None
    may_be_null: bool = False
    json: JsonType | None = None
    dimensions: frozenset[int] = frozenset({1})


@dataclass(frozen=True, slots=True)
class ResultModel:
    """A model of the result: its fields, in order, are columns (numbers from 0) and models within it.

    The outermost has no ``name``. ``key`` are the columns that identify one, empty where nothing is
    nested. ``many`` is a list of it; ``optional`` one that may be missing.
    """

    name: str
    fields: tuple[int | ResultModel, ...]
    key: tuple[int, ...] = ()
    many: bool = False
    optional: bool = False

    @property
    def models(self) -> tuple[ResultModel, ...]:
        """The models within it."""
        return tuple(each for each in self.fields if isinstance(each, ResultModel))


@dataclass(frozen=True, slots=True)
class TypedQuery:
    """A query, its parameters (flags last), its columns, and the models that they make; None for no rows."""

    query: Query
    parameters: tuple[TypedParameter, ...]
    columns: tuple[TypedColumn, ...] = ()
    result: ResultModel | None = None
    at_most_one_row: bool = False
    copy: CopyShape | None = None
    # Relations that the query reads or writes, schema.table, for the policies and for documentation.
    relations: frozenset[str] = field(default_factory=frozenset[str])
    # The columns that the rows of every variant are sorted by before all else, from 0: a stream of parents needs it.
    sorted_by: tuple[int, ...] = ()

    @property
    def name(self) -> str:
        """The name of the query."""
        return self.query.name
