"""Marks and names of other tools: each is supported, refused or harmless; comments and titles that are none run."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from codezest_sql.core.migrations.applied_files import settle
from codezest_sql.core.migrations.files.folder import MigrationFolder, assemble
from codezest_sql.core.migrations.files.layout import FoundFile, Layout
from codezest_sql.core.migrations.files.new_files import new_files
from codezest_sql.core.migrations.history import Applied, History
from codezest_sql.core.text.decode import content_hash
from codezest_sql.errors import CodezestError, ProjectErrors

NOON = datetime(2026, 1, 31, 12, tzinfo=UTC)
UP, DOWN = "CREATE TABLE gates (id int PRIMARY KEY);", "DROP TABLE gates;"


def folder(files: dict[str, str], *, doubtful: bool = False) -> MigrationFolder:
    found = [FoundFile(name, f"m/{name}", text.encode()) for name, text in files.items()]
    return assemble(found, folder="m", doubtful=doubtful)


def refusals(files: dict[str, str]) -> tuple[CodezestError, ...]:
    with pytest.raises(ProjectErrors) as caught:
        folder(files)
    for error in caught.value.errors:
        assert error.hint
    return caught.value.errors


# --- marks --------------------------------------------------------------------------------------------------------

SUPPORTED = {
    "dbmate": ("-- migrate:up", "-- migrate:down", Layout.DBMATE),
    "dbmate with options": ("-- migrate:up transaction:false", "-- migrate:down transaction:false", Layout.DBMATE),
    "migretti": ("-- migrate: up", "-- migrate: down", Layout.DBMATE),
    "goose": ("-- +goose Up", "-- +goose Down", Layout.GOOSE),
    "goose in capitals": ("-- +GOOSE UP", "-- +GOOSE DOWN", Layout.GOOSE),
    "goose, its substitution off": ("-- +goose ENVSUB OFF\n-- +goose up", "-- +goose down", Layout.GOOSE),
    "sql-migrate": ("-- +migrate Up", "-- +migrate Down", Layout.SQL_MIGRATE),
    "node-pg-migrate": ("-- Up Migration", "-- Down Migration", Layout.NODE_PG_MIGRATE),
    "node-pg-migrate, ruled": ("---- up migration ----", "---- down migration ----", Layout.NODE_PG_MIGRATE),
    "node-pg-migrate with titles": (
        "-- Up Migration: the gates",
        "-- Down migration drops them",
        Layout.NODE_PG_MIGRATE,
    ),
    "tern": ("", "---- create above / drop below ----", Layout.TERN),
}
# By the name of a tool or library, or by the repository style that was seen: the line that opens the way back.
REFUSED = {
    "rambler": ("-- rambler up", "-- rambler down"),
    "shmig": ("-- ====  UP  ====", "-- ==== DOWN ===="),
    "MyBatis Migrations": ("-- // create the gates", "-- //@UNDO"),
    "MyBatis Migrations with a word": ("-- // create the gates", "-- // @UNDO the gates"),
    "dbdeploy": ("", "--//@UNDO"),
    "Play": ("-- !Ups", "-- !Downs"),
    "Play with dashes": ("-- --- !Ups", "-- --- !Downs"),
    "Play in its old form": ("# --- !Ups", "# --- !Downs"),
    "migration-files and sqlite": ("-------------\n-- Up\n-------------", "-------------\n-- Down\n-------------"),
    "coast": ("-- up", "-- down"),
    "biowonks": ("", "-- DOWN"),
    "migration-collection": ("--------------UP", "--------------DOWN"),
    "with a number sign": ("-- #UP", "-- #DOWN"),
    "ragtime of old": ("--;; up", "--;; down"),
    "with annotations": ("-- @Up()", "-- @Down()"),
    "pgmcli": ("", "-- REVERT BEGIN"),
    "in brackets": ("-- [up]", "-- [down]"),
    "with a plus": ("-- +up", "-- +down"),
    "with a colon": ("-- up:", "-- down:"),
    "with a section": ("-- up section", "-- down section"),
    "as a rollback": ("", "-- rollback"),
    "as a rollback in two words": ("", "-- ROLL BACK"),
    "as a rollback migration": ("-- forward migration", "-- rollback migration"),
    "as an undo": ("-- do", "-- undo"),
    "as a revert": ("-- deploy", "-- revert"),
    "as a downgrade": ("-- upgrade", "-- downgrade"),
    "as backwards": ("-- forwards", "-- backwards"),
    "as one word": ("-- MigrateUp", "-- MigrateDown"),
    "as one word with an underscore": ("-- migrate_up", "-- migrate_down"),
    "micrate": ("-- +micrate Up", "-- +micrate Down"),
    "with any tool's name": ("-- mytool:up", "-- mytool:down"),
    "ruled in Unicode": ("-- ── UP ──", "-- ── DOWN ──"),
    "with a space that is none": ("--\u00a0Up", "--\u00a0Down"),
    "as a backout": ("-- deploy", "-- BACKOUT"),
    "with an end": ("-- begin up\n-- end up", "-- begin down"),
    "with begin": ("-- begin up", "-- begin down"),
    "only node-pg-migrate's way back": ("", "-- Down Migration"),
    "only dbmate's way back": ("", "-- migrate:down"),
    "only goose's way back": ("", "-- +goose Down"),
}
WHOLE = {
    "Liquibase": "--liquibase formatted sql\n--changeset a:1 context:test\n{up}\n--rollback DROP TABLE gates;\n",
    "Liquibase, spaced": "\n-- Liquibase formatted SQL\n-- changeset a:1 dbms:mysql\n{up}\n",
    "an Atlas checkpoint": "-- atlas:checkpoint\n\n{up}\n",
    "an Atlas archive": "-- atlas:txtar\n\n-- migration.sql --\n{up}\n-- down.sql --\n{down}\n",
    "Atlas's delimiter": "-- atlas:delimiter -- end\n\n{up}\n-- end\n",
    "a revert script of Sqitch": "-- Revert flipr:gates from pg\n\nBEGIN;\n{down}\nCOMMIT;\n",
    "a verify script of Sqitch": "-- Verify flipr:gates on pg\n\nBEGIN;\nSELECT 1;\nROLLBACK;\n",
    "an include of graphile-migrate": "--! include gates.sql\n{up}\n",
    "an include of graphile-migrate in its other form": "--!include functions/gates.sql\n{up}\n",
    "goose's substitution": "-- +goose ENVSUB ON\n-- +goose Up\n{up}\n",
    "tern's template": "INSERT INTO x VALUES ('{{{{.env}}}}');\n---- create above / drop below ----\n{down}\n",
}


@pytest.mark.parametrize("what", SUPPORTED)
def test_both_ways_of_a_supported_format_are_told_apart(what: str) -> None:
    up, down, layout = SUPPORTED[what]
    (found,) = folder({"1_gates.sql": f"{up}\n{UP}\n\n{down}\n{DOWN}\n"}).migrations
    assert found.layout is layout
    assert "DROP" not in found.up.text
    assert found.down
    assert "CREATE TABLE" not in found.down.text
    assert "DROP" in found.down.text


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("what", REFUSED)
def test_the_way_back_of_another_format_is_refused_before_it_runs(what: str, end: str) -> None:
    up, down = REFUSED[what]
    (error,) = refusals({"1_gates.sql": f"{up}\n{UP}\n\n{down}\n{DOWN}\n".replace("\n", end)})
    assert error.code == "section"
    assert error.place
    assert error.place.line
    assert error.source


@pytest.mark.parametrize("what", REFUSED)
def test_a_way_back_without_sql_takes_nothing_back(what: str) -> None:
    """``-- rollback:`` with commented SQL below is a comment like any other."""
    down = REFUSED[what][1]
    if down.startswith(("#", "-- +goose", "-- migrate:")):
        return  # no comment of SQL, or a marker of a supported tool without its counterpart
    assert folder({"1_gates.sql": f"{UP}\n{down}\n-- {DOWN}\n"}).migrations


@pytest.mark.parametrize("title", ["down", "Down Migration", "Up Migration", "rollback", "liquibase formatted sql"])
def test_a_new_file_with_such_a_title_can_be_run(title: str) -> None:
    names = new_files(None, title, transactional=True, now=NOON)
    (found,) = folder({name: f"{text}\nSELECT 1;" for name, text in names.items()}).migrations
    assert found.layout is Layout.PLAIN
    assert f"-- title: {title}\n" in found.up.text


@pytest.mark.parametrize("what", WHOLE)
def test_a_file_that_another_tool_runs_otherwise_is_refused(what: str) -> None:
    errors = refusals({"gates.sql": WHOLE[what].format(up=UP, down=DOWN)})
    assert {error.code for error in errors} == {"section"}


def test_scripts_of_sqitch_run_once_they_are_numbered() -> None:
    """Their order is that of ``sqitch.plan``, which no name tells."""
    text = f"-- Deploy flipr:gates to pg\n\nBEGIN;\n\n{UP}\n\nCOMMIT;\n"
    (error,) = refusals({"gates.sql": text})
    assert "sqitch.plan" in error.message
    assert folder({"0001_gates.sql": text}).migrations


INNOCENT_COMMENTS = [
    "-- down payment",
    "-- up to here",
    "-- rollback is manual",
    "-- rollback: DROP TABLE gates;",
    "--rollback DROP TABLE gates;",
    "-- Rollback plan: restore the backup",
    "-- undo is impossible",
    "-- undo log",
    "-- no down migration",
    "-- there is no way to undo this",
    "-- down migration is manual",
    "-- Down migration: see the wiki",
    "-- down migrations live elsewhere",
    "-- up migration only",
    "-- see the down migration of 0003",
    "-- up migration adds the gates\n-- down migration is manual",
    "-- up",
    "-- up, down",
    "-- up/down counters",
    "-- going down",
    "-- down the road we drop it",
    "-- revert of 0004",
    "-- Revert migration 0005",
    "-- reverts the rename",
    "-- reverse order",
    "-- Reverse",
    "-- downtime is none",
    "-- backwards compatible",
    "-- forward only",
    "-- rollback 2",
    "-- upgrade path",
    "-- downgrade is not supported",
    "-- migrate: by hand",
    "-- migrated from mysql",
    "-- +gooseberry",
    "-- create above / drop below, as tern says",
    "-- changeset a:1 context:test",
    "--changeset a:1 context:test",
    "-- liquibase is not used here",
    "-- see liquibase formatted sql",
    "-- atlas:nolint destructive",
    "-- atlas maps",
    "-- Deploy it with care",
    "-- Verify the numbers",
    "-- Revert it from backup",
    "--! Previous: -",
    "--! Hash: sha1:aa",
    "--! Message: gates",
    "-- include the gates",
    "-- @author me",
    "-- // a title",
    "-- UNDO tablespace",
    "-- context:test",
    "-- ${env} is replaced elsewhere",
    "-- {{ env }}",
    "-- ups and downs of a lift",
    "-- Abwärts",
    "-- scale down",
    "-- status: down",
    "-- +1 down",
    "--",
    "-- ----------",
    "/* down */",
    "/*\n-- down\n*/",
    "/* -- Down Migration */",
    "--> statement-breakpoint",
    "-- CreateTable",
    "-- AlterTable",
    "-- depends on nothing",
]
INNOCENT_SQL = [
    "SELECT '\n-- Down Migration\n';",
    "SELECT '\n-- rambler down\n';",
    "SELECT $$\n-- Up Migration\n-- Down Migration\n$$;",
    "SELECT $$\n---- create above / drop below ----\n$$;",
    "SELECT $f$\n-- down\nDROP TABLE x;\n$f$;",
    'SELECT 1 AS "\n-- //@UNDO\n";',
    "SELECT 1; -- down",
    "SELECT 1; -- Down Migration",
    "CREATE TABLE lift (\n  -- up\n  a int,\n  -- down\n  b int\n);",
    "SELECT '${env}', '{{ env }}', ':env', '\\i x';",
    "SELECT '--liquibase formatted sql';",
    "INSERT INTO x VALUES ('# --- !Downs');",
]


@pytest.mark.parametrize("comment", INNOCENT_COMMENTS)
@pytest.mark.parametrize("name", ["0001_a.sql", "0001_a.up.sql"])
def test_a_comment_with_other_words_is_a_comment(comment: str, name: str) -> None:
    text = f"{comment}\n{UP}\n{comment}\nSELECT 1;\n"
    (found,) = folder({name: text}).migrations
    assert found.up.text == text


@pytest.mark.parametrize("sql", INNOCENT_SQL)
def test_a_mark_within_sql_is_sql(sql: str) -> None:
    (found,) = folder({"0001_a.sql": f"{sql}\n{DOWN}\n"}).migrations
    assert found.up.text == f"{sql}\n{DOWN}\n"
    assert found.layout is Layout.PLAIN


# --- names --------------------------------------------------------------------------------------------------------

UNDO_NAMES = [
    ("001_gates-up.sql", "001_gates-down.sql"),  # db-migrate, pg_migrate
    ("001_gates_up.sql", "001_gates_down.sql"),
    ("001_gates.sql", "001_gates.undo.sql"),  # stepwise-migrations
    ("001_gates.sql", "001_gates_undo.sql"),
    ("001_gates.sql", "001_gates-rollback.sql"),
    ("001_gates.sql", "001_gates_rollback.sql"),
    ("001_gates.sql", "001_gates.revert.sql"),
    ("001_gates.sql", "rollback_001_gates.sql"),
    ("001_gates.sql", "undo-001_gates.sql"),
    ("001_gates.do.sql", "001_gates.undo.sql"),  # do-migrate
    ("001_up.sql", "001_down.sql"),
    ("001_up_gates.sql", "001_down_gates.sql"),
    ("001-up-gates.sql", "001-down-gates.sql"),
    ("001_upgrade_gates.sql", "001_downgrade_gates.sql"),
    ("001_deploy.sql", "001_revert.sql"),
    ("001_create_gates.sql", "001_rollback.sql"),
    ("001-gates.sql", "001-down.sql"),
    ("GatesUp.sql", "GatesDown.sql"),
    ("001_GATES_UP.sql", "001_GATES_DOWN.sql"),
]
ONLY_SOMETIMES = ["0001_a.EVERYTIME.sql", "0001_a.TEST.ENV.sql", "views.repeatable.sql", "0001_a.anytime.sql"]
INNOCENT_NAMES = [
    "0007_undo_fee.sql",
    "0007_fee_down.sql",
    "0007_fee-down.sql",
    "0007_scale_down.sql",
    "0008_scale_up.sql",
    "0009_rollback_segments.sql",
    "0010_revert_0004.sql",
    "0011_downtime.sql",
    "0012_markdown.sql",
    "0013_countdown.sql",
    "0014_do.sql",
    "0015_undo.sql",
    "0016.environment.sql",
    "0017_repeatable_read.sql",
    "0018_down_payment.sql",
    "0019_drop_down.sql",
    "0020_drop_up.sql",
    "0021.undo.fee.sql",
    "V_old.sql",
    "upgrade.sql",
    "backup.sql",
    "0022_up.sql",
    "0023_ReverseProxy.sql",
    "0024_teardown.sql",
]


@pytest.mark.parametrize(("there", "back"), UNDO_NAMES)
def test_a_name_that_undoes_its_neighbour_is_refused(there: str, back: str) -> None:
    (error,) = refusals({there: UP, back: DOWN})
    assert error.code == "file-name"
    assert str(error.place) == f"m/{back}"
    assert there in error.message
    assert error.hint
    assert ".rollback.sql" in error.hint
    assert [each.id for each in folder({there: UP, back: f"-- codezest: plain\n{DOWN}"}).migrations]


@pytest.mark.parametrize("name", ONLY_SOMETIMES)
def test_a_name_that_runs_elsewhere_or_again_is_refused(name: str) -> None:
    assert refusals({name: UP})[0].code == "file-name"


def test_titles_that_are_no_way_back_run() -> None:
    assert len(INNOCENT_NAMES) + len(INNOCENT_COMMENTS) >= 50
    ids = [each.id for each in folder(dict.fromkeys(INNOCENT_NAMES, "SELECT 1;")).migrations]
    assert sorted(ids) == sorted(name.removesuffix(".sql") for name in INNOCENT_NAMES)


def test_a_file_with_a_rollback_file_is_a_migration_whatever_its_title() -> None:
    files = dict.fromkeys(["1_fee.sql", "1_fee_undo.sql", "1_fee_undo.rollback.sql", "2_rollback.sql"], "SELECT 1;")
    assert len(folder({**files, "2_rollback.rollback.sql": ""}).migrations) == 3


def test_postgrators_names_mean_that_only_beside_each_other() -> None:
    (found,) = folder({"001.do.gates.sql": UP, "001.undo.gates-again.sql": DOWN}).migrations
    assert (found.id, found.layout) == ("001.do.gates", Layout.POSTGRATOR)
    assert found.down
    assert [each.id for each in folder({"001.undo.gates.sql": DOWN}).migrations] == ["001.undo.gates"]
    (error,) = folder({"001.do.gates.sql": UP, "002.undo.sql": DOWN}).all_down_errors
    assert "there is no 2.do.….sql" in error.message
    assert "both have the version 1" in refusals({"1.do.a.sql": UP, "01.do.b.sql": UP})[0].message


@pytest.mark.parametrize(
    ("neighbours", "loose"),
    [
        ({"1_a/up.sql": UP}, "x.sql"),
        ({"1_a/migration.sql": UP}, "schema.sql"),
        ({"1_a.up.sql": UP}, "seed.sql"),
        ({"1.do.a.sql": UP}, "seed.sql"),
        ({"1_a.sql": f"-- migrate:up\n{UP}"}, "seed.sql"),
        ({"1_a.sql": f"-- +goose Up\n{UP}"}, "seed.sql"),
    ],
)
def test_a_loose_file_beside_a_strict_tools_is_refused(neighbours: dict[str, str], loose: str) -> None:
    (error,) = refusals({**neighbours, loose: "SELECT 1;"})
    assert str(error.place) == f"m/{loose}"
    assert "without a number" in error.message
    for allowed in (
        {loose: "-- codezest: plain\nSELECT 1;"},
        {loose: "SELECT 1;", loose.replace(".sql", ".rollback.sql"): ""},
    ):
        assert len(folder({**neighbours, **allowed}).migrations) == 2


@pytest.mark.parametrize("neighbour", ["1_a/up.sql", "1_a/migration.sql", "V1__a.sql", "1.do.a.sql"])
def test_a_numbered_file_beside_a_strict_tools_is_noted(neighbour: str) -> None:
    found = folder({neighbour: UP, "2_b.sql": "SELECT 1;"})
    assert [note for note in found.notes if note.startswith("m/2_b.sql: is run, although ")]
    assert not [note for note in folder({neighbour: UP}).notes if "although" in note]


@pytest.mark.parametrize("text", ["INSERT INTO x VALUES ('${env}');", "SELECT $$ ${flyway:user} $$;", "SELECT ${a};"])
def test_a_placeholder_of_flyways_is_refused_in_its_files_alone(text: str) -> None:
    (error,) = refusals({"V1__a.sql": text})
    assert "Flyway puts the value of a placeholder here" in error.message
    assert folder({"V1__a.sql": f"-- codezest: plain\n{text}"}).migrations
    assert folder({"1_a.sql": text}).migrations
    (error,) = folder({"V1__a.sql": UP, "U1__a.sql": text}).all_down_errors
    assert "Flyway puts the value of a placeholder here" in error.message
    assert folder({"V1__a.sql": f"-- {text}\nSELECT '$', '{{}}';"}).migrations


def test_flyways_script_configuration_is_read() -> None:
    concurrent = "ALTER TABLE a ADD b int; CREATE INDEX CONCURRENTLY i ON a (b);"
    (found,) = folder({"V1__a.sql": concurrent, "V1__a.sql.conf": "# why\nexecuteInTransaction=false\n"}).migrations
    assert not found.up.transactional
    (error,) = refusals({"V1__a.sql": UP, "V1__a.sql.conf": "shouldExecute=${env}==test\n"})
    assert str(error.place) == "m/V1__a.sql.conf:1:1"
    assert "shouldExecute" in error.message


# --- transactions -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["1_a.up.sql", "1_a/up.sql", "1_a/migration.sql", "V1__a.sql", "1.do.a.sql"])
def test_statements_that_no_transaction_can_hold_run_without_one_in_other_tools_files(name: str) -> None:
    (found,) = folder({name: "SET lock_timeout = '1s';\nCREATE INDEX CONCURRENTLY b ON a (x);"}).migrations
    assert not found.up.transactional
    assert any("runs without a transaction" in note for note in found.up.notes)
    (error,) = refusals({name: "CREATE TABLE a (x int); CREATE INDEX CONCURRENTLY b ON a (x);"})
    assert error.code == "not-in-a-transaction"
    (error,) = refusals({"1_a.sql": "CREATE INDEX CONCURRENTLY b ON a (x);"})
    assert error.code == "not-in-a-transaction"


def test_a_way_back_has_a_transaction_unless_it_cannot() -> None:
    files = {"1_a.up.sql": "CREATE INDEX CONCURRENTLY b ON a (x);", "1_a.down.sql": "DROP INDEX b; DROP TABLE a;"}
    (found,) = folder(files).migrations
    assert found.down
    assert found.down.transactional


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("BEGIN;\nSELECT 1;\nCOMMIT;\n\nBEGIN;\nSELECT 2;\nCOMMIT;\n", ["SELECT 1;", "SELECT 2;"]),
        ("START TRANSACTION;\nSELECT 1;\nEND;\nSELECT 2;\n", ["SELECT 1;", "SELECT 2;"]),
        ("SELECT 0;\nBEGIN;\nSELECT 1;\nCOMMIT;\n", ["SELECT 0;", "SELECT 1;"]),
    ],
)
def test_several_blocks_of_another_tools_file_are_one_transaction(text: str, rest: list[str]) -> None:
    (found,) = folder({"1_a.up.sql": text}).migrations
    assert found.up.text.split() == " ".join(rest).split()
    assert found.up.text.count("\n") == text.count("\n")
    assert any("are one transaction here" in note for note in found.up.notes)
    assert refusals({"1_a.sql": text})[0].code == "transaction-control"


@pytest.mark.parametrize(
    "text",
    [
        "BEGIN;\nSELECT 1;\nCOMMIT;\nBEGIN;\nSELECT 2;\nROLLBACK;\n",
        "BEGIN;\nSELECT 1;\nCOMMIT;\nCOMMIT;\n",
        "BEGIN;\nSAVEPOINT a;\nCOMMIT;\nBEGIN;\nCOMMIT;\n",
        "BEGIN;\nSET LOCAL search_path = a;\nCOMMIT;\nBEGIN;\nSELECT 1;\nCOMMIT;\n",
        "BEGIN ISOLATION LEVEL SERIALIZABLE;\nSELECT 1;\nCOMMIT;\nSELECT 2;\n",
    ],
)
def test_transactions_that_cannot_be_made_one_are_refused(text: str) -> None:
    assert {error.code for error in refusals({"1_a.up.sql": text})} == {"transaction-control"}


def test_a_block_around_an_index_built_concurrently_says_what_to_do() -> None:
    text = "BEGIN;\nSELECT 1;\nCOMMIT;\nCREATE INDEX CONCURRENTLY b ON a (x);\n"
    (error,) = refusals({"1_a.up.sql": text})
    assert error.code == "not-in-a-transaction"
    assert error.hint
    assert "into a file of its own" in error.hint


@pytest.mark.parametrize(
    "first",
    [
        "-- no-transaction",
        "--! no-transaction",
        "-- atlas:txmode none",
        "---- tern: disable-tx ----",
        "-- No Transaction",
    ],
)
def test_each_tools_word_for_no_transaction_is_obeyed(first: str) -> None:
    (found,) = folder({"1_a.sql": f"{first}\nCREATE INDEX CONCURRENTLY b ON a (x);"}).migrations
    assert not found.up.transactional
    (found,) = folder({"1_a.sql": f"-- no transaction is needed\n{UP}"}).migrations
    assert found.up.transactional


# --- the header, and what is applied ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        f"-- Up Migration\n{UP}\n-- Down Migration\n{DOWN}\n",
        f"{UP}\n---- create above / drop below ----\n{DOWN}\n",
        f"-- rambler up\n{UP}\n-- rambler down\n{DOWN}\n",
        f"--liquibase formatted sql\n--changeset a:1\n{UP}\n",
    ],
)
def test_the_header_plain_makes_a_file_sql_and_is_no_part_of_its_content(text: str) -> None:
    for header in ("-- codezest: plain\n", "--codezest:plain\r\n", "-- a title\n-- CodeZest: Plain\n"):
        found = folder({"1_a.sql": header + text})
        (migration,) = found.migrations
        assert migration.down is None
        assert migration.up.text == header + text
        expected = content_hash(header.replace("\r", "").replace("-- a title\n", "").partition("\n")[2] + text)
        if "title" not in header:
            assert migration.up.sha256 == expected == content_hash(text)
        assert dict(found.files)["1_a.sql"] == migration.up.sha256


def test_the_header_plain_takes_no_other_word_and_stands_at_the_top() -> None:
    (error,) = refusals({"1_a.sql": f"-- codezest: plan\n{UP}"})
    assert error.code == "directive"
    (error,) = refusals({"1_a.sql": f"{UP}\n-- codezest: plain\n{DOWN}"})
    assert "below the first statement" in error.message


def history(**applied: str | None) -> History:
    entries = (Applied(name.removeprefix("_"), sha256, NOON) for name, sha256 in applied.items())
    return History("public", tuple(entries))


APPLIED_WHOLE = {
    "node-pg-migrate": f"-- Up Migration\n{UP}\n-- Down Migration\n{DOWN}\n",
    "tern": f"{UP}\n---- create above / drop below ----\n{DOWN}\n",
    "rambler": f"-- rambler up\n{UP}\n-- rambler down\n{DOWN}\n",
    "Liquibase": f"--liquibase formatted sql\n--changeset a:1\n{UP}\n",
}


@pytest.mark.parametrize("what", APPLIED_WHOLE)
def test_in_a_file_that_is_applied_a_mark_is_a_note(what: str) -> None:
    text = APPLIED_WHOLE[what]
    found = folder({"1_a.sql": text}, doubtful=True)
    settled = settle(found, history(_1_a=content_hash(text)))
    (migration,) = settled.migrations
    assert migration.up.text == text
    assert migration.up.sha256 == content_hash(text)
    assert len(settled.notes) == len(found.notes) + 1


def test_a_name_that_undoes_is_left_where_the_ledger_has_it() -> None:
    files = {"001.do.a.sql": UP, "001.undo.a.sql": DOWN, "2_b-up.sql": "SELECT 1;", "2_b-down.sql": "SELECT 2;"}
    entries = {name.removesuffix(".sql"): content_hash(text) for name, text in files.items()}
    applied = History("public", tuple(Applied(name, sha256, NOON) for name, sha256 in entries.items()))
    settled = settle(folder(files, doubtful=True), applied)
    assert {each.id: each.up.sha256 for each in settled.migrations} == entries
    assert any("2_b-down.sql" in note for note in settled.notes)
    assert any("001.undo.a.sql" in note for note in settled.notes)


def test_what_is_still_to_run_is_refused_beside_what_was_run() -> None:
    text = APPLIED_WHOLE["rambler"]
    found = folder({"1_a.sql": text, "2_b.sql": text}, doubtful=True)
    with pytest.raises(ProjectErrors) as caught:
        settle(found, history(_1_a=content_hash(text)))
    (error,) = caught.value.errors
    assert error.place
    assert error.place.file == "m/2_b.sql"
