"""A title to the files of a new migration, named and written as those of its folder are. Never writes anything."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from codezest_sql.core.migrations.files.layout import MARKERS, Layout, down_name, flyway_version, up_name
from codezest_sql.core.migrations.files.order import leading_digits
from codezest_sql.core.migrations.history import Direction
from codezest_sql.errors import SectionError, UsageError
from codezest_sql.place import printable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from codezest_sql.core.migrations.files.folder import MigrationFolder

# With its endings a name must stay below the 255 bytes of common file systems.
_LONGEST_NAME = 200
# A number that is a day or a moment, such as 20260131 or 20260131093000.
_TIME = re.compile(r"(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{0,12}")
_DATED = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}-[0-9]{6}_")
# Titles that would be more than a title: another header, a marker of sections, sqlx's first line.
_MORE_THAN_A_TITLE = re.compile(r"[^:]*:|\s*\+|\s*no-transaction", re.IGNORECASE)


def new_files(folder: MigrationFolder | None, title: str, *, transactional: bool, now: datetime) -> dict[str, str]:
    """Return name → text of the files of an empty migration that comes after all those of ``folder``.

    They are in the layout of the folder's last migration, and numbered as its others are; ``now`` numbers those whose
    numbers are times. ``-- depends:`` is for our own layout: other tools order by number alone. Raises ``UsageError``
    for a title without a letter or digit.
    """
    # Plain letters only: é is e, so that the name is the same on every file system.
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    name = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")
    if not name:
        raise UsageError(
            f"{printable(title)!r} has no Latin letter or digit, of which a file's name is made",
            hint="name the change: migrate new 'add badges'",
        )
    last = folder.migrations[-1] if folder else None
    layout = last.layout if last else Layout.PLAIN
    ids = [migration.id for migration in folder.migrations if _counts(migration.layout, layout)] if folder else []
    prefix = _next_version(ids, now) if layout is Layout.FLYWAY else _next_number(ids, now)
    joint = ".do." if layout is Layout.POSTGRATOR else "_"
    migration_id = f"{prefix}{joint}{name}"[:_LONGEST_NAME]
    heading = [f"-- {_as_comment(title.strip())}"] if title.isprintable() else []
    if layout in MARKERS:
        return {up_name(layout, migration_id): _sections(layout, heading, transactional=transactional)}
    if layout is Layout.PLAIN and last:
        heading.append(f"-- depends: {last.id}")
    if not transactional:
        # sqlx reads this line only where it comes first; ours may stand anywhere in the header.
        heading = (
            ["-- no-transaction", *heading] if layout is Layout.UP_DOWN else [*heading, "-- transactional: false"]
        )
    undoes = [f"-- Undoes {migration_id}, in reverse order."]
    if layout is Layout.UP_DOWN and not transactional:
        undoes.insert(0, "-- no-transaction")
    return {
        up_name(layout, migration_id): "\n".join([*heading, "", ""]),
        down_name(layout, migration_id): "\n".join([*undoes, "", ""]),
    }


def _counts(layout: Layout, other: Layout) -> bool:
    """Whether two layouts write numbers the same way: Flyway's V1.2 is none for the others."""
    return (layout is Layout.FLYWAY) == (other is Layout.FLYWAY)


def _as_comment(title: str) -> str:
    """Return a title that is safe in a header: "depends: x" would be a directive there, "down" a mark."""
    return f"title: {title}" if _MORE_THAN_A_TITLE.match(title) or _is_mark(title) else title


def _is_mark(title: str) -> bool:
    """Whether a comment of this title would be read as a mark, of whichever tool."""
    from codezest_sql.core.migrations.files.foreign_sections import find_mark  # noqa: PLC0415  # start-up time: only for a new file
    from codezest_sql.core.migrations.files.sections import read_sections  # noqa: PLC0415

    text = f"-- {title}\nSELECT 1;\n"
    try:
        return read_sections(text, file="") is not None or find_mark(text, file="") is not None
    except SectionError:
        return True


def _sections(layout: Layout, heading: Sequence[str], *, transactional: bool) -> str:
    """Return an empty file with both sections, in the tool's own words."""
    up, down = MARKERS[layout].get(Direction.UP, ""), MARKERS[layout][Direction.DOWN]
    lines = [*heading]
    if layout is Layout.TERN:
        lines += [] if transactional else ["---- tern: disable-tx ----"]
        return "\n".join([*lines, "", "", down, "", ""])
    if not transactional and layout is Layout.NODE_PG_MIGRATE:
        lines.append("-- transactional: false")
    if not transactional and layout is Layout.GOOSE:
        lines.append("-- +goose NO TRANSACTION")
    option = {Layout.DBMATE: " transaction:false", Layout.SQL_MIGRATE: " notransaction"}.get(layout, "")
    option = "" if transactional else option
    return "\n".join([*lines, f"{up}{option}", "", "", f"{down}{option}", "", ""])


def _next_number(ids: Sequence[str], now: datetime) -> str:
    """Count on as the folder does: by one with the same width, or by the time where numbers are times."""
    numbers = {digits: name for name in ids if (digits := leading_digits(name))}
    if not numbers:
        return "0001"
    # Dependencies may run a smaller number last: the next one comes after them all.
    greatest = max(numbers, key=int)
    if _DATED.match(numbers[greatest]):
        return f"{now:%Y-%m-%d-%H%M%S}"
    return _after(greatest, now)


def _next_version(ids: Sequence[str], now: datetime) -> str:
    """Return ``V2_`` after ``V1``, ``V1.3_`` after ``V1.2``: the last part of the greatest version counts on."""
    greatest = max(ids, key=flyway_version)
    version = greatest[1:].partition("__")[0]
    parts = re.split(r"([._])", version)
    parts[-1] = _after(parts[-1], now)
    return f"V{''.join(parts)}_"


def _after(digits: str, now: datetime) -> str:
    if _TIME.fullmatch(digits):
        return f"{now:%Y%m%d%H%M%S%f}"[: len(digits)]
    return str(int(digits) + 1).zfill(len(digits))
