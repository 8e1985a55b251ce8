"""The table ``[tool.codezest-sql]``: what it may hold, and where a mistake in it is."""

from __future__ import annotations

import tomllib

import pytest

from codezest_sql.core.settings import KNOWN_KEYS, Settings, parse_settings
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


def test_keys_of_later_stages_are_known() -> None:
    """One configuration serves a project through all of them."""
    later = set(KNOWN_KEYS) - {field for field in Settings.__dataclass_fields__ if field != "root"}
    assert later
    for key in later:
        assert parse(f'[tool.codezest-sql]\n{key} = "x"') == DEFAULTS


def test_an_unknown_key_is_told_with_its_place_and_the_nearest_known_one() -> None:
    assert mistakes('queries = "q"\n  migration = "db"') == [
        "3:3: unknown setting 'migration' (did you mean migrations?)"
    ]


def test_an_unknown_key_that_is_near_to_none_is_told_with_all_known_ones() -> None:
    (mistake,) = mistakes("colour = 'red'")
    assert mistake.startswith("2:1: unknown setting 'colour' (known settings are migrations, queries, lock_timeout, ")


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
        ({"one-row": "fatal"}, "'fatal' is none of off, warning, error"),
        ("strict", "must be a table"),
    ],
)
def test_a_policy_or_a_severity_that_is_none_is_refused(value: object, said: str) -> None:
    with pytest.raises(ProjectErrors) as caught:
        parse_settings({"policies": value}, DEFAULTS, file="pyproject.toml", text="")
    assert said in str(caught.value.errors[0])
