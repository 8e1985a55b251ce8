"""The tools whose ledgers are understood, as data: the table, its columns, how a file's version is written.

The comments name the tool's own source, or another source of a fact. What the rows of a table mean is in
``readings.py``; a table that only looks alike (Ecto's ``schema_migrations`` of a bigint and a time) is not taken.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from codezest_sql.core.text.suggestion import did_you_mean
from codezest_sql.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

# What a version is compared by: equal keys are the same version, a smaller one comes before.
Key: TypeAlias = "tuple[int, ...] | str"

# No tool has a longer version; int() of more digits than Python allows would fail.
_MOST_DIGITS = 64


@dataclass(frozen=True, slots=True)
class Tool:
    """One tool: its default table, the columns that are read of it, in this order, and how versions are compared.

    ``exact`` means that a table with further columns is another tool's; ``without`` names a column that makes it one.
    ``key_of_id`` gives the key of a migration's id, None where the tool would not read such a file, and ``key`` that
    of a version as the table has it. ``checks_content`` states that the table keeps checksums of the files.
    """

    name: str
    table: str
    columns: tuple[str, ...]
    key_of_id: Callable[[str], Key | None]
    key: Callable[[str], Key | None]
    exact: bool = False
    without: str | None = None
    checks_content: bool = False


def _itself(text: str) -> Key | None:
    return text


def _digits(text: str) -> Key | None:
    match = re.match("[0-9]+", text)
    return match[0] if match else None


def _number(text: str) -> Key | None:
    match = re.match("[0-9]+", text)
    return (int(match[0]),) if match and len(match[0]) <= _MOST_DIGITS else None


def _flyway(version: str) -> Key | None:
    """1.2, 1_2 and 01.2.0 are one version: numbers apart, zeros at the end dropped (``MigrationVersion``)."""
    if not re.fullmatch(r"[0-9]+([._][0-9]+)*", version) or len(version) > _MOST_DIGITS:
        return None
    numbers = [int(part) for part in re.split("[._]", version)]
    while len(numbers) > 1 and not numbers[-1]:
        numbers.pop()
    return tuple(numbers)


def _flyway_id(migration_id: str) -> Key | None:
    """``V1_2__title`` and, where files were renamed since, ``0001_title``."""
    match = re.match(r"[VB]([0-9][0-9._]*?)(?:__|$)", migration_id)
    return _flyway(match[1]) if match else _number(migration_id)


def _diesel(migration_id: str) -> Key | None:
    """``2019-02-26-002946_title`` is 20190226002946 (``version_from_string`` of migrations_internals)."""
    return migration_id.split("_", maxsplit=1)[0].replace("-", "")


TOOLS = (
    # yoyo 9.0.0, internalmigrations/v2.py
    Tool("yoyo", "_yoyo_migration", ("migration_id",), _itself, _itself),
    # dbmate, pkg/driver/postgres/postgres.go and pkg/dbmate/db.go (^(\d+).*\.sql$); 2.36 was run. Rails has it too.
    Tool("dbmate", "schema_migrations", ("version",), _digits, _itself, exact=True, without="dirty"),
    # Flyway: the columns as others' projects quote them of PostgreSQLDatabase; versions by MigrationVersion.java
    Tool(
        "flyway",
        "flyway_schema_history",
        ("installed_rank", "version", "type", "script", "checksum", "success"),
        _flyway_id,
        _flyway,
        checks_content=True,
    ),
    # golang-migrate, database/postgres/postgres.go and source/parse.go
    Tool("golang-migrate", "schema_migrations", ("version", "dirty"), _number, _number),
    # sqlx, sqlx-postgres/src/migrate.rs and sqlx-core/src/migrate/source.rs
    Tool(
        "sqlx",
        "_sqlx_migrations",
        ("version", "success", "checksum"),
        _number,
        _number,
        checks_content=True,
    ),
    # Alembic, alembic/runtime/migration.py; run for real (1.20)
    Tool("alembic", "alembic_version", ("version_num",), _itself, _itself),
    # goose, internal/dialect/dialectquery/postgres.go; NumericComponent of migrate.go
    Tool("goose", "goose_db_version", ("id", "version_id", "is_applied"), _number, _number),
    # Diesel, migrations_internals/src/lib.rs; the table as dumps of its users' databases show it
    Tool("diesel", "__diesel_schema_migrations", ("version",), _diesel, _itself),
    # Prisma, mark_migration_applied.rs and its siblings; the table as a dump of a user's database shows it
    Tool(
        "prisma",
        "_prisma_migrations",
        ("migration_name", "checksum", "finished_at", "rolled_back_at"),
        _itself,
        _itself,
        checks_content=True,
    ),
    # sql-migrate, migrate.go: the id of a record is the file's name. Some keep a checksum, not checked here
    Tool("sql-migrate", "gorp_migrations", ("id",), _itself, lambda text: text.removesuffix(".sql")),
)


def find_tool(name: str) -> Tool:
    """Return the tool of that name. Raises ``UsageError`` for one that is not known."""
    names = [tool.name for tool in TOOLS]
    for tool in TOOLS:
        if tool.name == name.lower():
            return tool
    known = f"known tools are {', '.join(names)}"
    guess = did_you_mean(name.lower(), names)
    raise UsageError(f"--from: unknown tool {name!r}", hint=f"{guess} ({known})" if guess else known)
