"""Which schemas and which settings of a database or role a migration makes itself. Pure."""

from __future__ import annotations

import re

_NAME = r"""(?:"((?:[^"]|"")+)"|([^\W\d][\w$]*))"""
# Also within the quoted body of a DO block.
_CREATE_SCHEMA = re.compile(
    rf"\bCREATE\s+SCHEMA\s+(IF\s+NOT\s+EXISTS\s+)?(?:AUTHORIZATION\s+)?{_NAME}", re.IGNORECASE
)
_ALTER_SET = re.compile(
    rf"\bALTER\s+(?:DATABASE|ROLE|USER|GROUP)\s[^;]{{0,500}}?\b(?:RE)?SET\s+{_NAME}((?:\.[\w$]+)*)", re.IGNORECASE
)


def made_schemas(text: str, *, if_not_exists: bool) -> frozenset[str]:
    """Return the names of the schemas that ``text`` makes, with those of IF NOT EXISTS where that is asked."""
    return frozenset(
        match[2].replace('""', '"') if match[2] else match[3].lower()
        for match in _CREATE_SCHEMA.finditer(text)
        if if_not_exists or not match[1]
    )


def made_settings(text: str) -> frozenset[str]:
    """Return the names of the settings that ``text`` gives a database or a role, in lower case."""
    return frozenset(((match[1] or match[2]) + match[3]).lower() for match in _ALTER_SET.finditer(text))
