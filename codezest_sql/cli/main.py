"""The entry point: every way in which a command can begin, and every way in which one can end."""

from __future__ import annotations

import gc
import os
import signal
import sys
from typing import TYPE_CHECKING, NoReturn

import codezest_sql
from codezest_sql.cli.fast_arguments import read_plain, run_plain
from codezest_sql.cli.output import accept_every_character, echo, forget_stdout, json_wanted, print_json
from codezest_sql.cli.stopped import Stopped
from codezest_sql.errors import Bug, CodezestError, ExitCode, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from sys import UnraisableHookArgs
    from types import FrameType

# Set by the shell when it asks for completions: Typer's to answer.
COMPLETION = "_CODEZEST_SQL_COMPLETE"
_OBJECTS_BETWEEN_COLLECTIONS = 100_000


def main() -> NoReturn:
    """Run the command line and exit with a documented code; no traceback reaches a user."""
    # Until then nothing that was imported is garbage: looking for it over and over is an eighth of a short run.
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)
    _catch_signals()
    accept_every_character()
    code = run()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGALRM):
        # The command is done, and its result printed: no traceback of a late signal.
        signal.signal(number, signal.SIG_IGN)
    gc.freeze()  # nor is it looked through once more at the end
    sys.exit(code)


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code, with every error already printed."""
    words = sys.argv[1:] if arguments is None else arguments
    json = json_wanted(words)
    try:
        plain = None if COMPLETION in os.environ else read_plain(words)
        if plain is not None:
            return run_plain(plain)
        from codezest_sql.cli.app import run_app

        return run_app(arguments)
    except CodezestError as error:
        return _fail(error, json=json)
    except Stopped as stopped:
        return _stopped(stopped, json=json)
    except BrokenPipeError:
        # A reader that went away (such as head): what that wanted it has.
        forget_stdout()
        return int(ExitCode.DONE)
    except Exception as error:  # noqa: BLE001  # the last line of defence
        return _unexpected(error, json=json)


def _fail(error: CodezestError, *, json: bool, text: bool = True) -> int:
    """Print an error, for people on stderr and, if that is wanted, as JSON on stdout; return its exit code."""
    from codezest_sql.core.error_report import error_json, error_text

    if text:
        echo(error_text(error), err=True)
    if json:
        try:
            print_json(error_json(error))
        except OSError:  # the reader is gone; the exit code is the error's all the same
            forget_stdout()
    return int(error.exit_code)


def _unexpected(error: Exception, *, json: bool) -> int:
    """Print what no command raises on purpose, and return its exit code."""
    if isinstance(error, OSError):
        forget_stdout()  # perhaps it is what failed
        what = f"{error.filename}: {error.strerror}" if error.filename else error.strerror
        hint = None if error.filename else "perhaps the output could not be written"
        return _fail(CodezestError(what or "the operating system refused", hint=hint), json=False)
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
    echo(f"{stopped.word}: what was finished stays done; run the command again for the rest", err=True)
    return code


def _print_bug(error: Exception, *, json: bool) -> None:
    """Report a bug of this program, and where the details are."""
    import tempfile  # start-up time
    import traceback

    from codezest_sql.core.error_report import error_json

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
    echo(f"error: a bug in codezest-sql: {error.__class__.__name__}{where} [bug]", err=True)
    echo("  hint: please report it with that file; CODEZEST_DEBUG=1 prints the details", err=True)


def _catch_signals() -> None:
    """Let SIGINT and SIGTERM raise ``Stopped``."""
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
