CREATE OR REPLACE FUNCTION app.touch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RETURN NULL;
END;
$$;
--> function app.touch(): body changed
-->
-->      BEGIN
-->     -    -- "json" stays as it is written
-->     -    RETURN NEW;
-->     +    RETURN NULL;
-->      END;

ALTER FUNCTION app.table_of(bigint) IMMUTABLE PARALLEL SAFE COST 3 SET work_mem = '1MB';
--> function app.table_of(bigint): volatility changed from volatile to immutable; parallel set to safe; cost set to 3; settings set to work_mem=1MB

ALTER FUNCTION app.titles() SECURITY INVOKER;
--> function app.titles(): security definer changed from yes to no

CREATE OR REPLACE FUNCTION app.mood_cmp(app.mood, app.mood) RETURNS integer LANGUAGE sql IMMUTABLE RETURN 0;
--> function app.mood_cmp(app.mood, app.mood): body removed (was SELECT 0); sql body set to RETURN 0

CREATE FUNCTION app.add(text) RETURNS text LANGUAGE sql AS 'SELECT 1';
--> function app.add(text) added (arguments text, returns text, language sql, volatility volatile, body SELECT 1, owner {me})

COMMENT ON FUNCTION app.touch() IS NULL;
--> function app.touch(): comment removed (was Does nothing.)

ALTER PROCEDURE app.work(integer, text []) SECURITY DEFINER;
--> procedure app.work(integer, text[]): security definer changed from no to yes

-- alone
CREATE OR REPLACE AGGREGATE app.total(integer) (SFUNC = int4pl, STYPE = integer, INITCOND = '5');
--> aggregate app.total(integer): initial value changed from 0 to 5; combine function removed (was int4pl(integer,integer)); moving state function removed (was int4pl(integer,integer)); moving inverse function removed (was int4mi(integer,integer)); moving state type removed (was integer); parallel removed (was safe)

COMMENT ON AGGREGATE app.total(integer) IS NULL;
--> aggregate app.total(integer): comment removed (was The sum.)

DROP AGGREGATE app.middle(double precision ORDER BY anyelement);
--> aggregate app.middle(double precision, anyelement) removed (arguments double precision ORDER BY anyelement, returns anyelement, form ordered set, state function ordered_set_transition(internal,"any"), state type internal, final function percentile_disc_final(internal,double precision,anyelement), final extra arguments yes, final modify read write, owner {me})

ALTER EVENT TRIGGER note_ddl ENABLE ALWAYS;
--> event trigger note_ddl: enabled changed from no to always
