"""Rules about columns: what rewrites or reads a whole table while no other session may use it."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from codezest_sql.core.ddl.changes import ActionKind, AlterTable, ConstraintKind
from codezest_sql.core.ddl.parts import kept
from codezest_sql.core.ddl.type_changes import (
    casts_in_using,
    change_rewrites,
    collation_of,
    index_is_rebuilt,
    without_collation,
    without_size,
)
from codezest_sql.core.lint.builtin_functions import NOT_VOLATILE
from codezest_sql.core.lint.finding import Severity
from codezest_sql.core.lint.rule import Found, Look, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codezest_sql.core.ddl.changes import Action, Column
    from codezest_sql.core.ddl.schema_so_far import State, Table

_STRING = re.compile(r"'(?:[^']|'')*'")
_CALL = re.compile(r"(?P<name>(?:[\w$]+|\"[^\"]+\")(?:\s*\.\s*(?:[\w$]+|\"[^\"]+\"))*)\s*\(")
_NOT_A_CALL = frozenset(
    {"in", "and", "or", "not", "any", "all", "some", "is", "then", "else", "when", "between", "like"}
)
_SERIAL = frozenset({"serial", "bigserial", "smallserial", "serial2", "serial4", "serial8"})
_WITH_INDEX = frozenset({ConstraintKind.UNIQUE, ConstraintKind.PRIMARY_KEY, ConstraintKind.EXCLUDE})

_TABLE = "CREATE TABLE shop.orders (id bigint PRIMARY KEY, note text, total int, code varchar(20));"


def added(look: Look) -> Iterator[tuple[AlterTable, Action, Column]]:
    """Give the columns that are added to a table that was there before."""
    effect = look.effect
    if isinstance(effect, AlterTable) and not look.is_new(effect.name):
        for action in effect.actions:
            there = action.if_exists and look.state.column(effect.name, action.name)
            if action.kind is ActionKind.ADD_COLUMN and action.column and not there:
                yield effect, action, action.column


def actions(look: Look, kind: ActionKind) -> Iterator[tuple[AlterTable, Action]]:
    """Give the parts of this kind of an ALTER TABLE of a table that was there before."""
    effect = look.effect
    if isinstance(effect, AlterTable) and effect.what == "TABLE" and not look.is_new(effect.name):
        for action in effect.actions:
            if action.kind is kind:
                yield effect, action


def _type_change(look: Look) -> Iterator[Found]:
    for effect, action in actions(look, ActionKind.TYPE):
        known = look.state.column(effect.name, action.name)
        was = f"from {known.type} " if known else ""
        change = f"changing {effect.name}.{action.name} {was}to {action.type}"
        if _rewrites(look, known, action):
            yield Found(action.offset, f"{change} rewrites the table")
        elif read := _read_again(look, effect, action, known):
            yield Found(action.offset, f"{change} does not rewrite {effect.name}, but {read} under ACCESS EXCLUSIVE")


def _rewrites(look: Look, known: Column | None, action: Action) -> bool:
    """Return whether the change rewrites the rows, by way of the type that USING casts to, if any."""
    if known is None:
        return True
    casts = casts_in_using(action.using, action.name) if action.using else ()
    if casts is None:
        return True
    steps = [known.type, *casts, action.type]
    return any(_step_rewrites(look, old, new) for old, new in pairwise(steps))


def _step_rewrites(look: Look, old: str, new: str) -> bool:
    old, new = without_collation(old), without_collation(new)
    old_base, _ = base_type(look.state, old)
    new_base, constrained = base_type(look.state, new)
    if constrained and old != new:
        return True
    if old not in (old_base, new):
        old_base = without_size(old_base)
    return change_rewrites(old_base, new_base, using=False, utc=look.state.utc)


def base_type(state: State, written: str) -> tuple[str, bool]:
    """Return the type that a domain is of in the end, and whether any domain on the way checks values."""
    constrained = False
    for _ in range(len(state.domains) + 1):
        domain = state.domains.get(written) or state.domains.get(f"{state.schema}.{written}")
        if domain is None:
            break
        constrained = constrained or domain.constrained
        written = domain.base
    return written, constrained


def _read_again(look: Look, effect: AlterTable, action: Action, known: Column | None) -> str:
    """Return which indexes are rebuilt and what is scanned for a change that does not rewrite rows; "" if nothing."""
    table = look.state.table(effect.name)
    if table is None or known is None:
        return ""
    old, new = base_type(look.state, known.type)[0], base_type(look.state, without_collation(action.type))[0]
    # The server compares plain indexes; one of an expression or with a WHERE is built again whatever changes.
    names = [name for name, each in table.indexes.items() if each.computed and action.name in each.words]
    if index_is_rebuilt(old, new) or known.collation != collation_of(action.type):
        names += [name for name, each in table.indexes.items() if action.name in each.words and name not in names]
        names += [
            name
            for name, each in table.constraints.items()
            if each.kind in _WITH_INDEX and action.name in each.columns and not each.using_index
        ]
    if names:
        return f"rebuilds {', '.join(sorted(names))}"
    checks = [
        name
        for name, each in table.constraints.items()
        if each.kind is ConstraintKind.CHECK and each.checks_rows and action.name in each.words
    ]
    return f"scans the table for {', '.join(sorted(checks))}" if checks else ""


def _rewriting_column(look: Look) -> Iterator[Found]:
    for effect, action, column in added(look):
        why = None
        _, constrained = base_type(look.state, column.type)
        if column.generated:
            continue
        if column.identity:
            why = "an identity"
        elif column.type in _SERIAL:
            why = f"type {column.type}"
        elif constrained:
            why = f"the constrained domain {column.type}"
        elif column.default and is_volatile(look.state, column.default):
            why = f"the volatile default {column.default}"
        if why:
            yield Found(action.offset, f"adding {effect.name}.{column.name} with {why} rewrites the table")


def is_volatile(state: State, default: str) -> bool:
    """Return whether a default may differ for each row: so may a function that is not known to be stable."""
    code = _STRING.sub("''", default)
    for call in _CALL.finditer(code):
        name = kept(re.sub(r"\s", "", call["name"]))
        bare = name.removeprefix("pg_catalog.")
        if name.lower() in _NOT_A_CALL:
            continue
        own = state.functions.get(name) or state.functions.get(f"{state.schema}.{name}")
        if own is None and bare in NOT_VOLATILE:
            continue
        if own is None and look_like_type(state, name):
            continue
        if own is None or own.volatile:
            return True
    return False


def look_like_type(state: State, name: str) -> bool:
    """Return whether a name in front of a parenthesis is a domain or an enum: a cast written as a call."""
    return any(each in state.domains or each in state.enums for each in (name, f"{state.schema}.{name}"))


def _stored(look: Look) -> Iterator[Found]:
    for effect, action, column in added(look):
        if column.generated == "stored":
            yield Found(
                action.offset, f"adding the stored generated column {effect.name}.{column.name} rewrites the table"
            )
    for effect, action in actions(look, ActionKind.SET_EXPRESSION):
        known = look.state.column(effect.name, action.name)
        if known is None or known.generated == "stored":
            yield Found(action.offset, f"SET EXPRESSION of {effect.name}.{action.name} rewrites the table")


def _not_null_without_default(look: Look) -> Iterator[Found]:
    for effect, action, column in added(look):
        if column.not_null and not _has_value(column):
            if column.has(ConstraintKind.PRIMARY_KEY):
                continue
            yield Found(
                action.offset,
                f"adding {effect.name}.{column.name} NOT NULL without a default fails where the table has rows",
            )


def _unique_column(look: Look) -> Iterator[Found]:
    for effect, action, column in added(look):
        if column.has(ConstraintKind.UNIQUE) or column.has(ConstraintKind.PRIMARY_KEY):
            yield Found(
                action.offset,
                f"adding {effect.name}.{column.name} with a key builds its index under ACCESS EXCLUSIVE",
            )


def _checked_column(look: Look) -> Iterator[Found]:
    for effect, action, column in added(look):
        reads = f"scans {effect.name} under ACCESS EXCLUSIVE"
        if any(each.kind is ConstraintKind.CHECK and each.checks_rows for each in column.constraints):
            yield Found(action.offset, f"the CHECK of the new column {reads}")
        elif column.generated == "virtual" and column.not_null:
            yield Found(
                action.offset,
                f"NOT NULL of the new virtual column {reads}",
                "Add the column without NOT NULL, add CHECK (column IS NOT NULL) NOT VALID, and VALIDATE it later.",
            )


def _referring_column(look: Look) -> Iterator[Found]:
    for effect, action, column in added(look):
        for each in column.constraints:
            # DEFAULT NULL counts: only a column without any default is known to hold nothing to look up.
            given = column.default is not None or _has_value(column)
            if each.references and each.checks_rows and given:
                yield Found(
                    action.offset,
                    f"the default of {effect.name}.{column.name} is looked up in {each.references} for every row, "
                    f"under ACCESS EXCLUSIVE, and blocks writes of {each.references}",
                )


def _has_value(column: Column) -> bool:
    """Return whether the rows that are there get a value in a new column."""
    given = column.default is not None and column.default.upper() != "NULL"
    return given or bool(column.generated) or column.identity or column.type in _SERIAL


def _set_not_null(look: Look) -> Iterator[Found]:
    for effect, action in actions(look, ActionKind.SET_NOT_NULL):
        table = look.state.table(effect.name)
        if table is None or not table.is_not_null(action.name) or _is_validated(table, action.name):
            yield Found(
                action.offset,
                f"SET NOT NULL scans {effect.name}, since no valid CHECK ({action.name} IS NOT NULL) proves it",
            )


def _is_validated(table: Table, column: str) -> bool:
    """Return whether SET NOT NULL validates a NOT NULL constraint that is NOT VALID (since 18)."""
    return not table.columns[column].not_null and any(
        each.kind is ConstraintKind.NOT_NULL and not each.valid and column in each.columns
        for each in table.constraints.values()
    )


COLUMN_RULES = (
    Rule(
        "type-change-rewrite",
        "A change of a column's type rewrites the table",
        "Most changes of a type rewrite the table under ACCESS EXCLUSIVE: reads and writes wait until it is done. "
        "Wider varchar, varchar to text, and numeric with more digits of the same scale do not.",
        "Add a column of the new type, fill it in batches, let the application write both, then drop the old one.",
        Severity.ERROR,
        "ALTER TABLE shop.orders ALTER COLUMN total TYPE bigint;",
        "ALTER TABLE shop.orders ADD COLUMN total_minor bigint;\n"
        "ALTER TABLE shop.orders ALTER COLUMN code TYPE varchar(40);",
        _TABLE,
        _type_change,
        squawk=("changing-column-type",),
    ),
    Rule(
        "column-rewrite",
        "A new column rewrites the table",
        "A volatile default, a serial, an identity or a constrained domain gives each row a value of its own, so "
        "every "
        "row is written under ACCESS EXCLUSIVE. A constant, now() or no default does not.",
        "Add the column without a default, set the default for new rows, fill the old ones in batches.",
        Severity.ERROR,
        "ALTER TABLE shop.orders ADD COLUMN token uuid DEFAULT gen_random_uuid();",
        "ALTER TABLE shop.orders ADD COLUMN token uuid;\n"
        "ALTER TABLE shop.orders ALTER COLUMN token SET DEFAULT gen_random_uuid();",
        _TABLE,
        _rewriting_column,
        squawk=("adding-field-with-default", "adding-serial-primary-key-field"),
    ),
    Rule(
        "stored-generated-column",
        "A stored generated column rewrites the table",
        "GENERATED ALWAYS AS (…) STORED computes and writes every row under ACCESS EXCLUSIVE.",
        "Compute it in a view or a query; on PostgreSQL 18, make it VIRTUAL; or fill an ordinary column in batches.",
        Severity.ERROR,
        "ALTER TABLE shop.orders ADD COLUMN twice int GENERATED ALWAYS AS (total * 2) STORED;",
        "CREATE VIEW shop.order_totals AS SELECT id, total * 2 AS twice FROM shop.orders;",
        _TABLE,
        _stored,
    ),
    Rule(
        "required-column",
        "A new NOT NULL column has no default",
        "On a table with one row the statement fails; on an empty test database it passes. Old code that inserts "
        "without the column fails as well.",
        "Give it a constant default, or add it without NOT NULL, fill it, then set NOT NULL.",
        Severity.ERROR,
        "ALTER TABLE shop.orders ADD COLUMN channel text NOT NULL;",
        "ALTER TABLE shop.orders ADD COLUMN channel text NOT NULL DEFAULT 'web';",
        _TABLE,
        _not_null_without_default,
        squawk=("adding-required-field",),
    ),
    Rule(
        "column-with-key",
        "A new column has a UNIQUE or PRIMARY KEY constraint",
        "The index of the key is built under ACCESS EXCLUSIVE.",
        "Add the column alone, build a unique index CONCURRENTLY in a file of its own, then add the constraint USING "
        "INDEX.",
        Severity.ERROR,
        "ALTER TABLE shop.orders ADD COLUMN number text UNIQUE;",
        "ALTER TABLE shop.orders ADD COLUMN number text;\n"
        "-- the next migration\n"
        "-- transactional: false\n"
        "CREATE UNIQUE INDEX CONCURRENTLY orders_number_key ON shop.orders (number);\n"
        "-- the next migration\n"
        "ALTER TABLE shop.orders ADD CONSTRAINT orders_number_key UNIQUE USING INDEX orders_number_key;",
        _TABLE,
        _unique_column,
    ),
    Rule(
        "column-with-check",
        "A new column has a CHECK constraint",
        "The table is scanned under ACCESS EXCLUSIVE to check the new column.",
        "Add the column, then the constraint NOT VALID, and VALIDATE it in the next migration.",
        Severity.ERROR,
        "ALTER TABLE shop.orders ADD COLUMN rating int CHECK (rating > 0);",
        "ALTER TABLE shop.orders ADD COLUMN rating int;\n"
        "ALTER TABLE shop.orders ADD CONSTRAINT orders_rating_check CHECK (rating > 0) NOT VALID;\n"
        "-- the next migration\n"
        "ALTER TABLE shop.orders VALIDATE CONSTRAINT orders_rating_check;",
        _TABLE,
        _checked_column,
    ),
    Rule(
        "column-with-foreign-key",
        "A new column with a default has a foreign key",
        "The default of every row is looked up in the other table under ACCESS EXCLUSIVE. Without a default the new "
        "column holds NULL, and nothing is looked up.",
        "Add the column with its default, then the foreign key NOT VALID, and VALIDATE it in the next migration.",
        Severity.ERROR,
        "ALTER TABLE shop.orders ADD COLUMN state_id bigint DEFAULT 1 REFERENCES shop.states (id);",
        "ALTER TABLE shop.orders ADD COLUMN parent_id bigint REFERENCES shop.states (id);",
        f"{_TABLE}\nCREATE TABLE shop.states (id bigint PRIMARY KEY);",
        _referring_column,
    ),
    Rule(
        "set-not-null",
        "SET NOT NULL scans the table",
        "The table is scanned under ACCESS EXCLUSIVE, unless a valid CHECK (column IS NOT NULL) proves that none is "
        "NULL.",
        "Add CHECK (column IS NOT NULL) NOT VALID, VALIDATE it in the next migration, then SET NOT NULL and drop it.",
        Severity.ERROR,
        "ALTER TABLE shop.orders ALTER COLUMN note SET NOT NULL;",
        "ALTER TABLE shop.orders ADD CONSTRAINT orders_note_set CHECK (note IS NOT NULL) NOT VALID;\n"
        "-- the next migration\n"
        "ALTER TABLE shop.orders VALIDATE CONSTRAINT orders_note_set;\n"
        "-- the next migration\n"
        "ALTER TABLE shop.orders ALTER COLUMN note SET NOT NULL;\n"
        "ALTER TABLE shop.orders DROP CONSTRAINT orders_note_set;",
        _TABLE,
        _set_not_null,
        squawk=("adding-not-nullable-field",),
    ),
)
