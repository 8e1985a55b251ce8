CREATE SCHEMA auth;
CREATE SCHEMA shop;

CREATE TYPE auth.role AS ENUM ('ADMIN', 'STUDENT', 'in progress', 'C++', 'C#', '2nd', '');
COMMENT ON TYPE auth.role IS 'What an account may do: "run" the platform, or learn.';
CREATE TYPE shop.colour AS ENUM ('red', 'darkBlue');
CREATE TYPE shop.size AS (width int, colour shop.colour);
CREATE TYPE shop.box AS (label text, sizes shop.size[]);
CREATE DOMAIN shop.mail AS text CHECK (VALUE LIKE '%@%');
CREATE TYPE shop.span AS RANGE (subtype = int);

CREATE TABLE auth.users (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    email shop.mail NOT NULL,
    role auth.role NOT NULL,
    name text,
    created_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE auth.users IS
'An account of a person.

Class: G';
COMMENT ON COLUMN auth.users.email IS 'Address to sign in with, lower case; unique among live accounts.';
COMMENT ON COLUMN auth.users.name IS
'Name shown to others, as the person wrote it on the form: given name, family name and whatever stands between them, "nicknames" included; NULL where none was given.';

CREATE TABLE shop.mcq_quizzes (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    title text NOT NULL,
    author_id uuid REFERENCES auth.users,
    date date NOT NULL,
    tags text[] NOT NULL DEFAULT '{}',
    price numeric(9, 2),
    settings jsonb NOT NULL DEFAULT '{}',
    extra jsonb,
    during tstzrange,
    spans shop.span[],
    size shop.size,
    boxes shop.box[],
    colours shop.colour[] NOT NULL DEFAULT '{}',
    address inet
);
CREATE TABLE shop.mcq_options (
    quiz_id bigint NOT NULL REFERENCES shop.mcq_quizzes,
    id int NOT NULL,
    body text NOT NULL,
    is_correct bool NOT NULL DEFAULT false,
    PRIMARY KEY (quiz_id, id)
);
CREATE TABLE shop.columns (
    id int PRIMARY KEY,
    "class" text NOT NULL,
    json text,
    "count 1" int,
    "count-1" int,
    "?" text,
    "2fa" text,
    str text,
    model_config text,
    "Column" text,
    "naïve ""quote\" text,
    owner auth.users
);
COMMENT ON TABLE shop.columns IS E'Odd names.\n\n    Indented, with a back\\slash, """quotes""" and a tab\there.';
COMMENT ON COLUMN shop.columns.json IS E'A line,\nanother one.';
CREATE VIEW shop.titles AS SELECT id, title FROM shop.mcq_quizzes;
CREATE TABLE shop.events (id int, at timestamptz NOT NULL, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE shop.events_2026 PARTITION OF shop.events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
