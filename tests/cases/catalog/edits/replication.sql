CREATE PUBLICATION {it};
-->
ALTER PUBLICATION {it} SET (publish = 'insert');

CREATE PUBLICATION {it};
-->
ALTER PUBLICATION {it} SET (publish_via_partition_root);

-- since 18
CREATE PUBLICATION {it};
-->
ALTER PUBLICATION {it} SET (publish_generated_columns = stored);

CREATE TABLE {it}_t (a int, b int); CREATE PUBLICATION {it};
-->
ALTER PUBLICATION {it} ADD TABLE {it}_t (a) WHERE (a > 0);

CREATE TABLE {it}_t (a int PRIMARY KEY, b int); CREATE PUBLICATION {it} FOR TABLE {it}_t;
-->
ALTER PUBLICATION {it} SET TABLE {it}_t WHERE (a > 0);

CREATE TABLE {it}_t (a int PRIMARY KEY, b int); CREATE PUBLICATION {it} FOR TABLE {it}_t;
-->
ALTER PUBLICATION {it} SET TABLE {it}_t (a);

CREATE SCHEMA {it}_s; CREATE PUBLICATION {it};
-->
ALTER PUBLICATION {it} ADD TABLES IN SCHEMA {it}_s;

CREATE PUBLICATION {it};
-->
DROP PUBLICATION {it}; CREATE PUBLICATION {it} FOR ALL TABLES;

CREATE PUBLICATION {it};
-->
COMMENT ON PUBLICATION {it} IS 'x';

CREATE SUBSCRIPTION {it} CONNECTION 'host=nowhere dbname=a' PUBLICATION p WITH (connect = false);
-->
ALTER SUBSCRIPTION {it} SET PUBLICATION q WITH (refresh = false);

CREATE SUBSCRIPTION {it} CONNECTION 'host=nowhere dbname=a' PUBLICATION p WITH (connect = false);
-->
ALTER SUBSCRIPTION {it} CONNECTION 'host=elsewhere dbname=a';

CREATE SUBSCRIPTION {it} CONNECTION 'host=nowhere dbname=a' PUBLICATION p WITH (connect = false);
-->
ALTER SUBSCRIPTION {it} SET (binary = true);

CREATE SUBSCRIPTION {it} CONNECTION 'host=nowhere dbname=a' PUBLICATION p WITH (connect = false);
-->
ALTER SUBSCRIPTION {it} SET (streaming = on);

CREATE SUBSCRIPTION {it} CONNECTION 'host=nowhere dbname=a' PUBLICATION p WITH (connect = false);
-->
ALTER SUBSCRIPTION {it} SET (disable_on_error = true);

CREATE SUBSCRIPTION {it} CONNECTION 'host=nowhere dbname=a' PUBLICATION p WITH (connect = false);
-->
ALTER SUBSCRIPTION {it} SET (synchronous_commit = 'local');

CREATE SUBSCRIPTION {it} CONNECTION 'host=nowhere dbname=a' PUBLICATION p WITH (connect = false);
-->
ALTER SUBSCRIPTION {it} SET (slot_name = NONE);

-- since 16
CREATE SUBSCRIPTION {it} CONNECTION 'host=nowhere dbname=a' PUBLICATION p WITH (connect = false);
-->
ALTER SUBSCRIPTION {it} SET (origin = none);

-- since 16
CREATE SUBSCRIPTION {it} CONNECTION 'host=nowhere dbname=a' PUBLICATION p WITH (connect = false);
-->
ALTER SUBSCRIPTION {it} SET (run_as_owner = true);

-- since 16
CREATE SUBSCRIPTION {it} CONNECTION 'host=nowhere dbname=a' PUBLICATION p WITH (connect = false);
-->
ALTER SUBSCRIPTION {it} SET (password_required = false);

-- since 17
CREATE SUBSCRIPTION {it} CONNECTION 'host=nowhere dbname=a' PUBLICATION p WITH (connect = false);
-->
UPDATE pg_subscription SET subfailover = true WHERE subname = '{it}';

CREATE SUBSCRIPTION {it} CONNECTION 'host=nowhere dbname=a' PUBLICATION p WITH (connect = false);
-->
COMMENT ON SUBSCRIPTION {it} IS 'x';

CREATE SUBSCRIPTION {it} CONNECTION 'host=nowhere dbname=a' PUBLICATION p WITH (connect = false);
-->
UPDATE pg_subscription SET subtwophasestate = 'p' WHERE subname = '{it}';

CREATE FOREIGN DATA WRAPPER {it};
-->
ALTER FOREIGN DATA WRAPPER {it} OPTIONS (ADD x '1');

CREATE FOREIGN DATA WRAPPER {it};
-->
ALTER FOREIGN DATA WRAPPER {it} VALIDATOR postgresql_fdw_validator;

CREATE FOREIGN DATA WRAPPER {it};
-->
COMMENT ON FOREIGN DATA WRAPPER {it} IS 'x';

CREATE SERVER {it} FOREIGN DATA WRAPPER edit_wrapper OPTIONS (host 'a');
-->
ALTER SERVER {it} OPTIONS (SET host 'b');

CREATE SERVER {it} FOREIGN DATA WRAPPER edit_wrapper OPTIONS (host 'a');
-->
ALTER SERVER {it} VERSION '2';

CREATE SERVER {it} FOREIGN DATA WRAPPER edit_wrapper;
-->
COMMENT ON SERVER {it} IS 'x';

CREATE SERVER {it} FOREIGN DATA WRAPPER edit_wrapper;
-->
CREATE USER MAPPING FOR pg_monitor SERVER {it};

CREATE SERVER {it} FOREIGN DATA WRAPPER edit_wrapper; CREATE USER MAPPING FOR pg_monitor SERVER {it} OPTIONS (user 'a');
-->
ALTER USER MAPPING FOR pg_monitor SERVER {it} OPTIONS (SET user 'b');

-- only dump: the value of an option that sounds like a secret is not read
CREATE SERVER {it} FOREIGN DATA WRAPPER edit_wrapper; CREATE USER MAPPING FOR pg_monitor SERVER {it} OPTIONS (password 'a');
-->
ALTER USER MAPPING FOR pg_monitor SERVER {it} OPTIONS (SET password 'b');

-- only dump: the value of an option that sounds like a secret is not read
CREATE SERVER {it} FOREIGN DATA WRAPPER edit_wrapper OPTIONS (password 'a');
-->
ALTER SERVER {it} OPTIONS (SET password 'b');
