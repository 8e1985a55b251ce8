"""Rules about the statements of one transaction: how long locks are held, and what hides from every other rule."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from codezest_sql.core.ddl.changes import ActionKind, AlterEnum, AlterTable, CreateIndex, DoBlock, Setting, Write
from codezest_sql.core.ddl.read import unquoted
from codezest_sql.core.lint.finding import Severity
from codezest_sql.core.lint.locks import access_exclusive
from codezest_sql.core.lint.rule import Found, Look, Rule, WholeFile
from codezest_sql.core.sql.lexer import TokenKind
from codezest_sql.core.sql.statements import significant_tokens

if TYPE_CHECKING:
    from collections.abc import Iterator

_TABLES = (
    "CREATE TABLE shop.orders (id bigint PRIMARY KEY, note text);\nCREATE TABLE shop.users (id bigint PRIMARY KEY);"
)
_NAMED = 3  # of the tables that a message lists
_DDL = re.compile(
    r"\b(?:alter\s+(?:table|type|domain|index|view|schema)|drop\s+(?:table|index|view|schema|type|column|constraint|"
    r"function|trigger|policy|materialized)|create\s+(?:unique\s+)?(?:index|table|trigger|policy|view|type|rule)|"
    r"truncate|reindex|cluster|vacuum|refresh\s+materialized)\b",
    re.IGNORECASE,
)
_WRITES = re.compile(r"\b(?:update\s+(?!of\b)\w|delete\s+from)", re.IGNORECASE)


def _while_locked(look: Look) -> Iterator[Found]:
    effect = look.effect
    if not look.before:
        return
    takes_time = isinstance(effect, (Write, CreateIndex)) or look.read.words[:1] in {
        ("SELECT",),
        ("CALL",),
        ("COPY",),
    }
    if isinstance(effect, CreateIndex):
        takes_time = not look.is_new(effect.table)
    if isinstance(effect, Write) and effect.effect == "INSERT":
        takes_time = effect.reads
    if isinstance(effect, AlterTable):
        takes_time = any(each.kind is ActionKind.VALIDATE for each in effect.actions)
    own = access_exclusive(look)
    if not takes_time and not own:
        return
    held = [table for table in look.held if takes_time or table not in own]
    if held:
        tables = ", ".join(held[:_NAMED]) + (f" and {len(held) - _NAMED} more" if len(held) > _NAMED else "")
        what = "this runs" if takes_time else f"this waits for {', '.join(dict.fromkeys(own))}"
        yield Found(look.read.statement.start, f"{what} while {tables} is locked with ACCESS EXCLUSIVE above")


def _backfill(look: Look) -> Iterator[Found]:
    effect = look.effect
    if not isinstance(effect, Write) or not look.locked:
        return
    changed = [each for each in effect.every if each.effect in {"UPDATE", "DELETE", "MERGE"}]
    for each in [each for each in changed if not look.is_new(each.table)][:1]:
        yield Found(
            each.offset,
            f"rows of {each.table} are changed in a transaction with DDL, and hold its locks",
        )


def _several(look: Look) -> Iterator[Found]:
    effect = look.effect
    if not isinstance(effect, AlterTable) or effect.what != "TABLE" or look.is_new(effect.name):
        return
    before = [
        each.effect for each in look.before if isinstance(each.effect, AlterTable) and each.effect.name == effect.name
    ]
    kinds = {action.kind for each in (effect, *before[-1:]) for action in each.actions}
    apart = {ActionKind.RENAME_TABLE, ActionKind.RENAME_COLUMN, ActionKind.RENAME_CONSTRAINT, ActionKind.SET_SCHEMA}
    apart |= {ActionKind.ATTACH, ActionKind.DETACH, ActionKind.VALIDATE}
    if before and not kinds & apart:
        yield Found(
            effect.offset, f"{effect.name} is altered by a statement above already: one ALTER TABLE can do both"
        )


def _hidden(look: Look) -> Iterator[Found]:
    effect = look.effect
    if not isinstance(effect, DoBlock):
        return
    found = _DDL.search(effect.body) or _WRITES.search(effect.body)
    if found:
        words = " ".join(found[0].split()).upper()
        yield Found(effect.body_offset + found.start(), f"{words} in a DO block is not checked by any rule")


def _no_timeout(whole: WholeFile) -> Iterator[Found]:
    file = whole.file
    off = [
        each.effect
        for each in whole.reads
        if isinstance(each.effect, Setting)
        and each.effect.name == "lock_timeout"
        and each.effect.value in {"0", "0s", "0ms"}
    ]
    if off:
        yield Found(
            off[0].offset,
            "lock_timeout is switched off: while it waits for a lock, every later query queues behind it",
        )
    elif file.lock_timeout == 0:
        yield Found(0, "lock-timeout is switched off: while it waits for a lock, every later query queues behind it")


def _enum_used(look: Look) -> Iterator[Found]:
    text, state, file = look.file.text, look.state, look.file.file
    if not look.file.transactional or isinstance(look.effect, AlterEnum) or file not in state.labels.values():
        return
    if look.read.words[:1] == ("COMMENT",):
        return
    for token in significant_tokens(text, look.read.statement):
        if token.kind is TokenKind.STRING and "'" in token.text(text)[:3]:
            label = unquoted(token.text(text))
            if state.labels.get(label) == file:
                yield Found(token.start, f"'{label}' was added in this transaction, and cannot be used before COMMIT")


TRANSACTION_RULES = (
    Rule(
        "while-locked",
        "A slow statement runs while a table is locked",
        "From the first ACCESS EXCLUSIVE to COMMIT no session reads the table. Statements in between make that "
        "longer; a second table to wait for makes it as long as that one's longest query.",
        "Put the statement that locks last, or into a migration of its own.",
        Severity.WARNING,
        "ALTER TABLE shop.orders ADD COLUMN total int;\nALTER TABLE shop.users ADD COLUMN name text;",
        "ALTER TABLE shop.orders ADD COLUMN total int;\n"
        "-- the next migration\n"
        "ALTER TABLE shop.users ADD COLUMN name text;",
        _TABLES,
        _while_locked,
    ),
    Rule(
        "backfill-beside-ddl",
        "Rows are changed in a transaction with DDL",
        "The locks of the change are held until every row is written; a failure late undoes all of it.",
        "Change the table in one migration; fill it in batches in the next one, or by a job.",
        Severity.ERROR,
        "ALTER TABLE shop.orders ADD COLUMN total int;\nUPDATE shop.orders SET total = 0 WHERE total IS NULL;",
        "ALTER TABLE shop.orders ADD COLUMN total int;\n"
        "-- the next migration\n"
        "UPDATE shop.orders SET total = 0 WHERE total IS NULL AND id < 10000;",
        _TABLES,
        _backfill,
    ),
    Rule(
        "several-alters",
        "A table is altered by several statements",
        "Each takes the lock again, and each rewrites or scans the table again. One ALTER TABLE with several "
        "actions does all in one pass.",
        "Write one ALTER TABLE with several parts.",
        Severity.NOTE,
        "ALTER TABLE shop.orders ADD COLUMN total int;\nALTER TABLE shop.orders ADD COLUMN paid boolean;",
        "ALTER TABLE shop.orders ADD COLUMN total int, ADD COLUMN paid boolean;",
        _TABLES,
        _several,
    ),
    Rule(
        "hidden-ddl",
        "A DO block is not checked",
        "The SQL in DO or EXECUTE is a string: no tool reads it, and it may do something else on each database.",
        "Write the statement directly; review measures what a DO block locks.",
        Severity.WARNING,
        "DO $$ BEGIN EXECUTE 'ALTER TABLE shop.orders ALTER COLUMN id TYPE numeric'; END $$;",
        "DO $$ BEGIN RAISE NOTICE 'nothing is hidden'; END $$;",
        _TABLES,
        _hidden,
        rollbacks=True,
    ),
    Rule(
        "no-lock-timeout",
        "The file waits for locks without a limit",
        "While a migration waits for a lock, every later query queues behind it. migrate sets lock_timeout and "
        "retries; a file that switches it off stops the application instead.",
        "Leave lock_timeout to migrate, or set a short one with the header -- lock-timeout: 5s.",
        Severity.ERROR,
        "SET lock_timeout = 0;\nALTER TABLE shop.orders ADD COLUMN total int;",
        "-- lock-timeout: 5s\nALTER TABLE shop.orders ADD COLUMN total int;",
        _TABLES,
        find_in_file=_no_timeout,
        squawk=("require-timeout-settings", "require-lock-timeout", "require-statement-timeout"),
        rollbacks=True,
    ),
    Rule(
        "enum-value-in-use",
        "A new enum value is used before COMMIT",
        "PostgreSQL refuses that (55P04): the value is not safe until the transaction that adds it has ended.",
        "Add the value in one migration, use it in the next.",
        Severity.ERROR,
        "ALTER TYPE shop.state ADD VALUE 'PAID';\nALTER TABLE shop.bills ALTER COLUMN state SET DEFAULT 'PAID';",
        "ALTER TYPE shop.state ADD VALUE 'PAID';\n"
        "-- the next migration\n"
        "ALTER TABLE shop.bills ALTER COLUMN state SET DEFAULT 'PAID';",
        "CREATE TYPE shop.state AS ENUM ('NEW');\nCREATE TABLE shop.bills (state shop.state);",
        _enum_used,
    ),
)
