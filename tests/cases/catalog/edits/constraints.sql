CREATE TABLE {it} (a int);
-->
ALTER TABLE {it} ADD CHECK (a > 0);

CREATE TABLE {it} (a int, CONSTRAINT {it}_k CHECK (a > 0));
-->
ALTER TABLE {it} RENAME CONSTRAINT {it}_k TO {it}_l;

CREATE TABLE {it} (a int);
-->
ALTER TABLE {it} ADD CONSTRAINT {it}_k CHECK (a > 0) NOT VALID;

CREATE TABLE {it} (a int); ALTER TABLE {it} ADD CONSTRAINT {it}_k CHECK (a > 0) NOT VALID;
-->
ALTER TABLE {it} VALIDATE CONSTRAINT {it}_k;

CREATE TABLE {it} (a int, CONSTRAINT {it}_k CHECK (a > 0));
-->
ALTER TABLE {it} DROP CONSTRAINT {it}_k; ALTER TABLE {it} ADD CONSTRAINT {it}_k CHECK (a > 0) NO INHERIT;

CREATE TABLE {it} (a int, CONSTRAINT {it}_k CHECK (a > 0)); CREATE TABLE {it}_c () INHERITS ({it});
-->
ALTER TABLE {it}_c ADD CONSTRAINT {it}_k CHECK (a > 0);

CREATE TABLE {it} (a int);
-->
ALTER TABLE {it} ADD PRIMARY KEY (a);

CREATE TABLE {it} (a int, b int, PRIMARY KEY (a));
-->
ALTER TABLE {it} DROP CONSTRAINT {it}_pkey; ALTER TABLE {it} ADD PRIMARY KEY (a) INCLUDE (b);

CREATE TABLE {it} (a int, UNIQUE (a));
-->
ALTER TABLE {it} DROP CONSTRAINT {it}_a_key; ALTER TABLE {it} ADD UNIQUE NULLS NOT DISTINCT (a);

CREATE TABLE {it} (a int, UNIQUE (a));
-->
ALTER TABLE {it} DROP CONSTRAINT {it}_a_key; ALTER TABLE {it} ADD UNIQUE (a) DEFERRABLE;

CREATE TABLE {it} (a int, UNIQUE (a));
-->
ALTER INDEX {it}_a_key SET (fillfactor = 40);

CREATE TABLE {it} (a int, UNIQUE (a));
-->
ALTER INDEX {it}_a_key SET TABLESPACE edit_space;

CREATE TABLE {it} (a int, UNIQUE (a));
-->
COMMENT ON INDEX {it}_a_key IS 'x';

CREATE TABLE {it} (a int, UNIQUE (a));
-->
COMMENT ON CONSTRAINT {it}_a_key ON {it} IS 'x';

CREATE TABLE {it} (a int, UNIQUE (a));
-->
ALTER TABLE {it} DROP CONSTRAINT {it}_a_key; CREATE UNIQUE INDEX {it}_a_key ON {it} (a);

CREATE TABLE {it} (a int PRIMARY KEY, b int REFERENCES {it});
-->
ALTER TABLE {it} ALTER CONSTRAINT {it}_b_fkey DEFERRABLE;

CREATE TABLE {it} (a int PRIMARY KEY, b int REFERENCES {it} DEFERRABLE);
-->
ALTER TABLE {it} ALTER CONSTRAINT {it}_b_fkey DEFERRABLE INITIALLY DEFERRED;

CREATE TABLE {it} (a int PRIMARY KEY, b int REFERENCES {it});
-->
ALTER TABLE {it} DROP CONSTRAINT {it}_b_fkey; ALTER TABLE {it} ADD FOREIGN KEY (b) REFERENCES {it} ON DELETE CASCADE;

CREATE TABLE {it} (a int, c int, PRIMARY KEY (a, c), b int, FOREIGN KEY (b, c) REFERENCES {it});
-->
ALTER TABLE {it} DROP CONSTRAINT {it}_b_c_fkey; ALTER TABLE {it} ADD FOREIGN KEY (b, c) REFERENCES {it} ON DELETE SET NULL (b);

CREATE TABLE {it} (a int, c int, PRIMARY KEY (a, c), b int, FOREIGN KEY (b, c) REFERENCES {it});
-->
ALTER TABLE {it} DROP CONSTRAINT {it}_b_c_fkey; ALTER TABLE {it} ADD FOREIGN KEY (b, c) REFERENCES {it} MATCH FULL;

-- since 18
CREATE TABLE {it} (a int PRIMARY KEY, b int REFERENCES {it});
-->
ALTER TABLE {it} ALTER CONSTRAINT {it}_b_fkey NOT ENFORCED;

-- since 18
CREATE TABLE {it} (a int);
-->
ALTER TABLE {it} ADD CONSTRAINT {it}_k CHECK (a > 0) NOT ENFORCED;

-- since 18
CREATE TABLE {it} (a int, CONSTRAINT {it}_k CHECK (a > 0) NOT ENFORCED);
-->
ALTER TABLE {it} DROP CONSTRAINT {it}_k; ALTER TABLE {it} ADD CONSTRAINT {it}_k CHECK (a > 0) NOT VALID;

-- since 18
CREATE TABLE {it} (a int4range, b daterange, PRIMARY KEY (a, b WITHOUT OVERLAPS));
-->
ALTER TABLE {it} DROP CONSTRAINT {it}_pkey; ALTER TABLE {it} ADD PRIMARY KEY (a, b);

-- since 18
CREATE TABLE {it} (a int4range, b daterange, PRIMARY KEY (a, b WITHOUT OVERLAPS)); CREATE TABLE {it}_c (a int4range, b daterange);
-->
ALTER TABLE {it}_c ADD CONSTRAINT {it}_f FOREIGN KEY (a, PERIOD b) REFERENCES {it} (a, PERIOD b);

CREATE TABLE {it} (a int4range);
-->
ALTER TABLE {it} ADD EXCLUDE USING gist (a WITH &&) WHERE (a IS NOT NULL);

-- only verify: pg_dump writes no comment on a constraint that a partition inherits
CREATE TABLE {it} (a int) PARTITION BY LIST (a); CREATE TABLE {it}_1 PARTITION OF {it} FOR VALUES IN (1); ALTER TABLE {it} ADD CONSTRAINT {it}_k CHECK (a > 0);
-->
COMMENT ON CONSTRAINT {it}_k ON {it}_1 IS 'x';

CREATE TABLE {it} (a int PRIMARY KEY) PARTITION BY LIST (a); CREATE TABLE {it}_1 PARTITION OF {it} FOR VALUES IN (1);
-->
ALTER TABLE {it} ADD UNIQUE (a);

CREATE TABLE {it} (a int PRIMARY KEY) PARTITION BY LIST (a); CREATE TABLE {it}_1 PARTITION OF {it} FOR VALUES IN (1);
-->
ALTER INDEX {it}_1_pkey RENAME TO {it}_1_other;

CREATE TABLE {it} (a int PRIMARY KEY) PARTITION BY LIST (a); CREATE TABLE {it}_1 PARTITION OF {it} FOR VALUES IN (1); CREATE TABLE {it}_b (a int REFERENCES {it});
-->
ALTER TABLE {it}_b ALTER CONSTRAINT {it}_b_a_fkey DEFERRABLE;

CREATE DOMAIN {it} AS int;
-->
ALTER DOMAIN {it} ADD CONSTRAINT {it}_k CHECK (value > 0) NOT VALID;

CREATE DOMAIN {it} AS int CONSTRAINT {it}_k CHECK (value > 0);
-->
ALTER DOMAIN {it} RENAME CONSTRAINT {it}_k TO {it}_l;

CREATE DOMAIN {it} AS int CONSTRAINT {it}_k CHECK (value > 0);
-->
COMMENT ON CONSTRAINT {it}_k ON DOMAIN {it} IS 'x';

CREATE DOMAIN {it} AS int;
-->
ALTER DOMAIN {it} SET NOT NULL;

-- since 18
CREATE DOMAIN {it} AS int CONSTRAINT {it}_k NOT NULL;
-->
ALTER DOMAIN {it} RENAME CONSTRAINT {it}_k TO {it}_l;

-- since 18
CREATE DOMAIN {it} AS int CONSTRAINT {it}_k NOT NULL;
-->
COMMENT ON CONSTRAINT {it}_k ON DOMAIN {it} IS 'x';

CREATE TABLE {it} (a int); CREATE FUNCTION {it}_f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN END'; CREATE CONSTRAINT TRIGGER {it}_g AFTER INSERT ON {it} FOR EACH ROW EXECUTE FUNCTION {it}_f();
-->
DROP TRIGGER {it}_g ON {it}; CREATE CONSTRAINT TRIGGER {it}_g AFTER INSERT ON {it} DEFERRABLE FOR EACH ROW EXECUTE FUNCTION {it}_f();

-- only verify: pg_dump writes no setting of the triggers behind a foreign key
CREATE TABLE {it} (a int PRIMARY KEY, b int REFERENCES {it});
-->
ALTER TABLE {it} DISABLE TRIGGER ALL;

CREATE FOREIGN TABLE {it} (a int) SERVER edit_server;
-->
ALTER FOREIGN TABLE {it} ADD CONSTRAINT {it}_k CHECK (a > 0);
