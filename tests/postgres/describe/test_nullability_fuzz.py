"""A few hundred random queries on every version. bench/nullability_fuzz.py tries as many as there is time for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.postgres.catalog.catalog_cases import database_with
from tests.postgres.describe.nullability_fuzz import fuzz

if TYPE_CHECKING:
    from tests.conftest import Server

pytestmark = pytest.mark.every_postgres


@pytest.mark.parametrize("seed", [20240229, 20240301])
def test_no_random_query_shows_a_null_where_none_can_be(server: Server, seed: int) -> None:
    """At least a third of the columns is verified, so that the proof is worth something."""
    with database_with(server, b"SELECT 1") as url:
        tally = fuzz(url, seed=seed, count=300)
    assert tally.unsound == []
    assert tally.ran > 250
    assert tally.proven > tally.columns / 3
    assert tally.shapes > 100


def test_the_fuzz_finds_what_is_not_sound(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a proof that takes every join for an inner one, it must find something."""
    monkeypatch.setattr("codezest_sql.core.nullability.scope.Scope.are_present", lambda *_: True)
    with database_with(server, b"SELECT 1") as url:
        assert fuzz(url, seed=1, count=100).unsound
