-- squawk-ignore-file ban-drop-table, ban-drop-function -- undoing is what a rollback is for; never CASCADE

SET LOCAL "citus.multi_shard_modify_mode" = 'sequential';
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '60s';

DROP FUNCTION activity.partition_months_left(timestamptz);
DROP PROCEDURE activity.create_monthly_partitions(date, date);

-- Each with all its monthly partitions, whoever made them.
DROP TABLE activity.analytics_events;
DROP TABLE activity.user_activities;
