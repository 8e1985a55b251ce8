"""One change by hand to each kind of object in tests/cases/catalog/every_kind.sql, and the words that must name it.

The words are the whole text of the diff. ``{me}`` stands for the role that made the objects.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Change:
    """One change. ``alone``: it touches what other changes touch too, so it is not mixed with them."""

    sql: str
    words: str
    since: int = 15
    alone: bool = False


CHANGES = (
    # schemas and extensions
    Change("CREATE SCHEMA other", "schema other added (owner {me})"),
    Change("COMMENT ON SCHEMA app IS 'New.'", "schema app: comment changed from Holds one of everything. to New."),
    Change("ALTER SCHEMA app OWNER TO pg_monitor", "schema app: owner changed from {me} to pg_monitor", alone=True),
    Change("DROP SCHEMA \"Mixed Case\" CASCADE", 'schema "Mixed Case" removed (1 table, 1 column, 1 constraint)\n'
           'publication whole_schema: schemas removed (was "Mixed Case")', alone=True),
    Change("DROP EXTENSION plpgsql CASCADE", "", alone=True),
    # tables
    Change("CREATE TABLE app.fresh (a integer PRIMARY KEY, b text)",
           "table app.fresh added (2 columns, 1 constraint)"),
    Change("DROP TABLE app.typed", "table app.typed removed (3 columns)"),
    Change("COMMENT ON TABLE app.parent IS 'Old one.'", "table app.parent: comment set to Old one."),
    Change("COMMENT ON TABLE app.users IS 'People.'",
           "table app.users: comment changed\n     People.\n    -\n    -Class: G"),
    Change("ALTER TABLE app.users SET (fillfactor = 90)",
           "table app.users: options changed from fillfactor=70 to fillfactor=90"),
    Change("ALTER TABLE app.users RESET (toast.autovacuum_enabled)",
           "table app.users: toast options removed (was autovacuum_enabled=false)"),
    Change("ALTER TABLE app.no_columns SET UNLOGGED", "table app.no_columns: persistence set to unlogged"),
    Change("ALTER TABLE app.child NO INHERIT app.parent",
           "table app.child: inherits removed (was app.parent)\n"
           "column app.child.a: inherited removed (was yes)\n"
           "column app.child.b: inherited removed (was yes, and declared)\n"
           "constraint parent_a_check on app.child: inherited changed from yes to no", alone=True),
    Change("ALTER TABLE app.typed NOT OF", "table app.typed: of type removed (was app.address)", alone=True),
    Change("ALTER TABLE app.parent ENABLE ROW LEVEL SECURITY", "table app.parent: row security changed from no to yes"),
    Change("ALTER TABLE app.posts NO FORCE ROW LEVEL SECURITY",
           "table app.posts: row security forced changed from yes to no"),
    Change("ALTER TABLE app.posts REPLICA IDENTITY DEFAULT", "table app.posts: replica identity removed (was full)"),
    Change("ALTER TABLE app.child OWNER TO CURRENT_USER", "table app.child: owner changed from pg_monitor to {me}", alone=True),
    Change("ALTER TABLE app.hashed_0 SET ACCESS METHOD pile", "table app.hashed_0: access method set to pile"),
    Change("ALTER TABLE app.events DETACH PARTITION app.events_2024", "", alone=True),
    Change("CREATE TABLE app.hashed_1 PARTITION OF app.hashed FOR VALUES WITH (MODULUS 2, REMAINDER 1)",
           "table app.hashed_1 added (2 columns)"),
    # columns
    Change("ALTER TABLE app.posts ADD COLUMN note varchar(20) NOT NULL DEFAULT 'x'",
           "column app.posts.note added (type character varying(20), nullable no, default 'x'::character varying)"),
    Change("ALTER TABLE app.users DROP COLUMN born CASCADE",
           "column app.users.born removed (type date, nullable no)\n"
           "constraint users_email_born_name_key on app.users removed "
           "(definition UNIQUE NULLS NOT DISTINCT (email, born) INCLUDE (name), validated yes, index options fillfactor=80)",
           alone=True),
    Change("ALTER TABLE app.events ALTER COLUMN kind TYPE varchar(9)", "", alone=True),
    Change("ALTER TABLE app.event_notes ALTER COLUMN occurred_at TYPE timestamptz(3)",
           "column app.event_notes.occurred_at: type changed from timestamp with time zone to timestamp(3) with time zone"),
    Change("ALTER TABLE app.users ALTER COLUMN born DROP NOT NULL", "column app.users.born: nullable changed from no to yes"),
    Change("ALTER TABLE app.users ALTER COLUMN mood SET NOT NULL", "column app.users.mood: nullable changed from yes to no"),
    Change("ALTER TABLE app.users ALTER COLUMN ratio SET DEFAULT 0.2",
           "column app.users.ratio: default changed from 0.1 to 0.2"),
    Change("ALTER TABLE app.users ALTER COLUMN lasts DROP DEFAULT",
           "column app.users.lasts: default removed (was '1 day 02:03:04'::interval(3))"),
    Change("ALTER TABLE app.users ALTER COLUMN name_length DROP EXPRESSION",
           "column app.users.name_length: generated removed (was length((name)::text) stored)"),
    Change("ALTER TABLE app.users ALTER COLUMN number SET GENERATED ALWAYS",
           "column app.users.number: identity changed from by default to always"),
    Change("ALTER TABLE app.users ALTER COLUMN strict_number DROP IDENTITY",
           "sequence app.users_strict_number_seq removed (type integer, start 1, increment 1, minimum 1, "
           "maximum 2147483647, cache 1, cycle no, owned by app.users.strict_number, owner {me})\n"
           "column app.users.strict_number: identity removed (was always)"),
    Change("ALTER TABLE app.hashed_0 ALTER COLUMN b SET STORAGE main",
           "column app.hashed_0.b: storage set to main"),
    Change("ALTER TABLE app.users ALTER COLUMN \"user\" SET COMPRESSION default",
           'column app.users."user": compression removed (was pglz)'),
    Change("ALTER TABLE app.users ALTER COLUMN name SET STATISTICS -1",
           "column app.users.name: statistics target removed (was 500)"),
    Change("ALTER TABLE app.users ALTER COLUMN name RESET (n_distinct)",
           "column app.users.name: options removed (was n_distinct=-0.5)"),
    Change("COMMENT ON COLUMN app.users.json IS NULL",
           "column app.users.json: comment removed (was A \"json\" document; $1, %s, \\x, ünïcödé.)"),
    Change("COMMENT ON COLUMN app.happy.address IS 'x'", "column app.happy.address: comment changed from In lower case. to x"),
    Change("ALTER TABLE app.users RENAME COLUMN raw TO raw_bytes",
           "column app.users.raw removed (type bytea, nullable yes, default '\\xdeadbeef'::bytea)\n"
           "column app.users.raw_bytes added (type bytea, nullable yes, default '\\xdeadbeef'::bytea)", alone=True),
    Change("ALTER FOREIGN TABLE app.remote ALTER COLUMN id OPTIONS (SET name 'nr')",
           "column app.remote.id: foreign options changed from name=no to name=nr"),
    # constraints
    Change("ALTER TABLE app.posts ADD CONSTRAINT posts_title_check CHECK (title <> '')",
           "constraint posts_title_check on app.posts added (definition CHECK ((title <> ''::text)), validated yes)"),
    Change("ALTER TABLE app.posts DROP CONSTRAINT posts_score_check",
           "constraint posts_score_check on app.posts removed (definition CHECK ((score > 0)), validated yes)"),
    Change("ALTER TABLE app.posts VALIDATE CONSTRAINT posts_parent_fkey",
           "constraint posts_parent_fkey on app.posts: validated changed from no to yes"),
    Change("ALTER TABLE app.posts ALTER CONSTRAINT posts_user_id_fkey INITIALLY DEFERRED",
           "constraint posts_user_id_fkey on app.posts: definition changed from FOREIGN KEY (user_id) REFERENCES "
           "app.users(id) ON DELETE CASCADE DEFERRABLE to FOREIGN KEY (user_id) REFERENCES "
           "app.users(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED"),
    Change("ALTER TABLE app.users RENAME CONSTRAINT users_name_key TO users_name_unique",
           "constraint users_name_key on app.users removed (definition UNIQUE (name) DEFERRABLE INITIALLY DEFERRED, validated yes)\n"
           "constraint users_name_unique on app.users added (definition UNIQUE (name) DEFERRABLE INITIALLY DEFERRED, validated yes)"),
    Change("COMMENT ON CONSTRAINT users_ratio_check ON app.users IS 'x'",
           "constraint users_ratio_check on app.users: comment changed from A share. to x"),
    Change("ALTER TABLE app.event_notes DISABLE TRIGGER ALL",
           "constraint event_notes_fkey on app.event_notes: triggers set to disabled"),
    Change("ALTER TABLE app.users SET WITHOUT CLUSTER", "constraint users_pkey on app.users: clustered changed from yes to no"),
    Change("ALTER INDEX app.users_email_born_name_key SET (fillfactor = 81)",
           "constraint users_email_born_name_key on app.users: index options changed from fillfactor=80 to fillfactor=81"),
    Change("COMMENT ON INDEX app.users_pkey IS NULL",
           "constraint users_pkey on app.users: index comment removed (was The key.)"),
    # indexes and statistics
    Change("CREATE INDEX posts_score_idx ON app.posts (score)",
           "index app.posts_score_idx added (definition CREATE INDEX posts_score_idx ON app.posts USING btree (score), valid yes)"),
    Change("DROP INDEX app.posts_title_pattern_idx",
           "index app.posts_title_pattern_idx removed (definition CREATE INDEX posts_title_pattern_idx ON app.posts "
           'USING btree (title text_pattern_ops, body COLLATE "C"), valid yes)'),
    Change("ALTER INDEX app.posts_body_idx SET (fastupdate = on)", "index app.posts_body_idx: definition changed\n"),
    Change("ALTER INDEX app.posts_title_key ALTER COLUMN 1 SET STATISTICS -1",
           "index app.posts_title_key: statistics targets removed (was 1: 300)"),
    Change("ALTER TABLE app.posts CLUSTER ON posts_title_pattern_idx", "index app.posts_title_pattern_idx: clustered changed from no to yes", alone=True),
    Change("COMMENT ON INDEX app.posts_body_idx IS 'x'", "index app.posts_body_idx: comment changed from Search. to x"),
    Change("CREATE INDEX hashed_idx ON ONLY app.hashed (a)",
           "index app.hashed_idx added (definition CREATE INDEX hashed_idx ON ONLY app.hashed USING btree (a), valid no)"),
    Change("ALTER STATISTICS app.posts_stats SET STATISTICS 60", "statistics app.posts_stats: statistics target changed from 50 to 60"),
    # views
    Change("CREATE OR REPLACE VIEW app.renamed AS SELECT name AS other, body AS name FROM (SELECT p.title AS body, u.name "
           "FROM app.posts AS p, app.users AS u) AS x ORDER BY x.name",
           "view app.renamed: query changed\n"),
    Change("ALTER VIEW app.happy SET (security_invoker = false)",
           "view app.happy: options changed from check_option=local, security_barrier=true, security_invoker=true to "
           "check_option=local, security_barrier=true, security_invoker=false"),
    Change("ALTER VIEW app.happy ALTER COLUMN name DROP DEFAULT", "column app.happy.name: default removed (was 'x'::character varying)"),
    Change("COMMENT ON VIEW app.happy IS NULL", "view app.happy: comment removed (was Those who are.)"),
    Change("DROP VIEW app.numbers", "view app.numbers removed (2 columns)"),
    Change("REFRESH MATERIALIZED VIEW app.tally", "materialized view app.tally: populated changed from no to yes"),
    Change("ALTER MATERIALIZED VIEW app.tally RESET (fillfactor)", "materialized view app.tally: options removed (was fillfactor=60)"),
    Change("DROP MATERIALIZED VIEW app.tally", "materialized view app.tally removed (2 columns, 1 index, 1 grant)", alone=True),
    # sequences
    Change("ALTER SEQUENCE app.ticket_numbers INCREMENT 4 NO CYCLE",
           "sequence app.ticket_numbers: increment changed from 3 to 4; cycle changed from yes to no"),
    Change("ALTER SEQUENCE app.users_old_serial_seq OWNED BY NONE",
           "sequence app.users_old_serial_seq: owned by removed (was app.users.old_serial)"),
    Change("CREATE SEQUENCE app.more", "sequence app.more added (type bigint, start 1, increment 1, minimum 1, "
           "maximum 9223372036854775807, cache 1, cycle no, owner {me})"),
    # triggers, rules, policies
    Change("ALTER TABLE app.users DISABLE TRIGGER touch", "trigger touch on app.users: enabled changed from yes to no"),
    Change("CREATE OR REPLACE TRIGGER summary AFTER UPDATE ON app.posts FOR EACH STATEMENT EXECUTE FUNCTION app.touch()",
           "trigger summary on app.posts: enabled changed from on replicas to yes; definition changed\n"),
    Change("DROP TRIGGER instead ON app.happy", "trigger instead on app.happy removed (definition CREATE TRIGGER instead "
           "INSTEAD OF INSERT ON app.happy FOR EACH ROW EXECUTE FUNCTION app.touch(), enabled yes)"),
    Change("COMMENT ON TRIGGER touch ON app.users IS 'x'", "trigger touch on app.users: comment changed from Every time. to x"),
    Change("ALTER TABLE app.posts DISABLE RULE no_delete", "rule no_delete on app.posts: enabled changed from yes to no"),
    Change("DROP RULE copy ON app.counted", "rule copy on app.counted removed (enabled yes)"),
    Change("COMMENT ON RULE no_delete ON app.posts IS NULL", "rule no_delete on app.posts: comment removed (was Kept.)"),
    Change("ALTER POLICY narrow ON app.posts TO pg_monitor USING (true)",
           "policy narrow on app.posts: roles changed from public to pg_monitor; "
           "using changed from (score IS DISTINCT FROM 5) to true"),
    Change("DROP POLICY own ON app.posts", "policy own on app.posts removed"),
    Change("CREATE POLICY more ON app.posts FOR SELECT USING (score > 1)",
           "policy more on app.posts added (command select, mode permissive, roles public, using (score > 1))"),
    # functions
    Change("CREATE OR REPLACE FUNCTION app.touch() RETURNS trigger LANGUAGE plpgsql AS $$\nBEGIN\n"
           "    RETURN NULL;\nEND;\n$$", "function app.touch(): body changed\n"),
    Change("ALTER FUNCTION app.table_of(bigint) IMMUTABLE PARALLEL SAFE COST 3 SET work_mem = '1MB'",
           "function app.table_of(bigint): volatility changed from volatile to immutable; parallel set to safe; "
           "cost set to 3; settings set to work_mem=1MB"),
    Change("ALTER FUNCTION app.titles() SECURITY INVOKER", "function app.titles(): security definer changed from yes to no"),
    Change("CREATE OR REPLACE FUNCTION app.mood_cmp(app.mood, app.mood) RETURNS integer LANGUAGE sql IMMUTABLE RETURN 0",
           "function app.mood_cmp(app.mood, app.mood): sql body set to RETURN 0; body removed (was SELECT 0)"),
    Change("CREATE FUNCTION app.add(text) RETURNS text LANGUAGE sql AS 'SELECT 1'",
           "function app.add(text) added (arguments text, returns text, language sql, volatility volatile, body SELECT 1, owner {me})"),
    Change("COMMENT ON FUNCTION app.touch() IS NULL", "function app.touch(): comment removed (was Does nothing.)"),
    Change("ALTER PROCEDURE app.work(integer, text []) SECURITY DEFINER",
           "procedure app.work(integer, text[]): security definer changed from no to yes"),
    Change("CREATE OR REPLACE AGGREGATE app.total(integer) (SFUNC = int4pl, STYPE = integer, INITCOND = '5')", "", alone=True),
    Change("COMMENT ON AGGREGATE app.total(integer) IS NULL", "aggregate app.total(integer): comment removed (was The sum.)"),
    Change("DROP AGGREGATE app.middle(double precision ORDER BY anyelement)", ""),
    Change("ALTER EVENT TRIGGER note_ddl ENABLE ALWAYS", "event trigger note_ddl: enabled changed from no to always"),
    # types
    Change("ALTER TYPE app.mood ADD VALUE 'GLAD' BEFORE 'HAPPY'",
           "type app.mood: labels changed from 'SAD', 'it''s ok', 'MEH', 'HAPPY' to 'SAD', 'it''s ok', 'MEH', 'GLAD', 'HAPPY'"),
    Change("ALTER TYPE app.address ADD ATTRIBUTE land text CASCADE",
           "attribute app.address.land added (type text)\ncolumn app.typed.land added (type text, nullable yes)", alone=True),
    Change("COMMENT ON COLUMN app.address.street IS NULL", "attribute app.address.street: comment removed (was With the number.)"),
    Change("DROP TYPE app.price_range", "type app.price_range removed (form range, subtype numeric, multirange app.price_multirange, owner {me})"),
    Change("DROP TYPE app.unfinished", "type app.unfinished removed (form shell, owner {me})"),
    Change("ALTER TYPE app.tiny SET (STORAGE = plain, TYPMOD_IN = varchartypmodin)", "type app.tiny: modifiers set to varchartypmodin(cstring[])"),
    Change("ALTER DOMAIN app.email DROP NOT NULL", "domain app.email: nullable changed from no to yes"),
    Change("ALTER DOMAIN app.email SET DEFAULT 'x'",
           "domain app.email: default changed from 'nobody@example.org'::text to 'x'::text"),
    Change("ALTER DOMAIN app.email DROP CONSTRAINT email_length_check",
           "constraint email_length_check on app.email removed (definition CHECK ((length(VALUE) < 300)), validated yes)"),
    Change("ALTER DOMAIN app.email VALIDATE CONSTRAINT email_lower_check",
           "constraint email_lower_check on app.email: validated changed from no to yes"),
    Change("COMMENT ON CONSTRAINT email_shape_check ON DOMAIN app.email IS NULL",
           "constraint email_shape_check on app.email: comment removed (was Only the sign.)"),
    Change("COMMENT ON COLLATION app.plain IS NULL", "collation app.plain: comment removed (was By bytes.)"),
    Change("CREATE COLLATION app.more (provider = libc, locale = 'C')",
           "collation app.more added (provider libc, lc_collate C, lc_ctype C, deterministic yes, owner {me})"),
    # operators, casts, text search, foreign data, publications, languages
    Change("ALTER OPERATOR app.=== (app.tiny, app.tiny) SET (RESTRICT = NONE)",
           "operator app.===(app.tiny,app.tiny): restrict estimator removed (was eqsel)"),
    Change("ALTER OPERATOR FAMILY app.tiny_family USING btree ADD OPERATOR 3 = (integer, integer)",
           "operator family app.tiny_family using btree: operators changed from 3 app.===(app.tiny,app.tiny) "
           "to 3 =(integer,integer), 3 app.===(app.tiny,app.tiny)"),
    Change("DROP OPERATOR CLASS app.tiny_ops USING btree", "", alone=True),
    Change("DROP CAST (app.tiny AS integer)",
           "cast (app.tiny as integer) removed (method without function, context explicit, comment They are the same bytes.)"),
    Change("DROP CONVERSION app.latin", ""),
    Change("ALTER TEXT SEARCH CONFIGURATION app.search DROP MAPPING FOR email", "text search configuration app.search: mappings changed\n"),
    Change("ALTER TEXT SEARCH DICTIONARY app.plain_words (stopwords = 'dutch')",
           "text search dictionary app.plain_words: options changed from stopwords = 'english' to stopwords = 'dutch'"),
    Change("DROP TEXT SEARCH TEMPLATE app.simplest", ""),
    Change("DROP TEXT SEARCH PARSER app.words", ""),
    Change("ALTER FOREIGN DATA WRAPPER elsewhere OPTIONS (SET debug 'false')",
           "foreign-data wrapper elsewhere: foreign options changed from debug=true to debug=false"),
    Change("ALTER SERVER far VERSION '2' OPTIONS (SET host 'example.com', SET password 'other')",
           "server far: version changed from 1 to 2; foreign options changed from host=example.org, password=(hidden) "
           "to host=example.com, password=(hidden)"),
    Change("DROP USER MAPPING FOR PUBLIC SERVER far", "user mapping for public server far removed"),
    Change("ALTER FOREIGN TABLE app.remote OPTIONS (SET tablename 'x')",
           "foreign table app.remote: foreign options changed from tablename=shop.t to tablename=x"),
    Change("ALTER PUBLICATION some_tables SET TABLE app.users (id) WHERE (id IS NULL)",
           "publication some_tables: tables changed from app.child, app.users (id, name) where (id IS NOT NULL) "
           "to app.users (id) where (id IS NULL)", alone=True),
    Change("DROP TRANSFORM FOR app.tiny LANGUAGE mumble",
           "transform for app.tiny language mumble removed (from sql app.tiny_from_sql(internal))"),
    Change("COMMENT ON LANGUAGE mumble IS 'x'", "language mumble: comment set to x"),
    Change("COMMENT ON ACCESS METHOD pile IS 'x'", "access method pile: comment set to x"),
    # rights
    Change("GRANT SELECT ON app.posts TO pg_monitor", "grant on table app.posts to pg_monitor added (privileges SELECT)"),
    Change("REVOKE INSERT ON app.users FROM pg_read_all_data",
           "grant on table app.users to pg_read_all_data: privileges changed from INSERT, SELECT, TRIGGER to SELECT, TRIGGER"),
    Change("REVOKE GRANT OPTION FOR ALL ON app.users FROM pg_monitor",
           "grant on table app.users to pg_monitor: with grant option removed (was all)"),
    Change("REVOKE UPDATE (name) ON app.users FROM PUBLIC",
           "grant on column app.users.name to public: privileges changed from SELECT, UPDATE to SELECT"),
    Change("GRANT CREATE ON SCHEMA app TO pg_monitor",
           "grant on schema app to pg_monitor: privileges changed from USAGE to all"),
    Change("GRANT EXECUTE ON FUNCTION app.add(integer, integer, integer []) TO PUBLIC",
           "grant on function app.add(integer, integer, integer[]) to public removed (privileges none)"),
    Change("REVOKE EXECUTE ON FUNCTION app.touch() FROM PUBLIC", "grant on function app.touch() to public added (privileges none)"),
    Change("GRANT USAGE ON TYPE app.mood TO PUBLIC", "grant on type app.mood to public removed (privileges none)"),
    Change("GRANT ALL ON SEQUENCE app.ticket_numbers TO pg_monitor",
           "grant on sequence app.ticket_numbers to pg_monitor: privileges changed from SELECT, USAGE to all"),
    Change("REVOKE ALL ON FOREIGN SERVER far FROM pg_monitor", "grant on server far to pg_monitor removed (privileges USAGE)"),
    Change("REVOKE ALL ON LANGUAGE mumble FROM {me}", "grant on language mumble to its owner added (privileges none)"),
    Change("ALTER DEFAULT PRIVILEGES IN SCHEMA app GRANT INSERT ON TABLES TO pg_monitor",
           "default privileges on tables of {me} in schema app to pg_monitor: privileges changed from SELECT to INSERT, SELECT"),
    Change("ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO PUBLIC",
           "default privileges on functions of {me} to public removed (privileges none)"),
    Change("GRANT MAINTAIN ON app.parent TO pg_monitor", "grant on table app.parent to pg_monitor added (privileges MAINTAIN)", since=17),
    # what only 18 has
    Change("ALTER TABLE app.posts ADD COLUMN twice integer GENERATED ALWAYS AS (score * 2) VIRTUAL",
           "column app.posts.twice added (type integer, nullable yes, generated (score * 2) virtual)", since=18),
    Change("ALTER TABLE app.posts ADD CONSTRAINT given NOT NULL score NOT VALID",
           "column app.posts.score: nullable changed from yes to no (not valid)", since=18),
    Change("COMMENT ON CONSTRAINT users_born_given ON app.users IS 'x'", "column app.users.born: not null comment set to x", since=18),
    Change("ALTER TABLE app.parent ADD CONSTRAINT loose CHECK (a < 9) NOT ENFORCED", "", since=18),
    Change("ALTER TABLE app.parent ADD CONSTRAINT b_given NOT NULL b NO INHERIT",
           "column app.parent.b: nullable changed from yes to no (no inherit)", since=18, alone=True),
)
