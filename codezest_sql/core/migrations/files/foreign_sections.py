"""Marks in a file by which another tool would run less than the whole of it. Never opens a file.

Migration tools write their sections as comments: ``-- rambler down``, ``-- ==== DOWN ====``, ``-- //@UNDO``,
``# --- !Downs``, ``-- @Down()``, ``--;; down``, or a bare ``-- DOWN``. There are dozens, and many are home-made, so
they are recognised by what they have in common: a comment that has its line to itself, stands outside of quotes and
parentheses, and consists of nothing but a word for the way back, words such as "migration" or "begin", and
punctuation. ``-- down payment`` has another word and is a comment. Where no SQL follows, nothing can be lost.

``core/migrations/files/sections.py`` reads the formats that are supported.

Sources: Liquibase ``AbstractFormattedChangeLogParser``, Play ``EvolutionsReader`` (``^(#|--).*!Downs.*$``), MyBatis
Migrations ``MigrationReader``, shmig (``==== DOWN ====``), rambler, Atlas's documentation of directives, Sqitch's
templates, graphile-migrate ``FORMATS.md``, pgmcli (``REVERT BEGIN``), coast, ragtime, migration-files.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from codezest_sql.core.sql.lexer import COMMENTS, TokenKind, tokens
from codezest_sql.errors import LexicalError, SectionError
from codezest_sql.place import excerpt, place_at, printable

_BACK = frozenset(
    "down downs undo rollback revert downgrade backward backwards backout unapply undeploy unmigrate".split()  # noqa: SIM905
)
_THERE = frozenset("up ups do apply upgrade forward forwards deploy".split())  # noqa: SIM905
# Words that may stand next to one of those.
_NEUTRAL = frozenset(
    "alembic barrel begin block code database dbdeploy dbmate diesel end flyway goose gorp hasura knex liquibase "  # noqa: SIM905
    "micrate migrate migration migrations migrator migretti mybatis nomad part pgmigrate phinx postgrator prisma "
    "ragtime rambler refinery schema script section shmig sql sqitch sqlx squealer start statement statements step "
    "steps tern umzug yoyo".split()
)
_WORDS = "|".join(sorted({*_BACK, *_THERE}, key=len, reverse=True))
_CANDIDATE = re.compile(
    rf"(?<![^\n\r])[ \t]*(?:--|\#)(?=[^\n\r]*(?:{_WORDS}|roll[ -]back|liquibase|atlas:|include|verify))[^\n\r]*",
    re.IGNORECASE,
)
_HINT_PLAIN = 'if the whole file is SQL, declare it in its header: "-- codezest: plain"'
_PLAY = re.compile(r"!(Ups|Downs)")
# -- +micrate Down, -- mytool:down: the tool's name may be any.
_NAMED = re.compile(
    r"--[ \t]*(?:\+[A-Za-z][\w-]*[ \t]+|@?[A-Za-z][\w-]*:)(up|down|undo|rollback|revert)[ \t]*\Z", re.IGNORECASE
)
_UNDO_TOKEN = re.compile(r"//[ \t]*@UNDO\b", re.IGNORECASE)


class _Whole(NamedTuple):
    """A mark by which the whole file is not run as SQL, or not always."""

    pattern: re.Pattern[str]
    message: str
    hint: str


_WHOLE_FILE = (
    _Whole(
        re.compile(r"--[ \t]*atlas:checkpoint\b", re.IGNORECASE),
        "an Atlas checkpoint, which runs only where none of the files before it did",
        "remove the file, or the files that it sums up",
    ),
    _Whole(
        re.compile(r"--[ \t]*atlas:txtar\b", re.IGNORECASE),
        "an Atlas archive of several files, with checks and a way back in one",
        "keep its migration.sql part here, and move its down.sql part to X.rollback.sql",
    ),
    _Whole(
        re.compile(r"--[ \t]*atlas:delimiter\b", re.IGNORECASE),
        "atlas:delimiter separates statements otherwise than SQL does",
        "end each statement with a semicolon, and remove the line",
    ),
    _Whole(
        re.compile(
            r"--[ \t]*(?:Revert|Verify)[ \t]+\S+[ \t]+(?:from|on)[ \t]+(?:pg|cockroach|yugabyte)[ \t]*\Z",
            re.IGNORECASE,
        ),
        "a script of Sqitch that is not a deploy script",
        "name Sqitch's deploy folder with --migrations, and move each revert script to X.rollback.sql next to X.sql",
    ),
    _Whole(
        re.compile(r"--!?[ \t]*!?include[ \t]+\S+\.sql[ \t]*\Z", re.IGNORECASE),
        "graphile-migrate puts another file in the place of this line; here it is a comment",
        "write the SQL of that file here",
    ),
)
_SQITCH_DEPLOY = _Whole(
    re.compile(r"--[ \t]*Deploy[ \t]+\S+[ \t]+to[ \t]+(?:pg|cockroach|yugabyte)[ \t]*\Z", re.IGNORECASE),
    "Sqitch orders its scripts by sqitch.plan, which is not read; here they would run in the order of their names",
    "give each file a number by the order of the plan, as in 0001_title.sql, and each revert script as "
    "0001_title.rollback.sql",
)
_LIQUIBASE = re.compile(r"\s*--\s*liquibase\s*formatted", re.IGNORECASE)


def find_mark(text: str, *, file: str, numbered: bool = True) -> SectionError | None:
    """Return why the file cannot be run as a whole, None if it can; ``numbered``: its name begins with a number."""
    if _LIQUIBASE.match(text):
        offset = len(text) - len(text.lstrip())
        return _error(
            text,
            offset,
            "Liquibase's formatted SQL: its changesets, contexts and rollbacks are not read",
            "write each changeset as a file of its own, X.sql, and its --rollback lines as X.rollback.sql",
            file=file,
        )
    candidates = {found.end() - len(found[0].lstrip(" \t")): found[0].strip() for found in _CANDIDATE.finditer(text)}
    if not candidates:
        return None
    back: int | None = None  # the mark below which we are
    depth = 0
    try:
        for token in tokens(text, file=file):
            line = candidates.get(token.start)
            if line is not None and depth <= 0 and (token.kind is TokenKind.LINE_COMMENT or line.startswith("#")):
                if error := _whole(text, token.start, line, file=file, numbered=numbered):
                    return error
                direction = _direction(line)
                if direction is not None:
                    if line.startswith("#"):
                        return _section(text, token.start, line, file=file)
                    back = None if direction else token.start
                    continue
            if token.kind is TokenKind.PUNCTUATION:
                character = text[token.start]
                depth += (character == "(") - (character == ")")
                if character == ";":
                    depth = 0
                    continue
            if back is not None and token.kind not in COMMENTS:
                return _section(text, back, candidates[back], file=file)
    except LexicalError:
        pass  # reported elsewhere
    return None


def _whole(text: str, offset: int, line: str, *, file: str, numbered: bool) -> SectionError | None:
    for mark in (*_WHOLE_FILE, *(() if numbered else (_SQITCH_DEPLOY,))):
        if mark.pattern.match(line):
            return _error(text, offset, mark.message, mark.hint, file=file)
    return None


def _direction(line: str) -> bool | None:
    """Return True for a line that opens the way there, False for one that opens the way back, else None."""
    play = _PLAY.search(line)
    if play:
        return play[1] == "Ups"
    if line.startswith("#"):
        return None
    if _UNDO_TOKEN.search(line):
        return False
    named = _NAMED.match(line)
    if named:
        return named[1].lower() == "up"
    if any(character.isdigit() or (character.isalpha() and not character.isascii()) for character in line):
        return None
    line = re.sub(r"(?i)\broll[ -]back\b", "rollback", line)
    words = [word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+", line)]
    if not {*words} <= _BACK | _THERE | _NEUTRAL:
        return None
    back, there = any(word in _BACK for word in words), any(word in _THERE for word in words)
    return None if back == there else there


def _section(text: str, offset: int, line: str, *, file: str) -> SectionError:
    return _error(
        text,
        offset,
        f'"{printable(line)}" opens a section of another tool, whose SQL would run as a part of the migration',
        "move the SQL that undoes the migration to a file of its own (X.sql is undone by X.rollback.sql), "
        f"and remove the line; {_HINT_PLAIN}",
        file=file,
    )


def _error(text: str, offset: int, message: str, hint: str, *, file: str) -> SectionError:
    place = place_at(file, text, offset)
    if _HINT_PLAIN not in hint:
        hint = f"{hint}; {_HINT_PLAIN}"
    return SectionError(message, place=place, hint=hint, source=excerpt(text, place))
