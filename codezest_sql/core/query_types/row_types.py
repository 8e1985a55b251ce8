"""Which row types are in the values of a query, and what their attributes are: the runtime compares them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from codezest_sql.core.describe.types import TypeFacts


def row_types(
    names: Iterable[str], types: Mapping[int, TypeFacts]
) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    """Return the row types in types of these names, sorted, with the names and types of their attributes."""
    by_name = {one.name: one for one in types.values()}
    found: dict[str, tuple[tuple[str, str], ...]] = {}
    seen: set[int] = set()
    waiting = [by_name[name] for name in names if name in by_name]
    while waiting:
        kind = waiting.pop()
        if kind.oid in seen:
            continue
        seen.add(kind.oid)
        if kind.kind == "c":
            found[kind.name] = tuple((name, types[oid].name) for name, oid in kind.attributes)
        inside = (kind.element, kind.base, kind.subtype, *(oid for _, oid in kind.attributes))
        waiting += [types[oid] for oid in inside if oid in types]
    return tuple(sorted(found.items()))
