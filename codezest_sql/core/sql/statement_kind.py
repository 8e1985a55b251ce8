"""The kind of a statement for the executor, from its text alone. Asks no server.

Reasons are the names that PostgreSQL itself gives in its errors. Where only the catalog knows (a partitioned table
in CLUSTER or REINDEX, a subscription without a slot), the frequent case is assumed; the server has the last word.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from codezest_sql.core.sql.concurrent_statements import is_true, read_concurrent
from codezest_sql.core.sql.identifiers import split_name, stored_name
from codezest_sql.core.sql.token_reader import TokenReader, first_two_words, first_word

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from codezest_sql.core.sql.statements import Statement

_DOCUMENTS = frozenset({"json", "xml", "yaml"})  # formats of EXPLAIN that are one value; text is a row for each line
_CONTROL = frozenset({"BEGIN", "START", "COMMIT", "END", "ABORT", "ROLLBACK", "SAVEPOINT", "RELEASE", "PREPARE"})


def transaction_control(text: str, statement: Statement) -> str | None:
    """Return the command that begins, ends or divides a transaction, such as "ROLLBACK TO"; None for any other.

    PREPARE of a statement and SET TRANSACTION are others. Source: ``TransactionStmt`` in ``gram.y``.
    """
    word = first_word(text, statement)
    if word not in _CONTROL:
        return None
    reader = TokenReader(text, statement)
    reader.next()
    if word == "START":
        return "START TRANSACTION"
    if word == "PREPARE":
        # A prepared statement may be called "transaction".
        return "PREPARE TRANSACTION" if reader.take("TRANSACTION") and reader.take_string() else None
    if word in {"COMMIT", "ROLLBACK"} and reader.take("PREPARED"):
        return f"{word} PREPARED"
    reader.take_one_of("WORK", "TRANSACTION")
    return "ROLLBACK TO" if word == "ROLLBACK" and reader.take("TO") else word


def needs_no_transaction(text: str, statement: Statement) -> str | None:
    """Return what PostgreSQL 15 to 18 refuse to run in a transaction (SQLSTATE 25001), such as "VACUUM"; else None.

    These are the callers of ``PreventInTransactionBlock`` in the server's source.
    """
    words = first_two_words(text, statement)
    if words in _ALWAYS_OUTSIDE:
        return " ".join(words)
    if concurrent := read_concurrent(text, statement):
        return concurrent.command
    question = _SOMETIMES_OUTSIDE.get(words) or _SOMETIMES_OUTSIDE.get((words[0], ""))
    return question(TokenReader(text, statement)) if question else None


def is_copy_from_stdin(text: str, statement: Statement) -> bool:
    """Whether the statement is a COPY that waits for data from the client; STDOUT means the same after FROM."""
    if first_word(text, statement) != "COPY":
        return False
    reader = TokenReader(text, statement)
    return reader.skip_to("FROM") and reader.keyword() in {"STDIN", "STDOUT"}


def is_copy_to_stdout(text: str, statement: Statement) -> bool:
    """Whether the statement is a COPY that sends rows to the client; STDIN means the same after TO."""
    if first_word(text, statement) != "COPY":
        return False
    reader = TokenReader(text, statement)
    return reader.skip_to("TO") and reader.keyword() in {"STDIN", "STDOUT"}


def is_session_setting(text: str, statement: Statement) -> bool:
    """Whether the statement's effect lives in the session, so that a new session needs it again.

    SET and RESET (not LOCAL, not TRANSACTION, not CONSTRAINTS), ``SELECT set_config(…)``, LOAD, PREPARE of a
    statement, DEALLOCATE, DISCARD. A temporary table is none of these: its rows are gone with its session.
    """
    word = first_word(text, statement)
    if word in {"RESET", "LOAD", "DEALLOCATE", "DISCARD"}:
        return True
    if word == "PREPARE":
        return transaction_control(text, statement) is None
    if word not in {"SET", "SELECT"}:
        return False
    reader = TokenReader(text, statement)
    reader.next()
    if word == "SET":
        word = reader.take_one_of("LOCAL", "TRANSACTION", "CONSTRAINTS")
        return not word or reader.written() == "."  # a setting may be called local.x
    function = tuple(stored_name(part) for part in split_name(reader.name() or ""))
    return function in {("set_config",), ("pg_catalog", "set_config")} and reader.take_symbol("(")


def makes_temporary_object(text: str, statement: Statement) -> bool:
    """Whether the statement is CREATE TEMPORARY …: what it makes ends with its session, and its rows too."""
    if first_word(text, statement) != "CREATE":
        return False
    reader = TokenReader(text, statement)
    reader.next()
    reader.take("OR", "REPLACE")
    reader.take_one_of("LOCAL", "GLOBAL")
    return bool(reader.take_one_of("TEMP", "TEMPORARY"))


def gives_one_row(text: str, statement: Statement) -> bool:
    """Whether a statement that is no query returns one row at most: CALL, SHOW of one, EXPLAIN as a document."""
    word = first_word(text, statement)
    reader = TokenReader(text, statement)
    reader.next()
    match word:
        case "CALL":
            return True
        case "SHOW":
            return reader.keyword() != "ALL"
        case "EXPLAIN":
            return reader.options().get("format", "text").strip("'\"").lower() in _DOCUMENTS
        case _:
            return False


def _create_subscription(reader: TokenReader) -> str | None:
    options = reader.options() if reader.skip_to("WITH") else {}
    makes_slot = is_true(options.get("connect", "")) and is_true(options.get("create_slot", ""))
    return "CREATE SUBSCRIPTION ... WITH (create_slot = true)" if makes_slot else None


def _alter_subscription(reader: TokenReader) -> str | None:
    reader.take("ALTER", "SUBSCRIPTION")
    reader.name()
    if reader.take("REFRESH"):
        return "ALTER SUBSCRIPTION ... REFRESH"
    if not reader.take_one_of("SET", "ADD", "DROP"):
        return None
    if reader.take("PUBLICATION"):
        options = reader.options() if reader.skip_to("WITH") else {}
        return "ALTER SUBSCRIPTION with refresh" if is_true(options.get("refresh", "")) else None
    # Options of the slot on the publisher: failover since 17, two_phase since 18.
    slot = {"failover", "two_phase"} & reader.options().keys()
    return f"ALTER SUBSCRIPTION ... SET ({min(slot)})" if slot else None


def _alter_database(reader: TokenReader) -> str | None:
    reader.take("ALTER", "DATABASE")
    reader.name()
    return "ALTER DATABASE SET TABLESPACE" if reader.take("SET", "TABLESPACE") else None


def _reindex(reader: TokenReader) -> str | None:
    reader.take("REINDEX")
    reader.options()
    target = reader.take_one_of("SCHEMA", "DATABASE", "SYSTEM")
    return f"REINDEX {target}" if target else None


def _cluster(reader: TokenReader) -> str | None:
    reader.take("CLUSTER")
    reader.options()
    reader.take("VERBOSE")
    return "CLUSTER" if reader.at_end() else None


def _vacuum(_: TokenReader) -> str:
    return "VACUUM"


# By the first two words.
_ALWAYS_OUTSIDE = frozenset(
    {
        ("ALTER", "SYSTEM"),
        ("CREATE", "DATABASE"),
        ("CREATE", "TABLESPACE"),
        ("DISCARD", "ALL"),
        ("DROP", "DATABASE"),
        ("DROP", "SUBSCRIPTION"),
        ("DROP", "TABLESPACE"),
    }
)
# By the first two words, or by the first one with "".
_SOMETIMES_OUTSIDE: Mapping[tuple[str, str], Callable[[TokenReader], str | None]] = {
    ("ALTER", "DATABASE"): _alter_database,
    ("ALTER", "SUBSCRIPTION"): _alter_subscription,
    ("CLUSTER", ""): _cluster,
    ("CREATE", "SUBSCRIPTION"): _create_subscription,
    ("REINDEX", ""): _reindex,
    ("VACUUM", ""): _vacuum,
}
