"""Makes collections, validators and indexes from the models: one call, as often as you like."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codezest_sql.errors import QueryError
from codezest_sql.mongo.documents import DOCUMENTS, Document, Index
from codezest_sql.mongo.failures import translated
from codezest_sql.mongo.validators import json_schema

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pymongo.asynchronous.database import AsyncDatabase
    from pymongo.database import Database


def prepare(database: Database[dict[str, Any]], documents: Sequence[type[Document]] = DOCUMENTS) -> None:
    """Let the store have a collection for each model: its validator, its indexes, its time to live.

    What is there is changed to fit: a validator, a time to live. An index that no model names stays. Raises
    ``ConnectionLostError`` and ``QueryError``, also for an index that is unique here and not there, or the reverse.
    """
    with translated("prepare"):
        there = set(database.list_collection_names())
        for model in documents:
            name, validator = model.collection, json_schema(model)
            if name in there:
                database.command("collMod", name, validator=validator)
            else:
                database.create_collection(name, validator=validator)
            known = database[name].index_information()
            for index in model.indexes:
                if change := _change(index, known):
                    database.command("collMod", name, index=change)
                    continue
                if name_there := _outlived(model, index, known):
                    database[name].drop_index(name_there)
                elif _is_there(index, known):
                    continue
                database[name].create_index([*index.fields], **_options(index))


async def prepare_async(
    database: AsyncDatabase[dict[str, Any]], documents: Sequence[type[Document]] = DOCUMENTS
) -> None:
    """Do what ``prepare`` does."""
    with translated("prepare"):
        there = set(await database.list_collection_names())
        for model in documents:
            name, validator = model.collection, json_schema(model)
            if name in there:
                await database.command("collMod", name, validator=validator)
            else:
                await database.create_collection(name, validator=validator)
            known = await database[name].index_information()
            for index in model.indexes:
                if change := _change(index, known):
                    await database.command("collMod", name, index=change)
                    continue
                if name_there := _outlived(model, index, known):
                    await database[name].drop_index(name_there)
                elif _is_there(index, known):
                    continue
                await database[name].create_index([*index.fields], **_options(index))


def _options(index: Index) -> dict[str, Any]:
    found: dict[str, Any] = {"name": index.name}
    if index.unique:
        found["unique"] = True
    if index.expire_after is not None:
        found["expireAfterSeconds"] = index.expire_after
    return found


def _same_fields(index: Index, known: Mapping[str, Any]) -> dict[str, Any] | None:
    for each in known.values():
        if [(field, int(order)) for field, order in each["key"]] == [*index.fields]:
            found: dict[str, Any] = dict(each)
            return found
    return None


def _is_there(index: Index, known: Mapping[str, Any]) -> bool:
    return _same_fields(index, known) is not None


def _outlived(model: type[Document], index: Index, known: Mapping[str, Any]) -> str | None:
    """Return the name of an index that ends documents, as the model's does not any more.

    Raises ``QueryError`` where the two differ in being unique: dropping comes first, and making it anew may fail.
    """
    for name, each in known.items():
        if [(field, int(order)) for field, order in each["key"]] == [*index.fields]:
            if bool(each.get("unique")) != index.unique:
                raise QueryError(
                    f"{model.collection}: the index {name} is {'not ' * index.unique}unique, the model's otherwise",
                    hint="drop it, and prepare makes it anew",
                )
            if index.expire_after is None and each.get("expireAfterSeconds") is not None:
                return str(name)
    return None


def _change(index: Index, known: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return how collMod is told another time to live; None where nothing is to be changed."""
    found = _same_fields(index, known)
    if found is None or index.expire_after is None or found.get("expireAfterSeconds") == index.expire_after:
        return None
    return {"keyPattern": dict(index.fields), "expireAfterSeconds": index.expire_after}
