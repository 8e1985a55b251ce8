CREATE VIEW {it} AS SELECT 1 AS a;
-->
CREATE OR REPLACE VIEW {it} AS SELECT 2 AS a;

CREATE VIEW {it} AS SELECT 1 AS a;
-->
ALTER VIEW {it} SET (security_barrier);

CREATE VIEW {it} AS SELECT 1 AS a;
-->
ALTER VIEW {it} SET (security_invoker = true);

CREATE TABLE {it}_t (a int); CREATE VIEW {it} AS SELECT * FROM {it}_t;
-->
ALTER VIEW {it} SET (check_option = local);

CREATE TABLE {it}_t (a int); CREATE VIEW {it} AS SELECT * FROM {it}_t WITH LOCAL CHECK OPTION;
-->
ALTER VIEW {it} SET (check_option = cascaded);

CREATE VIEW {it} AS SELECT 1 AS a;
-->
COMMENT ON VIEW {it} IS 'x';

CREATE VIEW {it} AS SELECT 1 AS a;
-->
ALTER VIEW {it} RENAME a TO b;

CREATE MATERIALIZED VIEW {it} AS SELECT 1 AS a;
-->
ALTER MATERIALIZED VIEW {it} SET (fillfactor = 40);

CREATE MATERIALIZED VIEW {it} AS SELECT 1 AS a;
-->
ALTER MATERIALIZED VIEW {it} SET TABLESPACE edit_space;

CREATE MATERIALIZED VIEW {it} AS SELECT 'x' AS a;
-->
ALTER MATERIALIZED VIEW {it} SET (toast.autovacuum_enabled = off);

CREATE MATERIALIZED VIEW {it} AS SELECT 1 AS a;
-->
ALTER MATERIALIZED VIEW {it} SET ACCESS METHOD edit_heap;

CREATE MATERIALIZED VIEW {it} AS SELECT 1 AS a;
-->
COMMENT ON MATERIALIZED VIEW {it} IS 'x';

-- only verify: pg_dump writes every materialized view WITH NO DATA; codezest-sql adds the REFRESH
CREATE MATERIALIZED VIEW {it} AS SELECT 1 AS a;
-->
REFRESH MATERIALIZED VIEW {it} WITH NO DATA;

CREATE TABLE {it} (a int);
-->
CREATE RULE {it}_r AS ON INSERT TO {it} DO ALSO NOTIFY x;

CREATE TABLE {it} (a int); CREATE RULE {it}_r AS ON INSERT TO {it} DO ALSO NOTIFY x;
-->
ALTER TABLE {it} DISABLE RULE {it}_r;

CREATE TABLE {it} (a int); CREATE RULE {it}_r AS ON INSERT TO {it} DO ALSO NOTIFY x;
-->
COMMENT ON RULE {it}_r ON {it} IS 'x';

CREATE TABLE {it} (a int); CREATE RULE {it}_r AS ON INSERT TO {it} DO ALSO NOTIFY x;
-->
ALTER RULE {it}_r ON {it} RENAME TO {it}_s;

-- neither: the rule that makes a view a view is not written
CREATE VIEW {it} AS SELECT 1 AS a;
-->
COMMENT ON RULE "_RETURN" ON {it} IS 'x';

CREATE TABLE {it} (a int); CREATE TRIGGER {it}_g BEFORE INSERT ON {it} FOR EACH ROW EXECUTE FUNCTION edit_trigger();
-->
ALTER TABLE {it} DISABLE TRIGGER {it}_g;

CREATE TABLE {it} (a int); CREATE TRIGGER {it}_g BEFORE INSERT ON {it} FOR EACH ROW EXECUTE FUNCTION edit_trigger();
-->
ALTER TABLE {it} ENABLE ALWAYS TRIGGER {it}_g;

CREATE TABLE {it} (a int); CREATE TRIGGER {it}_g BEFORE INSERT ON {it} FOR EACH ROW EXECUTE FUNCTION edit_trigger();
-->
COMMENT ON TRIGGER {it}_g ON {it} IS 'x';

CREATE TABLE {it} (a int); CREATE TRIGGER {it}_g BEFORE INSERT ON {it} FOR EACH ROW EXECUTE FUNCTION edit_trigger();
-->
CREATE OR REPLACE TRIGGER {it}_g BEFORE INSERT ON {it} FOR EACH ROW WHEN (NEW.a > 0) EXECUTE FUNCTION edit_trigger('x');

CREATE TABLE {it} (a int); CREATE TRIGGER {it}_g AFTER INSERT ON {it} FOR EACH STATEMENT EXECUTE FUNCTION edit_trigger();
-->
CREATE OR REPLACE TRIGGER {it}_g AFTER INSERT ON {it} REFERENCING NEW TABLE AS n FOR EACH STATEMENT EXECUTE FUNCTION edit_trigger();

-- neither: the comment is on the constraint behind the trigger, which is not written
CREATE TABLE {it} (a int); CREATE CONSTRAINT TRIGGER {it}_g AFTER INSERT ON {it} FOR EACH ROW EXECUTE FUNCTION edit_trigger();
-->
COMMENT ON CONSTRAINT {it}_g ON {it} IS 'x';

CREATE TABLE {it} (a int) PARTITION BY LIST (a); CREATE TABLE {it}_1 PARTITION OF {it} DEFAULT; CREATE TRIGGER {it}_g AFTER INSERT ON {it} FOR EACH ROW EXECUTE FUNCTION edit_trigger();
-->
ALTER TABLE {it}_1 DISABLE TRIGGER {it}_g;

-- only verify: pg_dump writes no comment on a trigger that a partition inherits
CREATE TABLE {it} (a int) PARTITION BY LIST (a); CREATE TABLE {it}_1 PARTITION OF {it} DEFAULT; CREATE TRIGGER {it}_g AFTER INSERT ON {it} FOR EACH ROW EXECUTE FUNCTION edit_trigger();
-->
COMMENT ON TRIGGER {it}_g ON {it}_1 IS 'x';

CREATE FUNCTION {it}_f() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'; CREATE EVENT TRIGGER {it} ON sql_drop EXECUTE FUNCTION {it}_f();
-->
ALTER EVENT TRIGGER {it} DISABLE;

CREATE FUNCTION {it}_f() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'; CREATE EVENT TRIGGER {it} ON sql_drop EXECUTE FUNCTION {it}_f();
-->
DROP EVENT TRIGGER {it}; CREATE EVENT TRIGGER {it} ON sql_drop WHEN TAG IN ('DROP TABLE') EXECUTE FUNCTION {it}_f();

CREATE FUNCTION {it}_f() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'; CREATE EVENT TRIGGER {it} ON sql_drop EXECUTE FUNCTION {it}_f();
-->
COMMENT ON EVENT TRIGGER {it} IS 'x';

CREATE TABLE {it} (a int); CREATE POLICY {it}_p ON {it};
-->
ALTER POLICY {it}_p ON {it} USING (a > 0);

CREATE TABLE {it} (a int); CREATE POLICY {it}_p ON {it};
-->
ALTER POLICY {it}_p ON {it} TO pg_monitor;

CREATE TABLE {it} (a int); CREATE POLICY {it}_p ON {it};
-->
DROP POLICY {it}_p ON {it}; CREATE POLICY {it}_p ON {it} AS RESTRICTIVE FOR SELECT;

CREATE TABLE {it} (a int); CREATE POLICY {it}_p ON {it};
-->
COMMENT ON POLICY {it}_p ON {it} IS 'x';
