"""Reads the catalogue of a live database into values that the schema tests compare. It decides nothing.

Monthly partitions are left out everywhere: they repeat what their parents say.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, LiteralString

from tests.postgres.schema_facts import SCHEMAS

if TYPE_CHECKING:
    from collections.abc import Sequence

    import psycopg

# pg_constraint.confdeltype (PostgreSQL documentation, 53.13).
ON_DELETE = {"a": "NO ACTION", "r": "RESTRICT", "c": "CASCADE", "n": "SET NULL", "d": "SET DEFAULT"}
SUFFIX = {"p": "pk", "u": "key", "f": "fk", "c": "check"}


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table; ``default`` is the server's text of it."""

    table: str
    name: str
    type: str
    not_null: bool
    default: str | None
    identity: str
    generated: str
    comment: str | None


@dataclass(frozen=True, slots=True)
class Constraint:
    """A primary key, unique, foreign key or check constraint; ``columns`` in the order in which it names them."""

    table: str
    name: str
    kind: str
    columns: tuple[str, ...]
    parent: str | None
    parent_columns: tuple[str, ...]
    on_delete: str
    validated: bool
    deferrable: bool


@dataclass(frozen=True, slots=True)
class Index:
    """An index; an expression stands in ``keys`` as its text. ``predicate_columns`` are those of WHERE."""

    table: str
    name: str
    keys: tuple[str, ...]
    predicate: str | None
    predicate_columns: tuple[str, ...]
    unique: bool
    valid: bool
    of_constraint: bool


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything that the rules of the schema speak of."""

    tables: dict[str, str | None]
    columns: tuple[Column, ...]
    constraints: tuple[Constraint, ...]
    indexes: tuple[Index, ...]

    def foreign_keys(self) -> tuple[Constraint, ...]:
        """Return the foreign keys, ordered by name."""
        return tuple(constraint for constraint in self.constraints if constraint.kind == "f")

    def primary_key(self, table: str) -> Constraint:
        """Return the primary key of a table; raises ValueError if it has none."""
        (key,) = (each for each in self.constraints if (each.kind, each.table) == ("p", table))
        return key

    def columns_of(self, table: str) -> dict[str, Column]:
        """Return the columns of a table by name."""
        return {column.name: column for column in self.columns if column.table == table}


_TABLES: LiteralString = """
SELECT n.nspname || '.' || c.relname, obj_description(c.oid, 'pg_class')
FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = ANY(%s) AND c.relkind IN ('r', 'p') AND NOT c.relispartition
ORDER BY 1
"""

_COLUMNS: LiteralString = """
SELECT n.nspname || '.' || c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
       pg_get_expr(d.adbin, d.adrelid), a.attidentity::text, a.attgenerated::text, col_description(c.oid, a.attnum)
FROM pg_class AS c
JOIN pg_namespace AS n ON n.oid = c.relnamespace
JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_attrdef AS d ON d.adrelid = c.oid AND d.adnum = a.attnum
WHERE n.nspname = ANY(%s) AND c.relkind IN ('r', 'p') AND NOT c.relispartition
ORDER BY 1, a.attnum
"""

# From 18 on NOT NULL is a constraint too (contype n), named by the server: rule 8 does not mean it.
_CONSTRAINTS: LiteralString = """
SELECT n.nspname || '.' || c.relname, k.conname, k.contype::text,
       ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY AS u (num, place)
             JOIN pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = u.num ORDER BY u.place),
       (SELECT pn.nspname || '.' || p.relname FROM pg_class AS p JOIN pg_namespace AS pn ON pn.oid = p.relnamespace
        WHERE p.oid = k.confrelid),
       ARRAY(SELECT a.attname::text FROM unnest(k.confkey) WITH ORDINALITY AS u (num, place)
             JOIN pg_attribute AS a ON a.attrelid = k.confrelid AND a.attnum = u.num ORDER BY u.place),
       k.confdeltype::text, k.convalidated, k.condeferrable
FROM pg_constraint AS k
JOIN pg_class AS c ON c.oid = k.conrelid AND NOT c.relispartition
JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = ANY(%s) AND k.contype IN ('p', 'u', 'f', 'c')
ORDER BY k.conname
"""

_INDEXES: LiteralString = """
SELECT n.nspname || '.' || c.relname, i.relname,
       ARRAY(SELECT coalesce(
                 (SELECT a.attname::text FROM pg_attribute AS a
                  WHERE a.attrelid = x.indrelid AND a.attnum = x.indkey[place - 1] AND a.attnum > 0),
                 pg_get_indexdef(x.indexrelid, place, true))
             FROM generate_series(1, x.indnkeyatts) AS place),
       pg_get_expr(x.indpred, x.indrelid),
       ARRAY(SELECT a.attname::text FROM pg_attribute AS a
             WHERE a.attrelid = x.indrelid AND a.attnum > 0
               AND pg_get_expr(x.indpred, x.indrelid) ~ ('\\m' || a.attname || '\\M') ORDER BY a.attnum),
       x.indisunique, x.indisvalid, EXISTS (SELECT FROM pg_constraint AS k WHERE k.conindid = x.indexrelid
                                            AND k.conrelid = x.indrelid AND k.contype IN ('p', 'u', 'x'))
FROM pg_index AS x
JOIN pg_class AS i ON i.oid = x.indexrelid
JOIN pg_class AS c ON c.oid = x.indrelid AND NOT c.relispartition
JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = ANY(%s)
ORDER BY i.relname
"""


def read_catalogue(connection: psycopg.Connection[Any]) -> Catalogue:
    """Read the catalogue of the five schemas."""

    def rows(query: LiteralString) -> Sequence[tuple[Any, ...]]:
        return connection.execute(query, [list(SCHEMAS)]).fetchall()

    return Catalogue(
        tables=dict(rows(_TABLES)),
        columns=tuple(Column(*row) for row in rows(_COLUMNS)),
        constraints=tuple(
            Constraint(table, name, kind, tuple(columns), parent, tuple(of_parent), ON_DELETE.get(action, ""), *rest)
            for table, name, kind, columns, parent, of_parent, action, *rest in rows(_CONSTRAINTS)
        ),
        indexes=tuple(
            Index(table, name, tuple(keys), predicate, tuple(predicate_columns), *rest)
            for table, name, keys, predicate, predicate_columns, *rest in rows(_INDEXES)
        ),
    )
