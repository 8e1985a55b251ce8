"""The canonical text of a dump: what goes, what is sorted, and what is left as it is."""

from __future__ import annotations

import pytest

from codezest_sql.core.schema.dump import canonical_dump, dump_header
from codezest_sql.errors import LexicalError

HEADER = "-- header\n"


def dumped(*parts: str) -> str:
    """Return the parts as pg_dump writes them, with all that it says on its own."""
    body = "\n\n".join(parts)
    return (
        "--\n-- PostgreSQL database dump\n--\n\n\\restrict 0aB9x\n\n-- Dumped from database version 18.4\n"
        "-- Dumped by pg_dump version 18.4\n\nSET lock_timeout = 0;\nSET transaction_timeout = 0;\n"
        f"SELECT pg_catalog.set_config('search_path', '', false);\n\n{body}\n\n\n"
        "--\n-- PostgreSQL database dump complete\n--\n\n\\unrestrict 0aB9x\n\n"
    )


def entry(name: str, kind: str, *statements: str) -> str:
    """Return one object as pg_dump writes it."""
    return f"--\n-- Name: {name}; Type: {kind}; Schema: public; Owner: -\n--\n\n" + "\n".join(statements) + "\n"


SESSION = "-- header\n\nSET lock_timeout = 0;\nSELECT pg_catalog.set_config('search_path', '', false);\n"


def test_what_pg_dump_says_of_itself_is_left_out() -> None:
    table = entry("t", "TABLE", "CREATE TABLE public.t (", "    x integer", ");")
    assert canonical_dump(dumped(table, "", table), header=HEADER) == f"{SESSION}\n{table}\n{table}"
    assert canonical_dump(dumped(), header=HEADER) == SESSION


def test_the_keys_and_versions_of_two_runs_do_not_show() -> None:
    one = dumped(entry("s", "SCHEMA", "CREATE SCHEMA s;"))
    other = one.replace("0aB9x", "Zz_7").replace("18.4", "19beta1")
    assert canonical_dump(one, header=HEADER) == canonical_dump(other, header=HEADER)


@pytest.mark.parametrize("quote", ["'{}'", "E'{}'", "$${}$$", "$_$ $$ {} $_$", '"{}"'])
def test_nothing_within_quotes_is_touched(quote: str) -> None:
    inner = "\n\\restrict x\nSET transaction_timeout = 0;\n\n\n\n--\n-- Name: x; Type: ACL; Schema: -; Owner: -\n--\n"
    statement = f"COMMENT ON SCHEMA s IS {quote.format(inner)};"
    text = canonical_dump(dumped(entry("s", "COMMENT", statement)), header=HEADER)
    assert text == f"{SESSION}\n{entry('s', 'COMMENT', statement)}"


def test_a_setting_of_a_newer_server_is_left_out_wherever_it_stands() -> None:
    table = entry("t", "TABLE", "CREATE TABLE public.t ();")
    middle = (
        "SET default_tablespace = '';\n\nSET default_of_version_42 = on;\n\nSET default_table_access_method = heap;"
    )
    text = canonical_dump(dumped(table, middle, table), header=HEADER)
    assert "default_of_version_42" not in text
    assert "\n\nSET default_tablespace = '';\n\nSET default_table_access_method = heap;\n\n--\n-- Name: t;" in text


def test_rights_that_are_given_side_by_side_are_sorted() -> None:
    found = entry(
        "TABLE t",
        "ACL",
        "REVOKE ALL ON TABLE t FROM z;",
        "REVOKE ALL ON TABLE t FROM PUBLIC;",
        "GRANT SELECT ON TABLE t TO b WITH GRANT OPTION;",
        "GRANT SELECT ON TABLE t TO a;",
        "SET SESSION AUTHORIZATION b;",
        "GRANT SELECT ON TABLE t TO d;",
        "GRANT SELECT ON TABLE t TO c;",
        "RESET SESSION AUTHORIZATION;",
    )
    text = canonical_dump(dumped(found), header=HEADER)
    assert text.split("--\n\n")[1].splitlines() == [
        "REVOKE ALL ON TABLE t FROM PUBLIC;",
        "REVOKE ALL ON TABLE t FROM z;",
        "GRANT SELECT ON TABLE t TO a;",
        "GRANT SELECT ON TABLE t TO b WITH GRANT OPTION;",
        "SET SESSION AUTHORIZATION b;",
        "GRANT SELECT ON TABLE t TO c;",
        "GRANT SELECT ON TABLE t TO d;",
        "RESET SESSION AUTHORIZATION;",
    ]


def test_default_rights_are_sorted_by_what_they_do() -> None:
    prefix = "ALTER DEFAULT PRIVILEGES FOR ROLE me"
    lines = [f"{prefix} REVOKE ALL ON TABLES FROM me;", f"{prefix} GRANT SELECT ON TABLES TO a;"]
    text = canonical_dump(dumped(entry("x", "DEFAULT ACL", *lines)), header=HEADER)
    assert text.endswith("\n".join(lines) + "\n")


def test_statements_of_other_objects_keep_their_order() -> None:
    lines = ("GRANT b TO me;", "GRANT a TO me;")
    assert canonical_dump(dumped(entry("x", "SOMETHING", *lines)), header=HEADER).endswith("\n".join(lines) + "\n")


def test_options_of_user_mappings_are_left_out() -> None:
    statement = (
        "CREATE USER MAPPING FOR \"OPTIONS\" SERVER far OPTIONS (\n    password 'secret',\n    \"user\" 'u'\n);"
    )
    text = canonical_dump(dumped(entry("x", "USER MAPPING", statement)), header=HEADER)
    assert text.endswith('\n\nCREATE USER MAPPING FOR "OPTIONS" SERVER far;\n')
    assert canonical_dump(text, header="").endswith('\n\nCREATE USER MAPPING FOR "OPTIONS" SERVER far;\n')


def test_views_that_can_be_read_are_filled_at_the_end_in_the_order_of_their_making() -> None:
    names = ("public.z", 'public."A ""b"', "public.empty")
    views = [entry(name, "MATERIALIZED VIEW", f"CREATE MATERIALIZED VIEW {name} AS SELECT 1;") for name in names]
    text = canonical_dump(dumped(*views), header=HEADER, populated={("public", "z"), ("public", 'A "b')})
    assert text.endswith(
        "--\n-- Materialized views that can be read\n--\n\n"
        'SET row_security = on;\nREFRESH MATERIALIZED VIEW public.z;\nREFRESH MATERIALIZED VIEW public."A ""b";\n'
        "SET row_security = off;\n"
    )


def test_an_object_of_which_nothing_is_left_leaves_no_comment() -> None:
    text = canonical_dump(dumped(entry("x", "SETTING", "SET transaction_timeout = 0;")), header=HEADER)
    assert text == SESSION


def test_what_is_no_sql_is_an_error() -> None:
    with pytest.raises(LexicalError):
        canonical_dump("SELECT 'open", header=HEADER)


def test_the_header_names_the_last_migration_and_how_to_go_on() -> None:
    text = dump_header(["0001_a", "0003_c"], ["0002_b"], managed_partitions=["public.events"])
    assert all(line.startswith("--") and line == line.rstrip() for line in text.splitlines())
    assert "-- Last applied migration: 0003_c\n" in text
    assert "--   codezest-sql migrate baseline 0003_c\n" in text
    assert "-- Not applied, though they come before it: 0002_b\n" in text
    assert "-- Partitions are made apart from it, for public.events.\n" in text
    assert "-- No migration is applied.\n" in dump_header([])


def test_an_id_that_holds_a_line_end_stays_within_the_comment() -> None:
    """Anybody can write into the ledger's tables."""
    text = dump_header(["x\nDROP TABLE users; --"])
    assert "DROP" not in "".join(line for line in text.splitlines() if not line.startswith("--"))
