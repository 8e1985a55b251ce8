"""The canonical ``schema.sql``: read the ledger, run pg_dump, write the text or compare it with a file."""

from __future__ import annotations

import difflib
from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from codezest_sql import ledger
from codezest_sql.actions.migrations.folder import read_doubtful_folder
from codezest_sql.actions.project.atomic_write import replace_file
from codezest_sql.actions.project.settings import show_path
from codezest_sql.core.adoption.tables import is_ledger
from codezest_sql.core.adoption.tools import TOOLS
from codezest_sql.core.migrations.applied_files import settle
from codezest_sql.core.migrations.files.folder import MigrationFolder
from codezest_sql.core.migrations.history import Direction
from codezest_sql.core.migrations.plan import refuse_half_run
from codezest_sql.core.schema.dump import canonical_dump, dump_header
from codezest_sql.errors import (
    Bug,
    DatabaseError,
    FileUnreadableError,
    FolderError,
    LexicalError,
    SnapshotChangedError,
    UsageError,
)
from codezest_sql.place import Place, printable
from codezest_sql.postgres.connection import bound_waiting, connect, server_errors
from codezest_sql.postgres.other_ledgers import find_ledgers
from codezest_sql.postgres.pg_dump import dump_schema, partitions_of, populated_views, unqualified_names

if TYPE_CHECKING:
    from pathlib import Path

    from codezest_sql.actions.project.target import Target
    from codezest_sql.core.migrations.history import History
    from codezest_sql.postgres.connection import Connection

_SHOWN_LINES = 40


class Written(StrEnum):
    """What became of the file."""

    WROTE = "wrote"
    SAME = "up to date"


@dataclass(frozen=True, slots=True)
class DumpReport:
    """The file as messages show it, and what became of it."""

    path: str
    written: Written


def dump(target: Target) -> str:
    """Return the canonical text of the database's schema. Writes nothing.

    Raises what ``read_folder`` raises, ``HalfRunError``, ``ServerError`` where no pg_dump fits, ``LockTimeoutError``,
    and ``DatabaseError`` for errors of pg_dump, and when a migration ran meanwhile.
    """
    url = target.url()
    with closing(connect(url, purpose="dump")) as connection:
        history = _read(target, connection)
        # Without a ledger there need be no folder: a dump can become its first migration.
        folder = MigrationFolder("", ())
        if history.applied or history.journal:
            folder = settle(read_doubtful_folder(target.settings), history)
        for direction in Direction:
            refuse_half_run(folder, history, direction)
        with server_errors("read the catalog"):
            populated = populated_views(connection)
            unqualified = unqualified_names(connection)
            others = ledger.other_ledgers(connection, history.schema) if history.schema else frozenset[str]()
            exclude = partitions_of(connection, target.settings.managed_partitions)
            exclude += [
                (found.schema, table)
                for found in find_ledgers(connection, {tool.table for tool in TOOLS})
                if is_ledger(found)
                for table in (found.name, f"{found.name}_id_seq")  # older versions of goose numbered rows by one
            ]
        if history.schema:
            exclude += [(history.schema, table) for table in sorted(ledger.LEDGER_TABLES)]
        text = dump_schema(
            url,
            server_major=connection.info.server_version // 10000,
            exclude=exclude,
            exclude_schemas=others,
            lock_timeout=target.settings.lock_timeout,
        )
        if _read(target, connection) != history:
            raise DatabaseError("a migration ran while the schema was read", hint="run the command again after it")
    try:
        header = _header(target, folder, history)
        return canonical_dump(text, header=header, populated=populated, unqualified=unqualified)
    except LexicalError as error:
        raise Bug(f"what pg_dump wrote cannot be read: {error.message}") from None


def write_dump(target: Target, output: Path) -> DumpReport:
    """Write the text to a file, whole or not at all. Raises what ``dump`` raises, ``UsageError``, ``FolderError``."""
    before = _look_at(output)
    text = dump(target)
    if text == before:
        return DumpReport(show_path(output), Written.SAME)
    _write(output, text)
    return DumpReport(show_path(output), Written.WROTE)


def check_dump(target: Target, output: Path) -> DumpReport:
    """Compare a file with the text. Raises what ``dump`` raises, and ``SnapshotChangedError`` where they differ."""
    before = _look_at(output)
    text = dump(target)
    shown = show_path(output)
    # git may have turned line ends in a checkout.
    if before is None or before.replace("\r\n", "\n") != text.replace("\r\n", "\n"):
        raise SnapshotChangedError(
            "does not exist" if before is None else f"is not the schema of this database:\n{_diff(before, text)}",
            place=Place(shown),
            hint=f"rewrite it: codezest-sql migrate dump --output {shown}",
        )
    return DumpReport(shown, Written.SAME)


def _read(target: Target, connection: Connection) -> History:
    with server_errors("read the ledger"), connection.transaction():
        bound_waiting(connection, target.settings.lock_timeout, local=True)
        return ledger.read_history(connection)


def _header(target: Target, folder: MigrationFolder, history: History) -> str:
    """Return the header. The order is the folder's: times of application differ from database to database."""
    known = [migration.id for migration in folder.migrations]
    applied = [name for name in known if history.has(name)]
    between = [name for name in known[: known.index(applied[-1])] if name not in applied] if applied else []
    others = sorted(entry.id for entry in history.applied if entry.id not in known)
    return dump_header([*others, *applied], between, managed_partitions=target.settings.managed_partitions)


def _look_at(output: Path) -> str | None:
    """Return what the file holds, None where there is none; refuse now what cannot be written later."""
    shown = show_path(output)
    if output.exists() and not output.is_file():
        raise UsageError(f"--output: {shown} is not a file", hint="leave out --output to print the schema")
    if not output.parent.is_dir():
        raise FolderError(
            f"cannot write {shown}: {show_path(output.parent)} is not a folder", hint="make the folder first"
        )
    try:
        return output.read_bytes().decode("utf-8", "backslashreplace")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise FileUnreadableError(f"cannot be read: {error.strerror}", place=Place(shown)) from None


def _write(output: Path, text: str) -> None:
    try:
        replace_file(output, text.encode())
    except OSError as error:
        raise FolderError(f"cannot write {show_path(output)}: {error.strerror}") from None


def _diff(before: str, after: str) -> str:
    lines = list(
        difflib.unified_diff(before.splitlines(), after.splitlines(), "the file", "the database", lineterm="", n=1)
    )
    more = len(lines) - _SHOWN_LINES
    shown = [printable(line.expandtabs(4)) for line in lines[:_SHOWN_LINES]]
    return "\n".join((*shown, f"… and {more} more lines") if more > 0 else shown)
