"""The names of one generated module: what it imports, and as what where the name is taken.

What a module defines keeps its name; of two imports the model of a table comes first, then the standard library, then
our runtime. Whoever comes later is imported as ``Column_``.
"""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

from codezest_sql.core.python_code.layout import WIDTH

if TYPE_CHECKING:
    from collections.abc import Iterable

    from codezest_sql.core.python_types.annotation import PythonType

RUNTIME = "codezest_sql.runtime"
_WORD = re.compile(r"[^\W\d]\w*")


class Namespace:
    """Gives imported things their names in a module of ``package``; ``defined`` are names that are not free.

    ``wanted`` are all the imports that may come, so that what a name means does not hang on the order of use.
    """

    def __init__(self, package: str, *, defined: Iterable[str], wanted: Iterable[tuple[str, str]]) -> None:
        self._package = package
        self._used: set[tuple[str, str]] = set()
        self._local: dict[tuple[str, str], str] = {}
        taken = set(defined)
        for module, name in sorted(set(wanted), key=self._rank):
            local = name
            while local in taken:
                local += "_"
            taken.add(local)
            self._local[module, name] = local

    def runtime(self, name: str) -> str:
        """Return what a thing of our runtime is called here."""
        return self.name(RUNTIME, name)

    def name(self, module: str, name: str) -> str:
        """Return what a thing that is imported is called here."""
        self._used.add((module, name))
        return self._local[module, name]

    def text(self, found: PythonType) -> str:
        """Return an annotation."""
        return self._renamed(found.text, found)

    def class_name(self, found: PythonType) -> str | None:
        """Return what values become beyond the default of their type."""
        return self._renamed(found.class_name, found) if found.class_name else None

    def imports(self, *, below: frozenset[str] = frozenset()) -> str:
        """Return the statements for what was used, without those from the modules ``below``."""
        used = {one for one in self._used if one[0] not in below}
        sections = (self._statements(used, section) for section in range(3))
        return "\n\n".join("\n".join(section) for section in sections if section)

    def imports_of(self, modules: frozenset[str]) -> str:
        """Return the statements for what was used of these modules."""
        return "\n".join(self._statements({one for one in self._used if one[0] in modules}, None))

    def _renamed(self, text: str, found: PythonType) -> str:
        local = {name: self.name(module, name) for module, name in found.imports if re.search(rf"\b{name}\b", text)}
        return _WORD.sub(lambda match: local.get(match[0], match[0]), text)

    def _statements(self, used: Iterable[tuple[str, str]], section: int | None) -> list[str]:
        by_module: dict[str, list[str]] = {}
        for module, name in used:
            if section is None or self._section(module) == section:
                by_module.setdefault(module, []).append(name)
        lines: list[str] = []
        for module in sorted(by_module):
            names = sorted(by_module[module], key=_isort_key)
            plain = [name for name in names if self._local[module, name] == name]
            statements = {name: f"from {module} import {name} as {self._local[module, name]}" for name in names}
            if plain:
                statements = {name: text for name, text in statements.items() if name not in plain}
                statements[plain[0]] = _statement(module, plain)
            lines += [statements[name] for name in sorted(statements, key=_isort_key)]
        return lines

    def _section(self, module: str) -> int:
        root = module.partition(".")[0]
        if root in sys.stdlib_module_names:
            return 0
        return 2 if root == self._package.partition(".")[0] else 1

    def _rank(self, one: tuple[str, str]) -> tuple[int, str, str]:
        """Return the order in which imports get their names: what people know by its name keeps it."""
        module, name = one
        ours = module.partition(".")[0] == self._package.partition(".")[0]
        rank = 3 if module == RUNTIME else 0 if ours else 1 if self._section(module) == 0 else 2
        return rank, module, name


def _statement(module: str, names: list[str]) -> str:
    line = f"from {module} import {', '.join(names)}"
    if len(line) <= WIDTH:
        return line
    return "\n".join([f"from {module} import (", *(f"    {name}," for name in names), ")"])


def _isort_key(name: str) -> tuple[int, str]:
    """Constants come first, then classes, then the rest: what isort calls order-by-type."""
    return (0 if name.isupper() and len(name) > 1 else 1 if name[:1].isupper() else 2), name
