"""Reads the statements that work CONCURRENTLY: what they name, so that the catalog can be asked how they ended.

Names are kept as SQL writes them, quoted or not, dotted or not: ready for ``to_regclass(%s)``. ``command`` is what
PostgreSQL calls the statement in its errors. The grammar is that of
``IndexStmt``, ``DropStmt``, ``ReindexStmt`` and ``partition_cmd`` in ``src/backend/parser/gram.y``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from codezest_sql.core.sql.identifiers import split_name
from codezest_sql.core.sql.statements import split_statements
from codezest_sql.core.sql.token_reader import TokenReader, first_two_words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from codezest_sql.core.sql.statements import Statement


@dataclass(frozen=True, slots=True)
class CreateIndex:
    """CREATE INDEX CONCURRENTLY; the server makes up a name where ``name`` is None."""

    command: ClassVar[str] = "CREATE INDEX CONCURRENTLY"
    name: str | None
    table: str
    unique: bool
    if_not_exists: bool

    @property
    def relation(self) -> str | None:
        """Return the index's name with the schema of its table, where the statement gives both."""
        schema = split_name(self.table)[:-1]
        return None if self.name is None else ".".join((*schema, self.name))


@dataclass(frozen=True, slots=True)
class DropIndex:
    """DROP INDEX CONCURRENTLY; the server refuses more than one name."""

    command: ClassVar[str] = "DROP INDEX CONCURRENTLY"
    names: tuple[str, ...]
    if_exists: bool

    @property
    def name(self) -> str:
        """Return the first name."""
        return self.names[0]


@dataclass(frozen=True, slots=True)
class Reindex:
    """REINDEX … CONCURRENTLY; ``target`` is INDEX, TABLE, SCHEMA, DATABASE or SYSTEM, which needs no name."""

    command: ClassVar[str] = "REINDEX CONCURRENTLY"
    target: str
    name: str | None


@dataclass(frozen=True, slots=True)
class DetachPartition:
    """ALTER TABLE parent DETACH PARTITION child CONCURRENTLY."""

    command: ClassVar[str] = "ALTER TABLE ... DETACH CONCURRENTLY"
    parent: str
    child: str


ConcurrentStatement = CreateIndex | DropIndex | Reindex | DetachPartition


def concurrent_statement(statement: str) -> ConcurrentStatement | None:
    """Return what the text of one statement does CONCURRENTLY; None where it does nothing so."""
    found = split_statements(statement)
    return read_concurrent(statement, found[0]) if found else None


def read_concurrent(text: str, statement: Statement) -> ConcurrentStatement | None:
    """Return what ``statement``, a part of ``text``, does CONCURRENTLY; None where it does nothing so."""
    words = first_two_words(text, statement)
    read = _READERS.get(words) or _READERS.get((words[0], ""))
    return read(TokenReader(text, statement)) if read else None


def is_true(value: str) -> bool:
    """Whether an option with this value, as written, is on; without a value it is (``defGetBoolean``)."""
    return value.strip("'\"").lower() not in {"false", "off", "0"}


def _create_index(reader: TokenReader) -> CreateIndex | None:
    reader.take("CREATE")
    unique = reader.take("UNIQUE")
    if not reader.take("INDEX", "CONCURRENTLY"):
        return None
    if_not_exists = reader.take("IF", "NOT", "EXISTS")
    name = None if reader.keyword() == "ON" else reader.name()
    if not reader.take("ON"):
        return None
    if reader.take("ONLY"):
        reader.take_symbol("(")
    table = reader.name()
    return None if table is None else CreateIndex(name, table, unique, if_not_exists)


def _drop_index(reader: TokenReader) -> DropIndex | None:
    if not reader.take("DROP", "INDEX", "CONCURRENTLY"):
        return None
    if_exists = reader.take("IF", "EXISTS")
    names: list[str] = []
    while (name := reader.name()) is not None:
        names.append(name)
        if not reader.take_symbol(","):
            break
    return DropIndex(tuple(names), if_exists) if names else None


def _reindex(reader: TokenReader) -> Reindex | None:
    reader.take("REINDEX")
    options = reader.options()
    target = reader.take_one_of("INDEX", "TABLE", "SCHEMA", "DATABASE", "SYSTEM")
    concurrently = reader.take("CONCURRENTLY") or is_true(options.get("concurrently", "off"))
    return Reindex(target, reader.name()) if target and concurrently else None


def _detach_partition(reader: TokenReader) -> DetachPartition | None:
    reader.take("ALTER", "TABLE")
    reader.take("IF", "EXISTS")
    only = reader.take("ONLY") and reader.take_symbol("(")
    parent = reader.name()
    if only:
        reader.take_symbol(")")
    reader.take_symbol("*")
    if parent is None or not reader.take("DETACH", "PARTITION"):
        return None
    child = reader.name()
    return DetachPartition(parent, child) if child is not None and reader.take("CONCURRENTLY") else None


# By the first two words, or by the first one with "".
_READERS: Mapping[tuple[str, str], Callable[[TokenReader], ConcurrentStatement | None]] = {
    ("ALTER", "TABLE"): _detach_partition,
    ("CREATE", "INDEX"): _create_index,
    ("CREATE", "UNIQUE"): _create_index,
    ("DROP", "INDEX"): _drop_index,
    ("REINDEX", ""): _reindex,
}
