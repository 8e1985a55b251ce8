"""Reads the text in which PostgreSQL prints its own query trees, as nodes. Knows no node by name.

The server (``src/backend/nodes/outfuncs.c``) writes ``{TYPE :field value …}``, lists ``( … )``, lists of numbers
``(i 1 2)``, sets of numbers ``(b 1 2)`` and ``<>`` for nothing. What a reader of such nodes did not expect is a
``TreeError``: the tree is the server's inner affair and may look otherwise in its next version.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Any, TypeAlias, cast

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

Value: TypeAlias = "Node | tuple[Value, ...] | frozenset[int] | str | None"
Raw: TypeAlias = "str | list[Raw]"
_Raw: TypeAlias = "dict[str, Any]"
Key: TypeAlias = "tuple[Key, ...] | frozenset[int] | str | None"

# Brackets and words. A backslash escapes what would end a word, spaces too; quotes are letters as others, since the
# server does not escape those within a string.
_TOKEN = re.compile(r"[{}()]|(?:[^\s(){}\\]|\\.)[^\s(){}\\]*(?:\\.[^\s(){}\\]*)*", re.DOTALL)
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)

# Nodes that hold no others: most of a tree.
_LEAVES = frozenset({"VAR", "CONST", "PARAM", "ALIAS", "RTEPERMISSIONINFO", "RANGETBLREF", "SORTGROUPCLAUSE"})
_BRACKETS = frozenset("{}()")
# How a list or set of numbers begins, and what marks one in the JSON: no word begins with a space.
_NUMBERS = frozenset({"b", "i", "o", "x"})
_MARK = " "
_LIST: type = list  # as a value: type checkers would narrow Any to a list of what they do not know

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

    A tree has hundreds of nodes, few of which are asked for anything, so each reads its own lists when first asked.
    """

    __slots__ = ("_below", "_fields", "_raw", "kind")

    def __init__(self, kind: str, fields: Mapping[str, Value] | None = None, raw: _Raw | None = None) -> None:
        """Make a node of its fields, or of what was read of them."""
        self.kind = kind
        self._fields = fields
        # Words and nodes are the same in both.
        self._raw: Mapping[str, Any] = (fields or {}) if raw is None else raw
        self._below: tuple[Node, ...] | None = None

    @property
    def fields(self) -> Mapping[str, Value]:
        """All fields."""
        if self._fields is None:
            self._fields = {
                name: _made(value) if type(value) is _LIST else value for name, value in self._raw.items()
            }
        return self._fields

    @property
    def below(self) -> tuple[Node, ...]:
        """The nodes in its fields, in order, without those that these hold."""
        if self._below is None:
            found: list[Node] = []
            if self.kind not in _LEAVES:
                for each in self._raw.values():
                    _gather(each, found)
            self._below = tuple(found)
        return self._below

    def __repr__(self) -> str:
        return f"<{self.kind} {self.fields}>"

    def has(self, name: str) -> bool:
        """Return whether the server knows this field and has set it."""
        return self._raw.get(name) is not None

    def child(self, name: str) -> Node:
        """Return a field that is a node."""
        found = self._raw.get(name)
        if type(found) is not Node:
            raise TreeError(f"{self.kind} has no node {name}")
        return found

    def optional(self, name: str) -> Node | None:
        """Return a field that is a node or nothing, or that an older server does not have."""
        found = self._raw.get(name)
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
        found = self._raw.get(name, "0")
        if type(found) is not str:
            raise TreeError(f"{self.kind} has no number {name}")
        try:
            return int(found)
        except ValueError:
            raise TreeError(f"{self.kind} has no number {name}") from None

    def flag(self, name: str) -> bool:
        """Return a field that is true or false; false on a server without the field."""
        found: object = self._raw.get(name, "false")
        if found != "true" and found != "false":  # noqa: PLR1714  # a set is slower, and takes no list
            raise TreeError(f"{self.kind} has no flag {name}")
        return found == "true"

    def text(self, name: str) -> str:
        """Return a field that is a word, without escapes. The server may break a line at a space within it."""
        found = self._raw.get(name)
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

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a field that is a list of strings, which are quoted in the tree; absent means an empty list."""
        found = self.fields.get(name)
        if type(found) is not tuple:
            return ()
        return tuple([_ESCAPED.sub(r"\1", each[1:-1]).replace("\n", " ") for each in found if isinstance(each, str)])

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
    """Return a key that two expressions share if they are equivalent, regardless of how they were written."""
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
        waiting = [value]
    else:
        waiting = list[Node]()
        _gather(value, waiting)
        waiting.reverse()
    while waiting:
        node = waiting.pop()
        yield node
        if node.below:
            waiting.extend(node.below[::-1])


def _gather(value: Value | list[Any], found: list[Node]) -> None:
    """Append the outermost nodes in a value, or in what was read of one."""
    if type(value) is Node:
        found.append(value)
    elif type(value) is tuple or type(value) is list:
        each: Value | list[Any]
        for each in value:
            if type(each) is not str:
                _gather(each, found)


def _read(text: str) -> Value:
    """Read one value. The nesting is left to the JSON module: it does in C what a loop over the tokens would do."""
    text = text.replace("\n", " ")
    # Only a backslash lets a space or a bracket be a part of a word: without one, " :" is always the next field.
    if "\\" not in text:
        try:
            return _made(json.loads("".join(map(_part, text.split(" :"))), object_hook=_node))
        except ValueError:
            pass  # a field of several values, or a value that looks like a name
    try:
        found: list[Raw] = json.loads(f"[0{''.join(map(_piece, _TOKEN.findall(text)))}]")
    except ValueError:
        raise TreeError("the tree is cut off") from None
    if len(found) != 2:  # noqa: PLR2004  # the 0 before it makes the list valid
        raise TreeError("the tree is not one value")
    return _value(found[1])


@lru_cache(maxsize=1 << 16)
def _part(text: str) -> str:
    """Return the JSON of what stands between two names of fields: a name, its value, and what closes after it.

    A node becomes an object with its type as "". Raises ``ValueError`` where a name has no value of its own.
    """
    words = _TOKEN.findall(text)
    first = words[0] if words else ""
    parts: list[str] = []
    if first[:1].isalpha():
        del words[0]
        values = _top_values(words)
        if not values:
            raise ValueError(text)
        parts.append(f",{json.dumps(first)}:")
        if values > 1:  # all in this part, as of a constant: 4 [ 1 0 0 0 ]
            end = next((place for place, word in enumerate(words) if word in _BRACKETS), len(words))
            parts.append(json.dumps([None if word == "<>" else word for word in words[:end]]))
            del words[:end]
    needs_comma = False
    place = 0
    while place < len(words):
        word = words[place]
        if word in {"}", ")"}:
            parts.append("}" if word == "}" else "]")
            needs_comma = True
        else:
            if needs_comma or (parts and parts[-1] in {"}", "]"}):
                parts.append(",")
            if word == "{":
                place += 1
                parts.append('{"":' + json.dumps(words[place] if place < len(words) else ""))
                needs_comma = False
            elif word == "(":
                parts.append("[")
                needs_comma = False
                following = words[place + 1] if place + 1 < len(words) else ""
                if following in _NUMBERS:
                    place += 1
                    parts.append(json.dumps(_MARK + following))
                    needs_comma = True
            else:
                parts.append("null" if word == "<>" else json.dumps(word))
                needs_comma = True
        place += 1
    return "".join(parts)


def _top_values(words: Sequence[str]) -> int:
    """Return how many values of a field are in its part, before the end of the node around it."""
    depth = count = 0
    for word in words:
        if word in {"{", "("}:
            count += not depth
            depth += 1
        elif word in {"}", ")"}:
            depth -= 1
            if depth < 0:
                break
        elif not depth:
            count += 1
    return count


def _node(fields: _Raw) -> Node:
    """Make a node of a JSON object."""
    return Node(fields.pop(""), None, fields)


def _made(raw: Any) -> Value:
    """Return what a value of JSON means."""
    if type(raw) is not _LIST:
        return cast("Value", raw)
    values = cast("list[Any]", raw)
    first = values[0] if values else None
    if type(first) is str and first[0] == _MARK:
        numbers = cast("list[str]", values[1:])
        return frozenset(map(int, numbers)) if first[1] == "b" else tuple(numbers)
    return tuple([_made(each) if type(each) is _LIST else cast("Value", each) for each in values])


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
        return Node(kind, _fields(raw))
    first = raw[1] if len(raw) > 1 else None
    # Lists and sets of numbers begin with a letter for their type. Strings still have their quotes.
    if isinstance(first, str) and first in _NUMBERS:
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
