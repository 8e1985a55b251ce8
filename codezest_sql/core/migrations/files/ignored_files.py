"""A name in a folder of migrations that is not run: an error, a note, or ignored. Opens nothing.

An error is what another tool runs among the SQL files: a numbered file in another language (goose's ``2_fill.go``,
Flyway's ``V2__Fill.java``, knex's ``2_fill.js``), SQL under another ending, a changelog of Liquibase's. Without it
the result would be another one. What is clearly no migration (a README, what an editor or a system leaves, the
checksums of migration tools) is left out without a note. All else is noted.
"""

from __future__ import annotations

import re
from enum import Enum, auto
from typing import NamedTuple

from codezest_sql.errors import FileNameError
from codezest_sql.place import Place

_LANGUAGES = {
    "Go": ("go",),
    "Java": ("java", "class", "jar"),
    "Kotlin": ("kt", "kts"),
    "Groovy": ("groovy",),
    "Scala": ("scala",),
    "Clojure": ("clj", "cljc", "edn"),
    "JavaScript": ("js", "mjs", "cjs", "coffee"),
    "TypeScript": ("ts", "mts", "cts"),
    "Ruby": ("rb",),
    "PHP": ("php",),
    "Perl": ("pl", "pm"),
    "Elixir": ("ex", "exs"),
    "C#": ("cs", "csx"),
    "F#": ("fs", "fsx"),
    "Visual Basic": ("vb",),
    "Rust": ("rs",),
    "Haskell": ("hs",),
    "Lua": ("lua",),
    "Dart": ("dart",),
    "Swift": ("swift",),
    "shell": ("sh", "bash", "zsh", "ps1", "bat", "cmd"),
    "XML": ("xml",),
    "YAML": ("yaml", "yml"),
    "JSON": ("json",),
}
_LANGUAGE_OF = {ending: language for language, endings in _LANGUAGES.items() for ending in endings}
# What is before a migration's title: a number, also with Flyway's prefixes or the words of ORMs before it.
_NUMBERED = re.compile(r"(?:[VvUuBbMm]|R__|version|migration)?_?[0-9].*|R__.*", re.IGNORECASE | re.DOTALL)
# Tests and declarations of types, which no tool runs: 2_fill_test.go, 2-fill.d.ts.
_NO_MIGRATION = re.compile(r".*(?:_test\.go|\.(?:d|test|spec)\.[cm]?[jt]s|\.map)", re.IGNORECASE | re.DOTALL)
_CHANGELOG = re.compile(r".*change-?_?log.*\.(?:xml|ya?ml|json)", re.IGNORECASE | re.DOTALL)
_OTHER_SQL = re.compile(r".*\.(?:psql|pgsql|plpgsql|ddl|dml|sql\.[a-z0-9]+|sql_[a-z]+)", re.IGNORECASE | re.DOTALL)
_COPY = re.compile(r".*\.sql\.(?:bak|orig|old|rej|save|tmp|conf|md|txt)", re.IGNORECASE | re.DOTALL)
# One way of a migration within its folder, in another language: Hasura's up.yaml.
_INNER = re.compile(r"(?:up|down|migration)\.[a-z]+", re.IGNORECASE)
_INNOCENT = re.compile(
    r"(?:readme|licen[cs]e|copying|notice|authors|contributing|codeowners|owners)(?:\..*)?|.*\.(?:md|rst|adoc)"
    r"|migrations\.sum|atlas\.sum|migration_lock\.toml|snapshot\.json|__init__\.py|thumbs\.db|desktop\.ini"
    r"|.*~|#.*#|.*\.sw[a-z]|__pycache__|node_modules",
    re.IGNORECASE | re.DOTALL,
)
# Folders whose SQL undoes something, as slonik, umzug and Sqitch have them: nothing of them is run on the way up.
_FOLDERS_BACK = frozenset({"down", "undo", "rollback", "rollbacks", "revert", "verify"})


class Kind(Enum):
    """What an entry of a folder is."""

    FILE = auto()
    FOLDER = auto()  # without SQL in it


class Stranger(NamedTuple):
    """An entry that is not run: its name within the folder, with ``/`` where it lies deeper."""

    name: str
    kind: Kind = Kind.FILE


class Verdict(NamedTuple):
    """The errors, and the notes in which all else is named."""

    errors: tuple[FileNameError, ...]
    notes: tuple[str, ...]


_MOST = 8


def judge_strangers(strangers: list[Stranger], *, folder: str) -> Verdict:
    """Return the errors and notes about files that are not run."""
    errors: list[FileNameError] = []
    named: list[str] = []
    for stranger in strangers:
        problem = _problem(stranger, path=f"{folder}/{stranger.name}")
        if problem:
            errors.append(problem)
        elif not is_innocent(stranger.name):
            named.append(stranger.name + ("/" if stranger.kind is Kind.FOLDER else ""))
    more = f" and {len(named) - _MOST} more" if len(named) > _MOST else ""
    notes = (f"{folder}: not run, since no migrations in SQL: {', '.join(named[:_MOST])}{more}",) if named else ()
    return Verdict(tuple(errors), notes)


def is_innocent(name: str) -> bool:
    """Whether a file or folder of this name is clearly no migration; hidden ones are not, unless they are SQL."""
    base = name.rpartition("/")[2]
    if base.startswith("."):
        return base.startswith("._") or not base.lower().endswith(".sql")
    return _INNOCENT.fullmatch(base) is not None


def is_inner_stranger(name: str) -> bool:
    """Whether a file within a folder is named as one way of a migration, in another language than SQL."""
    return _INNER.fullmatch(name.rpartition("/")[2]) is not None


def undoes(folder: str) -> bool:
    """Whether the SQL of a folder of this name undoes something."""
    return folder.lower() in _FOLDERS_BACK


def hint_for_folder(name: str) -> str:
    """Return how the SQL of a subfolder becomes migrations, by the tool whose folders are named so."""
    lower = name.lower()
    if lower in {"deploy", "revert", "verify"}:
        return (
            "Sqitch's folders: put each deploy script here as 0001_title.sql, numbered by sqitch.plan, "
            "and its revert script next to it as 0001_title.rollback.sql"
        )
    if lower in _FOLDERS_BACK:
        return "move each X.sql of it here as X.rollback.sql, next to the X.sql that it undoes"
    if lower == "sqls":
        return (
            "db-migrate's SQL: name it with --migrations, and rename X-up.sql to X.up.sql, X-down.sql to X.down.sql"
        )
    if lower == "committed":
        return "graphile-migrate's migrations: name this folder with --migrations"
    return (
        "move its files up, or name it with --migrations; "
        "a migration's own folder holds up.sql and down.sql, or migration.sql"
    )


def _problem(stranger: Stranger, *, path: str) -> FileNameError | None:
    folder, slash, base = stranger.name.rpartition("/")
    if stranger.kind is Kind.FOLDER or base.startswith("."):
        return None
    ending = base.rpartition(".")[2].lower()
    place = Place(path)
    if not slash and _CHANGELOG.fullmatch(base):
        return FileNameError(
            "a changelog of Liquibase, which would decide what runs and in which order, is not read",
            place=place,
            hint="write its changesets as SQL files, numbered in their order, and remove it",
        )
    inner = bool(slash) and is_inner_stranger(base)
    if not (inner or (not slash and _NUMBERED.fullmatch(base))) or _NO_MIGRATION.fullmatch(base):
        return None
    language = _LANGUAGE_OF.get(ending)
    title = f"{folder}/{base.rpartition('.')[0]}" if inner else base.rpartition(".")[0]
    if language is not None:
        return FileNameError(
            f"a migration in {language} is not run, and those after it may need it",
            place=place,
            hint=f"write it in SQL, as {title}.sql; if it is no migration, move it out of the folder",
        )
    if _OTHER_SQL.fullmatch(base) and not _COPY.fullmatch(base):
        return FileNameError(
            f"SQL under the ending .{ending} is not run, and migrations after it may need it",
            place=place,
            hint="name it .sql, as the SQL that is to run; if it is no migration, move it out of the folder",
        )
    return None
