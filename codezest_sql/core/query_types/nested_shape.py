"""The shape of a result, from the aliases of its columns alone: which models nest in which, and which are lists.

What only the catalog knows (that the primary keys are among the columns) is checked elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from codezest_sql.core.query_types.column_alias import AliasProblemError, ColumnAlias, Override, read_alias
from codezest_sql.core.sql.identifiers import MAXIMUM_LENGTH

if TYPE_CHECKING:
    from collections.abc import Sequence


class AliasMistake(NamedTuple):
    """What is wrong with the alias of column ``column`` (from 0), and the hint."""

    column: int
    message: str
    hint: str


@dataclass(frozen=True, slots=True)
class Leaf:
    """A column of the result, by its number from 0."""

    name: str
    column: int
    override: Override = Override.NONE


@dataclass(frozen=True, slots=True)
class Shape:
    """A model: its fields in the order in which their first columns come.

    The outermost one has no name. ``is_list`` where there are several of it in the one around it.
    """

    name: str
    is_list: bool
    fields: tuple[Leaf | Shape, ...]

    @property
    def leaves(self) -> tuple[Leaf, ...]:
        """Its own columns, without those of models within it."""
        return tuple(each for each in self.fields if isinstance(each, Leaf))

    @property
    def models(self) -> tuple[Shape, ...]:
        """The models within it."""
        return tuple(each for each in self.fields if isinstance(each, Shape))

    @property
    def is_flat(self) -> bool:
        """Whether no model is within it."""
        return not self.models


def has_list(shape: Shape) -> bool:
    """Return whether rows are gathered: into a list of the shape, or of a single model within it."""
    return any(model.is_list or has_list(model) for model in shape.models)


@dataclass(slots=True)
class _Model:
    name: str
    is_list: bool
    column: int
    fields: dict[str, Leaf | _Model] = field(default_factory=dict[str, "Leaf | _Model"])


def nested_shape(aliases: Sequence[str], *, rename_duplicates: bool = False) -> Shape | tuple[AliasMistake, ...]:
    """Return the shape that the aliases make, or every mistake in them.

    ``rename_duplicates`` is sqlc's way with two columns of one name: the second one is called ``id_2``.
    """
    mistakes: list[AliasMistake] = []
    root = _Model("", is_list=False, column=0)
    for column, alias in enumerate(aliases):
        length = len(alias.encode("utf-8", "surrogatepass"))
        if length > MAXIMUM_LENGTH:
            hint = f"shorten it: the server cuts it to {MAXIMUM_LENGTH} bytes"
            mistakes.append(AliasMistake(column, f"the alias {alias!r} has {length} bytes", hint))
            continue
        try:
            read = read_alias(alias)
        except AliasProblemError as problem:
            mistakes.append(AliasMistake(column, problem.message, problem.hint))
            continue
        mistake = _place(root, read, alias, column, rename_duplicates=rename_duplicates)
        if mistake:
            mistakes.append(mistake)
    mistakes.extend(_lists(root))
    return tuple(sorted(mistakes)) if mistakes else _frozen(root)


def _place(
    root: _Model, alias: ColumnAlias, written: str, column: int, *, rename_duplicates: bool
) -> AliasMistake | None:
    """Put a column into its model, or record why it cannot be there."""
    model = root
    for step in alias.path:
        there = model.fields.get(step.name)
        if there is None:
            there = _Model(step.name, step.is_list, column)
            model.fields[step.name] = there
        if isinstance(there, Leaf):
            message = f"{step.name!r} is a column and, by {written!r}, a model too"
            return AliasMistake(column, message, "give one of them another name")
        if there.is_list != step.is_list:
            message = f"{step.name!r} is one model and, by {written!r}, a list too"
            if there.is_list:
                message = f"{step.name!r} is a list and, by {written!r}, one model too"
            return AliasMistake(column, message, f"write {step.name}[]. in all of its aliases, or in none")
        model = there
    name, count = alias.name, 1
    while rename_duplicates and name in model.fields:
        count += 1
        name = f"{alias.name}_{count}"
    there = model.fields.setdefault(name, Leaf(name, column, alias.override))
    if isinstance(there, _Model):
        message = f"{name!r} is a model and, by {written!r}, a column too"
        return AliasMistake(column, message, "give one of them another name")
    if there.column != column:
        message = f"columns {there.column + 1} and {column + 1} are both called {name!r}"
        return AliasMistake(column, message, 'give one of them another name with AS, such as AS "author.id"')
    return None


def _lists(model: _Model) -> list[AliasMistake]:
    """Return the lists that multiply each other's rows, and those whose parent is unknown."""
    mistakes: list[AliasMistake] = []
    lists = _lists_of_level(model)
    for one in lists[1:]:
        message = (
            f"the lists {lists[0].name!r} and {one.name!r} stand side by side, so each multiplies the other's rows"
        )
        hint = "select one of them as jsonb_agg(jsonb_build_object(…)) in a subquery"
        mistakes.append(AliasMistake(one.column, message, hint))
    if lists and not any(isinstance(each, Leaf) for each in model.fields.values()):
        whose = f"of {model.name!r} " if model.name else ""
        message = f"no column {whose}identifies which rows of the list {lists[0].name!r} belong together"
        mistakes.append(AliasMistake(lists[0].column, message, "select the primary key of what the list belongs to"))
    for one in lists:
        mistakes.extend(_lists(one))
    return mistakes


def _lists_of_level(model: _Model) -> list[_Model]:
    """Return the lists in a model and in the single models within it, but not those in its lists."""
    found: list[_Model] = []
    for each in model.fields.values():
        if isinstance(each, _Model):
            found.extend([each] if each.is_list else _lists_of_level(each))
    return found


def _frozen(model: _Model) -> Shape:
    fields = tuple(_frozen(each) if isinstance(each, _Model) else each for each in model.fields.values())
    return Shape(model.name, model.is_list, fields)
