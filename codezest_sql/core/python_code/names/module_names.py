"""Which module means which query file, in generated code and in queries that are loaded at run time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeVar

from codezest_sql.core.python_code.names.field_names import field_name
from codezest_sql.errors import CodezestError, ModuleNameError
from codezest_sql.place import Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class FileInFolder(Protocol):
    """A query file: ``path`` as messages show it, ``parts`` its folders below that of all queries, and its name."""

    @property
    def path(self) -> str:
        """The path for messages."""
        ...

    @property
    def parts(self) -> tuple[str, ...]:
        """The names of its folders, and its own."""
        ...


F = TypeVar("F", bound=FileInFolder)


def module_parts(parts: Sequence[str]) -> tuple[str, ...]:
    """Return the names of packages and of a module for the parts of a path: ``auth/log-in.sql``, ``auth.log_in``."""
    *folders, name = parts
    return tuple(field_name(part, reserved=()) for part in (*folders, name.removesuffix(".sql")))


def modules(files: Iterable[F], errors: list[CodezestError]) -> list[tuple[tuple[str, ...], F]]:
    """Return each file with its module; a file whose module or package exists already is left out, with an error."""
    found: dict[tuple[str, ...], F] = {}
    packages: dict[tuple[str, ...], F] = {}
    ordered = sorted(files, key=lambda one: one.parts)
    for file in ordered:
        parts = module_parts(file.parts)
        for depth in range(1, len(parts)):
            packages.setdefault(parts[:depth], file)
    for file in ordered:
        parts = module_parts(file.parts)
        other = found.get(parts) or packages.get(parts)
        if other is None:
            found[parts] = file
            continue
        module = ".".join(("queries", *parts))
        message = f"it would be the module {module}, and so would {other.path}"
        if parts in packages:
            message = f"it would be the module {module}, which is the package of {other.path}"
        errors.append(ModuleNameError(message, place=Place(file.path), hint="rename one of them"))
    return list(found.items())
