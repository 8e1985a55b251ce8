"""Compares the server's description of a statement with the generated types, and prepares decoding and encoding.

The proof is made at the first use of a plan in a database. Later results must have the very same type numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from psycopg.pq import Format

from codezest_sql.errors import ArgumentError, SchemaMismatchError
from codezest_sql.runtime.decoding import conversion
from codezest_sql.runtime.description import Described
from codezest_sql.runtime.encoding import encoder, expected
from codezest_sql.runtime.failures import MISMATCH_HINT
from codezest_sql.runtime.pg_types import parts_of
from codezest_sql.runtime.rows import row_function
from codezest_sql.runtime.settings import Needs, needs_of
from codezest_sql.runtime.values import Column, Nested, Parameter

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from codezest_sql.runtime.encoding import Encoder
    from codezest_sql.runtime.nesting import Grouper
    from codezest_sql.runtime.pg_types import Catalog, Type
    from codezest_sql.runtime.variant import Plan

# Where psycopg's binary loaders are faster than its text loaders. With any other type the whole row is text.
_BINARY = frozenset(
    {
        "smallint", "integer", "bigint", "oid", "real", "double precision", "boolean", "text", "character varying",
        "character", "name", "uuid", "bytea",
    }
)  # fmt: skip


@dataclass(slots=True, eq=False)
class Proven:
    """A plan in one database: how its arguments are encoded and its rows are read."""

    plan: Plan
    described: Described
    encoders: tuple[Encoder | None, ...]
    types: tuple[Type, ...]
    formats: tuple[Format, ...]
    result_format: Format
    column_types: tuple[Type, ...]
    make_row: Callable[[Sequence[Any]], Any]
    grouper: Grouper | None
    needs: Needs
    row_types: frozenset[int]
    attributes: list[tuple[str | None, ...]]  # of those, as ``ATTRIBUTES`` gives them
    sets: bool  # it may change a setting of the session

    def encode(self, arguments: tuple[Any, ...]) -> list[bytes | None]:
        """Return the arguments as the server reads them. Raises ``ArgumentError``."""
        try:
            return (
                [
                    (None if value is None else encode(value))  # type: ignore[misc]  # None is never called
                    for encode, value in zip(self.encoders, arguments, strict=True)
                ]
                if None not in arguments
                else self._with_nulls(arguments)
            )
        except (TypeError, ValueError, ArithmeticError, AttributeError, RecursionError):
            raise self._refused(arguments) from None

    def _with_nulls(self, arguments: tuple[Any, ...]) -> list[bytes | None]:
        for parameter, value in zip(self.plan.parameters, arguments, strict=True):
            if value is None and not parameter.nullable:
                raise TypeError("None")
        return [
            None if value is None else encode(value)  # type: ignore[misc]
            for encode, value in zip(self.encoders, arguments, strict=True)
        ]

    def _refused(self, arguments: tuple[Any, ...]) -> ArgumentError:
        """Find the argument at fault."""
        name = self.plan.name
        for parameter, kind, encode, value in zip(
            self.plan.parameters, self.types, self.encoders, arguments, strict=True
        ):
            takes = expected(kind, parameter.python)
            if value is None and parameter.nullable:
                continue
            try:
                if value is None:
                    raise TypeError("None")  # noqa: TRY301
                if encode:
                    encode(value)
            except TypeError as error:
                given = str(error) if str(error).isidentifier() else type(value).__name__
            except (ValueError, ArithmeticError, AttributeError, RecursionError) as error:
                given = str(error) if type(error) is ValueError else type(value).__name__
            else:
                continue
            more = " or None" if parameter.nullable else ""
            return ArgumentError(
                f"{name}: {parameter.name} is {kind.name} and takes {takes}{more}, not {given}", query=name
            )
        return ArgumentError(f"{name}: an argument cannot be sent", query=name)


def is_known(described: Described, plan: Plan, catalog: Catalog) -> bool:
    """Whether all types are known and as verified; else the catalog is read (again) before an error is raised."""
    known = catalog.by_oid
    if any(oid not in known for oid in (*described.parameters, *described.columns)):
        return False
    return mismatch(described, plan, catalog) is None


def mismatch(described: Described, plan: Plan, catalog: Catalog) -> SchemaMismatchError | None:
    """Return how a statement differs from its generated types."""
    statement = plan.statement
    if len(described.parameters) != len(plan.parameters):
        return _differs(plan, "", f"{len(plan.parameters)} parameters", f"{len(described.parameters)}")
    for parameter, oid in zip(plan.parameters, described.parameters, strict=True):
        # A COPY is checked by a SELECT of its columns, for which the server reports the types below their domains.
        if parameter.type and not _same(parameter.type, oid, catalog, bare=statement.copy is not None):
            return _differs(plan, f"the parameter {parameter.name}", parameter.type, catalog.name(oid))
    for name, attributes in statement.row_types:
        known = catalog.by_name.get(name)
        found = tuple([(attribute, kind.name) for attribute, kind in known.attributes]) if known else ()
        if found != attributes:
            return _differs(plan, f"the row type {name}", _attributes(attributes), _attributes(found))
    if statement.row is None and not statement.columns:
        return None
    if len(described.columns) != len(statement.columns):
        return _differs(plan, "", f"{len(statement.columns)} columns", f"{len(described.columns)}")
    for column, oid in zip(statement.columns, described.columns, strict=True):
        if column.type and not _same(column.type, oid, catalog):
            return _differs(plan, f"the column {column.name}", column.type, catalog.name(oid))
    return None


def _attributes(attributes: Sequence[tuple[str, str]]) -> str:
    return f"({', '.join(f'{name} {kind}' for name, kind in attributes)})"


def _same(name: str, oid: int, catalog: Catalog, *, bare: bool = False) -> bool:
    known = catalog.by_name.get(name)
    return known is not None and (known.bare if bare else known).oid == oid


def _differs(plan: Plan, what: str, generated: str, found: str) -> SchemaMismatchError:
    subject = f"{what} was generated as" if what else "was generated with"
    return SchemaMismatchError(
        f"{plan.name}: {subject} {generated}, and the server reports {found}", query=plan.name, hint=MISMATCH_HINT
    )


def prove(described: Described, plan: Plan, catalog: Catalog, *, validate: bool) -> Proven:
    """Return the plan with what follows from its types. Raises ``SchemaMismatchError``."""
    problem = mismatch(described, plan, catalog)
    if problem:
        raise problem
    statement = plan.statement
    columns = statement.columns
    row = statement.row
    if row is None and described.columns and not columns and statement.copy is None:
        from codezest_sql.runtime.loading import learnt_row  # noqa: PLC0415  # only without generated code

        columns, row = learnt_row(statement, described, catalog)
    types = tuple([_type(catalog, oid) for oid in described.parameters])
    column_types = tuple([_type(catalog, oid) for oid in described.columns])
    conversions = [
        conversion(kind, column.python, column.dimensions)
        for kind, column in zip(column_types, columns, strict=False)
    ]
    binary = all(kind.name in _BINARY or kind.kind == "e" for kind in column_types)
    row_types = {one.oid for kind in (*types, *column_types) for one in parts_of(kind) if one.kind == "c"}
    return Proven(
        plan,
        described,
        tuple([encoder(kind, one.python) for kind, one in zip(types, plan.parameters, strict=True)]),
        types,
        tuple([Format.BINARY if kind.bare.name == "bytea" else Format.TEXT for kind in types]),
        Format.BINARY if binary else Format.TEXT,
        column_types,
        row_function(plan.name, columns, conversions, None if isinstance(row, Nested) else row, validate=validate),
        _grouper(row, plan.name, validate=validate) if isinstance(row, Nested) else None,
        needs_of(types, column_types, binary=binary),
        frozenset(row_types),
        catalog.attributes(row_types),
        b"set_config" in plan.text.lower(),
    )


def _grouper(row: Nested, query: str, *, validate: bool) -> Grouper:
    from codezest_sql.runtime.nesting import Grouper  # noqa: PLC0415  # for nested results only

    return Grouper(row, validate=validate, query=query)


def _type(catalog: Catalog, oid: int) -> Type:
    return catalog.by_oid[oid]


def unproven(plan: Plan, catalog: Catalog) -> Described:
    """Return the generated types as OIDs, for connections on which the server cannot be asked."""
    columns: list[Column] = list(plan.statement.columns)
    wanted: list[Parameter | Column] = [*plan.parameters, *columns]
    for one in wanted:
        if one.type not in catalog.by_name:
            raise _differs(plan, one.name, one.type or "a type", "that there is no such type")
    oids = [catalog.by_name[one.type].oid for one in wanted]
    count = len(plan.parameters)
    return Described(tuple(oids[:count]), tuple(column.name for column in columns), tuple(oids[count:]))
