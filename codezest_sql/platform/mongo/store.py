"""The collections of the platform, by their names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codezest_sql.platform.mongo.collections import AsyncCollection, Collection
from codezest_sql.platform.mongo.documents import AnalysisTranscript, ContentRevision, ExecutionLog

if TYPE_CHECKING:
    from pymongo import AsyncMongoClient, MongoClient

DATABASE = "codezest"  # where the address names none


class Store:
    """All collections of a client, in the database that its address names."""

    def __init__(self, client: MongoClient[dict[str, Any]]) -> None:
        self.database = client.get_default_database(DATABASE)
        self.execution_logs = Collection(ExecutionLog, self.database[ExecutionLog.collection])
        self.content_revisions = Collection(ContentRevision, self.database[ContentRevision.collection])
        self.analysis_transcripts = Collection(AnalysisTranscript, self.database[AnalysisTranscript.collection])


class AsyncStore:
    """All collections of a client, in the database that its address names."""

    def __init__(self, client: AsyncMongoClient[dict[str, Any]]) -> None:
        self.database = client.get_default_database(DATABASE)
        self.execution_logs = AsyncCollection(ExecutionLog, self.database[ExecutionLog.collection])
        self.content_revisions = AsyncCollection(ContentRevision, self.database[ContentRevision.collection])
        self.analysis_transcripts = AsyncCollection(AnalysisTranscript, self.database[AnalysisTranscript.collection])
