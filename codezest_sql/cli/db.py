"""``codezest-sql db …``: the project's embedded PostgreSQL, and the database that other commands work on."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from codezest_sql.cli.options import DatabaseOption, EmbeddedOption, JsonOption, YesOption
from codezest_sql.cli.output import echo, print_json, somebody_answers
from codezest_sql.errors import CodezestError, UsageError

if TYPE_CHECKING:
    from pathlib import Path

    from codezest_sql.actions.project.settings import DatabaseChoice
    from codezest_sql.postgres.server.project_server import ServerStatus

app = typer.Typer(
    help="Start and stop the project's embedded PostgreSQL; reach, create and drop the database that is meant.",
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
    from codezest_sql.actions.project import embedded_server

    report = embedded_server.start(_root(), port=port, major=postgres_version)
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
    from codezest_sql.actions.project import embedded_server

    typer.echo("stopped" if embedded_server.stop(_root()).was_running else "was not running")


@app.command(epilog="Example: codezest-sql db status --json")
def status(json: JsonOption = False) -> None:
    """Show whether the server runs, and where. Exits with 0 either way."""
    from codezest_sql.actions.project import embedded_server

    found = embedded_server.status(_root())
    if json:
        print_json(_facts(found))
        return
    typer.echo("running" if found.running else "not running")
    for name, value in _facts(found).items():
        if value is not None and name != "running":
            typer.echo(f"  {name.replace('_', ' '):<16} {value}")


@app.command("list", epilog="Example: codezest-sql db list --json")
def list_(json: JsonOption = False) -> None:
    """List the embedded servers that this user has started, with their folders."""
    from codezest_sql.actions.project import embedded_server

    listed = embedded_server.list_servers(_root())
    if json:
        print_json(
            [
                {"folder": str(each.root), "readable": each.status is not None}
                | (_facts(each.status) if each.status is not None else {})
                for each in listed
            ]
        )
        return
    for each in listed:
        state = "another user's" if each.status is None else "running" if each.status.running else "not running"
        version = f"PostgreSQL {each.status.major}" if each.status is not None and each.status.major else ""
        echo(f"{state:<14}  {version:<13}  {each.root}")
    if not listed:
        echo("no embedded server has been started")


@app.command(epilog='Example: psql "$(codezest-sql db url)"')
def url(
    tcp: Annotated[
        bool,
        typer.Option(
            "--tcp", help="The embedded server's URL over TCP, with its password, for tools without unix sockets."
        ),
    ] = False,
    embedded: EmbeddedOption = False,
    database_url: DatabaseOption = None,
) -> None:
    """Print the URL of the database, password included; start the embedded server where that is meant."""
    from codezest_sql.actions.project import embedded_server

    root = _root()
    echo(embedded_server.url(root, _chosen(root, database_url, embedded=embedded), tcp=tcp))


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
    embedded: EmbeddedOption = False,
    database_url: DatabaseOption = None,
) -> None:
    """Open psql on the database; its prompt shows which that is. Options of this command come before psql's own."""
    from codezest_sql.actions.project import embedded_server

    root = _root()
    command = embedded_server.psql(root, _chosen(root, database_url, embedded=embedded), arguments or ())
    sys.stdout.flush()
    sys.stderr.flush()
    os.execve(command.words[0], command.words, dict(command.environment))  # noqa: S606  # no shell: psql takes our place


@app.command(epilog="Example: codezest-sql db create --database-url postgresql://me@localhost/app")
def create(database_url: DatabaseOption = None) -> None:
    """Create the database that the URL names, over another database of its server."""
    from codezest_sql.actions.project import embedded_server

    root = _root()
    choice = _chosen(root, database_url)
    found = embedded_server.find_database(root, choice)
    embedded_server.create(root, choice)
    echo(f"created {found.where}")


@app.command(epilog="Example: codezest-sql db drop --yes app_test")
def drop(
    yes: Annotated[
        str | None,
        typer.Option("--yes", metavar="NAME", help="Do it without asking; NAME is that of the database."),
    ] = None,
    database_url: DatabaseOption = None,
) -> None:
    """Drop the database that the URL names, with all that is in it. It asks for the database's name first."""
    from codezest_sql.actions.project import embedded_server
    from codezest_sql.postgres.maintenance import refuse_drop

    root = _root()
    choice = _chosen(root, database_url)
    found = embedded_server.find_database(root, choice)
    refuse_drop(found.name)
    if yes is not None and yes != found.name:
        raise UsageError(f"--yes names {yes}, and the database is {found.where}", hint="nothing was done")
    if yes is None:
        question = f"Drop {found.where} permanently? Type its name to confirm"
        if not somebody_answers():
            raise UsageError(f"{question}: stdin is not a terminal", hint="pass --yes NAME")
        if typer.prompt(question, err=True) != found.name:
            raise CodezestError("not confirmed: nothing was done")
    embedded_server.drop(root, choice)
    echo(f"dropped {found.where}")


@app.command(epilog="Example: codezest-sql db reset --yes")
def reset(yes: YesOption = False, embedded: EmbeddedOption = False) -> None:
    """Stop the embedded server and delete its data permanently. Asks for confirmation.

    Where a URL names the database, it needs --embedded: what the URL names is never deleted.
    """
    from codezest_sql.actions.project import embedded_server

    root = _root()
    database = None if embedded else _chosen(root, None)
    embedded_server.refuse_reset(database)
    if not yes:
        question = f"Delete all data of the embedded server in {embedded_server.status(root).data}?"
        if not somebody_answers():
            raise UsageError(f"{question} stdin is not a terminal", hint="pass --yes")
        typer.confirm(question, abort=True, err=True)
    report = embedded_server.reset(root, database=database)
    typer.echo(f"deleted {report.data}" if report.deleted else "there are no data to delete")


def _chosen(root: Path, database_url: str | None, *, embedded: bool = False) -> DatabaseChoice:
    """Return the database that is meant, as for every command; the embedded server where it is named."""
    from codezest_sql.actions.project.settings import DatabaseChoice, choose_database

    if not embedded:
        return choose_database(database_url, root=root)
    if database_url is not None:
        raise UsageError("--embedded and --database-url exclude each other", hint="give one of them")
    return DatabaseChoice(None, "embedded server")


def _root() -> Path:
    from codezest_sql.actions.project.settings import find_root, working_folder

    return find_root(working_folder())


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
