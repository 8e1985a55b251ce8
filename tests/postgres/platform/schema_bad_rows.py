"""For each CHECK of the schema the changes to a valid row that it, and no other constraint, must refuse.

Also the other side: changes at the edge of what is allowed, which must be accepted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from psycopg.types.json import Jsonb

from tests.postgres.platform.schema_rows import DAY, NOW, key

if TYPE_CHECKING:
    from tests.postgres.platform.schema_rows import Row

_NOT_AN_OBJECT = (Jsonb([]), Jsonb("text"), Jsonb(None))
_NOT_AN_ARRAY = (Jsonb({}), Jsonb(1), Jsonb(None))
_NOT_A_SLUG = ("", "Python", "c#", "-c", "c-", "a--b", "a b", "c\n")
_NOT_AN_ADDRESS = ("Ada@example.com", "ada", "@example.com", "ada@", "")
_NOT_A_CURRENCY = ("eur", "EU", "EURO", "", "EUR\n", "€€€")


def _each(column: str, *values: object) -> tuple[Row, ...]:
    return tuple({column: value} for value in values)


_COMPLETED_OR_NOT: tuple[Row, ...] = ({"status": "COMPLETED"}, {"completed_at": NOW + DAY})
_UNSOUND_ANALYSIS: dict[str, tuple[Row, ...]] = {
    "type_ai_model_ai_result": (
        {"ai_model": None},
        {"ai_result": None},
        {"type": "AI", "ai_model": None},
        {"type": "AI", "ai_result": None},
    ),
    "type_reviewer_notes_reviewed_at": (
        {"reviewer_notes": None},
        {"reviewed_at": None},
        {"type": "MANUAL", "reviewer_notes": None},
        {"type": "MANUAL", "reviewed_at": None},
    ),
    "ai_result": _each("ai_result", *_NOT_AN_OBJECT),
    "score": _each("score", -1, 101),
}

BAD_ROWS: dict[str, tuple[Row, ...]] = {
    "users_email_check": _each("email", *_NOT_AN_ADDRESS),
    "user_profiles_locale_check": _each("locale", "", "EN", "e", "en_GB", "en-", "english"),
    "user_profiles_social_links_check": _each("social_links", *_NOT_AN_OBJECT),
    "user_profiles_preferences_check": _each("preferences", *_NOT_AN_OBJECT),
    "sessions_token_hash_check": _each("token_hash", b"", b"x" * 31, b"x" * 33),
    "sessions_expires_at_created_at_check": ({"expires_at": NOW, "created_at": NOW}, {"expires_at": NOW - DAY}),
    "oauth_accounts_provider_check": _each("provider", "google", "FACEBOOK", ""),
    "password_resets_token_hash_check": _each("token_hash", b"", b"x" * 31, b"x" * 33),
    "password_resets_expires_at_created_at_check": ({"expires_at": NOW - DAY},),
    "email_verifications_email_check": _each("email", *_NOT_AN_ADDRESS),
    "email_verifications_token_hash_check": _each("token_hash", b"", b"x" * 31, b"x" * 33),
    "email_verifications_expires_at_created_at_check": ({"expires_at": NOW - DAY},),
    "programming_languages_slug_check": _each("slug", *_NOT_A_SLUG),
    "programming_languages_position_check": _each("position", -1),
    "modules_slug_check": _each("slug", *_NOT_A_SLUG),
    "modules_estimated_minutes_check": _each("estimated_minutes", 0, -1),
    "modules_position_check": _each("position", -1),
    "materials_type_url_check": ({"type": "VIDEO"},),
    "materials_type_body_check": ({"body": None}, {"body": None, "url": "https://example.com"}),
    "materials_type_code_check": ({"type": "CODE_EXAMPLE"},),
    "materials_code_check": _each("code", *_NOT_AN_OBJECT),
    "materials_duration_seconds_check": _each("duration_seconds", -1),
    "materials_position_check": _each("position", -1),
    "assignments_test_cases_check": _each("test_cases", *_NOT_AN_ARRAY),
    "assignments_time_limit_ms_check": _each("time_limit_ms", 0, -1),
    "assignments_memory_limit_mb_check": _each("memory_limit_mb", 0, -1),
    "assignments_max_score_check": _each("max_score", 0, -1),
    "assignments_max_attempts_check": _each("max_attempts", 0, -1),
    "assignments_position_check": _each("position", -1),
    "mcq_quizzes_time_limit_seconds_check": _each("time_limit_seconds", 0, -1),
    "mcq_quizzes_passing_percent_check": _each("passing_percent", -1, 101),
    "mcq_quizzes_max_attempts_check": _each("max_attempts", 0, -1),
    "mcq_questions_points_check": _each("points", -1),
    "mcq_questions_position_check": _each("position", -1),
    "mcq_options_position_check": _each("position", -1),
    "language_enrollments_status_completed_at_check": _COMPLETED_OR_NOT,
    "language_enrollments_completed_at_enrolled_at_check": (
        {"status": "COMPLETED", "enrolled_at": NOW, "completed_at": NOW - DAY},
    ),
    "module_progress_percent_check": _each("percent", -1, 101),
    "module_progress_status_completed_at_check": _COMPLETED_OR_NOT,
    "module_progress_completed_at_started_at_check": (
        {"status": "COMPLETED", "started_at": NOW, "completed_at": NOW - DAY},
    ),
    "material_progress_percent_check": _each("percent", -1, 101),
    "material_progress_position_seconds_check": _each("position_seconds", -1),
    "material_progress_status_completed_at_check": _COMPLETED_OR_NOT,
    "assignment_submissions_attempt_number_check": _each("attempt_number", 0, -1),
    "assignment_submissions_score_check": _each("score", -1),
    "assignment_submissions_test_results_check": _each("test_results", *_NOT_AN_ARRAY),
    "assignment_submissions_execution_ms_check": _each("execution_ms", -1),
    "assignment_submissions_memory_kb_check": _each("memory_kb", -1),
    "assignment_submissions_claimed_by_claim_expires_at_check": (
        {"claimed_by": "grader-1"},
        {"claim_expires_at": NOW},
    ),
    "assignment_submissions_status_claimed_by_check": ({"status": "RUNNING"},),
    "assignment_submissions_status_graded_at_check": (
        {"status": "PASSED"},
        {"status": "FAILED"},
        {"status": "ERROR"},
        {"graded_at": NOW},
    ),
    "mcq_attempts_attempt_number_check": _each("attempt_number", 0, -1),
    "mcq_attempts_max_score_check": _each("max_score", -1),
    "mcq_attempts_score_max_score_check": _each("score", -1, 4),
    "mcq_attempts_status_completed_at_check": (
        {"status": "COMPLETED", "score": 3, "passed": True},
        {"completed_at": NOW + DAY},
    ),
    "mcq_attempts_status_score_passed_check": (
        {"status": "COMPLETED", "completed_at": NOW + DAY, "score": 3},
        {"status": "COMPLETED", "completed_at": NOW + DAY, "passed": False},
    ),
    "mcq_attempts_completed_at_started_at_check": (
        {"status": "COMPLETED", "score": 3, "passed": True, "started_at": NOW, "completed_at": NOW - DAY},
    ),
    "mcq_answers_points_awarded_check": _each("points_awarded", -1),
    "mcq_answers_is_correct_points_awarded_check": ({"is_correct": False, "points_awarded": 1},),
    **{f"assignment_analyses_{name}_check": rows for name, rows in _UNSOUND_ANALYSIS.items()},
    **{f"quiz_analyses_{name}_check": rows for name, rows in _UNSOUND_ANALYSIS.items()},
    "subscriptions_current_period_start_current_period_end_check": (
        {"current_period_start": NOW},
        {"current_period_end": NOW},
        {"current_period_start": NOW, "current_period_end": NOW},
        {"current_period_start": NOW, "current_period_end": NOW - DAY},
    ),
    "subscriptions_status_canceled_at_check": ({"status": "CANCELED"},),
    "payment_methods_last4_check": _each("last4", "", "123", "12345", "12a4", "1234\n"),
    "payment_methods_expiry_month_check": (
        {"expiry_month": 0, "expiry_year": 2030},
        {"expiry_month": 13, "expiry_year": 2030},
    ),
    "payment_methods_expiry_year_check": (
        {"expiry_month": 1, "expiry_year": 1999},
        {"expiry_month": 1, "expiry_year": 30},
        {"expiry_month": 1, "expiry_year": 2200},
    ),
    "payment_methods_expiry_month_expiry_year_check": ({"expiry_month": 1}, {"expiry_year": 2030}),
    "transactions_amount_minor_check": _each("amount_minor", -1),
    "transactions_currency_check": _each("currency", *_NOT_A_CURRENCY),
    "transactions_metadata_check": _each("metadata", *_NOT_AN_OBJECT),
    "transactions_status_failure_reason_check": ({"status": "FAILED", "processed_at": NOW},),
    "transactions_status_processed_at_check": (
        {"status": "SUCCEEDED"},
        {"status": "FAILED", "failure_reason": "declined"},
        {"status": "REFUNDED"},
        {"processed_at": NOW},
        {"status": "PROCESSING", "processed_at": NOW},
    ),
    "invoices_amount_minor_check": ({"amount_minor": -1, "total_minor": 199},),
    "invoices_tax_minor_check": ({"tax_minor": -1, "total_minor": 998},),
    "invoices_total_minor_amount_minor_tax_minor_check": _each("total_minor", 999, 1198, 1200),
    "invoices_currency_check": _each("currency", *_NOT_A_CURRENCY),
    "invoices_line_items_check": _each("line_items", *_NOT_AN_ARRAY),
    "invoices_status_issued_at_check": (
        {"status": "SENT"},
        {"status": "OVERDUE"},
        {"status": "PAID", "paid_at": NOW},
    ),
    "invoices_status_paid_at_check": ({"status": "PAID", "issued_at": NOW}, {"paid_at": NOW}),
    "invoices_due_at_issued_at_check": ({"issued_at": NOW, "due_at": NOW - DAY},),
    "notifications_kind_check": _each("kind", "", "grading", "SPAM"),
    "notifications_channel_check": _each("channel", "", "email", "SMS"),
    "notifications_data_check": _each("data", *_NOT_AN_OBJECT),
    "notification_preferences_channel_check": _each("channel", "", "email", "SMS"),
    "notification_preferences_kind_check": _each("kind", "", "billing", "SPAM"),
    "notification_preferences_quiet_hours_from_quiet_hours_to_check": (
        {"quiet_hours_from": "22:00"},
        {"quiet_hours_to": "07:00"},
        {"quiet_hours_from": "22:00", "quiet_hours_to": "22:00"},
    ),
    "email_logs_to_address_check": _each("to_address", *_NOT_AN_ADDRESS),
    "email_logs_state_check": _each("state", "", "sent", "OPENED"),
    "email_logs_state_sent_at_check": (
        {"state": "SENT"},
        {"state": "BOUNCED"},
        {"state": "DELIVERED", "delivered_at": NOW},
    ),
    "email_logs_state_delivered_at_check": ({"state": "DELIVERED", "sent_at": NOW},),
    "user_activities_entity_type_entity_id_check": (
        {"entity_type": "learning.assignments"},
        {"entity_id": key("assignment")},
    ),
    "user_activities_metadata_check": _each("metadata", *_NOT_AN_OBJECT),
    "analytics_events_properties_check": _each("properties", *_NOT_AN_OBJECT),
}

_SOUND_ANALYSIS: tuple[Row, ...] = (
    {"type": "AI", "reviewer_id": None, "reviewer_notes": None, "reviewed_at": None},
    {"type": "MANUAL", "ai_model": None, "ai_result": None},
    # The reviewer's account may be gone.
    {"type": "MANUAL", "ai_model": None, "ai_result": None, "reviewer_id": None},
    {"score": 0},
    {"score": 100},
)

EDGE_ROWS: dict[str, tuple[Row, ...]] = {
    "auth.users": _each("email", "a@b", "ada+tag@mail.example.com", "ünïcode@example.com"),
    "auth.user_profiles": _each("locale", "en", "pt-BR", "zh-Hant-TW", "yue"),
    "auth.sessions": ({"expires_at": NOW + DAY, "created_at": NOW + DAY * 0.999, "ip_address": "2001:db8::1"},),
    "auth.oauth_accounts": ({"provider": "GOOGLE", "scopes": ["email"], "access_token_ciphertext": b"\x00"},),
    "learning.programming_languages": (*_each("slug", "c", "c-sharp", "f90"), {"position": 0}),
    "learning.modules": ({"estimated_minutes": 1}, {"created_by": None}),
    "learning.materials": (
        {"type": "VIDEO", "body": None, "url": "https://example.com/v", "duration_seconds": 0},
        {"type": "CODE_EXAMPLE", "body": None, "code": Jsonb({})},
        {"type": "INTERACTIVE"},
    ),
    "learning.assignments": ({"max_attempts": None, "test_cases": Jsonb([{"input": "1"}])}, {"max_score": 1}),
    "learning.mcq_quizzes": _each("passing_percent", 0, 100),
    "learning.mcq_questions": _each("points", 0),
    "learning.language_enrollments": (
        {"status": "COMPLETED", "enrolled_at": NOW, "completed_at": NOW},
        {"status": "PAUSED"},
        {"status": "DROPPED"},
    ),
    "learning.module_progress": (
        {"percent": 100, "status": "IN_PROGRESS", "started_at": NOW},
        # A material was published after the learner had finished.
        {"percent": 90, "status": "COMPLETED", "started_at": NOW, "completed_at": NOW},
    ),
    "learning.material_progress": ({"status": "COMPLETED", "percent": 100, "completed_at": NOW},),
    "learning.assignment_submissions": (
        {"status": "RUNNING", "claimed_by": "grader-1", "claim_expires_at": NOW},
        {"status": "PASSED", "score": 0, "graded_at": NOW, "test_results": Jsonb([]), "execution_ms": 0},
        {"status": "ERROR", "graded_at": NOW, "claimed_by": "grader-1", "claim_expires_at": NOW},
    ),
    "learning.mcq_attempts": (
        {"score": 0},
        {"status": "COMPLETED", "score": 3, "passed": True, "started_at": NOW, "completed_at": NOW},
        {"max_score": 0},
    ),
    "learning.mcq_answers": ({"points_awarded": 5}, {"is_correct": False}),
    "learning.assignment_analyses": _SOUND_ANALYSIS,
    "learning.quiz_analyses": _SOUND_ANALYSIS,
    "payments.subscriptions": (
        {"plan": "PRO", "current_period_start": NOW, "current_period_end": NOW + DAY},
        # Canceled, but paid for until the end of the period.
        {"status": "ACTIVE", "cancel_at_period_end": True, "canceled_at": NOW},
        {"status": "CANCELED", "canceled_at": NOW},
    ),
    "payments.payment_methods": (
        {"brand": "visa", "last4": "0000", "expiry_month": 12, "expiry_year": 2000},
        {"type": "PAYPAL", "stripe_payment_method_id": None},
    ),
    "payments.transactions": (
        {"amount_minor": 0},
        {"amount_minor": 2**63 - 1},
        {"status": "FAILED", "failure_reason": "declined", "processed_at": NOW},
        {"status": "REFUNDED", "processed_at": NOW, "payment_method_id": None},
    ),
    "payments.invoices": (
        {"amount_minor": 0, "tax_minor": 0, "total_minor": 0},
        {"status": "CANCELED"},
        {"status": "PAID", "issued_at": NOW, "due_at": NOW, "paid_at": NOW},
    ),
    "notifications.notifications": (
        *_each("kind", "ACCOUNT", "LEARNING", "GRADING", "BILLING", "ANNOUNCEMENT"),
        *_each("channel", "IN_APP", "EMAIL", "PUSH"),
    ),
    "notifications.notification_preferences": (
        *_each("kind", "ACCOUNT", "LEARNING", "GRADING", "BILLING", "ANNOUNCEMENT"),
        *_each("channel", "IN_APP", "EMAIL", "PUSH"),
        {"quiet_hours_from": "22:00", "quiet_hours_to": "07:00"},
    ),
    "notifications.email_logs": (
        {"state": "FAILED", "error": "no such host"},
        {"state": "BOUNCED", "sent_at": NOW},
        {"state": "DELIVERED", "sent_at": NOW, "delivered_at": NOW},
    ),
    "activity.user_activities": ({"entity_type": "learning.assignments", "entity_id": key("assignment")},),
    "activity.analytics_events": ({"user_id": key("visitor"), "is_anonymous": True},),
}
