"""Strings as Python source: short ones, long ones, SQL and docstrings. Whatever the text holds, it stays text."""

from __future__ import annotations

import re

from codezest_sql.core.python_code.layout import WIDTH

_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\\": "\\\\"}
_UNUSUAL = re.compile(r"[^ -\[\]-~\n\t]")  # all but printable ASCII without the backslash
_QUOTES = re.compile('"{3,}')
_CLOSING_QUOTES = re.compile('"{3,}|"+\\Z')
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def string(text: str) -> str:
    """Return the literal of a text, on one line; in double quotes unless single ones save backslashes."""
    quote = "'" if text.count('"') > text.count("'") else '"'
    return quote + "".join(f"\\{quote}" if one == quote else _escaped(one) for one in text) + quote


def long_string(text: str, *, indent: int, taken: int) -> str:
    """Return the literal of a text in as many pieces as the width asks for, each on its own line.

    ``indent`` is that of the line, ``taken`` what else is on its first one; one more character is left for a
    comma.
    """
    pieces: list[str] = []
    piece = ""
    for word in re.findall(r"\s*\S+\s*?(?=\s|\Z)|\s+\Z", text):
        room = WIDTH - indent - 1 - (0 if pieces else taken)
        if piece and len(string(piece + word)) + 1 > room:  # the blank between two words stays in the first piece
            blank = word[: len(word) - len(word.lstrip())]
            pieces.append(piece + blank)
            piece = word.lstrip()
        else:
            piece += word
    pieces.append(piece)
    return f"\n{' ' * indent}".join(string(one) for one in pieces)


def block(text: str) -> str:
    """Return the literal of a text of several lines, as it is, from the margin on."""
    body = _CLOSING_QUOTES.sub(_broken_quotes, _kept_lines(text))
    return f'"""\\\n{body}"""'


def docstring(text: str, *, indent: int) -> str:
    """Return the docstring of a text, with no indent before its first line. The text is not empty.

    A lone surrogate becomes U+FFFD, the replacement character: since Python 3.13 the compiler removes the indentation
    of docstrings in UTF-8, which has no lone surrogates, and refuses even an escaped one.
    """
    text = _LONE_SURROGATE.sub("\ufffd", text)
    blank = " " * indent
    lines = [_QUOTES.sub(_broken_quotes, _kept_lines(line)) for line in _cleaned(text)] or ["…"]
    if lines[0].startswith('"'):
        lines[0] = f" {lines[0]}"
    if len(lines) == 1 and indent + len(lines[0]) + 6 <= WIDTH:
        end = " " if lines[0].endswith('"') else ""
        return f'"""{lines[0]}{end}"""'
    if len(lines) == 1:
        line = lines[0]
        lines = _wrapped(line, WIDTH - indent - 3, WIDTH - indent)
        if len(lines) == 1 and " " in line:
            # Only the closing quotes do not fit. On a line of their own a formatter would pull them up again.
            lines = _wrapped(line, WIDTH - indent - 6, WIDTH - indent)
    body = "\n".join([lines[0], *(blank + line if line else "" for line in lines[1:])])
    return f'"""{body}\n{blank}"""'


def _cleaned(text: str) -> list[str]:
    """Return the lines without the indentation that all but the first share, as Python itself reads a docstring."""
    first, *others = text.expandtabs(4).strip().splitlines() or [""]
    margin = min((len(line) - len(line.lstrip()) for line in others if line.strip()), default=0)
    return [first.rstrip(), *(line[margin:].rstrip() for line in others)] if first else []


def _wrapped(line: str, first: int, others: int) -> list[str]:
    """Break a long line between words."""
    lines: list[str] = []
    current = ""
    for word in line.split(" "):
        room = others if lines else first
        if current and len(current) + 1 + len(word) > room:
            lines.append(current)
            current = word
        else:
            current = f"{current} {word}" if current else word
    return [*lines, current]


def _broken_quotes(match: re.Match[str]) -> str:
    return '\\"' * len(match[0])


def _kept_lines(text: str) -> str:
    """Escape what a source file cannot hold or would change; line ends stay."""
    return _UNUSUAL.sub(lambda match: _escaped(match[0]), text)


def _escaped(one: str) -> str:
    if one in _ESCAPES:
        return _ESCAPES[one]
    if one.isprintable():
        return one
    code = ord(one)
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"  # noqa: PLR2004  # the three escapes of Python
