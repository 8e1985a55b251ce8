"""A table's name in the plural becomes that of a class in the singular."""

from __future__ import annotations

import keyword
import re
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codezest_sql.core.python_code.enum_members import member_names
from codezest_sql.core.python_code.names.class_names import Speller
from codezest_sql.core.python_code.names.singular import singular
from tests.paths import ROOT

MIGRATIONS = ROOT / "sql" / "migrations"
OF_OUR_TABLES = {
    "analytics_events": "AnalyticsEvent",
    "assignment_analyses": "AssignmentAnalysis",
    "assignment_submissions": "AssignmentSubmission",
    "assignments": "Assignment",
    "email_logs": "EmailLog",
    "email_verifications": "EmailVerification",
    "invoices": "Invoice",
    "language_enrollments": "LanguageEnrollment",
    "material_progress": "MaterialProgress",
    "materials": "Material",
    "mcq_answers": "MCQAnswer",
    "mcq_attempts": "MCQAttempt",
    "mcq_options": "MCQOption",
    "mcq_questions": "MCQQuestion",
    "mcq_quizzes": "MCQQuiz",
    "module_progress": "ModuleProgress",
    "modules": "Module",
    "notification_preferences": "NotificationPreference",
    "notifications": "Notification",
    "oauth_accounts": "OAuthAccount",
    "password_resets": "PasswordReset",
    "payment_methods": "PaymentMethod",
    "programming_languages": "ProgrammingLanguage",
    "quiz_analyses": "QuizAnalysis",
    "sessions": "Session",
    "subscriptions": "Subscription",
    "transactions": "Transaction",
    "user_activities": "UserActivity",
    "user_profiles": "UserProfile",
    "users": "User",
}


def test_each_of_our_tables_has_the_name_that_people_expect() -> None:
    text = "\n".join(path.read_text("utf-8") for path in MIGRATIONS.glob("*.sql"))
    assert set(re.findall(r"^CREATE TABLE \w+\.(\w+) ", text, re.MULTILINE)) == set(OF_OUR_TABLES)
    speller = Speller(["MCQ"])
    assert {name: speller.class_name(name, singular=singular) for name in OF_OUR_TABLES} == OF_OUR_TABLES


@pytest.mark.parametrize(
    ("plural", "one"),
    [
        line.split()
        for line in """
        accesses access|addresses address|analyses analysis|apis api|archives archive|atlases atlas|axes axis
        bases base|bonuses bonus|boxes box|branches branch|buses bus|businesses business|caches cache
        calories calorie|campuses campus|categories category|children child|classes class|companies company
        cookies cookie|courses course|crises crisis|criteria criterion|curves curve|databases database
        drives drive|geese goose|gloves glove|heroes hero|histories history|houses house|indices index|keys key
        knives knife|leaves leaf|lenses lens|licenses license|lives life|matches match|matrices matrix|media media
        men man|menus menu|mice mouse|movies movie|niches niche|oases oasis|people person|phases phase|photos photo
        potatoes potato|prizes prize|purchases purchase|queries query|quizzes quiz|releases release
        responses response|searches search|shelves shelf|shoes shoe|skus sku|statuses status|taxes tax|taxis taxi
        theses thesis|uses use|valves valve|vertices vertex|viruses virus|warehouses warehouse|wives wife
        """.replace("\n", "|").split("|")
        if line.strip()
    ],
)
def test_a_word_has_one_singular(plural: str, one: str) -> None:
    assert singular(plural) == one


SINGULARS = """
    access address alias analysis analytics basis bonus bus campus canvas census class corpus data focus gas lens
    metadata news oasis process progress radius schema series settings sms species staff status success tennis
    user virus
"""


@pytest.mark.parametrize("word", SINGULARS.split())
def test_a_singular_is_its_own(word: str) -> None:
    assert singular(word) == word


@pytest.mark.parametrize(
    ("name", "camel"),
    [
        ("find_user_by_email", "FindUserByEmail"),
        ("get_oauth_urls", "GetOAuthURLs"),
        ("user_ids", "UserIDs"),
        ("UserProfiles", "UserProfiles"),
        ("Odd Table-name", "OddTableName"),
        ("таблица", "Таблица"),
        ("?", ""),
    ],
)
def test_words_have_a_capital_each_and_initialisms_are_kept(name: str, camel: str) -> None:
    assert Speller().class_name(name) == camel


def test_only_the_last_word_is_made_singular() -> None:
    assert Speller().class_name("sales_orders", singular=singular) == "SalesOrder"


def test_labels_of_an_enum_become_members_that_stay_apart() -> None:
    labels = ["ADMIN", "in progress", "inProgress", "C", "C++", "C#", "2nd", "", "None", "naïve"]
    assert member_names(labels) == (
        *("ADMIN", "IN_PROGRESS", "IN_PROGRESS_2", "C", "C_PLUS_PLUS", "C_SHARP", "MEMBER_2ND", "EMPTY", "NONE"),
        "NAÏVE",
    )


def test_labels_of_signs_have_names_that_can_be_read() -> None:
    labels = ["-", "/", "", "+", "--", "_", " ", "<=", "->", ".", "..", "?", "…", "😀", "\x07", "EMPTY", "\u2212"]
    assert member_names(labels) == (
        *("MINUS", "SLASH", "EMPTY", "PLUS", "MINUS_MINUS", "UNDERSCORE", "SPACE", "LESS_EQUAL", "MINUS_GREATER"),
        *("DOT", "DOT_DOT", "QUESTION", "HORIZONTAL_ELLIPSIS", "GRINNING_FACE", "U0007", "EMPTY_2", "MINUS_SIGN"),
    )
    assert member_names(["A", "A+", "A-", "-1", "1", "a-b", "a - b", "a/b"]) == (
        *("A", "A_PLUS", "A_MINUS", "MINUS_1", "MEMBER_1", "A_B", "A_B_2", "A_B_3"),
    )


@given(st.lists(st.text(), unique=True, max_size=8))
def test_every_enum_has_distinct_members(labels: list[str]) -> None:
    """Whatever the labels are: a class with these members can be made, and has all of them."""
    names = member_names(labels)
    assert all(name.isidentifier() and not keyword.iskeyword(name) for name in names)
    made = "".join(f"    {name} = {label!r}\n" for name, label in zip(names, labels, strict=True))
    space: dict[str, type[StrEnum]] = {"StrEnum": StrEnum}
    exec(f"class Made(StrEnum):\n{made}    pass\n", space)
    assert [member.value for member in space["Made"]] == labels
