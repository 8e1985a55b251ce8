"""Which changes of a column's type leave the rows as they are. Asks no server.

Source: ``ATColumnChangeRequiresRewrite`` in ``tablecmds.c`` and the support functions of varchar, numeric, timestamp.
"""

from __future__ import annotations

import re

_TIMES = frozenset({"timestamp", "timestamptz", "time", "timetz", "interval"})
_SIZED = re.compile(r"(?P<name>[a-z ]+?) ?(?:\((?P<first>[0-9]+)(?:,(?P<second>-?[0-9]+))?\))?(?P<array>(?:\[\])*)")


def change_rewrites(old: str | None, new: str, *, using: bool, utc: bool = False) -> bool:
    """Tell whether every row is written anew; an ``old`` type that is not known counts as such.

    Between timestamp and timestamptz that depends on the session's time zone: in UTC they are the same.
    """
    new = re.sub(r" collate .*", "", new)
    if old is None or using:
        return True
    if old == new:
        return False
    was, now = _SIZED.fullmatch(old), _SIZED.fullmatch(new)
    if was is None or now is None or was["array"] != now["array"]:
        return True
    before, after = (was["name"], was["first"], was["second"]), (now["name"], now["first"], now["second"])
    if after[0] == "text":
        return before[0] not in {"varchar", "text", "citext"}
    if after[0] in {"varchar", "varbit", "bit varying"}:
        same = before[0] == after[0] or (before[0] == "text" and after[1] is None)
        return not same or _narrower(before[1], after[1])
    if {before[0], after[0]} == {"timestamp", "timestamptz"}:
        return not utc
    return _number_or_time(before, after)


def _number_or_time(before: tuple[str, str | None, str | None], after: tuple[str, str | None, str | None]) -> bool:
    if before[0] == after[0] == "numeric":
        if after[1] is None:
            return False
        return _narrower(before[1], after[1]) or (before[2] or "0") != (after[2] or "0")
    if before[0] == after[0]:
        return before[0] not in _TIMES or _narrower(before[1], after[1])
    return (before[0], after[0]) != ("cidr", "inet")


def _narrower(old: str | None, new: str | None) -> bool:
    """Tell whether values of a size may not fit another one; None is without a limit."""
    return new is not None and (old is None or int(new) < int(old))
