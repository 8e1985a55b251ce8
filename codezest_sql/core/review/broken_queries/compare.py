"""What a query was and what it is after the migrations: how the code that was generated from it would break. Pure.

The rule of the runtime's proof is used: a type is its name. Beyond it, names of columns, NULLs and rows are compared.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from codezest_sql.core.describe.description import Analysis, Refusal
from codezest_sql.core.describe.value_shape import JsonArray, JsonObject, Scalar
from codezest_sql.core.query_types.column_alias import AliasProblemError, Override, read_alias

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from codezest_sql.core.describe.description import Described
    from codezest_sql.core.describe.types import TypeFacts
    from codezest_sql.core.review.broken_queries.events import Event
    from codezest_sql.core.review.broken_queries.uses import Uses, Write


@dataclass(frozen=True, slots=True)
class Seen:
    """One variant as a server sees it; ``refused`` is why it has no plan, which Parse alone does not show.

    ``broken`` are the functions it calls whose bodies the server refuses, each with the reason; ``tree`` is the
    server's tree as it prints it.
    """

    described: Described
    uses: Uses
    refused: str = ""
    broken: tuple[str, ...] = ()
    tree: str = ""


@dataclass(frozen=True, slots=True)
class Break:
    """How a query breaks, as the end of a sentence that begins with its name; the event that explains it, if any."""

    message: str
    event: Event | None
    is_error: bool = True


def breaks(
    before: Seen,
    after: Seen,
    changes: Sequence[Event],
    types: tuple[Mapping[int, TypeFacts], Mapping[int, TypeFacts]],
    *,
    released: bool,
) -> Iterator[Break]:
    """Give every way in which the code of ``before`` breaks; ``types`` are those of before and after.

    Code of a query that is not ``released`` is generated for the new schema: it breaks only where that refuses it.
    """
    old, new = before.described, after.described
    if isinstance(old, Refusal) or before.refused:
        return  # it never ran
    used = [event for event in changes if _concerns(event, before.uses)]
    if isinstance(new, Refusal) or after.refused:
        said = new.message if isinstance(new, Refusal) else after.refused
        yield _because(used, changes, f"is refused: {said}")
        return
    for said in after.broken:
        if said not in before.broken:
            yield Break(f"calls {said}", _told_of(said, changes))
    if not released:
        return
    yield from _types(old, new, used, types)
    yield from _rows(used)
    yield from _nulls(old, new, used)
    yield from _writes(before.uses, after.uses, changes)
    if old.at_most_one_row and not new.at_most_one_row:
        event = next((each for each in used if each.key.kind == "constraint" and each.after is None), None)
        yield Break("may now find more than one row", event, is_error=False)


def _concerns(event: Event, uses: Uses) -> bool:
    key = event.key
    if key.kind in {"column", "not null"}:
        return (key.oid, key.part) in uses.columns or (key.oid, 0) in uses.columns
    if key.kind in {"function", "body"}:
        return key.oid in uses.functions
    return key.oid in uses.relations


_RANK = ("column", "view", "relation", "function", "type", "label", "constraint", "not null", "body", "rows", "right")


def _because(used: Sequence[Event], changes: Sequence[Event], otherwise: str) -> Break:
    """Return the break with what explains it best: something gone or renamed that the query uses."""
    gone = [each for each in used if each.before is not None and each.key.kind in _RANK]
    relations = [e for e in gone if e.key.kind == "relation"]
    chosen = sorted(relations or gone, key=lambda each: _RANK.index(each.key.kind))
    if chosen:
        event = chosen[0]
        verb = "calls" if event.key.kind in {"function", "body"} else "uses"
        return Break(f"{verb} {event.name}, {event.words()}: it {otherwise}", event)
    label = next(
        (e for e in changes if e.key.kind == "label" and e.before and f'"{e.before.name}"' in otherwise), None
    )
    if label is not None:
        return Break(f"uses the value '{label.name}', {label.words()}: it {otherwise}", label)
    added = next((e for e in changes if e.key.kind in {"function", "type", "relation"}), None)
    return Break(otherwise, added or next(iter(changes), None))


def _told_of(said: str, changes: Sequence[Event]) -> Event | None:
    """Return the event that caused the server's message: one about an object that it names."""
    gone = [
        each for each in changes if each.before is not None and each.key.kind in {"column", "relation", "function"}
    ]
    return next((each for each in gone if each.name.rpartition(".")[2] in said), next(iter(gone), None))


def _rows(used: Sequence[Event]) -> Iterator[Break]:
    for event in used:
        if event.key.kind == "rows" and event.before is None:
            message = f"uses {event.name}, whose rows policies hide from now on from all but its owner"
            yield Break(message, event, is_error=False)


def _types(
    old: Analysis,
    new: Analysis,
    used: Sequence[Event],
    types: tuple[Mapping[int, TypeFacts], Mapping[int, TypeFacts]],
) -> Iterator[Break]:
    if len(old.columns) != len(new.columns):
        yield _because(used, (), f"returned {len(old.columns)} columns and now {len(new.columns)}")
        return
    if len(old.parameters) != len(new.parameters):
        yield _because(used, (), f"took {len(old.parameters)} parameters and now {len(new.parameters)}")
        return
    pairs = [
        *((f"the column {o.name}", o.type_name, n.type_name) for o, n in zip(old.columns, new.columns, strict=True)),
        *(
            (f"the parameter ${number}", o.type_name, n.type_name)
            for number, (o, n) in enumerate(zip(old.parameters, new.parameters, strict=True), 1)
        ),
    ]
    for what, generated, found in pairs:
        if generated != found:
            yield _because(used, (), f"was generated for {what} as {generated}, and the server reports {found}")
            return
    for one, other in zip(old.columns, new.columns, strict=True):
        if one.name != other.name:
            yield _because(used, (), f"would read the column {other.name} as {one.name}")
            return
        if repr(_bare(one.shape)) != repr(_bare(other.shape)):
            yield _because(used, (), f"reads {one.name}, JSON that is now built of other types")
            return
    oids = {*(each.type_oid for each in old.columns), *(each.type_oid for each in old.parameters)}
    for oid in _reached(oids, types[0]):
        was, now = types[0].get(oid), types[1].get(oid)
        if was is None or now is None:
            continue
        lost = [label for label in was.labels if label not in now.labels]
        if lost:
            yield Break(f"was generated with {was.name}, whose value '{lost[0]}' this renames", None)
        elif was.attributes != now.attributes and was.kind == "c":
            yield Break(f"reads or writes values of {was.name}, whose attributes this changes", None)


def _bare(shape: object) -> object:
    """Return a shape without what is known of its NULLs and its origin."""
    if isinstance(shape, JsonObject):
        return tuple((name, _bare(value)) for name, value in shape.fields)
    if isinstance(shape, JsonArray):
        return ("array", _bare(shape.element))
    return shape.type_oid if isinstance(shape, Scalar) else None


def _reached(oids: Iterable[int], types: Mapping[int, TypeFacts]) -> set[int]:
    found: set[int] = set()
    waiting = [*oids]
    while waiting:
        oid = waiting.pop()
        facts = types.get(oid)
        if oid and oid not in found and facts is not None:
            found.add(oid)
            waiting.extend((facts.element, facts.base, facts.subtype, *(each for _, each in facts.attributes)))
    return found


def _nulls(old: Analysis, new: Analysis, used: Sequence[Event]) -> Iterator[Break]:
    if len(old.columns) == len(new.columns):
        for one, other in zip(old.columns, new.columns, strict=True):
            if one.not_null and not other.not_null and _override(one.name) is Override.NONE:
                event = next((e for e in used if e.key.kind in {"not null", "view"}), None)
                yield Break(
                    f"was generated with {one.name} as never NULL, and it can be NULL now", event, is_error=False
                )
    if len(old.parameters) == len(new.parameters):
        for given, wanted in zip(old.parameters, new.parameters, strict=True):
            if given.may_be_null and not wanted.may_be_null:
                event = next((e for e in used if e.key.kind == "not null" and e.before is None), None)
                if event is not None:
                    yield Break(f"may write NULL into {event.name}, which this makes NOT NULL", event)
                    return


def _override(name: str) -> Override:
    try:
        return read_alias(name).override
    except AliasProblemError:
        return Override.NONE


def _writes(before: Uses, after: Uses, changes: Sequence[Event]) -> Iterator[Break]:
    """Compare what is written with what is asked for now; the tree of after has the new defaults in it."""
    for write in after.writes:
        for event in changes:
            if event.key.oid != write.relation or event.before is not None:
                continue
            if event.key.kind == "not null":
                if write.inserts and event.key.part not in write.columns:
                    yield Break(f"inserts without {event.name}, which this makes NOT NULL", event)
                elif event.key.part in write.nulls:
                    yield Break(f"writes NULL into {event.name}, which this makes NOT NULL", event)
    for write in before.writes:
        yield from _constraints(write, changes)


def _constraints(write: Write, changes: Sequence[Event]) -> Iterator[Break]:
    for event in changes:
        if (
            event.key.oid != write.relation
            or event.after is None
            or event.key.kind not in {"constraint", "referenced"}
        ):
            continue
        numbers, _, definition = event.after.text.partition("|")
        if event.before is not None and event.before.text == event.after.text:
            continue  # another name
        touched = write.inserts or bool(write.columns & {int(each) for each in numbers.split()})
        if event.key.kind == "referenced":
            # What the constraint itself does to the rows that point here, an old DELETE or UPDATE need not know.
            action = "ON DELETE" if write.deletes else "ON UPDATE"
            touched = (write.deletes or (touched and not write.inserts)) and action not in definition
        if touched and not (write.deletes and event.key.kind == "constraint"):
            effect = "inserts into" if write.inserts else "deletes from" if write.deletes else "updates"
            what = f"{effect} a table to which this adds {event.after.name} ({definition}): a row may violate it"
            yield Break(what, event, is_error=False)
