"""What a check found, file by file: for a person, for programs, and for GitHub's annotations. Pure."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from codezest_sql.core.query_checks.policy_names import Severity
from codezest_sql.core.text.github_annotation import workflow_command
from codezest_sql.place import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from codezest_sql.core.query_types.typed_query import TypedQuery
    from codezest_sql.core.text.json_value import Json
    from codezest_sql.errors import CodezestError


@dataclass(frozen=True, slots=True)
class Problem:
    """A mistake or a broken policy, ready to print; ``line`` and ``column`` are 0 for the file as a whole."""

    severity: Severity
    code: str
    message: str
    file: str
    line: int = 0
    column: int = 0
    hint: str | None = None
    source: str | None = None

    @classmethod
    def of(cls, error: CodezestError, severity: Severity = Severity.ERROR, *, code: str | None = None) -> Problem:
        """Return an error as a problem; ``code`` is that of a policy."""
        place = error.place
        return cls(
            severity,
            code or error.code,
            error.message,
            place.file if place else "",
            place.line if place else 0,
            place.column if place else 0,
            error.hint,
            error.source,
        )

    def write(self) -> dict[str, Json]:
        """Return it as JSON that ``read`` understands."""
        return {**asdict(self), "severity": self.severity.value}

    @classmethod
    def read(cls, said: Mapping[str, Any]) -> Problem:
        """Return what ``write`` wrote; raises ``ValueError``, ``TypeError`` or ``KeyError`` for anything else."""
        values: dict[str, Any] = {**said, "severity": Severity(said["severity"])}
        return cls(**values)

    def text(self) -> str:
        """Return it as a person reads it: place, message, source line with a caret, hint."""
        where = f"{printable(self.file)}:{self.line}:{self.column}: " if self.line else f"{printable(self.file)}: "
        lines = [f"{where if self.file else ''}{self.severity.value}: {self.message} [{self.code}]"]
        if self.source:
            lines.append(self.source)
        if self.hint:
            lines.append(f"  hint: {self.hint}")
        return "\n".join(lines)

    def json(self) -> Json:
        """Return it as ``migrate`` and the others print errors, with its severity."""
        return {
            "code": self.code,
            "severity": self.severity.value,
            "message": self.message,
            "file": self.file or None,
            "line": self.line or None,
            "column": self.column or None,
            "hint": self.hint,
        }

    def annotation(self) -> str:
        """Return it as a workflow command of GitHub Actions."""
        return workflow_command(
            self.severity.value,
            self.code,
            self.message,
            hint=self.hint,
            file=self.file,
            line=self.line,
            column=self.column,
        )


@dataclass(frozen=True, slots=True)
class FileReport:
    """What was found of one file. ``queries`` are as ``check --json`` prints them."""

    file: str
    queries: Sequence[dict[str, Json]]
    problems: tuple[Problem, ...]

    def at(self, file: str) -> FileReport:
        """Return the same report of a file that has another path here."""
        return FileReport(
            file,
            tuple({**query, "file": file} for query in self.queries),
            tuple(replace(problem, file=file) for problem in self.problems),
        )


@dataclass(frozen=True, slots=True)
class CheckReport:
    """The result for all files; ``server`` names the server. ``plans`` is the result of --plans for the queries."""

    files: tuple[FileReport, ...]
    server: str
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()
    plans: Json = None

    @property
    def all_problems(self) -> tuple[Problem, ...]:
        """The problems of all files, and those of no file."""
        return (*(each for file in self.files for each in file.problems), *self.problems)

    @property
    def failed(self) -> bool:
        """Whether one of them is an error."""
        return any(each.severity is Severity.ERROR for each in self.all_problems)

    @property
    def query_count(self) -> int:
        """How many queries could be typed."""
        return sum(len(file.queries) for file in self.files)


def query_json(typed: TypedQuery) -> dict[str, Json]:
    """Return a typed query as other tools may rely on it: see "Contracts" in docs/queries.md."""
    query = typed.query
    return {
        "name": query.name,
        "file": query.file,
        "line": query.place.line,
        "kind": query.kind.value,
        "parameters": [
            {
                "name": each.name,
                "type": each.type_name,
                "python": each.python.or_none().text if each.nullable else each.python.text,
                "nullable": each.nullable,
                "optional": each.optional or each.flag,
            }
            for each in typed.parameters
        ],
        "columns": [
            {
                "name": each.name,
                "type": each.type_name,
                "python": each.python.or_none().text if each.nullable else each.python.text,
                "nullable": each.may_be_null,
            }
            for each in typed.columns
        ],
    }


def check_json(report: CheckReport) -> dict[str, Json]:
    """Return the report for programs."""
    problems = report.all_problems
    said: dict[str, Json] = {
        "queries": [query for file in report.files for query in file.queries],
        "errors": [each.json() for each in problems if each.severity is Severity.ERROR],
        "warnings": [each.json() for each in problems if each.severity is Severity.WARNING],
    }
    return said if report.plans is None else {**said, "plans": report.plans}


def check_text(report: CheckReport) -> str:
    """Return the summary for people, in a line or two."""
    problems = report.all_problems
    errors = sum(each.severity is Severity.ERROR for each in problems)
    warnings = len(problems) - errors
    said = f"{counted(report.query_count, 'query', 'queries')} in {counted(len(report.files), 'file', 'files')}"
    found = [counted(errors, "error", "errors")] * bool(errors) + [counted(warnings, "warning", "warnings")] * bool(
        warnings
    )
    verdict = " and ".join(found) if found else "all right"
    return "\n".join([f"{said}: {verdict} ({report.server})", *(f"note: {note}" for note in report.notes)])


def counted(number: int, one: str, many: str) -> str:
    """Return a number with its noun."""
    return f"{number} {one if number == 1 else many}"


def problems_text(problems: Iterable[Problem]) -> str:
    """Return all problems for people, errors and warnings as they come."""
    return "\n".join(each.text() for each in problems)
