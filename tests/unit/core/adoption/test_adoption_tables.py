"""Which table is a tool's ledger: by name and columns, by what the user names, and every reason for which none is."""

from __future__ import annotations

import pytest

from codezest_sql.core.adoption.tables import FoundTable, TableName, choose_table, parse_table_name
from codezest_sql.core.adoption.tools import TOOLS, find_tool
from codezest_sql.errors import UsageError


def table(name: str, *columns: str) -> FoundTable:
    schema, _, rest = name.partition(".")
    return FoundTable(schema, rest, frozenset(columns))


DBMATE = table("public.schema_migrations", "version")
GOLANG = table("public.schema_migrations", "version", "dirty")
ECTO = table("public.schema_migrations", "version", "inserted_at")


def refused(tool: str, *found: FoundTable, given: str | None = None) -> tuple[str, str]:
    with pytest.raises(UsageError) as caught:
        choose_table(find_tool(tool), found, parse_table_name(given) if given else None)
    return caught.value.message, str(caught.value.hint)


@pytest.mark.parametrize("tool", TOOLS, ids=lambda tool: tool.name)
def test_a_tools_own_table_is_found_in_any_schema(tool: object) -> None:
    known = next(entry for entry in TOOLS if entry is tool)
    found = table(f"app.{known.table}", *known.columns)
    assert choose_table(known, [found], None) is found


def test_tools_that_share_a_name_are_told_apart_by_the_columns() -> None:
    assert choose_table(find_tool("dbmate"), [DBMATE], None) is DBMATE
    assert choose_table(find_tool("golang-migrate"), [GOLANG], None) is GOLANG
    message, hint = refused("dbmate", GOLANG)
    assert message == "public.schema_migrations is no ledger of dbmate: its columns are dirty, version"
    assert hint == "the database has a ledger of golang-migrate (public.schema_migrations): --from golang-migrate"
    assert refused("golang-migrate", DBMATE)[1].endswith(": --from dbmate")
    assert "its columns are inserted_at, version" in refused("dbmate", ECTO)[0]


def test_where_there_is_none_the_ledgers_of_others_are_named() -> None:
    message, hint = refused(
        "flyway", DBMATE, table("app.goose_db_version", "id", "version_id", "is_applied", "tstamp")
    )
    assert message == "the database has no ledger of flyway: no schema has a table flyway_schema_history"
    assert "--from dbmate; " in hint
    assert "ledger of goose (app.goose_db_version): --from goose" in hint
    assert refused("flyway")[1] == "check the database URL; a table of another name: --ledger-table NAME"


def test_of_several_one_must_be_named() -> None:
    other = table("app.schema_migrations", "version")
    message, hint = refused("dbmate", other, DBMATE)
    assert message == "several tables may be the ledger of dbmate: app.schema_migrations, public.schema_migrations"
    assert hint == "name one: --ledger-table app.schema_migrations"
    assert choose_table(find_tool("dbmate"), [other, DBMATE], TableName("public", "schema_migrations")) is DBMATE


def test_a_table_of_another_name_is_read_where_it_is_named() -> None:
    mine = table("app.Migrations", "version", "note")
    assert choose_table(find_tool("dbmate"), [mine, DBMATE], parse_table_name('"Migrations"')) is mine
    assert choose_table(find_tool("dbmate"), [mine], parse_table_name('App."Migrations"')) is mine
    assert refused("dbmate", mine, given="migrations")[0] == "there is no table migrations"
    assert refused("dbmate", mine, given='x."Migrations"')[0] == 'there is no table x."Migrations"'
    assert refused("golang-migrate", mine, given='"Migrations"')[0].startswith('app."Migrations" is no ledger of')


@pytest.mark.parametrize("text", ["", "a.b.c", '"a', ".", "my-table", "a b"])
def test_what_is_no_tables_name_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="--ledger-table takes"):
        parse_table_name(text)
