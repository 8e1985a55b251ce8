"""What pymongo raises, in this package's words."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from pymongo.errors import ConnectionFailure, DuplicateKeyError, PyMongoError, WriteError

from codezest_sql.errors import ConnectionLostError, ConstraintViolation, QueryError, UniqueViolation

if TYPE_CHECKING:
    from collections.abc import Generator

_FAILED_VALIDATION = 121


@contextmanager
def translated(collection: str) -> Generator[None]:
    """Raise our error for one of pymongo's; none repeats an address or a document."""
    try:
        yield
    except DuplicateKeyError:
        raise UniqueViolation(f"{collection}: a document with this key is there already") from None
    except ConnectionFailure as error:  # also ServerSelectionTimeoutError and AutoReconnect
        raise ConnectionLostError(
            f"{collection}: the document store does not answer ({type(error).__name__})",
            hint="check MONGODB_URI, and that the server runs",
        ) from None
    except WriteError as error:
        if error.code == _FAILED_VALIDATION:
            raise ConstraintViolation(f"{collection}: the store's validator refuses the document") from None
        raise QueryError(f"{collection}: {type(error).__name__} {error.code}") from None
    except PyMongoError as error:
        raise QueryError(f"{collection}: {type(error).__name__}") from None
