"""Queries from ``.sql`` files at run time, without generated code: types are learnt from the server at first use."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import create_model

from codezest_sql.core.python_code.names.class_names import Speller
from codezest_sql.core.python_code.names.field_names import field_names
from codezest_sql.core.python_code.names.module_names import modules
from codezest_sql.core.query_files.copy_shape import copy_shape
from codezest_sql.core.query_files.dialect import Dialect
from codezest_sql.core.query_files.query import Choice, QueryKind
from codezest_sql.core.query_types.nested_shape import nested_shape
from codezest_sql.errors import ArgumentError, CodezestError, FileUnreadableError, ProjectErrors, QueryError
from codezest_sql.runtime.query_kinds import CopyFrom, Exec, ExecRows, First, Many, One, Opt, Query
from codezest_sql.runtime.snapshot_names import read_named_queries
from codezest_sql.runtime.values import ABSENT, Column, Model, Parameter, Statement

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from codezest_sql.core.query_files.query import Query as FileQuery
    from codezest_sql.runtime.description import Described
    from codezest_sql.runtime.pg_types import Catalog

_KINDS: dict[QueryKind, Callable[..., Query[Any]]] = {
    QueryKind.ONE: One,
    QueryKind.OPT: Opt,
    QueryKind.MANY: Many,
    QueryKind.EXEC: Exec,
    QueryKind.EXECROWS: ExecRows,
}

_FIRST: Callable[..., Query[Any]] = First


class LoadedQuery:
    """A query of a file: call it with its parameters by name to get a ``Query``; a ``:copyfrom`` takes its rows."""

    def __init__(self, found: FileQuery, name: str) -> None:
        self.__name__ = found.name
        self.__doc__ = found.docstring
        self._found = found
        self._parameters = (
            *[
                Parameter(one.name, "", nullable=True, optional=one.optional and bool(found.ifs))
                for one in found.parameters
            ],
            *[Parameter(name, "", flag=True) for name in found.flags],
        )
        parts = bool(found.ifs or found.orders)
        self._statement = Statement(
            name, found.text, self._parameters, parts=parts, orders=found.orders, copy=_copy_target(found)
        )
        if parts:
            self._statement.variants["file"] = found
        self._statement.variants["loaded"] = found

    def __repr__(self) -> str:
        names = ", ".join(parameter.name for parameter in self._parameters)
        return f"<query {self._statement.name}({names})>"

    # Only what Python itself passes is positional: a parameter may be called self, or rows.
    def __call__(self, /, *rows: Any, **arguments: Any) -> Query[Any]:
        """Return the query with these arguments. Raises ``ArgumentError`` for one too many, or one too few."""
        name = self._statement.name
        if self._found.kind is QueryKind.COPYFROM:
            return CopyFrom(self._statement, self._rows(rows, arguments))
        if rows:
            raise ArgumentError(f"{name} takes its arguments by name", query=name, hint=self._takes())
        order = arguments.pop("order", None) if self._found.orders else None
        values: list[Any] = []
        conditional = {one.name for one in self._found.parameters if not one.is_in(_nothing(self._found))}
        for parameter in self._parameters:
            default = False if parameter.flag else ABSENT if parameter.name in conditional else None
            if parameter.name not in arguments and default is None:
                raise ArgumentError(f"{name}: the argument {parameter.name} is missing", query=name)
            values.append(arguments.pop(parameter.name, default))
        if arguments:
            raise ArgumentError(f"{name}: there is no parameter {min(arguments)}", query=name, hint=self._takes())
        kind = _FIRST if self._found.first_row else _KINDS[self._found.kind]
        return kind(self._statement, tuple(values), order=order)

    def _rows(self, rows: tuple[Any, ...], arguments: dict[str, Any]) -> Any:
        name = self._statement.name
        given = (*rows, *arguments.values())
        if len(given) != 1 or not arguments.keys() <= {"rows"}:
            raise ArgumentError(f"{name} takes one argument, rows", query=name, hint=self._takes())
        return given[0]

    def _takes(self) -> str:
        known = ", ".join(parameter.name for parameter in self._parameters) or "none"
        copied = self._found.kind is QueryKind.COPYFROM
        return f"rows are an iterable of tuples ({known})" if copied else f"it takes {known}"


def _copy_target(found: FileQuery) -> tuple[str, tuple[str, ...]] | None:
    """Return the table and the columns of a ``:copyfrom``, quoted."""
    return copy_shape(found).quoted if found.kind is QueryKind.COPYFROM else None


def _nothing(found: FileQuery) -> Choice:
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


@dataclass(frozen=True, slots=True)
class _File:
    path: str
    parts: tuple[str, ...]


def load_queries(path: str | Path, *, dialect: str = "native") -> Queries:
    """Return the queries of a ``.sql`` file, or of all files below a folder, named as generated code names them.

    ``dialect`` is ``native`` or ``sqlc``. Raises ``ProjectErrors`` with all errors of all files.
    """
    root = Path(path)
    errors: list[CodezestError] = []
    paths = sorted(_sql_files(root)) if root.is_dir() else [root]
    folder = root if root.is_dir() else root.parent
    found = modules([_File(str(each), each.relative_to(folder).parts) for each in paths], errors)
    members: dict[str, Any] = {}
    for parts, file in found:
        package = members
        for part in parts[:-1]:
            package = package.setdefault(part, {})
        package[parts[-1]] = _load(Path(file.path), ".".join(parts), Dialect(dialect), errors)
    if errors:
        raise ProjectErrors(errors)
    made = _nested(members)
    if root.is_dir():
        return made
    only: Queries = getattr(made, found[0][0][-1])
    return only


def _sql_files(folder: Path) -> Iterator[Path]:
    """Yield the query files below a folder, those that ``generate`` reads: hidden ones are left out."""
    for path in folder.rglob("*.sql"):
        if path.is_file() and not any(part.startswith(".") for part in path.relative_to(folder).parts):
            yield path


def _nested(members: dict[str, Any]) -> Queries:
    return Queries({name: one if isinstance(one, Queries) else _nested(one) for name, one in members.items()})


def _load(path: Path, prefix: str, dialect: Dialect, errors: list[CodezestError]) -> Queries:
    try:
        data = path.read_bytes()
    except OSError as error:
        errors.append(FileUnreadableError(f"{path} cannot be read: {error.strerror}"))
        return Queries({})
    read = read_named_queries(data, path, dialect)
    errors.extend(read.errors)
    return Queries({found.name: LoadedQuery(found, f"{prefix}.{found.name}") for found in read.queries})


def learnt_row(
    statement: Statement, described: Described, catalog: Catalog
) -> tuple[tuple[Column, ...], type[Model] | None]:
    """Return the columns of a statement as the server describes them, and a model created for them.

    There is no model for a query whose kind gives no rows. Else its name and its fields are those of generated code,
    but for a column that has the name of the class of its own type, which is not known here.
    """
    loaded: FileQuery | None = statement.variants.get("loaded")
    if loaded is not None and not loaded.kind.gives_rows:
        return _columns(described.names, described, catalog), None
    native = loaded is not None and loaded.dialect is Dialect.NATIVE
    shape = nested_shape(described.names, rename_duplicates=not native)
    if isinstance(shape, tuple):
        mistake = shape[0]
        raise QueryError(f"{statement.name}: {mistake.message}", query=statement.name, hint=mistake.hint)
    if not shape.is_flat or (loaded is not None and loaded.embeds):
        raise QueryError(
            f"{statement.name}: nested results need generated code",
            query=statement.name,
            hint="run codezest-sql generate, or use aliases without dots",
        )
    aliases = [leaf.name for leaf in shape.leaves]
    title = Speller().row_name(statement.name.rpartition(".")[2], loaded.row if loaded else None)
    fields: dict[str, Any] = dict.fromkeys(field_names(aliases, avoid={title}), (Any, ...))
    made: type[Model] = create_model(title, __base__=Model, **fields)
    return _columns(aliases, described, catalog), made


def _columns(names: Iterable[str], described: Described, catalog: Catalog) -> tuple[Column, ...]:
    return tuple(
        [Column(name, catalog.name(oid), dimensions=()) for name, oid in zip(names, described.columns, strict=True)]
    )


__all__ = ["CopyFrom", "LoadedQuery", "Queries", "learnt_row", "load_queries"]
