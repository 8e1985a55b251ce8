"""Text to statements, where the server's own grammar ends them. Never opens a file, never asks a server.

A semicolon ends a statement except within parentheses (``CREATE RULE … DO (a; b)``) and within the body of an SQL
function (``CREATE FUNCTION … BEGIN ATOMIC a; b; END``). psql guesses at such bodies by counting the words BEGIN, CASE
and END (``src/fe_utils/psqlscan.l``). Here the grammar's own rule is used (``routine_body_stmt_list`` of ``gram.y``),
which a column called ``begin`` or ``end`` does not fool: a body opens with BEGIN ATOMIC, and closes with the END that
stands where a statement of the body could begin.

One search visits only what can end something or hide a semicolon, and makes no token of the rest. Where that search
alone cannot recognise what it sees, the text since its last stop is read again by ``core/sql/lexer.py``.
"""

from __future__ import annotations

import re
from collections import deque
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from codezest_sql.core.sql.lexer import (
    COMMENTS,
    IDENTIFIER_PART,
    WHITE_SPACE,
    end_of_block_comment,
    refuse_nul,
    scan,
    skip_blank,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codezest_sql.core.sql.lexer import Token


class Statement(NamedTuple):
    """The statement ``text[start:end]``: from its first token to its last, without its semicolon.

    Comments and white space before and after are not part of it, those within are.
    """

    start: int
    end: int

    def text(self, source: str) -> str:
        """Return the statement as it is written in ``source``."""
        return source[self.start : self.end]


# What can end a statement or hide a semicolon, with the uninteresting text before it. Whole strings, names and
# comments are skipped in one step, and so are parentheses around nothing but plain text and plain strings, as the
# rows of a large INSERT are; where an E before a quote may be the end of a name, the quote is a stop.
_STOP = re.compile(
    rf"""[^;()'"$\-/\\bB]*+ (?:
      (?P<row> \( (?: [^();'"$\-/\\eE]++ | [eE] (?!') | - (?!-) | / (?!\*) | ' [^']*+ ' )*+ \) )
    | (?P<open>\()
    | (?P<close>\))
    | (?P<passed>
          (?<![eE]) ' [^']*+ (?: '' [^']*+ )*+ '
        | (?<=[ \t\n\r\f\v,(=\[|][eE]) ' [^'\\]* (?:\\.[^'\\]*){{0,99}} ' (?!'|[ \t\f\v]*(?:[\n\r]|--))
        | " [^"]+ " (?!")
      )
    | (?P<semicolon>;)
    | (?P<comment>-- [^\n\r]*)
    | (?P<begin>[bB][eE][gG][iI][nN] (?!{IDENTIFIER_PART}))
    | (?P<quote>['"$])
    | (?P<block_comment>/\*)
    | (?P<backslash>\\)
    | (?P<nothing>[bB/-])
    | (?P<end>\Z)
    )""",
    re.VERBOSE | re.DOTALL,
)
_ROW, _OPEN, _CLOSE, _PASSED, _SEMICOLON, _COMMENT, _BEGIN, _QUOTE, _BLOCK_COMMENT, _BACKSLASH, _NOTHING, _ = range(
    1, 13
)

# After one of these a token begins, whatever came before.
_BOUNDARY = frozenset(" \t\n\r\f\v,(=[|")
_END = re.compile(rf"[eE][nN][dD](?!{IDENTIFIER_PART})")
_ATOMIC = re.compile(rf"[aA][tT][oO][mM][iI][cC](?!{IDENTIFIER_PART})")
_ROUTINE = frozenset({"FUNCTION", "PROCEDURE"})


def split_statements(text: str, *, file: str = "<text>") -> tuple[Statement, ...]:
    """Return the statements of the text in order, empty ones left out.

    Parentheses that do not match are the server's to refuse: an unclosed one makes the rest one statement. Raises
    ``LexicalError`` as ``core.lexer.tokens`` does.
    """
    return tuple(_Splitter(text, file).statements())


def iterate_statements(text: str, *, file: str = "<text>") -> Iterator[Statement]:
    """Yield the statements of ``split_statements`` as they are found, and an error where it stands.

    For text that continues with something else than SQL, such as the data of COPY … FROM stdin: whoever stops there
    sees no error of what follows.
    """
    return _Splitter(text, file).statements()


def find_backslashes(text: str, *, file: str = "<text>") -> tuple[int, ...]:
    """Return the offsets of all backslashes outside of quotes and comments, where psql's commands begin.

    Raises ``LexicalError`` as ``core.lexer.tokens`` does.
    """
    if "\\" not in text:
        return ()
    splitter = _Splitter(text, file)
    deque(splitter.statements(), maxlen=0)
    return tuple(splitter.backslashes)


class _Splitter:
    """One skip a text."""

    __slots__ = ("_blank", "_bodies", "_comment_end", "_element", "_file", "_start", "_text", "backslashes")

    def __init__(self, text: str, file: str) -> None:
        refuse_nul(text, file=file)
        self._text = text
        self._file = file
        self._start = 0  # of the statement
        self._element = 0  # of the statement, or of the one within the innermost BEGIN ATOMIC body
        self._bodies = 0  # BEGIN ATOMIC bodies that are open
        self._comment_end = 0  # of the last comment
        self._blank = 0  # where that comment begins, with the white space and the comments before it
        self.backslashes: list[int] = []

    def statements(self) -> Iterator[Statement]:
        text = self._text
        self._start = self._element = skip_blank(text, 0, file=self._file)
        depth = 0  # parentheses that are open
        position = last = 0  # where the last stop ended: a token or white space begins there
        while position < len(text):
            for stop in _STOP.finditer(text, position):
                kind = stop.lastindex or 0
                if kind >= _NOTHING:
                    continue
                if kind == _ROW:
                    pass
                elif kind <= _CLOSE:
                    depth = max(depth + (1 if kind == _OPEN else -1), 0)
                elif kind == _SEMICOLON and not depth:
                    if not self._bodies and self._start < stop.end() - 1:
                        yield Statement(self._start, self._end(last, stop.end() - 1))
                    self._begin_at(stop.end())
                elif kind != _PASSED:
                    position = self._rare(kind, last, stop.start(kind), stop.end(), depth)
                    if position != stop.end():
                        last = position
                        break
                last = stop.end()
            else:
                break
        if self._start < len(text):
            yield Statement(self._start, self._end(last, len(text)))

    def _begin_at(self, offset: int) -> None:
        """Begin a statement after a semicolon, or the next one of a body, or close the body."""
        self._element = skip_blank(self._text, offset, file=self._file)
        if self._bodies:
            self._bodies -= bool(_END.match(self._text, self._element))
        else:
            self._start = self._element

    def _rare(self, kind: int, last: int, at: int, end: int, depth: int) -> int:
        """Take in a stop that is neither parenthesis nor semicolon; return where to continue."""
        if kind in {_COMMENT, _BLOCK_COMMENT}:
            self._blank = self._end(last, at)
            if kind == _BLOCK_COMMENT:
                end = end_of_block_comment(self._text, at, len(self._text), file=self._file)
            self._comment_end = end
        elif kind == _QUOTE:
            end = self._end_of_quote(last, at)
        elif kind == _BACKSLASH:
            self.backslashes.append(at)
        elif kind == _BEGIN and not depth and self._opens_body(last, at):
            atomic = skip_blank(self._text, end, file=self._file)
            self._element = skip_blank(self._text, atomic + len("ATOMIC"), file=self._file)
            self._bodies += not _END.match(self._text, self._element)
        return end

    def _end(self, last: int, at: int) -> int:
        """Return the end of the last token before ``at``."""
        while at > last and self._text[at - 1] in WHITE_SPACE:
            at -= 1
        return self._blank if at == self._comment_end else at

    def _end_of_quote(self, last: int, at: int) -> int:
        """Return the end of the token that the quote or dollar sign at ``at`` is part of."""
        text = self._text
        begin = at - 1 if text[at] == "'" and at > last and text[at - 1] in "eE" else at
        if begin > last and text[begin - 1] not in _BOUNDARY:
            begin = last  # an identifier, a number or a prefix may reach up to here
        return self._token_at(at, begin).end

    def _opens_body(self, last: int, at: int) -> bool:
        """Whether the word BEGIN at ``at`` opens a BEGIN ATOMIC body."""
        text = self._text
        atomic = skip_blank(text, at + len("BEGIN"), file=self._file)
        if text[self._element] not in "cC" or not _ATOMIC.match(text, atomic):
            return False
        words = leading_words(text, Statement(self._element, at), 4)
        routine = words[3:] if words[1:3] == ("OR", "REPLACE") else words[1:2]
        return words[0] == "CREATE" and not _ROUTINE.isdisjoint(routine) and self._token_at(at, last).start == at

    def _token_at(self, at: int, begin: int) -> Token:
        """Return the token that covers ``at``; a token or white space begins at ``begin``."""
        found = scan(self._text, begin, len(self._text), file=self._file)
        return next(token for token in found if token.end > at)


def significant_tokens(text: str, statement: Statement) -> Iterator[Token]:
    """Yield the tokens of the statement without its comments."""
    return (token for token in scan(text, statement.start, statement.end) if token.kind not in COMMENTS)


def leading_words(text: str, statement: Statement, limit: int = 8) -> tuple[str, ...]:
    """Return the first ``limit`` tokens: unquoted words in upper case, all else as written, comments left out."""
    first = islice(significant_tokens(text, statement), limit)
    return tuple(token.keyword(text) or token.text(text) for token in first)
