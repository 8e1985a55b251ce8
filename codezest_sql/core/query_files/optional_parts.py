"""The optional parts and orders of a query: ``-- :if x`` … ``-- :end``, ``-- :order newest`` … ``-- :end``.

Each directive has its line for itself. A part is SQL that can be taken out: its parentheses are its own. The first
order is live SQL; every other one is commented, each line of it. Here those comments are opened: their dashes become
blanks, so that every offset stays that of the file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from codezest_sql.core.python_types.identifiers import SNAKE_CASE, freed, is_keyword, snake_case
from codezest_sql.core.query_files.blocks import is_alone
from codezest_sql.core.query_files.header import COLON_LINE, PARTS, lost_directive
from codezest_sql.core.query_files.query import ALWAYS, Condition
from codezest_sql.core.sql.lexer import COMMENTS, TokenKind, scan
from codezest_sql.errors import CodezestError, LexicalError, QueryPartError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from codezest_sql.core.sql.lexer import Token
    from codezest_sql.core.text.source_text import SourceText

_OPENING = {"(": ")", "[": "]"}
_WORD = re.compile(r"\S+")


class Segment(NamedTuple):
    """``text[start:end]`` of the opened text is part of the SQL when the condition holds."""

    start: int
    end: int
    when: Condition


@dataclass(slots=True)
class Parts:
    """A query's body, cut at its directives.

    ``text`` is the file's with the commented orders of this query opened. ``tokens`` are the live tokens without
    comments; ``arms`` are those of each opened order.
    """

    text: str
    segments: list[Segment] = field(default_factory=list[Segment])
    tokens: list[Token] = field(default_factory=list["Token"])
    arms: list[list[Token]] = field(default_factory=list[list["Token"]])
    ifs: dict[str, int] = field(default_factory=dict[str, int])
    orders: dict[str, int] = field(default_factory=dict[str, int])


@dataclass(slots=True)
class _Open:
    """An ``:if`` or an order that is open: where its directive stands, and how many brackets were open there."""

    word: str
    name: str
    at: int
    depth: int
    body: int
    is_commented: bool = False
    tokens: int = 0  # how many live tokens came before it


def is_part(text: str, comment: Token) -> bool:
    """Whether a comment begins, changes or ends a part."""
    match = COLON_LINE.match(text, comment.start) if comment.kind is TokenKind.LINE_COMMENT else None
    return match is not None and match[1] in PARTS and is_alone(text, comment.start)


def read_parts(
    source: SourceText, start: int, tokens: Sequence[Token], errors: list[CodezestError], *, strict: bool = True
) -> Parts:
    """Return the parts of the body that begins at ``start`` with ``tokens``; mistakes are appended to ``errors``.

    Where not ``strict``, a comment that only looks like a directive is a comment.
    """
    body = source.text[tokens[0].start : tokens[-1].end] if tokens else ""
    if tokens and "--" not in body and "/*" not in body:  # so there is nothing to be found
        end = tokens[-2 if _is_semicolon(source.text, tokens) else -1].end
        return Parts(source.text, [Segment(start, end, ALWAYS)], list(tokens))
    comments = [
        index
        for index, (kind, _, _) in enumerate(tokens)
        if kind is TokenKind.LINE_COMMENT or kind is TokenKind.BLOCK_COMMENT
    ]
    reader = _Reader(source, start, errors, strict=strict)
    before = 0
    for index in comments:  # most tokens are of no concern here
        reader.live(tokens[before:index])
        if tokens[index].kind is TokenKind.LINE_COMMENT:
            reader.comment(tokens[index])
        before = index + 1
    reader.live(tokens[before:])
    reader.close()
    return reader.parts


def _is_semicolon(text: str, tokens: Sequence[Token]) -> bool:
    """Whether the last of several tokens is a semicolon: a comment before it is not sent."""
    return len(tokens) > 1 and text[tokens[-1].start] == ";"


class _Reader:
    """Goes over the tokens of one body once."""

    def __init__(self, source: SourceText, start: int, errors: list[CodezestError], *, strict: bool) -> None:
        self.parts = Parts(source.text)
        self._source = source
        self._text = source.text  # as written: directives are read from it
        self._errors = errors
        self._strict = strict
        self._cursor = start
        self._open: list[_Open] = []
        self._brackets: list[tuple[str, int]] = []
        self._when = ALWAYS
        self._groups = 0
        self._told_live = False

    def live(self, tokens: Sequence[Token]) -> None:
        """Take in the next tokens, which are no comments."""
        if self._open and self._open[-1].is_commented:
            if tokens and not self._told_live:
                name = self._open[-1].name
                hint = "write -- before each of its lines; only the first order is live SQL"
                self._refuse(tokens[0].start, f"the SQL of the order {name!r} is not commented", hint)
                self._told_live = True
            return
        self.parts.tokens.extend(tokens)
        self._balance(tokens)

    def close(self) -> None:
        """Take in the end of the query: what is open still was forgotten."""
        for part in self._open:
            self._refuse(part.at, f"this :{part.word} is not closed", "write -- :end on a line of its own below it")
        tokens = self.parts.tokens
        if tokens:
            self._cut(tokens[-2 if _is_semicolon(self._text, tokens) else -1].end)

    def _refuse(self, offset: int, message: str, hint: str) -> None:
        self._errors.append(self._source.mistake(QueryPartError, offset, message, hint))

    def _balance(self, tokens: Sequence[Token]) -> None:
        """Follow the brackets among these tokens; one that closes what is outside of its part is a mistake."""
        text = self.parts.text
        floor = self._open[-1].depth if self._open else 0
        for at in [start for kind, start, _ in tokens if kind is TokenKind.PUNCTUATION and text[start] in "()[]"]:
            character = text[at]
            if character in _OPENING:
                self._brackets.append((character, at))
            elif len(self._brackets) > floor:
                self._brackets.pop()
            elif self._open:
                hint = "take it out of the part, or take the opening one in"
                self._refuse(at, f"this {character} closes one that was opened outside of the part", hint)

    def comment(self, token: Token) -> None:
        """Take in a line comment, which may be a directive."""
        match = COLON_LINE.match(self._text, token.start)
        if match and match[1] in PARTS:
            if is_alone(self._text, token.start):
                self._directive(token, match[1], match[2], match.start(1) - 1, match.start(2))
            else:
                hint = "put it on a line of its own"
                self._refuse(token.start, f"-- :{match[1]} follows SQL, where it has no effect", hint)
        elif self._open and self._open[-1].is_commented and not match:
            self.parts.text = f"{self.parts.text[: token.start]}  {self.parts.text[token.start + 2 :]}"
        elif self._strict and is_alone(self._text, token.start) and (mistake := lost_directive(self._source, token)):
            self._errors.append(mistake)

    def _directive(self, token: Token, word: str, said: str, at: int, said_at: int) -> None:
        line = max(self._text.rfind("\n", 0, token.start), self._text.rfind("\r", 0, token.start)) + 1
        self._cut(line)
        self._cursor = token.end + (
            2 if self._text.startswith("\r\n", token.end) else 1 if token.end < len(self._text) else 0
        )
        if word == "end":
            self._end(said, at, said_at, line)
            return
        name = self._name(word, said, at, said_at)
        if word == "if":
            self._if(name, at)
        else:
            self._order(name, at, said_at, line)

    def _name(self, word: str, said: str, at: int, said_at: int) -> str:
        """Return the name of a part; "" after a mistake."""
        names = list(_WORD.finditer(said))
        example = "-- :if status" if word == "if" else "-- :order newest"
        if not names:
            self._refuse(at, f":{word} names nothing", f"write {example}")
            return ""
        if len(names) > 1:
            hint = f"write {example}; parts within each other mean several conditions"
            self._refuse(said_at + names[1].start(), f":{word} takes one name", hint)
        name = names[0][0].removeprefix(":") if word == "if" else names[0][0]
        if not SNAKE_CASE.fullmatch(name):
            meant = snake_case(name)
            hint = f"write {freed(meant)}" if SNAKE_CASE.fullmatch(meant) else f"write {example}"
            self._refuse(said_at, f"{name!r} is no name in snake_case", hint)
            return ""
        if word == "if" and is_keyword(name):
            self._refuse(said_at, f"{name!r} is a keyword of Python", f"write {name}_, as a parameter too")
            return ""
        return name

    def _if(self, name: str, at: int) -> None:
        if self._open and self._open[-1].word == "order":
            self._refuse(at, "an :if within an order", "close the order with -- :end before it")
        self.parts.ifs.setdefault(name, at) if name else None
        self._push("if", name, at)
        self._when = Condition(self._when.ifs | ({name} if name else set()), self._when.order)

    def _order(self, name: str, at: int, name_at: int, line: int) -> None:
        if self._open and self._open[-1].word == "order":
            self._close_order(line)
        else:
            self._groups += 1
            if self._open:
                self._refuse(at, "an :order within an :if", "close the :if with -- :end before it")
            elif self._groups > 1:
                self._refuse(at, "a query has one group of orders", "put all orders into one, up to one -- :end")
        if name in self.parts.orders:
            self._refuse(name_at, f"the order {name!r} is there already", "give it another name")
        is_first = not self.parts.orders
        if name:
            self.parts.orders.setdefault(name, at)
        self._push("order", name, at, is_commented=not is_first)
        self._when = Condition(self._when.ifs, name or None)

    def _push(self, word: str, name: str, at: int, *, is_commented: bool = False) -> None:
        self._told_live = False
        self._open.append(
            _Open(word, name, at, len(self._brackets), self._cursor, is_commented, len(self.parts.tokens))
        )

    def _end(self, said: str, at: int, said_at: int, line: int) -> None:
        if said:
            self._refuse(said_at, ":end takes no name", "write -- :end")
        if not self._open:
            self._refuse(at, "this :end closes nothing", "remove it, or write the -- :if or -- :order above")
        elif self._open[-1].word == "order":
            self._close_order(line)
        else:
            part = self._close_part()
            self._when = Condition(self._when.ifs - ({part.name} - {other.name for other in self._open}))
            if len(self.parts.tokens) == part.tokens:
                self._refuse(part.at, f"there is no SQL in this :{part.word}", "remove it, or write its SQL")

    def _close_part(self) -> _Open:
        part = self._open.pop()
        while len(self._brackets) > part.depth:
            character, at = self._brackets.pop()
            hint = f"write the {_OPENING[character]} before the end of the part"
            self._refuse(at, f"this {character} is not closed within the part", hint)
        return part

    def _close_order(self, line: int) -> None:
        """Close the order that is open; ``line`` is where the line of the directive that does begins."""
        part = self._close_part()
        self._when = Condition(self._when.ifs)
        if not part.is_commented:
            if len(self.parts.tokens) == part.tokens:
                self._refuse(part.at, f"there is no SQL in the order {part.name!r}", "write ORDER BY … below it")
            return
        try:
            found = [
                token
                for token in scan(self.parts.text, part.body, line, file=self._source.file)
                if token.kind not in COMMENTS
            ]
        except LexicalError as error:
            self._errors.append(error)
            return
        if not found and not self._told_live:
            self._refuse(part.at, f"there is no SQL in the order {part.name!r}", "write -- ORDER BY … below it")
        self.parts.arms.append(found)
        self._open.append(part)
        self._balance(found)
        self._close_part()

    def _cut(self, end: int) -> None:
        if end > self._cursor:
            self.parts.segments.append(Segment(self._cursor, end, self._when))
            self._cursor = end
