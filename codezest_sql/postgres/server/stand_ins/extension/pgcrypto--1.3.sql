-- What checks need of pgcrypto where the server lacks it: each function with its types, and a value that will do.
-- Nothing here encrypts or hides anything.
CREATE FUNCTION digest(text, text) RETURNS bytea IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql
RETURN pg_catalog.sha256(pg_catalog.convert_to($1, 'UTF8'));
CREATE FUNCTION digest(bytea, text) RETURNS bytea IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql
RETURN pg_catalog.sha256($1);
CREATE FUNCTION hmac(text, text, text) RETURNS bytea IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql
RETURN pg_catalog.sha256(pg_catalog.convert_to($1 || $2, 'UTF8'));
CREATE FUNCTION hmac(bytea, bytea, text) RETURNS bytea IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql
RETURN pg_catalog.sha256($1 || $2);
CREATE FUNCTION crypt(text, text) RETURNS text IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql
RETURN pg_catalog.md5($1 || $2);
CREATE FUNCTION gen_salt(text) RETURNS text VOLATILE STRICT PARALLEL SAFE LANGUAGE sql
RETURN pg_catalog.md5(pg_catalog.random()::text);
CREATE FUNCTION gen_salt(text, integer) RETURNS text VOLATILE STRICT PARALLEL SAFE LANGUAGE sql
RETURN pg_catalog.md5(pg_catalog.random()::text);
CREATE FUNCTION encrypt(bytea, bytea, text) RETURNS bytea IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql
RETURN $1;
CREATE FUNCTION decrypt(bytea, bytea, text) RETURNS bytea IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql
RETURN $1;
CREATE FUNCTION encrypt_iv(bytea, bytea, bytea, text) RETURNS bytea IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql
RETURN $1;
CREATE FUNCTION decrypt_iv(bytea, bytea, bytea, text) RETURNS bytea IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql
RETURN $1;
CREATE FUNCTION gen_random_bytes(integer) RETURNS bytea VOLATILE STRICT PARALLEL SAFE LANGUAGE sql
RETURN substring(pg_catalog.uuid_send(pg_catalog.gen_random_uuid()) FROM 1 FOR $1);
CREATE FUNCTION gen_random_uuid() RETURNS uuid VOLATILE STRICT PARALLEL SAFE LANGUAGE sql
RETURN pg_catalog.gen_random_uuid();
CREATE FUNCTION pgp_sym_encrypt(text, text) RETURNS bytea VOLATILE STRICT PARALLEL SAFE LANGUAGE sql
RETURN pg_catalog.convert_to($1, 'UTF8');
CREATE FUNCTION pgp_sym_encrypt_bytea(bytea, text) RETURNS bytea VOLATILE STRICT PARALLEL SAFE LANGUAGE sql
RETURN $1;
CREATE FUNCTION pgp_sym_decrypt(bytea, text) RETURNS text IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql
RETURN pg_catalog.encode($1, 'escape');
CREATE FUNCTION pgp_sym_decrypt_bytea(bytea, text) RETURNS bytea IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql
RETURN $1;
CREATE FUNCTION pgp_pub_encrypt(text, bytea) RETURNS bytea VOLATILE STRICT PARALLEL SAFE LANGUAGE sql
RETURN pg_catalog.convert_to($1, 'UTF8');
CREATE FUNCTION pgp_pub_encrypt_bytea(bytea, bytea) RETURNS bytea VOLATILE STRICT PARALLEL SAFE LANGUAGE sql
RETURN $1;
CREATE FUNCTION pgp_sym_encrypt(text, text, text) RETURNS bytea VOLATILE STRICT PARALLEL SAFE LANGUAGE sql
RETURN pg_catalog.convert_to($1, 'UTF8');
CREATE FUNCTION pgp_sym_encrypt_bytea(bytea, text, text) RETURNS bytea VOLATILE STRICT PARALLEL SAFE LANGUAGE sql
RETURN $1;
CREATE FUNCTION pgp_sym_decrypt(bytea, text, text) RETURNS text IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql
RETURN pg_catalog.encode($1, 'escape');
CREATE FUNCTION pgp_sym_decrypt_bytea(bytea, text, text) RETURNS bytea IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql
RETURN $1;
CREATE FUNCTION pgp_pub_encrypt(text, bytea, text) RETURNS bytea VOLATILE STRICT PARALLEL SAFE LANGUAGE sql
RETURN pg_catalog.convert_to($1, 'UTF8');
CREATE FUNCTION pgp_pub_encrypt_bytea(bytea, bytea, text) RETURNS bytea VOLATILE STRICT PARALLEL SAFE LANGUAGE sql
RETURN $1;
CREATE FUNCTION pgp_pub_decrypt(bytea, bytea) RETURNS text IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql
RETURN pg_catalog.encode($1, 'escape');
CREATE FUNCTION pgp_pub_decrypt_bytea(bytea, bytea) RETURNS bytea IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql
RETURN $1;
CREATE FUNCTION pgp_pub_decrypt(bytea, bytea, text) RETURNS text IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql
RETURN pg_catalog.encode($1, 'escape');
CREATE FUNCTION pgp_pub_decrypt_bytea(bytea, bytea, text) RETURNS bytea IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql
RETURN $1;
CREATE FUNCTION pgp_pub_decrypt(bytea, bytea, text, text) RETURNS text IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql
RETURN pg_catalog.encode($1, 'escape');
CREATE FUNCTION pgp_pub_decrypt_bytea(bytea, bytea, text, text) RETURNS bytea IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql
RETURN $1;
CREATE FUNCTION pgp_key_id(bytea) RETURNS text IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql
RETURN pg_catalog.encode($1, 'hex');
CREATE FUNCTION armor(bytea) RETURNS text IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql
RETURN pg_catalog.encode($1, 'base64');
CREATE FUNCTION armor(bytea, text[], text[]) RETURNS text IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql
RETURN pg_catalog.encode($1, 'base64');
CREATE FUNCTION dearmor(text) RETURNS bytea IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql
RETURN pg_catalog.decode($1, 'base64');
CREATE FUNCTION pgp_armor_headers(text, OUT key text, OUT value text) RETURNS SETOF record
IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql AS $$ SELECT $1, $1 $$;
