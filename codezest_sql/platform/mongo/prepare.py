"""Makes collections, validators and indexes from the models: one call, as often as you like."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codezest_sql.errors import QueryError
from codezest_sql.platform.mongo.documents import DOCUMENTS, Document, Index
from codezest_sql.platform.mongo.failures import translated
from codezest_sql.platform.mongo.validators import json_schema

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
                found = _same_fields(index, known)
                if found is None:
                    database[name].create_index([*index.fields], **_options(index))
                elif change := _change(index, found):
                    database.command("collMod", name, index=change)
                elif _is_outlived(model, index, found):
                    database[name].drop_index(found["name"])
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
                found = _same_fields(index, known)
                if found is None:
                    await database[name].create_index([*index.fields], **_options(index))
                elif change := _change(index, found):
                    await database.command("collMod", name, index=change)
                elif _is_outlived(model, index, found):
                    await database[name].drop_index(found["name"])
                    await database[name].create_index([*index.fields], **_options(index))


def _options(index: Index) -> dict[str, Any]:
    found: dict[str, Any] = {"name": index.name}
    if index.unique:
        found["unique"] = True
    if index.expire_after is not None:
        found["expireAfterSeconds"] = index.expire_after
    return found


def _same_fields(index: Index, known: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return what is known of the index over these fields, its name with it."""
    for name, each in known.items():
        if [(field, int(order)) for field, order in each["key"]] == [*index.fields]:
            return {**each, "name": name}
    return None


def _change(index: Index, found: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the arguments of collMod for another time to live; None if it needs no change."""
    if index.expire_after is None or found.get("expireAfterSeconds") == index.expire_after:
        return None
    return {"keyPattern": dict(index.fields), "expireAfterSeconds": index.expire_after}


def _is_outlived(model: type[Document], index: Index, found: Mapping[str, Any]) -> bool:
    """Whether an index ends documents, as the model's does not any more.

    Raises ``QueryError`` where the two differ in being unique: dropping comes first, and making it again may fail.
    """
    if bool(found.get("unique")) != index.unique:
        kind = "not unique" if index.unique else "unique"
        raise QueryError(
            f"{model.collection}: the index {found['name']} is {kind}, the model's otherwise",
            hint="drop it, and prepare makes it again",
        )
    return index.expire_after is None and found.get("expireAfterSeconds") is not None
