-- squawk-ignore-file ban-drop-schema -- undoing is what a rollback is for; never CASCADE, so a stray object stops it

SET LOCAL "citus.multi_shard_modify_mode" = 'sequential';
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '60s';

DROP SCHEMA activity;
DROP SCHEMA notifications;
DROP SCHEMA payments;
DROP SCHEMA learning;
DROP SCHEMA auth;
