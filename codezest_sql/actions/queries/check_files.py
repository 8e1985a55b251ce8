"""Query files, asked of a real server: typed queries, and every mistake and broken policy in them.

A ``Checker`` keeps its database and what it learnt of each file, so that nothing is asked twice: ``generate --watch``
holds one for hours.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from codezest_sql.actions.migrations.sources import MigrationSources
from codezest_sql.actions.queries.database import QueryDatabase
from codezest_sql.actions.queries.folder import read_query_folder
from codezest_sql.actions.queries.naming import name_classes
from codezest_sql.core.describe.description import Refusal
from codezest_sql.core.python_types.annotation import PythonTypes
from codezest_sql.core.query_checks.policies import Judged, judge
from codezest_sql.core.query_checks.policy_names import Severity
from codezest_sql.core.query_checks.report import Problem
from codezest_sql.core.query_checks.server_errors import refused
from codezest_sql.core.query_files.parameter_names import name_parameters
from codezest_sql.core.query_files.reading import read_queries
from codezest_sql.core.query_files.variants import variants
from codezest_sql.core.query_types.assign_types import TypingContext, type_query
from codezest_sql.errors import QueryPolicyError
from codezest_sql.postgres.describe.describe import Asked

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import Self

    from codezest_sql.actions.queries.folder import QueryFile
    from codezest_sql.core.describe.description import Analysis, Described
    from codezest_sql.core.describe.model_facts import ModelFacts
    from codezest_sql.core.python_code.names.model_names import ModelNames
    from codezest_sql.core.query_checks.policies import Finding, Policy
    from codezest_sql.core.query_files.query import Query, Variant
    from codezest_sql.core.query_types.result_model import Presence
    from codezest_sql.core.query_types.typed_query import TypedQuery
    from codezest_sql.core.settings import Settings
    from codezest_sql.errors import CodezestError


@dataclass(frozen=True, slots=True)
class CheckedFile:
    """A file, its queries that are right, and its problems; ``errors`` are those that are no policy's."""

    file: QueryFile
    queries: tuple[TypedQuery, ...]
    problems: tuple[Problem, ...]
    errors: tuple[CodezestError, ...] = ()


@dataclass(frozen=True, slots=True)
class CheckedProject:
    """All files of a project, and what their models are made from."""

    files: tuple[CheckedFile, ...]
    facts: ModelFacts
    context: TypingContext
    names: ModelNames

    @property
    def queries(self) -> tuple[TypedQuery, ...]:
        """The typed queries of all files."""
        return tuple(query for file in self.files for query in file.queries)

    @property
    def errors(self) -> tuple[CodezestError, ...]:
        """Every error; broken policies among them where they are errors."""
        return tuple(error for file in self.files for error in file.errors)


class Checker:
    """Checks the files of one project as often as it is asked. Use it as a context manager, or close it."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._severities = dict(settings.policies)
        self._database: QueryDatabase | None = None
        self._schema = ""
        self._known: dict[tuple[str, str], CheckedFile] = {}

    def check(
        self, files: Iterable[QueryFile] | None = None, *, sources: MigrationSources | None = None
    ) -> CheckedProject:
        """Check these files, by default all of the project, on the schema of ``sources``, by default what is on disk.

        Raises what ``read_folder`` and ``read_query_folder`` raise for unusable folders, ``ShadowError`` and
        ``ServerError``. Mistakes of queries are part of the result.
        """
        if files is None:
            files = read_query_folder(Path(self._settings.queries))
        database = self._ready(sources or MigrationSources(self._settings))
        wanted = {(file.path, file.sha256): file for file in files}
        checks = [
            _FileCheck(self._settings, self._severities, database, self._context, file)
            for key, file in wanted.items()
            if key not in self._known
        ]
        statements = [statement for check in checks for statement in check.statements]
        answers = iter(database.analyst.analyse_all(statements))
        for check in checks:
            self._known[check.key] = check.run(answers)
        return CheckedProject(tuple(self._known[key] for key in wanted), database.facts, self._context, self._names)

    @property
    def made_roles(self) -> tuple[str, ...]:
        """The roles that the migrations name and none of them makes; none before the first check."""
        return self._database.made_roles if self._database else ()

    def close(self) -> None:
        """End the server."""
        if self._database is not None:
            self._database.close()
            self._database = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _ready(self, sources: MigrationSources) -> QueryDatabase:
        schema = sources.sha256
        if self._database is None or schema != self._schema:
            _ = sources.folder  # raises its errors before the last database is given up
            self.close()
            self._known.clear()
            self._database = QueryDatabase(self._settings, sources)
            self._schema = schema
            facts = self._database.facts
            self._names = name_classes(self._settings, facts)
            types = PythonTypes(facts.types, self._names.classes)
            self._context = TypingContext(types, facts, dict(self._settings.json_types))
        return self._database


class _FileCheck:
    """The check of one file."""

    def __init__(
        self,
        settings: Settings,
        severities: dict[str, Severity],
        database: QueryDatabase,
        context: TypingContext,
        file: QueryFile,
    ) -> None:
        self._settings = settings
        self._severities = severities
        self._database = database
        self._context = context
        self._file = file
        self._read = read_queries(file.data, file=file.path, dialect=settings.dialect.of(file.name))
        self._variants = [variants(query) for query in self._read.queries]

    @property
    def key(self) -> tuple[str, str]:
        """What the file is known by."""
        return self._file.path, self._file.sha256

    @property
    def statements(self) -> Iterator[Asked]:
        """The statements to describe."""
        for query, each in zip(self._read.queries, self._variants, strict=True):
            forced = {parameter.name for parameter in query.parameters if parameter.forced_nullable}
            numbered = any(parameter.number for parameter in query.parameters)
            for variant in each:
                numbers = frozenset(n for n, name in enumerate(variant.parameters, 1) if name in forced)
                yield Asked(variant.text, numbers, named=numbered)

    def run(self, answers: Iterator[Described]) -> CheckedFile:
        """Return what is found; ``answers`` continue with those to the statements."""
        errors: list[CodezestError] = list(self._read.errors)
        typed: list[TypedQuery] = []
        warnings: list[tuple[CodezestError, str]] = []
        policies: list[tuple[CodezestError, str]] = []
        for query, each in zip(self._read.queries, self._variants, strict=True):
            found = self._query(query, [(variant, next(answers)) for variant in each])
            if not isinstance(found, tuple):
                typed.append(found.typed)
                for policy, severity, finding in found.findings:
                    error = _broken(query, finding)
                    (policies if severity is Severity.ERROR else warnings).append((error, policy.name))
            else:
                errors.extend(found)
        problems = [
            *(Problem.of(error) for error in errors),
            *(Problem.of(error, code=name) for error, name in policies),
            *(Problem.of(error, Severity.WARNING, code=name) for error, name in warnings),
        ]
        problems.sort(key=lambda problem: (problem.line, problem.column))
        return CheckedFile(self._file, tuple(typed), tuple(problems), (*errors, *(error for error, _ in policies)))

    def _query(
        self, query: Query, answers: Sequence[tuple[Variant, Described]]
    ) -> _Found | tuple[CodezestError, ...]:
        analyses: list[tuple[Variant, Analysis]] = []
        errors: dict[tuple[object, str], CodezestError] = {}
        for variant, said in answers:
            if isinstance(said, Refusal):
                error = refused(query, variant, said, self._database.facts)
                # An error that every variant has is reported once, for the first variant.
                errors.setdefault((error.place, said.message), error)
            else:
                analyses.append((variant, said))
        if errors:
            return tuple(errors.values())
        query, analyses = name_parameters(query, analyses)
        typed = type_query(query, analyses, self._context, self._prove)
        if isinstance(typed, tuple):
            return typed
        judged = Judged(query, analyses[0][1], self._database.facts.relations)
        return _Found(typed, tuple(judge(judged, self._severities)))

    def _prove(self, variant: Variant, presence: Presence) -> Sequence[bool] | None:
        """Ask which columns are not NULL in the rows in which some are not."""
        return self._database.analyst.not_null_where(variant.text, presence.given)


@dataclass(frozen=True, slots=True)
class _Found:
    typed: TypedQuery
    findings: tuple[tuple[Policy, Severity, Finding], ...]


def _broken(query: Query, finding: Finding) -> QueryPolicyError:
    source = query.source
    offset = (
        source.line_starts[query.place.line - 1] + query.place.column - 1
        if finding.offset is None
        else query.source_map.offset(finding.offset)
    )
    return source.mistake(QueryPolicyError, offset, f"{query.name}: {finding.message}", finding.hint)
