"""Migrations of a stranger's branch: each statement tries to run a program, to write a file or to become a superuser.

``{marker}`` is the path of a file that must not are created.
"""

from __future__ import annotations

# Each is tried on its own, in a transaction that is undone where it fails.
STATEMENTS = (
    "COPY (SELECT 'x') TO PROGRAM 'touch {marker}'",
    "COPY (SELECT 'x') TO '{marker}'",
    "CREATE TABLE out_of_here (line text); COPY out_of_here FROM PROGRAM 'touch {marker}; echo x'",
    "SELECT pg_catalog.lo_export(pg_catalog.lo_from_bytea(0, 'x'), '{marker}')",
    "SELECT pg_catalog.pg_read_file('/etc/passwd')",
    "SELECT pg_catalog.pg_read_binary_file('PG_VERSION')",
    "SELECT pg_catalog.pg_ls_dir('/')",
    "SELECT pg_catalog.pg_stat_file('/etc/passwd')",
    "SELECT pg_catalog.lo_import('/etc/passwd')",
    "CREATE TABLE of_passwd (line text); COPY of_passwd FROM '/etc/passwd'",
    "LOAD '{marker}'",
    "SET dynamic_library_path = '/tmp'",
    "SET session_preload_libraries = '{marker}'",
    "ALTER DATABASE postgres SET session_preload_libraries = '{marker}'",
    "ALTER ROLE CURRENT_USER SET session_preload_libraries = '{marker}'",
    "ALTER ROLE ALL SET search_path = evil",
    "ALTER SYSTEM SET archive_command = 'touch {marker}'",
    "SET allow_system_table_mods = on",
    "SET jit_provider = '{marker}'",
    "ALTER ROLE CURRENT_USER SUPERUSER",
    "ALTER ROLE postgres SUPERUSER",
    "ALTER ROLE postgres REPLICATION",
    "CREATE ROLE evil SUPERUSER LOGIN",
    "CREATE ROLE evil IN ROLE codezest_superuser",
    "CREATE ROLE evil IN ROLE pg_execute_server_program",
    "GRANT codezest_superuser TO CURRENT_USER",
    "GRANT pg_execute_server_program TO CURRENT_USER",
    "GRANT pg_write_server_files TO CURRENT_USER",
    "GRANT pg_read_server_files TO CURRENT_USER",
    "CREATE ROLE helper; GRANT pg_execute_server_program TO helper",
    "SET ROLE codezest_superuser",
    "SET ROLE pg_execute_server_program",
    "SET SESSION AUTHORIZATION codezest_superuser",
    "ALTER ROLE codezest_superuser SET search_path = public",
    "ALTER ROLE codezest_superuser RENAME TO other",
    "ALTER ROLE codezest_superuser PASSWORD 'x'",
    "REASSIGN OWNED BY codezest_superuser TO CURRENT_USER",
    "DROP OWNED BY codezest_superuser",
    "DROP ROLE codezest_superuser",
    "UPDATE pg_catalog.pg_authid SET rolsuper = true",
    "INSERT INTO pg_catalog.pg_auth_members (roleid, member, grantor) VALUES (10, 'postgres'::regrole, 10)",
    "UPDATE pg_catalog.pg_proc SET prosrc = 'x' WHERE proname = 'format'",
    "CREATE FUNCTION pg_catalog.evil() RETURNS int LANGUAGE sql RETURN 1",
    "CREATE OR REPLACE FUNCTION pg_catalog.now() RETURNS timestamptz LANGUAGE sql RETURN NULL::timestamptz",
    "ALTER FUNCTION pg_catalog.pg_read_file(text) OWNER TO CURRENT_USER",
    "GRANT EXECUTE ON FUNCTION pg_catalog.pg_read_file(text) TO CURRENT_USER",
    "CREATE FUNCTION sys(text) RETURNS int LANGUAGE c AS '{marker}', 'system'",
    "CREATE FUNCTION sys(text) RETURNS int LANGUAGE internal AS 'pg_read_file'",
    "CREATE FUNCTION py() RETURNS void LANGUAGE plpython3u AS 'pass'",
    "CREATE EXTENSION plperlu",
    "CREATE EXTENSION dblink",
    "CREATE EXTENSION postgres_fdw",
    "CREATE EXTENSION file_fdw",
    "CREATE EXTENSION adminpack",
    "CREATE EXTENSION pg_surgery",
    "CREATE FOREIGN DATA WRAPPER evil",
    "CREATE EVENT TRIGGER evil ON ddl_command_end EXECUTE FUNCTION attempt_event()",
    "CREATE TABLESPACE evil LOCATION '/tmp'",
    "CREATE SUBSCRIPTION evil CONNECTION 'host=/tmp user=codezest_superuser' PUBLICATION p WITH (connect = false)",
    "SELECT pg_catalog.pg_create_physical_replication_slot('evil')",
    "SELECT pg_catalog.pg_create_logical_replication_slot('evil', '{marker}')",
    "CREATE PUBLICATION evil FOR ALL TABLES",
    "SELECT pg_catalog.pg_reload_conf()",
    "SELECT pg_catalog.pg_rotate_logfile()",
    "SELECT pg_catalog.pg_switch_wal()",
    "CREATE OPERATOR CLASS evil DEFAULT FOR TYPE int4 USING btree AS OPERATOR 1 <",
    "CREATE CAST (text AS int4) WITHOUT FUNCTION",
    "CREATE ACCESS METHOD evil TYPE TABLE HANDLER heap_tableam_handler",
    "CREATE TYPE evil (INPUT = int4in, OUTPUT = int4out, LIKE = int4)",
    "ALTER DATABASE template1 OWNER TO CURRENT_USER",
    "SECURITY LABEL ON ROLE postgres IS 'x'",
    "CREATE SCHEMA pg_evil",
)

# Functions and objects whose code runs when another session inserts, plans, analyses, refreshes or dumps.
OBJECTS = """
CREATE FUNCTION public.try_it() RETURNS int LANGUAGE plpgsql VOLATILE AS $body$
BEGIN
    BEGIN
        EXECUTE $$COPY (SELECT current_user) TO PROGRAM 'cat >> {marker}'$$;
    EXCEPTION WHEN OTHERS THEN NULL;
    END;
    BEGIN
        EXECUTE 'ALTER ROLE postgres SUPERUSER';
    EXCEPTION WHEN OTHERS THEN NULL;
    END;
    RETURN 1;
END $body$;
CREATE FUNCTION public.attempt(x int DEFAULT 1) RETURNS int LANGUAGE plpgsql IMMUTABLE AS
'BEGIN PERFORM public.try_it(); RETURN x; END';
CREATE FUNCTION public.attempt_trigger() RETURNS trigger LANGUAGE plpgsql AS
'BEGIN PERFORM public.try_it(); RETURN coalesce(NEW, OLD); END';
CREATE FUNCTION public.attempt_text(x text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS
'BEGIN PERFORM public.try_it(); RETURN x; END';
CREATE DOMAIN public.wary AS int CHECK (public.attempt(VALUE) IS NOT NULL);
CREATE TABLE public.bait (
    id int PRIMARY KEY DEFAULT public.attempt(),
    doubled int GENERATED ALWAYS AS (public.attempt(id)) STORED,
    checked int CHECK (public.attempt(checked) > 0),
    wary public.wary NOT NULL DEFAULT 1,
    words text
);
CREATE INDEX bait_expression ON public.bait ((public.attempt(id) + public.attempt(3)));
CREATE INDEX bait_partial ON public.bait (words) WHERE public.attempt(id) > public.attempt(2);
CREATE STATISTICS public.bait_statistics ON (public.attempt(id)), (public.attempt_text(words)) FROM public.bait;
CREATE TRIGGER bait_before BEFORE INSERT OR UPDATE OR DELETE ON public.bait
FOR EACH ROW EXECUTE FUNCTION public.attempt_trigger();
CREATE TRIGGER bait_always AFTER INSERT OR UPDATE OR DELETE ON public.bait
FOR EACH STATEMENT EXECUTE FUNCTION public.attempt_trigger();
ALTER TABLE public.bait ENABLE ALWAYS TRIGGER bait_before;
ALTER TABLE public.bait ENABLE ALWAYS TRIGGER bait_always;
ALTER TABLE public.bait ENABLE ROW LEVEL SECURITY;
ALTER TABLE public.bait FORCE ROW LEVEL SECURITY;
CREATE POLICY bait_policy ON public.bait USING (public.attempt() = 1) WITH CHECK (public.attempt() = 1);
CREATE VIEW public.looking AS SELECT b.id, public.attempt(4) AS tried FROM public.bait AS b;
CREATE RULE bait_rule AS ON DELETE TO public.bait DO ALSO SELECT public.attempt();
CREATE MATERIALIZED VIEW public.kept AS SELECT b.id, public.attempt(b.id) AS tried FROM public.bait AS b;
CREATE TABLE public.parted (id int NOT NULL, at date NOT NULL) PARTITION BY RANGE (at);
CREATE TABLE public.parted_1 PARTITION OF public.parted FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
"""

# Names of the server's, where an unqualified name might find them.
HIJACK = """
CREATE FUNCTION public.format(text, VARIADIC int[]) RETURNS text LANGUAGE plpgsql IMMUTABLE AS
'BEGIN PERFORM public.try_it(); RETURN $1; END';
CREATE FUNCTION public.count(int) RETURNS bigint LANGUAGE plpgsql AS 'BEGIN PERFORM public.try_it(); RETURN 1; END';
CREATE FUNCTION public.concat_them(name, name) RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS
'BEGIN PERFORM public.try_it(); RETURN true; END';
CREATE OPERATOR public.= (LEFTARG = name, RIGHTARG = name, FUNCTION = public.concat_them);
CREATE OPERATOR public.~ (LEFTARG = name, RIGHTARG = name, FUNCTION = public.concat_them);
CREATE VIEW public.pg_roles AS SELECT 'x'::name AS rolname, public.attempt() AS oid;
ALTER DATABASE postgres SET search_path = public, pg_catalog;
"""

# What the tracer of a review makes.
TRACE = """
CREATE SCHEMA codezest_trace;
CREATE FUNCTION codezest_trace.report() RETURNS event_trigger LANGUAGE plpgsql AS
'BEGIN PERFORM public.try_it(); END';
CREATE FUNCTION codezest_trace.other() RETURNS int LANGUAGE sql RETURN public.attempt();
"""

DROP_OBJECTS = """
DROP TABLE public.parted;
DROP VIEW public.looking;
DROP MATERIALIZED VIEW public.kept;
DROP RULE bait_rule ON public.bait;
DROP TABLE public.bait;
DROP DOMAIN public.wary;
DROP FUNCTION public.attempt_trigger, public.attempt_text, public.attempt, public.try_it;
"""

# What a migration of the review does to them: it rewrites, scans, refreshes and analyses.
CHANGES = """
ALTER TABLE public.bait ADD COLUMN other int NOT NULL DEFAULT public.try_it();
CREATE INDEX bait_other ON public.bait ((public.attempt(other)));
REFRESH MATERIALIZED VIEW public.kept;
ANALYZE public.bait;
UPDATE public.bait SET words = 'x' WHERE id > public.attempt(0);
"""
QUERIES = """-- name: bait_of :many
SELECT b.id, public.attempt(5) AS tried FROM public.bait AS b WHERE b.id = public.attempt(:id);

-- name: looked :many
SELECT l.id FROM public.looking AS l WHERE l.id > public.attempt(6);

-- name: forget_bait :exec
DELETE FROM public.bait WHERE id = public.attempt(7);
"""


def tried_one_by_one(marker: str) -> str:
    """Return a migration that tries each statement and continues where it fails."""
    tries = "".join(
        f"DO $do$ BEGIN EXECUTE $try${each.replace('{marker}', marker)}$try$;\nRAISE WARNING 'it ran';\n"
        f"EXCEPTION WHEN OTHERS THEN NULL; END $do$;\n"
        for each in STATEMENTS
    )
    return f"{tries}RESET ROLE;\nRESET ALL;\nRESET SESSION AUTHORIZATION;\n"
