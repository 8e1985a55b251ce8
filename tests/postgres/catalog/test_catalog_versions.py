"""The same DDL reads the same on every version of PostgreSQL, to the last fact."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import psycopg
import pytest

from codezest_sql.core.schema.canonical_text import NEW_KEYWORDS
from codezest_sql.core.schema.diff import diff
from codezest_sql.core.schema.diff_text import render_text
from codezest_sql.core.schema.drift import as_every_version
from codezest_sql.core.schema.objects import fingerprint
from codezest_sql.postgres.catalog.reader import read_schema
from codezest_sql.postgres.server.binaries import all_binaries
from tests.postgres.catalog.catalog_cases import CORPUS, EVERY_KIND, database_with

if TYPE_CHECKING:
    from codezest_sql.core.schema.objects import Schema
    from tests.conftest import Servers

VIEWS = (CORPUS / "views.sql").read_bytes()
MIGRATIONS = b"\n".join(
    path.read_bytes()
    for path in sorted((CORPUS.parents[2] / "sql" / "migrations").glob("[0-9]*.sql"))
    if not path.name.endswith(".rollback.sql")
)


@pytest.fixture(scope="module")
def majors(pytestconfig: pytest.Config) -> list[int]:
    """Return the versions that this machine has, newest first."""
    if pytestconfig.getoption("--postgres") != "embedded":
        pytest.skip("compares several servers, so it needs embedded ones")
    found = sorted({binaries.major for binaries in all_binaries()}, reverse=True)
    if len(found) < 2:
        pytest.skip(f"compares versions, and this machine has {found} alone")
    return found


def read(servers: Servers, major: int, ddl: bytes) -> Schema:
    with ExitStack() as stack:
        url = stack.enter_context(database_with(servers.get(major), ddl))
        return as_every_version(read_schema(stack.enter_context(psycopg.connect(url)), owners=False))


@pytest.mark.parametrize("ddl", [EVERY_KIND, VIEWS, MIGRATIONS], ids=["every_kind", "views", "migrations"])
def test_the_same_ddl_reads_the_same_on_every_version(servers: Servers, majors: list[int], ddl: bytes) -> None:
    """Each version next to the newest: no difference in words, none in the fingerprint."""
    newest = read(servers, majors[0], ddl)
    assert len(newest.objects) > 100
    for major in majors[1:]:
        other = read(servers, major, ddl)
        assert (major, render_text(diff(newest, other))) == (major, "")
        assert fingerprint(other) == fingerprint(newest)


def test_the_words_that_became_keywords_after_15_are_known(servers: Servers, majors: list[int]) -> None:
    """Whatever some version quotes as a name and another does not must be in the list, or views differ by it."""
    quoted: dict[int, set[str]] = {}
    for major in majors:
        with psycopg.connect(servers.get(major).url()) as connection:
            rows = connection.execute("SELECT word FROM pg_get_keywords() WHERE quote_ident(word) <> word")
            quoted[major] = {row[0] for row in rows}
    differing = set[str]().union(*quoted.values()) - set[str].intersection(*quoted.values())
    assert differing <= NEW_KEYWORDS
