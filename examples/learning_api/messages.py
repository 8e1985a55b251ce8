"""Notifications and the feed of who is signed in."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel

from codezest_sql import ABSENT
from codezest_sql.platform.queries.activity import activities
from codezest_sql.platform.queries.activity.activities import GetFeedRow
from codezest_sql.platform.queries.notifications import messages
from codezest_sql.platform.queries.notifications.messages import ListNotificationsRow, ReadNotificationRow
from examples.learning_api.context import Db, Signed
from examples.learning_api.problems import found

router = APIRouter()
Limit = Annotated[int, Query(ge=1, le=100)]


class Unread(BaseModel):
    """How many there are."""

    unread: int


@router.get("/me/notifications")
async def notifications(
    db: Db, live: Signed, limit: Limit = 20, before: AwareDatetime | None = None, before_id: UUID | None = None
) -> list[ListNotificationsRow]:
    """Return a page of messages, the newest first; give the last one's created_at and id for the next page."""
    if before is None or before_id is None:
        return await db.run(messages.list_notifications(user_id=live.user_id, limit=limit))
    query = messages.list_notifications(user_id=live.user_id, limit=limit, before=before, before_id=before_id)
    return await db.run(query)


@router.get("/me/notifications/unread")
async def unread(db: Db, live: Signed) -> Unread:
    """Return how many messages were not read."""
    return Unread(unread=(await db.run(messages.count_unread(user_id=live.user_id))).unread)


@router.put("/me/notifications/{notification_id}/read")
async def read(notification_id: UUID, db: Db, live: Signed) -> ReadNotificationRow:
    """Note that a message was read."""
    return found(await db.run(messages.read_notification(user_id=live.user_id, id=notification_id)), "notification")


@router.get("/me/feed")
async def feed(db: Db, live: Signed, limit: Limit = 20, action: str | None = None) -> list[GetFeedRow]:
    """Return what who is signed in did, the newest first."""
    query = activities.get_feed(user_id=live.user_id, limit=limit, action=ABSENT if action is None else action)
    return await db.run(query)
