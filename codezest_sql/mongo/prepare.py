"""Makes collections, validators and indexes from the models: one call, as often as you like."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codezest_sql.mongo.documents import DOCUMENTS, Document, Index
from codezest_sql.mongo.failures import translated
from codezest_sql.mongo.validators import json_schema

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pymongo.asynchronous.database import AsyncDatabase
    from pymongo.database import Database


def prepare(database: Database[dict[str, Any]], documents: Sequence[type[Document]] = DOCUMENTS) -> None:
    """Let the store have a collection for each model: its validator, its indexes, its time to live.

    What is there is changed to fit: a validator, the seconds of a time to live. An index that no model names stays.
    Raises ``ConnectionLostError`` and ``QueryError``.
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
                elif not _is_there(index, known):
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
                elif not _is_there(index, known):
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


def _change(index: Index, known: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return how collMod is told another time to live; None where nothing is to be changed."""
    found = _same_fields(index, known)
    if found is None or index.expire_after is None or found.get("expireAfterSeconds") == index.expire_after:
        return None
    return {"keyPattern": dict(index.fields), "expireAfterSeconds": index.expire_after}
