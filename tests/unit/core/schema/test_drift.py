from __future__ import annotations

import pytest

from codezest_sql.core.schema.diff_text import render_text
from codezest_sql.core.schema.drift import find_drift
from codezest_sql.core.schema.objects import CatalogObject, ObjectKey, ObjectKind, Schema
from codezest_sql.core.schema.objects_json import parse_schema, write_schema
from codezest_sql.core.sql.created_roles import made_roles

PUBLIC = ObjectKey(ObjectKind.SCHEMA, "public")


def table(name: str, **properties: str) -> CatalogObject:
    return CatalogObject(ObjectKey(ObjectKind.TABLE, name), PUBLIC, 0, tuple(properties.items()))


def partition(name: str, parent: str) -> CatalogObject:
    return CatalogObject(ObjectKey(ObjectKind.TABLE, name), PUBLIC, 0, (("partition of", parent),))


def column(name: str) -> CatalogObject:
    parent = ObjectKey(ObjectKind.TABLE, name.rpartition(".")[0])
    return CatalogObject(ObjectKey(ObjectKind.COLUMN, name), parent, 1, (("type", "text"),))


def test_what_only_the_database_has_was_added_by_hand() -> None:
    found = find_drift(Schema.of([table("public.a")]), Schema.of([table("public.b"), column("public.b.x")]))
    assert render_text(found.diff).splitlines() == [
        "table public.a removed",
        "table public.b added (1 column)",
    ]
    assert found.notes == ()


def test_partitions_of_managed_tables_come_and_go_with_all_that_is_part_of_them() -> None:
    files = Schema.of([table("public.e"), partition("public.e_1", "public.e"), column("public.e_1.x")])
    here = Schema.of(
        [
            table("public.e"),
            partition("public.e_2", "public.e"),
            partition("public.e_2_a", "public.e_2"),
            column("public.e_2_a.x"),
        ]
    )
    assert len(find_drift(files, here).diff.roots()) == 3
    managed = find_drift(files, here, managed_partitions=["public.e"])
    assert not managed.diff
    assert managed.notes == (
        "2 partitions more than the files make, of managed tables: public.e_2, public.e_2_a",
        "1 partition fewer than the files make, of managed tables: public.e_1",
    )


def test_a_long_list_of_partitions_is_cut() -> None:
    here = Schema.of([table("public.e"), *(partition(f"public.e_{number}", "public.e") for number in range(9))])
    (note,) = find_drift(Schema.of([table("public.e")]), here, managed_partitions=["public.e"]).notes
    assert note.endswith("public.e_4, public.e_5, … and 3 more")


def test_the_ledger_of_another_tool_is_no_drift_unless_the_files_make_it() -> None:
    ledger = [table("old.schema_migrations"), column("old.schema_migrations.version")]
    found = find_drift(Schema.of([]), Schema.of(ledger))
    assert not found.diff
    assert found.notes == ("the ledger of another tool is left alone: old.schema_migrations",)
    found = find_drift(Schema.of(ledger), Schema.of(ledger[:1]))
    assert render_text(found.diff) == "column old.schema_migrations.version removed (type text)"


@pytest.mark.parametrize("same_major", [True, False])
def test_versions_of_extensions_are_compared_on_one_version_of_the_server(*, same_major: bool) -> None:
    def extension(version: str, schema: str = "public") -> Schema:
        key = ObjectKey(ObjectKind.EXTENSION, "citext")
        return Schema.of([CatalogObject(key, None, 0, (("version", version), ("schema", schema)))])

    found = find_drift(extension("1.6"), extension("1.8"), same_major=same_major)
    assert bool(found.diff) is same_major
    assert find_drift(extension("1.6"), extension("1.8", "other"), same_major=same_major).diff


def test_a_schema_is_the_same_after_its_json() -> None:
    schema = Schema.of([table("public.a", owner="é \x00"), column("public.a.x"), CatalogObject(PUBLIC)])
    assert parse_schema(write_schema(schema)) == schema


@pytest.mark.parametrize(
    "text", ["", "[", "{}", "[1]", '[["table"]]', '[["no kind", "a", null, null, 0, []]]', "null"]
)
def test_other_text_is_no_schema(text: str) -> None:
    if text == "{}":
        assert parse_schema(text) == Schema()
        return
    with pytest.raises(ValueError, match=r".*"):
        parse_schema(text)


@pytest.mark.parametrize(
    ("text", "roles"),
    [
        ("CREATE ROLE app;", {"app"}),
        ("create user\n  App LOGIN", {"app"}),
        ('CREATE GROUP "The ""App""";', {'The "App"'}),
        ("DO $$ BEGIN IF NOT EXISTS (SELECT) THEN CREATE ROLE app$1 NOLOGIN; END IF; END $$", {"app$1"}),
        ("CREATE USER MAPPING FOR app SERVER s", set[str]()),
        ("CREATE ROLE a; CREATE USER b", {"a", "b"}),
        ("GRANT app TO me; ALTER ROLE app; RECREATE ROLE_x", set[str]()),
    ],
)
def test_the_roles_that_a_file_makes_are_known(text: str, roles: set[str]) -> None:
    assert made_roles(text) == roles
