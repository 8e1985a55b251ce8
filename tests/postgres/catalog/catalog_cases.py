"""The corpus of tests/cases/catalog: a schema with one of everything, and changes to it with the words for them.

A file of ``changes/`` is SQL in blocks apart by an empty line: statements, then each line of the expected text after
``-->``; ``{me}`` means the role that made the objects. ``-- since 17`` names the first version that knows the
syntax, ``-- alone`` a change that touches what others touch too.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql

from tests.paths import CASES

if TYPE_CHECKING:
    from collections.abc import Generator

    from tests.conftest import Server

CORPUS = CASES / "catalog"
EVERY_KIND = (CORPUS / "every_kind.sql").read_bytes()


@dataclass(frozen=True, slots=True)
class Case:
    """One change by hand and the whole text of the diff that must name it."""

    name: str
    statement: str
    words: str
    since: int
    alone: bool


def read_cases() -> tuple[Case, ...]:
    """Return every change of the corpus, named by its file and its number in it."""
    return tuple(
        _case(f"{path.stem}-{number}", block)
        for path in sorted((CORPUS / "changes").glob("*.sql"))
        for number, block in enumerate(path.read_text("utf-8").strip().split("\n\n"), start=1)
    )


def _case(name: str, block: str) -> Case:
    since, alone = 15, False
    statement: list[str] = []
    words: list[str] = []
    for line in block.split("\n"):
        if line.startswith("-->"):
            words.append(line.removeprefix("-->").removeprefix(" "))
        elif line.startswith("-- since "):
            since = int(line.removeprefix("-- since "))
        elif line == "-- alone":
            alone = True
        else:
            statement.append(line)
    return Case(name, "\n".join(statement), "\n".join(words), since, alone)


@contextmanager
def database_with(server: Server, ddl: bytes) -> Generator[str]:
    """Make a database with ``ddl``, give its URL, drop it: for tests that share one, or need several servers."""
    name = sql.Identifier(f"catalog_{os.getpid()}_{os.urandom(4).hex()}")
    with psycopg.connect(server.url(), autocommit=True) as admin:
        admin.execute(sql.SQL("CREATE DATABASE {}").format(name))
    try:
        url = server.url(name.as_string().strip('"'))
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(ddl)
        yield url
    finally:
        with psycopg.connect(server.url(), autocommit=True) as admin:
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))
