ALTER OPERATOR app.=== (app.tiny, app.tiny) SET (RESTRICT = NONE);
--> operator app.===(app.tiny,app.tiny): restrict estimator removed (was eqsel)

ALTER OPERATOR FAMILY app.tiny_family USING btree ADD OPERATOR 3 = (integer, integer);
--> operator family app.tiny_family using btree: operators changed from 3 app.===(app.tiny,app.tiny) to 3 =(integer,integer), 3 app.===(app.tiny,app.tiny)

-- alone
DROP OPERATOR CLASS app.tiny_ops USING btree;
--> operator class app.tiny_ops using btree removed (type app.tiny, family app.tiny_family, default yes, members function 1 app.tiny_cmp(app.tiny,app.tiny), operator 3 app.===(app.tiny,app.tiny), owner {me}, comment In order.)
--> operator family app.tiny_family using btree: operators removed (was 3 app.===(app.tiny,app.tiny)); functions removed (was 1 (app.tiny, app.tiny) app.tiny_cmp(app.tiny,app.tiny))

DROP CAST (app.tiny AS integer);
--> cast (app.tiny as integer) removed (method without function, context explicit, comment They are the same bytes.)

DROP CONVERSION app.latin;
--> conversion app.latin removed (encodings LATIN1 to UTF8, function iso8859_1_to_utf8(integer,integer,cstring,internal,integer,boolean), default no, owner {me}, comment Old files.)

ALTER TEXT SEARCH CONFIGURATION app.few DROP MAPPING FOR email;
--> text search configuration app.few: mappings changed from email: simple, url: simple then english_stem to url: simple then english_stem

ALTER TEXT SEARCH DICTIONARY app.plain_words (stopwords = 'dutch');
--> text search dictionary app.plain_words: options changed from stopwords = 'english' to stopwords = 'dutch'

DROP TEXT SEARCH TEMPLATE app.simplest;
--> text search template app.simplest removed (init dsimple_init(internal), lexize dsimple_lexize(internal,internal,internal,internal))

DROP TEXT SEARCH PARSER app.words;
--> text search parser app.words removed (start prsd_start(internal,integer), token prsd_nexttoken(internal,internal,internal), end prsd_end(internal), headline prsd_headline(internal,internal,tsquery), token types prsd_lextype(internal), comment As the default.)

ALTER FOREIGN DATA WRAPPER elsewhere OPTIONS (SET debug 'false');
--> foreign-data wrapper elsewhere: foreign options changed from debug=true to debug=false

ALTER SERVER far VERSION '2' OPTIONS (SET host 'example.com', SET password 'other');
--> server far: version changed from 1 to 2; foreign options changed from host=example.org, password=(hidden) to host=example.com, password=(hidden)

DROP USER MAPPING FOR PUBLIC SERVER far;
--> user mapping for public server far removed

ALTER FOREIGN TABLE app.remote OPTIONS (SET tablename 'x');
--> foreign table app.remote: foreign options changed from tablename=shop.t to tablename=x

-- alone
ALTER PUBLICATION some_tables SET TABLE app.users (id) WHERE (id IS NULL);
--> publication some_tables: tables changed from app.child, app.users (id, name) where (id IS NOT NULL) to app.users (id) where (id IS NULL)

COMMENT ON TRANSFORM FOR app.tiny LANGUAGE mumble IS 'x';
--> transform for app.tiny language mumble: comment set to x

COMMENT ON LANGUAGE mumble IS 'x';
--> language mumble: comment changed from Hard to hear. to x

COMMENT ON ACCESS METHOD pile IS 'x';
--> access method pile: comment changed from A heap. to x

CREATE SUBSCRIPTION nowhere CONNECTION 'dbname=hidden password=hunter2' PUBLICATION a, b
WITH (connect = false, create_slot = false, enabled = false, slot_name = 'far_slot');
--> subscription nowhere added (enabled no, connection dbname=hidden password=(hidden), publications a, b, slot far_slot, synchronous commit off, owner {me})
