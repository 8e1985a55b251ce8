"""Writes the module of a query file: the classes of its rows, a ``Statement`` and a function for each query."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from codezest_sql.core.python_code.header import header
from codezest_sql.core.python_code.layout import Group, Node, call, keyword, render, sequence
from codezest_sql.core.python_code.literals import block, docstring, string
from codezest_sql.core.python_code.namespace import RUNTIME, Namespace
from codezest_sql.core.python_code.rows import RowClass, Rows, RowShape
from codezest_sql.core.query_files.body import query_body
from codezest_sql.core.query_files.query import QueryKind
from codezest_sql.core.query_types.row_types import row_types

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from codezest_sql.core.describe.types import TypeFacts
    from codezest_sql.core.python_code.models import Models
    from codezest_sql.core.python_code.names.class_names import Speller
    from codezest_sql.core.python_types.annotation import PythonType
    from codezest_sql.core.query_types.typed_query import TypedColumn, TypedParameter, TypedQuery
    from codezest_sql.errors import RowNameError

_KINDS = {
    QueryKind.ONE: "One",
    QueryKind.OPT: "Opt",
    QueryKind.MANY: "Many",
    QueryKind.EXEC: "Exec",
    QueryKind.EXECROWS: "ExecRows",
    QueryKind.COPYFROM: "CopyFrom",
}
_RUNTIME = ("ABSENT", "Absent", "Column", "First", "Model", "Nested", "Parameter", "Statement", *_KINDS.values())
_TYPING = ("Final", "Literal", "NamedTuple")
_FIELD = ("pydantic", "Field")
_ITERABLES = ("AsyncIterable", "Iterable")
_INDENT = 4


@dataclass(frozen=True, slots=True)
class QueryFile:
    """The queries of a file: ``path`` as people know it, ``module`` the dotted name below the package ``queries``."""

    path: str
    module: str
    queries: tuple[TypedQuery, ...]


@dataclass(frozen=True, slots=True)
class _Written:
    """A query with what its rows became."""

    query: TypedQuery
    row: RowShape | None
    copied: PythonType | None

    @property
    def has_parts(self) -> bool:
        return bool(self.query.query.ifs or self.query.query.orders)

    @property
    def constant(self) -> str:
        return f"_{self.query.name.upper()}"


def query_module(
    file: QueryFile,
    models: Models,
    package: str,
    *,
    speller: Speller,
    singular: Callable[[str], str],
    errors: list[RowNameError],
) -> str:
    """Return the text of the module of a query file; what is wrong with names of rows is appended to ``errors``."""
    rows = Rows(models, speller, singular, errors)
    written = [
        _Written(
            query,
            rows.of_result(query),
            rows.of_copy(query) if query.query.kind is QueryKind.COPYFROM else None,
        )
        for query in map(rows.shaped, file.queries)
    ]
    names = Namespace(package, defined=_defined(file, rows), wanted=_wanted(written, rows))
    types = models.facts.types
    functions = [f"{_statement(one, file, names, types)}\n\n\n{_function(one, names)}" for one in written]
    classes = [_row_class(one, names) for one in rows.classes.values()]
    return "\n".join(
        [
            header(f"The queries of {file.path}.", source="the SQL"),
            "from __future__ import annotations\n",
            f"{names.imports()}\n" + ("\n" if classes else ""),
            "\n\n".join([*classes, *functions]),
        ]
    )


def _defined(file: QueryFile, rows: Rows) -> set[str]:
    fields = {name for one in rows.classes.values() for name, _ in one.fields}
    return {*rows.classes, *fields, *(query.name for query in file.queries)}


def _wanted(written: list[_Written], rows: Rows) -> set[tuple[str, str]]:
    found = {(RUNTIME, name) for name in _RUNTIME} | {("typing", name) for name in _TYPING}
    found |= {("collections.abc", name) for name in _ITERABLES} | {_FIELD}
    for row in rows.classes.values():
        for _, python in row.fields:
            found |= python.imports
    for one in written:
        for parameter in one.query.parameters:
            found |= parameter.python.imports
        for column in one.query.columns:
            found |= column.python.imports
        if one.row:
            found.update(one.row.imports())
    return found


def _row_class(row: RowClass, names: Namespace) -> str:
    base = names.name("typing", "NamedTuple") if row.base == "NamedTuple" else names.runtime(row.base)
    lines = [f"class {row.name}({base}):", f"    {docstring(row.docstring, indent=_INDENT)}"]
    if row.fields:
        lines.append("")
    keys = row.keys or tuple(name for name, _ in row.fields)
    for key, (name, python) in zip(keys, row.fields, strict=True):
        alias = f" = {names.name(*_FIELD)}(alias={string(key)})" if key != name else ""
        lines.append(f"    {name}: {names.text(python)}{alias}")
    return "\n".join(lines) + "\n"


def _statement(one: _Written, file: QueryFile, names: Namespace, types: Mapping[int, TypeFacts]) -> str:
    query = one.query
    text = query_body(query.query) if one.has_parts else query.query.text
    items: list[Node] = [
        keyword("name", string(f"{file.module}.{query.name}")),
        keyword("text", block(f"{text}\n")),
    ]
    if query.parameters:
        items.append(keyword("parameters", sequence(tuple(_parameter(each, names) for each in query.parameters))))
    if query.columns:
        items.append(keyword("columns", sequence(tuple(_column(each, names) for each in query.columns))))
    if one.row:
        items.append(keyword("row", one.row.expression(names)))
    used = [*(each.type_name for each in query.parameters), *(each.type_name for each in query.columns)]
    if found := row_types(used, types):
        items.append(keyword("row_types", sequence(tuple(_row_type(*each) for each in found))))
    if one.has_parts:
        items.append("parts=True")
    if query.query.orders:
        items.append(keyword("orders", sequence(tuple(string(each) for each in query.query.orders))))
    if query.copy:
        table, columns = query.copy.quoted
        items.append(keyword("copy", sequence((string(table), sequence(tuple(string(one) for one in columns))))))
    statement = call(names.runtime("Statement"), *items, broken=True)
    return render(statement, before=f"{one.constant}: {names.name('typing', 'Final')} = ")


def _row_type(name: str, attributes: tuple[tuple[str, str], ...]) -> Node:
    pairs = tuple(sequence((string(attribute), string(kind))) for attribute, kind in attributes)
    return sequence((string(name), sequence(pairs)))


def _parameter(found: TypedParameter, names: Namespace) -> Node:
    items: list[Node] = [string(found.name), string("" if found.flag else found.type_name)]
    if not found.flag and (python := names.class_name(found.python)):
        items.append(python)
    items += [f"{word}=True" for word, on in (("nullable", found.nullable), ("optional", found.optional)) if on]
    # Where it is nested, if a short phrase can name that; the SQL shows it anyway.
    if len(found.needs) == 1 and (needs := sorted(found.needs[0] - {found.name})):
        items.append(keyword("when", sequence(tuple(string(name) for name in needs))))
    if found.flag:
        items.append("flag=True")
    return call(names.runtime("Parameter"), *items)


def _column(found: TypedColumn, names: Namespace) -> Node:
    items: list[Node] = [string(found.name), string(found.type_name)]
    if python := names.class_name(found.python):
        items.append(python)
    if not found.may_be_null:
        items.append("nullable=False")
    if found.dimensions != frozenset({1}):
        items.append(keyword("dimensions", sequence(tuple(str(each) for each in sorted(found.dimensions)))))
    return call(names.runtime("Column"), *items)


def _function(one: _Written, names: Namespace) -> str:
    query = one.query
    kind = "First" if query.query.first_row and query.query.kind is QueryKind.ONE else _KINDS[query.query.kind]
    gives = names.runtime(kind)
    returned = f"{gives}[{names.text(one.row.type)}]" if one.row else gives
    items: list[Node]
    if one.copied:
        row = names.text(one.copied)
        kinds = (names.name("collections.abc", each) for each in ("Iterable", "AsyncIterable"))
        items = [f"rows: {' | '.join(f'{each}[{row}]' for each in kinds)}"]
        given: list[Node] = [one.constant, "rows"]
    else:
        items = [_argument(each, names) for each in query.parameters]
        given = [one.constant]
        if query.parameters:
            given.append(sequence(tuple(each.name for each in query.parameters)))
        if query.query.orders:
            orders = [string(each) for each in query.query.orders]
            items.append(f"order: {names.name('typing', 'Literal')}[{', '.join(orders)}] = {orders[0]}")
            given.append("order=order")
        items = ["*", *items] if items else []
    text = query.query.docstring.strip() or f"Run the query ``{query.name}``."
    return "\n".join(
        [
            render(Group(f"def {query.name}(", tuple(items)), after=f" -> {returned}:"),
            f"    {docstring(text, indent=_INDENT)}",
            f"    {render(call(gives, *given), indent=_INDENT, before='return ')}\n",
        ]
    )


def _argument(found: TypedParameter, names: Namespace) -> str:
    if found.flag:
        return f"{found.name}: bool = False"
    text = names.text(found.python.or_none() if found.nullable else found.python)
    if not found.optional and not found.needs:
        return f"{found.name}: {text}"
    # None comes last in a union, as linters want it.
    type_ = text.removesuffix(" | None")
    rest = " | None" if type_ != text else ""
    return f"{found.name}: {type_} | {names.runtime('Absent')}{rest} = {names.runtime('ABSENT')}"
