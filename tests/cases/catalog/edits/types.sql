CREATE TYPE {it} AS ENUM ('a', 'c');
-->
ALTER TYPE {it} ADD VALUE 'b' BEFORE 'c';

CREATE TYPE {it} AS ENUM ('a', 'c');
-->
ALTER TYPE {it} RENAME VALUE 'a' TO 'b';

CREATE TYPE {it} AS ENUM ('a', 'c');
-->
COMMENT ON TYPE {it} IS 'x';

CREATE TYPE {it} AS (a int, b text);
-->
ALTER TYPE {it} DROP ATTRIBUTE a;

CREATE TYPE {it} AS (a int, b text);
-->
ALTER TYPE {it} ALTER ATTRIBUTE b TYPE text COLLATE "C";

CREATE TYPE {it} AS (a int, b text);
-->
ALTER TYPE {it} RENAME ATTRIBUTE a TO c;

CREATE TYPE {it} AS RANGE (subtype = int);
-->
DROP TYPE {it}; CREATE TYPE {it} AS RANGE (subtype = bigint);

CREATE TYPE {it} AS RANGE (subtype = int);
-->
DROP TYPE {it}; CREATE TYPE {it} AS RANGE (subtype = int, multirange_type_name = {it}_m);

CREATE TYPE {it} AS RANGE (subtype = float8);
-->
DROP TYPE {it}; CREATE TYPE {it} AS RANGE (subtype = float8, subtype_diff = float8mi);

CREATE TYPE {it} AS RANGE (subtype = text);
-->
DROP TYPE {it}; CREATE TYPE {it} AS RANGE (subtype = text, collation = "C", subtype_opclass = text_pattern_ops);

CREATE TYPE {it} AS RANGE (subtype = int, multirange_type_name = {it}_m);
-->
ALTER TYPE {it}_m RENAME TO {it}_n;

CREATE DOMAIN {it} AS text;
-->
ALTER DOMAIN {it} SET DEFAULT 'x';

CREATE DOMAIN {it} AS text;
-->
COMMENT ON DOMAIN {it} IS 'x';

CREATE DOMAIN {it} AS text;
-->
DROP DOMAIN {it}; CREATE DOMAIN {it} AS text COLLATE "C";

CREATE DOMAIN {it} AS varchar(5);
-->
DROP DOMAIN {it}; CREATE DOMAIN {it} AS varchar(6);

CREATE TYPE {it};
-->
DROP TYPE {it};

CREATE TYPE {it}; CREATE FUNCTION {it}_in(cstring) RETURNS {it} LANGUAGE internal IMMUTABLE STRICT AS 'int4in'; CREATE FUNCTION {it}_out({it}) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'int4out'; CREATE TYPE {it} (INPUT = {it}_in, OUTPUT = {it}_out, INTERNALLENGTH = 4);
-->
DROP TYPE {it} CASCADE; CREATE TYPE {it}; CREATE FUNCTION {it}_in(cstring) RETURNS {it} LANGUAGE internal IMMUTABLE STRICT AS 'int4in'; CREATE FUNCTION {it}_out({it}) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'int4out'; CREATE TYPE {it} (INPUT = {it}_in, OUTPUT = {it}_out, INTERNALLENGTH = 4, PASSEDBYVALUE);

CREATE TYPE {it}; CREATE FUNCTION {it}_in(cstring) RETURNS {it} LANGUAGE internal IMMUTABLE STRICT AS 'int4in'; CREATE FUNCTION {it}_out({it}) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'int4out'; CREATE TYPE {it} (INPUT = {it}_in, OUTPUT = {it}_out, LIKE = int4);
-->
DROP TYPE {it} CASCADE; CREATE TYPE {it}; CREATE FUNCTION {it}_in(cstring) RETURNS {it} LANGUAGE internal IMMUTABLE STRICT AS 'int4in'; CREATE FUNCTION {it}_out({it}) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'int4out'; CREATE TYPE {it} (INPUT = {it}_in, OUTPUT = {it}_out, LIKE = int4, PREFERRED = true, CATEGORY = 'U');

CREATE TYPE {it}; CREATE FUNCTION {it}_in(cstring) RETURNS {it} LANGUAGE internal IMMUTABLE STRICT AS 'int4in'; CREATE FUNCTION {it}_out({it}) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'int4out'; CREATE TYPE {it} (INPUT = {it}_in, OUTPUT = {it}_out, LIKE = int4);
-->
DROP TYPE {it} CASCADE; CREATE TYPE {it}; CREATE FUNCTION {it}_in(cstring) RETURNS {it} LANGUAGE internal IMMUTABLE STRICT AS 'int4in'; CREATE FUNCTION {it}_out({it}) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'int4out'; CREATE TYPE {it} (INPUT = {it}_in, OUTPUT = {it}_out, LIKE = int4, DELIMITER = ';');

CREATE TYPE {it}; CREATE FUNCTION {it}_in(cstring) RETURNS {it} LANGUAGE internal IMMUTABLE STRICT AS 'textin'; CREATE FUNCTION {it}_out({it}) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'textout'; CREATE TYPE {it} (INPUT = {it}_in, OUTPUT = {it}_out);
-->
DROP TYPE {it} CASCADE; CREATE TYPE {it}; CREATE FUNCTION {it}_in(cstring) RETURNS {it} LANGUAGE internal IMMUTABLE STRICT AS 'textin'; CREATE FUNCTION {it}_out({it}) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'textout'; CREATE TYPE {it} (INPUT = {it}_in, OUTPUT = {it}_out, COLLATABLE = true);

CREATE TYPE {it}; CREATE FUNCTION {it}_in(cstring) RETURNS {it} LANGUAGE internal IMMUTABLE STRICT AS 'int4in'; CREATE FUNCTION {it}_out({it}) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'int4out'; CREATE TYPE {it} (INPUT = {it}_in, OUTPUT = {it}_out, LIKE = int4);
-->
DROP TYPE {it} CASCADE; CREATE TYPE {it}; CREATE FUNCTION {it}_in(cstring) RETURNS {it} LANGUAGE internal IMMUTABLE STRICT AS 'int4in'; CREATE FUNCTION {it}_out({it}) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'int4out'; CREATE TYPE {it} (INPUT = {it}_in, OUTPUT = {it}_out, LIKE = int4, ELEMENT = int4, SUBSCRIPT = raw_array_subscript_handler);

CREATE TYPE {it}; CREATE FUNCTION {it}_in(cstring) RETURNS {it} LANGUAGE internal IMMUTABLE STRICT AS 'int4in'; CREATE FUNCTION {it}_out({it}) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'int4out'; CREATE TYPE {it} (INPUT = {it}_in, OUTPUT = {it}_out, LIKE = int4);
-->
ALTER TYPE {it} SET (TYPMOD_IN = numerictypmodin, TYPMOD_OUT = numerictypmodout);

CREATE TYPE {it}; CREATE FUNCTION {it}_in(cstring) RETURNS {it} LANGUAGE internal IMMUTABLE STRICT AS 'textin'; CREATE FUNCTION {it}_out({it}) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'textout'; CREATE TYPE {it} (INPUT = {it}_in, OUTPUT = {it}_out, STORAGE = plain, DEFAULT = 'q');
-->
ALTER TYPE {it} SET (STORAGE = extended);

CREATE COLLATION {it} (provider = libc, locale = 'C');
-->
DROP COLLATION {it}; CREATE COLLATION {it} (provider = libc, locale = 'POSIX');

CREATE COLLATION {it} (provider = libc, locale = 'C');
-->
COMMENT ON COLLATION {it} IS 'x';

CREATE SEQUENCE {it};
-->
ALTER SEQUENCE {it} AS int;

CREATE SEQUENCE {it};
-->
ALTER SEQUENCE {it} CACHE 4;

CREATE SEQUENCE {it};
-->
ALTER SEQUENCE {it} RESTART 4 START 4 INCREMENT 2 MINVALUE 2 MAXVALUE 99 CYCLE;

CREATE SEQUENCE {it};
-->
ALTER SEQUENCE {it} SET UNLOGGED;

CREATE SEQUENCE {it}; CREATE TABLE {it}_t (a int);
-->
ALTER SEQUENCE {it} OWNED BY {it}_t.a;

CREATE SEQUENCE {it};
-->
COMMENT ON SEQUENCE {it} IS 'x';

CREATE TABLE {it} (a int GENERATED ALWAYS AS IDENTITY);
-->
COMMENT ON SEQUENCE {it}_a_seq IS 'x';

-- neither: where a sequence stands is data
CREATE SEQUENCE {it};
-->
SELECT nextval('{it}');
