"""Reads what a statement does, from its words alone. What no rule asks about is None. Asks no server."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from codezest_sql.core.ddl.changes import (
    AlterDomain,
    AlterEnum,
    AlterFunction,
    Comment,
    CreateDomain,
    CreateFunction,
    CreateIndex,
    CreateSchema,
    CreateType,
    CreateView,
    DoBlock,
    Drop,
    Effect,
    Grant,
    OnTable,
    Rebuild,
    Rename,
    Setting,
    Truncate,
    Uses,
)
from codezest_sql.core.ddl.parts import group, kept, names_in, qualified, take_type
from codezest_sql.core.ddl.read_table import read_alter_table, read_create_table, read_table_of_query
from codezest_sql.core.ddl.read_write import read_with, read_write
from codezest_sql.core.ddl.uses import read_uses, words_in
from codezest_sql.core.sql.concurrent_statements import is_true
from codezest_sql.core.sql.lexer import TokenKind
from codezest_sql.core.sql.statements import Statement, leading_words, significant_tokens
from codezest_sql.core.sql.token_reader import TokenReader

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

_DROPPED = (
    "TABLE|FOREIGN TABLE|INDEX|VIEW|MATERIALIZED VIEW|SEQUENCE|TYPE|DOMAIN|SCHEMA|FUNCTION|PROCEDURE|ROUTINE|"
    "AGGREGATE|EXTENSION|TRIGGER|POLICY|RULE|DATABASE|ROLE|USER|COLLATION|PUBLICATION|SUBSCRIPTION|STATISTICS"
)
DROPPED = tuple(tuple(each.split()) for each in _DROPPED.split("|"))
_ON_TABLE = frozenset({"TRIGGER", "POLICY", "RULE"})


@dataclass(frozen=True, slots=True)
class Read:
    """A statement and what it does. ``words`` are its first tokens, words in upper case."""

    statement: Statement
    words: tuple[str, ...]
    effect: Effect | None


def read_statement(text: str, statement: Statement, schema: str = "public") -> Read:
    """Return the statement with what it does; a name without a schema is in ``schema``."""
    words = leading_words(text, statement, 6)
    read = _READERS.get(words[0]) if words else None
    return Read(statement, words, read(text, statement, words, schema) if read else None)


def string_of(reader: TokenReader, text: str) -> str:
    """Skip a string literal and return what is between its quotes; "" where none comes next."""
    token = reader.peek()
    if token is None or token.kind is not TokenKind.STRING:
        return ""
    reader.next()
    return unquoted(token.text(text))


def unquoted(literal: str) -> str:
    """Return what stands between the quotes of a literal, with '' as one quote."""
    if literal.startswith("$"):
        size = literal.index("$", 1) + 1
        return literal[size:-size]
    start = literal.find("'")
    return literal[start + 1 : -1].replace("''", "'")


def _create(text: str, statement: Statement, words: tuple[str, ...], schema: str) -> Effect | None:
    table = read_create_table(text, statement, schema)
    if table:
        return table
    reader = TokenReader(text, statement)
    reader.take("CREATE")
    reader.take("OR", "REPLACE")
    reader.take("CONSTRAINT")
    if reader.take_one_of("TEMP", "TEMPORARY"):
        reader.take("RECURSIVE")
        return _create_view(reader, text, statement, "pg_temp") if reader.take("VIEW") else None
    reader.take("RECURSIVE")
    if "INDEX" in words[1:3]:
        return _create_index(reader, text, statement, schema)
    if reader.take("SCHEMA"):
        reader.take("IF", "NOT", "EXISTS")
        token = reader.peek()
        name = reader.name()
        if token is None or name is None or name.upper() == "AUTHORIZATION":
            return None
        own = kept(name)
        return CreateSchema(own, token.start, tuple(_tables_made(text[token.end : statement.end], own)))
    reader.take("MATERIALIZED")
    read = _CREATED.get(reader.keyword())
    reader.next()
    return read(reader, text, statement, schema) if read else None


def _create_index(reader: TokenReader, text: str, statement: Statement, schema: str) -> CreateIndex | None:
    unique = reader.take("UNIQUE")
    reader.take("INDEX")
    concurrently = reader.take("CONCURRENTLY")
    if_not_exists = reader.take("IF", "NOT", "EXISTS")
    token = reader.peek()
    name = None if reader.keyword() == "ON" else reader.name()
    if token is None or not reader.take("ON"):
        return None
    only = reader.take("ONLY")
    table = reader.name()
    if table is None:
        return None
    owner = qualified(table, schema)
    own = f"{owner.rpartition('.')[0]}.{kept(name)}" if name else None
    if reader.take("USING"):
        reader.next()
    begin = reader.peek()
    members = group(reader, text)
    words = words_in(text, Statement(begin.start, statement.end)) if begin else frozenset[str]()
    plain = tuple(each for each in members if "(" not in each.text(text))
    computed = len(plain) < len(members) or reader.skip_to("WHERE")
    columns = names_in(plain, text)
    return CreateIndex(own, owner, token.start, unique, concurrently, only, if_not_exists, columns, words, computed)


def _create_type(reader: TokenReader, text: str, _statement: Statement, schema: str) -> CreateType | None:
    token, name = reader.peek(), reader.name()
    if token is None or name is None:
        return None
    labels = None
    if reader.take("AS", "ENUM"):
        labels = tuple(unquoted(text[each.start : each.end]) for each in group(reader, text))
    return CreateType(qualified(name, schema), labels, token.start)


def _create_domain(reader: TokenReader, _text: str, _statement: Statement, schema: str) -> CreateDomain | None:
    token, name = reader.peek(), reader.name()
    if token is None or name is None:
        return None
    reader.take("AS")
    base = take_type(reader)
    return CreateDomain(qualified(name, schema), base, reader.skip_to("CHECK", "NOT"), token.start)


def _create_view(reader: TokenReader, text: str, statement: Statement, schema: str) -> CreateView | None:
    reader.take("IF", "NOT", "EXISTS")
    token, name = reader.peek(), reader.name()
    if token is None or name is None:
        return None
    materialized = "MATERIALIZED" in leading_words(text, statement, 3)
    group(reader, text)
    while not reader.at_end() and not reader.take("AS"):
        reader.next()
    body = reader.peek()
    uses = read_uses(text, Statement(body.start, statement.end), schema) if body else Uses()
    return CreateView(qualified(name, schema), materialized, uses, token.start, name)


def _create_function(reader: TokenReader, text: str, statement: Statement, schema: str) -> CreateFunction | None:
    token, name = reader.peek(), reader.name()
    if token is None or name is None:
        return None
    definer = sets_path = False
    volatile, uses = True, None
    group(reader, text)
    while not reader.at_end():
        if reader.take("SECURITY", "DEFINER"):
            definer = True
        elif reader.take("SET", "SEARCH_PATH"):
            sets_path = True
        elif reader.take_one_of("IMMUTABLE", "STABLE"):
            volatile = False
        elif (body := reader.peek()) and (reader.take("BEGIN", "ATOMIC") or reader.take("RETURN")):
            uses = read_uses(text, Statement(body.start, statement.end), schema)
            break
        else:
            reader.next()
    return CreateFunction(qualified(name, schema), definer, sets_path, token.start, name, volatile, uses)


def _on_table(what: str) -> Callable[[TokenReader, str, Statement, str], Effect | None]:
    def read(reader: TokenReader, text: str, statement: Statement, schema: str) -> OnTable | None:
        token = reader.peek()
        own = kept(reader.name() or "")
        events = reader.peek()
        if token is None or events is None or not reader.skip_to("TO" if what == "RULE" else "ON"):
            return None
        name = reader.name()
        if name is None:
            return None
        table = qualified(name, schema)
        # UPDATE OF of a trigger, its WHEN, the expressions of a policy, the query of a rule.
        start = events.start if what == "TRIGGER" else reader.peek()
        begin = start if isinstance(start, int) else start.start if start else statement.end
        if what == "TRIGGER":
            uses = _trigger_uses(text, Statement(begin, statement.end), table, schema)
        else:
            uses = read_uses(text, Statement(begin, statement.end), schema, [table])
        return OnTable("CREATE", what, table, token.start, own, uses)

    return read


def _trigger_uses(text: str, statement: Statement, table: str, schema: str) -> Uses:
    """Return the columns of UPDATE OF and of WHEN: of its function nothing is kept."""
    reader = TokenReader(text, statement)
    columns: set[tuple[str, str, int]] = set()
    if reader.skip_to("OF"):
        while (name := reader.name()) is not None:
            columns.add(("", kept(name), 0))
            if not reader.take_symbol(","):
                break
    reader = TokenReader(text, statement)
    if reader.skip_to("WHEN") and (begin := reader.peek()):
        group(reader, text)
        end = reader.peek()
        condition = Statement(begin.start, end.start if end else statement.end)
        columns |= read_uses(text, condition, schema, [table]).columns
    bare = table.rpartition(".")[2]
    return Uses(((bare, table, 0), ("new", table, 0), ("old", table, 0)), frozenset(columns))


_CREATED: Mapping[str, Callable[[TokenReader, str, Statement, str], Effect | None]] = {
    "TYPE": _create_type,
    "DOMAIN": _create_domain,
    "VIEW": _create_view,
    "FUNCTION": _create_function,
    "PROCEDURE": _create_function,
    "TRIGGER": _on_table("TRIGGER"),
    "POLICY": _on_table("POLICY"),
    "RULE": _on_table("RULE"),
}


def _alter(text: str, statement: Statement, _words: tuple[str, ...], schema: str) -> Effect | None:
    table = read_alter_table(text, statement, schema)
    if table:
        return table
    reader = TokenReader(text, statement)
    reader.take("ALTER")
    if reader.take("DEFAULT", "PRIVILEGES"):
        return _grant_of(reader, text, default=True) if reader.skip_to("GRANT") else None
    what = reader.take_one_of(
        "TYPE", "DOMAIN", "SCHEMA", "SEQUENCE", "FUNCTION", "PROCEDURE", "ROUTINE", "TRIGGER", "POLICY", "RULE"
    )
    token, name = reader.peek(), reader.name()
    if not what or token is None or name is None:
        return None
    if what in _ON_TABLE:
        return _alter_on_table(reader, text, statement, OnTable("ALTER", what, schema, token.start, kept(name)))
    if what in {"FUNCTION", "PROCEDURE", "ROUTINE"}:
        group(reader, text)
    full = kept(name) if what == "SCHEMA" else qualified(name, schema)
    if what == "TYPE" and reader.keyword(1) == "VALUE":
        return _alter_enum(reader, text, full, token.start)
    if reader.take("RENAME", "TO") or reader.take("SET", "SCHEMA"):
        return Rename(what, full, kept(reader.name() or ""), token.start)
    if what in {"FUNCTION", "PROCEDURE", "ROUTINE"}:
        return _alter_function(reader, full, token.start)
    return _alter_domain(reader, full, token.start) if what == "DOMAIN" else None


def _alter_function(reader: TokenReader, name: str, offset: int) -> AlterFunction | None:
    while not reader.at_end():
        if word := reader.take_one_of("IMMUTABLE", "STABLE", "VOLATILE"):
            return AlterFunction(name, word == "VOLATILE", offset)
        reader.next()
    return None


def _alter_on_table(reader: TokenReader, text: str, statement: Statement, found: OnTable) -> OnTable | None:
    """Read on after the name of a trigger, policy or rule; ``found.table`` is the schema of names without one."""
    reader.take("ON")
    name = reader.name()
    if name is None:
        return None
    table = qualified(name, found.table)
    begin = reader.peek()
    uses = None
    if found.what == "POLICY" and begin:
        uses = read_uses(text, Statement(begin.start, statement.end), found.table, [table])
    return replace(found, table=table, uses=uses)


def _alter_enum(reader: TokenReader, text: str, name: str, offset: int) -> AlterEnum | None:
    if reader.take("ADD", "VALUE"):
        reader.take("IF", "NOT", "EXISTS")
        return AlterEnum(name, string_of(reader, text), None, offset)
    if reader.take("RENAME", "VALUE"):
        old = string_of(reader, text)
        reader.take("TO")
        return AlterEnum(name, string_of(reader, text), old, offset)
    return None


def _alter_domain(reader: TokenReader, name: str, offset: int) -> AlterDomain | None:
    if reader.take("ADD"):
        valid = True
        while not reader.at_end():
            valid = valid and not reader.take("NOT", "VALID")
            reader.next()
        return AlterDomain(name, "ADD CONSTRAINT", valid, offset)
    if reader.take("SET", "NOT", "NULL"):
        return AlterDomain(name, "SET NOT NULL", valid=True, offset=offset)
    if reader.take("VALIDATE"):
        return AlterDomain(name, "VALIDATE CONSTRAINT", valid=True, offset=offset)
    return None


def _drop(text: str, statement: Statement, _words: tuple[str, ...], schema: str) -> Effect | None:
    reader = TokenReader(text, statement)
    reader.take("DROP")
    what = next((each for each in sorted(DROPPED, key=len, reverse=True) if reader.take(*each)), None)
    if what is None:
        return None
    concurrently = reader.take("CONCURRENTLY")
    if_exists = reader.take("IF", "EXISTS")
    names: list[str] = []
    offset = token.start if (token := reader.peek()) else statement.start
    table: str | None = None
    while (name := reader.name()) is not None:
        bare = what[0] in {"SCHEMA", "EXTENSION", "DATABASE", "ROLE", "USER", *_ON_TABLE}
        names.append(kept(name) if bare else qualified(name, schema))
        group(reader, text)
        if what[0] in _ON_TABLE and reader.take("ON"):
            table = qualified(reader.name() or "", schema)
        if not reader.take_symbol(","):
            break
    return Drop(" ".join(what), tuple(names), offset, reader.take("CASCADE"), if_exists, concurrently, table)


def _truncate(text: str, statement: Statement, _words: tuple[str, ...], schema: str) -> Effect | None:
    reader = TokenReader(text, statement)
    reader.take("TRUNCATE")
    reader.take("TABLE")
    names: list[str] = []
    while True:
        reader.take("ONLY")
        name = reader.name()
        if name is None:
            break
        names.append(qualified(name, schema))
        reader.take_symbol("*")
        if not reader.take_symbol(","):
            break
    return Truncate(tuple(names), reader.skip_to("CASCADE"), statement.start)


def _with(text: str, statement: Statement, words: tuple[str, ...], schema: str) -> Effect | None:
    return read_with(text, statement, schema) or _select_into(text, statement, words, schema)


def _select_into(text: str, statement: Statement, _words: tuple[str, ...], schema: str) -> Effect | None:
    """Read SELECT … INTO, which makes a table as CREATE TABLE AS does."""
    reader = TokenReader(text, statement)
    while not reader.at_end() and reader.keyword() != "FROM":
        if reader.written() == "(":
            group(reader, text)
        elif reader.keyword() in {"INSERT", "MERGE"}:
            return None
        elif reader.take("INTO"):
            return read_table_of_query(reader, schema)
        else:
            reader.next()
    return None


def _explain(text: str, statement: Statement, _words: tuple[str, ...], schema: str) -> Effect | None:
    """Read what EXPLAIN ANALYZE runs."""
    reader = TokenReader(text, statement)
    reader.take("EXPLAIN")
    options = reader.options()
    runs = is_true(options.get("analyze", options.get("analyse", "off"))) or reader.take_one_of("ANALYZE", "ANALYSE")
    return _inner(reader, text, statement, schema) if runs else None


def _copy(text: str, statement: Statement, _words: tuple[str, ...], schema: str) -> Effect | None:
    """Read the statement of COPY (…) TO."""
    reader = TokenReader(text, statement)
    reader.take("COPY")
    members = group(reader, text)
    inner = Statement(members[0].start, members[-1].end) if members else statement
    return _inner(TokenReader(text, inner), text, inner, schema) if members else None


def _prepare(text: str, statement: Statement, _words: tuple[str, ...], schema: str) -> Effect | None:
    reader = TokenReader(text, statement)
    reader.take("PREPARE")
    reader.name()
    group(reader, text)
    return _inner(reader, text, statement, schema) if reader.take("AS") else None


def _inner(reader: TokenReader, text: str, statement: Statement, schema: str) -> Effect | None:
    """Read on where a statement begins within another one: what it writes counts."""
    token = reader.peek()
    if token is None or reader.keyword() not in {"INSERT", "UPDATE", "DELETE", "MERGE", "WITH"}:
        return None
    return read_statement(text, Statement(token.start, statement.end), schema).effect


_MADE = re.compile(
    r"\bcreate\s+(?:(?:global|local)\s+)?(?P<temporary>temp(?:orary)?\s+)?(?:unlogged\s+)?(?:table|materialized\s+view)\s+"
    r"(?:if\s+not\s+exists\s+)?(?P<name>(?:\w+|\"[^\"]+\")(?:\.(?:\w+|\"[^\"]+\"))?)",
    re.IGNORECASE,
)


def _do(text: str, statement: Statement, _words: tuple[str, ...], schema: str) -> Effect | None:
    for token in significant_tokens(text, statement):
        if token.kind is TokenKind.STRING:
            literal = token.text(text)
            body = unquoted(literal)
            return DoBlock(body, token.start + literal.find(body), statement.start, tuple(_tables_made(body, schema)))
    return None


def _tables_made(code: str, schema: str) -> Iterator[str]:
    """Give the tables that a body of code, or the elements of CREATE SCHEMA, make."""
    for each in _MADE.finditer(code):
        yield qualified(each["name"], "pg_temp" if each["temporary"] else schema)


def _refresh(text: str, statement: Statement, _words: tuple[str, ...], schema: str) -> Effect | None:
    reader = TokenReader(text, statement)
    if not reader.take("REFRESH", "MATERIALIZED", "VIEW"):
        return None
    concurrently = reader.take("CONCURRENTLY")
    return Rebuild("REFRESH", qualified(reader.name() or "", schema), concurrently, statement.start)


def _reindex(text: str, statement: Statement, _words: tuple[str, ...], schema: str) -> Effect | None:
    reader = TokenReader(text, statement)
    reader.take("REINDEX")
    options = reader.options()
    what = reader.take_one_of("INDEX", "TABLE", "SCHEMA", "DATABASE", "SYSTEM")
    concurrently = reader.take("CONCURRENTLY") or is_true(options.get("concurrently", "off"))
    name = qualified(reader.name() or "", schema)
    return Rebuild("REINDEX", name, concurrently, statement.start, index=what == "INDEX")


def _cluster(text: str, statement: Statement, _words: tuple[str, ...], schema: str) -> Effect | None:
    reader = TokenReader(text, statement)
    reader.take("CLUSTER")
    reader.options()
    reader.take("VERBOSE")
    return Rebuild("CLUSTER", qualified(reader.name() or "", schema), concurrently=False, offset=statement.start)


def _vacuum(text: str, statement: Statement, _words: tuple[str, ...], schema: str) -> Effect | None:
    reader = TokenReader(text, statement)
    reader.take("VACUUM")
    options = reader.options()
    full = is_true(options.get("full", "off"))
    while word := reader.take_one_of("FULL", "FREEZE", "VERBOSE", "ANALYZE"):
        full = full or word == "FULL"
    name = qualified(reader.name() or "", schema)
    return Rebuild("VACUUM FULL", name, concurrently=False, offset=statement.start) if full else None


def _lock(text: str, statement: Statement, _words: tuple[str, ...], schema: str) -> Effect | None:
    reader = TokenReader(text, statement)
    reader.take("LOCK")
    reader.take("TABLE")
    reader.take("ONLY")
    name = qualified(reader.name() or "", schema)
    mode: list[str] = []
    if reader.skip_to("IN"):
        while not reader.at_end() and reader.keyword() != "MODE":
            mode.append(reader.keyword())
            reader.next()
    words = " ".join(mode) or "ACCESS EXCLUSIVE"
    weak = words in {"ACCESS SHARE", "ROW SHARE", "ROW EXCLUSIVE"}
    return None if weak else Rebuild("LOCK", name, concurrently=False, offset=statement.start, mode=words)


def _grant(text: str, statement: Statement, _words: tuple[str, ...], _schema: str) -> Effect | None:
    reader = TokenReader(text, statement)
    reader.take("GRANT")
    return _grant_of(reader, text, default=False)


def _grant_of(reader: TokenReader, text: str, *, default: bool) -> Grant | None:
    """Read on after GRANT; None for roles."""
    token = reader.peek()
    privileges: list[str] = []
    while not reader.at_end() and reader.keyword() not in {"ON", "TO"}:
        if reader.written() == "(":
            group(reader, text)
            continue
        privileges.append(reader.keyword())
        reader.next()
    if token is None or not reader.take("ON"):
        return None
    target: list[str] = []
    while not reader.at_end() and reader.keyword() != "TO":
        target.append(reader.written())
        reader.next()
    reader.take("TO")
    grantees: list[str] = []
    while not reader.at_end() and reader.keyword() not in {"WITH", "GRANTED"}:
        grantees.append(reader.written().upper())
        reader.next()
    everything = default or [each.upper() for each in target[:1]] == ["ALL"]
    return Grant(
        tuple(each for each in privileges if each),
        " ".join(target),
        everything,
        tuple(grantees),
        reader.take("WITH", "GRANT"),
        token.start,
    )


def _comment(text: str, statement: Statement, _words: tuple[str, ...], schema: str) -> Effect | None:
    reader = TokenReader(text, statement)
    if not reader.take("COMMENT", "ON"):
        return None
    what = reader.keyword()
    reader.next()
    if what == "MATERIALIZED":
        reader.take("VIEW")
    written = reader.name()
    if written is None:
        return None
    name = kept(written) if what in {"SCHEMA", "COLUMN"} else qualified(written, schema)
    present = reader.skip_to("IS") and reader.keyword() != "NULL"
    return Comment(what, name, present, statement.start)


def _setting(text: str, statement: Statement, _words: tuple[str, ...], _schema: str) -> Effect | None:
    reader = TokenReader(text, statement)
    reader.take("SET")
    local = reader.take_one_of("LOCAL", "SESSION") == "LOCAL"
    zone = reader.take("TIME", "ZONE")
    name = "timezone" if zone else reader.name()
    if name is None or not (zone or reader.take_symbol("=") or reader.take("TO")):
        return None
    token = reader.peek()
    value = token.text(text) if token else ""
    return Setting(kept(name), unquoted(value) if "'" in value else kept(value) or value, local, statement.start)


_READERS: Mapping[str, Callable[[str, Statement, tuple[str, ...], str], Effect | None]] = {
    "CREATE": _create,
    "ALTER": _alter,
    "DROP": _drop,
    "TRUNCATE": _truncate,
    "INSERT": read_write,
    "UPDATE": read_write,
    "DELETE": read_write,
    "MERGE": read_write,
    "WITH": _with,
    "SELECT": _select_into,
    "EXPLAIN": _explain,
    "COPY": _copy,
    "PREPARE": _prepare,
    "DO": _do,
    "REFRESH": _refresh,
    "REINDEX": _reindex,
    "CLUSTER": _cluster,
    "VACUUM": _vacuum,
    "LOCK": _lock,
    "GRANT": _grant,
    "COMMENT": _comment,
    "SET": _setting,
}
