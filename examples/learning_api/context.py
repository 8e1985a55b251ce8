"""What handlers ask for: the database, and who is asking."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import Depends, Header, Request

from codezest_sql import AsyncDatabase
from codezest_sql.platform.queries.auth import sessions
from codezest_sql.platform.queries.auth.sessions import FindLiveSessionRow
from examples.learning_api.problems import refuse
from examples.learning_api.security import Token


def database(request: Request) -> AsyncDatabase:
    """Return the application's database."""
    return cast("AsyncDatabase", request.app.state.db)


Db = Annotated[AsyncDatabase, Depends(database)]


async def session(db: Db, authorization: Annotated[str, Header()] = "") -> FindLiveSessionRow:
    """Return the live session of the bearer token; without one the answer is 401."""
    kind, _, text = authorization.partition(" ")
    token = Token.read(text) if kind.lower() == "bearer" else None
    live = await db.run(sessions.find_live_session(user_id=token.user_id, token_hash=token.hash)) if token else None
    if live is None:
        message = "sign in first: the token is missing, wrong, or no longer good"
        refuse(401, "not-signed-in", message, headers={"WWW-Authenticate": "Bearer"})
    return live


Signed = Annotated[FindLiveSessionRow, Depends(session)]
