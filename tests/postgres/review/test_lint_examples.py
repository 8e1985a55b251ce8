"""The good examples of all rules are SQL that PostgreSQL takes, one file after the other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest

from codezest_sql.core.lint.rule import NEXT_FILE
from codezest_sql.core.lint.rules import RULES
from codezest_sql.core.sql.statements import split_statements

if TYPE_CHECKING:
    from codezest_sql.core.lint.rule import Rule

# Examples of rights speak of a role.
ROLE = "DO $$ BEGIN CREATE ROLE shop_app; EXCEPTION WHEN duplicate_object THEN NULL; END $$"


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.code)
def test_the_good_example_runs(database: str, rule: Rule) -> None:
    schema = "" if "CREATE SCHEMA shop" in rule.before else "CREATE SCHEMA shop;\n"
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute(ROLE)
        for part in (f"{schema}{rule.before}", *rule.good.split(NEXT_FILE)):
            statements = [each.text(part) for each in split_statements(part)]
            if "transactional: false" in part:
                for statement in statements:
                    connection.execute(statement.encode())
            elif statements:
                with connection.transaction():
                    connection.execute(part.encode())
