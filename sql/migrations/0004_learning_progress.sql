-- depends: 0003_learning_catalogue
-- How far each learner is. Rows of a learner refer to the catalogue with RESTRICT, because catalogue rows are
-- soft-deleted: really deleting one must not silently take a learner's history with it.
-- lint: ignore-file foreign-key-locks-parent: every database of 1.0.0 begins with this file, before its first row

SET LOCAL "citus.multi_shard_modify_mode" = 'sequential'; -- for Citus; see 0001_foundations
SET LOCAL lock_timeout = '2s';
SET LOCAL statement_timeout = '60s';

CREATE TYPE learning.progress_status AS ENUM ('NOT_STARTED', 'IN_PROGRESS', 'COMPLETED');
COMMENT ON TYPE learning.progress_status IS 'How far a learner is with a module, a material or a quiz attempt.';

CREATE TYPE learning.enrollment_status AS ENUM ('ACTIVE', 'PAUSED', 'COMPLETED', 'DROPPED');
COMMENT ON TYPE learning.enrollment_status IS 'Where a learner stands with a language.';


CREATE TABLE learning.language_enrollments (
    user_id      uuid                       NOT NULL,
    id           uuid                       NOT NULL DEFAULT gen_random_uuid(),
    language_id  uuid                       NOT NULL,
    status       learning.enrollment_status NOT NULL DEFAULT 'ACTIVE',
    enrolled_at  timestamptz                NOT NULL DEFAULT now(),
    completed_at timestamptz,
    created_at   timestamptz                NOT NULL DEFAULT now(),
    updated_at   timestamptz                NOT NULL DEFAULT now(),

    CONSTRAINT language_enrollments_user_id_id_pk PRIMARY KEY (user_id, id),
    CONSTRAINT language_enrollments_user_id_language_id_key UNIQUE (user_id, language_id),
    CONSTRAINT language_enrollments_user_id_fk FOREIGN KEY (user_id) REFERENCES auth.users (id) ON DELETE CASCADE,
    CONSTRAINT language_enrollments_language_id_fk
    FOREIGN KEY (language_id) REFERENCES learning.programming_languages (id) ON DELETE RESTRICT,
    CONSTRAINT language_enrollments_status_completed_at_check
    CHECK ((status = 'COMPLETED') = (completed_at IS NOT NULL)),
    CONSTRAINT language_enrollments_completed_at_enrolled_at_check CHECK (completed_at >= enrolled_at)
);

CREATE INDEX language_enrollments_language_id_idx ON learning.language_enrollments (language_id);

COMMENT ON TABLE learning.language_enrollments IS
'A learner takes up a language; once for a user and language.

Class: U';
COMMENT ON COLUMN learning.language_enrollments.user_id IS 'Owner: the learner.';
COMMENT ON COLUMN learning.language_enrollments.id IS 'Key within the owner; a client may choose it.';
COMMENT ON COLUMN learning.language_enrollments.language_id IS 'The language.';
COMMENT ON COLUMN learning.language_enrollments.status IS 'Where the learner stands.';
COMMENT ON COLUMN learning.language_enrollments.enrolled_at IS 'When the learner began.';
COMMENT ON COLUMN learning.language_enrollments.completed_at IS
'When it became COMPLETED; NULL in every other status.';
COMMENT ON COLUMN learning.language_enrollments.created_at IS 'When the row was inserted.';
COMMENT ON COLUMN learning.language_enrollments.updated_at IS 'When the row was last changed; each UPDATE sets it.';


-- The percentage is not tied to the status: a material published later lowers it without undoing a completion.
CREATE TABLE learning.module_progress (
    user_id      uuid                     NOT NULL,
    id           uuid                     NOT NULL DEFAULT gen_random_uuid(),
    module_id    uuid                     NOT NULL,
    status       learning.progress_status NOT NULL DEFAULT 'NOT_STARTED',
    percent      integer                  NOT NULL DEFAULT 0,
    started_at   timestamptz,
    completed_at timestamptz,
    created_at   timestamptz              NOT NULL DEFAULT now(),
    updated_at   timestamptz              NOT NULL DEFAULT now(),

    CONSTRAINT module_progress_user_id_id_pk PRIMARY KEY (user_id, id),
    CONSTRAINT module_progress_user_id_module_id_key UNIQUE (user_id, module_id),
    CONSTRAINT module_progress_user_id_fk FOREIGN KEY (user_id) REFERENCES auth.users (id) ON DELETE CASCADE,
    CONSTRAINT module_progress_module_id_fk
    FOREIGN KEY (module_id) REFERENCES learning.modules (id) ON DELETE RESTRICT,
    CONSTRAINT module_progress_percent_check CHECK (percent BETWEEN 0 AND 100),
    CONSTRAINT module_progress_status_completed_at_check CHECK ((status = 'COMPLETED') = (completed_at IS NOT NULL)),
    CONSTRAINT module_progress_completed_at_started_at_check CHECK (completed_at >= started_at)
);

CREATE INDEX module_progress_module_id_idx ON learning.module_progress (module_id);

COMMENT ON TABLE learning.module_progress IS
'How far a learner is with a module; once for a user and module.

Class: U';
COMMENT ON COLUMN learning.module_progress.user_id IS 'Owner: the learner.';
COMMENT ON COLUMN learning.module_progress.id IS 'Key within the owner; a client may choose it.';
COMMENT ON COLUMN learning.module_progress.module_id IS 'The module.';
COMMENT ON COLUMN learning.module_progress.status IS 'How far the learner is.';
COMMENT ON COLUMN learning.module_progress.percent IS 'Share of the module that is done, 0 to 100.';
COMMENT ON COLUMN learning.module_progress.started_at IS 'When the learner first opened it; NULL before.';
COMMENT ON COLUMN learning.module_progress.completed_at IS 'When it became COMPLETED; NULL in every other status.';
COMMENT ON COLUMN learning.module_progress.created_at IS 'When the row was inserted.';
COMMENT ON COLUMN learning.module_progress.updated_at IS 'When the row was last changed; each UPDATE sets it.';


CREATE TABLE learning.material_progress (
    user_id          uuid                     NOT NULL,
    id               uuid                     NOT NULL DEFAULT gen_random_uuid(),
    material_id      uuid                     NOT NULL,
    status           learning.progress_status NOT NULL DEFAULT 'NOT_STARTED',
    percent          integer                  NOT NULL DEFAULT 0,
    position_seconds integer                  NOT NULL DEFAULT 0,
    completed_at     timestamptz,
    created_at       timestamptz              NOT NULL DEFAULT now(),
    updated_at       timestamptz              NOT NULL DEFAULT now(),

    CONSTRAINT material_progress_user_id_id_pk PRIMARY KEY (user_id, id),
    CONSTRAINT material_progress_user_id_material_id_key UNIQUE (user_id, material_id),
    CONSTRAINT material_progress_user_id_fk FOREIGN KEY (user_id) REFERENCES auth.users (id) ON DELETE CASCADE,
    CONSTRAINT material_progress_material_id_fk
    FOREIGN KEY (material_id) REFERENCES learning.materials (id) ON DELETE RESTRICT,
    CONSTRAINT material_progress_percent_check CHECK (percent BETWEEN 0 AND 100),
    CONSTRAINT material_progress_position_seconds_check CHECK (position_seconds >= 0),
    CONSTRAINT material_progress_status_completed_at_check CHECK ((status = 'COMPLETED') = (completed_at IS NOT NULL))
);

CREATE INDEX material_progress_material_id_idx ON learning.material_progress (material_id);

COMMENT ON TABLE learning.material_progress IS
'How far a learner is with a material; once for a user and material.

Class: U';
COMMENT ON COLUMN learning.material_progress.user_id IS 'Owner: the learner.';
COMMENT ON COLUMN learning.material_progress.id IS 'Key within the owner; a client may choose it.';
COMMENT ON COLUMN learning.material_progress.material_id IS 'The material.';
COMMENT ON COLUMN learning.material_progress.status IS 'How far the learner is.';
COMMENT ON COLUMN learning.material_progress.percent IS 'Share of the material that is done, 0 to 100.';
COMMENT ON COLUMN learning.material_progress.position_seconds IS
'Where to go on in a video, in seconds from its start.';
COMMENT ON COLUMN learning.material_progress.completed_at IS 'When it became COMPLETED; NULL in every other status.';
COMMENT ON COLUMN learning.material_progress.created_at IS 'When the row was inserted.';
COMMENT ON COLUMN learning.material_progress.updated_at IS 'When the row was last changed; each UPDATE sets it.';
