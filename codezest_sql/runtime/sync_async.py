"""One text of code for both APIs: generators that yield what a connection is asked to do.

A step yields the value of a call on a psycopg object. On a sync connection the call has been made by then and its
value is the result; on an async one it is something to await. So ``rows = yield cursor.fetchall()`` serves both, and
what goes wrong is raised at the ``yield``.
"""

from __future__ import annotations

from collections.abc import Generator
from inspect import isawaitable
from typing import Any, TypeAlias, TypeVar

T = TypeVar("T")
Steps: TypeAlias = Generator[Any, Any, T]


def drive(steps: Steps[T]) -> T:
    """Run the steps of a sync connection."""
    try:
        value = next(steps)
        while True:
            value = steps.send(value)
    except StopIteration as stop:
        result: T = stop.value
        return result


async def drive_async(steps: Steps[T]) -> T:
    """Run the steps of an async connection."""
    try:
        value = next(steps)
        while True:
            if isawaitable(value):
                try:
                    value = await value
                except BaseException as error:  # noqa: BLE001  # handed to the steps, which raise it again
                    value = steps.throw(error)
                    continue
            value = steps.send(value)
    except StopIteration as stop:
        result: T = stop.value
        return result


def enter(manager: Any) -> Any:
    """Enter a context manager of psycopg of either face."""
    return manager.__aenter__() if hasattr(manager, "__aenter__") else manager.__enter__()


def leave(manager: Any, error: BaseException | None = None) -> Any:
    """Leave it, with the error that ended it."""
    details = (type(error), error, error.__traceback__) if error else (None, None, None)
    return manager.__aexit__(*details) if hasattr(manager, "__aexit__") else manager.__exit__(*details)
