"""Writes the module of a schema: a ``StrEnum`` for each enum, a ``Model`` for each composite type, table and view.

Modules that need each other import each other at their end: by then a class has its name, and Pydantic completes what
had to wait.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from codezest_sql.core.python_code.enum_members import member_names
from codezest_sql.core.python_code.header import header
from codezest_sql.core.python_code.layout import call, keyword, render
from codezest_sql.core.python_code.literals import docstring, long_string, string
from codezest_sql.core.python_code.names.field_names import field_names
from codezest_sql.core.python_code.names.model_names import enums, is_named
from codezest_sql.core.python_code.namespace import RUNTIME, Namespace
from codezest_sql.core.python_types.annotation import PythonType, PythonTypes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from codezest_sql.core.describe.model_facts import ModelFacts, Relation
    from codezest_sql.core.describe.types import TypeFacts
    from codezest_sql.core.python_code.names.model_names import ModelNames

_STR_ENUM = ("enum", "StrEnum")
_FIELD = ("pydantic", "Field")
_MODEL = (RUNTIME, "Model")
_OF_A_ROW = {"c": "A value of the composite type", "v": "A row of the view", "m": "A row of the materialised view"}
# How our own migrations close the comment of a table: the class of its data, for its maintainers.
_TRAILER = re.compile(r"\n\s*Class: \w+\s*\Z")
_INDENT = 4


@dataclass(frozen=True, slots=True)
class ModelField:
    """A field of a model: its name, its annotation, with ``| None`` where it may be NULL, and its description."""

    name: str
    type: PythonType
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Models:
    """The models of a database, as they are to be written."""

    facts: ModelFacts
    names: ModelNames
    fields: Mapping[int, tuple[ModelField, ...]]  # by the OID of the relation


def read_models(facts: ModelFacts, names: ModelNames, json_types: Mapping[str, PythonType]) -> Models:
    """Return the models; ``json_types`` are the declared types of JSON columns, by ``schema.table.column``."""
    types = PythonTypes(facts.types, names.classes)
    fields = {
        relation.oid: _fields(relation, types, json_types)
        for relation in facts.relations.values()
        if is_named(relation)
    }
    return Models(facts, names, fields)


def model_modules(models: Models, package: str) -> Mapping[str, str]:
    """Return the text of each module by its name, which is without that of the package."""
    schemas = sorted(models.names.modules)
    needs = {schema: frozenset(_needed(models, schema)) for schema in schemas}
    return {
        models.names.modules[schema]: _module(models, schema, package, _circular(schema, needs)) for schema in schemas
    }


def _fields(relation: Relation, types: PythonTypes, json_types: Mapping[str, PythonType]) -> tuple[ModelField, ...]:
    found: list[PythonType] = []
    for column in relation.columns:
        declared = json_types.get(f"{relation.qualified_name}.{column.name}")
        python = types.result(
            column.type_oid,
            declared=declared,
            elements_not_null=column.elements_not_null,
            dimensions=frozenset({column.dimensions}),
        )
        found.append(python if column.not_null else python.or_none())
    # Within the class a field would be found instead of the class that has its name.
    classes = {name for python in found for module, name in python.imports if ".models." in module}
    names = field_names([column.name for column in relation.columns], avoid=classes)
    return tuple(
        ModelField(name, python, column.comment)
        for name, python, column in zip(names, found, relation.columns, strict=True)
    )


def _of_schema(models: Models, schema: str) -> tuple[list[TypeFacts], list[Relation]]:
    """Return the enums and, what others are made of first, the relations of a schema."""
    relations = [one for one in models.facts.relations.values() if one.schema == schema and is_named(one)]
    named = sorted(relations, key=lambda one: (one.kind != "c", one.name))
    by_type = {one.row_type: one for one in named}
    ordered: dict[int, Relation] = {}

    def add(relation: Relation, around: frozenset[int]) -> None:
        for oid in _parts_of(models.facts, (column.type_oid for column in relation.columns)):
            within = by_type.get(oid)
            if within and within.oid not in around:
                add(within, around | {within.oid})
        ordered.setdefault(relation.oid, relation)

    for relation in named:
        add(relation, frozenset({relation.oid}))
    return [one for one in enums(models.facts) if one.schema == schema], list(ordered.values())


def _parts_of(facts: ModelFacts, oids: Iterable[int]) -> Iterator[int]:
    """Go through what is in arrays, domains and ranges, down to the types themselves."""
    for oid in oids:
        found = facts.types.get(oid)
        while found and (inner := found.element or found.base or found.subtype):
            found = facts.types.get(inner)
        if found:
            yield found.oid


def _needed(models: Models, schema: str) -> Iterator[str]:
    """Return the other schemas whose classes are used in the models of one."""
    by_module = {ref.module: models.names.modules for ref in models.names.classes.values()}
    schemas = {
        f"{module.rpartition('.')[0]}.{name}": key
        for module in by_module
        for key, name in models.names.modules.items()
    }
    for relation in _of_schema(models, schema)[1]:
        for one in models.fields[relation.oid]:
            for module, _ in one.type.imports:
                if module in schemas and schemas[module] != schema:
                    yield schemas[module]


def _circular(schema: str, needs: Mapping[str, frozenset[str]]) -> frozenset[str]:
    """Return the schemas that a schema needs and that, perhaps through others, need it."""

    def reached(start: str) -> set[str]:
        found: set[str] = set()
        waiting = [start]
        while waiting:
            for one in needs[waiting.pop()] - found:
                found.add(one)
                waiting.append(one)
        return found

    return frozenset(one for one in needs[schema] if schema in reached(one))


def _module(models: Models, schema: str, package: str, circular: frozenset[str]) -> str:
    found_enums, relations = _of_schema(models, schema)
    own = f"{package}.models.{models.names.modules[schema]}"
    fields = [one for relation in relations for one in models.fields[relation.oid]]
    classes = [models.names.classes[one.oid].name for one in found_enums]
    classes += [models.names.relations[one.oid].name for one in relations]
    imported = {one for each in fields for one in each.type.imports if one[0] != own}
    names = Namespace(
        package,
        defined={*classes, *(one.name for one in fields)},
        wanted={*imported, _STR_ENUM, _FIELD, _MODEL},
    )
    # Classes of this module are in annotations as they are.
    written = [_enum(models, one, names) for one in found_enums]
    written += [_model(models, one, names, own) for one in relations]
    late = frozenset(f"{package}.models.{models.names.modules[one]}" for one in circular)
    parts = [
        header(f"The models of the schema {schema}.", source="the migrations"),
        "from __future__ import annotations\n",
        f"{names.imports(below=late)}\n\n",
        "\n\n".join(written),
    ]
    if late:
        parts.append(f"\n# Modules that need each other.\n{names.imports_of(late)}\n")
    return "\n".join(parts)


def _enum(models: Models, found: TypeFacts, names: Namespace) -> str:
    comment = models.facts.type_comments.get(found.oid) or f"The enum {found.schema}.{found.bare_name}."
    lines = [f"class {models.names.classes[found.oid].name}({names.name(*_STR_ENUM)}):"]
    lines.append(f"    {docstring(comment, indent=_INDENT)}")
    if found.labels:
        lines.append("")
    lines += [
        f"    {name} = {string(label)}" for name, label in zip(member_names(found.labels), found.labels, strict=True)
    ]
    return "\n".join(lines) + "\n"


def _model(models: Models, relation: Relation, names: Namespace, own: str) -> str:
    comment = relation.comment or models.facts.type_comments.get(relation.row_type)
    comment = _TRAILER.sub("", f"\n{comment or ''}").strip()
    text = comment or f"{_OF_A_ROW.get(relation.kind, 'A row of')} {relation.qualified_name}."
    lines = [f"class {models.names.relations[relation.oid].name}({names.name(*_MODEL)}):"]
    lines.append(f"    {docstring(text, indent=_INDENT)}")
    fields = models.fields[relation.oid]
    if fields:
        lines.append("")
    lines += [f"    {_field(one, names, own)}" for one in fields]
    return "\n".join(lines) + "\n"


def _field(found: ModelField, names: Namespace, own: str) -> str:
    elsewhere = frozenset(one for one in found.type.imports if one[0] != own)
    start = f"{found.name}: {names.text(PythonType(found.type.text, elsewhere))}"
    if not found.comment:
        return start
    inner = _INDENT * 2
    node = call(names.name(*_FIELD), keyword("description", string(found.comment)))
    text = render(node, indent=_INDENT, before=f"{start} = ")
    if "\n" not in text:
        return text
    pieces = long_string(found.comment, indent=inner, taken=len("description="))
    return render(
        call(names.name(*_FIELD), keyword("description", pieces), broken=True), indent=_INDENT, before=f"{start} = "
    )
