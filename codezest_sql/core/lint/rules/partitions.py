"""Rules about partitions: what reads a partition, or locks its parent."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from codezest_sql.core.ddl.changes import ActionKind, ConstraintKind, CreateTable, Drop
from codezest_sql.core.lint.finding import Severity
from codezest_sql.core.lint.rule import Found, Look, Rule
from codezest_sql.core.lint.rules.columns import actions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codezest_sql.core.ddl.schema_so_far import Table

_TABLES = (
    "CREATE TABLE shop.events (id bigint, at date NOT NULL) PARTITION BY RANGE (at);\n"
    "CREATE TABLE shop.events_1 PARTITION OF shop.events FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');\n"
    "CREATE TABLE shop.bare (id bigint, at date NOT NULL);\n"
    "CREATE TABLE shop.verified (id bigint, at date NOT NULL,\n"
    "    CONSTRAINT proven_at CHECK (at >= '2026-03-01' AND at < '2026-04-01'));"
)
_BOUND = re.compile(r"'[^']*'|\b[0-9]+\b")


def _attach(look: Look) -> Iterator[Found]:
    yield from _reads_default(look)
    for _, action in actions(look, ActionKind.ATTACH):
        table = look.state.table(action.name)
        if table and look.is_new(action.name):
            continue
        text = look.file.text[action.offset : look.read.statement.end]
        bounds = {each[0] for each in _BOUND.finditer(text)}
        checks = [
            {found[0] for found in _BOUND.finditer(each.expression)}
            for each in (table.constraints.values() if table else ())
            if each.kind is ConstraintKind.CHECK and each.valid
        ]
        if not any(bounds and bounds <= check for check in checks):
            yield Found(
                action.offset,
                f"no valid CHECK implies the bounds: {action.name} is scanned under ACCESS EXCLUSIVE",
            )


def _reads_default(look: Look) -> Iterator[Found]:
    """Give the default partition that is read for rows that belong into a new partition."""
    effect = look.effect
    found: list[tuple[str, int]] = []
    if isinstance(effect, CreateTable) and effect.partition_of:
        found = [(effect.partition_of, effect.offset)]
    found += [(each.name, action.offset) for each, action in actions(look, ActionKind.ATTACH)]
    for parent, offset in found:
        table = look.state.table(parent)
        default = look.state.table(table.default) if table and table.default else None
        if default and not look.is_new(default.name) and not _has_check(default):
            yield Found(
                offset,
                f"the default partition {default.name} is scanned under ACCESS EXCLUSIVE",
                "Add a CHECK that excludes the bounds to the default partition, NOT VALID, and VALIDATE it first.",
            )


def _has_check(table: Table) -> bool:
    return any(each.kind is ConstraintKind.CHECK and each.checks_rows for each in table.constraints.values())


def _locks_parent(look: Look) -> Iterator[Found]:
    effect = look.effect
    if isinstance(effect, CreateTable) and effect.partition_of and not look.is_new(effect.partition_of):
        yield Found(
            effect.offset,
            f"a new partition locks {effect.partition_of} with ACCESS EXCLUSIVE",
        )
    if isinstance(effect, Drop) and effect.what == "TABLE":
        for name in effect.names:
            table = look.state.table(name)
            if table and table.parent and not look.is_new(table.parent):
                yield Found(
                    effect.offset,
                    f"dropping the partition {name} locks {table.parent} with ACCESS EXCLUSIVE",
                    "DETACH it CONCURRENTLY in a file of its own, then drop it.",
                )
    for each, action in actions(look, ActionKind.DETACH):
        if not action.concurrently:
            yield Found(
                action.offset,
                f"DETACH locks {each.name} with ACCESS EXCLUSIVE, and so blocks reads of every partition",
                "DETACH PARTITION … CONCURRENTLY, in a file of its own with the header -- transactional: false.",
            )


PARTITION_RULES = (
    Rule(
        "attach-without-check",
        "ATTACH PARTITION scans the new partition",
        "Without a valid CHECK that implies its bounds, it is scanned under ACCESS EXCLUSIVE; a default partition "
        "as well.",
        "Add a CHECK with the bounds, NOT VALID and then VALIDATE, before the ATTACH.",
        Severity.ERROR,
        "ALTER TABLE shop.events ATTACH PARTITION shop.bare FOR VALUES FROM ('2026-02-01') TO ('2026-03-01');",
        "ALTER TABLE shop.events ATTACH PARTITION shop.verified FOR VALUES FROM ('2026-03-01') TO ('2026-04-01');",
        _TABLES,
        _attach,
    ),
    Rule(
        "partition-locks-parent",
        "Creating or dropping a partition locks the parent",
        "CREATE TABLE … PARTITION OF, DROP TABLE of a partition and plain DETACH take ACCESS EXCLUSIVE on the "
        "parent, "
        "so that every query of any partition waits.",
        "Make a plain table with a CHECK of the bounds and ATTACH it, which locks little; DETACH CONCURRENTLY.",
        Severity.WARNING,
        "CREATE TABLE shop.events_2 PARTITION OF shop.events FOR VALUES FROM ('2026-02-01') TO ('2026-03-01');",
        "CREATE TABLE shop.events_2 (id bigint, at date NOT NULL);\n"
        "ALTER TABLE shop.events ATTACH PARTITION shop.events_2 FOR VALUES FROM ('2026-02-01') TO ('2026-03-01');",
        _TABLES,
        _locks_parent,
    ),
)
