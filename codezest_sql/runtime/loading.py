"""Queries from ``.sql`` files at run time, without generated code: types are learnt from the server at first use."""

from __future__ import annotations

import keyword
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import create_model

from codezest_sql.core.nested_shape import Leaf, nested_shape
from codezest_sql.core.query import QueryKind
from codezest_sql.core.query_dialect import Dialect
from codezest_sql.errors import ArgumentError, CodezestError, FileUnreadableError, ProjectErrors, QueryError
from codezest_sql.runtime.kinds import CopyFrom, Exec, ExecRows, First, Many, One, Opt, Query
from codezest_sql.runtime.snapshot_names import read_named_queries
from codezest_sql.runtime.values import ABSENT, Column, Model, Parameter, Statement

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from codezest_sql.core.query import Query as FileQuery
    from codezest_sql.runtime.catalogue import Catalogue
    from codezest_sql.runtime.proof import Described

_KINDS: dict[QueryKind, Callable[..., Query[Any]]] = {
    QueryKind.ONE: One,
    QueryKind.OPT: Opt,
    QueryKind.MANY: Many,
    QueryKind.EXEC: Exec,
    QueryKind.EXECROWS: ExecRows,
}


class LoadedQuery:
    """A query of a file: call it with its parameters by name to get a ``Query``."""

    def __init__(self, found: FileQuery, name: str) -> None:
        self.__name__ = found.name
        self.__doc__ = found.docstring
        self._found = found
        self._kind: Callable[..., Query[Any]] = First if found.first_row else _KINDS[found.kind]
        self._parameters = (
            *[
                Parameter(one.name, "", nullable=True, optional=one.optional and bool(found.ifs))
                for one in found.parameters
            ],
            *[Parameter(name, "", flag=True) for name in found.flags],
        )
        parts = bool(found.ifs or found.orders)
        text = found.text
        self._statement = Statement(name, text, self._parameters, parts=parts, orders=found.orders)
        if parts:
            self._statement.variants["file"] = found

    def __repr__(self) -> str:
        names = ", ".join(parameter.name for parameter in self._parameters)
        return f"<query {self._statement.name}({names})>"

    def __call__(self, *, order: str | None = None, **arguments: Any) -> Query[Any]:
        """Return the query with these arguments. Raises ``ArgumentError`` for one too many, or one too few."""
        name = self._statement.name
        values: list[Any] = []
        conditional = {one.name for one in self._found.parameters if not one.is_in(_nothing(self._found))}
        for parameter in self._parameters:
            default = False if parameter.flag else ABSENT if parameter.name in conditional else None
            if parameter.name not in arguments and default is None:
                raise ArgumentError(f"{name}: the argument {parameter.name} is missing", query=name)
            values.append(arguments.pop(parameter.name, default))
        if arguments:
            known = ", ".join(parameter.name for parameter in self._parameters) or "none"
            raise ArgumentError(
                f"{name}: there is no parameter {min(arguments)}", query=name, hint=f"it takes {known}"
            )
        return self._kind(self._statement, tuple(values), order=order)


def _nothing(found: FileQuery) -> Any:
    from codezest_sql.core.query import Choice  # noqa: PLC0415

    return Choice(frozenset(), found.orders[0] if found.orders else None)


class Queries:
    """The queries of a file, or of a folder, as attributes; a folder's are ``service.topic.query``."""

    def __init__(self, members: dict[str, LoadedQuery | Queries]) -> None:
        self._members = members

    def __getattr__(self, name: str) -> Any:
        try:
            return self._members[name]
        except KeyError:
            known = ", ".join(sorted(self._members)) or "none"
            raise AttributeError(f"there is no query {name!r} here; there are: {known}") from None

    def __dir__(self) -> list[str]:
        return sorted(self._members)

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self._members))


def load_queries(path: str | Path, *, dialect: str = "native") -> Queries:
    """Return the queries of a ``.sql`` file, or of all files below a folder.

    ``dialect`` is ``native`` or ``sqlc``. Raises ``ProjectErrors`` with every mistake of every file.
    """
    root = Path(path)
    errors: list[CodezestError] = []
    made = _load(root, root.stem, Dialect(dialect), errors)
    if errors:
        raise ProjectErrors(errors)
    return made


def _load(path: Path, prefix: str, dialect: Dialect, errors: list[CodezestError]) -> Queries:
    members: dict[str, LoadedQuery | Queries] = {}
    if path.is_dir():
        for child in sorted(path.iterdir()):
            if child.is_dir() or child.suffix == ".sql":
                members[child.stem] = _load(
                    child, child.stem if prefix == "" else f"{prefix}.{child.stem}", dialect, errors
                )
        return Queries(members)
    try:
        data = path.read_bytes()
    except OSError as error:
        errors.append(FileUnreadableError(f"{path} cannot be read: {error.strerror}"))
        return Queries(members)
    read = read_named_queries(data, path, dialect)
    errors.extend(read.errors)
    for found in read.queries:
        if found.kind is not QueryKind.COPYFROM:
            members[found.name] = LoadedQuery(found, f"{prefix}.{found.name}")
    return Queries(members)


def learnt_row(
    statement: Statement, described: Described, catalogue: Catalogue
) -> tuple[tuple[Column, ...], type[Model]]:
    """Return the columns that the server says a statement has, and a model made for them on the spot."""
    shape = nested_shape(described.names, rename_duplicates=True)
    if isinstance(shape, tuple):
        mistake = shape[0]
        raise QueryError(f"{statement.name}: {mistake.message}", query=statement.name, hint=mistake.hint)
    if not shape.is_flat:
        raise QueryError(
            f"{statement.name}: nested results need generated code",
            query=statement.name,
            hint="run codezest-sql generate, or use aliases without dots",
        )
    columns = tuple(
        [Column(name, catalogue.name(oid)) for name, oid in zip(described.names, described.columns, strict=True)]
    )
    fields: dict[str, Any] = {}
    for leaf in shape.fields:
        if isinstance(leaf, Leaf):
            name = (
                leaf.name
                if leaf.name.isidentifier() and not keyword.iskeyword(leaf.name)
                else f"column_{leaf.column + 1}"
            )
            fields[name.lstrip("_") or f"column_{leaf.column + 1}"] = (Any, ...)
    title = "".join(word.capitalize() for word in statement.name.rsplit(".", 1)[-1].split("_")) + "Row"
    made: type[Model] = create_model(title, __base__=Model, **fields)
    return columns, made


__all__ = ["CopyFrom", "LoadedQuery", "Queries", "learnt_row", "load_queries"]
