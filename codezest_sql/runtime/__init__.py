"""Runs checked queries: what generated code imports, and the two APIs of a database, sync and async.

What generated code needs loads no driver; ``Database`` and its kin are imported when they are first asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from codezest_sql.runtime.query_kinds import CopyFrom, Exec, ExecRows, First, Many, One, Opt, Query
from codezest_sql.runtime.values import (
    ABSENT,
    JSON_NULL,
    Absent,
    Column,
    JsonNull,
    Model,
    Nested,
    Parameter,
    Statement,
)

if TYPE_CHECKING:
    from codezest_sql.runtime.database import AsyncDatabase as AsyncDatabase
    from codezest_sql.runtime.database import Database as Database
    from codezest_sql.runtime.loading import load_queries as load_queries
    from codezest_sql.runtime.ranges import Multirange as Multirange
    from codezest_sql.runtime.ranges import Range as Range

__all__ = [
    "ABSENT",
    "JSON_NULL",
    "Absent",
    "AsyncDatabase",
    "Column",
    "CopyFrom",
    "Database",
    "Exec",
    "ExecRows",
    "First",
    "JsonNull",
    "Many",
    "Model",
    "Multirange",
    "Nested",
    "One",
    "Opt",
    "Parameter",
    "Query",
    "Range",
    "Statement",
    "load_queries",
]

_LATE = {
    "AsyncDatabase": "database",
    "Database": "database",
    "Multirange": "ranges",
    "Range": "ranges",
    "load_queries": "loading",
}


def __getattr__(name: str) -> Any:
    if name in _LATE:
        return getattr(import_module(f"{__name__}.{_LATE[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
