"""Which changes of a column's type leave the rows as they are. Asks no server.

Source: ``ATColumnChangeRequiresRewrite`` in ``tablecmds.c``, the binary coercible casts of ``pg_cast``, and the
support functions of varchar, numeric, varbit, timestamp and interval; all held against servers by tests.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from codezest_sql.core.ddl.parts import short_type

_OIDS = (
    "regclass", "regcollation", "regconfig", "regdictionary", "regnamespace", "regoper", "regoperator", "regproc",
    "regprocedure", "regrole", "regtype",
)  # fmt: skip
# Types whose values are stored alike, so that a cast does nothing.
_SAME = frozenset({
    ("text", "varchar"), ("varchar", "text"), ("text", "char"), ("varchar", "char"), ("cidr", "inet"),
    ("citext", "text"), ("citext", "varchar"), ("citext", "char"), ("text", "citext"), ("varchar", "citext"),
    ("xml", "text"), ("xml", "varchar"), ("xml", "char"), ("bit", "varbit"), ("varbit", "bit"),
    ("regoper", "regoperator"), ("regoperator", "regoper"), ("regproc", "regprocedure"), ("regprocedure", "regproc"),
    ("int", "oid"), ("oid", "int"),
    *((number, each) for number in ("int", "oid") for each in _OIDS),
    *((each, number) for number in ("int", "oid") for each in _OIDS),
})  # fmt: skip
# An index of one of these types is one of the other too: their operators are the same.
_SAME_INDEX = frozenset({
    ("text", "varchar"), ("varchar", "text"), ("cidr", "inet"), *(("oid", each) for each in _OIDS),
    *((each, "oid") for each in _OIDS), ("regoper", "regoperator"), ("regoperator", "regoper"),
    ("regproc", "regprocedure"), ("regprocedure", "regproc"),
})  # fmt: skip
_TIMES = frozenset({"timestamp", "timestamptz", "time", "timetz"})
_FULL = 6  # digits of a second
_SIZED = re.compile(
    r"(?P<name>[a-z_\"][\w\" .]*?) ?(?:\((?P<first>[0-9]+)(?:,(?P<second>-?[0-9]+))?\))?(?P<array>(?: ?\[[0-9]*\])*)"
    r"(?P<zone> with(?:out)? time zone)?"
)
_INTERVAL = re.compile(r"interval(?P<fields>(?: [a-z]+)*?)(?:\((?P<digits>[0-9])\))?(?P<array>(?:\[[0-9]*\])*)")
# The bits that an interval of some fields may have: finer ones include coarser ones only where they are listed.
_FIELDS = ("year", "month", "day", "hour", "minute", "second")


class SizedType(NamedTuple):
    """A type with its sizes: ``varchar(20)``, ``numeric(10,2)``; ``array`` where it is one."""

    name: str
    first: int | None = None
    second: int | None = None
    array: bool = False
    fields: tuple[str, ...] = ()


def read_type(written: str) -> SizedType:
    """Return a type as ``parts.take_type`` gives it, with its sizes."""
    written = written.strip()
    array = " array" in written or "[" in written
    written = re.sub(r" array(?:\[\d*\])?$", "[]", written)
    interval = _INTERVAL.fullmatch(written)
    if interval:
        digits = int(interval["digits"]) if interval["digits"] else None
        return SizedType("interval", digits, None, array, _range(interval["fields"].split()))
    found = _SIZED.fullmatch(written)
    if found is None:
        return SizedType(written, array=array)
    name = _ONE_NAME.get(found["name"], found["name"])
    first = int(found["first"]) if found["first"] else None
    second = int(found["second"]) if found["second"] else None
    if name in {"char", "bit"} and first is None:
        first = 1
    if name == "bpchar":
        name = "char"
    if name == "numeric" and first is not None:
        second = second or 0
    return SizedType(name, first, second, array)


_ONE_NAME = {
    "bit varying": "varbit", "float4": "real", "national character": "char", "nchar": "char",
    "national character varying": "varchar", "dec": "numeric", "double": "double precision",
}  # fmt: skip


def _range(words: list[str]) -> tuple[str, ...]:
    """Return the fields of ``interval day to second``; nothing where all are kept."""
    if not words:
        return ()
    if len(words) == 1:
        return (words[0],)
    first, last = _FIELDS.index(words[0]), _FIELDS.index(words[-1])
    return _FIELDS[first : last + 1]


def without_size(written: str) -> str:
    """Return a type without its sizes: what a cast from a domain over it knows of them."""
    return re.sub(r"\([0-9, -]*\)", "", written)


def change_rewrites(old: str | None, new: str, *, using: bool, utc: bool = False) -> bool:
    """Return whether every row is rewritten; an ``old`` type that is not known counts as such.

    Between timestamp and timestamptz that depends on the session's time zone: in UTC they are the same.
    """
    if old is None or using:
        return True
    return _rewrites(read_type(old), read_type(new), utc=utc)


def _rewrites(old: SizedType, new: SizedType, *, utc: bool) -> bool:
    if old == new:
        return False
    if old.array != new.array:
        return True
    if old.name == "interval" == new.name:
        return _interval_rewrites(old, new)
    if {old.name, new.name} == {"timestamp", "timestamptz"}:
        # The cast does nothing in UTC; an array's elements are cast one by one all the same.
        return not utc or old.array or _fewer_digits(old, new)
    if old.name != new.name and (old.name, new.name) not in _SAME:
        return True
    if old.array:  # elements are cast one by one, also where that does nothing
        return old.name != new.name or new.first is not None
    return _sizes_rewrite(old, new)


def _sizes_rewrite(old: SizedType, new: SizedType) -> bool:
    if new.name in {"varchar", "varbit"}:
        known = old.first if old.name == new.name else None
        return new.first is not None and (known is None or new.first < known)
    if new.name == "numeric":
        if new.first is None:
            return False
        return old.first is None or new.first < old.first or new.second != old.second
    if new.name in _TIMES:
        return _fewer_digits(old, new)
    if new.name in {"char", "bit"}:
        return new.first is not None and new != old
    return False


def _fewer_digits(old: SizedType, new: SizedType) -> bool:
    if new.first is None or new.first >= _FULL:
        return False
    return old.first is None or new.first < old.first


def _interval_rewrites(old: SizedType, new: SizedType) -> bool:
    """Fields end with a smallest one; what is kept down to a smaller one loses nothing. Source: interval_support."""
    if _fewer_digits(old, new) and not (old.fields and "second" not in old.fields):
        return True
    least_old = old.fields[-1] if old.fields else "second"
    least_new = new.fields[-1] if new.fields else "second"
    return _FIELDS.index(least_new) < _FIELDS.index(least_old)


def index_is_rebuilt(old: str | None, new: str) -> bool:
    """Return whether an index of a column that is not rewritten has to be built again: its operators are others."""
    if old is None:
        return False
    before, after = read_type(old), read_type(new)
    return (
        before.name != after.name
        and not (before.array and after.array)
        and (before.name, after.name) not in _SAME_INDEX
    )


def without_collation(written: str) -> str:
    """Return a type without the collation that it was written with."""
    return written.partition(" collate ")[0]


def collation_of(written: str) -> str:
    """Return the collation that a type was written with; "" where it has that of the type."""
    name = written.partition(" collate ")[2].removeprefix("pg_catalog.")
    return "" if name == "default" else name


def casts_in_using(using: str, column: str) -> tuple[str, ...] | None:
    """Return the types that a USING casts the column to, one after the other; None where it does anything else."""
    text = using.strip()
    while text.startswith("(") and _closing(text) == len(text) - 1:
        text = text[1:-1].strip()
    if re.fullmatch(rf'"{re.escape(column)}"|{re.escape(column)}', text, re.IGNORECASE):
        return ()
    found = _CAST.fullmatch(text) or _CAST_CALL.fullmatch(text)
    before = casts_in_using(found["value"], column) if found else None
    if found is None or before is None:
        return None
    return (*before, short_type(re.sub(r" ?([(),\[\]]) ?", r"\1", " ".join(found["type"].lower().split()))))


_TYPE = r"(?P<type>[\w\". ]+?(?:\([\d, ]*\))?(?: with(?:out)? time zone)?(?:\[\d*\])*)"
_CAST = re.compile(rf"(?P<value>.*\S)\s*::\s*{_TYPE}", re.IGNORECASE | re.DOTALL)
_CAST_CALL = re.compile(rf"cast\s*\((?P<value>.*\S)\s+as\s+{_TYPE}\s*\)", re.IGNORECASE | re.DOTALL)


def _closing(text: str) -> int:
    """Return where the parenthesis closes that a text begins with."""
    depth = 0
    for offset, letter in enumerate(text):
        depth += {"(": 1, ")": -1}.get(letter, 0)
        if not depth:
            return offset
    return -1
