"""The entry point: the tree of commands, and every way in which one can end."""

from __future__ import annotations

import os
import signal
import sys
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

import codezest_sql
from codezest_sql.cli import (
    db,
    migrate,
    migrate_dump,
    migrate_redo,
    migrate_verify,
    partitions,
)
from codezest_sql.cli.output import accept_every_character, forget_stdout, json_wanted, print_json
from codezest_sql.core.report import error_json, error_text
from codezest_sql.errors import Bug, CodezestError, ExitCode, UsageError

if TYPE_CHECKING:
    from sys import UnraisableHookArgs
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
# Each adds its command to the group `migrate` when it is imported.
COMMANDS_OF_MIGRATE = (migrate_dump, migrate_redo, migrate_verify)
app.add_typer(migrate.app, name="migrate")
app.add_typer(partitions.app, name="partitions")
app.add_typer(db.app, name="db")


class Stopped(SystemExit):
    """SIGINT or SIGTERM asks this process to end.

    For a ``SystemExit`` psycopg cancels the running statement, so that the server lets go at once, and Typer, which
    turns a ``KeyboardInterrupt`` into a mere exit code, lets it pass.
    """

    def __init__(self, number: int) -> None:
        super().__init__(int(ExitCode.TERMINATED if number == signal.SIGTERM else ExitCode.INTERRUPTED))
        self.number = number
        self.word = "terminated" if number == signal.SIGTERM else "interrupted"


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
    _catch_signals()
    accept_every_character()
    code = run()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM):
        # What was to be done is done, and said: no traceback of a late signal.
        signal.signal(number, signal.SIG_IGN)
    sys.exit(code)


def run(arguments: list[str] | None = None) -> int:
    """Run one command and return its exit code, with every error already printed."""
    json = json_wanted(sys.argv[1:] if arguments is None else arguments)
    try:
        result = app(arguments, standalone_mode=False, prog_name="codezest-sql")
    except CodezestError as error:
        return _fail(error, json=json)
    except Stopped as stopped:
        return _stopped(stopped, json=json)
    except typer.Abort:
        # A question was answered with no, or by the end of the input.
        return _fail(CodezestError("not confirmed: nothing was done"), json=json)
    except SystemExit as error:
        if not isinstance(error.__context__, BrokenPipeError):
            raise
        # Click's answer to a reader that went away (such as head): what that wanted it has.
        forget_stdout()
        return int(ExitCode.DONE)
    except Exception as error:  # noqa: BLE001  # the last line of defence
        return _unexpected(error, json=json)
    return result if isinstance(result, int) else int(ExitCode.DONE)


def _fail(error: CodezestError, *, json: bool, text: bool = True) -> int:
    """Print an error, for people on stderr and, if that is wanted, as JSON on stdout; return its exit code."""
    if text:
        typer.echo(error_text(error), err=True)
    if json:
        try:
            print_json(error_json(error))
        except OSError:  # nobody reads it; the exit code is the error's all the same
            forget_stdout()
    return int(error.exit_code)


def _unexpected(error: Exception, *, json: bool) -> int:
    """Print what no command raises on purpose, and return its exit code."""
    if isinstance(error, OSError):
        forget_stdout()  # perhaps it is what failed
        what = f"{error.filename}: {error.strerror}" if error.filename else error.strerror
        return _fail(CodezestError(what or "the operating system refused"), json=False)
    show = getattr(error, "show", None)
    if callable(show):  # a usage error of click, which newer versions of Typer carry under a private name
        show()
        return _fail(UsageError(str(getattr(error, "message", error))), json=json, text=False)
    _print_bug(error, json=json)  # everything else is our mistake
    return int(ExitCode.BUG)


def _stopped(stopped: Stopped, *, json: bool) -> int:
    code = stopped.code if isinstance(stopped.code, int) else int(ExitCode.INTERRUPTED)
    if json:
        print_json({"exit_code": code, "errors": [{"code": stopped.word, "message": stopped.word}]})
    typer.echo(f"{stopped.word}: run the command again, and it goes on where this stopped", err=True)
    return code


def _print_bug(error: Exception, *, json: bool) -> None:
    """Say that it is ours, and where the details are."""
    import tempfile  # start-up time
    import traceback

    if json:
        print_json(error_json(Bug(f"a bug in codezest-sql: {error.__class__.__name__}")))
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


def _catch_signals() -> None:
    """Let SIGINT and SIGTERM raise ``Stopped``, wherever they arrive."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _stop)
    sys.unraisablehook = _once_more


def _stop(number: int, _frame: FrameType | None) -> NoReturn:
    raise Stopped(number)


def _once_more(unraisable: UnraisableHookArgs) -> None:
    """Raise again what was raised in a callback of the interpreter, such as a weak reference's: it got lost there."""
    error = unraisable.exc_value
    if not isinstance(error, Stopped):
        sys.__unraisablehook__(unraisable)
        return
    number = error.number
    signal.signal(signal.SIGALRM, lambda _, frame: _stop(number, frame))
    signal.setitimer(signal.ITIMER_REAL, 0.01)
