"""The monthly partitions of the CodeZest schema: create them ahead of time, and count how many months are left.

The work is done by ``activity.create_monthly_partitions`` and ``activity.partition_months_left``, which the
migrations made; a database without them is another schema's.
"""

from __future__ import annotations

from contextlib import closing
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from psycopg import errors as pg
from psycopg import sql
from psycopg.rows import args_row

from codezest_sql.errors import DatabaseError, UsageError
from codezest_sql.platform.partition_report import PartitionedTable, PartitionReport
from codezest_sql.postgres.connection import connect, server_errors

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psycopg

    from codezest_sql.actions.project.target import Target
    from codezest_sql.postgres.connection import Connection


def status(target: Target) -> PartitionReport:
    """Return the months that are left of each partitioned table. Writes nothing."""
    url = target.url()
    with closing(connect(url, purpose="partitions")) as connection:
        return PartitionReport(target.describe(url), tuple(_months_left(connection)))


def make(target: Target, *, first: str | None = None, last: str | None = None) -> PartitionReport:
    """Make the partitions of the months from ``first`` to ``last`` (``YYYY-MM``), both included.

    The defaults are the procedure's: this month and the three ahead, in UTC. Months that exist are left alone.
    Raises ``UsageError`` for anything that is no month, or a range that the procedure refuses.
    """
    months = {"from_month": _month(first), "to_month": _month(last)}
    given = {name: month for name, month in months.items() if month is not None}
    url = target.url()
    with closing(connect(url, purpose="partitions")) as connection:
        with server_errors("make partitions"):
            try:
                arguments = sql.SQL(", ").join(
                    sql.SQL("{} => {}").format(sql.Identifier(name), month) for name, month in given.items()
                )
                connection.execute(sql.SQL("CALL activity.create_monthly_partitions({})").format(arguments))
            except pg.InvalidParameterValue as error:
                raise UsageError(error.diag.message_primary or str(error), hint=error.diag.message_hint) from None
            except (pg.UndefinedFunction, pg.InvalidSchemaName) as error:
                raise _not_ours(error) from None
        return PartitionReport(target.describe(url), tuple(_months_left(connection)))


def _months_left(connection: Connection) -> Iterator[PartitionedTable]:
    with server_errors("read the partitions"), connection.cursor(row_factory=args_row(PartitionedTable)) as cursor:
        try:
            cursor.execute("SELECT table_name, covered_until, months_left FROM activity.partition_months_left()")
        except (pg.UndefinedFunction, pg.InvalidSchemaName) as error:
            raise _not_ours(error) from None
        yield from cursor


def _month(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return datetime.strptime(text, "%Y-%m").replace(tzinfo=UTC).date()
    except ValueError:
        raise UsageError(f"{text!r} is not a month", hint="write it as 2027-01") from None


def _not_ours(error: psycopg.Error) -> DatabaseError:
    return DatabaseError(
        f"this database has no partitions of ours: {error.diag.message_primary}",
        hint="apply the CodeZest migrations first: codezest-sql migrate --bundled",
    )
