"""``review`` in a temporary git repository: the old commit's queries meet new migrations."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.projects import Project, git

if TYPE_CHECKING:
    from pathlib import Path

SETTINGS = '[tool.codezest-sql]\nmigrations = "migrations"\nqueries = "queries"\n'
QUERY = "-- name: get_item :opt\nSELECT i.id, i.score FROM items AS i WHERE i.id = :id;\n"


@pytest.fixture
def released(tmp_path: Path) -> Project:
    """Make a project whose last release is v1."""
    project = Project(tmp_path)
    (tmp_path / "pyproject.toml").write_text(SETTINGS)
    (tmp_path / "queries").mkdir()
    (tmp_path / "queries" / "items.sql").write_text(QUERY)
    project.write("0001_items.sql", "CREATE TABLE items (id integer PRIMARY KEY, score integer);\n")
    project.write("0001_items.rollback.sql", "DROP TABLE items;\n")
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "--message", "v1")
    git(tmp_path, "tag", "v1")
    return project


def test_a_rolling_deploy_that_breaks_the_old_code_is_refused_by_name(released: Project) -> None:
    released.write("0002_drop.sql", "ALTER TABLE items DROP COLUMN score;\n")
    released.write("0002_drop.rollback.sql", "ALTER TABLE items ADD COLUMN score integer;\n")
    (released.root / "queries" / "items.sql").write_text(QUERY.replace(", i.score", ""))
    found = released.run("review", "--base", "v1")
    assert found.code == 1, found.err
    assert (
        "migrations/0002_drop.sql:1:1: error: items.get_item of v1 uses public.items.score, which this drops"
        in found.out
    )
    assert "rollback: verified" in found.out
    assert "items.get_item of v1" in released.run("review", "--base", "v1", "--format", "markdown").out


def test_an_additive_migration_passes_with_its_diff_in_words(released: Project) -> None:
    released.write("0002_add.sql", "ALTER TABLE items ADD COLUMN note text;\n")
    released.write("0002_add.rollback.sql", "ALTER TABLE items DROP COLUMN note;\n")
    found = released.run("review", "--base", "v1", "--format", "json")
    assert found.code == 0, found.err + found.out
    (migration,) = found.json["migrations"]
    assert migration["schema"] == ["column public.items.note added (type text, nullable yes)"]
    assert migration["statements"][0]["waiting"] == ["items.get_item of v1", "items.get_item"]
    assert migration["rollback"].startswith("verified")


def test_a_rollback_that_restores_something_else_is_an_error_at_its_file(released: Project) -> None:
    released.write("0002_add.sql", "ALTER TABLE items ADD COLUMN note text;\n")
    released.write("0002_add.rollback.sql", "SELECT 1;\n")
    found = released.run("review", "--base", "v1")
    assert found.code == 1
    assert "migrations/0002_add.rollback.sql:1:1: error: rolling it back leaves a difference" in found.out


def test_a_revision_that_git_does_not_know_is_told_with_a_way_out(released: Project, tmp_path: Path) -> None:
    found = released.run("review", "--base", "v9")
    assert found.code == 7
    assert "git does not know the revision v9 [revision]" in found.err
    git(tmp_path, "tag", "--delete", "v1")


def test_without_a_base_every_migration_is_reviewed(released: Project) -> None:
    found = released.run("review")
    assert found.code == 0, found.err + found.out
    assert "hint: COMMENT ON TABLE" in found.out
    assert found.out.endswith("1 migration reviewed: 1 note\n")


def test_what_a_rule_foretells_wrongly_stays_a_note_whatever_the_rule_is_set_to(released: Project) -> None:
    """A default by a volatile function may differ for each row, as words tell; the server inlines this one."""
    (released.root / "pyproject.toml").write_text(f'{SETTINGS}\n[tool.codezest-sql.lint]\ncolumn-rewrite = "error"\n')
    released.write(
        "0001_items.sql",
        "CREATE TABLE items (id integer PRIMARY KEY, score integer);\n"
        "CREATE FUNCTION seven() RETURNS integer LANGUAGE sql AS 'SELECT 7';\n",
    )
    git(released.root, "add", ".")
    git(released.root, "commit", "--quiet", "--message", "v2")
    git(released.root, "tag", "v2")
    released.write("0002_add.sql", "ALTER TABLE items ADD COLUMN luck integer DEFAULT seven();\n")
    released.write("0002_add.rollback.sql", "ALTER TABLE items DROP COLUMN luck;\n")
    found = released.run("review", "--base", "v2", "--format", "json")
    (finding,) = [each for each in found.json["findings"] if each["code"] == "column-rewrite"]
    assert (finding["severity"], finding["source"]) == ("note", "measured")
    assert "measured on PostgreSQL 18" in finding["message"]
    assert finding["message"].endswith("it does not")
    assert found.code == 0, found.out


def test_a_folder_of_queries_that_is_not_there_is_not_all_right(released: Project) -> None:
    outcome = released.run("review", "--queries", "elsewhere")
    assert outcome.code == 7
    assert "there is no elsewhere" in outcome.err


def test_a_project_that_names_only_its_migrations_is_reviewed_with_its_own_folders(tmp_path: Path) -> None:
    """Its queries are those of sql/queries, which need not be there: in neither revision."""
    project = Project(tmp_path)
    project.write("0001_items.sql", "CREATE TABLE items (id integer PRIMARY KEY);\n")
    project.write("0001_items.rollback.sql", "DROP TABLE items;\n")
    git(tmp_path, "init", "--quiet")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "--message", "v1")
    project.write("0002_note.sql", "ALTER TABLE items ADD COLUMN note text;\n")
    project.write("0002_note.rollback.sql", "ALTER TABLE items DROP COLUMN note;\n")
    found = project.run("review", "--base", "HEAD", "--format", "json")
    assert found.code == 0, found.err + found.out
    assert [each["id"] for each in found.json["migrations"]] == ["0002_note"]


def test_the_folders_of_a_revision_are_those_of_the_settings_that_it_has(released: Project, tmp_path: Path) -> None:
    """Also where they have moved since, to another file and to the default folders."""
    (tmp_path / "pyproject.toml").unlink()
    (tmp_path / "codezest-sql.toml").write_text('order = "name"\n')
    (tmp_path / "sql").mkdir()
    (tmp_path / "migrations").rename(tmp_path / "sql" / "migrations")
    (tmp_path / "queries").rename(tmp_path / "sql" / "queries")
    folder = tmp_path / "sql" / "migrations"
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "--quiet", "--message", "v2")
    (folder / "0002_drop.sql").write_text("ALTER TABLE items DROP COLUMN score;\n")
    (folder / "0002_drop.rollback.sql").write_text("ALTER TABLE items ADD COLUMN score integer;\n")
    (tmp_path / "sql" / "queries" / "items.sql").write_text(QUERY.replace(", i.score", ""))
    for base in ("v1", "HEAD"):
        found = released.run("review", "--base", base)
        assert (found.code, "0001_items" in found.out) == (1, False), found.err + found.out
        assert f"items.get_item of {base} uses public.items.score, which this drops" in found.out


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ("terminal", "not measured: migrations/0002_fails.sql fails before it"),
        ("markdown", "**Not measured**: migrations/0002\\_fails.sql fails before it"),
        ("json", '"not_measured": "migrations/0002_fails.sql fails before it"'),
        (
            "sarif",
            "was not measured, and queries were not held against it: migrations/0002_fails.sql fails before it",
        ),
        (
            "github",
            "was not measured, and queries were not held against it: migrations/0002_fails.sql fails before it",
        ),
    ],
)
def test_a_migration_that_is_not_measured_is_named_in_every_format(released: Project, form: str, words: str) -> None:
    released.write(
        "0002_fails.sql", "ALTER TABLE items ADD COLUMN note text;\nALTER TABLE missing ADD COLUMN n int;\n"
    )
    released.write("0002_fails.rollback.sql", "ALTER TABLE items DROP COLUMN note;\n")
    released.write("0003_later.sql", "ALTER TABLE items ADD COLUMN place text;\n")
    released.write("0003_later.rollback.sql", "ALTER TABLE items DROP COLUMN place;\n")
    found = released.run("review", "--base", "v1", "--format", form)
    assert found.code == 1
    assert words in found.out
    if form == "terminal":
        assert "not measured: from line 2 on: it fails there" in found.out
        assert "2 migrations reviewed against 1 query of v1, 2 of them not measured to the end:" in found.out
