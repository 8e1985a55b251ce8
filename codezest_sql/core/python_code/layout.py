"""Lays out bracketed things as a formatter does: on one line where they fit, else one item on each line.

Lines are at most ``WIDTH`` long where anything can be done about it. Whatever is broken has a comma behind its last
item, so that a formatter with another width, longer or shorter, changes little.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

WIDTH = 118
_STEP = 4


@dataclass(frozen=True, slots=True)
class Group:
    """``head`` with its opening bracket, items, ``tail`` with its closing one. ``broken`` is never on one line."""

    head: str
    items: tuple[Node, ...]
    tail: str = ")"
    broken: bool = False


Node: TypeAlias = str | Group


def call(function: str, *items: Node, broken: bool = False) -> Group:
    """Return a call."""
    return Group(f"{function}(", items, broken=broken)


def keyword(name: str, value: Node) -> Node:
    """Return ``name=value``."""
    if isinstance(value, str):
        return f"{name}={value}"
    return Group(f"{name}={value.head}", value.items, value.tail, value.broken)


def sequence(items: tuple[Node, ...]) -> Node:
    """Return a tuple."""
    return Group("(", items, ",)" if len(items) == 1 else ")") if items else "()"


def render(node: Node, *, indent: int = 0, before: str = "", after: str = "") -> str:
    """Return the text of a node on a line that is indented and has ``before`` in front of it and ``after`` behind.

    Later lines are indented; the first one is not.
    """
    if isinstance(node, str):
        return f"{before}{node}{after}"
    flat = None if node.broken else _flat(node)
    if flat is not None and indent + len(before) + len(flat) + len(after) <= WIDTH:
        return f"{before}{flat}{after}"
    blank = " " * (indent + _STEP)
    lines = [blank + render(item, indent=indent + _STEP, after=",") for item in node.items]
    return "\n".join([f"{before}{node.head}", *lines, f"{' ' * indent}{node.tail.removeprefix(',')}{after}"])


def _flat(node: Node) -> str | None:
    """Return the node on one line; None where it has several in itself."""
    if isinstance(node, str):
        return None if "\n" in node else node
    items = [_flat(item) for item in node.items]
    if node.broken or any(item is None for item in items):
        return None
    return f"{node.head}{', '.join(item for item in items if item is not None)}{node.tail}"
