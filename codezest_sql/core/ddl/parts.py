"""Parts that many statements have: qualified names, lists in parentheses, types. Asks no server."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from codezest_sql.core.sql.identifiers import split_name, stored_name
from codezest_sql.core.sql.statements import Statement
from codezest_sql.core.sql.token_reader import TokenReader

if TYPE_CHECKING:
    from collections.abc import Collection

# What ends a type within a column's declaration (ColQualList and columnOptions of gram.y).
TYPE_END = frozenset(
    re.findall(
        r"\S+",
        """
        COLLATE CONSTRAINT NOT NULL DEFAULT CHECK GENERATED PRIMARY UNIQUE REFERENCES STORAGE COMPRESSION USING
        DEFERRABLE INITIALLY OPTIONS ENFORCED NO
        """,
    )
)
# Of the names that one type has, the one that rules compare.
_ALIASES = (
    (r"^character varying\b", "varchar"),
    (r"^character\b", "char"),
    (r"^(?:integer|int4)\b", "int"),
    (r"^int8\b", "bigint"),
    (r"^int2\b", "smallint"),
    (r"^bool\b", "boolean"),
    (r"^decimal\b", "numeric"),
    (r"^serial4\b", "serial"),
    (r"^serial8\b", "bigserial"),
    (r"^(?:double precision|float8|float)\b", "double precision"),
    (r"^timestamp ?(\([0-9]\))? with time zone\b", r"timestamptz\1"),
    (r"^timestamp ?(\([0-9]\))? without time zone\b", r"timestamp\1"),
    (r"^time ?(\([0-9]\))? with time zone\b", r"timetz\1"),
    (r"^time ?(\([0-9]\))? without time zone\b", r"time\1"),
)
ALIASES = tuple((re.compile(pattern), short) for pattern, short in _ALIASES)


def kept(written: str) -> str:
    """Return a dotted name as the server keeps it, without quotes."""
    return ".".join(stored_name(part) for part in split_name(written))


def qualified(written: str, schema: str) -> str:
    """Return a dotted name as the server keeps it, in ``schema`` where it names none; without a database."""
    parts = [stored_name(part) for part in split_name(written)]
    return ".".join(parts[-2:]) if len(parts) > 1 else f"{schema}.{parts[0]}" if parts else ""


def group(reader: TokenReader, text: str) -> tuple[Statement, ...]:
    """Skip ``(a, b (c, d))`` and return where each of its members stands; nothing where none comes next."""
    if not reader.take_symbol("("):
        return ()
    found: list[Statement] = []
    depth, start, end = 0, -1, -1
    while (token := reader.next()) is not None:
        written = token.text(text)
        if written in {"(", "["}:
            depth += 1
        elif written in {")", "]"}:
            if not depth:
                break
            depth -= 1
        elif written == "," and not depth:
            if start >= 0:
                found.append(Statement(start, end))
            start = -1
            continue
        start = token.start if start < 0 else start
        end = token.end
    if start >= 0:
        found.append(Statement(start, end))
    return tuple(found)


def names_in(members: tuple[Statement, ...], text: str) -> tuple[str, ...]:
    """Return the names with which members begin, as kept."""
    names = (TokenReader(text, member).name() for member in members)
    return tuple(kept(name) for name in names if name)


def column_names(reader: TokenReader, text: str) -> tuple[str, ...]:
    """Skip ``(a, b)`` and return its names as kept."""
    return names_in(group(reader, text), text)


def take_type(reader: TokenReader, ends: Collection[str] = TYPE_END) -> str:
    """Skip a type and return it in lower case, with single spaces and its short name."""
    words: list[str] = []
    depth = 0
    while not reader.at_end():
        written = reader.written()
        if not depth and (written in {",", ")"} or (reader.keyword() in ends and words)):
            break
        depth += {"(": 1, ")": -1}.get(written, 0)
        words.append(_type_word(written))
        reader.next()
    return short_type(re.sub(r" ?([(),.\[\]]) ?", r"\1", " ".join(words)).replace(")with", ") with"))


# Written in quotes these are names of other types, or of none: only the grammar gives them their meaning.
_OF_GRAMMAR = frozenset({
    "char", "character", "integer", "int", "smallint", "bigint", "real", "float", "decimal", "dec", "boolean",
    "double", "national", "nchar", "bit", "setof", "array",
})  # fmt: skip


def _type_word(written: str) -> str:
    """Return a part of a type's name: quotes that change nothing are left out, such as those of "serial"."""
    if not written.startswith('"'):
        return written.lower()
    name = stored_name(written)
    plain = re.fullmatch(r"[a-z_][a-z0-9_]*", name) and name not in _OF_GRAMMAR
    return name if plain else written


def short_type(type_name: str) -> str:
    """Return the type under the shortest of its names."""
    type_name = type_name.removeprefix("pg_catalog.")
    for pattern, short in ALIASES:
        type_name = pattern.sub(short, type_name)
    return type_name


def take_expression(reader: TokenReader, text: str, ends: Collection[str]) -> str:
    """Skip an expression up to one of these words or a comma outside of parentheses; return its text."""
    start = end = -1
    depth = 0
    while (token := reader.peek()) is not None:
        written = token.text(text)
        if not depth and start >= 0 and (written == "," or reader.keyword() in ends):
            break
        depth += {"(": 1, "[": 1, ")": -1, "]": -1}.get(written, 0)
        if depth < 0:
            break
        start = token.start if start < 0 else start
        end = token.end
        reader.next()
    return text[start:end] if start >= 0 else ""
