"""The files of one migration to the migration, whichever layout they are in. Never opens a file."""

from __future__ import annotations

import hashlib
import re
import tomllib
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from codezest_sql.core.migrations.files.directives import says_plain
from codezest_sql.core.migrations.files.layout import MARKERS, Layout, may_have_marks, may_have_sections
from codezest_sql.core.migrations.files.script import Migration, ReadScript, Script, read_text
from codezest_sql.core.migrations.history import Direction
from codezest_sql.core.sql.lexer import COMMENTS, tokens
from codezest_sql.core.text.decode import content_hash, decode
from codezest_sql.errors import (
    CodezestError,
    DirectiveError,
    FileUnreadableError,
    LexicalError,
    ProjectErrors,
    SectionError,
)
from codezest_sql.place import Place, excerpt, place_at

if TYPE_CHECKING:
    from codezest_sql.core.migrations.files.layout import FoundFile
    from codezest_sql.core.migrations.files.sections import Section, Sections

# sqlx-core/src/migrate: a file that begins so runs without a transaction.
_NO_TRANSACTION = re.compile(r"--[ \t]*no-transaction\b")
# The same of node-pg-migrate (src/sqlMigration.ts) and graphile-migrate; of Atlas anywhere in the header.
_NO_TRANSACTION_LINE = re.compile(
    r"\s*(?:--!?[ \t-]*no[ \t-]*transaction[ \t]*(?:[\r\n]|\Z)"
    r"|(?:[ \t]*--[^\n]*\n)*?--[ \t]*atlas:txmode[ \t]+none\b)",
    re.IGNORECASE,
)
_SCRIPT_CONFIG_LINE = re.compile(r"\s*(?:flyway\.)?([A-Za-z.]+)\s*[=:]\s*(.*?)\s*")
_YANDEX = "NONTRANSACTIONAL"
# What Flyway puts something else in the place of, in strings and comments as well.
_PLACEHOLDER = re.compile(r"\$\{[A-Za-z_][^}\s]*\}")
_TEMPLATE = re.compile(r"\{\{[^{}\n]*\}\}")


@dataclass(frozen=True, slots=True)
class MigrationFiles:
    """The files of one migration; ``metadata`` is diesel's ``metadata.toml`` or Flyway's script configuration.

    ``as_sql`` where the file is known to have been run whole. ``doubts`` are those that its name gives,
    ``down_errors`` what is wrong with the names of the files that undo it.
    """

    id: str
    layout: Layout
    up: FoundFile
    down: FoundFile | None = None
    metadata: FoundFile | None = None
    as_sql: bool = False
    doubts: tuple[CodezestError, ...] = ()
    down_errors: tuple[CodezestError, ...] = ()


@dataclass(slots=True)
class Reading:
    """What was read of one migration: the migration, unless there are errors; the hash of each of its files.

    ``doubts`` and ``down_errors`` are those of the migration, there even without one.
    """

    migration: Migration | None = None
    sums: dict[str, str] = field(default_factory=dict[str, str])
    errors: list[CodezestError] = field(default_factory=list[CodezestError])
    doubts: list[CodezestError] = field(default_factory=list[CodezestError])
    down_errors: list[CodezestError] = field(default_factory=list[CodezestError])


def read_migration(files: MigrationFiles) -> Reading:
    """Return the migration that these files are, with every mistake in them."""
    reading = Reading(doubts=[*files.doubts], down_errors=[*files.down_errors])
    up: ReadScript | None = None
    layout, transactional = files.layout, _runs_in_transaction(reading, files)
    text = _decode(reading.errors, files.up)
    as_sql = files.as_sql or (text is not None and says_plain(text))
    sections: Sections | None = None
    if text is not None and not as_sql:
        sections = _sections(reading, files, text)
    elif as_sql:
        reading.doubts.clear()
    if text is not None and sections:
        layout = sections.layout
        reading.sums[files.up.name] = content_hash(text)  # of both sections
        up = _read_section(reading.errors, files.up, layout, Direction.UP, sections.up)
    elif text is not None:
        up = _read_file(reading, files.up, text, files, Direction.UP, transactional=transactional)
    if up:
        transactional = up.script.transactional or up.inferred
    down: Script | None = None
    if sections and sections.down:
        # Each section has its own setting; only a header of ours is for both.
        header = up.directives.transactional if up else None
        undo = _read_section(
            reading.down_errors,
            files.up,
            layout,
            Direction.DOWN,
            sections.down,
            transactional=header is not False,
        )
        down = _rollback(reading, undo, up)
        if files.down:
            marker = MARKERS[layout][Direction.DOWN]
            reading.down_errors.append(
                SectionError(
                    f"{files.id} is undone twice: here, and in the section {marker} of {files.up.name}",
                    place=Place(files.down.path),
                    hint="remove one of them",
                )
            )
    elif files.down:
        undone = _decode(reading.down_errors, files.down)
        if undone is None:
            reading.sums[files.down.name] = hashlib.sha256(files.down.data).hexdigest()
        else:
            # As in yoyo, a rollback runs the way its migration does, unless its own header sets otherwise.
            undo = _read_file(reading, files.down, undone, files, Direction.DOWN, transactional=transactional)
            down = _rollback(reading, undo, up)
    if up:
        depends, places = up.directives.depends, up.directives.depends_places
        irreversible = up.directives.irreversible
        reading.migration = Migration(
            files.id,
            up.script,
            None if reading.down_errors else down,
            depends,
            places,
            layout,
            irreversible.reason if irreversible else None,
            tuple(reading.doubts),
            tuple(reading.down_errors),
        )
    return reading


def _sections(reading: Reading, files: MigrationFiles, text: str) -> Sections | None:
    """Return the sections of another tool's file, and note what makes it doubtful; most files have neither."""
    file = files.up.path
    sections: Sections | None = None
    if files.layout is Layout.PLAIN and may_have_sections(text):
        from codezest_sql.core.migrations.files.sections import read_sections  # noqa: PLC0415  # start-up time

        try:
            sections = read_sections(text, file=file)
        except (SectionError, LexicalError) as error:
            reading.doubts.append(error)
            return None
    if sections is None:
        other = _other_way(text, Direction.UP, file) if files.layout is not Layout.PLAIN else None
        mark = other or _mark(text, files)
        reading.doubts.extend([mark] if mark else [])
    replaced = _replaced(text, sections.layout if sections else files.layout, file)
    reading.doubts.extend([replaced] if replaced else [])
    return sections


def _replaced(text: str, layout: Layout, file: str) -> SectionError | None:
    """Return the error of a text in whose place the tool puts another one."""
    if layout is Layout.FLYWAY:
        pattern, what = _PLACEHOLDER, "Flyway puts the value of a placeholder here"
    elif layout is Layout.TERN:
        pattern, what = _TEMPLATE, "tern fills in its templates"
    else:
        return None
    offset = _first_outside_comments(pattern, text)
    if offset is None:
        return None
    place = place_at(file, text, offset)
    hint = 'write the value itself, or declare with the header "-- codezest: plain" that it is meant literally'
    what = f"{what}; it would be stored as it is written"
    return SectionError(what, place=place, hint=hint, source=excerpt(text, place))


def _other_way(text: str, direction: Direction, file: str) -> SectionError | None:
    """Return the error of a file that is one way by its name and has a section for the other."""
    if not may_have_sections(text):
        return None
    from codezest_sql.core.migrations.files.sections import opens_other_way  # noqa: PLC0415  # start-up time

    return opens_other_way(text, direction, file=file)


def _mark(text: str, files: MigrationFiles) -> SectionError | None:
    """Return why another tool would run less than the whole file."""
    if not may_have_marks(text):
        return None
    from codezest_sql.core.migrations.files.foreign_sections import find_mark  # noqa: PLC0415  # start-up time

    return find_mark(text, file=files.up.path, numbered=files.id[:1].isdigit())


def _first_outside_comments(pattern: re.Pattern[str], text: str) -> int | None:
    """Return where the first match stands that is not in a comment."""
    matches = [found.start() for found in pattern.finditer(text)]
    if not matches:
        return None
    comments: list[tuple[int, int]] = []
    with suppress(LexicalError):  # reported elsewhere; what is before it counts
        comments.extend((token.start, token.end) for token in tokens(text) if token.kind in COMMENTS)
    return next((at for at in matches if not any(start <= at < end for start, end in comments)), None)


def _decode(errors: list[CodezestError], file: FoundFile) -> str | None:
    try:
        return decode(file.data, file=file.path)
    except CodezestError as error:
        errors.append(error)
        return None


def _read_file(
    reading: Reading, file: FoundFile, text: str, files: MigrationFiles, direction: Direction, *, transactional: bool
) -> ReadScript | None:
    """Read a file that is one way by its name."""
    foreign = files.layout is not Layout.PLAIN
    errors = reading.errors if direction is Direction.UP else reading.down_errors
    if direction is Direction.DOWN and not says_plain(text):
        problems = _other_way(text, direction, file.path), _replaced(text, files.layout, file.path)
        errors.extend(problem for problem in problems if problem)
    if _says_no_transaction(text, files):
        transactional = False
    try:
        read = read_text(text, file=file.path, transactional=transactional, foreign=foreign)
        reading.sums[file.name] = read.script.sha256
        return read  # noqa: TRY300
    except ProjectErrors as error:
        reading.sums[file.name] = content_hash(text)
        if not (reading.doubts and direction is Direction.UP):
            # Read as what it may not be, a file has mistakes that are none.
            errors.extend(error.errors)
        return None


def _says_no_transaction(text: str, files: MigrationFiles) -> bool:
    """Whether the marks or the name of a file declare, as its tool does, that it runs without a transaction."""
    if files.layout is Layout.FLYWAY and _YANDEX in files.id:  # yandex-pgmigrate names its files as Flyway does
        return True
    if files.layout in {Layout.PLAIN, Layout.UP_DOWN} and _NO_TRANSACTION.match(text):
        return True
    lower = text.lower()
    if "transaction" in lower or "atlas:" in lower or "tern:" in lower:
        from codezest_sql.core.migrations.files.sections import runs_without_transaction  # noqa: PLC0415  # start-up time

        return bool(_NO_TRANSACTION_LINE.match(text)) or runs_without_transaction(text)
    return False


def _read_section(
    errors: list[CodezestError],
    file: FoundFile,
    layout: Layout,
    direction: Direction,
    section: Section,
    *,
    transactional: bool = True,
) -> ReadScript | None:
    if section.transactional is not None:
        transactional = section.transactional
    elif layout is Layout.NODE_PG_MIGRATE and _NO_TRANSACTION_LINE.match(section.text):
        transactional = False
    try:
        return read_text(
            section.text,
            file=file.path,
            transactional=transactional,
            foreign=True,
            written=section.written,
            section=MARKERS[layout].get(direction, "above the mark"),
        )
    except ProjectErrors as error:
        errors.extend(error.errors)
        return None


def _rollback(reading: Reading, undo: ReadScript | None, up: ReadScript | None) -> Script | None:
    """Return how the migration is undone; None where it states that it is irreversible, and undoes nothing.

    A rollback's order is its migration's, reversed: a dependency of its own would be lost.
    """
    if undo is None:
        return None
    if undo.directives.irreversible:
        place = undo.directives.irreversible.place
        reading.down_errors.append(
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
    reading.down_errors.extend(
        DirectiveError(
            "a rollback file has no dependencies of its own",
            place=place,
            hint="remove the line: files are undone in the reverse of their order",
            source=excerpt(undo.script.text, place),
        )
        for place in undo.directives.depends_places[:1]
    )
    return undo.script


def _runs_in_transaction(reading: Reading, files: MigrationFiles) -> bool:
    """Return the transaction setting of diesel's ``metadata.toml`` or of Flyway's ``….sql.conf``."""
    metadata = files.metadata
    text = _decode(reading.errors, metadata) if metadata else None
    if metadata is None or text is None:
        return True
    reading.sums[metadata.name] = content_hash(text)
    if files.layout is Layout.FLYWAY:
        return _flyway_config(reading, metadata, text)
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


def _flyway_config(reading: Reading, metadata: FoundFile, text: str) -> bool:
    """Return whether Flyway's configuration of one script leaves it in a transaction; any other key is ambiguous."""
    transactional = True
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        found = _SCRIPT_CONFIG_LINE.fullmatch(line)
        key, value = (found[1], found[2].lower()) if found else (line.strip(), "")
        if key == "executeInTransaction" and value in {"true", "false"}:
            transactional = value == "true"
        else:
            reading.doubts.append(
                DirectiveError(
                    f"Flyway's {key} is not known here, and may change what of the script runs",
                    place=Place(metadata.path, number, 1),
                    hint="the only key that is read is executeInTransaction: do what the others do in the SQL itself",
                )
            )
    return transactional
