"""What the files make × what a database holds → what was changed by hand. Pure.

Two kinds of difference are expected: partitions that a job creates and drops over time, if the project
states so (``managed_partitions``), and the ledger that another tool left behind. What one side may not read, or the
older of two versions does not keep, is not compared.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from codezest_sql.core.adoption.tools import TOOLS
from codezest_sql.core.schema.diff import diff
from codezest_sql.core.schema.objects import ObjectKind, Schema

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from codezest_sql.core.schema.diff import Diff
    from codezest_sql.core.schema.objects import CatalogObject, ObjectKey

# Where other tools keep what they applied; older versions of goose numbered its rows by a sequence.
FOREIGN_LEDGERS = frozenset({tool.table for tool in TOOLS} | {"goose_db_version_id_seq"})

# What the catalog has in place of a fact that the connected role may not read.
NOT_VISIBLE = "(not visible)"
_NEW_FACTS = frozenset({"not null constraint", "not null declared again", "not null comment"})


@dataclass(frozen=True, slots=True)
class Drift:
    """What differs, and what was left out of the comparison, in words."""

    diff: Diff
    notes: tuple[str, ...] = ()


def find_drift(
    expected: Schema, live: Schema, *, managed_partitions: Iterable[str] = (), same_major: bool = True
) -> Drift:
    """Return how ``live`` differs from ``expected``: added is what only the live database has.

    Servers of two major versions (not ``same_major``) bring two versions of an extension: that is no hand's work.
    ``managed_partitions`` are the qualified names, quoted as SQL needs it, of partitioned tables. A partition of
    these that one side alone has is no difference; one that both have is compared like any table.
    """
    notes: list[str] = []
    managed = frozenset(managed_partitions)
    here, there = _partitions(live, managed), _partitions(expected, managed)
    for only, verb in ((here - there, "more"), (there - here, "fewer")):
        if only:
            count = f"{len(only)} {'partition' if len(only) == 1 else 'partitions'}"
            notes.append(f"{count} {verb} than the files make, of managed tables: {', '.join(_few(sorted(only)))}")
    ledgers = {
        each.name
        for each in live.objects
        if each.kind in (ObjectKind.TABLE, ObjectKind.SEQUENCE) and _last_part(each.name) in FOREIGN_LEDGERS
    } - {each.name for each in expected.objects}
    if ledgers:
        notes.append(f"the ledger of another tool is left alone: {', '.join(sorted(ledgers))}")
    live = _without(live, lambda each: each.name in ledgers or each.name in here - there)
    expected = _without(expected, lambda each: each.name in there - here)
    if not same_major:
        expected, live = as_every_version(expected), as_every_version(live)
    hidden = _hidden(expected) | _hidden(live)
    unseen = sorted(f"{name} of {key}" for key, name in hidden)
    if unseen:
        notes.append(f"not compared, as this role may not read it: {', '.join(_few(unseen))}")
    return Drift(diff(_without_facts(expected, hidden), _without_facts(live, hidden)), tuple(notes))


def _partitions(schema: Schema, managed: frozenset[str]) -> frozenset[str]:
    """Return the names of the partitions of ``managed`` tables, and of the partitions of those."""
    found: set[str] = set()
    tables = [each for kind in (ObjectKind.TABLE, ObjectKind.FOREIGN_TABLE) for each in schema.of_kind(kind)]
    while True:
        more = {each.name for each in tables if each.get("partition of") in managed | found} - found
        if not more:
            return frozenset(found)
        found |= more


def _without(schema: Schema, unwanted: Callable[[CatalogObject], bool]) -> Schema:
    """Leave out the relations that are unwanted, with all that is part of them."""
    relations = (ObjectKind.TABLE, ObjectKind.FOREIGN_TABLE, ObjectKind.SEQUENCE)
    gone: set[ObjectKey] = {each.key for each in schema.objects if each.kind in relations and unwanted(each)}
    if not gone:
        return schema
    while True:
        parts = {each.key for each in schema.objects if each.parent in gone} - gone
        if not parts:
            return Schema(tuple(each for each in schema.objects if each.key not in gone))
        gone |= parts


def as_every_version(schema: Schema) -> Schema:
    """Leave out what is not the same on every version of PostgreSQL after the same DDL.

    That is the version of an extension, what 17 and 18 keep of a NOT NULL, and the right MAINTAIN, which came with 17
    and is a part of GRANT ALL there.
    """
    return Schema(tuple(_as_every_version(each) for each in schema.objects))


def _as_every_version(each: CatalogObject) -> CatalogObject:
    if each.kind is ObjectKind.EXTENSION:
        return replace(each, properties=tuple(fact for fact in each.properties if fact[0] != "version"))
    if each.kind in (ObjectKind.GRANT, ObjectKind.DEFAULT_PRIVILEGES):
        return replace(each, properties=tuple((name, _without_maintain(value)) for name, value in each.properties))
    if each.kind in (ObjectKind.COLUMN, ObjectKind.DOMAIN):
        return replace(each, properties=tuple(fact for fact in each.properties if fact[0] not in _NEW_FACTS))
    return each


def _without_maintain(value: str) -> str:
    rights = [right for right in value.split(", ") if right != "MAINTAIN"]
    return ", ".join(rights) if rights else value


def _hidden(schema: Schema) -> frozenset[tuple[ObjectKey, str]]:
    return frozenset(
        (each.key, name) for each in schema.objects for name, value in each.properties if value == NOT_VISIBLE
    )


def _without_facts(schema: Schema, unwanted: frozenset[tuple[ObjectKey, str]]) -> Schema:
    if not unwanted:
        return schema
    return Schema(
        tuple(
            replace(each, properties=tuple(fact for fact in each.properties if (each.key, fact[0]) not in unwanted))
            for each in schema.objects
        )
    )


def _last_part(name: str) -> str:
    return name.rpartition(".")[2]


def _few(names: list[str], most: int = 6) -> list[str]:
    return names if len(names) <= most else [*names[:most], f"… and {len(names) - most} more"]
