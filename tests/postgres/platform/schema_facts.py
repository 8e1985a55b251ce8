"""What the design of the CodeZest schema says, written down by hand: the tests compare the live catalog with it.

Nothing here is read from a database. A name that a table has beyond these lists, or lacks, is a failure.
"""

from __future__ import annotations

SCHEMAS = ("activity", "auth", "learning", "notifications", "payments")

ENUMS: dict[str, tuple[str, ...]] = {
    "auth.role": ("ADMIN", "INSTRUCTOR", "STUDENT"),
    "learning.difficulty": ("BEGINNER", "INTERMEDIATE", "ADVANCED"),
    "learning.material_type": ("VIDEO", "ARTICLE", "CODE_EXAMPLE", "INTERACTIVE"),
    "learning.submission_status": ("PENDING", "RUNNING", "PASSED", "FAILED", "ERROR"),
    "learning.progress_status": ("NOT_STARTED", "IN_PROGRESS", "COMPLETED"),
    "learning.enrollment_status": ("ACTIVE", "PAUSED", "COMPLETED", "DROPPED"),
    "learning.analysis_type": ("AI", "MANUAL", "HYBRID"),
    "payments.subscription_plan": ("FREE", "PRO", "ENTERPRISE"),
    "payments.subscription_status": ("ACTIVE", "CANCELED", "EXPIRED", "PAUSED"),
    "payments.transaction_status": ("PENDING", "PROCESSING", "SUCCEEDED", "FAILED", "REFUNDED"),
    "payments.invoice_status": ("DRAFT", "SENT", "PAID", "OVERDUE", "CANCELED"),
    "payments.payment_method_type": ("CARD", "PAYPAL", "BANK_TRANSFER"),
}

# Class of each table (G global identity, R reference, U user-owned, T user-owned over time), and its columns beyond
# the common ones: the key, the owner (U and T), created_at and updated_at (not T), deleted_at (SOFT_DELETED).
TABLES: dict[str, tuple[str, str]] = {
    "auth.users": ("G", "email name password_hash role email_verified_at"),
    "auth.user_profiles": ("U", "bio avatar_url location timezone locale social_links preferences"),
    "auth.sessions": ("U", "token_hash ip_address user_agent last_seen_at expires_at revoked_at"),
    "auth.oauth_accounts": (
        "G",
        """
        user_id provider provider_account_id scopes access_token_ciphertext refresh_token_ciphertext
        token_expires_at
        """,
    ),
    "auth.password_resets": ("U", "token_hash expires_at used_at"),
    "auth.email_verifications": ("U", "email token_hash expires_at verified_at"),
    "learning.programming_languages": ("R", "slug name description icon_url is_active position"),
    "learning.modules": (
        "R",
        "language_id slug position title description difficulty estimated_minutes is_published created_by",
    ),
    "learning.materials": ("R", "module_id type title position body url code duration_seconds is_published"),
    "learning.assignments": (
        "R",
        """
        module_id title description difficulty starter_code solution_code test_cases time_limit_ms memory_limit_mb
        max_score max_attempts position
        """,
    ),
    "learning.mcq_quizzes": (
        "R",
        "module_id title description difficulty time_limit_seconds passing_percent max_attempts shuffle_questions",
    ),
    "learning.mcq_questions": ("R", "quiz_id prompt code_snippet explanation points position"),
    "learning.mcq_options": ("R", "question_id body is_correct position"),
    "learning.language_enrollments": ("U", "language_id status enrolled_at completed_at"),
    "learning.module_progress": ("U", "module_id status percent started_at completed_at"),
    "learning.material_progress": ("U", "material_id status percent position_seconds completed_at"),
    "learning.assignment_submissions": (
        "U",
        """
        assignment_id attempt_number code status score test_results execution_ms memory_kb error_message
        submitted_at graded_at claimed_by claim_expires_at
        """,
    ),
    "learning.mcq_attempts": (
        "U",
        "quiz_id attempt_number status score max_score passed started_at completed_at",
    ),
    "learning.mcq_answers": (
        "U",
        "attempt_id quiz_id question_id option_id is_correct points_awarded answered_at",
    ),
    "learning.assignment_analyses": (
        "U",
        "submission_id type ai_model ai_result reviewer_id reviewer_notes score reviewed_at",
    ),
    "learning.quiz_analyses": (
        "U",
        "attempt_id type ai_model ai_result reviewer_id reviewer_notes score reviewed_at",
    ),
    "payments.subscriptions": (
        "U",
        """
        plan status stripe_customer_id stripe_subscription_id current_period_start current_period_end
        cancel_at_period_end canceled_at stripe_event_at
        """,
    ),
    "payments.transactions": (
        "U",
        """
        subscription_id payment_method_id amount_minor currency status stripe_payment_intent_id failure_reason
        metadata processed_at
        """,
    ),
    "payments.invoices": (
        "U",
        """
        subscription_id transaction_id number status amount_minor tax_minor total_minor currency line_items
        issued_at due_at paid_at stripe_invoice_id pdf_url
        """,
    ),
    "payments.payment_methods": (
        "U",
        "type stripe_payment_method_id brand last4 expiry_month expiry_year is_default",
    ),
    "notifications.notifications": ("U", "kind channel title body data read_at"),
    "notifications.notification_preferences": ("U", "channel kind enabled quiet_hours_from quiet_hours_to"),
    "notifications.email_logs": (
        "U",
        "to_address template subject state provider_message_id error sent_at delivered_at",
    ),
    "activity.user_activities": ("T", "action entity_type entity_id metadata"),
    "activity.analytics_events": ("T", "name is_anonymous session_id properties url referrer"),
}

CLASSES = {table: table_class for table, (table_class, _) in TABLES.items()}

SOFT_DELETED = frozenset(
    {
        "auth.users",
        "learning.programming_languages",
        "learning.modules",
        "learning.materials",
        "learning.assignments",
        "learning.mcq_quizzes",
        "learning.mcq_questions",
        "payments.payment_methods",
        "notifications.notifications",
    }
)

# One row for one user, so the user is the whole key.
KEYED_BY_USER_ALONE = "auth.user_profiles"
# Anonymous visitors have no row in auth.users.
WITHOUT_FOREIGN_KEY = "activity.analytics_events"
MONEY = frozenset({"payments.transactions", "payments.invoices"})

# What Stripe, an accountant or the mail provider relies on.
GLOBAL_KEYS = {
    "payments.subscriptions": ("stripe_customer_id", "stripe_subscription_id"),
    "payments.transactions": ("stripe_payment_intent_id",),
    "payments.invoices": ("number", "stripe_invoice_id"),
    "payments.payment_methods": ("stripe_payment_method_id",),
    "notifications.email_logs": ("provider_message_id",),
}

ROUTINES = ("activity.create_monthly_partitions", "activity.partition_months_left")

# (parent, child) as the design lists them.
ONE_TO_ONE = (
    ("auth.users", "auth.user_profiles"),
    ("auth.users", "payments.subscriptions"),
    ("learning.assignment_submissions", "learning.assignment_analyses"),
    ("learning.mcq_attempts", "learning.quiz_analyses"),
)
ONE_TO_MANY = (
    ("auth.users", "auth.sessions"),
    ("auth.users", "auth.oauth_accounts"),
    ("auth.users", "learning.language_enrollments"),
    ("auth.users", "learning.module_progress"),
    ("auth.users", "learning.assignment_submissions"),
    ("auth.users", "learning.mcq_attempts"),
    ("auth.users", "payments.payment_methods"),
    ("learning.programming_languages", "learning.modules"),
    ("learning.modules", "learning.materials"),
    ("learning.modules", "learning.assignments"),
    ("learning.modules", "learning.mcq_quizzes"),
    ("learning.mcq_quizzes", "learning.mcq_questions"),
    ("learning.mcq_questions", "learning.mcq_options"),
    ("payments.subscriptions", "payments.transactions"),
    ("payments.subscriptions", "payments.invoices"),
)


def columns_of(table: str) -> frozenset[str]:
    """Return every column that a table must have: its own and the common ones of its class."""
    table_class, own = TABLES[table]
    columns = set(own.split())
    if table != KEYED_BY_USER_ALONE:
        columns.add("id")
    if table_class in "UT":
        columns.add("user_id")
    columns |= {"occurred_at"} if table_class == "T" else {"created_at", "updated_at"}
    if table in SOFT_DELETED:
        columns.add("deleted_at")
    return frozenset(columns)


def key_of(table: str) -> tuple[str, ...]:
    """Return the columns of a table's primary key, in order."""
    if table == KEYED_BY_USER_ALONE:
        return ("user_id",)
    return {"G": ("id",), "R": ("id",), "U": ("user_id", "id"), "T": ("user_id", "occurred_at", "id")}[CLASSES[table]]


def on_delete_of(child: str, columns: tuple[str, ...], parent: str) -> str:
    """Return what deleting the parent must do to the child: the design's table of ON DELETE, decided once."""
    if columns in {("created_by",), ("reviewer_id",)}:
        return "SET NULL"
    if parent == "auth.users":
        return "RESTRICT" if child in MONEY else "CASCADE"
    if CLASSES[parent] == "R":
        return "CASCADE" if CLASSES[child] == "R" else "RESTRICT"
    return "NO ACTION" if child.startswith("payments.") else "CASCADE"
