"""Rules about rights: what gives more than was meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codezest_sql.core.ddl.changes import CreateFunction, Grant
from codezest_sql.core.lint.finding import Severity
from codezest_sql.core.lint.rule import Found, Look, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator


def _broad(look: Look) -> Iterator[Found]:
    effect = look.effect
    if not isinstance(effect, Grant):
        return
    why: list[str] = []
    if effect.privileges[:1] == ("ALL",):
        why.append("ALL includes rights that are rarely meant, such as TRUNCATE and TRIGGER")
    if "PUBLIC" in effect.grantees:
        why.append("PUBLIC is every role, including future ones")
    if effect.everything:
        why.append("all objects include those that were not reviewed")
    if effect.grant_option:
        why.append("WITH GRANT OPTION lets others grant it")
    if why:
        yield Found(effect.offset, f"this GRANT is broad: {'; '.join(why)}")


def _definer(look: Look) -> Iterator[Found]:
    effect = look.effect
    if isinstance(effect, CreateFunction) and effect.definer and not effect.sets_path:
        yield Found(
            effect.offset,
            f"{effect.name} runs with its owner's rights and its caller's search_path: the caller chooses what its "
            f"names "
            "mean",
        )


SECURITY_RULES = (
    Rule(
        "broad-grant",
        "A GRANT gives more than it names",
        "ALL, PUBLIC, ALL TABLES IN SCHEMA and GRANT OPTION reach objects, roles or rights that no one reviewed.",
        "Name the privileges, the objects and the role.",
        Severity.WARNING,
        "GRANT ALL ON ALL TABLES IN SCHEMA shop TO PUBLIC;",
        "GRANT SELECT, INSERT ON shop.orders TO shop_app;",
        "CREATE TABLE shop.orders (id bigint PRIMARY KEY);",
        _broad,
        rollbacks=True,
    ),
    Rule(
        "security-definer",
        "SECURITY DEFINER without a search_path",
        "The function runs with its owner's rights, and resolves its tables by its caller's search_path: a role "
        "that may create a table in any schema chooses what it reads.",
        "Add SET search_path = '' and qualify every name.",
        Severity.ERROR,
        "CREATE FUNCTION shop.f() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1';",
        "CREATE FUNCTION shop.f() RETURNS int LANGUAGE sql SECURITY DEFINER SET search_path = '' AS 'SELECT 1';",
        "",
        _definer,
    ),
)
