"""Both faces of a database as one, so that a test says once what holds for each of them and for each way."""

from __future__ import annotations

import asyncio
from contextlib import aclosing, closing, contextmanager
from typing import TYPE_CHECKING, Any

from codezest_sql.runtime import AsyncDatabase, Database

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator

    from codezest_sql.runtime.query_kinds import Query

WAYS = [f"{face}-{way}" for face in ("sync", "async") for way in ("fast", "cursor")]


class Face:
    """A database or transaction of either face, with plain calls."""

    def __init__(self, runner: Any, loop: asyncio.Runner | None) -> None:
        self.runner = runner
        self._loop = loop

    def _do(self, what: Any) -> Any:
        return self._loop.run(what) if self._loop else what

    def run(self, query: Query[Any], **options: Any) -> Any:
        return self._do(self.runner.run(query, **options))

    def batch(self, *queries: Query[Any]) -> Any:
        return self._do(self.runner.batch(*queries))

    def close(self) -> None:
        self._do(self.runner.close())

    def copy(self, query: Any) -> Any:
        return self._do(self.runner.copy(query))

    def stream(self, query: Any, *, size: int = 100, leave_after: int | None = None) -> list[Any]:
        """Return what a stream gives, or only its beginning."""
        if self._loop:
            return self._loop.run(self._astream(query, size, leave_after))
        rows: list[Any] = []
        with closing(self.runner.stream(query, size=size)) as stream:
            for row in stream:
                rows.append(row)
                if len(rows) == leave_after:
                    break
        return rows

    async def _astream(self, query: Any, size: int, leave_after: int | None) -> list[Any]:
        rows: list[Any] = []
        async with aclosing(self.runner.stream(query, size=size)) as stream:
            async for row in stream:
                rows.append(row)
                if len(rows) == leave_after:
                    break
        return rows

    @contextmanager
    def transaction(self, **options: Any) -> Iterator[Face]:
        manager = self.runner.transaction(**options)
        if self._loop is None:
            with manager as inner:
                yield Face(inner, None)
            return
        inner = self._loop.run(manager.__aenter__())
        try:
            yield Face(inner, self._loop)
        except BaseException as error:
            if not self._loop.run(manager.__aexit__(type(error), error, error.__traceback__)):
                raise
        else:
            self._loop.run(manager.__aexit__(None, None, None))


Connect = "Callable[..., Face]"


@contextmanager
def connecting(way: str) -> Iterator[Callable[..., Face]]:
    """Give what connects by a way; all that it connected is closed at the end."""
    face, _, how = way.partition("-")
    loop = asyncio.Runner() if face == "async" else None
    made: list[Any] = []

    def connect(url: str, **options: Any) -> Face:
        database: Any = AsyncDatabase if loop else Database
        opened = database.connect(url, **({"prepare": how == "fast"} | options))
        made.append(opened)
        return Face(opened, loop)

    try:
        yield connect
    finally:
        for one in made:
            closing_it: Coroutine[Any, Any, None] | None = one.close()
            if loop and closing_it:
                loop.run(closing_it)
        if loop:
            loop.close()
