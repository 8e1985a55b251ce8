"""What of a file's doing makes a new session unlike one after DISCARD ALL. Asks no server."""

from __future__ import annotations

import re

# Searched in the whole text, including dollar quotes and strings: such statements occur in DO blocks, as the name
# of the database is not known. What is found by mistake costs one new connection.
_LASTING = re.compile(
    r"""
      \bALTER \s+ (?:DATABASE|ROLE|USER|GROUP) \s [^;]{0,500}? \b(?:RE)?SET\b
    | \bSET \s+ (?:(?:SESSION|LOCAL) \s+)? [a-z_][\w$]* \. [a-z_"]
    | \bset_config \s* \( \s* '[^'.]{1,100}\.
    """,
    re.VERBOSE | re.IGNORECASE,
)


def outlasts_discard(text: str) -> bool:
    """Whether the text may set what DISCARD ALL does not bring to where a new session would begin.

    That are the settings of a database or role, which a session reads once, when it begins; and settings of the
    user's own (``app.user_id``), which stay behind as an empty string where they were unknown before.
    """
    return _LASTING.search(text) is not None
