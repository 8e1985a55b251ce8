"""Rules about whole tables: what copies them, empties them, or locks them for their triggers and policies."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codezest_sql.core.ddl.changes import ActionKind, AlterTable, Drop, OnTable, Rebuild, Truncate
from codezest_sql.core.lint.finding import Severity
from codezest_sql.core.lint.locks import Lock, locks
from codezest_sql.core.lint.rule import Found, Look, Rule
from codezest_sql.core.lint.rules.columns import actions

if TYPE_CHECKING:
    from collections.abc import Iterator

_TABLE = "CREATE TABLE shop.orders (id bigint PRIMARY KEY, user_id bigint);\nCREATE TABLE shop.old (id bigint);"
_FUNCTION = (
    "\nCREATE FUNCTION shop.touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';"
    "\nCREATE TRIGGER touch BEFORE UPDATE ON shop.orders FOR EACH ROW EXECUTE FUNCTION shop.touch();"
)
_COPIES = {
    ActionKind.SET_LOGGED: "SET LOGGED and SET UNLOGGED",
    ActionKind.SET_TABLESPACE: "SET TABLESPACE",
    ActionKind.SET_ACCESS_METHOD: "SET ACCESS METHOD",
}


def _copy(look: Look) -> Iterator[Found]:
    for kind, what in _COPIES.items():
        for effect, action in actions(look, kind):
            yield Found(action.offset, f"{what} rewrites {effect.name} under ACCESS EXCLUSIVE")


def _rebuild(look: Look) -> Iterator[Found]:
    effect = look.effect
    if isinstance(effect, Rebuild) and effect.effect in {"CLUSTER", "VACUUM FULL"} and not look.is_new(effect.name):
        yield Found(
            effect.offset,
            f"{effect.effect} rewrites {effect.name or 'the database'} under ACCESS EXCLUSIVE",
        )


def _lock(look: Look) -> Iterator[Found]:
    effect = look.effect
    if isinstance(effect, Rebuild) and effect.effect == "LOCK" and not look.is_new(effect.name):
        yield Found(effect.offset, f"{effect.name} stays locked until COMMIT")


def _truncate(look: Look) -> Iterator[Found]:
    effect = look.effect
    if isinstance(effect, Truncate):
        for name in effect.names:
            if not look.is_new(name):
                yield Found(
                    effect.offset, f"TRUNCATE deletes every row of {name}, and a rollback does not restore them"
                )


def _cascade(look: Look) -> Iterator[Found]:
    effect, state = look.effect, look.state
    if isinstance(effect, Drop) and effect.cascade:
        for name in effect.names:
            yield Found(effect.offset, f"CASCADE drops whatever depends on {name}{_victims(look, effect.what, name)}")
    elif isinstance(effect, Truncate) and effect.cascade:
        for name in effect.names:
            tables = ", ".join(each.name for each in state.children(name)) or "every table that refers to it"
            yield Found(effect.offset, f"TRUNCATE … CASCADE of {name} empties {tables} too")
    elif isinstance(effect, AlterTable):
        for action in effect.actions:
            if action.cascade:
                column = action.kind is ActionKind.DROP_COLUMN
                users = [each.name for each in state.dependents.users(effect.name, action.name)] if column else []
                known = f": {', '.join(users)}" if users else ""
                yield Found(action.offset, f"CASCADE drops whatever depends on {effect.name}.{action.name}{known}")


def _victims(look: Look, what: str, name: str) -> str:
    """Name what the folder is known to have made that goes with a table, view or schema."""
    state = look.state
    found: list[str] = []
    if what == "SCHEMA":
        found = [each for each in (*state.tables, *state.views) if each.startswith(f"{name}.")]
    elif what == "TABLE":
        found = state.views_of(name)
        found += [f"foreign keys of {each.name}" for each in state.children(name)]
    elif what.endswith("VIEW"):
        found = [each for each in state.views_of(name) if each != name]
    return f": {', '.join(found)}" if found else ""


def _trigger(look: Look) -> Iterator[Found]:
    yield from _of(look, "TRIGGER", ActionKind.TRIGGER)


def _policy(look: Look) -> Iterator[Found]:
    yield from _of(look, "POLICY", ActionKind.ROW_SECURITY)
    yield from _of(look, "RULE", ActionKind.RULE)


def _of(look: Look, what: str, kind: ActionKind | None) -> Iterator[Found]:
    effect = look.effect
    if isinstance(effect, OnTable) and effect.what == what and not look.is_new(effect.table):
        yield Found(effect.offset, f"{effect.effect} {what} locks {effect.table}: its queries wait until COMMIT")
    if isinstance(effect, Drop) and effect.what == what and effect.table and not look.is_new(effect.table):
        yield Found(effect.offset, f"DROP {what} locks {effect.table}: its queries wait until COMMIT")
    if kind:
        for each, action in actions(look, kind):
            yield Found(action.offset, f"this locks {each.name}: its queries wait until COMMIT")


def _foreign_key_of_new_table(look: Look) -> Iterator[Found]:
    effect = look.effect
    if effect is None or look.read.words[:1] != ("CREATE",) or "TABLE" not in look.read.words[1:4]:
        return
    for table, lock in dict.fromkeys(locks(look)):
        if lock is Lock.SHARE_ROW_EXCLUSIVE and table not in look.locked:
            yield Found(
                look.read.statement.start, f"the foreign key blocks writes of {table} until COMMIT, if only shortly"
            )


TABLE_RULES = (
    Rule(
        "table-copy",
        "The table is copied",
        "SET LOGGED, SET UNLOGGED, SET TABLESPACE and SET ACCESS METHOD rewrite the table under ACCESS EXCLUSIVE.",
        "Create a new table, copy the rows in batches, and swap the names.",
        Severity.ERROR,
        "ALTER TABLE shop.orders SET UNLOGGED;",
        "ALTER TABLE shop.orders SET (fillfactor = 70);",
        _TABLE,
        _copy,
        squawk=("ban-alter-table-set-logged",),
    ),
    Rule(
        "table-rebuild",
        "CLUSTER and VACUUM FULL rebuild the table",
        "All rows are rewritten under ACCESS EXCLUSIVE, with all indexes.",
        "Plain VACUUM, or a tool that rebuilds online, such as pg_repack.",
        Severity.ERROR,
        "CLUSTER shop.orders USING orders_pkey;",
        "-- transactional: false\nVACUUM shop.orders;",
        _TABLE,
        _rebuild,
    ),
    Rule(
        "lock-table",
        "LOCK TABLE holds until COMMIT",
        "An explicit lock lasts as long as everything that follows in the file.",
        "Leave it out: each statement takes the locks that it needs.",
        Severity.WARNING,
        "LOCK TABLE shop.orders IN ACCESS EXCLUSIVE MODE;",
        "LOCK TABLE shop.orders IN ACCESS SHARE MODE;",
        _TABLE,
        _lock,
    ),
    Rule(
        "truncate",
        "TRUNCATE deletes every row",
        "It takes ACCESS EXCLUSIVE, and a rollback file cannot restore the rows.",
        "Back the rows up, and delete them in batches, outside of migrations.",
        Severity.ERROR,
        "TRUNCATE shop.old;",
        "DELETE FROM shop.old WHERE id < 1000;",
        _TABLE,
        _truncate,
        squawk=("ban-truncate",),
    ),
    Rule(
        "cascade",
        "CASCADE drops objects that are not named",
        "It also drops views, foreign keys and columns of types, including those created by others meanwhile.",
        "Name each object, in order; PostgreSQL then refuses if an unknown object depends on one.",
        Severity.ERROR,
        "DROP TABLE shop.old CASCADE;",
        "DROP TABLE shop.old;",
        _TABLE,
        _cascade,
        squawk=("ban-truncate-cascade", "ban-drop-cascade"),
        rollbacks=True,
    ),
    Rule(
        "trigger",
        "A trigger locks its table",
        "CREATE TRIGGER blocks writes, DROP and ALTER block reads too, and from then on each write costs more.",
        "Make it in a migration of its own, so that the lock is short.",
        Severity.WARNING,
        "CREATE TRIGGER again BEFORE INSERT ON shop.orders FOR EACH ROW EXECUTE FUNCTION shop.touch();",
        "CREATE TABLE shop.items (id bigint);\n"
        "CREATE TRIGGER again BEFORE INSERT ON shop.items FOR EACH ROW EXECUTE FUNCTION shop.touch();",
        _TABLE + _FUNCTION,
        _trigger,
    ),
    Rule(
        "policy",
        "Row security locks its table, and changes what queries see",
        "CREATE, ALTER and DROP POLICY and ENABLE ROW LEVEL SECURITY take ACCESS EXCLUSIVE. Enabled without a "
        "policy, "
        "everybody but the owner sees no row.",
        "Make the policies and enable them in one migration of its own.",
        Severity.WARNING,
        "CREATE POLICY own ON shop.orders USING (user_id = 1);",
        "CREATE TABLE shop.items (id bigint);\nCREATE POLICY own ON shop.items USING (id = 1);",
        _TABLE,
        _policy,
    ),
    Rule(
        "foreign-key-locks-parent",
        "A new table's foreign key locks the table that it refers to",
        "SHARE ROW EXCLUSIVE on the parent: writes wait until COMMIT. Nothing is scanned, so the lock is short if "
        "the file is.",
        "Nothing to do if the file does little else; otherwise create the table in a file of its own.",
        Severity.NOTE,
        "CREATE TABLE shop.items (id bigint PRIMARY KEY, order_id bigint REFERENCES shop.orders (id));",
        "CREATE TABLE shop.items (id bigint PRIMARY KEY, order_id bigint);",
        _TABLE,
        _foreign_key_of_new_table,
    ),
)
