"""Clauses at the end of CREATE ROLE, for temporary servers."""

from __future__ import annotations

import pytest

from codezest_sql.core.migrations.files.script import read_script
from codezest_sql.core.sql.role_clauses import MEMBER, with_clauses

ADDED = " ADMIN CURRENT_USER"


@pytest.mark.parametrize(
    "text",
    [
        "CREATE ROLE app",
        "create user \"My App\" WITH PASSWORD 'ADMIN; x' IN ROLE a, b",
        "CREATE /* a */ GROUP\n app USER b -- end\n",
        'CREATE ROLE U&"\\0041pp" LOGIN',
    ],
)
def test_a_statement_that_makes_a_role_gets_the_clause(text: str) -> None:
    script = read_script(f"SELECT 1;\n{text};\nSELECT 2;".encode(), file="x.sql").script
    changed = with_clauses(script, [MEMBER])
    statement = changed.statements[1]
    assert changed.statement_text(statement) == script.statement_text(script.statements[1]) + ADDED
    assert changed.text.count("\n") == script.text.count("\n")
    assert changed.sha256 == script.sha256


@pytest.mark.parametrize(
    "text",
    [
        "CREATE ROLE app ADMIN other",
        "CREATE USER MAPPING FOR app SERVER s",
        "ALTER ROLE app LOGIN",
        "DROP ROLE app",
        "DO $$ BEGIN CREATE ROLE app; END $$",
        "COMMENT ON ROLE app IS 'CREATE ROLE x'",
        "CREATE TABLE role (a int)",
    ],
)
def test_all_else_stays_as_it_is(text: str) -> None:
    script = read_script(f"{text};".encode(), file="x.sql").script
    assert with_clauses(script, [MEMBER]) is script or with_clauses(script, [MEMBER]).text == script.text
