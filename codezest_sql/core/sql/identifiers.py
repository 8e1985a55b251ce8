"""Identifiers as SQL writes them, and the names that PostgreSQL keeps of them. Asks no server.

An unquoted identifier is folded to lower case, ASCII letters only in a UTF-8 database; a quoted one is kept; both are
cut to 63 bytes without a message that fails anything (``downcase_truncate_identifier`` in ``scansup.c``).
"""

from __future__ import annotations

import re

from codezest_sql.core.sql.lexer import TokenKind, tokens

# NAMEDATALEN - 1 of src/include/pg_config_manual.h, in bytes of UTF-8.
MAXIMUM_LENGTH = 63


def stored_name(identifier: str) -> str:
    """Return the name that the server keeps for one identifier as written: quotes off, folded, cut."""
    if identifier[:1] in {"u", "U"} and identifier[1:3] == '&"':
        name = decode_unicode(identifier)
    elif identifier.startswith('"'):
        name = identifier[1:-1].replace('""', '"')
    else:
        name = "".join(character.lower() if character.isascii() else character for character in identifier)
    return name.encode("utf-8", "surrogatepass")[:MAXIMUM_LENGTH].decode("utf-8", "ignore")


def quoted(name: str) -> str:
    """Return the identifier that means exactly this name."""
    return '"' + name.replace('"', '""') + '"'


def split_name(name: str) -> tuple[str, ...]:
    """Return the identifiers, as written, of a dotted name such as ``learning."My table"``."""
    identifiers = (TokenKind.WORD, TokenKind.QUOTED_IDENTIFIER)
    return tuple(token.text(name) for token in tokens(name) if token.kind in identifiers)


def decode_unicode(identifier: str, escape: str = "\\") -> str:
    r"""Return the name of ``U&"d\0061t\+000061"``; ``escape`` is the value of a UESCAPE clause after it.

    What is no escape is kept: the server refuses such an identifier anyway.
    """
    body = identifier[3:-1].replace('""', '"')
    mark = re.escape(escape)
    found = re.compile(rf"{mark}(?:({mark})|([0-9A-Fa-f]{{4}})|\+([0-9A-Fa-f]{{6}}))")

    def decoded(match: re.Match[str]) -> str:
        code = int(match[2] or match[3] or "0", 16)
        return escape if match[1] else chr(code) if code <= 0x10FFFF else match[0]  # noqa: PLR2004  # Unicode's end

    name = found.sub(decoded, body)
    # A character above U+FFFF may be written as two surrogates.
    return name.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
