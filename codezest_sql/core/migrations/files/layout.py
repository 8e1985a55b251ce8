"""A file's name to what the file is: of which migration, which way, in whose layout. Never reads what is in it.

The layouts are those of the tools whose folders can be used as they are: yoyo and this one (``X.sql``),
golang-migrate and sqlx (``X.up.sql``), diesel and hasura (``X/up.sql``), Prisma (``X/migration.sql``), Flyway
(``V1__title.sql``), postgrator (``1.do.title.sql``). dbmate, goose, sql-migrate, node-pg-migrate and tern keep both
ways in one ``X.sql``: ``core/migrations/files/sections.py`` reads its content. Names that undo something in other
tools are found by ``core/migrations/files/undo_names.py``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import Enum

from codezest_sql.core.migrations.history import Direction
from codezest_sql.errors import FileNameError
from codezest_sql.place import Place


class Layout(Enum):
    """How the two ways of a migration are kept in files."""

    PLAIN = "X.sql, X.rollback.sql"
    UP_DOWN = "X.up.sql, X.down.sql"
    FOLDER = "X/up.sql, X/down.sql"
    PRISMA = "X/migration.sql, X/down.sql"
    FLYWAY = "V1__title.sql, U1__title.sql"
    DBMATE = "X.sql with -- migrate:up and -- migrate:down"
    GOOSE = "X.sql with -- +goose Up and -- +goose Down"
    SQL_MIGRATE = "X.sql with -- +migrate Up and -- +migrate Down"
    NODE_PG_MIGRATE = "X.sql with -- Up Migration and -- Down Migration"
    TERN = "X.sql with ---- create above / drop below ----"
    POSTGRATOR = "1.do.title.sql, 1.undo.title.sql"


# The lines that open the two sections of a file; what stands above tern's is the way there.
MARKERS = {
    Layout.DBMATE: {Direction.UP: "-- migrate:up", Direction.DOWN: "-- migrate:down"},
    Layout.GOOSE: {Direction.UP: "-- +goose Up", Direction.DOWN: "-- +goose Down"},
    Layout.SQL_MIGRATE: {Direction.UP: "-- +migrate Up", Direction.DOWN: "-- +migrate Down"},
    Layout.NODE_PG_MIGRATE: {Direction.UP: "-- Up Migration", Direction.DOWN: "-- Down Migration"},
    Layout.TERN: {Direction.DOWN: "---- create above / drop below ----"},
}
# What a folder may hold and still be one migration.
INNER_NAMES = frozenset({"up.sql", "down.sql", "migration.sql"})
METADATA_NAME = "metadata.toml"
# Flyway's configuration of one script.
SCRIPT_CONFIG = ".sql.conf"

_INNER = {
    "up.sql": (Direction.UP, Layout.FOLDER),
    "down.sql": (Direction.DOWN, Layout.FOLDER),
    "migration.sql": (Direction.UP, Layout.PRISMA),
}
_SUFFIXES = {
    ".rollback": (Direction.DOWN, Layout.PLAIN),
    ".up": (Direction.UP, Layout.UP_DOWN),
    ".down": (Direction.DOWN, Layout.UP_DOWN),
}
_FLYWAY = re.compile(r"([VU])([0-9]+(?:[._][0-9]+)*)__.*", re.DOTALL)
# What Flyway would not read as a versioned migration, or not at all: "Migrations" and "Callback Events" of its
# documentation.
_FLYWAY_REPEATABLE = re.compile(r"R__.*", re.DOTALL)
_FLYWAY_BASELINE = re.compile(r"B[0-9][0-9._]*__.*", re.DOTALL)
_FLYWAY_CALLBACK = re.compile(r"(?:(?:before|after)[A-Z][A-Za-z]*|createSchema)(?:__.*)?", re.DOTALL)
_FLYWAY_NEARLY = re.compile(r"[VvUu][0-9].*|[A-Za-z]{1,2}[0-9]+(?:[._][0-9]+)*__.*", re.DOTALL)
_POSTGRATOR = re.compile(r"([0-9]+)\.(do|undo)(?:\..*)?", re.DOTALL | re.IGNORECASE)
_BESIDE_FLYWAY = {
    _FLYWAY_REPEATABLE: (
        "Flyway's repeatable migrations are not run: a migration runs once",
        "make each change a V file of its own, or run this file after codezest-sql",
    ),
    _FLYWAY_BASELINE: (
        "Flyway's baseline migrations are not run",
        "keep the V files that it sums up, or name it as a V file",
    ),
    _FLYWAY_CALLBACK: (
        "Flyway's callbacks are not run",
        "make it a migration, or run it before or after codezest-sql",
    ),
    _FLYWAY_NEARLY: (
        "neither a plain name nor one of Flyway's, as its neighbours' are",
        "name it V2__title.sql: V or U in upper case, a number, two underscores",
    ),
}
# The ledger's column is VARCHAR(255); yoyo would fail in the middle of a run.
_LONGEST_ID = 255


@dataclass(frozen=True, slots=True)
class Role:
    """What a file is by its name: one way of the migration ``id``.

    Flyway and postgrator pair files by their ``version``.
    """

    id: str
    direction: Direction
    layout: Layout
    version: tuple[int, ...] = ()

    @property
    def pair(self) -> tuple[object, ...]:
        """What the two files of one migration have in common."""
        if self.version:
            return (self.layout, self.version)
        return (Layout.FOLDER if self.layout is Layout.PRISMA else self.layout, self.id)


def read_name(name: str) -> Role | None:
    """Return what the file ``name``, relative to the folder and with ``/``, is; None where it is no SQL file."""
    folder, slash, base = name.rpartition("/")
    if slash:
        inner = _INNER.get(base)
        return Role(folder, *inner) if inner else None
    stem = base.removesuffix(".sql")
    if stem == base:
        return None
    for suffix, (direction, layout) in _SUFFIXES.items():
        if stem.endswith(suffix):
            return Role(stem.removesuffix(suffix), direction, layout)
    flyway = _FLYWAY.fullmatch(stem)
    if flyway:
        direction = Direction.UP if flyway[1] == "V" else Direction.DOWN
        return Role(stem, direction, Layout.FLYWAY, flyway_version(stem))
    return Role(stem, Direction.UP, Layout.PLAIN)


def postgrator_role(stem: str) -> Role | None:
    """Return what ``1.do.title`` and ``1.undo.title`` are in a folder of postgrator's, None for another name."""
    found = _POSTGRATOR.fullmatch(stem)
    if not found:
        return None
    direction = Direction.UP if found[2].lower() == "do" else Direction.DOWN
    return Role(stem, direction, Layout.POSTGRATOR, (int(found[1]),))


def flyway_version(name: str) -> tuple[int, ...]:
    """Return the version of a name such as ``V1.2__title``, without zeros at its end: for Flyway 1 is 1.0."""
    flyway = _FLYWAY.fullmatch(name)
    parts = [int(part) for part in re.split("[._]", flyway[2])] if flyway else []
    while len(parts) > 1 and not parts[-1]:
        del parts[-1]
    return tuple(parts)


def up_name(layout: Layout, migration_id: str) -> str:
    """Return the name of the file that does a migration, relative to the folder."""
    endings = {Layout.UP_DOWN: ".up.sql", Layout.FOLDER: "/up.sql", Layout.PRISMA: "/migration.sql"}
    return migration_id + endings.get(layout, ".sql")


def down_name(layout: Layout, migration_id: str) -> str:
    """Return the name of the file that undoes a migration: where it has sections, the file itself."""
    if layout is Layout.FLYWAY:
        return f"U{migration_id[1:]}.sql"
    if layout is Layout.POSTGRATOR:
        return re.sub(r"\.do(?=\.|\Z)", ".undo", migration_id, count=1, flags=re.IGNORECASE) + ".sql"
    inner = "/down.sql"
    endings = {
        Layout.PLAIN: ".rollback.sql",
        Layout.UP_DOWN: ".down.sql",
        Layout.FOLDER: inner,
        Layout.PRISMA: inner,
    }
    return migration_id + endings.get(layout, ".sql")


def metadata_of(name: str) -> str | None:
    """Return the id of the migration that a file configures: diesel's ``metadata.toml``, Flyway's ``X.sql.conf``."""
    if name.endswith(f"/{METADATA_NAME}"):
        return name.rpartition("/")[0]
    return name.removesuffix(SCRIPT_CONFIG) if name.endswith(SCRIPT_CONFIG) else None


def id_of(name: str) -> str:
    """Return the id that a person means who writes the name of a file, or of a folder: ``X.up.sql``, ``X/``."""
    return re.sub(r"(?:(?:\.up|/up|/migration)?\.sql|/)\Z", "", name)


def name_problem(name: str, *, path: str) -> FileNameError | None:
    """Return why this name cannot be a migration's, for files that look like one; ``path`` is for the message."""
    folder, slash, base = name.rpartition("/")
    stem, dot, ending = base.rpartition(".")
    if not dot or ending.lower() not in ("sql", "py"):
        return None
    place = Place(path)
    if ending == "py":
        return FileNameError(
            "migrations in Python are not run: the source of truth is SQL", place=place, hint="write it in SQL"
        )
    lower = _in_lower_case(base, whole=bool(slash))
    if lower != base:
        return FileNameError(
            "file endings are in lower case", place=place, hint=f"rename it to {folder}{slash}{lower}"
        )
    if name == "down.sql":
        return FileNameError(
            "down.sql undoes something, but which migration is unknown",
            place=place,
            hint="up.sql and down.sql are one migration within a folder that bears its name: "
            "name the folder above with --migrations",
        )
    role = read_name(name)
    return _id_problem(role.id if role else stem, place)


def _in_lower_case(base: str, *, whole: bool) -> str:
    """Return the name with its endings in lower case; ``whole`` for a file whose name is only that."""
    if whole:
        return base.lower()
    parts = re.fullmatch(r"(?is)(.*?)(\.rollback|\.up|\.down)?(\.sql)", base)
    return f"{parts[1]}{(parts[2] or '').lower()}{parts[3].lower()}" if parts else base


def _id_problem(migration_id: str, place: Place) -> FileNameError | None:
    if migration_id.startswith("post-apply"):
        return FileNameError(
            "yoyo's post-apply hooks are not run",
            place=place,
            hint="make it a migration, or run it after codezest-sql",
        )
    if not migration_id:
        return FileNameError("the file has no name before its ending", place=place, hint="name it 0001_title.sql")
    if any(character.isspace() or not character.isprintable() for character in migration_id):
        return FileNameError(
            "a migration's name holds no white space or control characters: -- depends: separates names by spaces",
            place=place,
            hint="use _ instead",
        )
    if len(migration_id) > _LONGEST_ID:
        return FileNameError(
            f"the name is longer than {_LONGEST_ID} characters, which the ledger cannot hold",
            place=place,
            hint="shorten it",
        )
    return None


def flyway_problem(role: Role, *, path: str) -> FileNameError | None:
    """Return why a file cannot lie next to Flyway's: its name has a meaning there that is not supported here.

    Taken for a plain file, each of these would run once, as a migration like any other.
    """
    if role.layout is not Layout.PLAIN or role.direction is Direction.DOWN:
        return None
    for pattern, (message, hint) in _BESIDE_FLYWAY.items():
        if pattern.fullmatch(role.id):
            return FileNameError(message, place=Place(path), hint=hint)
    return None


def may_have_sections(text: str) -> bool:
    """Whether a text can have the markers of sections at all. A search by expression takes longer."""
    lower = text.lower()
    return "goose" in lower or "migrat" in lower or "create above" in lower


# Words of which every mark in ``core/migrations/files/foreign_sections.py`` has one.
_MARK_WORDS = (
    "down", "undo", "backout", "unmigrate", "rollback", "roll back", "roll-back", "revert", "backward", "unapply",
    "undeploy", "!ups", "liquibase", "atlas:", "verify", "deploy", "include",
)  # fmt: skip


def may_have_marks(text: str) -> bool:
    """Whether a text can have the mark of a tool that is not supported."""
    lower = text.lower()
    return any(word in lower for word in _MARK_WORDS)


@dataclass(frozen=True, slots=True)
class FoundFile:
    """A file of the folder: its name within it, with ``/`` where it lies deeper, its path for messages, its bytes."""

    name: str
    path: str
    data: bytes = field(repr=False)
