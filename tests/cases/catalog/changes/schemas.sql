CREATE SCHEMA other;
--> schema other added (owner {me})

COMMENT ON SCHEMA app IS 'New.';
--> schema app: comment changed from Holds one of everything. to New.

-- alone
ALTER SCHEMA app OWNER TO pg_monitor;
--> schema app: owner changed from {me} to pg_monitor
--> grant on schema app to pg_monitor removed (privileges USAGE)

-- alone
DROP SCHEMA "Mixed Case" CASCADE;
--> publication whole_schema: schemas removed (was "Mixed Case")
--> schema "Mixed Case" removed (1 table, 1 column, 1 constraint)
