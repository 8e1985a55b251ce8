"""The header comments of a migration: ``-- depends: …``, ``-- transactional: false`` and the like.

``-- codezest: plain`` states that a file is SQL from its first line to its last, whatever another tool would read in
it. The line is not a part of the content that is hashed: an applied file may get it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codezest_sql.core.sql.lexer import TokenKind, skip_blank, tokens
from codezest_sql.core.text.decode import composed
from codezest_sql.core.text.duration import parse_duration
from codezest_sql.core.text.suggestion import nearest
from codezest_sql.errors import CodezestError, DirectiveError, LexicalError
from codezest_sql.place import Place, excerpt, place_at

if TYPE_CHECKING:
    from collections.abc import Callable

KNOWN_DIRECTIVES = ("depends", "transactional", "lock-timeout", "irreversible", "codezest")

# Words with a colon that people and other tools put at the top of a file. They are comments to us.
_PLAIN_WORDS = frozenset(
    re.findall(
        r"\S+",
        """
        author authors by code copyright created created-at created_at date desc description down example file
        fixme issue jira license link migrate migration name note notes owner purpose ref reviewed reviewer see
        since sqlfluff squawk ticket title todo up updated url version warning
        """,
    )
)
_LINE = re.compile(r"[ \t]*--[ \t]*([A-Za-z][A-Za-z_-]*(?: [A-Za-z_-]+)?)[ \t]*:(?!//)[ \t]*([^\r\n]*)")
_LINE_END = re.compile(r"\r\n|\r|\n")
# Words about how to run a file, and values that only a setting has.
_ORDER = re.compile("timeout|transaction|isolation|lock|require|depend|retr[iy]|concurrent|idempotent|reversible")
_SETTING = re.compile(r"true|false|yes|no|on|off|none|[0-9]+ ?(?:ms|s|sec|min|m|h)?", re.IGNORECASE)
_MISPLACED = re.compile(rf"--[ \t]*({'|'.join(KNOWN_DIRECTIVES)})[ \t]*:", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Irreversible:
    """Why a migration cannot be rolled back, and the place of that header."""

    reason: str
    place: Place


@dataclass(frozen=True, slots=True)
class Directives:
    """The values of a header; None and () if it sets nothing. ``lock_timeout`` is in seconds.

    ``depends_places`` are the places of the names of ``depends``.
    """

    depends: tuple[str, ...] = ()
    depends_places: tuple[Place, ...] = ()
    transactional: bool | None = None
    lock_timeout: float | None = None
    irreversible: Irreversible | None = None


def says_plain(text: str) -> bool:
    """Whether the header has ``-- codezest: plain``."""
    return without_plain_header(text) != text


def without_plain_header(text: str) -> str:
    """Return the text without the lines ``-- codezest: plain`` of its header."""
    if "codezest" not in text.lower():
        return text
    try:
        first = skip_blank(text, 0)
    except LexicalError:  # a comment without an end, reported elsewhere
        return text
    for offset, word, value, _ in reversed(_directive_lines(text, first)):
        if word == "codezest" and value.lower() == "plain":
            start = max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset)) + 1
            end = _LINE_END.search(text, offset)
            text = text[:start] + (text[end.end() :] if end else "")
    return text


def read_directives(
    text: str, first: int, *, file: str, errors: list[CodezestError], foreign: bool = False
) -> Directives:
    """Read the directives in the comments before offset ``first``, where the first statement begins.

    In a ``foreign`` file, written for another tool, an unknown word is an ordinary comment unless it is near to ours.

    Mistakes are appended to ``errors``: an unknown directive, an unusable value, one that is given twice with
    two values, and a known one that stands below the first statement, where it has no effect.
    """
    depends: dict[str, Place] = {}
    values: dict[str, bool | float | str] = {}
    offsets: dict[str, int] = {}

    def refuse(offset: int, message: str, hint: str) -> None:
        place = place_at(file, text, offset)
        errors.append(DirectiveError(message, place=place, hint=hint, source=excerpt(text, place)))

    for offset, word, value, value_offset in _directive_lines(text, first):
        if word not in KNOWN_DIRECTIVES:
            hint = _unknown(word, value, foreign=foreign)
            if hint:
                refuse(offset, f"unknown directive {word!r}", hint)
        elif word == "depends":
            for name in re.finditer(r"\S+", value):
                depends.setdefault(composed(name[0]), place_at(file, text, value_offset + name.start()))
        else:
            try:
                parsed = _PARSERS[word](value)
            except ValueError as error:
                refuse(value_offset, f"{word}: {error}", f"write -- {word}: {_EXAMPLES[word]}")
                continue
            offsets.setdefault(word, offset)
            if values.setdefault(word, parsed) != parsed:
                refuse(offset, f"{word} is given twice, with two values", "keep one of them")
    for offset, word in _misplaced(text, first):
        refuse(
            offset,
            f"the directive {word!r} stands below the first statement, where it has no effect",
            "move it to the top of the file",
        )
    transactional = values.get("transactional")
    lock_timeout = values.get("lock-timeout")
    reason = values.get("irreversible")
    return Directives(
        depends=tuple(depends),
        depends_places=tuple(depends.values()),
        transactional=None if transactional is None else bool(transactional),
        lock_timeout=None if lock_timeout is None else float(lock_timeout),
        irreversible=Irreversible(str(reason), place_at(file, text, offsets["irreversible"])) if reason else None,
    )


def _directive_lines(text: str, first: int) -> list[tuple[int, str, str, int]]:
    """Return (offset of the word, word, value, offset of the value) of each ``-- word: value`` line."""
    found: list[tuple[int, str, str, int]] = []
    inside_block = 0
    # A comment ends at a carriage return as well (scan.l), and at no other line separator of Unicode.
    for line in re.finditer(r"[^\r\n]+", text[:first]):
        match = None if inside_block else _LINE.match(line[0])
        if match:
            start = line.start()
            found.append((start + match.start(1), match[1].lower(), match[2].strip(), start + match.start(2)))
        elif inside_block or not line[0].lstrip().startswith("--"):
            # Comments nest (PostgreSQL documentation, 4.1.5); a header has no quotes that could hide one.
            inside_block += line[0].count("/*") - line[0].count("*/")
    return found


def _misplaced(text: str, first: int) -> list[tuple[int, str]]:
    """Return (offset, word) of each line comment below the first statement that reads as a directive of ours."""
    candidates = {
        match.start(1): match[1].lower()
        for match in _MISPLACED.finditer(text, first)
        if not text[text.rfind("\n", 0, match.start()) + 1 : match.start()].strip(" \t")  # alone on its line
    }
    if not candidates:  # nearly always: the tokens of a large file are not looked at for nothing
        return []
    comments: set[int] = set()  # where they begin, after their dashes
    try:
        for token in tokens(text):
            if token.kind is TokenKind.LINE_COMMENT:
                body = token.text(text)[2:]
                comments.add(token.end - len(body.lstrip(" \t")))
    except LexicalError:
        pass  # reported elsewhere; what is before it counts
    return [(offset, word) for offset, word in candidates.items() if offset in comments]


def _unknown(word: str, value: str, *, foreign: bool) -> str | None:
    """Return the hint of an unknown directive, or None where the line is an ordinary comment.

    A word near to a known one is a misspelling that must not be lost (``depends on``, ``lock_timeout``). So is what
    reads like an order to whoever runs the file, by its word (``isolation``, ``statement-timeout``) or by its value
    (``true``, ``5s``). All else is a comment: generators and people write ``-- Table: public.users`` and
    ``-- Source: docs/tables.json`` at the top of a file.
    """
    if word in _PLAIN_WORDS:
        return None
    meant = nearest(word.replace("_", "-").replace(" ", "-"), KNOWN_DIRECTIVES)
    if meant:
        return f"did you mean -- {meant}: {value}?"
    orders = _ORDER.search(word) or _SETTING.fullmatch(value)
    if not foreign and orders and len(value.split()) == 1 and " " not in word:
        return f"known are {', '.join(KNOWN_DIRECTIVES)}; for a plain comment leave out the colon"
    return None


def _boolean(value: str) -> bool:
    try:
        return {"true": True, "false": False}[value.lower()]
    except KeyError:
        raise ValueError(f"{value!r} is neither true nor false") from None


def _reason(value: str) -> str:
    if not value:
        raise ValueError("the reason is missing")
    return value


def _plain(value: str) -> bool:
    if value.lower() != "plain":
        raise ValueError(f"{value!r} is unknown; the only value is plain")
    return True


_PARSERS: dict[str, Callable[[str], bool | float | str]] = {
    "transactional": _boolean,
    "lock-timeout": parse_duration,
    "irreversible": _reason,
    "codezest": _plain,
}
_EXAMPLES = {
    "transactional": "false",
    "lock-timeout": "5s",
    "irreversible": "why it cannot be undone",
    "codezest": "plain",
}
