ALTER TABLE app.posts ADD CONSTRAINT posts_title_check CHECK (title <> '');
--> constraint posts_title_check on app.posts added (definition CHECK ((title <> ''::text)), validated yes)

ALTER TABLE app.posts DROP CONSTRAINT posts_score_check;
--> constraint posts_score_check on app.posts removed (definition CHECK ((score > 0)), validated yes)

ALTER TABLE app.posts VALIDATE CONSTRAINT posts_parent_fkey;
--> constraint posts_parent_fkey on app.posts: validated changed from no to yes

ALTER TABLE app.posts ALTER CONSTRAINT posts_user_id_fkey INITIALLY DEFERRED;
--> constraint posts_user_id_fkey on app.posts: definition changed from FOREIGN KEY (user_id) REFERENCES app.users(id) ON DELETE CASCADE DEFERRABLE to FOREIGN KEY (user_id) REFERENCES app.users(id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED

ALTER TABLE app.users RENAME CONSTRAINT users_name_key TO users_name_unique;
--> constraint users_name_key on app.users removed (definition UNIQUE (name) DEFERRABLE INITIALLY DEFERRED, validated yes)
--> constraint users_name_unique on app.users added (definition UNIQUE (name) DEFERRABLE INITIALLY DEFERRED, validated yes)

COMMENT ON CONSTRAINT users_ratio_check ON app.users IS 'x';
--> constraint users_ratio_check on app.users: comment changed from A share. to x

ALTER TABLE app.event_notes DISABLE TRIGGER ALL;
--> constraint event_notes_fkey on app.event_notes: triggers set to disabled

ALTER TABLE app.users SET WITHOUT CLUSTER;
--> constraint users_pkey on app.users: clustered changed from yes to no

ALTER INDEX app.users_email_born_name_key SET (fillfactor = 81);
--> constraint users_email_born_name_key on app.users: index options changed from fillfactor=80 to fillfactor=81

COMMENT ON INDEX app.users_pkey IS NULL;
--> constraint users_pkey on app.users: index comment removed (was The key.)
