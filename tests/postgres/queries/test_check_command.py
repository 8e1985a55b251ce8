"""``check`` as a command: what it prints, returns, writes and remembers."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from tests.check_project import SCHEMA, CheckProject

if TYPE_CHECKING:
    from pathlib import Path

FIND = "-- name: find_person :opt\n-- By e-mail.\nSELECT id, nick FROM people WHERE email = :email;\n"
LIST = "-- name: list_people :many\nSELECT id, email FROM people ORDER BY id LIMIT :most;\n"
WRONG = "-- name: wrong :many\nSELECT emial FROM people;\n"


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a cache for the tests that do not care what is in it: the schema is made once."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture
def project(tmp_path: Path, cache: Path) -> CheckProject:
    """Make a project with two good files."""
    made = CheckProject(tmp_path / "project", cache=cache)
    made.write({"find.sql": FIND, "deep/list.sql": LIST})
    return made


def test_all_right_is_said_in_one_line_with_the_server_that_said_so(project: CheckProject) -> None:
    outcome = project.check()
    assert outcome.code == 0
    assert outcome.out.startswith("2 queries in 2 files: all right (PostgreSQL ")
    assert outcome.err == ""


def test_json_has_for_each_query_what_other_tools_need(project: CheckProject) -> None:
    found = project.check("--json").json
    assert found["errors"] == []
    assert [query["name"] for query in found["queries"]] == ["list_people", "find_person"]
    assert found["queries"][1] == {
        "name": "find_person",
        "file": "queries/find.sql",
        "line": 1,
        "kind": "opt",
        "parameters": [
            {"name": "email", "type": "text", "python": "str", "nullable": False, "optional": False},
        ],
        "columns": [
            {"name": "id", "type": "bigint", "python": "int", "nullable": False},
            {"name": "nick", "type": "text", "python": "str | None", "nullable": True},
        ],
    }


def test_json_is_the_same_from_the_server_from_the_cache_and_from_the_snapshot(project: CheckProject) -> None:
    asked = project.check("--json").json
    assert project.check("--json").json == asked
    assert project.check("--json", "--offline").json == asked


def test_an_error_ends_with_the_exit_code_of_a_project_that_is_wrong(project: CheckProject) -> None:
    outcome = project.check(wrong=WRONG)
    assert outcome.code == 7
    assert "2 queries in 3 files: 1 error (" in outcome.out
    assert project.check().err == outcome.err, "from the cache the same is said"


def test_a_warning_is_said_and_fails_nothing(project: CheckProject) -> None:
    project.configure('policies = { docstring = "warning" }')
    outcome = project.check()
    assert outcome.code == 0
    assert "queries/deep/list.sql:1:10: warning: " in outcome.err
    assert "1 warning" in outcome.out
    found = project.check("--json").json
    assert [each["code"] for each in found["warnings"]] == ["docstring"]
    assert found["errors"] == []


def test_annotations_are_those_of_github(project: CheckProject) -> None:
    outcome = project.check("--annotations", wrong=WRONG)
    assert '::error file=queries/wrong.sql,line=2,col=8,title=query-refused::column "emial"' in outcome.out
    project.project.environment["GITHUB_ACTIONS"] = "true"
    assert "::error file=" in project.check().out
    assert json.loads(project.check("--json").out)["errors"], "JSON stays JSON"


def test_the_folders_can_be_named_for_one_run(project: CheckProject, tmp_path: Path) -> None:
    other = tmp_path / "project" / "other"
    other.mkdir()
    (other / "q.sql").write_text("-- name: a :one\nSELECT n FROM one WHERE n = 1;\n")
    schema = tmp_path / "project" / "tables"
    schema.mkdir()
    (schema / "0001_one.sql").write_text("CREATE TABLE one (n int);\n")
    assert project.check("--queries", "other").code == 7
    assert project.check("--queries", "other", "--migrations", "tables").code == 0


def test_a_folder_that_is_not_there_is_named(project: CheckProject) -> None:
    outcome = project.check("--queries", "nowhere")
    assert outcome.code == 7
    assert "nowhere is not a folder" in outcome.err
    outcome = project.check("--migrations", "nowhere")
    assert outcome.code == 7
    assert "the migrations folder nowhere does not exist" in outcome.err


def test_a_project_without_queries_is_checked_all_the_same(project: CheckProject) -> None:
    for path in [*project.queries.rglob("*.sql")]:
        path.unlink()
    assert project.check().out.startswith("0 queries in 0 files: all right")
    project.project.write("0002_mistake.sql", "CREATE TABLE (;\n")
    assert project.check().code == 0, "no query, no question: migrate says what is wrong with a file"


def test_hidden_files_and_other_endings_are_left_out(project: CheckProject) -> None:
    project.write({".hidden.sql": WRONG, ".git/q.sql": WRONG, "notes.txt": "no SQL", "q.sql~": WRONG})
    assert project.check().code == 0


def test_a_migration_that_does_not_run_is_said_as_migrate_says_it(project: CheckProject) -> None:
    project.project.write("0002_mistake.sql", "CREATE TABLE people (id int);\n")
    outcome = project.check()
    assert outcome.code == 1
    assert 'migrations/0002_mistake.sql:1:1: error: relation "people" already exists' in outcome.err


def test_a_missing_extension_says_where_it_could_come_from(project: CheckProject) -> None:
    project.project.write("0002_extension.sql", "CREATE EXTENSION no_such_thing;\n")
    outcome = project.check()
    assert outcome.code == 1
    assert 'extension "no_such_thing" is not available' in outcome.err
    assert "shadow_url" in outcome.err


# What was found is known again, and never what was found of something else.


def test_an_edited_file_is_asked_about_again(project: CheckProject) -> None:
    assert project.check().code == 0
    assert project.check(find=FIND.replace("nick", "nik")).code == 7
    assert project.check(find=FIND).code == 0


def test_a_changed_migration_changes_the_types(project: CheckProject) -> None:
    before = project.check("--json").json
    project.project.write("0002_nick.sql", "ALTER TABLE people ALTER COLUMN nick SET NOT NULL;\n")
    after = project.check("--json").json
    assert before["queries"][1]["columns"][1]["nullable"] is True
    assert after["queries"][1]["columns"][1]["nullable"] is False
    project.project.migrations.joinpath("0002_nick.sql").unlink()
    assert project.check("--json").json == before


def test_a_changed_migration_takes_a_column_away(project: CheckProject) -> None:
    assert project.check().code == 0
    project.project.write("0002_nick.sql", "ALTER TABLE people DROP COLUMN nick;\n")
    assert 'column "nick" does not exist' in project.check().err


def test_changed_policies_are_obeyed(project: CheckProject) -> None:
    assert project.check().code == 0
    project.configure('policies = { docstring = "error" }')
    assert "[docstring]" in project.check().err
    project.configure("")
    assert project.check().code == 0


def test_a_changed_dialect_is_obeyed(project: CheckProject) -> None:
    text = "-- name: GetPerson :one\nSELECT id FROM people WHERE email = $1;\n"
    assert project.check(find=text).code == 7
    project.configure('dialect = "sqlc"')
    (project.queries / "deep" / "list.sql").unlink()
    assert project.check().code == 0


def test_two_projects_with_equal_files_keep_their_own(tmp_path: Path, cache: Path) -> None:
    one = CheckProject(tmp_path / "one", cache=cache)
    other = CheckProject(tmp_path / "other", cache=cache, schema=SCHEMA.replace("nick text,", "nick text NOT NULL,"))
    nullable = [
        each.check("--json", find=FIND).json["queries"][0]["columns"][1]["nullable"] for each in (one, other, one)
    ]
    assert nullable == [True, False, True]


def test_a_damaged_cache_is_as_good_as_none(tmp_path: Path) -> None:
    project = CheckProject(tmp_path)
    first = project.check("--json", find=FIND).json
    for file in (tmp_path / "cache").rglob("*"):
        if file.parent.name in {"checks", "schemas", "servers"}:
            file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    assert project.check("--json").json == first


def test_a_run_without_any_cache_says_the_same(project: CheckProject, tmp_path: Path) -> None:
    found = project.check("--json").json
    project.project.environment["XDG_CACHE_HOME"] = str(tmp_path / "file")
    (tmp_path / "file").write_text("no folder")
    assert project.check("--json").json == found


def test_a_removed_file_is_forgotten(project: CheckProject) -> None:
    assert project.check().out.startswith("2 queries")
    (project.queries / "find.sql").unlink()
    assert project.check().out.startswith("1 query in 1 file")
    assert project.check().out.startswith("1 query in 1 file")


# ``snapshot.json`` says what was checked to a machine without a server.


def test_it_is_written_where_all_is_right_and_only_there(project: CheckProject) -> None:
    snapshot = project.queries / "snapshot.json"
    assert project.check(wrong=WRONG).code == 7
    assert not snapshot.exists()
    (project.queries / "wrong.sql").unlink()
    assert project.check().code == 0
    text = snapshot.read_text()
    assert '"name": "find_person"' in text
    assert project.check(wrong=WRONG).code == 7
    assert snapshot.read_text() == text


def test_it_is_made_again_where_somebody_removed_or_changed_it(project: CheckProject) -> None:
    snapshot = project.queries / "snapshot.json"
    assert project.check().code == 0
    text = snapshot.read_text()
    for change in (snapshot.unlink, lambda: snapshot.write_text("{}")):
        change()
        assert project.check().code == 0
        assert snapshot.read_text() == text


def test_it_is_the_same_wherever_the_command_runs(project: CheckProject) -> None:
    assert project.check().code == 0
    snapshot = project.queries / "snapshot.json"
    text = snapshot.read_text()
    deep = CheckProject.__new__(CheckProject)
    deep.project = type(project.project).__new__(type(project.project))
    deep.project.root, deep.project.url = project.project.root / "queries" / "deep", None
    deep.project.environment = project.project.environment
    assert deep.project.run("check").code == 0
    assert snapshot.read_text() == text


def test_offline_asks_no_server(project: CheckProject) -> None:
    assert project.check().code == 0
    project.project.environment["CODEZEST_PG_BINDIR"] = "/nowhere"
    outcome = project.check("--offline")
    assert outcome.code == 0
    assert "2 queries in 2 files: all right (the snapshot queries/snapshot.json)" in outcome.out


def test_offline_names_what_is_not_as_it_was(project: CheckProject) -> None:
    outcome = project.check("--offline")
    assert outcome.code == 7
    assert "queries/snapshot.json: error: there is no snapshot" in outcome.err
    assert project.check().code == 0
    shutil.move(project.queries / "deep" / "list.sql", project.queries / "moved.sql")
    project.project.write("0002_more.sql", "CREATE TABLE more (id int);\n")
    outcome = project.check("--offline", find=FIND + "-- one more line\n")
    assert outcome.code == 7
    for said in (
        "queries/snapshot.json: error: the migrations are others than then",
        "queries/find.sql: error: has changed since the snapshot",
        "queries/moved.sql: error: is not in the snapshot",
        "queries/snapshot.json: error: names deep/list.sql, which is gone",
    ):
        assert said in outcome.err


def test_a_snapshot_that_cannot_be_read_is_one_message(project: CheckProject) -> None:
    for text in ("", "{", "[]", '{"version": 99, "schema": "", "files": {}}'):
        (project.queries / "snapshot.json").write_text(text)
        outcome = project.check("--offline")
        assert outcome.code == 7
        assert "queries/snapshot.json: error: is not a snapshot of this version" in outcome.err


def test_operators_of_the_schema_do_not_replace_those_of_the_server(tmp_path: Path) -> None:
    """On a search path with pg_catalog at its end, the toolkit's own questions to the catalogs are answered right."""
    lines = []
    for name in ("name", "oid", "text", "int4", "int2", '"char"', "bool", "regclass", "int8"):
        function = f"public.refuse_{name.strip(chr(34))}"
        lines.append(
            f"CREATE FUNCTION {function}({name}, {name}) RETURNS boolean LANGUAGE plpgsql"
            " AS $$ BEGIN RAISE EXCEPTION 'an operator of the schema'; END $$;"
        )
        lines += [
            f"CREATE OPERATOR public.{operator} (LEFTARG = {name}, RIGHTARG = {name}, FUNCTION = {function});"
            for operator in ("=", "<>", "<", ">")
        ]
    lines.append(
        "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET search_path = public, pg_catalog', current_database());"
        " END $$;"
    )
    made = CheckProject(tmp_path / "project", 'output = "shop"', schema=SCHEMA + "\n".join(lines))
    made.write({"find.sql": FIND.replace("email =", "email OPERATOR(pg_catalog.=)")})
    for words in (("check",), ("check", "--plans"), ("generate",)):
        outcome = made.project.run(*words)
        assert outcome.code == 0, outcome.out + outcome.err
