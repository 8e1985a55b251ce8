-- One schema for each service. A service writes only its own schema and refers to the others by foreign key.

-- Citus, should the database be spread over it one day, needs this for DDL that touches reference and distributed
-- tables in one transaction.
-- PostgreSQL alone keeps it as a name nobody reads. Quoted, because sqlfluff cannot parse a dotted name here.
SET LOCAL "citus.multi_shard_modify_mode" = 'sequential';
-- Give up rather than queue in front of the application. Also right for a run by hand: psql -1 -f FILE.
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '60s';

CREATE SCHEMA auth;
CREATE SCHEMA learning;
CREATE SCHEMA payments;
CREATE SCHEMA notifications;
CREATE SCHEMA activity;

COMMENT ON SCHEMA auth IS 'Auth service: accounts, profiles, sessions and the proofs of who somebody is.';
COMMENT ON SCHEMA learning IS 'Learning service: the catalogue, and what each learner did with it.';
COMMENT ON SCHEMA payments IS
'Payments service: subscriptions and the money that moved. Money rows are never deleted.';
COMMENT ON SCHEMA notifications IS
'Notifications service: what people were told, by which channel, and what they want to hear.';
COMMENT ON SCHEMA activity IS 'Activity service: the activity feed and product analytics, partitioned by month.';
