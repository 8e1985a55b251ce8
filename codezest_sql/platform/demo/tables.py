"""The tables that demo data fills, with the columns that it gives, in an order in which every foreign key is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

Rows: TypeAlias = dict[str, list[str]]
"""Lines of COPY's text format by table: fields separated by tabs, without the line's end."""

CATALOGUE_TABLES: Mapping[str, tuple[str, ...]] = {
    "learning.modules": (
        "id", "language_id", "slug", "title", "description", "difficulty", "estimated_minutes", "position",
        "is_published", "created_by", "created_at", "updated_at",
    ),
    "learning.materials": (
        "id", "module_id", "type", "title", "body", "url", "code", "duration_seconds", "position", "is_published",
        "created_at", "updated_at",
    ),
    "learning.assignments": (
        "id", "module_id", "title", "description", "difficulty", "starter_code", "solution_code", "test_cases",
        "max_attempts", "position", "created_at", "updated_at",
    ),
    "learning.mcq_quizzes": (
        "id", "module_id", "title", "difficulty", "time_limit_seconds", "passing_percent", "max_attempts",
        "shuffle_questions", "created_at", "updated_at",
    ),
    "learning.mcq_questions": (
        "id", "quiz_id", "prompt", "explanation", "points", "position", "created_at", "updated_at",
    ),
    "learning.mcq_options": (
        "id", "question_id", "body", "is_correct", "position", "created_at", "updated_at",
    ),
}  # fmt: skip

USER_TABLES: Mapping[str, tuple[str, ...]] = {
    "auth.users": (
        "id", "email", "name", "password_hash", "role", "email_verified_at", "created_at", "updated_at", "deleted_at",
    ),
    "auth.user_profiles": (
        "user_id", "bio", "location", "timezone", "locale", "social_links", "preferences", "created_at", "updated_at",
    ),
    "auth.sessions": (
        "user_id", "id", "token_hash", "ip_address", "user_agent", "last_seen_at", "expires_at", "revoked_at",
        "created_at", "updated_at",
    ),
    "auth.oauth_accounts": (
        "id", "user_id", "provider", "provider_account_id", "scopes", "created_at", "updated_at",
    ),
    "auth.password_resets": (
        "user_id", "id", "token_hash", "expires_at", "used_at", "created_at", "updated_at",
    ),
    "auth.email_verifications": (
        "user_id", "id", "email", "token_hash", "expires_at", "verified_at", "created_at", "updated_at",
    ),
    "learning.language_enrollments": (
        "user_id", "id", "language_id", "status", "enrolled_at", "completed_at", "created_at", "updated_at",
    ),
    "learning.module_progress": (
        "user_id", "id", "module_id", "status", "percent", "started_at", "completed_at", "created_at", "updated_at",
    ),
    "learning.material_progress": (
        "user_id", "id", "material_id", "status", "percent", "position_seconds", "completed_at", "created_at",
        "updated_at",
    ),
    "learning.assignment_submissions": (
        "user_id", "id", "assignment_id", "attempt_number", "code", "status", "score", "test_results", "execution_ms",
        "memory_kb", "error_message", "submitted_at", "graded_at", "created_at", "updated_at",
    ),
    "learning.mcq_attempts": (
        "user_id", "id", "quiz_id", "attempt_number", "status", "score", "max_score", "passed", "started_at",
        "completed_at", "created_at", "updated_at",
    ),
    "learning.mcq_answers": (
        "user_id", "id", "attempt_id", "quiz_id", "question_id", "option_id", "is_correct", "points_awarded",
        "answered_at", "created_at", "updated_at",
    ),
    "learning.assignment_analyses": (
        "user_id", "id", "submission_id", "type", "ai_model", "ai_result", "reviewer_id", "reviewer_notes", "score",
        "reviewed_at", "created_at", "updated_at",
    ),
    "learning.quiz_analyses": (
        "user_id", "id", "attempt_id", "type", "ai_model", "ai_result", "reviewer_id", "reviewer_notes", "score",
        "reviewed_at", "created_at", "updated_at",
    ),
    "payments.subscriptions": (
        "user_id", "id", "plan", "status", "stripe_customer_id", "stripe_subscription_id", "current_period_start",
        "current_period_end", "cancel_at_period_end", "canceled_at", "created_at", "updated_at",
    ),
    "payments.payment_methods": (
        "user_id", "id", "type", "stripe_payment_method_id", "brand", "last4", "expiry_month", "expiry_year",
        "is_default", "created_at", "updated_at",
    ),
    "payments.transactions": (
        "user_id", "id", "subscription_id", "payment_method_id", "amount_minor", "currency", "status",
        "stripe_payment_intent_id", "failure_reason", "processed_at", "created_at", "updated_at",
    ),
    "payments.invoices": (
        "user_id", "id", "subscription_id", "transaction_id", "number", "status", "amount_minor", "tax_minor",
        "total_minor", "currency", "line_items", "issued_at", "due_at", "paid_at", "created_at", "updated_at",
    ),
    "notifications.notifications": (
        "user_id", "id", "kind", "channel", "title", "body", "data", "read_at", "created_at", "updated_at",
    ),
    "notifications.notification_preferences": (
        "user_id", "id", "channel", "kind", "enabled", "quiet_hours_from", "quiet_hours_to", "created_at",
        "updated_at",
    ),
    "notifications.email_logs": (
        "user_id", "id", "to_address", "template", "subject", "state", "provider_message_id", "error", "sent_at",
        "delivered_at", "created_at", "updated_at",
    ),
    "activity.user_activities": (
        "user_id", "occurred_at", "id", "action", "entity_type", "entity_id", "metadata",
    ),
    "activity.analytics_events": (
        "user_id", "occurred_at", "id", "name", "is_anonymous", "session_id", "properties", "url", "referrer",
    ),
}  # fmt: skip


def new_rows(tables: Mapping[str, tuple[str, ...]]) -> Rows:
    """Return empty lists for tables."""
    return {name: [] for name in tables}
