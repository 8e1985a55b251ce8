-- depends: 0002_auth
-- The activity feed and the analytics. Rows are only ever added, so they have no updated_at; old months are dropped
-- as whole partitions. No DEFAULT partition: rows in it would have to be moved before their month could be made.
-- lint: ignore-file foreign-key-locks-parent: every database of 1.0.0 begins with this file, before its first row

SET LOCAL "citus.multi_shard_modify_mode" = 'sequential'; -- for Citus; see 0001_foundations
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '60s';


CREATE TABLE activity.user_activities (
    user_id     uuid        NOT NULL,
    occurred_at timestamptz NOT NULL DEFAULT now(),
    id          uuid        NOT NULL DEFAULT gen_random_uuid(),
    action      text        NOT NULL,
    entity_type text,
    entity_id   uuid,
    metadata    jsonb       NOT NULL DEFAULT '{}',

    CONSTRAINT user_activities_user_id_occurred_at_id_pk PRIMARY KEY (user_id, occurred_at, id),
    CONSTRAINT user_activities_user_id_fk FOREIGN KEY (user_id) REFERENCES auth.users (id) ON DELETE CASCADE,
    CONSTRAINT user_activities_entity_type_entity_id_check CHECK ((entity_type IS NULL) = (entity_id IS NULL)),
    CONSTRAINT user_activities_metadata_check CHECK (jsonb_typeof(metadata) = 'object')
) PARTITION BY RANGE (occurred_at);

COMMENT ON TABLE activity.user_activities IS
'The activity feed of a user. Its primary key is also the order in which a feed is read.

Class: T';
COMMENT ON COLUMN activity.user_activities.user_id IS 'Owner: who did it.';
COMMENT ON COLUMN activity.user_activities.occurred_at IS 'When it happened; decides the partition.';
COMMENT ON COLUMN activity.user_activities.id IS
'Key within the owner and the instant; a client may choose it, with occurred_at, which makes the insert idempotent.';
COMMENT ON COLUMN activity.user_activities.action IS 'What happened, such as submission.passed.';
COMMENT ON COLUMN activity.user_activities.entity_type IS
'What it happened to, as schema.table; NULL if nothing in particular.';
COMMENT ON COLUMN activity.user_activities.entity_id IS
'Id in that table; no foreign key, since the feed outlives what it tells of.';
COMMENT ON COLUMN activity.user_activities.metadata IS 'Object: what the feed shows beside it.';


-- lint: ignore schema-owner: anonymous visitors have no row in auth.users
CREATE TABLE activity.analytics_events (
    user_id      uuid        NOT NULL,
    occurred_at  timestamptz NOT NULL DEFAULT now(),
    id           uuid        NOT NULL DEFAULT gen_random_uuid(),
    name         text        NOT NULL,
    is_anonymous boolean     NOT NULL DEFAULT FALSE,
    session_id   uuid,
    properties   jsonb       NOT NULL DEFAULT '{}',
    url          text,
    referrer     text,

    CONSTRAINT analytics_events_user_id_occurred_at_id_pk PRIMARY KEY (user_id, occurred_at, id),
    CONSTRAINT analytics_events_properties_check CHECK (jsonb_typeof(properties) = 'object')
) PARTITION BY RANGE (occurred_at);

-- The steps of a funnel, over all users: who did this in that time. With user_id it is an index-only scan. Here from
-- the start, because building it later stops the writers, or takes a statement for each partition.
CREATE INDEX analytics_events_name_occurred_at_user_id_idx
ON activity.analytics_events (name, occurred_at, user_id);

COMMENT ON TABLE activity.analytics_events IS
'What visitors did in the product. No foreign key, on purpose: an anonymous visitor has a random uuid as user_id. So
the cascade from auth.users does not reach it, and erase_user deletes from it by hand.

Class: T';
COMMENT ON COLUMN activity.analytics_events.user_id IS 'Owner: the user, or the random uuid of an anonymous visitor.';
COMMENT ON COLUMN activity.analytics_events.occurred_at IS 'When it happened; decides the partition.';
COMMENT ON COLUMN activity.analytics_events.id IS
'Key within the owner and the instant; a client may choose it, with occurred_at, which makes the insert idempotent.';
COMMENT ON COLUMN activity.analytics_events.name IS 'Name of the event, such as page.viewed.';
COMMENT ON COLUMN activity.analytics_events.is_anonymous IS 'Whether user_id is a visitor rather than a user.';
COMMENT ON COLUMN activity.analytics_events.session_id IS
'Groups the events of one visit; not a key of auth.sessions.';
COMMENT ON COLUMN activity.analytics_events.properties IS 'Object: the details of the event.';
COMMENT ON COLUMN activity.analytics_events.url IS 'The page.';
COMMENT ON COLUMN activity.analytics_events.referrer IS 'The page before.';


-- A month is made as a table of its own and then attached, because ATTACH PARTITION (SHARE UPDATE EXCLUSIVE) lets the
-- application go on reading and writing the parent; CREATE TABLE ... PARTITION OF (ACCESS EXCLUSIVE) would stop both.
-- Only writers of auth.users wait until the commit, for the foreign key; and while the procedure waits for one of
-- them, the next ones queue behind it. So it gives up soon, whatever the caller's settings: it can be called again.
CREATE PROCEDURE activity.create_monthly_partitions(
    from_month date DEFAULT (now() AT TIME ZONE 'UTC')::date,
    to_month date DEFAULT ((now() AT TIME ZONE 'UTC') + interval '3 months')::date
)
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET lock_timeout = '2s'
AS $procedure$
DECLARE
    -- The months as timestamps without a zone, so that no session setting shifts them.
    first_month constant timestamp := date_trunc('month', from_month::timestamp);
    last_month  constant timestamp := date_trunc('month', to_month::timestamp);
    parent      record;
    month       timestamp;
    child       text;
BEGIN
    -- The bounds keep a mistyped year from making thousands of tables, and names in four digits.
    IF first_month IS NULL OR last_month IS NULL OR first_month > last_month
        OR first_month < '2000-01-01' OR last_month > first_month + interval '10 years'
        OR last_month >= '10000-01-01'
    THEN
        RAISE EXCEPTION 'no range of months: % to %', from_month, to_month
            USING ERRCODE = 'invalid_parameter_value',
                  HINT = 'Give two dates from 2000 on, the first not after the second, at most ten years apart.';
    END IF;

    -- Always in the order of names, so that two callers cannot deadlock.
    FOR parent IN
        SELECT c.oid::regclass AS id, c.relname AS name
        FROM pg_class AS c
        WHERE c.relnamespace = 'activity'::regnamespace AND c.relkind = 'p' AND NOT c.relispartition
        ORDER BY c.relname
    LOOP
        -- The lock that ATTACH takes anyway, only earlier: a second caller waits here and then finds the months made.
        EXECUTE format('LOCK TABLE ONLY %s IN SHARE UPDATE EXCLUSIVE MODE', parent.id);

        FOR month IN SELECT generate_series(first_month, last_month, interval '1 month')
        LOOP
            child := parent.name || to_char(month, '"_p"YYYYMM');

            -- to_regclass and pg_partition_root see what is committed now, whatever the isolation level.
            IF to_regclass(format('activity.%I', child)) IS NULL THEN
                EXECUTE format('CREATE TABLE activity.%I (LIKE %s INCLUDING ALL)', child, parent.id);
                EXECUTE format(
                    'ALTER TABLE %s ATTACH PARTITION activity.%I FOR VALUES FROM (%L) TO (%L)',
                    parent.id, child,
                    to_char(month, 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
                    to_char(month + interval '1 month', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
                );
                EXECUTE format(
                    'COMMENT ON TABLE activity.%I IS %L',
                    child, format('The rows of %s in UTC, of %s.', to_char(month, 'YYYY-MM'), parent.id)
                );
            ELSIF pg_partition_root(to_regclass(format('activity.%I', child))) IS DISTINCT FROM parent.id THEN
                RAISE EXCEPTION 'activity.% exists, but is not a partition of %', child, parent.id
                    USING ERRCODE = 'duplicate_table',
                          HINT = 'Attach it, or rename it if it was detached to be kept.';
            END IF;
        END LOOP;
    END LOOP;
END
$procedure$;

COMMENT ON PROCEDURE activity.create_monthly_partitions IS
'Makes the partitions of every month from from_month to to_month, both included, for each partitioned table of the
schema. By default this month and the three ahead. Months that exist are left alone; safe to call at any time and from
two sessions at once: it waits two seconds for a lock and then fails, having made nothing. The months are those of UTC,
whatever the time zone of the session.';


CREATE FUNCTION activity.partition_months_left(as_of timestamptz DEFAULT now())
RETURNS TABLE (table_name text, covered_until timestamptz, months_left integer)
LANGUAGE sql
STABLE
SET search_path = pg_catalog, pg_temp
-- Months are counted in UTC. The bounds are written as text and read again, which any datestyle survives.
SET timezone = 'UTC'
AS $function$
    WITH RECURSIVE partitions AS (
        SELECT
            parent.oid AS parent_id,
            bounds.texts[1]::timestamptz AS starts_at,
            bounds.texts[2]::timestamptz AS ends_at
        FROM pg_class AS parent
        -- One whose DETACH ... CONCURRENTLY was broken off takes no rows any more.
        INNER JOIN pg_inherits AS link ON parent.oid = link.inhparent AND NOT link.inhdetachpending
        INNER JOIN pg_class AS child ON link.inhrelid = child.oid
        CROSS JOIN LATERAL regexp_match(
            pg_get_expr(child.relpartbound, child.oid), $re$FROM \('(.+)'\) TO \('(.+)'\)$re$
        ) AS bounds (texts)
        WHERE parent.relnamespace = 'activity'::regnamespace AND parent.relkind = 'p' AND NOT parent.relispartition
    ),
    -- From as_of along partitions that touch, until one is missing.
    covered AS (
        SELECT parent.oid AS parent_id, as_of AS until
        FROM pg_class AS parent
        WHERE parent.relnamespace = 'activity'::regnamespace AND parent.relkind = 'p' AND NOT parent.relispartition
        UNION ALL
        SELECT covered.parent_id, partitions.ends_at
        FROM covered
        INNER JOIN partitions
            ON
                covered.parent_id = partitions.parent_id
                AND covered.until >= partitions.starts_at
                AND covered.until < partitions.ends_at
    )
    SELECT
        parent.relname::text,
        nullif(max(covered.until), as_of),
        (
            12 * (extract(YEAR FROM max(covered.until)) - extract(YEAR FROM as_of))
            + extract(MONTH FROM max(covered.until)) - extract(MONTH FROM as_of)
        )::integer
    FROM covered
    INNER JOIN pg_class AS parent ON covered.parent_id = parent.oid
    GROUP BY parent.relname
    ORDER BY parent.relname
$function$;

COMMENT ON FUNCTION activity.partition_months_left(timestamptz) IS
'For each partitioned table of the schema: how many months without a gap have a partition, counted from the month of
as_of, which is included, and the instant at which they end. 0 and NULL mean that inserts at as_of fail.';


CALL activity.create_monthly_partitions();
