"""What 15 prints becomes what 16 and later print. No server: test_catalog_versions compares those."""

from __future__ import annotations

import pytest

from codezest_sql.core.schema.canonical_text import without_lone_qualifier, without_new_quotes, without_rule_alias


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ('SELECT "json" FROM t', "SELECT json FROM t"),
        ('u."json_value" = "system_user"', "u.json_value = system_user"),
        ("""'say "json"' || "json" """, """'say "json"' || json """),
        ("""'it''s "json"'""", """'it''s "json"'"""),
        (r"""E'\\a\' "json"' || "json" """, r"""E'\\a\' "json"' || json """),
        ('"my ""json"" here"', '"my ""json"" here"'),
        ('"Json", "user"', '"Json", "user"'),
    ],
)
def test_a_new_keyword_loses_its_quotes_where_it_is_a_name(printed: str, expected: str) -> None:
    """In literals and within other quoted names it stays; words that 15 quotes too stay quoted."""
    assert without_new_quotes(printed) == expected


@pytest.mark.parametrize(
    ("printed", "expected"),
    [
        ("SELECT lower(u.e) FROM app.u u WHERE (u.n > 1)", "SELECT lower(e) FROM app.u u WHERE (n > 1)"),
        ("SELECT users.id FROM app.users", "SELECT id FROM app.users"),
        ('SELECT "U x".id FROM app.users "U x"', 'SELECT id FROM app.users "U x"'),
        ("SELECT g.i FROM generate_series(1, 2) g(i)", "SELECT i FROM generate_series(1, 2) g(i)"),
        ("SELECT v.x FROM ( VALUES (1), (2)) v(x)", "SELECT x FROM ( VALUES (1), (2)) v(x)"),
        ("SELECT u.id FROM ONLY app.u TABLESAMPLE system (10)", "SELECT id FROM ONLY app.u TABLESAMPLE system (10)"),
        ("WITH x AS ( SELECT t.a FROM t) SELECT x.a FROM x", "WITH x AS ( SELECT t.a FROM t) SELECT a FROM x"),
        ("SELECT (t.at).x, t.g[1] FROM app.t", "SELECT (at).x, g[1] FROM app.t"),
    ],
)  # fmt: skip
def test_a_lone_relations_columns_lose_their_qualifier(printed: str, expected: str) -> None:
    """And what is already without one stays so."""
    assert without_lone_qualifier(printed) == expected
    assert without_lone_qualifier(expected) == expected


@pytest.mark.parametrize(
    "printed",
    [
        "SELECT u.id, p.id FROM app.users u, app.posts p",
        "SELECT u.id FROM (app.users u JOIN app.posts p ON ((p.id = u.id)))",
        "SELECT users.id FROM app.users UNION ALL SELECT users.id FROM app.users",
        "SELECT u.*::app.u AS whole, row_to_json(u.*) AS j FROM app.u u",
        "SELECT 'u.id' AS s FROM app.users u",
        "SELECT app.f(1) AS f, '1'::app.t AS t FROM app.app",
        "SELECT 1 AS one",
    ],
)
def test_a_qualifier_stays_where_every_version_prints_it(printed: str) -> None:
    """Several relations, set operations, whole rows, literals, and names of schemas."""
    assert without_lone_qualifier(printed) == printed


def test_a_subquery_keeps_its_qualifiers() -> None:
    """Every version qualifies within one, outer columns as well."""
    printed = "SELECT u.id FROM app.users u WHERE (EXISTS ( SELECT 1 FROM app.posts p WHERE (p.user_id = u.id)))"
    assert without_lone_qualifier(printed) == printed.replace("SELECT u.id", "SELECT id")


def test_the_alias_of_a_table_named_old_or_new_is_taken_off() -> None:
    """15 makes it, because old and new are names in every rule there; another table's alias stays."""
    printed = "SELECT old_1.id, u.n FROM (app.old old_1 JOIN app.users new_1 ON ((new_1.id = old_1.id)))"
    expected = "SELECT old.id, u.n FROM (app.old JOIN app.users new_1 ON ((new_1.id = old.id)))"
    assert without_rule_alias(printed) == expected
