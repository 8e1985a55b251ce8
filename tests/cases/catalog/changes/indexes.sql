CREATE INDEX posts_score_idx ON app.posts (score);
--> index app.posts_score_idx added (definition CREATE INDEX posts_score_idx ON app.posts USING btree (score), valid yes)

DROP INDEX app.posts_title_pattern_idx;
--> index app.posts_title_pattern_idx removed (definition CREATE INDEX posts_title_pattern_idx ON app.posts USING btree (title text_pattern_ops, body COLLATE "C"), valid yes)

ALTER INDEX app.posts_body_idx SET (fastupdate = on);
--> index app.posts_body_idx: definition changed from CREATE INDEX posts_body_idx ON app.posts USING gin (to_tsvector('english'::regconfig, body)) WITH (fastupdate=off) to CREATE INDEX posts_body_idx ON app.posts USING gin (to_tsvector('english'::regconfig, body)) WITH (fastupdate='on')

ALTER INDEX app.posts_title_key ALTER COLUMN 1 SET STATISTICS -1;
--> index app.posts_title_key: statistics targets removed (was 1: 300)

-- alone
ALTER TABLE app.posts CLUSTER ON posts_title_pattern_idx;
--> index app.posts_title_pattern_idx: clustered changed from no to yes

COMMENT ON INDEX app.posts_body_idx IS 'x';
--> index app.posts_body_idx: comment changed from Search. to x

CREATE INDEX hashed_idx ON ONLY app.hashed (a);
--> index app.hashed_idx added (definition CREATE INDEX hashed_idx ON ONLY app.hashed USING btree (a), valid no)

ALTER STATISTICS app.posts_stats SET STATISTICS 60;
--> statistics app.posts_stats: statistics target changed from 50 to 60
