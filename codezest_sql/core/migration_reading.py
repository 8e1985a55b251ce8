"""The files of one migration to the migration, whichever layout they are in. Never opens a file."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from codezest_sql.core.folder_layout import MARKERS, Layout, may_have_sections
from codezest_sql.core.history import Direction
from codezest_sql.core.migration_file import Migration, ReadScript, Script, read_text
from codezest_sql.core.source import Place, excerpt
from codezest_sql.core.text_file import content_hash, decode
from codezest_sql.errors import (
    CodezestError,
    DirectiveError,
    FileUnreadableError,
    LexicalError,
    ProjectErrors,
    SectionError,
)

if TYPE_CHECKING:
    from codezest_sql.core.migration_folder import FoundFile
    from codezest_sql.core.sections import Section, Sections

# sqlx-core/src/migrate: a file that begins so runs without a transaction.
_NO_TRANSACTION = re.compile(r"--[ \t]*no-transaction\b")


@dataclass(frozen=True, slots=True)
class MigrationFiles:
    """The files of one migration; ``metadata`` is diesel's ``metadata.toml``."""

    id: str
    layout: Layout
    up: FoundFile
    down: FoundFile | None = None
    metadata: FoundFile | None = None


@dataclass(slots=True)
class Reading:
    """What was read of one migration: the migration, unless there are errors; the hash of each of its files."""

    migration: Migration | None = None
    sums: dict[str, str] = field(default_factory=dict[str, str])
    errors: list[CodezestError] = field(default_factory=list[CodezestError])


def _sections(text: str, file: str) -> Sections | None:
    """Return the sections of another tool's file; most files have none, and need not load what reads them."""
    if not may_have_sections(text):
        return None
    from codezest_sql.core.sections import read_sections  # noqa: PLC0415  # start-up time

    return read_sections(text, file=file)


def read_migration(files: MigrationFiles) -> Reading:
    """Return the migration that these files are, with every mistake in them."""
    reading = Reading()
    sections: Sections | None = None
    up: ReadScript | None = None
    layout, transactional = files.layout, _runs_in_transaction(reading, files.metadata)
    text = _decode(reading, files.up)
    if text is not None and layout is Layout.PLAIN:
        try:
            sections = _sections(text, files.up.path)
        except (SectionError, LexicalError) as error:
            reading.errors.append(error)
            text = None
    if text is not None and sections:
        layout = sections.layout
        reading.sums[files.up.name] = content_hash(text)  # of both sections
        up = _read_section(reading, files.up, layout, Direction.UP, sections.up)
    elif text is not None:
        up = _read_file(reading, files.up, text, files, Direction.UP, transactional=transactional)
    if up:
        transactional = up.script.transactional
    down: Script | None = None
    if sections and sections.down:
        # Each section says for itself; only a header of ours is for both.
        header = up.directives.transactional if up else None
        undo = _read_section(
            reading, files.up, layout, Direction.DOWN, sections.down, transactional=header is not False
        )
        down = _rollback(reading, undo, up)
        if files.down:
            marker = MARKERS[layout][Direction.DOWN]
            reading.errors.append(
                SectionError(
                    f"{files.id} is undone twice: here, and in the section {marker} of {files.up.name}",
                    place=Place(files.down.path),
                    hint="remove one of them",
                )
            )
    elif files.down:
        undone = _decode(reading, files.down)
        if undone is not None:
            # As in yoyo, a rollback runs the way its migration does, unless its own header says otherwise.
            undo = _read_file(reading, files.down, undone, files, Direction.DOWN, transactional=transactional)
            down = _rollback(reading, undo, up)
    if up:
        depends, places = up.directives.depends, up.directives.depends_places
        irreversible = up.directives.irreversible
        reason = irreversible.reason if irreversible else None
        reading.migration = Migration(files.id, up.script, down, depends, places, layout, reason)
    return reading


def _decode(reading: Reading, file: FoundFile) -> str | None:
    try:
        return decode(file.data, file=file.path)
    except CodezestError as error:
        reading.errors.append(error)
        return None


def _read_file(
    reading: Reading, file: FoundFile, text: str, files: MigrationFiles, direction: Direction, *, transactional: bool
) -> ReadScript | None:
    """Read a file that is one way by its name."""
    foreign = files.layout is not Layout.PLAIN
    if (foreign or direction is Direction.DOWN) and may_have_sections(text):
        from codezest_sql.core.sections import opens_other_way  # noqa: PLC0415  # start-up time

        other = opens_other_way(text, direction, file=file.path)
        if other:
            reading.errors.append(other)
    if files.layout in {Layout.PLAIN, Layout.UP_DOWN} and _NO_TRANSACTION.match(text):
        transactional = False
    try:
        read = read_text(text, file=file.path, transactional=transactional, foreign=foreign)
        reading.sums[file.name] = read.script.sha256
        return read  # noqa: TRY300
    except ProjectErrors as error:
        reading.errors.extend(error.errors)
        return None


def _read_section(
    reading: Reading,
    file: FoundFile,
    layout: Layout,
    direction: Direction,
    section: Section,
    *,
    transactional: bool = True,
) -> ReadScript | None:
    if section.transactional is not None:
        transactional = section.transactional
    try:
        return read_text(
            section.text,
            file=file.path,
            transactional=transactional,
            foreign=True,
            written=section.written,
            section=MARKERS[layout][direction],
        )
    except ProjectErrors as error:
        reading.errors.extend(error.errors)
        return None


def _rollback(reading: Reading, undo: ReadScript | None, up: ReadScript | None) -> Script | None:
    """Return how the migration is undone; None where it says that it is irreversible, and undoes nothing.

    A rollback's order is its migration's, reversed: a dependency of its own would be lost.
    """
    if undo is None:
        return None
    if undo.directives.irreversible:
        place = undo.directives.irreversible.place
        reading.errors.append(
            DirectiveError(
                "the directive 'irreversible' is in a rollback file",
                place=place,
                hint="write it at the top of the migration, and remove its rollback file",
                source=excerpt(undo.script.text, place),
            )
        )
    irreversible = up.directives.irreversible if up else None
    if up and irreversible:
        if undo.script.statements:
            reading.errors.append(
                DirectiveError(
                    f"the migration is irreversible, and {undo.script.file} undoes it",
                    place=irreversible.place,
                    hint="remove one of the two",
                    source=excerpt(up.script.text, irreversible.place),
                )
            )
        return None
    reading.errors.extend(
        DirectiveError(
            "a rollback file has no dependencies of its own",
            place=place,
            hint="remove the line: files are undone in the reverse of their order",
            source=excerpt(undo.script.text, place),
        )
        for place in undo.directives.depends_places[:1]
    )
    return undo.script


def _runs_in_transaction(reading: Reading, metadata: FoundFile | None) -> bool:
    """Return what diesel's ``metadata.toml`` says; its other keys mean nothing here."""
    text = _decode(reading, metadata) if metadata else None
    if metadata is None or text is None:
        return True
    reading.sums[metadata.name] = content_hash(text)
    try:
        said: object = tomllib.loads(text).get("run_in_transaction", True)
    except tomllib.TOMLDecodeError as error:
        reading.errors.append(
            FileUnreadableError(f"is not valid TOML: {error}", place=Place(metadata.path), hint="correct the file")
        )
        return True
    if not isinstance(said, bool):
        reading.errors.append(
            DirectiveError(
                f"run_in_transaction: {said!r} is neither true nor false",
                place=Place(metadata.path),
                hint="write run_in_transaction = false",
            )
        )
        return True
    return said
