-- squawk-ignore-file ban-drop-table, ban-drop-type -- undoing is what a rollback is for; never CASCADE

SET LOCAL "citus.multi_shard_modify_mode" = 'sequential';
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '60s';

DROP TABLE auth.email_verifications;
DROP TABLE auth.password_resets;
DROP TABLE auth.oauth_accounts;
DROP TABLE auth.sessions;
DROP TABLE auth.user_profiles;
DROP TABLE auth.users;

DROP TYPE auth.role;
