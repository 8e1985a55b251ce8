-- Two schemas that need each other's types, names that clash with ours and with each other's, keywords everywhere.
CREATE SCHEMA "class";
CREATE SCHEMA other;
CREATE TYPE "class".status AS ENUM ('on', 'off');
CREATE TYPE other.status AS ENUM ('new', 'None', 'mro', 'a b', 'a-b', 'a_b');
CREATE TYPE other.empty AS ENUM ();
CREATE TYPE other.pair AS (a "class".status, b other.status[]);
CREATE TABLE "class".models (
    id int PRIMARY KEY, status "class".status NOT NULL, theirs other.status, pairs other.pair[], "UUID" uuid, time time,
    "Decimal" numeric
);
CREATE TABLE other.parameters (
    id int PRIMARY KEY, status other.status NOT NULL, theirs "class".status, "Status" other.status, field text, literal text
);
COMMENT ON COLUMN other.parameters.field IS 'It''s a "field" of ''many'' \ names.';
CREATE TABLE other.statements ();
CREATE TABLE other."OddlyNamed Things" ("Some Value" int, "anotherValue" int);
CREATE VIEW other.everything AS SELECT * FROM other.parameters;
CREATE MATERIALIZED VIEW other.totals AS SELECT count(*) AS count FROM other.parameters;
