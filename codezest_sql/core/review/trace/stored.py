"""What was measured, as JSON for a cache and back. Pure."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from codezest_sql.core.review.trace.measured import Blocked, Locked, LockMode, Measured
from codezest_sql.place import Place

if TYPE_CHECKING:
    from collections.abc import Mapping

    from codezest_sql.core.text.json_value import Json

_NAMES = ("rewritten", "scanned", "read", "written", "rebuilt", "held", "notes")


def write_measured(measured: Measured) -> dict[str, Json]:
    """Return it as JSON that ``read_measured`` understands."""
    place = measured.place
    return {**asdict(measured), "place": [place.file, place.line, place.column]}


def read_measured(said: Mapping[str, Any]) -> Measured:
    """Return what was written; raises ``ValueError``, ``TypeError`` or ``KeyError`` for anything else."""
    locks = [(each["relation"], LockMode(each["mode"]), each["granted"]) for each in said["locks"]]
    values: dict[str, Any] = {
        **said,
        **{name: tuple(said[name]) for name in _NAMES},
        "place": Place(*said["place"]),
        "locks": tuple(Locked(relation, mode, granted) for relation, mode, granted in locks),
        "reasons": tuple((str(name), str(why)) for name, why in said["reasons"]),
        "blocked": tuple(Blocked(each["relation"], tuple(each["effects"])) for each in said["blocked"]),
    }
    return Measured(**values)
