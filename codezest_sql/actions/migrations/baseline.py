"""Adopt an existing database: read files, history and perhaps another tool's ledger, decide in ``core``, mark."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from codezest_sql import ledger
from codezest_sql.actions.migrations.folder import read_doubtful_folder
from codezest_sql.core.adoption.decide import decide
from codezest_sql.core.adoption.matching import match
from codezest_sql.core.adoption.readings import read_rows
from codezest_sql.core.adoption.report import BaselineReport
from codezest_sql.core.adoption.tables import choose_table, parse_table_name
from codezest_sql.core.adoption.tools import TOOLS, find_tool
from codezest_sql.core.migrations.applied_files import settle
from codezest_sql.core.migrations.plan import resolve
from codezest_sql.errors import FileUnreadableError, UsageError
from codezest_sql.place import Place
from codezest_sql.postgres import other_ledgers
from codezest_sql.postgres.connection import bound_waiting, connect, server_errors
from codezest_sql.postgres.url import normalise_url, refuse_pooler_host

if TYPE_CHECKING:
    from codezest_sql.actions.project.target import Target
    from codezest_sql.core.adoption.decide import Adoption
    from codezest_sql.core.adoption.readings import Reading
    from codezest_sql.core.adoption.tables import FoundTable, TableName
    from codezest_sql.core.adoption.tools import Tool
    from codezest_sql.core.migrations.files.folder import MigrationFolder
    from codezest_sql.core.migrations.files.script import Migration
    from codezest_sql.core.migrations.history import History
    from codezest_sql.executor.observer import Observer
    from codezest_sql.postgres.connection import Connection


class _Found(NamedTuple):
    """What one look at the database gave: our history, the tool's ledger, and whether anything else is there."""

    history: History
    table: FoundTable | None
    reading: Reading | None
    has_tables: bool


def baseline(
    target: Target,
    *,
    observer: Observer,
    migration_id: str | None = None,
    tool_name: str | None = None,
    ledger_table: str | None = None,
    dry_run: bool = False,
) -> BaselineReport:
    """Mark migrations as applied without running them: all up to ``migration_id``, or those of a tool's ledger.

    With both, the tool's ledger must exist and be clean, and all up to ``migration_id`` is marked. The database is
    looked at twice, before the lock and under it: another deployer may have written meanwhile. Raises the errors of
    ``read_folder``, ``find_tool``, ``choose_table``, ``read_rows``, ``match``, ``decide`` and ``Deployer``.
    """
    if migration_id is None and tool_name is None:
        raise UsageError(
            "name what was applied already",
            hint="give the ID of the last migration, or --from TOOL to read another tool's ledger",
        )
    if ledger_table is not None and tool_name is None:
        raise UsageError("--ledger-table is for --from", hint="add --from TOOL")
    tool = find_tool(tool_name) if tool_name is not None else None
    given = parse_table_name(ledger_table) if ledger_table is not None else None
    doubtful = read_doubtful_folder(target.settings)
    by_id = migration_id is not None
    contents = _read_contents(doubtful) if tool and tool.checks_content and not by_id else {}
    url = target.url()
    if not dry_run:
        refuse_pooler_host(normalise_url(url))

    def think(found: _Found) -> Adoption:
        folder = settle(doubtful, found.history)
        last = resolve(folder, migration_id) if migration_id is not None else None
        if last is not None:
            applied: tuple[Migration, ...] = folder.migrations[: folder.migrations.index(last) + 1]
        elif tool and found.reading:
            applied = match(tool, found.reading, folder, contents)
        else:
            applied = ()
        return decide(folder, found.history, applied, add_hashes=tool is not None)

    found = _look(target, url, tool, given)
    adoption = think(found)
    if not (dry_run or adoption.is_nothing):
        from codezest_sql.executor.deployer import Deployer  # noqa: PLC0415  # only for a baseline that writes

        with Deployer(url, target.settings, observer=observer, purpose="baseline") as deployer:
            found = _look(target, url, tool, given)._replace(history=deployer.history())
            adoption = think(found)
            deployer.adopt(adoption)
    notes = (*settle(doubtful, found.history).notes, *_notes(found, tool, adoption, by_id=by_id))
    table = str(found.table) if found.table else None
    return BaselineReport(target.describe(url), adoption, tool.name if tool else None, table, notes, dry_run)


def _look(target: Target, url: str, tool: Tool | None, given: TableName | None) -> _Found:
    """Read the history and the tool's ledger at one instant, in a transaction that cannot write."""
    names = {*(known.table for known in TOOLS), *([given.name] if given else [])}
    connection = connect(url, purpose="baseline")
    try:
        with server_errors("read the ledger"), connection.transaction():
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            bound_waiting(connection, target.settings.lock_timeout, local=True)
            history = ledger.read_history(connection)
            table = reading = None
            if tool:
                table = choose_table(tool, _candidates(connection, tool, names), given)
                with server_errors(f"read {table}, the ledger of {tool.name}"):
                    reading = read_rows(tool, other_ledgers.read_ledger(connection, tool, table))
            has_tables = other_ledgers.has_tables(connection, besides=names | ledger.LEDGER_TABLES)
    finally:
        connection.close()
    return _Found(history, table, reading, has_tables)


def _candidates(connection: Connection, tool: Tool, names: set[str]) -> tuple[FoundTable, ...]:
    """Return the tables that may be the tool's ledger, or another tool's that the user meant.

    Our ledger is yoyo's table with one of ours. A request for another tool's ledger must not read it: whether yoyo
    ever ran here is not known.
    """
    found = other_ledgers.find_ledgers(connection, names)
    own = ledger.find_tables(connection)
    if tool.table == ledger.MIGRATIONS or ledger.CONTENT not in own.found:
        return found
    return tuple(table for table in found if (table.schema, table.name) != (own.schema, ledger.MIGRATIONS))


def _read_contents(folder: MigrationFolder) -> dict[str, bytes]:
    """Read the files' bytes: other tools compute checksums of these, not of the text that is sent."""
    contents: dict[str, bytes] = {}
    for migration in folder.migrations:
        try:
            contents[migration.id] = Path(migration.up.file).read_bytes()
        except OSError as error:
            raise FileUnreadableError(
                f"cannot be read: {error.strerror}", place=Place(migration.up.file), hint="restore it"
            ) from None
    return contents


def _notes(found: _Found, tool: Tool | None, adoption: Adoption, *, by_id: bool) -> list[str]:
    notes = [*adoption.notes]
    if not found.has_tables and not adoption.is_nothing:
        notes.insert(
            0,
            "the database has no tables: marking does not make them; to run the migrations instead, "
            '"codezest-sql migrate"',
        )
    if tool and found.reading and found.table:
        notes[:0] = found.reading.notes
        if by_id or (not found.reading.entries and found.reading.up_to is None):
            notes.insert(0, found.reading.describe(tool))
        if tool.name != "yoyo":
            notes.append(
                f"{tool.name}'s table is left as it is; once {tool.name} no longer runs on this database: "
                f"DROP TABLE {found.table}"
            )
    return notes
