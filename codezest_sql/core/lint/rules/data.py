"""Rules about rows: what changes all of them at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codezest_sql.core.ddl.changes import Write
from codezest_sql.core.lint.finding import Severity
from codezest_sql.core.lint.rule import Found, Look, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator


def _no_where(look: Look) -> Iterator[Found]:
    effect = look.effect
    for each in effect.every if isinstance(effect, Write) else ():
        if each.effect in {"UPDATE", "DELETE"} and not each.filtered and not look.is_new(each.table):
            yield Found(each.offset, f"{each.effect} without WHERE changes every row of {each.table}")


DATA_RULES = (
    Rule(
        "where",
        "UPDATE or DELETE without WHERE",
        "Every row is locked until COMMIT, and the table doubles in size.",
        "Add a WHERE and work in batches; for a small table whose rows are all meant: WHERE true.",
        Severity.ERROR,
        "UPDATE shop.orders SET note = '';",
        "UPDATE shop.orders SET note = '' WHERE note IS NULL AND id < 10000;",
        "CREATE TABLE shop.orders (id bigint PRIMARY KEY, note text);",
        _no_where,
        rollbacks=True,
    ),
)
