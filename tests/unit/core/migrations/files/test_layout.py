"""Names to what a file is: the layouts of other tools, two of them for one migration, and names that say neither."""

from __future__ import annotations

import pytest

from codezest_sql.core.migrations.files.folder import MigrationFolder, assemble
from codezest_sql.core.migrations.files.layout import (
    MARKERS,
    FoundFile,
    Layout,
    down_name,
    flyway_version,
    id_of,
    name_problem,
    postgrator_role,
    read_name,
    up_name,
)
from codezest_sql.core.migrations.history import Direction
from codezest_sql.errors import ProjectErrors

UP, DOWN = Direction.UP, Direction.DOWN


def folder(*names: str, **texts: str) -> MigrationFolder:
    found = [FoundFile(name, f"m/{name}", texts.get(name, "SELECT 1;").encode()) for name in names]
    return assemble(found, folder="m")


def refusals(*names: str) -> list[str]:
    with pytest.raises(ProjectErrors) as caught:
        folder(*names)
    return [str(error) for error in caught.value.errors]


def refusals_to_undo(*names: str) -> list[str]:
    """Return what is wrong with files that undo something: the folder can be used without them."""
    return [str(error) for error in folder(*names).all_down_errors]


def pairs(found: MigrationFolder) -> list[tuple[str, str, str | None]]:
    return [(m.id, m.up.file, m.down.file if m.down else None) for m in found.migrations]


@pytest.mark.parametrize(
    ("name", "migration_id", "direction", "layout"),
    [
        ("0001_a.sql", "0001_a", UP, Layout.PLAIN),
        ("0001_a.rollback.sql", "0001_a", DOWN, Layout.PLAIN),
        ("0001_a.up.sql", "0001_a", UP, Layout.UP_DOWN),
        ("0001_a.down.sql", "0001_a", DOWN, Layout.UP_DOWN),
        ("0001_a.b.up.sql", "0001_a.b", UP, Layout.UP_DOWN),
        ("2019-02-26-002946_a/up.sql", "2019-02-26-002946_a", UP, Layout.FOLDER),
        ("2019-02-26-002946_a/down.sql", "2019-02-26-002946_a", DOWN, Layout.FOLDER),
        ("20240101120000_a/migration.sql", "20240101120000_a", UP, Layout.PRISMA),
        ("V1__a.sql", "V1__a", UP, Layout.FLYWAY),
        ("V1.2__a.sql", "V1.2__a", UP, Layout.FLYWAY),
        ("V2_1__a b.sql", "V2_1__a b", UP, Layout.FLYWAY),
        ("U1__a.sql", "U1__a", DOWN, Layout.FLYWAY),
        ("V1__a__b.sql", "V1__a__b", UP, Layout.FLYWAY),
        # Plain names as ever.
        ("V1_a.sql", "V1_a", UP, Layout.PLAIN),
        ("V__a.sql", "V__a", UP, Layout.PLAIN),
        ("V1.__a.sql", "V1.__a", UP, Layout.PLAIN),
        ("Version1__a.sql", "Version1__a", UP, Layout.PLAIN),
        ("v1__a.sql", "v1__a", UP, Layout.PLAIN),
        ("R__a.sql", "R__a", UP, Layout.PLAIN),
        ("up.sql", "up", UP, Layout.PLAIN),
        ("0001_startup.sql", "0001_startup", UP, Layout.PLAIN),
    ],
)
def test_a_name_says_what_a_file_is(name: str, migration_id: str, direction: Direction, layout: Layout) -> None:
    role = read_name(name)
    assert role
    assert (role.id, role.direction, role.layout) == (migration_id, direction, layout)


@pytest.mark.parametrize(
    "name", ["README.md", "migrations.sum", "a/notes.sql", "a/metadata.toml", "migration_lock.toml"]
)
def test_other_names_say_nothing(name: str) -> None:
    assert read_name(name) is None


@pytest.mark.parametrize("layout", Layout)
def test_the_names_of_a_migrations_files_are_read_as_they_are_written(layout: Layout) -> None:
    migration_id = {Layout.FLYWAY: "V3__a", Layout.POSTGRATOR: "3.do.a"}.get(layout, "0003_a")
    names = up_name(layout, migration_id), down_name(layout, migration_id)
    if layout is Layout.POSTGRATOR:  # which only a folder tells
        up, down = (postgrator_role(name.removesuffix(".sql")) for name in names)
    else:
        up, down = map(read_name, names)
    assert up
    assert down
    assert up.id == migration_id
    assert up.pair == down.pair
    assert down.direction is (UP if layout in MARKERS else DOWN)
    assert id_of(up_name(layout, migration_id)) == migration_id


def test_a_folder_may_mix_layouts() -> None:
    found = folder(
        "0001_a.sql",
        "0001_a.rollback.sql",
        "0002_b.up.sql",
        "0002_b.down.sql",
        "0003_c/up.sql",
        "0003_c/down.sql",
        "0004_d/migration.sql",
        "0005_e/migration.sql",
        "0005_e/down.sql",
        "0006_f.up.sql",
    )
    assert pairs(found) == [
        ("0001_a", "m/0001_a.sql", "m/0001_a.rollback.sql"),
        ("0002_b", "m/0002_b.up.sql", "m/0002_b.down.sql"),
        ("0003_c", "m/0003_c/up.sql", "m/0003_c/down.sql"),
        ("0004_d", "m/0004_d/migration.sql", None),
        ("0005_e", "m/0005_e/migration.sql", "m/0005_e/down.sql"),
        ("0006_f", "m/0006_f.up.sql", None),
    ]


def test_flyways_undo_file_is_found_by_its_version_whatever_its_title() -> None:
    found = folder("V1__a.sql", "U1.0__take_a_back.sql", "V1_1__b.sql", "U1.1__b.sql", "V2__c.sql")
    assert pairs(found) == [
        ("V1__a", "m/V1__a.sql", "m/U1.0__take_a_back.sql"),
        ("V1_1__b", "m/V1_1__b.sql", "m/U1.1__b.sql"),
        ("V2__c", "m/V2__c.sql", None),
    ]


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ("V1__a", (1,)),
        ("V1.0__a", (1,)),
        ("V0__a", (0,)),
        ("V0.0__a", (0,)),
        ("U2_10__a", (2, 10)),
        ("V007__a", (7,)),
    ],
)
def test_a_version_is_compared_by_its_numbers(name: str, version: tuple[int, ...]) -> None:
    assert flyway_version(name) == version


# --- two for one -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("0001_a.sql", "0001_a.up.sql"),
        ("0001_a.sql", "0001_a/up.sql"),
        ("0001_a.up.sql", "0001_a/migration.sql"),
        ("0001_a/migration.sql", "0001_a/up.sql"),
    ],
)
def test_two_files_for_one_id_are_refused_by_both_names(first: str, second: str) -> None:
    assert refusals(second, first) == [
        f"m/{second}: {first} and {second}: both have the id 0001_a (rename or remove one of them)"
    ]


def test_ids_that_differ_in_letter_case_are_refused_across_layouts() -> None:
    assert refusals("0001_A.up.sql", "0001_a.sql") == [
        (
            "m/0001_a.sql: the same migration as 0001_A.up.sql on a file system that ignores letter case "
            "(rename one of them)"
        )
    ]


def test_two_files_for_one_version_are_refused() -> None:
    assert refusals("V1__a.sql", "V1.0__b.sql") == [
        "m/V1__a.sql: V1.0__b.sql and V1__a.sql: both have the version 1 (rename or remove one of them)"
    ]
    assert refusals_to_undo("V1__a.sql", "U1__a.sql", "U1__b.sql") == [
        "m/U1__b.sql: U1__a.sql and U1__b.sql: both undo version 1 (rename or remove one of them)"
    ]


# --- down without up ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("down", "told"),
    [
        (
            "0001_a.down.sql",
            "there is no 0001_a.up.sql that this file would roll back (name it like its migration, with .down.sql)",
        ),
        (
            "0001_a/down.sql",
            (
                "there is no 0001_a/up.sql or migration.sql that this file would roll back "
                "(write it; up.sql does what down.sql undoes)"
            ),
        ),
        (
            "U1__a.sql",
            "there is no V1__….sql that this file would roll back (give it the version of the file that it undoes)",
        ),
        (
            "0009_bb.down.sql",
            "there is no 0009_bb.up.sql that this file would roll back (did you mean 0009_b.up.sql?)",
        ),
        (
            "0009_b.rollback.sql",
            "there is no 0009_b.sql that this file would roll back (0009_b.up.sql is undone by 0009_b.down.sql)",
        ),
        (
            "0009_b.up.rollback.sql",
            "there is no 0009_b.up.sql that this file would roll back (0009_b.up.sql is undone by 0009_b.down.sql)",
        ),
    ],
)
def test_a_way_back_without_its_way_there_is_refused(down: str, told: str) -> None:
    assert refusals_to_undo("0009_b.up.sql", down) == [f"m/{down}: {told}"]


def test_a_down_file_beside_a_plain_one_is_told_its_name() -> None:
    """``X.sql`` next to ``X.down.sql`` is no pair of any tool's: one of the two names is a mistake."""
    (told,) = refusals_to_undo("0001_a.sql", "0001_a.down.sql")
    assert told.endswith("(0001_a.sql is undone by 0001_a.rollback.sql)")
    (told,) = refusals_to_undo("V1__a.sql", "V1__a.rollback.sql")
    assert told.endswith("(V1__a.sql is undone by U1__a.sql)")


def test_the_folder_of_one_migration_is_not_the_folder_of_all() -> None:
    """Else ``down.sql`` would run after ``up.sql``, or before it."""
    (told,) = refusals("up.sql", "down.sql")
    assert told.startswith("m/down.sql: down.sql undoes something, but which migration is unknown (")
    assert told.endswith("name the folder above with --migrations)")


# --- Flyway's other files ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("R__views.sql", "Flyway's repeatable migrations are not run: a migration runs once"),
        ("B2__base.sql", "Flyway's baseline migrations are not run"),
        ("beforeMigrate.sql", "Flyway's callbacks are not run"),
        ("afterMigrate__grants.sql", "Flyway's callbacks are not run"),
        ("beforeEachMigrateStatement.sql", "Flyway's callbacks are not run"),
        ("createSchema.sql", "Flyway's callbacks are not run"),
        ("v2__b.sql", "neither a plain name nor one of Flyway's, as its neighbours' are"),
        ("V2_b.sql", "neither a plain name nor one of Flyway's, as its neighbours' are"),
        ("u1__a.sql", "neither a plain name nor one of Flyway's, as its neighbours' are"),
    ],
)
def test_beside_flyways_files_a_name_means_what_it_means_for_flyway(name: str, told: str) -> None:
    with pytest.raises(ProjectErrors) as caught:
        folder("V1__a.sql", name)
    (error,) = caught.value.errors
    assert error.code == "file-name"
    assert error.message == told
    assert error.hint
    assert [migration.id for migration in folder(name).migrations] == [name.removesuffix(".sql")]


def test_a_plain_file_beside_flyways_runs() -> None:
    assert [m.id for m in folder("V1__a.sql", "0002_b.sql", "after_all.sql").migrations] == [
        "V1__a",
        "0002_b",
        "after_all",
    ]


# --- names -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "better"),
    [
        ("0001_A.UP.sql", "0001_A.up.sql"),
        ("0001_A.Down.SQL", "0001_A.down.sql"),
        ("0001_A/Up.sql", "0001_A/up.sql"),
        ("0001_A/migration.SQL", "0001_A/migration.sql"),
    ],
)
def test_the_right_ending_is_told_without_touching_the_name(name: str, better: str) -> None:
    problem = name_problem(name, path=f"m/{name}")
    assert problem
    assert problem.hint == f"rename it to {better}"


@pytest.mark.parametrize("name", ["0001 a/up.sql", "0001 a.up.sql", "V1__a b.sql"])
def test_a_name_that_depends_cannot_name_is_refused_in_every_layout(name: str) -> None:
    problem = name_problem(name, path=f"m/{name}")
    assert problem
    assert "holds no white space" in problem.message


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("a.sql", "a"),
        ("a.up.sql", "a"),
        ("a/up.sql", "a"),
        ("a/migration.sql", "a"),
        ("a/", "a"),
        ("a.up", "a.up"),
        ("a", "a"),
    ],
)
def test_an_id_may_be_given_as_the_name_of_its_file(written: str, meant: str) -> None:
    assert id_of(written) == meant
