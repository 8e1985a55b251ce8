ALTER TYPE app.mood ADD VALUE 'GLAD' BEFORE 'HAPPY';
--> type app.mood: labels changed from 'SAD', 'it''s ok', 'MEH', 'HAPPY' to 'SAD', 'it''s ok', 'MEH', 'GLAD', 'HAPPY'

-- alone
ALTER TYPE app.address ADD ATTRIBUTE land text CASCADE;
--> attribute app.address.land added (type text)
--> column app.typed.land added (type text, nullable yes)

COMMENT ON COLUMN app.address.street IS NULL;
--> attribute app.address.street: comment removed (was With the number.)

DROP TYPE app.price_range;
--> type app.price_range removed (form range, subtype numeric, multirange app.price_multirange, owner {me})

DROP TYPE app.unfinished;
--> type app.unfinished removed (form shell, owner {me})

ALTER TYPE app.tiny SET (STORAGE = plain, TYPMOD_IN = varchartypmodin);
--> type app.tiny: modifiers set to varchartypmodin(cstring[])

ALTER DOMAIN app.email DROP NOT NULL;
--> domain app.email: nullable changed from no to yes

ALTER DOMAIN app.email SET DEFAULT 'x';
--> domain app.email: default changed from 'nobody@example.org'::text to 'x'::text

ALTER DOMAIN app.email DROP CONSTRAINT email_length_check;
--> constraint email_length_check on app.email removed (definition CHECK ((length(VALUE) < 300)), validated yes)

ALTER DOMAIN app.email VALIDATE CONSTRAINT email_lower_check;
--> constraint email_lower_check on app.email: validated changed from no to yes

COMMENT ON CONSTRAINT email_shape_check ON DOMAIN app.email IS NULL;
--> constraint email_shape_check on app.email: comment removed (was Only the sign.)

COMMENT ON COLLATION app.plain IS NULL;
--> collation app.plain: comment removed (was By bytes.)

CREATE COLLATION app.more (provider = libc, locale = 'C');
--> collation app.more added (provider libc, lc_collate C, lc_ctype C, deterministic yes, owner {me})
