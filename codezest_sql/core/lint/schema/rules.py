"""The rules that a schema follows by its design, each data and one function over the catalog.

They are those of the CodeZest schema: uuid keys, the owner first, four classes of tables that comments name. A
project that has another design leaves them off, which is the default. A finding names an object; where the folder
makes that object is found by ``schema_places``, so that it has a place and can be ignored there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from codezest_sql.core.lint.schema.facts import SUFFIX
from codezest_sql.core.sql.identifiers import MAXIMUM_LENGTH

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from codezest_sql.core.lint.schema.facts import Catalog, Constraint, Index

OWNER = "user_id"
TIME = "timestamp with time zone"
CLASSES = "GRUT"
_OWNED = "UT"
_TYPES = frozenset({"uuid", "text", "text[]", "bytea", "boolean", "integer", "bigint", TIME, "jsonb", "inet"})
# Local times: hours of a day in a user's own time zone.
_WALL_CLOCK = re.compile(r"_(from|to|until)$")
_SECRET = re.compile(r"(^|_)(token|secret|password|api_key)$")
_NAMES = (
    (re.compile(r"_at$"), TIME),
    (re.compile(r"_minor$"), "bigint"),
    (re.compile(r"_hash$"), "bytea"),
    (re.compile(r"_ciphertext$"), "bytea"),
    (re.compile(r"^currency$"), "text"),
    (re.compile(r"^is_"), "boolean"),
    (re.compile(r"^position$"), "integer"),
)
_KEYS: dict[str, set[tuple[str, ...]]] = {
    "U": {(OWNER, "id"), (OWNER,)},
    "T": {(OWNER, "occurred_at", "id")},
}
_LABEL = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*")


class Broken(NamedTuple):
    """What breaks a rule: the table, type or schema, and the object in it whose place is shown; how."""

    of: str
    what: str
    message: str


@dataclass(frozen=True, slots=True)
class SchemaRule:
    """A rule of the schema: its code, what it asks for, the hint."""

    code: str
    summary: str
    hint: str
    find: Callable[[Catalog], Iterator[Broken]]


def _owned(catalog: Catalog) -> list[str]:
    return [table for table in catalog.tables if catalog.class_of(table) in set(_OWNED)]


def _classes(catalog: Catalog) -> Iterator[Broken]:
    for table in catalog.tables:
        if catalog.class_of(table) not in set(CLASSES):
            yield Broken(table, table, f"the comment of {table} has no line Class: G, R, U or T")


def _keys(catalog: Catalog) -> Iterator[Broken]:
    keyed = {each.table: each.columns for each in catalog.constraints if each.kind == "p"}
    for table in catalog.tables:
        key = keyed.get(table)
        if key is None:
            yield Broken(table, table, f"{table} has no primary key")
            continue
        expected = _KEYS.get(catalog.class_of(table), {("id",)})
        if key not in expected:
            shown = " or ".join(f"({', '.join(each)})" for each in sorted(expected))
            yield Broken(table, table, f"the primary key of {table} is ({', '.join(key)}), not {shown}")
        columns = catalog.columns_of(table)
        for name in key:
            if name != "occurred_at" and columns[name].type != "uuid":
                yield Broken(table, name, f"{table}.{name} is {columns[name].type}: keys are uuid")
            elif name == "id" and columns[name].default not in {"gen_random_uuid()", "uuidv7()"}:
                yield Broken(table, name, f"{table}.{name} has no default that makes a uuid")
    for column in catalog.columns:
        if column.identity or (column.default or "").startswith("nextval("):
            yield Broken(column.table, column.name, f"{column.table}.{column.name} is a serial or an identity")


def _owner_first(catalog: Catalog) -> Iterator[Broken]:
    owned = _owned(catalog)
    for table in owned:
        owner = catalog.columns_of(table).get(OWNER)
        if owner is None or not owner.not_null:
            yield Broken(table, table, f"{table} is a user's and has no {OWNER} that is NOT NULL")
        leads = any(
            each.columns == (OWNER,) and each.table == table and each.parent and catalog.class_of(each.parent) == "G"
            for each in catalog.foreign_keys()
        )
        if not leads:
            yield Broken(table, table, f"no foreign key leads from {table}.{OWNER} to the users")
    for index in catalog.indexes:
        if (
            index.unique
            and index.table in owned
            and not index.name.endswith("_global_key")
            and index.keys[0] != OWNER
        ):
            yield Broken(index.table, index.name, f"{index.name} is unique and does not begin with {OWNER}")
    for key in catalog.foreign_keys():
        both = key.table in owned and key.parent in owned
        if both and (key.columns[0], key.parent_columns[0]) != (OWNER, OWNER):
            yield Broken(key.table, key.name, f"{key.name} does not begin with {OWNER} on both sides")


def _triggers(catalog: Catalog) -> Iterator[Broken]:
    for table, name in catalog.triggers:
        yield Broken(table, name, f"{name} of {table} is a trigger or a rule")


def _set_null(catalog: Catalog) -> Iterator[Broken]:
    for key in catalog.foreign_keys():
        if key.on_delete in {"SET NULL", "SET DEFAULT"} and OWNER in key.columns:
            yield Broken(key.table, key.name, f"{key.name} would be torn from its user: ON DELETE {key.on_delete}")


def _directions(catalog: Catalog) -> Iterator[Broken]:
    owned = _owned(catalog)
    for key in catalog.foreign_keys():
        if key.table not in owned and key.parent in owned:
            yield Broken(key.table, key.name, f"{key.name} leads from what is shared to what is a user's")
    for index in catalog.indexes:
        if index.name.endswith("_global_key") and (not index.unique or index.of_constraint):
            yield Broken(index.table, index.name, f"{index.name} is no unique index of its own")


def _key_indexes(catalog: Catalog) -> Iterator[Broken]:
    for key in catalog.foreign_keys():
        served = any(
            index.table == key.table
            and index.predicate is None
            and index.valid
            and {*index.keys[: len(key.columns)]} == {*key.columns}
            for index in catalog.indexes
        )
        if not served:
            yield Broken(key.table, key.name, f"no whole index of {key.table} begins with ({', '.join(key.columns)})")


def _whole(catalog: Catalog) -> Iterator[Broken]:
    for constraint in catalog.constraints:
        if not constraint.validated:
            yield Broken(constraint.table, constraint.name, f"{constraint.name} is not validated")
        if constraint.deferrable:
            yield Broken(constraint.table, constraint.name, f"{constraint.name} is deferrable")
    for index in catalog.indexes:
        if not index.valid:
            yield Broken(index.table, index.name, f"{index.name} is invalid: a build was interrupted")
        for other in catalog.indexes:
            same = (index.table, index.predicate) == (other.table, other.predicate) and index.name != other.name
            if same and not index.unique and index.keys == other.keys[: len(index.keys)]:
                yield Broken(index.table, index.name, f"{index.name} is the beginning of {other.name}")


def _names(catalog: Catalog) -> Iterator[Broken]:
    for constraint in catalog.constraints:
        expected = {constraint_name(constraint)}
        if constraint.name not in expected:
            yield _misnamed(constraint.table, constraint.name, expected)
    for index in catalog.indexes:
        if not index.of_constraint and index.name not in index_names(index):
            yield _misnamed(index.table, index.name, index_names(index))


def _misnamed(table: str, name: str, expected: set[str]) -> Broken:
    shown = " or ".join(
        sorted(each for each in expected if len(each.encode()) <= MAXIMUM_LENGTH) or ["something short"]
    )
    return Broken(table, name, f"{name} must be named {shown}")


def constraint_name(constraint: Constraint) -> str:
    """Return what a constraint is called: table, columns and kind."""
    table = constraint.table.partition(".")[2]
    return "_".join((table, *constraint.columns, SUFFIX[constraint.kind]))


def index_names(index: Index) -> set[str]:
    """Return table_columns_kind, and the same with the columns of WHERE, which distinguish two of them."""
    table = index.table.partition(".")[2]
    keys = [re.sub(r"^lower\((\w+)\)$", r"\1", key) for key in index.keys]
    where = [name for name in index.predicate_columns if name not in {"deleted_at", *keys}]
    suffixes = ("key", "global_key") if index.unique else ("idx",)
    return {"_".join((table, *names, suffix)) for names in (keys, keys + where) for suffix in suffixes}


def _column_types(catalog: Catalog) -> Iterator[Broken]:
    allowed = _TYPES | set(catalog.enums)
    for column in catalog.columns:
        where = f"{column.table}.{column.name}"
        clock = column.type == "time without time zone" and _WALL_CLOCK.search(column.name)
        if column.type not in allowed and not clock:
            yield Broken(column.table, column.name, f"{where} is {column.type}, which the design has no use for")
        for pattern, expected in _NAMES:
            if pattern.search(column.name) and column.type != expected and column.name != "password_hash":
                yield Broken(
                    column.table, column.name, f"{where} is {column.type}; a name like that is of {expected}"
                )
        if column.name.endswith("_minor") and "currency" not in catalog.columns_of(column.table):
            yield Broken(column.table, column.name, f"{where} is money, and {column.table} has no currency")


def _times(catalog: Catalog) -> Iterator[Broken]:
    for table in catalog.tables:
        columns = catalog.columns_of(table)
        for name in ("created_at", "updated_at"):
            column = columns.get(name)
            if catalog.class_of(table) == "T":
                if column is not None:
                    yield Broken(
                        table, name, f"rows of {table} are only added: their time is occurred_at, not {name}"
                    )
            elif column is None or (column.type, column.not_null, column.default) != (TIME, True, "now()"):
                yield Broken(table, name, f"{table} has no {name} timestamptz NOT NULL DEFAULT now()")
        deleted = columns.get("deleted_at")
        if deleted is not None and (deleted.type, deleted.not_null, deleted.default) != (TIME, False, None):
            yield Broken(table, "deleted_at", f"{table}.deleted_at is not a nullable timestamptz without a default")


def _soft_delete(catalog: Catalog) -> Iterator[Broken]:
    referenced = {(key.parent, key.parent_columns) for key in catalog.foreign_keys()}
    primary = {each.table: each.columns for each in catalog.constraints if each.kind == "p"}
    for index in catalog.indexes:
        if not index.unique:
            continue
        if (index.table, index.keys) in referenced or index.keys == primary.get(index.table):
            if index.predicate is not None:
                yield Broken(index.table, index.name, f"{index.name} is referenced, and must not be partial")
        elif "deleted_at" in catalog.columns_of(index.table) and "(deleted_at IS NULL)" not in f"({index.predicate})":
            yield Broken(index.table, index.name, f"{index.name} counts deleted rows: add WHERE deleted_at IS NULL")
    for column in catalog.columns:
        if column.name == "position":
            keys = [index for index in catalog.indexes if index.table == column.table and "position" in index.keys]
            for index in keys:
                if index.unique:
                    yield Broken(column.table, index.name, f"{index.name} makes position unique, which orders only")


def _secrets(catalog: Catalog) -> Iterator[Broken]:
    for column in catalog.columns:
        if _SECRET.search(column.name):
            yield Broken(
                column.table, column.name, f"{column.table}.{column.name} looks like a secret that is kept in clear"
            )


def _comments(catalog: Catalog) -> Iterator[Broken]:
    for kind, named in (("schema", catalog.schemas), ("type", catalog.types), ("table", catalog.tables)):
        for name, comment in named.items():
            if not (comment or "").strip():
                yield Broken(name, name, f"{kind} {name} has no comment")
    for column in catalog.columns:
        if not (column.comment or "").strip():
            yield Broken(column.table, column.name, f"column {column.table}.{column.name} has no comment")


def _on_delete(catalog: Catalog) -> Iterator[Broken]:
    money = {column.table for column in catalog.columns if column.name == "currency"}
    for key in catalog.foreign_keys():
        parent = key.parent or ""
        child_class, parent_class = catalog.class_of(key.table), catalog.class_of(parent)
        if parent_class == "G" and key.columns == (OWNER,):
            expected = "RESTRICT" if key.table in money else "CASCADE"
        elif parent_class == "G":
            expected = "SET NULL"
        elif parent_class == "R":
            expected = "CASCADE" if child_class == "R" else "RESTRICT"
        else:
            schemas = {table.partition(".")[0] for table in money}
            expected = "NO ACTION" if key.table.partition(".")[0] in schemas else "CASCADE"
        if key.on_delete != expected:
            yield Broken(
                key.table, key.name, f"{key.name} is ON DELETE {key.on_delete}; the design requires {expected}"
            )


def _checks(catalog: Catalog) -> Iterator[Broken]:
    checked = {(check.table, name) for check in catalog.constraints if check.kind == "c" for name in check.columns}
    for column in catalog.columns:
        wants = column.type == "jsonb" or column.name == "currency" or column.name.endswith("_percent")
        if wants and (column.table, column.name) not in checked:
            yield Broken(column.table, column.name, f"no CHECK restricts the values of {column.table}.{column.name}")


def _labels(catalog: Catalog) -> Iterator[Broken]:
    for name, labels in catalog.enums.items():
        for label in labels:
            if not _LABEL.fullmatch(label):
                yield Broken(name, name, f"the label '{label}' of {name} is not in upper case")


SCHEMA_RULES = (
    SchemaRule(
        "schema-key",
        "Keys are uuids with a default, those of the class; no serial, no identity (rule 1).",
        "id uuid NOT NULL DEFAULT gen_random_uuid()",
        _keys,
    ),
    SchemaRule(
        "schema-owner",
        "Keys, unique rules and foreign keys of a user's rows begin with user_id (rule 2).",
        "begin it with user_id, and reference auth.users (id)",
        _owner_first,
    ),
    SchemaRule(
        "schema-class",
        "The comment of each table names its class: G, R, U or T (rule 3).",
        "end the comment with a line Class: U",
        _classes,
    ),
    SchemaRule("schema-trigger", "There is no trigger and no rule (rule 4).", "let the queries do it", _triggers),
    SchemaRule(
        "schema-set-null",
        "No foreign key with the owner is set to NULL or its default (rule 5).",
        "CASCADE, or RESTRICT",
        _set_null,
    ),
    SchemaRule(
        "schema-direction",
        "Nothing shared refers to what is a user's; global keys are indexes (rule 6).",
        "turn the reference round",
        _directions,
    ),
    SchemaRule(
        "schema-foreign-key-index",
        "An index begins with the columns of each foreign key (rule 7).",
        "CREATE INDEX with these columns first",
        _key_indexes,
    ),
    SchemaRule(
        "schema-name",
        "Constraints and indexes are called <table>_<columns>_<pk|key|fk|check|idx> (rule 8).",
        "name it so",
        _names,
    ),
    SchemaRule(
        "schema-type",
        "One type for one purpose: timestamptz, text, bigint for money, jsonb (rule 9).",
        "use the type of the design",
        _column_types,
    ),
    SchemaRule("schema-time", "What changes has created_at and updated_at (rule 10).", "add it", _times),
    SchemaRule(
        "schema-soft-delete",
        "Unique rules see live rows only; a position is never unique (rule 10).",
        "make the index partial, or not unique",
        _soft_delete,
    ),
    SchemaRule(
        "schema-secret",
        "Secrets are hashes or ciphertext (rule 11).",
        "keep token_hash bytea, or …_ciphertext bytea",
        _secrets,
    ),
    SchemaRule(
        "schema-comment",
        "Every schema, type, table and column has a comment (rule 12).",
        "COMMENT ON it, with the reason",
        _comments,
    ),
    SchemaRule("schema-on-delete", "ON DELETE is as decided once (rule 13).", "see docs/schema.md", _on_delete),
    SchemaRule(
        "schema-check",
        "Documents, currencies and percentages have a CHECK (rule 15).",
        "add a CHECK of the form, the letters or the range",
        _checks,
    ),
    SchemaRule(
        "schema-enum-label", "Labels of enums are in upper case (rule 16).", "write it in upper case", _labels
    ),
    SchemaRule(
        "schema-whole",
        "Constraints are validated and immediate, indexes valid and of use.",
        "VALIDATE it, or drop what is left over",
        _whole,
    ),
)
SCHEMA_CODES = tuple(rule.code for rule in SCHEMA_RULES)
