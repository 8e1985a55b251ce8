"""One file with both ways in it: dbmate, goose, sql-migrate; what is a marker, and every way to get it wrong."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codezest_sql.core.migrations.files.layout import MARKERS, Layout
from codezest_sql.core.migrations.files.sections import Sections, blank, opens_other_way, read_sections
from codezest_sql.core.migrations.history import Direction
from codezest_sql.errors import LexicalError, SectionError
from codezest_sql.place import place_at

TOOLS = tuple(layout for layout, names in MARKERS.items() if Direction.UP in names)


def up(layout: Layout) -> str:
    return MARKERS[layout][Direction.UP]


def down(layout: Layout) -> str:
    return MARKERS[layout][Direction.DOWN]


def read(text: str) -> Sections:
    found = read_sections(text, file="f.sql")
    assert found
    return found


def refusal(text: str) -> str:
    with pytest.raises(SectionError) as caught:
        read_sections(text, file="f.sql")
    assert caught.value.hint
    assert caught.value.source
    return f"{caught.value.place}: {caught.value.message}"


@pytest.mark.parametrize("layout", TOOLS)
def test_each_way_is_where_the_file_has_it(layout: Layout) -> None:
    """The other one is spaces, so that line and column of a server's error are the file's."""
    text = f"-- a title\n{up(layout)}\nCREATE TABLE é (x int);\n\n{down(layout)}\nDROP TABLE é;\n"
    found = read(text)
    assert found.layout is layout
    assert found.up.text == text[: text.index(down(layout))]
    assert found.up.written == f"-- a title\n{up(layout)}\nCREATE TABLE é (x int);"
    assert found.down
    assert found.down.text.strip() == f"{down(layout)}\nDROP TABLE é;"
    assert found.down.written == f"{down(layout)}\nDROP TABLE é;"
    offset = found.down.text.index("DROP")
    assert place_at("f", found.down.text, offset) == place_at("f", text, text.index("DROP"))
    assert found.up.transactional is None
    assert found.down.transactional is None


@pytest.mark.parametrize("layout", TOOLS)
def test_a_file_with_only_the_way_there_has_no_way_back(layout: Layout) -> None:
    assert read(f"{up(layout)}\nSELECT 1;").down is None


@pytest.mark.parametrize("layout", TOOLS)
def test_the_way_back_may_come_first(layout: Layout) -> None:
    text = f"-- h\n{down(layout)}\nDROP TABLE a;\n{up(layout)}\nCREATE TABLE a ();"
    found = read(text)
    assert found.up.text.startswith("-- h\n")
    assert "DROP" not in found.up.text
    assert found.up.text.index("CREATE") == text.index("CREATE")
    assert found.down
    assert "CREATE" not in found.down.text


@pytest.mark.parametrize("layout", TOOLS)
def test_an_edit_of_the_way_back_does_not_touch_what_is_kept_of_the_way_there(layout: Layout) -> None:
    first = read(f"{up(layout)}\nSELECT 1;")
    for more in (f"\n\n\n{down(layout)}\n", f"\n{down(layout)}\nSELECT 2;", f"  \n  {down(layout)}\nSELECT 3;"):
        assert read(f"{up(layout)}\nSELECT 1;{more}").up.written == first.up.written


@pytest.mark.parametrize(
    "text",
    [
        "SELECT 1;",
        "-- a comment on goose\nSELECT 1;",
        "SELECT $$\n-- +goose Up\n-- +goose Down\n$$;",
        "SELECT '\n-- migrate:up\n-- migrate:down\n';",
        "/*\n-- +migrate Up\n*/ SELECT 1;",
        'CREATE TABLE "\n-- +goose Up\n" ();',
        "SELECT 1; -- +goose Down",
        "-- see -- +goose Up\nSELECT 1;",
        "-- +gooseberry\nSELECT 1;",
        "-- migrate: by hand\nSELECT 1;",
        "-- migrate:later\nSELECT 1;",
        "-- migrate:uphill\nSELECT 1;",
    ],
)
def test_a_file_without_markers_has_no_sections(text: str) -> None:
    """In quotes and block comments, or behind SQL, they are text."""
    assert read_sections(text, file="f.sql") is None


def test_a_marker_in_a_dollar_quote_ends_no_section() -> None:
    body = "CREATE FUNCTION f() RETURNS text LANGUAGE sql AS $$\n-- +goose Down\nSELECT 'x' $$;\n"
    found = read(f"-- +goose Up\n-- +goose StatementBegin\n{body}-- +goose StatementEnd\n-- +goose Down\nSELECT 1;")
    assert body in found.up.text
    assert found.down
    assert found.down.text.strip() == "-- +goose Down\nSELECT 1;"


@pytest.mark.parametrize(
    "marker", ["--+goose Down", "--  +goose   Down  ", "\t-- +goose Down", "-- +goose DOWN", "-- +Goose down\r"]
)
def test_white_space_and_letter_case_of_a_marker_do_not_count(marker: str) -> None:
    """One that is skipped would make the way back a part of the way there."""
    found = read(f"-- +goose Up\nSELECT 1;\n{marker}\nSELECT 2;")
    assert "SELECT 2" not in found.up.text
    assert found.down
    assert "SELECT 2" in found.down.text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("-- migrate:up transaction:false\n\n-- migrate:down\n", (False, None)),
        ("-- migrate:up\n\n-- migrate:down transaction:false\n", (None, False)),
        ("-- migrate:up transaction:true\n\n-- migrate:down transaction:false\n", (True, False)),
        ("-- +goose NO TRANSACTION\n-- +goose Up\n-- +goose Down\n", (False, False)),
        ("-- +goose Up\n-- +goose NO TRANSACTION\n-- +goose Down\n", (False, False)),
        ("-- +migrate Up notransaction\n-- +migrate Down\n", (False, None)),
        ("-- +migrate Up\n-- +migrate Down notransaction\n", (None, False)),
    ],
)
def test_a_section_may_be_without_a_transaction(text: str, expected: tuple[bool | None, bool | None]) -> None:
    found = read(text)
    assert found.down
    assert (found.up.transactional, found.down.transactional) == expected


# --- mistakes ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("layout", TOOLS)
def test_sql_outside_of_the_sections_is_refused(layout: Layout) -> None:
    text = f"-- h\nSELECT 1; SELECT 2;\n{up(layout)}\nSELECT 3;"
    assert refusal(text) == "f.sql:2:1: SQL before the first section, which would never run"


@pytest.mark.parametrize("layout", TOOLS)
def test_a_file_without_a_way_there_is_refused(layout: Layout) -> None:
    text = f"SELECT 1;\n{down(layout)}\nSELECT 3;"
    assert refusal(text) == f"f.sql:2:1: there is no section {up(layout)}"


@pytest.mark.parametrize("layout", TOOLS)
@pytest.mark.parametrize("direction", Direction)
def test_two_sections_for_one_way_are_refused(layout: Layout, direction: Direction) -> None:
    marker = MARKERS[layout][direction]
    text = f"{up(layout)}\nSELECT 1;\n{down(layout)}\nSELECT 2;\n{marker}\nSELECT 3;"
    assert refusal(text) == f"f.sql:5:1: a second section {marker}"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("-- +goose Dwon", "an unknown annotation, where a section may have to begin"),
        ("-- +goose Down now", "an unknown annotation, where a section may have to begin"),
        ("-- +goose", "an unknown annotation, where a section may have to begin"),
        ("-- +goose NOTRANSACTION", "an unknown annotation, where a section may have to begin"),
        ("-- +goose ENVSUBST ON", "goose's substitution of environment variables is not done"),
        ("-- +migrate Down", "sections of two tools in one file"),
        ("-- migrate:down", "sections of two tools in one file"),
    ],
)
def test_a_line_of_gooses_that_says_nothing_known_is_refused(line: str, told: str) -> None:
    assert refusal(f"-- +goose Up\nSELECT 1;\n{line}\nDROP TABLE a;") == f"f.sql:3:1: {told}"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("-- migrate:up transaction: false", "f.sql:1:1: unknown option 'transaction:'"),
        ("-- migrate:up transactional:false", "f.sql:1:1: unknown option 'transactional:false'"),
        ("-- +migrate Up NoTransactions", "f.sql:1:1: unknown option 'notransactions'"),
        (
            "-- migrate:up\nSELECT 1;\n-- migrate: dwon",
            "f.sql:3:1: an unknown annotation, where a section may have to begin",
        ),
        ("-- +migrate Up\n-- +migrate Dwon", "f.sql:2:1: an unknown annotation, where a section may have to begin"),
    ],
)
def test_what_the_other_tools_pass_over_is_refused(text: str, told: str) -> None:
    assert refusal(text) == told


def test_the_space_in_a_marker_of_dbmates_is_no_way_to_lose_it() -> None:
    found = read("-- migrate:up\nSELECT 1;\n-- migrate: down\nSELECT 2;")
    assert found.down


def test_what_the_lexer_cannot_read_stays_in_its_section() -> None:
    """Which is then read, and refused, on its own."""
    assert "SELECT 'x" in read("-- +goose Up\nSELECT 'x\n-- +goose Down\n").up.text
    assert read_sections("SELECT 'x\n-- +goose Up\n", file="f") is None
    with pytest.raises(LexicalError):
        read_sections("-- +goose StatementBegin\nSELECT 'x\n-- +goose Up\n", file="f")


@given(
    st.lists(st.sampled_from(["-- +goose Up", "-- +goose Down", "SELECT 1;", "é", "", "\t", "$$", "'"]), max_size=8)
)
def test_no_offset_moves(lines: list[str]) -> None:
    text = "\n".join(lines)
    try:
        found = read_sections(text, file="f.sql")
    except (SectionError, LexicalError):
        return
    for section in (found.up, found.down) if found else ():
        if section:
            assert len(section.text) <= len(text)
            for ours, theirs in zip(section.text, text, strict=False):
                assert ours == theirs or (ours == " " and theirs != "\n")


def test_blanking_keeps_the_lines() -> None:
    assert blank("a\r\né$\n") == "  \n  \n"


@pytest.mark.parametrize(
    ("text", "direction", "place"),
    [
        ("-- +goose Up\nSELECT 1;\n-- +goose Down\nSELECT 2;", Direction.UP, "f.sql:3:1"),
        ("-- migrate:up\nSELECT 1;\n", Direction.DOWN, "f.sql:1:1"),
        ("-- +goose Up\nSELECT 1;", Direction.UP, None),
        ("-- +migrate Down\nSELECT 1;", Direction.DOWN, None),
        ("SELECT '\n-- +goose Down\n';", Direction.UP, None),
        ("-- +goose StatementBegin\nSELECT 'x", Direction.UP, None),
    ],
)
def test_a_file_that_is_one_way_by_its_name_has_no_section_for_the_other(
    text: str, direction: Direction, place: str | None
) -> None:
    found = opens_other_way(text, direction, file="f.sql")
    assert (str(found.place) if found else None) == place
