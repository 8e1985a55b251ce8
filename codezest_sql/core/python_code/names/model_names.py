"""Which class means which table, view, enum and composite type, and in which module of the generated package.

A class is called as the table is, in the singular and in CamelCase; the setting ``model_names`` sets otherwise. Two
classes of one schema with one name, and a name that Python keeps for itself, are errors: a guess would change under
the hands of those who use the class.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from codezest_sql.core.python_code.names.class_names import Speller
from codezest_sql.core.python_code.names.field_names import field_name
from codezest_sql.core.python_types.annotation import ClassRef
from codezest_sql.core.python_types.identifiers import hides_builtin, is_keyword
from codezest_sql.core.text.suggestion import did_you_mean
from codezest_sql.errors import ModelNameError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from codezest_sql.core.describe.model_facts import ModelFacts, Relation
    from codezest_sql.core.describe.types import TypeFacts

_KINDS = {"r": "table", "p": "table", "f": "foreign table", "v": "view", "m": "view", "c": "composite type"}


@dataclass(frozen=True, slots=True)
class ModelNames:
    """The classes of a database: ``classes`` by the OID of a type, ``relations`` by that of a relation.

    ``modules`` has the name of the module of each schema. With ``errors`` there is still a class for everything.
    """

    classes: Mapping[int, ClassRef]
    relations: Mapping[int, ClassRef]
    modules: Mapping[str, str]
    errors: tuple[ModelNameError, ...] = ()


@dataclass(frozen=True, slots=True, order=True)
class _Named:
    """Something that gets a class."""

    schema: str
    name: str
    what: str
    type_oid: int
    relation_oid: int = 0

    @property
    def qualified(self) -> str:
        return f"{self.schema}.{self.name}"

    def __str__(self) -> str:
        return f"{self.what} {self.qualified}"


@dataclass(slots=True)
class _Names:
    classes: dict[int, ClassRef] = field(default_factory=dict[int, ClassRef])
    relations: dict[int, ClassRef] = field(default_factory=dict[int, ClassRef])
    taken: dict[tuple[str, str], _Named] = field(default_factory=dict[tuple[str, str], _Named])
    errors: list[ModelNameError] = field(default_factory=list[ModelNameError])


def name_models(
    facts: ModelFacts,
    *,
    package: str,
    singular: Callable[[str], str],
    initialisms: Iterable[str] = (),
    model_names: Mapping[str, str] | None = None,
) -> ModelNames:
    """Name the classes of ``facts`` in ``package``, such as ``shop.db``; they are in ``shop.db.models.<schema>``.

    ``singular`` returns the singular of a word. ``model_names`` has names that were chosen, by ``schema.table``.
    """
    chosen = model_names or {}
    speller = Speller(initialisms)
    found = sorted(_named(facts))
    names = _Names()
    modules = _modules(found, names.errors)
    for one in found:
        name = chosen.get(one.qualified) or speller.class_name(one.name, singular=singular)
        _check(one, name, names)
        ref = ClassRef(f"{package}.models.{modules[one.schema]}", name)
        names.classes[one.type_oid] = ref
        if one.relation_oid:
            names.relations[one.relation_oid] = ref
    known = {one.qualified for one in found}
    for unknown in sorted(set(chosen) - known):
        hint = did_you_mean(unknown, known) or "write schema.table, or remove it"
        names.errors.append(ModelNameError(f"model_names: there is no table or type {unknown}", hint=hint))
    return ModelNames(names.classes, names.relations, modules, tuple(names.errors))


def is_named(relation: Relation) -> bool:
    """Whether a relation has a class of its own: a partition shares that of its table."""
    return not relation.is_partition


def enums(facts: ModelFacts) -> tuple[TypeFacts, ...]:
    """Return the enum types of the schemas that get a module, by name."""
    found = (one for one in facts.types.values() if one.kind == "e" and one.schema not in _SYSTEM)
    return tuple(sorted(found, key=lambda one: (one.schema, one.bare_name)))


_SYSTEM = frozenset({"pg_catalog", "information_schema"})


def _named(facts: ModelFacts) -> list[_Named]:
    found = [_Named(one.schema, one.bare_name, "enum", one.oid) for one in enums(facts)]
    found += [
        _Named(one.schema, one.name, _KINDS[one.kind], one.row_type, one.oid)
        for one in facts.relations.values()
        if is_named(one)
    ]
    return found


def _modules(found: Iterable[_Named], errors: list[ModelNameError]) -> Mapping[str, str]:
    modules: dict[str, str] = {}
    for schema in dict.fromkeys(one.schema for one in found):
        name = field_name(schema, reserved=())
        if other := next((key for key, value in modules.items() if value == name), None):
            message = f"the schemas {other!r} and {schema!r} would both be the module {name}"
            errors.append(ModelNameError(message, hint="rename one of them, or name it in ignore_schemas"))
        modules[schema] = name
    return modules


def _check(one: _Named, name: str, names: _Names) -> None:
    """Append what is wrong with this class name."""
    hint = f'choose a name in the settings: model_names = {{ "{one.qualified}" = "…" }}'
    if not name.isidentifier():
        message = f"no class can be called {name!r}, as the {one} would be" if name else f"nothing names the {one}"
        names.errors.append(ModelNameError(message, hint=hint))
    elif is_keyword(name):
        names.errors.append(ModelNameError(f"the class of the {one} would be {name}, a keyword of Python", hint=hint))
    elif hides_builtin(name):
        names.errors.append(
            ModelNameError(f"the class of the {one} would be {name}, and hide Python's own", hint=hint)
        )
    elif other := names.taken.get((one.schema, name)):
        names.errors.append(ModelNameError(f"the {other} and the {one} would both be the class {name}", hint=hint))
    names.taken.setdefault((one.schema, name), one)
