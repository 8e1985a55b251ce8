"""The files of a folder, in the order in which they run, to what our rules find in them. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from codezest_sql.core.ddl.changes import Setting
from codezest_sql.core.ddl.read import Read, read_statement
from codezest_sql.core.ddl.schema_so_far import State
from codezest_sql.core.lint.finding import Finding, Severity, Source
from codezest_sql.core.lint.locks import Lock, locks
from codezest_sql.core.lint.rule import FileFacts, Found, Look, Rule, WholeFile
from codezest_sql.core.lint.rules import RULES
from codezest_sql.core.text.source_text import SourceText
from codezest_sql.place import line_excerpt

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from codezest_sql.core.lint.settings import Severities
    from codezest_sql.core.sql.statements import Statement
    from codezest_sql.place import Place


@dataclass(frozen=True, slots=True)
class LintFile:
    """One direction of a migration. One that is not ``wanted`` only defines the schema for the files after it."""

    facts: FileFacts
    statements: tuple[Statement, ...] = field(repr=False)
    wanted: bool = True


def lint_files(files: Iterable[LintFile], severities: Severities, *, start: State | None = None) -> Iterator[Finding]:
    """Yield the findings of the rules; files that undo something come after those that they undo.

    ``start`` is what is there before the first file; it changes as the files continue.
    """
    state = start or State()
    for file in files:
        if file.wanted or not file.facts.undoes:
            yield from _lint_file(file, state, severities)
        state.end_of_file()


def _lint_file(file: LintFile, state: State, severities: Severities) -> Iterator[Finding]:
    facts = file.facts
    source = SourceText.of(facts.file, facts.text)
    reads: list[Read] = []
    # These grow as the file continues: what a rule is given is what stands above it.
    held: dict[str, None] = {}
    locked: dict[str, None] = {}
    for statement in file.statements:
        read = read_statement(facts.text, statement, state.schema)
        look = Look(read, facts, state, reads if facts.transactional else (), held, locked)
        if file.wanted:
            for rule in RULES:
                if rule.find and (rule.rollbacks or not facts.undoes):
                    yield from _findings(rule, rule.find(look), source, severities)
        if facts.transactional:
            for table, lock in locks(look):
                locked[table] = None
                if lock is Lock.ACCESS_EXCLUSIVE:
                    held[table] = None
        # A rollback runs on what its migration made, and changes nothing for the files after it.
        if not facts.undoes or isinstance(read.effect, Setting):
            state.apply(read.effect, facts.file)
        reads.append(read)
    if file.wanted:
        whole = WholeFile(facts, tuple(reads), state)
        for rule in RULES:
            if rule.find_in_file and (rule.rollbacks or not facts.undoes):
                yield from _findings(rule, rule.find_in_file(whole), source, severities)


def _findings(rule: Rule, found: Iterable[Found], source: SourceText, severities: Severities) -> Iterator[Finding]:
    severity = severities.of(rule.code, rule.severity)
    if severity is Severity.OFF:
        return
    for each in found:
        place = source.place(each.offset)
        hint = each.hint or rule.rewrite
        yield Finding(rule.code, severity, place, each.message, hint, Source.RULE, shown_line(source, place))


def shown_line(source: SourceText, place: Place) -> str:
    """Return the line of a place with a caret; "" where there is none."""
    if not 0 < place.line <= len(source.line_starts):
        return ""
    start = source.line_starts[place.line - 1]
    end = source.line_starts[place.line] - 1 if place.line < len(source.line_starts) else len(source.text)
    return line_excerpt(source.text[start:end], place)
