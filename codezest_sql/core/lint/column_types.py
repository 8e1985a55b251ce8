"""Which changes of a column's type leave the rows as they are. Asks no server.

Source: ``ATColumnChangeRequiresRewrite`` in ``tablecmds.c`` and the support functions of varchar, numeric, timestamp.
"""

from __future__ import annotations

import re

_SIZED = re.compile(r"(?P<name>[a-z ]+?) ?(?:\((?P<first>[0-9]+)(?:,(?P<second>-?[0-9]+))?\))?(?P<array>(?:\[\])*)")


def change_rewrites(old: str | None, new: str, *, using: bool) -> bool:
    """Tell whether every row is written anew; an ``old`` type that is not known counts as such."""
    new = re.sub(r" collate .*", "", new)
    if old is None or using:
        return True
    if old == new:
        return False
    was, now = _SIZED.fullmatch(old), _SIZED.fullmatch(new)
    if was is None or now is None or was["array"] != now["array"]:
        return True
    if now["name"] == "text":
        return was["name"] not in {"varchar", "text", "citext"}
    if now["name"] in {"varchar", "varbit", "bit varying"}:
        same = was["name"] == now["name"] or (was["name"] == "text" and now["first"] is None)
        return not same or _narrower(was["first"], now["first"])
    if (was["name"], now["name"]) == ("numeric", "numeric"):
        if now["first"] is None:
            return False
        return _narrower(was["first"], now["first"]) or (was["second"] or "0") != (now["second"] or "0")
    times = {"timestamp", "timestamptz", "time", "timetz", "interval"}
    if was["name"] == now["name"] and was["name"] in times:
        return _narrower(was["first"], now["first"])
    if {was["name"], now["name"]} == {"timestamp", "timestamptz"}:
        return True  # unless the session is in UTC, which only the server knows
    return {was["name"], now["name"]} != {"cidr", "inet"} or now["name"] == "cidr"


def _narrower(old: str | None, new: str | None) -> bool:
    """Tell whether values of a size may not fit another one; None is without a limit."""
    return new is not None and (old is None or int(new) < int(old))
