-- depends: 0002_auth
-- The catalogue, which is what can be learned. Small, shared by everyone, soft-deleted; it never refers to a learner.
-- lint: ignore-file foreign-key-locks-parent: every database of 1.0.0 begins with this file, before its first row

SET LOCAL "citus.multi_shard_modify_mode" = 'sequential'; -- for Citus; see 0001_foundations
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '60s';

CREATE TYPE learning.difficulty AS ENUM ('BEGINNER', 'INTERMEDIATE', 'ADVANCED');
COMMENT ON TYPE learning.difficulty IS 'How much a learner should know before.';

CREATE TYPE learning.material_type AS ENUM ('VIDEO', 'ARTICLE', 'CODE_EXAMPLE', 'INTERACTIVE');
COMMENT ON TYPE learning.material_type IS 'What a material is made of; decides which of its columns must be filled.';


CREATE TABLE learning.programming_languages (
    id          uuid        NOT NULL DEFAULT gen_random_uuid(),
    slug        text        NOT NULL,
    name        text        NOT NULL,
    description text,
    icon_url    text,
    is_active   boolean     NOT NULL DEFAULT TRUE,
    position    integer     NOT NULL DEFAULT 0,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),
    deleted_at  timestamptz,

    CONSTRAINT programming_languages_id_pk PRIMARY KEY (id),
    CONSTRAINT programming_languages_slug_check CHECK (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
    CONSTRAINT programming_languages_position_check CHECK (position >= 0)
);

CREATE UNIQUE INDEX programming_languages_slug_key ON learning.programming_languages (slug) WHERE deleted_at IS NULL;

COMMENT ON TABLE learning.programming_languages IS
'A programming language that the platform teaches.

Class: R';
COMMENT ON COLUMN learning.programming_languages.id IS
'Key; a client may choose it, which makes the insert idempotent.';
COMMENT ON COLUMN learning.programming_languages.slug IS
'Name in URLs, such as c-sharp; unique among live languages.';
COMMENT ON COLUMN learning.programming_languages.name IS 'Name as people write it, such as C#.';
COMMENT ON COLUMN learning.programming_languages.description IS 'What the language is for, Markdown.';
COMMENT ON COLUMN learning.programming_languages.icon_url IS 'Logo of the language.';
COMMENT ON COLUMN learning.programming_languages.is_active IS
'Whether learners may enrol. Those already enrolled go on.';
COMMENT ON COLUMN learning.programming_languages.position IS 'Order in lists; ties are broken by id.';
COMMENT ON COLUMN learning.programming_languages.created_at IS 'When the row was inserted.';
COMMENT ON COLUMN learning.programming_languages.updated_at IS 'When the row was last changed; each UPDATE sets it.';
COMMENT ON COLUMN learning.programming_languages.deleted_at IS 'When it was soft-deleted; NULL while it is live.';


CREATE TABLE learning.modules (
    id                uuid                NOT NULL DEFAULT gen_random_uuid(),
    language_id       uuid                NOT NULL,
    slug              text                NOT NULL,
    title             text                NOT NULL,
    description       text,
    difficulty        learning.difficulty NOT NULL,
    estimated_minutes integer,
    position          integer             NOT NULL DEFAULT 0,
    is_published      boolean             NOT NULL DEFAULT FALSE,
    created_by        uuid,
    created_at        timestamptz         NOT NULL DEFAULT now(),
    updated_at        timestamptz         NOT NULL DEFAULT now(),
    deleted_at        timestamptz,

    CONSTRAINT modules_id_pk PRIMARY KEY (id),
    CONSTRAINT modules_language_id_fk
    FOREIGN KEY (language_id) REFERENCES learning.programming_languages (id) ON DELETE CASCADE,
    -- A second reference to a user, not an owner: the module outlives its author's account.
    CONSTRAINT modules_created_by_fk FOREIGN KEY (created_by) REFERENCES auth.users (id) ON DELETE SET NULL,
    CONSTRAINT modules_slug_check CHECK (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
    CONSTRAINT modules_estimated_minutes_check CHECK (estimated_minutes > 0),
    CONSTRAINT modules_position_check CHECK (position >= 0)
);

CREATE UNIQUE INDEX modules_language_id_slug_key ON learning.modules (language_id, slug) WHERE deleted_at IS NULL;
CREATE INDEX modules_language_id_position_id_idx ON learning.modules (language_id, position, id);
CREATE INDEX modules_created_by_idx ON learning.modules (created_by);

COMMENT ON TABLE learning.modules IS
'A chapter of a language: materials, assignments and quizzes on one subject.

Class: R';
COMMENT ON COLUMN learning.modules.id IS 'Key; a client may choose it.';
COMMENT ON COLUMN learning.modules.language_id IS 'The language it belongs to.';
COMMENT ON COLUMN learning.modules.slug IS 'Name in URLs; unique among the live modules of its language.';
COMMENT ON COLUMN learning.modules.title IS 'Heading.';
COMMENT ON COLUMN learning.modules.description IS 'What will be learned, Markdown.';
COMMENT ON COLUMN learning.modules.difficulty IS 'How much a learner should know before.';
COMMENT ON COLUMN learning.modules.estimated_minutes IS 'Time that a learner will need, in minutes; NULL if unknown.';
COMMENT ON COLUMN learning.modules.position IS
'Order within the language; ties are broken by id, so that reordering is one UPDATE.';
COMMENT ON COLUMN learning.modules.is_published IS 'Whether learners see it.';
COMMENT ON COLUMN learning.modules.created_by IS 'The author; NULL once their account was erased.';
COMMENT ON COLUMN learning.modules.created_at IS 'When the row was inserted.';
COMMENT ON COLUMN learning.modules.updated_at IS 'When the row was last changed; each UPDATE sets it.';
COMMENT ON COLUMN learning.modules.deleted_at IS 'When it was soft-deleted; NULL while it is live.';


CREATE TABLE learning.materials (
    id               uuid                   NOT NULL DEFAULT gen_random_uuid(),
    module_id        uuid                   NOT NULL,
    type             learning.material_type NOT NULL,
    title            text                   NOT NULL,
    body             text,
    url              text,
    code             jsonb,
    duration_seconds integer,
    position         integer                NOT NULL DEFAULT 0,
    is_published     boolean                NOT NULL DEFAULT FALSE,
    created_at       timestamptz            NOT NULL DEFAULT now(),
    updated_at       timestamptz            NOT NULL DEFAULT now(),
    deleted_at       timestamptz,

    CONSTRAINT materials_id_pk PRIMARY KEY (id),
    CONSTRAINT materials_module_id_fk FOREIGN KEY (module_id) REFERENCES learning.modules (id) ON DELETE CASCADE,
    -- What each type is nothing without. INTERACTIVE takes its content from any of the three.
    CONSTRAINT materials_type_url_check CHECK (type <> 'VIDEO' OR url IS NOT NULL),
    CONSTRAINT materials_type_body_check CHECK (type <> 'ARTICLE' OR body IS NOT NULL),
    CONSTRAINT materials_type_code_check CHECK (type <> 'CODE_EXAMPLE' OR code IS NOT NULL),
    CONSTRAINT materials_code_check CHECK (jsonb_typeof(code) = 'object'),
    CONSTRAINT materials_duration_seconds_check CHECK (duration_seconds >= 0),
    CONSTRAINT materials_position_check CHECK (position >= 0)
);

CREATE INDEX materials_module_id_position_id_idx ON learning.materials (module_id, position, id);

COMMENT ON TABLE learning.materials IS
'Something to watch, read or try within a module.

Class: R';
COMMENT ON COLUMN learning.materials.id IS 'Key; a client may choose it.';
COMMENT ON COLUMN learning.materials.module_id IS 'The module it belongs to.';
COMMENT ON COLUMN learning.materials.type IS
'What it is made of: a VIDEO has a url, an ARTICLE a body, a CODE_EXAMPLE code.';
COMMENT ON COLUMN learning.materials.title IS 'Heading.';
COMMENT ON COLUMN learning.materials.body IS 'Text, Markdown.';
COMMENT ON COLUMN learning.materials.url IS 'Where the video or the interactive page is.';
COMMENT ON COLUMN learning.materials.code IS 'Object: the example, its language and its files.';
COMMENT ON COLUMN learning.materials.duration_seconds IS 'Length in seconds; NULL where it makes no sense.';
COMMENT ON COLUMN learning.materials.position IS 'Order within the module; ties are broken by id.';
COMMENT ON COLUMN learning.materials.is_published IS 'Whether learners see it.';
COMMENT ON COLUMN learning.materials.created_at IS 'When the row was inserted.';
COMMENT ON COLUMN learning.materials.updated_at IS 'When the row was last changed; each UPDATE sets it.';
COMMENT ON COLUMN learning.materials.deleted_at IS 'When it was soft-deleted; NULL while it is live.';


CREATE TABLE learning.assignments (
    id              uuid                NOT NULL DEFAULT gen_random_uuid(),
    module_id       uuid                NOT NULL,
    title           text                NOT NULL,
    description     text                NOT NULL,
    difficulty      learning.difficulty NOT NULL,
    starter_code    text,
    solution_code   text,
    test_cases      jsonb               NOT NULL DEFAULT '[]',
    time_limit_ms   integer             NOT NULL DEFAULT 5000,
    memory_limit_mb integer             NOT NULL DEFAULT 256,
    max_score       integer             NOT NULL DEFAULT 100,
    max_attempts    integer,
    position        integer             NOT NULL DEFAULT 0,
    created_at      timestamptz         NOT NULL DEFAULT now(),
    updated_at      timestamptz         NOT NULL DEFAULT now(),
    deleted_at      timestamptz,

    CONSTRAINT assignments_id_pk PRIMARY KEY (id),
    CONSTRAINT assignments_module_id_fk FOREIGN KEY (module_id) REFERENCES learning.modules (id) ON DELETE CASCADE,
    CONSTRAINT assignments_test_cases_check CHECK (jsonb_typeof(test_cases) = 'array'),
    CONSTRAINT assignments_time_limit_ms_check CHECK (time_limit_ms > 0),
    CONSTRAINT assignments_memory_limit_mb_check CHECK (memory_limit_mb > 0),
    CONSTRAINT assignments_max_score_check CHECK (max_score > 0),
    CONSTRAINT assignments_max_attempts_check CHECK (max_attempts > 0),
    CONSTRAINT assignments_position_check CHECK (position >= 0)
);

CREATE INDEX assignments_module_id_position_id_idx ON learning.assignments (module_id, position, id);

COMMENT ON TABLE learning.assignments IS
'A programming exercise that is graded by running test cases.

Class: R';
COMMENT ON COLUMN learning.assignments.id IS 'Key; a client may choose it.';
COMMENT ON COLUMN learning.assignments.module_id IS 'The module it belongs to.';
COMMENT ON COLUMN learning.assignments.title IS 'Heading.';
COMMENT ON COLUMN learning.assignments.description IS 'The task, Markdown.';
COMMENT ON COLUMN learning.assignments.difficulty IS 'How much a learner should know before.';
COMMENT ON COLUMN learning.assignments.starter_code IS 'What the editor shows at first.';
COMMENT ON COLUMN learning.assignments.solution_code IS 'A solution that passes; never shown to learners.';
COMMENT ON COLUMN learning.assignments.test_cases IS
'Array of test cases: input, expected output, whether it is hidden from learners.';
COMMENT ON COLUMN learning.assignments.time_limit_ms IS 'Time that one test case may take, in milliseconds.';
COMMENT ON COLUMN learning.assignments.memory_limit_mb IS 'Memory that one test case may take, in mebibytes.';
COMMENT ON COLUMN learning.assignments.max_score IS 'Points for a perfect submission.';
COMMENT ON COLUMN learning.assignments.max_attempts IS 'How often a learner may submit; NULL for no limit.';
COMMENT ON COLUMN learning.assignments.position IS 'Order within the module; ties are broken by id.';
COMMENT ON COLUMN learning.assignments.created_at IS 'When the row was inserted.';
COMMENT ON COLUMN learning.assignments.updated_at IS 'When the row was last changed; each UPDATE sets it.';
COMMENT ON COLUMN learning.assignments.deleted_at IS 'When it was soft-deleted; NULL while it is live.';


CREATE TABLE learning.mcq_quizzes (
    id                 uuid                NOT NULL DEFAULT gen_random_uuid(),
    module_id          uuid                NOT NULL,
    title              text                NOT NULL,
    description        text,
    difficulty         learning.difficulty NOT NULL,
    time_limit_seconds integer,
    passing_percent    integer             NOT NULL DEFAULT 70,
    max_attempts       integer,
    shuffle_questions  boolean             NOT NULL DEFAULT FALSE,
    created_at         timestamptz         NOT NULL DEFAULT now(),
    updated_at         timestamptz         NOT NULL DEFAULT now(),
    deleted_at         timestamptz,

    CONSTRAINT mcq_quizzes_id_pk PRIMARY KEY (id),
    CONSTRAINT mcq_quizzes_module_id_fk FOREIGN KEY (module_id) REFERENCES learning.modules (id) ON DELETE CASCADE,
    CONSTRAINT mcq_quizzes_time_limit_seconds_check CHECK (time_limit_seconds > 0),
    CONSTRAINT mcq_quizzes_passing_percent_check CHECK (passing_percent BETWEEN 0 AND 100),
    CONSTRAINT mcq_quizzes_max_attempts_check CHECK (max_attempts > 0)
);

CREATE INDEX mcq_quizzes_module_id_idx ON learning.mcq_quizzes (module_id);

COMMENT ON TABLE learning.mcq_quizzes IS
'A multiple-choice quiz of a module.

Class: R';
COMMENT ON COLUMN learning.mcq_quizzes.id IS 'Key; a client may choose it.';
COMMENT ON COLUMN learning.mcq_quizzes.module_id IS 'The module it belongs to.';
COMMENT ON COLUMN learning.mcq_quizzes.title IS 'Heading.';
COMMENT ON COLUMN learning.mcq_quizzes.description IS 'What it asks about, Markdown.';
COMMENT ON COLUMN learning.mcq_quizzes.difficulty IS 'How much a learner should know before.';
COMMENT ON COLUMN learning.mcq_quizzes.time_limit_seconds IS 'Time for one attempt, in seconds; NULL for no limit.';
COMMENT ON COLUMN learning.mcq_quizzes.passing_percent IS 'Share of the points that passes, 0 to 100.';
COMMENT ON COLUMN learning.mcq_quizzes.max_attempts IS 'How often a learner may try; NULL for no limit.';
COMMENT ON COLUMN learning.mcq_quizzes.shuffle_questions IS
'Whether each attempt shows the questions in another order.';
COMMENT ON COLUMN learning.mcq_quizzes.created_at IS 'When the row was inserted.';
COMMENT ON COLUMN learning.mcq_quizzes.updated_at IS 'When the row was last changed; each UPDATE sets it.';
COMMENT ON COLUMN learning.mcq_quizzes.deleted_at IS 'When it was soft-deleted; NULL while it is live.';


CREATE TABLE learning.mcq_questions (
    id           uuid        NOT NULL DEFAULT gen_random_uuid(),
    quiz_id      uuid        NOT NULL,
    prompt       text        NOT NULL,
    code_snippet text,
    explanation  text,
    points       integer     NOT NULL DEFAULT 1,
    position     integer     NOT NULL DEFAULT 0,
    created_at   timestamptz NOT NULL DEFAULT now(),
    updated_at   timestamptz NOT NULL DEFAULT now(),
    deleted_at   timestamptz,

    CONSTRAINT mcq_questions_id_pk PRIMARY KEY (id),
    -- Adds nothing to the primary key but a target for mcq_answers, which so stays within its quiz. Never partial.
    CONSTRAINT mcq_questions_quiz_id_id_key UNIQUE (quiz_id, id),
    CONSTRAINT mcq_questions_quiz_id_fk FOREIGN KEY (quiz_id) REFERENCES learning.mcq_quizzes (id) ON DELETE CASCADE,
    CONSTRAINT mcq_questions_points_check CHECK (points >= 0),
    CONSTRAINT mcq_questions_position_check CHECK (position >= 0)
);

CREATE INDEX mcq_questions_quiz_id_position_id_idx ON learning.mcq_questions (quiz_id, position, id);

COMMENT ON TABLE learning.mcq_questions IS
'A question of a quiz.

Class: R';
COMMENT ON COLUMN learning.mcq_questions.id IS 'Key; a client may choose it.';
COMMENT ON COLUMN learning.mcq_questions.quiz_id IS 'The quiz it belongs to.';
COMMENT ON COLUMN learning.mcq_questions.prompt IS 'The question, Markdown.';
COMMENT ON COLUMN learning.mcq_questions.code_snippet IS 'Code that the question is about.';
COMMENT ON COLUMN learning.mcq_questions.explanation IS 'Why the answer is right, Markdown; shown afterwards.';
COMMENT ON COLUMN learning.mcq_questions.points IS 'Points for the right answer.';
COMMENT ON COLUMN learning.mcq_questions.position IS 'Order within the quiz; ties are broken by id.';
COMMENT ON COLUMN learning.mcq_questions.created_at IS 'When the row was inserted.';
COMMENT ON COLUMN learning.mcq_questions.updated_at IS 'When the row was last changed; each UPDATE sets it.';
COMMENT ON COLUMN learning.mcq_questions.deleted_at IS 'When it was soft-deleted; NULL while it is live.';


CREATE TABLE learning.mcq_options (
    id          uuid        NOT NULL DEFAULT gen_random_uuid(),
    question_id uuid        NOT NULL,
    body        text        NOT NULL,
    is_correct  boolean     NOT NULL DEFAULT FALSE,
    position    integer     NOT NULL DEFAULT 0,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),

    CONSTRAINT mcq_options_id_pk PRIMARY KEY (id),
    -- The target of mcq_answers, which so chooses among the options of its own question.
    CONSTRAINT mcq_options_question_id_id_key UNIQUE (question_id, id),
    CONSTRAINT mcq_options_question_id_fk
    FOREIGN KEY (question_id) REFERENCES learning.mcq_questions (id) ON DELETE CASCADE,
    CONSTRAINT mcq_options_position_check CHECK (position >= 0)
);

-- At most one right answer. That there is one at all is the editor's business: a draft has none yet. Checked row by
-- row: another becomes the right one in two statements, the first of which leaves none.
CREATE UNIQUE INDEX mcq_options_question_id_is_correct_key ON learning.mcq_options (question_id) WHERE is_correct;
CREATE INDEX mcq_options_question_id_position_id_idx ON learning.mcq_options (question_id, position, id);

COMMENT ON TABLE learning.mcq_options IS
'A possible answer to a question. Not soft-deleted: it goes with its question, and stays while somebody chose it.

Class: R';
COMMENT ON COLUMN learning.mcq_options.id IS 'Key; a client may choose it.';
COMMENT ON COLUMN learning.mcq_options.question_id IS 'The question it belongs to.';
COMMENT ON COLUMN learning.mcq_options.body IS 'The answer, Markdown.';
COMMENT ON COLUMN learning.mcq_options.is_correct IS 'Whether it is the right one; at most one for a question.';
COMMENT ON COLUMN learning.mcq_options.position IS 'Order within the question; ties are broken by id.';
COMMENT ON COLUMN learning.mcq_options.created_at IS 'When the row was inserted.';
COMMENT ON COLUMN learning.mcq_options.updated_at IS 'When the row was last changed; each UPDATE sets it.';
