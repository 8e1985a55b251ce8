"""Classes for the JSON that SQL builds: a model for each object, named after the way that leads to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from codezest_sql.core.python_types.annotation import JSON, PythonType
from codezest_sql.core.python_types.built_json import JsonList, JsonModel

if TYPE_CHECKING:
    from collections.abc import Callable

    from codezest_sql.core.python_types.built_json import JsonField, JsonType


class Word(Protocol):
    """Turns a name of SQL into a word of a class name, in the singular where there are many."""

    def __call__(self, name: str, *, many: bool) -> str:
        """Return the word."""
        ...


class JsonClasses:
    """Makes classes; ``add`` is given the name and the fields of each, those that others are made of first."""

    def __init__(self, add: Callable[[str, tuple[tuple[str, PythonType], ...]], PythonType], word: Word) -> None:
        self._add = add
        self._word = word

    def whole(self, found: JsonType, base: str, name: str) -> PythonType:
        """Return the type of a column's value; its class is called ``base`` and ``name``, this in CamelCase."""
        python = self._type(found, base, name)
        return PythonType(python.text, python.imports, None if python is JSON else python.text)

    def _type(self, found: JsonType, base: str, name: str) -> PythonType:
        match found:
            case JsonModel(fields):
                here = base + self._word(name, many=False)
                return self._add(here, tuple((field.name, self._field(field, here)) for field in fields))
            case JsonList(element, nullable):
                inner = self._type(element, base, self._word(name, many=True))
                return (_or_null(inner) if nullable else inner).within("list")
            case _:
                return found

    def _field(self, field: JsonField, base: str) -> PythonType:
        python = self._type(field.type, base, field.name)
        return _or_null(python) if field.nullable else python


def _or_null(found: PythonType) -> PythonType:
    """Return the type that null belongs to; to any value of JSON it does already."""
    return found if found is JSON else found.or_none()
