"""Auth on a database that is not the one its code was generated for: named, and never a wrong value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import pytest

from codezest_sql import QueryError, SchemaMismatchError, UnreadableValueError
from codezest_sql.platform.models.auth import Role
from codezest_sql.platform.queries.auth import oauth, profiles, sessions, users
from codezest_sql.platform.types import Preferences
from tests.runtime.auth.service import OAUTH, link, register, sign_in

if TYPE_CHECKING:
    from collections.abc import Callable

    from codezest_sql import Query
    from tests.runtime.auth.service import Sql
    from tests.runtime.faces import Face

ID = UUID(int=1)
ROWS = [users.ImportUsersRow(ID, "ada@example.com", "Ada", None, Role.STUDENT, None)]
# What happened to the database, a query, and how the difference is told behind the query's name.
CHANGES: list[tuple[str, Callable[[], Query[Any]], str]] = [
    (
        "ALTER TABLE auth.users DROP email_verified_at",
        lambda: users.list_users(limit=9),
        "column u.email_verified_at does not exist",
    ),
    (
        "ALTER TABLE auth.users RENAME name TO full_name",
        lambda: users.get_user(id=ID),
        "column u.name does not exist",
    ),
    (
        "ALTER TABLE auth.users ALTER name TYPE varchar(80)",
        lambda: users.get_user(id=ID),
        "the column name was generated as text, and the server reports character varying",
    ),
    (
        "ALTER TABLE auth.users ALTER created_at TYPE timestamp",
        lambda: users.get_account(id=ID),
        (
            "the column created_at was generated as timestamp with time zone, and the server reports"
            " timestamp without time zone"
        ),
    ),
    (
        "ALTER TABLE auth.user_profiles ALTER bio TYPE jsonb USING to_jsonb(bio)",
        lambda: users.get_account(id=ID),
        "the column profile.bio was generated as text, and the server reports jsonb",
    ),
    (
        (
            "ALTER TABLE auth.user_profiles DROP CONSTRAINT user_profiles_preferences_check,"
            " ALTER preferences DROP DEFAULT, ALTER preferences TYPE text"
        ),
        lambda: profiles.find_profile(user_id=ID),
        "the column preferences was generated as jsonb, and the server reports text",
    ),
    (
        (
            "ALTER TABLE auth.oauth_accounts ALTER scopes DROP DEFAULT,"
            " ALTER scopes TYPE text USING array_to_string(scopes, ' ')"
        ),
        lambda: oauth.list_oauth_accounts(user_id=ID),
        "the column scopes was generated as text[], and the server reports text",
    ),
    (
        "ALTER TABLE auth.oauth_accounts ALTER access_token_ciphertext TYPE text",
        lambda: oauth.link_oauth_account(id=ID, user_id=ID, **OAUTH),
        "the parameter access_token_ciphertext was generated as bytea, and the server reports text",
    ),
    (
        "ALTER TABLE auth.sessions ALTER ip_address TYPE text",
        lambda: sessions.touch_session(user_id=ID, id=ID, ip_address=None),
        "the parameter ip_address was generated as inet, and the server reports text",
    ),
    (
        "ALTER TYPE auth.role RENAME TO kind",
        users.count_users_by_role,
        "the column role was generated as auth.role, and the server reports auth.kind",
    ),
    (
        "ALTER TABLE auth.user_profiles RENAME TO profiles",
        lambda: users.get_account(id=ID),
        'relation "auth.user_profiles" does not exist',
    ),
    (
        "ALTER TABLE auth.users ALTER name TYPE varchar(80)",
        lambda: users.import_users(ROWS),
        "the parameter name was generated as text, and the server reports character varying",
    ),
    (
        "ALTER TABLE auth.users DROP email_verified_at",
        lambda: users.import_users(ROWS),
        'column "email_verified_at" does not exist',
    ),
    ("DROP SCHEMA auth CASCADE", lambda: users.get_user(id=ID), 'relation "auth.users" does not exist'),
]


@pytest.fixture
def database(migrated: str) -> str:
    """Return the URL of a copy of the test's own, since it is altered."""
    return migrated


@pytest.mark.parametrize(("change", "query", "message"), CHANGES, ids=[f"{number}" for number in range(len(CHANGES))])
def test_a_difference_is_named_and_nothing_runs(
    db: Face, sql: Sql, change: str, query: Callable[[], Query[Any]], message: str
) -> None:
    sql.run(change)
    asked = query()
    with pytest.raises(SchemaMismatchError) as refused:
        db.run(asked)
    assert refused.value.message == f"{asked.statement.name}: {message}"
    assert refused.value.query == asked.statement.name
    assert "codezest-sql generate" in str(refused.value.hint)


def test_a_column_that_changes_while_the_service_runs_is_named(db: Face, sql: Sql) -> None:
    """Each way to run a query that ran before; the next use behind the change, and again when it is undone."""
    user_id = register(db)
    query = users.get_user(id=user_id)
    expected = db.run(query)
    listed = users.list_users(limit=9)
    assert db.stream(listed) == db.run(listed)
    db.batch(query, listed)
    sql.run("ALTER TABLE auth.users ALTER name TYPE bytea USING name::bytea")
    runs: list[Callable[[], Any]] = [
        lambda: db.run(query),
        lambda: db.stream(listed),
        lambda: db.batch(users.is_email_taken(email="x"), query),
        lambda: db.run(query),
    ]
    for run in runs:
        with pytest.raises(SchemaMismatchError) as refused:
            run()
        assert refused.value.query in {query.statement.name, listed.statement.name}
    sql.run("ALTER TABLE auth.users ALTER name TYPE text USING convert_from(name, 'UTF8')")
    assert db.run(query) == expected
    assert db.batch(query) == (expected,)


def test_columns_that_are_new_or_moved_make_no_difference(db: Face, sql: Sql) -> None:
    """A database that is ahead: columns are asked for by name."""
    user_id = register(db)
    account = users.get_account(id=user_id)
    login = users.find_user_for_login(email="ada@example.com")
    before = db.run(account), db.run(login)
    sql.run("ALTER TABLE auth.users ADD nickname text NOT NULL DEFAULT 'x', ADD moved text")
    sql.run("UPDATE auth.users SET moved = password_hash")
    sql.run("ALTER TABLE auth.users DROP password_hash")
    sql.run("ALTER TABLE auth.users RENAME moved TO password_hash")
    assert (db.run(account), db.run(login)) == before
    register(db, "bob@example.com", "Bob")
    rows = [row._replace(id=uuid4(), email="cyd@example.com") for row in ROWS]
    assert db.copy(users.import_users(rows)) == 1


def test_a_null_where_none_was_proven_is_no_value(db: Face, sql: Sql) -> None:
    user_id = register(db)
    sql.run("ALTER TABLE auth.users ALTER name DROP NOT NULL")
    sql.run("UPDATE auth.users SET name = NULL")
    for query in (users.get_user(id=user_id), users.list_users(limit=9), users.get_account(id=user_id)):
        with pytest.raises(SchemaMismatchError, match="name") as refused:
            db.run(query)
        assert refused.value.query == query.statement.name
    with pytest.raises(SchemaMismatchError, match="name"):
        db.stream(users.list_users(limit=9))


def test_a_null_in_what_is_nested_is_no_value(db: Face, sql: Sql) -> None:
    user_id = register(db)
    db.run(profiles.merge_preferences(user_id=user_id, preferences=Preferences()))
    link(db, user_id)
    sign_in(db, user_id)
    sql.run("ALTER TABLE auth.user_profiles ALTER timezone DROP NOT NULL")
    sql.run("ALTER TABLE auth.oauth_accounts ALTER provider DROP NOT NULL")
    sql.run("UPDATE auth.user_profiles SET timezone = NULL")
    sql.run("UPDATE auth.oauth_accounts SET provider = NULL")
    with pytest.raises(SchemaMismatchError, match="timezone"):
        db.run(users.get_account(id=user_id))
    with pytest.raises(SchemaMismatchError, match="provider"):
        db.run(oauth.get_sign_in_methods(user_id=user_id))


def test_a_label_that_the_code_does_not_know_is_no_role(db: Face, sql: Sql) -> None:
    user_id = register(db)
    assert db.run(users.get_user(id=user_id)).role is Role.STUDENT
    sql.run("ALTER TYPE auth.role ADD VALUE 'GUEST'")
    assert db.run(users.get_user(id=user_id)).role is Role.STUDENT
    sql.run("UPDATE auth.users SET role = 'GUEST'")
    for query in (users.get_user(id=user_id), users.count_users_by_role()):
        with pytest.raises((SchemaMismatchError, UnreadableValueError), match=query.statement.name):
            db.run(query)


def test_a_label_that_the_database_does_not_know_is_refused(db: Face, sql: Sql) -> None:
    user_id = register(db)
    sql.run("ALTER TYPE auth.role RENAME VALUE 'INSTRUCTOR' TO 'TEACHER'")
    with pytest.raises(QueryError, match="change_role"):
        db.run(users.change_role(id=user_id, role=Role.INSTRUCTOR))
    assert db.run(users.get_user(id=user_id)).role is Role.STUDENT
