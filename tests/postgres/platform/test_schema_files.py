"""The files of sql/: each migration with a rollback that undoes it, nothing automatic, both linters content."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from codezest_sql.postgres.catalog.rule_facts import read_catalog
from tests.paths import ROOT
from tests.patience import PATIENCE
from tests.postgres.platform.schema_facts import SCHEMAS

if TYPE_CHECKING:
    from tests.postgres.platform.schema_rows import Connection

FILES = sorted((ROOT / "sql" / "migrations").glob("*.sql"))
MIGRATIONS = [path for path in FILES if not path.name.endswith(".rollback.sql")]


def code_of(path: Path) -> str:
    """Return a file without its comments and strings; the procedure's body stays."""
    return re.sub(r"--[^\n]*|'(?:[^']|'')*'", "", path.read_text(encoding="utf-8"))


def tool(name: str) -> str:
    """Return the path of a linter; skip the test where it is not installed."""
    found = shutil.which(name, path=str(Path(sys.executable).parent)) or shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed (extra: lint)")
    return found


def test_each_migration_has_a_rollback_and_each_rollback_a_migration() -> None:
    names = {path.name for path in FILES}
    assert len(MIGRATIONS) * 2 == len(FILES)
    assert {path.name.replace(".sql", ".rollback.sql") for path in MIGRATIONS} < names


def test_each_migration_names_the_one_it_depends_on() -> None:
    """All but the first; each name is that of an earlier file."""
    earlier: set[str] = set()
    for path in MIGRATIONS:
        first_line = path.read_text(encoding="utf-8").splitlines()[0]
        depends = first_line.removeprefix("-- depends: ").split() if first_line.startswith("-- depends: ") else []
        assert bool(depends) == bool(earlier), path.name
        assert {*depends} <= earlier, path.name
        earlier.add(path.stem)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_file_neither_automates_nor_cascades_nor_ends_its_transaction(path: Path) -> None:
    """No extension, trigger or rule, so that it loads anywhere; DROP … CASCADE would take what nobody looked at."""
    code = code_of(path)
    for unwanted in (
        r"\bCREATE\s+(OR\s+REPLACE\s+)?(EXTENSION|(CONSTRAINT\s+)?TRIGGER|RULE|SEQUENCE)\b",
        r"\bDROP\b[^;]*\bCASCADE\b",
        r"^\s*((BEGIN|COMMIT|ROLLBACK|END)\s*;|START\s+TRANSACTION|SAVEPOINT)",
    ):
        assert not re.search(unwanted, code, re.IGNORECASE | re.MULTILINE), unwanted


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_file_begins_with_its_settings(path: Path) -> None:
    """Citus's placeholder, and timeouts that also hold when a DBA runs the file by hand."""
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if line and not line.startswith("--")]
    assert [line.partition(";")[0] for line in lines[:3]] == [
        "SET LOCAL \"citus.multi_shard_modify_mode\" = 'sequential'",
        "SET LOCAL lock_timeout = '2s'",
        "SET LOCAL statement_timeout = '60s'",
    ]


def test_sqlfluff_reads_every_file_and_finds_nothing() -> None:
    """Nothing unparsable either, which would blind it to the rest of a file, and no file skipped for its size."""
    command = [tool("sqlfluff"), "lint", "sql/", "--format", "json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False)
    found = {report["filepath"]: report["violations"] for report in json.loads(done.stdout)}
    assert {str(path.relative_to(ROOT)) for path in FILES} <= set(found)
    assert {name: violations for name, violations in found.items() if violations} == {}
    assert done.returncode == 0, done.stderr


def test_squawk_finds_nothing() -> None:
    command = [tool("squawk"), *(str(path.relative_to(ROOT)) for path in FILES)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_an_ignored_finding_has_its_reason() -> None:
    """After the rule's name, behind a second dash: -- squawk-ignore-file RULE -- WHY."""
    for path in FILES:
        for line in path.read_text(encoding="utf-8").splitlines():
            if "squawk-ignore" in line or "noqa" in line:
                assert re.fullmatch(r"-- squawk-ignore(-file)? [a-z, -]+ -- .{20,}", line), (path.name, line)


@pytest.mark.every_postgres
def test_rolling_back_step_by_step_ends_where_it_began(database: str) -> None:
    """After each rollback the schemas are as before its migration; at the end nothing is left of them."""
    with psycopg.connect(database, autocommit=True) as connection:
        before = []
        for path in MIGRATIONS:
            before.append(everything(connection))
            connection.execute(path.read_bytes())
        # A month that somebody made by hand goes too.
        connection.execute("CALL activity.create_monthly_partitions('2031-01-01', '2031-01-01')")
        for path in reversed(MIGRATIONS):
            connection.execute(path.with_suffix(".rollback.sql").read_bytes())
            assert everything(connection) == before.pop(), path.name
        left = connection.execute("SELECT nspname FROM pg_namespace WHERE nspname = ANY(%s)", [list(SCHEMAS)])
        assert left.fetchall() == []


@pytest.mark.every_postgres
def test_a_rollback_fails_rather_than_take_what_it_did_not_make(migrated: str) -> None:
    """Somebody's view on a table stops it, and nothing is half undone."""
    with psycopg.connect(migrated, autocommit=True) as connection:
        connection.execute("CREATE VIEW public.of_somebody AS SELECT id FROM notifications.email_logs")
        before = everything(connection)
        rollback = next(path for path in FILES if path.name == "0007_notifications.rollback.sql")
        with pytest.raises(psycopg.errors.DependentObjectsStillExist):
            connection.execute(rollback.read_bytes())
        assert everything(connection) == before


def everything(connection: Connection) -> tuple[object, ...]:
    """Return what the catalog says of us: tables, columns, constraints, indexes, types, routines, schemas."""
    others = connection.execute(
        """
        SELECT 'type', t.typname, n.nspname FROM pg_type AS t JOIN pg_namespace AS n ON n.oid = t.typnamespace
        WHERE n.nspname = ANY(%(schemas)s)
        UNION ALL SELECT 'routine', p.proname, n.nspname FROM pg_proc AS p
        JOIN pg_namespace AS n ON n.oid = p.pronamespace WHERE n.nspname = ANY(%(schemas)s)
        UNION ALL SELECT 'relation', c.relname, n.nspname FROM pg_class AS c
        JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE n.nspname = ANY(%(schemas)s)
        UNION ALL SELECT 'schema', nspname, '' FROM pg_namespace WHERE nspname !~ '^pg_(toast_)?temp_'
        ORDER BY 1, 2, 3
        """,
        {"schemas": list(SCHEMAS)},
    ).fetchall()
    return (read_catalog(connection), *others)
