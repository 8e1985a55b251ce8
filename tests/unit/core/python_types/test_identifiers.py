"""Names of sqlc and of SQL, as Python spells them."""

from __future__ import annotations

import pytest

from codezest_sql.core.python_types.identifiers import freed, snake_case


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("GetUser", "get_user"),
        ("getUser", "get_user"),
        ("get_user", "get_user"),
        ("GetUserByID", "get_user_by_id"),
        ("GetUserByIDs", "get_user_by_ids"),
        ("HTTPServer", "http_server"),
        ("ListURLs", "list_urls"),
        ("OAuthToken", "oauth_token"),
        ("ListV2Items", "list_v2_items"),
        ("Get_User", "get_user"),
        ("find-user", "find_user"),
        ("GETUSER", "getuser"),
        ("a", "a"),
        ("user_1", "user_1"),
        ("$$", ""),
    ],
)
def test_camel_case_becomes_snake_case(name: str, expected: str) -> None:
    assert snake_case(name) == expected


def test_a_name_that_python_keeps_gets_an_underscore() -> None:
    assert [freed("class"), freed("list"), freed("list", builtins_too=True), freed("user")] == [
        "class_",
        "list",
        "list_",
        "user",
    ]
