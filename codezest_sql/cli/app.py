"""The tree of commands, as Typer reads it. What a command does is in the other modules of this package."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

import codezest_sql
from codezest_sql.cli import check, db, generate, init, lint, moved, platform, review, seed, stats
from codezest_sql.cli.migrate import adopt, commands, dump, redo, verify
from codezest_sql.cli.output import echo
from codezest_sql.errors import CodezestError, ExitCode
from codezest_sql.platform.packaged_schema import sql_folder

if TYPE_CHECKING:
    from collections.abc import Sequence


def _is_platform() -> bool:
    """Whether the working folder is in a checkout of the CodeZest platform, the only one that lists its commands."""
    checkout = sql_folder().parent
    try:
        return (checkout / "pyproject.toml").is_file() and Path.cwd().is_relative_to(checkout)
    except OSError:  # the working folder does not exist
        return False


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
COMMANDS_OF_MIGRATE = (redo, verify, dump, adopt)
app.command(epilog="Example: codezest-sql init shop --ci gitlab")(init.init)
app.add_typer(commands.app, name="migrate")
app.command(epilog="Example: codezest-sql check --json > queries.json")(check.check)
app.command(epilog="Example: codezest-sql lint --format github")(lint.lint)
app.command(epilog="Example: codezest-sql generate --check")(generate.generate)
app.command(epilog="Example: codezest-sql review --base origin/main --format markdown")(review.review)
app.command(epilog="Example: codezest-sql seed --json")(seed.seed)
app.add_typer(stats.app, name="stats")
app.add_typer(platform.app, name="platform", hidden=not _is_platform())
app.command(
    hidden=True,
    context_settings={"ignore_unknown_options": True},
    epilog="Example: codezest-sql platform partitions make",
)(moved.partitions)
app.add_typer(db.app, name="db")


def _version(wanted: bool) -> None:  # Typer's callbacks take the value
    if wanted:
        echo(f"codezest-sql {codezest_sql.__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[  # handled by its callback
        bool, typer.Option("--version", help="Print the version and exit.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Write SQL, get typed Python: safe PostgreSQL migrations, checked by the server."""


def run_app(arguments: Sequence[str] | None) -> int:
    """Run one command and return its exit code. Raises our errors, or Click's usage errors."""
    try:
        result = app(arguments, standalone_mode=False, prog_name="codezest-sql")
    except typer.Abort:
        # A question was answered with no, or by the end of the input.
        raise CodezestError("not confirmed: nothing was done") from None
    except SystemExit as error:
        # Click's answer to a reader that went away (such as head).
        if type(error) is SystemExit and isinstance(error.__context__, BrokenPipeError):
            raise error.__context__ from None
        raise
    return result if isinstance(result, int) else int(ExitCode.DONE)
