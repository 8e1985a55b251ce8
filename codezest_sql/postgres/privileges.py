"""Decides as whom a server runs. PostgreSQL refuses to run as root (main.c, ``check_root``): root needs a way down.

An ordinary user runs the server directly. Root on Linux runs it inside a user namespace in which it is user 1000: the
kernel still sees root as the owner of each file, so no account is added and no folder is opened. Where namespaces are
forbidden (most container engines), the server runs as an existing unprivileged account.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
from dataclasses import dataclass
from functools import cache

from codezest_sql.errors import ServerError

_ACCOUNTS = ("postgres", "nobody")
_PROBE_SECONDS = 10.0


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
    if os.geteuid() != 0:
        return Privileges()
    if owner:
        # The data of an ordinary user, or made by root where namespaces were forbidden: only its owner may serve it.
        return Privileges(user=owner, group=_group_of(owner))
    unshare = _unshare()
    if unshare:
        return Privileges(prefix=(*unshare, "--"))
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


@cache
def _unshare() -> tuple[str, ...]:
    """Return the words that start a program in a user namespace as user 1000; none where that is impossible."""
    unshare = shutil.which("unshare") if sys.platform == "linux" else None
    if unshare is None:
        return ()
    # --map-user needs util-linux 2.34; an older one, or a seccomp filter, fails here and not at the server's start.
    command = (unshare, "--user", "--map-user=1000", "--map-group=1000")
    return command if runs([*command, "--", "true"]) else ()


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
