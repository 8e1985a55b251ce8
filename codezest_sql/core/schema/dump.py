r"""Turns the output of pg_dump into a text that contains only the schema. Pure: never asks a server.

The law: two databases with the same schema give the same bytes, and the text is plain SQL that an empty PostgreSQL
from 15 on loads. So what pg_dump writes about itself is left out, and what an older server does not know, and the
order that nothing but chance decides is made one. The text is read with ``core/sql/lexer.py``: a line of a function's
body that looks like a ``SET`` or a ``\restrict`` is a part of a string, and stays.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import groupby, islice
from typing import TYPE_CHECKING

from codezest_sql.core.sql.identifiers import stored_name
from codezest_sql.core.sql.lexer import scan
from codezest_sql.core.sql.statements import find_backslashes, leading_words, significant_tokens, split_statements
from codezest_sql.place import printable

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Sequence

    from codezest_sql.core.sql.statements import Statement

# What pg_dump sets that PostgreSQL 15 knows. 17 brought transaction_timeout, and a later version may bring more;
# each is only for the length of the load.
_KNOWN_SETTINGS = frozenset({
    "STATEMENT_TIMEOUT", "LOCK_TIMEOUT", "IDLE_IN_TRANSACTION_SESSION_TIMEOUT", "CLIENT_ENCODING",
    "STANDARD_CONFORMING_STRINGS", "CHECK_FUNCTION_BODIES", "XMLOPTION", "CLIENT_MIN_MESSAGES", "ROW_SECURITY",
    "DEFAULT_TABLESPACE", "DEFAULT_TABLE_ACCESS_METHOD",
})  # fmt: skip

_ENTRY = "-- Name: "
# What comes at the end of a dump, and could hinder a REFRESH.
_LAST = re.compile(r"; Type: (?:ACL|DEFAULT ACL|EVENT TRIGGER); ")
_NO_PATH = "SELECT pg_catalog.set_config('search_path', '', false);"


@dataclass(slots=True)
class _Entry:
    """One object of the dump: its comment, and its statements with whether an empty line is before each."""

    comment: str
    statements: list[tuple[bool, str]] = field(default_factory=list[tuple[bool, str]])


@dataclass(frozen=True, slots=True)
class Unqualified:
    """What runs functions whose bodies may name objects without their schema, on a server that lets them.

    Until 16 REFRESH MATERIALIZED VIEW and CREATE INDEX find such names by the search path of the session, which is
    empty while a dump is loaded. ``schemas`` are all schemas, ``entries`` the names and schemas, as pg_dump's
    comments have them, of indexes and constraints with such functions. Since 17 neither depends on the session.
    """

    schemas: tuple[str, ...] = ()
    entries: frozenset[tuple[str, str]] = frozenset()

    def path(self, first: str) -> str:
        """Return the statement that sets a search path of all schemas, with this one first."""
        others = sorted(self.schemas, key=lambda schema: (schema != "public", schema))
        names = dict.fromkeys((first, *others))
        return f"SET search_path = {', '.join(map(_quoted, names))};"


def canonical_dump(
    text: str,
    *,
    header: str,
    populated: Collection[tuple[str, str]] = (),
    unqualified: Unqualified | None = None,
) -> str:
    """Return the dump ``text`` in its canonical form, below ``header``.

    ``populated`` are the schemas and names of the materialized views that can be read. pg_dump makes each WITH NO
    DATA, so that none could be: a view that holds no rows and one that was never filled are not the same schema.
    They are refreshed before rights are taken away and before event triggers, which may refuse that, are there.
    Raises ``LexicalError`` for a text that is no SQL.
    """
    unqualified = unqualified or Unqualified()
    *found, refreshed = _entries(_without_commands(text), populated, unqualified)
    place = next((number for number, entry in enumerate(found) if _LAST.search(entry.comment)), len(found))
    entries = [_text(entry) for entry in (*found[:place], refreshed, *found[place:])]
    return "\n\n".join((header.rstrip("\n"), *(entry for entry in entries if entry))) + "\n"


def dump_header(
    applied: Sequence[str], unapplied_between: Sequence[str] = (), *, managed_partitions: Sequence[str] = ()
) -> str:
    """Return the comment at the top: what the text is, and how a database that was made from it continues.

    ``applied`` are the ids of the applied migrations in their order, ``unapplied_between`` those that come before the
    last of them and are not applied; ``managed_partitions`` the tables whose partitions are left out. Nothing else:
    the text changes only with the schema.
    """
    lines = [
        "The schema of a database, as its migrations made it. Written by: codezest-sql migrate dump",
        "",
        "Do not edit it: write a migration, apply it, and dump again. It loads into an empty database with",
        "  psql --single-transaction --set ON_ERROR_STOP=1 --file schema.sql",
        "The roles that it grants to have to exist. Not part of it: owners, tablespaces, subscriptions, options of",
        "user mappings, and ledgers of migrations.",
    ]
    if managed_partitions:
        lines.append(f"Partitions are made apart from it, for {', '.join(map(printable, managed_partitions))}.")
    lines.append("")
    if applied:
        last = printable(applied[-1])
        lines += [
            f"Last applied migration: {last}",
            "After loading, record it in the ledger:",
            f"  codezest-sql migrate baseline {last}",
        ]
    else:
        lines.append("No migration is applied.")
    if unapplied_between:
        lines.append(f"Not applied, though they come before it: {', '.join(map(printable, unapplied_between))}")
    return "".join(f"-- {line}".rstrip() + "\n" for line in lines)


def _without_commands(text: str) -> str:
    r"""Return the text without psql's commands: \restrict and \unrestrict, with a key that is random."""
    kept: list[str] = []
    position = 0
    for offset in find_backslashes(text):
        if offset < position:
            continue  # a second backslash of the same line
        kept.append(text[position:offset])
        end = text.find("\n", offset)
        position = len(text) if end < 0 else end
    return "".join((*kept, text[position:]))


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _entries(text: str, populated: Collection[tuple[str, str]], unqualified: Unqualified) -> Iterator[_Entry]:
    """Yield the objects of the dump; the first are the settings of the session, the last all REFRESHes."""
    entry = _Entry("")
    refreshed = _Entry("-- Materialized views that can be read")
    position = 0
    for statement in split_statements(text):
        gap = text[position : statement.start]
        comment = _entry_comment(gap)
        if comment:
            yield entry
            entry = _Entry(comment)
        position = statement.end + 1
        if not _is_loadable(text, statement):
            continue
        whole = f"{_statement_text(text, statement)};"
        if schema := _names_without_schema(entry.comment, unqualified):
            entry.statements += [("\n\n" in gap, unqualified.path(schema)), (False, whole), (False, _NO_PATH)]
        else:
            entry.statements.append(("\n\n" in gap, whole))
        view = _materialized_view(text, statement)
        if view and tuple(map(stored_name, view)) in populated:
            if unqualified.schemas:
                refreshed.statements.append((False, unqualified.path(stored_name(view[0]))))
            refreshed.statements.append((False, f"REFRESH MATERIALIZED VIEW {'.'.join(view)};"))
    yield entry
    # In the order in which they are made: one may read another.
    if refreshed.statements:
        # pg_dump's row_security = off makes it an error to read a table whose owner is subject to policies.
        refreshed.statements.insert(0, (False, "SET row_security = on;"))
        refreshed.statements.append((False, "SET row_security = off;"))
        if unqualified.schemas:
            refreshed.statements.append((False, _NO_PATH))
    yield refreshed


def _names_without_schema(comment: str, unqualified: Unqualified) -> str:
    """Return the schema of an entry in ``unqualified``, "" where this one is not."""
    return next(
        (
            schema
            for name, schema in unqualified.entries
            if re.fullmatch(
                rf"-- Name: {re.escape(name)}; Type: (?:INDEX|CONSTRAINT); Schema: {re.escape(schema)}; Owner: -",
                comment,
            )
        ),
        "",
    )


def _entry_comment(gap: str) -> str:
    """Return the comment that names the object which follows; pg_dump's own comments are none."""
    lines = [token.text(gap).rstrip() for token in scan(gap, 0, len(gap))]
    names = [line for line in lines if line.startswith(_ENTRY)]
    return names[-1] if names else ""


def _is_loadable(text: str, statement: Statement) -> bool:
    first = leading_words(text, statement, 3)
    return not (first[0] == "SET" and first[2:] == ("=",) and first[1] not in _KNOWN_SETTINGS)


def _materialized_view(text: str, statement: Statement) -> tuple[str, str] | None:
    """Return the schema and the name, as written, of the materialized view that a statement makes."""
    if leading_words(text, statement, 3) != ("CREATE", "MATERIALIZED", "VIEW"):
        return None
    schema, _, name = (token.text(text) for token in islice(significant_tokens(text, statement), 3, 6))
    return schema, name


def _statement_text(text: str, statement: Statement) -> str:
    """Return a statement without what has no place in a file that is committed: passwords of other servers."""
    if leading_words(text, statement, 3) == ("CREATE", "USER", "MAPPING"):
        for token in significant_tokens(text, statement):
            if token.keyword(text) == "OPTIONS":
                return text[statement.start : token.start].rstrip()
    return statement.text(text)


def _text(entry: _Entry) -> str:
    if not entry.statements:
        return ""
    statements = entry.statements
    if "; Type: ACL; " in entry.comment or "; Type: DEFAULT ACL; " in entry.comment:
        statements = [(False, statement) for statement in _sorted_rights(each for _, each in statements)]
    first, *others = statements
    body = first[1] + "".join(("\n\n" if apart else "\n") + statement for apart, statement in others)
    return f"--\n{entry.comment}\n--\n\n{body}" if entry.comment else body


def _sorted_rights(statements: Iterable[str]) -> Iterator[str]:
    """Sort what is granted side by side: the server keeps rights in the order in which they were given.

    What stands between, SET SESSION AUTHORIZATION, stays where it is: whoever grants on must have been granted to.
    """
    for verb, run in groupby(statements, key=_verb):
        group = list(run)
        yield from sorted(group) if verb else group


def _verb(statement: str) -> str:
    """Return GRANT or REVOKE; "" for any other statement."""
    words = [token.keyword(statement) for token in scan(statement, 0, len(statement))]
    if words[:3] == ["ALTER", "DEFAULT", "PRIVILEGES"]:
        return next(word for word in words if word in {"GRANT", "REVOKE"})
    return words[0] if words[0] in {"GRANT", "REVOKE"} else ""
