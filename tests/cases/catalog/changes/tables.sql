CREATE TABLE app.fresh (a integer PRIMARY KEY, b text);
--> table app.fresh added (2 columns, 1 constraint)

DROP TABLE app.typed;
--> table app.typed removed (3 columns)

COMMENT ON TABLE app.parent IS 'Old one.';
--> table app.parent: comment set to Old one.

COMMENT ON TABLE app.users IS 'People.';
--> table app.users: comment changed
-->      People.
-->     -
-->     -Class: G

ALTER TABLE app.users SET (fillfactor = 90);
--> table app.users: options changed from fillfactor=70 to fillfactor=90

ALTER TABLE app.users RESET (toast.autovacuum_enabled);
--> table app.users: toast options removed (was autovacuum_enabled=false)

ALTER TABLE app.no_columns SET UNLOGGED;
--> table app.no_columns: persistence set to unlogged

-- alone
ALTER TABLE app.child NO INHERIT app.parent;
--> table app.child: inherits removed (was app.parent)
--> column app.child.a: inherited changed from yes to no
--> column app.child.b: inherited removed (was yes, and declared)
--> constraint parent_a_check on app.child: inherited changed from yes to no

-- alone
ALTER TABLE app.typed NOT OF;
--> table app.typed: of type removed (was app.address)

ALTER TABLE app.parent ENABLE ROW LEVEL SECURITY;
--> table app.parent: row security changed from no to yes

ALTER TABLE app.posts NO FORCE ROW LEVEL SECURITY;
--> table app.posts: row security forced changed from yes to no

ALTER TABLE app.posts REPLICA IDENTITY DEFAULT;
--> table app.posts: replica identity removed (was full)

-- alone
ALTER TABLE app.child OWNER TO CURRENT_USER;
--> table app.child: owner changed from pg_monitor to {me}

ALTER TABLE app.hashed_0 SET ACCESS METHOD pile;
--> table app.hashed_0: access method set to pile

-- alone
ALTER TABLE app.hashed DETACH PARTITION app.hashed_0;
--> table app.hashed_0: partition of removed (was app.hashed); partition bounds removed (was FOR VALUES WITH (modulus 2, remainder 0))
--> column app.hashed_0.a: inherited changed from yes to no
--> column app.hashed_0.b: inherited changed from yes to no

CREATE TABLE app.hashed_1 PARTITION OF app.hashed FOR VALUES WITH (MODULUS 2, REMAINDER 1);
--> table app.hashed_1 added (2 columns)
