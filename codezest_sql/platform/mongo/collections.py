"""Typed collections, sync and async: documents go in and come out as models. A test compares both APIs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

from codezest_sql.platform.mongo.documents import Document
from codezest_sql.platform.mongo.failures import translated
from codezest_sql.platform.mongo.stored import ModelT, from_stored, to_stored

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Generator, Mapping, Sequence
    from uuid import UUID

    from pymongo.asynchronous.collection import AsyncCollection as RawAsyncCollection
    from pymongo.collection import Collection as RawCollection

DocumentT = TypeVar("DocumentT", bound=Document)


class Collection(Generic[DocumentT]):
    """The documents of one model; ``raw`` is pymongo's own, for all that is not here."""

    def __init__(self, model: type[DocumentT], raw: RawCollection[dict[str, Any]]) -> None:
        self.model, self.raw = model, raw

    def insert(self, document: DocumentT) -> None:
        """Add a document. Raises ``UniqueViolation`` where its id or key is there already."""
        with translated(self.raw.name):
            self.raw.insert_one(to_stored(document))

    def insert_many(self, documents: Sequence[DocumentT]) -> int:
        """Add documents in their order, up to the first that is refused; return their number."""
        if not documents:
            return 0
        with translated(self.raw.name):
            return len(self.raw.insert_many([to_stored(each) for each in documents]).inserted_ids)

    def get(self, key: UUID) -> DocumentT | None:
        """Return a document by its id."""
        with translated(self.raw.name):
            found = self.raw.find_one({"_id": str(key)})
        return None if found is None else from_stored(self.model, found, self.raw.name)

    def find(
        self, where: Mapping[str, Any] | None = None, *, sort: Sequence[tuple[str, int]] = (), limit: int = 0
    ) -> Generator[DocumentT]:
        """Give the documents that a filter of MongoDB's finds; a ``limit`` of 0 is none."""
        with translated(self.raw.name):
            cursor = self.raw.find(to_stored(dict(where or {})), limit=limit)
            for found in cursor.sort([*sort]) if sort else cursor:
                yield from_stored(self.model, found, self.raw.name)

    def count(self, where: Mapping[str, Any] | None = None) -> int:
        """Return how many documents a filter finds."""
        with translated(self.raw.name):
            return self.raw.count_documents(to_stored(dict(where or {})))

    def replace(self, document: DocumentT, *, expected: DocumentT) -> bool:
        """Put a document in the place of the ``expected`` one; False where that is there no longer as it was."""
        with translated(self.raw.name):
            return bool(self.raw.replace_one(to_stored(expected), to_stored(document)).matched_count)

    def delete(self, where: Mapping[str, Any]) -> int:
        """Delete what a filter finds and return the number; ``{}`` is everything."""
        with translated(self.raw.name):
            return self.raw.delete_many(to_stored(dict(where))).deleted_count

    def aggregate(self, pipeline: Sequence[Mapping[str, Any]], model: type[ModelT]) -> list[ModelT]:
        """Return what a pipeline of MongoDB's makes, each as the given model."""
        with translated(self.raw.name):
            found = list(self.raw.aggregate([to_stored(dict(each)) for each in pipeline]))
        return [from_stored(model, each, self.raw.name) for each in found]


class AsyncCollection(Generic[DocumentT]):
    """The documents of one model; ``raw`` is pymongo's own, for all that is not here."""

    def __init__(self, model: type[DocumentT], raw: RawAsyncCollection[dict[str, Any]]) -> None:
        self.model, self.raw = model, raw

    async def insert(self, document: DocumentT) -> None:
        """Add a document. Raises ``UniqueViolation`` where its id or key is there already."""
        with translated(self.raw.name):
            await self.raw.insert_one(to_stored(document))

    async def insert_many(self, documents: Sequence[DocumentT]) -> int:
        """Add documents in their order, up to the first that is refused; return their number."""
        if not documents:
            return 0
        with translated(self.raw.name):
            done = await self.raw.insert_many([to_stored(each) for each in documents])
        return len(done.inserted_ids)

    async def get(self, key: UUID) -> DocumentT | None:
        """Return a document by its id."""
        with translated(self.raw.name):
            found = await self.raw.find_one({"_id": str(key)})
        return None if found is None else from_stored(self.model, found, self.raw.name)

    async def find(
        self, where: Mapping[str, Any] | None = None, *, sort: Sequence[tuple[str, int]] = (), limit: int = 0
    ) -> AsyncGenerator[DocumentT]:
        """Give the documents that a filter of MongoDB's finds; a ``limit`` of 0 is none."""
        with translated(self.raw.name):
            cursor = self.raw.find(to_stored(dict(where or {})), limit=limit)
            async for found in cursor.sort([*sort]) if sort else cursor:
                yield from_stored(self.model, found, self.raw.name)

    async def count(self, where: Mapping[str, Any] | None = None) -> int:
        """Return how many documents a filter finds."""
        with translated(self.raw.name):
            return await self.raw.count_documents(to_stored(dict(where or {})))

    async def replace(self, document: DocumentT, *, expected: DocumentT) -> bool:
        """Put a document in the place of the ``expected`` one; False where that is there no longer as it was."""
        with translated(self.raw.name):
            done = await self.raw.replace_one(to_stored(expected), to_stored(document))
        return bool(done.matched_count)

    async def delete(self, where: Mapping[str, Any]) -> int:
        """Delete what a filter finds and return the number; ``{}`` is everything."""
        with translated(self.raw.name):
            done = await self.raw.delete_many(to_stored(dict(where)))
        return done.deleted_count

    async def aggregate(self, pipeline: Sequence[Mapping[str, Any]], model: type[ModelT]) -> list[ModelT]:
        """Return what a pipeline of MongoDB's makes, each as the given model."""
        with translated(self.raw.name):
            cursor = await self.raw.aggregate([to_stored(dict(each)) for each in pipeline])
            found = await cursor.to_list()
        return [from_stored(model, each, self.raw.name) for each in found]
