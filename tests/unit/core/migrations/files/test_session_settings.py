"""Which files make the next one need a session of its own."""

from __future__ import annotations

import pytest

from codezest_sql.core.migrations.files.session_settings import outlasts_discard


@pytest.mark.parametrize(
    "text",
    [
        "ALTER DATABASE shop SET search_path = app;",
        "alter\tdatabase shop\n  reset all;",
        "ALTER ROLE ada IN DATABASE shop SET role = owner;",
        "ALTER USER ada SET timezone TO 'UTC';",
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET x.y = 1', current_database()); END $$;",
        "SET app.tenant = '5';",
        "SET LOCAL app.tenant = '5';",
        "SELECT set_config('app.tenant', '5', true);",
    ],
)
def test_what_a_session_reads_when_it_begins_and_settings_of_the_users_own_outlast_discard(text: str) -> None:
    assert outlasts_discard(text)


@pytest.mark.parametrize(
    "text",
    [
        "SET search_path = app;",
        "SELECT pg_catalog.set_config('search_path', '', false);",
        "ALTER DATABASE shop OWNER TO ada; UPDATE t SET x = 1;",
        "ALTER TABLE t ALTER c SET NOT NULL; UPDATE t SET a = b.c FROM b;",
        "CREATE TABLE t (a int);",
    ],
)
def test_most_files_leave_nothing(text: str) -> None:
    assert not outlasts_discard(text)
