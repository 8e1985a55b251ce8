"""Every name that a column can have becomes a field's name, by a rule that can be told in one sentence each."""

from __future__ import annotations

import keyword

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, create_model

from codezest_sql.core.python_code.names.field_names import BASE_MODEL, TUPLE, field_name, field_names


def test_what_a_base_model_has_is_known() -> None:
    """Core imports no pydantic, so it has a list of its own."""
    found = {*dir(BaseModel), *dir(type(BaseModel))}
    assert {name for name in found if not name.startswith("_")} == BASE_MODEL


@pytest.mark.parametrize(
    ("column", "name"),
    [
        ("email", "email"),
        ("userId", "userId"),
        ("id", "id"),
        ("type", "type"),
        ("?column?", "column"),
        ("count 1", "count_1"),
        ("count - 1", "count_1"),
        ("a_", "a_"),
        ("__private", "private"),
        ("2fa", "column_2fa"),
        ("", "column"),
        ("?", "column"),
        ("class", "class_"),
        ("None", "None_"),
        ("json", "json_"),
        ("copy", "copy_"),
        ("model_config", "model_config_"),
        ("model_name", "model_name"),
        ("list", "list_"),
        ("naïve", "naïve"),
        ("ﬁn", "fin"),
        ("имя", "имя"),
    ],
)
def test_a_column_is_called(column: str, name: str) -> None:
    assert field_name(column) == name


def test_the_second_of_two_equal_names_gets_a_number() -> None:
    assert field_names(["a b", "a-b", "a.b"]) == ("a_b", "a_b_2", "a_b_3")


def test_a_column_that_is_called_so_has_the_first_right_to_its_name() -> None:
    assert field_names(["a b", "a_b", "a_b_2"]) == ("a_b_3", "a_b", "a_b_2")


def test_a_name_in_the_annotations_of_the_class_is_left_to_them() -> None:
    assert field_names(["Role", "role"], avoid={"Role"}) == ("Role_", "role")


def test_what_a_tuple_has_is_no_field_of_one() -> None:
    assert field_names(["count", "json"], reserved=TUPLE) == ("count_", "json")


@given(st.lists(st.text(max_size=12), max_size=8))
def test_whatever_columns_are_called_pydantic_takes_the_names(columns: list[str]) -> None:
    names = field_names(columns)
    assert len(set(names)) == len(columns)
    assert all(name.isidentifier() and not keyword.iskeyword(name) for name in names)
    fields = dict.fromkeys(names, (int, ...))
    config = ConfigDict(protected_namespaces=())
    made = create_model("Made", __config__=config, **fields)  # type: ignore[call-overload]
    assert [*made.model_fields] == [*names]
