"""The files of a folder to migrations in order: names, pairs, dependencies, and what a person should know."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codezest_sql.core.migrations.files.folder import MigrationFolder, assemble
from codezest_sql.core.migrations.files.layout import FoundFile
from codezest_sql.core.migrations.files.order import in_order
from codezest_sql.core.migrations.files.script import Migration, Script
from codezest_sql.errors import CodezestError, DependencyError, ExitCode, ProjectErrors


def folder(files: dict[str, str]) -> MigrationFolder:
    found = [FoundFile(name, f"m/{name}", text.encode()) for name, text in files.items()]
    return assemble(found, folder="m")


def errors(files: dict[str, str]) -> tuple[CodezestError, ...]:
    with pytest.raises(ProjectErrors) as caught:
        folder(files)
    assert caught.value.exit_code is ExitCode.PROJECT
    return caught.value.errors


def refusals(files: dict[str, str]) -> list[str]:
    return [str(error) for error in errors(files)]


def refusals_to_undo(files: dict[str, str]) -> list[str]:
    """Return what is wrong with files that undo something: the folder can be used without them."""
    return [str(error) for error in folder(files).all_down_errors]


def ids(files: dict[str, str]) -> list[str]:
    return [migration.id for migration in folder(files).migrations]


def stub(migration_id: str, *depends: str) -> Migration:
    return Migration(
        migration_id, Script(f"m/{migration_id}.sql", "", "", transactional=True, statements=()), depends=depends
    )


# --- files -----------------------------------------------------------------------------------------------------


def test_a_migration_is_a_file_with_a_rollback_beside_it() -> None:
    found = folder({"0001_a.sql": "SELECT 1;", "0001_a.rollback.sql": "SELECT 2;", "0002_b.sql": "SELECT 3;"})
    first, second = found.migrations
    assert (first.id, first.up.file, first.up.text) == ("0001_a", "m/0001_a.sql", "SELECT 1;")
    assert first.down
    assert first.down.text == "SELECT 2;"
    assert second.down is None
    assert found.find("0002_b") is second
    assert found.find("0002") is None


def test_files_with_other_endings_are_not_looked_at() -> None:
    others = ("README.md", "migrations.sum", "notes", "0002_b.sql.bak", "0002_b.sql~", "0002_b.sql.orig", "Makefile")
    assert ids({"0001_a.sql": "", **dict.fromkeys(others, "\\not sql '")}) == ["0001_a"]


def test_a_rollback_runs_as_its_migration_does() -> None:
    """As in yoyo; its own header has the last word."""
    header = "-- transactional: false\n"
    found = folder({"a.sql": f"{header}VACUUM;", "a.rollback.sql": "VACUUM;"})
    assert found.migrations[0].down
    assert not found.migrations[0].down.transactional
    found = folder({"a.sql": f"{header}VACUUM;", "a.rollback.sql": "-- transactional: true\nSELECT 1;"})
    assert found.migrations[0].down
    assert found.migrations[0].down.transactional


def test_a_rollback_without_its_migration_is_refused() -> None:
    assert refusals_to_undo({"0001_a.sql": "", "0001_aa.rollback.sql": ""}) == [
        "m/0001_aa.rollback.sql: there is no 0001_aa.sql that this file would roll back (did you mean 0001_a.sql?)"
    ]
    assert refusals_to_undo({"0001_a.sql": "", "drop_all.rollback.sql": ""}) == [
        (
            "m/drop_all.rollback.sql: there is no drop_all.sql that this file would roll back "
            "(name it like its migration, with .rollback.sql)"
        )
    ]


def test_a_rollback_cannot_have_dependencies() -> None:
    """For yoyo ignores them; so whoever wrote them believes in an order that does not exist."""
    assert refusals_to_undo({"a.sql": "", "b.sql": "", "b.rollback.sql": "-- depends: a\nSELECT 1;"}) == [
        (
            "m/b.rollback.sql:1:13: a rollback file has no dependencies of its own "
            "(remove the line: files are undone in the reverse of their order)"
        )
    ]


def test_an_empty_folder_says_how_to_begin() -> None:
    assert refusals({}) == [
        (
            "no migration in m "
            '(write one with "codezest-sql migrate new TITLE", or name another folder with --migrations)'
        )
    ]
    assert refusals({"README.md": "hello"}) == refusals({})


# --- names -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "0001_a",
        "20260131093000-add-badges",
        "1",
        "a",
        "0001_日本",
        "0001_ação",
        "0001.2_a",
        "_a",
        "a" * 255,
        "0001_a%b",
        "it's",
        "{a}",
    ],
)
def test_a_name_may_be_anything_that_can_be_named_in_depends(name: str) -> None:
    assert ids({f"{name}.sql": "", "zzz.sql": f"-- depends: {name}\n"}) == [name, "zzz"]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("0001 a.sql", "a migration's name holds no white space or control characters"),
        ("0001\u00a0a.sql", "a migration's name holds no white space or control characters"),
        ("0001\ta.sql", "a migration's name holds no white space or control characters"),
        ("0001\na.sql", "a migration's name holds no white space or control characters"),
        ("0001\x1b[31m.sql", "a migration's name holds no white space or control characters"),
        ("0001_\udcff.sql", "a migration's name holds no white space or control characters"),
        ("0001_\u202eab.sql", "a migration's name holds no white space or control characters"),
        ("a" * 256 + ".sql", "the name is longer than 255 characters"),
        (".rollback.sql", "the file has no name before its ending"),
        ("0001_a.SQL", "file endings are in lower case"),
        ("0001_a.Sql", "file endings are in lower case"),
        ("0001_a.ROLLBACK.sql", "file endings are in lower case"),
        ("0001_a.rollback.SQL", "file endings are in lower case"),
        ("0001_a.py", "migrations in Python are not run"),
        ("__init__.py", "migrations in Python are not run"),
        ("post-apply.sql", "yoyo's post-apply hooks are not run"),
        ("post-apply-grants.sql", "yoyo's post-apply hooks are not run"),
    ],
)
def test_a_name_that_does_not_say_what_the_file_is_is_refused(name: str, told: str) -> None:
    (error,) = errors({"0000_fine.sql": "", name: ""})
    assert error.code == "file-name"
    assert error.message.startswith(told)
    assert error.hint
    assert error.place
    assert error.place.file == f"m/{name}"
    assert str(error).isprintable()


@pytest.mark.parametrize(
    ("name", "better"),
    [
        ("0001_Users.SQL", "0001_Users.sql"),
        ("0001_Users.Rollback.sql", "0001_Users.rollback.sql"),
        ("0001_Users.ROLLBACK.SQL", "0001_Users.rollback.sql"),
        ("0001_a.b.SQL", "0001_a.b.sql"),
    ],
)
def test_the_right_ending_is_told_without_touching_the_name(name: str, better: str) -> None:
    """Ids are kept in databases: another letter case is another migration."""
    assert errors({name: ""})[0].hint == f"rename it to {better}"


@pytest.mark.parametrize(
    ("first", "second"), [("0001_A", "0001_a"), ("0001_stra\u00dfe", "0001_strasse"), ("0001_e\u0301", "0001_\u00e9")]
)
def test_two_names_that_a_file_system_may_take_for_one_are_refused(first: str, second: str) -> None:
    """Letter case on macOS and Windows, Unicode's composed and decomposed forms on macOS."""
    (error,) = errors({f"{first}.sql": "", f"{second}.sql": ""})
    assert error.message.startswith("the same migration as ")
    assert error.code == "file-name"


# --- order -----------------------------------------------------------------------------------------------------


def test_files_run_in_the_order_of_their_names() -> None:
    """By code points, as yoyo and ``ls`` in the C locale do."""
    names = ["10_a", "1_c", "2_b", "B", "c", "é"]
    assert ids({f"{name}.sql": "" for name in reversed(names)}) == names


def test_a_dependency_runs_first() -> None:
    assert ids({"0001_a.sql": "-- depends: 0002_b\n", "0002_b.sql": "", "0003_c.sql": ""}) == [
        "0002_b",
        "0001_a",
        "0003_c",
    ]


def test_an_unknown_dependency_is_told_at_its_name_with_the_nearest_one() -> None:
    assert refusals({"0001_auth.sql": "", "0002_b.sql": "-- x\n-- depends: 0001_auth 0001_aut\n"}) == [
        "m/0002_b.sql:2:23: depends on 0001_aut, of which there is no file (did you mean 0001_auth?)"
    ]
    (error,) = errors({"0002_b.sql": "-- depends: zzz\n"})
    assert error.hint == "name a migration of this folder"
    assert error.source == "  1 | -- depends: zzz\n    |             ^"


def test_a_dependency_with_its_ending_is_told_how_to_be_written() -> None:
    (error,) = errors({"0001_a.sql": "", "0002_b.sql": "-- depends: 0001_a.sql\n"})
    assert error.hint == "write 0001_a, without the ending"


@pytest.mark.parametrize(
    ("depends", "circle", "place"),
    [
        ({"a": "a"}, "a → a", "m/a.sql:1:13"),
        ({"a": "b", "b": "a"}, "a → b → a", "m/a.sql:1:13"),
        ({"a": "c", "b": "a", "c": "b"}, "a → c → b → a", "m/a.sql:1:13"),
        ({"a": "b", "b": "c", "c": "b"}, "b → c → b", "m/b.sql:1:13"),
        ({"a": "x b", "b": "x a", "x": ""}, "a → b → a", "m/a.sql:1:15"),
    ],
)
def test_a_circle_of_dependencies_is_told_with_its_members(depends: dict[str, str], circle: str, place: str) -> None:
    """Only the circle: who depends on it is not part of the mistake."""
    (error,) = errors({f"{name}.sql": f"-- depends: {names}\n" for name, names in depends.items()})
    assert isinstance(error, DependencyError)
    assert error.message == f"dependencies go round in a circle: {circle}"
    assert str(error.place) == place
    assert error.source


@st.composite
def graphs(draw: st.DrawFn) -> list[Migration]:
    """Return migrations that depend on each other without a circle, in any order."""
    count = draw(st.integers(1, 12))
    order = draw(st.permutations([f"{number:04}" for number in range(count)]))
    migrations = [
        stub(name, *draw(st.sets(st.sampled_from(order[:position]), max_size=4)) if position else ())
        for position, name in enumerate(order)
    ]
    return draw(st.permutations(migrations))


@given(graphs())
def test_everything_runs_once_after_what_it_depends_on(migrations: list[Migration]) -> None:
    ordered = in_order(migrations)
    assert sorted(migration.id for migration in ordered) == sorted(migration.id for migration in migrations)
    done: set[str] = set()
    for migration in ordered:
        assert done.issuperset(migration.depends)
        done.add(migration.id)


@given(graphs())
def test_of_those_that_may_run_next_the_smallest_id_does(migrations: list[Migration]) -> None:
    """So the order depends on the graph alone, and not on the order in which files were found."""
    waiting = {migration.id: set(migration.depends) for migration in migrations}
    for migration in in_order(migrations):
        ready = [name for name, names in waiting.items() if not names & waiting.keys()]
        assert migration.id == min(ready)
        del waiting[migration.id]


def test_a_long_chain_is_ordered() -> None:
    """No recursion: a project of 20 years has thousands of files."""
    names = [f"{number:05}" for number in range(20_000, 0, -1)]
    chain = [stub(name, *names[index - 1 : index]) for index, name in enumerate(names)]
    assert [migration.id for migration in in_order(chain)] == names


def test_a_circle_within_a_long_chain_is_found() -> None:
    names = [f"{number:05}" for number in range(5_000)]
    circle = [stub(name, names[index - 1]) for index, name in enumerate(names)]
    with pytest.raises(DependencyError, match="00000 → 04999 → 04998"):
        in_order(circle)


# --- notes and several mistakes ----------------------------------------------------------------------------------


def test_numbers_of_different_widths_are_noted() -> None:
    found = folder({"2_b.sql": "SELECT 1", "10_a.sql": "SELECT 1"})
    assert [migration.id for migration in found.migrations] == ["10_a", "2_b"]
    (note,) = found.notes
    assert note == (
        "numbers of different widths (2_b, 10_a): files run in the order of their names, in which 10 comes before 2; "
        'order = "number" in [tool.codezest-sql] runs them by number'
    )


def test_a_number_used_twice_is_noted() -> None:
    found = folder({"0001_a.sql": "SELECT 1", "0001_b.sql": "SELECT 1", "0002_c.sql": "SELECT 1"})
    assert found.notes == ("two migrations have the number 0001: 0001_a and 0001_b",)


def test_names_without_numbers_are_noted_not_at_all() -> None:
    assert folder({"a.sql": "SELECT 1", "b.sql": "SELECT 1", "0001_c.sql": "SELECT 1"}).notes == ()


def test_the_notes_of_files_come_with_those_of_the_folder() -> None:
    notes = folder({"0001_a.sql": "BEGIN; SELECT 1; COMMIT;", "0001_a.rollback.sql": "-- nothing to undo\n"}).notes
    assert [note.split(":")[0] for note in notes] == ["m/0001_a.sql", "m/0001_a.rollback.sql"]


def test_the_mistakes_of_all_files_are_told_at_once_in_the_order_of_their_places() -> None:
    files = {
        "c.sql": "COMMIT;",
        "a.sql": "SELECT 'x",
        "b.SQL": "",
        "b.rollback.sql": "-- transactional: maybe\nVACUUM;",
        "d.sql": "-- depends: nobody\n",
    }
    places = [str(error.place) for error in errors(files)]
    assert places == sorted(places)
    assert {place.split(":")[0] for place in places} == {
        "m/a.sql",
        "m/b.SQL",
        "m/b.rollback.sql",
        "m/c.sql",
        "m/d.sql",
    }


def test_a_dependency_on_a_file_with_a_mistake_is_not_a_second_one() -> None:
    assert [error.code for error in errors({"a.sql": "SELECT 'x", "b.sql": "-- depends: a\n"})] == ["lexical"]
