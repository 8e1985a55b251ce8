"""Whether an INSERT can be a COPY: one row of parameters, a column for each, and nothing else.

COPY has no casts: what is sent is of the column's type. So a parameter may have one cast, to a type that leaves every
value as it is; ``keeps_values`` compares the types that the server names.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from codezest_sql.core.sql.identifiers import quoted, split_name, stored_name
from codezest_sql.core.sql.lexer import TokenKind, tokens
from codezest_sql.core.sql.statements import Statement
from codezest_sql.core.sql.token_reader import TokenReader

if TYPE_CHECKING:
    from codezest_sql.core.query_files.query import Query

# Words of a type after its first: double precision, character varying, timestamp with time zone.
_MORE_WORDS = frozenset({"PRECISION", "VARYING", "WITH", "WITHOUT", "TIME", "ZONE"})
_ONE_LONG = frozenset({"CHAR", "CHARACTER", "NCHAR", "NATIONAL", "BIT"})  # without a length they are one long
_STRINGS, _INTEGERS = (25, 1043), (21, 23, 20)  # OIDs of pg_type.dat
# Of the first type every value is one of the second.
_SAME_VALUE = frozenset(
    {
        *((one, other) for one in _STRINGS for other in _STRINGS),
        *((_INTEGERS[one], _INTEGERS[other]) for other in range(3) for one in range(other)),
    }
)


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
        return "each of its values is a parameter, with one cast at most, and the cast without a length"
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


def keeps_values(given: int, column: int) -> bool:
    """Return whether every value of one type is the same in a column of another; both by OID, below domains."""
    return given == column or (given, column) in _SAME_VALUE


def _values(reader: TokenReader, text: str) -> list[str] | None:
    """Return the parameters of ``(:a, @b::text, CAST($4 AS int))``, each as written; None for something else."""
    values: list[str] = []
    if not reader.take_symbol("("):
        return None
    while True:
        in_call = reader.take("CAST")
        if in_call and not reader.take_symbol("("):
            return None
        value = _parameter(reader, text)
        if value is None or ((reader.take("AS") if in_call else reader.take_symbol("::")) and not _type(reader)):
            return None
        if in_call and not reader.take_symbol(")"):
            return None
        values.append(value)
        if reader.take_symbol(")"):
            return values
        if not reader.take_symbol(","):
            return None


def _parameter(reader: TokenReader, text: str) -> str | None:
    first = reader.peek()
    if first is None:
        return None
    if reader.take_symbol(":") or reader.take_symbol("@"):
        named = reader.next()
        if named is None or named.kind is not TokenKind.WORD or named.start != first.end:
            return None
        return named.text(text)
    if first.kind is TokenKind.PARAMETER:
        reader.next()
        return first.text(text)
    if reader.take("SQLC") and reader.take_symbol("."):
        reader.next()
        reader.take_symbol("(")
        named = reader.next()
        reader.take_symbol(")")
        return named.text(text).strip("'\"") if named else ""
    return None


def _type(reader: TokenReader) -> bool:
    """Skip the type of a cast and return whether it leaves values as long as they are."""
    word = reader.keyword()
    if not reader.name():
        return False
    words: list[str] = []
    while reader.keyword() in _MORE_WORDS:
        words.append(reader.keyword())
        reader.next()
    while reader.take_symbol("["):
        if not reader.take_symbol("]"):
            return False
    return word not in _ONE_LONG or words == ["VARYING"]
