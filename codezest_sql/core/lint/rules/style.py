"""Rules about names, types and files: what costs later, not today."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from codezest_sql.core.ddl.changes import (
    ActionKind,
    AlterTable,
    CreateFunction,
    CreateSchema,
    CreateTable,
    CreateType,
    CreateView,
)
from codezest_sql.core.lint.finding import Severity
from codezest_sql.core.lint.rule import Found, Look, Rule, WholeFile
from codezest_sql.core.migrations.files.layout import Layout
from codezest_sql.core.sql.identifiers import MAXIMUM_LENGTH, split_name
from codezest_sql.core.sql.lexer import TokenKind
from codezest_sql.core.sql.statements import significant_tokens

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codezest_sql.core.ddl.changes import Column

_WEAK = (
    (re.compile(r"timestamp(\([0-9]\))?(\[\])*"), "timestamp forgets its time zone", "timestamptz"),
    (re.compile(r"timetz.*"), "a time zone means nothing without a date", "time or timestamptz"),
    (re.compile(r"(?:bp)?char(\([0-9]+\))?(\[\])*"), "char pads with blanks", "text"),
    (re.compile(r"money(\[\])*"), "money depends on the server's locale", "bigint minor units, or numeric"),
    (re.compile(r"json(\[\])*"), "json has no equality and no index", "jsonb"),
    (
        re.compile(r"(big|small)?serial"),
        "serial is an owned sequence with rights of its own",
        "GENERATED ALWAYS AS IDENTITY",
    ),
)


def _columns(look: Look) -> Iterator[tuple[str, Column]]:
    deed = look.deed
    if isinstance(deed, CreateTable) and not deed.temporary:
        for column in deed.columns:
            yield deed.name, column
    elif isinstance(deed, AlterTable):
        for action in deed.actions:
            if action.column:
                yield deed.name, action.column


def _weak_type(look: Look) -> Iterator[Found]:
    for table, column in _columns(look):
        for pattern, why, better in _WEAK:
            if pattern.fullmatch(column.type):
                yield Found(column.offset, f"{table}.{column.name}: {why}", f"Use {better}.")


def _long(look: Look) -> Iterator[Found]:
    text = look.file.text
    for token in significant_tokens(text, look.read.statement):
        if token.end - token.start <= MAXIMUM_LENGTH // 4:
            continue
        if token.kind in {TokenKind.WORD, TokenKind.QUOTED_IDENTIFIER}:
            name = token.text(text)
            size = len((name[1:-1].replace('""', '"') if name.startswith('"') else name).encode())
            if size > MAXIMUM_LENGTH:
                yield Found(
                    token.start, f"{name} has {size} bytes: PostgreSQL cuts it to {MAXIMUM_LENGTH} and goes on"
                )


def _unqualified(look: Look) -> Iterator[Found]:
    deed = look.deed
    if look.state.schema != "public" or not {each for each in look.state.schemas if each != "public"}:
        return
    if isinstance(deed, CreateTable) and deed.temporary:
        return
    if not isinstance(deed, (CreateTable, AlterTable, CreateView, CreateFunction)):
        return
    if len(split_name(deed.written)) == 1:
        yield Found(deed.offset, f"{deed.written} names no schema: the search_path of the session chooses one")


def _no_rollback(whole: WholeFile) -> Iterator[Found]:
    forward = whole.file.layout in {Layout.FLYWAY, Layout.PRISMA}
    if whole.reads and not whole.file.rollback and not whole.file.undoes and not forward and whole.file.layout:
        yield Found(whole.reads[0].statement.start, "nothing says how to undo this migration")


def _no_comment(whole: WholeFile) -> Iterator[Found]:
    for read in whole.reads:
        deed = read.deed
        if isinstance(deed, CreateTable) and not deed.temporary and not deed.partition_of:
            what = "TABLE"
        elif isinstance(deed, CreateType):
            what = "TYPE"
        elif isinstance(deed, CreateSchema):
            what = "SCHEMA"
        else:
            continue
        if (what, deed.name) not in whole.state.comments:
            yield Found(deed.offset, f"no COMMENT ON {what} {deed.name} says what it is for")


def _repeatable(look: Look) -> Iterator[Found]:
    deed = look.deed
    if isinstance(deed, CreateTable) and not deed.temporary and "EXISTS" in look.read.words:
        yield Found(deed.offset, f"IF NOT EXISTS keeps whatever {deed.name} is there already, however it looks")
    if isinstance(deed, AlterTable):
        for action in deed.actions:
            if action.if_exists and action.kind is ActionKind.ADD_COLUMN:
                yield Found(
                    action.offset, f"IF NOT EXISTS keeps whatever {deed.name}.{action.name} is there, of any type"
                )


STYLE_RULES = (
    Rule(
        "weak-type",
        "A type that is regretted later",
        "timestamp without a zone, char(n), money, json, timetz and serial each have a better successor.",
        "timestamptz, text, bigint or numeric, jsonb, GENERATED ALWAYS AS IDENTITY.",
        Severity.WARNING,
        "CREATE TABLE shop.bills (id bigint PRIMARY KEY, made timestamp);",
        "CREATE TABLE shop.bills (id bigint PRIMARY KEY, made timestamptz);",
        "",
        _weak_type,
        squawk=("prefer-timestamptz", "prefer-timestamp-tz", "ban-char-field", "prefer-identity"),
    ),
    Rule(
        "long-identifier",
        "A name is longer than PostgreSQL keeps",
        "Names end after 63 bytes, with a NOTICE alone: two long ones may become the same.",
        "Choose a shorter name.",
        Severity.ERROR,
        f"CREATE TABLE shop.{'a_long_name_' * 6} (id bigint PRIMARY KEY);",
        "CREATE TABLE shop.a_short_name (id bigint PRIMARY KEY);",
        "",
        _long,
        squawk=("identifier-too-long",),
        rollbacks=True,
    ),
    Rule(
        "unqualified-name",
        "A name without its schema",
        "Where a folder has several schemas, the search_path of whoever runs it chooses one: another role makes the "
        "table elsewhere.",
        "Write schema.name, or SET search_path at the top of the file.",
        Severity.WARNING,
        "CREATE TABLE bills (id bigint PRIMARY KEY);",
        "CREATE TABLE shop.bills (id bigint PRIMARY KEY);",
        "CREATE SCHEMA shop;",
        _unqualified,
        squawk=("require-table-schema",),
    ),
    Rule(
        "if-not-exists",
        "IF NOT EXISTS hides a difference",
        "Where something of that name is there already, the migration passes and the database is another one than in "
        "the tests.",
        "Leave it out: a migration runs once, and in one transaction.",
        Severity.NOTE,
        "CREATE TABLE IF NOT EXISTS shop.bills (id bigint PRIMARY KEY);",
        "CREATE TABLE shop.bills (id bigint PRIMARY KEY);",
        "",
        _repeatable,
        squawk=("prefer-robust-stmts",),
    ),
    Rule(
        "missing-rollback",
        "Nothing says how to undo the migration",
        "Where a release has to be taken back, somebody writes the way back in a hurry.",
        "Write X.rollback.sql beside X.sql; migrate test proves it.",
        Severity.WARNING,
        "CREATE TABLE shop.bills (id bigint PRIMARY KEY);",
        "-- undone by a rollback file\nCREATE TABLE shop.bills (id bigint PRIMARY KEY);",
        "",
        find_in_file=_no_rollback,
    ),
    Rule(
        "missing-comment",
        "Nothing says what it is for",
        "A DBA who meets a table at night reads its comment.",
        "COMMENT ON TABLE … IS 'why it is there'.",
        Severity.NOTE,
        "CREATE TABLE shop.bills (id bigint PRIMARY KEY);",
        "CREATE TABLE shop.bills (id bigint PRIMARY KEY);\nCOMMENT ON TABLE shop.bills IS 'What customers owe.';",
        "",
        find_in_file=_no_comment,
    ),
)
