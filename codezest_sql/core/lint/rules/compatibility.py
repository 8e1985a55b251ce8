"""Rules about the release that still runs while a migration is applied: what its queries would miss."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codezest_sql.core.ddl.changes import ActionKind, AlterEnum, AlterTable, ConstraintKind, Drop, Rename
from codezest_sql.core.lint.finding import Severity
from codezest_sql.core.lint.rule import Found, Look, Rule
from codezest_sql.core.lint.rules.columns import actions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codezest_sql.core.ddl.changes import Action

_TABLES = (
    "CREATE TABLE shop.orders (id bigint PRIMARY KEY, note text NOT NULL);\n"
    "CREATE VIEW shop.notes AS SELECT o.id, o.note FROM shop.orders AS o;\n"
    "CREATE TYPE shop.state AS ENUM ('NEW', 'PAID');"
)


def _drop_column(look: Look) -> Iterator[Found]:
    for effect, action in actions(look, ActionKind.DROP_COLUMN):
        yield Found(action.offset, f"code that still runs may use {effect.name}.{action.name}, and its rows are lost")


def _drop_table(look: Look) -> Iterator[Found]:
    effect = look.effect
    if isinstance(effect, Drop) and effect.what in {"TABLE", "VIEW", "MATERIALIZED VIEW", "FOREIGN TABLE", "SCHEMA"}:
        for name in effect.names:
            if not look.is_new(name):
                yield Found(effect.offset, f"code that still runs may use {name}")


def _rename(look: Look) -> Iterator[Found]:
    for kind, what in ((ActionKind.RENAME_COLUMN, "column"), (ActionKind.RENAME_TABLE, "table")):
        for effect, action in actions(look, kind):
            name = f"{effect.name}.{action.name}" if action.name else effect.name
            yield Found(action.offset, f"code that still runs uses the {what} {name} under its old name")
    for effect, action in actions(look, ActionKind.SET_SCHEMA):
        yield Found(action.offset, f"code that still runs uses {effect.name}, not {action.new_name}")
    if isinstance(look.effect, Rename) and look.effect.what != "SEQUENCE":
        yield Found(
            look.effect.offset, f"code that still runs uses the {look.effect.what.lower()} {look.effect.name}"
        )
    if isinstance(look.effect, AlterTable) and look.effect.what.endswith("VIEW"):
        for action in look.effect.actions:
            if action.kind in {ActionKind.RENAME_TABLE, ActionKind.SET_SCHEMA}:
                yield Found(action.offset, f"code that still runs uses the view {look.effect.name}")


def _enum(look: Look) -> Iterator[Found]:
    effect = look.effect
    if (
        isinstance(effect, AlterEnum)
        and effect.old is not None
        and look.state.enums.get(effect.name) != look.file.file
    ):
        yield Found(effect.offset, f"code that still runs writes and expects '{effect.old}' of {effect.name}")


def _blocked_by_view(look: Look) -> Iterator[Found]:
    for kind in (ActionKind.DROP_COLUMN, ActionKind.TYPE):
        for effect, action in actions(look, kind):
            users = (
                []
                if action.cascade
                else list(_users(look, effect.name, action, dropped=kind is ActionKind.DROP_COLUMN))
            )
            if users:
                yield Found(
                    action.offset,
                    f"{', '.join(users)} uses {effect.name}.{action.name}: PostgreSQL refuses the change",
                )


def _users(look: Look, table: str, action: Action, *, dropped: bool) -> Iterator[str]:
    """Give what uses a column so that it can neither be dropped nor get another type."""
    for each in look.state.dependents.users(table, action.name):
        yield each.name if each.kind == "view" else f"{each.kind} {each.name}"
    known = look.state.table(table)
    for column in known.columns.values() if known else ():
        if column.generated and action.name in column.uses and column.name != action.name:
            yield f"generated column {table}.{column.name}"
    if dropped and known:
        for child in look.state.children(table):
            for name, key in child.constraints.items():
                if key.references == table and action.name in (key.referenced or known.primary_key()):
                    yield f"foreign key {name} of {child.name}"


def _drop_key(look: Look) -> Iterator[Found]:
    for effect, action in actions(look, ActionKind.DROP_CONSTRAINT):
        table = look.state.table(effect.name)
        known = table.constraints.get(action.name) if table else None
        if known and known.kind in {ConstraintKind.PRIMARY_KEY, ConstraintKind.UNIQUE}:
            yield Found(
                action.offset,
                f"without {action.name} its index is gone: ON CONFLICT fails, and look-ups scan the table",
            )


COMPATIBILITY_RULES = (
    Rule(
        "drop-column",
        "A column is dropped",
        "While old and new code run side by side, the old code's queries fail. A rollback does not restore the "
        "values.",
        "First release code that does not use it; review lists the queries that do.",
        Severity.WARNING,
        "ALTER TABLE shop.orders DROP COLUMN id;",
        "ALTER TABLE shop.orders ADD COLUMN comment text;",
        _TABLES,
        _drop_column,
        squawk=("ban-drop-column",),
    ),
    Rule(
        "drop-table",
        "A table or view is dropped",
        "While old and new code run side by side, the old code's queries fail. A rollback does not restore the rows.",
        "First release code that does not use it; review lists the queries that do.",
        Severity.WARNING,
        "DROP TABLE shop.orders;",
        "CREATE TABLE shop.scratch (id bigint);\nDROP TABLE shop.scratch;",
        _TABLES,
        _drop_table,
        squawk=("ban-drop-table", "ban-drop-schema"),
    ),
    Rule(
        "rename",
        "A name that running code uses is changed",
        "Old code uses the old name, new code the new one: one of them fails during a rolling deployment.",
        "Add the new one, write both, read the new one, then drop the old; or keep a view under the old name.",
        Severity.ERROR,
        "ALTER TABLE shop.orders RENAME COLUMN note TO remark;",
        "ALTER TABLE shop.orders ADD COLUMN remark text;",
        _TABLES,
        _rename,
        squawk=("renaming-column", "renaming-table", "renaming-object", "ban-set-schema"),
    ),
    Rule(
        "enum-value-renamed",
        "The value of an enum is renamed",
        "Old code still writes the old label, which is refused, and does not know the new one.",
        "Add the new label, let the code accept both, change the rows, and leave the old label where it is.",
        Severity.ERROR,
        "ALTER TYPE shop.state RENAME VALUE 'PAID' TO 'SETTLED';",
        "ALTER TYPE shop.state ADD VALUE 'SETTLED';",
        _TABLES,
        _enum,
    ),
    Rule(
        "blocked-by-view",
        "A view is in the way",
        "PostgreSQL refuses to drop a column, or to change its type, that a view uses; or a rule, a policy, a "
        "trigger's WHEN or UPDATE OF, a generated column, or the body of a function that it reads (BEGIN ATOMIC).",
        "Drop the view before and create it again after, in the same file; so with the others.",
        Severity.ERROR,
        "ALTER TABLE shop.orders DROP COLUMN note;",
        "DROP VIEW shop.notes;\n"
        "ALTER TABLE shop.orders DROP COLUMN note;\n"
        "CREATE VIEW shop.notes AS SELECT o.id FROM shop.orders AS o;",
        _TABLES,
        _blocked_by_view,
    ),
    Rule(
        "drop-key",
        "A key is dropped",
        "With the key goes its index: INSERT … ON CONFLICT fails, look-ups scan the table, and so does each cascade.",
        "Create the other index CONCURRENTLY first, and release code that does not rely on the key.",
        Severity.WARNING,
        "ALTER TABLE shop.orders DROP CONSTRAINT orders_pkey;",
        "CREATE TABLE shop.items (id bigint, CONSTRAINT items_pk PRIMARY KEY (id));",
        _TABLES,
        _drop_key,
        squawk=("ban-drop-constraint",),
    ),
)
