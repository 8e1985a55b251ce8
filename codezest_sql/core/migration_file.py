"""Text to migration: what a file means, and why it cannot be used. Never opens a file."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from codezest_sql.core.directives import Directives, read_directives
from codezest_sql.core.lexer import TokenKind, tokens
from codezest_sql.core.source import Place, excerpt, place_at
from codezest_sql.core.statement_kind import (
    is_copy_from_stdin,
    needs_no_transaction,
    transaction_control,
)
from codezest_sql.core.statements import Statement, find_backslashes, iterate_statements
from codezest_sql.core.text_file import content_hash, decode
from codezest_sql.errors import (
    CodezestError,
    CopyFromStdinError,
    LexicalError,
    NotInATransactionError,
    ProjectErrors,
    PsqlCommandError,
    TransactionControlError,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

_PSQL_LINE = re.compile(r"^[ \t]*(\\[A-Za-z!?])", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Script:
    """One direction of a migration: the text that is sent, and how.

    ``text`` is what the server gets: the file without a byte order mark, and with a BEGIN … COMMIT around the
    whole file blanked out, so that every offset is still the file's. ``sha256`` is of the file as written.
    ``lock_timeout`` is in seconds, None where the file does not say.
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
    """One versioned change: its id (the file's name without ``.sql``), how to do it and how to undo it."""

    id: str
    up: Script
    down: Script | None = None
    depends: tuple[str, ...] = ()
    depends_place: Place | None = None


@dataclass(frozen=True, slots=True)
class ReadScript:
    """A script with the directives that its header gave."""

    script: Script
    directives: Directives


def read_script(data: bytes, *, file: str, transactional: bool = True) -> ReadScript:
    """Return the script that the bytes of ``file`` mean; ``transactional`` where its header does not say.

    Raises ``ProjectErrors`` with every mistake of the file: not UTF-8, unclosed quotes, dollar quotes and
    comments, NUL, unknown or unusable directives, psql's backslash commands, ``COPY … FROM stdin``, transaction
    control inside the file, and in a transactional file a statement that PostgreSQL refuses in a transaction.
    """
    try:
        text = decode(data, file=file)
    except CodezestError as error:
        raise ProjectErrors([error]) from None

    errors: list[CodezestError] = []
    statements: list[Statement] = []
    try:
        statements.extend(iterate_statements(text, file=file))
    except LexicalError as error:
        errors.append(_what_the_lexer_met(text, statements, error, file=file))
    first = statements[0].start if statements else len(text)
    directives = read_directives(text, first, file=file, errors=errors)
    if directives.transactional is not None:
        transactional = directives.transactional
    wrapped = _is_wrapped(text, statements)
    inner = statements[1:-1] if wrapped and transactional else statements
    for statement in inner:
        problem = _problem(text, statement, file=file, transactional=transactional)
        if problem:
            errors.append(problem)
    if not errors or not isinstance(errors[0], LexicalError | PsqlCommandError):
        errors.extend(_psql_commands(text, file=file))
    if errors:
        raise ProjectErrors(sorted(errors, key=lambda error: error.place or Place(file)))

    notes: list[str] = []
    sent = text
    if wrapped and transactional:
        sent = _blank(_blank(text, statements[0]), statements[-1])
        notes.append(f"{file}: BEGIN and COMMIT around the file are dropped: it runs in one transaction anyway")
    if not inner:
        notes.append(f"{file}: holds no statement")
    script = Script(
        file=file,
        text=sent,
        sha256=content_hash(text),
        transactional=transactional,
        statements=tuple(inner),
        lock_timeout=directives.lock_timeout,
        notes=tuple(notes),
    )
    return ReadScript(script, directives)


def _is_wrapped(text: str, statements: Sequence[Statement]) -> bool:
    """Whether a plain BEGIN opens and a plain COMMIT closes the whole file, and nothing else controls."""
    if len(statements) < 2:  # noqa: PLR2004  # a BEGIN and a COMMIT
        return False
    words = [_plain_words(text, statement) for statement in (statements[0], statements[-1])]
    return bool(re.fullmatch(r"BEGIN( WORK| TRANSACTION)?|START TRANSACTION", words[0])) and bool(
        re.fullmatch(r"(COMMIT|END)( WORK| TRANSACTION)?", words[1])
    )


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


def _problem(text: str, statement: Statement, *, file: str, transactional: bool) -> CodezestError | None:
    """Return why this statement cannot be in a migration, or None."""
    place = place_at(file, text, statement.start)
    source = excerpt(text, place)
    control = transaction_control(text, statement)
    if control:
        if transactional:
            hint = "remove it: the whole file already runs in one transaction"
        else:
            hint = "remove it: each statement of a non-transactional file runs by itself"
        return TransactionControlError(f"{control} inside a migration", place=place, hint=hint, source=source)
    if is_copy_from_stdin(text, statement):
        return CopyFromStdinError(
            "COPY … FROM stdin needs psql to feed its data",
            place=place,
            hint="write INSERT statements instead",
            source=source,
        )
    reason = needs_no_transaction(text, statement) if transactional else None
    if reason:
        return NotInATransactionError(
            f"{reason} cannot run inside a transaction",
            place=place,
            hint='put it into a file of its own with the header "-- transactional: false"',
            source=source,
        )
    return None


def _what_the_lexer_met(
    text: str, statements: Sequence[Statement], error: LexicalError, *, file: str
) -> CodezestError:
    r"""Return the mistake behind one that the lexer reports: text for psql, which is not SQL at all.

    ``\echo it's`` and the data lines after ``COPY … FROM stdin;`` need not have balanced quotes.
    """
    command = _PSQL_LINE.search(text)
    if command and error.place and place_at(file, text, command.start(1)) < error.place:
        return _psql_command(text, command.start(1), file=file)
    copies = [statement for statement in statements if is_copy_from_stdin(text, statement)]
    return _problem(text, copies[0], file=file, transactional=True) or error if copies else error


def _psql_commands(text: str, *, file: str) -> list[CodezestError]:
    """Find psql's backslash commands: a backslash outside quotes is nothing else in SQL."""
    errors: list[CodezestError] = []
    last_line = 0
    for offset in find_backslashes(text, file=file):
        place = place_at(file, text, offset)
        if place.line == last_line:  # one command, however many backslashes its line has
            continue
        last_line = place.line
        errors.append(_psql_command(text, offset, file=file))
    return errors


def _psql_command(text: str, offset: int, *, file: str) -> CodezestError:
    place = place_at(file, text, offset)
    command = re.match(r"\\\S*", text[offset : offset + 40])
    return PsqlCommandError(
        f"{command[0] if command else chr(92)} is a command of psql, not SQL",
        place=place,
        hint="write it in SQL, or remove it",
        source=excerpt(text, place),
    )
