"""The table ``[tool.codezest-sql]``: what it may hold, and where a mistake in it is."""

from __future__ import annotations

import tomllib

import pytest

from codezest_sql.core.python_code.output_package import OutputPackage
from codezest_sql.core.python_types.annotation import PythonType
from codezest_sql.core.settings import Settings, parse_settings
from codezest_sql.errors import ExitCode, ProjectErrors

DEFAULTS = Settings("/project", "/bundled/migrations", "/bundled/queries")


def parse(text: str) -> Settings:
    return parse_settings(tomllib.loads(text)["tool"]["codezest-sql"], DEFAULTS, file="pyproject.toml", text=text)


def mistakes(lines: str) -> list[str]:
    """Return ``line:column message (hint)`` of each mistake below the table's heading, which is line 1."""
    with pytest.raises(ProjectErrors) as caught:
        parse(f"[tool.codezest-sql]\n{lines}")
    assert caught.value.exit_code is ExitCode.PROJECT
    return [str(error).removeprefix("pyproject.toml:") for error in caught.value.errors]


def test_an_empty_table_changes_nothing() -> None:
    assert parse("[tool.codezest-sql]") == DEFAULTS


def test_every_setting_takes_effect() -> None:
    settings = parse(
        """
        [tool.codezest-sql]
        migrations = "db/migrations"
        queries = "db/queries"
        lock_timeout = "500ms"
        lock_retry = "2min"
        concurrent_timeout = "1h"
        deployer_timeout = "30s"
        order = "number"
        """
    )
    assert settings == Settings("/project", "db/migrations", "db/queries", 0.5, 120.0, 3600.0, 30.0, "number")


def test_a_setting_that_is_not_given_keeps_its_default() -> None:
    assert parse('[tool.codezest-sql]\nlock_retry = "5s"').lock_timeout == 2.0


def test_what_generated_code_needs_is_read() -> None:
    settings = parse(
        """
        [tool.codezest-sql]
        output = "src/shop/db"
        initialisms = ["MCQ"]
        [tool.codezest-sql.model_names]
        "public.people" = "Human"
        "auth.users" = "Account"
        [tool.codezest-sql.json_types]
        "public.people.extra" = "shop.types:Extra | None"
        "public.people.address" = "shop.types:Address[]"
        """
    )
    assert settings.output == OutputPackage("src/shop/db", "shop.db")
    assert settings.initialisms == ("MCQ",)
    assert settings.model_names == (("auth.users", "Account"), ("public.people", "Human"))
    address = PythonType("list[Address]", frozenset({("shop.types", "Address")}), "list[Address]")
    extra = PythonType("Extra | None", frozenset({("shop.types", "Extra")}), "Extra | None")
    assert settings.json_types == (("public.people.address", address), ("public.people.extra", extra))


@pytest.mark.parametrize(
    ("written", "output"),
    [
        ('"db"', OutputPackage("db", "db")),
        ('"./shop/db/"', OutputPackage("shop/db", "shop.db")),
        ('{ folder = "lib/shop-db", package = "shop.db" }', OutputPackage("lib/shop-db", "shop.db")),
    ],
)
def test_the_package_of_generated_code_is_its_folder_or_named(written: str, output: OutputPackage) -> None:
    assert parse(f"[tool.codezest-sql]\noutput = {written}").output == output


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("shop.types:Address", "Address"),
        ("shop.types:Address[][]", "list[list[Address]]"),
        ("dict[str, shop.types:Address[]]", "dict[str, list[Address]]"),
        ("list[ a:A|b.c:B ] | None", "list[A | B] | None"),
        ("tuple[int, ...]", "tuple[int, ...]"),
    ],
)
def test_a_type_of_json_is_an_annotation_with_its_modules(written: str, text: str) -> None:
    ((_, found),) = parse(f'[tool.codezest-sql]\njson_types = {{ "a.b.c" = "{written}" }}').json_types
    assert found.text == text


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("output = 7", "output must be a folder, or a table of folder and package"),
        ('output = "../db"', "output: '../db' is no folder below the project"),
        ('output = "/db"', "output: '/db' is no folder below the project"),
        ('output = "shop-db"', "output: 'shop-db' is no name of a package; { folder, package } names both"),
        ('output = "shop/class"', "output: 'shop.class' is no name of a package; { folder, package } names both"),
        ('output = { folder = "db" }', "output must name both, the folder and the package"),
        ('initialisms = "MCQ"', "initialisms must be a list of names"),
        ('initialisms = ["M C"]', "initialisms: 'M C' is not of letters and digits"),
        ('model_names = "x"', "model_names must be a table of names by schema.table"),
        ('model_names = { "a.b" = "some name" }', "model_names.\"a.b\": 'some name' is no name of a class"),
        ('model_names = { "a.b" = "None" }', "model_names.\"a.b\": 'None' is no name of a class"),
        ("json_types = []", "json_types must be a table of types by schema.table.column"),
        ('json_types = { "a.b" = "a:B" }', "json_types: 'a.b' is no schema.table.column"),
        ('json_types = { "a.b.c" = 1 }', 'json_types."a.b.c" must be a type, such as "shop.types:Address[]"'),
        (
            'json_types = { "a.b.c" = "Address" }',
            "json_types.\"a.b.c\": 'Address' is not known: write package.module:Address",
        ),
        ('json_types = { "a.b.c" = "a:B(1)" }', "json_types.\"a.b.c\": 'a:B(1)' is no type"),
        ('json_types = { "a.b.c" = "[]" }', "json_types.\"a.b.c\": '[]' is no type: [] follows one"),
        ('json_types = { "a.b.c" = "a:X | b:X" }', "json_types.\"a.b.c\": 'X' is two things in 'a:X | b:X'"),
        ('json_types = { "a.b.c" = "a:B |" }', "json_types.\"a.b.c\": 'a:B |' is no type"),
    ],
)
def test_a_setting_of_generated_code_that_cannot_be_used_is_told(line: str, told: str) -> None:
    (mistake,) = mistakes(line)
    assert mistake.startswith(f"2:1: {told} (write ")


def test_a_mistake_in_a_table_of_its_own_is_told_with_the_place_of_the_table() -> None:
    (mistake,) = mistakes('\n  [tool.codezest-sql.json_types]\n"a.b" = "c:D"')
    assert mistake.startswith("3:3: json_types: 'a.b' is no schema.table.column")


def test_an_unknown_key_is_told_with_its_place_and_the_nearest_known_one() -> None:
    assert mistakes('queries = "q"\n  migration = "db"') == [
        "3:3: unknown setting 'migration' (did you mean migrations?)"
    ]


def test_an_unknown_key_that_is_near_to_none_is_told_with_all_known_ones() -> None:
    (mistake,) = mistakes("colour = 'red'")
    assert mistake.startswith(
        "2:1: unknown setting 'colour' (known settings are migrations, queries, seeds, lock_timeout, "
    )


@pytest.mark.parametrize("value", ['""', '"  "', "7", "true", "[]", '["a"]', "{}"])
def test_a_folder_is_a_path(value: str) -> None:
    assert mistakes(f"migrations = {value}") == [
        '2:1: migrations must be the path of a folder (write migrations = "sql/migrations")'
    ]


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("2", "'2' is not a duration"),
        ("2.5", "'2.5' is not a duration"),
        ("true", "'True' is not a duration"),
        ('"2"', "'2' is not a duration"),
        ('"0s"', "'0s' is out of range"),
        ('"2 parsecs"', "'2 parsecs' is not a duration"),
    ],
)
def test_a_time_is_a_duration(value: str, told: str) -> None:
    (mistake,) = mistakes(f"lock_timeout = {value}")
    assert mistake.startswith(f"2:1: lock_timeout: {told}")
    assert mistake.endswith('(write lock_timeout = "2s")')


def test_all_mistakes_are_told_at_once() -> None:
    assert [mistake.split(":")[0] for mistake in mistakes('a1 = 1\nlock_retry = ""\nqueries = 3')] == ["2", "3", "4"]


def test_the_place_is_that_of_our_table_even_where_another_tool_has_the_same_key() -> None:
    text = '[tool.other]\nmigration = 1\n\n[tool.codezest-sql]\nmigration = "x"\n'
    with pytest.raises(ProjectErrors) as caught:
        parse(text)
    assert str(caught.value.errors[0].place) == "pyproject.toml:5:1"
    assert caught.value.errors[0].source == '  5 | migration = "x"\n    | ^'


def test_a_key_that_is_written_otherwise_is_told_with_its_file() -> None:
    """Such as in an inline table: no line is better than a wrong one."""
    with pytest.raises(ProjectErrors) as caught:
        parse("tool = { codezest-sql = { migration = 'x' } }")
    assert str(caught.value.errors[0].place) == "pyproject.toml"


def test_the_dialect_is_one_for_all_or_one_by_folder() -> None:
    """The innermost folder decides; a folder's name is no mere beginning of another's."""
    one = parse_settings({"dialect": "sqlc"}, DEFAULTS, file="pyproject.toml", text="")
    assert one.dialect.of("a/b.sql") == "sqlc"
    table = {"dialect": {"old": "sqlc", "old/new": "native"}}
    several = parse_settings(table, DEFAULTS, file="pyproject.toml", text="").dialect
    assert [several.of(name) for name in ("old/a.sql", "old/new/a.sql", "older/a.sql", "old.sql")] == [
        "sqlc",
        "native",
        "native",
        "native",
    ]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"one-rows": "error"}, "did you mean one-row?"),
        ({"one-row": "fatal"}, "expected off or warning or error, not 'fatal'"),
        ("strict", "must be a table"),
    ],
)
def test_a_policy_or_a_severity_that_is_none_is_refused(value: object, said: str) -> None:
    with pytest.raises(ProjectErrors) as caught:
        parse_settings({"policies": value}, DEFAULTS, file="pyproject.toml", text="")
    assert said in str(caught.value.errors[0])
