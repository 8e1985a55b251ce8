"""Migrations to the order in which they run: dependencies first, then by name or by number."""

from __future__ import annotations

import heapq
import re
from typing import TYPE_CHECKING, Literal, TypeAlias

from codezest_sql.core.migrations.files.layout import Layout, flyway_version, id_of
from codezest_sql.core.text.suggestion import did_you_mean
from codezest_sql.errors import CodezestError, DependencyError
from codezest_sql.place import excerpt

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Sequence

    from codezest_sql.core.migrations.files.script import Migration

# In which order files run that do not depend on each other; "auto" is the order of the tool that wrote the files.
Order: TypeAlias = Literal["auto", "name", "number"]

# Of the tools behind these layouts: golang-migrate and sqlx, Flyway, goose, sql-migrate, node-pg-migrate, tern and
# postgrator parse the number before they sort; dbmate, diesel, hasura and Prisma sort names, or numbers of one width.
_BY_NUMBER = frozenset(
    {
        Layout.UP_DOWN,
        Layout.FLYWAY,
        Layout.GOOSE,
        Layout.SQL_MIGRATE,
        Layout.NODE_PG_MIGRATE,
        Layout.TERN,
        Layout.POSTGRATOR,
    }
)
# Diesel's way to write a moment.
_DATED = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})-([0-9]{6})(?![0-9])")


def is_by_number(migrations: Iterable[Migration], order: Order) -> bool:
    """Whether a folder's files run by their numbers; ``auto`` means as the tool does that wrote them."""
    if order == "auto":
        return any(migration.layout in _BY_NUMBER for migration in migrations)
    return order == "number"


def number_of(migration: Migration) -> tuple[int, ...]:
    """Return the number that a migration's name begins with, Flyway's versions part by part; () without one."""
    if migration.layout is Layout.FLYWAY:
        return flyway_version(migration.id)
    digits = leading_digits(migration.id)
    return (int(digits),) if digits else ()


def leading_digits(migration_id: str) -> str:
    """Return the digits that an id begins with, "" without any; of ``2026-01-31-093000_x`` all of the moment's."""
    dated = _DATED.match(migration_id)
    if dated:
        return "".join(dated.groups())
    digits = re.match(r"[0-9]+", migration_id)
    return digits[0] if digits else ""


def in_order(migrations: Iterable[Migration], *, by_number: bool = False) -> tuple[Migration, ...]:
    """Return the migrations with each after all it depends on, otherwise lexicographic by id, or by number and id.

    Kahn's algorithm over a heap of ids: among those that could run next, the smallest id does, which is the
    order of yoyo's ``topological_sort`` over a sorted folder (held by a contract test). By number, what has none
    comes last. Raises ``DependencyError`` for a cycle, naming its members in order.
    """
    by_id = {migration.id: migration for migration in migrations}
    waiting = {migration.id: {name for name in migration.depends if name in by_id} for migration in by_id.values()}
    followers: dict[str, list[str]] = {}
    for migration_id, names in waiting.items():
        for name in names:
            followers.setdefault(name, []).append(migration_id)

    def key(migration_id: str) -> tuple[bool, tuple[int, ...], str]:
        number = number_of(by_id[migration_id]) if by_number else ()
        return (not number, number, migration_id)

    ready = [key(migration_id) for migration_id, names in waiting.items() if not names]
    heapq.heapify(ready)
    ordered: list[Migration] = []
    while ready:
        *_, migration_id = heapq.heappop(ready)
        ordered.append(by_id[migration_id])
        for follower in followers.get(migration_id, ()):
            waiting[follower].discard(migration_id)
            if not waiting[follower]:
                heapq.heappush(ready, key(follower))
    if len(ordered) < len(by_id):
        raise _cycle(by_id, waiting)
    return tuple(ordered)


def _cycle(by_id: dict[str, Migration], waiting: dict[str, set[str]]) -> DependencyError:
    """Walk from a migration that waits along what it waits for, until one comes round again."""
    current = min(migration_id for migration_id, names in waiting.items() if names)
    path: list[str] = []
    while current not in path:
        path.append(current)
        current = min(name for name in waiting[current] if waiting[name])
    circle = [*path[path.index(current) :], current]
    migration = by_id[circle[0]]
    place = migration.place_of(circle[1])
    return DependencyError(
        f"dependencies go round in a circle: {' → '.join(circle)}",
        place=place,
        source=excerpt(migration.up.text, place),
        hint="remove one of these dependencies",
    )


def unknown_dependencies(migrations: Sequence[Migration], *, known: Collection[str]) -> list[CodezestError]:
    """Return an error for each dependency of which there is no file.

    ``known`` are the ids of all files, including files with errors: an error is reported once.
    """
    errors: list[CodezestError] = []
    for migration in migrations:
        for name in migration.depends:
            if name in known:
                continue
            place = migration.place_of(name)
            hint = did_you_mean(name, known)
            if id_of(name) in known:
                hint = f"write {id_of(name)}, without the ending"
            errors.append(
                DependencyError(
                    f"depends on {name}, of which there is no file",
                    place=place,
                    source=excerpt(migration.up.text, place),
                    hint=hint or "name a migration of this folder",
                )
            )
    return errors


def number_notes(migrations: Sequence[Migration], *, by_number: bool) -> tuple[str, ...]:
    """Warn of numbers whose lexicographic order is not their numeric one, and of numbers used twice."""
    numbers = [(digits, migration.id) for migration in migrations if (digits := leading_digits(migration.id))]
    notes: list[str] = []
    widths = {len(number) for number, _ in numbers}
    if len(widths) > 1 and not by_number:
        shortest = next(name for number, name in numbers if len(number) == min(widths))
        longest = next(name for number, name in numbers if len(number) == max(widths))
        notes.append(
            f"numbers of different widths ({shortest}, {longest}): files run in the order of their names, "
            'in which 10 comes before 2; order = "number" in [tool.codezest-sql] runs them by number'
        )
    first: dict[str, str] = {}
    for digits, name in numbers:
        number = str(int(digits)) if by_number else digits
        if number in first:
            notes.append(f"two migrations have the number {digits}: {first[number]} and {name}")
        first.setdefault(number, name)
    return tuple(notes)
