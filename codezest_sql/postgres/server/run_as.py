"""Decides as whom a server runs. PostgreSQL refuses to run as root (main.c, ``check_root``): root needs a way down.

An ordinary user runs the server directly. Root on Linux runs it inside a user namespace in which it is another user:
the kernel still sees root as the owner of each file, so no account is added and no folder is opened. Where namespaces
are forbidden (most container engines), the server runs as an existing unprivileged account.

``initdb`` fails for a user id that has no account (src/common/username.c, ``get_user_name``), as the numeric users of
containers have none. Such a user gets a namespace as well, in which she is a user who has one.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import cache

from codezest_sql.errors import ServerError
from codezest_sql.postgres.server.posix import pwd, require_posix

_ACCOUNTS = ("postgres", "nobody")
_PROBE_SECONDS = 10.0
_OVERFLOW_USER = 65534  # user_namespaces(7)


@dataclass(frozen=True, slots=True)
class Privileges:
    """How to start a program of the server: words before the command, and the account it changes to, if any."""

    prefix: tuple[str, ...] = ()
    user: int | None = None
    group: int | None = None


def choose_privileges(owner: int | None = None) -> Privileges:
    """Return how to start a server whose data belongs to the user id ``owner`` (None: data still to be made).

    Raises ``ServerError`` where root has no way to give up its rights.
    """
    require_posix()
    if os.geteuid() != 0:
        return Privileges() if _has_account(os.geteuid()) else Privileges(prefix=_namespace())
    if owner:
        # The data of an ordinary user, or made by root where namespaces were forbidden: only its owner may serve it.
        return Privileges(user=owner, group=_group_of(owner))
    if _namespace():
        return Privileges(prefix=_namespace())
    if owner is None:
        for account in _ACCOUNTS:
            try:
                entry = pwd.getpwnam(account)
            except KeyError:
                continue
            if entry.pw_uid != 0:
                return Privileges(user=entry.pw_uid, group=entry.pw_gid)
    raise ServerError(
        "PostgreSQL does not run as root, and this machine offers root no other identity: user namespaces are "
        "forbidden" + (" and there is no account postgres or nobody" if owner is None else " and the data is root's"),
        hint="run the command as an ordinary user",
    )


def _group_of(user: int) -> int:
    try:
        return pwd.getpwuid(user).pw_gid
    except KeyError:
        return user


def _has_account(user: int) -> bool:
    try:
        pwd.getpwuid(user)
    except KeyError:
        return False
    return True


@cache
def _namespace() -> tuple[str, ...]:
    """Return the words that start a program in a user namespace as another user; none where that is impossible."""
    unshare = shutil.which("unshare") if sys.platform == "linux" else None
    # Not the overflow user 65534 if there is another: inside, everybody else's files seem to be that user's.
    others = sorted((entry.pw_uid == _OVERFLOW_USER, entry.pw_uid) for entry in pwd.getpwall() if entry.pw_uid != 0)
    if unshare is None or not others:
        return ()
    user = others[0][1]
    # --map-user needs util-linux 2.34; an older one, or a seccomp filter, fails here and not at the server's start.
    words = (unshare, "--user", f"--map-user={user}", f"--map-group={user}", "--")
    return words if runs([*words, "true"]) else ()


def runs(command: list[str]) -> bool:
    """Whether ``command`` can be started and succeeds; its output is dropped."""
    try:
        probe = subprocess.run(  # noqa: S603  # fixed words, no shell
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=_PROBE_SECONDS,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return probe.returncode == 0
