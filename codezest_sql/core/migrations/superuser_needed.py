"""The cause of a temporary server's refusal of a migration: what it lacks, or a hint. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

TRUST_OPTION = "--trust-migrations"
TRUST_VARIABLE = "CODEZEST_TRUST_MIGRATIONS"

_NOT_PERMITTED = "42501"
_MISSING_ROLE = re.compile(r'role "(.+)" does not exist', re.DOTALL)
_OTHER_ROLE = re.compile(r'(?:must be member of role|must be able to SET ROLE|permission denied to set role) "(.+)"')
_CLOSED_SCHEMA = re.compile(r"permission denied for schema ")
_NEW_OWNER = re.compile(r"\bOWNER\s+TO\b", re.IGNORECASE)
_MISSING_EXTENSION = re.compile(r"extension .* is not available")
_ICU = re.compile(r'ICU is not supported in this build|collation "[^"]*-x-icu" .*does not exist')
# In 15 they have no row in a confined server's pg_authid (confined.py).
_SERVER_ROLE = re.compile(r'role "pg_\w+" does not exist')

_TRUST = (
    f"temporary servers run migrations without SUPERUSER; if you trust every line of this branch, "
    f"pass {TRUST_OPTION} or set {TRUST_VARIABLE}=1"
)
_EXTENSION = (
    "pip install 'codezest-sql[embedded-contrib]' brings PostgreSQL's own extensions; "
    "or name a server that has what the file needs with shadow_url"
)
_WITHOUT_ICU = (
    "the servers that pip installs have no ICU: install PostgreSQL from your system's packages and set "
    "CODEZEST_PG_BINDIR to its folder of programs, or name a server with shadow_url"
)
_ROLE = "create the role on that server, or leave out its URL to use a temporary server, which makes missing roles"


@dataclass(frozen=True, slots=True)
class Refused:
    """A server's refusal: its SQLSTATE, its primary message, and the statement where that is known."""

    sqlstate: str
    reason: str
    statement: str = ""

    @property
    def missing_role(self) -> str | None:
        """The role that the statement names and that does not exist."""
        # 42704 of most statements, 22023 of SET ROLE.
        found = _MISSING_ROLE.fullmatch(self.reason) if self.sqlstate in {"42704", "22023"} else None
        return found[1] if found else None

    @property
    def other_role(self) -> str | None:
        """The role that the statement acts as and that the role which migrates is no member of."""
        found = _OTHER_ROLE.search(self.reason) if self.sqlstate == _NOT_PERMITTED else None
        return found[1] if found else None

    @property
    def is_of_new_owner(self) -> bool:
        """Whether the new owner of an object may not create in the object's schema."""
        denied = self.sqlstate == _NOT_PERMITTED and _CLOSED_SCHEMA.match(self.reason) is not None
        return denied and _NEW_OWNER.search(self.statement) is not None

    @property
    def needs_superuser(self) -> bool:
        """Whether a superuser would not have been refused, as far as the message shows."""
        return self.sqlstate == _NOT_PERMITTED or _SERVER_ROLE.fullmatch(self.reason) is not None

    @property
    def misses_extension(self) -> bool:
        """Whether the server lacks the files of an extension."""
        return _MISSING_EXTENSION.search(self.reason) is not None


def hint_of(refused: Refused, *, own: bool, confined: bool) -> str | None:
    """Return what to do about a refusal that is the temporary server's doing; None where it is the file's.

    ``own`` is a server that this program started, ``confined`` one on which migrations have no SUPERUSER.
    """
    if confined and refused.needs_superuser:
        return _TRUST
    if refused.misses_extension:
        return _EXTENSION
    if _ICU.search(refused.reason):
        return _WITHOUT_ICU
    if not own and refused.missing_role is not None:
        return _ROLE
    return None


def note_of_roles(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the note about roles that were made because the files name them and none makes them."""
    if not names:
        return ()
    what = "the role" if len(names) == 1 else "the roles"
    return (f"no file creates {what} {', '.join(names)}: made on the temporary server, without LOGIN",)
