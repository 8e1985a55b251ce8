"""``codezest-sql stats dump``: the statistics of a live database as a file to commit."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codezest_sql.actions.project.atomic_write import replace_file
from codezest_sql.actions.project.settings import show_path
from codezest_sql.core.query_plans.statistics_file import write_statistics
from codezest_sql.errors import FolderError
from codezest_sql.ledger import LEDGER_TABLES
from codezest_sql.postgres.connection import bound_waiting, connect, server_errors
from codezest_sql.postgres.explain.statistics import dump_statistics

if TYPE_CHECKING:
    from pathlib import Path

    from codezest_sql.actions.project.target import Target


@dataclass(frozen=True, slots=True)
class StatisticsReport:
    """The file, how many tables are in it, and those without statistics."""

    path: str
    tables: int
    unanalysed: tuple[str, ...]
    changed: bool


def write_dump(target: Target, output: Path) -> StatisticsReport:
    """Read the statistics in one read-only transaction, and write the file, whole or not at all.

    Raises ``FolderError`` where it cannot be written, and what ``connect`` and ``server_errors`` do.
    """
    shown = show_path(output)
    if not output.parent.is_dir():
        raise FolderError(
            f"cannot write {shown}: {show_path(output.parent)} is not a folder", hint="make the folder first"
        )
    with closing(connect(target.url(), purpose="stats")) as connection, server_errors("read the statistics"):
        connection.read_only = True
        with connection.transaction():
            bound_waiting(connection, target.settings.lock_timeout, local=True)
            found = dump_statistics(connection, besides=LEDGER_TABLES, ignore_schemas=target.settings.ignore_schemas)
    text = write_statistics(found.statistics).encode()
    try:
        changed = not output.exists() or output.read_bytes() != text
        if changed:
            replace_file(output, text)
    except OSError as error:
        raise FolderError(f"cannot write {shown}: {error.strerror}") from None
    return StatisticsReport(shown, len(found.statistics.tables), found.unanalysed, changed)
