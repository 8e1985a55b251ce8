"""Random queries over tables with NULLs in them, the same for the same seed: joins, conditions, groups, subqueries.

A query may be refused by the server or fail when it runs; then it proves nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random

SCHEMA = """
CREATE TABLE a (id int PRIMARY KEY, x int, y int NOT NULL, s text, b bool NOT NULL, f bool, ar int[] NOT NULL);
CREATE TABLE c (id int PRIMARY KEY, x int NOT NULL, y int, s text NOT NULL, b bool, f bool NOT NULL, ar int[]);
CREATE TABLE e (id int NOT NULL, x int, y int, s text, b bool, f bool, ar int[]);
CREATE TABLE nobody (id int NOT NULL, x int NOT NULL, y int NOT NULL, s text NOT NULL, b bool NOT NULL,
    f bool NOT NULL, ar int[] NOT NULL);
CREATE VIEW v AS SELECT a.id, c.x, a.y, coalesce(c.s, 'none') AS s, c.b, a.f, c.ar FROM a LEFT JOIN c ON c.id = a.x;
CREATE FUNCTION gives_null(int) RETURNS int STRICT IMMUTABLE LANGUAGE sql AS 'SELECT nullif($1, 2)';
"""
TABLES = ("a", "c", "e", "nobody", "v")
INTS, TEXTS, BOOLS = ("id", "x", "y"), ("s",), ("b", "f")


def rows(chance: random.Random) -> str:
    """Return the INSERTs of random rows."""

    def value(make: str, *, required: bool) -> str:
        return "NULL" if not required and chance.random() < 0.4 else make

    def row(number: int, required: str) -> str:
        cells = {
            "id": str(number),
            "x": str(chance.randint(0, 4)),
            "y": str(chance.randint(0, 4)),
            "s": chance.choice(("'a'", "'b'", "''")),
            "b": chance.choice(("true", "false")),
            "f": chance.choice(("true", "false")),
            "ar": chance.choice(("'{}'", "'{1,NULL}'", "'{2}'")),
        }
        return f"({', '.join(value(cell, required=name in required.split()) for name, cell in cells.items())})"

    required = {"a": "id y b ar", "c": "id x s f", "e": "id"}
    return ";\n".join(
        f"INSERT INTO {table} VALUES {', '.join(row(number, names) for number in range(1, chance.randint(4, 7)))}"
        for table, names in required.items()
    )


# Templates: <int>, <text>, <bool> mean an expression of less depth, <id> for a column of numbers, <one> for a
# relation in sight, <key> for a column of booleans, <select> for FROM and WHERE of a subquery that gives <inner>.
INT_VALUES = (
    "coalesce(<int>, <int>)",
    "greatest(<int>, <int>)",
    "nullif(<int>, <int>)",
    "CASE WHEN <bool> THEN <int> ELSE <int> END",
    "CASE WHEN <id> IS NULL THEN <int> WHEN <bool> THEN <int> ELSE <id> END",
    "CASE <int> WHEN <int> THEN <id> ELSE <int> END",
    "CASE WHEN <bool> THEN <int> END",
    "(<int> + <int>)",
    "gives_null(<int>)",
    "abs(<int>)",
    "length(<text>)",
    "<one>.ar[1]",
    "array_length(<one>.ar, 1)",
)
TEXT_VALUES = (
    "coalesce(<text>, <text>)",
    "least(<text>, <text>)",
    "nullif(<text>, <text>)",
    "CASE WHEN <bool> THEN <text> ELSE <text> END",
    "CASE WHEN <one>.s IS NOT NULL THEN <one>.s WHEN <bool> THEN <text> ELSE <text> END",
    "(<text> || <text>)",
    "upper(<text>)",
    "concat(<text>)",
    "(<int>)::text",
    "substring(<text> FROM 'a')",
)
INT_SUBQUERIES = (
    "(SELECT <inner> <select> LIMIT 1)",
    "(SELECT max(<inner>) <select>)",
    "(SELECT count(*) <select>)::int",
    "(SELECT count(*) <select> LIMIT 0)::int",
    "(SELECT <int>)",
    "(SELECT <int> LIMIT 1)",
)
CONDITIONS = (
    "<id> IS NOT NULL",
    "<id> IS NULL",
    "<id> = <id>",
    "<id> > 1",
    "<id> <> 2",
    "<one>.<key>",
    "<one>.s LIKE '%'",
    "<id> IN (1, 2)",
    "<id> NOT IN (1, 9)",
    "<id> = ANY (<one>.ar)",
    "<id> <> ALL (<one>.ar)",
    "<id> <> ALL ('{}')",
    "<id> BETWEEN 0 AND 3",
    "<id> IS DISTINCT FROM <id>",
    "<id> IS NOT DISTINCT FROM <id>",
    "(<id>, <id>) > (1, 1)",
    "(<id>, <id>) = (1, 1)",
    "<one> IS NOT NULL",
    "<one> IS NULL",
    "<one>.<key> IS NOT FALSE",
    "false",
    "true",
)
LARGER_CONDITIONS = (
    "(<bool> AND <bool>)",
    "(<bool> AND <bool>)",
    "(<bool> OR <bool>)",
    "NOT (<bool>)",
    "(<bool>) IS TRUE",
    "(<bool>) IS NOT TRUE",
    "(<bool>) IS FALSE",
    "(<bool>) IS NOT FALSE",
    "(<bool>) IS UNKNOWN",
    "(<bool>) IS NOT UNKNOWN",
    "coalesce(<bool>, false)",
    "coalesce(<bool>, <bool>)",
    "CASE WHEN <bool> THEN <bool> ELSE <bool> END",
    "<int> >= 1",
    "<int> = ANY (ARRAY[<int>, <int>])",
    "<text> IS NOT NULL",
    "<int> IS NOT DISTINCT FROM <id>",
)
SUBQUERY_CONDITIONS = (
    "EXISTS (SELECT <select>)",
    "<id> IN (SELECT <inner> <select>)",
    "<id> NOT IN (SELECT <inner> <select>)",
    "<id> > ALL (SELECT <inner> <select>)",
)
AGGREGATES = (
    "max(<int>)",
    "sum(<int>)",
    "avg(<int>)",
    "count(*)",
    "count(<int>)",
    "array_agg(<int>)",
    "bool_or(<bool>)",
    "string_agg(<text>, ',')",
    "stddev_samp(<int>)",
    "var_pop(<int>)",
    "percentile_cont(0.5) WITHIN GROUP (ORDER BY <int>)",
    "mode() WITHIN GROUP (ORDER BY <int>)",
    "jsonb_agg(<int>)",
    "max(<int>) FILTER (WHERE <bool>)",
)
WINDOWS = (
    "sum(<int>)",
    "first_value(<int>)",
    "last_value(<int>)",
    "lag(<int>)",
    "row_number()",
    "lag(<int>, 1, 0)",
    "nth_value(<int>, 2)",
    "array_agg(<int>)",
    "ntile(2)",
)
FRAMES = (
    "",
    "ROWS BETWEEN 1 PRECEDING AND CURRENT ROW",
    "ROWS BETWEEN 2 PRECEDING AND 1 PRECEDING",
    "ROWS BETWEEN CURRENT ROW AND 1 FOLLOWING",
    "ROWS BETWEEN 1 FOLLOWING AND 2 FOLLOWING",
    "GROUPS BETWEEN 1 PRECEDING AND CURRENT ROW EXCLUDE CURRENT ROW",
    "ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW EXCLUDE TIES",
    "RANGE BETWEEN 1 PRECEDING AND 1 FOLLOWING",
)
EVERY_COLUMN = "(id, x, y, s, b, f, ar)"
_PLACEHOLDER = re.compile(r"<(int|text|bool|id|one|key|inner|select)>")


@dataclass(slots=True)
class Queries:
    """Makes queries. ``names`` are the relations in sight, innermost last."""

    chance: random.Random
    count: int = 0

    def query(self) -> str:
        """Return a query."""
        if self.chance.random() < 0.1:
            return self._changing()
        return self._select((), self._pick_number(1, 3))

    def _name(self) -> str:
        self.count += 1
        return f"t{self.count}"

    def _pick(self, *texts: str) -> str:
        return self.chance.choice(texts)

    def _pick_number(self, low: int, high: int) -> int:
        return self.chance.randint(low, high)

    def _changing(self) -> str:
        table = self._pick("a", "c", "e")
        condition = self._condition((table,), 2, 1)
        values = ", ".join([self._value(self._pick("int", "text"), (table,), 1, 1), self._condition((table,), 2, 1)])
        what = self._pick("x", "y", "b", "s")
        chance = self.chance.random()
        if chance < 0.4:
            return f"DELETE FROM {table} WHERE {condition} RETURNING x, y, s, {values}"
        value = {
            "b": lambda: self._condition((table,), 1, 1),
            "s": lambda: self._value("text", (table,), 1, 1),
        }.get(what, lambda: self._value("int", (table,), 1, 1))()
        if chance < 0.7:
            others, tree = self._from((), 1)
            listed = ", ".join(f"{each}.{self._pick(*INTS)}" for each in others)
            where = self._condition((table, *others), 2, 1)
            return f"UPDATE {table} SET {what} = {value} FROM {tree} WHERE {where} RETURNING {table}.{what}, {listed}"
        return f"UPDATE {table} SET {what} = {value} WHERE {condition} RETURNING x, y, s, ar, {values}"

    def _from(self, outer: tuple[str, ...], depth: int) -> tuple[tuple[str, ...], str]:
        """Return the names of the relations, and the text of FROM."""
        if depth <= 0 or self.chance.random() < 0.25:
            return self._relation(outer, depth)
        left, one = self._from(outer, depth - 1)
        if depth > 1 and self.chance.random() < 0.15:
            name = self._name()
            inside = self._plain((*outer, *left), 0)
            joined, condition = "CROSS JOIN LATERAL", ""
            if self.chance.random() < 0.5:
                joined, condition = "LEFT JOIN LATERAL", f" ON {self._condition((*left, name), 1, 2)}"
            return (*left, name), f"{one} {joined} ({inside}) AS {name} {EVERY_COLUMN}{condition}"
        right, two = self._from(outer, depth - self._pick_number(1, 2))
        kind = self._pick("JOIN", "LEFT JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN")
        condition = f"{self._pick(*left)}.{self._pick(*INTS)} = {self._pick(*right)}.{self._pick(*INTS)}"
        if kind != "FULL JOIN" and self.chance.random() < 0.5:
            condition = self._condition((*left, *right), 2, 1)
        return (*left, *right), f"({one} {kind} {two} ON {condition})"

    def _relation(self, outer: tuple[str, ...], depth: int) -> tuple[tuple[str, ...], str]:
        name = self._name()
        chance = self.chance.random()
        if depth > 0 and chance < 0.3:
            return (name,), f"({self._plain(outer, depth - 1)}) AS {name} {EVERY_COLUMN}"
        if chance > 0.9:
            rows = "(1, 2, 3, 'a', true, false, '{1}'::int[]), (2, NULL, 1, 'b', NULL, true, NULL)"
            return (name,), f"(VALUES {rows}) AS {name} {EVERY_COLUMN}"
        return (name,), f"{self._pick(*TABLES)} AS {name}"

    def _plain(self, outer: tuple[str, ...], depth: int) -> str:
        """Return a SELECT of the seven columns that every relation has."""
        names, tree = self._from((), depth)
        seen = (*outer, *names)
        columns = [self._value(kind, seen, 1, 2) for kind in ("int", "int", "int", "text")]
        columns += [self._condition(seen, 1, 2) for _ in range(2)]
        where = f" WHERE {self._condition(seen, 2, 2)}" if self.chance.random() < 0.5 else ""
        text = f"SELECT {', '.join(columns)}, {self._pick(*names)}.ar FROM {tree}{where}"
        if self.chance.random() < 0.2:
            operator = self._pick("UNION ALL", "UNION", "INTERSECT", "EXCEPT")
            text = f"{text} {operator} SELECT id, x, y, s, b, f, ar FROM {self._pick(*TABLES)}"
        return text

    def _select(self, outer: tuple[str, ...], depth: int) -> str:
        chance = self.chance.random()
        if chance < 0.1:
            return self._with()
        names, tree = self._from(outer, depth)
        where = f" WHERE {self._condition(names, 3, 0)}" if self.chance.random() < 0.7 else ""
        if chance < 0.35:
            return self._grouped(names, f"{tree}{where}")
        columns = [f"{self._pick(*names)}.{self._pick(*INTS, *TEXTS, *BOOLS)}" for _ in range(4)]
        columns += [self._value(self._pick("int", "text"), names, 2, 0) for _ in range(3)]
        columns.append(self._condition(names, 2, 0))
        if chance > 0.8:
            window = self._filled(f"{self._pick(*WINDOWS)} OVER (ORDER BY <id> {self._pick(*FRAMES)})", names, 1, 3)
            columns.append(window)
        return f"SELECT {', '.join(columns)} FROM {tree}{where}"

    def _with(self) -> str:
        name = self._name()
        if self.chance.random() < 0.5:
            return (
                f"WITH RECURSIVE {name} (id, x, y) AS (SELECT id, x, y FROM a UNION "
                f"SELECT {name}.id, {name}.{self._pick(*INTS)}, {self._pick('c.x', 'c.y', 'c.id', f'{name}.y')} "
                f"FROM {name} JOIN c ON c.id = {name}.{self._pick(*INTS)}) SELECT * FROM {name}"
            )
        condition = self._condition((name, "other"), 2, 2)
        return (
            f"WITH {name} {EVERY_COLUMN} AS ({self._plain((), 1)}) "
            f"SELECT * FROM {name} {self._pick('LEFT', 'RIGHT', 'INNER')} JOIN {name} AS other ON {condition}"
        )

    def _grouped(self, names: tuple[str, ...], tree: str) -> str:
        keys = [f"{self._pick(*names)}.{self._pick(*INTS, *TEXTS)}" for _ in range(self._pick_number(1, 2))]
        if self.chance.random() < 0.2:
            keys[0] = self._value("int", names, 1, 3)
        listed = ", ".join(keys)
        groups = self._pick(
            *(listed, listed, f"ROLLUP ({listed})", f"CUBE ({listed})", f"GROUPING SETS (({listed}), ({keys[0]}))"),
            *(f"{keys[0]}, ROLLUP ({listed})", f"GROUPING SETS (({listed}), ())"),
        )
        aggregates = [self._filled(self._pick(*AGGREGATES), names, 2, 3) for _ in range(3)]
        case = f"CASE WHEN {keys[0]} IS NOT NULL THEN {keys[-1]}::text ELSE 'x' END"
        having = f" HAVING {self._pick(*keys, *aggregates)} IS NOT NULL" if self.chance.random() < 0.3 else ""
        columns = [*keys, *aggregates, case, f"coalesce({keys[0]}::text, {keys[-1]}::text)"]
        return f"SELECT {', '.join(columns)} FROM {tree} GROUP BY {groups}{having}"

    def _value(self, kind: str, seen: tuple[str, ...], depth: int, level: int) -> str:
        if depth <= 0 or self.chance.random() < 0.3:
            if kind == "int":
                return self._filled(self._pick("<id>", "<id>", "<id>", "1"), seen, 0, level)
            return self._filled(self._pick("<one>.s", "<one>.s", "'q'"), seen, 0, level)
        templates: tuple[str, ...] = INT_VALUES if kind == "int" else TEXT_VALUES
        if level < 2 and kind == "int" and self.chance.random() < 0.3:
            templates = INT_SUBQUERIES
        return self._filled(self._pick(*templates), seen, depth, level)

    def _condition(self, seen: tuple[str, ...], depth: int, level: int) -> str:
        if depth <= 0 or self.chance.random() < 0.3:
            return self._filled(self._pick(*CONDITIONS), seen, 0, level)
        if level < 2 and self.chance.random() < 0.15:
            return self._filled(self._pick(*SUBQUERY_CONDITIONS), seen, depth, level)
        return self._filled(self._pick(*LARGER_CONDITIONS), seen, depth, level)

    def _filled(self, template: str, seen: tuple[str, ...], depth: int, level: int) -> str:
        """Return a template with something random for each placeholder."""
        inside = seen
        tree = ""
        if "<select>" in template:
            inner, tree = self._from((), 1)
            inside = (*seen, *inner)

        def fill(found: re.Match[str]) -> str:
            match found[1]:
                case "int" | "text":
                    return self._value(found[1], seen, depth - 1, level)
                case "bool":
                    return self._condition(seen, depth - 1, level)
                case "id":
                    return f"{self._pick(*seen)}.{self._pick(*INTS)}"
                case "one":
                    return self._pick(*seen)
                case "inner":
                    return self._value("int", inside, 1, level + 1)
                case "select":
                    return f"FROM {tree} WHERE {self._condition(inside, 1, level + 1)}"
                case _:
                    return self._pick(*BOOLS)

        return _PLACEHOLDER.sub(fill, template)
