"""Rules about columns: what rewrites or reads a whole table while nobody else may use it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from codezest_sql.core.lint.column_types import change_rewrites
from codezest_sql.core.lint.ddl import ActionKind, AlterTable, ConstraintKind
from codezest_sql.core.lint.finding import Severity
from codezest_sql.core.lint.rule import Found, Look, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codezest_sql.core.lint.ddl import Action, Column

_VOLATILE = re.compile(
    r"\b(?:random|gen_random_uuid|uuidv[47]|uuid_generate_v\w+|clock_timestamp|timeofday|nextval|statement_timestamp_)"
    r"\s*\(",
    re.IGNORECASE,
)
_STABLE = re.compile(
    r"\b(?:now|current_setting|transaction_timestamp|statement_timestamp|lower|upper|to_jsonb|jsonb_build_object|"
    r"jsonb_build_array|array|cast|coalesce|make_interval|date_trunc|timezone|numeric|varchar|char|md5|concat|make_date)"
    r"\s*\(",
    re.IGNORECASE,
)
_STRING = re.compile(r"'(?:[^']|'')*'")
_CALL = re.compile(r"\b[A-Za-z_]\w*\s*\(")
_SERIAL = frozenset({"serial", "bigserial", "smallserial"})

_TABLE = "CREATE TABLE shop.orders (id bigint PRIMARY KEY, note text, total int, code varchar(20));"


def added(look: Look) -> Iterator[tuple[AlterTable, Action, Column]]:
    """Give the columns that are added to a table that was there before."""
    deed = look.deed
    if isinstance(deed, AlterTable) and not look.is_new(deed.name):
        for action in deed.actions:
            if action.kind is ActionKind.ADD_COLUMN and action.column:
                yield deed, action, action.column


def actions(look: Look, kind: ActionKind) -> Iterator[tuple[AlterTable, Action]]:
    """Give the parts of this kind of an ALTER TABLE of a table that was there before."""
    deed = look.deed
    if isinstance(deed, AlterTable) and deed.what == "TABLE" and not look.is_new(deed.name):
        for action in deed.actions:
            if action.kind is kind:
                yield deed, action


def _type_change(look: Look) -> Iterator[Found]:
    for deed, action in actions(look, ActionKind.TYPE):
        known = look.state.column(deed.name, action.name)
        rewrites = change_rewrites(known.type if known else None, action.type, using=action.using, utc=look.state.utc)
        if rewrites:
            was = f"from {known.type} " if known else ""
            yield Found(
                action.offset,
                f"changing {deed.name}.{action.name} {was}to {action.type} writes the whole table anew",
            )


def _rewriting_column(look: Look) -> Iterator[Found]:
    for deed, action, column in added(look):
        why = None
        domain = look.state.domains.get(column.type) or look.state.domains.get(f"{look.state.schema}.{column.type}")
        if column.generated == "stored":
            continue
        if column.identity:
            why = "an identity"
        elif column.type in _SERIAL:
            why = f"type {column.type}"
        elif domain and domain.constrained:
            why = f"the constrained domain {column.type}"
        elif column.default and _is_volatile(column.default):
            why = f"the volatile default {column.default}"
        if why:
            yield Found(action.offset, f"adding {deed.name}.{column.name} with {why} writes the whole table anew")


def _is_volatile(default: str) -> bool:
    """Tell whether a default may differ for each row: a function that is not known to be stable counts as such."""
    code = _STRING.sub("''", default)
    return bool(_VOLATILE.search(code)) or any(not _STABLE.match(call[0]) for call in _CALL.finditer(code))


def _stored(look: Look) -> Iterator[Found]:
    for deed, action, column in added(look):
        if column.generated == "stored":
            yield Found(
                action.offset, f"adding the stored generated column {deed.name}.{column.name} writes the table anew"
            )


def _not_null_without_default(look: Look) -> Iterator[Found]:
    for deed, action, column in added(look):
        given = column.default is not None and column.default.upper() != "NULL"
        if column.not_null and not (given or column.generated or column.identity or column.type in _SERIAL):
            if column.has(ConstraintKind.PRIMARY_KEY):
                continue
            yield Found(
                action.offset,
                f"adding {deed.name}.{column.name} NOT NULL without a default fails where the table has rows",
            )


def _unique_column(look: Look) -> Iterator[Found]:
    for deed, action, column in added(look):
        if column.has(ConstraintKind.UNIQUE) or column.has(ConstraintKind.PRIMARY_KEY):
            yield Found(
                action.offset,
                f"adding {deed.name}.{column.name} with a key builds its index while nobody can read the table",
            )


def _checked_column(look: Look) -> Iterator[Found]:
    for deed, action, column in added(look):
        if column.has(ConstraintKind.CHECK):
            yield Found(
                action.offset,
                f"the CHECK of the new column reads every row of {deed.name} while nobody else can",
            )


def _set_not_null(look: Look) -> Iterator[Found]:
    for deed, action in actions(look, ActionKind.SET_NOT_NULL):
        table = look.state.tables.get(deed.name)
        if table is None or not table.is_not_null(action.name):
            yield Found(
                action.offset,
                f"SET NOT NULL reads every row of {deed.name}, since no valid CHECK ({action.name} IS NOT NULL) "
                "proves it",
            )


COLUMN_RULES = (
    Rule(
        "type-change-rewrite",
        "A change of a column's type writes the table anew",
        "Most changes of a type convert every row under ACCESS EXCLUSIVE: nobody reads or writes until it is done. "
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
        "A new column writes the table anew",
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
        "A stored generated column writes the table anew",
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
        "A new column brings a UNIQUE or PRIMARY KEY with it",
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
        "A new column brings a CHECK with it",
        "Every row is read under ACCESS EXCLUSIVE to check what the new column holds.",
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
        "set-not-null",
        "SET NOT NULL reads the whole table",
        "Every row is read under ACCESS EXCLUSIVE, unless a valid CHECK (column IS NOT NULL) proves that none is "
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
