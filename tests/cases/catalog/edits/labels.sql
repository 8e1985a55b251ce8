CREATE TABLE {it} (a int);
-->
INSERT INTO pg_seclabel VALUES ('{it}'::regclass, 'pg_class'::regclass, 0, 'edits', 'secret');

CREATE TABLE {it} (a int);
-->
INSERT INTO pg_seclabel VALUES ('{it}'::regclass, 'pg_class'::regclass, 1, 'edits', 'secret');

CREATE VIEW {it} AS SELECT 1 AS a;
-->
INSERT INTO pg_seclabel VALUES ('{it}'::regclass, 'pg_class'::regclass, 0, 'edits', 'secret');

CREATE MATERIALIZED VIEW {it} AS SELECT 1 AS a;
-->
INSERT INTO pg_seclabel VALUES ('{it}'::regclass, 'pg_class'::regclass, 0, 'edits', 'secret');

CREATE SEQUENCE {it};
-->
INSERT INTO pg_seclabel VALUES ('{it}'::regclass, 'pg_class'::regclass, 0, 'edits', 'secret');

CREATE FUNCTION {it}() RETURNS int LANGUAGE sql AS 'SELECT 1';
-->
INSERT INTO pg_seclabel VALUES ('{it}'::regproc, 'pg_proc'::regclass, 0, 'edits', 'secret');

CREATE PROCEDURE {it}() LANGUAGE sql AS 'SELECT 1';
-->
INSERT INTO pg_seclabel VALUES ('{it}'::regproc, 'pg_proc'::regclass, 0, 'edits', 'secret');

CREATE AGGREGATE {it}(int) (SFUNC = int4pl, STYPE = int);
-->
INSERT INTO pg_seclabel VALUES ('{it}'::regproc, 'pg_proc'::regclass, 0, 'edits', 'secret');

CREATE SCHEMA {it};
-->
INSERT INTO pg_seclabel VALUES ('{it}'::regnamespace, 'pg_namespace'::regclass, 0, 'edits', 'secret');

CREATE TYPE {it} AS ENUM ();
-->
INSERT INTO pg_seclabel VALUES ('{it}'::regtype, 'pg_type'::regclass, 0, 'edits', 'secret');

CREATE DOMAIN {it} AS int;
-->
INSERT INTO pg_seclabel VALUES ('{it}'::regtype, 'pg_type'::regclass, 0, 'edits', 'secret');

CREATE TYPE {it} AS (a int);
-->
INSERT INTO pg_seclabel VALUES ('{it}'::regtype, 'pg_type'::regclass, 0, 'edits', 'secret');

CREATE PUBLICATION {it};
-->
INSERT INTO pg_seclabel SELECT oid, 'pg_publication'::regclass, 0, 'edits', 'secret' FROM pg_publication WHERE pubname = '{it}';

CREATE FUNCTION {it}_f() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'; CREATE EVENT TRIGGER {it} ON sql_drop EXECUTE FUNCTION {it}_f();
-->
INSERT INTO pg_seclabel SELECT oid, 'pg_event_trigger'::regclass, 0, 'edits', 'secret' FROM pg_event_trigger WHERE evtname = '{it}';

CREATE FUNCTION {it}_h() RETURNS language_handler LANGUAGE c AS '$libdir/plpgsql', 'plpgsql_call_handler'; CREATE LANGUAGE {it} HANDLER {it}_h;
-->
INSERT INTO pg_seclabel SELECT oid, 'pg_language'::regclass, 0, 'edits', 'secret' FROM pg_language WHERE lanname = '{it}';

CREATE SUBSCRIPTION {it} CONNECTION 'host=nowhere dbname=a' PUBLICATION p WITH (connect = false);
-->
INSERT INTO pg_shseclabel SELECT oid, 'pg_subscription'::regclass, 'edits', 'secret' FROM pg_subscription WHERE subname = '{it}';
