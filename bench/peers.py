"""What rows.py, calls.py and bulk.py share: a table of accounts, its models for each peer, interleaved timing.

Client and server run on one core (unpinned round trips flip between two speeds); every figure is a median of
interleaved rounds, and what counts is the ratio within one run.
"""

from __future__ import annotations

import datetime as dt  # noqa: TC003  # models read it
import gc
import os
import statistics
import time
from contextlib import contextmanager
from decimal import Decimal  # noqa: TC003
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from uuid import UUID  # noqa: TC003

import psycopg
import sqlalchemy as sa
import sqlmodel
from pydantic import BaseModel, TypeAdapter
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from codezest_sql.postgres.server.binaries import find_binaries
from codezest_sql.postgres.server.temporary_server import temporary_server
from codezest_sql.runtime import Column, Model, Parameter, Statement

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

ROWS = 10_000
NAMES = ("id", "name", "role", "n", "amount", "ok", "js", "a", "b", "c", "d", "e")
SELECT = f"SELECT {', '.join(NAMES)} FROM app.account"
SCHEMA = f"""
CREATE SCHEMA app;
CREATE TYPE app.role AS ENUM ('admin', 'user');
CREATE TABLE app.account (
    id uuid PRIMARY KEY, name text NOT NULL, role app.role NOT NULL, n int4 NOT NULL, amount numeric NOT NULL,
    ok bool NOT NULL, js jsonb NOT NULL, a timestamptz NOT NULL, b timestamptz NOT NULL, c timestamptz NOT NULL,
    d text, e int4
);
INSERT INTO app.account
SELECT gen_random_uuid(), 'name ' || g, 'user', g, g / 7.0, g % 2 = 0, '{{"a": 1, "b": [1, 2]}}',
    now(), now(), now(), CASE WHEN g % 2 = 0 THEN 'x' END, CASE WHEN g % 3 = 0 THEN g END
FROM generate_series(1, {ROWS}) AS g;
CREATE TABLE app.narrow (n int4 PRIMARY KEY, s text NOT NULL, ok bool NOT NULL);
INSERT INTO app.narrow SELECT g, 'text ' || g, g % 2 = 0 FROM generate_series(1, {ROWS}) AS g;
CREATE TABLE app.written (LIKE app.account);
ANALYZE
"""


class Role(StrEnum):
    """An enum of the table."""

    ADMIN = "admin"
    USER = "user"


class Account(Model):
    """The row of twelve columns, as it would be generated."""

    id: UUID
    name: str
    role: Role
    n: int
    amount: Decimal
    ok: bool
    js: Any
    a: dt.datetime
    b: dt.datetime
    c: dt.datetime
    d: str | None
    e: int | None


class PlainAccount(BaseModel):
    """The same for those who build models themselves."""

    id: UUID
    name: str
    role: Role
    n: int
    amount: Decimal
    ok: bool
    js: Any
    a: dt.datetime
    b: dt.datetime
    c: dt.datetime
    d: str | None
    e: int | None


class Narrow(Model):
    """A row of int, text and bool."""

    n: int
    s: str
    ok: bool


class Base(DeclarativeBase):
    """SQLAlchemy's registry."""


ROLE = postgresql.ENUM(Role, name="role", schema="app", values_callable=lambda kind: [one.value for one in kind])


class OrmAccount(Base):
    """SQLAlchemy's model of the table."""

    __tablename__ = "account"
    __table_args__ = {"schema": "app"}  # noqa: RUF012
    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    role: Mapped[Role] = mapped_column(ROLE)
    n: Mapped[int]
    amount: Mapped[Decimal]
    ok: Mapped[bool]
    js: Mapped[Any] = mapped_column(postgresql.JSONB)
    a: Mapped[dt.datetime] = mapped_column(sa.DateTime(timezone=True))
    b: Mapped[dt.datetime] = mapped_column(sa.DateTime(timezone=True))
    c: Mapped[dt.datetime] = mapped_column(sa.DateTime(timezone=True))
    d: Mapped[str | None]
    e: Mapped[int | None]


class SqlModelAccount(sqlmodel.SQLModel, table=True):
    """SQLModel's model of the table."""

    __tablename__ = "account"
    __table_args__ = {"schema": "app"}
    id: UUID = sqlmodel.Field(primary_key=True)
    name: str
    role: Role = sqlmodel.Field(sa_column=sa.Column(ROLE))
    n: int
    amount: Decimal
    ok: bool
    js: Any = sqlmodel.Field(sa_column=sa.Column(postgresql.JSONB))
    a: dt.datetime = sqlmodel.Field(sa_column=sa.Column(sa.DateTime(timezone=True)))
    b: dt.datetime = sqlmodel.Field(sa_column=sa.Column(sa.DateTime(timezone=True)))
    c: dt.datetime = sqlmodel.Field(sa_column=sa.Column(sa.DateTime(timezone=True)))
    d: str | None
    e: int | None


TYPES = {
    "id": "uuid", "name": "text", "role": "app.role", "n": "integer", "amount": "numeric", "ok": "boolean",
    "js": "jsonb", "a": "timestamp with time zone", "b": "timestamp with time zone",
    "c": "timestamp with time zone", "d": "text", "e": "integer",
}  # fmt: skip
COLUMNS = tuple(
    Column(name, TYPES[name], Role if name == "role" else None, nullable=name in {"d", "e"}) for name in NAMES
)
ALL = Statement("account.all", f"{SELECT} LIMIT $1", (Parameter("count", "bigint"),), COLUMNS, Account)
ONE = Statement("account.get", f"{SELECT} WHERE id = $1", (Parameter("id", "uuid"),), COLUMNS, Account)
NARROW = Statement(
    "narrow.all",
    "SELECT n, s, ok FROM app.narrow",
    (),
    (Column("n", "integer", None, False), Column("s", "text", None, False), Column("ok", "boolean", None, False)),  # noqa: FBT003
    Narrow,
)
COPY = Statement(
    "account.copy",
    "",
    tuple(Parameter(c.name, c.type, c.python, c.nullable) for c in COLUMNS),
    copy=("app.written", NAMES),
)
RECORDS = TypeAdapter(list[PlainAccount])


def pin() -> None:
    """Put this process, and what it starts from now on, on one core."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


@contextmanager
def filled_server() -> Iterator[str]:
    """Start a server on this core, with the tables filled; give its URL."""
    pin()
    with temporary_server(find_binaries(18)) as server:
        with psycopg.connect(server.url(), autocommit=True) as connection:
            connection.execute(SCHEMA.encode())
        yield server.url()


def interleaved(ways: Mapping[str, Callable[[], object]], *, rounds: int, times: int) -> dict[str, float]:
    """Return the median seconds of one call of each way; A B C A B C …, ``times`` calls a round."""
    found: dict[str, list[float]] = {name: [] for name in ways}
    for way in ways.values():
        way()
    # What the imports of all these packages left behind is none of any peer's rows.
    gc.collect()
    gc.freeze()
    for _ in range(rounds):
        for name, way in ways.items():
            begin = time.perf_counter()
            for _ in range(times):
                way()
            found[name].append((time.perf_counter() - begin) / times)
    return {name: statistics.median(seconds) for name, seconds in found.items()}


def table(
    title: str, found: Mapping[str, float], *, against: str, unit: str, scale: float, goals: Mapping[str, float]
) -> None:
    """Print one table."""
    print(f"\n| {title} | {unit} | ratio | goal |\n|---|---|---|---|")
    for name, seconds in found.items():
        goal = f"≤ {goals[name]}" if name in goals else ""
        print(f"| {name} | {seconds * scale:,.1f} | {seconds / found[against]:.2f} | {goal} |")
