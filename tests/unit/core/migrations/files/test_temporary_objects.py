"""A non-transactional file may be resumed in a new session: what lives in a session alone is refused there."""

from __future__ import annotations

import pytest

from codezest_sql.core.migrations.files.script import read_script
from codezest_sql.errors import ProjectErrors, TemporaryObjectError

STATEMENTS = [
    "CREATE TEMP TABLE t (a int)",
    "CREATE TEMPORARY TABLE t AS SELECT 1",
    "create local temp table t (a int)",
    "CREATE OR REPLACE TEMP VIEW v AS SELECT 1",
    "CREATE /* why not */ TEMPORARY SEQUENCE s",
]


@pytest.mark.parametrize("statement", STATEMENTS)
def test_a_non_transactional_file_makes_nothing_temporary(statement: str) -> None:
    text = f"-- transactional: false\nSELECT 1;\n{statement};\n"
    with pytest.raises(ProjectErrors) as caught:
        read_script(text.encode(), file="m.sql")
    (error,) = caught.value.errors
    assert isinstance(error, TemporaryObjectError)
    assert str(error.place) == "m.sql:3:1"


@pytest.mark.parametrize("statement", STATEMENTS)
def test_a_transactional_file_may(statement: str) -> None:
    assert len(read_script(f"{statement};".encode(), file="m.sql").script.statements) == 1


@pytest.mark.parametrize("statement", ["CREATE TABLE temp (a int)", "CREATE TABLE pg_temp_log (temp int)"])
def test_a_table_that_is_only_called_so_is_no_temporary_one(statement: str) -> None:
    text = f"-- transactional: false\n{statement};\n"
    assert len(read_script(text.encode(), file="m.sql").script.statements) == 1
