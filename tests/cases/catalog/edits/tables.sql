CREATE TABLE {it} (a int);
-->
ALTER TABLE {it} RENAME TO {it}_new;

CREATE TABLE {it} (a int); CREATE SCHEMA {it}_s;
-->
ALTER TABLE {it} SET SCHEMA {it}_s;

CREATE TABLE {it} (a int);
-->
ALTER TABLE {it} SET UNLOGGED;

CREATE TABLE {it} (a int);
-->
ALTER TABLE {it} SET (fillfactor = 50);

CREATE TABLE {it} (a int) WITH (fillfactor = 50, autovacuum_enabled = off);
-->
ALTER TABLE {it} RESET (autovacuum_enabled);

CREATE TABLE {it} (a text);
-->
ALTER TABLE {it} SET (toast.autovacuum_enabled = off);

CREATE TABLE {it} (a text);
-->
ALTER TABLE {it} SET ACCESS METHOD edit_heap;

CREATE TABLE {it} (a text);
-->
ALTER TABLE {it} SET TABLESPACE edit_space;

CREATE TABLE {it} (a int PRIMARY KEY);
-->
ALTER TABLE {it} CLUSTER ON {it}_pkey;

CREATE TABLE {it} (a int PRIMARY KEY); ALTER TABLE {it} CLUSTER ON {it}_pkey;
-->
ALTER TABLE {it} SET WITHOUT CLUSTER;

CREATE TABLE {it} (a int NOT NULL); CREATE INDEX {it}_i ON {it} (a);
-->
ALTER TABLE {it} CLUSTER ON {it}_i;

CREATE TABLE {it} (a int);
-->
ALTER TABLE {it} REPLICA IDENTITY FULL;

CREATE TABLE {it} (a int);
-->
ALTER TABLE {it} REPLICA IDENTITY NOTHING;

CREATE TABLE {it} (a int PRIMARY KEY);
-->
ALTER TABLE {it} REPLICA IDENTITY USING INDEX {it}_pkey;

CREATE TABLE {it} (a int NOT NULL); CREATE UNIQUE INDEX {it}_i ON {it} (a);
-->
ALTER TABLE {it} REPLICA IDENTITY USING INDEX {it}_i;

CREATE TABLE {it} (a int);
-->
ALTER TABLE {it} ENABLE ROW LEVEL SECURITY;

CREATE TABLE {it} (a int);
-->
ALTER TABLE {it} FORCE ROW LEVEL SECURITY;

CREATE TABLE {it} (a int); CREATE TABLE {it}_c (a int);
-->
ALTER TABLE {it}_c INHERIT {it};

CREATE TABLE {it} (a int); CREATE TABLE {it}_b (a int); CREATE TABLE {it}_c () INHERITS ({it}, {it}_b);
-->
ALTER TABLE {it}_c NO INHERIT {it}; ALTER TABLE {it}_c INHERIT {it};

CREATE TYPE {it}_t AS (a int); CREATE TABLE {it} (a int);
-->
ALTER TABLE {it} OF {it}_t;

CREATE TYPE {it}_t AS (a int); CREATE TABLE {it} OF {it}_t;
-->
ALTER TABLE {it} NOT OF;

CREATE TABLE {it} (a int) PARTITION BY LIST (a); CREATE TABLE {it}_1 (a int);
-->
ALTER TABLE {it} ATTACH PARTITION {it}_1 FOR VALUES IN (1);

CREATE TABLE {it} (a int) PARTITION BY LIST (a); CREATE TABLE {it}_1 PARTITION OF {it} FOR VALUES IN (1);
-->
ALTER TABLE {it} DETACH PARTITION {it}_1;

CREATE TABLE {it} (a int) PARTITION BY LIST (a); CREATE TABLE {it}_1 PARTITION OF {it} FOR VALUES IN (1);
-->
ALTER TABLE {it} DETACH PARTITION {it}_1; ALTER TABLE {it} ATTACH PARTITION {it}_1 DEFAULT;

CREATE TABLE {it} (a int) PARTITION BY LIST (a); CREATE TABLE {it}_1 PARTITION OF {it} FOR VALUES IN (1);
-->
ALTER TABLE {it}_1 ALTER a SET DEFAULT 5;

CREATE TABLE {it} (a int) PARTITION BY LIST (a); CREATE TABLE {it}_1 PARTITION OF {it} FOR VALUES IN (1);
-->
ALTER TABLE {it}_1 ALTER a SET NOT NULL;

CREATE TABLE {it} (a int) PARTITION BY LIST (a);
-->
ALTER TABLE {it} SET TABLESPACE edit_space;

-- since 17
CREATE TABLE {it} (a int) PARTITION BY LIST (a);
-->
ALTER TABLE {it} SET ACCESS METHOD edit_heap;

CREATE TABLE {it} (a int) PARTITION BY LIST (a);
-->
DROP TABLE {it}; CREATE TABLE {it} (a int) PARTITION BY RANGE (a);

CREATE TABLE {it} (a text) PARTITION BY LIST (a);
-->
DROP TABLE {it}; CREATE TABLE {it} (a text) PARTITION BY LIST (lower(a) COLLATE "C" text_pattern_ops);

CREATE TABLE {it} (a int);
-->
COMMENT ON TABLE {it} IS 'x';

CREATE FOREIGN TABLE {it} (a int) SERVER edit_server OPTIONS (x '1');
-->
ALTER FOREIGN TABLE {it} OPTIONS (SET x '2');

CREATE FOREIGN TABLE {it} (a int) SERVER edit_server;
-->
ALTER FOREIGN TABLE {it} ALTER a OPTIONS (ADD x '2');

CREATE FOREIGN TABLE {it} (a int OPTIONS (x '1')) SERVER edit_server;
-->
COMMENT ON FOREIGN TABLE {it} IS 'x';

CREATE FOREIGN TABLE {it} (a int) SERVER edit_server;
-->
DROP FOREIGN TABLE {it}; CREATE TABLE {it} (a int);

CREATE TABLE {it} (a int);
-->
DROP TABLE {it}; CREATE VIEW {it} AS SELECT 1 AS a;

CREATE TABLE {it} (a text); ALTER TABLE {it} ALTER a SET STORAGE plain;
-->
ALTER TABLE {it} SET (toast_tuple_target = 200);

CREATE TABLE {it} (a text) WITH (fillfactor = 50);
-->
ALTER TABLE {it} SET (fillfactor = 50.0);
