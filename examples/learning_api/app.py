"""The application: ``uvicorn examples.learning_api.app:app`` in a checkout, after ``make migrate``."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from fastapi import FastAPI

from codezest_sql import AsyncDatabase, PoolSettings
from examples.learning_api import accounts, courses, messages, problems, work

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

_POOL = PoolSettings(max_size=16, max_waiting=500, timeout=30.0)


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    app.state.db = AsyncDatabase.connect(pool=_POOL)
    try:
        yield
    finally:
        await app.state.db.close()


app = FastAPI(title="CodeZest learning", lifespan=_lifespan)
problems.install(app)
for _part in (accounts, courses, work, messages):
    app.include_router(_part.router)


@app.get("/health")
async def health() -> dict[str, str]:
    """Tell that the process runs."""
    return {"status": "ok"}
