"""Every CHECK of the schema refuses what it must and accepts the edge of what it may."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest

from codezest_sql.postgres.catalog.rule_facts import read_catalog
from tests.postgres.platform.schema_bad_rows import BAD_ROWS, EDGE_ROWS
from tests.postgres.platform.schema_rows import ADA, connect_with, refusal, update

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.postgres.platform.schema_rows import Connection

pytestmark = pytest.mark.every_postgres


@pytest.fixture
def connection(migrated: str) -> Iterator[Connection]:
    """Connect to a fresh database with one good row in each table."""
    with connect_with(migrated, ADA) as opened:
        yield opened


def test_every_check_is_in_the_table_of_bad_rows(connection: Connection) -> None:
    """So a CHECK cannot be added without a row that it refuses."""
    found = {constraint.name for constraint in read_catalog(connection).constraints if constraint.kind == "c"}
    assert found == set(BAD_ROWS)


def test_every_check_refuses_its_bad_rows(connection: Connection) -> None:
    """Each differs from a good row in what this check is about; it and no other must answer."""
    tables = {check.name: check.table for check in read_catalog(connection).constraints if check.kind == "c"}
    wrong = []
    for name, bad_rows in BAD_ROWS.items():
        assert bad_rows, name
        for changes in bad_rows:
            said = refusal(connection, tables[name], ADA.row(tables[name], **changes))
            if said is None or said.constraint_name != name:
                wrong.append((name, changes, said and said.constraint_name))
    assert wrong == []


def test_the_edge_of_what_is_allowed_is_accepted(connection: Connection) -> None:
    """Without it a check that refuses everything would pass the test above."""
    wrong = []
    for table, edges in EDGE_ROWS.items():
        for changes in edges:
            try:
                with connection.transaction(force_rollback=True):
                    update(connection, table, ADA.rows[table], changes)
            except psycopg.errors.IntegrityError as error:
                wrong.append((table, changes, error.diag.constraint_name))
    assert wrong == []
