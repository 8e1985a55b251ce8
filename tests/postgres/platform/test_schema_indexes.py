"""The indexes that the services' queries rely on: each is used for what it was made for, in the order it is read."""

from __future__ import annotations

from typing import TYPE_CHECKING, LiteralString

import psycopg
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.postgres.platform.schema_rows import Connection

pytestmark = pytest.mark.every_postgres

USER = "'00000000-0000-0000-0000-000000000001'::uuid"

# What is asked, across all users or of one, and the index that must answer. {user} means a user's id.
QUESTIONS: dict[str, tuple[LiteralString, str]] = {
    "the graders' next submission": (
        """
        SELECT user_id, id FROM learning.assignment_submissions
        WHERE status = 'PENDING' OR (status = 'RUNNING' AND claim_expires_at < now())
        ORDER BY submitted_at LIMIT 1 FOR UPDATE SKIP LOCKED
        """,
        "assignment_submissions_submitted_at_status_idx",
    ),
    "a learner's submissions, page by page": (
        """
        SELECT id FROM learning.assignment_submissions
        WHERE user_id = {user} AND (submitted_at, id) < (now(), {user}) ORDER BY submitted_at DESC, id DESC LIMIT 20
        """,
        "assignment_submissions_user_id_submitted_at_id_idx",
    ),
    "the instructors' queue of assignments": (
        """
        SELECT user_id, id FROM learning.assignment_analyses
        WHERE type = 'AI' AND reviewed_at IS NULL ORDER BY created_at LIMIT 20
        """,
        "assignment_analyses_created_at_reviewed_at_idx",
    ),
    "the instructors' queue of quizzes": (
        """
        SELECT user_id, id FROM learning.quiz_analyses
        WHERE type = 'AI' AND reviewed_at IS NULL ORDER BY created_at LIMIT 20
        """,
        "quiz_analyses_created_at_reviewed_at_idx",
    ),
    "the sweep of expired sessions": (
        "DELETE FROM auth.sessions WHERE expires_at < now()",
        "sessions_expires_at_idx",
    ),
    "a user's notifications, page by page": (
        """
        SELECT id FROM notifications.notifications
        WHERE user_id = {user} AND deleted_at IS NULL AND (created_at, id) < (now(), {user})
        ORDER BY created_at DESC, id DESC LIMIT 20
        """,
        "notifications_user_id_created_at_id_idx",
    ),
    "a user's unread notifications, page by page": (
        """
        SELECT id FROM notifications.notifications
        WHERE user_id = {user} AND read_at IS NULL AND deleted_at IS NULL ORDER BY created_at DESC, id DESC LIMIT 20
        """,
        "notifications_user_id_created_at_id_read_at_idx",
    ),
    "what a webhook of Stripe is about": (
        "SELECT user_id, id FROM payments.transactions WHERE stripe_payment_intent_id = 'pi_1'",
        "transactions_stripe_payment_intent_id_global_key",
    ),
    "what a webhook of the mail provider is about": (
        "SELECT user_id, id FROM notifications.email_logs WHERE provider_message_id = '1'",
        "email_logs_provider_message_id_global_key",
    ),
}


@pytest.fixture
def connection(migrated_shared: str) -> Iterator[Connection]:
    """Connect to the shared database. Its tables are empty, so the planner is kept from reading them whole."""
    with psycopg.connect(migrated_shared, autocommit=True) as opened:
        opened.execute("SET default_transaction_read_only = on")
        opened.execute("SET enable_seqscan = off")
        # Nor may it find the rows by one index and sort them afterwards.
        opened.execute("SET enable_sort = off")
        opened.execute("SET enable_bitmapscan = off")
        yield opened


def plan_of(connection: Connection, query: LiteralString) -> str:
    """Return the plan of a query as text."""
    asked: LiteralString = query.replace("{user}", USER)
    return "\n".join(line for (line,) in connection.execute(f"EXPLAIN {asked}").fetchall())


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_question_has_its_index(connection: Connection, question: str) -> None:
    """And reads it in the order that is asked for: nothing is sorted."""
    query, index = QUESTIONS[question]
    plan = plan_of(connection, query)
    assert f"using {index} " in plan, plan
    assert "Sort" not in plan, plan


def test_a_step_of_a_funnel_reads_nothing_but_an_index(connection: Connection) -> None:
    """In the partitions of its time: who did this then, over all users."""
    plan = plan_of(
        connection,
        """
        SELECT user_id, min(occurred_at) FROM activity.analytics_events
        WHERE name = 'quiz.started' AND occurred_at >= now() AND occurred_at < now() + interval '1 day'
        GROUP BY user_id
        """,
    )
    assert "Index Only Scan using analytics_events_p" in plan, plan
    assert "_name_occurred_at_user_id_idx" in plan, plan
    assert "Seq Scan" not in plan, plan


def test_a_feed_is_read_in_the_order_of_its_key(connection: Connection) -> None:
    """Newest first, from one partition after the other."""
    plan = plan_of(
        connection,
        """
        SELECT id FROM activity.user_activities
        WHERE user_id = {user} AND occurred_at <= now() AND (occurred_at, id) < (now(), {user})
        ORDER BY occurred_at DESC, id DESC LIMIT 20
        """,
    )
    assert "Scan Backward using user_activities_p" in plan, plan
    assert "Sort" not in plan, plan
