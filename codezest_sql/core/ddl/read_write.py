"""Reads INSERT, UPDATE, DELETE and MERGE, also within WITH: what they change, and whether anything limits it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from codezest_sql.core.ddl.changes import Write
from codezest_sql.core.ddl.parts import group, qualified
from codezest_sql.core.sql.statements import Statement
from codezest_sql.core.sql.token_reader import TokenReader

if TYPE_CHECKING:
    from collections.abc import Iterator

_WRITES = frozenset({"INSERT", "UPDATE", "DELETE", "MERGE"})
# A condition that is the same for every row limits nothing: true, 1 = 1, NOT false.
_CONSTANT = re.compile(r"[\s(]*(?:true|not\s+false|(?P<one>\d+|'[^']*')\s*=\s*(?P=one))[\s)]*", re.IGNORECASE)


def read_write(text: str, statement: Statement, words: tuple[str, ...], schema: str) -> Write | None:
    """Return what the statement writes; None for what is no such statement."""
    reader = TokenReader(text, statement)
    effect = reader.keyword()
    reader.next()
    reader.take_one_of("INTO", "FROM")
    reader.take("ONLY")
    name = reader.name()
    if name is None or not words:
        return None
    table = qualified(name, schema)
    if effect == "MERGE":
        return Write(effect, table, filtered=True, reads=True, offset=statement.start,
                     others=tuple(_merged(reader, text, table)))  # fmt: skip
    filtered = reads = False
    if effect == "INSERT":
        # Rows in VALUES may be many: only the first few tokens are looked at.
        while not reader.at_end() and not reads:
            if reader.keyword() in {"VALUES", "DEFAULT"}:
                break
            reads = reader.keyword() in {"SELECT", "TABLE", "WITH"}
            reader.next()
    elif effect in {"UPDATE", "DELETE"}:
        filtered = reader.skip_to("WHERE")
    return Write(effect, table, filtered, reads, statement.start)


def read_with(text: str, statement: Statement, schema: str) -> Write | None:
    """Return what the statement after WITH writes, and the statements of the WITH; None where none writes."""
    found = list(_of_with(text, statement, schema))
    if not found:
        return None
    main = found[-1]
    others = tuple(each for write in found[:-1] for each in write.every)
    return Write(main.effect, main.table, main.filtered, main.reads, main.offset, (*main.others, *others))


def _of_with(text: str, statement: Statement, schema: str) -> Iterator[Write]:
    reader = TokenReader(text, statement)
    reader.take("WITH")
    reader.take("RECURSIVE")
    while (token := reader.peek()) is not None:
        if reader.keyword() in _WRITES:
            write = read_write(text, Statement(token.start, statement.end), (reader.keyword(),), schema)
            if write:
                yield write
            return
        if reader.written() == "(":
            members = group(reader, text)
            if members:
                yield from _inner(text, Statement(members[0].start, members[-1].end), schema)
            continue
        reader.next()


def _inner(text: str, statement: Statement, schema: str) -> Iterator[Write]:
    """Give what a member of a WITH writes."""
    reader = TokenReader(text, statement)
    word = reader.keyword()
    if word == "WITH":
        yield from _of_with(text, statement, schema)
    elif word in _WRITES and (write := read_write(text, statement, (word,), schema)):
        yield write


def _merged(reader: TokenReader, text: str, table: str) -> Iterator[Write]:
    """Give the UPDATE and DELETE of a MERGE that meet every row: nothing compares rows, or no condition is given."""
    reader.skip_to("ON")
    begin = reader.peek()
    end = None
    while not reader.at_end() and reader.keyword() != "WHEN":
        end = reader.next()
    condition = text[begin.start : end.end] if begin and end else ""
    always = bool(_CONSTANT.fullmatch(condition))
    while (token := reader.peek()) is not None:
        if not reader.take("WHEN"):
            reader.next()
            continue
        missing = reader.take("NOT", "MATCHED", "BY", "SOURCE")
        matched = missing or reader.take("MATCHED")
        limited = reader.keyword() == "AND"
        if not reader.skip_to("THEN"):
            return
        effect = reader.keyword()
        if matched and effect in {"UPDATE", "DELETE"} and not limited and (always or missing):
            yield Write(effect, table, filtered=False, reads=False, offset=token.start)
