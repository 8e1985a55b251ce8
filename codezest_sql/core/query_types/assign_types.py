"""A query and the server's description of each variant become a typed query, or errors with their places."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeAlias

from codezest_sql.core.python_types.annotation import PythonType, PythonTypes
from codezest_sql.core.python_types.built_json import json_type
from codezest_sql.core.query_files.copy_shape import copy_shape, keeps_values
from codezest_sql.core.query_files.dialect import Dialect
from codezest_sql.core.query_files.query import ALWAYS, QueryKind
from codezest_sql.core.query_types.column_alias import Override, read_alias
from codezest_sql.core.query_types.nested_shape import Shape, nested_shape
from codezest_sql.core.query_types.result_model import Presence, origin_column, result_models
from codezest_sql.core.query_types.sqlc_embed import embedded_names
from codezest_sql.core.query_types.typed_query import TypedColumn, TypedParameter, TypedQuery
from codezest_sql.core.sql.lexer import TokenKind, scan
from codezest_sql.errors import ColumnAliasError, QueryKindError, QueryParameterError, QueryVariantsError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from codezest_sql.core.describe.description import Analysis, ResultColumn, StatementParameter
    from codezest_sql.core.describe.model_facts import ModelColumn, ModelFacts, Relation
    from codezest_sql.core.python_types.built_json import JsonType
    from codezest_sql.core.query_files.query import Parameter, Query, Variant
    from codezest_sql.errors import ProjectError

# Given a variant and columns that are not NULL: which columns then are not, None if the server cannot answer.
Prove: TypeAlias = "Callable[[Variant, Presence], Sequence[bool] | None]"


@dataclass(frozen=True, slots=True)
class TypingContext:
    """What is known of the database and the configuration. ``json_types`` are by ``schema.table.column``."""

    python: PythonTypes
    facts: ModelFacts
    json_types: Mapping[str, PythonType] = field(default_factory=dict[str, PythonType])

    @property
    def relations(self) -> Mapping[int, Relation]:
        """The relations by OID."""
        return self.facts.relations

    def declared(self, column: ResultColumn) -> PythonType | None:
        """Return the configured Python type of the JSON column that a column of a result is."""
        origin = column.origin
        return self.json_types.get(f"{origin.schema}.{origin.table}.{origin.column}") if origin else None


def type_query(
    query: Query, analyses: Sequence[tuple[Variant, Analysis]], context: TypingContext, prove: Prove
) -> TypedQuery | tuple[ProjectError, ...]:
    """Return the typed query, or every mistake that only its types show; the full variant comes first."""
    full = analyses[0][1]
    errors: list[ProjectError] = [*_kind(query, full), *_differing(query, analyses)]
    parameters = _parameters(query, analyses, context, errors)
    if errors or not query.kind.gives_rows:
        copy = copy_shape(query) if query.kind is QueryKind.COPYFROM else None
        if copy is not None:
            parameters = _copied(query, parameters, full, context, errors)
        return tuple(errors) or TypedQuery(query, parameters, copy=copy, relations=_relations(analyses, context))
    names = embedded_names(query.embeds, full.columns, context.relations)
    shape = nested_shape(names, rename_duplicates=query.dialect is Dialect.SQLC)
    if not isinstance(shape, Shape):
        return tuple(_misnamed(query, names[each.column], each.message, each.hint) for each in shape)
    not_null = [_proven(names, analyses, index) for index in range(len(names))]
    models = result_models(shape, full.columns, not_null, context.relations)
    if models.mistakes:
        return tuple(_misnamed(query, names[each.column], each.message, each.hint) for each in models.mistakes)
    within = list(not_null)
    for question in models.questions:
        answers = [prove(variant, question) for variant, _ in analyses]
        for column in question.columns:
            if all(answer is not None and answer[column] for answer in answers):
                within[column] = read_alias(names[column]).override is not Override.NULLABLE
    columns = tuple(
        [
            _column(names[index], column, context, may_be_null=not not_null[index], nullable=not within[index])
            for index, column in enumerate(full.columns)
        ]
    )
    single = all(analysis.at_most_one_row for _, analysis in analyses)
    return TypedQuery(
        query,
        parameters,
        columns,
        models.root,
        at_most_one_row=single,
        relations=_relations(analyses, context),
        sorted_by=min((analysis.facts.sorted_by for _, analysis in analyses), key=len),
    )


def _kind(query: Query, analysis: Analysis) -> list[ProjectError]:
    if query.kind.gives_rows and not analysis.returns_rows:
        hint = "write :exec, or :execrows for the number of rows; or add RETURNING"
        return [_at_name(query, QueryKindError, f":{query.kind} names rows, and the statement returns none", hint)]
    return []


def _differing(query: Query, analyses: Sequence[tuple[Variant, Analysis]]) -> list[ProjectError]:
    """Refuse variants that return other columns than the first: one model has to hold the rows of all."""
    full = [(column.name, column.type_name) for column in analyses[0][1].columns]
    for variant, analysis in analyses[1:]:
        if [(column.name, column.type_name) for column in analysis.columns] != full:
            message = f"the columns are others {in_words(variant, query)}: one model has to hold them all"
            hint = "leave the list of columns out of optional parts"
            return [_at_name(query, QueryVariantsError, message, hint)]
    return []


def in_words(variant: Variant, query: Query) -> str:
    """Return which parts a variant has, as text for a message."""
    off = [name for name in query.ifs if name not in variant.choice.ifs]
    words = [f"without :if {name}" for name in off]
    if variant.choice.order and len(query.orders) > 1:
        words.append(f"in the order {variant.choice.order}")
    return " and ".join(words) or "with every part"


def _parameters(
    query: Query,
    analyses: Sequence[tuple[Variant, Analysis]],
    context: TypingContext,
    errors: list[ProjectError],
) -> tuple[TypedParameter, ...]:
    typed = [_parameter(query, parameter, analyses, context, errors) for parameter in query.parameters]
    flags = [TypedParameter(name, "boolean", PythonType("bool"), flag=True) for name in query.flags]
    return (*typed, *flags)


def _parameter(
    query: Query,
    parameter: Parameter,
    analyses: Sequence[tuple[Variant, Analysis]],
    context: TypingContext,
    errors: list[ProjectError],
) -> TypedParameter:
    seen: list[StatementParameter] = []
    declared: PythonType | None = None
    elements_nullable = True
    dimensions = 1
    for variant, analysis in analyses:
        if parameter.name in variant.parameters:
            index = variant.parameters.index(parameter.name)
            seen.append(analysis.parameters[index])
            for number, relation, column in analysis.facts.assigned_parameters:
                if number == index + 1:
                    target = _model_column(context, relation, column)
                    declared = declared or _declared(context, relation, target)
                    dimensions = max(dimensions, target.dimensions if target else 1)
                    # A CHECK of the table refuses them.
                    elements_nullable = elements_nullable and not (target and target.elements_not_null)
    first = seen[0]
    other = next((each for each in seen if each.type_oid != first.type_oid), None)
    if other is not None:
        message = f"{parameter.shown} is {first.type_name} in one variant, {other.type_name} in another"
        hint = f"cast it to one type, such as {parameter.shown}::{first.type_name}"
        offset = query.source.line_starts[parameter.places[0].line - 1] + parameter.places[0].column - 1
        errors.append(query.source.mistake(QueryParameterError, offset, message, hint))
    always = ALWAYS in parameter.when or any(not each.ifs for each in parameter.when)
    return TypedParameter(
        parameter.name,
        first.type_name,
        context.python.parameter(
            first.type_oid,
            declared=declared,
            elements_nullable=elements_nullable and all(each.elements_may_be_null for each in seen),
            dimensions=dimensions,
        ),
        nullable=parameter.forced_nullable or all(each.may_be_null for each in seen),
        optional=parameter.optional,
        needs=() if always else tuple(each.ifs for each in parameter.when),
    )


def _copied(
    query: Query,
    parameters: tuple[TypedParameter, ...],
    analysis: Analysis,
    context: TypingContext,
    errors: list[ProjectError],
) -> tuple[TypedParameter, ...]:
    """Return the parameters of a COPY with the types of their columns, which a cast in the INSERT may differ from."""
    types, copy = context.python.types, copy_shape(query)
    written = [context.relations[oid] for oid in analysis.facts.relations if oid in context.relations]
    table = next((each for each in written if each.name == copy.table[-1]), None)
    if table is None:
        return parameters
    found = {each.name: each for each in parameters}
    for name, written_column in zip(copy.parameters, copy.columns, strict=True):
        column = next((each for each in table.columns if each.name == written_column), None)
        number = query.full.parameters.index(name)
        given = analysis.parameters[number].type_oid
        bare = context.python.base(column.type_oid) if column else 0
        if column is None or given in {column.type_oid, bare}:
            continue
        if not keeps_values(given, bare):
            parameter = query.parameters[number]
            place = parameter.places[0]
            wanted = types[column.type_oid].name
            message = f"COPY sends {parameter.shown} as {wanted}, and the cast makes it {found[name].type_name}"
            hint = f"remove the cast, or cast to {wanted}"
            offset = query.source.line_starts[place.line - 1] + place.column - 1
            errors.append(query.source.mistake(QueryKindError, offset, message, hint))
        else:
            found[name] = replace(found[name], type_name=types[bare].name, python=context.python.parameter(bare))
    return tuple(found.values())


def _model_column(context: TypingContext, relation: int, column: int) -> ModelColumn | None:
    table = context.relations.get(relation)
    return next((each for each in table.columns if each.number == column), None) if table else None


def _declared(context: TypingContext, relation: int, column: ModelColumn | None) -> PythonType | None:
    return context.json_types.get(f"{context.relations[relation].qualified_name}.{column.name}") if column else None


def _proven(names: Sequence[str], analyses: Sequence[tuple[Variant, Analysis]], index: int) -> bool:
    override = read_alias(names[index]).override
    if override is Override.NONE:
        return all(analysis.columns[index].not_null for _, analysis in analyses)
    return override is Override.NOT_NULL


def _column(
    name: str, column: ResultColumn, context: TypingContext, *, may_be_null: bool, nullable: bool
) -> TypedColumn:
    declared = origin_column(column, context.relations)
    python = context.python.result(
        column.type_oid,
        declared=context.declared(column),
        elements_not_null=column.elements_not_null or (declared is not None and declared.elements_not_null),
        dimensions=column.dimensions,
    )
    alias = read_alias(name)
    return TypedColumn(
        ".".join([*(f"{step.name}[]" if step.is_list else step.name for step in alias.path), alias.name]),
        column.type_name,
        python,
        nullable,
        column.origin,
        may_be_null=may_be_null,
        json=_json(column, context),
        dimensions=column.dimensions,
    )


def _json(column: ResultColumn, context: TypingContext) -> JsonType | None:
    """Return what JSON that is built is, unless it is an array of SQL, whose type is enough."""
    facts = context.python.types.get(column.type_oid)
    if column.shape is None or facts is None or facts.bare_name not in {"json", "jsonb"}:
        return None
    return json_type(column.shape, context.python, context.json_types)


def _relations(analyses: Sequence[tuple[Variant, Analysis]], context: TypingContext) -> frozenset[str]:
    used = frozenset[int]().union(*(analysis.facts.relations for _, analysis in analyses))
    return frozenset(context.relations[oid].qualified_name for oid in used if oid in context.relations)


def _misnamed(query: Query, alias: str, message: str, hint: str) -> ProjectError:
    """Return a mistake at an alias, which is where the source writes it in quotes, else at the query."""
    quoted = '"' + alias.replace('"', '""') + '"'
    text = query.source.text
    # No further than the query goes: what follows it has aliases, and mistakes, of its own.
    start = min((piece.start for piece in query.pieces), default=0)
    end = max((piece.start + piece.width for piece in query.pieces), default=0)
    for token in scan(text, start, end, file=query.source.file):
        if token.kind is TokenKind.QUOTED_IDENTIFIER and token.text(text) == quoted:
            return query.source.mistake(ColumnAliasError, token.start, message, hint)
    return _at_name(query, ColumnAliasError, message, hint)


def _at_name(query: Query, kind: type[ProjectError], message: str, hint: str) -> ProjectError:
    offset = query.source.line_starts[query.place.line - 1] + query.place.column - 1
    return query.source.mistake(kind, offset, f"{query.name}: {message}", hint)
