"""Arguments that a query of auth does not take: refused by name before anything is sent, and never shown."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest

from codezest_sql import ArgumentError
from codezest_sql.platform.queries.auth import oauth, profiles, sessions, users
from codezest_sql.platform.queries.payments import invoices
from tests.runtime.auth.service import ADDRESS, HOUR, OAUTH, hashed

if TYPE_CHECKING:
    from collections.abc import Callable

    from codezest_sql import Query
    from tests.runtime.faces import Face

SECRET = "swordfish"
NAIVE = datetime(2026, 1, 1)  # noqa: DTZ001
# As a program would that no type checker has seen.
get_user: Any = users.get_user
get_users: Any = users.get_users
change_role: Any = users.change_role
register_user: Any = users.register_user
list_users: Any = users.list_users
link: Any = oauth.link_oauth_account
create_session: Any = sessions.create_session
rotate_session: Any = sessions.rotate_session
update_profile: Any = profiles.update_profile
create_invoice: Any = invoices.create_invoice
SESSION: dict[str, Any] = {
    "id": uuid4(),
    "user_id": uuid4(),
    "token_hash": hashed("token"),
    "ip_address": ADDRESS,
    "user_agent": None,
    "lifetime": HOUR,
}
LINE: dict[str, Any] = {"description": "PRO", "quantity": 1, "unit_amount_minor": 5, "amount_minor": 5}
INVOICE: dict[str, Any] = {"id": uuid4(), "user_id": uuid4(), "number": "1", "tax_minor": 0, "currency": "EUR"}
LINK: dict[str, Any] = {"id": uuid4(), "user_id": uuid4(), **OAUTH}

WRONG: list[tuple[Callable[[], Query[Any]], str]] = [
    (lambda: get_user(id=SECRET), "id is uuid and takes UUID, not str"),
    (lambda: get_user(id=None), "id is uuid and takes UUID, not None"),
    (lambda: get_users(ids=uuid4()), "ids is uuid[] and takes list[UUID], not UUID"),
    (lambda: get_users(ids=[uuid4(), SECRET]), "ids is uuid[] and takes list[UUID], not str"),
    (lambda: get_users(ids={uuid4()}), "ids is uuid[] and takes list[UUID], not set"),
    (lambda: change_role(id=uuid4(), role="STUDENT"), "role is auth.role and takes Role, not str"),
    (
        lambda: register_user(id=uuid4(), email="a@b", name="A", password_hash=SECRET.encode()),
        "password_hash is text and takes str or None, not bytes",
    ),
    (
        lambda: register_user(id=uuid4(), email="a@b", name=f"{SECRET}\0", password_hash=None),
        "name is text and takes str, not a text with a NUL character, which PostgreSQL cannot hold",
    ),
    (
        lambda: register_user(id=uuid4(), email="a@b", name=f"{SECRET}\ud800", password_hash=None),
        "name is text and takes str, not a text with a lone surrogate, which UTF-8 cannot hold",
    ),
    (lambda: link(**LINK | {"scopes": SECRET}), "scopes is text[] and takes list[str], not str"),
    (lambda: link(**LINK | {"scopes": ["\udfff"]}), "not a text with a lone surrogate"),
    (lambda: link(**LINK | {"access_token_ciphertext": SECRET}), "access_token_ciphertext is bytea and takes bytes"),
    (
        lambda: link(**LINK | {"token_expires_at": NAIVE}),
        (
            "token_expires_at is timestamp with time zone and takes datetime with a time zone or None, not a datetime"
            " without a time zone"
        ),
    ),
    (lambda: create_session(**SESSION | {"ip_address": "10.0.0.1"}), "ip_address is inet and takes IPv4Address"),
    (lambda: create_session(**SESSION | {"lifetime": 3600}), "lifetime is interval and takes timedelta, not int"),
    (lambda: create_session(**SESSION | {"token_hash": SECRET}), "token_hash is bytea and takes bytes, not str"),
    (lambda: list_users(limit="9"), "limit is bigint and takes int, not str"),
    (lambda: list_users(limit=True), "limit is bigint and takes int, not bool"),
    (lambda: list_users(limit=2**63), "limit is bigint and takes int, not an int out of range"),
    (lambda: list_users(limit=None), "limit is bigint and takes int, not None"),
    (lambda: list_users(limit=9, verified="yes"), "verified is boolean and takes bool, not str"),
    (lambda: list_users(limit=9, role=None), "role is auth.role and takes Role, not None"),
    (lambda: list_users(limit=9, created_before=datetime.now(UTC)), "id_before"),
    (lambda: list_users(limit=9, order="oldest"), "oldest"),
    (
        lambda: update_profile(user_id=uuid4(), social_links=object()),
        "social_links is jsonb and takes SocialLinks, not object: Input should be",
    ),
    (
        lambda: create_invoice(**INVOICE | {"line_items": [LINE, LINE | {"amount_minor": SECRET}]}),
        "line_items is jsonb and takes list[LineItem], not list: 1.amount_minor: Input should be a valid integer",
    ),
]


@pytest.mark.parametrize(("make", "message"), WRONG, ids=[message.split(" ")[0] for _, message in WRONG])
def test_a_wrong_argument_is_named_and_never_shown(db: Face, make: Callable[[], Query[Any]], message: str) -> None:
    query = make()
    name = query.statement.name
    for run in (db.run, db.batch):
        with pytest.raises(ArgumentError) as refused:
            run(query)
        assert refused.value.message.startswith(name)
        assert message in refused.value.message
        assert refused.value.query == name
        assert SECRET not in f"{refused.value} {refused.value.hint} {query!r}"


def test_a_name_that_a_query_does_not_have_is_pythons_own_error() -> None:
    with pytest.raises(TypeError, match="nickname"):
        get_user(id=uuid4(), nickname="Ada")
    with pytest.raises(TypeError, match="id"):
        get_user()
    with pytest.raises(TypeError, match="positional"):
        get_user(uuid4())
