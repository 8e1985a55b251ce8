CREATE TYPE {it} AS ENUM ('a'); CREATE FUNCTION {it}_eq({it}, {it}) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT true'; CREATE OPERATOR === (FUNCTION = {it}_eq, LEFTARG = {it}, RIGHTARG = {it});
-->
ALTER OPERATOR === ({it}, {it}) SET (RESTRICT = eqsel);

CREATE TYPE {it} AS ENUM ('a'); CREATE FUNCTION {it}_eq({it}, {it}) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT true'; CREATE OPERATOR === (FUNCTION = {it}_eq, LEFTARG = {it}, RIGHTARG = {it});
-->
ALTER OPERATOR === ({it}, {it}) SET (JOIN = eqjoinsel);

-- since 17
CREATE TYPE {it} AS ENUM ('a'); CREATE FUNCTION {it}_eq({it}, {it}) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT true'; CREATE OPERATOR === (FUNCTION = {it}_eq, LEFTARG = {it}, RIGHTARG = {it});
-->
ALTER OPERATOR === ({it}, {it}) SET (HASHES, MERGES, COMMUTATOR = ===);

CREATE TYPE {it} AS ENUM ('a'); CREATE FUNCTION {it}_eq({it}, {it}) RETURNS bool LANGUAGE sql IMMUTABLE AS 'SELECT true'; CREATE OPERATOR === (FUNCTION = {it}_eq, LEFTARG = {it}, RIGHTARG = {it});
-->
COMMENT ON OPERATOR === ({it}, {it}) IS 'x';

CREATE OPERATOR FAMILY {it} USING btree;
-->
COMMENT ON OPERATOR FAMILY {it} USING btree IS 'x';

CREATE OPERATOR FAMILY {it} USING btree;
-->
ALTER OPERATOR FAMILY {it} USING btree ADD FUNCTION 1 (int, bigint) btint48cmp(int, bigint);

CREATE OPERATOR FAMILY {it} USING btree;
-->
ALTER OPERATOR FAMILY {it} USING btree ADD OPERATOR 1 < (int, bigint);

CREATE OPERATOR FAMILY {it} USING gist;
-->
ALTER OPERATOR FAMILY {it} USING gist ADD OPERATOR 15 <-> (point, point) FOR ORDER BY float_ops;

CREATE OPERATOR FAMILY {it} USING gist; ALTER OPERATOR FAMILY {it} USING gist ADD OPERATOR 15 <-> (point, point) FOR ORDER BY float_ops;
-->
ALTER OPERATOR FAMILY {it} USING gist DROP OPERATOR 15 (point, point); CREATE OPERATOR FAMILY {it}_f USING btree; CREATE OPERATOR CLASS {it}_c FOR TYPE float8 USING btree FAMILY {it}_f AS STORAGE float8; ALTER OPERATOR FAMILY {it} USING gist ADD OPERATOR 15 <-> (point, point) FOR ORDER BY {it}_f;

CREATE TYPE {it} AS ENUM ('a');
-->
CREATE OPERATOR CLASS {it}_c FOR TYPE {it} USING btree AS STORAGE {it};

CREATE TYPE {it} AS ENUM ('a'); CREATE OPERATOR CLASS {it}_c FOR TYPE {it} USING btree AS STORAGE {it};
-->
COMMENT ON OPERATOR CLASS {it}_c USING btree IS 'x';

CREATE TYPE {it} AS ENUM ('a'); CREATE FUNCTION {it}_cmp({it}, {it}) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT 0'; CREATE OPERATOR FAMILY {it}_f USING btree; CREATE OPERATOR CLASS {it}_c FOR TYPE {it} USING btree FAMILY {it}_f AS STORAGE {it};
-->
ALTER OPERATOR FAMILY {it}_f USING btree ADD FUNCTION 1 ({it}, {it}) {it}_cmp({it}, {it});

CREATE TYPE {it} AS ENUM ('a'); CREATE OPERATOR CLASS {it}_c FOR TYPE {it} USING btree AS STORAGE {it};
-->
DROP OPERATOR CLASS {it}_c USING btree; CREATE OPERATOR CLASS {it}_c DEFAULT FOR TYPE {it} USING btree FAMILY {it}_c AS STORAGE {it};

CREATE TYPE {it} AS ENUM ('a'); CREATE OPERATOR CLASS {it}_c FOR TYPE {it} USING gin AS STORAGE int;
-->
DROP OPERATOR CLASS {it}_c USING gin; CREATE OPERATOR CLASS {it}_c FOR TYPE {it} USING gin FAMILY {it}_c AS STORAGE bigint;

CREATE TYPE {it} AS (a int);
-->
CREATE CAST ({it} AS text) WITH INOUT;

CREATE TYPE {it} AS (a int); CREATE CAST ({it} AS text) WITH INOUT;
-->
DROP CAST ({it} AS text); CREATE CAST ({it} AS text) WITH INOUT AS IMPLICIT;

CREATE TYPE {it} AS (a int); CREATE CAST ({it} AS text) WITH INOUT;
-->
COMMENT ON CAST ({it} AS text) IS 'x';

CREATE TYPE {it} AS (a int); CREATE FUNCTION {it}_f({it}) RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT ''x'''; CREATE CAST ({it} AS text) WITH INOUT;
-->
DROP CAST ({it} AS text); CREATE CAST ({it} AS text) WITH FUNCTION {it}_f({it});

CREATE CONVERSION {it} FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8;
-->
COMMENT ON CONVERSION {it} IS 'x';

CREATE CONVERSION {it} FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8;
-->
DROP CONVERSION {it}; CREATE CONVERSION {it} FOR 'LATIN2' TO 'UTF8' FROM iso8859_to_utf8;

CREATE CONVERSION {it} FOR 'LATIN3' TO 'UTF8' FROM iso8859_to_utf8; CREATE SCHEMA {it}_s;
-->
ALTER CONVERSION {it} SET SCHEMA {it}_s;

CREATE TEXT SEARCH DICTIONARY {it} (TEMPLATE = simple);
-->
ALTER TEXT SEARCH DICTIONARY {it} (accept = false);

CREATE TEXT SEARCH DICTIONARY {it} (TEMPLATE = simple);
-->
COMMENT ON TEXT SEARCH DICTIONARY {it} IS 'x';

CREATE TEXT SEARCH CONFIGURATION {it} (COPY = simple);
-->
ALTER TEXT SEARCH CONFIGURATION {it} ALTER MAPPING FOR word WITH english_stem;

CREATE TEXT SEARCH CONFIGURATION {it} (COPY = simple);
-->
ALTER TEXT SEARCH CONFIGURATION {it} DROP MAPPING FOR word;

CREATE TEXT SEARCH CONFIGURATION {it} (COPY = simple);
-->
COMMENT ON TEXT SEARCH CONFIGURATION {it} IS 'x';

CREATE TEXT SEARCH CONFIGURATION {it} (COPY = simple);
-->
ALTER TEXT SEARCH CONFIGURATION {it} RENAME TO {it}_b;

CREATE TEXT SEARCH PARSER {it} (START = prsd_start, GETTOKEN = prsd_nexttoken, END = prsd_end, LEXTYPES = prsd_lextype);
-->
DROP TEXT SEARCH PARSER {it}; CREATE TEXT SEARCH PARSER {it} (START = prsd_start, GETTOKEN = prsd_nexttoken, END = prsd_end, LEXTYPES = prsd_lextype, HEADLINE = prsd_headline);

CREATE TEXT SEARCH PARSER {it} (START = prsd_start, GETTOKEN = prsd_nexttoken, END = prsd_end, LEXTYPES = prsd_lextype);
-->
COMMENT ON TEXT SEARCH PARSER {it} IS 'x';

CREATE TEXT SEARCH TEMPLATE {it} (LEXIZE = dsimple_lexize);
-->
DROP TEXT SEARCH TEMPLATE {it}; CREATE TEXT SEARCH TEMPLATE {it} (INIT = dsimple_init, LEXIZE = dsimple_lexize);

CREATE TEXT SEARCH TEMPLATE {it} (LEXIZE = dsimple_lexize);
-->
COMMENT ON TEXT SEARCH TEMPLATE {it} IS 'x';

CREATE ACCESS METHOD {it} TYPE INDEX HANDLER bthandler;
-->
DROP ACCESS METHOD {it}; CREATE ACCESS METHOD {it} TYPE INDEX HANDLER hashhandler;

CREATE ACCESS METHOD {it} TYPE INDEX HANDLER bthandler;
-->
COMMENT ON ACCESS METHOD {it} IS 'x';

CREATE FUNCTION {it}_h() RETURNS language_handler LANGUAGE c AS '$libdir/plpgsql', 'plpgsql_call_handler'; CREATE LANGUAGE {it} HANDLER {it}_h;
-->
COMMENT ON LANGUAGE {it} IS 'x';

CREATE FUNCTION {it}_h() RETURNS language_handler LANGUAGE c AS '$libdir/plpgsql', 'plpgsql_call_handler'; CREATE LANGUAGE {it} HANDLER {it}_h;
-->
CREATE OR REPLACE TRUSTED LANGUAGE {it} HANDLER {it}_h;

CREATE FUNCTION {it}_h() RETURNS language_handler LANGUAGE c AS '$libdir/plpgsql', 'plpgsql_call_handler'; CREATE LANGUAGE {it} HANDLER {it}_h; CREATE FUNCTION {it}_i(internal) RETURNS void LANGUAGE c AS '$libdir/plpgsql', 'plpgsql_inline_handler';
-->
CREATE OR REPLACE LANGUAGE {it} HANDLER {it}_h INLINE {it}_i;

CREATE TYPE {it} AS (a int); CREATE FUNCTION {it}_f(internal) RETURNS internal LANGUAGE internal IMMUTABLE AS 'ordered_set_transition';
-->
CREATE TRANSFORM FOR {it} LANGUAGE plpgsql (FROM SQL WITH FUNCTION {it}_f(internal));

CREATE TYPE {it} AS (a int); CREATE FUNCTION {it}_f(internal) RETURNS internal LANGUAGE internal IMMUTABLE AS 'ordered_set_transition'; CREATE TRANSFORM FOR {it} LANGUAGE plpgsql (FROM SQL WITH FUNCTION {it}_f(internal));
-->
COMMENT ON TRANSFORM FOR {it} LANGUAGE plpgsql IS 'x';
