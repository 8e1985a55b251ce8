"""One file with both ways in it to its two sections. Never opens a file.

The formats are those of dbmate, goose, sql-migrate, node-pg-migrate and tern.

A marker is a line comment that has its line to itself; within a string, a dollar quote or a block comment it is
text. Letter case and the white space before it do not count, although the tools themselves are stricter: a
``-- +goose down`` that is skipped would run the way back as a part of the way there. For the same reason what
begins like a marker and is none is an error.

node-pg-migrate's two are words that people write in comments as well. It runs a file without ``-- Up Migration``
whole, so that ``-- down migration is manual`` alone is a comment.

Sources: dbmate ``pkg/dbmate/migration.go``, goose ``internal/sqlparser/parser.go``, sql-migrate
``sqlparse/sqlparse.go``, node-pg-migrate ``src/sqlMigration.ts``, tern's README.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from codezest_sql.core.migrations.files.layout import MARKERS, Layout, may_have_sections
from codezest_sql.core.migrations.history import Direction
from codezest_sql.core.sql.lexer import COMMENTS, TokenKind, is_blank, tokens
from codezest_sql.errors import LexicalError, SectionError
from codezest_sql.place import excerpt, place_at

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_CANDIDATE = re.compile(
    r"(?<![^\n\r])[ \t]*(--[ \t]*(?:(\+goose|\+migrate)(?=[ \t\r\n]|\Z)|(migrate:)"
    r"|-*[ \t]*(create above / drop below)[ \t]*-*[ \t]*(?=[\r\n]|\Z)"
    r"|(?:-[ \t-]*)?(up|down)[ \t]+migration(?![A-Za-z0-9_]))([^\r\n]*))",
    re.IGNORECASE,
)
_TOOLS = {
    "+goose": Layout.GOOSE,
    "+migrate": Layout.SQL_MIGRATE,
    "migrate:": Layout.DBMATE,
    "create above / drop below": Layout.TERN,
    "up": Layout.NODE_PG_MIGRATE,
    "down": Layout.NODE_PG_MIGRATE,
}
# What may follow a marker and only names the tool.
_ENVSUB_OFF = {"ENVSUB OFF", "ENVSUBST OFF"}  # ENVSUBST is what the feature was called before its release
_PLAIN = {"STATEMENTBEGIN", "STATEMENTEND"}
_NO_TRANSACTION = "NO TRANSACTION"
_ENVSUB = {"ENVSUB ON", "ENVSUBST ON"}
# What may follow node-pg-migrate's markers and changes nothing.
_DECORATION = re.compile(r"[\s.:;*=#-]*")
_TERN_NO_TRANSACTION = re.compile(r"(?m)^---- tern: disable-tx ----[ \t]*\r?$")


@dataclass(frozen=True, slots=True)
class Section:
    """One way of a file.

    ``text`` is what runs: the rest of the file before it is blanked out, so that every offset is still the file's.
    ``written`` is the section as it is in the file, whose hash is kept. ``transactional`` is None where no marker
    says.
    """

    text: str = field(repr=False)
    written: str = field(repr=False)
    transactional: bool | None = None


@dataclass(frozen=True, slots=True)
class Sections:
    """The two ways of a file, and the tool whose markers separate them.

    The comments before the first marker, with the headers among them, belong to ``up``.
    """

    layout: Layout
    up: Section
    down: Section | None


@dataclass(frozen=True, slots=True)
class _Marker:
    """A line for one of the tools: ``words`` is all that stands after the tool's name, in upper case.

    ``bare`` is False where node-pg-migrate's words are followed by others.
    """

    start: int
    layout: Layout
    words: str
    bare: bool = True

    @property
    def direction(self) -> Direction | None:
        """The way that this marker opens, if it opens one."""
        first = self.words.partition(" ")[0]
        if first not in {"UP", "DOWN"} or (self.layout is Layout.GOOSE and self.words != first):
            return None
        return Direction[first]

    @property
    def options(self) -> tuple[str, ...]:
        return tuple(self.words.split()[1:])


def read_sections(text: str, *, file: str) -> Sections | None:
    """Return the sections of a file, None where it has no markers.

    Raises ``SectionError`` at the first mistake: SQL outside of the sections, none or two for one way, an unknown
    annotation, markers of two tools; and ``LexicalError`` where a text that the lexer cannot read hides the rest.
    """
    if not may_have_sections(text):
        return None
    candidates = {found.start(1): found for found in _CANDIDATE.finditer(text)}
    if not candidates:
        return None
    markers: list[_Marker] = []
    outside: int | None = None  # the first token before the first section
    lexical: LexicalError | None = None
    try:
        for token in tokens(text, file=file):
            if token.kind is TokenKind.LINE_COMMENT and token.start in candidates:
                markers.append(_marker(candidates[token.start]))
            elif outside is None and token.kind not in COMMENTS and not _opened(markers):
                outside = token.start
    except LexicalError as error:
        # The section in which it stands is read, and refused, with a better knowledge of what may be meant.
        lexical = error
    markers = _without_comments(text, markers)
    if not markers:
        return None
    mistake = _mistake(text, markers, outside, file=file)
    if mistake and lexical and not _opened(markers):
        raise lexical
    if mistake:
        raise mistake
    return _cut(text, markers)


def opens_other_way(text: str, direction: Direction, *, file: str) -> SectionError | None:
    """Return the error of a file that is one way of a migration by its name and has a section for the other."""
    candidates = {found.start(1): found for found in _CANDIDATE.finditer(text)}
    if not candidates:
        return None
    markers: list[_Marker] = []
    with suppress(LexicalError):  # reported elsewhere
        markers.extend(
            _marker(candidates[token.start]) for token in tokens(text, file=file) if token.start in candidates
        )
    for marker in _without_comments(text, markers):
        if marker.direction not in (None, direction):
            return _error(
                text,
                marker.start,
                f"a section for the way {marker.words.partition(' ')[0].lower()} in a file that is only the way "
                f"{direction.value} by its name",
                "move it to the other file, or give the file a name that sets nothing of a way: X.sql",
                file=file,
            )
    return None


def blank(text: str) -> str:
    """Return spaces instead of the text, its lines kept."""
    return re.sub(r"[^\n]", " ", text)


def _marker(found: re.Match[str]) -> _Marker:
    name = (found[2] or found[3] or found[4] or found[5]).lower()
    layout, rest = _TOOLS[name], found[6]
    if layout is Layout.TERN:
        return _Marker(found.start(1), layout, "DOWN")
    if layout is Layout.NODE_PG_MIGRATE:
        return _Marker(found.start(1), layout, name.upper(), bool(_DECORATION.fullmatch(rest)))
    return _Marker(found.start(1), layout, " ".join(rest.split()).upper())


def _opened(markers: Sequence[_Marker]) -> bool:
    return any(marker.direction for marker in markers)


def _without_comments(text: str, markers: Sequence[_Marker]) -> list[_Marker]:
    """Leave out what only looks like a marker.

    ``-- migrate: …`` is a comment in a file that opens no section of dbmate's. Of node-pg-migrate's, words with
    others behind them count where the file has both sections, with SQL; and a way back with no SQL below is none.
    """
    of_dbmate = any(marker.layout is Layout.DBMATE and marker.direction for marker in markers)
    of_node = [marker for marker in markers if marker.layout is Layout.NODE_PG_MIGRATE]
    bare = {marker.direction for marker in of_node if marker.bare}
    ends = [*(marker.start for marker in of_node[1:]), len(text)]
    # Two comments of which one has all the SQL below it are not two sections.
    filled = not any(_is_blank(text[marker.start : end]) for marker, end in zip(of_node, ends, strict=False))
    both = len({marker.direction for marker in of_node}) == len(Direction) and (bool(bare) or filled)
    others = any(marker.layout is not Layout.NODE_PG_MIGRATE and marker.direction for marker in markers)
    kept: list[_Marker] = []
    for marker in markers:
        if marker.layout is Layout.DBMATE and not of_dbmate:
            continue
        if marker.layout is Layout.NODE_PG_MIGRATE and (
            others
            or not (both or marker.bare)
            or (bare == {Direction.DOWN} and not both and _is_blank(text[marker.start :]))
        ):
            continue
        kept.append(marker)
    return kept


def _is_blank(text: str) -> bool:
    try:
        return is_blank(text)
    except LexicalError:
        return False


def _mistake(text: str, markers: Sequence[_Marker], outside: int | None, *, file: str) -> SectionError | None:
    """Return the first thing that is wrong with the markers of a file."""
    found: dict[int, tuple[str, str]] = {}  # offset → message and hint
    layout = markers[0].layout
    names = MARKERS[layout]
    opening: dict[Direction, _Marker] = {}
    for marker in markers:
        if marker.layout is not layout:
            found[marker.start] = (
                "sections of two tools in one file",
                f"keep to those such as {names.get(Direction.UP, names[Direction.DOWN])}",
            )
        elif marker.direction is None:
            problem = _annotation_problem(marker)
            if problem:
                found[marker.start] = problem
        elif marker.direction in opening:
            found[marker.start] = (
                f"a second section {names[marker.direction]}",
                "put all of one way into one section, or split the file into two migrations",
            )
        else:
            opening[marker.direction] = marker
            problem = _option_problem(marker)
            if problem:
                found[marker.start] = problem
    implicit = Direction.UP not in names  # what stands above tern's marker
    if outside is not None and Direction.UP in opening:
        found[outside] = (
            "SQL before the first section, which would never run",
            f"move it below {names[Direction.UP]}",
        )
    if Direction.UP not in opening and not implicit:
        found.setdefault(
            markers[0].start, (f"there is no section {names[Direction.UP]}", f"begin it with {names[Direction.UP]}")
        )
    if not found:
        return None
    offset = min(found)
    return _error(text, offset, *found[offset], file=file)


def _annotation_problem(marker: _Marker) -> tuple[str, str] | None:
    """Return what is wrong with a line that opens no section."""
    if marker.layout is Layout.GOOSE and marker.words in _ENVSUB:
        return (
            "goose's substitution of environment variables is not done",
            "write the values themselves, and remove the line",
        )
    goose = marker.layout is Layout.GOOSE and marker.words in {_NO_TRANSACTION, *_PLAIN, *_ENVSUB_OFF}
    if goose or (marker.layout is Layout.SQL_MIGRATE and marker.words in _PLAIN):
        return None
    names = MARKERS[marker.layout]
    known = [names[Direction.UP], names[Direction.DOWN]]
    known += [f"-- +goose {_NO_TRANSACTION}"] if marker.layout is Layout.GOOSE else []
    return "an unknown annotation, where a section may have to begin", f"known are {', '.join(known)}"


def _option_problem(marker: _Marker) -> tuple[str, str] | None:
    """Return what is wrong with what follows a marker; dbmate and sql-migrate themselves skip it."""
    known = _options(marker.layout)
    wrong = [option for option in marker.options if option not in known]
    if not wrong:
        return None
    return f"unknown option {wrong[0].lower()!r}", f"known are {', '.join(known).lower()}"


def _options(layout: Layout) -> Mapping[str, bool]:
    """Return option → whether the section is transactional then."""
    if layout is Layout.DBMATE:
        return {"TRANSACTION:TRUE": True, "TRANSACTION:FALSE": False}
    return {"NOTRANSACTION": False} if layout is Layout.SQL_MIGRATE else {}


def _cut(text: str, markers: Sequence[_Marker]) -> Sections:
    layout = markers[0].layout
    opening = [marker for marker in markers if marker.direction]
    if layout is Layout.TERN:
        return _cut_at(text, opening[0].start)
    ends = [marker.start for marker in opening[1:]] + [len(text)]
    no_transaction = any(marker.words == _NO_TRANSACTION for marker in markers)
    header = text[: opening[0].start]
    sections: dict[Direction | None, Section] = {}
    for marker, end in zip(opening, ends, strict=True):
        before, body = text[len(header) : marker.start], text[marker.start : end]
        own = header if marker.direction is Direction.UP else ""
        first = own or blank(header)
        known = _options(layout)
        said = [known[option] for option in marker.options]
        transactional = False if no_transaction else said[-1] if said else None
        sections[marker.direction] = Section(first + blank(before) + body, (own + body).rstrip(), transactional)
    return Sections(layout, sections[Direction.UP], sections.get(Direction.DOWN))


def _cut_at(text: str, separator: int) -> Sections:
    """Cut a file of tern's, whose one marker stands between the two ways."""
    transactional = False if runs_without_transaction(text) else None
    above, below = text[:separator], text[separator:]
    return Sections(
        Layout.TERN,
        Section(above, above.rstrip(), transactional),
        Section(blank(above) + below, below.rstrip(), transactional),
    )


def runs_without_transaction(text: str) -> bool:
    """Whether tern runs the file without a transaction."""
    return bool(_TERN_NO_TRANSACTION.search(text))


def _error(text: str, offset: int, message: str, hint: str, *, file: str) -> SectionError:
    place = place_at(file, text, offset)
    return SectionError(message, place=place, hint=hint, source=excerpt(text, place))
