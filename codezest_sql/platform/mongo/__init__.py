"""The optional document store: typed collections over MongoDB for what is written once, large, and read seldom.

Logs of graded runs, versions of materials, raw exchanges with models. Nothing of it is needed to serve a request:
what counts is in PostgreSQL. Needs the extra ``mongo``.
"""

from __future__ import annotations

from codezest_sql.platform.mongo.client import connect, connect_async
from codezest_sql.platform.mongo.collections import AsyncCollection, Collection
from codezest_sql.platform.mongo.documents import AnalysisTranscript, ContentRevision, Document, ExecutionLog, Index
from codezest_sql.platform.mongo.prepare import prepare, prepare_async
from codezest_sql.platform.mongo.store import AsyncStore, Store

__all__ = [
    "AnalysisTranscript",
    "AsyncCollection",
    "AsyncStore",
    "Collection",
    "ContentRevision",
    "Document",
    "ExecutionLog",
    "Index",
    "Store",
    "connect",
    "connect_async",
    "prepare",
    "prepare_async",
]
