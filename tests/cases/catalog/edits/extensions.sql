CREATE TABLE {it} (a int);
-->
ALTER EXTENSION plpgsql ADD TABLE {it};

CREATE TABLE {it} (a int); ALTER EXTENSION plpgsql ADD TABLE {it};
-->
ALTER EXTENSION plpgsql DROP TABLE {it};

CREATE FUNCTION {it}() RETURNS int LANGUAGE sql AS 'SELECT 1'; ALTER EXTENSION plpgsql ADD FUNCTION {it}();
-->
ALTER EXTENSION plpgsql DROP FUNCTION {it}();

-- only verify: pg_dump leaves out what an extension brought, also where it was changed since
CREATE TABLE {it} (a int); ALTER EXTENSION plpgsql ADD TABLE {it};
-->
COMMENT ON EXTENSION plpgsql IS '{it}';

CREATE FUNCTION {it}() RETURNS int LANGUAGE sql AS 'SELECT 1';
-->
ALTER FUNCTION {it}() DEPENDS ON EXTENSION plpgsql;

CREATE TABLE {it} (a int); CREATE INDEX {it}_i ON {it} (a);
-->
ALTER INDEX {it}_i DEPENDS ON EXTENSION plpgsql;

CREATE TABLE {it} (a int); CREATE TRIGGER {it}_g BEFORE INSERT ON {it} FOR EACH ROW EXECUTE FUNCTION edit_trigger();
-->
ALTER TRIGGER {it}_g ON {it} DEPENDS ON EXTENSION plpgsql;

CREATE MATERIALIZED VIEW {it} AS SELECT 1 AS a;
-->
ALTER MATERIALIZED VIEW {it} DEPENDS ON EXTENSION plpgsql;

-- neither: what is done to a member of an extension is left out, except rights
CREATE TABLE {it} (a int); ALTER EXTENSION plpgsql ADD TABLE {it};
-->
CREATE INDEX {it}_i ON {it} (a);

-- neither: what is done to a member of an extension is left out, except rights
CREATE TABLE {it} (a int); ALTER EXTENSION plpgsql ADD TABLE {it};
-->
CREATE TRIGGER {it}_g BEFORE INSERT ON {it} FOR EACH ROW EXECUTE FUNCTION edit_trigger();

-- neither: what is done to a member of an extension is left out, except rights
CREATE TABLE {it} (a int); ALTER EXTENSION plpgsql ADD TABLE {it};
-->
CREATE RULE {it}_r AS ON INSERT TO {it} DO ALSO NOTIFY x;

-- neither: what is done to a member of an extension is left out, except rights
CREATE TABLE {it} (a int); ALTER EXTENSION plpgsql ADD TABLE {it};
-->
CREATE POLICY {it}_p ON {it};

-- neither: what is done to a member of an extension is left out, except rights
CREATE TABLE {it} (a int); ALTER EXTENSION plpgsql ADD TABLE {it};
-->
ALTER TABLE {it} ADD CONSTRAINT {it}_k CHECK (a > 0);

-- neither: what is done to a member of an extension is left out, except rights
CREATE TABLE {it} (a int); ALTER EXTENSION plpgsql ADD TABLE {it};
-->
ALTER TABLE {it} ADD CONSTRAINT {it}_k UNIQUE (a);

-- neither: what is done to a member of an extension is left out, except rights
CREATE TABLE {it} (a int, b int); ALTER EXTENSION plpgsql ADD TABLE {it};
-->
CREATE STATISTICS {it}_s ON a, b FROM {it};

-- neither: what is done to a member of an extension is left out, except rights
CREATE TABLE {it} (a int); ALTER EXTENSION plpgsql ADD TABLE {it};
-->
ALTER TABLE {it} ADD {it}_b int;

-- neither: what is done to a member of an extension is left out, except rights
CREATE TABLE {it} (a int); ALTER EXTENSION plpgsql ADD TABLE {it};
-->
ALTER TABLE {it} ENABLE ROW LEVEL SECURITY;

-- neither: what is done to a member of an extension is left out, except rights
CREATE TABLE {it} (a int); ALTER EXTENSION plpgsql ADD TABLE {it};
-->
COMMENT ON TABLE {it} IS 'x';

CREATE SCHEMA {it}; ALTER EXTENSION plpgsql ADD SCHEMA {it};
-->
CREATE TABLE {it}.t (a int);

-- since 18
CREATE TABLE {it} (a int); ALTER EXTENSION plpgsql ADD TABLE {it}; CREATE PUBLICATION {it}_p;
-->
ALTER PUBLICATION {it}_p ADD TABLE {it};

CREATE TABLE {it} (a int); CREATE PUBLICATION {it}_p FOR TABLE {it};
-->
DROP TABLE {it};

-- neither: what is done to a member of an extension is left out, except rights
CREATE FUNCTION {it}() RETURNS int LANGUAGE sql AS 'SELECT 1'; ALTER EXTENSION plpgsql ADD FUNCTION {it}();
-->
COMMENT ON FUNCTION {it}() IS 'x';
