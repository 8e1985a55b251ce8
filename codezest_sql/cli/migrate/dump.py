"""``codezest-sql migrate dump``: the schema as one file of SQL."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from codezest_sql.cli.migrate.commands import app
from codezest_sql.cli.migrate.target_options import TargetOptions, with_target_options
from codezest_sql.cli.output import echo
from codezest_sql.errors import UsageError


@app.command(epilog="Example: codezest-sql migrate dump --output schema.sql")
@with_target_options("migrations", "database_url", "schema")
def dump(
    *,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Write it there. Default: print it.")
    ] = None,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit with 4 where FILE is not what would be written.")
    ] = False,
    options: TargetOptions,
) -> None:
    """Write the database's schema as SQL that loads into an empty database, the same bytes each time."""
    from codezest_sql.actions.migrations import dump as actions

    target = options.target()
    if output is None:
        if check:
            raise UsageError("--check compares with a file, and none is named", hint="add --output schema.sql")
        _print(actions.dump(target))
        return
    report = actions.check_dump(target, output) if check else actions.write_dump(target, output)
    echo(f"wrote {report.path}" if report.written is actions.Written.WROTE else f"{report.path} is up to date")


def _print(text: str) -> None:
    """Print SQL as UTF-8, whatever the terminal takes: in a file that this goes into, an escape is another text."""
    stream = getattr(sys.stdout, "buffer", None)
    if stream is None:
        echo(text, nl=False)
        return
    sys.stdout.flush()
    stream.write(text.encode())
    stream.flush()
