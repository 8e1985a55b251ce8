-- squawk-ignore-file ban-drop-table, ban-drop-type -- undoing is what a rollback is for; never CASCADE

SET LOCAL "citus.multi_shard_modify_mode" = 'sequential';
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '60s';

DROP TABLE learning.quiz_analyses;
DROP TABLE learning.assignment_analyses;
DROP TABLE learning.mcq_answers;
DROP TABLE learning.mcq_attempts;
DROP TABLE learning.assignment_submissions;

DROP TYPE learning.analysis_type;
DROP TYPE learning.submission_status;
