CREATE TABLE authors (id bigserial PRIMARY KEY, name text NOT NULL, bio text, kind text NOT NULL DEFAULT 'x');
CREATE TABLE books (
    id bigserial PRIMARY KEY, author_id bigint NOT NULL REFERENCES authors, title text NOT NULL, tags text[] NOT NULL
);
