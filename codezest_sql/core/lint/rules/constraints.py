"""Rules about constraints: what reads a whole table, or locks two, while others wait."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codezest_sql.core.ddl.changes import ActionKind, AlterDomain, AlterTable, ConstraintKind, Drop
from codezest_sql.core.lint.finding import Severity
from codezest_sql.core.lint.rule import Found, Look, Rule
from codezest_sql.core.lint.rules.columns import actions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codezest_sql.core.ddl.changes import Action, Constraint

_TABLES = (
    "CREATE TABLE shop.users (id bigint PRIMARY KEY, email text);\n"
    "CREATE TABLE shop.orders (id bigint PRIMARY KEY, user_id bigint, total int);"
)
_KEYS = {
    ConstraintKind.UNIQUE: "UNIQUE",
    ConstraintKind.PRIMARY_KEY: "PRIMARY KEY",
    ConstraintKind.EXCLUDE: "EXCLUDE",
}


def _added(look: Look, *kinds: ConstraintKind) -> Iterator[tuple[AlterTable, Action, Constraint]]:
    for effect, action in actions(look, ActionKind.ADD_CONSTRAINT):
        if action.constraint and action.constraint.kind in kinds:
            yield effect, action, action.constraint


def _check(look: Look) -> Iterator[Found]:
    for effect, action, constraint in _added(look, ConstraintKind.CHECK, ConstraintKind.NOT_NULL):
        proven = constraint.kind is ConstraintKind.NOT_NULL and _is_proven(look, effect.name, constraint)
        if constraint.checks_rows and not proven:
            yield Found(action.offset, f"the new CHECK scans {effect.name} under ACCESS EXCLUSIVE")


def _is_proven(look: Look, name: str, constraint: Constraint) -> bool:
    table = look.state.table(name)
    return table is not None and all(table.is_not_null(column) for column in constraint.columns)


def _foreign_key(look: Look) -> Iterator[Found]:
    for effect, action, constraint in _added(look, ConstraintKind.FOREIGN_KEY):
        if constraint.checks_rows:
            yield Found(
                action.offset,
                f"the new foreign key scans {effect.name}, and blocks writes of it and of {constraint.references}",
            )
    yield from _foreign_key_of_filled(look)
    for effect, action in actions(look, ActionKind.ENFORCE):
        known = look.state.table(effect.name)
        key = known.constraints.get(action.name) if known else None
        if key is None or not key.enforced:
            yield Found(action.offset, f"ENFORCED scans {effect.name} under ACCESS EXCLUSIVE")


def _foreign_key_of_filled(look: Look) -> Iterator[Found]:
    """Give the foreign keys of a table that the file made and filled: their rows are looked up in the other table."""
    effect = look.effect
    if not isinstance(effect, AlterTable) or not look.is_new(effect.name):
        return
    table = look.state.table(effect.name)
    for action in effect.actions:
        key = action.constraint
        if key and key.references and key.checks_rows and table and table.filled and not look.is_new(key.references):
            yield Found(
                action.offset, f"every row of {effect.name} is looked up, and writes of {key.references} are blocked"
            )


def _key(look: Look) -> Iterator[Found]:
    for effect, action, constraint in _added(look, *_KEYS):
        table = look.state.table(effect.name)
        empty_parent = effect.only and table is not None and table.partitioned
        if constraint.using_index is None and not empty_parent:
            yield Found(
                action.offset,
                f"the index of the new {_KEYS[constraint.kind]} is built under ACCESS EXCLUSIVE on {effect.name}",
            )


def _validate(look: Look) -> Iterator[Found]:
    effect = look.effect
    if not isinstance(effect, AlterTable) or all(each.kind is not ActionKind.VALIDATE for each in effect.actions):
        return
    not_valid = {
        (before.effect.name, action.constraint.name)
        for before in (*look.before, look.read)
        if isinstance(before.effect, AlterTable)
        for action in before.effect.actions
        if action.constraint and not action.constraint.valid
    }
    for action in effect.actions:
        if action.kind is ActionKind.VALIDATE and (effect.name, action.name) in not_valid:
            yield Found(
                action.offset,
                f"{action.name} is validated in the transaction that added it, whose lock on {effect.name} is still "
                f"held",
            )


def _nullable_key(look: Look) -> Iterator[Found]:
    for effect, action, constraint in _added(look, ConstraintKind.PRIMARY_KEY):
        table = look.state.table(effect.name)
        key = constraint.columns
        if constraint.using_index and table:
            key = table.key_of(constraint.using_index) or ()
        columns = [name for name in key if table and table.is_not_null(name) is False]
        if columns:
            yield Found(
                action.offset,
                f"PRIMARY KEY makes {', '.join(columns)} NOT NULL: that scans {effect.name}",
            )
        elif constraint.using_index and not (table and key and all(map(table.is_not_null, key))):
            yield Found(
                action.offset,
                f"PRIMARY KEY scans {effect.name} if a column of {constraint.using_index} is not NOT NULL",
            )


def _dropped_key(look: Look) -> Iterator[Found]:
    effect = look.effect
    if isinstance(effect, AlterTable):
        for _, action in actions(look, ActionKind.DROP_CONSTRAINT):
            table = look.state.table(effect.name)
            known = table.constraints.get(action.name) if table else None
            if known and known.references and not look.is_new(known.references):
                yield Found(
                    action.offset,
                    f"dropping {action.name} also locks {known.references} under ACCESS EXCLUSIVE until COMMIT",
                )
    elif isinstance(effect, Drop) and effect.what == "TABLE":
        for name in effect.names:
            table = look.state.table(name)
            for key in table.foreign_keys() if table and not look.is_new(name) else ():
                if key.references and key.references not in effect.names:
                    yield Found(
                        effect.offset,
                        f"dropping {name} also locks {key.references}, which it references, until COMMIT",
                    )


def _old_writers(look: Look) -> Iterator[Found]:
    for effect, action, constraint in _added(look, ConstraintKind.CHECK):
        if not constraint.valid and constraint.enforced:
            yield Found(
                action.offset,
                f"from here on {effect.name} refuses rows that {constraint.name or 'the CHECK'} does not allow, "
                f"those of "
                "the release that still runs too",
            )


def _domain(look: Look) -> Iterator[Found]:
    effect = look.effect
    if not isinstance(effect, AlterDomain) or not effect.valid:
        return
    known = [each.name for each in look.state.tables_with(effect.name) if not look.is_new(each.name)]
    if known or look.state.domain_files.get(effect.name) != look.file.file:
        names = f": {', '.join(known)}" if known else ""
        yield Found(
            effect.offset,
            f"{effect.action} scans every table with a column of {effect.name} and blocks writes{names}",
        )


CONSTRAINT_RULES = (
    Rule(
        "check-without-not-valid",
        "A new CHECK scans the table",
        "ADD CONSTRAINT … CHECK scans the table under ACCESS EXCLUSIVE.",
        "Add it NOT VALID, which holds for new rows at once, and VALIDATE it in the next migration.",
        Severity.ERROR,
        "ALTER TABLE shop.orders ADD CONSTRAINT orders_total_check CHECK (total >= 0);",
        "ALTER TABLE shop.orders ADD CONSTRAINT orders_total_check CHECK (total >= 0) NOT VALID;\n"
        "-- the next migration\n"
        "ALTER TABLE shop.orders VALIDATE CONSTRAINT orders_total_check;",
        _TABLES,
        _check,
        squawk=("constraint-missing-not-valid",),
    ),
    Rule(
        "foreign-key-without-not-valid",
        "A new foreign key scans the table",
        "Every row is looked up in the other table, and writes of both wait meanwhile.",
        "Add it NOT VALID, and VALIDATE it in the next migration.",
        Severity.ERROR,
        "ALTER TABLE shop.orders ADD CONSTRAINT orders_user_fk FOREIGN KEY (user_id) REFERENCES shop.users (id);",
        "ALTER TABLE shop.orders\n"
        "    ADD CONSTRAINT orders_user_fk FOREIGN KEY (user_id) REFERENCES shop.users (id) NOT VALID;\n"
        "-- the next migration\n"
        "ALTER TABLE shop.orders VALIDATE CONSTRAINT orders_user_fk;",
        _TABLES,
        _foreign_key,
        squawk=("adding-foreign-key-constraint",),
    ),
    Rule(
        "key-without-index",
        "A new key builds its index under ACCESS EXCLUSIVE",
        "ADD UNIQUE, PRIMARY KEY and EXCLUDE build an index while all reads and writes of the table wait.",
        "Build a unique index CONCURRENTLY in a file of its own, then add the constraint USING INDEX. For EXCLUDE "
        "there "
        "is no such way: make it while the table is small.",
        Severity.ERROR,
        "ALTER TABLE shop.users ADD CONSTRAINT users_email_key UNIQUE (email);",
        "-- transactional: false\n"
        "CREATE UNIQUE INDEX CONCURRENTLY users_email_key ON shop.users (email);\n"
        "-- the next migration\n"
        "ALTER TABLE shop.users ADD CONSTRAINT users_email_key UNIQUE USING INDEX users_email_key;",
        _TABLES,
        _key,
        squawk=("disallowed-unique-constraint",),
    ),
    Rule(
        "validate-in-same-transaction",
        "A constraint is validated in the transaction that adds it",
        "NOT VALID is meant to release the strong lock before the scan. In one transaction it is held until COMMIT.",
        "Move VALIDATE CONSTRAINT into the next migration.",
        Severity.ERROR,
        "ALTER TABLE shop.orders ADD CONSTRAINT orders_total_check CHECK (total >= 0) NOT VALID;\n"
        "ALTER TABLE shop.orders VALIDATE CONSTRAINT orders_total_check;",
        "ALTER TABLE shop.orders ADD CONSTRAINT orders_total_check CHECK (total >= 0) NOT VALID;\n"
        "-- the next migration\n"
        "ALTER TABLE shop.orders VALIDATE CONSTRAINT orders_total_check;",
        _TABLES,
        _validate,
    ),
    Rule(
        "primary-key-over-nullable",
        "A PRIMARY KEY over a nullable column scans the table",
        "The key sets NOT NULL, which scans the table under ACCESS EXCLUSIVE; with USING INDEX too.",
        "Set the column NOT NULL first (see set-not-null), then add the key USING INDEX.",
        Severity.ERROR,
        "-- transactional: false\n"
        "CREATE UNIQUE INDEX CONCURRENTLY events_pk ON shop.events (id);\n"
        "-- the next migration\n"
        "ALTER TABLE shop.events ADD CONSTRAINT events_pk PRIMARY KEY USING INDEX events_pk;",
        "-- transactional: false\n"
        "CREATE UNIQUE INDEX CONCURRENTLY parts_pk ON shop.parts (id);\n"
        "-- the next migration\n"
        "ALTER TABLE shop.parts ADD CONSTRAINT parts_pk PRIMARY KEY USING INDEX parts_pk;",
        "CREATE TABLE shop.events (id bigint);\nCREATE TABLE shop.parts (id bigint NOT NULL);",
        _nullable_key,
    ),
    Rule(
        "drop-foreign-key",
        "Dropping a foreign key locks the referenced table",
        "Both tables are locked with ACCESS EXCLUSIVE: the one that is referred to as well, which may be the "
        "busiest.",
        "Do it in a migration of its own, so that the locks are short; drop the constraint before the table.",
        Severity.WARNING,
        "ALTER TABLE shop.orders DROP CONSTRAINT orders_user_id_fkey;",
        "ALTER TABLE shop.orders DROP CONSTRAINT orders_total_check;",
        "CREATE TABLE shop.users (id bigint PRIMARY KEY);\n"
        "CREATE TABLE shop.orders (id bigint PRIMARY KEY, user_id bigint REFERENCES shop.users (id), total int,\n"
        "    CONSTRAINT orders_total_check CHECK (total >= 0));",
        _dropped_key,
    ),
    Rule(
        "check-against-old-writers",
        "A new CHECK refuses what running code may still write",
        "NOT VALID holds for every new row at once. While old and new code run side by side, the old one's writes "
        "fail.",
        "Release code that writes what the CHECK allows first; add the CHECK once nothing else runs.",
        Severity.NOTE,
        "ALTER TABLE shop.orders ADD CONSTRAINT orders_total_check CHECK (total >= 0) NOT VALID;",
        "ALTER TABLE shop.orders ADD COLUMN note text;",
        _TABLES,
        _old_writers,
    ),
    Rule(
        "domain-constraint",
        "A new constraint of a domain scans every table that uses it",
        "ALTER DOMAIN … ADD CONSTRAINT, VALIDATE CONSTRAINT and SET NOT NULL read all rows of all tables with a "
        "column of that domain, under SHARE: writes of all these tables wait.",
        "Add it NOT VALID, which holds for new values at once; for the rows that are there, add a CHECK to each "
        "table, NOT VALID, and VALIDATE it in the next migration, which blocks no session.",
        Severity.ERROR,
        "ALTER DOMAIN shop.email ADD CONSTRAINT email_set CHECK (VALUE <> '');",
        "ALTER DOMAIN shop.email ADD CONSTRAINT email_set CHECK (VALUE <> '') NOT VALID;",
        "CREATE DOMAIN shop.email AS text;",
        _domain,
        squawk=("ban-alter-domain-with-add-constraint",),
    ),
)
