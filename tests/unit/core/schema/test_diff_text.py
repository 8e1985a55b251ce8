"""A diff in words. The words for each kind of object are in tests/cases/catalog/changes. No server."""

from __future__ import annotations

from codezest_sql.core.schema.diff import diff
from codezest_sql.core.schema.diff_text import render_text
from codezest_sql.core.schema.objects import CatalogObject, ObjectKey, ObjectKind, Schema

TABLE = ObjectKey(ObjectKind.TABLE, "app.t")
VIEW = ObjectKey(ObjectKind.VIEW, "app.v")


def words(before: dict[str, str] | None, after: dict[str, str] | None, key: ObjectKey = TABLE) -> str:
    """Return the text for one object with these facts before and after; None where it does not exist."""
    sides = (Schema() if side is None else Schema.of([CatalogObject(key, None, 0, tuple(side.items()))])
             for side in (before, after))  # fmt: skip
    return render_text(diff(*sides))


def part(kind: ObjectKind, name: str, parent: ObjectKey = TABLE) -> CatalogObject:
    return CatalogObject(ObjectKey(kind, name), parent)


def test_no_difference_is_no_text() -> None:
    """Nor a newline."""
    assert words({"a": "1"}, {"a": "1"}) == ""


def test_a_fact_that_changed_says_from_what_to_what() -> None:
    """Several facts of one object are one line."""
    assert (
        words({"a": "1", "b": "2"}, {"a": "3", "b": "4"})
        == "table app.t: a changed from 1 to 3; b changed from 2 to 4"
    )


def test_a_fact_that_came_or_went_says_so() -> None:
    """With the value that it has, or had."""
    assert words({}, {"a": "1"}) == "table app.t: a set to 1"
    assert words({"a": "1"}, {}) == "table app.t: a removed (was 1)"


def test_a_flag_that_is_only_kept_where_it_is_unusual_reads_as_yes_and_no() -> None:
    """Its absence is the other answer."""
    assert words({}, {"strict": "yes"}) == "table app.t: strict changed from no to yes"
    assert words({"strict": "yes"}, {}) == "table app.t: strict changed from yes to no"
    assert words({"populated": "no"}, {}) == "table app.t: populated changed from no to yes"


def test_an_added_object_shows_its_facts() -> None:
    """Except texts of several lines."""
    assert words(None, {"type": "text", "body": "a\nb"}) == "table app.t added (type text)"
    assert words({"type": "text"}, None) == "table app.t removed (type text)"
    assert words(None, {}) == "table app.t added"


def test_an_added_whole_counts_its_parts() -> None:
    """However deep they are; in the order of the kinds, each in its plural."""
    parts = [
        part(ObjectKind.COLUMN, "app.t.a"),
        part(ObjectKind.COLUMN, "app.t.b"),
        part(ObjectKind.INDEX, "app.i"),
        part(ObjectKind.INDEX, "app.j"),
        part(ObjectKind.POLICY, "p on app.t"),
        part(ObjectKind.GRANT, "on column app.t.a to public", ObjectKey(ObjectKind.COLUMN, "app.t.a")),
    ]
    found = diff(Schema(), Schema.of([CatalogObject(TABLE), *parts]))
    assert render_text(found) == "table app.t added (2 columns, 2 indexes, 1 policy, 1 grant)"


def test_a_text_of_several_lines_is_shown_as_a_line_diff() -> None:
    """Two lines of context, without the file headers of a patch."""
    before, after = "1\n2\n3\nold\n5\n6\n7", "1\n2\n3\nnew\n5\n6\n7"
    assert words({"query": before, "n": "1"}, {"query": after, "n": "2"}, VIEW).split("\n") == [
        "view app.v: n changed from 1 to 2; query changed",
        "     2",
        "     3",
        "    -old",
        "    +new",
        "     5",
        "     6",
    ]


def test_a_long_value_is_below_the_sentence_not_in_it() -> None:
    """A sentence of 200 characters cannot be read."""
    assert words({"definition": "x" * 121}, {"definition": "y"}).split("\n") == [
        "table app.t: definition changed",
        f"    -{'x' * 121}",
        "    +y",
    ]


def test_control_characters_of_the_database_do_not_reach_the_terminal() -> None:
    """A comment could otherwise colour, move or erase what is printed."""
    assert (
        words({}, {"comment": "\x1b[2Jred\r\x9b0m\ttab"})
        == "table app.t: comment set to \\x1b[2Jred\\x0d\\x9b0m\ttab"
    )
