"""Reads the settings that only generated code needs. Each reader raises ``ValueError`` with what is wrong.

``parse_settings`` shows that behind the name of the setting.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, cast

from codezest_sql.core.python_code.output_package import OutputPackage
from codezest_sql.core.python_types.declared_json import parse_json_type
from codezest_sql.core.python_types.identifiers import CLASS_NAME, hides_builtin, is_keyword

if TYPE_CHECKING:
    from codezest_sql.core.python_types.annotation import PythonType

_PACKAGE = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")
_COLUMN = re.compile(r"[^.]+\.[^.]+\.[^.]+")


def parse_output(value: object) -> OutputPackage:
    """Return the package that ``"shop/db"``, ``"src/shop/db"`` or ``{folder, package}`` names.

    A folder ``src`` at the beginning is no package. Raises ``ValueError`` with what is wrong, as ``parse_settings``
    shows it.
    """
    if isinstance(value, str):
        return OutputPackage(_folder(value), _package(_folder(value).removeprefix("src/").replace("/", ".")))
    table = cast("dict[str, object]", value) if isinstance(value, dict) else {}
    if not table or not table.keys() <= {"folder", "package"}:
        raise ValueError(" must be a folder, or a table of folder and package")
    folder, package = table.get("folder"), table.get("package")
    if not isinstance(folder, str) or not isinstance(package, str):
        raise ValueError(" must name both, the folder and the package")  # noqa: TRY004  # parse_settings' way
    return OutputPackage(_folder(folder), _package(package))


def _folder(written: str) -> str:
    parts = [part for part in written.replace("\\", "/").split("/") if part not in {"", "."}]
    if written.startswith("/") or ".." in parts or not parts:
        raise ValueError(f": {written!r} is no folder below the project")
    return "/".join(parts)


def _package(name: str) -> str:
    if not _PACKAGE.fullmatch(name) or any(is_keyword(part) for part in name.split(".")):
        raise ValueError(f": {name!r} is no name of a package; {{ folder, package }} names both")
    return name


def parse_initialisms(value: object) -> tuple[str, ...]:
    """Return words that class names spell as they are given."""
    for name in _strings(value):
        if not re.fullmatch("[A-Za-z][A-Za-z0-9]*", name):
            raise ValueError(f": {name!r} is not of letters and digits")
    return _strings(value)


def parse_model_names(value: object) -> tuple[tuple[str, str], ...]:
    """Return names of classes by ``schema.table``, sorted."""
    if not isinstance(value, dict):
        raise ValueError(" must be a table of names by schema.table")  # noqa: TRY004  # as in _policies
    found: list[tuple[str, str]] = []
    for table, name in cast("dict[str, object]", value).items():
        if not isinstance(name, str) or not CLASS_NAME.fullmatch(name) or is_keyword(name) or hides_builtin(name):
            raise ValueError(f'."{table}": {name!r} is no name of a class')
        found.append((table, name))
    return tuple(sorted(found))


def parse_json_types(value: object) -> tuple[tuple[str, PythonType], ...]:
    """Return the types by ``schema.table.column``, in the order of the columns.

    Raises ``ValueError`` with what is wrong, as ``parse_settings`` shows it behind the name of the setting.
    """
    if not isinstance(value, dict):
        raise ValueError(" must be a table of types by schema.table.column")  # noqa: TRY004  # parse_settings' way
    found: list[tuple[str, PythonType]] = []
    for column, written in value.items():  # pyright: ignore[reportUnknownVariableType]  # TOML's keys are strings
        if not isinstance(column, str) or not _COLUMN.fullmatch(column):
            raise ValueError(f": {column!r} is no schema.table.column")
        if not isinstance(written, str):
            raise ValueError(f'."{column}" must be a type, such as "shop.types:Address[]"')  # noqa: TRY004
        try:
            found.append((column, parse_json_type(written)))
        except ValueError as error:
            raise ValueError(f'."{column}": {error}') from None
    return tuple(sorted(found, key=lambda one: one[0]))


def _strings(value: object) -> tuple[str, ...]:
    names = tuple(cast("list[object]", value)) if isinstance(value, list) else ()
    if isinstance(value, list) and all(isinstance(name, str) and name for name in names):
        return cast("tuple[str, ...]", names)
    raise ValueError(" must be a list of names")
