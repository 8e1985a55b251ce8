"""``codezest-sql db …``: the project's embedded PostgreSQL."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from codezest_sql.cli.options import JsonOption, YesOption
from codezest_sql.cli.output import print_json, somebody_answers
from codezest_sql.errors import UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from codezest_sql.postgres.project_server import ServerStatus

app = typer.Typer(
    help="Start, stop and reach the project's embedded PostgreSQL.",
    epilog="Example: codezest-sql db start",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


@app.command(epilog="Example: codezest-sql db start --port 5432")
def start(
    port: Annotated[
        int | None,
        typer.Option(
            "--port",
            min=1,
            max=65535,
            metavar="N",
            help="Also listen on this TCP port of 127.0.0.1, with a password: see `db url --tcp`.",
        ),
    ] = None,
    postgres_version: Annotated[
        int | None,
        typer.Option(
            "--postgres-version", metavar="N", help="Major version of a new server, such as 16. Default: the newest."
        ),
    ] = None,
) -> None:
    """Start the server, unless it runs. It keeps running until `db stop`."""
    from codezest_sql.actions import db

    report = db.start(_root(), port=port, major=postgres_version)
    state = "is running already" if report.already_running else "started"
    typer.echo(f"PostgreSQL {report.status.major} {state} (process {report.status.pid})")
    typer.echo(report.status.url)
    if report.status.tcp_port is not None:
        typer.echo(
            f"port {report.status.tcp_port} of 127.0.0.1 is open: `codezest-sql db url --tcp` has the password"
        )


@app.command(epilog="Example: codezest-sql db stop")
def stop() -> None:
    """Stop the server and end its sessions. The data stay."""
    from codezest_sql.actions import db

    typer.echo("stopped" if db.stop(_root()).was_running else "was not running")


@app.command(epilog="Example: codezest-sql db status --json")
def status(json: JsonOption = False) -> None:
    """Say whether the server runs, and where. Exits with 0 either way."""
    from codezest_sql.actions import db

    found = db.status(_root())
    if json:
        print_json(_facts(found))
        return
    typer.echo("running" if found.running else "not running")
    for name, value in _facts(found).items():
        if value is not None and name != "running":
            typer.echo(f"  {name.replace('_', ' '):<16} {value}")


@app.command(epilog='Example: psql "$(codezest-sql db url)"')
def url(
    tcp: Annotated[
        bool, typer.Option("--tcp", help="The URL over TCP, with its password, for tools that know no unix sockets.")
    ] = False,
) -> None:
    """Print the URL of the project's database; start the server if needed."""
    from codezest_sql.actions import db

    typer.echo(db.url(_root(), tcp=tcp))


@app.command(
    epilog="Example: codezest-sql db psql -c 'SELECT now()'",
    # psql's own options come through, -h among them.
    context_settings={
        "ignore_unknown_options": True,
        "allow_interspersed_args": False,
        "help_option_names": ["--help"],
    },
)
def psql(
    arguments: Annotated[list[str] | None, typer.Argument(metavar="ARGS", help="Passed on to psql.")] = None,
) -> None:
    """Open psql on the project's database; start the server if needed."""
    from codezest_sql.actions import db

    command = db.psql(_root(), arguments or ())
    sys.stdout.flush()
    sys.stderr.flush()
    os.execve(command.words[0], command.words, dict(command.environment))  # noqa: S606  # no shell: psql takes our place


@app.command(epilog="Example: codezest-sql db reset --yes")
def reset(yes: YesOption = False) -> None:
    """Stop the server and delete its data for good. It asks first."""
    from codezest_sql.actions import db

    root = _root()
    if not yes:
        question = f"Delete all data of the embedded server in {db.status(root).data}?"
        if not somebody_answers():
            raise UsageError(f"{question} Nobody is there to answer", hint="pass --yes")
        typer.confirm(question, abort=True, err=True)
    report = db.reset(root)
    typer.echo(f"deleted {report.data}" if report.deleted else "there are no data to delete")


def _root() -> Path:
    from pathlib import Path

    from codezest_sql.actions.settings import find_root

    return find_root(Path.cwd())


def _facts(found: ServerStatus) -> dict[str, str | int | bool | None]:
    return {
        "running": found.running,
        "url": found.url,
        "postgres_version": found.major,
        "process": found.pid,
        "tcp_port": found.tcp_port,
        "started": found.started.isoformat() if found.started else None,
        "data": str(found.data),
        "log": str(found.log),
    }
