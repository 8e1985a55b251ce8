"""What the server reports of a prepared statement."""

from __future__ import annotations

from typing import NamedTuple


class Described(NamedTuple):
    """What the server says of a statement: the numbers of its parameters' types; names and types of its columns."""

    parameters: tuple[int, ...]
    names: tuple[str, ...]
    columns: tuple[int, ...]
