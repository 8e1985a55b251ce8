"""Reads constants of the tree: the bytes of a Datum as the server holds it (``outDatum`` of outfuncs.c)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codezest_sql.core.describe.value_shape import JSON, JSONB, JsonArray, JsonObject, Scalar

if TYPE_CHECKING:
    from collections.abc import Mapping

    from codezest_sql.core.describe.value_shape import ValueShape
    from codezest_sql.core.query_tree.nodes import Node

# OIDs of pg_type.dat.
TEXT, UNKNOWN = 25, 705
_LENGTH = 4  # bytes of the length before a varlena: four times the length, with its two low bits clear
# The head of a container of jsonb (jsonb.h), where nothing follows: JB_FARRAY, JB_FOBJECT.
_EMPTY_JSONB: Mapping[bytes, ValueShape] = {b"\0\0\0\x40": JsonArray(None), b"\0\0\0\x20": JsonObject(())}
_EMPTY_JSON: Mapping[bytes, ValueShape] = {b"[]": JsonArray(None), b"{}": JsonObject(())}
_ARRAY_HEAD = 12  # of an ArrayType (array.h): dimensions, where the data begins if there are NULLs, element type


def is_null(node: Node) -> bool:
    """Return whether an expression is the NULL of a query."""
    return node.kind == "CONST" and node.flag("constisnull")


def text_of(node: Node, *, utf8: bool) -> str | None:
    """Return a constant text; None for anything else, and for bytes of another encoding than UTF-8."""
    if node.kind != "CONST" or node.number("consttype") not in {TEXT, UNKNOWN}:
        return None
    content = _content(node)
    if content is None or not (utf8 or content.isascii()):
        return None
    try:
        return content.decode()
    except UnicodeDecodeError:
        return None


def shape_of_constant(node: Node, *, is_array: bool) -> ValueShape | None:
    """Return the shape of a constant: an empty array or object, and of SQL arrays also those with elements."""
    content = _content(node)
    if content is None:
        return None
    kind = node.number("consttype")
    if kind == JSONB:
        return _EMPTY_JSONB.get(content)
    if kind == JSON:
        return _EMPTY_JSON.get(b"".join(content.split()))
    if not is_array or len(content) < _ARRAY_HEAD:
        return None
    dimensions, data, element = (int.from_bytes(content[at : at + 4], "little") for at in (0, 4, 8))
    if not dimensions:
        return JsonArray(None)
    return JsonArray(Scalar(element, not_null=not data)) if dimensions == 1 else None


def dimensions_of_constant(node: Node) -> frozenset[int]:
    """Return the dimensions of a constant array; none where it is empty, one where that cannot be read."""
    content = _content(node)
    if content is None or len(content) < _ARRAY_HEAD:
        return frozenset({1})
    dimensions = int.from_bytes(content[:4], "little")
    return frozenset({dimensions} if dimensions else ())


def has_no_null(node: Node) -> bool:
    """Return whether a constant is an array in which nothing is NULL: no bitmap is before its data."""
    content = _content(node)
    return content is not None and len(content) >= _ARRAY_HEAD and content[4:8] == bytes(4)


def _content(node: Node) -> bytes | None:
    value = node.fields.get("constvalue")
    if node.flag("constisnull") or not isinstance(value, tuple):
        return None
    # `6 [ 97 98 0 ]`: their number, and the bytes as signed characters.
    found = bytes(int(each) % 256 for each in value[2:-1] if isinstance(each, str))
    match node.number("constlen"):
        case -2:
            return found.removesuffix(b"\0")
        case -1 if int.from_bytes(found[:_LENGTH], "little") == len(found) << 2:
            return found[_LENGTH:]
        case _:
            return None
