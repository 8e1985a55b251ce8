"""Errors as answers: a code that programs read, a sentence that people read, and never a traceback."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import TYPE_CHECKING, NoReturn, TypeVar

from fastapi import HTTPException
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException as StarletteHTTPException

from codezest_sql import (
    ArgumentError,
    CheckViolation,
    ConnectionLostError,
    ConnectionUnusableError,
    InvalidValue,
    PoolExhausted,
    QueryError,
    UniqueViolation,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastapi import FastAPI, Request

    from codezest_sql.errors import DatabaseError

_BUSY = 503
_log = logging.getLogger(__name__)
T = TypeVar("T")


def refuse(status: int, code: str, message: str, headers: dict[str, str] | None = None) -> NoReturn:
    """End the request with an answer."""
    raise HTTPException(status, {"code": code, "message": message}, headers)


def found(value: T | None, what: str) -> T:
    """Return what is there; else the answer is 404."""
    if value is None:
        refuse(404, "not-found", f"there is no such {what}")
    return value


def _answer(status: int, code: str, message: str, headers: Mapping[str, str] | None = None) -> JSONResponse:
    return JSONResponse({"detail": {"code": code, "message": message}}, status, headers)


def install(app: FastAPI) -> None:
    """Let what a request has wrong, and what the database refuses, become an answer."""

    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        # Where and why, but not what: FastAPI would repeat the value, and that may be a password.
        wrong = (f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
        return _answer(422, "invalid", "; ".join(wrong).encode("utf-8", "replace").decode())

    @app.exception_handler(StarletteHTTPException)
    async def said(_: Request, error: StarletteHTTPException) -> JSONResponse:
        if not isinstance(error.detail, str):  # by refuse
            return JSONResponse({"detail": error.detail}, error.status_code, error.headers)
        code = HTTPStatus(error.status_code).phrase.lower().replace(" ", "-")
        return _answer(error.status_code, code, error.detail, error.headers)

    @app.exception_handler(ArgumentError)
    @app.exception_handler(InvalidValue)
    async def unusable(_: Request, error: QueryError) -> JSONResponse:
        return _answer(422, "invalid", error.message.removeprefix(f"{error.query}: "))

    @app.exception_handler(UniqueViolation)
    async def there_already(_: Request, error: UniqueViolation) -> JSONResponse:
        if error.constraint == "users_email_key":
            return _answer(409, "email-taken", "somebody has this address already")
        return _answer(409, "conflict", "this is there already")

    @app.exception_handler(CheckViolation)
    async def refused(_: Request, error: CheckViolation) -> JSONResponse:
        return _answer(422, "refused", f"the value breaks {error.constraint}")

    @app.exception_handler(PoolExhausted)
    async def busy(_: Request, __: PoolExhausted) -> JSONResponse:
        return _answer(_BUSY, "busy", "try again in a moment")

    @app.exception_handler(ConnectionLostError)
    @app.exception_handler(ConnectionUnusableError)
    async def away(_: Request, error: DatabaseError) -> JSONResponse:
        _log.warning("%s", error)
        return _answer(_BUSY, "database-away", "try again in a moment")

    @app.exception_handler(QueryError)
    async def failed(_: Request, error: QueryError) -> JSONResponse:
        # Its own words, which show no value; those of its cause, psycopg's error, may.
        _log.error("%s", error)
        return _answer(500, "internal", "something went wrong here")
