"""Whether the catalog can show the outcome of a statement whose end was not recorded, from its text alone.

For statements that run outside a transaction. ``executor/recovery.py`` asks the catalog.
"""

from __future__ import annotations

from typing import NamedTuple

from codezest_sql.core.sql.concurrent_statements import concurrent_statement
from codezest_sql.core.sql.identifiers import stored_name
from codezest_sql.core.sql.statements import leading_words, split_statements
from codezest_sql.core.sql.token_reader import TokenReader

# Run a second time, these change nothing more. ALTER covers SYSTEM, DATABASE … SET TABLESPACE and SUBSCRIPTION.
_REPEATABLE = frozenset({"VACUUM", "ANALYZE", "ALTER", "REINDEX", "CLUSTER", "CHECKPOINT", "DISCARD", "SET", "RESET"})
_KINDS = ("DATABASE", "TABLESPACE", "SUBSCRIPTION")


class SharedObject(NamedTuple):
    """CREATE or DROP of an object outside of transactions: its kind in upper case, its name as the server has it."""

    creates: bool
    kind: str
    name: str


def shared_object(statement: str) -> SharedObject | None:
    """Return what a CREATE or DROP of a DATABASE, TABLESPACE or SUBSCRIPTION names; None for anything else."""
    found = split_statements(statement)
    if not found:
        return None
    reader = TokenReader(statement, found[0])
    verb = reader.take_one_of("CREATE", "DROP")
    kind = reader.take_one_of(*_KINDS) if verb else ""
    if not kind:
        return None
    reader.take("IF", "EXISTS")
    name = reader.name()
    return None if name is None else SharedObject(verb == "CREATE", kind, stored_name(name))


def is_repeatable(statement: str) -> bool:
    """Whether the statement changes nothing more when it runs a second time, as VACUUM."""
    found = split_statements(statement)
    return bool(found) and not _REPEATABLE.isdisjoint(leading_words(statement, found[0], 1))


def tells_its_end(statement: str) -> bool:
    """Whether a rerun can determine the outcome of the statement; else, as after a CALL, a person must decide."""
    return bool(concurrent_statement(statement) or shared_object(statement)) or is_repeatable(statement)
