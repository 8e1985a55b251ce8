-- squawk-ignore-file ban-drop-table, ban-drop-type -- undoing is what a rollback is for; never CASCADE

SET LOCAL "citus.multi_shard_modify_mode" = 'sequential';
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '60s';

DROP TABLE learning.mcq_options;
DROP TABLE learning.mcq_questions;
DROP TABLE learning.mcq_quizzes;
DROP TABLE learning.assignments;
DROP TABLE learning.materials;
DROP TABLE learning.modules;
DROP TABLE learning.programming_languages;

DROP TYPE learning.material_type;
DROP TYPE learning.difficulty;
