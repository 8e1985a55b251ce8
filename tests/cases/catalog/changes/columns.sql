ALTER TABLE app.posts ADD COLUMN note varchar(20) NOT NULL DEFAULT 'x';
--> column app.posts.note added (type character varying(20), nullable no, default 'x'::character varying)

-- alone
ALTER TABLE app.users DROP COLUMN born CASCADE;
--> column app.users.born removed (type date, nullable no)
--> constraint users_email_born_name_key on app.users removed (definition UNIQUE NULLS NOT DISTINCT (email, born) INCLUDE (name), validated yes, index options fillfactor=80)

-- alone
ALTER TABLE app.parent ALTER COLUMN a TYPE bigint;
--> column app.child.a: type changed from integer to bigint
--> column app.parent.a: type changed from integer to bigint

ALTER TABLE app.event_notes ALTER COLUMN occurred_at TYPE timestamptz(3);
--> column app.event_notes.occurred_at: type changed from timestamp with time zone to timestamp(3) with time zone

ALTER TABLE app.users ALTER COLUMN born DROP NOT NULL;
--> column app.users.born: nullable changed from no to yes

ALTER TABLE app.users ALTER COLUMN mood SET NOT NULL;
--> column app.users.mood: nullable changed from yes to no

ALTER TABLE app.users ALTER COLUMN ratio SET DEFAULT 0.2;
--> column app.users.ratio: default changed from 0.1 to 0.2

ALTER TABLE app.users ALTER COLUMN lasts DROP DEFAULT;
--> column app.users.lasts: default removed (was '1 day 02:03:04'::interval(3))

ALTER TABLE app.users ALTER COLUMN name_length DROP EXPRESSION;
--> column app.users.name_length: generated removed (was length((name)::text) stored)

ALTER TABLE app.users ALTER COLUMN number SET GENERATED ALWAYS;
--> column app.users.number: identity changed from by default to always

ALTER TABLE app.users ALTER COLUMN strict_number DROP IDENTITY;
--> sequence app.users_strict_number_seq removed (type integer, start 1, increment 1, minimum 1, maximum 2147483647, cache 1, cycle no, owned by app.users.strict_number, owner {me})
--> column app.users.strict_number: identity removed (was always)

ALTER TABLE app.hashed_0 ALTER COLUMN b SET STORAGE main;
--> column app.hashed_0.b: storage set to main

ALTER TABLE app.users ALTER COLUMN "user" SET COMPRESSION default;
--> column app.users."user": compression removed (was pglz)

ALTER TABLE app.users ALTER COLUMN name SET STATISTICS -1;
--> column app.users.name: statistics target removed (was 500)

ALTER TABLE app.users ALTER COLUMN name RESET (n_distinct);
--> column app.users.name: options removed (was n_distinct=-0.5)

COMMENT ON COLUMN app.users.json IS NULL;
--> column app.users.json: comment removed (was A "json" document; $1, %s, \x, ünïcödé.)

COMMENT ON COLUMN app.happy.address IS 'x';
--> column app.happy.address: comment changed from In lower case. to x

-- alone
ALTER TABLE app.users RENAME COLUMN raw TO raw_bytes;
--> column app.users.raw removed (type bytea, nullable yes, default '\xdeadbeef'::bytea)
--> column app.users.raw_bytes added (type bytea, nullable yes, default '\xdeadbeef'::bytea)

ALTER FOREIGN TABLE app.remote ALTER COLUMN id OPTIONS (SET name 'nr');
--> column app.remote.id: foreign options changed from name=no to name=nr
