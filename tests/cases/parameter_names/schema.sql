-- The tables of cases.sql.
CREATE TYPE addr AS (street text, city text);
CREATE TABLE people (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, email text NOT NULL, nick varchar(20), tags text[], points int,
    price numeric(10, 2), created_at timestamptz, born date, data jsonb, home addr, "userId" int, "class" text,
    "arg_2" int, during tstzrange
);
CREATE TABLE posts (id bigint PRIMARY KEY, author bigint, title text, body text, tsv tsvector);
CREATE FUNCTION find_books(term text, n int DEFAULT 3) RETURNS SETOF posts LANGUAGE sql AS 'SELECT * FROM posts';
CREATE FUNCTION bare(text, int) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE FUNCTION vari(first_one int, VARIADIC others text[]) RETURNS int LANGUAGE sql AS 'SELECT 1';
CREATE PROCEDURE proc(x int, INOUT y int) LANGUAGE plpgsql AS 'BEGIN y := x; END';
CREATE VIEW v AS SELECT id, email AS mail FROM people;
