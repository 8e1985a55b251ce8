"""``codezest-sql review``: the new migrations against the queries of a release, and their rollbacks."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from codezest_sql.actions.lint.lint import LintReport, lint
from codezest_sql.actions.migrations.sources import MigrationSources
from codezest_sql.actions.queries.folder import read_query_folder
from codezest_sql.actions.review.broken_queries import fly
from codezest_sql.actions.review.release import name_queries, read_release
from codezest_sql.actions.review.rollback_proof import Verdict, prove_new
from codezest_sql.core.lint.finding import Finding, Severity, in_order
from codezest_sql.core.lint.ignores import apply_ignores, read_ignores
from codezest_sql.core.lint.settings import OF_RELEASES, OF_REVIEW, Severities
from codezest_sql.core.migrations.superuser_needed import note_of_roles
from codezest_sql.core.review.report import ReviewedFile, ReviewedStatement, ReviewReport
from codezest_sql.core.review.trace.judge import Span, judge
from codezest_sql.core.review.trace.measured import Measured
from codezest_sql.core.text.source_text import SourceText
from codezest_sql.errors import ProjectErrors
from codezest_sql.place import Place

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from codezest_sql.actions.review.broken_queries import Flight
    from codezest_sql.actions.review.release import Release
    from codezest_sql.core.migrations.files.folder import MigrationFolder
    from codezest_sql.core.migrations.files.script import Migration
    from codezest_sql.core.settings import Settings

_NOT_REACHED = Verdict("", "not tried: a migration before it does not run, or not back")


def review(settings: Settings, *, base: str | None = None) -> ReviewReport:
    """Return what is found of the migrations that are new since ``base``, by default of all.

    Raises what ``read_folder``, ``read_release`` and ``start_with_schema`` raise.
    """
    sources = MigrationSources(settings)
    folder = sources.folder
    release = None if base is None else read_release(settings, base)
    known = {each.id for each in release.migrations.migrations} if release and release.migrations else set[str]()
    new = tuple(each for each in folder.migrations if each.id not in known)
    if errors := [*(error for each in new for error in each.down_errors), *folder.down_errors]:
        raise ProjectErrors(errors)
    own = name_queries(read_query_folder(Path(settings.queries)), settings) if Path(settings.queries).exists() else ()
    queries = (*(release.queries if release else ()), *own)
    extensions = sources.extensions | (release.extensions if release else frozenset[str]())
    start = release.migrations if release else None
    with ThreadPoolExecutor(2) as pool:
        proving = pool.submit(prove_new, settings, start, new, extensions)
        linting = pool.submit(_lint, settings, new, sources)
        flight = fly(settings, start, new, queries, extensions)
        verdicts = proving.result()
        linted = linting.result()
    ignores = _Ignores(new, compared=base is not None)
    severities = Severities(settings.lint)
    seen = [
        *flight.findings,
        *(each.finding for each in verdicts.values() if each.finding),
        *(_edited(release, folder) if release else ()),
        *judge(linted.findings, _spans(new, flight), server=flight.server, ignored=ignores.covers),
    ]
    # lint has applied the rest; what the measurement took back must not become an error again.
    chosen = [kept for each in seen if (kept := severities.apply(each) if each.code in OF_REVIEW else each)]
    files = tuple(_file(each, flight, verdicts.get(each.id, _NOT_REACHED)) for each in new)
    count = len(release.queries) if release else 0
    notes = (*linted.notes, *note_of_roles(flight.roles))
    return ReviewReport(base or "", files, in_order(ignores.apply(chosen)), count, flight.server, notes)


def _lint(settings: Settings, new: Sequence[Migration], sources: MigrationSources) -> LintReport:
    """Return what lint finds in the new files."""
    paths = [Path(script.file) for each in new for script in (each.up, each.down) if script is not None]
    return lint(settings, paths, read=sources.read) if paths else LintReport((), 0)


def _spans(new: Sequence[Migration], flight: Flight) -> list[tuple[Span, Measured]]:
    measured = {each.place: each for each in flight.measured}
    return [
        (Span(start, each.up.place(statement.end)), measured[start])
        for each in new
        for statement in each.up.statements
        for start in [each.up.place(statement.start)]
        if start in measured
    ]


class _Ignores:
    """The inline ignores of the new files, about what review itself finds; lint has applied those about the rest."""

    def __init__(self, new: Sequence[Migration], *, compared: bool) -> None:
        scripts = [script for each in new for script in (each.up, each.down) if script is not None]
        self._sources = {script.file: SourceText.of(script.file, script.text) for script in scripts}
        self._ignores = {
            script.file: read_ignores(self._sources[script.file], script.statements)[0] for script in scripts
        }
        self._judged = OF_REVIEW if compared else tuple(set(OF_REVIEW) - OF_RELEASES)

    def covers(self, code: str, place: Place) -> bool:
        """Whether a code is ignored at a place."""
        probe = Finding(code, Severity.NOTE, place, "")
        return any(each.covers(probe) for each in self._ignores.get(place.file, ()))

    def apply(self, findings: Sequence[Finding]) -> Iterator[Finding]:
        """Give what is left, and the ignores of review's own codes that are about nothing."""
        for file, source in self._sources.items():
            own = [each for each in findings if each.place.file == file and each.code in OF_REVIEW]
            ignores = [each for each in self._ignores[file] if each.code in OF_REVIEW]
            yield from apply_ignores(own, ignores, source, judged=lambda code: code in self._judged)
        yield from (each for each in findings if each.place.file not in self._sources or each.code not in OF_REVIEW)


def _edited(release: Release, folder: MigrationFolder) -> Iterator[Finding]:
    """Give the migrations that the release has otherwise: where they are applied, the new text never runs."""
    for before in release.migrations.migrations if release.migrations else ():
        now = folder.find(before.id)
        if now is None:
            place = Place(folder.path)
            message = f"{before.id} of {release.name} is not in this tree"
            yield Finding("migration-missing", Severity.ERROR, place, message, "restore it")
        elif now.up.sha256 != before.up.sha256:
            message = f"has changed since {release.name}: databases that have applied it refuse it"
            hint = "restore the file, and write a new migration for the change"
            yield Finding("migration-edited", Severity.ERROR, Place(now.up.file, 1, 1), message, hint)


def _file(migration: Migration, flight: Flight, verdict: Verdict) -> ReviewedFile:
    waiting = {each.place: each.queries for each in flight.blocked}
    measured = {each.place: each for each in flight.measured}
    statements = [
        ReviewedStatement(
            place,
            migration.up.statement_text(statement),
            waiting.get(place, ()),
            measured.get(place, Measured(place)),
        )
        for statement in migration.up.statements
        for place in [migration.up.place(statement.start)]
    ]
    unmeasured = dict(flight.unmeasured).get(migration.id, "")
    return ReviewedFile(
        migration.id, migration.up.file, tuple(statements), verdict.schema, verdict.rollback, unmeasured
    )
