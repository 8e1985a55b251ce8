"""Which SQL a query value means, and which of its arguments go into it. Does no I/O.

A statement without parts has one ``Plan``; with ``-- :if`` and ``-- :order`` one for each choice, made when first
needed and kept with the statement.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from codezest_sql.errors import ArgumentError
from codezest_sql.runtime.values import ABSENT

if TYPE_CHECKING:
    from codezest_sql.core.query_files.query import Query as FileQuery
    from codezest_sql.runtime.query_kinds import Query
    from codezest_sql.runtime.values import Parameter, Statement


@dataclass(frozen=True, slots=True, eq=False)
class Plan:
    """One SQL text; ``takes`` are the places of its parameters among the query's arguments, None for all in order."""

    statement: Statement
    text: bytes
    parameters: tuple[Parameter, ...]
    takes: tuple[int, ...] | None = None

    @property
    def name(self) -> str:
        """The name of the query."""
        return self.statement.name


def choose(query: Query[Any]) -> tuple[Plan, tuple[Any, ...]]:
    """Return the plan of a query and the arguments of ``$1 … $n``. Raises ``ArgumentError``."""
    statement = query.statement
    arguments = query.arguments
    if not statement.parts:
        plan = statement.variants.get(None)
        if plan is None:
            plan = statement.variants[None] = Plan(statement, statement.text.encode(), statement.parameters)
        if len(arguments) != len(plan.parameters):
            raise _wrong_number(statement, len(arguments))
        return plan, arguments
    if len(arguments) != len(statement.parameters):
        raise _wrong_number(statement, len(arguments))
    ifs = frozenset(
        parameter.name
        for parameter, value in zip(statement.parameters, arguments, strict=True)
        if (_flag(statement, parameter, value) if parameter.flag else parameter.optional and value is not ABSENT)
    )
    order = query.order if query.order is not None else (statement.orders[0] if statement.orders else None)
    plan = statement.variants.get((ifs, order))
    if plan is None:
        plan = statement.variants[ifs, order] = _variant(statement, ifs, order)
    taken = plan.takes or ()
    for place, (parameter, value) in enumerate(zip(statement.parameters, arguments, strict=True)):
        if parameter.flag or (parameter.optional and value is ABSENT and place not in taken):
            continue
        if (value is not ABSENT) != (place in taken):
            raise _needed_otherwise(statement, parameter, given=value is not ABSENT)
    return plan, tuple([arguments[place] for place in taken])


def _flag(statement: Statement, parameter: Parameter, value: Any) -> bool:
    if value is not True and value is not False:
        raise ArgumentError(
            f"{statement.name}: {parameter.name} turns a part on or off and takes bool, not {type(value).__name__}",
            query=statement.name,
        )
    return bool(value)


def _variant(statement: Statement, ifs: frozenset[str], order: str | None) -> Plan:
    if order is not None and order not in statement.orders:
        known = ", ".join(statement.orders)
        hint = f"one of {known}" if known else None
        raise ArgumentError(f"{statement.name}: there is no order {order!r}", query=statement.name, hint=hint)
    found = _file_query(statement)
    variant = found.variant(found.full.choice._replace(ifs=ifs, order=order))
    places = {parameter.name: place for place, parameter in enumerate(statement.parameters)}
    takes = tuple([places[name] for name in variant.parameters])
    parameters = tuple([statement.parameters[place] for place in takes])
    return Plan(statement, variant.text.encode(), parameters, takes)


def _file_query(statement: Statement) -> FileQuery:
    """Read the text of a statement with parts; once, and only where such a statement is used at all."""
    found: FileQuery | None = statement.variants.get("file")
    if found is None:
        from codezest_sql.core.query_files.reading import read_query_file  # noqa: PLC0415  # 15 ms, for queries with parts only

        text = statement.text
        if not text.lstrip().startswith("-- name:"):
            text = f"-- name: query :{'many' if statement.columns else 'exec'}\n{text}"
        found = statement.variants["file"] = read_query_file(text, file=statement.name)[0]
    return found


def _wrong_number(statement: Statement, given: int) -> ArgumentError:
    names = ", ".join(parameter.name for parameter in statement.parameters) or "none"
    wanted = len(statement.parameters)
    if given < wanted:
        missing = ", ".join(parameter.name for parameter in statement.parameters[given:])
        message = f"{statement.name}: the arguments {missing} are missing"
    else:
        message = f"{statement.name}: {given} arguments were given instead of {wanted}"
    return ArgumentError(message, query=statement.name, hint=f"it takes {names}")


def _needed_otherwise(statement: Statement, parameter: Parameter, *, given: bool) -> ArgumentError:
    parts = parameter.when
    if not parts and statement.parts:
        found = next((one for one in _file_query(statement).parameters if one.name == parameter.name), None)
        conditions = found.when if found else ()
        parts = tuple(sorted({name for each in conditions for name in each.ifs}))
    part = " and ".join(parts)
    what = "is given, but" if given else "is missing:"
    state = "off" if given else "on"
    message = f"{statement.name}: {parameter.name} {what} the part {part} is {state}"
    hint = f"give {parameter.name} together with {part}, or neither"
    return ArgumentError(message, query=statement.name, hint=hint)
