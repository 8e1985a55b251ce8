-- squawk-ignore-file ban-drop-table, ban-drop-type -- undoing is what a rollback is for; never CASCADE

SET LOCAL "citus.multi_shard_modify_mode" = 'sequential';
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '60s';

DROP TABLE learning.material_progress;
DROP TABLE learning.module_progress;
DROP TABLE learning.language_enrollments;

DROP TYPE learning.enrollment_status;
DROP TYPE learning.progress_status;
