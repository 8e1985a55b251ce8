"""``codezest-sql lint`` as it is run: folders, formats, changed files, tools that are missing or stumble."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.projects import Project

if TYPE_CHECKING:
    from pathlib import Path

GOOD = "CREATE TABLE orders (id bigint PRIMARY KEY, note text);\nCOMMENT ON TABLE orders IS 'What was bought.';\n"
ROLLBACK = "DROP TABLE orders;\n"
SQLFLUFF = """
[sqlfluff]
dialect = postgres
templater = raw
rules = CP01
[sqlfluff:rules:capitalisation.keywords]
capitalisation_policy = upper
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Make a project with one migration that is all right, and a cache of its own."""
    project = Project(tmp_path / "project", environment={"XDG_CACHE_HOME": str(tmp_path / "cache")})
    project.write_all({"0001_orders.sql": GOOD, "0001_orders.rollback.sql": ROLLBACK})
    return project


def git(project: Project, *words: str) -> None:
    """Run git in the project."""
    identity = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "init.defaultBranch=main"]
    subprocess.run(["git", *identity, *words], cwd=project.root, check=True, capture_output=True)


def test_a_good_folder_passes(project: Project) -> None:
    outcome = project.run("lint")
    assert (outcome.code, outcome.out, outcome.err) == (0, "2 files: all right\n", "")


def test_a_table_of_an_earlier_file_is_there_already(project: Project) -> None:
    project.write("0002_index.sql", "CREATE INDEX orders_note ON orders (note);\n")
    outcome = project.run("lint", "migrations/0002_index.sql")
    assert outcome.code == 1
    assert "migrations/0002_index.sql:1:14: error: building the index blocks writes of public.orders" in outcome.out
    assert "[missing-rollback]" in outcome.out
    assert outcome.out.endswith("1 file: 1 error, 1 warning\n")


def test_warnings_fail_only_where_that_is_asked_for(project: Project) -> None:
    project.write("0002_drop.sql", "ALTER TABLE orders DROP COLUMN note;\n")
    assert project.run("lint").code == 0
    assert project.run("lint", "--strict").code == 1


def test_severities_are_the_projects(project: Project) -> None:
    project.write("0002_drop.sql", "ALTER TABLE orders DROP COLUMN note;\n")
    settings = '[tool.codezest-sql]\nmigrations = "migrations"\n[tool.codezest-sql.lint]\n'
    project.write("../pyproject.toml", settings + 'drop-column = "error"\nmissing-rollback = "off"\n')
    outcome = project.run("lint", "--format", "json")
    assert outcome.code == 1
    assert [each["code"] for each in outcome.json["errors"]] == ["drop-column"]
    project.write("../pyproject.toml", settings + 'drop-colum = "error"\n')
    outcome = project.run("lint")
    assert outcome.code == 7
    assert "there is no rule 'drop-colum'; did you mean drop-column?" in outcome.err
    project.write("../pyproject.toml", settings + 'drop-column = "fatal"\n')
    assert "expected off or note or warning or error, not 'fatal'" in project.run("lint").err


def test_a_file_that_cannot_be_used_is_told_and_the_others_are_linted(project: Project) -> None:
    project.write_all(
        {
            "0002_broken.sql": "SELECT 'no end;\n",
            "0003_commit.sql": "COMMIT;\nTRUNCATE orders;\n",
            "0004_latin.sql": "SELECT 'caf\xe9';".encode("latin-1"),
            "0005_truncate.sql": "TRUNCATE orders; -- lint: ignore missing-rollback: nobody wants it back\n",
        }
    )
    outcome = project.run("lint", "--format", "json")
    found = {(each["file"], each["line"], each["code"]) for each in outcome.json["errors"]}
    assert found == {
        ("migrations/0002_broken.sql", 1, "lexical"),
        ("migrations/0003_commit.sql", 1, "transaction-control"),
        ("migrations/0003_commit.sql", 2, "truncate"),
        ("migrations/0004_latin.sql", 1, "unreadable-file"),
        ("migrations/0005_truncate.sql", 1, "truncate"),
    }


def test_a_folder_that_is_not_there_is_not_all_right(project: Project) -> None:
    outcome = project.run("lint", "--migrations", "elsewhere")
    assert outcome.code == 7
    assert "the migrations folder elsewhere does not exist" in outcome.err
    assert project.run("lint", "--migrations", "elsewhere", "migrations").code == 0  # it is not looked at


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads every file")
def test_a_folder_or_settings_that_cannot_be_read_are_not_all_right(project: Project) -> None:
    inner = project.root / "queries" / "inner"
    inner.mkdir(parents=True)
    (project.root / "queries" / "good.sql").write_text("SELECT 1;\n", encoding="utf-8")
    settings = project.root / "pyproject.toml"
    settings.write_text('[tool.codezest-sql]\nmigrations = "migrations"\nqueries = "queries"\n', encoding="utf-8")
    for path, said in ((inner, "queries/inner cannot be read"), (settings, "pyproject.toml: error: cannot be read")):
        path.chmod(0)
        outcome = project.run("lint")
        path.chmod(0o700)
        assert outcome.code == 7, outcome.err
        assert said in outcome.err


def test_only_what_differs_from_a_revision_is_linted(project: Project) -> None:
    project.write("0002_old.sql", "TRUNCATE orders;\n")
    git(project, "init")
    git(project, "add", ".")
    git(project, "commit", "-m", "first")
    git(project, "switch", "-c", "branch")
    project.write("0003_new.sql", "TRUNCATE orders;\n")
    outcome = project.run("lint", "--base", "main", "--format", "json")
    assert {each["file"] for each in outcome.json["errors"]} == {"migrations/0003_new.sql"}
    git(project, "add", ".")
    git(project, "commit", "-m", "second")
    assert "1 file: 1 error" in project.run("lint", "--base", "main").out
    assert "git does not know the revision nowhere" in project.run("lint", "--base", "nowhere").err


def test_without_a_repository_base_is_refused(project: Project) -> None:
    outcome = project.run("lint", "--base", "main")
    assert outcome.code == 7
    assert "is in no git repository" in outcome.err


def test_paths_that_are_not_there_or_hold_no_sql_are_refused(project: Project) -> None:
    assert "there is no elsewhere" in project.run("lint", "elsewhere").err
    (project.root / "empty").mkdir()
    assert "no SQL file in empty" in project.run("lint", "empty").err


def test_a_folder_of_another_tool_is_read_in_its_own_layout(project: Project) -> None:
    other = project.root / "other"
    other.mkdir()
    (other / "1_a.up.sql").write_text(GOOD)
    (other / "1_a.down.sql").write_text(ROLLBACK)
    (other / "2_b.sql").write_text("-- +goose Up\nTRUNCATE orders;\n-- +goose Down\nSELECT 1;\n")
    outcome = project.run("lint", "other", "--format", "json")
    assert [(each["file"], each["line"], each["code"]) for each in outcome.json["errors"]] == [
        ("other/2_b.sql", 2, "truncate")
    ]


def test_one_statement_that_sqlfluff_cannot_parse_does_not_hide_the_rest(project: Project) -> None:
    project.write("../.sqlfluff", SQLFLUFF)
    text = "CREATE RULE r AS ON INSERT TO t DO ALSO (SELECT 1; SELECT 2);\nselect 1;\nSELECT 2 from t;\n"
    project.write("0002_rule.sql", text)
    outcome = project.run("lint", "migrations/0002_rule.sql", "--format", "json")
    style = [each for each in outcome.json["warnings"] if each["source"] == "sqlfluff"]
    assert [(each["code"], each["line"]) for each in style] == [("sqlfluff:CP01", 2), ("sqlfluff:CP01", 3)]
    notes = [each for each in outcome.json["notes"] if each["source"] == "sqlfluff"]
    assert [(each["code"], each["line"]) for each in notes] == [("sqlfluff:PRS", 1)]
    assert notes[0]["message"] == "sqlfluff cannot parse this statement: its style was not checked"


def test_one_statement_that_squawk_cannot_parse_does_not_hide_the_rest(project: Project) -> None:
    project.write("0002_odd.sql", "FOO BAR;\nALTER TABLE /*é*/ orders ADD COLUMN c varchar(10);\n")
    outcome = project.run("lint", "migrations/0002_odd.sql", "--format", "json")
    theirs = [each for group in outcome.json.values() for each in group if each["source"] == "squawk"]
    assert {(each["code"], each["line"]) for each in theirs} == {
        ("squawk:syntax-error", 1),
        ("squawk:prefer-text-field", 2),
    }
    assert [each["column"] for each in theirs if each["line"] == 2] == [39]


def test_what_a_rule_of_ours_says_is_not_said_by_squawk_too(project: Project) -> None:
    """Timeouts are a matter of the file, whatever kind of statement squawk points at."""
    project.write(
        "0002_kinds.sql",
        "CREATE TABLE bills (id bigint PRIMARY KEY, made timestamp, paid timestamp without time zone);\n"
        "CREATE EXTENSION IF NOT EXISTS plpgsql;\nALTER SEQUENCE s RESTART;\nDROP FUNCTION f;\n"
        "ALTER PUBLICATION p ADD TABLE orders;\nCREATE STATISTICS st ON id, made FROM bills;\n"
        "ALTER INDEX i SET (fillfactor = 70);\nCREATE AGGREGATE a (int) (sfunc = int4pl, stype = int);\n"
        "ALTER VIEW v SET (security_barrier);\nSECURITY LABEL ON TABLE orders IS 'a';\n"
        "ALTER TABLE orders ADD c int;\n",
    )
    outcome = project.run("lint", "migrations/0002_kinds.sql", "--format", "json")
    found = [(each["code"], each["line"]) for group in outcome.json.values() for each in group]
    assert [code for code, _ in found if "timeout" in code or "timestamp" in code] == []
    assert found.count(("weak-type", 1)) == 2


def test_what_a_tool_said_is_remembered(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project.write("../.sqlfluff", SQLFLUFF)
    project.write("0002_style.sql", "select 1 FROM orders;\n")
    first = project.run("lint")
    asked: list[object] = []

    def ask(files: list[object], _root: Path) -> list[object]:
        asked.extend(files)
        return []

    monkeypatch.setattr("codezest_sql.actions.lint.lint.run_sqlfluff", ask)
    monkeypatch.setattr("codezest_sql.actions.lint.lint.run_squawk", ask)
    assert project.run("lint").out == first.out
    assert asked == []


def test_fix_corrects_style_and_lints_what_is_left(project: Project) -> None:
    project.write("../.sqlfluff", SQLFLUFF)
    path = project.write("0002_style.sql", "select 1 FROM orders;\nTRUNCATE orders;\n")
    outcome = project.run("lint", "--fix")
    assert path.read_text() == "SELECT 1 FROM orders;\nTRUNCATE orders;\n"
    assert "corrected migrations/0002_style.sql" in outcome.err
    assert "sqlfluff:" not in outcome.out
    assert "[truncate]" in outcome.out


def test_without_the_tools_our_rules_are_applied_and_a_note_says_how_to_get_them(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("codezest_sql.actions.lint.lint.sqlfluff_version", lambda: None)
    monkeypatch.setattr("codezest_sql.actions.lint.lint.squawk_version", lambda: None)
    project.write("0002_truncate.sql", "TRUNCATE orders;\n-- lint: ignore-file squawk:ban-x: of another day\n")
    outcome = project.run("lint")
    assert outcome.code == 1
    assert outcome.err.count('was left out: install it with "pip install codezest-sql[lint]"') == 2
    assert "unused-ignore" not in outcome.out


def test_a_tool_with_an_unusable_configuration_is_an_error_with_a_way_out(project: Project) -> None:
    project.write("../.sqlfluff", "[sqlfluff]\ndialect = nonsense\n")
    outcome = project.run("lint")
    assert outcome.code == 7
    assert "sqlfluff failed" in outcome.err
    assert 'sqlfluff = "off"' in outcome.err


def test_squawk_does_not_say_again_what_our_rules_say_or_know_better(project: Project) -> None:
    project.write("0002_more.sql", "ALTER TABLE orders ADD COLUMN at timestamptz NOT NULL DEFAULT now();\n")
    outcome = project.run("lint", "migrations/0002_more.sql", "--format", "json")
    assert {each["code"] for group in outcome.json.values() for each in group} == {"missing-rollback"}


def test_the_output_of_sarif_names_every_rule(project: Project) -> None:
    project.write("0002_truncate.sql", "TRUNCATE orders;\n")
    said = json.loads(project.run("lint", "--format", "sarif").out)
    rules = said["runs"][0]["tool"]["driver"]["rules"]
    assert {rule["id"]: "shortDescription" in rule for rule in rules} == {"truncate": True, "missing-rollback": True}
