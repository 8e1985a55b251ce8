"""Which variants are checked: all of a few, a pairwise choice of many, and no text twice."""

from __future__ import annotations

from itertools import combinations, product

import pytest

from codezest_sql.core.query_files.reading import Choice, Query, read_query_file
from codezest_sql.core.query_files.variants import choices, variants


def with_parts(ifs: int, orders: int = 0) -> Query:
    parts = "".join(f"-- :if p{number}\nAND {number} = :p{number}\n-- :end\n" for number in range(ifs))
    arms = [f"-- :order o{number}\n{'-- ' if number else ''}ORDER BY {number + 1}\n" for number in range(orders)]
    end = "-- :end\n" if orders else ""
    (query,) = read_query_file(f"-- name: q :many\nSELECT 1 WHERE true\n{parts}{''.join(arms)}{end}", file="q.sql")
    return query


def test_a_query_without_parts_has_one_variant() -> None:
    query = with_parts(0)
    assert variants(query) == (query.full,)


@pytest.mark.parametrize(("ifs", "orders"), [(1, 0), (3, 0), (2, 3), (8, 0), (6, 4)])
def test_all_variants_are_checked_up_to_256(ifs: int, orders: int) -> None:
    texts = [variant.text for variant in variants(with_parts(ifs, orders))]
    assert len(texts) == len(set(texts)) == 2**ifs * max(orders, 1)


@pytest.mark.parametrize(("ifs", "orders", "most"), [(9, 0, 20), (20, 5, 40), (7, 3, 25)])
def test_of_many_variants_each_two_settings_are_checked_together(ifs: int, orders: int, most: int) -> None:
    query = with_parts(ifs, orders)
    found = choices(query)
    assert len(found) <= most
    for one, other in combinations(query.ifs, 2):
        together = {(one in choice.ifs, other in choice.ifs) for choice in found}
        assert together == set(product([True, False], repeat=2))
    for name, order in product(query.ifs, query.orders):
        assert {name in choice.ifs for choice in found if choice.order == order} == {True, False}


def test_the_choice_is_the_same_each_time_and_begins_with_everything_and_with_nothing() -> None:
    query = with_parts(12, 3)
    found = choices(query)
    assert found == choices(query)
    assert found[:2] == (query.full.choice, Choice(frozenset(), "o0"))


def test_every_variant_numbers_its_parameters_without_a_gap() -> None:
    """The server refuses a statement that has a $2 and no $1."""
    for variant in variants(with_parts(5, 2)):
        numbers = [f"${number}" for number, _ in enumerate(variant.parameters, 1)]
        assert all(number in variant.text for number in numbers)
        assert f"${len(numbers) + 1}" not in variant.text


def test_an_inner_part_that_is_on_without_its_outer_one_is_no_variant_of_its_own() -> None:
    (query,) = read_query_file(
        "-- name: q :many\nSELECT 1\n-- :if a\nWHERE :a\n-- :if b\nAND :b\n-- :end\n-- :end\n", file="q.sql"
    )
    assert [variant.text for variant in variants(query)] == [
        "SELECT 1\nWHERE $1\nAND $2",
        "SELECT 1",
        "SELECT 1\nWHERE $1",
    ]
