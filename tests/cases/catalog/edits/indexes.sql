CREATE TABLE {it} (a int);
-->
CREATE INDEX {it}_i ON {it} (a);

CREATE TABLE {it} (a int, b int); CREATE INDEX {it}_i ON {it} (a);
-->
DROP INDEX {it}_i; CREATE INDEX {it}_i ON {it} (a) INCLUDE (b);

CREATE TABLE {it} (a int); CREATE UNIQUE INDEX {it}_i ON {it} (a);
-->
DROP INDEX {it}_i; CREATE UNIQUE INDEX {it}_i ON {it} (a) NULLS NOT DISTINCT;

CREATE TABLE {it} (a tsvector); CREATE INDEX {it}_i ON {it} USING gist (a tsvector_ops (siglen = 100));
-->
DROP INDEX {it}_i; CREATE INDEX {it}_i ON {it} USING gist (a tsvector_ops (siglen = 120));

CREATE TABLE {it} (a int); CREATE INDEX {it}_i ON {it} (a);
-->
ALTER INDEX {it}_i RENAME TO {it}_j;

CREATE TABLE {it} (a int); CREATE INDEX {it}_i ON {it} (a);
-->
ALTER INDEX {it}_i SET (deduplicate_items = off);

CREATE TABLE {it} (a int); CREATE INDEX {it}_i ON {it} (a);
-->
ALTER INDEX {it}_i SET TABLESPACE edit_space;

CREATE TABLE {it} (a int); CREATE INDEX {it}_i ON {it} ((a + 1));
-->
ALTER INDEX {it}_i ALTER COLUMN 1 SET STATISTICS 44;

CREATE TABLE {it} (a int); CREATE INDEX {it}_i ON {it} (a);
-->
COMMENT ON INDEX {it}_i IS 'x';

CREATE TABLE {it} (a int); CREATE INDEX {it}_i ON {it} (a);
-->
DROP INDEX {it}_i; CREATE INDEX {it}_i ON {it} (a DESC NULLS LAST) WHERE a > 1;

CREATE TABLE {it} (a text); CREATE INDEX {it}_i ON {it} (a);
-->
DROP INDEX {it}_i; CREATE INDEX {it}_i ON {it} (a COLLATE "C");

CREATE TABLE {it} (a int); CREATE INDEX {it}_i ON {it} (a);
-->
UPDATE pg_index SET indisvalid = false WHERE indexrelid = '{it}_i'::regclass;

CREATE TABLE {it} (a int) PARTITION BY LIST (a); CREATE TABLE {it}_1 PARTITION OF {it} FOR VALUES IN (1); CREATE INDEX {it}_i ON ONLY {it} (a); CREATE INDEX {it}_1_i ON {it}_1 (a);
-->
ALTER INDEX {it}_i ATTACH PARTITION {it}_1_i;

CREATE TABLE {it} (a int) PARTITION BY LIST (a); CREATE TABLE {it}_1 PARTITION OF {it} FOR VALUES IN (1); CREATE INDEX {it}_i ON {it} (a);
-->
COMMENT ON INDEX {it}_1_a_idx IS 'x';

CREATE TABLE {it} (a int) PARTITION BY LIST (a); CREATE TABLE {it}_1 PARTITION OF {it} FOR VALUES IN (1); CREATE INDEX {it}_i ON {it} (a);
-->
ALTER INDEX {it}_1_a_idx SET (fillfactor = 33);

CREATE MATERIALIZED VIEW {it} AS SELECT 1 AS a; CREATE INDEX {it}_i ON {it} (a);
-->
ALTER MATERIALIZED VIEW {it} CLUSTER ON {it}_i;

CREATE TABLE {it} (a int, b int);
-->
CREATE STATISTICS {it}_s ON a, b FROM {it};

CREATE TABLE {it} (a int, b int); CREATE STATISTICS {it}_s ON a, b FROM {it};
-->
ALTER STATISTICS {it}_s SET STATISTICS 9;

CREATE TABLE {it} (a int, b int); CREATE STATISTICS {it}_s ON a, b FROM {it};
-->
ALTER STATISTICS {it}_s SET STATISTICS 0;

CREATE TABLE {it} (a int, b int); CREATE STATISTICS {it}_s ON a, b FROM {it};
-->
ALTER STATISTICS {it}_s RENAME TO {it}_t;

CREATE TABLE {it} (a int, b int); CREATE STATISTICS {it}_s ON a, b FROM {it};
-->
COMMENT ON STATISTICS {it}_s IS 'x';

CREATE TABLE {it} (a int, b int); CREATE STATISTICS {it}_s ON a, b FROM {it};
-->
DROP STATISTICS {it}_s; CREATE STATISTICS {it}_s (mcv) ON (a + 1), b FROM {it};

CREATE TABLE {it} (a int); CREATE SCHEMA {it}_n; CREATE STATISTICS {it}_s ON (a + 1) FROM {it};
-->
ALTER STATISTICS {it}_s SET SCHEMA {it}_n;
