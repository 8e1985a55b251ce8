"""The embedded servers, in one place: what to import from. Holds nothing itself."""

from codezest_sql.postgres.server.binaries import Binaries, all_binaries, find_binaries
from codezest_sql.postgres.server.project_server import ProjectServer, ServerStatus
from codezest_sql.postgres.server.temporary_server import TemporaryServer, temporary_server

__all__ = [
    "Binaries",
    "ProjectServer",
    "ServerStatus",
    "TemporaryServer",
    "all_binaries",
    "find_binaries",
    "temporary_server",
]
