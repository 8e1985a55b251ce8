"""Write SQL, get typed Python: the public names of codezest-sql, and nothing else.

They are imported when first asked for: the command line needs none of them, and asks for its version only.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from codezest_sql.errors import ArgumentError as ArgumentError
    from codezest_sql.errors import CheckViolation as CheckViolation
    from codezest_sql.errors import CodezestError as CodezestError
    from codezest_sql.errors import CommitUnknown as CommitUnknown
    from codezest_sql.errors import ConnectionLostError as ConnectionLostError
    from codezest_sql.errors import ConnectionUnusableError as ConnectionUnusableError
    from codezest_sql.errors import ConstraintViolation as ConstraintViolation
    from codezest_sql.errors import ExclusionViolation as ExclusionViolation
    from codezest_sql.errors import ForeignKeyViolation as ForeignKeyViolation
    from codezest_sql.errors import InvalidValue as InvalidValue
    from codezest_sql.errors import NoRowFound as NoRowFound
    from codezest_sql.errors import NotNullViolation as NotNullViolation
    from codezest_sql.errors import PoolExhausted as PoolExhausted
    from codezest_sql.errors import QueryError as QueryError
    from codezest_sql.errors import SchemaMismatchError as SchemaMismatchError
    from codezest_sql.errors import SerializationConflict as SerializationConflict
    from codezest_sql.errors import StatementTimeout as StatementTimeout
    from codezest_sql.errors import TooManyRows as TooManyRows
    from codezest_sql.errors import UniqueViolation as UniqueViolation
    from codezest_sql.errors import UnreadableValueError as UnreadableValueError
    from codezest_sql.runtime.connections import PoolSettings as PoolSettings
    from codezest_sql.runtime.database import AsyncDatabase as AsyncDatabase
    from codezest_sql.runtime.database import AsyncTransaction as AsyncTransaction
    from codezest_sql.runtime.database import Database as Database
    from codezest_sql.runtime.database import Transaction as Transaction
    from codezest_sql.runtime.database import run as run
    from codezest_sql.runtime.database import run_async as run_async
    from codezest_sql.runtime.listening import AsyncListener as AsyncListener
    from codezest_sql.runtime.listening import Listener as Listener
    from codezest_sql.runtime.listening import listen as listen
    from codezest_sql.runtime.listening import listen_async as listen_async
    from codezest_sql.runtime.loading import load_queries as load_queries
    from codezest_sql.runtime.query_kinds import CopyFrom as CopyFrom
    from codezest_sql.runtime.query_kinds import Exec as Exec
    from codezest_sql.runtime.query_kinds import ExecRows as ExecRows
    from codezest_sql.runtime.query_kinds import First as First
    from codezest_sql.runtime.query_kinds import Many as Many
    from codezest_sql.runtime.query_kinds import One as One
    from codezest_sql.runtime.query_kinds import Opt as Opt
    from codezest_sql.runtime.query_kinds import Query as Query
    from codezest_sql.runtime.session import QueryEvent as QueryEvent
    from codezest_sql.runtime.shared_database import get_database as get_database
    from codezest_sql.runtime.values import ABSENT as ABSENT
    from codezest_sql.runtime.values import JSON_NULL as JSON_NULL
    from codezest_sql.runtime.values import Absent as Absent
    from codezest_sql.runtime.values import JsonNull as JsonNull
    from codezest_sql.runtime.values import Model as Model

__version__ = "1.0.0"

_WHERE = {
    "errors": (
        "ArgumentError",
        "CheckViolation",
        "CodezestError",
        "CommitUnknown",
        "ConnectionLostError",
        "ConnectionUnusableError",
        "ConstraintViolation",
        "ExclusionViolation",
        "ForeignKeyViolation",
        "InvalidValue",
        "NoRowFound",
        "NotNullViolation",
        "PoolExhausted",
        "QueryError",
        "SchemaMismatchError",
        "SerializationConflict",
        "StatementTimeout",
        "TooManyRows",
        "UniqueViolation",
        "UnreadableValueError",
    ),
    "runtime.database": ("AsyncDatabase", "AsyncTransaction", "Database", "Transaction", "run", "run_async"),
    "runtime.connections": ("PoolSettings",),
    "runtime.query_kinds": ("CopyFrom", "Exec", "ExecRows", "First", "Many", "One", "Opt", "Query"),
    "runtime.listening": ("AsyncListener", "Listener", "listen", "listen_async"),
    "runtime.loading": ("load_queries",),
    "runtime.session": ("QueryEvent",),
    "runtime.shared_database": ("get_database",),
    "runtime.values": ("ABSENT", "JSON_NULL", "Absent", "JsonNull", "Model"),
}
_LATE = {name: module for module, names in _WHERE.items() for name in names}

__all__ = [
    "ABSENT",
    "JSON_NULL",
    "Absent",
    "ArgumentError",
    "AsyncDatabase",
    "AsyncListener",
    "AsyncTransaction",
    "CheckViolation",
    "CodezestError",
    "CommitUnknown",
    "ConnectionLostError",
    "ConnectionUnusableError",
    "ConstraintViolation",
    "CopyFrom",
    "Database",
    "ExclusionViolation",
    "Exec",
    "ExecRows",
    "First",
    "ForeignKeyViolation",
    "InvalidValue",
    "JsonNull",
    "Listener",
    "Many",
    "Model",
    "NoRowFound",
    "NotNullViolation",
    "One",
    "Opt",
    "PoolExhausted",
    "PoolSettings",
    "Query",
    "QueryError",
    "QueryEvent",
    "SchemaMismatchError",
    "SerializationConflict",
    "StatementTimeout",
    "TooManyRows",
    "Transaction",
    "UniqueViolation",
    "UnreadableValueError",
    "__version__",
    "get_database",
    "listen",
    "listen_async",
    "load_queries",
    "run",
    "run_async",
]


def __getattr__(name: str) -> Any:
    if name in _LATE:
        return getattr(import_module(f"{__name__}.{_LATE[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
