"""Two schemas as values, and what a diff says of them. No server."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codezest_sql.core.schema.diff import Action, PropertyChange, diff, to_json
from codezest_sql.core.schema.objects import CatalogObject, ObjectKey, ObjectKind, Schema, fingerprint
from codezest_sql.errors import Bug

APP = ObjectKey(ObjectKind.SCHEMA, "app")
USERS = ObjectKey(ObjectKind.TABLE, "app.users")


def column(name: str, position: int, **properties: str) -> CatalogObject:
    """Make a column of app.users."""
    key = ObjectKey(ObjectKind.COLUMN, f"app.users.{name}")
    return CatalogObject(key, USERS, position, tuple(properties.items()))


def users(*columns: CatalogObject) -> Schema:
    """Make a schema with the table app.users of these columns."""
    return Schema.of([CatalogObject(APP), CatalogObject(USERS, APP), *columns])


# Few names, so that two schemas have much in common; positions as the server gives them: 1, 2, 3 …
schemas = st.lists(
    st.tuples(
        st.sampled_from("abcdef"), st.dictionaries(st.sampled_from(["type", "default"]), st.sampled_from("xy"))
    ),
    unique_by=lambda each: each[0],
).map(lambda found: users(*(column(name, place, **facts) for place, (name, facts) in enumerate(found, start=1))))


def test_a_schema_is_the_same_in_whatever_order_its_objects_came() -> None:
    """Nothing depends on the order of the catalog's rows."""
    objects = [column("a", 1), column("b", 2), CatalogObject(USERS, APP), CatalogObject(APP)]
    assert Schema.of(objects) == Schema.of(reversed(objects))
    assert fingerprint(Schema.of(objects)) == fingerprint(Schema.of(reversed(objects)))


def test_two_objects_of_one_name_are_a_bug_not_a_silent_loss() -> None:
    """The second would hide the first."""
    with pytest.raises(Bug, match=r"column app\.users\.a"):
        users(column("a", 1), column("a", 2))


def test_an_object_answers_for_the_facts_it_has() -> None:
    """A fact that it does not have is None."""
    found = column("a", 1, type="text")
    assert (found.kind, found.name) == (ObjectKind.COLUMN, "app.users.a")
    assert found.get("type") == "text"
    assert found.get("default") is None
    assert users(found).of_kind(ObjectKind.COLUMN) == (found,)


@given(schemas, schemas)
def test_a_diff_is_empty_exactly_when_the_fingerprints_are_equal(before: Schema, after: Schema) -> None:
    """The law of core/schema/diff.py."""
    assert bool(diff(before, after)) == (fingerprint(before) != fingerprint(after))
    assert not diff(before, before)


@given(schemas, schemas)
def test_the_way_back_is_the_diff_turned_round(before: Schema, after: Schema) -> None:
    """Added becomes removed, and each fact's two values change places."""
    turned = {Action.ADDED: Action.REMOVED, Action.REMOVED: Action.ADDED, Action.CHANGED: Action.CHANGED}
    there = {
        (turned[change.action], change.key, fact.name, fact.after, fact.before)
        for change in diff(before, after).changes
        for fact in change.properties
    }
    back = {
        (change.action, change.key, fact.name, fact.before, fact.after)
        for change in diff(after, before).changes
        for fact in change.properties
    }
    assert there == back


def test_a_changed_fact_has_its_value_before_and_after() -> None:
    """Also where one side does not have it; facts that are equal are not mentioned."""
    before = users(column("a", 1, type="text", default="1", nullable="no"))
    after = users(column("a", 1, type="bigint", generated="2", nullable="no"))
    (change,) = diff(before, after).changes
    assert (change.action, str(change.key), change.parent) == (Action.CHANGED, "column app.users.a", USERS)
    assert set(change.properties) == {
        PropertyChange("type", "text", "bigint"),
        PropertyChange("default", "1", None),
        PropertyChange("generated", None, "2"),
    }


def test_another_order_of_the_same_columns_is_a_change_of_their_table() -> None:
    """Only of the columns that both sides have."""
    before = users(column("a", 1), column("b", 2), column("c", 3))
    after = users(column("new", 1), column("c", 2), column("a", 3))
    found = diff(before, after)
    (table,) = [change for change in found.changes if change.key == USERS]
    assert table.properties == (PropertyChange("column order", "a, c", "c, a"),)
    assert [str(change.key) for change in diff(before, after, column_order=False).changes] == [
        "column app.users.b", "column app.users.new",
    ]  # fmt: skip


def test_a_column_added_or_dropped_in_the_middle_moves_no_other() -> None:
    """The others' places change, their order does not."""
    two, three = users(column("a", 1), column("c", 2)), users(column("a", 1), column("b", 2), column("c", 3))
    assert [str(change.key) for change in diff(two, three).changes] == ["column app.users.b"]
    assert [str(change.key) for change in diff(three, two).changes] == ["column app.users.b"]


def test_what_goes_with_its_parent_is_no_root() -> None:
    """All is in the changes; the roots are what a person did."""
    found = diff(users(column("a", 1)), Schema())
    assert [change.key for change in found.roots()] == [APP]
    assert [str(change.key) for change in found.changes] == ["schema app", "table app.users", "column app.users.a"]
    added = diff(users(column("a", 1)), users(column("a", 1), column("b", 2)))
    assert [str(change.key) for change in added.roots()] == ["column app.users.b"]


def test_an_object_that_moved_to_another_parent_is_changed() -> None:
    """Even where no property states so."""
    index = CatalogObject(ObjectKey(ObjectKind.INDEX, "app.i"), USERS)
    (change,) = diff(Schema.of([index]), Schema.of([replace(index, parent=APP)])).changes
    assert change.properties == (PropertyChange("part of", "table app.users", "schema app"),)


def test_a_diff_is_json() -> None:
    """Every change in the diff's order, with all its facts."""
    before = users(column("a", 1, type="text"))
    after = users(column("a", 1, type="bigint"), column("b", 2, type="text"))
    parent = {"kind": "table", "name": "app.users"}
    assert json.loads(json.dumps(to_json(diff(before, after)))) == [
        {
            "action": "changed",
            "kind": "column",
            "name": "app.users.a",
            "parent": parent,
            "properties": [{"name": "type", "before": "text", "after": "bigint"}],
        },
        {
            "action": "added",
            "kind": "column",
            "name": "app.users.b",
            "parent": parent,
            "properties": [{"name": "type", "before": None, "after": "text"}],
        },
    ]
