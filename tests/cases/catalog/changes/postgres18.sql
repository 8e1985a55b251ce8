-- since 18
ALTER TABLE app.posts ADD COLUMN twice integer GENERATED ALWAYS AS (score * 2) VIRTUAL;
--> column app.posts.twice added (type integer, nullable yes, generated (score * 2) virtual)

-- since 18
ALTER TABLE app.posts ADD CONSTRAINT given NOT NULL score NOT VALID;
--> column app.posts.score: nullable changed from yes to no (not valid); not null constraint set to given

-- since 18
COMMENT ON CONSTRAINT users_born_given ON app.users IS 'x';
--> column app.users.born: not null comment set to x

-- since 18
-- alone
ALTER TABLE app.parent ADD CONSTRAINT loose CHECK (a < 9) NOT ENFORCED;
--> constraint loose on app.child added (definition CHECK ((a < 9)) NOT ENFORCED, validated no, inherited yes)
--> constraint loose on app.parent added (definition CHECK ((a < 9)) NOT ENFORCED, validated no)

-- since 18
-- alone
ALTER TABLE app.parent ADD CONSTRAINT b_given NOT NULL b NO INHERIT;
--> column app.parent.b: nullable changed from yes to no (no inherit); not null constraint set to b_given

-- since 18
ALTER PUBLICATION some_tables SET (publish_generated_columns = stored);
--> publication some_tables: generated columns set to stored
