"""Plain files in a folder of a tool that skips them: an ambiguity, or a note. Never opens a file.

The tool's users know that such a file does not run, and keep seeds and snapshots of the schema there. One with a
number takes its place among the migrations and is noted; one without would run after all of them and is refused.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from codezest_sql.core.migrations.files.directives import says_plain
from codezest_sql.core.migrations.files.layout import Layout
from codezest_sql.errors import FileNameError
from codezest_sql.place import Place

if TYPE_CHECKING:
    from collections.abc import Sequence

    from codezest_sql.core.migrations.files.script import Migration

# The tools behind these skip files with other names.
_STRICT = {
    Layout.FOLDER: "diesel and Hasura read only X/up.sql",
    Layout.PRISMA: "Prisma reads only X/migration.sql",
    Layout.UP_DOWN: "golang-migrate and sqlx read only numbered files",
    Layout.POSTGRATOR: "postgrator reads only 1.do.title.sql",
    Layout.DBMATE: "dbmate reads only numbered files",
    Layout.GOOSE: "goose reads only numbered files",
}


def with_loose_files(migrations: Sequence[Migration]) -> list[Migration]:
    """Mark each file without a number in the folder of a tool that skips it as ambiguous."""
    why = next((_STRICT[each.layout] for each in migrations if each.layout in _STRICT), None)
    if why is None:
        return [*migrations]
    return [
        replace(each, doubts=(*each.doubts, _loose(each, why))) if _is_loose(each) else each for each in migrations
    ]


def _loose(migration: Migration, why: str) -> FileNameError:
    return FileNameError(
        f"a file without a number, which would run after all others: {why}",
        place=Place(migration.up.file),
        hint="move it out of the folder; if it is a migration, name it as the others are, "
        'or give it the header "-- codezest: plain"',
    )


def _is_loose(migration: Migration) -> bool:
    return (
        migration.layout is Layout.PLAIN
        and not migration.id[:1].isdigit()
        and migration.down is None
        and not (migration.doubts or says_plain(migration.up.text))
    )


def loose_notes(migrations: Sequence[Migration]) -> list[str]:
    """Return notes on numbered files that are run although the folder's tool skips them."""
    for layout in (Layout.FOLDER, Layout.PRISMA, Layout.POSTGRATOR, Layout.FLYWAY):
        if any(each.layout is layout for each in migrations):
            loose = [
                each.up.file for each in migrations if each.layout is Layout.PLAIN and not (each.down or each.doubts)
            ]
            why = _STRICT.get(layout, "Flyway reads only V1__title.sql")
            return [f"{file}: is run, although {why}" for file in loose]
    return []
