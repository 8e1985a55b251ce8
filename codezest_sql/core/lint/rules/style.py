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
    (re.compile(r"timestamp(\([0-9]\))?(\[\])*"), "timestamp does not store a time zone", "timestamptz"),
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
    effect = look.effect
    if isinstance(effect, CreateTable) and not effect.temporary:
        for column in effect.columns:
            yield effect.name, column
    elif isinstance(effect, AlterTable):
        for action in effect.actions:
            if action.column:
                yield effect.name, action.column


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
                yield Found(token.start, f"{name} has {size} bytes: PostgreSQL truncates it to {MAXIMUM_LENGTH}")


def _unqualified(look: Look) -> Iterator[Found]:
    effect = look.effect
    if look.state.schema != "public" or not {each for each in look.state.schemas if each != "public"}:
        return
    if isinstance(effect, CreateTable) and effect.temporary:
        return
    if not isinstance(effect, (CreateTable, AlterTable, CreateView, CreateFunction)):
        return
    if len(split_name(effect.written)) == 1:
        yield Found(effect.offset, f"{effect.written} names no schema: the search_path of the session chooses one")


def _no_rollback(whole: WholeFile) -> Iterator[Found]:
    forward = whole.file.layout in {Layout.FLYWAY, Layout.PRISMA}
    if whole.reads and not whole.file.rollback and not whole.file.undoes and not forward and whole.file.layout:
        yield Found(whole.reads[0].statement.start, "the migration has no rollback file")


def _no_comment(whole: WholeFile) -> Iterator[Found]:
    for read in whole.reads:
        effect = read.effect
        if isinstance(effect, CreateTable) and not effect.temporary and not effect.partition_of:
            what = "TABLE"
        elif isinstance(effect, CreateType):
            what = "TYPE"
        elif isinstance(effect, CreateSchema):
            what = "SCHEMA"
        else:
            continue
        if (what, effect.name) not in whole.state.comments:
            yield Found(effect.offset, f"no COMMENT ON {what} {effect.name} describes it")


def _repeatable(look: Look) -> Iterator[Found]:
    effect = look.effect
    if isinstance(effect, CreateTable) and not effect.temporary and "EXISTS" in look.read.words:
        yield Found(effect.offset, f"IF NOT EXISTS keeps an existing {effect.name}, even if it differs")
    if isinstance(effect, AlterTable):
        for action in effect.actions:
            if action.if_exists and action.kind is ActionKind.ADD_COLUMN:
                yield Found(
                    action.offset, f"IF NOT EXISTS keeps an existing {effect.name}.{action.name}, of any type"
                )


STYLE_RULES = (
    Rule(
        "weak-type",
        "A type with a better successor",
        "timestamp without time zone, char(n), money, json, timetz and serial each have a better successor.",
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
        "A name is longer than 63 bytes",
        "PostgreSQL truncates names to 63 bytes with only a NOTICE: two long names may become equal.",
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
        "In a folder with several schemas, the search_path of the session chooses one: another role creates the "
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
        "If the object exists already, the migration passes, and the database differs from the one in the tests.",
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
        "A migration has no rollback file",
        "When a release has to be rolled back, the rollback is written in a hurry.",
        "Write X.rollback.sql next to X.sql; migrate test verifies it.",
        Severity.WARNING,
        "CREATE TABLE shop.bills (id bigint PRIMARY KEY);",
        "-- undone by a rollback file\nCREATE TABLE shop.bills (id bigint PRIMARY KEY);",
        "",
        find_in_file=_no_rollback,
    ),
    Rule(
        "missing-comment",
        "A table or column has no comment",
        "The comment is the documentation that a DBA finds in the database.",
        "COMMENT ON TABLE … IS 'why it is there'.",
        Severity.NOTE,
        "CREATE TABLE shop.bills (id bigint PRIMARY KEY);",
        "CREATE TABLE shop.bills (id bigint PRIMARY KEY);\nCOMMENT ON TABLE shop.bills IS 'What customers owe.';",
        "",
        find_in_file=_no_comment,
    ),
)
