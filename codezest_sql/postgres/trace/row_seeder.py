"""Inserts one dummy row into every empty table: what passes on no row and fails on the first is found so.

Values are constants of the type, the same in every table, so that foreign keys hold among them; unlikely ones, so
that they collide with nothing that a migration inserts. Where a CHECK refuses them all, the table stays empty. The
rows are removed before the migration is applied, so that no later migration takes them for rows of the base.
"""

from __future__ import annotations

import itertools
import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import psycopg
from psycopg import sql
from psycopg.rows import tuple_row

from codezest_sql.postgres.trace.quoted_name import quoted_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

_COLUMNS = """
SELECT c.oid::bigint, pg_catalog.format('%I.%I', n.nspname, c.relname), a.attname, b.typname, b.typcategory::text,
    a.attnotnull OR t.typnotnull, a.atthasdef OR a.attidentity <> '',
    (SELECT e.enumlabel FROM pg_catalog.pg_enum AS e WHERE e.enumtypid = b.oid ORDER BY e.enumsortorder LIMIT 1),
    CASE WHEN a.attnum = (SELECT p.partattrs[0] FROM pg_catalog.pg_partitioned_table AS p
        JOIN pg_catalog.pg_inherits AS h ON h.inhparent = p.partrelid WHERE h.inhrelid = c.oid)
    THEN pg_catalog.pg_get_expr(c.relpartbound, c.oid) END,
    (SELECT pg_catalog.pg_get_constraintdef(k.oid) FROM pg_catalog.pg_constraint AS k
        WHERE k.conrelid = c.oid AND k.contype = 'c' AND k.conkey = ARRAY[a.attnum] ORDER BY k.oid LIMIT 1),
    information_schema._pg_char_max_length(b.oid, CASE WHEN t.typtype = 'd' THEN t.typtypmod ELSE a.atttypmod END)
FROM pg_catalog.pg_class AS c
JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid
JOIN pg_catalog.pg_type AS t ON t.oid = a.atttypid
JOIN pg_catalog.pg_type AS b ON b.oid = CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.oid END
WHERE c.relkind = 'r' AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_(toast|temp)'
AND c.relname !~ '^_?(yoyo|codezest)_' AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
ORDER BY c.oid, a.attnum
"""
_BOUND = re.compile(r"(?:FROM|IN) \((?:'((?:[^']|'')*)'|(-?[0-9.]+))")
_OCTETS = re.compile(r"octet_length\(.*?\)+ = (\d+)")
_COMPARED = re.compile(r"[<>=] \(?(?:'((?:[^']|'')*)'|(-?[0-9.]+))")
_LIST = re.compile(r"= ANY \(\(?ARRAY\['((?:[^']|'')*)'")
_DELETE = sql.SQL("DELETE FROM ONLY {}")
_TEXTS = ("codezest-sql row", "row@codezest.example", "czr", "CZR", "1")
_NUMBERS = ("32011", "1", "0")
_UUID = "c0de2e57-0000-4000-8000-000000032011"
_BY_NAME = {"uuid": _UUID, "time": "12:00", "timetz": "12:00+00", "xml": "<row/>", "tsvector": ""}
_BY_CATEGORY = {
    "B": "true", "D": "2999-01-15", "T": "1 day", "A": "{}", "R": "empty", "I": "192.0.2.1", "V": "1",
}  # fmt: skip


class _Column(NamedTuple):
    name: str
    type: str
    category: str
    required: bool
    has_default: bool
    label: str | None
    bound: str | None
    check: str | None
    length: int | None


@dataclass(frozen=True, slots=True)
class Seeded:
    """The tables that got a row, and those that took none."""

    tables: tuple[str, ...] = ()
    empty: tuple[str, ...] = ()


class KnownRows:
    """The rows that tables took before: a table whose columns are the same is given the same row at once."""

    def __init__(self) -> None:
        self._inserts: dict[tuple[str, tuple[_Column, ...]], sql.Composed] = {}

    def of(self, table: str, columns: Sequence[_Column]) -> sql.Composed | None:
        """Return the INSERT that the table took; None where there is none yet."""
        return self._inserts.get((table, tuple(columns)))

    def add(self, table: str, columns: Sequence[_Column], insert: sql.Composed) -> None:
        """Remember the INSERT that the table took."""
        self._inserts[table, tuple(columns)] = insert


def seed_rows(connection: psycopg.Connection[Any], known: KnownRows | None = None) -> Seeded:
    """Add a row to each empty table that takes one, in a transaction.

    ``connection`` may set session_replication_role: a superuser's may, and that of the role that migrates on a
    confined server.
    """
    known = known or KnownRows()
    taken: list[str] = []
    refused: list[str] = []
    with connection.transaction(), connection.cursor(row_factory=tuple_row) as cursor:
        # Neither foreign keys nor triggers of the project's own shall look at it.
        cursor.execute("SET LOCAL session_replication_role = replica")
        tables: Mapping[str, list[_Column]] = defaultdict(list)
        for _, name, *facts in cursor.execute(_COLUMNS).fetchall():
            tables[name].append(_Column(*facts))
        names = _empty(cursor, tables)
        again = {name: insert for name in names if (insert := known.of(name, tables[name]))}
        done = _insert(connection, sql.SQL("; ").join(again.values())) if again else False
        taken.extend(again if done else ())
        for name in names:
            if done and name in again:
                continue
            insert = _fill(connection, quoted_name(name), tables[name])
            (taken if insert else refused).append(name)
            if insert:
                known.add(name, tables[name], insert)
    return Seeded(tuple(taken), tuple(refused))


def _empty(cursor: psycopg.Cursor[Any], tables: Iterable[str]) -> list[str]:
    """Return those of the tables that have no row."""
    question = sql.SQL("SELECT {} WHERE NOT EXISTS (SELECT FROM ONLY {})")
    questions = [question.format(sql.Literal(name), quoted_name(name)) for name in tables]
    if not questions:
        return []
    return [str(name) for (name,) in cursor.execute(sql.SQL(" UNION ALL ").join(questions)).fetchall()]


def remove_rows(connection: psycopg.Connection[Any], seeded: Seeded) -> None:
    """Delete all rows of the tables that got one, in a transaction: they were empty, and changes were rolled back."""
    if not seeded.tables:
        return
    with connection.transaction():
        connection.execute("SET LOCAL session_replication_role = replica")
        connection.execute(sql.SQL("; ").join(_DELETE.format(quoted_name(name)) for name in seeded.tables))


def _fill(connection: psycopg.Connection[Any], table: sql.SQL, columns: Sequence[_Column]) -> sql.Composed | None:
    """Return the first INSERT that the table takes; None where it takes none."""
    for row in _rows(columns):
        names = sql.SQL(", ").join(map(sql.Identifier, row))
        values = sql.SQL(", ").join(map(sql.Literal, row.values()))
        # OVERRIDING: an identity takes the constant too, so that a foreign key to it holds.
        with_values = sql.SQL("INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE VALUES ({})").format(table, names, values)
        insert = with_values if row else sql.SQL("INSERT INTO {} DEFAULT VALUES").format(table)
        if _insert(connection, insert):
            return insert
    return None


def _insert(connection: psycopg.Connection[Any], inserts: sql.Composed) -> bool:
    """Run INSERTs, all or none; return whether the server accepted them."""
    try:
        with connection.transaction():
            connection.execute(inserts)
    except psycopg.OperationalError:
        raise
    except psycopg.Error:
        return False
    return True


def _rows(columns: Sequence[_Column]) -> Iterator[dict[str, str]]:
    """Give rows to try: first with a value for each column, then with as few as possible; then other values."""
    tried: list[dict[str, str]] = []
    for by_check, number, only_required, text in itertools.product((False, True), _NUMBERS, (False, True), _TEXTS):
        row = {
            each.name: value
            for each in columns
            if (each.required and not each.has_default) or not only_required
            if (value := _compared(each) if by_check else None) is not None
            or (value := _value(each, text, number)) is not None
        }
        if row not in tried:
            tried.append(row)
            yield row


def _compared(column: _Column) -> str | None:
    """Return the first value that the column's CHECK compares it with."""
    found = _COMPARED.search(column.check or "")
    return _literal(found) if found else None


def _literal(found: re.Match[str]) -> str:
    return found[2] or (found[1] or "").replace("''", "'")


def _value(column: _Column, text: str, number: str) -> str | None:
    if column.bound is not None and (bound := _BOUND.search(column.bound)):
        return _literal(bound)
    if column.label is not None:
        return column.label
    found = _value_of_type(column)
    if found is not None:
        return found
    check = column.check or ""
    if column.category == "S":
        listed = _LIST.search(check)
        return listed[1].replace("''", "'") if listed else text[: column.length]
    if column.category == "N":
        return (_compared(column) or number) if "<" in check else number
    return _BY_CATEGORY.get(column.category)


def _value_of_type(column: _Column) -> str | None:
    check = column.check or ""
    if column.type in {"json", "jsonb"}:
        return "[]" if "'array'" in check else "{}"
    if column.type == "bytea":
        octets = _OCTETS.search(check)
        return "\\x" + "c0" * (int(octets[1]) if octets else 2)
    if column.type == "bit":
        return "1" * (column.length or 1)
    return _BY_NAME.get(column.type)
