"""The declared Python types of JSON columns, as the configuration writes them: ``shop.types:Address[]``.

A class is ``package.module:Class``; around it stand what Python's annotations have (``list[…]``, ``dict[str, …]``,
``… | None``) and, as SQL has it, ``[]`` behind for a list.
"""

from __future__ import annotations

import ast
import re

from codezest_sql.core.python_types.annotation import PythonType
from codezest_sql.core.python_types.identifiers import is_keyword

_CLASS = re.compile(r"([A-Za-z_][\w.]*):([A-Za-z_]\w*)")
_PLAIN = frozenset({"bool", "dict", "float", "int", "list", "str", "tuple"})


def parse_json_type(written: str) -> PythonType:
    """Return the annotation of a type as the configuration writes it. Raises ``ValueError`` with the reason."""
    imports: dict[str, str] = {}

    def imported(match: re.Match[str]) -> str:
        module, name = match[1], match[2]
        if not all(part.isidentifier() and not is_keyword(part) for part in module.split(".")):
            raise ValueError(f"{module!r} is no module")
        if imports.setdefault(name, module) != module or name in _PLAIN:
            raise ValueError(f"{name!r} is two things in {written!r}")
        return name

    text = _CLASS.sub(imported, written.strip())
    while "[]" in text:
        shorter = re.sub(r"([\w]+(?:\[[^\[\]]+\])?)\[\]", r"list[\1]", text, count=1)
        if shorter == text:
            raise ValueError(f"{written!r} is no type: [] follows one")
        text = shorter
    try:
        tree = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError):
        raise ValueError(f"{written!r} is no type") from None
    _check(tree, frozenset(imports) | _PLAIN, written)
    text = ast.unparse(tree)
    return PythonType(text, frozenset((module, name) for name, module in imports.items()), text)


def _check(node: ast.expr, names: frozenset[str], written: str) -> None:
    """Refuse whatever is no annotation made of known names."""
    if isinstance(node, ast.Name):
        if node.id not in names:
            raise ValueError(f"{node.id!r} is not known: write package.module:{node.id}")
    elif isinstance(node, ast.Subscript):
        _check(node.value, names, written)
        inner = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        for one in inner:
            _check(one, names, written)
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr):
        _check(node.left, names, written)
        _check(node.right, names, written)
    elif not (isinstance(node, ast.Constant) and (node.value is None or node.value is ...)):
        raise ValueError(f"{written!r} is no type")
