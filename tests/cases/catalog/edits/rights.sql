CREATE TABLE {it} (a int);
-->
GRANT SELECT ON {it} TO pg_monitor;

CREATE TABLE {it} (a int);
-->
GRANT SELECT ON {it} TO pg_monitor WITH GRANT OPTION;

CREATE TABLE {it} (a int); GRANT SELECT ON {it} TO pg_monitor;
-->
GRANT SELECT ON {it} TO pg_monitor WITH GRANT OPTION;

CREATE TABLE {it} (a int); GRANT SELECT, INSERT, UPDATE, DELETE ON {it} TO pg_monitor;
-->
GRANT TRUNCATE ON {it} TO pg_monitor;

CREATE TABLE {it} (a int); GRANT SELECT, INSERT, UPDATE, DELETE ON {it} TO pg_monitor;
-->
GRANT REFERENCES ON {it} TO pg_monitor;

CREATE TABLE {it} (a int); GRANT SELECT, INSERT, UPDATE, DELETE ON {it} TO pg_monitor;
-->
GRANT TRIGGER ON {it} TO PUBLIC;

-- since 17
CREATE TABLE {it} (a int); GRANT SELECT, INSERT, UPDATE, DELETE ON {it} TO pg_monitor;
-->
GRANT MAINTAIN ON {it} TO pg_monitor;

-- since 17
CREATE TABLE {it} (a int); GRANT SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER ON {it} TO pg_monitor;
-->
GRANT MAINTAIN ON {it} TO pg_monitor;

-- since 17
CREATE TABLE {it} (a int); GRANT ALL ON {it} TO pg_monitor;
-->
REVOKE MAINTAIN ON {it} FROM pg_monitor;

-- since 17
CREATE TABLE {it} (a int); GRANT ALL ON {it} TO pg_monitor WITH GRANT OPTION;
-->
REVOKE GRANT OPTION FOR MAINTAIN ON {it} FROM pg_monitor;

-- since 17
CREATE TABLE {it} (a int);
-->
REVOKE MAINTAIN ON {it} FROM CURRENT_USER;

-- since 17
CREATE VIEW {it} AS SELECT 1 AS a; GRANT SELECT, INSERT, UPDATE, DELETE ON {it} TO pg_monitor;
-->
GRANT MAINTAIN ON {it} TO pg_monitor;

CREATE TABLE {it} (a int);
-->
REVOKE TRUNCATE ON {it} FROM CURRENT_USER;

CREATE TABLE {it} (a int);
-->
REVOKE ALL ON {it} FROM CURRENT_USER;

CREATE TABLE {it} (a int);
-->
GRANT SELECT (a) ON {it} TO pg_monitor;

CREATE TABLE {it} (a int);
-->
GRANT ALL (a) ON {it} TO pg_monitor;

CREATE TABLE {it} (a int); GRANT SELECT (a) ON {it} TO pg_monitor;
-->
GRANT SELECT (a) ON {it} TO pg_monitor WITH GRANT OPTION;

CREATE VIEW {it} AS SELECT 1 AS a;
-->
GRANT SELECT (a) ON {it} TO pg_monitor;

CREATE MATERIALIZED VIEW {it} AS SELECT 1 AS a;
-->
GRANT SELECT ON {it} TO pg_monitor;

CREATE FOREIGN TABLE {it} (a int) SERVER edit_server;
-->
GRANT SELECT ON {it} TO pg_monitor;

CREATE SEQUENCE {it};
-->
GRANT USAGE ON SEQUENCE {it} TO pg_monitor;

CREATE TABLE {it} (a serial);
-->
GRANT USAGE ON SEQUENCE {it}_a_seq TO pg_monitor;

CREATE SCHEMA {it};
-->
GRANT CREATE ON SCHEMA {it} TO pg_monitor;

CREATE SCHEMA {it};
-->
REVOKE ALL ON SCHEMA {it} FROM CURRENT_USER;

CREATE SCHEMA {it};
-->
COMMENT ON SCHEMA {it} IS 'x';

CREATE ROLE {it};
-->
GRANT CREATE ON SCHEMA public TO {it};

CREATE ROLE {it};
-->
GRANT USAGE ON SCHEMA pg_catalog TO {it};

-- neither: pg_dump leaves information_schema out
CREATE ROLE {it};
-->
GRANT USAGE ON SCHEMA information_schema TO {it} WITH GRANT OPTION;

CREATE FUNCTION {it}() RETURNS int LANGUAGE sql AS 'SELECT 1';
-->
REVOKE EXECUTE ON FUNCTION {it} FROM PUBLIC;

CREATE FUNCTION {it}() RETURNS int LANGUAGE sql AS 'SELECT 1';
-->
GRANT EXECUTE ON FUNCTION {it} TO pg_monitor WITH GRANT OPTION;

CREATE PROCEDURE {it}() LANGUAGE sql AS 'SELECT 1';
-->
REVOKE ALL ON PROCEDURE {it} FROM PUBLIC;

CREATE AGGREGATE {it}(int) (SFUNC = int4pl, STYPE = int);
-->
REVOKE ALL ON FUNCTION {it}(int) FROM PUBLIC;

CREATE TYPE {it} AS ENUM ();
-->
GRANT USAGE ON TYPE {it} TO pg_monitor;

CREATE TYPE {it} AS (a int);
-->
REVOKE USAGE ON TYPE {it} FROM PUBLIC;

CREATE TYPE {it} AS RANGE (subtype = int);
-->
REVOKE USAGE ON TYPE {it} FROM PUBLIC;

CREATE DOMAIN {it} AS int;
-->
REVOKE USAGE ON DOMAIN {it} FROM PUBLIC;

CREATE ROLE {it};
-->
GRANT USAGE ON TYPE int4 TO {it};

CREATE ROLE {it};
-->
GRANT USAGE ON LANGUAGE plpgsql TO {it};

-- neither: pg_dump leaves the languages sql, c and internal out
CREATE ROLE {it};
-->
GRANT USAGE ON LANGUAGE sql TO {it};

CREATE FUNCTION {it}_h() RETURNS language_handler LANGUAGE c AS '$libdir/plpgsql', 'plpgsql_call_handler'; CREATE TRUSTED LANGUAGE {it} HANDLER {it}_h;
-->
GRANT USAGE ON LANGUAGE {it} TO pg_monitor;

CREATE ROLE {it};
-->
GRANT EXECUTE ON FUNCTION pg_sleep(double precision) TO {it};

CREATE ROLE {it};
-->
GRANT EXECUTE ON FUNCTION pg_ls_dir(text) TO {it};

CREATE ROLE {it};
-->
GRANT SELECT ON pg_authid TO {it};

CREATE ROLE {it};
-->
GRANT SELECT (rolname) ON pg_authid TO {it};

-- neither: pg_dump leaves information_schema out
CREATE ROLE {it};
-->
GRANT SELECT ON information_schema.sql_parts TO {it};

CREATE ROLE {it};
-->
GRANT EXECUTE ON FUNCTION plpgsql_call_handler() TO {it};

-- extension vector
CREATE ROLE {it};
-->
GRANT EXECUTE ON FUNCTION vector_in(cstring, oid, int) TO {it};

-- extension vector
CREATE ROLE {it};
-->
GRANT USAGE ON TYPE vector TO {it};

CREATE ROLE {it}; CREATE TABLE {it}_t (a int); ALTER EXTENSION plpgsql ADD TABLE {it}_t;
-->
GRANT SELECT ON {it}_t TO {it};

CREATE ROLE {it}; CREATE TABLE {it}_t (a int); ALTER EXTENSION plpgsql ADD TABLE {it}_t;
-->
GRANT SELECT (a) ON {it}_t TO {it};

CREATE ROLE {it}; CREATE SEQUENCE {it}_t; ALTER EXTENSION plpgsql ADD SEQUENCE {it}_t;
-->
GRANT SELECT ON {it}_t TO {it};

CREATE ROLE {it}; CREATE FUNCTION {it}_f() RETURNS int LANGUAGE sql AS 'SELECT 1'; ALTER EXTENSION plpgsql ADD FUNCTION {it}_f();
-->
REVOKE EXECUTE ON FUNCTION {it}_f() FROM PUBLIC;

CREATE ROLE {it}; CREATE TYPE {it}_f AS ENUM (); ALTER EXTENSION plpgsql ADD TYPE {it}_f;
-->
GRANT USAGE ON TYPE {it}_f TO {it};

CREATE ROLE {it}; CREATE SCHEMA {it}_f; ALTER EXTENSION plpgsql ADD SCHEMA {it}_f;
-->
GRANT USAGE ON SCHEMA {it}_f TO {it};

CREATE ROLE {it}; CREATE FOREIGN DATA WRAPPER {it}_f; ALTER EXTENSION plpgsql ADD FOREIGN DATA WRAPPER {it}_f;
-->
GRANT USAGE ON FOREIGN DATA WRAPPER {it}_f TO {it};

CREATE ROLE {it}; CREATE SERVER {it}_f FOREIGN DATA WRAPPER edit_wrapper; ALTER EXTENSION plpgsql ADD SERVER {it}_f;
-->
GRANT USAGE ON FOREIGN SERVER {it}_f TO {it};

CREATE FOREIGN DATA WRAPPER {it};
-->
GRANT USAGE ON FOREIGN DATA WRAPPER {it} TO pg_monitor;

CREATE SERVER {it} FOREIGN DATA WRAPPER edit_wrapper;
-->
GRANT USAGE ON FOREIGN SERVER {it} TO pg_monitor;

CREATE ROLE {it};
-->
ALTER DEFAULT PRIVILEGES FOR ROLE {it} GRANT SELECT ON TABLES TO pg_monitor;

CREATE ROLE {it};
-->
ALTER DEFAULT PRIVILEGES FOR ROLE pg_monitor GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {it};

-- since 17
CREATE ROLE {it}; ALTER DEFAULT PRIVILEGES FOR ROLE pg_monitor GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {it};
-->
ALTER DEFAULT PRIVILEGES FOR ROLE pg_monitor GRANT MAINTAIN ON TABLES TO {it};

CREATE SCHEMA {it};
-->
ALTER DEFAULT PRIVILEGES IN SCHEMA {it} GRANT SELECT ON TABLES TO pg_monitor;

CREATE SCHEMA {it};
-->
ALTER DEFAULT PRIVILEGES IN SCHEMA {it} GRANT USAGE ON SEQUENCES TO pg_monitor;

CREATE SCHEMA {it};
-->
ALTER DEFAULT PRIVILEGES IN SCHEMA {it} GRANT EXECUTE ON ROUTINES TO pg_monitor;

CREATE SCHEMA {it};
-->
ALTER DEFAULT PRIVILEGES IN SCHEMA {it} GRANT USAGE ON TYPES TO pg_monitor;

CREATE ROLE {it};
-->
ALTER DEFAULT PRIVILEGES FOR ROLE {it} GRANT USAGE ON SCHEMAS TO pg_monitor;

CREATE ROLE {it};
-->
ALTER DEFAULT PRIVILEGES FOR ROLE {it} REVOKE ALL ON FUNCTIONS FROM PUBLIC;

CREATE ROLE {it};
-->
ALTER DEFAULT PRIVILEGES FOR ROLE {it} REVOKE ALL ON TYPES FROM PUBLIC;

CREATE ROLE {it};
-->
ALTER DEFAULT PRIVILEGES FOR ROLE {it} REVOKE ALL ON TABLES FROM {it};

-- since 18
CREATE ROLE {it};
-->
ALTER DEFAULT PRIVILEGES FOR ROLE {it} GRANT SELECT ON LARGE OBJECTS TO pg_monitor;
