"""The options that many commands share, spelled once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, TypeAlias

import typer


def _named_path(text: str) -> Path:
    """Return the path that an option names. An empty one, as an unset variable of a shell gives, is a mistake."""
    if not text:
        raise typer.BadParameter("the path is empty")
    return Path(text)


MigrationsOption: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--migrations",
        metavar="DIR",
        parser=_named_path,
        help="Folder of the migrations, for this call. Default: the project's setting.",
    ),
]
QueriesOption: TypeAlias = Annotated[
    Path | None,
    typer.Option(
        "--queries",
        metavar="DIR",
        parser=_named_path,
        help="Folder of the queries, for this call. Default: the project's setting.",
    ),
]
BundledOption: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--bundled", help="Use the CodeZest schema inside this package, which is only read, not a project's files."
    ),
]
DatabaseOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--database-url",
        metavar="URL",
        help="Which database. Default: DIRECT_URL, then DATABASE_URL, of the environment or of .env; "
        "else the embedded PostgreSQL of this project.",
    ),
]
EmbeddedOption: TypeAlias = Annotated[
    bool, typer.Option("--embedded", help="The embedded server is meant, whatever URL the environment or .env names.")
]
SchemaOption: TypeAlias = Annotated[
    str | None,
    typer.Option(
        "--schema",
        metavar="NAME",
        help="Work in this schema: it is first on the search path and holds the ledger. Default: the search path's.",
    ),
]
JsonOption: TypeAlias = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
TrustOption: TypeAlias = Annotated[
    bool,
    typer.Option(
        "--trust-migrations",
        help="Run migrations as a superuser on temporary servers: they may then run programs as you. "
        "Also CODEZEST_TRUST_MIGRATIONS=1 in the environment.",
    ),
]
YesOption: TypeAlias = Annotated[bool, typer.Option("--yes", "-y", help="Do it without asking.")]
WaitOption: TypeAlias = Annotated[
    str | None,
    typer.Option("--wait", metavar="TIME", help="How long to wait for another deployer, such as 30s. Default: 5min."),
]
