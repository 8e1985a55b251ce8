"""The dummy rows of one migration are never rows of the base for a later one: nothing of them is left."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.postgres.review.review_projects import flown

if TYPE_CHECKING:
    from pathlib import Path

TABLES = """
CREATE TABLE shop.stock (id integer PRIMARY KEY, qty integer, code text, owner_id integer, span int4range);
CREATE TABLE shop.copies (id integer PRIMARY KEY, qty integer);
CREATE TABLE shop.days (day date NOT NULL, qty integer) PARTITION BY RANGE (day);
CREATE TABLE shop.june (day date NOT NULL, qty integer);
CREATE DOMAIN shop.small AS integer;
CREATE TABLE shop.sized (id integer PRIMARY KEY, size shop.small);
"""
ALONE = "-- transactional: false\n"
ADD = "ALTER TABLE shop.stock ADD CONSTRAINT range CHECK (qty BETWEEN 500 AND 600) NOT VALID;"

VALIDATE = "VALIDATE CONSTRAINT range"

# Migrations after TABLES, each of which runs where there is no row.
FAMILY = {
    "a check that is validated later": (ADD, "ALTER TABLE shop.stock VALIDATE CONSTRAINT range;"),
    "a check that is validated in its own file": (f"{ADD} ALTER TABLE shop.stock VALIDATE CONSTRAINT range;",),
    "not null by a check": (
        (
            "ALTER TABLE shop.stock ADD COLUMN place text;"
            " ALTER TABLE shop.stock ADD CONSTRAINT given CHECK (place IS NOT NULL) NOT VALID;"
        ),
        "ALTER TABLE shop.stock VALIDATE CONSTRAINT given;",
        "ALTER TABLE shop.stock ALTER COLUMN place SET NOT NULL; ALTER TABLE shop.stock DROP CONSTRAINT given;",
    ),
    "a foreign key that is validated later": (
        (
            "ALTER TABLE shop.stock ADD COLUMN item_id integer DEFAULT 7;"
            " ALTER TABLE shop.stock ADD CONSTRAINT items FOREIGN KEY (item_id) REFERENCES shop.items (id) NOT VALID;"
        ),
        "ALTER TABLE shop.stock VALIDATE CONSTRAINT items;",
    ),
    "a domain that is validated later": (
        "ALTER DOMAIN shop.small ADD CONSTRAINT range CHECK (VALUE BETWEEN 500 AND 600) NOT VALID;",
        "ALTER DOMAIN shop.small VALIDATE CONSTRAINT range;",
    ),
    "a copy of rows, then a check": (
        "INSERT INTO shop.copies SELECT id, qty FROM shop.stock;",
        "ALTER TABLE shop.copies ADD CONSTRAINT range CHECK (qty BETWEEN 500 AND 600);",
    ),
    "a table made of rows, then a unique index": (
        "CREATE TABLE shop.others AS SELECT qty FROM shop.stock UNION ALL SELECT qty FROM shop.stock;",
        "CREATE UNIQUE INDEX others_qty ON shop.others (qty);",
    ),
    "a unique index over equal rows": (
        "INSERT INTO shop.stock (id, qty, code) SELECT id + 1, qty, code FROM shop.stock;",
        "CREATE UNIQUE INDEX stock_code ON shop.stock (code);",
    ),
    "an exclusion constraint": (
        "INSERT INTO shop.stock (id, span) SELECT n, '[1,5)' FROM shop.stock, generate_series(1, 2) AS n;",
        "ALTER TABLE shop.stock ADD CONSTRAINT apart EXCLUDE USING gist (span WITH &&);",
    ),
    "a partition that is attached": (
        "ALTER TABLE shop.june ADD CONSTRAINT june CHECK (day >= '2026-06-01' AND day < '2026-07-01') NOT VALID;",
        "ALTER TABLE shop.june VALIDATE CONSTRAINT june;",
        "ALTER TABLE shop.days ATTACH PARTITION shop.june FOR VALUES FROM ('2026-06-01') TO ('2026-07-01');",
    ),
    "a partition that is attached at once": (
        "ALTER TABLE shop.days ATTACH PARTITION shop.june FOR VALUES FROM ('2026-06-01') TO ('2026-07-01');",
    ),
    "a type that the row's value does not have": (
        "COMMENT ON TABLE shop.stock IS 'What is there.';",
        "ALTER TABLE shop.stock ALTER COLUMN code TYPE integer USING code::integer;",
        "ALTER TABLE shop.stock ALTER COLUMN code TYPE smallint;",
    ),
    "a block that raises an error of its own": (
        "DO $$ BEGIN IF EXISTS (SELECT FROM shop.stock) THEN RAISE EXCEPTION 'still in stock'; END IF; END $$;",
    ),
    "a block that expects at most one row": (
        "INSERT INTO shop.stock (id, code) SELECT id + 1, code FROM shop.stock;",
        (
            "DO $$ DECLARE found text; BEGIN SELECT code INTO STRICT found FROM shop.stock;"
            " EXCEPTION WHEN no_data_found THEN NULL; END $$;"
        ),
    ),
    "a subquery of one row": ("UPDATE shop.copies SET qty = (SELECT qty FROM shop.stock, generate_series(1, 2));",),
    "a trigger that refuses": (
        (
            "CREATE FUNCTION shop.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'refused'; END $$;"
            " CREATE TRIGGER refuse BEFORE UPDATE ON shop.stock FOR EACH ROW EXECUTE FUNCTION shop.refuse();"
        ),
        "UPDATE shop.stock SET qty = 1 WHERE qty > 1;",
    ),
    "a constraint that is checked at the end": (
        (
            "ALTER TABLE shop.stock ADD CONSTRAINT items FOREIGN KEY (owner_id) REFERENCES shop.items (id)"
            " DEFERRABLE INITIALLY DEFERRED;"
        ),
        "UPDATE shop.stock SET owner_id = 99 WHERE id > 1;",
    ),
    "an index that breaks on the row": (
        f"{ALONE}CREATE UNIQUE INDEX CONCURRENTLY fraction ON shop.stock ((1 / (qty - 32011)));",
        "ALTER TABLE shop.stock ADD COLUMN size integer;",
    ),
    "statements each on its own": (
        (
            f"{ALONE}{ADD}\nALTER TABLE shop.stock VALIDATE CONSTRAINT range;\nVACUUM shop.stock;\n"
            "CREATE INDEX CONCURRENTLY by_qty ON shop.stock (qty);"
        ),
    ),
    "a procedure that commits": (
        "CREATE PROCEDURE shop.fill() LANGUAGE plpgsql AS $$ BEGIN UPDATE shop.stock SET qty = 1; COMMIT; END $$;",
        f"{ALONE}CALL shop.fill();",
        "ALTER TABLE shop.stock ADD CHECK (qty = 2);",
    ),
    "numbers of a sequence": (
        "CREATE TABLE shop.roles (id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text);",
        "INSERT INTO shop.roles (name) VALUES ('admin');",
        (
            "CREATE TABLE shop.people (id integer PRIMARY KEY, role_id integer REFERENCES shop.roles (id));"
            " INSERT INTO shop.people VALUES (1, 1);"
        ),
    ),
    "the isolation of the transaction": ("SET TRANSACTION ISOLATION LEVEL SERIALIZABLE; SELECT 1;",),
    "a table that was renamed": (
        f"{ADD} ALTER TABLE shop.stock RENAME TO goods;",
        "ALTER TABLE shop.goods SET SCHEMA public;",
        "ALTER TABLE public.goods VALIDATE CONSTRAINT range;",
    ),
}


@pytest.mark.parametrize("changes", [pytest.param(each, id=name) for name, each in FAMILY.items()])
def test_no_migration_fails_for_the_dummy_rows_of_one_before(changes: tuple[str, ...], tmp_path: Path) -> None:
    flight = flown(tmp_path, TABLES, *changes)
    assert [each.text() for each in flight.findings if each.code in {"migration-failed", "not-measured"}] == []
    assert flight.unmeasured == ()
    assert {each.place.file for each in flight.measured} == {f"{n:04}_new.sql" for n in range(2, len(changes) + 3)}


def test_rows_of_the_base_refuse_what_they_break(tmp_path: Path) -> None:
    fill = "INSERT INTO shop.stock (id, qty) VALUES (1, 4);"
    flight = flown(tmp_path, TABLES, fill, ADD, "ALTER TABLE shop.stock VALIDATE CONSTRAINT range;", "SELECT 1;")
    assert [(each.code, each.place.file) for each in flight.findings if each.severity == "error"] == [
        ("migration-failed", "0005_new.sql"),
        ("not-measured", "0006_new.sql"),
    ]
    assert flight.unmeasured == (
        ("0005_new", "from line 1 on: it fails there"),
        ("0006_new", "0005_new.sql fails before it"),
    )


def test_what_only_the_row_breaks_is_noted_at_its_statement(tmp_path: Path) -> None:
    """What was measured on rows before that statement is kept."""
    change = f"INSERT INTO shop.copies SELECT id + 1, qty FROM shop.stock; {ADD} ALTER TABLE shop.stock {VALIDATE};"
    insert, _, validate = flown(tmp_path, TABLES, change).measured[-3:]
    assert insert.written == ("shop.copies",)
    assert validate.held == ("shop.stock",)
    assert validate.scanned == ("shop.stock",)
    assert validate.notes[0].startswith("the dummy rows do not fit (check constraint")


def test_later_migrations_are_measured_on_rows_that_fit_them(tmp_path: Path) -> None:
    """The row is chosen again after each migration: now it is one that the CHECK allows."""
    validate = flown(tmp_path, TABLES, ADD, f"ALTER TABLE shop.stock {VALIDATE};").measured[-1]
    assert validate.read == ("shop.stock",)
    assert not [note for note in validate.notes if "dummy" in note]
