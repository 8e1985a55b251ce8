"""The server's own functions that give all rows of one statement the same value: stable and immutable ones.

Source: ``provolatile`` of ``pg_proc`` in PostgreSQL 18, for names that are volatile in no form; without those that
only the server calls. What looks like a call and is grammar (``coalesce (…)``, ``numeric(10, 2)``) is here too.
"""

from __future__ import annotations

import re

NOT_VOLATILE = frozenset(
    re.findall(
        r"\S+",
        """
        abbrev abs acldefault acos acosd acosh age area array array_dims array_fill array_length array_lower
        array_ndims array_position array_positions array_remove array_replace array_reverse array_sort
        array_to_json array_to_string array_to_tsvector array_upper ascii asin asind asinh atan atan2 atan2d
        atand atanh bigint bit bit_count bit_length bool boolean box bpchar broadcast btrim bytea
        cardinality casefold cash_words cast cbrt ceil ceiling center char char_length character
        character_length chr cidr circle coalesce col_description concat concat_ws convert convert_from
        convert_to cos cosd cosh cot cotd crc32 crc32c current_database current_schema current_schemas
        current_setting current_time current_timestamp current_user date date_add date_bin date_part
        date_subtract date_trunc datemultirange daterange daterange_canonical daterange_subdiff dec decimal
        decode degrees dexp diagonal diameter div dlog1 dlog10 dround dtrunc encode enum_first enum_last
        enum_range erf erfc exp extract factorial family float4 float8 floor for format format_type gamma
        gcd get_bit get_byte get_current_ts_config getdatabaseencoding getpgusername greatest height host
        hostmask icu_unicode_version inet_client_addr inet_client_port inet_server_addr inet_server_port
        initcap int int2 int4 int4inc int4multirange int4range int4range_canonical int4range_subdiff int8
        int8_sum int8multirange int8range int8range_canonical int8range_subdiff integer interval
        is_normalized isclosed isempty isfinite ishorizontal isopen isparallel isperp isvertical json
        json_array json_array_length json_build_array json_build_object json_exists json_object
        json_populate_record json_query json_scalar json_serialize json_strip_nulls json_to_record
        json_to_tsvector json_typeof json_value jsonb_array_length jsonb_build_array jsonb_build_object
        jsonb_insert jsonb_object jsonb_path_exists jsonb_path_exists_tz jsonb_path_match
        jsonb_path_match_tz jsonb_path_query_array jsonb_path_query_array_tz jsonb_path_query_first
        jsonb_path_query_first_tz jsonb_populate_record jsonb_populate_record_valid jsonb_pretty jsonb_set
        jsonb_set_lax jsonb_strip_nulls jsonb_to_record jsonb_to_tsvector jsonb_typeof justify_days
        justify_hours justify_interval lcm least left length lgamma like like_escape line ln localtime
        localtimestamp log log10 lower lower_inc lower_inf lpad lseg ltrim macaddr macaddr8 macaddr8_set7bit
        make_date make_interval make_time make_timestamp make_timestamptz makeaclitem masklen md5
        merge_action min_scale mod money multirange mxid_age name nameconcatoid netmask network normalize
        notlike now npoints nullif num_nonnulls num_nulls numeric numeric_div_trunc numeric_exp numeric_inc
        numeric_ln numeric_log numeric_sqrt nummultirange numnode numrange numrange_subdiff obj_description
        octet_length oid oidvectortypes overlaps overlay parse_ident path pclose pg_backend_pid pg_basetype
        pg_char_to_encoding pg_client_encoding pg_collation_for pg_collation_is_visible
        pg_column_compression pg_column_is_updatable pg_column_size pg_column_toast_chunk_id
        pg_conf_load_time pg_conversion_is_visible pg_current_snapshot pg_current_xact_id
        pg_current_xact_id_if_assigned pg_describe_object pg_encoding_max_length pg_encoding_to_char
        pg_event_trigger_table_rewrite_oid pg_event_trigger_table_rewrite_reason pg_filenode_relation
        pg_function_is_visible pg_has_role pg_identify_object pg_identify_object_as_address
        pg_index_column_has_property pg_index_has_property pg_indexam_has_property
        pg_indexam_progress_phasename pg_input_error_info pg_input_is_valid pg_is_other_temp_schema
        pg_my_temp_schema pg_numa_available pg_opclass_is_visible pg_operator_is_visible
        pg_opfamily_is_visible pg_partition_root pg_postmaster_start_time pg_relation_filenode
        pg_relation_filepath pg_relation_is_publishable pg_relation_is_updatable pg_sequence_parameters
        pg_settings_get_flags pg_size_bytes pg_size_pretty pg_snapshot_xmax pg_snapshot_xmin
        pg_split_walfile_name pg_table_is_visible pg_tablespace_location pg_trigger_depth
        pg_ts_config_is_visible pg_ts_dict_is_visible pg_ts_parser_is_visible pg_ts_template_is_visible
        pg_type_is_visible pg_typeof pg_visible_in_snapshot pg_wal_lsn_diff pg_walfile_name
        pg_walfile_name_offset phraseto_tsquery pi plainto_tsquery point polygon popen position
        postgresql_fdw_validator pow power querytree quote_ident quote_literal quote_nullable radians radius
        range_merge regclass regexp_count regexp_instr regexp_like regexp_match regexp_replace
        regexp_split_to_array regexp_substr repeat replace reverse right round row row_security_active
        row_to_json rpad rtrim satisfies_hash_partition scale session_user set_bit set_byte set_masklen
        setweight sha224 sha256 sha384 sha512 shobj_description sign similar_escape similar_to_escape sin
        sind sinh slope smallint split_part sqrt statement_timestamp string_to_array strip strpos substr
        substring system_user tan tand tanh text textlen time timestamp timestamptz timetz timezone to_ascii
        to_bin to_char to_date to_hex to_json to_jsonb to_number to_oct to_regclass to_regcollation
        to_regnamespace to_regoper to_regoperator to_regproc to_regprocedure to_regrole to_regtype
        to_regtypemod to_timestamp to_tsquery to_tsvector transaction_timestamp translate trim trim_array
        trim_scale trunc ts_delete ts_filter ts_headline ts_lexize ts_rank ts_rank_cd tsmultirange
        tsquery_phrase tsrange tsrange_subdiff tstzmultirange tstzrange tstzrange_subdiff tsvector_to_array
        txid_current txid_current_if_assigned txid_current_snapshot txid_snapshot_xmax txid_snapshot_xmin
        txid_visible_in_snapshot unicode_assigned unicode_version unistr upper upper_inc upper_inf
        uuid_extract_timestamp uuid_extract_version varbit varchar varying version websearch_to_tsquery
        width width_bucket xid xml xml_is_well_formed xml_is_well_formed_content xml_is_well_formed_document
        xmlcomment xmlconcat xmlelement xmlexists xmlforest xmltext xmlvalidate xpath xpath_exists
        """,
    )
)
