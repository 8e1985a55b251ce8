"""Reference data: the files of the project's ``seeds`` folder, all in one transaction.

A seed file is SQL that may run again: ``INSERT … ON CONFLICT … DO NOTHING`` with ids that the file gives.
"""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Final

import psycopg

from codezest_sql.actions.project.settings import read_file, show_path
from codezest_sql.core.migrations.files.script import read_script
from codezest_sql.core.seed_report import SeededFile, SeedReport
from codezest_sql.errors import (
    CodezestError,
    ConnectionLostError,
    DirectiveError,
    FileUnreadableError,
    FolderError,
    NotInATransactionError,
    ProjectErrors,
    SeedFailedError,
)
from codezest_sql.executor.failure import failure_in, is_lost, lost_in
from codezest_sql.postgres.connection import bound_waiting, connect, server_errors

if TYPE_CHECKING:
    from collections.abc import Sequence

    from codezest_sql.actions.project.target import Target
    from codezest_sql.core.migrations.files.script import Script
    from codezest_sql.postgres.connection import Connection

KEPT: Final = "nothing of this run was kept"
_AGAIN: Final = "run the command again"
_TAKE_OUT: Final = "take it out of the seed files, which run in one transaction"
_MIGRATE: Final = "is every migration applied? codezest-sql migrate status lists them"
_ON_THE_PATH: Final = "is its schema on the search path, which is {path}, and "
# No such schema or column, which names its table; no such table, function or type (PostgreSQL's errcodes).
_NAMED_WHOLE: Final = frozenset({"3F000", "42703"})
_LOOKED_UP: Final = frozenset({"42P01", "42883", "42704"})


def seed(target: Target) -> SeedReport:
    """Run every seed file, in the order of their names, and return how many rows each added.

    All or nothing: the files run in one transaction. Raises ``FolderError`` where there is no folder or nothing in
    it, ``ProjectErrors`` for what no file may hold, ``SeedFailedError`` at the statement that the server refused.
    """
    scripts = read_seeds(Path(target.settings.seeds))
    url = target.url()
    with closing(connect(url, purpose="seed")) as connection:
        with connection.transaction():
            bound_waiting(connection, target.settings.lock_timeout, local=True)
            files = run_seeds(connection, scripts)
        return SeedReport(target.describe(url), files)


def read_seeds(folder: Path) -> tuple[Script, ...]:
    """Return the scripts of a folder, by name. Raises ``FolderError`` and ``ProjectErrors``, with every mistake."""
    if not folder.is_dir():
        raise FolderError(
            f"{show_path(folder)} is not a folder",
            hint="make it, or name another one with the setting seeds",
        )
    try:
        paths = sorted(path for path in folder.iterdir() if path.suffix == ".sql" and not path.name.startswith("."))
    except OSError as error:
        raise FolderError(
            f"{show_path(folder)} cannot be read: {error.strerror}", hint="look at its permissions"
        ) from None
    if not paths:
        raise FolderError(f"{show_path(folder)} holds no seed file", hint="a seed file ends in .sql")
    scripts: list[Script] = []
    errors: list[CodezestError] = []
    for path in paths:
        try:
            scripts.append(_read(path))
        except ProjectErrors as error:
            errors.extend(error.errors)
    if errors:
        raise ProjectErrors(errors)
    return tuple(scripts)


def run_seeds(connection: Connection, scripts: Sequence[Script]) -> tuple[SeededFile, ...]:
    """Run scripts in the open transaction, each with the search path that the connection has, as migrations do.

    Raises ``SeedFailedError`` and ``ConnectionLostError``.
    """
    with server_errors("prepare the session"):
        found = connection.execute("SELECT pg_catalog.current_setting('search_path')").fetchone()
    path = str(found[0]) if found else ""
    return tuple(SeededFile(script.file, _run(connection, script, path)) for script in scripts)


def _read(path: Path) -> Script:
    file = show_path(path)
    try:
        script = read_script(read_file(path), file=file).script
    except FileUnreadableError as error:
        raise ProjectErrors([error]) from None
    except ProjectErrors as error:
        raise ProjectErrors([_of_a_seed(each) for each in error.errors]) from None
    if script.transactional:
        return script
    # The header that declares it is a comment before the first statement.
    place = script.place(max(0, script.text.find("transactional")))
    raise ProjectErrors([DirectiveError("a seed file cannot leave the transaction", place=place, hint=_TAKE_OUT)])


def _of_a_seed(error: CodezestError) -> CodezestError:
    """Return an error of a migration file as one of a seed file, which cannot leave the transaction."""
    hint = _TAKE_OUT if isinstance(error, NotInATransactionError) else error.hint
    message = error.message.replace("inside a migration", "inside a seed file")
    return type(error)(message, place=error.place, hint=hint, source=error.source)


def _run(connection: Connection, script: Script, path: str) -> int:
    rows = 0
    with server_errors("set the search path"):  # which the file before may have changed
        connection.execute("SELECT pg_catalog.set_config('search_path', %s, true)", [path])
    for statement in script.statements:
        try:
            # Not a caller's string: the text of a file of the project, as a migration is.
            cursor = connection.execute(script.statement_text(statement).encode())
        except psycopg.Error as error:
            if is_lost(connection, error):
                lost = lost_in(script, error, offset=statement.start)
                raise ConnectionLostError(lost.message, place=lost.place, hint=f"{KEPT}; {_AGAIN}") from None
            failure = failure_in(script, error, offset=statement.start, start=statement.start)
            looked_up = _ON_THE_PATH.format(path=path or "empty") if error.sqlstate in _LOOKED_UP else ""
            missing = looked_up + _MIGRATE if error.sqlstate in _NAMED_WHOLE | _LOOKED_UP else None
            hints = [failure.hint, missing, KEPT]
            raise SeedFailedError(
                failure.message,
                place=failure.place,
                hint="; ".join(hint for hint in hints if hint),
                source=failure.source,
            ) from None
        # -1 for what counts no rows, and a SELECT adds none.
        words = (cursor.statusmessage or "").split()
        rows += cursor.rowcount if words and words[0] in {"INSERT", "UPDATE", "DELETE", "MERGE"} else 0
    return rows
