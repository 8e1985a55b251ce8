"""The corpus of tests/cases/nullability: statements in blocks apart by an empty line, each with a sentence on top.

After ``-->`` in ``columns.sql`` and ``more_columns.sql`` stands a word for each column. ``never``: verified not NULL.
``seen``: the rows of ``schema.sql`` show a NULL. ``possible``: it can be NULL, though not everywhere with these rows.
``hard``: it is never NULL, but nobody has to find out. ``-- with`` gives the parameters as JSON, a null among them is
declared as nullable; ``-- since 17`` the first version that knows the syntax; ``-- not run`` that the
statement cannot be executed.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import psycopg

from tests.paths import CASES
from tests.postgres.catalog.catalog_cases import database_with

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from tests.conftest import Server

CORPUS = CASES / "nullability"


@dataclass(frozen=True, slots=True)
class Case:
    """One statement and what is true of it."""

    sentence: str
    statement: str
    expected: tuple[str, ...]
    arguments: tuple[object, ...] = ()
    since: int = 15
    runs: bool = True

    @property
    def nullable(self) -> tuple[int, ...]:
        """The numbers of the parameters that are declared as nullable."""
        return tuple(number for number, value in enumerate(self.arguments, start=1) if value is None)

    def texts(self) -> list[bytes | None]:
        """Return the parameters as the server reads them."""
        return [None if each is None else _text(each).encode() for each in self.arguments]


def read_cases(*names: str) -> tuple[Case, ...]:
    """Return the cases of these files."""
    return tuple(_case(block) for name in names for block in (CORPUS / name).read_text("utf-8").strip().split("\n\n"))


def schema(major: int) -> bytes:
    """Return the tables and rows that the cases are about."""
    version = "schema_from_18.sql" if major >= 18 else "schema_until_17.sql"
    return (CORPUS / "schema.sql").read_bytes() + (CORPUS / version).read_bytes()


def database_of_cases(server: Server) -> AbstractContextManager[str]:
    """Make a database with these tables and rows, give its URL, drop it."""
    with psycopg.connect(server.url()) as connection:
        major = connection.info.server_version // 10_000
    return database_with(server, schema(major))


def _case(block: str) -> Case:
    first, *lines = block.split("\n")
    *lines, last = lines
    arguments: tuple[object, ...] = ()
    since, runs = 15, True
    statement: list[str] = []
    for line in lines:
        if line.startswith("-- with "):
            arguments = tuple(json.loads(f"[{line.removeprefix('-- with ')}]"))
        elif line.startswith("-- since "):
            since = int(line.removeprefix("-- since "))
        elif line == "-- not run":
            runs = False
        else:
            statement.append(line)
    expected = tuple(last.removeprefix("--> ").split(", "))
    text = "\n".join(statement).removesuffix(";")
    return Case(first.removeprefix("-- ").removesuffix("."), text, expected, arguments, since, runs)


def _text(value: object) -> str:
    if isinstance(value, list):
        return "{" + ",".join(map(str, value)) + "}"
    return str(value)
