"""What a statement does, as far as rules ask: values only, made by ``read_ddl`` and ``read_table``.

Names are as the server keeps them, qualified and without quotes (``auth.users``): a name without a schema has that of
the search path, which is ``public`` unless the file sets otherwise. ``offset`` is where in the file's text it stands.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum, auto


@dataclass(frozen=True, slots=True)
class Uses:
    """The columns that a query or an expression uses, as far as its text shows.

    ``tables`` are the relations that it names, each with the name that it has in it and its scope; ``columns`` are
    columns with the table or alias before them, "" where there is none, and the scope; ``*`` means all columns.
    ``parents`` has for each scope, a query within the query, the one around it; the first is its own.
    """

    tables: tuple[tuple[str, str, int], ...] = ()
    columns: frozenset[tuple[str, str, int]] = frozenset()
    parents: tuple[int, ...] = (0,)


class ConstraintKind(StrEnum):
    """The kinds of table constraints."""

    CHECK = auto()
    FOREIGN_KEY = auto()
    UNIQUE = auto()
    PRIMARY_KEY = auto()
    EXCLUDE = auto()
    NOT_NULL = auto()


@dataclass(frozen=True, slots=True)
class Constraint:
    """A constraint of a table, or of a column of it; ``name`` is None where the server makes one up."""

    kind: ConstraintKind
    offset: int
    name: str | None = None
    columns: tuple[str, ...] = ()
    expression: str = ""
    references: str | None = None
    referenced: tuple[str, ...] = ()  # the columns there, where they are written
    words: frozenset[str] = frozenset()  # the names in its expression
    valid: bool = True
    using_index: str | None = None
    enforced: bool = True

    @property
    def checks_rows(self) -> bool:
        """Return whether the server looks at the rows that are there: neither NOT VALID nor NOT ENFORCED."""
        return self.valid and self.enforced


@dataclass(frozen=True, slots=True)
class Column:
    """A column as it is declared. ``type`` is in lower case with single spaces, and the short name of aliases."""

    name: str
    type: str
    offset: int
    not_null: bool = False
    default: str | None = None
    generated: str | None = None  # "stored" or "virtual"
    collation: str = ""
    uses: frozenset[str] = frozenset()  # the names in the expression that generates it
    identity: bool = False
    constraints: tuple[Constraint, ...] = ()

    def has(self, kind: ConstraintKind) -> bool:
        """Return whether the declaration holds such a constraint."""
        return any(each.kind is kind for each in self.constraints)


@dataclass(frozen=True, slots=True)
class CreateTable:
    """CREATE TABLE, of any form, and SELECT INTO.

    ``copies`` where its columns come from elsewhere (AS, LIKE, OF, INHERITS); ``fills`` where a query gives its rows;
    ``likes`` are the tables whose columns it takes over.
    """

    name: str
    columns: tuple[Column, ...]
    constraints: tuple[Constraint, ...]
    offset: int
    partition_of: str | None = None
    partitioned: bool = False
    copies: bool = False
    temporary: bool = False
    written: str = ""
    fills: bool = False
    likes: tuple[str, ...] = ()
    inherits: tuple[str, ...] = ()
    default_partition: bool = False


class ActionKind(StrEnum):
    """What one part of ALTER TABLE does."""

    ADD_COLUMN = auto()
    DROP_COLUMN = auto()
    SET_NOT_NULL = auto()
    DROP_NOT_NULL = auto()
    TYPE = auto()
    SET_DEFAULT = auto()
    ADD_CONSTRAINT = auto()
    DROP_CONSTRAINT = auto()
    VALIDATE = auto()
    RULE = auto()
    RENAME_TABLE = auto()
    RENAME_COLUMN = auto()
    RENAME_CONSTRAINT = auto()
    SET_SCHEMA = auto()
    SET_LOGGED = auto()
    SET_TABLESPACE = auto()
    SET_ACCESS_METHOD = auto()
    ATTACH = auto()
    DETACH = auto()
    ROW_SECURITY = auto()
    TRIGGER = auto()
    STATISTICS = auto()
    SET_EXPRESSION = auto()
    DROP_EXPRESSION = auto()
    ALTER_CONSTRAINT = auto()
    ENFORCE = auto()
    UNENFORCE = auto()
    OPTIONS = auto()
    INHERIT = auto()
    OTHER = auto()


@dataclass(frozen=True, slots=True)
class Action:
    """One part of ALTER TABLE. ``name`` is the column, constraint, partition or new name that it speaks of."""

    kind: ActionKind
    offset: int
    name: str = ""
    new_name: str = ""
    column: Column | None = None
    constraint: Constraint | None = None
    type: str = ""
    using: str = ""
    cascade: bool = False
    concurrently: bool = False
    if_exists: bool = False
    default: bool = False  # the partition that takes the rest


@dataclass(frozen=True, slots=True)
class AlterTable:
    """ALTER TABLE (or INDEX, VIEW, … as in ``what``)."""

    name: str
    actions: tuple[Action, ...]
    offset: int
    what: str = "TABLE"
    written: str = ""
    only: bool = False


@dataclass(frozen=True, slots=True)
class CreateIndex:
    """CREATE INDEX; ``columns`` are its keys that are plain columns, ``words`` all names that it uses."""

    name: str | None
    table: str
    offset: int
    unique: bool = False
    concurrently: bool = False
    only: bool = False
    if_not_exists: bool = False
    columns: tuple[str, ...] = ()
    words: frozenset[str] = frozenset()
    computed: bool = False  # an expression is a key, or a WHERE limits it


@dataclass(frozen=True, slots=True)
class Drop:
    """DROP of anything; ``what`` is TABLE, INDEX, VIEW, TYPE, …; ``table`` is that of a trigger, policy or rule."""

    what: str
    names: tuple[str, ...]
    offset: int
    cascade: bool = False
    if_exists: bool = False
    concurrently: bool = False
    table: str | None = None


@dataclass(frozen=True, slots=True)
class CreateType:
    """CREATE TYPE; ``labels`` of an enum, None for any other type."""

    name: str
    labels: tuple[str, ...] | None
    offset: int


@dataclass(frozen=True, slots=True)
class AlterEnum:
    """ALTER TYPE … ADD VALUE, where ``old`` is None, or RENAME VALUE."""

    name: str
    label: str
    old: str | None
    offset: int


@dataclass(frozen=True, slots=True)
class Rename:
    """ALTER … RENAME TO or SET SCHEMA of something else than a table."""

    what: str
    name: str
    new_name: str
    offset: int


@dataclass(frozen=True, slots=True)
class CreateDomain:
    """CREATE DOMAIN; ``constrained`` where values are checked."""

    name: str
    base: str
    constrained: bool
    offset: int


@dataclass(frozen=True, slots=True)
class AlterDomain:
    """ALTER DOMAIN that looks at rows: ADD CONSTRAINT, SET NOT NULL, VALIDATE; ``valid`` without NOT VALID."""

    name: str
    action: str
    valid: bool
    offset: int


@dataclass(frozen=True, slots=True)
class CreateView:
    """CREATE VIEW or MATERIALIZED VIEW."""

    name: str
    materialized: bool
    uses: Uses
    offset: int
    written: str = ""


@dataclass(frozen=True, slots=True)
class CreateSchema:
    """CREATE SCHEMA; ``makes`` are the tables among its elements."""

    name: str
    offset: int
    makes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Truncate:
    """TRUNCATE."""

    names: tuple[str, ...]
    cascade: bool
    offset: int


@dataclass(frozen=True, slots=True)
class Write:
    """INSERT, UPDATE, DELETE or MERGE; ``filtered`` with a WHERE, ``reads`` where its rows come from a query.

    ``others`` are the statements of its WITH, and of a MERGE those that change rows for which nothing is asked.
    """

    effect: str
    table: str
    filtered: bool
    reads: bool
    offset: int
    others: tuple[Write, ...] = ()

    @property
    def every(self) -> tuple[Write, ...]:
        """Return it and the others."""
        return (self, *self.others)


@dataclass(frozen=True, slots=True)
class DoBlock:
    """DO: ``body`` is the code as written, which begins at ``body_offset`` of the text; ``makes`` are its tables."""

    body: str
    body_offset: int
    offset: int
    makes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CreateFunction:
    """CREATE FUNCTION or PROCEDURE; ``uses`` where the server reads its body: BEGIN ATOMIC, RETURN."""

    name: str
    definer: bool
    sets_path: bool
    offset: int
    written: str = ""
    volatile: bool = True
    uses: Uses | None = None


@dataclass(frozen=True, slots=True)
class AlterFunction:
    """ALTER FUNCTION … VOLATILE, STABLE or IMMUTABLE."""

    name: str
    volatile: bool
    offset: int


@dataclass(frozen=True, slots=True)
class OnTable:
    """What locks a table and is no ALTER TABLE: triggers, policies and rules; ``effect`` is CREATE, ALTER."""

    effect: str
    what: str
    table: str
    offset: int
    name: str = ""
    uses: Uses | None = None


@dataclass(frozen=True, slots=True)
class Rebuild:
    """REFRESH, REINDEX, CLUSTER, VACUUM FULL and LOCK; ``name`` is empty where it is about everything.

    ``mode`` is that of LOCK, such as SHARE ROW EXCLUSIVE; ``index`` where the name is one of an index.
    """

    effect: str
    name: str
    concurrently: bool
    offset: int
    mode: str = ""
    index: bool = False


@dataclass(frozen=True, slots=True)
class Grant:
    """GRANT of privileges (not of roles). Lists are in upper case."""

    privileges: tuple[str, ...]
    target: str
    everything: bool  # ALL TABLES IN SCHEMA, or default privileges
    grantees: tuple[str, ...]
    grant_option: bool
    offset: int


@dataclass(frozen=True, slots=True)
class Comment:
    """COMMENT ON ``what`` ``name``; ``present`` unless it is NULL."""

    what: str
    name: str
    present: bool
    offset: int


@dataclass(frozen=True, slots=True)
class Setting:
    """SET of one setting; ``value`` as written, without quotes."""

    name: str
    value: str
    local: bool
    offset: int


Effect = (
    CreateTable
    | AlterTable
    | CreateIndex
    | Drop
    | CreateType
    | AlterEnum
    | Rename
    | CreateDomain
    | AlterDomain
    | CreateView
    | CreateSchema
    | Truncate
    | Write
    | DoBlock
    | CreateFunction
    | AlterFunction
    | OnTable
    | Rebuild
    | Grant
    | Comment
    | Setting
)
