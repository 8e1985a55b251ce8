"""The modules of POSIX that the embedded server needs. Without them, as on Windows, it is refused by name."""

from __future__ import annotations

from codezest_sql.errors import ServerError

try:
    import fcntl
    import pwd
except ImportError:
    fcntl = pwd = None  # type: ignore[assignment]
IS_POSIX = fcntl is not None

__all__ = ["IS_POSIX", "fcntl", "pwd", "require_posix"]


def require_posix() -> None:
    """Raise ``ServerError`` on a system on which the embedded server does not run."""
    if not IS_POSIX:
        raise ServerError(
            "the embedded server runs on Linux and macOS only",
            hint="name a database with --database-url, and a server for temporary databases with shadow_url",
        )
