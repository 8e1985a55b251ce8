-- Notes, the first table: an example to replace with your own.

CREATE TABLE notes (
    id         bigint      GENERATED ALWAYS AS IDENTITY,
    title      text        NOT NULL,
    body       text        NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT notes_pk PRIMARY KEY (id),
    CONSTRAINT notes_title_check CHECK (btrim(title) <> '')
);

COMMENT ON TABLE notes IS 'What somebody wrote down.';
