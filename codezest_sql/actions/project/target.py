"""What a command works on: the project's settings and a database, which is reached only when it is needed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from codezest_sql.actions.project.settings import choose_database, load_settings
from codezest_sql.core.text.duration import parse_duration
from codezest_sql.errors import NoProjectError, UsageError

if TYPE_CHECKING:
    from codezest_sql.actions.project.settings import DatabaseChoice
    from codezest_sql.core.settings import PackagedSchema, Settings


@dataclass(frozen=True, slots=True)
class Target:
    """Settings, the chosen database, and its schema if one was named."""

    settings: Settings
    choice: DatabaseChoice
    schema: str | None = None

    def url(self) -> str:
        """Return the database's URL; the project's embedded server is started where it is meant and not running.

        Raises ``NoProjectError`` in a folder that is no project, unless ``db start`` has made a server for it.
        Sessions of this URL work in ``schema``. Raises what ``scoped_url`` raises where there is no such schema.
        """
        url = self._database_url()
        if self.schema is None:
            return url
        from codezest_sql.ledger import MIGRATIONS  # noqa: PLC0415  # most runs name no schema
        from codezest_sql.postgres.scope import scoped_url  # noqa: PLC0415

        return scoped_url(url, self.schema, ledger=MIGRATIONS)

    def _database_url(self) -> str:
        if self.choice.url is not None:
            return self.choice.url
        from codezest_sql.postgres.server.project_server import ProjectServer  # noqa: PLC0415  # most URLs are given

        server = ProjectServer(Path(self.settings.root))
        if not self.settings.file and not server.status().data.exists():
            raise NoProjectError(
                f"no database is named, and {self.settings.root} is no project that could have an embedded server",
                hint="name it with --database-url or DATABASE_URL; or start a server for this folder with "
                "codezest-sql db start; or make a project with codezest-sql init",
            )
        return server.start()

    def describe(self, url: str) -> str:
        """Return the database and where its URL came from, without a password."""
        from codezest_sql.postgres.url import describe_url  # noqa: PLC0415  # imports psycopg

        within = f", schema {self.schema}" if self.schema else ""
        return f"{describe_url(url)}{within} ({self.choice.source})"


def make_target(
    *,
    migrations: Path | None = None,
    database_url: str | None = None,
    wait: str | None = None,
    schema: str | None = None,
    frozen: bool = False,
    packaged: PackagedSchema | None = None,
    needs_project: bool = True,
    trust_migrations: bool = False,
) -> Target:
    """Return the target that options, environment and project files name.

    No project is needed where ``migrations`` are named. Raises ``UsageError`` for an unusable ``wait`` or an empty
    ``schema``, and what ``load_settings`` raises.
    """
    settings = load_settings(
        migrations=migrations,
        packaged=packaged,
        needs_project=needs_project and migrations is None,
        trust_migrations=trust_migrations,
    )
    settings = replace(settings, frozen=frozen)
    if wait is not None:
        try:
            settings = replace(settings, deployer_timeout=parse_duration(wait))
        except ValueError as error:
            raise UsageError(f"--wait: {error}", hint="write --wait 30s") from None
    if schema == "":
        raise UsageError("--schema: the name is empty", hint="write --schema NAME")
    return Target(settings, choose_database(database_url, root=Path(settings.root)), schema)
