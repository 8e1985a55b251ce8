"""Inline ignores: ``-- lint: ignore CODE: reason`` above or behind a statement, ``ignore-file`` at the top of a file.

One without a reason, of an unknown code, or that nothing needs is itself a finding: an unused one would
hide the next mistake.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codezest_sql.core.lint.finding import Finding, Severity
from codezest_sql.core.lint.settings import group_of, is_known
from codezest_sql.core.sql.lexer import TokenKind, tokens
from codezest_sql.errors import LexicalError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from codezest_sql.core.sql.statements import Statement
    from codezest_sql.core.text.source_text import SourceText

_CODE = r"(?:[a-z]+:)?[A-Za-z][\w.-]*"
_COMMENT = re.compile(rf"--\s*lint:\s*(ignore(?:-file)?)\b\s*({_CODE}(?:\s*,\s*{_CODE})*)?\s*(?::(.*))?$")
_ANY = re.compile(r"--\s*lint\s*:", re.IGNORECASE)
HOW = "write -- lint: ignore CODE: reason"


@dataclass(frozen=True, slots=True)
class Ignore:
    """One code that is ignored: in the lines ``first`` to ``last``, or in the whole file where ``first`` is 0."""

    code: str
    offset: int
    first: int
    last: int

    def covers(self, finding: Finding) -> bool:
        """Return whether it is about this finding; ``squawk`` and ``sqlfluff`` are about all that they find."""
        if self.code not in {finding.code, group_of(finding.code)}:
            return False
        return self.first == 0 or self.first <= finding.place.line <= self.last


def read_ignores(source: SourceText, statements: Sequence[Statement]) -> tuple[tuple[Ignore, ...], list[Finding]]:
    """Return the ignores of a file, and what is wrong with them."""
    found: list[Ignore] = []
    mistakes: list[Finding] = []
    if "lint" not in source.text:
        return (), mistakes

    def refuse(offset: int, code: str, message: str, hint: str) -> None:
        mistakes.append(Finding(code, Severity.ERROR, source.place(offset), message, hint))

    for start, comment in _comments(source.text):
        match = _COMMENT.fullmatch(comment.rstrip())
        if match is None or not match[2]:
            if _ANY.match(comment):
                refuse(start, "ignore", "this is no ignore that lint understands", HOW)
            continue
        if not (match[3] or "").strip():
            refuse(start, "ignore-without-reason", f"the reason why {match[2]} is ignored is missing", HOW)
            continue
        lines = (0, 0) if match[1] == "ignore-file" else _lines(source, statements, start)
        for code in re.split(r"\s*,\s*", match[2]):
            problem = is_known(code)
            if problem:
                refuse(start, "ignore", f"there is no rule {code!r}", problem)
            elif lines is None:
                refuse(start, "unused-ignore", "no statement stands directly below or next to this", HOW)
            else:
                found.append(Ignore(code, start, *lines))
    return tuple(found), mistakes


def apply_ignores(
    findings: Iterable[Finding], ignores: Sequence[Ignore], source: SourceText, *, judged: Callable[[str], bool]
) -> Iterator[Finding]:
    """Give the findings that are not ignored, and each ignore of a ``judged`` code that was about nothing."""
    used: set[Ignore] = set()
    for finding in findings:
        covering = [each for each in ignores if each.covers(finding)]
        used.update(covering)
        if not covering:
            yield finding
    for each in ignores:
        if each not in used and judged(each.code):
            yield Finding(
                "unused-ignore",
                Severity.ERROR,
                source.place(each.offset),
                f"nothing here breaks {each.code}",
                "remove the comment",
            )


def _comments(text: str) -> Iterator[tuple[int, str]]:
    try:
        for token in tokens(text):
            if token.kind is TokenKind.LINE_COMMENT:
                yield token.start, token.text(text)
    except LexicalError:
        return  # reported elsewhere; what is before it counts


def _lines(source: SourceText, statements: Sequence[Statement], offset: int) -> tuple[int, int] | None:
    """Return the first and last line of the statement that a comment at ``offset`` is about."""
    text = source.text
    for index, statement in enumerate(statements):
        following = statements[index + 1].start if index + 1 < len(statements) else len(text)
        behind = statement.start <= offset < following and "\n" not in text[statement.end : offset]
        between = text[offset : statement.start] if offset < statement.start else ""
        above = bool(between) and all(line.lstrip().startswith("--") for line in between.split("\n")[:-1])
        alone = above and not between.split("\n")[-1].strip()
        if behind or alone:
            return source.place(statement.start).line, source.place(statement.end).line
    return None
