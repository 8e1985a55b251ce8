"""What the server reports of a prepared statement."""

from __future__ import annotations

from typing import NamedTuple


class Described(NamedTuple):
    """The server's description of a statement: the OIDs of its parameters' types; names and types of its columns."""

    parameters: tuple[int, ...]
    names: tuple[str, ...]
    columns: tuple[int, ...]
