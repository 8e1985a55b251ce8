"""Names for the parameters that a query only numbers (``$1``), from how the server's tree uses them.

Until a server was asked such a parameter is called ``arg_1``, and it stays so where the tree has no name for it.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from codezest_sql.core.python_types.identifiers import SNAKE_CASE, freed, snake_case

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from codezest_sql.core.describe.description import Analysis
    from codezest_sql.core.query_files.query import Query, Variant

_ARGUMENT = re.compile(r"arg_\d+")


def unnamed(number: int) -> str:
    """Return what a parameter is called that nothing gives a name."""
    return f"arg_{number}"


def name_parameters(
    query: Query, analyses: Sequence[tuple[Variant, Analysis]]
) -> tuple[Query, list[tuple[Variant, Analysis]]]:
    """Return the query and its variants with names for its numbered parameters."""
    uses: dict[int, str] = {}
    for parameter in query.parameters:
        for variant, analysis in analyses:
            if parameter.number and parameter.name in variant.parameters:
                use = analysis.parameters[variant.parameters.index(parameter.name)].used_as
                uses[parameter.number] = uses.get(parameter.number) or use
    names = _new_names(query, uses)
    renamed = [(_renamed(variant, names), analysis) for variant, analysis in analyses]
    return with_names(query, names), renamed


def snapshot_names(query: Query, known: Iterable[Mapping[str, Any]]) -> Query:
    """Return a query with the names that a snapshot's entry of it has for its numbered parameters."""
    entry = next((each for each in known if each["name"] == query.name), None)
    names = [str(each["name"]) for each in entry["parameters"]] if entry else []
    found = zip(query.parameters, names, strict=False)  # flags come last
    return with_names(query, {parameter.name: name for parameter, name in found if parameter.number})


def with_names(query: Query, names: Mapping[str, str]) -> Query:
    """Return a query in which parameters have other names; ``names`` has the new ones by the old."""
    if not names:
        return query
    return replace(
        query,
        parameters=tuple([replace(each, name=names.get(each.name, each.name)) for each in query.parameters]),
        pieces=tuple(
            [
                each._replace(parameter=names.get(each.parameter, each.parameter)) if each.parameter else each
                for each in query.pieces
            ]
        ),
        full=_renamed(query.full, names),
    )


def _renamed(variant: Variant, names: Mapping[str, str]) -> Variant:
    return replace(variant, parameters=tuple([names.get(each, each) for each in variant.parameters]))


def _new_names(query: Query, uses: Mapping[int, str]) -> dict[str, str]:
    """Return the new names by the old ones. Two parameters of one use are ``email`` and ``email_2``."""
    # An :if that names a parameter has chosen its name.
    numbered = [each for each in query.parameters if each.number and not each.optional]
    taken = {each.name for each in query.parameters if each not in numbered} | {*query.flags}
    if query.orders:
        taken.add("order")
    found: dict[str, str] = {}
    for parameter in sorted(numbered, key=lambda each: each.number):
        base = _python_name(uses.get(parameter.number, "")) or unnamed(parameter.number)
        if _ARGUMENT.fullmatch(base):  # a column arg_2 must not be taken for $2
            base = unnamed(parameter.number)
        name, count = base, 1
        while name in taken:
            count += 1
            name = f"{base}_{count}"
        taken.add(name)
        found[parameter.name] = name
    return found


def _python_name(use: str) -> str:
    """Return a use as a name of Python; "" for one that cannot be, such as ``?column?``."""
    name = snake_case(use)
    return freed(name) if SNAKE_CASE.fullmatch(name) else ""
