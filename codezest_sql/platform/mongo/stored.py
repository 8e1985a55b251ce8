"""A document as MongoDB holds it, and back. Pure.

A UUID is text: it is found by equality, sorts as it reads, and is the same to every tool. The id is ``_id``.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from pydantic import BaseModel, ValidationError

from codezest_sql.errors import UnreadableValueError

if TYPE_CHECKING:
    from collections.abc import Mapping

# What filters and pipelines hold filters and names of whole documents in.
_OF_WHOLE = frozenset({"$and", "$or", "$nor", "$match", "$project", "$sort", "$set", "$unset", "$addFields"})
ModelT = TypeVar("ModelT", bound=BaseModel)


def to_stored(value: Any, *, is_whole: bool = True) -> Any:
    """Return a model, or a filter or a pipeline, as MongoDB holds it.

    ``id`` is ``_id`` of whole documents and of what their filters name, and not within them: a model in a field keeps
    its id, and a dictionary its keys.
    """
    if isinstance(value, BaseModel):
        found = {name: to_stored(getattr(value, name), is_whole=False) for name in type(value).model_fields}
        return {"_id": found.pop("id"), **found} if is_whole and "id" in found else found
    if isinstance(value, UUID):
        return str(value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, dict):
        fields = cast("dict[str, Any]", value)
        return {
            ("_id" if is_whole and name == "id" else name): to_stored(each, is_whole=is_whole and name in _OF_WHOLE)
            for name, each in fields.items()
        }
    if isinstance(value, list | tuple):
        return [to_stored(each, is_whole=is_whole) for each in cast("list[Any]", value)]
    return value


def from_stored(model: type[ModelT], found: Mapping[str, Any], collection: str) -> ModelT:
    """Return the model of what MongoDB holds. Raises ``UnreadableValueError`` with document and field."""
    values = {("id" if name == "_id" and "id" in model.model_fields else name): each for name, each in found.items()}
    try:
        return model.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"])) or "the document"
        raise UnreadableValueError(
            f"{collection}: the document {found.get('_id')} is no {model.__name__}: {where}: {first['msg']}",
            hint="correct the document, or let the model take what older versions wrote",
        ) from None
