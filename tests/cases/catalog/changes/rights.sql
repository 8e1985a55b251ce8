GRANT SELECT ON app.posts TO pg_monitor;
--> grant on table app.posts to pg_monitor added (privileges SELECT)

REVOKE INSERT ON app.users FROM pg_read_all_data;
--> grant on table app.users to pg_read_all_data: privileges changed from INSERT, SELECT, TRIGGER to SELECT, TRIGGER

REVOKE GRANT OPTION FOR ALL ON app.users FROM pg_monitor;
--> grant on table app.users to pg_monitor: with grant option removed (was all)

REVOKE UPDATE (name) ON app.users FROM PUBLIC;
--> grant on column app.users.name to public: privileges changed from SELECT, UPDATE to SELECT

GRANT CREATE ON SCHEMA app TO pg_monitor;
--> grant on schema app to pg_monitor: privileges changed from USAGE to all

GRANT EXECUTE ON FUNCTION app.add(integer, integer, integer []) TO PUBLIC;
--> grant on function app.add(integer, integer, integer[]) to public removed (privileges none)

REVOKE EXECUTE ON FUNCTION app.touch() FROM PUBLIC;
--> grant on function app.touch() to public added (privileges none)

GRANT USAGE ON TYPE app.mood TO PUBLIC;
--> grant on type app.mood to public removed (privileges none)

GRANT ALL ON SEQUENCE app.ticket_numbers TO pg_monitor;
--> grant on sequence app.ticket_numbers to pg_monitor: privileges changed from SELECT, USAGE to all

REVOKE ALL ON FOREIGN SERVER far FROM pg_monitor;
--> grant on server far to pg_monitor removed (privileges USAGE)

REVOKE ALL ON LANGUAGE mumble FROM {me};
--> grant on language mumble to its owner added (privileges none)

ALTER DEFAULT PRIVILEGES FOR ROLE pg_monitor IN SCHEMA app GRANT INSERT ON TABLES TO pg_read_all_settings;
--> default privileges on tables of pg_monitor in schema app to pg_read_all_settings: privileges changed from SELECT to INSERT, SELECT

ALTER DEFAULT PRIVILEGES FOR ROLE pg_monitor GRANT EXECUTE ON FUNCTIONS TO PUBLIC;
--> default privileges on functions of pg_monitor to public removed (privileges none)

-- since 17
GRANT MAINTAIN ON app.parent TO pg_monitor;
--> grant on table app.parent to pg_monitor added (privileges MAINTAIN)
