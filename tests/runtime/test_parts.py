"""Queries with optional parts and orders: which SQL runs, and what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from codezest_sql.errors import ArgumentError
from codezest_sql.runtime import ABSENT, Column, Many, Model, Parameter, Statement

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.runtime.faces import Face


class ItemRow(Model):
    id: int


LIST = Statement(
    "items.list",
    """\
SELECT i.id
FROM item AS i
WHERE i.owner = :owner
  -- :if status
  AND i.status IS NOT DISTINCT FROM :status
  -- :end
  -- :if recent
  AND i.age < :days
  -- :end
-- :order newest
ORDER BY i.age, i.id
-- :order oldest
-- ORDER BY i.age DESC, i.id
-- :end
LIMIT :count
""",
    (
        Parameter("owner", "integer"),
        Parameter("status", "text", nullable=True, optional=True),
        Parameter("days", "integer", when=("recent",)),
        Parameter("count", "bigint"),
        Parameter("recent", "", flag=True),
    ),
    (Column("id", "integer", None, nullable=False),),
    ItemRow,
    parts=True,
    orders=("newest", "oldest"),
)


def listed(
    db: Face, status: Any = ABSENT, *, days: Any = ABSENT, recent: Any = False, order: str | None = None
) -> list[int]:
    return [row.id for row in db.run(Many(LIST, (1, status, days, 10, recent), order=order))]


@pytest.fixture
def items(execute: Callable[[str], None]) -> None:
    execute("CREATE TABLE item (id int4, owner int4, status text, age int4)")
    execute("INSERT INTO item VALUES (1, 1, 'new', 5), (2, 1, 'old', 50), (3, 1, NULL, 20), (4, 2, 'new', 1)")


def test_an_absent_argument_leaves_its_part_out_and_none_does_not(db: Face, items: None) -> None:
    assert listed(db) == [1, 3, 2]
    assert listed(db, "new") == [1]
    assert listed(db, None) == [3]
    assert listed(db, "new") == [1]


def test_a_flag_turns_its_part_on_with_the_parameter_in_it(db: Face, items: None) -> None:
    assert listed(db, days=30, recent=True) == [1, 3]
    assert listed(db, None, days=30, recent=True) == [3]


def test_the_first_order_is_the_default(db: Face, items: None) -> None:
    assert listed(db, order="newest") == [1, 3, 2]
    assert listed(db, order="oldest") == [2, 3, 1]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"days": 3}, "items.list: days is given, but the part recent is off"),
        ({"recent": True}, "items.list: days is missing: the part recent is on"),
        ({"recent": 1}, "recent turns a part on or off and takes bool, not int"),
        ({"order": "best"}, "items.list: there is no order 'best' \\(one of newest, oldest\\)"),
        ({"order": "newest; DROP TABLE item"}, "there is no order"),
        ({"status": 5}, "status is text and takes str or None, not int"),
    ],
)
def test_what_does_not_fit_together_is_refused(db: Face, items: None, given: dict[str, Any], message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        listed(db, **given)
    assert listed(db) == [1, 3, 2]
