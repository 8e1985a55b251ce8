"""Whether an INSERT can be a COPY: one row of parameters, a column for each, and nothing else.

sqlc has the same rules for its ``:copyfrom``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from codezest_sql.core.identifiers import quoted, split_name, stored_name
from codezest_sql.core.lexer import TokenKind, tokens
from codezest_sql.core.statements import Statement
from codezest_sql.core.token_reader import TokenReader

if TYPE_CHECKING:
    from codezest_sql.core.query import Query


@dataclass(frozen=True, slots=True)
class CopyShape:
    """What rows are copied into: ``table`` and ``columns`` as the server stores the names.

    ``parameters`` has the name of the parameter for each column.
    """

    table: tuple[str, ...]
    columns: tuple[str, ...]
    parameters: tuple[str, ...]

    @property
    def quoted(self) -> tuple[str, tuple[str, ...]]:
        """The table and the columns as SQL writes them, in quotes."""
        return ".".join(quoted(part) for part in self.table), tuple(quoted(column) for column in self.columns)


def copy_shape(query: Query) -> CopyShape:
    """Return the table, columns and parameters of a ``:copyfrom`` query, which was read without a mistake."""
    text = query.text
    reader = TokenReader(text, Statement(0, len(text)))
    reader.take("INSERT", "INTO")
    table = reader.name() or ""
    if reader.take("AS"):
        reader.name()
    columns = _columns(reader)
    numbers = [int(token.text(text)[1:]) for token in tokens(text) if token.kind is TokenKind.PARAMETER]
    return CopyShape(
        table=tuple(stored_name(part) for part in split_name(table)),
        columns=tuple(stored_name(column) for column in columns or ()),
        parameters=tuple(query.full.parameters[number - 1] for number in numbers),
    )


def copy_problem(text: str, statement: Statement) -> str | None:
    """Return why the rows of this statement, before parameters are numbered, cannot be copied; else None."""
    reader = TokenReader(text, statement)
    if not reader.take("INSERT", "INTO") or not reader.name():
        return "it begins with INSERT INTO and a table"
    if reader.take("AS"):
        reader.name()
    columns = _columns(reader)
    if not columns:
        return "its columns are named"
    if not reader.take("VALUES"):
        return "VALUES follows its columns"
    values = _values(reader, text)
    if values is None:
        return "each of its values is a parameter"
    if len(values) != len(columns):
        return f"it has {len(columns)} columns and {len(values)} values"
    if len(set(values)) != len(values):
        return "each of its parameters stands once"
    return None if reader.at_end() or reader.take_symbol(";") else "nothing follows its one row of values"


def _columns(reader: TokenReader) -> list[str]:
    columns: list[str] = []
    if not reader.take_symbol("("):
        return columns
    while name := reader.name():
        columns.append(name)
        if not reader.take_symbol(","):
            break
    return columns if reader.take_symbol(")") else []


def _values(reader: TokenReader, text: str) -> list[str] | None:
    """Return the parameters of ``(:a, @b, sqlc.arg(c), $4)``, each as written; None where something else stands."""
    values: list[str] = []
    if not reader.take_symbol("("):
        return None
    while True:
        first = reader.peek()
        if first is None:
            return None
        if reader.take_symbol(":") or reader.take_symbol("@"):
            named = reader.next()
            if named is None or named.kind is not TokenKind.WORD or named.start != first.end:
                return None
            values.append(named.text(text))
        elif first.kind is TokenKind.PARAMETER:
            reader.next()
            values.append(first.text(text))
        elif reader.take("SQLC") and reader.take_symbol("."):
            reader.next()
            reader.take_symbol("(")
            named = reader.next()
            values.append(named.text(text).strip("'\"") if named else "")
            reader.take_symbol(")")
        else:
            return None
        if reader.take_symbol(")"):
            return values
        if not reader.take_symbol(","):
            return None
