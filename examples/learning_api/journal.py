"""Noting what somebody did, for their feed.

The note is not part of what it tells of: when it cannot be made, the request has succeeded all the same. Its id and
moment are those of what happened, so a request that comes twice is noted once.
"""

from __future__ import annotations

import logging
from datetime import datetime
from uuid import UUID

from codezest_sql import AsyncDatabase, CodezestError
from codezest_sql.platform.queries.activity import activities

_log = logging.getLogger(__name__)


async def note(db: AsyncDatabase, action: str, of: str, *, user_id: UUID, id: UUID, at: datetime) -> None:  # noqa: A002
    """Note an action, such as ``submission.made``, of a row of the table ``of``."""
    query = activities.record_activity(
        occurred_at=at, id=id, action=action, entity_type=of, entity_id=id, metadata={}, user_id=user_id
    )
    try:
        await db.run(query)
    except CodezestError as error:
        _log.warning("not in the feed: %s: %s", action, error)
