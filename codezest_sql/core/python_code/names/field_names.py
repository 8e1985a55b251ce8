"""The names of fields: a column's name if Python accepts it, else the nearest name that it accepts.

The rule, in this order: what is not allowed in a name becomes ``_`` (``count 1`` → ``count_1``, ``?column?`` →
``column``); leading underscores go, since Pydantic hides such fields; an empty name and one that begins with a digit
get ``column`` in front (``2fa`` → ``column_2fa``); one that Python or Pydantic needs itself gets an underscore behind
(``class_``, ``json_``); the second of two equal names gets ``_2``.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from codezest_sql.core.python_types.identifiers import is_keyword

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# The public attributes of pydantic.BaseModel, 2.10 to 2.13, and of its metaclass (mro, register), which a field would
# hide; a test compares.
BASE_MODEL = _words(
    "construct copy dict from_orm json model_computed_fields model_config model_construct model_copy model_dump "
    "model_dump_json model_extra model_fields model_fields_set model_json_schema model_parametrized_name "
    "model_post_init model_rebuild model_validate model_validate_json model_validate_strings mro parse_file "
    "parse_obj parse_raw register schema schema_json update_forward_refs validate"
)
# What annotations are made of: within a class, a field would be found instead.
ANNOTATIONS = frozenset({"bool", "bytes", "dict", "float", "int", "list", "object", "set", "str", "tuple"})
# What a tuple has already.
TUPLE = frozenset({"count", "index"})


def field_name(column: str, *, reserved: Iterable[str] = BASE_MODEL) -> str:
    """Return what a field for this column is called, whatever the others are called."""
    return _freed(_legal(column), frozenset(reserved))


def field_names(
    columns: Sequence[str], *, reserved: Iterable[str] = BASE_MODEL, avoid: Iterable[str] = ()
) -> tuple[str, ...]:
    """Return the names of the fields for these columns, no two equal.

    ``avoid`` are further names that must stay what they are in the class: those of classes in its annotations.
    """
    kept = frozenset(reserved) | frozenset(avoid)
    wanted = [_freed(_legal(column), kept) for column in columns]
    # A column that is called so has the first right to its name.
    taken = {name for name, column in zip(wanted, columns, strict=True) if name == column}
    names: list[str] = []
    owned: set[str] = set()
    for name, column in zip(wanted, columns, strict=True):
        found = name
        if found in owned or (found != column and found in taken):
            number = 2
            while (found := f"{name.rstrip('_')}_{number}") in taken or found in owned:
                number += 1
        owned.add(found)
        names.append(found)
    return tuple(names)


def _legal(column: str) -> str:
    # Python compares names in this form (PEP 3131).
    text = unicodedata.normalize("NFKC", column)
    # Not every \w is allowed in a name: a superscript digit, for one.
    text = "".join(character if f"a{character}".isidentifier() else " " for character in text)
    name = re.sub(" +", "_", text.strip()).lstrip("_")
    if not name:
        return "column"
    return name if name.isidentifier() else f"column_{name}"


def _freed(name: str, reserved: frozenset[str]) -> str:
    return f"{name}_" if is_keyword(name) or name in reserved or name in ANNOTATIONS else name
