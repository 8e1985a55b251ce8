"""Text that a server printed from its parse trees → the same text for the same thing on PostgreSQL 15 to 18. Pure.

Three differences between the versions are in the text itself:

- 16 and 17 made words such as ``json`` and ``json_value`` keywords that are quoted as names, which they are not on
  15 (``src/include/parser/kwlist.h``). Their quotes are taken off.
- 15 qualifies the columns of a view over a single relation (``SELECT users.id FROM auth.users``), 16 and later do
  not (``src/backend/utils/adt/ruleutils.c``: ``varprefix``; before 16 the rule's OLD and NEW counted as relations).
  The qualifier is taken off.
- For the same reason 15 gives a table named ``old`` or ``new`` an alias in a view (``FROM app.old old_1``). It is
  taken off.

The result is for comparing and reading. It is not meant to be run.
"""

from __future__ import annotations

import re

# Quoted as a name by 16, 17 or 18, but not by 15: found by comparing quote_ident() over pg_get_keywords().
NEW_KEYWORDS = frozenset({
    "json", "json_array", "json_arrayagg", "json_exists", "json_object", "json_objectagg", "json_query",
    "json_scalar", "json_serialize", "json_table", "json_value", "merge_action", "system_user",
})  # fmt: skip

# The server prints literals as '…' with '' for a quote, or as E'…' where a backslash is in it.
_LEXEME = re.compile(
    r"""
    E'(?:[^'\\]|''|\\.)*' | '(?:[^']|'')*'       # a literal
    | "(?:[^"]|"")*" | [^\W\d][\w$]*             # a name or a keyword
    | \s+ | :: | .                               # anything else, one at a time
    """,
    re.VERBOSE | re.DOTALL,
)

# A new keyword in quotes; literals and other quoted names are matched first, so that their inside is skipped.
_NEW_KEYWORD = re.compile(
    r"""E'(?:[^'\\]|''|\\.)*'|'(?:[^']|'')*'|"(""" + "|".join(sorted(NEW_KEYWORDS)) + r""")"|"(?:[^"]|"")*\"""",
    re.DOTALL,
)

# A table of this name with the alias that the server makes of it.
_RULE_ALIAS = re.compile(r"\.(old|new) (\1_\d+)\b")

# What ends the FROM list of a query (SELECT in the PostgreSQL manual).
_AFTER_FROM = frozenset({
    "WHERE", "GROUP", "HAVING", "WINDOW", "ORDER", "LIMIT", "OFFSET", "FETCH", "FOR",
})  # fmt: skip
_SET_OPERATORS = frozenset({"UNION", "INTERSECT", "EXCEPT"})
_QUERY_STARTS = frozenset({"SELECT", "WITH", "VALUES"})


def without_new_quotes(text: str) -> str:
    """Return ``text`` with the names of ``NEW_KEYWORDS`` as 15 writes them; literals stay as they are."""
    if '"' not in text:
        return text
    return _NEW_KEYWORD.sub(lambda match: match[1] or match[0], text)


def without_rule_alias(query: str) -> str:
    """Return a view's query without the alias that 15 gives to a table named ``old`` or ``new``."""
    for table, alias in _RULE_ALIAS.findall(query):
        query = re.sub(rf"\b{alias}\b", table, query.replace(f".{table} {alias}", f".{table}"))
    return query


def without_lone_qualifier(query: str) -> str:
    """Return a view's query without the qualifier of columns, where its FROM list names a single relation.

    Subqueries keep theirs: every version qualifies within them.
    """
    lexemes = _LEXEME.findall(query)
    from_list = _from_list(lexemes)
    relation = _only_relation(lexemes[from_list.start : from_list.stop])
    if relation is None:
        return query
    dropped: set[int] = set()
    for index, outermost in enumerate(_outside_subqueries(lexemes)):
        if (
            outermost
            and lexemes[index] == relation
            and index not in from_list
            and _qualifies_a_column(lexemes, index)
        ):
            dropped |= {index, index + 1}  # the name and the dot
    return "".join(lexeme for index, lexeme in enumerate(lexemes) if index not in dropped)


def _depths(lexemes: list[str]) -> list[int]:
    """Return for each lexeme how many parentheses are open around it; a parenthesis itself counts as outside."""
    depths: list[int] = []
    depth = 0
    for lexeme in lexemes:
        depth -= lexeme == ")"
        depths.append(depth)
        depth += lexeme == "("
    return depths


def _outside_subqueries(lexemes: list[str]) -> list[bool]:
    """Return for each lexeme whether it is in no subquery: parentheses that open with SELECT, WITH or VALUES."""
    outside: list[bool] = []
    opened: list[bool] = []  # for each open parenthesis: does a subquery start there
    for index, lexeme in enumerate(lexemes):
        if lexeme == ")" and opened:
            opened.pop()
        outside.append(not any(opened))
        if lexeme == "(":
            following = next((word for word in lexemes[index + 1 : index + 3] if not word.isspace()), "")
            opened.append(following in _QUERY_STARTS)
    return outside


def _from_list(lexemes: list[str]) -> range:
    """Return where the FROM list of the outermost query stands: empty without one, and for a set operation."""
    outermost = [index for index, depth in enumerate(_depths(lexemes)) if depth == 0]
    start = next((index for index in outermost if lexemes[index] == "FROM"), None)
    if start is None or any(lexemes[index] in _SET_OPERATORS for index in outermost):
        return range(0)
    stop = next((index for index in outermost if index > start and lexemes[index] in _AFTER_FROM), len(lexemes))
    return range(start + 1, stop)


def _only_relation(from_list: list[str]) -> str | None:
    """Return the name that the columns of the FROM list's single entry go by: its alias, else its own name.

    ``None`` where it has several entries: a comma, or a join, which the server puts in parentheses.
    """
    words = [lexeme for lexeme in from_list if not lexeme.isspace()]
    outermost = [word for word, depth in zip(words, _depths(words), strict=True) if depth == 0]
    if "," in outermost or (words[:1] == ["("] and words[1] not in _QUERY_STARTS):
        return None
    if "TABLESAMPLE" in outermost:  # its method follows the name
        outermost = outermost[: outermost.index("TABLESAMPLE")]
    return next((word for word in reversed(outermost) if _is_name(word)), None)


def _is_name(lexeme: str) -> bool:
    """Distinguish a name from a keyword: the server prints names in lower case or quoted, keywords in upper case."""
    return lexeme[0] == '"' or ((lexeme[0].isalpha() or lexeme[0] == "_") and not lexeme.isupper())


def _qualifies_a_column(lexemes: list[str], index: int) -> bool:
    """Distinguish ``users.id`` from ``users.*``, ``users.f(…)``, ``x::users.t`` and ``schema.users.id``."""
    following = lexemes[index + 1 : index + 4]
    before = lexemes[index - 1] if index else ""
    return (
        len(following) > 1
        and following[0] == "."
        and following[1] != "*"
        and (len(following) == 2 or following[2] != "(")  # noqa: PLR2004  # the dot and the column
        and before not in {"::", "."}
    )
