"""What the server refuses, as a mistake of the query's file: its place, its parameters by name, a hint."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from codezest_sql.core.query_checks.misplaced_parameter import misplaced_parameter
from codezest_sql.core.query_types.assign_types import in_words
from codezest_sql.core.text.suggestion import did_you_mean
from codezest_sql.errors import QueryRefusedError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from codezest_sql.core.describe.description import Refusal
    from codezest_sql.core.describe.model_facts import ModelFacts
    from codezest_sql.core.query_files.query import Parameter, Query, Variant

_NUMBER = re.compile(r"\$(\d+)")
_QUOTED = re.compile(r'"([^"]+)"')
_MISSING_COLUMN = re.compile(r"column (?:(\S+)\.)?\"?([^\s\"]+)\"? (?:of relation \S+ )?does not exist")
# Appendix A of the manual, "PostgreSQL Error Codes".
_UNDEFINED_TABLE = "42P01"
_UNDEFINED_COLUMN = "42703"
_SYNTAX = "42601"
_INDETERMINATE = "42P18"
_INVALID_TEXT = "22P02"
_HINTS = {
    _SYNTAX: "write it as PostgreSQL does; psql shows the same message",
    _INDETERMINATE: "give its type with a cast, such as {parameter}::text",
    "42P08": "it is in two places with different types: cast it in one of them",
    "42804": "cast one of the two, or use another parameter",
    "42883": "look at the types of the arguments; a cast may be missing",
    "42702": "write the table's alias before it",
    "42803": "add it to GROUP BY or put it into an aggregate",
    _UNDEFINED_TABLE: "is a migration missing, or the schema before its name",
    _UNDEFINED_COLUMN: "is a migration missing, or the table's alias before it",
}


def refused(query: Query, variant: Variant, refusal: Refusal, facts: ModelFacts) -> QueryRefusedError:
    """Return the error; for a query with parts, with the variant in which the server found it."""
    known = {each.name: each for each in query.parameters}

    def used(match: re.Match[str]) -> Parameter | None:
        index = int(match[1]) - 1
        return known[variant.parameters[index]] if 0 <= index < len(variant.parameters) else None

    def named(match: re.Match[str]) -> str:
        parameter = used(match)
        return match[0] if parameter is None else parameter.shown

    message = _NUMBER.sub(named, refusal.message)
    if refusal.detail:
        message += f" ({_NUMBER.sub(named, refusal.detail).rstrip('.')})"
    if variant.choice != query.full.choice:
        message += f", {in_words(variant, query)}"
    parameter = next((one for match in _NUMBER.finditer(refusal.message) if (one := used(match))), None)
    shown = parameter.shown if parameter else ":parameter"
    offset = variant.source_map.offset(refusal.position - 1) if refusal.position else None
    hint = _suggestion(refusal, variant.text, facts)
    if hint is None and parameter and refusal.sqlstate == _SYNTAX and refusal.position:
        hint = misplaced_parameter(variant.text, refusal.position - 1, shown)
    if hint is None and refusal.hint:
        hint = _NUMBER.sub(named, refusal.hint)
    if hint is None:
        hint = _HINTS.get(refusal.sqlstate, f"PostgreSQL calls it {refusal.sqlstate}").format(parameter=shown)
    if offset is None and parameter:  # the server names no place of one without a type
        first = parameter.places[0]
        offset = query.source.line_starts[first.line - 1] + first.column - 1
    if offset is None:
        offset = query.source.line_starts[query.place.line - 1] + query.place.column - 1
        message = f"{query.name}: {message}"
    return query.source.mistake(QueryRefusedError, offset, message, hint)


def _suggestion(refusal: Refusal, text: str, facts: ModelFacts) -> str | None:
    if refusal.sqlstate == _UNDEFINED_TABLE:
        wrong = _QUOTED.search(refusal.message)
        names = {name for each in facts.relations.values() for name in (each.qualified_name, each.name)}
        if wrong and "FROM-clause" not in refusal.message:
            return did_you_mean(wrong[1], sorted(names)) or _elsewhere(wrong[1], facts)
    if refusal.sqlstate == _UNDEFINED_COLUMN:
        wrong = _MISSING_COLUMN.search(refusal.message)
        if wrong:
            return did_you_mean(wrong[2], sorted(_columns(text, facts)))
    if refusal.sqlstate == _INVALID_TEXT and "enum" in refusal.message:
        value = re.search(r'enum (\S+): "(.*)"', refusal.message)
        if value:
            labels = [
                each.labels
                for each in facts.types.values()
                if value[1].replace('"', "") in {each.name, each.bare_name}
            ]
            known = labels[0] if labels else ()
            return did_you_mean(value[2], known) or f"its values are {', '.join(known)}"
    return None


def _elsewhere(name: str, facts: ModelFacts) -> str | None:
    """Return a hint for a table that is there, in a schema that was not named."""
    bare = name.rsplit(".", 1)[-1]
    found = sorted(each.qualified_name for each in facts.relations.values() if each.name == bare)
    return f"did you mean {found[0]}?" if found else None


def _columns(text: str, facts: ModelFacts) -> Iterable[str]:
    """Return the columns of the tables that a text names, else of all."""
    words = set(re.findall(r"\w+", text.lower()))
    named = [each for each in facts.relations.values() if each.name.lower() in words]
    return {column.name for each in named or facts.relations.values() for column in each.columns}
