"""``codezest-sql seed``: reference data that may run again, and a demo that is the same each time."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg import sql
from pydantic import TypeAdapter

from codezest_sql import Database
from codezest_sql.actions.project.settings import load_settings
from codezest_sql.errors import ExitCode
from codezest_sql.platform import types
from codezest_sql.platform.demo.tables import CATALOGUE_TABLES, USER_TABLES
from codezest_sql.platform.queries.learning import progress
from tests.conftest import create_database, drop_database
from tests.paths import ROOT
from tests.patience import PATIENCE
from tests.projects import Outcome, Project, execute, rows

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.conftest import Server, Servers

DAY = "2026-11-20"
TABLES = ["auth.users", *CATALOGUE_TABLES, *USER_TABLES]
DOCUMENTS = {column: python.text for column, python in load_settings(start=ROOT).json_types}


def project(folder: Path, url: str) -> Project:
    """Return a project that has our seed files."""
    made = Project(folder, url)
    made.write("../pyproject.toml", '[tool.codezest-sql]\nmigrations = "migrations"\nseeds = "seeds"\n')
    shutil.copytree(ROOT / "sql" / "seeds", folder / "seeds")
    return made


def demo(of: Project, *words: str, users: int = 40, seed: int = 1) -> Outcome:
    """Add a demo."""
    return of.run("platform", "demo", "--users", str(users), "--random-seed", str(seed), "--as-of", DAY, *words)


def contents(url: str, table: str) -> list[str]:
    """Return the rows of a table as text, sorted; times that the server gave to reference data left out."""
    schema, name = table.split(".")
    with psycopg.connect(url) as connection:
        connection.execute("SET TimeZone = 'UTC'")
        query = sql.SQL("SELECT t::text FROM {} AS t WHERE NOT starts_with(t.id::text, 'c0de0000-')")
        if name == "user_profiles":
            query = sql.SQL("SELECT t::text FROM {} AS t")
        return sorted(text for (text,) in connection.execute(query.format(sql.Identifier(schema, name))).fetchall())


@pytest.fixture
def seeded(tmp_path: Path, migrated: str) -> Project:
    return project(tmp_path, migrated)


# --- reference data --------------------------------------------------------------------------------------


def test_reference_data_is_added_once(seeded: Project) -> None:
    first = seeded.run("seed", "--json")
    assert first.code == ExitCode.DONE, first.err
    assert [(file["file"], file["rows"] > 0) for file in first.json["files"]] == [
        ("seeds/0001_languages.sql", True),
        ("seeds/0002_python_first_steps.sql", True),
    ]
    again = seeded.run("seed")
    assert again.code == ExitCode.DONE
    assert "all there" in again.out
    assert "0 rows of reference data new" in again.out


def test_what_somebody_changed_of_it_stays(seeded: Project) -> None:
    seeded.run("seed")
    assert seeded.url
    execute(seeded.url, "UPDATE learning.modules SET title = 'Mine', updated_at = now()")
    assert seeded.run("seed").code == ExitCode.DONE
    assert {title for (title,) in rows(seeded.url, "SELECT title FROM learning.modules")} == {"Mine"}


def test_the_small_course_has_all_that_a_course_has(seeded: Project) -> None:
    seeded.run("seed")
    assert seeded.url
    [found] = rows(
        seeded.url,
        """
        SELECT
            (SELECT count(*) FROM learning.programming_languages) >= 5,
            (SELECT count(DISTINCT type) FROM learning.materials WHERE is_published) >= 3,
            (SELECT bool_and(jsonb_array_length(test_cases) > 1) FROM learning.assignments),
            (SELECT bool_and(n = 1) FROM (
                SELECT count(*) FILTER (WHERE is_correct) AS n FROM learning.mcq_options GROUP BY question_id
            ) AS o),
            (SELECT count(*) FROM learning.mcq_questions) >= 3
        """,
    )
    assert found == (True, True, True, True, True)


def test_a_seed_file_that_fails_is_named_with_its_place_and_nothing_is_kept(seeded: Project) -> None:
    bad = "SELECT 1;\nINSERT INTO learning.programming_languages (slug, nam)\nVALUES ('x', 'X');\n"
    (seeded.root / "seeds" / "0003_bad.sql").write_text(bad, encoding="utf-8")
    failed = seeded.run("seed")
    assert failed.code == ExitCode.FAILED
    assert failed.err.startswith("seeds/0003_bad.sql:2:51: error: ")
    assert '"nam"' in failed.err
    assert "nothing of this run was kept" in failed.err
    assert seeded.url
    assert rows(seeded.url, "SELECT count(*) FROM learning.programming_languages") == [(0,)]


def test_a_database_without_migrations_is_told_of_them(tmp_path: Path, database: str) -> None:
    failed = project(tmp_path, database).run("seed")
    assert failed.code == ExitCode.FAILED
    assert failed.err.startswith("seeds/0001_languages.sql:")
    assert "codezest-sql migrate" in failed.err


def test_a_seed_file_has_the_search_path_of_the_connection_as_a_migration_has(tmp_path: Path, database: str) -> None:
    """Also after a file that sets another one."""
    small = Project(tmp_path, database)
    small.write("../pyproject.toml", '[tool.codezest-sql]\nmigrations = "migrations"\nseeds = "seeds"\n')
    small.write("0001_gates.sql", "CREATE TABLE gates (id int PRIMARY KEY);\nCREATE SCHEMA other;\n")
    small.succeed()
    seeds = tmp_path / "seeds"
    seeds.mkdir()
    insert = "INSERT INTO gates VALUES ({}) ON CONFLICT DO NOTHING;\n"
    (seeds / "1.sql").write_text(insert.format(1) + "SET search_path = other;\n")
    (seeds / "2.sql").write_text(insert.format(2) + "SET LOCAL search_path = other;\n")
    (seeds / "3.sql").write_text(insert.format(3))
    done = small.run("seed")
    assert done.code == ExitCode.DONE, done.err
    assert rows(database, "SELECT id FROM gates ORDER BY id") == [(1,), (2,), (3,)]
    execute(database, "DROP TABLE gates; CREATE TABLE other.gates (id int PRIMARY KEY)")
    failed = small.run("seed")
    assert failed.code == ExitCode.FAILED
    assert 'is its schema on the search path, which is "$user", public, and is every migration applied?' in failed.err
    small.url = f"{database}{'&' if '?' in database else '?'}options=-csearch_path%3Dother"
    assert small.run("seed").code == ExitCode.DONE
    assert rows(database, "SELECT count(*) FROM other.gates") == [(3,)]


def test_a_lost_connection_leaves_nothing_and_says_so(seeded: Project) -> None:
    (seeded.root / "seeds" / "0003_lost.sql").write_text(
        "SELECT 1;\nSELECT pg_terminate_backend(pg_backend_pid());\n", encoding="utf-8"
    )
    failed = seeded.run("seed")
    assert failed.code == ExitCode.FAILED
    assert failed.err.startswith("seeds/0003_lost.sql:2:1: error: the connection was lost: ")
    assert "nothing of this run was kept" in failed.err
    assert seeded.url
    assert rows(seeded.url, "SELECT count(*) FROM learning.programming_languages") == [(0,)]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("INSERT INTO a VALUES ('it);\n", "seeds/0003_bad.sql:1:23"),
        ("SELECT 1;\nCOMMIT;\n", "seeds/0003_bad.sql:2:1"),
        ("\\copy a from b\n", "seeds/0003_bad.sql:1:1"),
        ("SELECT 1;\nVACUUM;\n", "seeds/0003_bad.sql:2:1"),
        ("-- transactional: false\nVACUUM;\n", "seeds/0003_bad.sql:1:4"),
    ],
)
def test_what_no_seed_file_may_hold_is_refused_before_anything_runs(seeded: Project, text: str, place: str) -> None:
    (seeded.root / "seeds" / "0003_bad.sql").write_text(text, encoding="utf-8")
    failed = seeded.run("seed")
    assert failed.code != ExitCode.DONE
    assert place in failed.err
    assert "migration" not in failed.err
    assert "transactional: false" not in failed.err
    assert seeded.url
    assert rows(seeded.url, "SELECT count(*) FROM learning.programming_languages") == [(0,)]


def test_a_lock_is_not_waited_for_without_end(seeded: Project) -> None:
    assert seeded.url
    with psycopg.connect(seeded.url) as holding:
        holding.execute("LOCK TABLE learning.programming_languages")
        for words in (["seed"], ["platform", "demo", "--users", "1"]):
            failed = seeded.run(*words)
            assert failed.code == ExitCode.FAILED
            assert "[55P03]" in failed.err
            assert "nothing of this run was kept" in failed.err


def test_a_project_without_seeds_is_told_so(seeded: Project) -> None:
    shutil.rmtree(seeded.root / "seeds")
    assert "seeds is not a folder" in seeded.run("seed").err
    (seeded.root / "seeds").mkdir()
    assert "holds no seed file" in seeded.run("seed").err


# --- a demo ----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def filled(
    servers: Servers, server: Server, postgres_version: int, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Project]:
    """A demo of 300 users, shared by the tests that only read it."""
    name = f"demo_{os.getpid()}_{postgres_version}"
    create_database(server, name, servers.template(postgres_version))
    made = project(tmp_path_factory.mktemp("demo"), server.url(name))
    assert demo(made, users=300).code == ExitCode.DONE
    yield made
    drop_database(server, name)


def url_of(made: Project) -> str:
    assert made.url
    return made.url


@pytest.mark.every_postgres
@pytest.mark.parametrize("table", TABLES)
def test_every_table_has_rows(filled: Project, table: str) -> None:
    assert contents(url_of(filled), table)


@pytest.mark.parametrize("column", DOCUMENTS)
def test_every_document_is_of_its_declared_type(filled: Project, column: str) -> None:
    """And has nothing that the type does not know."""
    schema, table, name = column.split(".")
    adapter = TypeAdapter[Any](eval(DOCUMENTS[column], dict(vars(types))))  # of our own settings
    query = sql.SQL("SELECT {0}::text FROM {1} WHERE {0} IS NOT NULL").format(
        sql.Identifier(name), sql.Identifier(schema, table)
    )
    with psycopg.connect(url_of(filled)) as connection:
        texts = [text for (text,) in connection.execute(query).fetchall()]
    assert texts
    for text in texts:
        value = adapter.validate_json(text)
        for document in value if isinstance(value, list) else [value]:
            assert not getattr(document, "model_extra", None), text


def test_the_planner_knows_the_rows_at_once(filled: Project) -> None:
    """Partitioned tables too, to which autovacuum never comes."""
    unknown = """
        SELECT c.oid::regclass::text FROM pg_class AS c
        WHERE c.oid = ANY (%s::text[]::regclass[])
            AND NOT EXISTS (SELECT FROM pg_statistic AS s WHERE s.starelid = c.oid)
    """
    with psycopg.connect(url_of(filled)) as connection:
        assert connection.execute(unknown, [list(TABLES)]).fetchall() == []


def test_the_same_words_make_the_same_rows(filled: Project, tmp_path: Path, migrated: str) -> None:
    other = project(tmp_path, migrated)
    assert demo(other, users=300).code == ExitCode.DONE
    for table in TABLES:
        assert contents(url_of(filled), table) == contents(migrated, table), table


def test_another_seed_makes_other_people_beside_them(tmp_path: Path, migrated: str) -> None:
    made = project(tmp_path, migrated)
    assert demo(made, seed=1).code == ExitCode.DONE
    assert demo(made, seed=2).code == ExitCode.DONE
    [(users, emails)] = rows(migrated, "SELECT count(*), count(DISTINCT email) FROM auth.users")
    assert users == emails > 80


def test_the_same_demo_twice_is_refused_and_changes_nothing(tmp_path: Path, migrated: str) -> None:
    made = project(tmp_path, migrated)
    assert demo(made).code == ExitCode.DONE
    before = rows(migrated, "SELECT count(*) FROM activity.analytics_events")
    again = demo(made)
    assert again.code == ExitCode.USAGE
    assert "already here" in again.err
    assert "--random-seed 2" in again.err
    assert rows(migrated, "SELECT count(*) FROM activity.analytics_events") == before


def test_a_connection_that_is_lost_within_a_copy_is_one_error_and_no_more(seeded: Project) -> None:
    assert seeded.url
    execute(
        seeded.url,
        """
        CREATE FUNCTION public.ends() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NEW; END';
        CREATE TRIGGER ends BEFORE INSERT ON auth.user_profiles FOR EACH ROW EXECUTE FUNCTION public.ends();
        """,
    )
    done = subprocess.run(
        [sys.executable, "-m", "codezest_sql", "platform", "demo", "--users", "40"],
        cwd=seeded.root,
        env={**os.environ, "DATABASE_URL": seeded.url},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == ExitCode.FAILED
    said = [line for line in done.stderr.splitlines() if "users" not in line]
    assert said[0].startswith("error: the connection was lost: ")
    assert said[1:] == ["  hint: nothing of this run was kept"]


def test_a_database_with_real_users_is_left_alone_unless_asked(tmp_path: Path, migrated: str) -> None:
    made = project(tmp_path, migrated)
    execute(migrated, "INSERT INTO auth.users (email, name) VALUES ('ada@codezest.dev', 'Ada')")
    refused = demo(made)
    assert refused.code == ExitCode.USAGE
    assert "none of a demo" in refused.err
    assert rows(migrated, "SELECT count(*) FROM auth.users") == [(1,)]
    assert demo(made, "--yes").code == ExitCode.DONE


def test_a_demo_is_for_the_codezest_schema(tmp_path: Path, database: str) -> None:
    refused = demo(project(tmp_path, database))
    assert refused.code == ExitCode.USAGE
    assert "codezest-sql migrate" in refused.err


def test_rows_that_the_server_refuses_leave_nothing(tmp_path: Path, migrated: str) -> None:
    execute(migrated, "ALTER TABLE payments.invoices ADD CONSTRAINT nothing_paid CHECK (status <> 'PAID')")
    failed = demo(project(tmp_path, migrated), users=300)
    assert failed.code == ExitCode.FAILED
    assert "payments.invoices: " in failed.err
    assert "nothing_paid" in failed.err
    assert "nothing of this run was kept" in failed.err
    assert rows(migrated, "SELECT count(*) FROM auth.users") == [(0,)]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["seed", "--users", "5"], "users"),
        (["seed", "--demo"], "run codezest-sql platform demo"),
        (["partitions", "make", "--to", "2027-01"], "run codezest-sql platform partitions make --to 2027-01"),
        (["platform", "demo", "--users", "0"], "users"),
        (["platform", "demo", "--as-of", "tomorrow"], "--as-of 2026-01-31"),
        (["platform", "demo", "--as-of", "0001-01-01"], "2000 to 2100"),
        (["platform", "demo", "--as-of", "9999-12-31"], "2000 to 2100"),
        (["platform", "demo", "--random-seed", "-1"], "random-seed"),
    ],
)
def test_wrong_words_are_refused(seeded: Project, words: list[str], said: str) -> None:
    refused = seeded.run(*words)
    assert refused.code == ExitCode.USAGE
    assert said in refused.err


def test_what_is_left_of_foreign_keys_and_states_holds(filled: Project) -> None:
    """What no constraint says, but a reader of the demo expects."""
    wrong = """
        SELECT 'a submission before its enrolment' FROM learning.assignment_submissions AS s
        JOIN learning.assignments AS a ON a.id = s.assignment_id JOIN learning.modules AS m ON m.id = a.module_id
        WHERE NOT EXISTS (
            SELECT FROM learning.language_enrollments AS e
            WHERE e.user_id = s.user_id AND e.language_id = m.language_id AND e.enrolled_at <= s.submitted_at
        )
        UNION ALL
        SELECT 'more attempts than allowed' FROM learning.assignment_submissions AS s
        JOIN learning.assignments AS a ON a.id = s.assignment_id WHERE s.attempt_number > a.max_attempts
        UNION ALL
        SELECT 'a gap among the attempts' FROM learning.assignment_submissions
        GROUP BY user_id, assignment_id HAVING max(attempt_number) <> count(*)
        UNION ALL
        SELECT 'a user without a subscription' FROM auth.users AS u
        WHERE u.role = 'STUDENT' AND NOT EXISTS (SELECT FROM payments.subscriptions AS s WHERE s.user_id = u.id)
        UNION ALL
        SELECT 'an invoice that is not the sum of its lines' FROM payments.invoices AS i
        WHERE i.amount_minor
            <> (SELECT sum((l ->> 'amount_minor')::bigint) FROM jsonb_array_elements(i.line_items) AS l)
        UNION ALL
        SELECT 'an analysis of what could not be graded' FROM learning.assignment_analyses AS y
        JOIN learning.assignment_submissions AS s ON s.user_id = y.user_id AND s.id = y.submission_id
        WHERE s.status = 'ERROR'
        UNION ALL
        SELECT 'a row from after the last day' FROM activity.user_activities WHERE occurred_at >= '2026-11-21Z'
    """
    assert rows(url_of(filled), wrong) == []


def test_the_progress_of_the_demo_is_what_our_queries_make_of_it(filled: Project) -> None:
    kept = rows(
        url_of(filled),
        "SELECT p.user_id, p.module_id, p.percent, p.status::text"
        " FROM learning.module_progress AS p JOIN auth.users AS u ON u.id = p.user_id"
        " JOIN learning.modules AS m ON m.id = p.module_id"
        " JOIN learning.language_enrollments AS e ON e.user_id = p.user_id AND e.language_id = m.language_id"
        " WHERE e.status <> 'DROPPED' ORDER BY p.id LIMIT 300",
    )
    assert {status for *_, status in kept} == {"NOT_STARTED", "IN_PROGRESS", "COMPLETED"}
    with Database.connect(url_of(filled)) as db, db.transaction() as tx:
        for user_id, module_id, percent, status in kept:
            made = tx.run(progress.refresh_module_progress(user_id=user_id, module_id=module_id))
            assert made
            assert (made.percent, made.status) == (percent, status)
