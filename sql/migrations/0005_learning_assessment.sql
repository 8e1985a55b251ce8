-- depends: 0004_learning_progress
-- What learners hand in, how they answer quizzes, and what was said about it.
-- lint: ignore-file foreign-key-locks-parent: every database of 1.0.0 begins with this file, before its first row

SET LOCAL "citus.multi_shard_modify_mode" = 'sequential'; -- for Citus; see 0001_foundations
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '60s';

CREATE TYPE learning.submission_status AS ENUM ('PENDING', 'RUNNING', 'PASSED', 'FAILED', 'ERROR');
COMMENT ON TYPE learning.submission_status IS
'Where a submission is in grading: waiting, claimed, or one of three ends. ERROR means that grading itself failed.';

CREATE TYPE learning.analysis_type AS ENUM ('AI', 'MANUAL', 'HYBRID');
COMMENT ON TYPE learning.analysis_type IS 'Who analysed: a model, a person, or a person with the help of a model.';


CREATE TABLE learning.assignment_submissions (
    user_id          uuid                       NOT NULL,
    id               uuid                       NOT NULL DEFAULT gen_random_uuid(),
    assignment_id    uuid                       NOT NULL,
    attempt_number   integer                    NOT NULL,
    code             text                       NOT NULL,
    status           learning.submission_status NOT NULL DEFAULT 'PENDING',
    score            integer,
    test_results     jsonb,
    execution_ms     integer,
    memory_kb        integer,
    error_message    text,
    claimed_by       text,
    claim_expires_at timestamptz,
    submitted_at     timestamptz                NOT NULL DEFAULT now(),
    graded_at        timestamptz,
    created_at       timestamptz                NOT NULL DEFAULT now(),
    updated_at       timestamptz                NOT NULL DEFAULT now(),

    CONSTRAINT assignment_submissions_user_id_id_pk PRIMARY KEY (user_id, id),
    CONSTRAINT assignment_submissions_user_id_assignment_id_attempt_number_key
    UNIQUE (user_id, assignment_id, attempt_number),
    CONSTRAINT assignment_submissions_user_id_fk FOREIGN KEY (user_id) REFERENCES auth.users (id) ON DELETE CASCADE,
    CONSTRAINT assignment_submissions_assignment_id_fk
    FOREIGN KEY (assignment_id) REFERENCES learning.assignments (id) ON DELETE RESTRICT,
    CONSTRAINT assignment_submissions_attempt_number_check CHECK (attempt_number > 0),
    CONSTRAINT assignment_submissions_score_check CHECK (score >= 0),
    CONSTRAINT assignment_submissions_test_results_check CHECK (jsonb_typeof(test_results) = 'array'),
    CONSTRAINT assignment_submissions_execution_ms_check CHECK (execution_ms >= 0),
    CONSTRAINT assignment_submissions_memory_kb_check CHECK (memory_kb >= 0),
    -- A claim is a name and a deadline, or nothing. Without one, a RUNNING submission would never be taken over.
    CONSTRAINT assignment_submissions_claimed_by_claim_expires_at_check
    CHECK ((claimed_by IS NULL) = (claim_expires_at IS NULL)),
    CONSTRAINT assignment_submissions_status_claimed_by_check CHECK (status <> 'RUNNING' OR claimed_by IS NOT NULL),
    CONSTRAINT assignment_submissions_status_graded_at_check
    CHECK ((status IN ('PASSED', 'FAILED', 'ERROR')) = (graded_at IS NOT NULL))
);

CREATE INDEX assignment_submissions_assignment_id_idx ON learning.assignment_submissions (assignment_id);
CREATE INDEX assignment_submissions_user_id_submitted_at_id_idx
ON learning.assignment_submissions (user_id, submitted_at, id);
-- The graders' queue, over all users: small, whatever the size of the table.
CREATE INDEX assignment_submissions_submitted_at_status_idx
ON learning.assignment_submissions (submitted_at) WHERE status IN ('PENDING', 'RUNNING');

COMMENT ON TABLE learning.assignment_submissions IS
'Code handed in for an assignment, and the result of grading it. With FOR UPDATE SKIP LOCKED a grader takes a row that
is PENDING, or RUNNING with an expired claim; it writes the result only while the claim is still its own.

Class: U';
COMMENT ON COLUMN learning.assignment_submissions.user_id IS 'Owner: the learner.';
COMMENT ON COLUMN learning.assignment_submissions.id IS 'Key within the owner; a client may choose it.';
COMMENT ON COLUMN learning.assignment_submissions.assignment_id IS 'The assignment.';
COMMENT ON COLUMN learning.assignment_submissions.attempt_number IS
'Counts the learner''s submissions to this assignment, from 1.';
COMMENT ON COLUMN learning.assignment_submissions.code IS 'The code as handed in.';
COMMENT ON COLUMN learning.assignment_submissions.status IS 'Where it is in grading.';
COMMENT ON COLUMN learning.assignment_submissions.score IS
'Points, at most max_score of the assignment; NULL until graded.';
COMMENT ON COLUMN learning.assignment_submissions.test_results IS
'Array with the outcome of each test case; NULL until graded.';
COMMENT ON COLUMN learning.assignment_submissions.execution_ms IS 'Time that the run took, in milliseconds.';
COMMENT ON COLUMN learning.assignment_submissions.memory_kb IS 'Memory that the run took at most, in kibibytes.';
COMMENT ON COLUMN learning.assignment_submissions.error_message IS
'What the compiler or the grader said, if it failed.';
COMMENT ON COLUMN learning.assignment_submissions.claimed_by IS 'The grader that has, or had, the claim.';
COMMENT ON COLUMN learning.assignment_submissions.claim_expires_at IS 'From then on another grader may take it over.';
COMMENT ON COLUMN learning.assignment_submissions.submitted_at IS 'When the learner handed it in.';
COMMENT ON COLUMN learning.assignment_submissions.graded_at IS
'When grading ended, well or badly; NULL while PENDING or RUNNING.';
COMMENT ON COLUMN learning.assignment_submissions.created_at IS 'When the row was inserted.';
COMMENT ON COLUMN learning.assignment_submissions.updated_at IS 'When the row was last changed; each UPDATE sets it.';


CREATE TABLE learning.mcq_attempts (
    user_id        uuid                     NOT NULL,
    id             uuid                     NOT NULL DEFAULT gen_random_uuid(),
    quiz_id        uuid                     NOT NULL,
    attempt_number integer                  NOT NULL,
    status         learning.progress_status NOT NULL DEFAULT 'IN_PROGRESS',
    score          integer,
    max_score      integer                  NOT NULL,
    passed         boolean,
    started_at     timestamptz              NOT NULL DEFAULT now(),
    completed_at   timestamptz,
    created_at     timestamptz              NOT NULL DEFAULT now(),
    updated_at     timestamptz              NOT NULL DEFAULT now(),

    CONSTRAINT mcq_attempts_user_id_id_pk PRIMARY KEY (user_id, id),
    -- Adds nothing to the primary key but a target for mcq_answers, which so stays within the quiz of its attempt.
    CONSTRAINT mcq_attempts_user_id_id_quiz_id_key UNIQUE (user_id, id, quiz_id),
    CONSTRAINT mcq_attempts_user_id_quiz_id_attempt_number_key UNIQUE (user_id, quiz_id, attempt_number),
    CONSTRAINT mcq_attempts_user_id_fk FOREIGN KEY (user_id) REFERENCES auth.users (id) ON DELETE CASCADE,
    CONSTRAINT mcq_attempts_quiz_id_fk FOREIGN KEY (quiz_id) REFERENCES learning.mcq_quizzes (id) ON DELETE RESTRICT,
    CONSTRAINT mcq_attempts_attempt_number_check CHECK (attempt_number > 0),
    CONSTRAINT mcq_attempts_max_score_check CHECK (max_score >= 0),
    CONSTRAINT mcq_attempts_score_max_score_check CHECK (score BETWEEN 0 AND max_score),
    CONSTRAINT mcq_attempts_status_completed_at_check CHECK ((status = 'COMPLETED') = (completed_at IS NOT NULL)),
    CONSTRAINT mcq_attempts_status_score_passed_check
    CHECK (status <> 'COMPLETED' OR (score IS NOT NULL AND passed IS NOT NULL)),
    CONSTRAINT mcq_attempts_completed_at_started_at_check CHECK (completed_at >= started_at)
);

CREATE INDEX mcq_attempts_quiz_id_idx ON learning.mcq_attempts (quiz_id);
-- What the sweep of overdue attempts reads, over all users: small, whatever the size of the table.
CREATE INDEX mcq_attempts_started_at_status_idx ON learning.mcq_attempts (started_at) WHERE status <> 'COMPLETED';

COMMENT ON TABLE learning.mcq_attempts IS
'One go of a learner at a quiz.

Class: U';
COMMENT ON COLUMN learning.mcq_attempts.user_id IS 'Owner: the learner.';
COMMENT ON COLUMN learning.mcq_attempts.id IS 'Key within the owner; a client may choose it.';
COMMENT ON COLUMN learning.mcq_attempts.quiz_id IS 'The quiz.';
COMMENT ON COLUMN learning.mcq_attempts.attempt_number IS 'Counts the learner''s attempts at this quiz, from 1.';
COMMENT ON COLUMN learning.mcq_attempts.status IS 'How far the learner is with it.';
COMMENT ON COLUMN learning.mcq_attempts.score IS 'Points so far; final once COMPLETED.';
COMMENT ON COLUMN learning.mcq_attempts.max_score IS
'Points of all questions when the attempt began; the quiz may change later.';
COMMENT ON COLUMN learning.mcq_attempts.passed IS
'Whether passing_percent was reached, as the quiz had it then; NULL until COMPLETED.';
COMMENT ON COLUMN learning.mcq_attempts.started_at IS 'When the learner began.';
COMMENT ON COLUMN learning.mcq_attempts.completed_at IS 'When it became COMPLETED; NULL in every other status.';
COMMENT ON COLUMN learning.mcq_attempts.created_at IS 'When the row was inserted.';
COMMENT ON COLUMN learning.mcq_attempts.updated_at IS 'When the row was last changed; each UPDATE sets it.';


-- quiz_id is stored again so that two composite keys can tie it: to the attempt, and to the question. Hence an answer
-- can neither go to a question of another quiz nor choose an option of another question.
CREATE TABLE learning.mcq_answers (
    user_id        uuid        NOT NULL,
    id             uuid        NOT NULL DEFAULT gen_random_uuid(),
    attempt_id     uuid        NOT NULL,
    quiz_id        uuid        NOT NULL,
    question_id    uuid        NOT NULL,
    option_id      uuid        NOT NULL,
    is_correct     boolean     NOT NULL,
    points_awarded integer     NOT NULL DEFAULT 0,
    answered_at    timestamptz NOT NULL DEFAULT now(),
    created_at     timestamptz NOT NULL DEFAULT now(),
    updated_at     timestamptz NOT NULL DEFAULT now(),

    CONSTRAINT mcq_answers_user_id_id_pk PRIMARY KEY (user_id, id),
    -- One answer per question and attempt. The attempt decides quiz_id, which is here only so that the index also
    -- starts with the columns of the foreign key to the attempt.
    CONSTRAINT mcq_answers_user_id_attempt_id_quiz_id_question_id_key
    UNIQUE (user_id, attempt_id, quiz_id, question_id),
    CONSTRAINT mcq_answers_user_id_fk FOREIGN KEY (user_id) REFERENCES auth.users (id) ON DELETE CASCADE,
    CONSTRAINT mcq_answers_user_id_attempt_id_quiz_id_fk
    FOREIGN KEY (user_id, attempt_id, quiz_id)
    REFERENCES learning.mcq_attempts (user_id, id, quiz_id) ON DELETE CASCADE,
    CONSTRAINT mcq_answers_quiz_id_question_id_fk
    FOREIGN KEY (quiz_id, question_id) REFERENCES learning.mcq_questions (quiz_id, id) ON DELETE RESTRICT,
    CONSTRAINT mcq_answers_question_id_option_id_fk
    FOREIGN KEY (question_id, option_id) REFERENCES learning.mcq_options (question_id, id) ON DELETE RESTRICT,
    CONSTRAINT mcq_answers_points_awarded_check CHECK (points_awarded >= 0),
    CONSTRAINT mcq_answers_is_correct_points_awarded_check CHECK (is_correct OR points_awarded = 0)
);

CREATE INDEX mcq_answers_quiz_id_question_id_idx ON learning.mcq_answers (quiz_id, question_id);
CREATE INDEX mcq_answers_question_id_option_id_idx ON learning.mcq_answers (question_id, option_id);

COMMENT ON TABLE learning.mcq_answers IS
'The option that a learner chose for a question in an attempt. A question without an answer has no row.

Class: U';
COMMENT ON COLUMN learning.mcq_answers.user_id IS 'Owner: the learner.';
COMMENT ON COLUMN learning.mcq_answers.id IS 'Key within the owner; a client may choose it.';
COMMENT ON COLUMN learning.mcq_answers.attempt_id IS 'The attempt it belongs to.';
COMMENT ON COLUMN learning.mcq_answers.quiz_id IS 'The quiz of the attempt and of the question.';
COMMENT ON COLUMN learning.mcq_answers.question_id IS 'The question, one of that quiz.';
COMMENT ON COLUMN learning.mcq_answers.option_id IS 'The chosen option, one of that question.';
COMMENT ON COLUMN learning.mcq_answers.is_correct IS
'Whether the option was right when it was chosen; the quiz may change later.';
COMMENT ON COLUMN learning.mcq_answers.points_awarded IS 'Points for it; none unless it is right.';
COMMENT ON COLUMN learning.mcq_answers.answered_at IS
'When the learner chose, the last time if the choice was changed.';
COMMENT ON COLUMN learning.mcq_answers.created_at IS 'When the row was inserted.';
COMMENT ON COLUMN learning.mcq_answers.updated_at IS 'When the row was last changed; each UPDATE sets it.';


-- In both tables of analyses the CHECK on a review does not ask for reviewer_id: it becomes NULL when that account is
-- erased, and the review stays.
CREATE TABLE learning.assignment_analyses (
    user_id        uuid                   NOT NULL,
    id             uuid                   NOT NULL DEFAULT gen_random_uuid(),
    submission_id  uuid                   NOT NULL,
    type           learning.analysis_type NOT NULL,
    ai_model       text,
    ai_result      jsonb,
    reviewer_id    uuid,
    reviewer_notes text,
    score          integer,
    reviewed_at    timestamptz,
    created_at     timestamptz            NOT NULL DEFAULT now(),
    updated_at     timestamptz            NOT NULL DEFAULT now(),

    CONSTRAINT assignment_analyses_user_id_id_pk PRIMARY KEY (user_id, id),
    CONSTRAINT assignment_analyses_user_id_submission_id_key UNIQUE (user_id, submission_id),
    CONSTRAINT assignment_analyses_user_id_fk FOREIGN KEY (user_id) REFERENCES auth.users (id) ON DELETE CASCADE,
    CONSTRAINT assignment_analyses_user_id_submission_id_fk
    FOREIGN KEY (user_id, submission_id) REFERENCES learning.assignment_submissions (user_id, id) ON DELETE CASCADE,
    CONSTRAINT assignment_analyses_reviewer_id_fk
    FOREIGN KEY (reviewer_id) REFERENCES auth.users (id) ON DELETE SET NULL,
    CONSTRAINT assignment_analyses_type_ai_model_ai_result_check
    CHECK (type = 'MANUAL' OR (ai_model IS NOT NULL AND ai_result IS NOT NULL)),
    CONSTRAINT assignment_analyses_type_reviewer_notes_reviewed_at_check
    CHECK (type = 'AI' OR (reviewer_notes IS NOT NULL AND reviewed_at IS NOT NULL)),
    CONSTRAINT assignment_analyses_ai_result_check CHECK (jsonb_typeof(ai_result) = 'object'),
    CONSTRAINT assignment_analyses_score_check CHECK (score BETWEEN 0 AND 100)
);

CREATE INDEX assignment_analyses_reviewer_id_idx ON learning.assignment_analyses (reviewer_id);
-- The instructors' queue, over all users, the oldest first.
CREATE INDEX assignment_analyses_created_at_reviewed_at_idx
ON learning.assignment_analyses (created_at) WHERE reviewed_at IS NULL;

COMMENT ON TABLE learning.assignment_analyses IS
'What a model, a person or both say about a submission; at most one for a submission.

Class: U';
COMMENT ON COLUMN learning.assignment_analyses.user_id IS 'Owner: the learner who handed in.';
COMMENT ON COLUMN learning.assignment_analyses.id IS 'Key within the owner; a client may choose it.';
COMMENT ON COLUMN learning.assignment_analyses.submission_id IS 'The submission, of the same owner.';
COMMENT ON COLUMN learning.assignment_analyses.type IS
'AI has a model and its result, MANUAL has a review, HYBRID has both.';
COMMENT ON COLUMN learning.assignment_analyses.ai_model IS 'Name and version of the model.';
COMMENT ON COLUMN learning.assignment_analyses.ai_result IS 'Object: what the model found.';
COMMENT ON COLUMN learning.assignment_analyses.reviewer_id IS
'Who reviewed; NULL without a review, or once their account was erased.';
COMMENT ON COLUMN learning.assignment_analyses.reviewer_notes IS 'The review, Markdown.';
COMMENT ON COLUMN learning.assignment_analyses.score IS
'Quality of the work, 0 to 100; apart from the points of the submission.';
COMMENT ON COLUMN learning.assignment_analyses.reviewed_at IS 'When it was reviewed; NULL without a review.';
COMMENT ON COLUMN learning.assignment_analyses.created_at IS 'When the row was inserted.';
COMMENT ON COLUMN learning.assignment_analyses.updated_at IS 'When the row was last changed; each UPDATE sets it.';


CREATE TABLE learning.quiz_analyses (
    user_id        uuid                   NOT NULL,
    id             uuid                   NOT NULL DEFAULT gen_random_uuid(),
    attempt_id     uuid                   NOT NULL,
    type           learning.analysis_type NOT NULL,
    ai_model       text,
    ai_result      jsonb,
    reviewer_id    uuid,
    reviewer_notes text,
    score          integer,
    reviewed_at    timestamptz,
    created_at     timestamptz            NOT NULL DEFAULT now(),
    updated_at     timestamptz            NOT NULL DEFAULT now(),

    CONSTRAINT quiz_analyses_user_id_id_pk PRIMARY KEY (user_id, id),
    CONSTRAINT quiz_analyses_user_id_attempt_id_key UNIQUE (user_id, attempt_id),
    CONSTRAINT quiz_analyses_user_id_fk FOREIGN KEY (user_id) REFERENCES auth.users (id) ON DELETE CASCADE,
    CONSTRAINT quiz_analyses_user_id_attempt_id_fk
    FOREIGN KEY (user_id, attempt_id) REFERENCES learning.mcq_attempts (user_id, id) ON DELETE CASCADE,
    CONSTRAINT quiz_analyses_reviewer_id_fk FOREIGN KEY (reviewer_id) REFERENCES auth.users (id) ON DELETE SET NULL,
    CONSTRAINT quiz_analyses_type_ai_model_ai_result_check
    CHECK (type = 'MANUAL' OR (ai_model IS NOT NULL AND ai_result IS NOT NULL)),
    CONSTRAINT quiz_analyses_type_reviewer_notes_reviewed_at_check
    CHECK (type = 'AI' OR (reviewer_notes IS NOT NULL AND reviewed_at IS NOT NULL)),
    CONSTRAINT quiz_analyses_ai_result_check CHECK (jsonb_typeof(ai_result) = 'object'),
    CONSTRAINT quiz_analyses_score_check CHECK (score BETWEEN 0 AND 100)
);

CREATE INDEX quiz_analyses_reviewer_id_idx ON learning.quiz_analyses (reviewer_id);
CREATE INDEX quiz_analyses_created_at_reviewed_at_idx
ON learning.quiz_analyses (created_at) WHERE reviewed_at IS NULL;

COMMENT ON TABLE learning.quiz_analyses IS
'What a model, a person or both say about a quiz attempt; at most one for an attempt.

Class: U';
COMMENT ON COLUMN learning.quiz_analyses.user_id IS 'Owner: the learner who answered.';
COMMENT ON COLUMN learning.quiz_analyses.id IS 'Key within the owner; a client may choose it.';
COMMENT ON COLUMN learning.quiz_analyses.attempt_id IS 'The attempt, of the same owner.';
COMMENT ON COLUMN learning.quiz_analyses.type IS
'AI has a model and its result, MANUAL has a review, HYBRID has both.';
COMMENT ON COLUMN learning.quiz_analyses.ai_model IS 'Name and version of the model.';
COMMENT ON COLUMN learning.quiz_analyses.ai_result IS 'Object: what the model found.';
COMMENT ON COLUMN learning.quiz_analyses.reviewer_id IS
'Who reviewed; NULL without a review, or once their account was erased.';
COMMENT ON COLUMN learning.quiz_analyses.reviewer_notes IS 'The review, Markdown.';
COMMENT ON COLUMN learning.quiz_analyses.score IS
'Understanding shown, 0 to 100; apart from the points of the attempt.';
COMMENT ON COLUMN learning.quiz_analyses.reviewed_at IS 'When it was reviewed; NULL without a review.';
COMMENT ON COLUMN learning.quiz_analyses.created_at IS 'When the row was inserted.';
COMMENT ON COLUMN learning.quiz_analyses.updated_at IS 'When the row was last changed; each UPDATE sets it.';
