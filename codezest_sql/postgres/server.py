"""The embedded servers, in one place: what to import from. Holds nothing itself."""

from codezest_sql.postgres.binaries import Binaries, all_binaries, find_binaries
from codezest_sql.postgres.project_server import ProjectServer, ServerStatus
from codezest_sql.postgres.throwaway import ThrowawayServer, throwaway_server

__all__ = [
    "Binaries",
    "ProjectServer",
    "ServerStatus",
    "ThrowawayServer",
    "all_binaries",
    "find_binaries",
    "throwaway_server",
]
