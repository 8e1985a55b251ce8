"""Diff → text for a person: one line per change in words, long texts as a line diff below it. Pure.

``column auth.users.email: type changed from text to character varying(80)``
"""

from __future__ import annotations

import difflib
from collections import Counter
from typing import TYPE_CHECKING

from codezest_sql.core.schema.diff import Action
from codezest_sql.core.schema.objects import ObjectKind

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codezest_sql.core.schema.diff import Change, Diff, PropertyChange
    from codezest_sql.core.schema.objects import ObjectKey

_PLURAL = {
    ObjectKind.INDEX: "indexes",
    ObjectKind.POLICY: "policies",
    ObjectKind.STATISTICS: "statistics objects",
    ObjectKind.DEFAULT_PRIVILEGES: "default privileges",
    ObjectKind.OPERATOR_CLASS: "operator classes",
    ObjectKind.OPERATOR_FAMILY: "operator families",
    ObjectKind.TEXT_SEARCH_DICTIONARY: "text search dictionaries",
}

# A fact longer than this is a text of its own (a body, a query): it is not quoted within a sentence.
_LONGEST_IN_A_LINE = 120

# What a terminal would act on instead of showing it; names and comments come from the database.
_CONTROL = {code: f"\\x{code:02x}" for code in (*range(0x20), *range(0x7F, 0xA0)) if code not in (0x09, 0x0A)}


def render_text(found: Diff) -> str:
    """Return the diff in words, one change per line, without a final newline; an empty string for no difference.

    What came or went with its parent is counted in the parent's line.
    """
    parts = _parts(found)
    lines = (line for change in found.roots() for line in _lines(change, parts.get(change.key)))
    return "\n".join(line.translate(_CONTROL) for line in lines)


def _parts(found: Diff) -> dict[ObjectKey, Counter[ObjectKind]]:
    """Return, for each root that was added or removed, how many parts of each kind came or went with it."""
    roots = {change.key for change in found.roots()}
    parents = {change.key: change.parent for change in found.changes}
    parts: dict[ObjectKey, Counter[ObjectKind]] = {}
    for change in found.changes:
        whole: ObjectKey | None = change.key
        while whole is not None and whole not in roots:
            whole = parents.get(whole)
        if whole is not None and whole != change.key:
            parts.setdefault(whole, Counter())[change.key.kind] += 1
    return parts


def _lines(change: Change, parts: Counter[ObjectKind] | None) -> Iterator[str]:
    if change.action is not Action.CHANGED:
        yield f"{change.key} {change.action}{_with(change, parts)}"
        return
    short = [fact for fact in change.properties if not _is_long(fact)]
    long = [fact for fact in change.properties if _is_long(fact)]
    sentences = [_sentence(fact) for fact in short] + [f"{fact.name} changed" for fact in long]
    yield f"{change.key}: {'; '.join(sentences)}"
    for fact in long:
        yield from _line_diff(fact)


def _with(change: Change, parts: Counter[ObjectKind] | None) -> str:
    """Return in parentheses what an added or removed object consists of: its parts, else its facts."""
    if parts:
        return f" ({', '.join(_count(kind, parts[kind]) for kind in ObjectKind if kind in parts)})"
    values = [(fact.name, fact.before if fact.after is None else fact.after) for fact in change.properties]
    facts = [f"{name} {value}" for name, value in values if value is not None and "\n" not in value]
    return f" ({', '.join(facts)})" if facts else ""


def _count(kind: ObjectKind, count: int) -> str:
    return f"{count} {kind if count == 1 else _PLURAL.get(kind, f'{kind}s')}"


def _is_long(fact: PropertyChange) -> bool:
    values = [value for value in (fact.before, fact.after) if value is not None]
    return any("\n" in value or len(value) > _LONGEST_IN_A_LINE for value in values)


def _sentence(fact: PropertyChange) -> str:
    before = _other(fact.after) if fact.before is None else fact.before
    after = _other(fact.before) if fact.after is None else fact.after
    if before is None:
        return f"{fact.name} set to {after}"
    if after is None:
        return f"{fact.name} removed (was {before})"
    return f"{fact.name} changed from {before} to {after}"


def _other(value: str | None) -> str | None:
    """Return what the absence of a property means compared with ``value``: a flag is only stored if it is unusual."""
    return {"yes": "no", "no": "yes"}.get(value or "")


def _line_diff(fact: PropertyChange) -> Iterator[str]:
    before, after = (fact.before or "").splitlines(), (fact.after or "").splitlines()
    for line in list(difflib.unified_diff(before, after, lineterm="", n=2))[2:]:
        if not line.startswith("@@"):
            yield f"    {line}".rstrip()
