"""Errors as answers: a code that programs read, a sentence that people read, and never a traceback."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn, TypeVar

from fastapi import HTTPException
from fastapi.responses import JSONResponse

from codezest_sql import CheckViolation, ConnectionLostError, PoolExhausted, QueryError, UniqueViolation

if TYPE_CHECKING:
    from fastapi import FastAPI, Request

_BUSY = 503
T = TypeVar("T")


def refuse(status: int, code: str, message: str) -> NoReturn:
    """End the request with an answer."""
    raise HTTPException(status, {"code": code, "message": message})


def found(value: T | None, what: str) -> T:
    """Return what is there; else the answer is 404."""
    if value is None:
        refuse(404, "not-found", f"there is no such {what}")
    return value


def _answer(status: int, code: str, message: str) -> JSONResponse:
    return JSONResponse({"detail": {"code": code, "message": message}}, status)


def install(app: FastAPI) -> None:
    """Let what the database refuses become an answer."""

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
    async def away(_: Request, __: ConnectionLostError) -> JSONResponse:
        return _answer(_BUSY, "database-away", "try again in a moment")

    @app.exception_handler(QueryError)
    async def failed(_: Request, __: QueryError) -> JSONResponse:
        return _answer(500, "internal", "something went wrong here")
