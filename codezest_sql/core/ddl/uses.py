"""Reads which columns of which tables a query or an expression uses, from its words. Asks no server.

PostgreSQL records each column that a view, rule, policy or trigger uses: it can neither be dropped nor get another
type. A query within a query is a scope of its own: its names are looked for in it first, then around it.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from codezest_sql.core.ddl.changes import Uses
from codezest_sql.core.sql.identifiers import stored_name
from codezest_sql.core.sql.lexer import TokenKind
from codezest_sql.core.sql.statements import significant_tokens

if TYPE_CHECKING:
    from collections.abc import Sequence

    from codezest_sql.core.sql.lexer import Token
    from codezest_sql.core.sql.statements import Statement

ALL = "*"
# Two tables whose columns of the same names are compared.
NATURAL = "*natural*"
# What cannot be the alias of a table, and what ends a FROM (reserved words of gram.y, as far as they follow there).
_NO_ALIAS = frozenset(
    re.findall(
        r"\S+",
        """
        ON USING WHERE JOIN INNER LEFT RIGHT FULL CROSS NATURAL GROUP ORDER HAVING LIMIT OFFSET FETCH FOR WINDOW UNION
        EXCEPT INTERSECT SET WHEN RETURNING VALUES SELECT DEFAULT WITH TABLESAMPLE DO THEN
        """,
    )
)
_ENDS_FROM = frozenset({
    "WHERE", "GROUP", "ORDER", "HAVING", "LIMIT", "OFFSET", "FETCH", "WINDOW", "UNION", "EXCEPT", "INTERSECT",
    "SELECT", "RETURNING", "SET", "VALUES",
})  # fmt: skip
_BEGINS_QUERY = frozenset({"SELECT", "DELETE", "UPDATE"})
_TABLE_FOLLOWS = frozenset({"JOIN", "UPDATE", "INTO", "TABLE"})
_NAMES = frozenset({TokenKind.WORD, TokenKind.QUOTED_IDENTIFIER})


class _Name(NamedTuple):
    """A dotted name with its parts as kept; ``after`` is the index of the token behind it."""

    parts: tuple[str, ...]
    after: int


def read_uses(text: str, statement: Statement, schema: str, own: Sequence[str] = ()) -> Uses:
    """Return the uses within a statement or a part of one; names of ``own`` tables need no FROM."""
    return _Reader(text, list(significant_tokens(text, statement)), schema).read(own)


def words_in(text: str, statement: Statement) -> frozenset[str]:
    """Return all words and quoted names as kept."""
    return frozenset(
        stored_name(each.text(text)) for each in significant_tokens(text, statement) if each.kind in _NAMES
    )


class _Reader:
    def __init__(self, text: str, tokens: list[Token], schema: str) -> None:
        self._text, self._tokens, self._schema = text, tokens, schema
        self._tables: dict[tuple[str, str, int], None] = {}
        self._columns: set[tuple[str, str, int]] = set()
        self._parents = [0]
        self._results: set[tuple[str, int]] = set()  # names of results, which ORDER BY finds first
        self._scope = 0
        self._sorts = False

    def read(self, own: Sequence[str]) -> Uses:
        for name in own:
            for alias in (name.rpartition(".")[2], "new", "old", "excluded"):
                self._tables[alias, name, 0] = None
        around: list[tuple[int, bool, bool, bool]] = []  # scope, query began, tables are listed, sorts: by depth
        query = lists = False
        index = 0
        while index < len(self._tokens):
            word, written = self._word(index), self._written(index)
            if written in {"(", "["}:
                around.append((self._scope, query, lists, self._sorts))
                query = lists = False
            elif written in {")", "]"} and around:
                self._scope, query, lists, self._sorts = around.pop()
            elif word in _ENDS_FROM or word in _BEGINS_QUERY:
                lists = False
                self._sorts = word == "ORDER"
                if word == "SELECT":
                    self._begin_scope(around[-1][0] if around else 0)
                query = query or word in _BEGINS_QUERY
            if word == "NATURAL":
                self._columns.add(("", NATURAL, self._scope))
            is_from = word == "FROM" and query and self._word(index - 1) != "DISTINCT"
            if is_from or word in _TABLE_FOLLOWS or (written == "," and lists):
                lists = lists or is_from or word == "JOIN"
                index = self._take_table(index + 1, target=word == "INTO")
                continue
            index = self._take_use(index)
        return Uses(tuple(self._tables), frozenset(self._columns), tuple(self._parents))

    def _begin_scope(self, parent: int) -> None:
        self._parents.append(parent)
        self._scope = len(self._parents) - 1

    def _take_table(self, index: int, *, target: bool) -> int:
        while self._word(index) in {"ONLY", "LATERAL"}:
            index += 1
        name = self._name(index)
        if name is None or (self._written(name.after) == "(" and not target):
            return index
        bare = name.parts[-1]
        full = ".".join((self._schema, *name.parts)[-2:])
        self._tables[bare, full, self._scope] = None
        index = name.after
        if target and self._written(index) == "(":
            return self._take_targets(bare, index + 1)
        if self._written(index) == "*":
            index += 1
        if self._word(index) == "AS":
            index += 1
        elif self._word(index) in _NO_ALIAS:
            return index
        alias = self._name(index)
        if alias is None:
            return index
        self._tables[alias.parts[-1], full, self._scope] = None
        return alias.after

    def _take_targets(self, table: str, index: int) -> int:
        """Note the columns of ``INSERT INTO table (a, b)``; return where to continue."""
        while index < len(self._tokens) and self._written(index) != ")":
            name = self._name(index)
            if name:
                self._columns.add((table, name.parts[0], self._scope))
            index = name.after if name else index + 1
        return index + 1

    def _take_use(self, index: int) -> int:
        """Note a column where one is named; return where to continue."""
        if self._written(index) == "*" and self._is_star(index):
            self._columns.add(("", ALL, self._scope))
            return index + 1
        if self._word(index) == "AS":  # the name of a result, or a type
            after = self._name(index + 1)
            if after is None or self._word(index + 1) in {"SELECT", "WITH", "VALUES"}:
                return index + 1
            self._results.add((after.parts[-1], self._scope))
            return after.after
        name = self._name(index)
        if name is None:
            return index + 1
        if self._written(name.after) == "(":
            return name.after
        *before, last = name.parts
        if self._written(name.after) == "." and self._written(name.after + 1) == "*":
            self._columns.add((last, ALL, self._scope))
            return name.after + 2
        if before or not (self._sorts and (last, self._scope) in self._results):
            self._columns.add((before[-1] if before else "", last, self._scope))
        # Of t.a.b, with a composite column a, the part in the middle is the column.
        self._columns.update((before[-2], before[-1], self._scope) for _ in before[1:2])
        return name.after

    def _is_star(self, index: int) -> bool:
        if self._word(index - 1) in {"SELECT", "DISTINCT", "ALL"} or self._written(index - 1) == ",":
            return True
        return self._written(index - 1) == ")" and (
            self._word(index + 1) == "FROM" or self._written(index + 1) == ","
        )

    def _name(self, index: int) -> _Name | None:
        parts: list[str] = []
        while 0 <= index < len(self._tokens) and self._tokens[index].kind in _NAMES:
            parts.append(stored_name(self._tokens[index].text(self._text)))
            more = index + 2 < len(self._tokens) and self._tokens[index + 2].kind in _NAMES
            if self._written(index + 1) != "." or not more:
                return _Name(tuple(parts), index + 1)
            index += 2
        return None

    def _word(self, index: int) -> str:
        return self._tokens[index].keyword(self._text) if 0 <= index < len(self._tokens) else ""

    def _written(self, index: int) -> str:
        return self._tokens[index].text(self._text) if 0 <= index < len(self._tokens) else ""
