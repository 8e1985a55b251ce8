"""Reads the text in which PostgreSQL prints its own query trees, as nodes. Knows no node by name.

The server (``src/backend/nodes/outfuncs.c``) writes ``{TYPE :field value …}``, lists ``( … )``, lists of numbers
``(i 1 2)``, sets of numbers ``(b 1 2)`` and ``<>`` for nothing. What a reader of such nodes did not expect is a
``TreeError``: the tree is the server's inner affair and may look otherwise in its next version.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias, cast

if TYPE_CHECKING:
    from collections.abc import Iterator

Value: TypeAlias = "Node | tuple[Value, ...] | frozenset[int] | str | None"
Raw: TypeAlias = "str | list[Raw]"
Key: TypeAlias = "tuple[Key, ...] | frozenset[int] | str | None"

# Brackets and words. A backslash escapes what would end a word, spaces too; quotes are letters as others, since the
# server does not escape those within a string.
_TOKEN = re.compile(r"[{}()]|(?:[^\s(){}\\]|\\.)[^\s(){}\\]*(?:\\.[^\s(){}\\]*)*", re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)

# Two expressions that differ in these alone are the same one, written in two places or by another name.
_MERE_WORDING = frozenset(
    {
        *("location", "list_start", "list_end", "rexpr_list_start", "rexpr_list_end", "stmt_location", "stmt_len"),
        *("varnosyn", "varattnosyn", "funcformat", "relabelformat", "coerceformat", "convertformat", "row_format"),
    }
)


class TreeError(ValueError):
    """The tree is not what the reader knows: whoever reads it has to do without."""


class Node:
    """A node of the server's tree: its type in capitals, and its fields by name. Never changed once it is read.

    A tree has thousands of fields, of which few are asked for, so a node reads its own when first asked.
    """

    __slots__ = ("_fields", "_raw", "kind")

    def __init__(self, kind: str, fields: dict[str, Value] | None = None, raw: list[Raw] | None = None) -> None:
        """Make a node of its fields, or of what the text says of it."""
        self.kind = kind
        self._fields = fields
        self._raw = raw or []

    @property
    def fields(self) -> dict[str, Value]:
        """All fields; not to be changed."""
        if self._fields is None:
            self._fields = _fields(self._raw)
        return self._fields

    def __repr__(self) -> str:
        return f"<{self.kind} {self.fields}>"

    def has(self, name: str) -> bool:
        """Tell whether the server knows this field and has set it."""
        return self.fields.get(name) is not None

    def child(self, name: str) -> Node:
        """Return a field that is a node."""
        found = self.fields.get(name)
        if type(found) is not Node:
            raise TreeError(f"{self.kind} has no node {name}")
        return found

    def optional(self, name: str) -> Node | None:
        """Return a field that is a node or nothing, or that an older server does not have."""
        found = self.fields.get(name)
        if found is not None and type(found) is not Node:
            raise TreeError(f"{self.kind} has no node {name}")
        return found

    def children(self, name: str) -> tuple[Node, ...]:
        """Return a field that is a list of nodes; nothing is an empty list, also on a server without the field."""
        found = self.fields.get(name)
        if found is None:
            return ()
        if type(found) is not tuple:
            raise TreeError(f"{self.kind} has no list {name}")
        nodes: list[Node] = []
        for each in found:
            if type(each) is not Node:
                raise TreeError(f"{self.kind} has more than nodes in {name}")
            nodes.append(each)
        return tuple(nodes)

    def number(self, name: str) -> int:
        """Return a field that is a number; 0 on a server without the field."""
        found = self.fields.get(name, "0")
        if type(found) is not str:
            raise TreeError(f"{self.kind} has no number {name}")
        try:
            return int(found)
        except ValueError:
            raise TreeError(f"{self.kind} has no number {name}") from None

    def flag(self, name: str) -> bool:
        """Return a field that is true or false; false on a server without the field."""
        found = self.fields.get(name, "false")
        if found not in {"true", "false"}:
            raise TreeError(f"{self.kind} has no flag {name}")
        return found == "true"

    def text(self, name: str) -> str:
        """Return a field that is a word, without escapes. The server may break a line at a space within it."""
        found = self.fields.get(name)
        if type(found) is not str:
            raise TreeError(f"{self.kind} has no text {name}")
        return _ESCAPED.sub(r"\1", found).replace("\n", " ")

    def set(self, name: str) -> frozenset[int]:
        """Return a field that is a set of numbers; empty on a server without the field."""
        found = self.fields.get(name)
        if found is None:
            return frozenset()
        if type(found) is not frozenset:
            raise TreeError(f"{self.kind} has no set {name}")
        return found

    def numbers(self, name: str) -> tuple[int, ...]:
        """Return a field that is a list of numbers, or of words that are numbers."""
        found = self.fields.get(name)
        if found is None:
            return ()
        if type(found) is not tuple:
            raise TreeError(f"{self.kind} has no numbers {name}")
        try:
            return tuple(int(each) for each in found if isinstance(each, str))
        except ValueError:
            raise TreeError(f"{self.kind} has no numbers {name}") from None

    def length(self, name: str) -> int:
        """Return how many elements a list has, whatever they are."""
        found = self.fields.get(name)
        return len(found) if type(found) is tuple else 0

    def with_fields(self, **changed: Value) -> Node:
        """Return the same node with other values in some fields."""
        return Node(self.kind, {**self.fields, **changed})


def read_nodes(text: str) -> tuple[Node, ...]:
    """Return the nodes of a printed list of nodes."""
    found = _read(text)
    if type(found) is Node:
        return (found,)
    return Node("LIST", {"items": found}).children("items")


def key(value: Value) -> Key:
    """Return what two expressions share when they say the same, wherever and however they were written."""
    if type(value) is Node:
        return (
            value.kind,
            *((name, key(each)) for name, each in value.fields.items() if name not in _MERE_WORDING),
        )
    if type(value) is tuple:
        return tuple(key(each) for each in value)
    return cast("Key", value)  # an atom


def walk(value: Value) -> Iterator[Node]:
    """Give every node below and including this one, outermost first."""
    if type(value) is Node:
        yield value
        for each in value.fields.values():
            if type(each) is Node or type(each) is tuple:
                yield from walk(each)
    elif type(value) is tuple:
        for each in value:
            if type(each) is Node or type(each) is tuple:
                yield from walk(each)


def _read(text: str) -> Value:
    """Read one value. The nesting is left to the JSON module: it does in C what a loop over the tokens would do."""
    try:
        found: list[Raw] = json.loads(f"[0{''.join(map(_piece, _TOKEN.findall(text)))}]")
    except ValueError:
        raise TreeError("the tree is cut off") from None
    if len(found) != 2:  # noqa: PLR2004  # the 0 before it makes the list valid
        raise TreeError("the tree is not one value")
    return _value(found[1])


@lru_cache(maxsize=1 << 14)
def _piece(word: str) -> str:
    """Return the JSON of a token. A node is a list that begins with a brace, a list one with a bracket."""
    if word == "{" or word == "(":  # noqa: PLR1714  # a set is slower
        return f',["{word}"'
    return "]" if word in {"}", ")"} else "," + json.dumps(word)


def _value(raw: Raw) -> Value:
    if isinstance(raw, str):
        return None if raw == "<>" else raw
    if raw[0] == "{":
        kind = raw[1] if len(raw) > 1 else None
        if not isinstance(kind, str):
            raise TreeError("a node has no type")
        return Node(kind, raw=raw)
    first = raw[1] if len(raw) > 1 else None
    # Lists and sets of numbers begin with a letter that says so. Strings still have their quotes.
    if isinstance(first, str) and first in {"b", "i", "o", "x"}:
        numbers = [each for each in raw[2:] if isinstance(each, str)]
        try:
            return frozenset(map(int, numbers)) if first == "b" else tuple(numbers)
        except ValueError:
            raise TreeError("a set of numbers has something else") from None
    return tuple([_value(each) for each in raw[1:]])


def _fields(raw: list[Raw]) -> dict[str, Value]:
    """Read the fields of a node. What stands right after a name is its value, even where it looks like a name."""
    fields: dict[str, Value] = {}
    name = ""
    values: list[Value] = []
    for each in raw[2:]:
        if isinstance(each, str) and each[0] == ":" and each[1:2].isalpha() and (values or not name):
            if name:
                fields[name] = values[0] if len(values) == 1 else tuple(values)
            name, values = each[1:], []
        else:
            values.append(_value(each))
    if name:
        fields[name] = values[0] if len(values) == 1 else tuple(values)
    return fields
