"""Text to migration: what a file means, and why it cannot be used. Never opens a file."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from codezest_sql.core.migrations.files.directives import Directives, read_directives, without_plain_header
from codezest_sql.core.migrations.files.layout import Layout
from codezest_sql.core.sql.escape_strings import old_strings
from codezest_sql.core.sql.lexer import TokenKind, skip_blank, tokens
from codezest_sql.core.sql.statement_kind import (
    is_copy_from_stdin,
    is_copy_to_stdout,
    is_session_setting,
    makes_temporary_object,
    needs_no_transaction,
    transaction_control,
)
from codezest_sql.core.sql.statements import Statement, find_backslashes, iterate_statements
from codezest_sql.core.sql.token_reader import first_two_words
from codezest_sql.core.text.decode import content_hash, decode
from codezest_sql.errors import (
    CodezestError,
    CopyFromStdinError,
    CopyToStdoutError,
    LexicalError,
    NotInATransactionError,
    ProjectErrors,
    PsqlCommandError,
    TemporaryObjectError,
    TransactionControlError,
)
from codezest_sql.place import Place, excerpt, place_at

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_PSQL_LINE = re.compile(r"^[ \t]*(\\[A-Za-z!?])", re.MULTILINE)
# What large files are made of. No rule here concerns a statement that begins so, and one look at it is cheaper.
_HARMLESS = re.compile("INSERT|UPDATE|DELETE|SELECT|COMMENT|GRANT", re.IGNORECASE | re.ASCII)
_BEGINS = re.compile(r"BEGIN( WORK| TRANSACTION)?|START TRANSACTION")
_COMMITS = re.compile(r"(COMMIT|END)( WORK| TRANSACTION)?")
# How many errors of one file are reported: a script for psql has one on every line.
_MOST = 20


@dataclass(frozen=True, slots=True)
class Script:
    """One direction of a migration: the text that is sent, and how.

    ``text`` is what the server gets: the file without a byte order mark, and with a BEGIN … COMMIT around the
    whole file and the file's other section blanked out, so that every offset is still the file's. ``sha256`` is of
    the file, or the section, as written. ``lock_timeout`` is in seconds, None if the file does not set it.
    """

    file: str
    text: str = field(repr=False)
    sha256: str
    transactional: bool
    statements: tuple[Statement, ...] = field(repr=False)
    lock_timeout: float | None = None
    notes: tuple[str, ...] = ()

    def place(self, offset: int) -> Place:
        """Return the place of the code point at ``offset`` of the text."""
        return place_at(self.file, self.text, offset)

    def statement_text(self, statement: Statement) -> str:
        """Return the text of one statement, without its semicolon."""
        return self.text[statement.start : statement.end]


@dataclass(frozen=True, slots=True)
class Migration:
    """One versioned change: its id (the file's name without its ending), how to do it and how to undo it.

    ``irreversible`` is the reason that its header gives why it cannot be undone: then ``down`` is None.
    ``doubts`` are the reasons why the file is not run as it is: another tool would run less of it. They count until
    it is applied
    (``core/migrations/applied_files.py``). ``down_errors`` give the reason why it cannot be undone despite its
    rollback file.
    """

    id: str
    up: Script
    down: Script | None = None
    depends: tuple[str, ...] = ()
    depends_places: tuple[Place, ...] = ()
    layout: Layout = Layout.PLAIN
    irreversible: str | None = None
    doubts: tuple[CodezestError, ...] = ()
    down_errors: tuple[CodezestError, ...] = ()

    def place_of(self, dependency: str) -> Place:
        """Return where the header names one of ``depends``; the file as a whole where that is not known."""
        return dict(zip(self.depends, self.depends_places, strict=False)).get(dependency, Place(self.up.file))


@dataclass(frozen=True, slots=True)
class ReadScript:
    """A script with the directives that its header gave.

    ``inferred`` where it runs without a transaction since its statements ask for that, not since the file does.
    """

    script: Script
    directives: Directives
    inferred: bool = False


def read_script(data: bytes, *, file: str, transactional: bool = True) -> ReadScript:
    """Return the script that the bytes of ``file`` mean; ``transactional`` is the default for its header.

    Raises ``ProjectErrors`` with every mistake of the file: not UTF-8, unclosed quotes, dollar quotes and
    comments, NUL, unknown or unusable directives, psql's backslash commands, ``COPY … FROM stdin``, transaction
    control inside the file, and in a transactional file a statement that PostgreSQL refuses in a transaction.
    """
    try:
        text = decode(data, file=file)
    except CodezestError as error:
        raise ProjectErrors([error]) from None
    return read_text(text, file=file, transactional=transactional)


def read_text(
    text: str,
    *,
    file: str,
    transactional: bool = True,
    foreign: bool = False,
    written: str | None = None,
    section: str = "",
) -> ReadScript:
    """Return the script that a decoded text means, as ``read_script`` does.

    ``foreign`` for a file that another tool may read as well: see ``read_directives``. Such a tool sends a whole file
    as it is: BEGIN … COMMIT blocks run, and so does a file only of statements that no transaction can hold. For a
    section of a file, ``section`` is the line that opens it, and ``written`` the part of the file whose hash is kept.
    """
    errors: list[CodezestError] = []
    statements: list[Statement] = []
    lexical: LexicalError | None = None
    try:
        statements.extend(iterate_statements(text, file=file))
    except LexicalError as error:
        lexical = error
    directives = read_directives(text, _header_end(text, statements), file=file, errors=errors, foreign=foreign)
    if directives.transactional is not None:
        transactional = directives.transactional
    sent_as_it_is = foreign and not section
    undecided = sent_as_it_is and transactional and directives.transactional is None
    inferred = undecided and _needs_no_transaction(text, statements)
    transactional = transactional and not inferred
    # Where the lexer stopped, the COMMIT to a BEGIN was not seen: that is not a second mistake.
    dropped = _NOTHING
    if transactional or lexical:
        dropped = _dropped(text, statements, blocks=sent_as_it_is, whole=not lexical)
    inner = [statement for statement in statements if statement not in dropped.statements]
    errors.extend(_mistakes(text, inner, lexical, file=file, transactional=transactional))
    if errors:
        raise ProjectErrors(sorted(errors, key=lambda error: error.place or Place(file)))

    notes: list[str] = []
    sent = text
    for statement in dropped.statements:
        sent = _blank(sent, statement)
    if dropped.statements:
        notes.append(f"{file}: {dropped.note.format(f'section {section}' if section else 'file')}")
    if inferred:
        notes.append(f"{file}: runs without a transaction, since none of its statements can run in one")
    if not transactional:
        notes.extend(_notes_of_set_local(text, inner, file=file))
    if not inner:
        notes.append(f"{file}: {f'section {section} ' if section else ''}holds no statement")
    script = Script(
        file=file,
        text=sent,
        sha256=content_hash(without_plain_header(text) if written is None else written),
        transactional=transactional,
        statements=tuple(inner),
        lock_timeout=directives.lock_timeout,
        notes=tuple(notes),
    )
    return ReadScript(script, directives, inferred)


def _needs_no_transaction(text: str, statements: Sequence[Statement]) -> bool:
    """Whether all statements but settings of the session are such that PostgreSQL refuses them in a transaction.

    Flyway detects that; golang-migrate and Prisma send such a statement alone.
    """
    others = [statement for statement in statements if not is_session_setting(text, statement)]
    return bool(others) and all(needs_no_transaction(text, statement) for statement in others)


class _Dropped(NamedTuple):
    """Transaction control that is not run, and why; {} is what it is in."""

    statements: tuple[Statement, ...] = ()
    note: str = ""


_NOTHING = _Dropped()


def _dropped(text: str, statements: Sequence[Statement], *, blocks: bool, whole: bool) -> _Dropped:
    """Return the transaction control that a file in one transaction can do without.

    ``blocks`` where there may be several, ``whole`` where all statements of the file are known.
    """
    opening, closing = _wrapping(text, statements)
    control = _blocks(text, statements) if blocks and whole else []
    if control and control != [opening, closing]:
        count = "block" if len(control) == 2 else f"{len(control) // 2} blocks"  # noqa: PLR2004
        return _Dropped(
            tuple(control), f"the BEGIN … COMMIT {count} of the {{}} and all else in it are one transaction here"
        )
    if opening and (closing or not whole):
        note = "BEGIN and COMMIT around the {} are dropped: it runs in one transaction anyway"
        return _Dropped((opening, closing) if closing else (opening,), note)
    return _NOTHING


def _blocks(text: str, statements: Sequence[Statement]) -> list[Statement]:
    """Return the plain BEGINs and COMMITs of a file whose transactions can be made one.

    Not where there is other transaction control, or a SET LOCAL, which is to end with its block.
    """
    control = [each for each in statements if transaction_control(text, each)]
    if len(control) % 2 or any(first_two_words(text, each) == ("SET", "LOCAL") for each in statements):
        return []
    for opening, closing in zip(control[::2], control[1::2], strict=True):
        if not (_BEGINS.fullmatch(_plain_words(text, opening)) and _COMMITS.fullmatch(_plain_words(text, closing))):
            return []
    return control


def _notes_of_set_local(text: str, statements: Iterable[Statement], *, file: str) -> list[str]:
    """In psql such a statement gives a warning of the server; here it is in a transaction, which ends with it."""
    return [
        f"{place_at(file, text, statement.start)}: in a non-transactional file SET LOCAL ends with its own "
        "statement: write SET, which ends with the file"
        for statement in statements
        if first_two_words(text, statement) == ("SET", "LOCAL")
    ]


def _wrapping(text: str, statements: Sequence[Statement]) -> tuple[Statement | None, Statement | None]:
    """Return the plain BEGIN that opens the file and the plain COMMIT that closes it.

    Settings of the session may stand outside of them (``SET client_min_messages = warning; BEGIN; …``): within the
    transaction they do the same.
    """
    first = _first_but_settings(text, statements)
    last = _first_but_settings(text, reversed(statements))
    opens = first and _BEGINS.fullmatch(_plain_words(text, first))
    closes = last and _COMMITS.fullmatch(_plain_words(text, last))
    return first if opens else None, last if closes else None


def _first_but_settings(text: str, statements: Iterable[Statement]) -> Statement | None:
    return next((statement for statement in statements if not is_session_setting(text, statement)), None)


def _plain_words(text: str, statement: Statement) -> str:
    """Return the statement upper-cased with single spaces and without comments; "" where it is long."""
    if statement.end - statement.start > 1000:  # noqa: PLR2004  # no BEGIN or COMMIT is that long
        return ""
    snippet = text[statement.start : statement.end]
    comments = (TokenKind.LINE_COMMENT, TokenKind.BLOCK_COMMENT)
    words = [snippet[token.start : token.end] for token in tokens(snippet) if token.kind not in comments]
    return " ".join(words).upper()


def _blank(text: str, statement: Statement) -> str:
    """Replace a statement and its semicolon by spaces, so that all offsets and lines stay."""
    end = statement.end
    after = text.find(";", end)
    if after >= 0 and not text[end:after].strip():
        end = after + 1
    return text[: statement.start] + re.sub(r"[^\n]", " ", text[statement.start : end]) + text[end:]


def _mistakes(
    text: str, statements: Iterable[Statement], lexical: LexicalError | None, *, file: str, transactional: bool
) -> list[CodezestError]:
    """Return what cannot be in a migration; ``lexical`` is what ended the search for statements, if anything did."""
    errors: list[CodezestError] = []
    statements = tuple(statements)
    if old := old_strings(text, statements, file=file):
        # What follows was split by other rules than the server's: more mistakes would be guesses.
        return [old]
    for statement in statements:
        if len(errors) == _MOST:
            break
        problem = _problem(text, statement, file=file, transactional=transactional)
        if problem:
            errors.append(problem)
        if isinstance(problem, CopyFromStdinError):
            # What follows are its data: neither SQL nor commands of psql.
            return [*errors, *_psql_commands(text[: statement.end], file=file, most=_MOST - len(errors))]
    if lexical:
        return [*errors, _what_the_lexer_met(text, lexical, file=file)]
    return [*errors, *_psql_commands(text, file=file, most=_MOST - len(errors))]


def _problem(text: str, statement: Statement, *, file: str, transactional: bool) -> CodezestError | None:
    """Return why this statement cannot be in a migration, or None."""
    if _HARMLESS.match(text, statement.start):
        return None
    kind: type[CodezestError]
    if control := transaction_control(text, statement):
        kind, message = TransactionControlError, f"{control} inside a migration"
        hint = "remove it: each statement of a non-transactional file runs on its own"
        if transactional:
            hint = "remove it: the whole file already runs in one transaction"
    elif is_copy_from_stdin(text, statement):
        kind, message = CopyFromStdinError, "COPY … FROM stdin needs psql to feed its data"
        hint = "write INSERT statements instead"
    elif is_copy_to_stdout(text, statement):
        kind, message = CopyToStdoutError, "COPY … TO stdout needs psql to take its rows"
        hint = "remove it: a migration changes the database, and no client reads its rows"
    elif transactional and (reason := needs_no_transaction(text, statement)):
        kind, message = NotInATransactionError, f"{reason} cannot run inside a transaction"
        hint = 'put it into a file of its own with the header "-- transactional: false"'
    elif not transactional and makes_temporary_object(text, statement):
        kind, message = TemporaryObjectError, "a temporary object in a non-transactional file"
        hint = "make it an ordinary one and drop it: after a crash the file continues in a new session, without it"
    else:
        return None
    # The line is looked for only now: that reads the whole text.
    place = place_at(file, text, statement.start)
    return kind(message, place=place, hint=hint, source=excerpt(text, place))


def _header_end(text: str, statements: Sequence[Statement]) -> int:
    """Return where the first statement begins; the text's end where there is none."""
    if statements:
        return statements[0].start
    try:
        return skip_blank(text, 0)
    except LexicalError:  # a comment without an end, within which nothing is a directive
        return len(text)


def _what_the_lexer_met(text: str, error: LexicalError, *, file: str) -> CodezestError:
    r"""Return the mistake behind one that the lexer reports: a command of psql need not have balanced quotes.

    ``\echo it's`` is one.
    """
    command = _PSQL_LINE.search(text)
    if command and error.place and place_at(file, text, command.start(1)) < error.place:
        return _psql_command(text, command.start(1), file=file)
    return error


def _psql_commands(text: str, *, file: str, most: int) -> list[CodezestError]:
    """Find psql's backslash commands, at most ``most``: a backslash outside quotes is nothing else in SQL."""
    errors: list[CodezestError] = []
    line_end = -1
    for offset in find_backslashes(text, file=file):
        if len(errors) == most:
            break
        if offset < line_end:  # one command, however many backslashes its line has
            continue
        line_end = text.find("\n", offset)
        line_end = len(text) if line_end < 0 else line_end
        errors.append(_psql_command(text, offset, file=file))
    return errors


def _psql_command(text: str, offset: int, *, file: str) -> CodezestError:
    place = place_at(file, text, offset)
    match = re.match(r"\\\S*", text[offset : offset + 40])
    command = match[0] if match else chr(92)
    # pg_dump writes these two around its text, for psql alone: no SQL could take their place.
    dumped = command in ("\\restrict", "\\unrestrict")
    return PsqlCommandError(
        f"{command} is a command of psql, not SQL",
        place=place,
        hint='remove it, or write the dump with "codezest-sql migrate dump"'
        if dumped
        else "write it in SQL, or remove it",
        source=excerpt(text, place),
    )
