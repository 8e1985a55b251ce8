CREATE TYPE mood AS ENUM ('GOOD', 'BAD');
CREATE DOMAIN label AS text;
CREATE TYPE place AS (street text, zip text);
CREATE TABLE usr (
    id int PRIMARY KEY, name text NOT NULL, bio text, tags text[] NOT NULL, prefs jsonb NOT NULL, mood mood,
    home place, note label
);
CREATE TABLE post (
    id bigint PRIMARY KEY, usr_id int NOT NULL REFERENCES usr, title text NOT NULL, body text, score numeric,
    at timestamptz NOT NULL
);
CREATE TABLE dropped (a int NOT NULL, gone int, "odd ""name" text);
ALTER TABLE dropped DROP COLUMN gone;
CREATE TABLE stored (id int PRIMARY KEY, doc jsonb);
CREATE VIEW card AS SELECT id, jsonb_build_object('id', id, 'bio', bio) AS body FROM usr;
CREATE VIEW author AS
SELECT u.id, u.name, (SELECT jsonb_agg(jsonb_build_object('id', p.id)) FROM post AS p WHERE p.usr_id = u.id) AS posts
FROM usr AS u;
CREATE VIEW written AS SELECT id, jsonb_build_object('id', id) AS doc FROM stored;
CREATE FUNCTION anything() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN new.doc := '[1]'; RETURN new; END$$;
CREATE TRIGGER instead INSTEAD OF INSERT ON written FOR EACH ROW EXECUTE FUNCTION anything();
CREATE SCHEMA mine;
CREATE FUNCTION mine.jsonb_build_object(text, int) RETURNS jsonb LANGUAGE sql AS $$SELECT '[]'::jsonb$$;
INSERT INTO usr VALUES
(1, 'Ada', 'b', '{x,NULL}', '{"k": 1}', 'GOOD', ('s', NULL), 'n'), (2, 'Bob', NULL, '{}', '{}', NULL, NULL, NULL),
(3, 'Cyd', NULL, '{{a,b},{c,d}}', '{}', 'BAD', NULL, NULL);
INSERT INTO post VALUES
(10, 1, 'one', NULL, 1.5, '2026-01-01'), (11, 1, 'two', 'b', NULL, '2026-01-02'), (12, 2, 'three', NULL, 2, '2026-01-03');
INSERT INTO dropped VALUES (1, NULL), (2, 'x');
INSERT INTO stored VALUES (1, NULL), (2, 'null');
