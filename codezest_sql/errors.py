"""Every error a user can meet: a code, a place, a hint and an exit code, split by blame.

``ProjectError`` is for the project's files, ``DatabaseError`` for the server, ``UsageError`` for the command
line, ``Bug`` for us. The message is what is wrong, the hint is how to fix it. Nothing here prints:
``core/error_report.py`` renders errors, ``cli`` turns them into exit codes.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Iterable

    from codezest_sql.place import Place


class ExitCode(IntEnum):
    """The exit codes of a command. Documented in the README; a test compares both."""

    DONE = 0
    FAILED = 1
    USAGE = 2
    PENDING = 3
    DRIFT = 4
    LOCKED = 5
    CONNECTION = 6
    PROJECT = 7
    BUG = 70  # EX_SOFTWARE of sysexits.h
    INTERRUPTED = 130  # 128 + SIGINT
    TERMINATED = 143  # 128 + SIGTERM


class CodezestError(Exception):
    """The root of all errors of this package.

    ``code`` is a stable kebab-case name for tools; ``place`` points into a file where there is one;
    ``source`` is the text of the line it points at, with a caret, ready to print.
    """

    code: ClassVar[str] = "error"
    exit_code: ClassVar[ExitCode] = ExitCode.FAILED

    def __init__(
        self, message: str, *, place: Place | None = None, hint: str | None = None, source: str | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.place = place
        self.hint = hint
        self.source = source

    def __str__(self) -> str:
        where = f"{self.place}: " if self.place else ""
        way_out = f" ({self.hint})" if self.hint else ""
        return f"{where}{self.message}{way_out}"


class UsageError(CodezestError):
    """The command line asks for something that does not exist or does not fit together."""

    code = "usage"
    exit_code = ExitCode.USAGE


# --- the project's files ---------------------------------------------------------------------------------


class ProjectError(CodezestError):
    """A file of the project cannot be used."""

    code = "invalid-project"
    exit_code = ExitCode.PROJECT


class ProjectErrors(ProjectError):  # noqa: N818  # it is several
    """Several files cannot be used: all mistakes of one run, in the order of their places."""

    code = "invalid-project-files"

    def __init__(self, errors: Iterable[CodezestError]) -> None:
        self.errors = tuple(errors)
        count = len(self.errors)
        super().__init__(f"{count} {'error' if count == 1 else 'errors'} in the project's files")


class LexicalError(ProjectError):
    """The SQL text ends inside something: a quote, a dollar quote, a comment; or holds a NUL."""

    code = "lexical"


class FileUnreadableError(ProjectError):
    """A file cannot be read, or is not text in UTF-8."""

    code = "unreadable-file"


class FileNameError(ProjectError):
    """A file's name does not define what the file is, or two names define the same."""

    code = "file-name"


class FolderError(ProjectError):
    """A folder of the project is missing, or holds nothing that is looked for."""

    code = "folder"


class NoProjectError(ProjectError):
    """A command needs a project, and the working folder belongs to none."""

    code = "no-project"


class SettingsError(ProjectError):
    """The settings in ``pyproject.toml`` or ``codezest-sql.toml`` cannot be used."""

    code = "settings"


class SectionError(ProjectError):
    """A file with both directions of a migration does not mark which SQL is which."""

    code = "section"


class DirectiveError(ProjectError):
    """A header comment of a migration is an unknown directive, or has an unusable value."""

    code = "directive"


class TransactionControlError(ProjectError):
    """A migration or a query contains BEGIN, COMMIT, ROLLBACK, SAVEPOINT or the like."""

    code = "transaction-control"


class PsqlCommandError(ProjectError):
    """A migration or a query file contains a backslash command, which only psql understands."""

    code = "psql-command"


class OldStringsError(ProjectError):
    """A migration turns standard_conforming_strings off, and holds strings that this changes."""

    code = "old-strings"


class CopyFromStdinError(ProjectError):
    """A migration or a query is ``COPY … FROM stdin``, whose data only psql can feed."""

    code = "copy-from-stdin"


class CopyToStdoutError(ProjectError):
    """A migration or a query is ``COPY … TO stdout``, whose rows only psql would write somewhere."""

    code = "copy-to-stdout"


class NotInATransactionError(ProjectError):
    """A transactional migration contains a statement that PostgreSQL refuses in a transaction."""

    code = "not-in-a-transaction"


class TemporaryObjectError(ProjectError):
    """A non-transactional migration makes a temporary object, which a rerun after a crash would not have."""

    code = "temporary-object"


class DependencyError(ProjectError):
    """``-- depends:`` names an unknown migration, or goes round in a circle."""

    code = "dependency"


class RollbackMissingError(ProjectError):
    """A migration without a rollback file cannot be rolled back."""

    code = "rollback-missing"


class IrreversibleError(ProjectError):
    """A migration states that it cannot be rolled back, and a rollback of it was asked for."""

    code = "irreversible"


class ChecksumFileError(ProjectError):
    """``migrations.sum`` cannot be read."""

    code = "checksum-file"


class QueryNameError(ProjectError):
    """A query has no name, no usable one, or one that another query has."""

    code = "query-name"


class QueryKindError(ProjectError):
    """A query's kind is missing, unknown, or does not fit the query."""

    code = "query-kind"


class QueryDirectiveError(ProjectError):
    """A comment of a query file is an unknown directive, has an unusable value, or stands where it means nothing."""

    code = "query-directive"


class QueryParameterError(ProjectError):
    """A parameter of a query has an unusable name, is spelt in another tool's way, or is meant but not there."""

    code = "query-parameter"


class QueryPartError(ProjectError):
    """An optional part or an order of a query is not closed, is nested wrongly, or cannot be taken out."""

    code = "query-part"


class QueryStatementError(ProjectError):
    """A query holds no statement or several, or its file holds no query."""

    code = "query-statement"


class QueryVariantsError(ProjectError):
    """The variants of a query return different columns."""

    code = "query-variants"


class QueryRefusedError(ProjectError):
    """The server refuses a query: an unknown table or column, a type that does not fit, wrong syntax."""

    code = "query-refused"


class QueryPolicyError(ProjectError):
    """A query breaks a policy of the project."""

    code = "query-policy"


class QuerySnapshotError(ProjectError):
    """The committed snapshot of the queries is missing, unreadable, or of other files than these."""

    code = "query-snapshot"


class StatisticsError(ProjectError):
    """The committed statistics cannot be read, or are impossible."""

    code = "statistics"


class PlanBudgetError(ProjectError):
    """The committed budget of the queries' plans cannot be read or written."""

    code = "plan-budget"


class ColumnAliasError(ProjectError):
    """A column's alias is too long, clashes with another, or makes a shape that rows cannot have."""

    code = "column-alias"


class ModelNameError(ProjectError):
    """A table or a type gives no name for its class, or one that another has or that Python keeps for itself."""

    code = "model-name"


class RowNameError(ProjectError):
    """Two queries of a module name one row model and have different columns."""

    code = "row-name"


class ModuleNameError(ProjectError):
    """Two files of queries would be one module, or one would hide the other."""

    code = "module-name"


class ForeignFileError(ProjectError):
    """A file is where generated code must be written, and was not generated."""

    code = "foreign-file"


class SchemaRuleError(ProjectError):
    """What the migrations make breaks a rule of the schema that the project asks for."""

    code = "schema-rule"


class LintToolError(ProjectError):
    """sqlfluff or squawk could not be run, or fails: its configuration is wrong, or it is broken."""

    code = "lint-tool"


class RevisionError(ProjectError):
    """Git cannot give the revision that is asked for: there is no git, no repository, no such revision."""

    code = "revision"


# --- the files and the database disagree -----------------------------------------------------------------


class IntegrityError(CodezestError):
    """The applied migrations and the files are different histories."""

    code = "integrity"
    exit_code = ExitCode.DRIFT


class IntegrityErrors(IntegrityError):  # noqa: N818  # it is several
    """Several disagreements, all of one run."""

    code = "integrity-errors"

    def __init__(self, errors: Iterable[CodezestError]) -> None:
        self.errors = tuple(errors)
        count = len(self.errors)
        super().__init__(
            f"{count} {'disagreement' if count == 1 else 'disagreements'} between the files and what was applied"
        )


class EditedMigrationError(IntegrityError):
    """An applied migration's file has other content now."""

    code = "edited-migration"


class MissingMigrationError(IntegrityError):
    """An applied migration has no file: deleted, or the database is ahead of this folder."""

    code = "missing-migration"


class RenamedMigrationError(IntegrityError):
    """An applied migration's content is in a file of another name now."""

    code = "renamed-migration"


class OutOfOrderError(IntegrityError):
    """A pending migration comes before one that is applied already."""

    code = "out-of-order"


class ChecksumMismatchError(IntegrityError):
    """A file differs from its hash in ``migrations.sum``."""

    code = "checksum-mismatch"


class PlanChangedError(IntegrityError):
    """What would run now is not the plan that was reviewed."""

    code = "plan-changed"


class LedgerElsewhereError(IntegrityError):
    """The schema that a run would work in has no ledger, and another schema of the database has one."""

    code = "ledger-elsewhere"


class CatalogDifferenceError(IntegrityError):
    """A rollback file does not restore what its migration changed."""

    code = "catalog-difference"


class SnapshotChangedError(IntegrityError):
    """A ``schema.sql`` is not what ``migrate dump`` would write of the database now."""

    code = "snapshot-changed"


class GeneratedChangedError(IntegrityError):
    """The generated code is not what ``generate`` would write now."""

    code = "generated-changed"


# --- the database server ---------------------------------------------------------------------------------


class DatabaseError(CodezestError):
    """The server refused, failed or went away."""

    code = "database"


class ConnectionUnusableError(DatabaseError):
    """The connection cannot be made, or cannot be used for what was asked."""

    code = "connection-unusable"
    exit_code = ExitCode.CONNECTION


class PooledConnectionError(ConnectionUnusableError):
    """The connection goes through a pooler that hands one session to several clients."""

    code = "pooled-connection"


class DatabaseExistsError(DatabaseError):
    """A database to create exists already."""

    code = "database-exists"


class DatabaseMissingError(DatabaseError):
    """A database to drop does not exist."""

    code = "database-missing"


class DatabaseInUseError(DatabaseError):
    """A database cannot be dropped or copied, since sessions or other objects use it."""

    code = "database-in-use"


class MigrationFailedError(DatabaseError):
    """The server refused a statement of a migration.

    ``sqlstate`` and ``reason`` are the server's own, "" where it was not the server that refused.
    """

    code = "migration-failed"
    sqlstate = ""
    reason = ""


class SuperuserNeededError(MigrationFailedError):
    """A migration needs a superuser, which temporary servers give to trusted migrations only."""

    code = "needs-superuser"


class SeedFailedError(DatabaseError):
    """The server refused a statement of a seed file, or rows of the demo data."""

    code = "seed-failed"


class ConnectionLostError(DatabaseError):
    """The connection went away while a migration or a query ran."""

    code = "connection-lost"


class HalfRunError(DatabaseError):
    """A non-transactional migration stopped within a statement whose outcome is unknown."""

    code = "half-run"


class ShadowError(DatabaseError):
    """An applied file does not run on the shadow database, which lacks something that the live server has."""

    code = "shadow"


class LedgerDirtyError(DatabaseError):
    """Another tool's ledger states that one of its migrations failed half way."""

    code = "ledger-dirty"


class LockTimeoutError(DatabaseError):
    """A lock was not obtained in time."""

    code = "lock-timeout"
    exit_code = ExitCode.LOCKED


class DeployerLockError(LockTimeoutError):
    """Another deployer kept the database for longer than the time allowed."""

    code = "deployer-lock"


class CatalogUnreadableError(DatabaseError):
    """The system catalogs could not be read: the connection failed, or the schema changed meanwhile."""

    code = "catalog-unreadable"


# --- queries at run time ---------------------------------------------------------------------------------


class QueryError(DatabaseError):
    """A query could not be run, or did not give what it promises; ``__cause__`` is psycopg's error, if any.

    ``query`` is the name of the query.
    """

    code = "query"

    def __init__(
        self,
        message: str,
        *,
        query: str = "",
        place: Place | None = None,
        hint: str | None = None,
        source: str | None = None,
    ) -> None:
        super().__init__(message, place=place, hint=hint, source=source)
        self.query = query


class NoRowFound(QueryError):  # noqa: N818  # named by the condition, as a user catches it
    """A query that gives one row gave none."""

    code = "no-row-found"


class TooManyRows(QueryError):  # noqa: N818
    """A query that gives at most one row gave several."""

    code = "too-many-rows"


class ArgumentError(QueryError):
    """An argument is missing, is one too many, or has a type that its parameter does not take."""

    code = "argument"


class InvalidValue(QueryError):  # noqa: N818
    """The server cannot work with a value, though its type is right (SQLSTATE class 22), such as no time zone."""

    code = "invalid-value"


class SchemaMismatchError(QueryError):
    """The database is not the one that the query's types were verified on: behind it, or ahead of it."""

    code = "schema-mismatch"


class UnreadableValueError(QueryError):
    """A value of the database has no Python value of the promised type, such as a timestamp of infinity."""

    code = "unreadable-value"


class StatementTimeout(QueryError):  # noqa: N818
    """A query ran for longer than it may, or was cancelled."""

    code = "statement-timeout"


class SerializationConflict(QueryError):  # noqa: N818
    """Transactions got in each other's way, and the server undid this one: run it again."""

    code = "serialization-conflict"


class CommitUnknown(QueryError):  # noqa: N818
    """The connection went away during COMMIT: whether the transaction counts is not known."""

    code = "commit-unknown"


class PoolExhausted(QueryError):  # noqa: N818
    """No connection of the pool became free in time."""

    code = "pool-exhausted"


class ConstraintViolation(QueryError):  # noqa: N818
    """A constraint refused a row.

    ``constraint``, ``table`` (with its schema) and ``columns`` name it, as far as the server reports them.
    """

    code = "constraint-violation"

    def __init__(
        self,
        message: str,
        *,
        query: str = "",
        constraint: str = "",
        table: str = "",
        columns: tuple[str, ...] = (),
        place: Place | None = None,
        hint: str | None = None,
        source: str | None = None,
    ) -> None:
        super().__init__(message, query=query, place=place, hint=hint, source=source)
        self.constraint = constraint
        self.table = table
        self.columns = columns


class UniqueViolation(ConstraintViolation):
    """A row with this key is there already."""

    code = "unique-violation"


class ForeignKeyViolation(ConstraintViolation):
    """A row refers to one that is not there, or is referred to by others."""

    code = "foreign-key-violation"


class NotNullViolation(ConstraintViolation):
    """A column that is never NULL would be."""

    code = "not-null-violation"


class CheckViolation(ConstraintViolation):
    """A row breaks a CHECK constraint."""

    code = "check-violation"


class ExclusionViolation(ConstraintViolation):
    """A row excludes another one, or is excluded by it."""

    code = "exclusion-violation"


# --- the embedded server ---------------------------------------------------------------------------------


class ServerError(CodezestError):
    """The embedded server could not be found, made, started or stopped."""

    code = "embedded-server"
    exit_code = ExitCode.CONNECTION


# --- us --------------------------------------------------------------------------------------------------


class Bug(CodezestError):  # noqa: N818  # the architecture's name for it
    """A mistake of codezest-sql itself."""

    code = "bug"
    exit_code = ExitCode.BUG
