"""``codezest-sql migrate …``: arguments to actions, reports to the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from codezest_sql.cli.migrate.target_options import TargetOptions, with_target_options
from codezest_sql.cli.options import (
    BundledOption,
    DatabaseOption,
    JsonOption,
    MigrationsOption,
    SchemaOption,
    TrustOption,
    WaitOption,
    YesOption,
)
from codezest_sql.cli.output import echo, print_json, somebody_answers
from codezest_sql.errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable


app = typer.Typer(
    help="Apply, undo and look at migrations. Alone, it applies what is pending.",
    epilog="Example: codezest-sql migrate --migrations sql/migrations",
    rich_markup_mode=None,
    invoke_without_command=True,
)


ToOption = Annotated[
    str | None, typer.Option("--to", metavar="ID", help="Stop at this migration (its id, or a beginning).")
]
DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Print the plan and run nothing.")]
PlanOption = Annotated[
    str | None,
    typer.Option("--plan", metavar="SHA", help="Run only the plan of this name, as `migrate plan` printed it."),
]
FrozenOption = Annotated[
    bool, typer.Option("--frozen", help="Refuse a migration that is not finished: `migrate new` left its hash open.")
]
OutOfOrderOption = Annotated[
    bool, typer.Option("--allow-out-of-order", help="Also apply files that come before applied ones.")
]


@app.callback(epilog="Example: codezest-sql migrate --migrations sql/migrations")
def alone(
    context: typer.Context,
    migrations: MigrationsOption = None,
    database_url: DatabaseOption = None,
    bundled: BundledOption = False,
    schema: SchemaOption = None,
    json: JsonOption = False,
    wait: WaitOption = None,
) -> None:
    """Apply, undo and look at migrations. Alone, it applies what is pending."""
    context.obj = TargetOptions(migrations, database_url, bundled, schema)
    if context.invoked_subcommand is None:
        up(context=context, wait=wait, json=json)
    elif json or wait is not None:
        raise UsageError(
            f"--{'json' if json else 'wait'} has no effect before the name of a command",
            hint=f"write it after {context.invoked_subcommand}",
        )


@app.command(epilog="Example: codezest-sql migrate up --to 0004 --dry-run")
@with_target_options("migrations", "database_url", "bundled", "schema", "wait")
def up(
    *,
    to: ToOption = None,
    plan: PlanOption = None,
    dry_run: DryRunOption = False,
    allow_out_of_order: OutOfOrderOption = False,
    frozen: FrozenOption = False,
    options: TargetOptions,
    json: JsonOption = False,
) -> None:
    """Apply what is pending."""
    from codezest_sql.cli import shared_commands

    code = shared_commands.up(
        migrations=options.migrations,
        database_url=options.database_url,
        bundled=options.bundled,
        schema=options.schema,
        to=to,
        plan=plan,
        wait=options.wait,
        dry_run=dry_run,
        allow_out_of_order=allow_out_of_order,
        frozen=frozen,
        json=json,
    )
    raise typer.Exit(code)


@app.command(epilog="Example: codezest-sql migrate down --steps 2 --yes")
@with_target_options("migrations", "database_url", "bundled", "schema", "wait")
def down(
    *,
    steps: Annotated[
        int | None, typer.Option("--steps", min=1, metavar="N", help="How many migrations to undo. Default: 1.")
    ] = None,
    to: Annotated[
        str | None, typer.Option("--to", metavar="ID", help="Undo all that come after this migration, which stays.")
    ] = None,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    options: TargetOptions,
    json: JsonOption = False,
) -> None:
    """Undo the last migration, or several, by their rollback files. Data in dropped tables is lost: it asks first."""
    from codezest_sql.actions.migrations import migrate as actions
    from codezest_sql.cli.console import Progress
    from codezest_sql.cli.shared_commands import print_run

    if steps is not None and to is not None:
        raise UsageError("--steps and --to exclude each other", hint="give one of them")
    target = options.target()
    progress = Progress(to_stderr=json)
    try:
        report = actions.down(
            target,
            steps=steps or 1,
            to=to,
            dry_run=dry_run,
            confirm=ask_before_rollback(yes=yes),
            observer=progress,
        )
    finally:
        progress.end()
    print_run(report, json=json)


@app.command(epilog="Example: codezest-sql migrate status --check || codezest-sql migrate")
@with_target_options("migrations", "database_url", "bundled", "schema")
def status(
    *,
    check: Annotated[bool, typer.Option("--check", help="Exit with 3 where something is pending.")] = False,
    frozen: FrozenOption = False,
    options: TargetOptions,
    json: JsonOption = False,
) -> None:
    """List all migrations: applied, pending, half run, edited, missing. Exits with 4 where they differ."""
    from codezest_sql.cli import shared_commands

    code = shared_commands.status(
        migrations=options.migrations,
        database_url=options.database_url,
        bundled=options.bundled,
        schema=options.schema,
        check=check,
        frozen=frozen,
        json=json,
    )
    raise typer.Exit(code)


@app.command(epilog="Example: codezest-sql migrate plan --json > plan.json")
@with_target_options("migrations", "database_url", "bundled", "schema")
def plan(
    *,
    to: ToOption = None,
    allow_out_of_order: OutOfOrderOption = False,
    frozen: FrozenOption = False,
    options: TargetOptions,
    json: JsonOption = False,
) -> None:
    """Print exactly what `migrate up` would run, and the name of that plan for `up --plan`."""
    from codezest_sql.actions.migrations import migrate as actions
    from codezest_sql.core.migrations.plan_report import plan_json, plan_text

    target = options.target(frozen=frozen)
    report = actions.plan(target, to=to, allow_out_of_order=allow_out_of_order)
    if json:
        print_json(plan_json(report))
    else:
        echo(plan_text(report))


@app.command(epilog="Example: codezest-sql migrate new 'add badges'")
@with_target_options("migrations")
def new(
    *,
    title: Annotated[str, typer.Argument(metavar="TITLE", help="What changes, in a few words.")],
    no_transaction: Annotated[
        bool, typer.Option("--no-transaction", help="For CREATE INDEX CONCURRENTLY and the like.")
    ] = False,
    options: TargetOptions,
) -> None:
    """Write an empty migration and its rollback file, numbered after the newest, and migrations.sum.

    Their hashes are left open there, until `migrate hash`: with --frozen, `migrate up` waits for that.
    """
    from codezest_sql.actions.migrations.folder import write_new

    target = options.target()
    for path in write_new(target.settings, title, transactional=not no_transaction).paths:
        echo(f"wrote {path}")


@app.command("hash", epilog="Example: codezest-sql migrate hash")
@with_target_options("migrations")
def hash_(*, options: TargetOptions) -> None:
    """Write migrations.sum to fit the files as they are: when a new one is finished, or after a merge."""
    from codezest_sql.actions.migrations.folder import write_sums

    for path in write_sums(options.target().settings).paths:
        echo(f"wrote {path}")


@app.command(epilog="Example: codezest-sql migrate test --from 0007 --keep-going")
@with_target_options("migrations", "database_url")
def test(
    *,
    first: Annotated[
        str | None,
        typer.Option("--from", metavar="ID", help="Test from this migration on; those before are applied."),
    ] = None,
    last: Annotated[str | None, typer.Option("--to", metavar="ID", help="Test up to this migration.")] = None,
    keep_going: Annotated[
        bool, typer.Option("--keep-going", help="Report every wrong rollback, instead of the first one.")
    ] = False,
    frozen: FrozenOption = False,
    options: TargetOptions,
    trust_migrations: TrustOption = False,
    json: JsonOption = False,
) -> None:
    """Verify every rollback file: up, down, up on a temporary database, comparing the catalog after each step.

    The temporary database is on a temporary embedded server, or on the server of --database-url (the role
    needs CREATEDB). No other database is touched, whatever the environment names.
    """
    from codezest_sql.actions.migrations.prove_rollbacks import ProofRange, prove_rollbacks
    from codezest_sql.cli.console import Progress
    from codezest_sql.core.migrations.history import Direction
    from codezest_sql.core.migrations.plan_report import note_lines
    from codezest_sql.core.migrations.run_report import run_json

    target = options.target(frozen=frozen, trust_migrations=trust_migrations)
    progress = Progress(to_stderr=json)
    try:
        report = prove_rollbacks(target, observer=progress, only=ProofRange(first, last), keep_going=keep_going)
    finally:
        progress.end()
    if json:
        print_json(run_json(report))
    else:
        count = len({step.id for step in report.steps if step.direction is Direction.DOWN})
        subject = "1 migration goes" if count == 1 else f"{count} migrations go"
        for note in note_lines(report.notes):
            echo(note)
        echo(f"proved: {subject} up, down and up again on {report.database}")


@app.command(epilog="Example: codezest-sql migrate repair --done")
@with_target_options("migrations", "database_url", "schema")
def repair(
    *,
    done: Annotated[bool, typer.Option("--done", help="The statement took effect: continue after it.")] = False,
    again: Annotated[bool, typer.Option("--again", help="The statement did not take effect: run it again.")] = False,
    options: TargetOptions,
    json: JsonOption = False,
) -> None:
    """Explain a half-run non-transactional migration; --done or --again records whether its statement took effect."""
    from codezest_sql.actions.migrations import migrate as actions
    from codezest_sql.core.migrations.repair_report import repair_json, repair_text

    if done and again:
        raise UsageError("--done and --again exclude each other", hint="give one of them")
    report = actions.repair(options.target(), done=done, again=again)
    if json:
        print_json(repair_json(report))
    else:
        echo(repair_text(report))


def ask_before_rollback(*, yes: bool) -> Callable[[tuple[str, ...], str], bool]:
    """Return the question whether these migrations may be undone on this database; with ``yes`` it is not asked."""

    def confirm(ids: tuple[str, ...], database: str) -> bool:
        if yes:
            return True
        question = f"Roll back {', '.join(ids)} on {database}?"
        if not somebody_answers():
            raise UsageError(f"{question} stdin is not a terminal", hint="pass --yes")
        return typer.confirm(question, abort=True, err=True)

    return confirm
