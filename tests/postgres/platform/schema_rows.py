"""Makes valid rows: a *world* is one row for each table, of one user, tied together, and shares no key with another.

So a test takes a row that is known to be good, changes one thing, and the database must answer to that one thing.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any, TypeAlias
from uuid import NAMESPACE_URL, UUID, uuid5

import psycopg
from psycopg import sql
from psycopg.types.json import Jsonb

if TYPE_CHECKING:
    from collections.abc import Iterator

Connection: TypeAlias = psycopg.Connection[tuple[Any, ...]]
Row: TypeAlias = dict[str, Any]

# What each table's constraints and foreign keys answer with. RESTRICT has a SQLSTATE of its own from 18 on (release
# notes of PostgreSQL 18), before it was that of any foreign key.
REFUSED_BY_FOREIGN_KEY = (psycopg.errors.ForeignKeyViolation, psycopg.errors.RestrictViolation)

NOW = datetime.now(UTC)
DAY = timedelta(days=1)


def key(name: str) -> UUID:
    """Return the same uuid for the same name."""
    return uuid5(NAMESPACE_URL, name)


def token_hash(name: str) -> bytes:
    """Return what is stored of a token: its SHA-256."""
    return sha256(name.encode()).digest()


@dataclass(frozen=True, slots=True)
class World:
    """One row for each table, in an order in which they can be inserted, and a second user who writes and reviews."""

    name: str
    author: Row
    rows: dict[str, Row] = field(hash=False)

    @property
    def user_id(self) -> UUID:
        """The user whom the rows belong to."""
        user_id: UUID = self.rows["auth.users"]["id"]
        return user_id

    def row(self, table: str, **changes: object) -> Row:
        """Return a copy of a table's row with some values changed."""
        return {**self.rows[table], **changes}


def world(name: str, *, provider: str = "GITHUB") -> World:
    """Make the world of a user of this name. ``provider`` tells worlds apart where only two values exist."""

    def own(what: str) -> UUID:
        return key(f"{name}/{what}")

    user, author = own("user"), own("author")
    language, module, quiz, question = own("language"), own("module"), own("quiz"), own("question")
    account: dict[str, Row] = {
        "auth.users": {"id": user, "email": f"{name}@example.com", "name": name.title()},
        "auth.user_profiles": {"user_id": user},
        "auth.sessions": {"id": own("session"), "token_hash": token_hash(name), "expires_at": NOW + DAY},
        "auth.oauth_accounts": {"id": own("oauth"), "provider": provider, "provider_account_id": name},
        "auth.password_resets": {"id": own("reset"), "token_hash": token_hash(name), "expires_at": NOW + DAY},
        "auth.email_verifications": {
            "id": own("verification"),
            "email": f"{name}@example.com",
            "token_hash": token_hash(name),
            "expires_at": NOW + DAY,
        },
    }
    catalogue: dict[str, Row] = {
        "learning.programming_languages": {"id": language, "slug": name, "name": name.title()},
        "learning.modules": {
            "id": module,
            "language_id": language,
            "slug": name,
            "title": "Loops",
            "difficulty": "BEGINNER",
            "created_by": author,
        },
        "learning.materials": {
            "id": own("material"),
            "module_id": module,
            "type": "ARTICLE",
            "title": "While",
            "body": "As long as …",
        },
        "learning.assignments": {
            "id": own("assignment"),
            "module_id": module,
            "title": "Sum",
            "description": "Add them up.",
            "difficulty": "BEGINNER",
        },
        "learning.mcq_quizzes": {"id": quiz, "module_id": module, "title": "Loops?", "difficulty": "ADVANCED"},
        "learning.mcq_questions": {"id": question, "quiz_id": quiz, "prompt": "How often?"},
        "learning.mcq_options": {"id": own("option"), "question_id": question, "body": "Twice", "is_correct": True},
    }
    progress: dict[str, Row] = {
        "learning.language_enrollments": {"id": own("enrollment"), "language_id": language},
        "learning.module_progress": {"id": own("module progress"), "module_id": module},
        "learning.material_progress": {"id": own("material progress"), "material_id": own("material")},
        "learning.assignment_submissions": {
            "id": own("submission"),
            "assignment_id": own("assignment"),
            "attempt_number": 1,
            "code": "print(sum(range(10)))",
        },
        "learning.mcq_attempts": {"id": own("attempt"), "quiz_id": quiz, "attempt_number": 1, "max_score": 3},
        "learning.mcq_answers": {
            "id": own("answer"),
            "attempt_id": own("attempt"),
            "quiz_id": quiz,
            "question_id": question,
            "option_id": own("option"),
            "is_correct": True,
        },
    }
    analysis: Row = {
        "type": "HYBRID",
        "ai_model": "model-1",
        "ai_result": Jsonb({"summary": "sound"}),
        "reviewer_id": author,
        "reviewer_notes": "Well done.",
        "reviewed_at": NOW,
    }
    analyses: dict[str, Row] = {
        "learning.assignment_analyses": {
            "id": own("assignment analysis"),
            "submission_id": own("submission"),
            **analysis,
        },
        "learning.quiz_analyses": {"id": own("quiz analysis"), "attempt_id": own("attempt"), **analysis},
    }
    payments: dict[str, Row] = {
        "payments.subscriptions": {
            "id": own("subscription"),
            "stripe_customer_id": f"cus_{name}",
            "stripe_subscription_id": f"sub_{name}",
        },
        "payments.payment_methods": {
            "id": own("payment method"),
            "type": "CARD",
            "stripe_payment_method_id": f"pm_{name}",
            "is_default": True,
        },
        "payments.transactions": {
            "id": own("transaction"),
            "subscription_id": own("subscription"),
            "payment_method_id": own("payment method"),
            "amount_minor": 999,
            "currency": "EUR",
            "stripe_payment_intent_id": f"pi_{name}",
        },
        "payments.invoices": {
            "id": own("invoice"),
            "subscription_id": own("subscription"),
            "transaction_id": own("transaction"),
            "number": f"2026-{name}",
            "amount_minor": 999,
            "tax_minor": 200,
            "total_minor": 1199,
            "currency": "EUR",
            "stripe_invoice_id": f"in_{name}",
        },
    }
    told: dict[str, Row] = {
        "notifications.notifications": {
            "id": own("notification"),
            "kind": "GRADING",
            "title": "Graded",
            "body": "Your code passed.",
        },
        "notifications.notification_preferences": {"id": own("preference"), "channel": "EMAIL", "kind": "BILLING"},
        "notifications.email_logs": {
            "id": own("email"),
            "to_address": f"{name}@example.com",
            "template": "welcome",
            "subject": "Welcome",
            "provider_message_id": f"msg_{name}",
        },
        "activity.user_activities": {"id": own("activity"), "action": "submission.passed"},
        "activity.analytics_events": {"id": own("event"), "name": "page.viewed"},
    }
    for table, row in {**account, **progress, **analyses, **payments, **told}.items():
        if table != "auth.users":
            row["user_id"] = user
    return World(
        name=name,
        author={"id": author, "email": f"{name}-author@example.com", "name": "Author", "role": "INSTRUCTOR"},
        rows={**account, **catalogue, **progress, **analyses, **payments, **told},
    )


def insert(connection: Connection, table: str, row: Row) -> None:
    """Insert one row; psycopg's error where the database refuses it."""
    connection.execute(
        sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
            sql.Identifier(*table.split(".")),
            sql.SQL(", ").join(map(sql.Identifier, row)),
            sql.SQL(", ").join(map(sql.Placeholder, row)),
        ),
        row,
    )


def insert_world(
    connection: Connection, of: World, *, until: str | None = None, without: tuple[str, ...] = ()
) -> None:
    """Insert a world: all of it, or up to a table's row but not this row, or all but the rows of some tables."""
    insert(connection, "auth.users", of.author)
    for table, row in of.rows.items():
        if table == until:
            return
        if table not in without:
            insert(connection, table, row)


@contextmanager
def all_before(connection: Connection, of: World, table: str) -> Iterator[None]:
    """Have in the database, inside a with block, all of a world that comes before its row of a table."""
    with connection.transaction(force_rollback=True):
        insert_world(connection, of, until=table)
        yield


def update(connection: Connection, table: str, of: Row, changes: Row) -> None:
    """Change one row, found by its id or, in a profile, its user."""
    by = "id" if "id" in of else "user_id"
    connection.execute(
        sql.SQL("UPDATE {} SET {} WHERE {} = {}").format(
            sql.Identifier(*table.split(".")),
            sql.SQL(", ").join(
                sql.SQL("{} = {}").format(sql.Identifier(name), sql.Placeholder(name)) for name in changes
            ),
            sql.Identifier(by),
            sql.Placeholder("the row"),
        ),
        {**changes, "the row": of[by]},
    )


def count(connection: Connection, table: str, **where: object) -> int:
    """Count the rows of a table whose columns have these values."""
    conditions = [sql.SQL("{} = {}").format(sql.Identifier(name), sql.Placeholder(name)) for name in where]
    found = connection.execute(
        sql.SQL("SELECT count(*) FROM {} WHERE {}").format(
            sql.Identifier(*table.split(".")), sql.SQL(" AND ").join([sql.SQL("true"), *conditions])
        ),
        where,
    ).fetchone()
    assert found is not None
    number: int = found[0]
    return number


def delete(connection: Connection, table: str, **where: object) -> int:
    """Delete the rows whose columns have these values, and return how many there were."""
    conditions = [sql.SQL("{} = {}").format(sql.Identifier(name), sql.Placeholder(name)) for name in where]
    return connection.execute(
        sql.SQL("DELETE FROM {} WHERE {}").format(
            sql.Identifier(*table.split(".")), sql.SQL(" AND ").join(conditions)
        ),
        where,
    ).rowcount


def refusal(connection: Connection, table: str, row: Row) -> psycopg.errors.Diagnostic | None:
    """Try a row and take it back; return what the database says against it, or None if it accepts it."""
    try:
        with connection.transaction(force_rollback=True):
            insert(connection, table, row)
    except psycopg.errors.IntegrityError as error:
        return error.diag
    return None


ADA = world("ada")
BOB = world("bob", provider="GOOGLE")


@contextmanager
def connect_with(url: str, *worlds: World) -> Iterator[Connection]:
    """Connect to a migrated database and fill it with some worlds."""
    with psycopg.connect(url, autocommit=True) as connection:
        with connection.transaction():
            for of in worlds:
                insert_world(connection, of)
        yield connection
