"""Which roles a migration makes itself: these must not exist before it runs. Pure."""

from __future__ import annotations

import re

# Also within the quoted body of a DO block, which usually asks first whether the role exists. CREATE USER MAPPING
# makes no role. A quoted name may hold anything, "" for a quote among it.
_CREATE_ROLE = re.compile(
    r"""\bCREATE\s+(?:ROLE|GROUP|USER(?!\s+MAPPING\b))\s+(?:"((?:[^"]|"")+)"|([^\W\d][\w$]*))""", re.IGNORECASE
)


def made_roles(text: str) -> frozenset[str]:
    """Return the names of the roles that ``text`` makes, as the server keeps them; not those invented at run time.

    A name in a comment counts as well: the role is then missing, and a GRANT to it fails and is reported.
    """
    return frozenset(
        match[1].replace('""', '"') if match[1] else match[2].lower() for match in _CREATE_ROLE.finditer(text)
    )
