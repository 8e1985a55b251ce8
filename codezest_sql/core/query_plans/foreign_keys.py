"""Which foreign keys make the server read a whole table when a row that they point at is deleted or renamed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """A foreign key of a table; ``table`` is qualified as SQL writes it, ``columns`` are quoted where need be."""

    oid: int
    table: str
    name: str
    columns: tuple[str, ...]
    numbers: tuple[int, ...]

    @property
    def id(self) -> str:
        """What the budget calls it."""
        return f"{self.table}.{self.name}"


@dataclass(frozen=True, slots=True)
class KeyIndex:
    """A valid index by the OID of its table: the columns that it searches by, 0 for an expression.

    ``method`` is its access method. Where all that a partial one asks for is that a column is not NULL, ``covers`` is
    that column.
    """

    table: int
    numbers: tuple[int, ...]
    method: str = "btree"
    is_partial: bool = False
    covers: frozenset[int] = frozenset()


def without_index(keys: Iterable[ForeignKey], indexes: Iterable[KeyIndex]) -> Iterator[ForeignKey]:
    """Give the keys whose columns, in whatever order, are not the first ones of any index.

    A partial index serves where it leaves out nothing but NULLs of the key: the server looks for values.
    """
    of: dict[int, list[KeyIndex]] = {}
    for index in indexes:
        of.setdefault(index.table, []).append(index)
    for key in keys:
        if not any(_serves(index, frozenset(key.numbers)) for index in of.get(key.oid, ())):
            yield key


def _serves(index: KeyIndex, columns: frozenset[int]) -> bool:
    if index.is_partial and not (index.covers and index.covers <= columns):
        return False
    if index.method == "hash":
        return frozenset(index.numbers) == columns
    return index.method == "btree" and frozenset(index.numbers[: len(columns)]) == columns
