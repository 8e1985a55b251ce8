"""Aliases and the shapes they make: names, overrides, models within models, lists, and what cannot be."""

from __future__ import annotations

import pytest

from codezest_sql.core.query_types.column_alias import AliasProblemError, ColumnAlias, Override, Step, read_alias
from codezest_sql.core.query_types.nested_shape import Leaf, Shape, nested_shape


def shape(*aliases: str) -> Shape:
    found = nested_shape(aliases)
    assert isinstance(found, Shape), found
    return found


def mistakes(*aliases: str) -> list[str]:
    found = nested_shape(aliases)
    assert not isinstance(found, Shape)
    assert all(mistake.hint for mistake in found)
    return [f"{mistake.column} {mistake.message}" for mistake in found]


@pytest.mark.parametrize(
    ("alias", "expected"),
    [
        ("email", ColumnAlias("email")),
        ("email!", ColumnAlias("email", override=Override.NOT_NULL)),
        ("email?", ColumnAlias("email", override=Override.NULLABLE)),
        ("author.name", ColumnAlias("name", (Step("author"),))),
        ("options[].body?", ColumnAlias("body", (Step("options", is_list=True),), Override.NULLABLE)),
        ("a.b[].c!", ColumnAlias("c", (Step("a"), Step("b", is_list=True)), Override.NOT_NULL)),
        ("?column?", ColumnAlias("?column?")),
        ("Total %", ColumnAlias("Total %")),
        ("camelCase", ColumnAlias("camelCase")),
        ("?", ColumnAlias("?")),
        ("!", ColumnAlias("!")),
        *(
            (odd, ColumnAlias(odd))
            for odd in (
                *("more...", "a.", ".a", "a..b", "1.5", "v1.2 beta", "a b.c", "a[0]", "a[0].b", "a[.b", "[].a", "[]"),
                *("...", ".", "Dr. Who", "e.g. this", "a.1", "a.b.", "a.b c", "a-b.c", "total (in $.)", "ä.ö", "[x]"),
            )
        ),
        ("more...?", ColumnAlias("more...", override=Override.NULLABLE)),
        ("1.5!", ColumnAlias("1.5", override=Override.NOT_NULL)),
    ],
)
def test_an_alias_is_a_name_with_a_path_and_an_override(alias: str, expected: ColumnAlias) -> None:
    assert read_alias(alias) == expected


@pytest.mark.parametrize(
    "alias", ["tags[]", "tags[]?", "a[][]", "a?.b", "a.b!!", "a[][].b", "a.b[]", "a!.b?.c", "a[]?.b"]
)
def test_a_path_without_a_column_or_with_marks_within_is_a_mistake(alias: str) -> None:
    with pytest.raises(AliasProblemError) as caught:
        read_alias(alias)
    assert caught.value.hint


def test_plain_columns_are_a_flat_shape() -> None:
    found = shape("id", "email!", "name?")
    assert found.is_flat
    assert found.leaves == (Leaf("id", 0), Leaf("email", 1, Override.NOT_NULL), Leaf("name", 2, Override.NULLABLE))


def test_dots_nest_and_brackets_make_lists_in_the_order_of_the_first_column() -> None:
    found = shape("id", "author.id", "options[].id", "author.name", "options[].body", "title")
    assert [each.name for each in found.fields] == ["id", "author", "options", "title"]
    author, options = found.models
    assert (author.is_list, options.is_list) == (False, True)
    assert author.leaves == (Leaf("id", 1), Leaf("name", 3))
    assert options.leaves == (Leaf("id", 2), Leaf("body", 4))


def test_a_list_may_stand_in_the_elements_of_a_list() -> None:
    found = shape("id", "questions[].id", "questions[].options[].id", "questions[].author.name")
    (questions,) = found.models
    assert [(model.name, model.is_list) for model in questions.models] == [("options", True), ("author", False)]


@pytest.mark.parametrize(
    ("aliases", "message"),
    [
        (("id", "id"), "columns 1 and 2 are both called 'id'"),
        (("id", "id!"), "columns 1 and 2 are both called 'id'"),
        (("a.b", "a.b"), "columns 1 and 2 are both called 'b'"),
        (("a", "a.b"), "'a' is a column and, by 'a.b', a model too"),
        (("a.b", "a"), "'a' is a model and, by 'a', a column too"),
        (("a.b", "a[].c"), "'a' is one model and, by 'a[].c', a list too"),
        (("id", "a[].b", "a.c"), "'a' is a list and, by 'a.c', one model too"),
        (("id", "a[].x", "b[].y"), "the lists 'a' and 'b' stand side by side, so each multiplies the other's rows"),
        (
            ("id", "a[].x", "m.b[].y", "m.z"),
            "the lists 'a' and 'b' stand side by side, so each multiplies the other's rows",
        ),
        (
            ("id", "q[].i", "q[].a[].x", "q[].b[].y"),
            "the lists 'a' and 'b' stand side by side, so each multiplies the other's rows",
        ),
        (("a[].x",), "no column identifies which rows of the list 'a' belong together"),
        (("id", "q[].a[].x"), "no column of 'q' identifies which rows of the list 'a' belong together"),
    ],
)
def test_a_shape_that_rows_cannot_have_is_a_mistake(aliases: tuple[str, ...], message: str) -> None:
    (found,) = mistakes(*aliases)
    assert found.partition(" ")[2] == message


def test_an_alias_of_more_than_63_bytes_is_a_mistake_and_bytes_are_not_letters() -> None:
    assert shape("é" * 31).is_flat
    assert mistakes("x" * 64, "é" * 32) == [
        f"0 the alias {'x' * 64!r} has 64 bytes",
        f"1 the alias {'é' * 32!r} has 64 bytes",
    ]


def test_all_mistakes_of_the_aliases_are_told_at_once() -> None:
    assert len(mistakes("id", "id", "a.b!?", "a[].x", "b[].y")) == 3


def test_two_columns_of_one_name_are_renamed_where_sqlc_would_do_it() -> None:
    found = nested_shape(["id", "name", "id", "id"], rename_duplicates=True)
    assert isinstance(found, Shape)
    assert [leaf.name for leaf in found.leaves] == ["id", "name", "id_2", "id_3"]
