"""Tables and types get the names of their classes, or one clear message each."""

from __future__ import annotations

import pytest

from codezest_sql.core.describe.model_facts import ModelFacts, Relation
from codezest_sql.core.describe.types import TypeFacts
from codezest_sql.core.python_code.names.model_names import ModelNames, name_models
from codezest_sql.core.python_code.names.singular import singular
from codezest_sql.core.python_types.annotation import ClassRef


def named(*tables: str, enums: tuple[str, ...] = (), chosen: dict[str, str] | None = None) -> ModelNames:
    """Name tables and enums, each given as ``schema.name``; OIDs count from 1 and, of row types, from 101."""
    relations: dict[int, Relation] = {}
    for number, table in enumerate(tables, 1):
        schema, name = table.split(".")
        relations[number] = Relation(number, schema, name, "r", 100 + number, ())
    types: dict[int, TypeFacts] = {}
    for number, enum in enumerate(enums, 201):
        schema, name = enum.split(".")
        types[number] = TypeFacts(number, enum, "e", schema, name)
    return name_models(ModelFacts(relations, types), package="shop.db", singular=singular, model_names=chosen)


def test_a_class_stands_in_the_module_of_its_schema() -> None:
    names = named("auth.users", "My Shop.order_items", enums=("auth.role",))
    assert names.errors == ()
    assert names.relations == {
        1: ClassRef("shop.db.models.auth", "User"),
        2: ClassRef("shop.db.models.My_Shop", "OrderItem"),
    }
    assert names.classes[101] == names.relations[1]
    assert names.classes[201] == ClassRef("shop.db.models.auth", "Role")


def test_one_name_in_two_schemas_is_two_classes() -> None:
    assert named("auth.users", "shop.users").errors == ()


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (
            named("auth.status", "auth.statuses"),
            "the table auth.status and the table auth.statuses would both be the class Status",
        ),
        (
            named("auth.roles", enums=("auth.role",)),
            "the enum auth.role and the table auth.roles would both be the class Role",
        ),
        (named("auth.nones"), "the class of the table auth.nones would be None, a keyword of Python"),
        (named("auth.warnings"), "the class of the table auth.warnings would be Warning, and hide Python's own"),
        (named("auth.2fa"), "no class can be called '2fa', as the table auth.2fa would be"),
        (named("auth.?"), "nothing names the table auth.?"),
        (named("a b.users", "a-b.users"), "the schemas 'a b' and 'a-b' would both be the module a_b"),
        (
            named("auth.users", chosen={"auth.user": "Account"}),
            "model_names: there is no table or type auth.user",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_name_that_cannot_be_is_told(names: ModelNames, message: str) -> None:
    assert [error.message for error in names.errors] == [message]
    assert names.errors[0].hint


def test_the_way_out_of_a_clash_is_the_setting() -> None:
    (error,) = named("auth.status", "auth.statuses").errors
    assert error.hint == 'choose a name in the settings: model_names = { "auth.statuses" = "…" }'
    names = named("auth.status", "auth.statuses", chosen={"auth.statuses": "StatusChange"})
    assert not names.errors
    assert names.relations[2].name == "StatusChange"
