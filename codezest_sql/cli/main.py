"""The entry point: the tree of commands, and every way in which one can end."""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

import codezest_sql
from codezest_sql.cli import db, migrate, partitions
from codezest_sql.cli.options import json_wanted
from codezest_sql.core.report import error_json, error_text
from codezest_sql.errors import CodezestError, ExitCode

if TYPE_CHECKING:
    from types import FrameType

app = typer.Typer(
    name="codezest-sql",
    help="Write SQL, get typed Python: safe PostgreSQL migrations, checked by the server.",
    epilog="Example: codezest-sql migrate --database-url postgresql://me@localhost/app",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(migrate.app, name="migrate")
app.add_typer(partitions.app, name="partitions")
app.add_typer(db.app, name="db")


class Terminated(KeyboardInterrupt):
    """SIGTERM, of the kind for which psycopg cancels the running statement, so that the server lets go at once."""


def _version(wanted: bool) -> None:  # Typer's callbacks take the value
    if wanted:
        typer.echo(f"codezest-sql {codezest_sql.__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[  # handled by its callback
        bool, typer.Option("--version", help="Print the version and exit.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Write SQL, get typed Python: safe PostgreSQL migrations, checked by the server."""


def main() -> NoReturn:
    """Run the command line and exit with a documented code; no traceback reaches a user."""
    signal.signal(signal.SIGTERM, _terminate)
    sys.exit(run())


def run(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code, with every error already printed."""
    try:
        result = app(arguments, standalone_mode=False, prog_name="codezest-sql")
    except CodezestError as error:
        _print_error(error)
        return int(error.exit_code)
    except (KeyboardInterrupt, typer.Abort) as error:
        # Typer turns a KeyboardInterrupt of a command into an Abort.
        terminated = Terminated in (type(error), type(error.__cause__))
        _say("terminated" if terminated else "interrupted")
        return int(ExitCode.TERMINATED if terminated else ExitCode.INTERRUPTED)
    except BrokenPipeError:
        # The reader went away (such as head): what it wanted it has. Python must not complain at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return int(ExitCode.DONE)
    except Exception as error:  # noqa: BLE001  # the last line of defence
        show = getattr(error, "show", None)
        if callable(show):  # a usage error of click, which newer versions of Typer carry under a private name
            show()
            return int(ExitCode.USAGE)
        _print_bug(error)  # everything else is our mistake
        return int(ExitCode.BUG)
    return result if isinstance(result, int) else int(ExitCode.DONE)


def _print_error(error: CodezestError) -> None:
    if json_wanted():
        import json  # start-up time

        typer.echo(json.dumps(error_json(error), indent=2, ensure_ascii=False))
    typer.echo(error_text(error), err=True)


def _print_bug(error: Exception) -> None:
    """Say that it is ours, and where the details are."""
    import tempfile  # start-up time
    import traceback

    if os.environ.get("CODEZEST_DEBUG"):
        traceback.print_exception(error)
        return
    details = "".join(traceback.format_exception(error))
    try:
        with tempfile.NamedTemporaryFile("w", prefix="codezest-sql-bug-", suffix=".txt", delete=False) as file:
            file.write(f"codezest-sql {codezest_sql.__version__}, Python {sys.version}\n{details}")
        where = f"; details are in {file.name}"
    except OSError:
        where = ""
    typer.echo(f"error: a bug in codezest-sql: {error.__class__.__name__}{where} [bug]", err=True)
    typer.echo("  hint: please report it with that file; CODEZEST_DEBUG=1 prints the details", err=True)


def _say(word: str) -> None:
    typer.echo(f"{word}: nothing half done is kept; run the command again to go on", err=True)


def _terminate(_number: int, _frame: FrameType | None) -> NoReturn:
    raise Terminated
