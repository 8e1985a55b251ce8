"""What pymongo raises, in this package's words."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from bson.errors import BSONError
from pymongo.errors import (
    BulkWriteError,
    ConnectionFailure,
    DocumentTooLarge,
    PyMongoError,
    WriteError,
)

from codezest_sql.errors import (
    ArgumentError,
    ConnectionLostError,
    ConstraintViolation,
    QueryError,
    UniqueViolation,
)

if TYPE_CHECKING:
    from collections.abc import Generator

# Codes of MongoDB's server (its error_codes.yml).
_FAILED_VALIDATION = 121
_DUPLICATE_KEYS = frozenset({11000, 11001, 12582})


@contextmanager
def translated(collection: str) -> Generator[None]:
    """Raise our error for one of pymongo's; none repeats an address or a document."""
    try:
        yield
    except ConnectionFailure as error:  # also ServerSelectionTimeoutError and AutoReconnect
        raise ConnectionLostError(
            f"{collection}: the document store does not answer ({type(error).__name__})",
            hint="check MONGODB_URI, and that the server runs",
        ) from None
    except WriteError as error:
        raise _refused(error.code, f"{collection}: ", type(error).__name__) from None
    except BulkWriteError as error:
        refused: list[dict[str, Any]] = (error.details or {}).get("writeErrors", [])
        first = refused[0] if refused else dict[str, Any]()
        which = f"{collection}: number {first['index'] + 1} of them: " if "index" in first else f"{collection}: "
        raise _refused(first.get("code"), which, type(error).__name__) from None
    except PyMongoError as error:
        raise QueryError(f"{collection}: {type(error).__name__}") from None
    except DocumentTooLarge:
        raise ArgumentError(f"{collection}: the document is larger than MongoDB takes") from None
    except (BSONError, OverflowError, UnicodeEncodeError):
        reason = "a number of more than 64 bits, a text that is not Unicode, or what has no form there"
        raise ArgumentError(f"{collection}: MongoDB cannot hold the document: {reason}") from None


def _refused(code: int | None, where: str, name: str) -> QueryError:
    if code in _DUPLICATE_KEYS:
        return UniqueViolation(f"{where}a document with this key is there already")
    if code == _FAILED_VALIDATION:
        return ConstraintViolation(f"{where}the store's validator refuses the document")
    return QueryError(f"{where}{name}" if code is None else f"{where}{name} {code}")
