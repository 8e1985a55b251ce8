"""Adds clauses to the CREATE ROLE statements of a script, for a temporary server without a superuser. Pure.

A superuser may act as each role that it makes, and give a table to one that may not create in the table's schema. On
a temporary server the role that migrates gets as much by memberships, which have to begin with the role: what a file
makes and uses in one transaction no other session sees.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from codezest_sql.core.sql.statements import split_statements
from codezest_sql.core.sql.token_reader import TokenReader

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from codezest_sql.core.migrations.files.script import Script
    from codezest_sql.core.sql.statements import Statement

MEMBER = ("ADMIN", "ADMIN CURRENT_USER")
"""The role that migrates may act as each role that the script makes. PostgreSQL 16 has createrole_self_grant."""


def with_clauses(script: Script, clauses: Iterable[tuple[str, str]]) -> Script:
    """Return the script with these clauses at the end of each CREATE ROLE, CREATE USER and CREATE GROUP.

    A clause is the keyword that it has, and its text; a statement that has the keyword already keeps its own. Lines
    stay where they are, columns up to the end of the statement too.
    """
    parts: list[str] = []
    done = 0
    for statement in script.statements:
        if not _makes_role(script.text, statement):
            continue
        words = set(_keywords(script.text, statement))
        added = "".join(f" {text}" for keyword, text in clauses if keyword not in words)
        parts += [script.text[done : statement.end], added]
        done = statement.end
    if not parts:
        return script
    text = "".join((*parts, script.text[done:]))
    return replace(script, text=text, statements=split_statements(text, file=script.file))


def _makes_role(text: str, statement: Statement) -> bool:
    reader = TokenReader(text, statement)
    if not reader.take("CREATE"):
        return False
    kind = reader.take_one_of("ROLE", "GROUP", "USER")
    return bool(kind) and not (kind == "USER" and reader.keyword() == "MAPPING")


def _keywords(text: str, statement: Statement) -> Iterator[str]:
    """Give the keywords after the name of the role."""
    reader = TokenReader(text, statement)
    for _ in range(3):
        reader.next()
    while not reader.at_end():
        yield reader.keyword()
        reader.next()
