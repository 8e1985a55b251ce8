"""A database for one command: on a temporary server of our own, or on a server that the user names.

On our own server what the files assumes is made when a file is refused for the lack of it: roles that exist
only in production, and memberships that a superuser does without.
"""

from __future__ import annotations

from contextlib import closing, suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import psycopg

from codezest_sql.core.sql.role_clauses import MEMBER, with_clauses
from codezest_sql.postgres.server.migrator_role import MIGRATOR, OWNER, let_create, made_roles_of, make_role

if TYPE_CHECKING:
    from codezest_sql.core.migrations.files.script import Migration, Script
    from codezest_sql.core.migrations.superuser_needed import Refused
    from codezest_sql.postgres.server.temporary_server import TemporaryServer

_IN_OWNER = ("IN", f"IN ROLE {OWNER}")
_SELF_GRANT = 16


@dataclass(slots=True)
class TemporaryDatabase:
    """A database and its server, which is None where it is not ours; ``migrator`` is the role of the URL.

    ``roles`` are those that were made for the files, and whether that is because they name them; ``owners_create``
    is whether each role may create in the schema ``public``, as who is to own a table there must.
    """

    url: str
    server: TemporaryServer | None = None
    migrator: str = MIGRATOR
    roles: dict[str, bool] = field(default_factory=dict[str, bool])
    owners_create: bool = False

    @property
    def is_own(self) -> bool:
        """Whether this program started the server."""
        return self.server is not None

    @property
    def confined(self) -> bool:
        """Whether migrations run without SUPERUSER on it."""
        return self.server is not None and self.server.confined

    def fit(self, migration: Migration) -> Migration:
        """Return the migration as this server can run it: with memberships where it makes roles."""
        if self.server is None or not self.server.confined:
            return migration
        clauses: list[tuple[str, str]] = [MEMBER] if self.server.binaries.major < _SELF_GRANT else []
        if self.owners_create:
            clauses.append(_IN_OWNER)

        def fitted(script: Script) -> Script:
            return with_clauses(script, clauses) if clauses else script

        return replace(migration, up=fitted(migration.up), down=migration.down and fitted(migration.down))

    def mend(self, refused: Refused) -> bool:
        """Create what a refused statement lacks; False if nothing can be created, and the refusal stays."""
        if self.server is None:
            return False
        if refused.missing_role is not None:
            return self.make_role(refused.missing_role, named=True)
        if self.confined and refused.other_role is not None:
            # A DO block made it, on PostgreSQL 15: the block finds it there next time.
            return self.make_role(refused.other_role, named=False)
        if self.confined and refused.is_of_new_owner and not self.owners_create:
            self.let_owners_create()
            return True
        return False

    def make_role(self, name: str, *, named: bool) -> bool:
        """Make a role that files need, and let the role that migrates act as it; False where that cannot be.

        ``named`` where the files name it and none makes it.
        """
        if self.server is None:
            return False
        with suppress(psycopg.Error), closing(self.server.superuser()) as admin:
            if make_role(admin, name, member=self.migrator, marked=named):
                self.roles[name] = named
                if self.owners_create:
                    let_create(admin, self.migrator)
                return True
        return False

    def let_owners_create(self) -> None:
        """Let every role own objects in the schema ``public``."""
        if self.server is None:
            return
        self.owners_create = True
        with closing(self.server.superuser()) as admin:
            let_create(admin, self.migrator)

    def made_roles(self) -> tuple[str, ...]:
        """Return the roles that no file makes, also those of the run that kept the data directory."""
        if self.server is None:
            return ()
        with closing(self.server.superuser()) as admin:
            return made_roles_of(admin)
