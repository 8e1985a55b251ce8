-- squawk-ignore-file ban-drop-table -- undoing is what a rollback is for; never CASCADE

SET LOCAL "citus.multi_shard_modify_mode" = 'sequential';
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '60s';

DROP TABLE notifications.email_logs;
DROP TABLE notifications.notification_preferences;
DROP TABLE notifications.notifications;
