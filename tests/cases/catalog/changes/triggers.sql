ALTER TABLE app.users DISABLE TRIGGER touch;
--> trigger touch on app.users: enabled changed from yes to no

CREATE OR REPLACE TRIGGER summary AFTER UPDATE ON app.posts FOR EACH STATEMENT EXECUTE FUNCTION app.touch();
--> trigger summary on app.posts: enabled changed from on replicas to yes; definition changed
-->     -CREATE TRIGGER summary AFTER INSERT ON app.posts REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION app.touch()
-->     +CREATE TRIGGER summary AFTER UPDATE ON app.posts FOR EACH STATEMENT EXECUTE FUNCTION app.touch()

DROP TRIGGER instead ON app.happy;
--> trigger instead on app.happy removed (definition CREATE TRIGGER instead INSTEAD OF INSERT ON app.happy FOR EACH ROW EXECUTE FUNCTION app.touch(), enabled yes)

COMMENT ON TRIGGER touch ON app.users IS 'x';
--> trigger touch on app.users: comment changed from Every time. to x

ALTER TABLE app.posts DISABLE RULE no_delete;
--> rule no_delete on app.posts: enabled changed from yes to no

DROP RULE copy ON app.counted;
--> rule copy on app.counted removed (enabled yes)

COMMENT ON RULE no_delete ON app.posts IS NULL;
--> rule no_delete on app.posts: comment removed (was Kept.)

ALTER POLICY narrow ON app.posts TO pg_monitor USING (true);
--> policy narrow on app.posts: roles changed from public to pg_monitor; using changed from (score IS DISTINCT FROM 5) to true

DROP POLICY own ON app.posts;
--> policy own on app.posts removed (command update, mode permissive, roles pg_monitor, pg_read_all_data, with check (score < 10), comment Only theirs.)

CREATE POLICY more ON app.posts FOR SELECT USING (score > 1);
--> policy more on app.posts added (command select, mode permissive, roles public, using (score > 1))
